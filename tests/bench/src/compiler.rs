//! What compiling crates costs: the benchmark program stands between cargo and the compiler, and takes the time of each crate.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use crate::cpu;

/// Set where the program is called in place of the compiler: the folder that takes the CPU seconds of each crate.
const TIMES: &str = "TAPWRIGHT_BENCH_TIMES";

/// What checking took.
#[derive(Debug)]
pub struct Compiled {
    /// The CPU seconds of each crate of the workspace that the compiler was called for, whether it compiles or not.
    pub seconds: BTreeMap<String, f64>,
    /// What cargo said.
    pub said: String,
    /// Whether all is well.
    pub success: bool,
}

/// Checks the crates of a folder with fresh dependencies, which are not counted. The calling program has to begin with [`stand_in`].
pub fn check(folder: &Path, scratch: &Path, arguments: &[&str]) -> io::Result<Compiled> {
    let times = scratch.join("times");
    if times.exists() {
        fs::remove_dir_all(&times)?;
    }
    fs::create_dir_all(&times)?;
    let output = Command::new("cargo")
        .arg("check")
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", scratch.join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTC_WORKSPACE_WRAPPER", env::current_exe()?)
        .env(TIMES, &times)
        .stdout(Stdio::null())
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let mut seconds = BTreeMap::new();
    for entry in fs::read_dir(&times)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        seconds.insert(name, fs::read_to_string(&path)?.parse().map_err(io::Error::other)?);
    }
    if seconds.is_empty() {
        Err(io::Error::other(said))
    } else {
        Ok(Compiled { seconds, said, success: output.status.success() })
    }
}

/// Runs the compiler and writes down what it took, where cargo has called the program in place of it.
pub fn stand_in() -> Option<io::Result<ExitCode>> {
    env::var_os(TIMES).map(|times| compile(Path::new(&times)))
}

fn compile(times: &Path) -> io::Result<ExitCode> {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let Some((rustc, rest)) = arguments.split_first() else { return Ok(ExitCode::FAILURE) };
    let before = cpu::of_children()?;
    let status = Command::new(rustc).args(rest).status()?;
    let seconds = cpu::of_children()? - before;
    let name = rest.windows(2).find(|pair| pair[0] == "--crate-name").map(|pair| &pair[1]);
    // The questions that cargo asks first are about a crate of this name.
    if let Some(name) = name.filter(|name| *name != "___") {
        fs::write(times.join(name), seconds.to_string())?;
    }
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The lines of the Rust files of a folder, without those of the runtime, which are the same for all crates.
pub fn lines(folder: &Path) -> io::Result<usize> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sum += if path.ends_with("rt") { 0 } else { lines(&path)? };
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sum += fs::read_to_string(&path)?.lines().count();
        }
    }
    Ok(sum)
}

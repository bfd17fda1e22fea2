//! What generating a crate costs, and what the crate costs its user.
//!
//! `cargo build --release && cargo run --release -p tapwright-bench --bin generate`

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tapwright_bench::{cpu, table};

const RUNS: usize = 21;
const CHECKS: usize = 5;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let scratch = std::env::temp_dir().join(format!("tapwright-bench-{}", std::process::id()));
    fs::create_dir_all(&scratch)?;
    let result = measure(&root, &scratch);
    fs::remove_dir_all(&scratch)?;
    let rows = result?;
    table::print(&["`auth0`", "figure"], &rows);
    Ok(())
}

fn measure(root: &Path, scratch: &Path) -> io::Result<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    let mut row = |what: &str, figure: String| rows.push(vec![what.to_owned(), figure]);

    row("`gen --spec specs/auth0.yaml`, CPU ms", format!("{:.1}", 1e3 * generation(root, scratch)?));
    let generated = scratch.join("0/auth0");
    row("`cargo check` of the crate alone, CPU s", format!("{:.2}", check(&generated, scratch)?));

    let sizes = Sizes::of(&generated.join("src"))?;
    row("lines in all, without the runtime", sizes.total().to_string());
    row("resources and operations", sizes.operations.to_string());
    row("lines an operation, outside the models", format!("{:.1}", sizes.per_operation()));
    row("documented fields", sizes.fields.to_string());
    row("lines a field, in the models", format!("{:.1}", sizes.per_field()));
    row("lines of the longest file", sizes.longest.to_string());
    row("crates in the tree of the default features", dependencies(&generated)?.to_string());
    Ok(rows)
}

/// The mean CPU seconds of compiling the spec into a folder that is not there yet, which is more work than into one that is.
///
/// Each run has a folder of its own: ext4 searches among the files that were deleted in the last minute for each that it makes, so
/// making room between the runs would be measured as well. For the same reason a second run at once gives more than the first.
fn generation(root: &Path, scratch: &Path) -> io::Result<f64> {
    let binary = std::env::current_exe()?.with_file_name("gen");
    let mut seconds = Vec::new();
    for run in 0..RUNS {
        let before = cpu::of_children()?;
        let status = Command::new(&binary)
            .args(["--quiet", "--spec"])
            .arg(root.join("specs/auth0.yaml"))
            .arg("--out")
            .arg(scratch.join(run.to_string()).join("auth0"))
            .status()?;
        if !status.success() {
            return Err(io::Error::other("`gen` failed; was it built with `cargo build --release`?"));
        }
        seconds.push(cpu::of_children()? - before);
    }
    Ok(table::mean(&seconds))
}

/// The median CPU seconds of checking the crate when its dependencies are checked already.
fn check(generated: &Path, scratch: &Path) -> io::Result<f64> {
    let target = scratch.join("target");
    let check = || -> io::Result<()> {
        let status = Command::new("cargo")
            .args(["check", "--quiet", "--manifest-path"])
            .arg(generated.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", &target)
            .env("CARGO_INCREMENTAL", "0")
            .stdout(Stdio::null())
            .status()?;
        if status.success() { Ok(()) } else { Err(io::Error::other("the crate does not build")) }
    };
    check()?;
    let mut seconds = Vec::new();
    for _ in 0..CHECKS {
        let library = generated.join("src/lib.rs");
        fs::write(&library, fs::read(&library)?)?;
        let before = cpu::of_children()?;
        check()?;
        seconds.push(cpu::of_children()? - before);
    }
    Ok(table::median(seconds))
}

fn dependencies(generated: &Path) -> io::Result<usize> {
    let output = Command::new("cargo")
        .args(["tree", "--edges", "normal", "--prefix", "none", "--manifest-path"])
        .arg(generated.join("Cargo.toml"))
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut crates: Vec<&str> =
        text.lines().skip(1).map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.is_empty()).collect();
    crates.sort_unstable();
    crates.dedup();
    Ok(crates.len())
}

/// Lines of a generated crate, by what they are for.
#[derive(Default)]
struct Sizes {
    models: usize,
    others: usize,
    operations: usize,
    fields: usize,
    longest: usize,
}

impl Sizes {
    fn of(source: &Path) -> io::Result<Self> {
        let mut sizes = Self::default();
        for file in rust_files(source)? {
            let text = fs::read_to_string(&file)?;
            let lines = text.lines().count();
            sizes.longest = sizes.longest.max(lines);
            let below = file.strip_prefix(source).unwrap_or(&file);
            if below.starts_with("rt") {
                continue;
            }
            if below.starts_with("models") {
                sizes.models += lines;
                sizes.fields += text.lines().filter(|line| line.starts_with("    pub ") && line.ends_with(',')).count();
            } else {
                sizes.others += lines;
                let is_operation = below.starts_with("resources") || below.starts_with("operations");
                sizes.operations += usize::from(is_operation && !below.ends_with("mod.rs"));
            }
        }
        Ok(sizes)
    }

    fn total(&self) -> usize {
        self.models + self.others
    }

    #[expect(clippy::cast_precision_loss, reason = "line counts fit a float")]
    fn per_operation(&self) -> f64 {
        self.others as f64 / self.operations.max(1) as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "line counts fit a float")]
    fn per_field(&self) -> f64 {
        self.models as f64 / self.fields.max(1) as f64
    }
}

fn rust_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

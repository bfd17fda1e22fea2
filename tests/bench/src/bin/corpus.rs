//! Every OpenAPI document of the corpus: what generating its crate costs, and whether and at what price the crate compiles.
//!
//! `cargo build --release && cargo run --release -p tapwright-bench --bin corpus > docs/corpus.md`

#[path = "../../../support/documents.rs"]
#[expect(dead_code, reason = "tests compile documents within their own process")]
mod documents;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use documents::Document;
use tapwright_bench::{cpu, table};

/// Set where this program stands between cargo and the compiler: the folder that takes the CPU seconds of each crate.
const TIMES: &str = "TAPWRIGHT_BENCH_TIMES";

fn main() -> io::Result<ExitCode> {
    if let Some(times) = env::var_os(TIMES) {
        return compiler(Path::new(&times));
    }
    let Some(documents) = documents::all("corpus") else { return Ok(ExitCode::FAILURE) };
    let scratch = env::temp_dir().join(format!("tapwright-corpus-{}", std::process::id()));
    let crates = scratch.join("crates");
    fs::create_dir_all(&crates)?;
    let result = measure(&documents, &crates, &scratch);
    fs::remove_dir_all(&scratch)?;
    report(&result?);
    Ok(ExitCode::SUCCESS)
}

/// What was found of a document.
struct Finding {
    name: String,
    bytes: u64,
    generated: Result<Generated, String>,
    /// None where the crate was not compiled.
    checked: Option<Checked>,
}

struct Generated {
    seconds: f64,
    warnings: usize,
    calls: usize,
    lists: usize,
    lines: usize,
}

#[derive(Default)]
struct Checked {
    seconds: f64,
    errors: usize,
    warnings: usize,
}

fn measure(documents: &[Document], crates: &Path, scratch: &Path) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for document in documents {
        eprintln!("{}", document.name);
        findings.push(Finding {
            name: document.name.clone(),
            bytes: fs::metadata(&document.path)?.len(),
            generated: generate(document, &crates.join(document.slug()))?,
            checked: None,
        });
    }
    let mut checked = check(crates, scratch)?;
    for (finding, document) in findings.iter_mut().zip(documents) {
        finding.checked = checked.remove(&document.slug());
    }
    Ok(findings)
}

/// Generates a document's crate; where that fails, what the generator says.
fn generate(document: &Document, folder: &Path) -> io::Result<Result<Generated, String>> {
    let before = cpu::of_children()?;
    let output = Command::new(env::current_exe()?.with_file_name("gen"))
        .args(["--color", "never", "--spec"])
        .arg(&document.path)
        .arg("--out")
        .arg(folder)
        .output()?;
    let seconds = cpu::of_children()? - before;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Ok(Err(said.lines().find(|line| line.starts_with("error")).unwrap_or("no word").to_owned()));
    }
    let lock = fs::read_to_string(folder.join("connector.lock"))?;
    Ok(Ok(Generated {
        seconds,
        warnings: said.lines().filter(|line| line.starts_with("warning[")).count(),
        calls: entries(&lock, "operations"),
        lists: entries(&lock, "resources"),
        lines: lines(&folder.join("src"))?,
    }))
}

/// How many lines a section of a lock has.
fn entries(lock: &str, section: &str) -> usize {
    let head = format!("[{section}]");
    lock.lines().skip_while(|line| *line != head).skip(1).take_while(|line| line.contains(" = ")).count()
}

/// The lines of the Rust files of a folder, without those of the runtime, which are the same for all.
fn lines(folder: &Path) -> io::Result<usize> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sum += if path.ends_with("rt") { 0 } else { lines(&path)? };
        } else {
            sum += fs::read_to_string(&path)?.lines().count();
        }
    }
    Ok(sum)
}

/// Checks all crates as one workspace, so that what they depend on is checked once and not counted.
fn check(crates: &Path, scratch: &Path) -> io::Result<BTreeMap<String, Checked>> {
    documents::workspace(crates);
    let times = scratch.join("times");
    fs::create_dir_all(&times)?;
    let output = Command::new("cargo")
        .args(["check", "--workspace", "--lib", "--keep-going", "--message-format", "short"])
        .current_dir(crates)
        .env("CARGO_TARGET_DIR", scratch.join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTC_WORKSPACE_WRAPPER", env::current_exe()?)
        .env(TIMES, &times)
        .stdout(Stdio::null())
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let mut checked: BTreeMap<String, Checked> = BTreeMap::new();
    for entry in fs::read_dir(&times)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let seconds = fs::read_to_string(&path)?.parse().map_err(io::Error::other)?;
        checked.entry(name).or_default().seconds = seconds;
    }
    if checked.is_empty() {
        return Err(io::Error::other(said.into_owned()));
    }
    for line in said.lines() {
        let Some((name, rest)) = line.split_once("/src/") else { continue };
        let Some(found) = checked.get_mut(name) else { continue };
        found.errors += usize::from(rest.contains(": error"));
        found.warnings += usize::from(rest.contains(": warning"));
    }
    Ok(checked)
}

/// Stands between cargo and the compiler: runs it, and writes down what it took.
fn compiler(times: &Path) -> io::Result<ExitCode> {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let Some((rustc, rest)) = arguments.split_first() else { return Ok(ExitCode::FAILURE) };
    let before = cpu::of_children()?;
    let status = Command::new(rustc).args(rest).status()?;
    let seconds = cpu::of_children()? - before;
    if let Some(name) = rest.windows(2).find(|pair| pair[0] == "--crate-name").map(|pair| PathBuf::from(&pair[1])) {
        // The questions that cargo asks first have no crate.
        if name != Path::new("___") {
            fs::write(times.join(name), seconds.to_string())?;
        }
    }
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(findings: &[Finding]) {
    let made = findings.iter().filter(|finding| finding.generated.is_ok()).count();
    let checked = || findings.iter().filter_map(|finding| finding.checked.as_ref());
    let compiled = checked().filter(|checked| checked.errors + checked.warnings == 0);
    let seconds: f64 = checked().map(|checked| checked.seconds).sum();
    println!("# The corpus of OpenAPI documents\n");
    println!(
        "What `cargo run --release -p tapwright-bench --bin corpus > docs/corpus.md` found. The documents are not part of this repository.\n"
    );
    println!("- {made} of {} become crates.", findings.len());
    println!(
        "- {} of them compile without an error or a warning, for {seconds:.0} CPU s of `cargo check` in all, without dependencies.\n",
        compiled.count()
    );
    println!(
        "Lists are operations with an iterator, calls are the others; lines are without the runtime, which is the same for all.\n"
    );
    let rows: Vec<Vec<String>> = findings.iter().map(row).collect();
    table::print(
        &[
            "document",
            "KB",
            "lists",
            "calls",
            "lines",
            "warnings of `gen`",
            "`gen`, CPU s",
            "`cargo check`, CPU s",
            "errors",
            "warnings",
        ],
        &rows,
    );
}

fn row(finding: &Finding) -> Vec<String> {
    let mut row = vec![format!("`{}`", finding.name), (finding.bytes / 1000).to_string()];
    match &finding.generated {
        Ok(made) => row.extend([
            made.lists.to_string(),
            made.calls.to_string(),
            made.lines.to_string(),
            made.warnings.to_string(),
            format!("{:.2}", made.seconds),
        ]),
        Err(error) => row.push(error.replace('|', "\\|")),
    }
    match &finding.checked {
        Some(checked) => {
            row.extend([format!("{:.1}", checked.seconds), checked.errors.to_string(), checked.warnings.to_string()]);
        }
        None => row.push("not compiled".to_owned()),
    }
    row
}

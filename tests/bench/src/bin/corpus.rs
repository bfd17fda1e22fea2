//! Every OpenAPI document of the corpus: what generating its crate costs, and whether and at what price the crate compiles.
//!
//! `cargo build --release && cargo run --release -p tapwright-bench --bin corpus > docs/corpus.md`; behind `--`, the folder of others.

#[path = "../../../support/documents.rs"]
#[expect(dead_code, reason = "tests compile documents within their own process")]
mod documents;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, ExitCode};

use documents::Document;
use tapwright_bench::{compiler, cpu, table};

fn main() -> io::Result<ExitCode> {
    if let Some(compiled) = compiler::stand_in() {
        return compiled;
    }
    let given = env::args_os().nth(1).map(|folder| documents::within(Path::new(&folder)));
    let Some(documents) = given.or_else(|| documents::all("corpus")) else { return Ok(ExitCode::FAILURE) };
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
        lines: compiler::lines(&folder.join("src"))?,
    }))
}

/// How many lines a section of a lock has.
fn entries(lock: &str, section: &str) -> usize {
    let head = format!("[{section}]");
    lock.lines().skip_while(|line| *line != head).skip(1).take_while(|line| line.contains(" = ")).count()
}

/// Checks all crates as one workspace, so that what they depend on is checked once and not counted.
fn check(crates: &Path, scratch: &Path) -> io::Result<BTreeMap<String, Checked>> {
    documents::workspace(crates);
    let compiled = compiler::check(crates, scratch, &["--workspace", "--lib", "--keep-going", "--message-format", "short"])?;
    let with_seconds = |(name, seconds)| (name, Checked { seconds, ..Checked::default() });
    let mut checked: BTreeMap<String, Checked> = compiled.seconds.into_iter().map(with_seconds).collect();
    for line in compiled.said.lines() {
        let Some((name, rest)) = line.split_once("/src/") else { continue };
        let Some(found) = checked.get_mut(name) else { continue };
        found.errors += usize::from(rest.contains(": error"));
        found.warnings += usize::from(rest.contains(": warning"));
    }
    Ok(checked)
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

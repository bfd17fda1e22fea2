//! The same documents through this generator, progenitor and openapi-generator: what generating a client costs, and what the client
//! costs its user. A tool that is not installed is left out, and one that fails on a document has a dash.
//!
//! `cargo install cargo-progenitor && pip install openapi-generator-cli` (which needs Java), then
//! `cargo build --release && cargo run --release -p tapwright-bench --bin peers [DOCUMENT]…`

#[path = "../../../support/documents.rs"]
#[expect(dead_code, reason = "tests compile documents within their own process")]
mod documents;

use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, ExitCode};

use documents::Document;
use tapwright_bench::{compiler, cpu, table};

/// The larger documents that progenitor takes, and the two that cost the most.
const DOCUMENTS: &[&str] = &[
    "autodesk/construction-accountadmin.yaml",
    "espn/spec-site-api.yaml",
    "oxide/nexus.json",
    "pokeapi/pokeapi.yml",
    "github/api.github.com.json",
    "stripe/spec3.yaml",
];

/// A generator.
struct Tool {
    name: &'static str,
    /// The command that writes a crate from a document into a folder.
    command: fn(document: &Path, folder: &Path) -> io::Result<Command>,
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "tapwright",
        command: |document, folder| {
            let mut command = Command::new(env::current_exe()?.with_file_name("gen"));
            command.args(["--quiet", "--spec"]).arg(document).arg("--out").arg(folder);
            Ok(command)
        },
    },
    Tool {
        name: "progenitor",
        command: |document, folder| {
            let mut command = Command::new("cargo-progenitor");
            command.args(["progenitor", "--name", "client", "--version", "0.1.0", "--input"]).arg(document);
            command.arg("--output").arg(folder);
            Ok(command)
        },
    },
    Tool {
        name: "openapi-generator",
        command: |document, folder| {
            let mut command = Command::new("openapi-generator-cli");
            command.args(["generate", "--generator-name", "rust", "--skip-validate-spec", "--input-spec"]).arg(document);
            command.arg("--output").arg(folder);
            Ok(command)
        },
    },
];

fn main() -> io::Result<ExitCode> {
    if let Some(compiled) = compiler::stand_in() {
        return compiled;
    }
    let Some(documents) = documents::all("peers") else { return Ok(ExitCode::FAILURE) };
    let named: Vec<String> = env::args().skip(1).collect();
    let is_chosen = |document: &&Document| {
        if named.is_empty() { DOCUMENTS.contains(&document.name.as_str()) } else { named.contains(&document.name) }
    };
    let scratch = env::temp_dir().join(format!("tapwright-peers-{}", std::process::id()));
    let mut rows = Vec::new();
    for document in documents.iter().filter(is_chosen) {
        for tool in TOOLS {
            eprintln!("{} with {}", document.name, tool.name);
            fs::create_dir_all(&scratch)?;
            let measured = measure(document, tool, &scratch);
            fs::remove_dir_all(&scratch)?;
            rows.extend(measured?);
        }
    }
    table::print(&["document", "tool", "generation, CPU s", "lines", "`cargo check`, CPU s"], &rows);
    Ok(ExitCode::SUCCESS)
}

/// A line of the table; none where the tool is not there.
fn measure(document: &Document, tool: &Tool, scratch: &Path) -> io::Result<Option<Vec<String>>> {
    let folder = scratch.join("client");
    let before = cpu::of_children()?;
    let output = match (tool.command)(&document.path, &folder)?.output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        output => output?,
    };
    let generation = cpu::of_children()? - before;
    let mut row = vec![format!("`{}`", document.name), tool.name.to_owned()];
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr).lines().take(3).collect::<Vec<_>>().join("\n"));
        row.extend(["–", "–", "–"].map(str::to_owned));
        return Ok(Some(row));
    }
    row.push(format!("{generation:.2}"));
    row.push(compiler::lines(&folder.join("src"))?.to_string());
    // A crate of its own, wherever the folder for scratch lies.
    let manifest = fs::read_to_string(folder.join("Cargo.toml"))?;
    if !manifest.contains("[workspace]") {
        fs::write(folder.join("Cargo.toml"), format!("{manifest}\n[workspace]\n"))?;
    }
    let compiled = compiler::check(&folder, scratch, &["--lib"])?;
    let seconds: f64 = compiled.seconds.values().sum();
    row.push(if compiled.success { format!("{seconds:.1}") } else { "does not compile".to_owned() });
    Ok(Some(row))
}

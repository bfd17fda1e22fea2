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
use std::path::{Path, PathBuf};
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
    fs::create_dir_all(&scratch)?;
    let rows = measure(documents.iter().filter(is_chosen), &scratch);
    fs::remove_dir_all(&scratch)?;
    table::print(&["document", "tool", "generation, CPU s", "lines", "`cargo check`, CPU s"], &rows?);
    Ok(ExitCode::SUCCESS)
}

/// A line of the table for each document and tool that is there.
fn measure<'a>(documents: impl Iterator<Item = &'a Document>, scratch: &Path) -> io::Result<Vec<Vec<String>>> {
    let mut clients = Vec::new();
    for document in documents {
        for tool in TOOLS {
            eprintln!("{} with {}", document.name, tool.name);
            let folder = scratch.join(clients.len().to_string());
            fs::create_dir_all(&folder)?;
            clients.extend(generate(document, tool, &folder)?);
        }
    }
    // Only now is anything deleted: ext4 searches among the files that were deleted in the last minute for each that it makes.
    clients.iter().map(|client| row(client, scratch)).collect()
}

/// What a tool made of a document.
struct Client<'a> {
    document: &'a Document,
    tool: &'static Tool,
    /// Where the client is, and the CPU seconds of generating it; none where the tool gave up.
    made: Option<(PathBuf, f64)>,
}

/// How often a document is generated, unless that takes long: the clock has coarse ticks.
const RUNS: i32 = 10;

/// How many CPU seconds are long.
const LONG: f64 = 2.0;

/// Generates a client some times, each time into a folder that is not there yet; none where the tool is not there.
fn generate<'a>(document: &'a Document, tool: &'static Tool, folder: &Path) -> io::Result<Option<Client<'a>>> {
    let before = cpu::of_children()?;
    for run in 1.. {
        let client = folder.join(run.to_string());
        let output = match (tool.command)(&document.path, &client)?.output() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            output => output?,
        };
        if !output.status.success() {
            eprintln!("{}", String::from_utf8_lossy(&output.stderr).lines().take(3).collect::<Vec<_>>().join("\n"));
            break;
        }
        let seconds = cpu::of_children()? - before;
        if run == RUNS || seconds > LONG {
            return Ok(Some(Client { document, tool, made: Some((client, seconds / f64::from(run))) }));
        }
    }
    Ok(Some(Client { document, tool, made: None }))
}

/// A line of the table.
fn row(client: &Client<'_>, scratch: &Path) -> io::Result<Vec<String>> {
    let mut row = vec![format!("`{}`", client.document.name), client.tool.name.to_owned()];
    let Some((folder, generation)) = &client.made else {
        row.extend(["–", "–", "–"].map(str::to_owned));
        return Ok(row);
    };
    row.push(format!("{generation:.3}"));
    row.push(compiler::lines(&folder.join("src"))?.to_string());
    // A crate of its own, wherever the folder for scratch lies.
    let manifest = fs::read_to_string(folder.join("Cargo.toml"))?;
    if !manifest.contains("[workspace]") {
        fs::write(folder.join("Cargo.toml"), format!("{manifest}\n[workspace]\n"))?;
    }
    let compiled = compiler::check(folder, scratch, &["--lib"])?;
    fs::remove_dir_all(scratch.join("target"))?;
    let seconds: f64 = compiled.seconds.values().sum();
    row.push(if compiled.success { format!("{seconds:.1}") } else { "does not compile".to_owned() });
    Ok(row)
}

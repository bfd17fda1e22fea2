//! What `gen` costs on documents that are drawn at random: many schemas that lead to one another, and many warnings in one line.
//!
//! `cargo build --release && cargo run --release -p tapwright-bench --bin drawn`

#[path = "../../../support/seed.rs"]
mod seed;

use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use seed::Seed;
use serde_json::{Map, Value, json};
use tapwright_bench::{cpu, table};

/// How many operations list something.
const LISTS: usize = 800;

fn main() -> io::Result<()> {
    let scratch = env::temp_dir().join(format!("tapwright-drawn-{}", std::process::id()));
    fs::create_dir_all(&scratch)?;
    let rows = measure(&scratch);
    fs::remove_dir_all(&scratch)?;
    table::print(&["document", "MB", "warnings", "`gen`, CPU s"], &rows?);
    Ok(())
}

fn measure(scratch: &Path) -> io::Result<Vec<Vec<String>>> {
    let linked = [1000, 2000, 4000].map(|count| (format!("{count} linked schemas"), linked(count)));
    let faulty = [200, 400, 800].map(|count| (format!("{count} faults in one line"), faulty(count)));
    let documents = linked.into_iter().chain(faulty).enumerate();
    // A folder each: ext4 searches among the files that were deleted in the last minute for each that it makes.
    documents.map(|(at, (name, document))| generate(name, &document, &scratch.join(at.to_string()))).collect()
}

/// Schemas of 15 scalars and five references to others, drawn at random, so that nearly each leads to each.
fn linked(schemas: usize) -> Value {
    let mut seed = Seed(1);
    let schema = |at: usize| {
        let scalars = (0..15).map(|field| (format!("field{field}"), json!({"type": "string"})));
        let references = (0..5).map(|link| {
            let other = seed.below(schemas);
            (format!("link{link}"), json!({"$ref": format!("#/components/schemas/Thing{other}")}))
        });
        let properties: Map<String, Value> = scalars.chain(references).collect();
        (format!("Thing{at}"), json!({"type": "object", "properties": properties}))
    };
    let schemas: Map<String, Value> = (0..schemas).map(schema).collect();
    document(&schemas)
}

/// Schemas with a reference that leads nowhere each, and a long description.
fn faulty(warnings: usize) -> Value {
    let schema = |at: usize| {
        let properties = json!({"lost": {"$ref": format!("#/components/schemas/Lost{at}")}});
        (format!("Thing{at}"), json!({"type": "object", "description": "some words ".repeat(300), "properties": properties}))
    };
    document(&(0..warnings).map(schema).collect())
}

/// A document whose lists are of some of the schemas.
fn document(schemas: &Map<String, Value>) -> Value {
    let path = |at: usize| {
        let record = format!("#/components/schemas/Thing{}", at % schemas.len());
        let answer = json!({"type": "array", "items": {"$ref": record}});
        let response = json!({"description": "", "content": {"application/json": {"schema": answer}}});
        (format!("/things{at}"), json!({"get": {"responses": {"200": response}}}))
    };
    let paths: Map<String, Value> = (0..LISTS).map(path).collect();
    json!({
        "openapi": "3.0.0",
        "info": {"title": "Drawn", "version": "1"},
        "servers": [{"url": "https://api.example.com"}],
        "paths": paths,
        "components": {"schemas": schemas},
    })
}

#[expect(clippy::cast_precision_loss, reason = "a document is no petabyte")]
fn generate(name: String, document: &Value, folder: &Path) -> io::Result<Vec<String>> {
    let (spec, out) = (folder.join("drawn.json"), folder.join("drawn"));
    let text = document.to_string();
    fs::create_dir_all(folder)?;
    fs::write(&spec, &text)?;
    let before = cpu::of_children()?;
    let generated = Command::new(env::current_exe()?.with_file_name("gen"))
        .args(["--color", "never", "--spec"])
        .arg(&spec)
        .arg("--out")
        .arg(&out)
        .output()?;
    let seconds = cpu::of_children()? - before;
    if !generated.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&generated.stderr).into_owned()));
    }
    let warnings = String::from_utf8_lossy(&generated.stderr).lines().filter(|line| line.starts_with("warning[")).count();
    let megabytes = text.len() as f64 / 1e6;
    Ok(vec![name, format!("{megabytes:.1}"), warnings.to_string(), format!("{seconds:.1}")])
}

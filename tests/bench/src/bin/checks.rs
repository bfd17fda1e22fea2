//! Measures what the compile-time checks cost the compiler: `cargo check` of a crate of 1,000 lists whose records have 30 fields each,
//! as it is, and without what `project!` looks up, the method `project` and the assertions.
//!
//! `cargo run --release -p tapwright-bench --bin checks`

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use tapwright::EmitOptions;
use tapwright::diagnostic::Diagnostics;
use tapwright::source::Sources;
use tapwright::tree::Tree;
use tapwright_bench::{compiler, table};

const LISTS: usize = 1_000;
const FIELDS: usize = 30;
const ROUNDS: usize = 3;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    if let Some(compiled) = compiler::stand_in() {
        return Ok(compiled?);
    }
    let scratch = std::env::temp_dir().join(format!("tapwright-checks-{}", std::process::id()));
    fs::create_dir_all(&scratch)?;
    let result = measure(&scratch);
    fs::remove_dir_all(&scratch)?;
    result.map(|()| ExitCode::SUCCESS)
}

fn measure(scratch: &Path) -> Result<(), Box<dyn Error>> {
    let tree = generate()?;
    let crates = [("without the checks", false), ("with them", true)];
    for (name, checked) in crates {
        write(&tree, &scratch.join(name), checked)?;
    }
    let mut seconds = crates.map(|_| Vec::new());
    for round in 0..=ROUNDS {
        for ((name, _), seconds) in crates.iter().zip(&mut seconds) {
            let folder = scratch.join(name);
            let lib = fs::read_to_string(folder.join("src/lib.rs"))?;
            fs::write(folder.join("src/lib.rs"), format!("{lib}// Round {round}\n"))?;
            let compiled = compiler::check(&folder, scratch, &["--lib", "--offline", "--quiet"])?;
            if !compiled.success {
                return Err(compiled.said.into());
            }
            // The first round builds what the crate needs.
            if round > 0 {
                seconds.push(compiled.seconds.values().sum());
            }
        }
    }
    let seconds = seconds.map(table::median);
    println!("{LISTS} lists, {FIELDS} fields each; `cargo check` of the crate alone, CPU seconds, median of {ROUNDS}.\n");
    let row =
        |((name, ..), of): (&(&str, bool), f64)| vec![(*name).to_owned(), format!("{of:.2}"), format!("{:.3}", of / seconds[0])];
    let rows: Vec<Vec<String>> = crates.iter().zip(seconds).map(row).collect();
    table::print(&["crate", "check, s", "ratio"], &rows);
    Ok(())
}

/// The crate, in memory.
fn generate() -> Result<Tree, Box<dyn Error>> {
    let types = ["string", "integer", "boolean", "date-time", "number", "json"];
    let mut spec =
        "name: wide\nclient: {base_url: https://wide.example}\nresource_defaults: {endpoint: {paginator: single_page}}\n"
            .to_owned();
    let (mut resources, mut schemas) = ("resources:\n".to_owned(), "schemas:\n".to_owned());
    for list in 0..LISTS {
        writeln!(resources, "  - {{name: list_{list}, schema: Record{list}, primary_key: field_0}}")?;
        writeln!(schemas, "  Record{list}:")?;
        for field in 0..FIELDS {
            writeln!(schemas, "    field_{field}: {}", types[(list + field) % types.len()])?;
        }
    }
    spec.extend([resources, schemas]);
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = tapwright::load_text("wide.yaml", &spec, &mut sources, &mut diagnostics);
    let api = api.ok_or_else(|| diagnostics.render(&sources, false))?;
    Ok(tapwright::emit(&api, &EmitOptions { spec: "wide.yaml".to_owned() }, &mut diagnostics))
}

/// Writes the crate, with or without the checks.
fn write(tree: &Tree, folder: &Path, checked: bool) -> Result<(), Box<dyn Error>> {
    for (path, text) in tree.iter().filter(|(path, _)| path.starts_with("src/") || *path == "Cargo.toml") {
        let text = String::from_utf8(text.to_vec())?;
        let text = match path {
            "Cargo.toml" => text.split("[[").next().unwrap_or_default().to_owned() + "\n[workspace]\n",
            _ if checked => text,
            _ => unchecked(path, &text),
        };
        let place = folder.join(path);
        fs::create_dir_all(place.parent().unwrap_or(folder))?;
        fs::write(place, text)?;
    }
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    fs::copy(lock, folder.join("Cargo.lock"))?;
    Ok(())
}

/// A file without what is there for checks alone.
fn unchecked(path: &str, text: &str) -> String {
    if path == "src/projections.rs" {
        return String::new();
    }
    let text = without(text, "crate::projected!(", |_| String::new());
    let text = without(&text, "crate::rt::project::fields!(", |_| String::new());
    // Other files name the module.
    without(&text, "crate::rt::project::inside!(", |name| format!("#[allow(non_snake_case)]\npub mod {name} {{}}"))
}

/// A text in which something else stands for each call of a macro, by its first argument.
fn without(text: &str, call: &str, other: impl Fn(&str) -> String) -> String {
    let mut parts = text.split(call);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let name = part.trim_start().split(',').next().unwrap_or_default();
        kept.extend([other(name).as_str(), part.split_once(");").map_or("", |(_, after)| after)]);
    }
    kept
}

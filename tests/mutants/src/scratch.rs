//! A copy of the project to build mutants in: the runtime by itself, and the crates whose tests run it from end to end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// Generated crates that take part, by their names as dependencies and by their folders.
const CRATES: &[(&str, &str)] = &[
    ("incremental-api", "incremental"),
    ("jobs", "jobs"),
    ("logins", "logins"),
    ("paging", "paging"),
    ("partitions", "partitions"),
    ("rules", "rules"),
    ("steps", "steps"),
];

/// Other packages that the tests need.
const NEEDED: &[&str] = &["tempfile"];

/// Tests of the root package that take part.
const TESTS: &[&str] = &["e2e", "hostile", "incremental", "jobs", "logins", "partitions", "rules", "steps"];

/// Where the runtime is in the copy. The generator has another one beside it, in the place that it knows.
pub const RUNTIME: &str = "runtime";

/// The members of the copy's workspace.
const MEMBERS: &str = "members = [\"runtime\", \"tests/generated/*\"]\nexclude = [\"templates/runtime\"]\n";

/// Files by their paths, as they are to be.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// The files of the project that take part.
pub fn project(root: &Path) -> io::Result<Files> {
    let listed =
        Command::new("git").current_dir(root).args(["ls-files", "--cached", "--others", "--exclude-standard"]).output()?;
    let listed = String::from_utf8(listed.stdout).map_err(io::Error::other)?;
    let mut files = Files::new();
    for path in listed.lines().map(Path::new).filter(|path| takes_part(path) && root.join(path).is_file()) {
        let bytes = fs::read(root.join(path))?;
        if let Ok(inside) = path.strip_prefix("templates/runtime") {
            files.insert(Path::new(RUNTIME).join(inside), bytes.clone());
        }
        files.insert(path.to_owned(), bytes);
    }
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    files.insert("Cargo.toml".into(), narrowed(&manifest).into_bytes());
    Ok(files)
}

fn takes_part(path: &Path) -> bool {
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    match parts.as_slice() {
        ["tests", "generated", name, ..] => CRATES.iter().any(|(_, folder)| folder == name),
        ["tests", folder @ ("fixtures" | "support"), ..] => !folder.is_empty(),
        ["tests", name, _, ..] => TESTS.contains(name),
        ["Cargo.lock"] | ["docs" | "generator" | "templates", ..] => true,
        _ => false,
    }
}

/// The root's manifest, without the members and dependencies that take no part.
fn narrowed(manifest: &str) -> String {
    let mut section = "";
    let mut kept = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        }
        let name = line.split(" =").next().unwrap_or_default();
        if section == "[dev-dependencies]" && line.contains(" = ") {
            if !NEEDED.contains(&name) && !CRATES.iter().any(|(package, _)| *package == name) {
                continue;
            }
        } else if section == "[workspace]" && name == "members" {
            kept.push_str(MEMBERS);
            continue;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

/// The folders of the runtime's files, the runtime's own first.
pub fn places() -> Vec<PathBuf> {
    let crates = CRATES.iter().map(|(_, folder)| Path::new("tests/generated").join(folder).join("src/rt"));
    std::iter::once(Path::new(RUNTIME).join("src/rt")).chain(crates).collect()
}

/// Writes what is not yet as it is to be, so that cargo builds only what changed.
pub fn write(files: &Files, folder: &Path) -> io::Result<()> {
    for (path, bytes) in files {
        let path = folder.join(path);
        if fs::read(&path).is_ok_and(|present| present == *bytes) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, bytes)?;
    }
    Ok(())
}

//! Real OpenAPI documents: each becomes a crate, and crates compile without an error or a warning.
//!
//! The whole of it, with figures: `cargo run --release -p tapwright-bench --bin corpus`.

mod auth0;
#[path = "../support/documents.rs"]
mod documents;
mod faults;
mod parts;
mod round_trips;
mod samples;
#[path = "../support/seed.rs"]
mod seed;
mod twists;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use documents::{Document, compile, workspace};

/// Which documents are compiled on each run: every version and syntax, the large, and those that have proved hard. The others are
/// generated, and compiled by the command above.
const REPRESENTATIVE: &[&str] = &[
    "github/api.github.com.json",
    "stripe/spec3.yaml",
    "hardcases/allof-discriminator-recursive-3.0.yaml",
    "hardcases/array-query-formats-2.0.yml",
    "hardcases/baseline-3.0.json",
    "hardcases/cookie-params-3.0.yaml",
    "hardcases/deepobject-array-3.0.yaml",
    "hardcases/enum-duplicates-3.0.yaml",
    "hardcases/form-bodies-3.0.json",
    "hardcases/infinite-recursion-3.0.yaml",
    "hardcases/null-types-3.1.yaml",
    "hardcases/oneof-polymorphism-and-inheritance-3.1.yaml",
    "hardcases/openapi-3.2.yaml",
    "hardcases/parameters-roundtrip-3.0.yaml",
    "hardcases/parameters-style-3.0.yaml",
    "hardcases/property-naming-3.0.json",
    "hardcases/reserved-words-2.0.json",
    "hardcases/reserved-words-3.0.yaml",
    "hardcases/rust-server-3.0.yaml",
    "hardcases/schema-types-3.1.json",
    "hardcases/spring-paginated-3.0.yaml",
    "bufferapp/bufferapp.yaml",
    "nasa/asteroids_neows.yaml",
    "box/openapi.json",
    "klaviyo/images.json",
];

#[test]
fn every_document_becomes_a_crate() {
    let Some(documents) = documents::all("every_document_becomes_a_crate") else { return };
    assert!(documents.len() > 150, "{} documents", documents.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut failed = Vec::new();
        while let Some(document) = documents.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(errors) = compile(document) {
                failed.push(format!("{}:\n{errors}", document.name));
            }
        }
        failed
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let failed: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no document makes the generator panic")).collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn crates_of_documents_compile() {
    let Some(documents) = documents::all("crates_of_documents_compile") else { return };
    let find = |name: &&str| documents.iter().find(|document| document.name == **name).unwrap_or_else(|| panic!("no {name}"));
    let chosen: Vec<&Document> = REPRESENTATIVE.iter().map(find).collect();
    let folder = tempfile::tempdir().expect("a folder");
    for document in chosen {
        let tree = compile(document).unwrap_or_else(|errors| panic!("{}: {errors}", document.name));
        tree.write(&folder.path().join(document.slug())).expect("it can be written");
    }
    check(folder.path(), &[]);
}

/// The files of a large crate are ones that a person can read, and a part of it compiles alone.
#[test]
fn a_group_of_a_large_crate_compiles_alone() {
    let Some(documents) = documents::all("a_group_of_a_large_crate_compiles_alone") else { return };
    let github = documents.iter().find(|document| document.name == REPRESENTATIVE[0]).expect("GitHub's document");
    let tree = compile(github).unwrap_or_else(|errors| panic!("{errors}"));
    for (path, text) in tree.iter() {
        let lines = String::from_utf8_lossy(text).lines().count();
        assert!(lines <= 1500 || !path.starts_with("src/"), "{path} has {lines} lines");
    }
    let folder = tempfile::tempdir().expect("a folder");
    tree.write(&folder.path().join(github.slug())).expect("it can be written");
    check(folder.path(), &["--no-default-features", "--features", "async,issues"]);
}

/// Compiles every crate of a folder, as one workspace. Its dependencies are those that this repository is tested with.
fn check(folder: &Path, features: &[&str]) {
    workspace(folder);
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--workspace", "--lib", "--keep-going", "--offline", "--message-format", "short"])
        .args(features)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", root().join("target/corpus"))
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTFLAGS", "--deny warnings")
        .output()
        .expect("cargo can be run");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}", errors.lines().take(200).collect::<Vec<_>>().join("\n"));
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

//! `cargo test --features hostile` of generated crates: it holds, it can fail, and it says what it needs.
//!
//! With `CORPUS=all` in the environment that is done for the crate of every document of less than a megabyte.

#[path = "support/documents.rs"]
#[expect(dead_code, reason = "crates are written by the program here")]
mod documents;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the hostile tests of a crate whose names begin with something.
fn run(folder: &str, tests: &str, environment: &[(&str, &Path)]) -> Output {
    run_in(&root().join(folder), &["--test", "hostile", "--", "--test-threads", "8", tests], environment)
}

/// Runs tests of the crate in a folder.
fn run_in(folder: &Path, tests: &[&str], environment: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.args(["test", "--quiet", "--offline", "--features", "hostile"]).args(tests);
    command.current_dir(folder).env_remove("TAPWRIGHT_SPEC").env_remove("HOSTILE_SEEDS");
    // A folder of its own, which is kept between runs: the one of this repository is in use.
    command.env("CARGO_TARGET_DIR", root().join("target/standalone")).env("CARGO_INCREMENTAL", "0");
    command.env("TAPWRIGHT_GEN", env!("CARGO_BIN_EXE_gen")).envs(environment.iter().copied());
    command.output().expect("cargo can be run")
}

/// All that a run says.
fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// How many tests went well.
fn passed(said: &str) -> Option<usize> {
    said.split_once("test result: ok. ")?.1.split_once(" passed")?.0.parse().ok()
}

#[test]
fn a_shipped_crate_reads_a_service_at_its_worst() {
    let said = said(&run("generated/auth0", "", &[]));
    assert!(passed(&said).is_some_and(|count| count >= 30), "{said}");
}

#[test]
fn a_crate_of_tests_does_and_can_fail() {
    let whole = said(&run("tests/generated/paging", "", &[]));
    assert_eq!(passed(&whole), Some(10), "{whole}");

    // A service whose cursor is elsewhere, so that the crate takes each first page for the last.
    let spec = fs::read_to_string(root().join("tests/fixtures/paging.yaml")).expect("the spec");
    let scratch = tempfile::tempdir().expect("a folder");
    let other = scratch.path().join("paging.yaml");
    fs::write(&other, spec.replacen("cursor_path: next", "cursor_path: more", 1)).expect("a writable folder");
    let output = run("tests/generated/paging", "lists::cursors", &[("TAPWRIGHT_SPEC", &other)]);
    let lost = said(&output);
    assert!(!output.status.success() && lost.contains("`cursors`, seed ") && lost.contains("\nlost: "), "{lost}");
}

#[test]
fn without_its_program_it_says_how_to_get_it() {
    let output = run("tests/generated/paging", "lists::singles", &[("TAPWRIGHT_GEN", Path::new("no-such-program"))]);
    let told = said(&output);
    assert!(!output.status.success(), "{told}");
    for part in ["cannot run `no-such-program`", "`cargo install --git ", "`TAPWRIGHT_GEN`"] {
        assert!(told.contains(part), "{told}");
    }
}

/// Has a list of texts; has keys that are numbers, and may be absent.
const DOCUMENTS: [&str; 2] = ["azure/containerregistry.json", "sendgrid/tsg_suppressions_v3.yaml"];

/// What is worked out of a document is what its mock plays: a crate reads all of it, and takes the samples of its own types.
#[test]
fn crates_of_documents_pass_their_own_tests() {
    let mut paths = vec![root().join("tests/fixtures/documents/museum.yaml")];
    if let Some(mut held) = documents::all("crates_of_documents_pass_their_own_tests") {
        if std::env::var_os("CORPUS").is_some_and(|which| which == "all") {
            held.retain(|document| document.path.metadata().is_ok_and(|metadata| metadata.len() < 1 << 20));
        } else {
            held.retain(|document| DOCUMENTS.contains(&document.name.as_str()));
            assert_eq!(held.len(), DOCUMENTS.len(), "the corpus has other documents");
        }
        paths.extend(held.into_iter().map(|document| document.path));
    }
    let failed: Vec<String> = paths.iter().filter_map(|path| tested(path).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

/// What the tests of a document's crate say where one of them fails.
fn tested(document: &Path) -> Result<(), String> {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path().join("made");
    let mut compile = Command::new(env!("CARGO_BIN_EXE_gen"));
    let made = compile.args(["--quiet", "--spec"]).arg(document).arg("--out").arg(&folder).output().expect("it can be run");
    if !made.status.success() {
        return Err(format!("{}: {}", document.display(), said(&made)));
    }
    // A crate of calls alone reads no list.
    if !folder.join("tests/hostile.rs").is_file() {
        return Ok(());
    }
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
    fs::write(folder.join("Cargo.toml"), manifest + "\n[workspace]\n").expect("a writable folder");
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).expect("the lock of the project");
    let output = run_in(&folder, &["--tests"], &[("TAPWRIGHT_SPEC", document)]);
    if output.status.success() { Ok(()) } else { Err(format!("{}: {}", document.display(), said(&output))) }
}

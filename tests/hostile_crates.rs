//! `cargo test --features hostile` of generated crates: it holds, it can fail, and it says what it needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the hostile tests of a crate whose names begin with something.
fn run(folder: &str, tests: &str, environment: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.args([
        "test",
        "--quiet",
        "--offline",
        "--features",
        "hostile",
        "--test",
        "hostile",
        "--",
        "--test-threads",
        "8",
        tests,
    ]);
    command.current_dir(root().join(folder)).env_remove("TAPWRIGHT_SPEC").env_remove("HOSTILE_SEEDS");
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

//! Each generated crate builds alone: copied to an empty folder, with registry dependencies only, without a warning.

use std::fs;
use std::path::Path;
use std::process::Command;

const CRATES: [&str; 3] = ["auth0", "aps", "example"];

/// The features that a user may choose; each set must be free of warnings.
const FEATURES: [&str; 7] = ["", "async", "blocking", "async,blocking,serde", "hostile", "blocking,arrow", "cli"];

#[test]
fn every_crate_builds_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scratch = tempfile::tempdir().expect("a folder");
    // One target folder for all, so that dependencies are built once; kept between runs.
    let target = root.join("target/standalone");
    for name in CRATES {
        let copy = scratch.path().join(name);
        copy_folder(&root.join("generated").join(name), &copy);
        // The versions that this repository is tested with; cargo drops what the crate does not need.
        fs::copy(root.join("Cargo.lock"), copy.join("Cargo.lock")).expect("the lock can be copied");
        for features in FEATURES {
            let output = Command::new(env!("CARGO"))
                .args(["check", "--quiet", "--offline", "--all-targets", "--no-default-features", "--features", features])
                .current_dir(&copy)
                .env("CARGO_TARGET_DIR", &target)
                .env("RUSTFLAGS", "--deny warnings")
                .output()
                .expect("cargo can be run");
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "`{name}` with features `{features}`:\n{errors}");
        }
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the crate can be read") {
        let path = entry.expect("it can be read").path();
        let place = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            if !path.ends_with("target") {
                copy_folder(&path, &place);
            }
        } else {
            fs::copy(&path, &place).expect("a file can be copied");
        }
    }
}

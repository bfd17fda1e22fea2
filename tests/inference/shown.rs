//! What people see of the decisions: `connector.yaml`, and the table of `gen explain`.
//!
//! `INSTA_UPDATE=always cargo test --test inference` writes the snapshots anew.

use std::path::{Path, PathBuf};
use std::process::Command;

use tapwright::diagnostic::Diagnostics;
use tapwright::source::Sources;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn decisions_are_written_with_their_reasons() {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = tapwright::load(&fixture("documents/museum.yaml"), &mut sources, &mut diagnostics);
    let api = api.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false)));
    snapshot("museum-connector.yaml", &api.inferred.expect("it is a document"));
}

fn explain(spec: &Path, flags: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_gen")).arg("explain").arg("--spec").arg(spec).args(flags).output();
    let output = output.expect("gen can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is a text")
}

#[test]
fn decisions_are_explained() {
    snapshot("museum-explained.txt", &explain(&fixture("documents/museum.yaml"), &[]));
    for line in explain(&fixture("documents/museum.yaml"), &["--json"]).lines() {
        let object: serde_json::Value = serde_json::from_str(line).expect("a line is an object");
        assert!(object["operation"].is_string() && object["confidence"].is_number(), "{line}");
    }
}

#[test]
fn specs_are_explained_as_well() {
    snapshot("incremental-explained.txt", &explain(&fixture("incremental.yaml"), &[]));
    let lines = explain(&fixture("paging.yaml"), &["--json"]);
    assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{lines}");
}

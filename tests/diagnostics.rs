//! Every bad spec in `tests/diagnostics` beside what is said about it.
//!
//! `INSTA_UPDATE=always cargo test --test diagnostics` writes the snapshots anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tapwright::codes::Code;
use tapwright::diagnostic::Diagnostics;
use tapwright::source::Sources;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

/// The bad specs, in order.
fn specs() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).expect("the folder of bad specs");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut specs: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "yaml" || extension == "json")).collect();
    specs.sort();
    specs
}

/// Loads a spec under its bare name, so that no snapshot depends on where the project lies.
fn load(path: &Path) -> (Sources, Diagnostics, bool) {
    let bytes = std::fs::read(path).expect("a readable spec");
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let name = Path::new("tests/diagnostics").join(path.file_name().expect("a name"));
    let text = String::from_utf8(bytes).expect("UTF-8");
    let is_loaded = tapwright::load_text(name, &text, &mut sources, &mut diagnostics).is_some();
    (sources, diagnostics, is_loaded)
}

#[test]
fn every_bad_spec_is_explained() {
    let specs = specs();
    assert!(specs.len() >= 45, "only {} bad specs", specs.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for path in specs {
            let (sources, diagnostics, is_loaded) = load(&path);
            assert_eq!(is_loaded, !diagnostics.has_errors(), "{}", path.display());
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            insta::assert_snapshot!(name, diagnostics.render(&sources, false));
        }
    });
}

#[test]
fn every_code_has_a_bad_spec() {
    let shown: BTreeSet<String> =
        specs().iter().flat_map(|path| load(path).1.iter().map(|diagnostic| diagnostic.code.id()).collect::<Vec<_>>()).collect();
    let missing: Vec<String> = Code::all().map(Code::id).filter(|code| !shown.contains(code)).collect();
    assert_eq!(missing, [""; 0], "add a bad spec for each to tests/diagnostics");
}

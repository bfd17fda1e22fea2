//! Every bad spec in `tests/diagnostics` beside what is said about it.
//!
//! `INSTA_UPDATE=always cargo test --test diagnostics` writes the snapshots anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tapwright::codes::Code;
use tapwright::diagnostic::{Diagnostics, Severity};
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
    let codes = |diagnostics: &Diagnostics| diagnostics.iter().map(|diagnostic| diagnostic.code.id()).collect::<Vec<_>>();
    let mut shown: BTreeSet<String> = specs().iter().flat_map(|path| codes(&load(path).1)).collect();
    let mut diagnostics = Diagnostics::default();
    tapwright::load(Path::new("absent.yaml"), &mut Sources::default(), &mut diagnostics);
    shown.extend(codes(&diagnostics));
    // No spec leads to a fault of the generator itself, as far as is known.
    shown.insert(Code::Internal.id());
    // Advice has specs of its own.
    let missing: Vec<String> = Code::all()
        .filter(|code| code.severity() != Severity::Advice)
        .map(Code::id)
        .filter(|code| !shown.contains(code))
        .collect();
    assert_eq!(missing, [""; 0], "add a bad spec for each to tests/diagnostics");
}

#[test]
fn tools_get_the_same_as_json() {
    let (sources, diagnostics, _) = load(&folder().join("unknown_key.yaml"));
    let first = &diagnostics.to_json(&sources)[0];
    let expected = serde_json::json!({
        "code": "TW012",
        "severity": "error",
        "message": "unknown key `primary_kye` in a resource",
        "help": "did you mean `primary_key`?",
        "file": "tests/diagnostics/unknown_key.yaml",
        "line": 5,
        "column": 5,
        "end_line": 5,
        "end_column": 16,
        "source": "    primary_kye: user_id",
    });
    assert_eq!(*first, expected);
}

#[test]
fn colour_adds_nothing_but_colour() {
    let (sources, diagnostics, _) = load(&folder().join("many.yaml"));
    let mut plain = String::new();
    let mut rest = diagnostics.render(&sources, true);
    assert!(rest.contains("\u{1b}["));
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain += before;
        rest = after.split_once('m').map(|(_, after)| after.to_owned()).unwrap_or_default();
    }
    assert_eq!(plain + &rest, diagnostics.render(&sources, false));
}

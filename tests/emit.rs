//! What the emitter writes: kept as snapshots for a spec that has every kind of item, and measured for one of the real ones.
//!
//! `INSTA_UPDATE=always cargo test --test emit` writes the snapshots anew.

use std::path::Path;

use tapwright::diagnostic::Diagnostics;
use tapwright::model::Api;
use tapwright::source::Sources;
use tapwright::tree::Tree;
use tapwright::{EmitOptions, emit, load};

/// An API of this repository and its crate.
fn compile(spec: &str) -> (Api, Tree) {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(spec);
    let api = load(&path, &mut sources, &mut diagnostics).unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false)));
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let tree = emit(&api, &EmitOptions { spec: name }, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{}", diagnostics.render(&sources, false));
    (api, tree)
}

/// The files that are not copied from the runtime.
fn written(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    let own = tree.iter().filter(|(path, _)| !path.starts_with("src/rt/"));
    own.map(|(path, content)| (path, std::str::from_utf8(content).unwrap()))
}

/// Those of them that are Rust.
fn rust(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    written(tree).filter(|(path, _)| Path::new(path).extension().is_some_and(|extension| extension == "rs"))
}

#[test]
fn every_kind_of_item_is_written_as_before() {
    let (_, tree) = compile("tests/fixtures/kinds.yaml");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("emit");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        // The manifest's versions and the lock's digests change with the runtime, and say nothing of the emitter; nor does the spec.
        for (path, text) in
            written(&tree).filter(|(path, _)| !["Cargo.toml", "connector.lock", "tests/kinds.yaml"].contains(path))
        {
            insta::assert_snapshot!(path.replace('/', "-"), text);
        }
    });
}

#[test]
fn a_spec_gives_the_same_bytes_each_time() {
    for spec in ["tests/fixtures/kinds.yaml", "specs/auth0.yaml"] {
        assert!(compile(spec).1 == compile(spec).1, "{spec}");
    }
}

#[test]
fn every_written_file_is_rust() {
    for spec in ["tests/fixtures/kinds.yaml", "tests/fixtures/paging.yaml", "specs/aps.yaml"] {
        let (_, tree) = compile(spec);
        for (path, text) in rust(&tree) {
            if let Err(error) = syn::parse_file(text) {
                panic!("{spec}: {path}: {error}");
            }
        }
    }
}

#[test]
fn generated_code_keeps_to_its_budgets() {
    let (api, tree) = compile("specs/auth0.yaml");
    let (mut operation_lines, mut model_lines, mut fields) = (0, 0, 0);
    for (path, text) in rust(&tree) {
        let lines = text.lines().count();
        assert!(lines <= 1500, "{path} has {lines} lines");
        if path.starts_with("src/models/") {
            model_lines += lines;
            fields += text.lines().filter(|line| line.starts_with("    pub ") && line.ends_with(',')).count();
        } else if path.starts_with("src/resources/") || path.starts_with("src/operations/") {
            // Comments are the spec's prose, of which there can not be too much.
            operation_lines += text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count();
        }
    }
    let operations = api.resources.len() + api.operations.len();
    // Two of these say how a list is loaded.
    assert!(operation_lines <= 46 * operations, "{operation_lines} lines for {operations} operations");
    // One of these is what `project!` looks up.
    assert!(model_lines <= 13 * fields, "{model_lines} lines for {fields} fields");
}

//! What the compiler says of code that does not agree with a crate: each file of `ui` is a program that does not compile, and has
//! what is said of it beside it. The words are those of the compiler that this repository is tested with.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tapwright::EmitOptions;
use tapwright::diagnostic::Diagnostics;
use tapwright::source::Sources;
use tapwright::tree::Tree;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The spec of a later version of the service, which has no `age` any more.
fn later_spec(name: &str) -> String {
    let spec = fs::read_to_string(root().join("tests/fixtures/projections.yaml")).expect("the spec");
    let later =
        spec.replace("    age: {type: integer, lenient: true}\n", "").replace("name: projections\n", &format!("name: {name}\n"));
    assert_eq!(later.lines().count() + 1, spec.lines().count());
    later
}

/// A spec of a list whose records have more fields than can be chosen from, and of one of which no fields are known.
fn wide_spec() -> String {
    let fields: Vec<String> = (0..1025).map(|at| format!("    f{at}: string")).collect();
    format!(
        "name: wide\nclient: {{base_url: 'https://wide.example'}}\nresources:\n  \
         - {{name: measurements, schema: Measurement, endpoint: {{path: /measurements, paginator: single_page}}}}\n  \
         - {{name: events, endpoint: {{path: /events, paginator: single_page}}}}\nschemas:\n  Measurement:\n{}\n",
        fields.join("\n")
    )
}

fn compile(spec: &str) -> Tree {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = tapwright::load_text("projections.yaml", spec, &mut sources, &mut diagnostics).expect("a good spec");
    tapwright::emit(&api, &EmitOptions { spec: "projections.yaml".to_owned() }, &mut diagnostics)
}

/// Runs `cargo check` in a folder.
fn check(folder: &Path, arguments: &[&str]) -> Output {
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).expect("the lock can be copied");
    Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline"])
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", root().join("target/standalone"))
        .env("CARGO_INCREMENTAL", "0")
        .output()
        .expect("cargo can be run")
}

#[test]
fn the_compiler_says_what_is_wrong() {
    let cases = root().join("tests/projections/ui");
    let scratch = tempfile::tempdir().expect("a folder");
    compile(&later_spec("next")).write(&scratch.path().join("next")).expect("it can be written");
    compile(&wide_spec()).write(&scratch.path().join("wide")).expect("it can be written");
    let programs = scratch.path().join("src/bin");
    fs::create_dir_all(&programs).expect("a writable folder");
    let library = root().join("tests/generated/projections");
    let manifest = format!(
        "[package]\nname = \"ui\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nnext = {{ path = \"next\" }}\nwide = {{ path = \"wide\" }}\n\
         projections = {{ path = {library:?}, features = [\"blocking\"] }}\n\n[workspace]\n"
    );
    fs::write(scratch.path().join("Cargo.toml"), manifest).expect("a writable folder");
    let mut names = Vec::new();
    for entry in fs::read_dir(&cases).expect("a folder of cases") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            fs::copy(&path, programs.join(path.file_name().expect("a name"))).expect("a writable folder");
            names.push(path.file_stem().expect("a name").to_string_lossy().into_owned());
        }
    }
    names.sort();
    let output = check(scratch.path(), &["--bins", "--keep-going", "--message-format", "json"]);
    let said = String::from_utf8_lossy(&output.stdout);
    let messages: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for name in names {
        let text = messages_of(&messages, &name).replace(&library.display().to_string(), "$LIBRARY");
        let text = text.replace(&scratch.path().display().to_string(), "$FOLDER");
        assert!(!text.is_empty(), "{name} compiles: {}", String::from_utf8_lossy(&output.stderr));
        insta::with_settings!({ snapshot_path => &cases, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, text);
        });
    }
}

/// What is said of a program.
fn messages_of(messages: &[Value], name: &str) -> String {
    let mut text = String::new();
    for message in messages.iter().filter(|message| message["target"]["name"] == name) {
        let rendered = message["message"]["rendered"].as_str().unwrap_or_default();
        let is_about_errors = ["error: aborting", "For more information"].iter().any(|start| rendered.starts_with(start));
        if !is_about_errors {
            let _ = writeln!(text, "{}", rendered.trim_end());
        }
    }
    text
}

/// A merge of two branches may take a list from one of them and its records from the other.
#[test]
fn files_of_two_versions_do_not_compile_together() {
    let scratch = tempfile::tempdir().expect("a folder");
    let library = scratch.path().join("library");
    compile(&later_spec("projections")).write(&library).expect("it can be written");
    let person = root().join("tests/generated/projections/src/models/person.rs");
    fs::copy(person, library.join("src/models/person.rs")).expect("the file can be copied");
    fs::write(scratch.path().join("Cargo.toml"), "[workspace]\nmembers = [\"library\"]\nresolver = \"3\"\n")
        .expect("a writable folder");
    let output = check(scratch.path(), &["--lib"]);
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = "`people` and its records are of different versions of the spec: run `gen --spec projections.yaml`";
    assert!(!output.status.success() && said.contains(expected), "{said}");
}

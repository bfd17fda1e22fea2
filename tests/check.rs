//! `gen check`: each way in which a crate and its spec may disagree, with its exit status and what tools are told.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SPEC: &str = "\
name: shop
client: {base_url: https://shop.example.com}
resources:
  - name: orders
    primary_key: id
    schema: Order
    endpoint: {path: /orders, data_selector: orders, paginator: single_page}
schemas:
  Order: {id: integer, total: decimal}
";

const DOCUMENT: &str = "\
openapi: 3.0.0
info: {title: Acme, version: 0.1.0}
servers: [{url: 'https://acme.example.com'}]
paths:
  /ping: {get: {operationId: ping, responses: {200: {description: done}}}}
  /pong: {get: {operationId: pong, tags: [more], responses: {200: {description: done}}}}
";

/// Runs `gen` in a folder.
fn generate(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gen")).current_dir(folder).args(arguments).output().unwrap()
}

/// A project with a crate of a spec and one of a document.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("specs")).unwrap();
    for (name, text) in [("shop", SPEC), ("acme", DOCUMENT)] {
        let spec = format!("specs/{name}.yaml");
        fs::write(folder.path().join(&spec), text).unwrap();
        assert!(generate(folder.path(), &["--spec", &spec]).status.success());
    }
    folder
}

/// What a check exits with, and what it tells tools: the kind and the file of each difference.
fn check(folder: &Path, arguments: &[&str]) -> (i32, Vec<String>) {
    let output = generate(folder, &[&["check", "--json", "--quiet"], arguments].concat());
    let lines = String::from_utf8(output.stdout).unwrap();
    let shown = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        if line.get("severity").is_some() {
            return format!("{} {}", line["severity"].as_str().unwrap(), line["file"].as_str().unwrap());
        }
        let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["difference", "file", "crate", "spec", "message"]);
        format!("{} {}", line["difference"].as_str().unwrap(), line["file"].as_str().unwrap())
    };
    (output.status.code().unwrap(), lines.lines().map(shown).collect())
}

/// Changes a file of the crates.
fn edit(folder: &Path, path: &str, from: &str, to: &str) {
    let path = folder.join("generated").join(path);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{}: {text}", path.display());
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// A way to make a project and its crates disagree: what is done, what a check exits with, and what it says to tools and to people.
type Case = (&'static str, fn(&Path), i32, &'static [&'static str], &'static str);

const CASES: &[Case] = &[
    ("nothing is wrong", |_| {}, 0, &[], ""),
    (
        "a spec has changed",
        |project| {
            let text = fs::read_to_string(project.join("specs/shop.yaml")).unwrap();
            fs::write(project.join("specs/shop.yaml"), text.replace("total: decimal", "total: decimal, tax: decimal")).unwrap();
        },
        1,
        &[
            "out_of_date generated/shop/connector.lock",
            "out_of_date generated/shop/src/models/order.rs",
            "out_of_date generated/shop/src/resources/orders.rs",
            "out_of_date generated/shop/tests/connector.rs",
            "out_of_date generated/shop/tests/shop.yaml",
        ],
        "error: `generated/shop` is not what `specs/shop.yaml` gives: 5 files differ",
    ),
    (
        "a file was edited",
        |project| edit(project, "shop/src/lib.rs", "//!", "//! By hand."),
        4,
        &["edited generated/shop/src/lib.rs"],
        "error: edited by hand in `generated/shop`: `src/lib.rs`",
    ),
    (
        "a file is missing",
        |project| fs::remove_file(project.join("generated/shop/src/lib.rs")).unwrap(),
        1,
        &["missing generated/shop/src/lib.rs"],
        "error: `generated/shop` is not what `specs/shop.yaml` gives: 1 file differs",
    ),
    (
        "the lock was edited",
        |project| edit(project, "shop/connector.lock", "\"orders\" = \"", "\"orders\" = \"0"),
        4,
        &["edited_lock generated/shop/connector.lock"],
        "error: edited by hand in `generated/shop`: `connector.lock`",
    ),
    (
        "the lock has a conflict",
        |project| edit(project, "shop/connector.lock", "generator", "<<<<<<< HEAD\ngenerator"),
        4,
        &["edited_lock generated/shop/connector.lock"],
        "error: edited by hand in `generated/shop`: `connector.lock`",
    ),
    (
        "the lock is missing",
        |project| fs::remove_file(project.join("generated/shop/connector.lock")).unwrap(),
        1,
        &["missing generated/shop/connector.lock"],
        "error: `generated/shop` is not what `specs/shop.yaml` gives: 1 file differs",
    ),
    (
        "the spec beside the crate of a document was edited",
        |project| edit(project, "acme/connector.yaml", "name: ", "# By hand.\nname: "),
        4,
        &["edited_spec generated/acme/connector.yaml"],
        "error: edited by hand in `generated/acme`: `connector.yaml`",
    ),
    (
        "a spec is gone",
        |project| fs::remove_file(project.join("specs/shop.yaml")).unwrap(),
        1,
        &["missing_spec generated/shop"],
        "error: `generated/shop` has no spec",
    ),
    (
        "a crate is missing",
        |project| fs::remove_dir_all(project.join("generated/shop")).unwrap(),
        1,
        &["missing_crate generated/shop"],
        "error: `generated/shop` is missing",
    ),
    (
        "a spec is bad, and its crate is not one without a spec",
        |project| fs::write(project.join("specs/shop.yaml"), "name: shop\nresources: []\n").unwrap(),
        2,
        &["error specs/shop.yaml"],
        "error[TW",
    ),
];

#[test]
fn each_disagreement_is_told_from_the_others() {
    for (name, make, status, expected, told) in CASES {
        let project = project();
        make(project.path());
        let (found, lines) = check(project.path(), &[]);
        assert_eq!((found, lines), (*status, expected.iter().map(|line| (*line).to_owned()).collect()), "{name}");
        let said = String::from_utf8(generate(project.path(), &["check", "--quiet"]).stderr).unwrap();
        assert!(if told.is_empty() { said.is_empty() } else { said.starts_with(told) }, "{name}: {said}");
    }
}

#[test]
fn a_leftover_and_a_file_in_the_way() {
    let project = project();
    let spec = project.path().join("specs/shop.yaml");
    let renamed = SPEC.replace("name: orders", "name: sales");
    fs::write(&spec, renamed).unwrap();
    let (status, lines) = check(project.path(), &["--spec", "specs/shop.yaml"]);
    assert_eq!(status, 1);
    for line in ["missing generated/shop/src/resources/sales.rs", "leftover generated/shop/src/resources/orders.rs"] {
        assert!(lines.contains(&line.to_owned()), "{line}: {lines:?}");
    }
    fs::write(project.path().join("generated/shop/src/resources/sales.rs"), "// By hand.\n").unwrap();
    let (status, lines) = check(project.path(), &["--spec", "specs/shop.yaml"]);
    assert_eq!(status, 4);
    assert!(lines.contains(&"in_the_way generated/shop/src/resources/sales.rs".to_owned()), "{lines:?}");
}

#[test]
fn several_specs_and_parts_of_documents() {
    let project = project();
    let both = ["--spec", "specs/shop.yaml", "--spec", "specs/acme.yaml"];
    assert_eq!(check(project.path(), &both), (0, vec![]));
    edit(project.path(), "shop/src/lib.rs", "//!", "//! By hand.");
    edit(project.path(), "acme/README.md", "#", "##");
    let (status, lines) = check(project.path(), &both);
    assert_eq!(
        (status, lines),
        (4, vec!["edited generated/shop/src/lib.rs".to_owned(), "edited generated/acme/README.md".to_owned()])
    );
    // Two crates cannot be in one folder.
    assert_eq!(check(project.path(), &[&both[..], &["--out", "x"]].concat()).0, 2);

    let part = ["--spec", "specs/acme.yaml", "--only", "tag:more", "--out", "part"];
    assert!(generate(project.path(), &part).status.success());
    assert_eq!(check(project.path(), &part), (0, vec![]));
    assert_eq!(check(project.path(), &["--spec", "specs/acme.yaml", "--out", "part"]).0, 1);
}

#[test]
fn people_see_a_diff_and_a_way_out() {
    let project = project();
    edit(project.path(), "acme/connector.yaml", "name: ", "# By hand.\nname: ");
    let output = generate(project.path(), &["check"]);
    assert_eq!(output.status.code(), Some(4));
    let (shown, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(shown.starts_with("--- generated/acme/connector.yaml\n+++ ") && shown.contains("\n-# By hand.\n"), "{shown}");
    assert!(
        said.contains("error: edited by hand in `generated/acme`: `connector.yaml`\nhint: to keep what was changed, "),
        "{said}"
    );
    assert!(said.contains("; then run `gen --spec specs/acme.yaml`\n"), "{said}");
    assert!(said.contains("Checked `generated/shop`"), "{said}");
}

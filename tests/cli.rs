//! The commands as a user meets them: what they print where, what they write, and what they exit with.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const GOOD: &str = "\
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

/// Two mistakes in one spec.
const BAD: &str = "\
name: shop
client: {base_url: https://shop.example.com}
resources:
  - name: orders
    primary_key: identifier
    schema: Ordre
    endpoint: {path: /orders, pagniator: single_page}
schemas:
  Order: {id: integer}
";

/// Runs `gen` in a folder.
fn generate(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gen"));
    command.current_dir(folder).args(arguments).env_remove("NO_COLOR").output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// A folder with `specs/shop.yaml`.
fn project(spec: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("specs")).unwrap();
    fs::write(folder.path().join("specs/shop.yaml"), spec).unwrap();
    folder
}

#[test]
fn a_spec_becomes_a_crate() {
    let folder = project(GOOD);
    let output = generate(folder.path(), &["--spec", "specs/shop.yaml"]);
    assert_eq!((status(&output), stdout(&output).as_str()), (0, ""), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(said.starts_with("Compiled `specs/shop.yaml` to `generated/shop`: ") && said.ends_with(" 0 unchanged\n"), "{said}");
    for file in ["Cargo.toml", "src/lib.rs", "connector.lock"] {
        assert!(folder.path().join("generated/shop").join(file).is_file(), "{file}");
    }

    let again = stderr(&generate(folder.path(), &["--spec", "specs/shop.yaml"]));
    assert!(again.contains(": 0 files written, "), "{again}");
    let elsewhere = generate(folder.path(), &["--spec", "specs/shop.yaml", "--out", "crates/mine", "--quiet"]);
    assert_eq!((status(&elsewhere), stderr(&elsewhere).as_str()), (0, ""));
    assert!(folder.path().join("crates/mine/Cargo.toml").is_file());
}

#[test]
fn a_bad_spec_writes_nothing() {
    let folder = project(BAD);
    let output = generate(folder.path(), &["--spec", "specs/shop.yaml"]);
    assert_eq!((status(&output), stdout(&output).as_str()), (2, ""));
    let said = stderr(&output);
    for part in [
        "specs/shop.yaml:",
        "error[TW",
        "help: did you mean `paginator`?",
        "error: `specs/shop.yaml` has ",
        "nothing was written",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!folder.path().join("generated").exists());
}

#[test]
fn tools_get_diagnostics_as_json() {
    let folder = project(BAD);
    let output = generate(folder.path(), &["--json", "--spec", "specs/shop.yaml"]);
    assert_eq!(status(&output), 2);
    let lines: Vec<Value> = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() >= 2, "{lines:?}");
    for line in &lines {
        assert_eq!((&line["severity"], &line["file"]), (&"error".into(), &"specs/shop.yaml".into()));
        assert!(line["code"].as_str().unwrap().starts_with("TW") && line["line"].is_u64() && line["column"].is_u64(), "{line}");
    }
}

#[test]
fn colors_come_when_asked_for() {
    let folder = project(BAD);
    let colored = |arguments: &[&str]| stderr(&generate(folder.path(), arguments)).contains('\u{1b}');
    assert!(!colored(&["--spec", "specs/shop.yaml"]), "no terminal, no colors");
    assert!(colored(&["--spec", "specs/shop.yaml", "--color", "always"]));
    assert!(!colored(&["--spec", "specs/shop.yaml", "--color", "never"]));
}

#[test]
fn only_who_can_log_in_in_the_browser_does() {
    let folder = project(GOOD);
    let output = generate(folder.path(), &["login", "--spec", "specs/shop.yaml", "--store", "token.json"]);
    assert_eq!(status(&output), 2);
    let said = stderr(&output);
    assert!(
        said.contains("`specs/shop.yaml` has no login in the browser") && said.contains("oauth2_authorization_code"),
        "{said}"
    );
    assert!(!folder.path().join("generated").exists());
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    let folder = project(GOOD);
    for arguments in [
        &[] as &[&str],
        &["--spec"],
        &["--demo"],
        &["--out", "x"],
        &["--spec", "specs/shop.yaml", "schema"],
        &["unknown"],
        &["new", "Not A Name"],
        &["mock", "--spec", "specs/shop.yaml", "--fault", "429"],
        &["check", "--spec", "a.yaml", "--spec", "b.yaml", "--out", "x"],
    ] {
        let output = generate(folder.path(), arguments);
        assert_eq!((status(&output), stdout(&output).as_str()), (2, ""), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("error: "), "{arguments:?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_or_written_exits_with_3() {
    let folder = project(GOOD);
    let missing = generate(folder.path(), &["--spec", "specs/shopp.yaml"]);
    assert_eq!(status(&missing), 3);
    assert!(stderr(&missing).contains("hint: did you mean `specs/shop.yaml`?"), "{}", stderr(&missing));

    fs::create_dir_all(folder.path().join("generated/shop")).unwrap();
    fs::write(folder.path().join("generated/shop/Cargo.toml"), "by hand").unwrap();
    let in_the_way = generate(folder.path(), &["--spec", "specs/shop.yaml"]);
    assert_eq!(status(&in_the_way), 3);
    assert!(stderr(&in_the_way).contains("hint: "), "{}", stderr(&in_the_way));
    assert_eq!(fs::read_to_string(folder.path().join("generated/shop/Cargo.toml")).unwrap(), "by hand");
}

#[test]
fn check_shows_what_differs() {
    let folder = project(GOOD);
    assert_eq!(status(&generate(folder.path(), &["--spec", "specs/shop.yaml"])), 0);
    let same = generate(folder.path(), &["check"]);
    assert_eq!((status(&same), stdout(&same).as_str()), (0, ""));
    assert_eq!(stderr(&same), "Checked `generated/shop`: it is what `specs/shop.yaml` gives\n");

    let lib = folder.path().join("generated/shop/src/lib.rs");
    let text = fs::read_to_string(&lib).unwrap();
    fs::write(&lib, format!("// by hand\n{text}")).unwrap();
    let output = generate(folder.path(), &["check"]);
    assert_eq!(status(&output), 4);
    let diff = stdout(&output);
    assert!(diff.starts_with("--- generated/shop/src/lib.rs\n+++ generated/shop/src/lib.rs\n@@ -1"), "{diff}");
    assert!(diff.contains("\n-// by hand\n"), "{diff}");
    let said = stderr(&output);
    assert!(said.contains("edited by hand in `generated/shop`: `src/lib.rs`\nhint: "), "{said}");
    assert!(said.ends_with("; then run `gen --spec specs/shop.yaml`\n"), "{said}");
    assert_eq!(fs::read_to_string(&lib).unwrap(), format!("// by hand\n{text}"), "a check writes nothing");

    fs::remove_file(&lib).unwrap();
    let json = generate(folder.path(), &["check", "--json", "--quiet", "--spec", "specs/shop.yaml"]);
    let line: Value = serde_json::from_str(stdout(&json).trim()).unwrap();
    assert_eq!((&line["difference"], &line["file"]), (&"missing".into(), &"generated/shop/src/lib.rs".into()));

    fs::write(folder.path().join("specs/worse.yaml"), BAD).unwrap();
    let both = generate(folder.path(), &["check"]);
    assert_eq!(status(&both), 2, "the gravest failure counts");
    assert!(stderr(&both).contains("1 file differs"), "and the others are shown");
}

#[test]
fn a_new_spec_compiles() {
    let folder = tempfile::tempdir().unwrap();
    let output = generate(folder.path(), &["new", "acme-billing"]);
    assert_eq!((status(&output), stdout(&output).as_str()), (0, ""), "{}", stderr(&output));
    assert_eq!(stderr(&output), "Wrote `specs/acme-billing.yaml`; compile it with `gen --spec specs/acme-billing.yaml`\n");

    let compiled = generate(folder.path(), &["--spec", "specs/acme-billing.yaml", "--json"]);
    assert_eq!((status(&compiled), stdout(&compiled).as_str()), (0, ""), "no diagnostics, warnings included");

    let again = generate(folder.path(), &["new", "acme-billing"]);
    assert_eq!(status(&again), 3, "what is there is not overwritten");
    let printed = stdout(&generate(folder.path(), &["new", "acme-billing", "--out", "-"]));
    assert_eq!(printed, fs::read_to_string(folder.path().join("specs/acme-billing.yaml")).unwrap());
}

#[test]
fn the_schema_and_completions_go_to_stdout() {
    let folder = tempfile::tempdir().unwrap();
    let schema = generate(folder.path(), &["schema"]);
    assert!(serde_json::from_slice::<Value>(&schema.stdout).unwrap()["properties"]["resources"].is_object());
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(stdout(&generate(folder.path(), &["completions", shell])).contains("rate-limit"), "{shell}");
    }
}

#[test]
fn help_has_examples() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["--help"] as &[&str],
        &["check", "--help"],
        &["diff", "--help"],
        &["new", "--help"],
        &["mock", "--help"],
        &["schema", "--help"],
    ] {
        let output = generate(folder.path(), arguments);
        assert_eq!(status(&output), 0);
        assert!(stdout(&output).contains("\nExample"), "{arguments:?}");
    }
}

#[test]
fn the_mock_serves_until_its_time_is_up() {
    let folder = project(GOOD);
    let mut child = Command::new(env!("CARGO_BIN_EXE_gen"))
        .current_dir(folder.path())
        .args(["mock", "--spec", "specs/shop.yaml", "--records", "3", "--for", "2s"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let addr = line.trim().strip_prefix("listening on http://127.0.0.1:").unwrap();
    let answer = ask(&format!("127.0.0.1:{addr}"), "/orders");
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["orders"].as_array().map(Vec::len), Some(3), "{answer}");

    let output = child.wait_with_output().unwrap();
    assert_eq!(status(&output), 0);
    assert!(stderr(&output).ends_with("Stopped after 1 request and 0 tokens\n"), "{}", stderr(&output));
}

/// The body of an answer.
fn ask(addr: &str, target: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(addr).unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[test]
fn samples_become_schemas() {
    let folder = project(GOOD);
    fs::create_dir(folder.path().join("pages")).unwrap();
    fs::write(folder.path().join("pages/1.json"), r#"{"orders": [{"id": 1, "placed": "2024-01-31T10:00:00Z"}], "next": 2}"#)
        .unwrap();
    fs::write(folder.path().join("pages/2.ndjson"), "{\"orders\": [{\"id\": 2, \"total\": \"x\"}]}\n{\"orders\": []}\n").unwrap();
    let output = generate(folder.path(), &["infer", "--schema", "Order", "pages"]);
    let expected = "schemas:\n  Order:\n    fields:\n      id: integer\n      placed: date-time\n      total: string\n";
    assert_eq!((status(&output), stdout(&output).as_str()), (0, expected), "{}", stderr(&output));

    let merged = generate(folder.path(), &["infer", "--spec", "specs/shop.yaml", "--schema", "Order", "pages"]);
    let expected = "schemas:\n  Order: {id: integer, total: string, placed: date-time}\n";
    assert_eq!((status(&merged), stdout(&merged).as_str()), (0, expected), "{}", stderr(&merged));
    assert!(stderr(&merged).contains("Learnt `total` of `Order`: mismatch, 1 times"), "{}", stderr(&merged));

    fs::write(folder.path().join("bad.json"), "{\"a\": }").unwrap();
    let bad = generate(folder.path(), &["infer", "bad.json"]);
    assert_eq!(status(&bad), 3);
    assert!(stderr(&bad).contains("bad.json:1:7: expected a value, found `}`"), "{}", stderr(&bad));

    fs::write(folder.path().join("two.json"), r#"{"a": [{"x": 1}], "b": [{"x": 1}]}"#).unwrap();
    let two = generate(folder.path(), &["infer", "two.json"]);
    assert_eq!(status(&two), 2);
    assert!(stderr(&two).contains("there are several lists: `a`, `b`"), "{}", stderr(&two));
    assert_eq!(
        stdout(&generate(folder.path(), &["infer", "two.json", "--select", "b"])),
        "schemas:\n  Two:\n    fields:\n      x: integer\n"
    );
}

#[test]
fn recorded_traffic_becomes_a_schema_for_each_path() {
    let folder = tempfile::tempdir().unwrap();
    let entry = |url: &str, text: &str| {
        serde_json::json!({"request": {"method": "GET", "url": url},
            "response": {"status": 200, "content": {"mimeType": "application/json; charset=utf-8", "text": text}}})
    };
    let entries = [
        entry("https://a.example/v1/users?page=1", r#"{"users": [{"id": 1}], "total": 1}"#),
        entry("https://a.example/v1/users/1/groups", r#"[{"name": "a"}]"#),
        entry("https://a.example/v1/users/2/groups", r#"[{"name": "b"}]"#),
    ];
    fs::write(folder.path().join("a.har"), serde_json::json!({"log": {"entries": entries}}).to_string()).unwrap();
    let output = generate(folder.path(), &["infer", "a.har"]);
    let expected = "schemas:\n  User:\n    fields:\n      id: integer\n\n  Group:\n    fields:\n      name: string\n";
    assert_eq!((status(&output), stdout(&output).as_str()), (0, expected), "{}", stderr(&output));
    let groups = generate(folder.path(), &["infer", "--schema", "Group", "a.har"]);
    let expected = "schemas:\n  Group:\n    fields:\n      name: string\n";
    assert_eq!((status(&groups), stdout(&groups).as_str()), (0, expected), "{}", stderr(&groups));
    let none = generate(folder.path(), &["infer", "--schema", "Order", "a.har"]);
    assert_eq!(status(&none), 2);
    assert!(stderr(&none).contains("no recorded call is one of `Order`"), "{}", stderr(&none));
    assert!(stderr(&none).contains("what was recorded is named `User`, `Group`"), "{}", stderr(&none));
    fs::write(folder.path().join("cut.har"), "{\"log\": {\"entries\": [").unwrap();
    let cut = generate(folder.path(), &["infer", "cut.har"]);
    assert_eq!(status(&cut), 3);
    assert!(stderr(&cut).contains("cut.har:1:22: expected a value, found the end of the text"), "{}", stderr(&cut));
}

#[test]
fn recorded_traffic_adds_to_the_schema_of_a_spec() {
    let folder = project(GOOD);
    let entry = |url: &str, text: &str| {
        serde_json::json!({"request": {"method": "GET", "url": url},
            "response": {"status": 200, "content": {"mimeType": "application/json", "text": text}}})
    };
    let entries = [
        entry("https://a.example/v1/users", r#"{"users": [{"name": "a"}]}"#),
        entry("https://a.example/v1/orders?page=1", r#"{"orders": [{"id": 1}], "total": 2}"#),
        entry("https://a.example/v1/orders?page=2", r#"{"orders": [{"id": 2, "note": "x"}], "total": 2}"#),
    ];
    fs::write(folder.path().join("a.har"), serde_json::json!({"log": {"entries": entries}}).to_string()).unwrap();
    let infer = |schema: &str| generate(folder.path(), &["infer", "--spec", "specs/shop.yaml", "--schema", schema, "a.har"]);
    let output = infer("Order");
    let expected = "schemas:\n  Order: {id: integer, total: decimal, note: string}\n";
    assert_eq!((status(&output), stdout(&output).as_str()), (0, expected), "{}", stderr(&output));
    assert!(stderr(&output).contains("Learnt `note` of `Order`: unknown_field"), "{}", stderr(&output));
    assert_eq!(status(&infer("Thing")), 2);
    // Nobody knows which of the calls are of the resource.
    let learn = generate(folder.path(), &["learn", "--spec", "specs/shop.yaml", "--resource", "orders", "a.har"]);
    assert_eq!((status(&learn), stdout(&learn).as_str()), (2, ""));
    assert!(stderr(&learn).contains("`a.har` is recorded traffic"), "{}", stderr(&learn));
}

#[test]
fn specs_are_formatted() {
    let turned = GOOD.replace("name: shop\n", "") + "name: shop # it\n";
    let folder = project(&turned);
    let spec = folder.path().join("specs/shop.yaml");
    let check = generate(folder.path(), &["fmt", "--check"]);
    assert_eq!(status(&check), 1);
    assert!(stdout(&check).contains("+name: shop # it\n"), "{}", stdout(&check));
    assert_eq!(fs::read_to_string(&spec).unwrap(), turned, "a check changes nothing");
    assert_eq!(status(&generate(folder.path(), &["fmt"])), 0);
    assert!(fs::read_to_string(&spec).unwrap().starts_with("name: shop # it\n"));
    assert_eq!(status(&generate(folder.path(), &["fmt", "--check"])), 0);
    fs::write(&spec, "a: [").unwrap();
    assert_eq!(status(&generate(folder.path(), &["fmt"])), 2);
}

#[test]
fn advice_is_given_and_may_be_denied() {
    let folder = project(&GOOD.replace("    primary_key: id\n", ""));
    let advice = generate(folder.path(), &["lint"]);
    assert_eq!(status(&advice), 0, "{}", stderr(&advice));
    assert!(stderr(&advice).contains("advice[TW300]: `orders` has no primary key"), "{}", stderr(&advice));
    assert!(stderr(&advice).contains("`primary_key: id`"), "{}", stderr(&advice));
    assert_eq!(status(&generate(folder.path(), &["lint", "--deny"])), 1);
    let line: Value = serde_json::from_slice(&generate(folder.path(), &["lint", "--json"]).stdout).unwrap();
    assert_eq!(
        (line["code"].as_str(), line["severity"].as_str(), line["line"].as_u64()),
        (Some("TW300"), Some("advice"), Some(4))
    );
    assert_eq!(status(&generate(project(GOOD).path(), &["lint", "--deny"])), 0);
}

#[test]
fn drift_becomes_a_change_of_the_spec() {
    let folder = project(GOOD);
    let report = r#"{"connector": "shop", "resources": {"orders": {"records": 5, "drift": [
        {"path": "note", "kind": "unknown_field", "count": 2, "types": ["string"]},
        {"path": "a.b", "kind": "unknown_field", "count": 1, "types": ["string"]}]}}}"#;
    fs::write(folder.path().join("drift.json"), report).unwrap();
    let arguments = ["learn", "--spec", "specs/shop.yaml", "--report", "drift.json"];
    let shown = generate(folder.path(), &arguments);
    assert_eq!(status(&shown), 0, "{}", stderr(&shown));
    assert!(
        stdout(&shown)
            .contains("-  Order: {id: integer, total: decimal}\n+  Order: {id: integer, total: decimal, note: string}\n")
    );
    assert!(stderr(&shown).contains("Left `a.b` of `orders`: unknown_field, 1 times: "), "{}", stderr(&shown));
    let spec = folder.path().join("specs/shop.yaml");
    assert_eq!(fs::read_to_string(&spec).unwrap(), GOOD);
    assert_eq!(status(&generate(folder.path(), &[&arguments[..], &["--write"]].concat())), 0);
    assert!(fs::read_to_string(&spec).unwrap().contains("note: string}"));
    assert_eq!(stdout(&generate(folder.path(), &arguments)), "", "a second time changes nothing");

    fs::write(folder.path().join("drift.json"), report.replace("shop", "other")).unwrap();
    assert_eq!(status(&generate(folder.path(), &arguments)), 2);
    fs::write(folder.path().join("orders.json"), r#"{"orders": [{"id": 1, "paid": true}]}"#).unwrap();
    let sampled = generate(folder.path(), &["learn", "--spec", "specs/shop.yaml", "--resource", "orders", "orders.json"]);
    assert!(stdout(&sampled).contains("note: string, paid: boolean}\n"), "{}", stdout(&sampled));
}

//! The command: where specs come from, what it prints and what it exits with.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::cases::{BASE, CASES, DOCUMENT};
use super::snapshot;

/// A folder with files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    folder
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn generate(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gen")).current_dir(folder).args(arguments).output().unwrap()
}

fn git(folder: &Path, arguments: &[&str]) {
    let who = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").current_dir(folder).args(who).args(arguments).output().expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The base after the edits of a case.
fn edited(name: &str) -> String {
    CASES.iter().find(|case| case.name == name).unwrap().edit(BASE)
}

#[test]
fn a_version_that_grows_too_little_exits_with_5() {
    let breaks = edited("a number becomes wider");
    for (new, version, status) in [
        (BASE, "0.1.0", 0),
        (BASE, "0.1.1", 0),
        (&breaks, "0.1.0", 5),
        (&breaks, "0.1.1", 5),
        (&breaks, "0.2.0", 0),
        (&breaks, "1.0.0", 0),
        (&edited("a field is new"), "0.1.0", 5),
        (&edited("a field is new"), "0.1.1", 0),
        (&edited("a description"), "0.1.0", 5),
    ] {
        let new = new.replace("version: 0.1.0", &format!("version: {version}"));
        let folder = folder(&[("old.yaml", BASE), ("new.yaml", &new)]);
        let output = generate(folder.path(), &["diff", "old.yaml", "new.yaml"]);
        assert_eq!(output.status.code(), Some(status), "{version}: {}{}", stdout(&output), stderr(&output));
    }
}

#[test]
fn a_document_may_have_another_file() {
    let folder = folder(&[("old.yaml", DOCUMENT), ("new.yaml", DOCUMENT)]);
    let output = generate(folder.path(), &["diff", "old.yaml", "new.yaml"]);
    assert!(stdout(&output).ends_with("no changes. 0.1.0 to 0.1.0: no bump is needed.\n"), "{}", stdout(&output));
}

#[test]
fn people_and_tools_are_told_the_same() {
    let folder = folder(&[("old.yaml", BASE), ("new.yaml", &edited("a number becomes wider"))]);
    let output = generate(folder.path(), &["diff", "old.yaml", "new.yaml"]);
    snapshot("report.txt", &stdout(&output));
    assert_eq!(
        stderr(&output),
        "error: the changes need version 0.2.0 or more, but the spec says 0.1.0\nhint: set `version: 0.2.0` in `new.yaml`\n"
    );
    let json = stdout(&generate(folder.path(), &["diff", "old.yaml", "new.yaml", "--json"]));
    snapshot("report.json", &json);
    assert!(json.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    let markdown = stdout(&generate(folder.path(), &["diff", "old.yaml", "new.yaml", "--markdown"]));
    assert!(markdown.starts_with("### `shop`: 1 change, which breaks\n"), "{markdown}");
    assert_eq!(generate(folder.path(), &["diff", "old.yaml", "new.yaml", "--markdown", "--json"]).status.code(), Some(2));
}

#[test]
fn a_spec_of_a_revision_refers_to_files_of_that_revision() {
    let spec = "name: acme\nopenapi: ../docs/api.yaml\n";
    let api = "\
openapi: 3.0.0
info: {title: Acme, version: 0.1.0}
servers: [{url: 'https://acme.example.com'}]
paths:
  /ping: {get: {operationId: ping, responses: {200: {description: done, content: {application/json: {schema: {$ref: 'parts.yaml#/Pong'}}}}}}}
";
    let parts = |ty: &str| format!("Pong: {{type: object, properties: {{at: {{type: {ty}}}}}}}\n");
    let folder = folder(&[("specs/acme.yaml", spec), ("docs/api.yaml", api), ("docs/parts.yaml", &parts("string"))]);
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "one"]);
    write(folder.path(), &[("docs/parts.yaml", &parts("integer"))]);

    let output = generate(folder.path(), &["diff", "main:specs/acme.yaml", "specs/acme.yaml"]);
    assert!(stdout(&output).starts_with("ping.at: `String` becomes `i64`\n"), "{}{}", stdout(&output), stderr(&output));
    git(folder.path(), &["commit", "-q", "-a", "-m", "two"]);
    let output = generate(folder.path(), &["diff", "main~1:docs/../specs/./acme.yaml", "HEAD:specs/acme.yaml"]);
    assert!(stdout(&output).starts_with("ping.at: `String` becomes `i64`\n"), "{}{}", stdout(&output), stderr(&output));
    // A document at the root of the repository has no folder to tell the revision by.
    git(folder.path(), &["mv", "docs/api.yaml", "docs/parts.yaml", "."]);
    git(folder.path(), &["commit", "-q", "-m", "three"]);
    let output = generate(folder.path(), &["diff", "HEAD:api.yaml", "api.yaml"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));

    for (old, said) in [("main:specs/none.yaml", "none.yaml"), ("nothing:specs/acme.yaml", "nothing"), ("none.yaml", "none.yaml")]
    {
        let output = generate(folder.path(), &["diff", old, "specs/acme.yaml"]);
        assert_eq!(output.status.code(), Some(3), "{old}");
        assert!(stderr(&output).contains(said), "{old}: {}", stderr(&output));
    }
}

#[test]
fn locks_tell_what_differs_and_not_how() {
    let new = edited("a number becomes wider").replace("name: get_user", "name: find_user");
    let folder = folder(&[("old.yaml", BASE), ("new.yaml", &new)]);
    assert!(generate(folder.path(), &["--spec", "old.yaml", "--out", "old"]).status.success());
    for new in ["new.yaml", "made/connector.lock"] {
        assert!(generate(folder.path(), &["--spec", "new.yaml", "--out", "made"]).status.success());
        let output = generate(folder.path(), &["diff", "old/connector.lock", new, "--json"]);
        assert_eq!(output.status.code(), Some(0), "no version is known");
        let lines: Vec<Value> = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let (summary, changes) = lines.split_last().unwrap();
        let level = |change: &Value, level: &str| change[level]["verdict"].as_str().unwrap().to_owned();
        let shown = changes.iter().map(|change| {
            let levels: Vec<String> = ["rust", "decode", "table", "state"].iter().map(|name| level(change, name)).collect();
            format!("{} {}: {}", change["path"].as_str().unwrap(), change["what"].as_str().unwrap(), levels.join(" "))
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                "users the resource differs: unknown unknown unknown breaking",
                "get_user the operation is gone: breaking none none none",
                "find_user the operation is new: safe none none none",
                "User the type differs: unknown unknown none none",
            ]
        );
        assert_eq!(summary["summary"]["digests_only"], true);
    }
    let text = stdout(&generate(folder.path(), &["diff", "old/connector.lock", "new.yaml"]));
    assert!(text.contains("A lock has digests alone"), "{text}");
    let same = generate(folder.path(), &["diff", "old/connector.lock", "old.yaml"]);
    assert!(stdout(&same).contains("no changes"), "{}", stdout(&same));
}

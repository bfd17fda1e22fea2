//! What it takes to mend a failure reaches the exit code of the example program.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::World;

/// Builds the example program and says where it is.
fn program() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--offline", "--package", "rules", "--example", "read_rules", "--message-format", "json"]);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut executables = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        message.get("executable")?.as_str().map(PathBuf::from)
    });
    executables.next_back().expect("an example is a program")
}

#[test]
fn a_program_ends_as_its_failure_tells() {
    let program = program();
    let run = |faults: &[&str], arguments: &[&str]| -> Output {
        let world = World::new(9, faults);
        let mut command = Command::new(&program);
        command.args(["--base-url", &world.mock.base_url()]).args(arguments);
        command.env("RULES__CLIENT_ID", "rules").env("RULES__CLIENT_SECRET", "canary-secret");
        command.output().expect("it can be run")
    };
    let cases: [(&[&str], &[&str], i32, &str); 7] = [
        (&[], &["flaky"], 0, ""),
        (&[], &["no-such-list"], 2, "there is no list `no-such-list`"),
        (&[], &["--base-url"], 2, "`--base-url` needs an address"),
        (&["answer:every=1,status=403"], &["flaky"], 3, "config failure: flaky: 403 forbidden"),
        (&["500:every=1"], &["flaky"], 4, "transient failure: flaky: 500"),
        (&["html:every=1"], &["flaky"], 1, "system failure: flaky: 200 the body is no JSON"),
        (&["answer:every=1,status=404,on=members"], &["members"], 0, "9 lists were not read to their end"),
    ];
    for (faults, arguments, code, said) in cases {
        let output = run(faults, arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{faults:?} {arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{faults:?} {arguments:?}: {stderr}");
        assert!(!stderr.contains("canary-secret"), "{stderr}");
    }
}

//! The command line of a generated crate, as its real program: where it finds its inputs, what it prints and how it ends.

mod config;
mod program;

use std::io::Read as _;
use std::time::Duration;

use program::{Place, snapshot};
use serde_json::Value;
use tapwright::mock::Options;

fn place(records: u64) -> Place {
    Place::new(Options { records, ..Options::default() })
}

/// The rows of a resource as JSON.
fn rows(place: &Place, resource: &str) -> Vec<Value> {
    place.good(&["read", resource]).lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

#[test]
fn csv_has_a_line_for_each_row_and_json_for_what_is_nested() {
    let place = place(120);
    let json = rows(&place, "users");
    assert_eq!(json.len(), 120);
    let text = place.good(&["read", "users", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().expect("a line of names").iter().map(str::to_owned).collect();
    let at = |name: &str| names.iter().position(|held| held == name).expect("the column is there");
    let mut nested = 0;
    let lines: Vec<csv::StringRecord> = reader.records().map(|line| line.expect("a line is whole")).collect();
    assert_eq!(lines.len(), 120);
    for (line, row) in lines.iter().zip(&json) {
        assert_eq!(&line[at("user_id")], row["user_id"].as_str().expect("a text"));
        let identities = &line[at("identities")];
        if identities.is_empty() {
            assert!(row["identities"].is_null());
        } else {
            let found: Value = serde_json::from_str(identities).expect("what is nested is JSON");
            assert_eq!(found.as_array().map(Vec::len), row["identities"].as_array().map(Vec::len));
            nested += 1;
        }
    }
    assert!(nested > 10, "{nested}");
    assert_eq!(place.good(&["read", "users", "--format", "csv", "--limit", "7"]).lines().count(), 8);
    assert_eq!(place.good(&["read", "users", "--format", "csv", "--limit", "0"]).lines().count(), 1);
}

#[test]
fn arrow_is_a_stream_of_the_same_rows() {
    let place = place(120);
    let said = place.run(&["read", "users", "--format", "arrow"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let reader = arrow_ipc::reader::StreamReader::try_new(said.out.as_slice(), None).expect("it is a stream");
    let mut writer = arrow_json::LineDelimitedWriter::new(Vec::new());
    for batch in reader {
        writer.write(&batch.expect("it is whole")).expect("columns are JSON");
    }
    writer.finish().expect("it ends");
    assert_eq!(String::from_utf8(writer.into_inner()).expect("it is text"), place.good(&["read", "users"]));
}

#[test]
fn plan_tells_what_one_request_of_each_tells() {
    let place = place(350);
    snapshot("plan", &place.good(&["plan", "users", "logs", "organization_members", "user_roles", "log_streams"]));
    snapshot("plan_since", &place.good(&["plan", "logs", "--since", "log|0000000100"]));
}

/// A job is work for the service: it is started for rows alone, and for those of a resource that is named.
#[test]
fn no_job_is_started_but_for_its_rows() {
    let place = place(20);
    let said = place.good(&["check", "users_export"]);
    assert_eq!(said, "users_export: not checked, since that would start a job of the service\n");
    let said = place.good(&["plan", "users_export"]);
    assert_eq!(said, "users_export\n    by a job of the service, at POST /jobs/users-exports: none is started for a plan\n");
    let said = place.good(&["sync", "--dry-run", "--arg", "action_bindings.triggerId=post-login"]);
    assert!(said.contains("users: ") && !said.contains("users_export"), "{said}");
}

#[test]
fn a_dry_run_tells_what_a_sync_would_do() {
    let place = place(150);
    let rehearse = |args: &[&str]| {
        let text = place.good(&[&["sync", "users", "logs", "roles", "--dry-run"], args].concat());
        // Digests change with the spec.
        text.split_inclusive(['{', ','])
            .filter(|part| !part.starts_with("\"fingerprint\"") && !part.starts_with("\"arguments\""))
            .collect::<String>()
    };
    snapshot("dry_run_before", &rehearse(&["--limit", "10"]));
    assert!(!place.folder.path().join("auth0_data").exists(), "a rehearsal makes nothing");
    let nothing = place.run(&["show"]);
    assert_eq!(nothing.code, Some(3));
    snapshot("nothing_to_show", &nothing.err);
    place.good(&["sync", "users", "logs"]);
    snapshot("dry_run_after", &rehearse(&["--disposition", "append"]));
    snapshot("dry_run_full_refresh", &rehearse(&["--full-refresh", "--to", "jsonl:elsewhere"]));
    snapshot("dry_run_since", &rehearse(&["--since", "log|0000000020"]));
    place.good(&["sync", "logs", "--limit", "10", "--to", "parquet:cut"]);
    snapshot("dry_run_cut_short", &rehearse(&["--to", "parquet:cut"]));
}

#[test]
fn since_is_where_a_run_starts() {
    let place = place(150);
    let count = |said: &str| said.lines().nth(1).and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    let some = place.good(&["sync", "logs", "--since", "log|0000000099", "--disposition", "append"]);
    let next = place.good(&["sync", "logs", "--disposition", "append"]);
    assert_eq!((count(&some), count(&next)), (Some(50), Some(0)), "{some}{next}");
    // Merged rows are there once, whatever is read again.
    let again = place.good(&["sync", "logs", "--since", "log|0000000049", "--to", "parquet:merged"]);
    let more = place.good(&["sync", "logs", "--since", "log|0000000009", "--to", "parquet:merged"]);
    assert_eq!((count(&again), count(&more)), (Some(100), Some(140)), "{again}{more}");
    assert!(place.good(&["show", "--to", "parquet:merged"]).starts_with("logs: 140 rows"));

    let twice = place.run(&["sync", "logs", "--since", "log|0000000099", "--disposition", "append"]);
    assert_eq!(twice.code, Some(3));
    snapshot("since_appended", &twice.err);
    let none = place.run(&["sync", "roles", "--since", "2024-01-01"]);
    assert_eq!(none.code, Some(3));
    snapshot("since_without_cursor", &none.err);
}

#[test]
fn a_failure_does_not_stop_the_others_and_decides_how_the_program_ends() {
    let place = place(30);
    let some = place.run(&["sync", "users", "action_bindings", "roles", "--report", "report.json"]);
    assert_eq!(some.code, Some(3));
    snapshot("failure", &some.err);
    let report = std::fs::read_to_string(place.folder.path().join("report.json")).expect("there is a report");
    let report: Value = serde_json::from_str(&report).expect("it is JSON");
    let told: Vec<_> = ["resource", "rows", "failure"]
        .iter()
        .map(|key| (0..3).map(|at| report[at][key].to_string()).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(told, ["\"users\" \"action_bindings\" \"roles\"", "30 0 30", "null \"config\" null"]);

    for (args, expected) in [
        (&["sync", "--no-such-flag"] as &[&str], 2),
        (&["no-such-command"], 2),
        (&["read", "users", "--format", "xml"], 2),
        (&["sync", "no_such_resource"], 3),
        (&["sync", "users", "--to", "nowhere"], 3),
        (&["sync", "users", "--dry-run", "--to", "nowhere:there"], 3),
        (&["check", "users", "--set", "no_such_input=1"], 3),
        (&["check", "users", "action_bindings"], 3),
        (&["check", "users"], 0),
        (&["--help"], 0),
    ] {
        let said = place.run(args);
        assert_eq!(said.code, Some(expected), "{args:?}: {}", said.err);
    }
}

#[test]
fn what_may_succeed_later_is_told_from_what_may_not() {
    // Nobody waits so long, and nobody has to change anything.
    let busy = "429:every=1,retry-after=90000".parse().expect("a fault");
    let place = Place::new(Options { records: 3, faults: vec![busy], ..Options::default() });
    for args in [&["check", "users"] as &[&str], &["read", "users"], &["sync", "users"], &["plan", "users"]] {
        let said = place.run(args);
        assert_eq!(said.code, Some(4), "{args:?}: {}", said.err);
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_commits_what_is_complete() {
    let place = Place::new(Options { records: 400, latency: Duration::from_millis(50), ..Options::default() });
    // Each member is a request of its own: the whole takes far longer than until the first line on the folder.
    let mut process = place.start(&["sync", "logs", "organization_members", "--disposition", "append"]);
    std::thread::sleep(Duration::from_millis(1500));
    let told = std::process::Command::new("kill").args(["-INT", &process.id().to_string()]).status();
    assert!(told.is_ok_and(|status| status.success()));
    let status = process.wait().expect("it ends");
    let mut said = String::new();
    process.stderr.take().expect("it is piped").read_to_string(&mut said).expect("it is text");
    assert_eq!(status.code(), Some(4), "{said}");
    assert!(said.contains("stopping: what is complete is committed") && said.contains("stopped before the end"), "{said}");
    let rest = place.good(&["sync", "logs", "organization_members", "--disposition", "append"]);
    assert!(place.good(&["show"]).contains("logs: 400 rows"), "{rest}");
    let whole = place.good(&["sync", "organization_members", "--to", "parquet:whole"]);
    let rows = |text: &str| {
        text.lines().find_map(|line| line.strip_prefix("organization_members: ")?.split(' ').next()?.parse::<u64>().ok())
    };
    assert_eq!(rows(&place.good(&["show"])), rows(&place.good(&["show", "--to", "parquet:whole"])), "{whole}");
}

#[test]
fn who_reads_no_further_is_no_failure() {
    let place = place(2000);
    let mut process = place.start(&["read", "users"]);
    let mut first = [0; 10];
    process.stdout.take().expect("it is piped").read_exact(&mut first).expect("there are rows");
    let output = process.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn state_is_shown_set_and_reset() {
    let place = place(150);
    place.good(&["sync", "logs", "roles"]);
    let shown = |args: &[&str]| -> Vec<Value> {
        let lines = place.good(&[&["state", "show"], args].concat());
        lines.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    };
    let state = shown(&["logs"])[0]["state"].as_str().expect("the log has a cursor").to_owned();
    assert_eq!(shown(&["roles"]), [serde_json::json!({"resource": "roles"})], "what is read as a whole has none");
    assert!(shown(&[]).len() > 10, "all are shown unless some are named");
    assert_eq!(place.run(&["state", "show", "no_such"]).code, Some(3));

    let loaded = || place.good(&["sync", "logs"]).lines().nth(1).and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    assert_eq!(loaded(), Some(0));
    place.good(&["state", "reset", "logs"]);
    assert_eq!(shown(&["logs"]), [serde_json::json!({"resource": "logs"})]);
    place.good(&["state", "set", "logs", &state]);
    assert_eq!((shown(&["logs"])[0]["state"].as_str(), loaded()), (Some(state.as_str()), Some(0)));
    place.good(&["state", "reset", "logs"]);
    assert_eq!(loaded(), Some(150), "they come again, and are merged");
    assert!(place.good(&["show"]).contains("logs: 150 rows"));

    for (args, reason) in [
        (["roles", &state], "`roles` has no cursor"),
        (["logs", &state.replace("\"logs\"", "\"users\"")], "the state is one of `users`, and not of `logs`"),
        (["logs", "yesterday"], "the text is no state"),
        (["no_such", &state], "no_such"),
    ] {
        let said = place.run(&[&["state", "set"], &args as &[&str]].concat());
        assert!(said.code == Some(3) && said.err.contains(reason), "{args:?}: {}", said.err);
    }
}

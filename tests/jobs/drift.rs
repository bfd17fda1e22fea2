//! What is told of the records of a job's file that are not as their schema says.

use jobs::Client;
use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::support::wait;

/// What a service that has changed writes to a file.
const ENTRIES: [&str; 4] = [
    r#"{"id": "a", "kind": "open", "count": 1, "parts": [{"size": 1}]}"#,
    r#"{"id": "b", "kind": "frozen", "count": null, "note": "x"}"#,
    r#"{"id": "c", "kind": "lost", "count": 3, "parts": [{"size": "large", "colour": 1}, {"colour": null}]}"#,
    r#"{"id": "d", "count": "4"}"#,
];

/// A service whose jobs are done at once.
fn service() -> Server {
    Server::start(|request| match (request.method.as_str(), request.path.as_str()) {
        ("POST", _) => Answer::json(r#"{"id": "1"}"#),
        (_, "/v1/entries/1") => Answer::json(r#"{"state": "done", "files": ["/lines"], "document": "/document"}"#),
        (_, "/lines") => Answer::json(ENTRIES.join("\n") + "\n"),
        _ => Answer::json(format!(r#"{{"entries": [{}]}}"#, ENTRIES.join(", "))),
    })
}

fn expected(fingerprint: &Value) -> Value {
    json!({"fingerprint": fingerprint, "records": 4, "drift": [
        {"path": "count", "kind": "null", "count": 1, "types": ["null"], "values": []},
        {"path": "count", "kind": "mismatch", "count": 1, "types": ["string"], "values": []},
        {"path": "kind", "kind": "new_enum_value", "count": 2, "types": ["string"], "values": ["frozen", "lost"]},
        {"path": "note", "kind": "unknown_field", "count": 1, "types": ["string"], "values": []},
        {"path": "parts[].colour", "kind": "unknown_field", "count": 2, "types": ["null", "integer"], "values": []},
        {"path": "parts[].size", "kind": "mismatch", "count": 1, "types": ["string"], "values": []},
    ]})
}

/// Each form of a file, read with and without a runtime, tells the same by path.
#[test]
fn a_client_tells_where_records_of_files_are_not_as_the_spec_says() {
    let server = service();
    let client = Client::builder().token("secret").base_url(server.url("/v1")).build().expect("every input is given");
    macro_rules! check {
        ($($list:ident),+) => {$(
            for way in ["async", "blocking"] {
                let read = match way {
                    "async" => wait(client.$list().items().collect()).expect("a good job").len(),
                    _ => client.$list().blocking().items().map(|it| it.expect("a good job")).count(),
                };
                assert_eq!(read, 4, "{} {way}", stringify!($list));
                let report: Value = serde_json::from_str(&client.take_drift().to_json()).expect("a report is JSON");
                let of_list = &report["resources"][stringify!($list)];
                assert_eq!(*of_list, expected(&of_list["fingerprint"]), "{} {way}", stringify!($list));
                assert!(of_list["fingerprint"].is_string());
            }
        )+};
    }
    check!(entries, entry_documents, named_entries);
    assert!(client.drift().is_empty());
}

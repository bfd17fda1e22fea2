//! What a generated client tells of an API that is not as its spec says: over a socket, from a service that has changed.

#[path = "support/replay_server.rs"]
mod server;

use std::path::Path;

use auth0::{Client, DriftKind};
use server::{Answer, Server};
use tapwright::learn;

const CANARY: &str = "canary-91c4";

/// A service whose applications have a new field, a new kind, and values that do not fit.
fn service() -> Server {
    serving(format!(
        r#"{{"clients": [
            {{"client_id": "a", "app_type": "watch", "client_secret": "{CANARY}", "colour": "{CANARY}"}},
            {{"client_id": "b", "app_type": "spa", "signing_keys": [{{"cert": "{CANARY}", "{CANARY}": 1}}], "colour": null}},
            {{"client_id": "c", "is_first_party": ["{CANARY}"], "jwt_configuration": {{"alg": "ES512", "x": {{}}}}}}
        ]}}"#
    ))
}

/// A service that answers whatever it is asked with the same page.
fn serving(page: String) -> Server {
    Server::start(move |request| match request.path.as_str() {
        "/oauth/token" => {
            Answer::json(r#"{"access_token": "the-token-of-the-service", "token_type": "Bearer", "expires_in": 3600}"#)
        }
        _ => Answer::json(page.clone()),
    })
}

fn client(server: &Server) -> Client {
    let client = Client::builder().domain("tenant-a.eu.auth0.com").client_id("an id").client_secret("a secret");
    client.base_url(server.url("/api/v2")).build().expect("a client")
}

#[tokio::test]
async fn a_client_tells_where_records_are_not_as_the_spec_says() {
    let server = service();
    let client = client(&server);
    let read = client.clone().clients().items().collect().await.expect("all applications");
    assert_eq!(read.len(), 3);

    let report = client.drift();
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).expect("a report is JSON");
    let fingerprint = json["resources"]["clients"]["fingerprint"].as_str().expect("a fingerprint").to_owned();
    assert_eq!(
        json,
        serde_json::json!({"connector": "auth0", "resources": {"clients": {"fingerprint": fingerprint, "records": 3, "drift": [
            {"path": "app_type", "kind": "new_enum_value", "count": 1, "types": ["string"], "values": ["watch"]},
            {"path": "colour", "kind": "unknown_field", "count": 2, "types": ["null", "string"], "values": []},
            {"path": "is_first_party", "kind": "mismatch", "count": 1, "types": ["array"], "values": []},
            {"path": "jwt_configuration.alg", "kind": "new_enum_value", "count": 1, "types": ["string"], "values": ["ES512"]},
            {"path": "jwt_configuration.x", "kind": "unknown_field", "count": 1, "types": ["object"], "values": []},
            {"path": "signing_keys[].*", "kind": "unknown_field", "count": 1, "types": ["integer"], "values": []},
        ]}}})
    );
    for text in [report.to_string(), report.to_json(), format!("{report:?}")] {
        assert!(!text.contains(CANARY), "{text}");
    }
    let kinds: Vec<DriftKind> =
        report.resources().flat_map(|(_, resource)| resource.drift.iter().map(|entry| entry.kind)).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == DriftKind::UnknownField).count(), 3);

    assert_eq!(client.take_drift(), report);
    assert!(client.drift().is_empty());
}

/// What is left out of records is told as well where a run reads a second time.
#[test]
fn blocking_reads_count_to_the_same_report() {
    let server = service();
    let client = client(&server);
    for _ in 0..2 {
        assert_eq!(client.clients().blocking().items().filter_map(Result::ok).count(), 3);
    }
    let report = client.drift();
    let (name, resource) = report.resources().next().expect("a resource");
    assert_eq!((name, resource.records, resource.drift[0].count), ("clients", 6, 2));
}

/// What a client tells is what `gen learn` makes a change of the spec of.
#[tokio::test]
async fn a_spec_learns_from_what_a_client_tells() {
    let server = service();
    let client = client(&server);
    client.clients().items().collect().await.expect("all applications");

    let report = learn::report::read(&client.drift().to_json()).expect("a report");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/auth0.yaml");
    let spec = std::fs::read_to_string(&path).expect("the spec");
    let learnt = learn::learn(&path, &spec, &report.resources);
    let told: Vec<(String, bool)> =
        learnt.outcomes.iter().map(|outcome| (learn::shown(&outcome.drift.path), outcome.left.is_none())).collect();
    let told: Vec<(&str, bool)> = told.iter().map(|(path, is_taken)| (path.as_str(), *is_taken)).collect();
    assert!(told.contains(&("colour", true)) && told.contains(&("app_type", true)), "{told:?}");
    assert!(learnt.text.contains("colour: ") && learnt.text.contains("watch"), "{told:?}");
    assert!(!learnt.text.contains(CANARY));
    // What was learnt is known.
    let again: Vec<_> = learn::learn(&path, &learnt.text, &report.resources).outcomes;
    assert!(again.iter().all(|outcome| outcome.left.is_some()), "{again:?}");
}

/// A name that is no word is written by a run and read by `gen learn` in the same way.
#[tokio::test]
async fn a_name_with_odd_letters_is_learnt() {
    let server = serving(r#"{"clients": [{"client_id": "a", "it's a \"key\".": 1}]}"#.to_owned());
    let client = client(&server);
    client.clients().items().collect().await.expect("all applications");
    let report = learn::report::read(&client.drift().to_json()).expect("a report");
    let [(_, drift)] = report.resources.as_slice() else { panic!("{report:?}") };
    assert_eq!(drift[0].path, [learn::Step::Key("it's a \"key\".".to_owned())]);
}

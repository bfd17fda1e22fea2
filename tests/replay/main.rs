//! Recorded traffic of the Auth0 Management API, held against the spec and played to the generated crate.
//!
//! The recordings lie beside the project and are no part of it: without them the tests say that they were skipped.

mod chain;
mod fit;
mod jobs;
mod odd;
mod read;
mod recording;
mod script;
#[path = "../support/replay_server.rs"]
mod server;

use std::path::Path;

use chain::Chain;
use fit::{Findings, fit};
use recording::Recording;
use script::Script;
use server::{Answer, Server};
use tapwright::diagnostic::Diagnostics;
use tapwright::model::{Api, Type};
use tapwright::source::Sources;

fn api() -> Api {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/auth0.yaml");
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = tapwright::load(&path, &mut sources, &mut diagnostics);
    api.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false)))
}

/// No list is passed over: what is no list is known by name.
#[test]
fn every_recorded_list_belongs_to_a_resource() {
    let Some(recordings) = recording::recordings("every_recorded_list_belongs_to_a_resource") else { return };
    let api = api();
    let (chains, others) = chain::chains(&api, &recordings);
    let lists: usize = chains.iter().map(|chain| chain.pages.len()).sum();
    assert_eq!((chains.len(), lists), (56, 61));
    for (name, exchange) in others {
        let is_list = exchange.json().is_some_and(|body| {
            body.is_array() || body.as_object().is_some_and(|body| body.contains_key("total") || body.contains_key("next"))
        });
        let is_known = ["/users-by-email", "/errors"].iter().any(|end| exchange.path.ends_with(end));
        assert!(!is_list || is_known, "{name}: GET {} is a list of no resource", exchange.path);
    }
    for chain in &chains {
        for page in &chain.pages {
            let body = page.json().unwrap_or_else(|| panic!("{}: no JSON", chain.recording));
            assert!(chain::rows(chain.resource(&api), &body).is_some(), "{}: no selector leads to records", chain.recording);
        }
    }
}

/// No recorded value has a type that the spec would refuse, and no recorded key is missing from it.
#[test]
fn every_recorded_record_fits_its_schema() {
    let Some(recordings) = recording::recordings("every_recorded_record_fits_its_schema") else { return };
    let api = api();
    let (chains, _) = chain::chains(&api, &recordings);
    let mut findings = Findings::default();
    for chain in &chains {
        let ty = chain.resource(&api).operation.response.as_ref().expect("a schema");
        for record in chain.expected(&api) {
            fit(&api.types, ty, false, &record, &chain.resource, &mut findings);
        }
    }
    fit_single_records(&api, &recordings, &mut findings);
    assert_eq!(findings.misfits.iter().collect::<Vec<_>>(), [""; 0]);
    assert_eq!(findings.unknown.iter().collect::<Vec<_>>(), [""; 0]);
}

/// Answers that hold one record, of reads, creations and changes.
fn fit_single_records(api: &Api, recordings: &[Recording], findings: &mut Findings) {
    let mut fitted = 0;
    for exchange in recordings.iter().flat_map(|recording| &recording.exchanges) {
        let segments: Vec<&str> = exchange.path.trim_start_matches("/api/v2/").split('/').collect();
        let schema = match segments.as_slice() {
            ["users"] if exchange.method == "POST" => "User",
            ["clients"] if exchange.method == "POST" => "Application",
            ["organizations"] if exchange.method == "POST" => "Organization",
            ["connections"] if exchange.method == "POST" => "Connection",
            ["resource-servers"] if exchange.method == "POST" => "ResourceServer",
            ["clients", _] => "Application",
            ["actions", "actions", _] => "Action",
            ["users", _, "authentication-methods", _] => "AuthenticationMethod",
            _ => continue,
        };
        let Some(body) = exchange.json() else { continue };
        let types = api.types.iter();
        let mut named = types.filter(|(_, def)| matches!(def.path.value.as_slice(), [name] if name == schema));
        let (id, _) = named.next().unwrap_or_else(|| panic!("no schema {schema}"));
        fit(&api.types, &Type::Named(id), false, &body, schema, findings);
        fitted += 1;
    }
    assert!(fitted > 40, "{fitted}");
}

/// Every reader is for a resource of the spec, and every resource has a reader.
#[test]
fn every_resource_can_be_read() {
    // Jobs are read in another way; `jobs` is about them.
    let (jobs, lists): (Vec<_>, Vec<_>) = api().resources.into_iter().partition(|resource| resource.job.is_some());
    assert_eq!(jobs.iter().map(|resource| resource.operation.name.as_str()).collect::<Vec<_>>(), ["users_export"]);
    let mut resources: Vec<String> = lists.iter().map(|resource| resource.operation.name.value.clone()).collect();
    let mut readers: Vec<&str> = read::RESOURCES.to_vec();
    resources.sort();
    readers.sort_unstable();
    assert_eq!(resources, readers);
}

#[tokio::test]
async fn recorded_lists_come_through_the_generated_crate() {
    let Some(recordings) = recording::recordings("recorded_lists_come_through_the_generated_crate") else { return };
    let (api, token) = (api(), script::token(&recordings));
    for chain in chain::chains(&api, &recordings).0 {
        play(&api, &chain, &token, "as recorded").await;
    }
}

#[test]
fn recorded_lists_come_through_the_blocking_client() {
    let Some(recordings) = recording::recordings("recorded_lists_come_through_the_blocking_client") else { return };
    let (api, token) = (api(), script::token(&recordings));
    for chain in chain::chains(&api, &recordings).0 {
        let what = format!("{} of {}", chain.resource, chain.recording);
        let server = serve(&api, &chain, &token);
        read::read_blocking(&client(&server), &chain, &chain.expected(&api), &what);
        script::check(&server.requests(), &token, &what);
    }
}

#[tokio::test]
async fn odd_forms_of_recorded_lists_do_no_harm() {
    let Some(recordings) = recording::recordings("odd_forms_of_recorded_lists_do_no_harm") else { return };
    let (api, token) = (api(), script::token(&recordings));
    let (chains, _) = chain::chains(&api, &recordings);
    for oddity in odd::ODDITIES {
        let odd: Vec<_> = chains.iter().filter_map(|chain| oddity.of(chain, &api)).collect();
        assert!(!odd.is_empty(), "no recording can have it that {}", oddity.name);
        for chain in odd {
            play(&api, &chain, &token, oddity.name).await;
        }
    }
}

/// The one operation among the recorded reads.
#[tokio::test]
async fn users_are_found_by_their_address() {
    let Some(recordings) = recording::recordings("users_are_found_by_their_address") else { return };
    let token = script::token(&recordings);
    let mut exchanges = recordings.iter().flat_map(|recording| &recording.exchanges);
    let found = exchanges.find(|exchange| exchange.path.ends_with("/users-by-email")).expect("a recorded answer");
    let (email, body) = (found.param("email").expect("an address").to_owned(), found.body.clone());
    let server = Server::start({
        let (email, token) = (email.clone(), token.clone());
        move |request| match request.path.as_str() {
            "/oauth/token" => Answer::json(&token),
            "/api/v2/users-by-email" if request.param("email") == Some(&email) => Answer::json(&body),
            other => panic!("asked for {other}"),
        }
    });
    let users = client(&server).users_by_email(email.as_str()).await.expect("users");
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].email, Some(email));
    script::check(&server.requests(), &token, "users_by_email");
}

/// Recorded refusals of the token endpoint are told as they were, and are not repeated.
#[tokio::test]
async fn refused_credentials_are_told_as_the_service_tells_it() {
    let Some(recordings) = recording::recordings("refused_credentials_are_told_as_the_service_tells_it") else { return };
    let refused = recordings.iter().flat_map(|recording| &recording.exchanges);
    let refused: Vec<_> = refused.filter(|exchange| exchange.path == "/oauth/token" && exchange.status >= 400).collect();
    assert!(!refused.is_empty());
    for exchange in refused {
        let answer: serde_json::Value = serde_json::from_str(&exchange.body).expect("JSON");
        let (status, body) = (exchange.status, exchange.body.clone());
        let server = Server::start(move |_| Answer { status, ..Answer::json(&body) });
        let error = client(&server).users().items().try_next().await.expect_err("a refusal");
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.code(), answer["error"].as_str());
        assert!(error.to_string().contains(answer["error_description"].as_str().expect("a description")), "{error}");
        assert_eq!(server.requests().len(), 1);
    }
}

/// Plays a chain, reads its resource, and holds records and requests against the recording.
async fn play(api: &Api, chain: &Chain, token: &str, what: &str) {
    let what = format!("{} of {}, {what}", chain.resource, chain.recording);
    let server = serve(api, chain, token);
    read::read(&client(&server), chain, &chain.expected(api), &what).await;
    script::check(&server.requests(), token, &what);
}

fn serve(api: &Api, chain: &Chain, token: &str) -> Server {
    let script = Script::new(api, chain, token);
    Server::start(move |request| script.answer(request))
}

fn client(server: &Server) -> auth0::Client {
    let client = auth0::Client::builder().domain("tenant-a.eu.auth0.com").client_id("an id").client_secret("a secret");
    client.base_url(server.url("/api/v2")).build().expect("a client")
}

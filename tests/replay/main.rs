//! Recorded traffic of the Auth0 Management API, held against the spec and played to the generated crate.
//!
//! The recordings lie beside the project and are no part of it: without them the tests say that they were skipped.

mod chain;
mod fit;
mod recording;
mod script;
mod server;

use std::path::Path;

use fit::{Findings, fit};
use recording::Recording;
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

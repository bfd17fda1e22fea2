//! References across files, and parts of a document.

use std::path::Path;

use tapwright::diagnostic::Diagnostics;
use tapwright::model::Api;
use tapwright::source::Sources;
use tapwright::{EmitOptions, LoadOptions};

fn fixture(name: &str, only: &[&str]) -> (Option<Api>, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/documents").join(name);
    let text = std::fs::read_to_string(&path).expect("the fixture is there");
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let options = LoadOptions { only: only.iter().map(|&pattern| pattern.to_owned()).collect() };
    let api = tapwright::load_text_with(&path, &text, &options, &mut sources, &mut diagnostics);
    (api, diagnostics.render(&sources, false))
}

fn operations(api: &Api) -> Vec<&str> {
    let listed = api.resources.iter().map(|resource| resource.operation.name.as_str());
    listed.chain(api.operations.iter().map(|operation| operation.name.as_str())).collect()
}

#[test]
fn references_lead_into_other_files() {
    let (api, shown) = fixture("split/openapi.yaml", &[]);
    assert_eq!(shown, "");
    let api = api.expect("a good document");
    assert!(operations(&api).contains(&"getVisit"), "{:?}", operations(&api));
    let tree = tapwright::emit(&api, &EmitOptions { spec: "openapi.yaml".to_owned() }, &mut Diagnostics::default());
    // `Visit` is in one file, the `Guest` that it holds in another, which leads back to the first.
    let text = |path: &str| String::from_utf8_lossy(tree.get(path).expect("a model of another file")).into_owned();
    let visit = text("src/models/visit.rs");
    assert!(visit.contains("pub guest: Guest"), "{visit}");
    let guest = text("src/models/guest.rs");
    assert!(guest.contains("Vec<Visit>"), "{guest}");
}

#[test]
fn references_to_other_machines_are_refused() {
    let (api, shown) = fixture("remote.yaml", &[]);
    assert!(api.is_none());
    assert!(shown.contains("error[TW231]") && shown.contains("remote.yaml:13:"), "{shown}");
}

#[test]
fn a_part_of_a_document_is_taken_by_patterns() {
    for (only, expected) in [
        (&["tag:events"][..], &["listEvents", "createEvent", "getEvent"][..]),
        (&["path:/tickets*"], &["buyTicket"]),
        (&["/tickets*"], &["buyTicket"]),
        (&["operation:get*"], &["getHours", "getEvent"]),
        (&["schema:Ticket"], &["buyTicket"]),
        (&["getHours", "path:/tickets"], &["getHours", "buyTicket"]),
    ] {
        let (api, shown) = fixture("museum.yaml", only);
        let api = api.unwrap_or_else(|| panic!("{only:?}\n{shown}"));
        let mut found = operations(&api);
        found.retain(|name| !name.is_empty());
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        // A list goes by the name of what it lists.
        let named = |name| match name {
            "events" => "listEvents",
            "hours" => "getHours",
            other => other,
        };
        let mut found: Vec<&str> = found.into_iter().map(named).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{only:?}");
    }
    // Only what is reachable is written.
    let (api, _) = fixture("museum.yaml", &["tag:hours"]);
    let tree = tapwright::emit(
        &api.expect("a good document"),
        &EmitOptions { spec: "museum.yaml".to_owned() },
        &mut Diagnostics::default(),
    );
    assert!(tree.get("src/models/ticket.rs").is_none() && tree.get("src/models/hours.rs").is_some());
}

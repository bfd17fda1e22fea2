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
    // `Visit` is in one file, the `Guest` that it holds in another, which leads back to the first.
    has(&api, &[("models/visit", "pub guest: Guest"), ("models/guest", "Vec<Visit>")]);
}

/// Holds the files of a crate to it that they have these words.
fn has(api: &Api, words: &[(&str, &str)]) {
    let tree = tapwright::emit(api, &EmitOptions { spec: "openapi.yaml".to_owned() }, &mut Diagnostics::default());
    for (file, words) in words {
        let text = tree.get(&format!("src/{file}.rs")).unwrap_or_else(|| panic!("no {file}"));
        let text = String::from_utf8_lossy(text);
        assert!(text.contains(*words), "{words} in {file}:\n{text}");
    }
}

/// All paths and all schemas in files of their own, named as keywords are, and named by a tag.
#[test]
fn files_may_be_anything_that_a_document_has() {
    let (api, shown) = fixture("folders/openapi.yaml", &[]);
    assert_eq!(shown, "");
    let api = api.expect("a good document");
    assert_eq!(operations(&api), ["pets", "changePet", "getPet"]);
    has(
        &api,
        &[
            ("models/pet", "pub default: Option<CoatColor>"),
            ("models/coat_color", "Black"),
            ("models/kind", r#"w.tagged("species", "canine", value)"#),
            ("models/kind", r#"w.tagged("species", "bovine", value)"#),
            ("models/failure", "pub reason"),
            ("operations/get_pet", "GetPet, Pet"),
            // It is the same both ways, and one type.
            ("operations/change_pet", "body: &Pet)"),
            ("client", "X-Key"),
        ],
    );
}

#[test]
fn files_of_swagger_are_read_as_the_document_is() {
    let (api, shown) = fixture("swagger/swagger.yaml", &[]);
    assert!(!shown.contains("TW234"), "{shown}");
    let api = api.expect("a good document");
    let mut found = operations(&api);
    found.sort_unstable();
    assert_eq!(found, ["addPet", "list_adopted", "pets"]);
    has(&api, &[("operations/add_pet", "body: &Pet"), ("resources/pets", r#""page""#)]);
}

/// What 3.1 and 3.2 have and 3.0 has not.
#[test]
fn references_lead_by_anchors_and_ids_and_to_media_types() {
    let (api, shown) = fixture("dialect.yaml", &[]);
    assert!(!shown.contains("error") && !shown.contains("TW234"), "{shown}");
    let api = api.expect("a good document");
    has(
        &api,
        &[
            ("resources/pets", r#""next_cursor""#),
            // What stands beside a reference is added to it.
            ("models/pet", "pub species: Option<String>"),
            ("operations/add_photo", r#"files: &["photo"]"#),
            ("models/pet", "pub keeper: Option<Keeper>"),
            ("models/family", "pub children: Option<Vec<Family>>"),
            // Any animal may be there, with what it has more than others.
            ("models/animal", "pub rest: BTreeMap<String, Json>"),
            // A question that is sent as a body is a list as any other, and may be asked again.
            ("resources/keepers", r#"Operation::other("QUERY", "keepers", "/keepers")"#),
            ("resources/keepers", r#".at(Slot::Body(&[Key("page")]))"#),
            ("resources/keepers", ".idempotent(true)"),
            // Each member of the object is a parameter.
            ("operations/search", r#"Param::query("question").spread(&Members)"#),
        ],
    );
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
    let (api, shown) = fixture("folders/openapi.yaml", &["schema:coat-color"]);
    assert_eq!(api.as_ref().map(operations), Some(vec!["pets", "changePet", "getPet"]), "{shown}");
    // Only what is reachable is written.
    let (api, _) = fixture("museum.yaml", &["tag:hours"]);
    let tree = tapwright::emit(
        &api.expect("a good document"),
        &EmitOptions { spec: "museum.yaml".to_owned() },
        &mut Diagnostics::default(),
    );
    assert!(tree.get("src/models/ticket.rs").is_none() && tree.get("src/models/hours.rs").is_some());
}

//! Projections: what `project!` declares, what is read and asked for, and what the compiler says of one that is wrong.
//!
//! The crate is `tests/generated/projections`, compiled from `tests/fixtures/projections.yaml`.

mod messages;
#[path = "../support/one_answer.rs"]
mod one_answer;

use std::collections::BTreeMap;

use projections::rt::reader::Reader;
use projections::{Client, Error, project};

project! {
    /// Whom to write to.
    #[derive(PartialEq)]
    pub struct Contact from people {
        /// Who.
        id,
        name as called,
        age: i64,
        bool,
        type_,
        pin,
        addresses: [Address { city, street: String }],
        by_use as uses: [City { city }],
        boss: Boss { name, home: Home { city } },
        notes.plan as plan: Option<String>,
        notes.limits.calls as calls: Option<i64>,
        notes,
    }
}

project! {
    struct Id from people { id }
}

project! { struct Member from members { rooms_id as room, name } }

fn read(text: &str) -> Result<Contact, String> {
    Reader::new(text).read().map_err(|fault| fault.to_string())
}

#[test]
fn the_fields_that_are_named_are_read() {
    let contact = read(
        r#"{"tags": {"of": "another type"}, "notes": {"plan": "gold", "limits": {"calls": 7, "more": []}, "x": 1}, "age": "41",
            "id": "p1", "bool": true, "type": "staff", "pin": "1234", "changed": 7, "name": null,
            "addresses": [{"city": "Ulm", "zip": 1, "street": "A"}, {"street": "B"}],
            "by_use": {"home": {"city": "Rom"}}, "boss": {"id": "p2", "name": "Ada", "home": {"city": "Bern"}}}"#,
    )
    .expect("a contact");
    assert_eq!(contact.id, "p1");
    assert_eq!(contact.called, None);
    assert_eq!((contact.age, contact.bool, contact.type_.as_deref()), (41, Some(true), Some("staff")));
    let addresses = contact.addresses.as_deref().expect("addresses");
    assert_eq!(addresses[0], Address { city: Some("Ulm".to_owned()), street: "A".to_owned() });
    assert_eq!((addresses[1].city.as_deref(), addresses[1].street.as_str()), (None, "B"));
    assert_eq!(contact.uses, Some(BTreeMap::from([("home".to_owned(), City { city: Some("Rom".to_owned()) })])));
    let home = Some(Home { city: Some("Bern".to_owned()) });
    assert_eq!(contact.boss, Some(Boss { name: Some("Ada".to_owned()), home }));
    assert_eq!((contact.plan.as_deref(), contact.calls), (Some("gold"), Some(7)));
    assert_eq!(contact.notes.as_ref().map(|notes| notes.text().len()), Some(60));
    assert!(!format!("{contact:?}").contains("1234"), "what is sensitive is not shown");
}

#[test]
fn a_value_that_is_wanted_and_not_there_is_named_by_its_path() {
    for (text, expected) in [
        (r#"{"age": 1}"#, "`id` is required, but missing or null at `$.id` (byte 0)"),
        (r#"{"id": "p1"}"#, "`age` is required, but missing or null at `$.age` (byte 0)"),
        (r#"{"id": "p1", "age": null}"#, "`age` is required, but missing or null at `$.age` (byte 20)"),
        (
            r#"{"id": "p1", "age": 1, "addresses": [{"street": "A"}, {"city": "Ulm"}]}"#,
            "`street` is required, but missing or null at `$.addresses[1].street` (byte 54)",
        ),
        (
            r#"{"id": "p1", "age": 1, "notes": {"limits": {"calls": "many"}}}"#,
            "expected a whole number, found a string at `$.notes.limits.calls` (byte 53)",
        ),
        (r#"{"id": "p1", "age": 1, "notes": {"limits": 5}}"#, "expected an object, found a number at `$.notes.limits` (byte 43)"),
    ] {
        assert_eq!(read(text).expect_err(text), expected);
    }
    for text in [
        r#"{"id": "p1", "age": 1}"#,
        r#"{"id": "p1", "age": 1, "notes": null}"#,
        r#"{"id": "p1", "age": 1, "notes": {"limits": null}}"#,
    ] {
        let contact = read(text).expect(text);
        assert_eq!((contact.plan, contact.calls), (None, None), "{text}");
    }
}

/// What a call asks for, and what it gives.
fn asked<T>(answer: &str, call: impl FnOnce(&Client) -> Result<T, Error>) -> (String, T) {
    let (sent, result) = one_answer::exchange(200, "application/json", answer.as_bytes(), |base| {
        call(&Client::builder().base_url(base).build().expect("a client"))
    });
    assert_eq!(sent.text(), "");
    (sent.target().to_owned(), result.expect("records"))
}

#[test]
fn only_what_is_read_is_asked_for() {
    let page = r#"{"data": [{"id": "p1", "changed": "2026-01-01T00:00:00Z"}, {"id": "p2", "changed": "2026-01-02T00:00:00Z"}]}"#;
    let ids = |client: &Client| {
        let ids: Result<Vec<String>, Error> =
            client.people().project::<Id>().blocking().items().map(|person| person.map(|person| person.id)).collect();
        ids
    };
    let (target, found) = asked(page, ids);
    assert_eq!(found, ["p1", "p2"]);
    // The cursor and the key are looked at by the run itself.
    assert_eq!(target, "GET /people?fields=id%2Cchanged");

    // A caller who names fields is taken at his word.
    let (target, _) = asked(page, |client| client.people().param("fields", "id,changed,x").project::<Id>().blocking().page());
    assert_eq!(target, "GET /people?fields=id%2Cchanged%2Cx");
    let (target, _) = asked(page, |client| client.people().blocking().page());
    assert_eq!(target, "GET /people");
}

#[test]
fn what_is_added_to_records_is_not_asked_for() {
    let key = projections::resources::ALL.iter().find(|resource| resource.operation.name == "members").expect("the list");
    let keys = <Member as projections::rt::codec::Record>::KEYS;
    assert_eq!(key.asked.expect("a parameter").names(keys.iter().map(|key| key.name)), "name");
}

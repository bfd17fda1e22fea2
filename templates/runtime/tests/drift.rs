//! Drift: what is counted where records are not as their schema says, and what each contract makes of it.

mod paged;

use std::sync::Arc;

use paged::{Model, leak, ok};
use tapwright_runtime::rt::codec::{Choice, Fields, Key, Record};
use tapwright_runtime::rt::core::{Core, CoreBuilder};
use tapwright_runtime::rt::descriptor::{Api, Columns, Contract, Input, InputKind, Operation, Resource, Segment::Key as At};
use tapwright_runtime::rt::drift::{Drift, DriftEntry, DriftKind};
use tapwright_runtime::rt::error::ErrorKind;
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::listing::Listing;
use tapwright_runtime::rt::ndjson::NDJSON;
use tapwright_runtime::rt::open_enum::open_enum;
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::steps::{Step, Steps};
use tapwright_runtime::rt::value::Json;

#[derive(Clone, Debug, PartialEq)]
enum State {
    Active,
    Other(Box<str>),
}

impl State {
    fn as_str(&self) -> &str {
        match self {
            Self::Active => "active",
            Self::Other(text) => text,
        }
    }
}

impl From<&str> for State {
    fn from(text: &str) -> Self {
        if text == "active" { Self::Active } else { Self::Other(text.into()) }
    }
}

open_enum!(State);

/// A record with a table, whose fields are read in its order.
macro_rules! record {
    ($name:ident: $($index:literal $key:expr => $field:ident: $type:ty,)+) => {
        #[derive(Clone, Debug, Default, PartialEq)]
        struct $name { $($field: $type),+ }

        impl Record for $name {
            const KEYS: &'static [Key] = &[$($key),+];
        }

        impl Fields for $name {
            fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
                match index {
                    $($index => r.fill(&mut self.$field),)+
                    _ => r.skip_unknown(),
                }
            }
        }
    };
}

record! { User:
    0 Key::required("id") => id: i64,
    1 Key::non_null("name") => name: Option<String>,
    2 Key::optional("note") => note: Option<String>,
    3 Key::non_null("state") => state: Option<State>,
    4 Key::non_null("identities") => identities: Option<Vec<Identity>>,
    5 Key::non_null("labels") => labels: Option<std::collections::BTreeMap<String, Identity>>,
    6 Key::non_null("tags") => tags: Option<Vec<String>>,
    7 Key::optional("secret").sensitive() => secret: Option<State>,
    8 Key::optional("vault").sensitive() => vault: Option<Identity>,
    9 Key::optional("login") => login: Option<Login>,
}

record! { Identity:
    0 Key::non_null("provider") => provider: Option<String>,
    1 Key::optional("state") => state: Option<State>,
}

record! { Phone: 0 Key::required("number") => number: String, }
record! { Mail: 0 Key::required("address") => address: String, }

#[derive(Clone, Debug, PartialEq)]
enum Login {
    Phone(Phone),
    Mail(Mail),
    Other(Json),
}

impl Default for Login {
    fn default() -> Self {
        Self::Other(Json::default())
    }
}

impl Record for Login {
    const CHOICE: Option<&'static Choice> = Some(&Choice { names: &["Phone", "Mail"], key: "", tags: &[], any: false });
}

impl Fields for Login {
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.put(self, Self::Phone),
            1 => r.put(self, Self::Mail),
            _ => r.put(self, Self::Other),
        }
    }
}

/// A list of users that is one page.
fn users(columns: Columns, contract: Contract) -> Resource {
    let operation = Operation::get("users", "/users").without_auth();
    Resource { operation, selectors: &[&[At("users")]], columns, contract, fingerprint: "f1", ..Resource::LIST }
}

fn answer(body: &str) -> Arc<Core> {
    let body = body.to_owned();
    Model::new(move |_| ok(body.clone())).client()
}

/// What is read of a page: the numbers of its users, why it ended, and the client.
fn read(resource: Resource, body: &str) -> (Vec<i64>, Option<String>, Arc<Core>) {
    let core = answer(body);
    let mut ids = Vec::new();
    for user in Listing::<User>::new(Arc::clone(&core), leak(resource)).blocking().items() {
        match user {
            Ok(user) => ids.push(user.id),
            Err(error) => return (ids, Some(error.to_string()), core),
        }
    }
    (ids, None, core)
}

fn told(drift: &Drift) -> Vec<String> {
    let tell = |entry: &DriftEntry| {
        let DriftEntry { path, kind, count, types, values, .. } = entry;
        format!("{path} {} {count} [{}] [{}]", kind.as_str(), types.join(" "), values.join(" "))
    };
    drift.resources().flat_map(|(_, resource)| resource.drift.iter().map(tell)).collect()
}

fn drift_of(user: &str) -> Vec<String> {
    let (ids, error, core) = read(users(Columns::Evolve, Contract::DiscardValue), &format!(r#"{{"users":[{{"id":1,{user}}}]}}"#));
    assert_eq!((ids, error), (vec![1], None), "{user}");
    told(&core.drift())
}

#[test]
fn each_kind_is_counted_at_its_path() {
    let cases: &[(&str, &[&str])] = &[
        (r#""name":"a","note":null,"login":null"#, &[]),
        (r#""x":1"#, &["x unknown_field 1 [integer] []"]),
        (r#""secret":"active","x":1"#, &["x unknown_field 1 [integer] []"]),
        (r#""vault":{"provider":"p"},"x":1"#, &["x unknown_field 1 [integer] []"]),
        (r#""x":1.5,"x":"s","x":null"#, &["x unknown_field 3 [null number string] []"]),
        (r#""odd key":[]"#, &[r#"["odd key"] unknown_field 1 [array] []"#]),
        (r#""identities":[{"x":true},{"x":{}}]"#, &["identities[].x unknown_field 2 [boolean object] []"]),
        (r#""labels":{"a":{"x":1},"b":{"x":2}}"#, &["labels.*.x unknown_field 2 [integer] []"]),
        (r#""state":"gone""#, &["state new_enum_value 1 [string] [gone]"]),
        (r#""identities":[{"state":"a\u0062"},{"state":"active"}]"#, &["identities[].state new_enum_value 1 [string] [ab]"]),
        (r#""name":null"#, &["name null 1 [null] []"]),
        (r#""identities":[{"provider":null}]"#, &["identities[].provider null 1 [null] []"]),
        (r#""name":5"#, &["name mismatch 1 [integer] []"]),
        (r#""tags":["a",5.0]"#, &["tags[] mismatch 1 [number] []"]),
        (r#""tags":["a",null]"#, &["tags[] null 1 [null] []"]),
        (r#""identities":[{"provider":{}},{"provider":[]}]"#, &["identities[].provider mismatch 2 [array object] []"]),
        (r#""labels":{"a":5}"#, &["labels.* mismatch 1 [integer] []"]),
        // One of several types: what was noted of the others is forgotten.
        (r#""login":{"address":"a","x":1}"#, &["login.x unknown_field 1 [integer] []"]),
        (r#""login":{"address":"a"}"#, &[]),
        (r#""login":{"x":1}"#, &["login mismatch 1 [object] []"]),
    ];
    for (user, expected) in cases {
        assert_eq!(drift_of(user), *expected, "{user}");
    }
}

/// The contracts, a page, the users that are given, how the error begins, what is counted, and of how many records.
type Case<'c> = (Columns, Contract, &'c str, &'c [i64], Option<&'c str>, &'c [&'c str], u64);

#[test]
fn contracts_decide_and_everything_is_counted() {
    use Columns::{DiscardRow, DiscardValue, Evolve, Freeze};
    const UNKNOWN: &str = r#"{"users":[{"id":1},{"id":2,"identities":[{"x":1}],"y":2},{"id":3}]}"#;
    const MISFIT: &str = r#"{"users":[{"id":1},{"id":2,"name":7},{"id":3}]}"#;
    const REQUIRED: &str = r#"{"users":[{"id":1},{"name":"a"},{"id":null},{"id":"x"},{"id":3}]}"#;
    let both: &[&str] = &["identities[].x unknown_field 1 [integer] []", "y unknown_field 1 [integer] []"];
    let name: &[&str] = &["name mismatch 1 [integer] []"];
    let id: &[&str] = &["id null 2 [null absent] []", "id mismatch 1 [string] []"];
    let refused = "users: `identities[].x` is a field that the schema does not know at `$.users[1]`";
    let unfit = "users: expected a string, found a number at `$.users[1].name`";
    let missing = "users: `id` is required, but missing or null at `$.users[1].id`";
    let cases: &[Case<'_>] = &[
        (Evolve, Contract::Freeze, UNKNOWN, &[1, 2, 3], None, both, 3),
        (Freeze, Contract::Freeze, UNKNOWN, &[1], Some(refused), both, 2),
        (Freeze, Contract::DiscardValue, UNKNOWN, &[1], Some(refused), both, 2),
        (DiscardRow, Contract::Freeze, UNKNOWN, &[1, 3], None, both, 3),
        (DiscardRow, Contract::DiscardValue, UNKNOWN, &[1, 3], None, both, 3),
        (DiscardValue, Contract::Freeze, UNKNOWN, &[1, 2, 3], None, &[], 3),
        (Evolve, Contract::Freeze, MISFIT, &[1], Some(unfit), name, 2),
        (DiscardRow, Contract::DiscardRow, MISFIT, &[1, 3], None, name, 3),
        (Freeze, Contract::DiscardValue, MISFIT, &[1, 2, 3], None, name, 3),
        (Evolve, Contract::Freeze, REQUIRED, &[1], Some(missing), &["id null 1 [absent] []"], 2),
        (Evolve, Contract::DiscardRow, REQUIRED, &[1, 3], None, id, 5),
        (Evolve, Contract::DiscardValue, REQUIRED, &[1, 3], None, id, 5),
    ];
    for (columns, contract, body, ids, error, expected, records) in cases {
        let case = format!("{columns:?} {contract:?} {body}");
        let (read, told_error, core) = read(users(*columns, *contract), body);
        assert_eq!(read, *ids, "{case}");
        assert!(told_error.as_deref().unwrap_or_default().starts_with(error.unwrap_or_default()), "{case}: {told_error:?}");
        assert_eq!(told_error.is_some(), error.is_some(), "{case}: {told_error:?}");
        assert_eq!(told(&core.drift()), *expected, "{case}");
        assert_eq!(core.drift().resources().map(|(_, resource)| resource.records).sum::<u64>(), *records, "{case}");
    }
}

#[test]
fn a_refused_field_is_a_failure_to_decode() {
    let core = answer(r#"{"users":[{"id":1,"x":1}]}"#);
    let listing = Listing::<User>::new(core, leak(users(Columns::Freeze, Contract::DiscardRow)));
    let error = listing.blocking().items().next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[test]
fn rows_and_steps_are_counted_as_pages_are() {
    const ROWS: &str = "{\"id\":1,\"x\":1}\n{\"id\":2,\"name\":7}\n{\"id\":3}\n";
    let expected = ["name mismatch 1 [integer] []", "x unknown_field 1 [integer] []"];
    for contract in [Contract::DiscardRow, Contract::DiscardValue] {
        let ids: &[i64] = if contract == Contract::DiscardRow { &[1, 3] } else { &[1, 2, 3] };
        for columns in [Columns::Evolve, Columns::DiscardRow] {
            let ids: Vec<i64> = ids.iter().copied().filter(|id| columns == Columns::Evolve || *id != 1).collect();
            let rows = Resource { selectors: &[&[]], decoder: Some(&NDJSON), ..users(columns, contract) };
            let stepped = Resource { steps: Some(&STEPS), ..users(columns, contract) };
            let stepped_rows =
                Resource { steps: Some(&STEPS), selectors: &[&[]], decoder: Some(&NDJSON), ..users(columns, contract) };
            let page = format!(r#"{{"users":[{}]}}"#, ROWS.trim().replace('\n', ","));
            for (resource, body) in [(rows, ROWS), (stepped, page.as_str()), (stepped_rows, ROWS)] {
                let case = format!("{resource:?}");
                let (read, error, core) = read(resource, body);
                assert_eq!((read, error), (ids.clone(), None), "{case}");
                assert_eq!(told(&core.drift()), expected, "{case}");
                assert_eq!(core.drift().resources().map(|(_, resource)| resource.records).sum::<u64>(), 3, "{case}");
            }
        }
    }
}

/// Steps that change nothing.
static STEPS: Steps = Steps(&[Step::Drop(&[At("nothing")])]);

#[test]
fn neither_secrets_nor_values_of_unknown_fields_are_told() {
    const CANARY: &str = "canary-5f2e";
    let long = "x".repeat(100);
    let body = format!(
        r#"{{"users":[{{"id":1,"x":"{CANARY}","y":["{CANARY}"],"secret":"{CANARY}","vault":{{"state":"{CANARY}","{CANARY}":1}},
        "name":["{CANARY}"],"labels":{{"{CANARY}":5}},"tags":{{"{CANARY}":5}},"login":{{"x":"{CANARY}"}},"state":"{long}","{long}":1}},
        {{"id":"{CANARY}"}}]}}"#
    );
    let (_, _, core) = read(users(Columns::Evolve, Contract::DiscardValue), &body);
    let drift = core.drift();
    assert_eq!(
        told(&drift),
        [
            "* unknown_field 1 [integer] []",
            "id mismatch 1 [string] []",
            "labels.* mismatch 1 [integer] []",
            "login mismatch 1 [object] []",
            "name mismatch 1 [array] []",
            "secret new_enum_value 1 [string] []",
            "state new_enum_value 1 [string] []",
            "tags mismatch 1 [object] []",
            "vault.* unknown_field 1 [integer] []",
            "vault.state new_enum_value 1 [string] []",
            "x unknown_field 1 [string] []",
            "y unknown_field 1 [array] []",
        ]
    );
    for text in [drift.to_json(), drift.to_string(), format!("{drift:?}")] {
        assert!(!text.contains(CANARY) && !text.contains(&long), "{text}");
    }
}

#[test]
fn the_secrets_of_the_client_are_not_told() {
    static INPUTS: &[Input] = &[Input { name: "key", env: "MODEL__KEY", secret: true, default: None, kind: InputKind::Text }];
    static KEYED: Api = Api { inputs: INPUTS, ..paged::PLAIN };
    let model = Model::new(|_| ok(r#"{"users":[{"id":1,"state":"s3cr3t-key","s3cr3t-key":1}]}"#));
    let core = CoreBuilder::new(&KEYED).input("key", "s3cr3t-key").blocking_transport(model).build().unwrap();
    let listing = Listing::<User>::new(Arc::clone(&core), leak(users(Columns::Evolve, Contract::Freeze)));
    assert_eq!(listing.blocking().items().count(), 1);
    assert_eq!(told(&core.drift()), ["* unknown_field 1 [integer] []", "state new_enum_value 1 [string] []"]);
}

#[test]
fn paths_and_values_are_bounded() {
    let members: Vec<String> = (0..1000).map(|number| format!("\"x{number}\":{number}")).collect();
    let states: Vec<String> = (0..100).map(|number| format!(r#"{{"id":2,"state":"s{number}"}}"#)).collect();
    let body = format!(r#"{{"users":[{},{{"id":1,{}}}]}}"#, states.join(","), members.join(","));
    let (_, _, core) = read(users(Columns::Evolve, Contract::Freeze), &body);
    let drift = core.drift();
    let resource = drift.resources().next().unwrap().1.clone();
    assert!(resource.drift.len() <= 257, "{}", resource.drift.len());
    let count = |kind| resource.drift.iter().filter(|entry| entry.kind == kind).map(|entry| entry.count).sum::<u64>();
    assert_eq!((count(DriftKind::UnknownField), count(DriftKind::NewEnumValue)), (1000, 100));
    assert!(resource.drift.iter().any(|entry| entry.path == "(other)" && entry.count > 700));
    let state = resource.drift.iter().find(|entry| entry.path == "state").unwrap();
    assert_eq!((state.values.len(), state.values[0].as_str()), (8, "s0"));
}

#[test]
fn clones_count_together_and_a_report_can_be_taken() {
    let core = answer(r#"{"users":[{"id":1,"state":"a\"b"},{"id":2,"x":null}]}"#);
    assert!(core.drift().is_empty());
    assert_eq!(core.drift().to_string(), "no drift");
    let resource: &'static Resource = leak(users(Columns::Evolve, Contract::Freeze));
    for _ in 0..2 {
        assert_eq!(Listing::<User>::new(Arc::clone(&core), resource).blocking().items().count(), 2);
    }
    let drift = core.drift();
    assert_eq!(
        drift.to_json(),
        concat!(
            r#"{"connector":"model","resources":{"users":{"fingerprint":"f1","records":4,"drift":["#,
            r#"{"path":"state","kind":"new_enum_value","count":2,"types":["string"],"values":["a\"b"]},"#,
            r#"{"path":"x","kind":"unknown_field","count":2,"types":["null"],"values":[]}]}}}"#
        )
    );
    let table = "resource  path   kind            count  of  found\n\
                 users     state  new_enum_value  2      4   a\"b\n\
                 users     x      unknown_field   2      4   null";
    assert_eq!(drift.to_string(), table);
    assert_eq!(core.take_drift(), drift);
    assert!(core.take_drift().is_empty());
}

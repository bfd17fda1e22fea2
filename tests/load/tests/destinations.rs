//! Loads of the auth0 crate into every destination, from a mock over sockets: every record once, whatever happens in between.

use std::sync::Arc;

use auth0::load::{Disposition, Nested, Options, Progress};
use tapwright::mock;
use tapwright_load::World;
use tapwright_load::places::{FOLDERS, Place, databases};
use tapwright_load::rows::assert_same;

/// All kinds of places.
fn places() -> impl Iterator<Item = &'static str> {
    FOLDERS.into_iter().chain(databases())
}

/// Whether rows of a kind of place can be merged.
fn merges(kind: &str) -> bool {
    !matches!(kind, "jsonl" | "csv")
}

/// The lists that are loaded, and what becomes of the rows that are there.
const LISTS: [(&str, Disposition); 4] = [
    ("users", Disposition::Replace),
    ("clients", Disposition::Append),
    ("logs", Disposition::Append),
    ("organization_members", Disposition::Merge),
];

#[test]
fn what_is_loaded_is_what_there_is() {
    let world = World::new(350);
    for kind in places() {
        let place = Place::new(kind);
        for (resource, disposition) in
            LISTS.into_iter().filter(|(_, disposition)| merges(kind) || *disposition != Disposition::Merge)
        {
            let options = Options { package_bytes: Some(40_000), disposition: Some(disposition), ..Options::default() };
            let loaded = world.load(resource, &place.to, options);
            assert!(loaded.error.is_none(), "{kind}, {resource}: {:?}", loaded.error);
            assert!(loaded.packages > 2, "{kind}, {resource}: in several packages");
            assert_eq!(loaded.rejected.count(), 0, "{kind}, {resource}: {:?}", loaded.rejected.kept());
            if kind == "postgres" && resource == "clients" {
                // Some of its names are too long there, and can not be put together again.
                cut(&place, loaded.rows);
                continue;
            }
            let held = place.records(resource);
            assert_eq!(held.len() as u64, loaded.rows, "{kind}, {resource}");
            assert_same(held, world.records(resource), &format!("{resource} in {kind}"));
        }
    }
}

/// Names that are longer than a database takes are cut, and told apart.
fn cut(place: &Place, rows: u64) {
    let tables = place.tables();
    assert_eq!(tables["clients"].len() as u64, rows);
    let names = tables.iter().flat_map(|(name, rows)| rows.iter().flat_map(|row| row.keys()).chain([name]));
    assert_eq!(names.map(String::len).max(), Some(63));
}

#[test]
fn nothing_is_left_beside_the_files_of_tables() {
    let world = World::new(100);
    let place = Place::new("parquet");
    for (resource, disposition) in LISTS {
        let options = Options { package_bytes: Some(40_000), disposition: Some(disposition), ..Options::default() };
        assert!(world.load(resource, &place.to, options).error.is_none(), "{resource}");
    }
    for table in std::fs::read_dir(place.folder().join("_staging")).expect("the folder").flatten() {
        assert_eq!(std::fs::read_dir(table.path()).expect("the folder").count(), 0, "nothing is left in {:?}", table.path());
    }
}

/// What is within records is the same, however it is laid out.
#[test]
fn records_within_records_are_laid_out_as_is_asked() {
    let world = World::new(60);
    for (kind, nested) in
        [("parquet", Nested::Arrow), ("parquet", Nested::Tables), ("jsonl", Nested::Tables), ("sqlite", Nested::Tables)]
    {
        let place = Place::new(kind);
        for resource in ["users", "clients"] {
            let options = Options { nested: Some(nested), disposition: Some(Disposition::Replace), ..Options::default() };
            let loaded = world.load(resource, &place.to, options);
            assert!(loaded.error.is_none(), "{kind}, {resource}: {:?}", loaded.error);
            assert_same(place.records(resource), world.records(resource), &format!("{resource} in {kind} as {nested:?}"));
        }
        let tables: Vec<String> = place.tables().into_keys().collect();
        assert_eq!(tables.contains(&"users__identities".to_owned()), nested == Nested::Tables, "{tables:?}");
    }
    for kind in ["parquet", "sqlite", "csv"] {
        let place = Place::new(kind);
        let options = Options { nested: Some(Nested::Json), disposition: Some(Disposition::Replace), ..Options::default() };
        assert!(world.load("users", &place.to, options).error.is_none(), "{kind}");
        let tables = place.tables();
        assert_eq!(tables.keys().collect::<Vec<_>>(), ["users"], "{kind}");
        let identities: Vec<&str> =
            tables["users"].iter().filter_map(|user| user.get("identities")?.as_str()).filter(|text| *text != "[]").collect();
        assert!(!identities.is_empty() && identities.iter().all(|text| text.starts_with("[{")), "{kind}: {identities:?}");
    }
    let place = Place::new("sqlite");
    let options = Options { nested: Some(Nested::Arrow), ..Options::default() };
    let error = world.load("users", &place.to, options).error.expect("a table has no lists");
    assert!(error.to_string().contains("load with `--nested tables`"), "{error}");
}

#[test]
fn a_second_load_adds_what_is_new_and_repeats_nothing() {
    let world = World::new(120);
    for kind in places().filter(|kind| merges(kind)) {
        let place = Place::new(kind);
        let count = |resource: &str| place.records(resource).len();
        for (resource, disposition) in
            [("users", None), ("logs", Some(Disposition::Append)), ("roles", Some(Disposition::Replace))]
        {
            let options = || Options { disposition, ..Options::default() };
            let first = world.load(resource, &place.to, options());
            let second = world.load(resource, &place.to, options());
            assert!(first.error.is_none() && second.error.is_none(), "{kind}, {resource}: {first:?} {second:?}");
            assert_eq!(count(resource), 120, "{kind}, {resource}");
        }
        let again = world.load("logs", &place.to, Options::default());
        assert_eq!(again.rows, 0, "{kind}: the log has a cursor, and nothing came after it");
        let all = world.load("logs", &place.to, Options { full_refresh: true, ..Options::default() });
        assert_eq!(all.rows, 120, "{kind}");
        assert_eq!(count("logs"), 120, "{kind}: what is read anew takes the place of what was there");
    }
}

/// By a merge key all rows that share a value go when others with it come, but none of the same run.
#[test]
fn rows_that_share_a_value_take_each_others_place() {
    const LIST: &str = "organization_members";
    let world = |children| World::with(mock::Options { records: 60, children: Some(children), ..mock::Options::default() });
    let (many, few) = (world(5), world(2));
    for kind in places().filter(|kind| merges(kind)) {
        let place = Place::new(kind);
        for world in [&many, &few] {
            let options = Options { package_bytes: Some(4_000), ..Options::default() };
            let loaded = world.merge_by(LIST, &["_organizations_id"], &place.to, options);
            assert!(loaded.error.is_none() && loaded.packages > 2, "{kind}: {loaded:?}");
            assert_same(place.records(LIST), world.records(LIST), kind);
        }
    }
}

#[test]
fn a_load_that_is_stopped_goes_on() {
    let world = World::new(2_000);
    for kind in places() {
        for (resource, disposition) in
            [("users", None), ("logs", Some(Disposition::Append)), ("roles", Some(Disposition::Replace))]
        {
            if resource == "users" && !merges(kind) {
                continue;
            }
            let place = Place::new(kind);
            let options = Options { package_bytes: Some(30_000), disposition, ..Options::default() };
            let stop = Arc::clone(&options.stop);
            let stopping = move |loaded: &auth0::load::Loaded| {
                if loaded.rows > 500 {
                    stop.notify();
                }
            };
            let first = world.watched(resource, &place.to, options, Arc::new(stopping));
            let error = first.error.expect("it was stopped");
            assert_eq!(error.kind(), auth0::ErrorKind::Stopped, "{kind}, {resource}: {error}");
            assert!((501..2_000).contains(&first.rows), "{kind}, {resource}: {} rows", first.rows);
            let rest = world.load(resource, &place.to, Options { disposition, ..Options::default() });
            assert!(rest.error.is_none(), "{kind}, {resource}: {:?}", rest.error);
            assert_eq!(first.rows + rest.rows, 2_000, "{kind}, {resource}: none is read twice");
            assert_same(place.records(resource), world.records(resource), &format!("{kind}, {resource}"));
        }
    }
}

#[test]
fn what_can_not_be_is_an_error_that_says_why() {
    let world = World::new(10);
    let place = Place::new("jsonl");
    let merged = world.load("users", &place.to, Options::default());
    assert!(merged.error.expect("JSON lines can not be merged").to_string().contains("load to `parquet:`"));
    let place = Place::new("parquet");
    assert!(world.load("roles", &place.to, Options::default()).error.is_none());
    let refused = |to: &str| auth0::load::open(to).err().expect(to).to_string();
    let other = refused(&place.to.replace("parquet:", "jsonl:"));
    assert!(other.contains("load into another folder"), "{other}");
    for (to, reason) in [
        ("", "there is no destination ``"),
        ("parquet:", "the folder's name is missing"),
        ("sqlite:", "it takes `sqlite:FILE`"),
        ("oracle://scott:tiger@host", "there is no destination `oracle`; there are `parquet:FOLDER`"),
        ("postgres://user:s3cret@:port/x", "the address is none"),
        ("sqlite:/nowhere/at/all.db", "/nowhere/at/all.db: unable to open"),
    ] {
        let told = refused(to);
        assert!(told.contains(reason) && !told.contains("s3cret") && !told.contains("tiger"), "{to}: {told}");
    }
    let (one, two) = (tapwright_load::open(&place.to), tapwright_load::open(&place.to));
    assert!(one.set_progress("roles", None).is_ok());
    let late = two.set_progress("roles", None).expect_err("another program changed it");
    assert!(late.to_string().contains("at the same time"), "{late}");
    let needs = world.load("action_bindings", &place.to, Options::default());
    assert!(needs.error.expect("it needs an argument").to_string().contains("--arg action_bindings.triggerId=…"));
    std::fs::remove_dir_all(place.folder().join("roles")).expect("it can be removed");
    let gone = refused(&place.to);
    assert!(gone.contains("the file is gone"), "{gone}");
}

#[test]
fn a_limit_gives_a_sample_of_what_is_replaced_and_whole_pages_of_the_rest() {
    let world = World::new(700);
    let place = Place::new("parquet");
    let limit = || Options { limit: Some(130), ..Options::default() };
    let replace = |options| Options { disposition: Some(Disposition::Replace), ..options };
    assert_eq!(world.load("roles", &place.to, replace(limit())).rows, 130);
    assert_eq!(place.records("roles").len(), 130);
    assert_eq!(world.load("roles", &place.to, replace(Options::default())).rows, 700, "it begins anew");
    let first = world.load("logs", &place.to, limit());
    assert!((130..700).contains(&first.rows), "{}", first.rows);
    let rest = world.load("logs", &place.to, Options::default());
    assert_eq!(first.rows + rest.rows, 700, "it goes on");
    assert_same(place.records("logs"), world.records("logs"), "logs");
    assert!(tapwright_load::open(&place.to).progress("logs").is_ok_and(|progress| progress.state.is_some()));
}

/// What a destination says of itself, and what is forgotten.
#[test]
fn a_destination_tells_what_it_holds() {
    let world = World::new(50);
    for kind in places().filter(|kind| merges(kind)) {
        let place = Place::new(kind);
        assert!(world.load("users", &place.to, Options::default()).error.is_none(), "{kind}");
        assert!(world.load("logs", &place.to, Options { limit: Some(10), ..Options::default() }).error.is_none(), "{kind}");
        let held = || tapwright_load::open(&place.to).holdings().expect(kind);
        let rows =
            |table: &str| held().into_iter().find(|holding| holding.table == table).unwrap_or_else(|| panic!("{kind}: {table}"));
        assert_eq!((rows("users").rows, rows("users").staged), (50, 0), "{kind}");
        assert!(rows("users").last_load.is_some(), "{kind}");
        assert!(rows("logs").progress.is_some_and(|progress| progress != Progress::default()), "{kind}");
        tapwright_load::open(&place.to).set_progress("logs", None).expect(kind);
        assert!(rows("logs").progress.is_none(), "{kind}");
        assert!(rows("logs").rows > 0, "{kind}: its rows stay");
    }
}

/// What takes the place of all rows is all that there is, also of a list that is read on from where it was.
#[test]
fn a_list_with_a_cursor_is_replaced_by_all_of_it() {
    let world = World::new(50);
    for kind in places() {
        let place = Place::new(kind);
        for _ in 0..2 {
            let options = Options { disposition: Some(Disposition::Replace), ..Options::default() };
            let loaded = world.load("logs", &place.to, options);
            assert!(loaded.error.is_none() && loaded.rows == 50, "{kind}: {loaded:?}");
            assert_eq!(place.records("logs").len(), 50, "{kind}");
        }
    }
}

//! Records that do not fit: what the contract of their list makes of them in a load, and what is kept of those that are left out.

#[path = "../../support/replay_server.rs"]
mod server;

use std::sync::Arc;

use contracts::Client;
use contracts::load::{Disposition, Loaded, MergeRules, Options, SOURCES, Source, load, open};
use serde_json::{Value, json};
use server::{Answer, Server};
use tapwright_load::places::Place;
use tapwright_load::wait;

/// What the service sends: the second has a value of another type, the third lacks what has to be there.
const ITEMS: &str = r#"{"items": [
    {"id": 1, "count": 10, "note": "a"},
    {"id": 2, "count": "many", "note": "b"},
    {"count": 3},
    {"id": 4, "tags": ["x", 5], "count": null}
]}"#;

/// A service of these items, and a client of it.
fn service(items: &'static str) -> (Server, Client) {
    let server = Server::start(move |request| match request.path.as_str() {
        "/v1/items/2/parts" => Answer { status: 404, ..Answer::json("{}") },
        path if path.ends_with("/parts") => Answer::json(r#"{"items": [{"id": 7}]}"#),
        "/v1/items" => Answer::json(r#"{"items": [{"id": 1}, {"id": 2}, {"id": 3}]}"#),
        _ => Answer::json(items),
    });
    let client = Client::builder().base_url(server.url("/v1")).build().expect("it needs no input");
    (server, client)
}

fn source(list: &str) -> Source {
    **SOURCES.iter().find(|source| source.name() == list).expect("it can be loaded")
}

fn load_into(client: &Client, list: &str, place: &Place, options: Options) -> Loaded {
    load_source(client, source(list), place, options)
}

fn load_source(client: &Client, source: Source, place: &Place, options: Options) -> Loaded {
    wait(load(client, source, open(&place.to).expect("it can be opened"), options, Arc::new(|_| {})))
}

fn ids(place: &Place, list: &str) -> Vec<i64> {
    place.tables()[list].iter().map(|row| row["id"].as_i64().expect("an id")).collect()
}

/// The path, the reason and the record of each that was left out.
fn rejected(place: &Place, list: &str) -> Vec<(String, String, Option<Value>)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let rows = place.rejected(list);
    assert!(rows.iter().all(|row| row["load_id"].is_string()), "{rows:?}");
    let record = |record: &Value| serde_json::from_str(record.as_str()?).expect("it is JSON");
    rows.iter().map(|row| (text(&row["path"]), text(&row["message"]), row.get("record").and_then(record))).collect()
}

fn places() -> impl Iterator<Item = &'static str> {
    ["parquet", "jsonl"].into_iter().chain(tapwright_load::places::databases().into_iter().filter(|kind| *kind == "sqlite"))
}

#[test]
fn records_that_are_left_out_are_kept_beside_the_rows() {
    for kind in places() {
        let (_server, client) = service(ITEMS);
        let place = Place::new(kind);
        let loaded = load_into(&client, "whole", &place, Options::default());
        assert!(loaded.error.is_none(), "{kind}: {:?}", loaded.error);
        assert_eq!((loaded.rows, loaded.rejected.count()), (1, 3), "{kind}");
        assert_eq!(ids(&place, "whole"), [1], "{kind}");
        let expected = [
            ("$.items[1].count", "expected", Some(json!({"id": 2, "count": "many", "note": "b"}))),
            ("$.items[2]", "id", Some(json!({"count": 3}))),
            ("$.items[3].tags[1]", "expected", Some(json!({"id": 4, "tags": ["x", 5], "count": null}))),
        ];
        let found = rejected(&place, "whole");
        assert_eq!(found.len(), expected.len(), "{kind}: {found:?}");
        for ((path, message, record), (at, word, sent)) in found.iter().zip(&expected) {
            assert!(path.starts_with(at) && message.contains(word) && record == sent, "{kind}: {path} {message} {record:?}");
        }
        // They are not taken for rows of a table.
        let holdings = open(&place.to).expect("it can be opened").holdings().expect("it tells");
        assert!(holdings.iter().all(|holding| holding.table.starts_with("whole")), "{kind}: {holdings:?}");
    }
}

#[test]
fn values_that_are_left_out_are_kept_beside_the_rows() {
    for kind in places() {
        let (_server, client) = service(ITEMS);
        let place = Place::new(kind);
        let loaded =
            load_into(&client, "partial", &place, Options { disposition: Some(Disposition::Append), ..Options::default() });
        assert!(loaded.error.is_none(), "{kind}: {:?}", loaded.error);
        // Without a key there is no record.
        assert_eq!((loaded.rows, loaded.rejected.count()), (3, 3), "{kind}: {:?}", loaded.rejected.kept());
        assert_eq!(ids(&place, "partial"), [1, 2, 4], "{kind}");
        let paths: Vec<String> = rejected(&place, "partial").into_iter().map(|(path, ..)| path).collect();
        assert_eq!(paths.len(), 3, "{kind}: {paths:?}");
        assert_eq!((paths[0].as_str(), paths[1].as_str()), ("$.items[1].count", "$.items[2].id"), "{kind}");
        assert!(paths[2].starts_with("$.items[3].tags"), "{kind}: {paths:?}");
    }
}

/// Each load adds to what is kept, whatever becomes of the rows; one that fails adds nothing.
#[test]
fn what_is_kept_is_committed_with_the_rows() {
    for kind in places() {
        let (_server, client) = service(ITEMS);
        let place = Place::new(kind);
        for times in 1..=3 {
            let options = Options { disposition: Some(Disposition::Replace), ..Options::default() };
            assert!(load_into(&client, "whole", &place, options).error.is_none(), "{kind}");
            let mut loads: Vec<String> = place.rejected("whole").iter().map(|row| row["load_id"].to_string()).collect();
            assert_eq!((ids(&place, "whole").len(), loads.len()), (1, 3 * times), "{kind}");
            loads.dedup();
            assert_eq!(loads.len(), times, "{kind}: of a package each");
        }
        let failed = load_into(&client, "frozen", &place, Options::default());
        assert!(failed.error.is_some(), "{kind}");
        assert!(place.rejected("frozen").is_empty(), "{kind}");
    }
    // Without a row there is a package all the same.
    let (_server, client) = service(r#"{"items": [{"id": "x"}]}"#);
    let place = Place::new("parquet");
    let loaded = load_into(&client, "whole", &place, Options::default());
    assert_eq!((loaded.error.is_none(), loaded.rows, place.rejected("whole").len()), (true, 0, 1));
}

/// What nobody is to see is not kept: neither values of sensitive fields nor what steps take away.
#[test]
fn what_is_not_to_be_shown_is_not_kept() {
    const LISTS: [(&str, &str); 2] = [
        ("guarded", r#"{"items": [{"id": 1, "key": "hunter2"}, {"id": 2, "note": "hunter2"}]}"#),
        ("stepped", r#"{"items": [{"id": "x", "note": "hunter2"}]}"#),
    ];
    for kind in places() {
        let place = Place::new(kind);
        for (list, items) in LISTS {
            let (_server, client) = service(items);
            let loaded = load_into(&client, list, &place, Options::default());
            assert!(loaded.error.is_none() && loaded.rejected.count() > 0, "{kind}, {list}: {loaded:?}");
            let found = rejected(&place, list);
            assert_eq!(found.len() as u64, loaded.rejected.count(), "{kind}, {list}");
            assert!(!format!("{found:?}").contains("hunter2"), "{kind}, {list}: {found:?}");
        }
        let [(path, message, None), ..] = rejected(&place, "guarded").try_into().map(|it: [_; 2]| it).expect("two") else {
            panic!("{kind}: the record is kept");
        };
        assert_eq!(path, "$.items[0].key", "{kind}");
        assert!(message.contains("sensitive"), "{kind}: {message}");
        // After the steps the rest is there.
        assert_eq!(rejected(&place, "stepped")[0].2, Some(json!({"id": "x"})), "{kind}");
    }
}

/// A list that a rule of the spec passes over is told of.
#[test]
fn lists_that_are_passed_over_are_counted() {
    for kind in places() {
        let (_server, client) = service(ITEMS);
        let loaded = load_into(&client, "parts", &Place::new(kind), Options::default());
        assert!(loaded.error.is_none(), "{kind}: {:?}", loaded.error);
        assert_eq!((loaded.rows, loaded.skipped.count()), (2, 1), "{kind}");
        let skipped = &loaded.skipped.kept()[0];
        assert_eq!((skipped.resource.as_str(), skipped.status), ("parts", 404), "{kind}");
        assert!(skipped.partition.iter().any(|(_, value)| value == "2"), "{kind}: {skipped:?}");
    }
}

/// Columns that a table lacks, as the contract of each list has it.
const FURTHER: &str = r#"{"items": [
    {"id": 1, "note": "a"},
    {"id": 2, "note": "b", "count": 10},
    {"id": 3, "note": "c", "tags": ["x", "y"]}
]}"#;

/// The kinds of databases that can be tried here.
fn databases() -> Vec<&'static str> {
    tapwright_load::places::databases().into_iter().filter(|kind| *kind != "duckdb").collect()
}

fn append() -> Options {
    Options { disposition: Some(Disposition::Append), ..Options::default() }
}

#[test]
fn a_frozen_table_is_not_changed() {
    for (columns, found) in
        [("id BIGINT, note TEXT", "has no column `count`"), ("id BIGINT, note TEXT, count TEXT", "has the column `count` as ")]
    {
        let (_server, client) = service(FURTHER);
        let place = Place::new("sqlite");
        place.execute(&format!("CREATE TABLE frozen ({columns}); INSERT INTO frozen (id) VALUES (0)"));
        let loaded = load_into(&client, "frozen", &place, append());
        assert_eq!((loaded.rows, loaded.packages), (0, 0), "nothing is committed");
        let error = loaded.error.expect("it lacks a column").to_string();
        for part in ["the table `frozen` ", found, "`columns: freeze`", "change the table yourself", "`columns: evolve`"] {
            assert!(error.contains(part), "{error}");
        }
        assert_eq!(place.tables()["frozen"].len(), 1, "no row was written");
        // Once somebody has changed it, it goes on; our own columns are no matter of the contract.
        place.execute("DROP TABLE frozen; CREATE TABLE frozen (id BIGINT, note TEXT, count BIGINT)");
        let loaded = load_into(&client, "frozen", &place, append());
        assert_eq!((loaded.error.is_none(), ids(&place, "frozen")), (true, vec![1, 2, 3]), "{:?}", loaded.error);
        // And what we have made ourselves is as we want it.
        assert!(load_into(&client, "frozen", &place, append()).error.is_none());
    }
}

#[test]
fn a_table_grows_where_nobody_minds() {
    let server = Server::start(|_| Answer::json(FURTHER));
    let client = Client::builder().base_url(server.url("/v1")).build().expect("it needs no input");
    for kind in databases() {
        let place = Place::new(kind);
        place.execute("CREATE TABLE items (id BIGINT, note TEXT)");
        let loaded = load_into(&client, "items", &place, append());
        assert_eq!((loaded.error.is_none(), loaded.rows, loaded.rejected.count()), (true, 3, 0), "{kind}: {:?}", loaded.error);
        assert!(place.tables()["items"].iter().any(|row| row.get("count") == Some(&json!(10))), "{kind}");
    }
}

#[test]
fn values_that_a_table_has_no_column_for_are_left_out() {
    let (_server, client) = service(FURTHER);
    for kind in databases() {
        let place = Place::new(kind);
        place.execute("CREATE TABLE partial (id BIGINT, note TEXT)");
        let loaded = load_into(&client, "partial", &place, append());
        assert_eq!((loaded.error.is_none(), loaded.rows, loaded.rejected.count()), (true, 3, 1), "{kind}: {:?}", loaded.error);
        assert_eq!(ids(&place, "partial"), [1, 2, 3], "{kind}");
        assert!(place.tables()["partial"].iter().all(|row| !row.contains_key("count")), "{kind}");
        let found = rejected(&place, "partial");
        assert_eq!(found.len(), 1, "{kind}: {found:?}");
        assert_eq!(found[0].0, "$.count", "{kind}");
        assert!(
            found[0].1.contains("the table `partial` has no such column") && found[0].1.contains("a value is left out"),
            "{kind}"
        );
        // By its key a row is found, and a column of that is not left out.
        place.execute("DROP TABLE partial; CREATE TABLE partial (note TEXT)");
        let options = || Options { disposition: Some(Disposition::Merge), ..Options::default() };
        let error = load_into(&client, "partial", &place, options()).error.expect("it has no key").to_string();
        assert!(error.contains("the table `partial` has no column `id`, by which rows are found"), "{kind}: {error}");
        // Nor is one of what says which rows are deleted.
        place.execute("DROP TABLE partial; CREATE TABLE partial (id BIGINT, note TEXT)");
        let rules = MergeRules { hard_delete: Some("count"), ..MergeRules::NONE };
        let loaded = load_source(&client, source("partial").merged(rules), &place, options());
        let error = loaded.error.expect("it has no `count`").to_string();
        assert!(error.contains("no column `count`, by which rows are found, compared or taken out"), "{kind}: {error}");
    }
}

#[test]
fn records_that_a_table_has_no_column_for_are_left_out() {
    let (_server, client) = service(FURTHER);
    for kind in databases() {
        let place = Place::new(kind);
        // The lists within records as well: there is no place for an element.
        place.execute("CREATE TABLE whole (id BIGINT, note TEXT); CREATE TABLE whole__tags (mine TEXT)");
        let loaded = load_into(&client, "whole", &place, append());
        assert_eq!((loaded.error.is_none(), loaded.rows, loaded.rejected.count()), (true, 1, 2), "{kind}: {:?}", loaded.error);
        assert_eq!(ids(&place, "whole"), [1], "{kind}");
        assert!(place.tables()["whole__tags"].is_empty(), "{kind}");
        let found = rejected(&place, "whole");
        let told: Vec<_> =
            found.iter().map(|(path, _, record)| (path.as_str(), record.clone().expect("it is kept")["id"].clone())).collect();
        assert_eq!(told, [("$.count", json!(2)), ("$.value", json!(3))], "{kind}: {found:?}");
    }
}

/// Files are held to the columns of those that are there, whatever their form.
#[test]
fn a_folder_has_columns_as_well() {
    use contracts::load::Nested;
    let (_server, client) = service(FURTHER);
    let tables = || Options { nested: Some(Nested::Tables), ..append() };
    for (kind, list, rows) in ["parquet", "jsonl", "csv"]
        .into_iter()
        .flat_map(|kind| [("frozen", 0), ("partial", 3), ("whole", 2)].map(|(list, rows)| (kind, list, rows)))
    {
        let place = Place::new(kind);
        let nested = Some(if kind == "csv" { Nested::Json } else { Nested::Arrow });
        let within = || Options { nested, ..append() };
        for _ in 0..2 {
            let loaded = load_into(&client, list, &place, tables());
            assert_eq!((loaded.error.is_none(), loaded.rows), (true, 3), "{kind}, {list}: {:?}", loaded.error);
        }
        // Now the lists are a column, which the files do not have.
        let loaded = load_into(&client, list, &place, within());
        assert_eq!(loaded.rows, rows, "{kind}, {list}");
        match &loaded.error {
            Some(error) if list == "frozen" => {
                assert!(error.to_string().contains("the table `frozen` has no column `tags`"), "{kind}: {error}");
            }
            error => assert!(error.is_none(), "{kind}, {list}: {error:?}"),
        }
        assert_eq!(rejected(&place, list).len(), usize::from(list != "frozen"), "{kind}, {list}");
        assert_eq!(place.tables()[list].len() as u64, 6 + rows, "{kind}, {list}");
        // What is replaced as a whole is held to what was there, and has what it was replaced with from then on.
        let replaced = || Options { disposition: Some(Disposition::Replace), drop_tables: true, full_refresh: true, ..within() };
        for options in [replaced(), within()] {
            let loaded = load_into(&client, list, &place, options);
            assert_eq!((loaded.error.is_none(), loaded.rows), (true, 3), "{kind}, {list}: {:?}", loaded.error);
        }
    }
}

/// What is asked how far it is stays as it was, for whoever may only read.
#[test]
fn what_is_only_asked_is_not_changed() {
    for kind in databases() {
        let place = Place::new(kind);
        place.execute("CREATE TABLE items (id BIGINT)");
        let opened = open(&place.to).expect("it can be opened");
        assert_eq!(opened.progress("items").expect("it tells"), contracts::load::Progress::default(), "{kind}");
        assert_eq!(opened.holdings().expect("it tells").len(), 1, "{kind}");
        assert_eq!(place.all_tables().into_keys().collect::<Vec<_>>(), ["items"], "{kind}");
    }
}

/// Where the service has forgotten what the load before ended at, the load reads what there is and says that something may be missing.
#[test]
fn what_a_service_has_forgotten_is_told() {
    let has_grown = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let told = Arc::clone(&has_grown);
    let server = Server::start(move |request| match told.load(std::sync::atomic::Ordering::Relaxed) {
        false => Answer::json(r#"{"items": [{"id": 1}, {"id": 2}]}"#),
        true if request.query.iter().any(|(name, value)| name == "after" && value == "2") => {
            Answer { status: 410, ..Answer::json("{}") }
        }
        true => Answer::json(r#"{"items": [{"id": 8}, {"id": 9}]}"#),
    });
    let client = Client::builder().base_url(server.url("/v1")).build().expect("it needs no input");
    let place = Place::new("sqlite");
    let first = load_into(&client, "journal", &place, Options::default());
    assert!(first.error.is_none() && first.gaps.is_empty(), "{first:?}");
    has_grown.store(true, std::sync::atomic::Ordering::Relaxed);
    let second = load_into(&client, "journal", &place, Options::default());
    assert!(second.error.is_none() && ids(&place, "journal") == [1, 2, 8, 9], "{second:?}");
    let [gap] = second.gaps.as_slice() else { panic!("there is one gap: {second:?}") };
    assert!(gap.starts_with("the service has forgotten `2`") && gap.contains("may be missing"), "{gap}");
}

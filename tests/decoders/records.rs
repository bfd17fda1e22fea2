//! Every way to write records gives every record once and in order, async and blocking alike, plain and packed.

use serde_json::{Value, json};
use tapwright::mock::Options;

use crate::support::{World, client, values, wait};

/// The columns that `bare` names.
const BARE: &[&str] = &["id", "name", "active", "price", "created_at", "note", "tags", "kind"];

fn only(records: Vec<Value>, columns: &[&str]) -> Vec<Value> {
    let keep = |record: Value| match record {
        Value::Object(members) => members.into_iter().filter(|(key, _)| columns.contains(&key.as_str())).collect(),
        other => other,
    };
    records.into_iter().map(keep).collect()
}

/// Reads a resource both ways at several sizes and compares with what the server holds; packed, both ways once more.
macro_rules! every_record {
    ($($resource:ident),+ $(,)?) => {$(
        #[test]
        fn $resource() {
            for (count, gzip) in [(0_u64, false), (1, true), (7, false), (8, true), (50, false), (50, true)] {
                let world = World::new(Options { records: count, gzip, ..Options::default() });
                let mut expected = world.expected(stringify!($resource));
                if stringify!($resource) == "bare" {
                    expected = only(expected, BARE);
                }
                assert_eq!(expected.len() as u64, count);
                let read = wait(world.client.$resource().items().collect()).expect("every page is good");
                assert_eq!(values(&read), expected, "async, {count} records");
                let read: Vec<_> =
                    world.client.$resource().blocking().items().collect::<Result<_, _>>().expect("every page is good");
                assert_eq!(values(&read), expected, "blocking, {count} records");
            }
        }
    )+};
}

every_record!(documents, lines, tails, tables, bare, exports, sheets, changes);

/// Records without a schema are the lines as they are.
#[test]
fn anything() {
    let world = World::new(Options { records: 20, ..Options::default() });
    let read = wait(world.client.anything().items().collect()).expect("the page is good");
    let read: Vec<Value> = read.iter().map(|json| serde_json::from_str(json.text()).expect("JSON")).collect();
    let records = world.mock.records();
    let expected: Vec<Value> = (0..20).map(|at| records.record("anything", at, &[]).expect("a record")).collect();
    assert_eq!(read, expected);
}

/// Children that come as CSV are read for parents that do, and a field of the parent is added to each row.
#[test]
fn children() {
    let world = World::new(Options { records: 12, children: Some(3), ..Options::default() });
    let rows = wait(world.client.rows_of_tables().items().collect()).expect("every page is good");
    let tables: Vec<String> =
        world.expected("tables").iter().map(|table| table["id"].as_str().expect("a text").to_owned()).collect();
    let expected: Vec<&str> = tables.iter().flat_map(|id| [id.as_str(); 3]).collect();
    assert_eq!(rows.iter().map(|row| row.tables_id.as_str()).collect::<Vec<_>>(), expected);
    let blocking: Vec<_> =
        world.client.rows_of_tables().blocking().items().collect::<Result<_, _>>().expect("every page is good");
    assert_eq!(blocking, rows);
}

/// A reader that stops after any record goes on at the next one.
macro_rules! resumes {
    ($($test:ident $resource:ident),+ $(,)?) => {$(
        #[test]
        fn $test() {
            let world = World::new(Options { records: 16, children: Some(2), ..Options::default() });
            let all = values(&wait(world.client.$resource().items().collect()).expect("every page is good"));
            assert!(all.len() >= 16);
            for stop in 0..=all.len() {
                let mut items = world.client.$resource().blocking().items();
                for _ in 0..stop {
                    items.next().expect("there are more").expect("every page is good");
                }
                let mark = items.checkpoint().to_string();
                let listing = || {
                    let client = client(&world.mock.base_url());
                    client.$resource().resume(mark.parse().expect("a checkpoint")).expect("its own checkpoint")
                };
                let read = wait(listing().items().collect()).expect("every page is good");
                assert_eq!(values(&read), all[stop..], "stopped after {stop}");
            }
        }
    )+};
}

resumes!(lines_resume lines, tails_resume tails, tables_resume tables, children_resume rows_of_tables);

/// What the steps of the fixture make of the records of the service.
fn stepped(records: &[Value]) -> Vec<Value> {
    let mut made = Vec::new();
    for record in records.iter().filter(|record| record["active"] == true) {
        let (Some(count), Some(name)) = (record["count"].as_i64(), record["name"].as_str()) else { continue };
        for tag in record["tags"].as_array().into_iter().flatten() {
            let mut out = only(vec![record.clone()], &["id", "name", "active", "price", "created_at"]).remove(0);
            out["tag"] = tag.clone();
            out["label"] = format!("{}/{}", name.to_uppercase(), tag.as_str().expect("a text")).into();
            out["half"] = json!(f64::from(i32::try_from(count).expect("a small number")) / 2.0);
            out["count"] = count.to_string().into();
            if let Some(width) = record.pointer("/size/width") {
                out["width"] = width.clone();
            }
            made.push(out);
        }
    }
    made
}

/// Steps see the values of rows as their types have them, and a read that stops between the records of a row goes on there.
macro_rules! steps {
    ($($resource:ident),+) => {$(
        #[test]
        fn $resource() {
            let world = World::new(Options { records: 60, gzip: true, ..Options::default() });
            let expected = stepped(&world.expected(stringify!($resource)));
            assert!(expected.len() >= 16, "{} records", expected.len());
            let read = wait(world.client.$resource().items().collect()).expect("every page is good");
            assert_eq!(values(&read), expected, "async");
            for stop in 0..=expected.len() {
                let mut items = world.client.$resource().blocking().items();
                assert_eq!(items.by_ref().take(stop).flatten().count(), stop);
                let mark = items.checkpoint().to_string().parse().expect("a checkpoint");
                let rest = client(&world.mock.base_url()).$resource().resume(mark).expect("its own checkpoint");
                let rest: Vec<_> = rest.blocking().items().collect::<Result<_, _>>().expect("every page is good");
                assert_eq!(values(&rest), expected[stop..], "blocking, stopped after {stop}");
            }
        }
    )+};
}

steps!(stepped_lines, stepped_tables);

/// The incremental cursor is found in rows as it is in documents.
#[test]
fn marks_are_those_of_the_records() {
    let world = World::new(Options { records: 20, ..Options::default() });
    let mut items = world.client.changes().blocking().items();
    let records: Vec<_> = items.by_ref().take(9).collect::<Result<_, _>>().expect("every page is good");
    let ninth = records.last().map(|record| record.created_at).expect("nine records");
    let mark = items.mark().expect("a cursor");
    assert_eq!(mark.parse::<decoders::Timestamp>().expect("a moment"), ninth);
    let later: Vec<_> =
        world.client.changes().since(mark).blocking().items().collect::<Result<_, _>>().expect("every page is good");
    assert!(later.iter().all(|record| record.created_at >= ninth) && later.len() >= 12, "{} records", later.len());
}

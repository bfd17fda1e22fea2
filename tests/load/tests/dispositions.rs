//! What becomes of rows when others come, in each destination: as a model of it says, whatever comes in which order and package.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use auth0::load::{Disposition, Nested, Options, Order, Progress, Table, Target};
use tapwright::mock;
use tapwright_load::places::{Place, databases};
use tapwright_load::rows::{assert_same, records};
use tapwright_load::{World, open};

/// A record.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    key: i64,
    version: i64,
    rank: Option<&'static str>,
    deleted: Option<bool>,
    gone: Option<&'static str>,
    tags: Vec<i64>,
}

/// What the spec says of merging.
#[derive(Clone, Copy, Debug)]
struct Rules {
    disposition: Disposition,
    rank: Option<Order>,
    hard_delete: Option<&'static str>,
}

const RULES: [Rules; 7] = [
    Rules { disposition: Disposition::Merge, rank: None, hard_delete: None },
    Rules { disposition: Disposition::Merge, rank: None, hard_delete: Some("deleted") },
    Rules { disposition: Disposition::Merge, rank: None, hard_delete: Some("gone") },
    Rules { disposition: Disposition::Merge, rank: Some(Order::Descending), hard_delete: None },
    Rules { disposition: Disposition::Merge, rank: Some(Order::Ascending), hard_delete: Some("deleted") },
    Rules { disposition: Disposition::Merge, rank: Some(Order::Descending), hard_delete: Some("gone") },
    Rules { disposition: Disposition::InsertOnly, rank: None, hard_delete: None },
];

impl Rules {
    /// Whether a record counts more than one that came before it in the run.
    fn is_above(self, new: &Row, old: &Row) -> bool {
        let by_rank = match self.rank {
            None => return self.disposition != Disposition::InsertOnly,
            Some(Order::Descending) => new.rank >= old.rank,
            Some(Order::Ascending) => new.rank <= old.rank,
        };
        match (new.rank, old.rank) {
            (None, Some(_)) => false,
            (Some(_), None) => true,
            _ => by_rank,
        }
    }

    fn is_deleted(self, row: &Row) -> bool {
        match self.hard_delete {
            None => false,
            Some("deleted") => row.deleted == Some(true),
            Some(_) => row.gone.is_some(),
        }
    }

    /// What is there after a run.
    fn apply(self, there: &mut BTreeMap<i64, Row>, run: &[Vec<Row>]) {
        let mut best: BTreeMap<i64, &Row> = BTreeMap::new();
        for row in run.iter().flatten() {
            if best.get(&row.key).is_none_or(|old| self.is_above(row, old)) {
                best.insert(row.key, row);
            }
        }
        for (key, row) in best {
            if self.disposition == Disposition::InsertOnly && there.contains_key(&key) {
                continue;
            }
            if self.is_deleted(row) {
                there.remove(&key);
            } else {
                there.insert(key, row.clone());
            }
        }
    }

    fn target(self, begun: &str) -> Target {
        Target {
            resource: "items".to_owned(),
            fingerprint: "f1".to_owned(),
            disposition: self.disposition,
            recreates: false,
            key: vec!["key".to_owned()],
            merge_key: Vec::new(),
            hard_delete: self.hard_delete.map(str::to_owned),
            dedup_sort: self.rank.map(|order| ("rank".to_owned(), order)),
            valid_to: String::new(),
            begun: begun.to_owned(),
            tables: vec![
                Table { name: "items".to_owned(), schema: columns() },
                Table { name: "items__tags".to_owned(), schema: tags() },
            ],
        }
    }
}

fn schema(columns: &[(&str, DataType)]) -> Arc<Schema> {
    Arc::new(Schema::new(columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect::<Vec<_>>()))
}

fn columns() -> Arc<Schema> {
    schema(&[
        ("key", DataType::Int64),
        ("version", DataType::Int64),
        ("rank", DataType::Utf8),
        ("deleted", DataType::Boolean),
        ("gone", DataType::Utf8),
        ("_dlt_load_id", DataType::Utf8),
        ("_dlt_id", DataType::Utf8),
    ])
}

fn tags() -> Arc<Schema> {
    let [text, number] = [DataType::Utf8, DataType::Int64];
    schema(&[
        ("value", number.clone()),
        ("_dlt_root_id", text.clone()),
        ("_dlt_parent_id", text.clone()),
        ("_dlt_list_idx", number),
        ("_dlt_id", text),
    ])
}

/// The rows of each table, behind so many of the package.
fn batches(rows: &[Row], load_id: &str, before: usize) -> Vec<RecordBatch> {
    let id = |at: usize| format!("{load_id}/{}", before + at);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.key))),
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.version))),
        Arc::new(rows.iter().map(|row| row.rank).collect::<StringArray>()),
        Arc::new(rows.iter().map(|row| row.deleted).collect::<BooleanArray>()),
        Arc::new(rows.iter().map(|row| row.gone).collect::<StringArray>()),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|_| load_id))),
        Arc::new(StringArray::from_iter_values((0..rows.len()).map(id))),
    ];
    let tag = |(at, row): (usize, &Row)| -> Vec<(usize, i64, i64)> {
        row.tags.iter().zip(0..).map(|(value, place)| (at, *value, place)).collect()
    };
    let all: Vec<_> = rows.iter().enumerate().flat_map(tag).collect();
    let roots: ArrayRef = Arc::new(StringArray::from_iter_values(all.iter().map(|(at, ..)| id(*at))));
    let within: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(all.iter().map(|(_, value, _)| *value))),
        Arc::clone(&roots),
        roots,
        Arc::new(Int64Array::from_iter_values(all.iter().map(|(_, _, place)| *place))),
        Arc::new(StringArray::from_iter_values(all.iter().map(|(at, _, place)| format!("{}/{place}", id(*at))))),
    ];
    let batch = |schema, columns| RecordBatch::try_new(schema, columns).expect("the columns are those");
    vec![batch(self::columns(), columns), batch(tags(), within)]
}

/// Numbers that follow from a seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn row(&mut self, version: i64) -> Row {
        let mut number = |end: u64| i64::try_from(self.below(end)).expect("it is small");
        Row {
            key: number(6),
            version,
            // By bytes, capitals come first.
            rank: [None, Some("B"), Some("a"), Some("b"), Some("C")][usize::try_from(number(5)).expect("it is small")],
            deleted: [None, Some(false), Some(true)][usize::try_from(number(3)).expect("it is small")],
            gone: (number(4) == 0).then_some("2026-11-22"),
            tags: (0..number(3)).map(|at| version * 10 + at).collect(),
        }
    }
}

/// What a place holds: each record's key, version and tags.
fn held(place: &Place) -> Vec<(i64, i64, Vec<i64>)> {
    let mut tables = place.tables();
    let tags = tables.remove("items__tags").unwrap_or_default();
    let rows = tables.remove("items").unwrap_or_default();
    let number = |value: &serde_json::Value| value.as_i64().expect("it is a number");
    let ids: Vec<_> = rows.iter().map(|row| &row["_dlt_id"]).collect();
    assert!(tags.iter().all(|tag| ids.contains(&&tag["_dlt_root_id"])), "no row of a list is without its record");
    let of = |row: &serde_json::Map<String, serde_json::Value>| {
        let own = tags.iter().filter(|tag| tag["_dlt_root_id"] == row["_dlt_id"]);
        let mut own: Vec<i64> = own.map(|tag| number(&tag["value"])).collect();
        own.sort_unstable();
        (number(&row["key"]), number(&row["version"]), own)
    };
    let mut all: Vec<_> = rows.iter().map(of).collect();
    all.sort();
    all
}

#[test]
fn rows_meet_those_that_are_there_as_the_spec_says() {
    for kind in ["parquet"].into_iter().chain(databases()) {
        for (at, rules) in RULES.into_iter().enumerate() {
            let (place, mut numbers) = (Place::new(kind), Numbers(at as u64));
            let (mut there, mut version, mut packages) = (BTreeMap::new(), 0, 0);
            for run in 0..5 {
                let mut all: Vec<Vec<Row>> = Vec::new();
                for _ in 0..=numbers.below(3) {
                    let count = numbers.below(8);
                    let row = |_| {
                        version += 1;
                        numbers.row(version)
                    };
                    all.push((0..count).map(row).collect());
                }
                let load_id = |package: usize| format!("1763784000.{package:06}");
                // DuckDB's file is read by one at a time.
                let destination = open(&place.to);
                let mut writer = destination.writer(&rules.target(&load_id(packages)), true).expect("a writer");
                for (at, rows) in all.iter().enumerate() {
                    // In two parts, as batches are.
                    let (first, second) = rows.split_at(rows.len() / 2);
                    let id = load_id(packages);
                    writer.write(batches(first, &id, 0)).expect("rows");
                    writer.write(batches(second, &id, first.len())).expect("rows");
                    writer.commit(&id, &Progress::default(), at + 1 == all.len()).expect("a package");
                    packages += 1;
                }
                drop((writer, destination));
                rules.apply(&mut there, &all);
                let expected: Vec<_> = there.values().map(|row| (row.key, row.version, row.tags.clone())).collect();
                assert_eq!(held(&place), expected, "{kind}, {rules:?}, run {run}: {all:?}");
            }
        }
    }
}

/// The rows of the versions that are valid, as if there were no others; and how many others there are.
fn valid(place: &Place) -> (Vec<serde_json::Value>, usize) {
    let mut tables = place.tables();
    let users = tables.get_mut("users").expect("the table");
    let count = users.len();
    let is_over = |row: &serde_json::Map<String, serde_json::Value>| row.get("_dlt_valid_to").is_some_and(|to| !to.is_null());
    users.retain(|row| !is_over(row));
    for row in users.iter_mut() {
        assert!(row.remove("_dlt_valid_from").is_some_and(|from| from.is_string()));
        row.remove("_dlt_valid_to");
    }
    let ids: Vec<_> = users.iter().map(|row| row["_dlt_id"].clone()).collect();
    let over = count - users.len();
    for (_, rows) in tables.iter_mut().filter(|(name, _)| name.starts_with("users__")) {
        rows.retain(|row| ids.contains(&row["_dlt_root_id"]));
    }
    (records("users", tables), over)
}

/// What a service does not list any more is ended, what it lists again is a further version, and what is as it was stays as it is.
#[test]
fn versions_of_records_stay() {
    let world = |records, seed| World::with(mock::Options { records, seed, ..mock::Options::default() });
    let (all, few, others) = (world(60, 0), world(40, 0), world(30, 1));
    for (kind, nested) in [("parquet", Some(Nested::Arrow)), ("parquet", Some(Nested::Tables))]
        .into_iter()
        .chain(databases().into_iter().map(|kind| (kind, None)))
    {
        let place = Place::new(kind);
        for (world, over) in [(&all, 0), (&all, 0), (&few, 20), (&all, 20), (&others, 80)] {
            let options =
                || Options { disposition: Some(Disposition::Scd2), package_bytes: Some(9_000), nested, ..Options::default() };
            let stop = options();
            let told = Arc::clone(&stop.stop);
            let part = world.watched("users", &place.to, stop, Arc::new(move |_| told.notify()));
            assert!(part.error.is_some(), "{kind}: it is stopped, and nothing is ended by what is not read yet");
            let loaded = world.load("users", &place.to, options());
            assert!(loaded.error.is_none(), "{kind}: {:?}", loaded.error);
            let (valid, ended) = valid(&place);
            assert_eq!(ended, over, "{kind}");
            assert_same(valid, world.records("users"), kind);
        }
        let limited = Options { disposition: Some(Disposition::Scd2), limit: Some(5), ..Options::default() };
        let error = all.load("users", &place.to, limited).error.expect("a limit ends what is not read");
        assert!(error.to_string().contains("leave out `--limit`"), "{error}");
    }
}

/// Files without what tells versions apart were written by loads of another kind.
#[test]
fn rows_without_versions_are_told_of() {
    let world = World::new(10);
    let place = Place::new("parquet");
    let options = |disposition| Options { disposition: Some(disposition), nested: Some(Nested::Arrow), ..Options::default() };
    assert!(world.load("users", &place.to, options(Disposition::Append)).error.is_none());
    let error = world.load("users", &place.to, options(Disposition::Scd2)).error.expect("no row has an id").to_string();
    assert!(error.contains("there are rows without the column `_dlt_") && error.contains("`--full-refresh`"), "{error}");
    assert_eq!(place.tables()["users"].len(), 10, "nothing is lost");
}

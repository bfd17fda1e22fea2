//! Rows, so that those of one form can be compared with those of another.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

/// The rows of a table, column by column name.
pub type Rows = Vec<Map<String, Value>>;

/// A batch as JSON.
///
/// # Panics
///
/// Where its columns are no JSON.
#[must_use]
pub fn of_batch(batch: &RecordBatch) -> Vec<Value> {
    let mut writer = arrow_json::ArrayWriter::new(Vec::new());
    writer.write(batch).expect("columns are JSON");
    writer.finish().expect("the list ends");
    serde_json::from_slice(&writer.into_inner()).expect("it is JSON")
}

/// Holds records to others, in whatever form and order either of them has.
///
/// # Panics
///
/// Where one is missing, or there is one more.
pub fn assert_same(held: Vec<Value>, expected: Vec<Value>, what: &str) {
    let (held, expected) = (alike(held), alike(expected));
    for (held, expected) in held.iter().zip(&expected) {
        if held != expected {
            let same = held.char_indices().zip(expected.chars()).take_while(|((_, a), b)| a == b).count();
            let part = |text: &str| text.chars().skip(same.saturating_sub(60)).take(200).collect::<String>();
            panic!("{what}: there is\n  {}\nrather than\n  {}", part(held), part(expected));
        }
    }
    assert_eq!(held.len(), expected.len(), "{what}");
}

/// Records in one form, whatever they were read from: without nulls, with what is within records by its path, and names, instants and JSON
/// written in one way; in an order of their own.
#[must_use]
pub fn alike(records: Vec<Value>) -> Vec<String> {
    let mut all: Vec<String> = records.into_iter().map(|record| flat(record).to_string()).collect();
    all.sort();
    all
}

/// A record whose inner records are columns of it; by their names.
fn flat(record: Value) -> Value {
    let mut columns = BTreeMap::new();
    spread("", record, &mut columns);
    Value::Object(columns.into_iter().collect())
}

fn spread(name: &str, value: Value, columns: &mut BTreeMap<String, Value>) {
    match value {
        Value::Null => {}
        Value::Object(inner) => {
            for (key, value) in inner {
                let key = key.split("__").map(bare).collect::<Vec<_>>().join(".");
                let within = if name.is_empty() { key } else { format!("{name}.{key}") };
                spread(&within, value, columns);
            }
        }
        // A list without elements is no different from none where lists are tables.
        Value::Array(elements) if elements.is_empty() => {}
        Value::Array(elements) => {
            let elements = elements.into_iter().map(|element| match element {
                element @ Value::Object(_) => flat(element),
                element => flat(Value::Object(Map::from_iter([("value".to_owned(), element)]))),
            });
            columns.insert(name.to_owned(), Value::Array(elements.collect()));
        }
        scalar => {
            columns.insert(name.to_owned(), plain(scalar));
        }
    }
}

/// A name in one form: `isSocial` and `is_social` are one.
fn bare(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

/// A value in one form: JSON in a text is that JSON as a text, an instant has no more digits than it needs.
fn plain(value: Value) -> Value {
    let Value::String(text) = value else { return number(&value) };
    if let Ok(instant) = text.replace(' ', "T").parse::<jiff::Timestamp>() {
        return Value::String(instant.to_string());
    }
    match serde_json::from_str::<Value>(&text) {
        Ok(inner @ (Value::Object(_) | Value::Array(_))) => Value::String(sorted(inner).to_string()),
        Ok(Value::String(inner)) => Value::String(inner),
        Ok(inner) if inner.is_f64() => number(&inner),
        _ => Value::String(text),
    }
}

fn number(value: &Value) -> Value {
    match value.as_f64() {
        Some(number) if value.is_f64() => Value::String(number.to_string()),
        _ => Value::String(value.to_string()),
    }
}

/// JSON with its keys in one order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(inner) => {
            let keys: BTreeMap<String, Value> = inner.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(keys.into_iter().collect())
        }
        Value::Array(elements) => elements.into_iter().map(sorted).collect(),
        scalar => scalar,
    }
}

/// The records that tables hold: the lists within them are put back in their places.
///
/// # Panics
///
/// Where a row of a list names no row that is there, or has no place.
#[must_use]
pub fn records(resource: &str, mut tables: BTreeMap<String, Rows>) -> Vec<Value> {
    let names: Vec<String> = tables.keys().filter(|name| name.starts_with(&format!("{resource}__"))).cloned().collect();
    // What is within lists first.
    for name in names.iter().rev() {
        let Some((parent, rest)) = (0..name.len()).rev().find_map(|at| {
            let parent = name.get(..at)?;
            let rest = name.get(at..)?.strip_prefix("__")?;
            tables.contains_key(parent).then(|| (parent.to_owned(), rest.to_owned()))
        }) else {
            panic!("`{name}` is within no table")
        };
        let mut lists: BTreeMap<String, BTreeMap<u64, Value>> = BTreeMap::new();
        for mut row in tables.remove(name).unwrap_or_default() {
            let inside = text(row.remove("_dlt_parent_id"));
            let index = text(row.remove("_dlt_list_idx")).parse().expect("a number");
            assert!(row.remove("_dlt_root_id").is_some(), "a row of `{name}` names its record");
            assert!(row.remove("_dlt_id").is_some(), "a row of `{name}` has an id");
            let value = if row.len() == 1 && row.contains_key("value") { row.remove("value") } else { None };
            let before = lists.entry(inside).or_default().insert(index, value.unwrap_or(Value::Object(row)));
            assert!(before.is_none(), "two rows of `{name}` are in one place");
        }
        for row in tables.get_mut(&parent).into_iter().flatten() {
            let id = row.get("_dlt_id").and_then(Value::as_str).expect("a row has an id");
            if let Some(list) = lists.remove(id) {
                assert!(list.keys().copied().eq(0..list.len() as u64), "the places in a list of `{name}` are in a row");
                row.insert(rest.clone(), Value::Array(list.into_values().collect()));
            }
        }
        assert!(lists.is_empty(), "rows of `{name}` are in none of `{parent}`");
    }
    let mut rows = tables.remove(resource).unwrap_or_default();
    for row in &mut rows {
        assert!(row.remove("_dlt_load_id").is_some_and(|id| id.is_string()), "each row tells its load");
        row.remove("_dlt_id");
    }
    rows.into_iter().map(Value::Object).collect()
}

fn text(value: Option<Value>) -> String {
    match value {
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
        None => panic!("a row of a list names its place"),
    }
}

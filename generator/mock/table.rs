//! Pages that are no JSON documents: a record a line, or a table.

use std::ops::Range;

use serde_json::{Map, Value};

use super::{page::Asked, reply::Reply};
use crate::model::Csv;

/// A page with a JSON text on each line.
pub(super) fn lines(asked: &Asked, rows: Range<u64>) -> Reply {
    let mut body = String::new();
    for row in rows {
        asked.rows.write(&mut body, row);
        body.push('\n');
    }
    Reply { headers: vec![content_type("application/x-ndjson")], ..Reply::json(200, body) }
}

/// A page of CSV.
pub(super) fn csv(asked: &Asked, csv: &Csv, rows: Range<u64>) -> Reply {
    let records: Vec<Map<String, Value>> = rows.map(|row| record(asked, row)).collect();
    let columns = columns(asked, csv, &records);
    let mut body = String::new();
    if csv.columns.is_empty() {
        write(&mut body, csv, columns.iter().cloned());
    }
    for record in &records {
        write(&mut body, csv, columns.iter().map(|column| text(record.get(column))));
    }
    Reply { headers: vec![content_type("text/csv; charset=utf-8")], ..Reply::json(200, body) }
}

fn content_type(value: &str) -> (String, String) {
    ("content-type".to_owned(), value.to_owned())
}

fn record(asked: &Asked, row: u64) -> Map<String, Value> {
    let mut text = String::new();
    asked.rows.write(&mut text, row);
    match serde_json::from_str(&text) {
        Ok(Value::Object(record)) => record,
        Ok(value) => Map::from_iter([("value".to_owned(), value)]),
        // The records are JSON; were one none, the client would not know it.
        Err(_) => Map::new(),
    }
}

/// Those that are given, or else the fields of a record; those of the first one, where a record has no schema.
fn columns(asked: &Asked, csv: &Csv, records: &[Map<String, Value>]) -> Vec<String> {
    if !csv.columns.is_empty() {
        return csv.columns.iter().map(|column| column.value.clone()).collect();
    }
    match asked.fields {
        Some(fields) => fields.iter().map(|field| field.name.value.clone()).collect(),
        None => records.first().map_or_else(|| vec!["value".to_owned()], |record| record.keys().cloned().collect()),
    }
}

/// A value as a text; a null is an empty one.
fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn write(body: &mut String, csv: &Csv, values: impl Iterator<Item = String>) {
    let (separator, quote) = (char::from(csv.separator), char::from(csv.quote));
    for (at, value) in values.enumerate() {
        if at > 0 {
            body.push(separator);
        }
        if value.contains([separator, quote, '\r', '\n']) {
            body.push(quote);
            body.push_str(&value.replace(quote, &format!("{quote}{quote}")));
            body.push(quote);
        } else {
            body.push_str(&value);
        }
    }
    body.push_str("\r\n");
}

//! The mock of a shipped spec, and whether what was read of it is what it holds.

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_json::ArrayWriter;
use arrow_schema::{DataType, Field};
use serde_json::Value;
use tapwright::mock::{Mock, Options, Running};
use tapwright::model::{Api, Resource, RowOrder};

/// A key that was made for the tests.
pub(crate) const KEY: &str = include_str!("../../templates/runtime/tests/keys/rsa_pkcs1.pem");

/// How many records each resource has: three pages of seven, the last of which is short.
const RECORDS: u64 = 17;

/// Where the shipped specs are.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")
}

/// The mock of a spec.
pub(crate) struct World {
    pub(crate) mock: Running,
    api: Api,
}

/// What a list is expected to give: the records of a resource, of each record of a parent where it has one.
pub(crate) struct Holding {
    pub(crate) resource: &'static str,
    /// The parent, and the field of it that the resource is read for.
    pub(crate) parent: Option<(&'static str, &'static str)>,
}

impl World {
    pub(crate) fn new(name: &str) -> Self {
        let path = folder().join(format!("{name}.yaml"));
        let mut sources = tapwright::source::Sources::default();
        let mut diagnostics = tapwright::diagnostic::Diagnostics::default();
        let api = tapwright::load(&path, &mut sources, &mut diagnostics).expect("a shipped spec is a good one");
        let options = Options { records: RECORDS, ..Options::default() };
        let mock = Mock::start(api.clone(), options).expect("a loopback port is free");
        Self { mock, api }
    }

    /// Fails where records are not those that the mock holds, or came in one page though the resource has several.
    pub(crate) fn check(&self, holding: &Holding, requests: u64, read: &[Value]) {
        let name = holding.resource;
        let expected = self.expected(holding);
        assert!(!expected.is_empty(), "{name} has no records");
        assert_eq!(read.len(), expected.len(), "{name}: as many as there are");
        for (at, (read, expected)) in read.iter().zip(&expected).enumerate() {
            assert!(same(read, expected), "{name}, record {at}:\n    {read}\nis not\n    {expected}");
        }
        assert!(requests > 0, "{name} was asked for");
    }

    /// The records in the order in which the service lists them.
    fn expected(&self, holding: &Holding) -> Vec<Value> {
        let Some((parent, field)) = holding.parent else { return self.records(holding.resource, &[]) };
        let resource = self.resource(holding.resource);
        let mut all = Vec::new();
        for record in self.records(parent, &[]) {
            let id = &record[field];
            let text = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            for mut record in self.records(holding.resource, &[&text]) {
                if !resource.include.is_empty() {
                    record[format!("_{parent}_{field}")] = id.clone();
                }
                all.push(record);
            }
        }
        all
    }

    fn resource(&self, name: &str) -> &Resource {
        self.api.resource(name).expect("it is a resource")
    }

    fn records(&self, resource: &str, parent: &[&str]) -> Vec<Value> {
        let records = self.mock.records();
        let count = records.count(resource, parent).expect("it is a resource");
        let mut all: Vec<Value> = (0..count).map(|at| records.record(resource, at, parent).expect("it is a record")).collect();
        let incremental = self.resource(resource).incremental.as_ref();
        if incremental.is_some_and(|incremental| incremental.row_order == RowOrder::Descending) {
            all.reverse();
        }
        all
    }
}

/// Runs a future to its end.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// Records as JSON.
pub(crate) fn values<T: serde::Serialize>(records: &[T]) -> Vec<Value> {
    records.iter().map(|record| serde_json::to_value(record).expect("records are JSON")).collect()
}

/// The rows of a batch as JSON, those of its texts that hold JSON read.
pub(crate) fn rows(batch: &RecordBatch) -> Vec<Value> {
    let mut writer = ArrayWriter::new(Vec::new());
    writer.write(batch).expect("columns are JSON");
    writer.finish().expect("the list ends");
    let mut rows: Vec<Value> = serde_json::from_slice(&writer.into_inner()).expect("it is JSON");
    for row in &mut rows {
        for field in batch.schema().fields() {
            if let Some(value) = row.get_mut(field.name()) {
                open(value, field);
            }
        }
        // A list whose records are no objects with known keys has one column.
        if let [field] = batch.schema().fields().as_ref()
            && field.name() == "value"
            && let Some(value) = row.get_mut("value")
        {
            *row = value.take();
        }
    }
    rows
}

/// Puts what a text of JSON says in its place.
fn open(value: &mut Value, field: &Field) {
    match (field.data_type(), value) {
        (DataType::Utf8, value @ Value::String(_)) if field.metadata().get("ARROW:extension:name").is_some() => {
            *value = serde_json::from_str(value.as_str().unwrap_or_default()).expect("the text is JSON");
        }
        (DataType::List(element), Value::Array(values)) => values.iter_mut().for_each(|value| open(value, element)),
        (DataType::Struct(fields), Value::Object(values)) => {
            for field in fields {
                if let Some(value) = values.get_mut(field.name()) {
                    open(value, field);
                }
            }
        }
        _ => {}
    }
}

/// Whether a record says what the service sent. To a record, absent and null are the same, exact numbers are texts, moments are in
/// their shortest form, and a lenient field is what it should have been.
fn same(read: &Value, sent: &Value) -> bool {
    match (read, sent) {
        (Value::Object(read), Value::Object(sent)) => {
            let null = &Value::Null;
            read.keys().chain(sent.keys()).all(|key| same(read.get(key).unwrap_or(null), sent.get(key).unwrap_or(null)))
        }
        (Value::Array(read), Value::Array(sent)) => {
            read.len() == sent.len() && read.iter().zip(sent).all(|(read, sent)| same(read, sent))
        }
        _ => read == sent || text(read) == text(sent),
    }
}

/// A value that is neither object nor array as a text that tells it from others.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null | Value::Object(_) | Value::Array(_) => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let moment = text.parse::<jiff::Timestamp>().ok().map(|moment| moment.to_string());
    let number = || text.parse::<f64>().ok().map(|number| number.to_string());
    Some(moment.or_else(number).unwrap_or(text))
}

//! A mock of the `paging` spec, a client of it, and what the mock is expected to hold.

use std::path::Path;

use paging::Client;
use serde_json::Value;
use tapwright::mock::{Mock, Options, Running};
use tapwright::model::Api;

/// The `paging` spec.
pub(crate) fn api() -> Api {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/paging.yaml");
    let mut sources = tapwright::source::Sources::default();
    let mut diagnostics = tapwright::diagnostic::Diagnostics::default();
    tapwright::load(&path, &mut sources, &mut diagnostics).expect("the fixture is a good spec")
}

/// A server and a client of it.
pub(crate) struct World {
    pub(crate) mock: Running,
    pub(crate) client: Client,
}

impl World {
    /// A server that behaves as the options say.
    pub(crate) fn new(options: Options) -> Self {
        let mock = Mock::start(api(), options).expect("a loopback port is free");
        let client = client(&mock);
        Self { mock, client }
    }

    /// What the server holds of a resource without a parent.
    pub(crate) fn expected(&self, resource: &str) -> Vec<Value> {
        let records = self.mock.records();
        let count = records.count(resource, &[]).expect("it is a resource");
        (0..count).map(|at| read(records.record(resource, at, &[]).expect("it is a record"))).collect()
    }
}

/// A client of its own, with nothing remembered.
pub(crate) fn client(mock: &Running) -> Client {
    Client::builder()
        .client_id("e2e")
        .client_secret("e2e-secret")
        .base_url(mock.base_url())
        .build()
        .expect("every input is given")
}

/// Runs a future to its end.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// Records as JSON, without members that are null: absent and null are the same to a record.
pub(crate) fn values<T: serde::Serialize>(records: &[T]) -> Vec<Value> {
    records.iter().map(|record| present(serde_json::to_value(record).expect("records are JSON"))).collect()
}

/// A record as the crate gives it: the service writes the lenient field as a text now and then, serde takes a decimal as a text,
/// which keeps it exact (the server writes cents), and a moment is written in its shortest form.
fn read(mut record: Value) -> Value {
    if let Some(price) = record.get_mut("price")
        && let Some(cents) = price.as_f64()
    {
        *price = Value::String(format!("{cents:.2}"));
    }
    if let Some(active) = record.get_mut("active").filter(|active| active.is_string()) {
        *active = Value::Bool(active == "true");
    }
    if let Some(created) = record.get_mut("created_at")
        && let Some(moment) = created.as_str().and_then(|text| text.parse::<paging::Timestamp>().ok())
    {
        *created = Value::String(moment.to_string());
    }
    present(record)
}

/// A value without the members that are null, at any depth but in free JSON.
pub(crate) fn present(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key, present(value))).collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(present).collect()),
        other => other,
    }
}

//! A mock of the `decoders` spec, a client of it, and what the mock is expected to hold.

use std::path::Path;

use decoders::Client;
use serde_json::Value;
use tapwright::mock::{Mock, Options, Running};

/// A server and a client of it.
pub(crate) struct World {
    pub(crate) mock: Running,
    pub(crate) client: Client,
}

impl World {
    /// A server that behaves as the options say.
    pub(crate) fn new(options: Options) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/decoders.yaml");
        let mut sources = tapwright::source::Sources::default();
        let mut diagnostics = tapwright::diagnostic::Diagnostics::default();
        let api = tapwright::load(&path, &mut sources, &mut diagnostics).expect("the fixture is a good spec");
        let mock = Mock::start(api, options).expect("a loopback port is free");
        let client = client(&mock.base_url());
        Self { mock, client }
    }

    /// What the server holds of a resource without a parent.
    pub(crate) fn expected(&self, resource: &str) -> Vec<Value> {
        let records = self.mock.records();
        let count = records.count(resource, &[]).expect("it is a resource");
        (0..count).map(|at| read(records.record(resource, at, &[]).expect("it is a record"))).collect()
    }
}

/// A client of a service at an address.
pub(crate) fn client(base_url: &str) -> Client {
    Client::builder().base_url(base_url).build().expect("nothing is required")
}

/// Runs a future to its end.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// Records as JSON, without members that are null: absent and null are the same to a record.
pub(crate) fn values<T: serde::Serialize>(records: &[T]) -> Vec<Value> {
    records.iter().map(|record| present(serde_json::to_value(record).expect("records are JSON"))).collect()
}

/// A record as the crate gives it: a moment is written in its shortest form.
fn read(mut record: Value) -> Value {
    if let Some(created) = record.get_mut("created_at")
        && let Some(moment) = created.as_str().and_then(|text| text.parse::<decoders::Timestamp>().ok())
    {
        *created = Value::String(moment.to_string());
    }
    present(record)
}

fn present(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key, present(value))).collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(present).collect()),
        other => other,
    }
}

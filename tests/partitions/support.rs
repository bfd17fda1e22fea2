//! A mock of the `partitions` spec, a client of it, and what the mock is expected to hold.

use std::path::Path;

use partitions::{Client, ClientBuilder};
use serde_json::Value;
use tapwright::mock::{Mock, Options, Running};
use tapwright::model::Api;

fn api() -> Api {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/partitions.yaml");
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
        let client = Client::builder().base_url(mock.base_url()).build().expect("every input is given");
        Self { mock, client }
    }

    /// What makes a client of its own.
    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder().base_url(self.mock.base_url())
    }

    /// A client of its own, with nothing remembered.
    pub(crate) fn another(&self) -> Client {
        self.builder().build().expect("every input is given")
    }

    /// The records of one partition.
    pub(crate) fn records(&self, resource: &str, partition: &[String]) -> Vec<Value> {
        let records = self.mock.records();
        let partition: Vec<&str> = partition.iter().map(String::as_str).collect();
        let count = records.count(resource, &partition).expect("it is a resource");
        (0..count).map(|at| present(records.record(resource, at, &partition).expect("it is a record"))).collect()
    }

    /// The ids of the records of one partition.
    pub(crate) fn ids(&self, resource: &str, partition: &[String]) -> Vec<String> {
        self.records(resource, partition).iter().map(|record| record["id"].as_str().expect("an id").to_owned()).collect()
    }

    /// The records of some partitions, in order, with what is included.
    pub(crate) fn expected(&self, resource: &str, partitions: &[(Vec<String>, Value)]) -> Vec<Value> {
        let with = |record: Value, included: &Value| match (record, included) {
            (Value::Object(record), Value::Object(included)) => {
                Value::Object(included.clone().into_iter().chain(record).collect())
            }
            (record, _) => record,
        };
        let of = |(partition, included): &(Vec<String>, Value)| {
            self.records(resource, partition).into_iter().map(|record| with(record, included)).collect::<Vec<_>>()
        };
        partitions.iter().flat_map(of).collect()
    }
}

/// Runs a future to its end.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// Records as JSON, without members that are null: absent and null are the same to a record.
pub(crate) fn values<T: serde::Serialize>(records: &[T]) -> Vec<Value> {
    records.iter().map(|record| present(serde_json::to_value(record).expect("records are JSON"))).collect()
}

fn present(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        other => other,
    }
}

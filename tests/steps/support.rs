//! A mock of the `steps` spec, clients of it, and what the mock sends.

use std::path::Path;

use serde_json::Value;
use steps::Client;
use tapwright::mock::{Mock, Options, Running};
use tapwright::model::Api;

/// The key of the digests.
pub(crate) const KEY: &str = "s3cr3t-key";

/// The `steps` spec.
pub(crate) fn api() -> Api {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/steps.yaml");
    let mut sources = tapwright::source::Sources::default();
    let mut diagnostics = tapwright::diagnostic::Diagnostics::default();
    tapwright::load(&path, &mut sources, &mut diagnostics).expect("the fixture is a good spec")
}

/// A server, and a client without hooks of its own.
pub(crate) struct World {
    pub(crate) mock: Running,
    pub(crate) client: Client,
}

impl World {
    /// A server with so many records in each resource.
    pub(crate) fn new(records: u64) -> Self {
        let mock = Mock::start(api(), Options { records, ..Options::default() }).expect("a loopback port is free");
        let client = builder(&mock).build().expect("every input is given");
        Self { mock, client }
    }

    /// The records of a resource as the service sends them.
    pub(crate) fn sent(&self, resource: &str, parent: &[&str]) -> Vec<Value> {
        let records = self.mock.records();
        let count = records.count(resource, parent).expect("it is a resource");
        (0..count).map(|at| records.record(resource, at, parent).expect("it is a record")).collect()
    }
}

/// A client to be built.
pub(crate) fn builder(mock: &Running) -> steps::ClientBuilder {
    Client::builder().pii_key(KEY).base_url(mock.base_url())
}

/// Runs a future to its end.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// Records as JSON.
pub(crate) fn values<T: serde::Serialize>(records: &[T]) -> Vec<Value> {
    records.iter().map(|record| serde_json::to_value(record).expect("records are JSON")).collect()
}

/// A text in a record of the service.
pub(crate) fn text<'v>(record: &'v Value, field: &str) -> Option<&'v str> {
    record.get(field)?.as_str()
}

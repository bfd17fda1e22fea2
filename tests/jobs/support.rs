//! A mock of the `jobs` spec, a client of it, and what the mock is expected to hold.

use std::path::Path;

use jobs::Client;
use jobs::models::Thing;
use serde_json::Value;
use tapwright::mock::{Fault, JobOptions, Mock, Options, Running};

/// How many records every list has.
pub(crate) const RECORDS: u64 = 2_345;

/// A server and a client of it.
pub(crate) struct World {
    pub(crate) mock: Running,
    pub(crate) client: Client,
}

impl World {
    /// A server whose jobs behave as the options say.
    pub(crate) fn new(jobs: JobOptions) -> Self {
        Self::with(jobs, &[])
    }

    /// The same, where things go wrong.
    pub(crate) fn with(jobs: JobOptions, faults: &[&str]) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/jobs.yaml");
        let (mut sources, mut diagnostics) = Default::default();
        let api = tapwright::load(&path, &mut sources, &mut diagnostics).expect("the fixture is a good spec");
        let faults: Vec<Fault> = faults.iter().map(|fault| fault.parse().expect("a fault")).collect();
        let mock = Mock::start(api, Options { records: RECORDS, jobs, faults, ..Options::default() }).expect("a free port");
        let client = Client::builder().token("secret").base_url(mock.base_url()).build().expect("every input is given");
        Self { mock, client }
    }

    /// The ids of the records of a list, in order.
    pub(crate) fn expected(&self, list: &str) -> Vec<String> {
        let record = |k| self.mock.records().record(list, k, &[]).expect("it is a record");
        (0..RECORDS).map(|k| record(k).get("id").and_then(Value::as_str).expect("an id").to_owned()).collect()
    }

    /// How many requests there were of a kind.
    pub(crate) fn requests(&self, operation: &str) -> u64 {
        self.mock.stats().requests_of(operation)
    }
}

/// What identifies records.
pub(crate) fn ids<'r>(records: impl IntoIterator<Item = &'r Thing>) -> Vec<String> {
    records.into_iter().map(|record| record.id.clone()).collect()
}

/// Runs a future to its end.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(future)
}

//! A mock of the `rules` spec, and clients of it.

use std::path::Path;

use rules::{Client, ClientBuilder};
use tapwright::mock::{Fault, Mock, Options, Running};
use tapwright::model::Api;

fn api() -> Api {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rules.yaml");
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
    /// A server with so many records, on which these faults lie.
    pub(crate) fn new(records: u64, faults: &[&str]) -> Self {
        let faults = faults.iter().map(|fault| fault.parse::<Fault>().unwrap_or_else(|why| panic!("{fault}: {why}"))).collect();
        // So many that the mock itself turns nothing away, unless a test is about that.
        Self::with(Options { records, children: Some(9), faults, rate_limit: Some(1_000_000), ..Options::default() })
    }

    pub(crate) fn with(options: Options) -> Self {
        let mock = Mock::start(api(), options).expect("a loopback port is free");
        let client = builder(&mock).without_rate_limits().build().expect("every input is given");
        Self { mock, client }
    }

    /// A client that keeps to the limits of the spec.
    pub(crate) fn limited(&self) -> Client {
        builder(&self.mock).build().expect("every input is given")
    }

    /// The ids of a resource without a parent.
    pub(crate) fn ids(&self, resource: &str) -> Vec<String> {
        let records = self.mock.records();
        let count = records.count(resource, &[]).expect("it is a resource");
        let id = |at| records.record(resource, at, &[]).expect("it is a record")["id"].as_str().expect("an id").to_owned();
        (0..count).map(id).collect()
    }
}

fn builder(mock: &Running) -> ClientBuilder {
    Client::builder().client_id("rules").client_secret("canary-secret").base_url(mock.base_url())
}

/// Runs a future to its end.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(future)
}

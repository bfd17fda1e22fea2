//! A mock of Auth0, loads from it into every destination, and what is in there then.

#![forbid(unsafe_code)]

pub mod bucket;
pub mod places;
pub mod rows;
pub mod server;

use std::path::Path;
use std::sync::Arc;

use auth0::Client;
use auth0::load::{Destination, Disposition, Loaded, MergeRules, Options, Source, Watch, load};
use serde_json::Value;
use tapwright::mock::{self, Mock, Running};

/// A mock, and a client of it.
pub struct World {
    /// The mock.
    pub mock: Running,
    client: Client,
}

/// A mock of Auth0.
///
/// # Panics
///
/// Where the spec can not be read, or no port is free.
#[must_use]
pub fn mock(options: mock::Options) -> Running {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/auth0.yaml");
    let mut sources = tapwright::source::Sources::default();
    let mut diagnostics = tapwright::diagnostic::Diagnostics::default();
    let api = tapwright::load(&path, &mut sources, &mut diagnostics).expect("the spec is a good one");
    Mock::start(api, options).expect("a loopback port is free")
}

/// A client of a mock.
///
/// # Panics
///
/// Where the address is none.
#[must_use]
pub fn client(base_url: &str) -> Client {
    let builder = Client::builder().domain("acme.eu.auth0.com").client_id("id").client_secret("secret");
    builder.base_url(base_url).build().expect("every input is given")
}

impl World {
    /// With so many records of each list.
    #[must_use]
    pub fn new(records: u64) -> Self {
        Self::with(mock::Options { records, ..mock::Options::default() })
    }

    /// With a mock like that.
    #[must_use]
    pub fn with(options: mock::Options) -> Self {
        let mock = mock(options);
        let client = client(&mock.base_url());
        Self { mock, client }
    }

    /// Loads a resource.
    #[must_use]
    pub fn load(&self, resource: &str, to: &str, options: Options) -> Loaded {
        self.watched(resource, to, options, Arc::new(|_| {}))
    }

    /// Loads a resource, whose rows take the place of those that share a value of these fields.
    #[must_use]
    pub fn merge_by(&self, resource: &str, merge_key: &'static [&'static str], to: &str, options: Options) -> Loaded {
        let source = source(resource).merged(MergeRules { merge_key, ..MergeRules::NONE });
        let options = Options { disposition: Some(Disposition::Merge), ..options };
        wait(load(&self.client, source, open(to), options, Arc::new(|_| {})))
    }

    /// Loads a resource; `watch` is told how far it is.
    #[must_use]
    pub fn watched(&self, resource: &str, to: &str, options: Options, watch: Watch) -> Loaded {
        load_with(&self.client, resource, to, options, watch)
    }

    /// The records that the mock holds, as rows.
    ///
    /// # Panics
    ///
    /// Where the mock does not give them.
    #[must_use]
    pub fn records(&self, resource: &str) -> Vec<Value> {
        let batches = wait(async {
            let mut all = Vec::new();
            macro_rules! read {
                ($($name:ident),+) => {
                    match resource {
                        $(stringify!($name) => {
                            let mut batches = self.client.$name().batches();
                            while let Some(batch) = batches.try_next().await.expect("the mock is calm") {
                                all.push(batch.records);
                            }
                        })+
                        other => panic!("no resource `{other}`"),
                    }
                };
            }
            read!(users, clients, logs, roles, organization_members);
            all
        });
        batches.iter().flat_map(rows::of_batch).collect()
    }
}

/// The destination of a name and a place.
///
/// # Panics
///
/// Where it can not be opened.
#[must_use]
pub fn open(to: &str) -> Arc<dyn Destination> {
    auth0::load::open(to).expect("the destination can be opened")
}

/// Loads a resource.
///
/// # Panics
///
/// Where there is no such resource, or the destination can not be opened.
#[must_use]
pub fn load_with(client: &Client, resource: &str, to: &str, options: Options, watch: Watch) -> Loaded {
    wait(load(client, source(resource), open(to), options, watch))
}

fn source(resource: &str) -> Source {
    **auth0::load::SOURCES.iter().find(|source| source.name() == resource).expect("it can be loaded")
}

/// Runs a future to its end.
///
/// # Panics
///
/// Where the system has no thread left.
pub fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(future)
}

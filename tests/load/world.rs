//! A mock of Auth0, loads from it, and what is in the files that they wrote.

use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use auth0::Client;
use auth0::load::{Folder, Format, Loaded, Options, Watch, load};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use tapwright::mock::{self, Mock, Running};

/// A mock, and a client of it.
pub(crate) struct World {
    pub(crate) mock: Running,
    client: Client,
}

/// A client of a mock.
pub(crate) fn client(base_url: &str) -> Client {
    let builder = Client::builder().domain("acme.eu.auth0.com").client_id("id").client_secret("secret");
    builder.base_url(base_url).build().expect("every input is given")
}

impl World {
    pub(crate) fn new(options: mock::Options) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/auth0.yaml");
        let mut sources = tapwright::source::Sources::default();
        let mut diagnostics = tapwright::diagnostic::Diagnostics::default();
        let api = tapwright::load(&path, &mut sources, &mut diagnostics).expect("the spec is a good one");
        let mock = Mock::start(api, options).expect("a loopback port is free");
        let client = client(&mock.base_url());
        Self { mock, client }
    }

    pub(crate) fn folder(path: &Path) -> Folder {
        Folder::open(path, Format::Parquet).expect("the folder is a good one")
    }

    /// Loads a resource.
    pub(crate) fn load(&self, resource: &str, path: &Path, format: Format, options: Options) -> Loaded {
        self.watched(resource, path, format, options, Arc::new(|_| {}))
    }

    pub(crate) fn watched(&self, resource: &str, path: &Path, format: Format, options: Options, watch: Watch) -> Loaded {
        load_with(&self.client, resource, path, format, options, watch)
    }

    /// The records that the mock holds, in their order, as rows.
    pub(crate) fn records(&self, resource: &str) -> Vec<Value> {
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
        sorted(batches.iter().flat_map(json).collect())
    }
}

pub(crate) fn load_with(client: &Client, resource: &str, path: &Path, format: Format, options: Options, watch: Watch) -> Loaded {
    let source = auth0::load::SOURCES.iter().find(|source| source.name() == resource).expect("it can be loaded");
    let folder = Folder::open(path, format).expect("the folder is a good one");
    wait(load(client, **source, Arc::new(folder), options, watch))
}

/// The rows of a table's files, without the ids of loads, in an order of their own.
pub(crate) fn rows(folder: &Path) -> Vec<Value> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the table has a folder").flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "jsonl") {
            let text = std::fs::read_to_string(entry.path()).expect("the file can be read");
            all.extend(text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")));
        } else {
            let file = std::fs::File::open(entry.path()).expect("the file can be read");
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(ParquetRecordBatchReaderBuilder::build);
            for batch in reader.expect("it is Parquet") {
                all.extend(json(&batch.expect("it is whole")));
            }
        }
    }
    for row in &mut all {
        let id = row.as_object_mut().and_then(|row| row.remove("_dlt_load_id"));
        assert!(id.is_some_and(|id| id.is_string()), "each row tells its load");
    }
    sorted(all)
}

fn json(batch: &RecordBatch) -> Vec<Value> {
    let mut writer = arrow_json::ArrayWriter::new(Vec::new());
    writer.write(batch).expect("columns are JSON");
    writer.finish().expect("the list ends");
    serde_json::from_slice(&writer.into_inner()).expect("it is JSON")
}

fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    rows.sort_by_cached_key(Value::to_string);
    rows
}

/// Runs a future to its end.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(future)
}

//! Lists that are read by a job, and lists whose records pass through a hook: as batches, and loaded.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use steps::models::Tag;
use steps::{HookError, Hooks};
use tapwright::mock::{JobOptions, Mock, Options, Running};
use tapwright_load::places::Place;
use tapwright_load::rows::{alike, of_batch};
use tapwright_load::wait;

/// How many records every list of jobs has.
const RECORDS: u64 = 2_345;

/// A mock of a fixture.
fn mock(fixture: &str, options: Options) -> Running {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../fixtures/{fixture}.yaml"));
    let (mut sources, mut diagnostics) = Default::default();
    let api = tapwright::load(&path, &mut sources, &mut diagnostics).expect("the fixture is a good spec");
    Mock::start(api, options).expect("a loopback port is free")
}

/// A mock whose jobs behave so, and a client of it.
fn exports(jobs: JobOptions) -> (Running, jobs::Client) {
    let mock = mock("jobs", Options { records: RECORDS, jobs, ..Options::default() });
    let client = jobs::Client::builder().token("secret").base_url(mock.base_url()).build().expect("every input is given");
    (mock, client)
}

/// The records of a list, as the mock holds them.
fn sent(mock: &Running, list: &str) -> Vec<Value> {
    (0..RECORDS).map(|k| mock.records().record(list, k, &[]).expect("it is a record")).collect()
}

/// Loads a list of a crate.
macro_rules! load {
    ($api:ident, $client:expr, $list:expr, $to:expr, $options:expr) => {{
        let source = **$api::load::SOURCES.iter().find(|source| source.name() == $list).expect("it can be loaded");
        let destination = $api::load::open($to).expect("the destination can be opened");
        wait($api::load::load($client, source, destination, $options, Arc::new(|_| {})))
    }};
}

/// Batches of a list, async and blocking, as rows.
macro_rules! batches {
    ($listing:expr) => {{
        let mut batches = $listing.batches();
        let rows = wait(async {
            let mut rows = Vec::new();
            while let Some(batch) = batches.try_next().await.expect("the mock is calm") {
                rows.extend(of_batch(&batch.records));
            }
            rows
        });
        let blocking = $listing.blocking().batches().map(|batch| batch.expect("the mock is calm"));
        assert_eq!(blocking.flat_map(|batch| of_batch(&batch.records)).collect::<Vec<_>>(), rows, "blocking");
        rows
    }};
}

#[test]
fn batches_of_a_job_are_what_the_service_has() {
    for files in [1, 3] {
        let (mock, client) = exports(JobOptions { files, ..JobOptions::default() });
        assert_eq!(alike(batches!(client.lines())), alike(sent(&mock, "lines")), "lines in {files} files");
        assert_eq!(alike(batches!(client.tables())), alike(sent(&mock, "tables")), "tables in {files} files");
        assert_eq!(
            alike(batches!(client.documents().job("mine"))),
            alike(sent(&mock, "documents")),
            "documents in {files} files"
        );
        let labels = wait(client.labels().items().collect()).expect("a good job");
        let keys: Vec<String> =
            batches!(client.labels()).iter().filter_map(|row| row["key"].as_str().map(str::to_owned)).collect();
        assert_eq!(keys, labels.into_iter().map(|label| label.key).collect::<Vec<_>>(), "labels in {files} files");
    }
}

/// A batch's checkpoint is the place after its records, in the same job.
#[test]
fn batches_of_a_job_go_on_where_they_ended() {
    let (mock, client) = exports(JobOptions { files: 2, ..JobOptions::default() });
    let whole = batches!(client.lines());
    // A file at a time is whole by itself, so that batches are of whole parts of it.
    for stop in 1..=3 {
        let mut batches = client.tables().blocking().batches().rows(1);
        let read: Vec<_> = batches.by_ref().take(stop).map(|batch| batch.expect("a good job")).collect();
        let mark = read.last().expect("there is one").checkpoint.clone();
        let rest = client.tables().resume(mark).expect("it belongs here").blocking().batches();
        let rest: Vec<_> = rest.map(|batch| batch.expect("a good job")).collect();
        let rows: Vec<Value> = read.iter().chain(&rest).flat_map(|batch| of_batch(&batch.records)).collect();
        assert!(read.iter().map(|batch| batch.records.num_rows()).sum::<usize>() < rows.len(), "something is left");
        assert_eq!(alike(rows), alike(sent(&mock, "tables")), "after {stop} batches");
    }
    assert_eq!(whole.len() as u64, RECORDS);
}

#[test]
fn a_job_is_loaded() {
    for kind in ["parquet", "sqlite"] {
        let (mock, client) = exports(JobOptions { files: 2, ..JobOptions::default() });
        let place = Place::new(kind);
        for list in ["lines", "tables"] {
            // The second time takes the place of the first.
            for _ in 0..2 {
                let loaded = load!(jobs, &client, list, &place.to, jobs::load::Options::default());
                assert!(loaded.error.is_none(), "{kind}, {list}: {:?}", loaded.error);
                assert_eq!(loaded.rows, RECORDS, "{kind}, {list}");
                assert!(loaded.requests > 3, "{kind}, {list}: {} requests", loaded.requests);
            }
            assert_eq!(alike(place.records(list)), alike(sent(&mock, list)), "{list} in {kind}");
        }
    }
}

/// A load that is cut short goes on with the same job.
#[test]
fn a_job_is_not_started_again_for_what_is_left() {
    for kind in ["parquet", "sqlite"] {
        let (mock, client) = exports(JobOptions { files: 2, ..JobOptions::default() });
        let place = Place::new(kind);
        let options = || jobs::load::Options { package_bytes: Some(10_000), ..jobs::load::Options::default() };
        let source = **jobs::load::SOURCES.iter().find(|source| source.name() == "tables").expect("it can be loaded");
        let stopping = options();
        let stop = Arc::clone(&stopping.stop);
        let destination = jobs::load::open(&place.to).expect("it can be opened");
        let watch = Arc::new(move |_: &jobs::load::Loaded| stop.notify());
        let first = wait(jobs::load::load(&client, source, destination, stopping, watch));
        assert!(first.error.is_some() && (1..RECORDS).contains(&first.rows), "{kind}: {first:?}");
        assert_eq!(place.records("tables").len(), 0, "{kind}: nothing is replaced before all is there");
        let rest = load!(jobs, &client, "tables", &place.to, options());
        assert!(rest.error.is_none(), "{kind}: {:?}", rest.error);
        assert_eq!(first.rows + rest.rows, RECORDS, "{kind}");
        assert_eq!(mock.stats().requests_of("tables"), 1, "{kind}: one job");
        assert_eq!(alike(place.records("tables")), alike(sent(&mock, "tables")), "{kind}");
    }
}

/// One that is there already has to be named.
#[test]
fn a_job_that_is_not_started_is_named() {
    let (mock, client) = exports(JobOptions::default());
    let place = Place::new("parquet");
    let loaded = load!(jobs, &client, "documents", &place.to, jobs::load::Options::default());
    let error = loaded.error.expect("nobody knows which").to_string();
    assert!(error.contains("`job.id` has to be given: `--arg documents.job.id=…`"), "{error}");
    let args = vec![("documents".to_owned(), "job.id".to_owned(), "mine".to_owned())];
    let options = jobs::load::Options { args, ..jobs::load::Options::default() };
    let loaded = load!(jobs, &client, "documents", &place.to, options);
    assert!(loaded.error.is_none(), "{:?}", loaded.error);
    assert_eq!(alike(place.records("documents")), alike(sent(&mock, "documents")));
}

/// Makes every tag loud, leaves out those of some people, and refuses those of one.
#[derive(Default)]
struct Loud {
    refused: Option<i64>,
}

impl Hooks for Loud {
    fn shout(&self, mut record: Tag) -> Result<Option<Tag>, HookError> {
        if self.refused.is_some() && record.seq == self.refused {
            return Err("nobody may read this".into());
        }
        record.tags = record.tags.to_uppercase();
        Ok(record.seq.is_some_and(|seq| seq % 3 != 0).then_some(record))
    }
}

fn builder(mock: &Running) -> steps::ClientBuilder {
    steps::Client::builder().pii_key("s3cr3t-key").base_url(mock.base_url())
}

/// What is read into columns is what the hook gives, and not what the service sends.
#[test]
fn a_hook_is_called_for_batches_and_loads_as_well() {
    let mock = mock("steps", Options { records: 30, ..Options::default() });
    let plain = wait(builder(&mock).build().expect("every input is given").tags().items().collect()).expect("every page is good");
    let client = builder(&mock).hooks(Loud::default()).build().expect("every input is given");
    let kept = wait(client.tags().items().collect()).expect("every page is good");
    assert!(kept.len() > 5 && kept.len() < plain.len(), "{} of {}", kept.len(), plain.len());
    let expected: Vec<Value> = kept.iter().map(|tag| serde_json::to_value(tag).expect("it is JSON")).collect();
    let rows = batches!(client.tags());
    assert_eq!(alike(rows), alike(expected.clone()));
    let mut batches = client.tags().blocking().batches();
    assert!(batches.by_ref().all(|batch| batch.is_ok()));
    let mut items = client.tags().blocking().items();
    assert!(items.by_ref().all(|tag| tag.is_ok()));
    assert_eq!(batches.filtered(), items.filtered());
    for kind in ["parquet", "sqlite"] {
        let place = Place::new(kind);
        let loaded = load!(steps, &client, "tags", &place.to, steps::load::Options::default());
        assert!(loaded.error.is_none(), "{kind}: {:?}", loaded.error);
        assert_eq!(loaded.rows, kept.len() as u64, "{kind}");
        assert_eq!(alike(place.records("tags")), alike(expected.clone()), "{kind}");
    }
}

#[test]
fn a_hook_that_fails_fails_the_load() {
    let mock = mock("steps", Options { records: 30, ..Options::default() });
    let plain = wait(builder(&mock).build().expect("every input is given").tags().items().collect()).expect("every page is good");
    let refused = plain[7].seq;
    let client = builder(&mock).hooks(Loud { refused }).build().expect("every input is given");
    let place = Place::new("sqlite");
    let loaded = load!(steps, &client, "tags", &place.to, steps::load::Options::default());
    let error = loaded.error.expect("the hook refuses a record").to_string();
    assert!(error.contains("the hook refuses the record: nobody may read this"), "{error}");
}

/// No list of any spec is out of reach of a load.
#[test]
fn every_list_can_be_loaded() {
    let names: Vec<&str> = jobs::load::SOURCES.iter().map(|source| source.name()).collect();
    let all = ["things", "lines", "labels", "cells", "tables", "documents", "entries", "entry_documents", "named_entries"];
    assert_eq!(names, all);
    assert!(steps::load::SOURCES.iter().any(|source| source.name() == "tags"));
}

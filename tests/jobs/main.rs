//! End to end: a generated crate has jobs done by a server, and reads their files from another origin.
//!
//! The crate is `tests/generated/jobs`, compiled from `tests/fixtures/jobs.yaml`. The server's files are at `localhost`, its API
//! at `127.0.0.1`; it refuses a download that brings credentials.

mod drift;
#[path = "../support/replay_server.rs"]
mod server;
mod support;

use std::time::Duration;

use jobs::{Checkpoint, ErrorKind};
use support::{RECORDS, World, ids, wait};
use tapwright::mock::JobOptions;

/// Every list gives every record once and in order, from one file and from several, async and blocking alike.
#[test]
fn every_record_comes_once() {
    for files in [1, 3] {
        let world = World::new(JobOptions { files, ..JobOptions::default() });
        let lines = wait(world.client.lines().items().collect()).expect("a good job");
        assert_eq!(ids(&lines), world.expected("lines"), "lines, async, {files} files");
        let lines: Vec<_> = world.client.lines().blocking().items().collect::<Result<_, _>>().expect("a good job");
        assert_eq!(ids(&lines), world.expected("lines"), "lines, blocking, {files} files");
        let tables = wait(world.client.tables().items().collect()).expect("a good job");
        assert_eq!(ids(&tables), world.expected("tables"), "tables, async, {files} files");
        let tables: Vec<_> = world.client.tables().blocking().items().collect::<Result<_, _>>().expect("a good job");
        assert_eq!(ids(&tables), world.expected("tables"), "tables, blocking, {files} files");
        let documents = wait(world.client.documents().job("mine").items().collect()).expect("a good job");
        assert_eq!(ids(&documents), world.expected("documents"), "documents, async, {files} files");
        let documents: Vec<_> =
            world.client.documents().job("mine").blocking().items().collect::<Result<_, _>>().expect("a good job");
        assert_eq!(ids(&documents), world.expected("documents"), "documents, blocking, {files} files");
    }
}

/// What comes in a file is what comes on a page.
#[test]
fn values_are_those_of_the_service() {
    let world = World::new(JobOptions::default());
    let lines = wait(world.client.lines().items().collect()).expect("a good job");
    let tables = wait(world.client.tables().items().collect()).expect("a good job");
    for (list, records) in [("lines", &lines), ("tables", &tables)] {
        for k in [0, 1, 7, 2_000] {
            let sent = world.mock.records().record(list, k, &[]).expect("it is a record");
            let read = &records[usize::try_from(k).expect("a small number")];
            assert_eq!(read.size, sent["size"].as_i64(), "{list} {k}");
            assert_eq!(read.is_new, sent["is_new"].as_bool(), "{list} {k}");
            let labels = sent["labels"].as_array().map(|labels| labels.iter().filter_map(|it| it.as_str()).count());
            assert_eq!(read.labels.as_ref().map(Vec::len), labels, "{list} {k}");
        }
    }
}

/// Steps are taken with what comes out of a file, and a read that stops anywhere goes on with the next record that they make.
macro_rules! steps {
    ($($list:ident),+) => {$(
        #[test]
        fn $list() {
            let world = World::new(JobOptions { files: 2, ..JobOptions::default() });
            let mut expected = Vec::new();
            for k in 0..RECORDS {
                let sent = world.mock.records().record(stringify!($list), k, &[]).expect("it is a record");
                for label in sent["labels"].as_array().into_iter().flatten().filter(|_| sent["is_new"] == false) {
                    let (id, label) = (sent["id"].as_str().expect("an id"), label.as_str().expect("a text"));
                    expected.push((format!("{id}/{label}"), sent["size"].as_i64()));
                }
            }
            assert!(expected.len() > 1_100, "{} records", expected.len());
            let read = wait(world.client.$list().items().collect()).expect("a good job");
            assert_eq!(read.into_iter().map(|it| (it.key, it.size)).collect::<Vec<_>>(), expected, "async");
            for stop in [0, 1, 2, 3, 4, 5, 999, 1_000, 1_001, 1_002, 1_003, expected.len() - 1, expected.len()] {
                let mut items = world.client.$list().blocking().items();
                assert_eq!(items.by_ref().take(stop).flatten().count(), stop);
                let mark = items.checkpoint().to_string().parse().expect("a checkpoint");
                let rest = world.client.$list().resume(mark).expect("its own checkpoint").blocking().items();
                let rest: Vec<_> = rest.map(|it| it.expect("a good job")).map(|it| (it.key, it.size)).collect();
                assert_eq!(rest, expected[stop..], "blocking, stopped after {stop}");
            }
        }
    )+};
}

steps!(labels, cells);

/// One job is started, asked for until it is completed, read, and removed.
#[test]
fn no_request_is_made_that_need_not_be() {
    let world = World::new(JobOptions { polls: 3, files: 2, ..JobOptions::default() });
    let mut items = world.client.lines().kind("all").items();
    assert_eq!(items.job_id(), None);
    wait(async {
        let first = items.try_next().await.expect("a good job").expect("a record");
        assert_eq!(first.id, world.expected("lines")[0]);
        assert_eq!((items.job_id(), items.job_status(), items.progress()), (Some("job_0001"), Some("completed"), Some("100")));
        while items.try_next().await.expect("a good job").is_some() {}
    });
    for (operation, count) in [("lines", 1), ("lines.poll", 4), ("lines.download", 2), ("lines.cleanup", 1)] {
        assert_eq!(world.requests(operation), count, "{operation}");
    }
    assert_eq!(items.requests(), 8);
    assert!(items.cleanup_failure().is_none());
    assert!(items.checkpoint().is_finished());
}

/// Batches are the same records, and no more of them are held at a time than the batch has.
#[test]
fn pages_are_batches_of_a_thousand_at_most() {
    let world = World::new(JobOptions::default());
    let pages = wait(world.client.lines().pages().collect()).expect("a good job");
    assert!(pages.len() >= 3 && pages.iter().all(|page| (1..=1_000).contains(&page.records.len())), "{}", pages.len());
    assert_eq!(ids(pages.iter().flatten()), world.expected("lines"));
    let last = pages.last().expect("a page").checkpoint.clone();
    let read: Vec<_> = world.client.lines().blocking().pages().collect::<Result<Vec<_>, _>>().expect("a good job");
    assert_eq!(ids(read.iter().flatten()), world.expected("lines"));
    assert!(!last.is_finished(), "the job is yet to be removed after the last batch");
}

/// A read goes on with the same job at the very next record, wherever it stopped, and however: async or blocking.
#[test]
fn a_read_is_resumed_with_the_same_job() {
    let world = World::new(JobOptions { files: 3, ..JobOptions::default() });
    let expected = world.expected("tables");
    for stop in [0_usize, 1, 781, 782, 783, 1_000, 1_564, 2_344, 2_345] {
        let mut items = world.client.tables().items();
        wait(async {
            for _ in 0..stop {
                items.try_next().await.expect("a good job").expect("a record");
            }
        });
        let mark: Checkpoint = items.checkpoint().to_string().parse().expect("a checkpoint is a text");
        drop(items);
        let started = world.requests("tables");
        let rest =
            wait(world.client.tables().resume(mark.clone()).expect("it belongs here").items().collect()).expect("a good job");
        assert_eq!(ids(&rest), expected[stop..], "after {stop}");
        let blocking = world.client.tables().resume(mark).expect("it belongs here").blocking();
        let rest: Vec<_> = blocking.items().collect::<Result<_, _>>().expect("a good job");
        assert_eq!(ids(&rest), expected[stop..], "after {stop}, blocking");
        // Without a record there is no job yet.
        assert_eq!(world.requests("tables") - started, if stop == 0 { 2 } else { 0 }, "after {stop}");
    }
}

/// A link that has expired is replaced; a job that is gone is said to be.
#[test]
fn links_expire_and_jobs_go() {
    let world = World::new(JobOptions { link_uses: Some(0), ..JobOptions::default() });
    let error = wait(world.client.tables().items().try_next()).expect_err("no link is of use");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(403)), "{error}");
    assert_eq!(world.requests("download"), 2);
    let world = World::new(JobOptions { link_life: Duration::ZERO, ..JobOptions::default() });
    let error = world.client.tables().blocking().items().next().expect("an answer").expect_err("no link is of use");
    assert_eq!(error.status(), Some(403), "{error}");

    let world = World::new(JobOptions::default());
    let mut items = world.client.lines().items();
    wait(items.try_next()).expect("a good job");
    let mark = items.checkpoint();
    wait(async { while items.try_next().await.expect("a good job").is_some() {} });
    let resumed = world.client.lines().resume(mark).expect("it belongs here");
    let error = wait(resumed.items().try_next()).expect_err("the job was removed");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Job, Some(404)), "{error}");
    assert!(error.to_string().contains("the job `job_0001` is gone"), "{error}");
}

/// A file whose link expires in the middle of the list, and a connection that breaks, cost no record.
#[test]
fn a_broken_download_loses_nothing() {
    for fault in ["truncate:every=7", "reset:every=7", "429:every=4,retry-after=0.01", "503:every=6,burst=2"] {
        let world = World::with(JobOptions { files: 2, link_uses: Some(1), ..JobOptions::default() }, &[fault]);
        let lines = wait(world.client.lines().items().collect()).unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!(ids(&lines), world.expected("lines"), "{fault}");
        let lines: Vec<_> =
            world.client.lines().blocking().items().collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!(ids(&lines), world.expected("lines"), "{fault}, blocking");
    }
}

/// A job that fails says why, and is removed; one of an unknown status is an error that names it.
#[test]
fn a_job_that_comes_to_nothing_is_an_error() {
    let world = World::new(JobOptions { outcome: Some("failed".to_owned()), ..JobOptions::default() });
    let error = wait(world.client.lines().items().try_next()).expect_err("the job fails");
    assert_eq!(error.kind(), ErrorKind::Job);
    assert!(error.to_string().contains("ended with the status `failed`: The export could not be written"), "{error}");
    assert_eq!(world.requests("lines.cleanup"), 1);
    let world = World::new(JobOptions { outcome: Some("frozen".to_owned()), ..JobOptions::default() });
    let error = world.client.lines().blocking().items().next().expect("an answer").expect_err("nobody knows the status");
    assert!(error.to_string().contains("has the status `frozen`, and the spec knows only `pending`"), "{error}");
}

/// Without a response nobody knows whether a job runs: it is not started again, and the error says so.
#[test]
fn a_lost_answer_starts_no_second_job() {
    let world = World::with(JobOptions::default(), &["truncate:every=1"]);
    for error in [
        wait(world.client.lines().items().try_next()).expect_err("the answer is lost"),
        world.client.lines().blocking().items().next().expect("an answer").expect_err("the answer is lost"),
    ] {
        assert!(error.is_unanswered() && !error.is_retryable(), "{error:?}");
        assert!(error.to_string().contains("a job may be running now"), "{error}");
    }
    assert_eq!(world.requests("lines"), 2);
    // The service lists its jobs, and so the caller knows the id.
    let world = World::new(JobOptions::default());
    let mut items = world.client.lines().items();
    wait(items.try_next()).expect("a good job");
    let id = items.job_id().expect("it is known").to_owned();
    let read = wait(world.client.lines().job(id).items().collect()).expect("a good job");
    assert_eq!(read.len() as u64, RECORDS);
    assert_eq!(world.requests("lines"), 1);
}

/// A file at the service's own origin is downloaded with its credentials, as any other request there.
#[test]
fn files_at_home_are_files_as_well() {
    let world = World::new(JobOptions { at_home: true, ..JobOptions::default() });
    let lines = wait(world.client.lines().items().collect()).expect("a good job");
    assert_eq!(lines.len() as u64, RECORDS);
}

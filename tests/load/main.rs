//! Loads of the auth0 crate into folders, from a mock over sockets: every record once, whatever happens in between.

mod crash;
mod world;

use std::sync::Arc;

use auth0::load::{Destination, Disposition, Folder, Format, Options};
use tapwright::mock;
use world::{World, rows, wait};

#[test]
fn what_is_loaded_is_what_there_is() {
    let world = World::new(mock::Options { records: 350, ..mock::Options::default() });
    for format in [Format::Parquet, Format::Jsonl] {
        let folder = tempfile::tempdir().expect("a folder");
        for (resource, disposition) in [
            ("users", Disposition::Replace),
            ("clients", Disposition::Append),
            ("logs", Disposition::Append),
            ("organization_members", Disposition::Merge),
        ] {
            // Only Parquet can be merged into.
            if format == Format::Jsonl && disposition == Disposition::Merge {
                continue;
            }
            let options = Options { package_bytes: 40_000, disposition: Some(disposition), ..Options::default() };
            let loaded = world.load(resource, folder.path(), format, options);
            assert!(loaded.error.is_none(), "{resource}: {:?}", loaded.error);
            assert!(loaded.packages > 2, "{resource}: in several packages");
            assert_eq!(loaded.rejected.count(), 0, "{resource}: {:?}", loaded.rejected.kept());
            let held = rows(&folder.path().join(resource));
            assert_eq!(held.len() as u64, loaded.rows, "{resource}");
            assert_eq!(held, world.records(resource), "{resource} as {format:?}");
        }
        let left = std::fs::read_dir(folder.path().join("_staging")).expect("the folder").flatten();
        for table in left {
            assert_eq!(std::fs::read_dir(table.path()).expect("the folder").count(), 0, "nothing is left in {:?}", table.path());
        }
    }
}

#[test]
fn a_second_load_adds_what_is_new_and_repeats_nothing() {
    let world = World::new(mock::Options { records: 120, ..mock::Options::default() });
    let folder = tempfile::tempdir().expect("a folder");
    for (resource, disposition) in [("users", None), ("logs", Some(Disposition::Append)), ("roles", Some(Disposition::Replace))] {
        let options = || Options { disposition, ..Options::default() };
        let first = world.load(resource, folder.path(), Format::Parquet, options());
        let second = world.load(resource, folder.path(), Format::Parquet, options());
        assert!(first.error.is_none() && second.error.is_none(), "{resource}: {first:?} {second:?}");
        assert_eq!(rows(&folder.path().join(resource)).len(), 120, "{resource}");
    }
    let again = world.load("logs", folder.path(), Format::Parquet, Options::default());
    assert_eq!(again.rows, 0, "the log has a cursor, and nothing came after it");
    let all = world.load("logs", folder.path(), Format::Parquet, Options { full_refresh: true, ..Options::default() });
    assert_eq!(all.rows, 120);
    assert_eq!(rows(&folder.path().join("logs")).len(), 120, "what is read anew takes the place of what was there");
}

#[test]
fn a_load_that_is_stopped_goes_on() {
    let world = World::new(mock::Options { records: 2_000, ..mock::Options::default() });
    for (resource, disposition) in [("users", None), ("logs", Some(Disposition::Append)), ("roles", Some(Disposition::Replace))] {
        let folder = tempfile::tempdir().expect("a folder");
        let options = Options { package_bytes: 30_000, disposition, ..Options::default() };
        let stop = Arc::clone(&options.stop);
        let stopping = move |loaded: &auth0::load::Loaded| {
            if loaded.rows > 500 {
                stop.notify();
            }
        };
        let first = world.watched(resource, folder.path(), Format::Parquet, options, Arc::new(stopping));
        let error = first.error.expect("it was stopped");
        assert_eq!(error.kind(), auth0::ErrorKind::Stopped);
        assert!((501..2_000).contains(&first.rows), "{resource}: {} rows", first.rows);
        let rest = world.load(resource, folder.path(), Format::Parquet, Options { disposition, ..Options::default() });
        assert!(rest.error.is_none(), "{resource}: {:?}", rest.error);
        assert_eq!(first.rows + rest.rows, 2_000, "{resource}: none is read twice");
        assert_eq!(rows(&folder.path().join(resource)), world.records(resource), "{resource}");
    }
}

#[test]
fn what_can_not_be_is_an_error_that_says_why() {
    let world = World::new(mock::Options { records: 10, ..mock::Options::default() });
    let folder = tempfile::tempdir().expect("a folder");
    let merged = world.load("users", folder.path(), Format::Jsonl, Options::default());
    assert!(merged.error.expect("JSON lines can not be merged").to_string().contains("load to `parquet:`"));
    assert!(world.load("roles", folder.path(), Format::Parquet, Options::default()).error.is_none());
    let other = Folder::open(folder.path(), Format::Jsonl).expect_err("the folder has files of another form");
    assert!(other.to_string().contains("load into another folder"), "{other}");
    let (one, two) = (World::folder(folder.path()), World::folder(folder.path()));
    assert!(one.reset("roles").is_ok());
    let late = two.reset("roles").expect_err("another program changed it");
    assert!(late.to_string().contains("at the same time"), "{late}");
    let needs = world.load("action_bindings", folder.path(), Format::Parquet, Options::default());
    assert!(needs.error.expect("it needs an argument").to_string().contains("--arg action_bindings.triggerId=…"));
    std::fs::remove_dir_all(folder.path().join("roles")).expect("it can be removed");
    let gone = Folder::open(folder.path(), Format::Parquet).expect_err("a file is gone");
    assert!(gone.to_string().contains("the file is gone"), "{gone}");
}

#[test]
fn a_limit_gives_a_sample_of_what_is_replaced_and_whole_pages_of_the_rest() {
    let world = World::new(mock::Options { records: 700, ..mock::Options::default() });
    let folder = tempfile::tempdir().expect("a folder");
    let limit = || Options { limit: Some(130), ..Options::default() };
    let replace = |options| Options { disposition: Some(Disposition::Replace), ..options };
    assert_eq!(world.load("roles", folder.path(), Format::Parquet, replace(limit())).rows, 130);
    assert_eq!(rows(&folder.path().join("roles")).len(), 130);
    assert_eq!(world.load("roles", folder.path(), Format::Parquet, replace(Options::default())).rows, 700, "it begins anew");
    let first = world.load("logs", folder.path(), Format::Parquet, limit());
    assert!((130..700).contains(&first.rows), "{}", first.rows);
    let rest = world.load("logs", folder.path(), Format::Parquet, Options::default());
    assert_eq!(first.rows + rest.rows, 700, "it goes on");
    assert_eq!(rows(&folder.path().join("logs")), world.records("logs"));
    assert!(wait(async { World::folder(folder.path()).progress("logs") }).is_ok_and(|progress| progress.state.is_some()));
}

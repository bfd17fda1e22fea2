//! Loads that are killed at any moment: what the next one leaves is what an undisturbed one would have.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use auth0::load::{Disposition, Format, Options};
use tapwright::mock;

use crate::world::{World, client, load_with, rows};

/// How often a load is killed; `LOAD_CRASHES` says otherwise.
const CRASHES: u64 = 12;

/// The resources: one that is merged, one that goes on from its cursor, and one that is replaced.
const RESOURCES: [(&str, Disposition); 3] =
    [("users", Disposition::Merge), ("logs", Disposition::Append), ("roles", Disposition::Replace)];

/// What a child process is told.
const ADDRESS: &str = "LOAD_ADDRESS";
const FOLDER: &str = "LOAD_FOLDER";

fn options(disposition: Disposition) -> Options {
    Options { package_bytes: 30_000, disposition: Some(disposition), ..Options::default() }
}

/// Loads everything, in a process of its own that the test below kills.
#[test]
#[ignore = "run by a_load_that_is_killed_loses_nothing"]
fn child() {
    let (Ok(address), Ok(folder)) = (std::env::var(ADDRESS), std::env::var(FOLDER)) else { return };
    for (resource, disposition) in RESOURCES {
        let options = options(disposition);
        let loaded = load_with(&client(&address), resource, Path::new(&folder), Format::Parquet, options, Arc::new(|_| {}));
        assert!(loaded.error.is_none(), "{resource}: {:?}", loaded.error);
    }
}

fn spawn(address: &str, folder: &Path) -> Child {
    Command::new(std::env::current_exe().expect("the test has a path"))
        .args(["--ignored", "--exact", "crash::child"])
        .env(ADDRESS, address)
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the test can be run")
}

/// How often the manifest of a folder was changed.
fn serial(folder: &Path) -> u32 {
    let Ok(text) = std::fs::read_to_string(folder.join("_tapwright.json")) else { return 0 };
    let serial = text.split_once("\"serial\":").and_then(|(_, rest)| rest.split_once(',')).map(|(serial, _)| serial);
    serial.and_then(|serial| serial.parse().ok()).expect("the manifest has a serial number")
}

fn is_alive(process: &mut Child) -> bool {
    process.try_wait().is_ok_and(|status| status.is_none())
}

#[test]
fn a_load_that_is_killed_loses_nothing() {
    let crashes = std::env::var("LOAD_CRASHES").ok().and_then(|text| text.parse().ok()).unwrap_or(CRASHES);
    let world = World::new(mock::Options { records: 3_000, ..mock::Options::default() });
    let address = world.mock.base_url();
    let whole = tempfile::tempdir().expect("a folder");
    assert!(spawn(&address, whole.path()).wait().is_ok_and(|status| status.success()), "undisturbed, it succeeds");
    let commits = serial(whole.path());
    let expected = RESOURCES.map(|(resource, _)| rows(&whole.path().join(resource)));
    assert!(expected.iter().all(|rows| rows.len() == 3_000));

    // Fractions of the golden ratio are spread evenly over the commits of a load, and over the time after one.
    let mut fraction = 0.5;
    let (mut killed, mut folder) = (0, tempfile::tempdir().expect("a folder"));
    for crash in 0..crashes {
        fraction = (fraction + 0.618_033_988_749_895_f64).fract();
        let mut process = spawn(&address, folder.path());
        while f64::from(serial(folder.path())) < f64::from(commits) * fraction && is_alive(&mut process) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_secs_f64(0.03 * (fraction * 7.0).fract()));
        killed += u64::from(is_alive(&mut process));
        let _ = process.kill();
        let _ = process.wait();
        // Most loads are killed more than once.
        if crash % 3 < 2 && crash + 1 < crashes {
            continue;
        }
        let output = spawn(&address, folder.path()).wait_with_output().expect("it ends");
        assert!(output.status.success(), "after crash {crash}: {}", String::from_utf8_lossy(&output.stderr));
        for ((resource, _), expected) in RESOURCES.iter().zip(&expected) {
            let held = rows(&folder.path().join(resource));
            assert_eq!(held.len(), expected.len(), "{resource} after crash {crash}");
            assert!(held == *expected, "{resource} after crash {crash}: other rows");
        }
        folder = tempfile::tempdir().expect("a folder");
    }
    assert!(killed * 3 > crashes, "only {killed} of {crashes} were under way");
}

//! Loads that are killed at any moment: what the next one leaves is what an undisturbed one would have.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use auth0::load::{Disposition, Loaded, Options};
use tapwright_load::places::{Place, databases};
use tapwright_load::rows::alike;
use tapwright_load::{World, client, load_with};

/// How often a load into each destination is killed; `LOAD_CRASHES` says otherwise.
const CRASHES: u32 = 6;

/// The resources: one that is merged, one that goes on from its cursor, and one that is replaced.
const RESOURCES: [(&str, Disposition); 3] =
    [("users", Disposition::Merge), ("logs", Disposition::Append), ("roles", Disposition::Replace)];

/// What a child process is told.
const ADDRESS: &str = "LOAD_ADDRESS";
const TO: &str = "LOAD_TO";

fn options(disposition: Disposition) -> Options {
    Options { package_bytes: Some(30_000), disposition: Some(disposition), ..Options::default() }
}

/// Loads everything, in a process of its own that the test below kills.
#[test]
#[ignore = "run by a_load_that_is_killed_loses_nothing"]
fn child() {
    let (Ok(address), Ok(to)) = (std::env::var(ADDRESS), std::env::var(TO)) else { return };
    for (resource, disposition) in RESOURCES {
        // A line for each batch, by which the test below knows how far it is.
        let watch = Arc::new(|_: &Loaded| println!("a batch"));
        let loaded = load_with(&client(&address), resource, &to, options(disposition), watch);
        assert!(loaded.error.is_none(), "{resource}: {:?}", loaded.error);
    }
}

fn spawn(address: &str, place: &Place) -> Child {
    Command::new(std::env::current_exe().expect("the test has a path"))
        .args(["--ignored", "--exact", "--nocapture", "child"])
        .env(ADDRESS, address)
        .env(TO, &place.to)
        .envs(place.environment())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the test can be run")
}

/// Waits until a load has written so many lines, or has ended; how many there were.
fn wait_for(process: &mut Child, most: usize) -> usize {
    let lines = BufReader::new(process.stdout.as_mut().expect("it is a pipe")).lines();
    lines.map_while(Result::ok).filter(|line| line.ends_with("a batch")).take(most).count()
}

#[test]
fn a_load_that_is_killed_loses_nothing() {
    let crashes = std::env::var("LOAD_CRASHES").ok().and_then(|text| text.parse().ok()).unwrap_or(CRASHES);
    let world = World::new(2_000);
    let address = world.mock.base_url();
    let expected = RESOURCES.map(|(resource, _)| alike(world.records(resource)));
    assert!(expected.iter().all(|records| records.len() == 2_000));
    for kind in ["parquet", "parquet in s3", "parquet in az"].into_iter().chain(databases()) {
        killed(kind, &address, crashes, &expected);
    }
}

/// Kills loads at moments that are spread evenly over the batches of an undisturbed one.
fn killed(kind: &str, address: &str, crashes: u32, expected: &[Vec<String>; 3]) {
    let whole = Place::new(kind);
    let mut undisturbed = spawn(address, &whole);
    let batches = wait_for(&mut undisturbed, usize::MAX);
    assert!(undisturbed.wait().is_ok_and(|status| status.success()) && batches > 10, "{kind}: undisturbed, it succeeds");
    // Fractions of the golden ratio are spread evenly.
    let mut fraction = 0.5;
    let (mut killed, mut place) = (0, Place::new(kind));
    for crash in 0..crashes {
        fraction = (fraction + 0.618_033_988_749_895_f64).fract();
        let mut process = spawn(address, &place);
        wait_for(&mut process, share(batches, fraction));
        std::thread::sleep(Duration::from_secs_f64(0.03 * (fraction * 7.0).fract()));
        killed += u32::from(process.try_wait().is_ok_and(|status| status.is_none()));
        let _ = process.kill();
        let _ = process.wait();
        // Most loads are killed more than once.
        if crash % 3 < 2 && crash + 1 < crashes {
            continue;
        }
        let output = spawn(address, &place).wait_with_output().expect("it ends");
        assert!(output.status.success(), "{kind} after crash {crash}: {}", String::from_utf8_lossy(&output.stderr));
        for ((resource, _), expected) in RESOURCES.iter().zip(expected) {
            let held = alike(place.records(resource));
            assert_eq!(held.len(), expected.len(), "{resource} in {kind} after crash {crash}");
            assert!(held == *expected, "{resource} in {kind} after crash {crash}: other rows");
        }
        place = Place::new(kind);
    }
    println!("{kind}: {killed} of {crashes} loads were killed under way");
    assert!(killed * 3 > crashes, "{kind}: only {killed} of {crashes} were under way");
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a part of a small count"
)]
fn share(count: usize, fraction: f64) -> usize {
    (count as f64 * fraction) as usize
}

//! Recorded lists of ten APIs, played to generated crates: every record comes once and in order, and is asked for as it was.
//!
//! The recordings lie beside the project and are no part of it: without them the tests say that they were skipped.

mod github;
mod notion;
mod recording;
#[path = "../support/replay_server.rs"]
mod server;
mod slack;
mod unshipped;
mod walk;

use walk::Walk;

/// Every walk over a recording.
fn walks() -> Vec<Walk> {
    [unshipped::walks(), github::walks(), notion::walks(), slack::walks()].into_iter().flatten().collect()
}

#[test]
fn recorded_lists_come_through_blocking_clients() {
    let Some(recordings) = recording::recordings("recorded_lists_come_through_blocking_clients") else { return };
    for walk in walks() {
        walk.play(&recordings, false, walk::Read::blocking);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_lists_come_through_generated_crates() {
    let Some(recordings) = recording::recordings("recorded_lists_come_through_generated_crates") else { return };
    for walk in walks() {
        let runtime = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| walk.play(&recordings, true, |read| runtime.block_on(read.asynchronous())));
    }
}

/// No recorded list is passed over: what is played in none of the walks is no list, or is known by name.
#[test]
fn every_recorded_list_is_played() {
    let Some(recordings) = recording::recordings("every_recorded_list_is_played") else { return };
    let walks = walks();
    let mut left_out = Vec::new();
    for recording in &recordings {
        for (at, exchange) in recording.exchanges.iter().enumerate() {
            let is_played = walks.iter().any(|walk| walk.recording == recording.name && walk.exchanges.contains(&at));
            if !is_played && exchange.is_list() {
                left_out.push(format!("{} {at}: {} {}", recording.name, exchange.method, exchange.path));
            }
        }
    }
    assert_eq!(left_out, [""; 0]);
}

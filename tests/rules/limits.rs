//! A client keeps to its limits, however many read through it at once.

use std::time::{Duration, Instant};

use tapwright::mock::Options;

use crate::support::{World, wait};

/// The limit is 400 requests a second: eight readers ask 600 times in all, and nobody is turned away for long.
#[test]
fn readers_share_a_limit() {
    let world = World::with(Options { records: 75 * 7, ..Options::default() });
    let client = world.limited();
    let start = Instant::now();
    wait(async {
        let readers: Vec<_> = (0..8)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { client.channels().items().collect().await })
            })
            .collect();
        for reader in readers {
            assert_eq!(reader.await.expect("no panic").expect("every page comes").len(), 75 * 7);
        }
    });
    let (took, stats) = (start.elapsed(), world.mock.stats());
    assert!(took >= Duration::from_secs(1), "600 requests in {took:?}");
    assert!(stats.answers_with(429) <= 20, "{stats:?}");
}

/// Threads share it as well: the own limit of `slow` is a bucket of two, filled with twenty a second.
#[test]
fn threads_share_a_limit() {
    let world = World::with(Options { records: 35, ..Options::default() });
    let client = world.limited();
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let read: Vec<_> = client.slow().blocking().items().collect::<Result<_, _>>().expect("every page comes");
                assert_eq!(read.len(), 35);
            });
        }
    });
    // Each reads five pages, and perhaps an empty one: fifteen requests, of which two go at once.
    let (took, stats) = (start.elapsed(), world.mock.stats());
    assert!(took >= Duration::from_millis(640), "{} requests in {took:?}", stats.requests_of("slow"));
    assert!(stats.answers_with(429) <= 2, "{stats:?}");
}

/// Another client uses the limit up; what the service says of it is heeded.
#[test]
fn what_others_use_is_heeded() {
    let world = World::with(Options { records: 70, rate_limit: Some(20), ..Options::default() });
    // The mock allows twenty a second, and its headers say so: far fewer than the spec.
    let client = world.limited();
    for _ in 0..3 {
        assert_eq!(wait(client.channels().items().collect()).expect("every page comes").len(), 70);
    }
    let stats = world.mock.stats();
    assert!(stats.answers_with(429) <= 4, "{stats:?}");
}

//! Storms of several scenarios, by seed. A failure names its seed, and `HOSTILE_SEEDS=42` plays that one again.

use std::ops::Range;

use crate::storm::{range, through};

/// The seeds of every run of the tests.
const USUAL: Range<u64> = 0..1_000;

#[test]
fn storms() {
    let seeds = std::env::var("HOSTILE_SEEDS").map_or(USUAL, |text| range(&text).expect("a seed, or a range such as 0..1000"));
    let problems = through(&seeds);
    assert!(
        problems.is_empty(),
        "{} of {} seeds; play one again by `HOSTILE_SEEDS=… cargo test --test hostile storms`\n{}",
        problems.len(),
        seeds.end - seeds.start,
        problems.iter().take(20).cloned().collect::<Vec<_>>().join("\n"),
    );
}

//! Storms of several scenarios, by seed. `HOSTILE_SEEDS=0..100000 cargo test --release --test hostile storms` takes a while;
//! a failure names its seed, and `HOSTILE_SEEDS=42` plays that one again.

use std::ops::Range;

use tapwright::mock::hostile::Hostile;

use crate::judge::{judge, read};
use crate::memory::Memory;
use crate::world::{Mode, RESOURCES};

/// The seeds of every run of the tests.
const USUAL: Range<u64> = 0..1_000;

fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("HOSTILE_SEEDS") else { return USUAL };
    let number = |text: &str| text.parse().expect("HOSTILE_SEEDS is a seed, or a range such as 0..1000");
    match text.split_once("..") {
        Some((from, to)) => number(from)..number(to),
        None => number(&text)..number(&text) + 1,
    }
}

/// One seed: which resource, how many records, read which way, all by the seed.
fn storm(seed: u64) -> Result<(), String> {
    let resource = &RESOURCES[usize::try_from(seed).unwrap_or(0) % RESOURCES.len()];
    let mode = if (seed / RESOURCES.len() as u64).is_multiple_of(2) { Mode::Async } else { Mode::Blocking };
    let records = 5 + seed % 53;
    let world = Memory::new(Hostile::new(seed), records);
    let told = |problem: String| {
        format!("seed {seed}, {} of {records}, {mode:?}, after {:?}: {problem}", resource.name, world.local.struck())
    };
    let story = read(&world, resource, mode).map_err(told)?;
    judge(&world, resource, &story).map_err(told)
}

#[test]
fn storms() {
    let (seeds, threads) = (seeds(), std::thread::available_parallelism().map_or(2, usize::from));
    let share = |thread: usize| seeds.clone().skip(thread).step_by(threads).filter_map(|seed| storm(seed).err());
    let problems: Vec<String> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|thread| scope.spawn(move || share(thread).collect::<Vec<_>>())).collect();
        all.into_iter().flat_map(|thread| thread.join().expect("a thread does not panic")).collect()
    });
    assert!(
        problems.is_empty(),
        "{} of {} seeds; play one again by HOSTILE_SEEDS=… cargo test --test hostile storms\n{}",
        problems.len(),
        seeds.end - seeds.start,
        problems.iter().take(20).cloned().collect::<Vec<_>>().join("\n"),
    );
}

//! A run through a storm, by seed.

use std::ops::Range;

use tapwright::mock::hostile::Hostile;

use crate::judge::{judge, read};
use crate::memory::Memory;
use crate::world::{Mode, RESOURCES};

/// Reads `42` or `0..1000`.
pub(crate) fn range(text: &str) -> Option<Range<u64>> {
    match text.split_once("..") {
        Some((from, to)) => Some(from.parse().ok()?..to.parse().ok()?),
        None => text.parse().ok().map(|seed| seed..seed + 1),
    }
}

/// Goes through the storms of some seeds, and says what was wrong.
pub(crate) fn through(seeds: &Range<u64>) -> Vec<String> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let share = |thread: usize| seeds.clone().skip(thread).step_by(threads).filter_map(|seed| storm(seed).err());
    in_threads(threads, |thread| share(thread).collect())
}

/// What so many threads have to say, each of which is given its number.
pub(crate) fn in_threads(threads: usize, share: impl Fn(usize) -> Vec<String> + Sync) -> Vec<String> {
    let share = &share;
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|thread| scope.spawn(move || share(thread))).collect();
        all.into_iter().flat_map(|thread| thread.join().expect("a thread does not panic")).collect()
    })
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

//! The storms of `tests/hostile`, as many as one has time for.
//!
//! `cargo run --release -p tapwright-bench --bin storms -- 0..100000`, and `-- 42` plays one again.

use std::io;
use std::time::Instant;

#[path = "../../../hostile/judge.rs"]
mod judge;
#[allow(dead_code, reason = "readers die in the tests alone")]
#[path = "../../../hostile/memory.rs"]
mod memory;
#[path = "../../../hostile/storm.rs"]
mod storm;
#[path = "../../../hostile/world.rs"]
mod world;

fn main() -> io::Result<()> {
    let argument = std::env::args().nth(1).unwrap_or_else(|| "0..100000".to_owned());
    let seeds = storm::range(&argument).ok_or_else(|| io::Error::other("expected a seed, or a range such as 0..100000"))?;
    let began = Instant::now();
    let problems = storm::through(&seeds);
    println!("{} seeds in {:.0?}: {} violations", seeds.end - seeds.start, began.elapsed(), problems.len());
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() { Ok(()) } else { Err(io::Error::other("play one again by its seed")) }
}

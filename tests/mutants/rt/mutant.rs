//! Which mutant is alive in this process.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of the mutant that is alive; 0, if none is.
static ALIVE: OnceLock<u32> = OnceLock::new();

/// Where the numbers of mutants that are reached are written to, if that is asked for.
static REACHED: OnceLock<Option<File>> = OnceLock::new();

/// A bit for each mutant that was written there.
static SEEN: [AtomicU64; 16_384] = [const { AtomicU64::new(0) }; 16_384];

/// Whether a mutant is the one that is alive.
pub fn is(id: u32) -> bool {
    if let Some(file) = REACHED.get_or_init(reached) {
        note(id, file);
    }
    *ALIVE.get_or_init(alive) == id
}

fn alive() -> u32 {
    std::env::var("MUTANT").ok().and_then(|id| id.parse().ok()).unwrap_or(0)
}

fn reached() -> Option<File> {
    let path = std::env::var_os("MUTANTS_REACHED")?;
    OpenOptions::new().create(true).append(true).open(path).ok()
}

fn note(id: u32, mut file: &File) {
    let (word, bit) = (&SEEN[id as usize / 64], 1 << (id % 64));
    if word.load(Ordering::Relaxed) & bit == 0 && word.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
        // One write a line, so that lines of several threads and processes do not mix.
        file.write_all(format!("{id}\n").as_bytes()).expect("the file of what is reached can be written");
    }
}

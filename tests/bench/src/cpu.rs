//! CPU time. That of child processes comes from the process file system; Linux only.

use std::fs;
use std::io;

use rustix::time::{ClockId, clock_gettime};

/// How many ticks `/proc/self/stat` counts in a second: 100 on every architecture that Rust has a toolchain for.
const TICKS: f64 = 100.0;

/// The CPU seconds of the calling thread so far.
#[must_use]
pub fn of_thread() -> f64 {
    of(ClockId::ThreadCPUTime)
}

/// The CPU seconds that several ways to do a thing take on this thread, for each way one of each round: they take turns, so that a machine
/// that slows down slows all of them.
pub fn in_turns<W>(rounds: usize, ways: &mut [W], mut go: impl FnMut(&mut W)) -> Vec<Vec<f64>> {
    let mut seconds = vec![Vec::with_capacity(rounds); ways.len()];
    for _ in 0..rounds {
        for (way, seconds) in ways.iter_mut().zip(&mut seconds) {
            let start = of_thread();
            go(way);
            seconds.push(of_thread() - start);
        }
    }
    seconds
}

/// The CPU seconds of this process so far, all threads together.
#[must_use]
pub fn of_process() -> f64 {
    of(ClockId::ProcessCPUTime)
}

#[expect(clippy::cast_precision_loss, reason = "nanoseconds of a benchmark fit a float")]
fn of(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// The CPU seconds so far of all child processes that were waited for, and of theirs.
pub fn of_children() -> io::Result<f64> {
    let text = fs::read_to_string("/proc/self/stat")?;
    // The second field is the program's name in brackets; it may hold anything. `cutime` is field 16, `cstime` 17.
    let (_, after_name) = text.rsplit_once(')').ok_or_else(|| unreadable(&text))?;
    Ok((field(after_name, 13)? + field(after_name, 14)?) / TICKS)
}

fn field(text: &str, index: usize) -> io::Result<f64> {
    let field = text.split_whitespace().nth(index).ok_or_else(|| unreadable(text))?;
    field.parse().map_err(|_| unreadable(text))
}

fn unreadable(text: &str) -> io::Error {
    io::Error::other(format!("unexpected text in /proc: {text}"))
}

//! Every mutant before the tests that get to it, the quickest first, until one of them finds it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{io, thread};

use crate::mutate::{Key, Mutant};
use crate::suite::{End, Suite};

/// What became of a mutant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// A test failed.
    Killed {
        /// The name of its suite.
        by: String,
        /// Whether that is one of the runtime's own.
        unit: bool,
        /// Whether it failed by not coming to an end.
        hung: bool,
    },
    /// All tests passed.
    Survived,
    /// No test gets to it.
    Unreached,
}

/// What became of each mutant.
pub type Outcomes = HashMap<Key, Outcome>;

/// Tries mutants, so many at once, and tells what became of each.
pub fn trial(
    mutants: &[Mutant],
    suites: &[Suite],
    jobs: usize,
    told: &mut (dyn FnMut(&Key, Outcome) -> io::Result<()> + Send),
) -> io::Result<()> {
    let next = AtomicUsize::new(0);
    let told = Mutex::new(told);
    let work = || {
        while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = judge(mutant, suites)?;
            let mut told = told.lock().map_err(|_| io::Error::other("another thread panicked"))?;
            told(&mutant.key, outcome)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| io::Error::other("a thread panicked"))?)
    })
}

fn judge(mutant: &Mutant, suites: &[Suite]) -> io::Result<Outcome> {
    let mut reaching: Vec<&Suite> = suites.iter().filter(|suite| suite.reached.contains(&mutant.id)).collect();
    if reaching.is_empty() {
        return Ok(Outcome::Unreached);
    }
    reaching.sort_by_key(|suite| (!suite.is_for(&mutant.key.file), suite.time));
    for suite in reaching {
        let end = suite.judge(mutant.id)?;
        if end != End::Passed {
            return Ok(Outcome::Killed { by: suite.name.clone(), unit: suite.is_unit(), hung: end == End::Hung });
        }
    }
    Ok(Outcome::Survived)
}

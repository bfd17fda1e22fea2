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

/// Tries mutants, so many at once.
pub fn trial(mutants: &[Mutant], suites: &[Suite], jobs: usize) -> io::Result<Outcomes> {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Outcomes::new());
    let failure = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match judge(mutant, suites) {
                        Ok(outcome) => {
                            if !matches!(outcome, Outcome::Killed { .. }) {
                                eprintln!("{outcome:?}: {}", mutant.key.line());
                            }
                            let mut outcomes = outcomes.lock().expect("no other thread panics");
                            outcomes.insert(mutant.key.clone(), outcome);
                            if outcomes.len() % 100 == 0 {
                                eprintln!("{} of {}", outcomes.len(), mutants.len());
                            }
                        }
                        Err(error) => *failure.lock().expect("no other thread panics") = Some(error),
                    }
                }
            });
        }
    });
    match failure.into_inner().expect("no thread panics") {
        Some(error) => Err(error),
        None => Ok(outcomes.into_inner().expect("no thread panics")),
    }
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

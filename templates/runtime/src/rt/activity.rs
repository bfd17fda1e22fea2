//! What a client's calls are at, for those who watch: how long they waited, and how many records are still to come.
#![cfg(feature = "cli")]

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::rt::walk::Taken;

/// What the calls of a client are at.
#[derive(Debug, Default)]
pub struct Activity(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    waited: Duration,
    left: BTreeMap<&'static str, u64>,
}

impl Activity {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a call waited: for a limit, or before another attempt.
    pub fn wait(&self, duration: Duration) {
        self.seen().waited += duration;
    }

    /// Notes a page of a resource that is read once, whose total says how many records come after it.
    pub fn page(&self, resource: &'static str, page: &Taken) {
        let (Some(total), Some(here)) = (page.page.facts.total, page.here.last()) else { return };
        self.seen().left.insert(resource, total.saturating_sub(here.seen + page.page.facts.rows));
    }

    /// How long calls waited, all together.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.seen().waited
    }

    /// How many records of a resource are still to come, where that is known.
    #[must_use]
    pub fn left(&self, resource: &str) -> Option<u64> {
        self.seen().left.get(resource).copied()
    }
}

//! What a service was asked, for tests that count.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What a service was asked so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// The number of requests by operation and status. The token endpoint is `token`, an unknown address `unknown`.
    pub requests: BTreeMap<(String, u16), u64>,
    /// How many tokens were issued.
    pub tokens: u64,
}

impl Stats {
    /// The requests of an operation, whatever their status.
    #[must_use]
    pub fn requests_of(&self, operation: &str) -> u64 {
        self.requests.iter().filter(|((held, _), _)| held == operation).map(|(_, count)| count).sum()
    }

    /// The answers with a status.
    #[must_use]
    pub fn answers_with(&self, status: u16) -> u64 {
        self.requests.iter().filter(|((_, held), _)| *held == status).map(|(_, count)| count).sum()
    }

    /// All requests.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.requests.values().sum()
    }
}

/// The same while it is counted.
#[derive(Debug, Default)]
pub(super) struct Counter(Mutex<Stats>);

impl Counter {
    pub(super) fn count(&self, operation: &str, status: u16) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *held.requests.entry((operation.to_owned(), status)).or_default() += 1;
        if operation == TOKEN && status == 200 {
            held.tokens += 1;
        }
    }

    pub(super) fn held(&self) -> Stats {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// How the token endpoint is counted.
pub(super) const TOKEN: &str = "token";

/// How the page where users log in is counted.
pub(super) const AUTHORIZE: &str = "authorize";

/// How an unknown address is counted.
pub(super) const UNKNOWN: &str = "unknown";

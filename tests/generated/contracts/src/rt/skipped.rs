//! What was passed over in a run, because a rule of the spec says so.

use crate::rt::error::Error;

/// How many are kept with their details; all are counted.
const KEPT: usize = 100;

/// A list that was not read to its end, because a rule of the spec says so.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Skipped {
    /// The resource that the list is of: the one that is read, or one of its parents.
    pub resource: String,
    /// The values of parents' records that the list was asked for with: names and JSON texts, without secrets.
    pub partition: Vec<(String, String)>,
    /// The status of the response that the rule applied to.
    pub status: u16,
    /// The rule, such as `status 404: ignore`.
    pub rule: String,
}

/// The lists that were not read to their end: all counted, the first 100 kept.
#[derive(Clone, Debug, Default)]
pub struct SkippedLog {
    kept: Vec<Skipped>,
    count: u64,
}

impl SkippedLog {
    /// The first 100.
    #[must_use]
    pub fn kept(&self) -> &[Skipped] {
        &self.kept
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Adds others.
    pub fn append(&mut self, others: Self) {
        let room = KEPT.saturating_sub(self.kept.len());
        self.kept.extend(others.kept.into_iter().take(room));
        self.count += others.count;
    }

    /// Adds a list that ended with this error.
    pub fn push(&mut self, resource: &str, partition: Vec<(String, String)>, error: &Error) {
        self.count += 1;
        if self.kept.len() < KEPT {
            let (status, rule) = (error.status().unwrap_or(0), error.rule().unwrap_or_default().to_owned());
            self.kept.push(Skipped { resource: resource.to_owned(), partition, status, rule });
        }
    }
}

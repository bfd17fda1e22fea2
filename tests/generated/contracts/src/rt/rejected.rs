//! What was left out of the records that were read, because it does not fit the schema.

use crate::rt::fault::Fault;

/// How many are kept with their details; all are counted.
const KEPT: usize = 100;

/// A value or a record that was left out, since it does not fit the schema.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Rejected {
    /// The number of the record in its page, from 0.
    pub index: u64,
    /// The JSON path of the value in its page, such as `$.users[17].created_at`.
    pub path: String,
    /// The byte offset of the value in its page.
    pub offset: usize,
    /// What was expected and what was found.
    pub message: String,
}

/// The values and records that were left out: all counted, the first 100 kept.
#[derive(Clone, Debug, Default)]
pub struct RejectedLog {
    kept: Vec<Rejected>,
    count: u64,
}

impl RejectedLog {
    /// The first 100.
    #[must_use]
    pub fn kept(&self) -> &[Rejected] {
        &self.kept
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Adds those of a page.
    pub fn append(&mut self, page: Self) {
        let room = KEPT.saturating_sub(self.kept.len());
        self.kept.extend(page.kept.into_iter().take(room));
        self.count += page.count;
    }

    /// Adds one.
    pub fn push(&mut self, index: u64, fault: &Fault) {
        self.count += 1;
        if self.kept.len() < KEPT {
            let (path, offset, message) = (fault.path(), fault.offset(), fault.message().to_owned());
            self.kept.push(Rejected { index, path, offset, message });
        }
    }
}

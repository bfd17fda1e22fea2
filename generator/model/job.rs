//! Jobs: records that the service collects in its own time, and gives as files.

use super::{Compression, Operation, Path, Spanned, Template};
use crate::source::Span;

/// How a resource is read by a job. The resource's own request starts one; where there is none that does, it is the one that asks
/// how a job goes. The resource's decoder and selectors are for the files.
#[derive(Clone, Debug)]
pub struct Job {
    /// Where it is said.
    pub span: Span,
    /// Where the job's id is in the answer of the request that starts it; none where jobs are there already.
    pub id: Option<Spanned<Path>>,
    /// The request that asks how the job goes.
    pub poll: Operation,
    /// Where its status is in the answer.
    pub status: Path,
    /// The statuses of a job at work.
    pub running: Vec<Spanned<String>>,
    /// The statuses of a job whose files are there.
    pub completed: Vec<Spanned<String>>,
    /// The statuses of a job that will have no files.
    pub failed: Vec<Spanned<String>>,
    /// Where the answer says how far the job has come.
    pub progress: Option<Path>,
    /// Where the answer says why the job failed.
    pub error: Option<Path>,
    /// How often it is asked.
    pub waits: Waits,
    /// Where the address of the file is in the answer: a text, or a list of texts.
    pub files: Path,
    /// The hosts that files may be at, besides the API's own.
    pub hosts: Hosts,
    /// What the file itself is packed with, where no header says so.
    pub packed: Option<Compression>,
    /// The request that removes the job.
    pub cleanup: Option<Operation>,
}

impl Job {
    /// The requests about a job that is there.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        std::iter::once(&self.poll).chain(&self.cleanup)
    }

    /// Every text with holes.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.operations().flat_map(Operation::templates)
    }
}

/// How often a job is asked for, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waits {
    /// The wait before the first time.
    pub first_ms: u64,
    /// What a wait is multiplied with for the next one.
    pub factor: f64,
    /// The longest wait.
    pub longest_ms: u64,
    /// How long a run waits for its job in all.
    pub deadline_ms: u64,
}

impl Default for Waits {
    fn default() -> Self {
        Self { first_ms: 1_000, factor: 1.5, longest_ms: 30_000, deadline_ms: 3_600_000 }
    }
}

/// The hosts that files may be at, besides the API's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// Any.
    Any,
    /// These; `*.example.com` is every host below that one.
    Only(Vec<String>),
}

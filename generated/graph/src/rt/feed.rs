//! What a load reads: batches of records, from pages or from the files of a job.
#![cfg(feature = "load")]

use std::future::poll_fn;
use std::task::{Context, Poll};

use crate::rt::batch::Rewrite;
use crate::rt::batches::{Batch, Batches};
use crate::rt::columnar::Type;
use crate::rt::error::Result;
use crate::rt::gathering::Gathering;
use crate::rt::rejected::RejectedLog;
use crate::rt::run::Settings;
use crate::rt::skipped::SkippedLog;

/// Batches of records.
pub trait Feed: Send {
    /// The next batch; none at the end, as after an error.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Batch>>>;

    /// What batches are made of. How they are laid out is said before the first one.
    fn gathering(&mut self) -> &mut Gathering;

    /// The text of the state that a later run starts from, where the resource has an incremental cursor.
    fn state_text(&self) -> Option<String>;

    /// Where the service had forgotten what an earlier run ended at, in words.
    fn gaps(&self) -> Vec<String>;

    /// How many requests were made.
    fn requests(&self) -> u64;

    /// The values and records that were left out since they do not fit the schema.
    fn rejected(&self) -> &RejectedLog;

    /// The lists that were not read to their end, because a rule of the spec says so.
    fn skipped(&self) -> SkippedLog;
}

impl dyn Feed {
    /// The next batch; none at the end.
    pub async fn try_next(&mut self) -> Result<Option<Batch>> {
        poll_fn(|cx| self.poll_next(cx)).await.transpose()
    }
}

/// Opens a list: what its requests are given, what its records are, and what becomes of each before it is a row.
pub type Open = fn(Settings, Type, Option<Rewrite>) -> Box<dyn Feed>;

/// Opens a list whose pages are read.
#[must_use]
pub fn pages(settings: Settings, kind: Type, rewrite: Option<Rewrite>) -> Box<dyn Feed> {
    Box::new(Batches::new(settings, kind, rewrite))
}

impl Feed for Batches {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Batch>>> {
        self.poll_next(cx)
    }

    fn gathering(&mut self) -> &mut Gathering {
        &mut self.rows
    }

    fn state_text(&self) -> Option<String> {
        self.driver.run.state_text()
    }

    fn gaps(&self) -> Vec<String> {
        self.driver.run.gaps_told()
    }

    fn requests(&self) -> u64 {
        self.requests()
    }

    fn rejected(&self) -> &RejectedLog {
        self.rejected()
    }

    fn skipped(&self) -> SkippedLog {
        self.skipped().clone()
    }
}

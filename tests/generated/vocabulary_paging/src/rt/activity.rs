//! What a client is at, for those who watch: how far its reads are, and how long its calls waited.
#![cfg(feature = "cli")]

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::rt::descriptor::Resource;
use crate::rt::walk::Taken;

/// What a client is at.
#[derive(Debug, Default)]
pub struct Activity(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    waited: Duration,
    readings: BTreeMap<&'static str, Reading>,
}

/// How far the reads of a resource are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Reading {
    /// How many rows came.
    pub rows: u64,
    /// How many bytes its pages had, once they were unpacked.
    pub bytes: u64,
    /// How many requests the latest read has made.
    pub requests: u64,
    /// How many rows are still to come, where that is known.
    pub left: Option<u64>,
}

impl Activity {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a call waited: for a limit, or before another attempt.
    pub fn wait(&self, duration: Duration) {
        self.seen().waited += duration;
    }

    /// How long calls waited, all together.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.seen().waited
    }

    /// Notes a page of a read that has made so many requests.
    pub fn page(&self, resource: &'static Resource, page: &Taken, requests: u64) {
        let mut seen = self.seen();
        let reading = seen.readings.entry(resource.operation.name).or_default();
        reading.rows += page.page.records;
        reading.bytes += page.body.len() as u64;
        reading.requests = requests;
        // Elsewhere a total is that of one partition of many.
        if let (true, Some(total), Some(here)) = (resource.partitions.is_empty(), page.page.facts.total, page.here.last()) {
            reading.left = Some(total.saturating_sub(here.seen + page.page.facts.rows));
        }
    }

    /// Notes rows of a read that has made so many requests, where these do not come in pages.
    pub fn rows(&self, resource: &'static Resource, rows: usize, requests: u64) {
        let mut seen = self.seen();
        let reading = seen.readings.entry(resource.operation.name).or_default();
        reading.rows += rows as u64;
        reading.requests = requests;
    }

    /// How far the reads of a resource are.
    #[must_use]
    pub fn reading(&self, resource: &str) -> Reading {
        self.seen().readings.get(resource).copied().unwrap_or_default()
    }
}

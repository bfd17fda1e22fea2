//! The records and pages of a resource as iterators that block, without an async runtime.
#![cfg(feature = "blocking")]

use std::iter::FusedIterator;
use std::sync::Arc;

use crate::rt::batch::{Batch, Hook, Page};
use crate::rt::codec::Decode;
use crate::rt::core::Core;
use crate::rt::error::Result;
use crate::rt::page::Sink;
use crate::rt::run::{Run, Settings, Step, run_methods};

/// Runs a run, one request at a time.
pub(crate) struct Blocking {
    core: Arc<Core>,
    pub(crate) run: Run,
}

impl Blocking {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { core: Arc::clone(&settings.core), run: Run::new(settings, 0) }
    }

    /// Reads the next page into the sink. False at the end.
    pub(crate) fn read_page(&mut self, sink: &mut dyn Sink) -> Result<bool> {
        loop {
            match self.run.turn(sink)? {
                Step::Page => return Ok(true),
                Step::Done => return Ok(false),
                Step::Wait(_) => {
                    if let Some(plan) = self.run.plan() {
                        let answer = self.core.execute_blocking(plan.operation, plan.request);
                        self.run.arrive(plan.ticket, answer);
                    }
                }
            }
        }
    }
}

/// The records of a resource, one after the other. After an error, as after the end, there are no more.
pub struct BlockingItems<T> {
    pub(crate) driver: Blocking,
    records: std::vec::IntoIter<T>,
    hook: Option<Hook<T>>,
}

impl<T: Decode> BlockingItems<T> {
    pub(crate) fn new(settings: Settings, hook: Option<Hook<T>>) -> Self {
        Self { driver: Blocking::new(settings), records: Vec::new().into_iter(), hook }
    }
}

impl<T: Decode> Iterator for BlockingItems<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.records.next() {
                self.driver.run.hand_out();
                return Some(Ok(record));
            }
            let mut batch = Batch::new(self.driver.run.page_records(), self.hook.clone());
            match self.driver.read_page(&mut batch) {
                Ok(true) => self.records = batch.records.into_iter(),
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<T: Decode> FusedIterator for BlockingItems<T> {}

/// The pages of a resource, one after the other. After an error, as after the end, there are no more.
pub struct BlockingPages<T> {
    pub(crate) driver: Blocking,
    hook: Option<Hook<T>>,
}

impl<T: Decode> BlockingPages<T> {
    pub(crate) fn new(settings: Settings, hook: Option<Hook<T>>) -> Self {
        Self { driver: Blocking::new(settings), hook }
    }

    /// One page alone.
    pub(crate) fn one(settings: Settings, hook: Option<Hook<T>>) -> Result<Page<T>> {
        let mut driver = Blocking::new(settings);
        let mut batch = Batch::new(0, hook);
        driver.read_page(&mut batch)?;
        batch.into_only_page(&mut driver.run)
    }
}

impl<T: Decode> Iterator for BlockingPages<T> {
    type Item = Result<Page<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut batch = Batch::new(self.driver.run.page_records(), self.hook.clone());
        match self.driver.read_page(&mut batch) {
            Ok(true) => Some(Ok(batch.into_page(&mut self.driver.run))),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

impl<T: Decode> FusedIterator for BlockingPages<T> {}

run_methods!(BlockingItems, T);
run_methods!(BlockingPages, T);

//! The records of a job as iterators that block, without an async runtime.
#![cfg(feature = "blocking")]

use std::iter::FusedIterator;
use std::sync::Arc;

use crate::rt::batch::{Batch, Hook, Page};
use crate::rt::codec::Decode;
use crate::rt::core::Core;
use crate::rt::download::Download;
use crate::rt::error::Result;
use crate::rt::job_run::JobRun;
use crate::rt::job_step::{Event, JobSettings, Step, job_methods};
use crate::rt::page::Sink;
use crate::rt::transport::BlockingPieces;

/// Runs a run.
pub(crate) struct Driver {
    core: Arc<Core>,
    pub(crate) run: JobRun,
    body: Option<Box<dyn BlockingPieces>>,
}

impl Driver {
    pub(crate) fn new(settings: JobSettings) -> Self {
        Self { core: Arc::clone(&settings.core), run: JobRun::new(settings), body: None }
    }

    /// Reads the next batch into the sink. False at the end.
    pub(crate) fn read_batch(&mut self, sink: &mut dyn Sink) -> Result<bool> {
        let mut step = self.run.step(Event::Go, self.core.now(), sink)?;
        loop {
            step = match step {
                Step::Records => return Ok(true),
                Step::Done => return Ok(false),
                Step::Call(operation, request) => {
                    let answer = self.core.execute_blocking(operation, request);
                    self.run.step(Event::Answer(answer), self.core.now(), sink)?
                }
                Step::Sleep(wait) => {
                    self.core.blocking_driver.transport().sleep(wait);
                    self.run.step(Event::Slept, self.core.now(), sink)?
                }
                Step::Download(operation, request) => {
                    self.body = None;
                    let opened = self.core.download_blocking(operation, request);
                    let head = opened.map(|Download { headers, pieces }| {
                        self.body = Some(pieces);
                        headers
                    });
                    self.run.step(Event::Opened(head), self.core.now(), sink)?
                }
                Step::Read => {
                    let piece = self.body.as_mut().map_or(Ok(None), |body| body.piece());
                    let piece = piece.as_ref().map(Option::as_deref).map_err(Clone::clone);
                    self.run.step(Event::Piece(piece), self.core.now(), sink)?
                }
            };
        }
    }
}

/// The records of a job, one after the other. After an error, as after the end, there are no more.
pub struct BlockingJobItems<T> {
    driver: Driver,
    records: std::vec::IntoIter<T>,
    hook: Option<Hook<T>>,
}

impl<T: Decode> BlockingJobItems<T> {
    pub(crate) fn new(settings: JobSettings, hook: Option<Hook<T>>) -> Self {
        Self { driver: Driver::new(settings), records: Vec::new().into_iter(), hook }
    }
}

impl<T: Decode> Iterator for BlockingJobItems<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.records.next() {
                self.driver.run.hand_out();
                return Some(Ok(record));
            }
            let mut batch = Batch::new(0, self.hook.clone());
            match self.driver.read_batch(&mut batch) {
                Ok(true) => self.records = batch.records.into_iter(),
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<T: Decode> FusedIterator for BlockingJobItems<T> {}

/// The records of a job in batches of up to 1000, as they come. After an error, as after the end, there are no more.
pub struct BlockingJobPages<T> {
    driver: Driver,
    hook: Option<Hook<T>>,
}

impl<T: Decode> BlockingJobPages<T> {
    pub(crate) fn new(settings: JobSettings, hook: Option<Hook<T>>) -> Self {
        Self { driver: Driver::new(settings), hook }
    }
}

impl<T: Decode> Iterator for BlockingJobPages<T> {
    type Item = Result<Page<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut batch = Batch::new(0, self.hook.clone());
        match self.driver.read_batch(&mut batch) {
            Ok(true) => {
                self.driver.run.hand_out_batch();
                Some(Ok(Page { records: batch.records, total: None, checkpoint: self.driver.run.checkpoint() }))
            }
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

impl<T: Decode> FusedIterator for BlockingJobPages<T> {}

job_methods!(BlockingJobItems, T);
job_methods!(BlockingJobPages, T);

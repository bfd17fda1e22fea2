//! The records of a job as a stream, and in batches.
#![cfg(feature = "async")]

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::runtime::Handle;

use crate::rt::batch::{Batch, Hook, Page};
use crate::rt::codec::Decode;
use crate::rt::core::Core;
use crate::rt::download::Download;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::job_run::JobRun;
use crate::rt::job_step::{Event, JobSettings, Step, job_methods};
use crate::rt::message::{Response, TransportFault};
use crate::rt::page::Sink;
use crate::rt::transport::{BoxFuture, Pieces};

/// A body, where there is one.
type Body = Option<Box<dyn Pieces>>;

/// What came of something that was to be done.
enum Outcome {
    Slept,
    Answer(Result<Response>),
    Opened(Result<Download<Box<dyn Pieces>>>),
    Piece(Body, Result<Option<Vec<u8>>, TransportFault>),
}

/// Runs a run.
pub(crate) struct Driver {
    core: Arc<Core>,
    pub(crate) run: JobRun,
    /// What is being done.
    doing: Option<BoxFuture<'static, Outcome>>,
    body: Body,
}

impl Driver {
    pub(crate) fn new(settings: JobSettings) -> Self {
        Self { core: Arc::clone(&settings.core), run: JobRun::new(settings), doing: None, body: None }
    }

    /// Reads the next batch into the sink. False at the end.
    pub(crate) fn poll_batch(&mut self, cx: &mut Context<'_>, sink: &mut dyn Sink) -> Poll<Result<bool>> {
        if Handle::try_current().is_err() {
            let message = "a tokio runtime is needed; without one, use `blocking()`";
            return Poll::Ready(Err(Error::new(ErrorKind::Config, message)));
        }
        loop {
            let outcome = match &mut self.doing {
                Some(doing) => Some(ready!(doing.as_mut().poll(cx))),
                None => None,
            };
            self.doing = None;
            let now = self.core.now();
            let step = match outcome {
                None => self.run.step(Event::Go, now, sink),
                Some(Outcome::Slept) => self.run.step(Event::Slept, now, sink),
                Some(Outcome::Answer(answer)) => self.run.step(Event::Answer(answer), now, sink),
                Some(Outcome::Opened(opened)) => {
                    let head = opened.map(|Download { headers, pieces }| {
                        self.body = Some(pieces);
                        headers
                    });
                    self.run.step(Event::Opened(head), now, sink)
                }
                Some(Outcome::Piece(body, piece)) => {
                    self.body = body;
                    let piece = piece.as_ref().map(Option::as_deref).map_err(Clone::clone);
                    self.run.step(Event::Piece(piece), now, sink)
                }
            };
            match step {
                Ok(Step::Records) => return Poll::Ready(Ok(true)),
                Ok(Step::Done) => return Poll::Ready(Ok(false)),
                Ok(step) => self.doing = Some(perform(Arc::clone(&self.core), step, self.body.take())),
                Err(error) => {
                    self.body = None;
                    return Poll::Ready(Err(error));
                }
            }
        }
    }
}

/// Does what is to be done.
fn perform(core: Arc<Core>, step: Step, mut body: Body) -> BoxFuture<'static, Outcome> {
    Box::pin(async move {
        match step {
            Step::Call(operation, request) => Outcome::Answer(core.execute(operation, request).await),
            Step::Download(operation, request) => {
                drop(body);
                Outcome::Opened(core.download(operation, request).await)
            }
            Step::Read => {
                let piece = match &mut body {
                    Some(body) => poll_fn(|cx| body.poll_piece(cx)).await,
                    None => Ok(None),
                };
                Outcome::Piece(body, piece)
            }
            Step::Sleep(wait) => {
                core.driver.transport().sleep(wait).await;
                Outcome::Slept
            }
            Step::Records | Step::Done => Outcome::Slept,
        }
    })
}

/// The records of a job, one after the other. After an error, as after the end, there are no more.
pub struct JobItems<T> {
    driver: Driver,
    records: std::vec::IntoIter<T>,
    hook: Option<Hook<T>>,
}

// No field is ever pinned.
impl<T> Unpin for JobItems<T> {}

impl<T: Decode> JobItems<T> {
    pub(crate) fn new(settings: JobSettings, hook: Option<Hook<T>>) -> Self {
        Self { driver: Driver::new(settings), records: Vec::new().into_iter(), hook }
    }

    /// The next record; none at the end.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The next record; none at the end. For use with `?` in `while let`.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    /// All records that are left.
    pub async fn collect(mut self) -> Result<Vec<T>> {
        let mut records = Vec::new();
        while let Some(record) = self.try_next().await? {
            records.push(record);
        }
        Ok(records)
    }

    /// The next record, for use in a future written by hand.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(record) = self.records.next() {
                self.driver.run.hand_out();
                return Poll::Ready(Some(Ok(record)));
            }
            let mut batch = Batch::new(0, self.hook.clone());
            match ready!(self.driver.poll_batch(cx, &mut batch)) {
                Ok(true) => self.records = batch.records.into_iter(),
                Ok(false) => return Poll::Ready(None),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl<T: Decode> Stream for JobItems<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_next(cx)
    }
}

/// The records of a job in batches of up to 1000, as they come. After an error, as after the end, there are no more.
pub struct JobPages<T> {
    driver: Driver,
    hook: Option<Hook<T>>,
}

impl<T: Decode> JobPages<T> {
    pub(crate) fn new(settings: JobSettings, hook: Option<Hook<T>>) -> Self {
        Self { driver: Driver::new(settings), hook }
    }

    /// The next batch; none at the end.
    pub async fn next(&mut self) -> Option<Result<Page<T>>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The next batch; none at the end. For use with `?` in `while let`.
    pub async fn try_next(&mut self) -> Result<Option<Page<T>>> {
        self.next().await.transpose()
    }

    /// All batches that are left.
    pub async fn collect(mut self) -> Result<Vec<Page<T>>> {
        let mut pages = Vec::new();
        while let Some(page) = self.try_next().await? {
            pages.push(page);
        }
        Ok(pages)
    }

    /// The next batch, for use in a future written by hand.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page<T>>>> {
        let mut batch = Batch::new(0, self.hook.clone());
        Poll::Ready(match ready!(self.driver.poll_batch(cx, &mut batch)) {
            Ok(true) => {
                self.driver.run.hand_out_batch();
                Some(Ok(Page { records: batch.records, total: None, checkpoint: self.driver.run.checkpoint() }))
            }
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        })
    }
}

impl<T: Decode> Stream for JobPages<T> {
    type Item = Result<Page<T>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_next(cx)
    }
}

job_methods!(JobItems, T);
job_methods!(JobPages, T);

//! The records and pages of a resource as streams.
//!
//! Requests run as tasks of their own: the next page is fetched while the records of this one are used, and where the pages to
//! come are known, several are fetched at once. They are stopped when the stream is dropped.
#![cfg(feature = "async")]

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::rt::batch::{Batch, Hook, Page};
use crate::rt::codec::Decode;
use crate::rt::core::Core;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::message::Response;
use crate::rt::page::Sink;
use crate::rt::run::{Run, Settings, Step, run_methods};

/// A request under way. It is stopped when it is dropped.
struct Fetch {
    ticket: u64,
    task: JoinHandle<Result<Response>>,
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Runs a run, with requests ahead of time.
pub(crate) struct Ahead {
    core: Arc<Core>,
    pub(crate) run: Run,
    window: usize,
    fetches: VecDeque<Fetch>,
}

impl Ahead {
    pub(crate) fn new(settings: Settings, window: usize) -> Self {
        Self { core: Arc::clone(&settings.core), run: Run::new(settings, window), window, fetches: VecDeque::new() }
    }

    /// Reads the next page into the sink. False at the end.
    pub(crate) fn poll_page(&mut self, cx: &mut Context<'_>, sink: &mut dyn Sink) -> Poll<Result<bool>> {
        loop {
            self.launch();
            match self.run.turn(sink) {
                Ok(Step::Page) => {
                    if self.window > 0 {
                        self.launch();
                    }
                    return Poll::Ready(Ok(true));
                }
                Ok(Step::Wait(ticket)) => ready!(self.poll_answer(cx, ticket)),
                Ok(Step::Done) => return Poll::Ready(Ok(false)),
                Err(error) => {
                    self.fetches.clear();
                    return Poll::Ready(Err(error));
                }
            }
        }
    }

    /// Starts what can be asked for now, and stops what is of no use any more.
    fn launch(&mut self) {
        let cancelled = self.run.cancelled();
        self.fetches.retain(|fetch| !cancelled.contains(&fetch.ticket));
        while let Some(plan) = self.run.plan() {
            if let Ok(runtime) = Handle::try_current() {
                let task = runtime.spawn(self.core.execute(plan.operation, plan.request));
                self.fetches.push_back(Fetch { ticket: plan.ticket, task });
            } else {
                let error = Error::new(ErrorKind::Config, "a tokio runtime is needed; without one, use `blocking()`");
                self.run.arrive(plan.ticket, Err(error));
            }
        }
    }

    /// Waits for the answer to a request.
    fn poll_answer(&mut self, cx: &mut Context<'_>, ticket: Option<u64>) -> Poll<()> {
        let Some(at) = self.fetches.iter().position(|fetch| Some(fetch.ticket) == ticket) else { return Poll::Ready(()) };
        let Some(fetch) = self.fetches.get_mut(at) else { return Poll::Ready(()) };
        let answer = ready!(Pin::new(&mut fetch.task).poll(cx));
        let answer = answer.unwrap_or_else(|_| Err(Error::new(ErrorKind::Transport, "the runtime stopped the request")));
        let ticket = fetch.ticket;
        self.fetches.remove(at);
        self.run.arrive(ticket, answer);
        Poll::Ready(())
    }
}

/// The records of a resource, one after the other. After an error, as after the end, there are no more.
pub struct Items<T> {
    pub(crate) driver: Ahead,
    records: std::vec::IntoIter<T>,
    hook: Option<Hook<T>>,
}

// No field is ever pinned.
impl<T> Unpin for Items<T> {}

impl<T: Decode> Items<T> {
    pub(crate) fn new(settings: Settings, hook: Option<Hook<T>>) -> Self {
        let window = settings.concurrency;
        Self { driver: Ahead::new(settings, window), records: Vec::new().into_iter(), hook }
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
            let mut batch = Batch::new(self.driver.run.page_records(), self.hook.clone());
            match ready!(self.driver.poll_page(cx, &mut batch)) {
                Ok(true) => self.records = batch.records.into_iter(),
                Ok(false) => return Poll::Ready(None),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl<T: Decode> Stream for Items<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_next(cx)
    }
}

/// The pages of a resource, one after the other. After an error, as after the end, there are no more.
pub struct Pages<T> {
    pub(crate) driver: Ahead,
    hook: Option<Hook<T>>,
}

impl<T: Decode> Pages<T> {
    pub(crate) fn new(settings: Settings, hook: Option<Hook<T>>) -> Self {
        let window = settings.concurrency;
        Self { driver: Ahead::new(settings, window), hook }
    }

    /// One page alone; none is asked for ahead of time.
    pub(crate) async fn one(settings: Settings, hook: Option<Hook<T>>) -> Result<Page<T>> {
        let mut driver = Ahead::new(settings, 0);
        let mut batch = Batch::new(0, hook);
        poll_fn(|cx| driver.poll_page(cx, &mut batch)).await?;
        batch.into_only_page(&mut driver.run)
    }

    /// The next page; none at the end.
    pub async fn next(&mut self) -> Option<Result<Page<T>>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The next page; none at the end. For use with `?` in `while let`.
    pub async fn try_next(&mut self) -> Result<Option<Page<T>>> {
        self.next().await.transpose()
    }

    /// All pages that are left.
    pub async fn collect(mut self) -> Result<Vec<Page<T>>> {
        let mut pages = Vec::new();
        while let Some(page) = self.try_next().await? {
            pages.push(page);
        }
        Ok(pages)
    }

    /// The next page, for use in a future written by hand.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page<T>>>> {
        let mut batch = Batch::new(self.driver.run.page_records(), self.hook.clone());
        Poll::Ready(match ready!(self.driver.poll_page(cx, &mut batch)) {
            Ok(true) => Some(Ok(batch.into_page(&mut self.driver.run))),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        })
    }
}

impl<T: Decode> Stream for Pages<T> {
    type Item = Result<Page<T>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_next(cx)
    }
}

run_methods!(Items, T);
run_methods!(Pages, T);

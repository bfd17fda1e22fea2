//! The records of a resource as Arrow record batches.
//!
//! A batch is made of whole pages, until it has about so many bytes, so that memory is bounded whatever a page has. Pages are not
//! asked for further ahead than for the other iterators: a slow consumer slows the requests down.
#![cfg(all(feature = "arrow", any(feature = "async", feature = "blocking")))]

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, Schema, SchemaRef};

#[cfg(feature = "blocking")]
use crate::rt::blocking_items::Blocking;
use crate::rt::checkpoint::Checkpoint;
use crate::rt::columnar::Type;
use crate::rt::columns::{Nesting, Rows};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::Fault;
#[cfg(feature = "async")]
use crate::rt::items::Ahead;
use crate::rt::page::Sink;
use crate::rt::reader::Reader;
use crate::rt::run::{Run, Settings, run_methods};

/// How many bytes a batch has, unless told otherwise.
const BYTES: usize = 8 << 20;

/// How many rows a batch has at most, but for the last page's.
const ROWS: usize = 1 << 16;

/// How deep lists and records within records are columns of their own, unless told otherwise; what is deeper is JSON.
pub(crate) const LEVELS: usize = 16;

/// Some records of a resource, as columns.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Batch {
    /// The records, in the service's order.
    pub records: RecordBatch,
    /// The place after them: hand it to `resume` to go on there.
    pub checkpoint: Checkpoint,
}

/// The records of the pages since the last batch.
struct Gathering {
    /// The resource's name, for messages.
    operation: &'static str,
    /// What the records are.
    kind: Type,
    rows: Rows,
    schema: SchemaRef,
    /// About how many bytes a batch has.
    bytes: usize,
    /// How many rows a batch has at most, but for those of its last page.
    most: usize,
    /// How many rows there were before the page that is being read.
    before: usize,
    /// Why there is nothing after the batch at hand.
    failure: Option<Error>,
}

impl Gathering {
    fn new(settings: &Settings, kind: Type) -> Self {
        let rows = Rows::table(kind, Nesting::levels(LEVELS));
        let schema = Arc::new(Schema::new(rows.fields()));
        let operation = settings.resource.operation.name;
        Self { operation, kind, rows, schema, bytes: BYTES, most: ROWS, before: 0, failure: None }
    }

    /// Lays the records out anew, before any is there.
    fn levels(&mut self, levels: usize) {
        self.rows = Rows::table(self.kind, Nesting::levels(levels));
        self.schema = Arc::new(Schema::new(self.rows.fields()));
    }

    /// Whether a batch is to be given out.
    fn is_full(&self) -> bool {
        self.rows.bytes() >= self.bytes || self.rows.len() >= self.most
    }

    /// Takes in what came of a page; the batch, if one is to be given out now.
    fn after(&mut self, page: Result<bool>, run: &mut Run) -> Option<Result<Batch>> {
        match page {
            Ok(true) => {
                run.hand_out_page();
                self.before = self.rows.len();
                self.is_full().then(|| self.batch(run))
            }
            Ok(false) => (!self.rows.is_empty()).then(|| self.batch(run)),
            Err(error) if self.rows.is_empty() => Some(Err(error)),
            Err(error) => {
                self.failure = Some(error);
                Some(self.batch(run))
            }
        }
    }

    fn batch(&mut self, run: &Run) -> Result<Batch> {
        let rows = self.rows.len();
        self.before = 0;
        let records = self.rows.finish().and_then(|columns| self.assemble(columns, rows));
        let records = records.map_err(|error| Error::new(ErrorKind::Decode, error.to_string()).in_operation(self.operation))?;
        Ok(Batch { records, checkpoint: run.checkpoint() })
    }

    fn assemble(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, ArrowError> {
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
    }
}

impl Sink for Gathering {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        self.rows.read(r)
    }

    fn restart(&mut self) {
        self.rows.truncate(self.before);
    }
}

/// The records of a resource as a stream of Arrow record batches. After an error, as after the end, there are no more.
#[cfg(feature = "async")]
pub struct Batches {
    pub(crate) driver: Ahead,
    rows: Gathering,
}

#[cfg(feature = "async")]
impl Batches {
    pub(crate) fn new(settings: Settings, kind: Type) -> Self {
        let (window, rows) = (settings.concurrency, Gathering::new(&settings, kind));
        Self { driver: Ahead::new(settings, window), rows }
    }

    /// The columns of every batch.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.rows.schema)
    }

    /// The next batch; none at the end.
    pub async fn next(&mut self) -> Option<Result<Batch>> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The next batch; none at the end. For use with `?` in `while let`.
    pub async fn try_next(&mut self) -> Result<Option<Batch>> {
        self.next().await.transpose()
    }

    /// The next batch, for use in a future written by hand.
    pub fn poll_next(&mut self, cx: &mut std::task::Context<'_>) -> std::task::Poll<Option<Result<Batch>>> {
        if let Some(error) = self.rows.failure.take() {
            return std::task::Poll::Ready(Some(Err(error)));
        }
        loop {
            let page = std::task::ready!(self.driver.poll_page(cx, &mut self.rows));
            let is_last = matches!(page, Ok(false));
            match self.rows.after(page, &mut self.driver.run) {
                Some(batch) => return std::task::Poll::Ready(Some(batch)),
                None if is_last => return std::task::Poll::Ready(None),
                None => {}
            }
        }
    }
}

#[cfg(feature = "async")]
impl futures_core::Stream for Batches {
    type Item = Result<Batch>;

    fn poll_next(self: std::pin::Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<Option<Self::Item>> {
        self.get_mut().poll_next(cx)
    }
}

/// The records of a resource as Arrow record batches, without an async runtime. After an error, as after the end, there are no
/// more.
#[cfg(feature = "blocking")]
pub struct BlockingBatches {
    pub(crate) driver: Blocking,
    rows: Gathering,
}

#[cfg(feature = "blocking")]
impl BlockingBatches {
    pub(crate) fn new(settings: Settings, kind: Type) -> Self {
        let rows = Gathering::new(&settings, kind);
        Self { driver: Blocking::new(settings), rows }
    }

    /// The columns of every batch.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.rows.schema)
    }
}

#[cfg(feature = "blocking")]
impl Iterator for BlockingBatches {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.rows.failure.take() {
            return Some(Err(error));
        }
        loop {
            let page = self.driver.read_page(&mut self.rows);
            let is_last = matches!(page, Ok(false));
            match self.rows.after(page, &mut self.driver.run) {
                Some(batch) => return Some(batch),
                None if is_last => return None,
                None => {}
            }
        }
    }
}

#[cfg(feature = "blocking")]
impl std::iter::FusedIterator for BlockingBatches {}

macro_rules! batch_methods {
    ($name:ident) => {
        impl $name {
            /// With about so many bytes a batch; 8 MiB unless told otherwise.
            #[must_use]
            pub fn bytes(mut self, bytes: usize) -> Self {
                self.rows.bytes = bytes;
                self
            }

            /// With at most so many rows a batch, but for those of its last page.
            #[must_use]
            pub fn rows(mut self, most: usize) -> Self {
                self.rows.most = most.max(1);
                self
            }

            /// With lists and records within records as columns so many levels deep; what is deeper is JSON. 16 unless told otherwise.
            #[must_use]
            pub fn levels(mut self, levels: usize) -> Self {
                self.rows.levels(levels);
                self
            }
        }
    };
}

#[cfg(feature = "async")]
run_methods!(Batches);
#[cfg(feature = "async")]
batch_methods!(Batches);
#[cfg(feature = "blocking")]
run_methods!(BlockingBatches);
#[cfg(feature = "blocking")]
batch_methods!(BlockingBatches);

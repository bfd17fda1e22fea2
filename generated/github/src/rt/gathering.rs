//! How records become batches: they are gathered until there are enough, and whoever reads them is told where that ends.
#![cfg(all(feature = "arrow", any(feature = "async", feature = "blocking")))]

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, Schema, SchemaRef};

use crate::rt::batch::Rewrite;
use crate::rt::batches::Batch;
use crate::rt::checkpoint::Checkpoint;
use crate::rt::columnar::Type;
use crate::rt::columns::{Nesting, Rows};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::Fault;
use crate::rt::page::Sink;
use crate::rt::reader::Reader;
use crate::rt::rejects::Rejects;
use crate::rt::run::Run;

/// How many bytes a batch has, unless told otherwise.
const BYTES: usize = 8 << 20;

/// How many rows a batch has at most, but for the last page's.
const ROWS: usize = 1 << 16;

/// How deep lists and records within records are columns of their own, unless told otherwise; what is deeper is JSON.
pub(crate) const LEVELS: usize = 16;

/// A run whose records are gathered: over pages, or over the files of a job.
pub(crate) trait Gathered {
    /// Notes that all records that were read are handed out.
    fn hand_out_all(&mut self);

    /// Where it stands.
    fn checkpoint(&self) -> Checkpoint;
}

impl Gathered for Run {
    fn hand_out_all(&mut self) {
        self.hand_out_page();
    }

    fn checkpoint(&self) -> Checkpoint {
        self.checkpoint()
    }
}

/// The records of the pages since the last batch.
pub struct Gathering {
    /// The resource's name, for messages.
    operation: &'static str,
    /// What the records are.
    kind: Type,
    /// What becomes of each before it is a row.
    rewrite: Option<Rewrite>,
    /// Whether nothing has become of the last one.
    left_out: bool,
    rows: Rows,
    pub(crate) schema: SchemaRef,
    /// About how many bytes a batch has.
    pub(crate) bytes: usize,
    /// How many rows a batch has at most, but for those of its last page.
    pub(crate) most: usize,
    /// How many rows there were before the page that is being read.
    before: usize,
    /// What is left out, where somebody keeps it; how many there were before the page that is being read.
    pub(crate) rejects: Option<Rejects>,
    rejects_before: usize,
    /// Why there is nothing after the batch at hand.
    pub(crate) failure: Option<Error>,
}

impl Gathering {
    pub(crate) fn new(operation: &'static str, kind: Type, rewrite: Option<Rewrite>) -> Self {
        let rows = Rows::table(kind, Nesting::levels(LEVELS));
        let schema = Arc::new(Schema::new(rows.fields()));
        Self {
            operation,
            kind,
            rewrite,
            left_out: false,
            rows,
            schema,
            bytes: BYTES,
            most: ROWS,
            before: 0,
            rejects: None,
            rejects_before: 0,
            failure: None,
        }
    }

    /// Lays the records out anew, before any is there.
    pub(crate) fn levels(&mut self, levels: usize) {
        self.rows = Rows::table(self.kind, Nesting::levels(levels));
        self.schema = Arc::new(Schema::new(self.rows.fields()));
    }

    /// Whether a batch is to be given out.
    fn is_full(&self) -> bool {
        self.rows.bytes() >= self.bytes || self.rows.len() >= self.most || self.rejected() >= ROWS
    }

    /// How many values and records wait that were left out.
    fn rejected(&self) -> usize {
        self.rejects.as_ref().map_or(0, Rejects::len)
    }

    /// Takes what was left out since the last time.
    pub fn take_rejects(&mut self) -> Option<Rejects> {
        self.rejects_before = 0;
        self.rejects.as_mut().map(Rejects::take).filter(|rejects| !rejects.is_empty())
    }

    /// Takes in what came of a page; the batch, if one is to be given out now.
    pub(crate) fn after(&mut self, page: Result<bool>, run: &mut impl Gathered) -> Option<Result<Batch>> {
        if page.is_err() {
            // Of a page that breaks off in the middle nothing is handed out: it is read again.
            self.restart();
        }
        match page {
            Ok(true) => {
                run.hand_out_all();
                (self.before, self.rejects_before) = (self.rows.len(), self.rejected());
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

    fn batch(&mut self, run: &impl Gathered) -> Result<Batch> {
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
        let Some(rewrite) = &self.rewrite else { return self.rows.read(r) };
        let rewritten = rewrite(r)?;
        self.left_out = rewritten.is_none();
        rewritten.map_or(Ok(()), |text| self.rows.read(&mut Reader::new(&text)))
    }

    fn restart(&mut self) {
        self.rows.truncate(self.before);
        if let Some(rejects) = &mut self.rejects {
            rejects.truncate(self.rejects_before);
        }
    }

    fn left_out(&mut self, fault: &Fault, record: Option<&str>) {
        // Before a hook a record may hold what nobody is to see.
        let record = record.filter(|_| self.rewrite.is_none());
        if let Some(rejects) = &mut self.rejects {
            rejects.push(fault, record);
        }
    }

    fn has_taken(&self) -> bool {
        !self.left_out
    }
}

/// Gives a type with a driver and a `Gathering` its batches, as a stream; `poll` is the driver's method that reads further.
#[cfg(feature = "async")]
macro_rules! stream_of_batches {
    ($name:ident, $poll:ident) => {
        impl $name {
            /// The columns of every batch.
            #[must_use]
            pub fn schema(&self) -> ::arrow_schema::SchemaRef {
                ::std::sync::Arc::clone(&self.rows.schema)
            }

            /// The next batch; none at the end.
            pub async fn next(&mut self) -> Option<$crate::rt::error::Result<$crate::rt::batches::Batch>> {
                ::std::future::poll_fn(|cx| self.poll_next(cx)).await
            }

            /// The next batch; none at the end. For use with `?` in `while let`.
            pub async fn try_next(&mut self) -> $crate::rt::error::Result<Option<$crate::rt::batches::Batch>> {
                self.next().await.transpose()
            }

            /// The next batch, for use in a future written by hand.
            pub fn poll_next(
                &mut self,
                cx: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<Option<$crate::rt::error::Result<$crate::rt::batches::Batch>>> {
                if let Some(error) = self.rows.failure.take() {
                    return ::std::task::Poll::Ready(Some(Err(error)));
                }
                loop {
                    let page = ::std::task::ready!(self.driver.$poll(cx, &mut self.rows));
                    let is_last = matches!(page, Ok(false));
                    match self.rows.after(page, &mut self.driver.run) {
                        Some(batch) => return ::std::task::Poll::Ready(Some(batch)),
                        None if is_last => return ::std::task::Poll::Ready(None),
                        None => {}
                    }
                }
            }
        }

        impl ::futures_core::Stream for $name {
            type Item = $crate::rt::error::Result<$crate::rt::batches::Batch>;

            fn poll_next(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<Option<Self::Item>> {
                self.get_mut().poll_next(cx)
            }
        }
    };
}
#[cfg(feature = "async")]
pub(crate) use stream_of_batches;

/// Gives a type with a driver and a `Gathering` its batches, as an iterator; `read` is the driver's method that reads further.
#[cfg(feature = "blocking")]
macro_rules! iterator_of_batches {
    ($name:ident, $read:ident) => {
        impl $name {
            /// The columns of every batch.
            #[must_use]
            pub fn schema(&self) -> ::arrow_schema::SchemaRef {
                ::std::sync::Arc::clone(&self.rows.schema)
            }
        }

        impl Iterator for $name {
            type Item = $crate::rt::error::Result<$crate::rt::batches::Batch>;

            fn next(&mut self) -> Option<Self::Item> {
                if let Some(error) = self.rows.failure.take() {
                    return Some(Err(error));
                }
                loop {
                    let page = self.driver.$read(&mut self.rows);
                    let is_last = matches!(page, Ok(false));
                    match self.rows.after(page, &mut self.driver.run) {
                        Some(batch) => return Some(batch),
                        None if is_last => return None,
                        None => {}
                    }
                }
            }
        }

        impl ::std::iter::FusedIterator for $name {}
    };
}
#[cfg(feature = "blocking")]
pub(crate) use iterator_of_batches;

/// Gives a type with a `Gathering` what can be said of its batches.
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
pub(crate) use batch_methods;

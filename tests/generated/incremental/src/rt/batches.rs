//! The records of a resource as Arrow record batches.
//!
//! A batch is made of whole pages, until it has about so many bytes, so that memory is bounded whatever a page has. Pages are not
//! asked for further ahead than for the other iterators: a slow consumer slows the requests down.
#![cfg(all(feature = "arrow", any(feature = "async", feature = "blocking")))]

use arrow_array::RecordBatch;

use crate::rt::batch::Rewrite;
#[cfg(feature = "blocking")]
use crate::rt::blocking_items::Blocking;
use crate::rt::checkpoint::Checkpoint;
use crate::rt::columnar::Type;
#[cfg(feature = "blocking")]
use crate::rt::gathering::iterator_of_batches;
#[cfg(feature = "async")]
use crate::rt::gathering::stream_of_batches;
use crate::rt::gathering::{Gathering, batch_methods};
#[cfg(feature = "async")]
use crate::rt::items::Ahead;
use crate::rt::run::{Settings, run_methods};

/// Some records of a resource, as columns.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Batch {
    /// The records, in the service's order.
    pub records: RecordBatch,
    /// The place after them: hand it to `resume` to go on there.
    pub checkpoint: Checkpoint,
}

/// The records of a resource as a stream of Arrow record batches. After an error, as after the end, there are no more.
#[cfg(feature = "async")]
pub struct Batches {
    pub(crate) driver: Ahead,
    pub(crate) rows: Gathering,
}

#[cfg(feature = "async")]
impl Batches {
    pub(crate) fn new(settings: Settings, kind: Type, rewrite: Option<Rewrite>) -> Self {
        let (window, rows) = (settings.concurrency, Gathering::new(settings.resource.operation.name, kind, rewrite));
        Self { driver: Ahead::new(settings, window), rows }
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
    pub(crate) fn new(settings: Settings, kind: Type, rewrite: Option<Rewrite>) -> Self {
        let rows = Gathering::new(settings.resource.operation.name, kind, rewrite);
        Self { driver: Blocking::new(settings), rows }
    }
}

#[cfg(feature = "async")]
stream_of_batches!(Batches, poll_page);
#[cfg(feature = "async")]
run_methods!(Batches);
#[cfg(feature = "async")]
batch_methods!(Batches);
#[cfg(feature = "blocking")]
iterator_of_batches!(BlockingBatches, read_page);
#[cfg(feature = "blocking")]
run_methods!(BlockingBatches);
#[cfg(feature = "blocking")]
batch_methods!(BlockingBatches);

//! The records of one page, in their own type: the only part of reading that is generic.
#![cfg(any(feature = "async", feature = "blocking"))]

use std::sync::Arc;

use crate::rt::checkpoint::Checkpoint;
use crate::rt::codec::Decode;
use crate::rt::encode::Encode;
#[cfg(feature = "arrow")]
use crate::rt::encode::to_json;
use crate::rt::error::Result;
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::page::Sink;
use crate::rt::reader::Reader;
use crate::rt::run::Run;

/// What a program does with each record before it is given out: it changes it, leaves it out, or says why it can not be.
pub struct Hook<T> {
    apply: Arc<Apply<T>>,
    /// How what it gives is written for columns, which are read from JSON.
    #[cfg(feature = "arrow")]
    write: fn(&T) -> String,
}

type Apply<T> = dyn Fn(T) -> std::result::Result<Option<T>, HookError> + Send + Sync;

/// Why a hook fails.
pub type HookError = Box<dyn std::error::Error + Send + Sync>;

/// A hook for what reads no structs: it is given a record's JSON, and gives the JSON of what becomes of it, or nothing.
#[cfg(feature = "arrow")]
pub type Rewrite = Arc<dyn Fn(&mut Reader<'_>) -> std::result::Result<Option<String>, Fault> + Send + Sync>;

impl<T> Clone for Hook<T> {
    fn clone(&self) -> Self {
        Self {
            apply: Arc::clone(&self.apply),
            #[cfg(feature = "arrow")]
            write: self.write,
        }
    }
}

impl<T> Hook<T> {
    /// One that does this.
    pub fn new(apply: impl Fn(T) -> std::result::Result<Option<T>, HookError> + Send + Sync + 'static) -> Self
    where
        T: Encode,
    {
        Self {
            apply: Arc::new(apply),
            #[cfg(feature = "arrow")]
            write: |record| to_json(record),
        }
    }

    /// What becomes of a record.
    fn apply(&self, record: T) -> std::result::Result<Option<T>, Fault> {
        (self.apply)(record).map_err(|error| refused(&*error))
    }

    /// The same for what reads no structs.
    #[cfg(feature = "arrow")]
    #[must_use]
    pub fn rewrite(self) -> Rewrite
    where
        T: Decode + 'static,
    {
        Arc::new(move |r| Ok(self.apply(r.read()?)?.map(|record| (self.write)(&record))))
    }
}

/// The records of a page while they are read.
pub(crate) struct Batch<T> {
    pub(crate) records: Vec<T>,
    /// How many records are likely to come.
    expected: usize,
    hook: Option<Hook<T>>,
    /// Whether the hook left the last record out.
    left_out: bool,
}

impl<T> Batch<T> {
    /// Without records; no memory is taken before the first one comes.
    pub(crate) fn new(expected: usize, hook: Option<Hook<T>>) -> Self {
        Self { records: Vec::new(), expected, hook, left_out: false }
    }

    /// The page that was read last, all of whose records are handed out with it.
    pub(crate) fn into_page(self, run: &mut Run) -> Page<T> {
        run.hand_out_page();
        Page { records: self.records, total: run.total(), checkpoint: run.checkpoint() }
    }

    /// The same where it is the only page that is read: one whose records were not all read is an error.
    pub(crate) fn into_only_page(self, run: &mut Run) -> Result<Page<T>> {
        match run.page_failure() {
            Some(error) => Err(error),
            None => Ok(self.into_page(run)),
        }
    }
}

impl<T: Decode> Sink for Batch<T> {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        let mut record = r.read()?;
        if let Some(hook) = &self.hook {
            let kept = hook.apply(record)?;
            self.left_out = kept.is_none();
            let Some(kept) = kept else { return Ok(()) };
            record = kept;
        }
        if self.records.is_empty() {
            self.records.reserve(self.expected);
        }
        self.records.push(record);
        Ok(())
    }

    fn restart(&mut self) {
        self.records.clear();
    }

    fn has_taken(&self) -> bool {
        !self.left_out
    }
}

#[cold]
fn refused(error: &(dyn std::error::Error + Send + Sync)) -> Fault {
    Fault::new(FaultKind::Refused, 0, format!("the hook refuses the record: {error}"))
}

/// A page of records.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page<T> {
    /// The records, in the service's order.
    pub records: Vec<T>,
    /// The number of all records, where the service tells it.
    pub total: Option<u64>,
    /// The place after this page: hand it to `resume` to go on there.
    pub checkpoint: Checkpoint,
}

impl<T> Page<T> {
    /// The records, by reference.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.records.iter()
    }
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Page<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.iter()
    }
}

/// Says how a list is loaded: what its records are, what becomes of the rows that are there, and what else is to be known of it.
/// `loaded!(Issue, Merge, merged_by(&["day"]), given(&["owner", "repo"]));`
#[doc(hidden)]
#[macro_export]
macro_rules! loaded {
    ($record:ty, $disposition:ident $(, $method:ident($value:expr))*) => {
        #[cfg(feature = "load")]
        pub(crate) static SOURCE: $crate::rt::load::Source =
            $crate::rt::load::Source::new::<$record>(&RESOURCE, $crate::rt::destination::Disposition::$disposition)
                $(.$method($value))*;
    };
}

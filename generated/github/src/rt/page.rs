//! A page: its records and what it says about the pages to come, in one pass over its bytes.
//!
//! The records go to a [`Sink`] while they are read; no tree of the page is ever built. Only a page with a record that does
//! not fit its schema is read a second time, record by record, and the resource's [`Contract`] decides.

use std::fmt;
use std::ops::Range;

use crate::rt::descriptor::{Columns, Contract};
use crate::rt::digest::digest;
use crate::rt::document::document;
use crate::rt::error::Error;
use crate::rt::facts::{json_in, value_in};
use crate::rt::fault::Fault;
use crate::rt::inputs::Inputs;
use crate::rt::layout::Layout;
use crate::rt::message::Response;
use crate::rt::reader::Reader;
use crate::rt::rejected::RejectedLog;
use crate::rt::tally::Tally;

/// Where the records of a page go.
pub trait Sink {
    /// Reads one record. After a fault the sink is as before, and the reader is rewound by the caller.
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault>;

    /// Forgets the records of this page.
    fn restart(&mut self);

    /// Looks at a record before it is read, and says whether it is wanted. The reader is rewound by the caller.
    fn judge(&mut self, _: &mut Reader<'_>) -> Result<Verdict, Fault> {
        Ok(Verdict::Read)
    }

    /// Whether the record that was read last is in the sink; a hook may have left it out.
    fn has_taken(&self) -> bool {
        true
    }

    /// Hears of a record, or a value of one, that is left out since it does not fit. The text is the record's, where that is at hand:
    /// what steps are taken with may have been what nobody is to see.
    fn left_out(&mut self, _: &Fault, _: Option<&str>) {}
}

/// Whether a record is wanted.
#[derive(Debug)]
pub enum Verdict {
    /// It is.
    Read,
    /// It is not.
    LeaveOut,
    /// The run stops here, whatever the contract of the resource is.
    Fail(Fault),
}

/// What becomes of a record between its page and the sink: the steps of a resource.
pub trait Transform: fmt::Debug + Sync {
    /// Reads one record of the service, and hands what becomes of it to the sink. The page notes how many that are, what was
    /// left out, and why the rest was not read. A fault is for the quick pass alone: the page is then read again.
    fn record(&self, source: &Source<'_>, sink: &mut dyn Sink, page: &mut PageRead) -> Result<(), Fault>;
}

/// A record as the service sent it.
pub struct Source<'a> {
    /// Its JSON text.
    pub text: &'a str,
    /// Its number in the page.
    pub number: u64,
    /// How many of the records that become of it are passed over.
    pub passed: u64,
    /// What happens to what does not fit; none in the quick pass.
    pub contract: Option<Contract>,
    /// How the page is read.
    pub reading: Reading<'a>,
    /// A fault within the record, as seen from the page.
    pub located: &'a dyn Fn(Fault) -> Fault,
}

/// Where a record of the sink comes from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Origin {
    /// The number of the service's record in its page.
    pub row: u64,
    /// Its number among the records that become of that one.
    pub part: u64,
}

/// What a page says besides its records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageFacts {
    /// How many records the page has, whatever became of them.
    pub rows: u64,
    /// The cursor of the next page; never empty. JSON where it goes into a body.
    pub cursor: Option<String>,
    /// What every later request sends besides the cursor, as JSON.
    pub carried: Vec<Option<String>>,
    /// The address of the next page, as it was sent; never empty.
    pub link: Option<String>,
    /// The number of all records.
    pub total: Option<u64>,
    /// The number of all pages.
    pub total_pages: Option<u64>,
    /// Whether more pages follow.
    pub has_more: Option<bool>,
    /// The size of the page, as the service says it.
    pub size: Option<u64>,
    /// The digest of the records' bytes, where pages are told apart by it.
    pub digest: Option<u64>,
    /// What the next run starts from; never empty.
    pub token: Option<String>,
}

/// A page that was read.
#[derive(Debug, Default)]
pub struct PageRead {
    /// What it says besides its records.
    pub facts: PageFacts,
    /// How many records are in the sink.
    pub records: u64,
    /// The values and records that were left out.
    pub rejected: RejectedLog,
    /// Where records are not as their schema says.
    pub drift: Box<Tally>,
    /// The numbers of the records that were left out, ascending.
    pub left_out: Vec<u64>,
    /// Why no record after those in the sink was read: one does not fit, and the contract is to stop there.
    pub failure: Option<Error>,
    /// Where each record in the sink is in the body, if that was asked for. Of a resource with steps: where each record of the
    /// service is that was not passed over.
    pub spans: Vec<Range<usize>>,
    /// How many records of the service were dealt with, after those that were passed over.
    pub done: u64,
    /// How many records a step left out on purpose.
    pub filtered: u64,
    /// Where each record in the sink comes from; none where every one is what the service sent.
    pub origins: Option<Vec<Origin>>,
    /// Where the record comes from that does not fit.
    pub stopped: Option<Origin>,
    /// Where the last record is, whatever became of it.
    pub last: Range<usize>,
    /// Where each record of the service is in the body; none where that is no JSON document.
    pub rows: Vec<Range<usize>>,
    /// The JSON texts of records whose body is none; all places are in it.
    pub text: Option<Vec<u8>>,
}

impl PageRead {
    /// A page of which nothing was read yet.
    #[must_use]
    pub fn of(reading: Reading<'_>) -> Self {
        Self { origins: reading.transform.map(|_| Vec::new()), ..Self::default() }
    }

    /// The digest of the last of so many records of a body, by which it is known again.
    #[must_use]
    pub fn digest_of(&self, done: u64, body: &[u8]) -> Option<u64> {
        let row = self.rows.get(usize::try_from(done.checked_sub(1)?).ok()?)?;
        body.get(row.clone()).map(digest)
    }

    /// The record that is next once some of those in the sink were given, where steps make that other than a matter of
    /// counting. None if that is none of this page.
    #[must_use]
    pub fn origin_after(&self, given: u64) -> Option<Origin> {
        self.origins.as_ref()?.get(usize::try_from(given).ok()?).copied()
    }

    /// Where in the body those records are, after the `skipped` ones, that are dealt with once some of those in the sink were
    /// given.
    pub fn spans_among(&self, skipped: u64, given: u64) -> impl DoubleEndedIterator<Item = &Range<usize>> {
        let count = match (&self.origins, self.origin_after(given).or(self.stopped)) {
            (None, _) => given,
            (Some(_), Some(next)) => next.row.saturating_sub(skipped),
            (Some(_), None) => u64::MAX,
        };
        self.spans.iter().take(usize::try_from(count).unwrap_or(usize::MAX))
    }
}

/// Reads the records of a body that is no JSON document.
pub trait Decoder: std::fmt::Debug + Sync {
    /// Reads a body: its records into the sink, everything else into the answer. `last` says whether the last record's text is
    /// needed.
    fn read(
        &'static self,
        body: &[u8],
        contract: Contract,
        last: bool,
        reading: Reading<'_>,
        sink: &mut dyn Sink,
    ) -> Result<PageRead, NoPage>;
}

/// How to read one page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading<'a> {
    /// How many records at the page's start are passed over.
    pub skip: u64,
    /// How many of the records that become of the one after them are passed over.
    pub part: u64,
    /// The inputs of the client, which steps may need.
    pub inputs: Option<&'a Inputs>,
    /// Members that are added to each record: a key and the JSON text of its value.
    pub included: &'a [(String, String)],
    /// Whether to note where each record is.
    pub spans: bool,
    /// What becomes of each record before it is in the sink.
    pub transform: Option<&'static dyn Transform>,
    /// What happens to a record with a field that its schema does not know.
    pub columns: Columns,
}

/// Why a body is no page of the resource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NoPage(pub String);

/// Reads a page: its records into the sink, everything else into the answer.
pub fn read(response: &Response, layout: &Layout, reading: Reading<'_>, sink: &mut dyn Sink) -> Result<PageRead, NoPage> {
    let reading = Reading { transform: layout.transform, columns: layout.columns, ..reading };
    let mut page = match layout.decoder {
        _ if response.status == 204 && response.body.trim_ascii().is_empty() => return Ok(PageRead::default()),
        None => document(&response.body, layout, reading, sink)?,
        Some(decoder) => rows(&response.body, decoder, layout, reading, sink)?,
    };
    layout.read_head(&response.headers, &mut page.facts)?;
    Ok(page)
}

/// Reads a body that is no JSON document.
fn rows(
    body: &[u8],
    decoder: &'static dyn Decoder,
    layout: &Layout,
    reading: Reading<'_>,
    sink: &mut dyn Sink,
) -> Result<PageRead, NoPage> {
    let mut page = decoder.read(body, layout.contract, layout.record_cursor.is_some(), reading, sink)?;
    if let (Some(field), Some(text)) = (layout.record_cursor, &page.text) {
        let last = text.get(page.last.clone()).and_then(|last| std::str::from_utf8(last).ok()).unwrap_or_default();
        let read = if layout.json_cursor { json_in } else { value_in };
        page.facts.cursor = read(last, field).map_err(|fault| NoPage(fault.to_string()))?.filter(|text| !text.is_empty());
    }
    page.facts.digest = layout.digest.then(|| digest(body));
    Ok(page)
}

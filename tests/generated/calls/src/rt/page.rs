//! A page: its records and what it says about the pages to come, in one pass over its bytes.
//!
//! The records go to a [`Sink`] while they are read; no tree of the page is ever built. Only a page with a record that does
//! not fit its schema is read a second time, record by record, and the resource's [`Contract`] decides.

use std::fmt::{self, Write as _};
use std::ops::Range;

use crate::rt::descriptor::{Advance, Contract, Paging, Path, Resource, Segment, Slot, Style};
use crate::rt::digest::digest;
use crate::rt::error::{Error, ErrorKind};
use crate::rt::fault::{Fault, FaultKind, Step};
use crate::rt::inputs::Inputs;
use crate::rt::link_header;
use crate::rt::message::{Headers, Response};
use crate::rt::paging::Carry;
use crate::rt::progress::Increments;
use crate::rt::reader::{Kind, Reader, misencoded};
use crate::rt::rejected::RejectedLog;
use crate::rt::select::select;

/// How many keys of a page an error lists.
const KEYS_LISTED: usize = 20;

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
    /// The JSON texts of records whose body is none; all places are in it.
    pub text: Option<Vec<u8>>,
}

impl PageRead {
    /// A page of which nothing was read yet.
    #[must_use]
    pub fn of(reading: Reading<'_>) -> Self {
        Self { origins: reading.transform.map(|_| Vec::new()), ..Self::default() }
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

/// What to look for in the pages of a resource.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The selectors, then a path for each probe.
    paths: Vec<Path>,
    probes: Vec<Probe>,
    paging: Paging,
    /// Where the cursor is in the last record.
    record_cursor: Option<Path>,
    /// Whether cursors are kept as the JSON that they are.
    json_cursor: bool,
    decoder: Option<&'static dyn Decoder>,
    /// Whether pages are told apart by their records.
    digest: bool,
    contract: Contract,
    /// What becomes of each record before it is in the sink.
    transform: Option<&'static dyn Transform>,
    /// The names of what is added to each record.
    pub included: &'static [&'static str],
}

/// A value beside the records.
#[derive(Clone, Copy, Debug)]
enum Probe {
    Cursor,
    Link,
    Carried(usize),
    Total,
    TotalPages,
    HasMore,
    IsLast,
    Size,
    Token,
}

impl Layout {
    /// The layout of a resource's pages.
    #[must_use]
    pub fn of(resource: &Resource) -> Self {
        let paging = &resource.paging;
        let (mut cursor, mut link, mut record_cursor) = (None, None, None);
        match paging.style {
            Style::Cursor { path, .. } => cursor = Some(path),
            Style::JsonLink { path } => link = Some(path),
            Style::LastRecord { field, .. } => record_cursor = Some(field),
            _ => {}
        }
        let echoed = if let Advance::Echoed(path) = paging.advance { Some(path) } else { None };
        let stop = &paging.stop;
        let probes = [
            (Probe::Cursor, cursor),
            (Probe::Link, link),
            (Probe::Total, stop.total),
            (Probe::TotalPages, stop.total_pages),
            (Probe::HasMore, stop.has_more),
            (Probe::IsLast, stop.is_last),
            (Probe::Size, echoed),
            (Probe::Token, resource.incremental.and_then(Increments::token)),
        ];
        let carried = paging.carry.map(Carry::sources).unwrap_or_default();
        let carried = carried.into_iter().enumerate().map(|(at, path)| (Probe::Carried(at), path));
        let probes = probes.into_iter().filter_map(|(probe, path)| Some((probe, path?)));
        let (probes, probe_paths): (Vec<_>, Vec<_>) = probes.chain(carried).unzip();
        Self {
            paths: resource.selectors.iter().copied().chain(probe_paths).collect(),
            probes,
            paging: *paging,
            record_cursor,
            json_cursor: matches!(paging.place, Some(Slot::Body(_))),
            decoder: resource.decoder,
            digest: matches!(paging.style, Style::PageNumber { .. } | Style::Offset { .. }),
            contract: resource.contract,
            transform: None,
            included: resource.included,
        }
    }

    /// The same, with what becomes of each record. The records that others are read for are taken as they come.
    #[must_use]
    pub fn with(self, transform: Option<&'static dyn Transform>) -> Self {
        Self { transform, ..self }
    }

    fn selectors(&self) -> &[Path] {
        self.paths.get(..self.paths.len() - self.probes.len()).unwrap_or_default()
    }

    /// Adds what the head of a response says.
    fn read_head(&self, headers: &Headers, facts: &mut PageFacts) -> Result<(), NoPage> {
        match self.paging.style {
            Style::HeaderLink { rel } => {
                let link = link_header::target(headers.all("link"), rel);
                facts.link = link.filter(|link| !link.is_empty()).map(str::to_owned);
            }
            Style::HeaderCursor { header, .. } => {
                facts.cursor = headers.get(header).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
            }
            _ => {}
        }
        if let Some(header) = self.paging.stop.total_header {
            facts.total = headers.get(header).and_then(count_of);
        }
        if self.paging.stop.zero_is_unknown {
            facts.total = facts.total.filter(|total| *total > 0);
        }
        if let (Some(take), Some(link)) = (self.paging.take, facts.link.take_if(|_| self.paging.take.is_some())) {
            let cursor = take.cursor(&link);
            facts.cursor = Some(cursor.ok_or_else(|| NoPage(format!("the next page's address has no `{}`", take.param())))?);
        }
        Ok(())
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
}

/// Why a body is no page of the resource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NoPage(pub String);

/// Reads a page: its records into the sink, everything else into the answer.
pub fn read(response: &Response, layout: &Layout, reading: Reading<'_>, sink: &mut dyn Sink) -> Result<PageRead, NoPage> {
    let reading = Reading { transform: layout.transform, ..reading };
    let mut page = match layout.decoder {
        _ if response.status == 204 && response.body.trim_ascii().is_empty() => return Ok(PageRead::default()),
        None => document(&response.body, layout, reading, sink)?,
        Some(decoder) => rows(&response.body, decoder, layout, reading, sink)?,
    };
    layout.read_head(&response.headers, &mut page.facts)?;
    Ok(page)
}

/// Reads a JSON document.
fn document(body: &[u8], layout: &Layout, reading: Reading<'_>, sink: &mut dyn Sink) -> Result<PageRead, NoPage> {
    if body.trim_ascii().is_empty() {
        return Err(NoPage("the body is empty".to_owned()));
    }
    let text = std::str::from_utf8(body).map_err(|error| {
        let why = misencoded(body).map_or_else(|| format!("it is not UTF-8 from byte {} on", error.valid_up_to()), str::to_owned);
        NoPage(format!("the body is no JSON: {why}"))
    })?;
    let mut pass = Pass::new(layout, reading, sink, false);
    let mut result = pass.run(text);
    if result.as_ref().is_err_and(|fault| fault.kind() != FaultKind::Syntax) {
        pass = Pass::new(layout, reading, sink, true);
        pass.sink.restart();
        result = pass.run(text);
    }
    result.map_err(|fault| NoPage(explain(&fault, body)))?;
    if pass.chosen.is_none() && !pass.null {
        return Err(NoPage(pass.no_records(text)));
    }
    Ok(pass.page)
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

fn explain(fault: &Fault, body: &[u8]) -> String {
    match (fault.kind(), misencoded(body)) {
        (FaultKind::Syntax, Some(why)) => format!("the body is no JSON: {why}"),
        (FaultKind::Syntax, None) => format!("the body is no JSON: {fault}"),
        (FaultKind::Type | FaultKind::Missing, _) => fault.to_string(),
    }
}

/// One pass over a page.
struct Pass<'p> {
    layout: &'p Layout,
    reading: Reading<'p>,
    sink: &'p mut dyn Sink,
    /// Whether each record is read by itself, and the contract applied.
    careful: bool,
    /// The selector whose records are in the sink: the first in order that led to an array so far.
    chosen: Option<usize>,
    /// Whether a selector led to a null: a service's way to write an empty list.
    null: bool,
    /// Where the chosen array is in the text, and the last record in it.
    array: Range<usize>,
    last: Range<usize>,
    page: PageRead,
}

impl<'p> Pass<'p> {
    fn new<'s: 'p>(layout: &'p Layout, reading: Reading<'p>, sink: &'p mut (dyn Sink + 's), careful: bool) -> Self {
        Self { layout, reading, sink, careful, chosen: None, null: false, array: 0..0, last: 0..0, page: PageRead::default() }
    }

    fn run(&mut self, text: &'p str) -> Result<(), Fault> {
        let layout = self.layout;
        let mut r = Reader::new(text);
        r.include(self.reading.included);
        r.discard_values(self.careful && layout.contract == Contract::DiscardValue);
        select(&mut r, &layout.paths, &mut |r, index| match index.checked_sub(layout.selectors().len()) {
            None => self.candidate(r, index),
            Some(probe) => self.probe(r, probe).map(|()| true),
        })?;
        r.end()?;
        if let Some(field) = layout.record_cursor
            && self.page.facts.rows > 0
        {
            self.page.facts.cursor = self.last_cursor(text, field)?;
        }
        if layout.digest {
            self.page.facts.digest = text.as_bytes().get(self.array.clone()).map(digest);
        }
        Ok(())
    }

    /// Looks at what a selector leads to.
    fn candidate(&mut self, r: &mut Reader<'_>, selector: usize) -> Result<bool, Fault> {
        match r.peek()? {
            Kind::Array if self.chosen.is_none_or(|chosen| selector <= chosen) => {
                self.restart(selector);
                let start = r.offset();
                r.array(&mut |r, row| self.record(r, row))?;
                self.array = start..r.offset();
                Ok(true)
            }
            Kind::Null => {
                self.null = true;
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    /// Makes a selector the chosen one. Records that one of lower rank led to are forgotten.
    fn restart(&mut self, selector: usize) {
        if self.chosen.replace(selector).is_some() {
            self.sink.restart();
        }
        let facts = PageFacts { rows: 0, ..std::mem::take(&mut self.page.facts) };
        self.page = PageRead { facts, ..PageRead::of(self.reading) };
        self.last = 0..0;
    }

    fn record(&mut self, r: &mut Reader<'_>, row: usize) -> Result<(), Fault> {
        let number = self.page.facts.rows;
        self.page.facts.rows += 1;
        r.peek()?;
        let start = r.offset();
        let wanted = number >= self.reading.skip && self.page.failure.is_none() && self.is_wanted(r, row)?;
        let read = if !wanted {
            r.skip().map(|_| false)
        } else if let Some(transform) = self.reading.transform {
            return self.transformed(r, row, transform);
        } else if self.careful {
            self.careful_record(r, row)
        } else {
            self.sink.record(r).map(|()| true)
        };
        let read = read?;
        self.last = start..r.offset();
        if read {
            self.page.records += 1;
            self.page.done += 1;
            if self.reading.spans {
                self.page.spans.push(self.last.clone());
            }
        }
        Ok(())
    }

    /// Reads a record of which others are made.
    fn transformed(&mut self, r: &mut Reader<'_>, row: usize, transform: &dyn Transform) -> Result<(), Fault> {
        let start = r.offset();
        let text = r.skip()?;
        self.last = start..r.offset();
        let number = self.page.facts.rows - 1;
        let selector = self.selector();
        let source = Source {
            text,
            number,
            passed: if number == self.reading.skip { self.reading.part } else { 0 },
            contract: self.careful.then_some(self.layout.contract),
            reading: self.reading,
            located: &|fault| located(selector, fault.moved(start), row),
        };
        transform.record(&source, self.sink, &mut self.page)?;
        if self.page.failure.is_none() {
            self.page.done += 1;
            if self.reading.spans {
                self.page.spans.push(self.last.clone());
            }
        }
        Ok(())
    }

    /// Asks the sink whether it wants a record, and notes what becomes of one that it does not.
    fn is_wanted(&mut self, r: &mut Reader<'_>, row: usize) -> Result<bool, Fault> {
        let start = r.offset();
        let verdict = self.sink.judge(r)?;
        r.rewind(start);
        match verdict {
            Verdict::Read => return Ok(true),
            Verdict::LeaveOut => {
                self.page.left_out.push(self.page.facts.rows - 1);
                self.page.done += 1;
                // Steps count by the records of the service, of which each has a place.
                if self.reading.spans && self.reading.transform.is_some() {
                    self.page.spans.push(0..0);
                }
            }
            Verdict::Fail(fault) => self.page.failure = Some(Error::from_fault(ErrorKind::Decode, self.located(fault, row))),
        }
        Ok(false)
    }

    /// Reads a record that may not fit. Says whether it is in the sink.
    fn careful_record(&mut self, r: &mut Reader<'_>, row: usize) -> Result<bool, Fault> {
        let number = self.page.facts.rows - 1;
        let result = r.attempt(|r| self.sink.record(r));
        for fault in r.discarded() {
            self.page.rejected.push(number, &self.located(fault, row));
        }
        match result {
            Err(fault) if fault.kind() != FaultKind::Syntax => {
                r.skip()?;
                let fault = self.located(fault, row);
                if self.layout.contract == Contract::Freeze {
                    self.page.failure = Some(Error::from_fault(ErrorKind::Decode, fault));
                } else {
                    self.page.rejected.push(number, &fault);
                    self.page.left_out.push(number);
                    self.page.done += 1;
                }
                Ok(false)
            }
            result => result.map(|()| true),
        }
    }

    /// A fault within a record, as seen from the page.
    fn located(&self, fault: Fault, row: usize) -> Fault {
        located(self.selector(), fault, row)
    }

    /// What led to the records.
    fn selector(&self) -> Path {
        self.chosen.and_then(|chosen| self.layout.selectors().get(chosen)).copied().unwrap_or_default()
    }

    fn probe(&mut self, r: &mut Reader<'_>, probe: usize) -> Result<(), Fault> {
        let facts = &mut self.page.facts;
        match self.layout.probes.get(probe) {
            Some(Probe::Cursor) => facts.cursor = cursor(r, self.layout.json_cursor)?,
            Some(Probe::Link) => facts.link = link(r)?,
            Some(Probe::Carried(at)) => {
                facts.carried.resize(facts.carried.len().max(at + 1), None);
                let value = json(r)?;
                if let Some(carried) = facts.carried.get_mut(*at) {
                    *carried = value;
                }
            }
            Some(Probe::Total) => facts.total = count(r)?,
            Some(Probe::TotalPages) => facts.total_pages = count(r)?,
            Some(Probe::HasMore) => facts.has_more = flag(r)?,
            Some(Probe::IsLast) => facts.has_more = flag(r)?.map(|is_last| !is_last),
            Some(Probe::Size) => facts.size = count(r)?,
            Some(Probe::Token) => facts.token = scalar(r)?.filter(|token| !token.is_empty()),
            None => drop(r.skip()?),
        }
        Ok(())
    }

    /// The cursor in the last record.
    fn last_cursor(&self, text: &str, field: Path) -> Result<Option<String>, Fault> {
        let record = text.get(self.last.clone()).unwrap_or_default();
        let row = usize::try_from(self.page.facts.rows - 1).unwrap_or(usize::MAX);
        let read = if self.layout.json_cursor { json_in } else { value_in };
        let value = read(record, field).map_err(|fault| self.located(fault.shifted(self.last.start), row))?;
        Ok(value.filter(|text| !text.is_empty()))
    }

    /// Says why there are no records, and what there is instead.
    #[cold]
    fn no_records(&self, text: &str) -> String {
        let selectors: Vec<String> = self.layout.selectors().iter().map(|path| format!("`{}`", display(path))).collect();
        let mut message = match selectors.as_slice() {
            [one] => format!("{one} leads to no list of records"),
            several => format!("none of {} leads to a list of records", several.join(", ")),
        };
        // The text has been read to its end, so that no fault can come of it.
        let _ = select(&mut Reader::new(text), self.layout.selectors(), &mut |r, index| {
            let kind = r.peek()?.describe();
            let path = self.layout.selectors().get(index).copied().unwrap_or_default();
            let _ = write!(message, "; `{}` is {kind}", display(path));
            Ok(false)
        });
        let mut keys = Vec::new();
        let _ = Reader::new(text).object(&mut |r, key| {
            keys.push(format!("`{key}`"));
            r.skip().map(drop)
        });
        if !keys.is_empty() {
            let more = if keys.len() > KEYS_LISTED { ", …" } else { "" };
            keys.truncate(KEYS_LISTED);
            let _ = write!(message, "; the page has {}{more}", keys.join(", "));
        }
        message
    }
}

fn located(selector: Path, fault: Fault, row: usize) -> Fault {
    selector.iter().rev().fold(fault.within(Step::Index(row)), |fault, segment| {
        fault.within(match *segment {
            Segment::Key(key) => Step::Key(key.into()),
            Segment::Index(index) => Step::Index(index),
        })
    })
}

/// The scalar that a path leads to in a JSON text, as a text.
pub fn value_in(text: &str, path: Path) -> Result<Option<String>, Fault> {
    found_in(text, path, &mut scalar)
}

/// The value that a path leads to in a JSON text, as JSON.
fn json_in(text: &str, path: Path) -> Result<Option<String>, Fault> {
    found_in(text, path, &mut json)
}

fn found_in(
    text: &str,
    path: Path,
    read: &mut dyn FnMut(&mut Reader<'_>) -> Result<Option<String>, Fault>,
) -> Result<Option<String>, Fault> {
    let mut value = None;
    select(&mut Reader::new(text), &[path], &mut |r, _| {
        value = read(r)?;
        Ok(true)
    })?;
    Ok(value)
}

/// Reads a scalar as a text: a string's content, a number as it is written. None for a null.
pub fn scalar(r: &mut Reader<'_>) -> Result<Option<String>, Fault> {
    Ok(match r.peek()? {
        Kind::Null => {
            r.null()?;
            None
        }
        Kind::Bool => Some(r.bool()?.to_string()),
        Kind::Number => Some(r.number()?.to_owned()),
        Kind::String => Some(r.str()?.into_owned()),
        Kind::Array | Kind::Object => return Err(r.unexpected("a string or a number")),
    })
}

/// Reads any value as JSON. None for a null and an empty text.
fn json(r: &mut Reader<'_>) -> Result<Option<String>, Fault> {
    Ok(Some(r.skip()?).filter(|text| !matches!(*text, "null" | "\"\"")).map(str::to_owned))
}

/// Reads the cursor of the next page. A null, an empty text, `false` and 0 say that there is none.
fn cursor(r: &mut Reader<'_>, as_json: bool) -> Result<Option<String>, Fault> {
    let is_text = r.peek()? == Kind::String;
    let value = if as_json { json(r)? } else { scalar(r)? };
    Ok(value.filter(|value| is_text && !value.is_empty() || !is_text && !matches!(value.as_str(), "false" | "0" | "[]" | "{}")))
}

/// Reads the address of the next page; `false` says as well that there is none.
fn link(r: &mut Reader<'_>) -> Result<Option<String>, Fault> {
    if r.peek()? == Kind::Bool {
        r.skip()?;
        return Ok(None);
    }
    Ok(scalar(r)?.filter(|text| !text.is_empty()))
}

/// Reads a count, which some services send as a string. Whatever is no count says nothing.
fn count(r: &mut Reader<'_>) -> Result<Option<u64>, Fault> {
    Ok(match r.peek()? {
        Kind::Number => count_of(r.number()?),
        Kind::String => count_of(&r.str()?),
        _ => {
            r.skip()?;
            None
        }
    })
}

fn count_of(text: &str) -> Option<u64> {
    let text = text.trim();
    text.strip_suffix(".0").unwrap_or(text).parse().ok()
}

/// Reads a flag, which some services send as a string or a number. Whatever is no flag says nothing.
fn flag(r: &mut Reader<'_>) -> Result<Option<bool>, Fault> {
    let text = match r.peek()? {
        Kind::Bool => return r.bool().map(Some),
        Kind::Number => r.number()?.to_owned(),
        Kind::String => r.str()?.to_ascii_lowercase(),
        _ => return r.skip().map(|_| None),
    };
    Ok(match text.trim() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    })
}

/// A path as it is written in a spec.
#[must_use]
pub fn display(path: Path) -> String {
    let mut text = String::from("$");
    for segment in path {
        let _ = match segment {
            Segment::Key(key) => write!(text, ".{key}"),
            Segment::Index(index) => write!(text, "[{index}]"),
        };
    }
    text
}

//! A page that is a JSON document, in one pass: its records, and the values beside them that its layout asks for.

use std::fmt::Write as _;
use std::ops::Range;

use crate::rt::descriptor::{Contract, Path, Segment};
use crate::rt::digest::digest;
use crate::rt::error::{Error, ErrorKind};
use crate::rt::facts::{count, cursor, flag, json, json_in, link, scalar, value_in};
use crate::rt::fault::{Fault, FaultKind, Step};
use crate::rt::layout::{Layout, Probe};
use crate::rt::page::{NoPage, PageFacts, PageRead, Reading, Sink, Source, Transform, Verdict};
use crate::rt::reader::{Kind, Reader, misencoded};
use crate::rt::select::{display, select};

/// How many keys of a page an error lists.
const KEYS_LISTED: usize = 20;

/// Reads a JSON document.
pub fn document(body: &[u8], layout: &Layout, reading: Reading<'_>, sink: &mut dyn Sink) -> Result<PageRead, NoPage> {
    if body.trim_ascii().is_empty() {
        return Err(NoPage("the body is empty".to_owned()));
    }
    let text = std::str::from_utf8(body).map_err(|error| {
        let why = misencoded(body).map_or_else(|| format!("it is not UTF-8 from byte {} on", error.valid_up_to()), str::to_owned);
        NoPage(format!("the body is no JSON: {why}"))
    })?;
    let mut pass = Pass::new(text, layout, reading, sink, false);
    let mut result = pass.run();
    if result.as_ref().is_err_and(|fault| fault.kind() != FaultKind::Syntax) {
        pass = Pass::new(text, layout, reading, sink, true);
        pass.sink.restart();
        result = pass.run();
    }
    result.map_err(|fault| NoPage(explain(&fault, body)))?;
    if pass.chosen.is_none() && !pass.null {
        return Err(NoPage(pass.no_records()));
    }
    Ok(pass.page)
}

fn explain(fault: &Fault, body: &[u8]) -> String {
    match (fault.kind(), misencoded(body)) {
        (FaultKind::Syntax, Some(why)) => format!("the body is no JSON: {why}"),
        (FaultKind::Syntax, None) => format!("the body is no JSON: {fault}"),
        _ => fault.to_string(),
    }
}

/// One pass over a page.
struct Pass<'p> {
    text: &'p str,
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
    fn new<'s: 'p>(
        text: &'p str,
        layout: &'p Layout,
        reading: Reading<'p>,
        sink: &'p mut (dyn Sink + 's),
        careful: bool,
    ) -> Self {
        let page = PageRead::default();
        Self { text, layout, reading, sink, careful, chosen: None, null: false, array: 0..0, last: 0..0, page }
    }

    fn run(&mut self) -> Result<(), Fault> {
        let layout = self.layout;
        let mut r = Reader::new(self.text);
        r.include(self.reading.included);
        r.discard_values(self.careful && layout.contract == Contract::DiscardValue);
        r.columns(self.reading.columns);
        select(&mut r, &layout.paths, &mut |r, index| match index.checked_sub(layout.selectors().len()) {
            None => self.candidate(r, index),
            Some(probe) => self.probe(r, probe).map(|()| true),
        })?;
        r.end()?;
        if self.reading.transform.is_none() {
            *self.page.drift = r.take_tally();
        }
        if let Some(field) = layout.record_cursor
            && self.page.facts.rows > 0
        {
            self.page.facts.cursor = self.last_cursor(field)?;
        }
        if layout.digest {
            self.page.facts.digest = self.text.as_bytes().get(self.array.clone()).map(digest);
        }
        Ok(())
    }

    /// Looks at what a selector leads to.
    fn candidate(&mut self, r: &mut Reader<'_>, selector: usize) -> Result<bool, Fault> {
        match r.peek()? {
            Kind::Array if self.chosen.is_none_or(|chosen| selector <= chosen) => {
                self.restart(selector);
                drop(r.take_tally());
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
            self.sink.record(r).map(|()| r.settle()).map(|()| true)
        };
        let read = read?;
        self.note(start..r.offset());
        if read {
            self.page.records += 1;
            self.page.done += 1;
            if self.reading.spans {
                self.page.spans.push(self.last.clone());
            }
        }
        Ok(())
    }

    /// Notes where a record is.
    fn note(&mut self, at: Range<usize>) {
        self.page.rows.push(at.clone());
        self.last = at;
    }

    /// Reads a record of which others are made.
    fn transformed(&mut self, r: &mut Reader<'_>, row: usize, transform: &dyn Transform) -> Result<(), Fault> {
        let start = r.offset();
        let text = r.skip()?;
        self.note(start..r.offset());
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
        let start = r.offset();
        let result = r.audited(|r| self.sink.record(r));
        let discarded = r.discarded();
        if result.as_ref().is_err_and(|fault| fault.kind() != FaultKind::Syntax) {
            r.skip()?;
        }
        let text = self.text.get(start..r.offset()).unwrap_or_default();
        for fault in discarded {
            self.leave_out(&self.located(fault, row), text);
        }
        match result {
            Err(fault) if fault.kind() != FaultKind::Syntax => {
                let fault = self.located(fault, row);
                if self.layout.contract.ends(self.reading.columns, &fault) {
                    self.page.failure = Some(Error::from_fault(ErrorKind::Decode, fault));
                } else {
                    self.leave_out(&fault, text);
                    self.page.left_out.push(self.page.facts.rows - 1);
                    self.page.done += 1;
                }
                Ok(false)
            }
            result => result.map(|()| true),
        }
    }

    /// Notes that the record at hand, or a value of it, is left out.
    fn leave_out(&mut self, fault: &Fault, text: &str) {
        self.page.rejected.push(self.page.facts.rows - 1, fault);
        self.sink.left_out(fault, Some(text));
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
    fn last_cursor(&self, field: Path) -> Result<Option<String>, Fault> {
        let record = self.text.get(self.last.clone()).unwrap_or_default();
        let row = usize::try_from(self.page.facts.rows - 1).unwrap_or(usize::MAX);
        let read = if self.layout.json_cursor { json_in } else { value_in };
        let value = read(record, field).map_err(|fault| self.located(fault.shifted(self.last.start), row))?;
        Ok(value.filter(|text| !text.is_empty()))
    }

    /// Says why there are no records, and what there is instead.
    #[cold]
    fn no_records(&self) -> String {
        let selectors: Vec<String> = self.layout.selectors().iter().map(|path| format!("`{}`", display(path))).collect();
        let mut message = match selectors.as_slice() {
            [one] => format!("{one} leads to no list of records"),
            several => format!("none of {} leads to a list of records", several.join(", ")),
        };
        // The text has been read to its end, so that no fault can come of it.
        let _ = select(&mut Reader::new(self.text), self.layout.selectors(), &mut |r, index| {
            let kind = r.peek()?.describe();
            let path = self.layout.selectors().get(index).copied().unwrap_or_default();
            let _ = write!(message, "; `{}` is {kind}", display(path));
            Ok(false)
        });
        let mut keys = Vec::new();
        let _ = Reader::new(self.text).object(&mut |r, key| {
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

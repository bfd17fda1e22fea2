//! Records that come as rows: bodies that are no JSON documents, read piece by piece or as a whole.
//!
//! A [`Format`] finds the rows and writes each as a JSON text, which the records' own tables read. So a schema, its contract and
//! everything behind them are the same for every format.

use std::fmt::Debug;

use crate::rt::descriptor::Contract;
use crate::rt::error::{Error, ErrorKind};
use crate::rt::fault::{Fault, FaultKind, Step};
use crate::rt::page::{Decoder, NoPage, PageRead, Reading, Sink, Source, Transform, Verdict};
use crate::rt::reader::{Reader, misencoded};
use crate::rt::record::Order;
use crate::rt::tally::Tally;

/// The byte order mark of UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// How many bytes tell in which encoding a text is, and whether it is a document of another kind.
pub(crate) const PRELUDE: usize = 64;

/// A way to write rows.
pub trait Format: Debug + Sync {
    /// Its name, for messages.
    fn name(&self) -> &'static str;

    /// Something that finds its rows, from a byte offset of the body on.
    fn rows(&'static self, offset: u64) -> Box<dyn Rows>;

    /// Whether a body without a byte is a list without records.
    fn may_be_empty(&self) -> bool;
}

/// Finds the rows of a body, piece by piece.
pub trait Rows: Send {
    /// Looks for the next row in the bytes that were not taken so far; `last` says that no more will come. A fault says why no
    /// more rows can be found.
    fn advance(&mut self, bytes: &[u8], last: bool) -> Result<Advance, Fault>;

    /// The row that was found, in the bytes that were handed over for it.
    fn row<'a>(&'a self, bytes: &'a [u8]) -> Row<'a>;

    /// How many bytes of a row that is not whole yet it keeps itself.
    fn held(&self) -> usize;
}

/// What became of some bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Advance {
    /// How many of them were taken.
    pub taken: usize,
    /// Whether a row was found at their end. Otherwise more bytes are needed, or there are no more rows.
    pub found: bool,
}

/// A row.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// The JSON text of its record, or why there is none.
    pub text: Result<&'a str, Fault>,
    /// The line that it begins on, from 1; 0 where lines mean nothing.
    pub line: u64,
    /// Where it begins, in bytes from the start of the body.
    pub offset: u64,
    /// Whether the text stands in the body just as it is.
    pub is_verbatim: bool,
    /// Whether the body ends with it, and without the sign that it is whole.
    pub is_open: bool,
}

impl Row<'_> {
    /// Whether a fault in it means that the body was cut off.
    #[must_use]
    pub fn is_cut_off(&self, fault: &Fault) -> bool {
        self.is_open && fault.kind() == FaultKind::Syntax
    }

    /// The text of its record, which must be an object: steps are about members.
    pub fn object(&self) -> Result<&str, Fault> {
        let text = self.text.clone()?;
        if !text.trim_start().starts_with('{') {
            // It says what it is instead.
            Reader::new(text).object(&mut |r, _| r.skip().map(drop))?;
        }
        Ok(text)
    }

    /// A fault in it, as seen from the body; `row` is its number.
    #[must_use]
    pub fn located(&self, fault: Fault, row: usize) -> Fault {
        let offset = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let fault = if self.is_verbatim { fault.shifted(offset) } else { fault.moved(offset) };
        fault.on_line(self.line).within(Step::Index(row))
    }
}

/// Reads the texts of rows; it keeps what was learnt of the order of their keys, and counts where they are not as their schema says.
#[derive(Debug, Default)]
pub struct RowReader {
    order: Order,
    pub(crate) drift: Tally,
}

impl RowReader {
    /// Has `read` read a text to its end.
    pub fn read<'t, T>(&mut self, text: &'t str, read: impl FnOnce(&mut Reader<'t>) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut reader = Reader::with_order(text, self.order);
        reader.go_on(std::mem::take(&mut self.drift));
        let result = read(&mut reader).and_then(|value| reader.end().map(|()| value));
        match &result {
            Ok(_) => {
                self.order = reader.order();
                reader.settle();
            }
            Err(fault) if fault.kind() == FaultKind::Unknown => reader.settle(),
            Err(_) => {}
        }
        self.drift = reader.take_tally();
        result
    }

    /// Counts a row that is refused for what [`read`](Self::read) gave last.
    pub fn refuse(&mut self, row: &Row<'_>, fault: &Fault) {
        if fault.kind() != FaultKind::Unknown {
            self.drift.records += 1;
            self.drift.note(fault, row.text.as_ref().copied().unwrap_or_default());
        }
    }
}

/// How many bytes of a byte order mark a body begins with. Those of another encoding are refused, and so is what is plainly a
/// document of another kind.
pub fn prelude(format: &dyn Format, body: &[u8]) -> Result<usize, String> {
    let name = format.name();
    if let Some(what) = misencoded(body) {
        return Err(format!("the body is no {name}: {what}"));
    }
    let mark = if body.starts_with(MARK) { MARK.len() } else { 0 };
    // No further than a stream waits for, so that it does not matter where its pieces end.
    let text = body.get(mark..body.len().min(PRELUDE)).unwrap_or_default().trim_ascii_start();
    if text.first() == Some(&b'<') {
        return Err(format!("the body is no {name}: it begins with `<`, as HTML and XML do"));
    }
    Ok(mark)
}

impl<F: Format> Decoder for F {
    fn read(
        &'static self,
        body: &[u8],
        contract: Contract,
        last: bool,
        reading: Reading<'_>,
        sink: &mut dyn Sink,
    ) -> Result<PageRead, NoPage> {
        if body.is_empty() {
            return if self.may_be_empty() { Ok(PageRead::default()) } else { Err(NoPage("the body is empty".to_owned())) };
        }
        let start = prelude(self, body).map_err(NoPage)?;
        let mut rows = self.rows(start as u64);
        let mut pass = Pass { contract, last, reading, sink, reader: RowReader::default(), page: PageRead::of(reading) };
        let mut rest = body.get(start..).unwrap_or_default();
        loop {
            let advance = rows.advance(rest, true).map_err(|fault| NoPage(format!("the body is no {}: {fault}", self.name())))?;
            if !advance.found {
                if reading.transform.is_none() {
                    *pass.page.drift = pass.reader.drift;
                }
                return Ok(pass.page);
            }
            pass.row(self.name(), &rows.row(rest))?;
            rest = rest.get(advance.taken..).unwrap_or_default();
        }
    }
}

/// One pass over the rows of a page.
struct Pass<'p> {
    contract: Contract,
    /// Whether the last row's text is needed.
    last: bool,
    reading: Reading<'p>,
    sink: &'p mut dyn Sink,
    reader: RowReader,
    page: PageRead,
}

impl Pass<'_> {
    fn row(&mut self, format: &str, row: &Row<'_>) -> Result<(), NoPage> {
        let number = self.page.facts.rows;
        self.page.facts.rows += 1;
        if number < self.reading.skip || self.page.failure.is_some() || !self.is_wanted(row, number) {
            self.keep(row, false);
            return Ok(());
        }
        let result = match self.reading.transform {
            Some(transform) => self.transformed(transform, row, number),
            None => self.record(row, number).map(|()| self.page.records += 1),
        };
        let Err(fault) = result else {
            let is_done = self.page.failure.is_none();
            self.page.done += u64::from(is_done);
            self.keep(row, is_done);
            return Ok(());
        };
        let is_cut_off = row.is_cut_off(&fault);
        let is_record = row.text.as_ref().is_ok_and(|text| text.trim_start().starts_with('{'));
        let is_syntax = fault.kind() == FaultKind::Syntax;
        self.reader.refuse(row, &fault);
        let fault = located(row, fault, number);
        if is_cut_off {
            return Err(NoPage(format!("the body is cut off: {fault}")));
        }
        // The first row tells whether this is the format at all.
        if number == 0 && (is_syntax || !is_record) {
            return Err(NoPage(format!("the body is no {format}: {fault}")));
        }
        if self.contract.ends(self.reading.columns, &fault) {
            self.page.failure = Some(Error::from_fault(ErrorKind::Decode, fault));
        } else {
            self.page.rejected.push(number, &fault);
            // Before steps a record may hold what nobody is to see.
            let text = row.text.as_ref().ok().copied().filter(|_| self.reading.transform.is_none());
            self.sink.left_out(&fault, text);
            self.leave_out(number);
        }
        self.keep(row, false);
        Ok(())
    }

    /// Asks the sink whether it wants a row, and notes what becomes of one that it does not. What is no record is read all the same:
    /// that tells why.
    fn is_wanted(&mut self, row: &Row<'_>, number: u64) -> bool {
        match row.object().and_then(|text| self.sink.judge(&mut Reader::new(text))) {
            Ok(Verdict::Read) | Err(_) => return true,
            Ok(Verdict::LeaveOut) => self.leave_out(number),
            Ok(Verdict::Fail(fault)) => {
                self.page.failure = Some(Error::from_fault(ErrorKind::Decode, located(row, fault, number)));
            }
        }
        false
    }

    /// Notes that a row is dealt with, and gives no record.
    fn leave_out(&mut self, number: u64) {
        self.page.left_out.push(number);
        self.page.done += 1;
        if self.reading.spans && self.reading.transform.is_some() {
            // With steps each row has a place, also one that has no record.
            self.page.spans.push(0..0);
        }
    }

    /// Reads a row of which others are made.
    fn transformed(&mut self, transform: &dyn Transform, row: &Row<'_>, number: u64) -> Result<(), Fault> {
        let source = Source {
            text: row.object()?,
            number,
            passed: if number == self.reading.skip { self.reading.part } else { 0 },
            contract: Some(self.contract),
            reading: self.reading,
            located: &|fault| located(row, fault.moved(0), number),
        };
        transform.record(&source, self.sink, &mut self.page)
    }

    /// Reads a row into the sink; once more, if it does not fit and its values may be left out.
    fn record(&mut self, row: &Row<'_>, number: u64) -> Result<(), Fault> {
        let text = row.text.clone()?;
        match self.attempt(text, row, number, false) {
            Err(fault) if self.contract.discards(&fault) => self.attempt(text, row, number, true),
            result => result,
        }
    }

    fn attempt(&mut self, text: &str, row: &Row<'_>, number: u64, discard: bool) -> Result<(), Fault> {
        let Self { reading, sink, reader, page, .. } = self;
        let included = reading.included;
        reader.read(text, |r| {
            r.include(included);
            r.discard_values(discard);
            r.columns(reading.columns);
            sink.record(r)?;
            for fault in r.discarded() {
                let fault = located(row, fault, number);
                page.rejected.push(number, &fault);
                sink.left_out(&fault, Some(text));
            }
            Ok(())
        })
    }

    /// Keeps the JSON text of a row where that is asked for.
    fn keep(&mut self, row: &Row<'_>, in_sink: bool) {
        let (spans, last) = (self.reading.spans, self.last);
        let Ok(text) = &row.text else { return };
        if !(last || spans && in_sink) {
            return;
        }
        let held = self.page.text.get_or_insert_default();
        if !spans {
            held.clear();
        }
        let start = held.len();
        held.extend_from_slice(text.as_bytes());
        self.page.last = start..held.len();
        if spans && in_sink {
            self.page.spans.push(start..held.len());
        }
    }
}

fn located(row: &Row<'_>, fault: Fault, number: u64) -> Fault {
    row.located(fault, usize::try_from(number).unwrap_or(usize::MAX))
}

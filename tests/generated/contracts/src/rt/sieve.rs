//! What is wanted of a page: records within the bounds of the run, and of those at its start only what the run before did not
//! give.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::rt::cursor::{Cursor, Format};
use crate::rt::facts::scalar;
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::incremental::{Incremental, Missing, RowOrder};
use crate::rt::page::{Sink, Verdict};
use crate::rt::reader::{Kind, Reader};
use crate::rt::select::display;
use crate::rt::select::select;
use crate::rt::tracker::key;

/// A sink that takes only what is wanted.
pub struct Sieve<'g> {
    spec: &'static Incremental,
    primary_key: &'static [&'static str],
    start: Option<Cursor>,
    end: Option<&'g Cursor>,
    /// The keys of the records at the start that were given already.
    border: Option<&'g BTreeSet<u64>>,
    is_past: &'g mut bool,
    sink: &'g mut dyn Sink,
}

impl<'g> Sieve<'g> {
    /// A sieve before a sink. `is_past` is set where all that follows the page is past the bounds.
    pub fn new(
        spec: &'static Incremental,
        primary_key: &'static [&'static str],
        start: Option<Cursor>,
        end: Option<&'g Cursor>,
        border: Option<&'g BTreeSet<u64>>,
        is_past: &'g mut bool,
        sink: &'g mut dyn Sink,
    ) -> Self {
        let border = border.filter(|border| !border.is_empty());
        Self { spec, primary_key, start, end, border, is_past, sink }
    }

    /// Whether nothing can be left out.
    fn is_open(&self) -> bool {
        self.spec.token.is_some() || (self.spec.missing == Missing::Include && self.start.is_none() && self.end.is_none())
    }

    fn cursor(&self, r: &mut Reader<'_>) -> Result<Option<Cursor>, Fault> {
        let mut text = None;
        select(r, &[self.spec.cursor], &mut |r, _| {
            if matches!(r.peek()?, Kind::Array | Kind::Object) {
                return Ok(false);
            }
            text = scalar(r)?;
            Ok(true)
        })?;
        Ok(text.and_then(|text| Cursor::parse(&text, self.spec.format)))
    }

    fn is_past_end(&mut self, cursor: &Cursor) -> bool {
        let is_past = self.end.is_some_and(|end| match cursor.cmp(end) {
            Ordering::Less => false,
            Ordering::Equal => !self.spec.end_closed,
            Ordering::Greater => true,
        });
        *self.is_past |= is_past && self.spec.order == RowOrder::Ascending;
        is_past
    }

    /// Whether a record is before the start. Of texts only the service knows the order, where it is asked to start at one.
    fn is_before_start(&mut self, cursor: &Cursor) -> bool {
        if self.spec.format == Format::Text && self.spec.sends_start {
            return false;
        }
        let is_before = self.start.as_ref().is_some_and(|start| match cursor.cmp(start) {
            Ordering::Less => true,
            Ordering::Equal => !self.spec.start_closed && self.spec.lag == 0,
            Ordering::Greater => false,
        });
        *self.is_past |= is_before && self.spec.order == RowOrder::Descending;
        is_before
    }

    /// Whether a record at the start was given by the run before.
    fn was_given(&self, cursor: &Cursor, r: &mut Reader<'_>) -> Result<bool, Fault> {
        let Some(border) = self.border.filter(|_| self.start.as_ref() == Some(cursor)) else { return Ok(false) };
        let record = r.skip()?;
        Ok(key(record, self.primary_key).is_some_and(|key| border.contains(&key)))
    }
}

impl Sink for Sieve<'_> {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        self.sink.record(r)
    }

    fn restart(&mut self) {
        *self.is_past = false;
        self.sink.restart();
    }

    fn has_taken(&self) -> bool {
        self.sink.has_taken()
    }

    fn left_out(&mut self, fault: &Fault, record: Option<&str>) {
        self.sink.left_out(fault, record);
    }

    fn judge(&mut self, r: &mut Reader<'_>) -> Result<Verdict, Fault> {
        if self.is_open() {
            return Ok(Verdict::Read);
        }
        r.peek()?;
        let start = r.offset();
        let Some(cursor) = self.cursor(r)? else {
            return Ok(match self.spec.missing {
                Missing::Include => Verdict::Read,
                Missing::Exclude => Verdict::LeaveOut,
                Missing::Raise => Verdict::Fail(self.missing(start)),
            });
        };
        r.rewind(start);
        let leave_out = self.is_past_end(&cursor) || self.is_before_start(&cursor) || self.was_given(&cursor, r)?;
        Ok(if leave_out { Verdict::LeaveOut } else { Verdict::Read })
    }
}

impl Sieve<'_> {
    #[cold]
    fn missing(&self, offset: usize) -> Fault {
        let path = display(self.spec.cursor);
        let message = format!("the record has no incremental cursor at `{path}`, or none that can be read");
        Fault::new(FaultKind::Missing, offset, message)
    }
}

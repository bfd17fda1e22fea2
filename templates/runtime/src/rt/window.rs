//! Windows of a range: a resource that is read a step at a time, from the start of an incremental run to its end.
//!
//! The windows follow from the start, so that a read that is resumed has the same ones. A boundary that requests can not write
//! exactly is rounded down, for the window before it as for the one after, so that nothing is left out or listed twice.

use crate::rt::calendar::{Civil, Moment};
use crate::rt::cursor::{Cursor, Format};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::json_write;
use crate::rt::progress::{END, START};
use crate::rt::sequence::{Bindings, Opened, Opening, Sequence};

/// What lies between start and end in the name of a range.
const TO: &str = " to ";

/// The finest step that services keep moments in, in nanoseconds.
const FINEST: i128 = 1_000;

/// Windows of a range.
#[derive(Clone, Copy, Debug)]
pub struct Windows {
    step: Step,
    format: Format,
    start_closed: bool,
    end_closed: bool,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Milliseconds(u32, u32),
    Months(u32),
}

impl Windows {
    /// Windows of so many whole seconds and milliseconds, in the format of the requests.
    #[must_use]
    pub const fn of(seconds: u32, milliseconds: u32, format: Format) -> Self {
        Self::by(Step::Milliseconds(seconds, milliseconds), format)
    }

    /// Windows of so many months of the calendar, in the format of the requests.
    #[must_use]
    pub const fn of_months(months: u32, format: Format) -> Self {
        Self::by(Step::Months(months), format)
    }

    const fn by(step: Step, format: Format) -> Self {
        Self { step, format, start_closed: true, end_closed: false }
    }

    /// The service leaves out records at the start itself.
    #[must_use]
    pub const fn after_start(self) -> Self {
        Self { start_closed: false, ..self }
    }

    /// The service lists records at the end itself: the next window starts after it.
    #[must_use]
    pub const fn through_end(self) -> Self {
        Self { end_closed: true, ..self }
    }

    /// The range as requests write it, from the start of a partition to the end of the run.
    fn range(&self, opening: &Opening<'_>) -> Result<(String, String)> {
        let (mut start, mut end) = (None, None);
        for (hole, text) in (opening.bounds)()? {
            match hole {
                START => start = Some(text),
                END => end = Some(text),
                _ => {}
            }
        }
        let start = start.ok_or_else(|| Error::new(ErrorKind::Config, "windows need a start; set one with `since`"))?;
        let end = end.unwrap_or_else(|| Cursor::at(opening.core.now().unix).render_end(self.format));
        Ok((start, end))
    }

    fn moment(&self, text: &str) -> Result<Moment> {
        let moment = Cursor::parse(text, self.format).and_then(|cursor| cursor.moment());
        moment.ok_or_else(|| Error::new(ErrorKind::Config, format!("`{text}` is no moment that a window can begin or end at")))
    }

    /// The nanoseconds between two neighbouring moments of the requests.
    fn unit(&self) -> i128 {
        self.format.granularity().max(FINEST)
    }

    /// Where window number `index` starts, and the one before it ends. None past the last moment.
    fn boundary(&self, first: Moment, index: u32) -> Option<Moment> {
        let Moment(nanos) = match self.step {
            Step::Milliseconds(seconds, milliseconds) => {
                let step = i128::from(seconds) * 1_000_000_000 + i128::from(milliseconds) * 1_000_000;
                Moment(first.0.checked_add(step.checked_mul(index.into())?)?)
            }
            Step::Months(months) => months_after(first, i64::from(months).checked_mul(index.into())?)?,
        };
        Some(Moment(nanos.div_euclid(self.unit()).checked_mul(self.unit())?))
    }
}

impl Sequence for Windows {
    fn holes(&self) -> Vec<&'static str> {
        vec![START, END]
    }

    fn open(&self, opening: &Opening<'_>, held: Option<&str>) -> Result<Opened> {
        let (start, end) = match held.map(|id| id.split_once(TO)) {
            None => self.range(opening)?,
            Some(Some((start, end))) => (start.to_owned(), end.to_owned()),
            Some(None) => return Err(Error::new(ErrorKind::Checkpoint, "the checkpoint has another sequence where windows are")),
        };
        let (first, last) = (self.moment(&start)?, self.moment(&end)?);
        let id = format!("{start}{TO}{end}");
        Ok(Opened { id, rows: Box::new(Steps { windows: *self, first, last, start, end, from: Some(first), index: 0 }) })
    }
}

/// The windows of one range, one after the other.
struct Steps {
    windows: Windows,
    first: Moment,
    last: Moment,
    /// The two as requests write them.
    start: String,
    end: String,
    /// Where the next window starts; none after the last one.
    from: Option<Moment>,
    index: u32,
}

impl Steps {
    /// The first boundary after a moment. None where the range ends before it.
    fn after(&mut self, from: Moment) -> Option<Moment> {
        loop {
            self.index = self.index.checked_add(1)?;
            let boundary = self.windows.boundary(self.first, self.index)?;
            // One that is rounded down may be where the window starts.
            if boundary > from {
                return Some(boundary).filter(|boundary| *boundary < self.last);
            }
        }
    }
}

impl Iterator for Steps {
    type Item = Bindings;

    fn next(&mut self) -> Option<Bindings> {
        let Windows { format, start_closed, end_closed, .. } = self.windows;
        let from = self.from.take()?;
        // A range without length holds what is at its ends, if anything.
        if from > self.last || (from == self.last && !(start_closed && end_closed)) {
            return None;
        }
        let unit = self.windows.unit();
        let write = |Moment(nanos): Moment, before: bool| {
            Cursor::from_moment(Moment(if before { nanos.saturating_sub(unit) } else { nanos })).render(format)
        };
        let start = if from == self.first { self.start.clone() } else { write(from, !start_closed) };
        let to = self.after(from);
        let end = to.map_or_else(|| self.end.clone(), |to| write(to, end_closed));
        self.from = to;
        Some([(START, start), (END, end)].map(|(hole, text)| (hole.to_owned(), json(&text))).to_vec())
    }
}

/// The moment so many months later, by the calendar: the same day, or else the last one of that month.
fn months_after(moment: Moment, months: i64) -> Option<Moment> {
    let civil = Civil::of(moment);
    let count = civil.year.checked_mul(12)?.checked_add(civil.month - 1)?.checked_add(months)?;
    let start_of = |count: i64| Civil { year: count.div_euclid(12), month: count.rem_euclid(12) + 1, ..Civil::START };
    let (Moment(this), Moment(next)) = (start_of(count).moment()?, start_of(count + 1).moment()?);
    let days = i64::try_from((next - this).div_euclid(86_400 * 1_000_000_000)).ok()?;
    let Civil { year, month, .. } = start_of(count);
    Civil { year, month, day: civil.day.min(days), ..civil }.moment()
}

fn json(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json_write::string(&mut json, text);
    json
}

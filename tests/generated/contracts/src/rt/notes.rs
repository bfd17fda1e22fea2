//! What a reader notes where a record is not as its schema says: unknown fields, new values of enums, nulls, mismatches.
//!
//! Reading costs one store a member and a push a record: the key that is being read is kept, and those around it. A path is made of
//! them only where there is something to note. Notes are taken back where a reader goes back, and counted once a record is read.

use std::borrow::Cow;

use crate::rt::fault::{Fault, FaultKind};
use crate::rt::reader::Reader;
use crate::rt::record::{Key, Presence};
use crate::rt::tally::{ANY, DriftKind, ELEMENTS, JsonTypes, TEXT, Tally};

/// How many notes of one record are counted.
const NOTES: usize = 1 << 16;

/// The key of a member whose key is data.
static ANY_KEY: Key = Key::optional(ANY);

/// What happens to a record with a field that its schema does not know.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Columns {
    /// The field is skipped, and told as drift.
    #[default]
    Evolve,
    /// The run stops with an error that names the record and the field.
    Freeze,
    /// The record is left out and counted.
    DiscardRow,
    /// The field is skipped, and nothing is told of it.
    DiscardValue,
}

/// Where a value is within the value around it: the key, and how many arrays deep from there.
#[derive(Clone, Copy, Debug, Default)]
struct Spot {
    key: Option<&'static Key>,
    arrays: usize,
}

/// Something that was noted of a record which is being read.
#[derive(Clone, Debug)]
struct Note<'a> {
    place: u16,
    kind: DriftKind,
    types: JsonTypes,
    /// The key of a field that the schema does not know; the value of an enum, where it may be shown.
    text: Option<Cow<'a, str>>,
    offset: usize,
}

/// What a reader notes.
#[derive(Debug, Default)]
pub struct Notes<'a> {
    at: Spot,
    around: Vec<Spot>,
    log: Vec<Note<'a>>,
    tally: Tally,
    columns: Columns,
}

impl<'a> Notes<'a> {
    /// How many notes there are of the record that is being read.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.log.len()
    }

    /// Takes back all notes but so many.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.log.truncate(len);
    }

    /// Notes which member is being read.
    #[inline]
    pub(crate) fn at(&mut self, key: &'static Key) {
        self.at.key = Some(key);
    }

    /// Notes that the member being read is one whose key is data.
    pub(crate) fn at_any(&mut self) {
        self.at(&ANY_KEY);
    }

    #[inline]
    fn enter(&mut self) {
        self.around.push(std::mem::take(&mut self.at));
    }

    /// Whether that was the outermost value.
    #[inline]
    fn leave(&mut self) -> bool {
        self.at = self.around.pop().unwrap_or_default();
        self.around.is_empty()
    }

    /// Whether what is being read is the value of a member that should not be null.
    fn wants_value(&self) -> bool {
        self.at.arrays == 0 && self.at.key.is_some_and(|key| key.presence == Presence::NonNull)
    }

    /// Whether what is being read, or what it is in, must not be shown.
    fn is_hidden(&self) -> bool {
        self.around.iter().chain([&self.at]).filter_map(|spot| spot.key).any(|key| key.sensitive)
    }

    /// The place of the value that is being read.
    fn place(&mut self) -> u16 {
        let mut place = self.tally.root();
        for spot in self.around.iter().chain([&self.at]) {
            if let Some(key) = spot.key {
                place = self.tally.child(place, key.name);
            }
            for _ in 0..spot.arrays {
                place = self.tally.child(place, ELEMENTS);
            }
        }
        place
    }

    fn push(&mut self, note: Note<'a>) {
        if self.log.len() < NOTES {
            self.log.push(note);
        }
    }

    /// Notes a field that the schema does not know. What a sensitive value has for keys is part of it.
    #[cold]
    pub(crate) fn unknown(&mut self, name: Cow<'a, str>, value: &str, offset: usize) {
        if self.columns == Columns::DiscardValue {
            return;
        }
        // The member that was read last is none that this one is in.
        self.at = Spot::default();
        let is_hidden = self.is_hidden() || name.len() > TEXT;
        let name = if is_hidden { Cow::Borrowed(ANY) } else { name };
        let types = JsonTypes::of(value.as_bytes());
        let (place, kind) = (self.place(), DriftKind::UnknownField);
        self.push(Note { place, kind, types, text: Some(name), offset });
    }

    /// Notes something about the value that is being read.
    #[cold]
    pub(crate) fn here(&mut self, kind: DriftKind, types: JsonTypes, value: Option<Cow<'a, str>>, offset: usize) {
        let text = value.filter(|value| value.len() <= TEXT && !self.is_hidden());
        let place = self.place();
        self.push(Note { place, kind, types, text, offset });
    }

    /// Notes a value that does not fit, in the text where it was found.
    #[cold]
    fn unfit(&mut self, fault: &Fault, text: &str) {
        let at = self.place();
        if let Some((place, kind, types)) = self.tally.unfit(at, fault, text) {
            self.push(Note { place, kind, types, text: None, offset: fault.offset() });
        }
    }

    /// The first field that the schema does not know, as the reason why its record is refused.
    #[cold]
    fn refusal(&self) -> Option<Fault> {
        let note = self.log.iter().find(|note| note.kind == DriftKind::UnknownField)?;
        let path = self.tally.path(note.place, note.text.as_deref());
        Some(Fault::new(FaultKind::Unknown, note.offset, format!("`{path}` is a field that the schema does not know")))
    }

    /// Counts a record with what was noted of it.
    fn settle(&mut self) {
        self.tally.records += 1;
        for Note { place, kind, types, text, .. } in self.log.drain(..) {
            match text {
                Some(name) if kind == DriftKind::UnknownField => {
                    let place = self.tally.child(place, &name);
                    self.tally.count(place, kind, types, None);
                }
                text => self.tally.count(place, kind, types, text.as_deref()),
            }
        }
    }
}

impl Reader<'_> {
    /// What happens to a record with a field that its schema does not know.
    pub fn columns(&mut self, columns: Columns) {
        self.records.notes.columns = columns;
    }

    /// How many notes there are of the record that is being read.
    #[must_use]
    pub fn noted(&self) -> usize {
        self.records.notes.len()
    }

    /// Takes a null as no value if one is next, and says whether it did. It is noted where the schema says that there is one.
    #[inline]
    pub(crate) fn no_value(&mut self) -> Result<bool, Fault> {
        let is_null = self.null()?;
        if is_null {
            self.note_null();
        }
        Ok(is_null)
    }

    /// Kept out of line, so that what reads optional values stays as small as it was.
    #[inline(never)]
    fn note_null(&mut self) {
        if self.records.notes.wants_value() {
            let offset = self.offset();
            self.records.notes.here(DriftKind::Null, JsonTypes::NULL, None, offset);
        }
    }

    /// Notes that the value before this place fits none of its types.
    #[cold]
    pub(crate) fn note_misfit(&mut self, start: usize) {
        let types = JsonTypes::of(self.text().as_bytes().get(start..).unwrap_or_default());
        self.records.notes.here(DriftKind::Mismatch, types, None, start);
    }

    /// Notes a value that is left out.
    pub(crate) fn note_unfit(&mut self, fault: &Fault) {
        let text = self.text();
        self.records.notes.unfit(fault, text);
    }

    /// Has `read` read a value that holds others. An outermost one with a field that its schema does not know may be refused.
    #[inline]
    pub(crate) fn within_value(&mut self, read: impl FnOnce(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        self.records.notes.enter();
        let result = read(self);
        let is_outermost = self.records.notes.leave();
        let refuses = is_outermost && matches!(self.records.notes.columns, Columns::Freeze | Columns::DiscardRow);
        match refuses.then(|| self.records.notes.refusal()).flatten() {
            Some(fault) if result.is_ok() => Err(fault),
            _ => result,
        }
    }

    /// Reads the elements of an array, which are part of the value that is being read.
    pub(crate) fn elements(&mut self, element: &mut dyn FnMut(&mut Self, usize) -> Result<(), Fault>) -> Result<(), Fault> {
        self.records.notes.at.arrays += 1;
        let result = self.array(element);
        self.records.notes.at.arrays -= 1;
        result
    }

    /// Reads the members of an object whose keys are data.
    pub(crate) fn entries(&mut self, entry: &mut dyn FnMut(&mut Self, &str) -> Result<(), Fault>) -> Result<(), Fault> {
        self.records.notes.enter();
        self.records.notes.at_any();
        let result = self.object(entry);
        self.records.notes.leave();
        result
    }

    /// Has `read` read a record, and counts it. Where it does not fit, the reader is back at its start, and what was noted is
    /// that it does not fit, and why.
    pub(crate) fn audited(&mut self, read: impl FnOnce(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        let start = self.mark();
        let result = read(self);
        match &result {
            Err(fault) if fault.kind() == FaultKind::Unknown => self.rewind(start.offset()),
            Err(fault) => {
                self.back_to(start);
                self.note_unfit(fault);
            }
            Ok(()) => {}
        }
        self.records.notes.settle();
        result
    }

    /// Counts a record that was read.
    pub(crate) fn settle(&mut self) {
        self.records.notes.settle();
    }

    /// Takes what was counted.
    pub(crate) fn take_tally(&mut self) -> Tally {
        std::mem::take(&mut self.records.notes.tally)
    }

    /// Goes on with what an earlier reader counted.
    pub fn go_on(&mut self, tally: Tally) {
        self.records.notes.tally = tally;
    }
}

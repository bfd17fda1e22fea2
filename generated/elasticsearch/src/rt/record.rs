//! The table codec: a record brings a list of keys and a `set` by index; one loop does the rest for every record type.
//!
//! The loop is not generic, and a record adds one `match` to it. So a record costs the compiler next to nothing, and
//! required keys, unknown keys and discarded values are dealt with in one place.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::rt::choice::Choice;
use crate::rt::codec::Decode;
use crate::rt::fault::{Fault, FaultKind, Step};
#[cfg(feature = "arrow")]
use crate::rt::json_write;
use crate::rt::notes::Notes;
use crate::rt::reader::Reader;

/// What it is not to have a value for a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Presence {
    /// A record without it, or with a null for it, is refused.
    Required,
    /// It may be absent. A null is taken for that, and is not as the schema says.
    NonNull,
    /// It may be absent or null.
    Optional,
    /// It may be absent or null, and is written as null; others are left out then.
    Nullable,
}

/// A key of a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Key {
    /// The key as the service writes it.
    pub name: &'static str,
    /// What it is not to have a value for it.
    pub presence: Presence,
    /// Whether its values must not be shown.
    pub sensitive: bool,
    /// Whether the name needs no escapes, and so can be compared with the text as it stands.
    plain: bool,
}

impl Key {
    /// A key that may be absent or null.
    #[must_use]
    pub const fn optional(name: &'static str) -> Self {
        Self::new(name, Presence::Optional)
    }

    /// A key that must be there, and not be null.
    #[must_use]
    pub const fn required(name: &'static str) -> Self {
        Self::new(name, Presence::Required)
    }

    /// A key that is always written, and may be null. It is no failure if a service leaves it out.
    #[must_use]
    pub const fn nullable(name: &'static str) -> Self {
        Self::new(name, Presence::Nullable)
    }

    /// A key that may be absent, but should not be null. It is no failure if a service sends a null.
    #[must_use]
    pub const fn non_null(name: &'static str) -> Self {
        Self::new(name, Presence::NonNull)
    }

    const fn new(name: &'static str, presence: Presence) -> Self {
        Self { name, presence, sensitive: false, plain: is_plain(name) }
    }

    /// Whether a record without it, or with a null for it, is refused.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        matches!(self.presence, Presence::Required)
    }

    /// The same, whose values must not be shown.
    #[must_use]
    pub const fn sensitive(self) -> Self {
        Self { sensitive: true, ..self }
    }

    /// The same key where it must be there, and not be null.
    #[must_use]
    pub const fn needed(self) -> Self {
        Self { presence: Presence::Required, ..self }
    }
}

const fn is_plain(name: &str) -> bool {
    let mut rest = name.as_bytes();
    while let [byte, tail @ ..] = rest {
        if matches!(byte, b'"' | b'\\' | 0..0x20) {
            return false;
        }
        rest = tail;
    }
    true
}

/// What a record type brings besides its [`Key`] table.
pub trait Fields {
    /// Reads the value of the key at `index` of the table into its field; past the table, that of a member without a field.
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault>;
}

/// A type that is read by its table: a record, or one of several types.
pub trait Record: Fields + Default {
    /// Its keys, in the order of the indices that [`Fields::set`] takes.
    const KEYS: &'static [Key] = &[];

    /// Of what is one of several types: which those are.
    const CHOICE: Option<&'static Choice> = None;
}

/// What the record loop keeps in its reader.
#[derive(Debug, Default)]
pub(crate) struct Records<'a> {
    included: &'a [(String, String)],
    discarding: bool,
    discarded: Vec<Fault>,
    /// Where records are not as their schema says.
    pub(crate) notes: Notes<'a>,
    /// The key of the member without a field that is being read.
    key: Cow<'a, str>,
    /// How far what has been read is from its schema; types are chosen by it.
    pub(crate) odd: u64,
    /// Whether a value that fits none of its types is an error.
    pub(crate) closed: bool,
    /// How many bytes were read to tell types apart.
    pub(crate) read_again: usize,
    pub(crate) order: Order,
}

/// A place that a reader can go back to, with what it had noted there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    offset: usize,
    discarded: usize,
    notes: usize,
    odd: u64,
}

impl Mark {
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }
}

impl Records<'_> {
    /// How many discarded values are noted so far.
    #[inline]
    pub(crate) fn noted(&self) -> usize {
        self.discarded.len()
    }

    /// Adds a step to the path of each discarded value noted since.
    #[inline]
    pub(crate) fn lead_to(&mut self, noted: usize, step: impl FnOnce() -> Step) {
        if self.discarded.len() > noted {
            let step = step();
            let deeper = self.discarded.split_off(noted);
            self.discarded.extend(deeper.into_iter().map(|fault| fault.within(step.clone())));
        }
    }
}

impl<'a> Reader<'a> {
    /// Reads a value by its type's table.
    pub fn table(&mut self, keys: &'static [Key], choice: Option<&Choice>, fields: &mut dyn Fields) -> Result<(), Fault> {
        self.within_value(|r| match choice {
            None => r.object_into(keys, fields),
            Some(choice) => r.choose(choice, fields),
        })
    }

    /// Reads an object into a record. Of a repeated key the last value counts; keys that are not in the table are skipped
    /// and counted.
    pub fn record(&mut self, keys: &'static [Key], fields: &mut dyn Fields) -> Result<(), Fault> {
        self.table(keys, None, fields)
    }

    fn object_into(&mut self, keys: &'static [Key], fields: &mut dyn Fields) -> Result<(), Fault> {
        self.token();
        let start = self.offset();
        let mut record = Reading { keys, fields, place: 0, seen: Seen::default() };
        let included = std::mem::take(&mut self.records.included);
        let result = self.nested(b'{', "an object", |r| r.members_of(&mut record));
        let result = result.and_then(|()| self.include_in(&mut record, included));
        self.records.included = included;
        result?;
        match record.missing() {
            None => Ok(()),
            Some(key) => Err(missing(key, start).within(Step::Key(key.name.into()))),
        }
    }

    /// Adds members to every outermost record, as if they stood at its end: each a key and the JSON text of its value.
    pub fn include(&mut self, values: &'a [(String, String)]) {
        self.records.included = values;
    }

    /// What [`include`](Self::include) has set: none within a record, where it is added already.
    #[must_use]
    pub fn included(&self) -> &'a [(String, String)] {
        self.records.included
    }

    /// Whether a value that does not fit is left out of its record, rather than failing it. Values of required keys are not.
    pub fn discard_values(&mut self, on: bool) {
        self.records.discarding = on;
    }

    /// Takes the faults of the values that were left out.
    pub fn discarded(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.records.discarded)
    }

    /// Keeps a member whose key is not among the fields. A null where the type has none is no value.
    pub fn keep<T: Decode>(&mut self, rest: &mut BTreeMap<String, T>) -> Result<(), Fault> {
        let key = std::mem::take(&mut self.records.key).into_owned();
        self.records.notes.at_any();
        match self.attempt(T::decode) {
            Ok(value) => {
                rest.insert(key, value);
                Ok(())
            }
            Err(fault) => self.null()?.then_some(()).ok_or(fault),
        }
    }

    /// Keeps a member whose key is not among the fields as it is written, in an object that is open at its end.
    #[cfg(feature = "arrow")]
    pub fn keep_text(&mut self, rest: &mut String) -> Result<(), Fault> {
        let key = std::mem::take(&mut self.records.key);
        self.records.notes.at_any();
        let value = self.skip()?;
        rest.push(if rest.is_empty() { '{' } else { ',' });
        json_write::string(rest, &key);
        rest.push(':');
        rest.push_str(value);
        Ok(())
    }

    /// Skips a member whose key is not known.
    pub fn skip_unknown(&mut self) -> Result<(), Fault> {
        let name = std::mem::take(&mut self.records.key);
        let value = self.skip()?;
        let start = self.offset() - value.len();
        self.records.notes.unknown(name, value, start);
        Ok(())
    }

    /// Has `read` read the next value; if it fails, the reader is back at the value and knows nothing of the attempt.
    pub(crate) fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let start = self.mark();
        let result = read(self);
        if result.is_err() {
            self.back_to(start);
        }
        result
    }

    /// The place where the reader stands.
    pub(crate) fn mark(&self) -> Mark {
        let Records { odd, ref discarded, ref notes, .. } = self.records;
        Mark { offset: self.offset(), discarded: discarded.len(), notes: notes.len(), odd }
    }

    /// Goes back to a place, and forgets what came after it.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        self.rewind(mark.offset);
        self.records.discarded.truncate(mark.discarded);
        self.records.notes.truncate(mark.notes);
        self.records.odd = mark.odd;
    }

    /// Has `read` read with no value left out, so that a value which does not fit is noticed.
    pub(crate) fn strictly<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let discarding = std::mem::replace(&mut self.records.discarding, false);
        let result = read(self);
        self.records.discarding = discarding;
        result
    }

    fn members_of(&mut self, record: &mut Reading<'_>) -> Result<(), Fault> {
        let mut first = true;
        while self.more(b'}', first)? {
            first = false;
            let index = self.records.order.after(record.keys, record.place);
            match record.keys.get(index) {
                Some(key) if self.takes(key) => self.member(record, index, key)?,
                _ => self.unexpected_member(record, index)?,
            }
        }
        Ok(())
    }

    /// Reads a member whose key is not the one at `expected`.
    fn unexpected_member(&mut self, record: &mut Reading<'_>, expected: usize) -> Result<(), Fault> {
        // Most often an optional key was left out, and the text goes on with the one after.
        let after = self.records.order.after(record.keys, expected + 1);
        if let Some(key) = record.keys.get(after)
            && self.takes(key)
        {
            return self.member(record, after, key);
        }
        let name = self.key()?;
        match record.keys.iter().enumerate().find(|(_, key)| key.name == name) {
            Some((index, key)) => {
                self.records.order.learn(record.keys, record.place, index);
                self.member(record, index, key)
            }
            None => self.further_member(record, name),
        }
    }

    /// Reads the value of a key that is not in the table: the record may keep it.
    fn further_member(&mut self, record: &mut Reading<'_>, name: Cow<'a, str>) -> Result<(), Fault> {
        self.records.odd += 1;
        self.records.key.clone_from(&name);
        let (past, discarding) = (record.keys.len(), self.records.discarding);
        let read = |r: &mut Self| if discarding { r.set_or_discard(record.fields, past) } else { record.fields.set(past, r) };
        self.at_step(read, || Step::Key(name.into_owned().into()))
    }

    /// Takes a key if it is next, and says whether it did.
    #[inline]
    fn takes(&mut self, key: &Key) -> bool {
        key.plain && self.expected_key(key.name)
    }

    /// Reads the value of a key that has been taken.
    #[inline]
    fn member(&mut self, record: &mut Reading<'_>, index: usize, key: &'static Key) -> Result<(), Fault> {
        record.place = index + 1;
        self.records.notes.at(key);
        self.at_step(|r| r.value_of(record, index, key), || Step::Key(key.name.into()))
    }

    #[inline]
    fn value_of(&mut self, record: &mut Reading<'_>, index: usize, key: &'static Key) -> Result<(), Fault> {
        if key.is_required() {
            self.token();
            let start = self.offset();
            if self.null()? {
                return Err(missing(key, start));
            }
            record.seen.insert(index);
            return record.fields.set(index, self);
        }
        if self.records.discarding {
            return self.set_or_discard(record.fields, index);
        }
        record.fields.set(index, self)
    }

    fn set_or_discard(&mut self, fields: &mut dyn Fields, index: usize) -> Result<(), Fault> {
        match self.attempt(|r| fields.set(index, r)) {
            Err(fault) if fault.kind() != FaultKind::Syntax => {
                self.note_unfit(&fault);
                self.skip()?;
                self.records.discarded.push(fault);
                Ok(())
            }
            result => result,
        }
    }

    fn include_in(&mut self, record: &mut Reading<'_>, included: &'a [(String, String)]) -> Result<(), Fault> {
        let end = self.offset();
        for (name, value) in included {
            if let Some((index, key)) = record.keys.iter().enumerate().find(|(_, key)| key.name == name) {
                self.elsewhere(value, &mut |r| r.member(record, index, key)).map_err(|fault| fault.shifted(end))?;
            }
        }
        Ok(())
    }
}

/// A record that is being read.
struct Reading<'f> {
    keys: &'static [Key],
    fields: &'f mut dyn Fields,
    /// One more than the index of the key that came last; 0 at the start.
    place: usize,
    /// The required keys that have come.
    seen: Seen,
}

impl Reading<'_> {
    /// The first required key that has not come.
    fn missing(&self) -> Option<&'static Key> {
        let (_, key) = self.keys.iter().enumerate().find(|&(index, key)| key.is_required() && !self.seen.contains(index))?;
        Some(key)
    }
}

/// In which order the service writes its members, learnt from the records read so far: services keep to an order, but it
/// need not be the table's.
///
/// For each place in a table, one more than the index of the key that follows there; 0 while the table's own order is
/// expected. All tables share the slots. A wrong guess, also by two places that meet in one slot, costs time only.
#[derive(Clone, Copy, Debug)]
pub struct Order([u8; 256]);

impl Order {
    #[inline]
    fn slot(keys: &'static [Key], place: usize) -> u8 {
        // Only the low byte is wanted. Tables are aligned to eight bytes.
        (keys.as_ptr().addr() / 8 + place).to_le_bytes()[0]
    }

    /// The index of the key that is expected at a place.
    #[inline]
    fn after(&self, keys: &'static [Key], place: usize) -> usize {
        match self.0[usize::from(Self::slot(keys, place))] {
            0 => place,
            learnt => usize::from(learnt) - 1,
        }
    }

    fn learn(&mut self, keys: &'static [Key], place: usize, index: usize) {
        self.0[usize::from(Self::slot(keys, place))] = u8::try_from(index + 1).unwrap_or(0);
    }
}

impl Default for Order {
    fn default() -> Self {
        Self([0; 256])
    }
}

#[cold]
fn missing(key: &Key, offset: usize) -> Fault {
    Fault::new(FaultKind::Missing, offset, format!("`{}` is required, but missing or null", key.name))
}

/// Which required keys a record has. A set of small numbers; it allocates only past 64.
#[derive(Default)]
struct Seen {
    low: u64,
    high: Vec<u64>,
}

impl Seen {
    #[inline]
    fn insert(&mut self, index: usize) {
        match index.checked_sub(64) {
            None => self.low |= 1 << index,
            Some(past) => self.insert_high(past),
        }
    }

    fn insert_high(&mut self, past: usize) {
        let word = past / 64;
        if self.high.len() <= word {
            self.high.resize(word + 1, 0);
        }
        if let Some(word) = self.high.get_mut(word) {
            *word |= 1 << (past % 64);
        }
    }

    fn contains(&self, index: usize) -> bool {
        let word = match index.checked_sub(64) {
            None => self.low,
            Some(past) => self.high.get(past / 64).copied().unwrap_or(0),
        };
        word >> (index % 64) & 1 == 1
    }
}

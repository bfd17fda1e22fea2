//! The table codec: a record brings a list of keys and a `set` by index; one loop does the rest for every record type.
//!
//! The loop is not generic, and a record adds one `match` to it. So a record costs the compiler next to nothing, and
//! required keys, unknown keys and discarded values are dealt with in one place.

use crate::rt::fault::{Fault, FaultKind, Step};
use crate::rt::reader::Reader;

/// A key of a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Key {
    /// The key as the service writes it.
    pub name: &'static str,
    /// Whether a record without it, or with a null for it, is refused.
    pub required: bool,
}

impl Key {
    /// A key that may be absent or null.
    #[must_use]
    pub const fn optional(name: &'static str) -> Self {
        Self { name, required: false }
    }

    /// A key that must be there.
    #[must_use]
    pub const fn required(name: &'static str) -> Self {
        Self { name, required: true }
    }

    /// Finds a key by its name. `hint` is where it is if the service keeps to the order of the table.
    #[inline]
    fn find(keys: &'static [Self], hint: usize, name: &str) -> Option<(usize, &'static Self)> {
        match keys.get(hint) {
            Some(key) if key.name == name => Some((hint, key)),
            _ => Self::search(keys, hint, name),
        }
    }

    /// Looks behind the hint first: most misses of the hint are optional keys that were left out.
    fn search(keys: &'static [Self], hint: usize, name: &str) -> Option<(usize, &'static Self)> {
        let from_hint = keys.iter().enumerate().skip(hint);
        let to_hint = keys.iter().enumerate().take(hint);
        from_hint.chain(to_hint).find(|(_, key)| key.name == name)
    }
}

/// What a record type brings besides its [`Key`] table.
pub trait Fields {
    /// Reads the value of the key at `index` of the table into its field.
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault>;
}

/// What the record loop keeps in its reader.
#[derive(Debug, Default)]
pub(crate) struct Records<'a> {
    included: &'a [(String, String)],
    discarding: bool,
    discarded: Vec<Fault>,
    unknown: u64,
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
    /// Reads an object into a record. Of a repeated key the last value counts; keys that are not in the table are skipped
    /// and counted.
    pub fn record(&mut self, keys: &'static [Key], fields: &mut dyn Fields) -> Result<(), Fault> {
        let included = std::mem::take(&mut self.records.included);
        let result = self.record_with(included, keys, fields);
        self.records.included = included;
        result
    }

    /// Adds members to every outermost record, as if they stood at its end: each a key and the JSON text of its value.
    pub fn include(&mut self, values: &'a [(String, String)]) {
        self.records.included = values;
    }

    /// Whether a value that does not fit is left out of its record, rather than failing it. Values of required keys are not.
    pub fn discard_values(&mut self, on: bool) {
        self.records.discarding = on;
    }

    /// Takes the faults of the values that were left out.
    pub fn discarded(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.records.discarded)
    }

    /// How many members of records were skipped because their key is in no table.
    #[must_use]
    pub fn unknown_keys(&self) -> u64 {
        self.records.unknown
    }

    /// Skips a member whose key is not known.
    pub fn skip_unknown(&mut self) -> Result<(), Fault> {
        self.records.unknown += 1;
        self.skip().map(drop)
    }

    /// Has `read` read the next value; if it fails, the reader is back at the value and knows nothing of the attempt.
    pub(crate) fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let (start, unknown, noted) = (self.offset(), self.records.unknown, self.records.noted());
        let result = read(self);
        if result.is_err() {
            self.rewind(start);
            self.records.unknown = unknown;
            self.records.discarded.truncate(noted);
        }
        result
    }

    /// Has `read` read with no value left out, so that a value which does not fit is noticed.
    pub(crate) fn strictly<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let discarding = std::mem::replace(&mut self.records.discarding, false);
        let result = read(self);
        self.records.discarding = discarding;
        result
    }

    fn record_with(
        &mut self,
        included: &'a [(String, String)],
        keys: &'static [Key],
        fields: &mut dyn Fields,
    ) -> Result<(), Fault> {
        self.token();
        let start = self.offset();
        let mut seen = Seen::default();
        let mut hint = 0;
        self.members(|r, name| match Key::find(keys, hint, name) {
            Some((index, key)) => {
                hint = index + 1;
                r.member(key, index, fields, &mut seen)
            }
            None => r.skip_unknown(),
        })?;
        for (name, value) in included {
            if let Some((index, key)) = Key::search(keys, 0, name) {
                let end = self.offset();
                self.elsewhere(value, &mut |r| r.member(key, index, fields, &mut seen))
                    .map_err(|fault| fault.shifted(end).within(Step::Key(key.name.into())))?;
            }
        }
        match keys.iter().enumerate().find(|&(index, key)| key.required && !seen.contains(index)) {
            None => Ok(()),
            Some((_, key)) => Err(missing(key, start).within(Step::Key(key.name.into()))),
        }
    }

    #[inline]
    fn member(&mut self, key: &Key, index: usize, fields: &mut dyn Fields, seen: &mut Seen) -> Result<(), Fault> {
        if key.required {
            self.token();
            let start = self.offset();
            if self.null()? {
                return Err(missing(key, start));
            }
            seen.insert(index);
        } else if self.records.discarding {
            return self.set_or_discard(index, fields);
        }
        fields.set(index, self)
    }

    fn set_or_discard(&mut self, index: usize, fields: &mut dyn Fields) -> Result<(), Fault> {
        match self.attempt(|r| fields.set(index, r)) {
            Err(fault) if fault.kind() != FaultKind::Syntax => {
                self.skip()?;
                self.records.discarded.push(fault);
                Ok(())
            }
            result => result,
        }
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

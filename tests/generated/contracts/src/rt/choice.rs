//! Values of one of several types. Which one it is, a member of the value says, or else what fits best.
//!
//! A service may add a type at any time, so what fits none is kept as JSON. A reader that is [closed](Reader::closed) refuses it
//! instead, and says why each type did not fit.

use std::borrow::Cow;

use crate::rt::fault::{Fault, FaultKind};
use crate::rt::reader::{Kind, Reader};
use crate::rt::record::Fields;
use crate::rt::tally::{DriftKind, JsonTypes};

/// What a type brings that is one of several. Its [`Fields::set`] reads the type of an index; past the last one, any JSON.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// What messages call the types.
    pub names: &'static [&'static str],
    /// The member that says which type a value is; empty for none.
    pub key: &'static str,
    /// The values of that member, each with the index of the type that it stands for.
    pub tags: &'static [(&'static str, usize)],
    /// Whether the schema has any JSON among the types.
    pub any: bool,
}

/// How odd a value is that fits none of its types: odder than any number of others.
const MISFIT: u64 = 1 << 32;

/// How odd a value of an enum is that the schema does not list: odder than members that it does not know, since it is by such
/// values that types are told apart.
const UNLISTED: u64 = 1 << 16;

/// How often the bytes of a text may be read to tell types apart. What is within several choices is read several times for
/// each of them; a text can be made so that it would never end.
const READ_AGAIN: usize = 1000;

impl<'a> Reader<'a> {
    /// Reads a value of one of several types: the one that its tag names; or else the one that leaves the fewest members unread,
    /// the first of those.
    pub fn choose(&mut self, choice: &Choice, value: &mut dyn Fields) -> Result<(), Fault> {
        self.peek()?;
        let start = self.offset();
        let mut reasons = Vec::new();
        let chosen = match self.tagged(choice) {
            Some(index) => self.try_type(value, index).map_or_else(|fault| self.note(choice, index, fault, &mut reasons), Ok)?,
            None => self.best_of(choice, value, &mut reasons)?,
        };
        if chosen {
            return Ok(());
        }
        if self.records.closed && !choice.any {
            return Err(no_type(start, &reasons));
        }
        self.records.odd += MISFIT;
        if !choice.any {
            self.note_misfit(start);
        }
        value.set(choice.names.len(), self)
    }

    /// Whether a value that fits none of its types is an error.
    pub fn closed(&mut self, on: bool) {
        self.records.closed = on;
    }

    /// Notes that a value of an enum is not among those of the schema.
    pub fn unlisted(&mut self, text: Cow<'a, str>) {
        self.records.odd += UNLISTED;
        let offset = self.offset();
        self.records.notes.here(DriftKind::NewEnumValue, JsonTypes::STRING, Some(text), offset);
    }

    /// Reads the best type, and says whether there is one.
    fn best_of(
        &mut self,
        choice: &Choice,
        value: &mut dyn Fields,
        reasons: &mut Vec<(&'static str, Fault)>,
    ) -> Result<bool, Fault> {
        let (start, odd) = (self.mark(), self.records.odd);
        // How odd the best one is, and its index.
        let mut best: Option<(u64, usize)> = None;
        // Whether the best one is the one that was read last.
        let mut held = false;
        for index in 0..choice.names.len() {
            if self.is_overread() {
                break;
            }
            self.back_to(start);
            let result = self.strictly(|r| value.set(index, r));
            self.records.read_again += self.offset().saturating_sub(start.offset());
            held = false;
            match result {
                Ok(()) => {
                    let oddity = self.records.odd - odd;
                    if oddity == 0 {
                        return Ok(true);
                    }
                    held = best.is_none_or(|(least, _)| oddity < least);
                    if held {
                        best = Some((oddity, index));
                    }
                }
                Err(fault) => {
                    self.note(choice, index, fault, reasons)?;
                }
            }
        }
        if let (Some((_, index)), false) = (best, held) {
            self.back_to(start);
            return self.try_type(value, index);
        }
        if best.is_none() {
            self.back_to(start);
        }
        Ok(best.is_some())
    }

    /// Reads the type of an index, with no value left out, so that one which does not fit is noticed.
    fn try_type(&mut self, value: &mut dyn Fields, index: usize) -> Result<bool, Fault> {
        self.attempt(|r| r.strictly(|r| value.set(index, r))).map(|()| true)
    }

    /// Notes why a type does not fit. A text that is no JSON fits none.
    #[cold]
    fn note(&self, choice: &Choice, index: usize, fault: Fault, reasons: &mut Vec<(&'static str, Fault)>) -> Result<bool, Fault> {
        if fault.kind() == FaultKind::Syntax {
            return Err(fault);
        }
        if self.records.closed {
            reasons.push((choice.names.get(index).copied().unwrap_or_default(), fault));
        }
        Ok(false)
    }

    /// The index of the type that the tag names, if there is one.
    fn tagged(&mut self, choice: &Choice) -> Option<usize> {
        if choice.key.is_empty() || self.peek() != Ok(Kind::Object) {
            return None;
        }
        let start = self.offset();
        let mut found = None;
        let read = self.nested(b'{', "an object", |r| {
            let mut first = true;
            while r.more(b'}', first)? {
                first = false;
                if r.key()? != choice.key {
                    r.skip()?;
                    continue;
                }
                let text = if r.peek()? == Kind::String { r.str()? } else { r.skip()?.into() };
                found = choice.tags.iter().find(|(tag, _)| *tag == text).map(|(_, index)| *index);
                break;
            }
            Ok(())
        });
        self.rewind(start);
        read.ok().and(found)
    }

    fn is_overread(&self) -> bool {
        self.records.read_again / READ_AGAIN > self.text().len()
    }
}

#[cold]
fn no_type(offset: usize, reasons: &[(&'static str, Fault)]) -> Fault {
    let reasons: Vec<String> = reasons.iter().map(|(name, fault)| format!("{name}: {}{}", fault.message(), at(fault))).collect();
    Fault::new(FaultKind::Type, offset, format!("fits none of its types ({})", reasons.join("; ")))
}

/// Where within the value a fault is, unless it is the value itself.
fn at(fault: &Fault) -> String {
    match fault.path().as_str() {
        "$" => String::new(),
        path => format!(" at `{path}`"),
    }
}

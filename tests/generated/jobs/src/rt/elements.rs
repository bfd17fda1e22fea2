//! The elements of an array in a JSON document, one after the other: a document that is too large to be read as a page.
//!
//! What is beside the array is passed over by its brackets and quotes alone; each element is read in full by whoever takes it. A
//! document that ends early is noticed in any case.

use std::ops::Range;

use crate::rt::descriptor::{Path, Segment};
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::reader::Reader;
use crate::rt::rows::{Advance, Format, Row, Rows};

/// The elements of the array at a path, whose steps are keys.
#[derive(Clone, Copy, Debug)]
pub struct Elements(pub Path);

impl Format for Elements {
    fn name(&self) -> &'static str {
        "JSON"
    }

    fn rows(&'static self, offset: u64) -> Box<dyn Rows> {
        Box::new(Document {
            path: self.0,
            depth: 0,
            state: State::Value,
            scan: Scan::default(),
            seen: 0,
            at: offset,
            row: 0..0,
            row_at: 0,
            found: false,
        })
    }

    fn may_be_empty(&self) -> bool {
        false
    }
}

/// What comes next in a document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// A value on the path.
    Value,
    /// A member of an object on the path, or its end; the comma before it is due unless it is the first.
    Member { first: bool },
    /// A value beside the path.
    Other,
    /// An element, or the end of the array.
    Element { first: bool },
    /// Nothing.
    End,
}

/// Finds the elements.
struct Document {
    path: Path,
    /// How many objects on the path it is in.
    depth: usize,
    state: State,
    /// The value under way, and how many of its bytes, which are not taken yet, it has seen.
    scan: Scan,
    seen: usize,
    /// Where the bytes begin that were not taken yet.
    at: u64,
    /// Where the element that was found is, in its bytes and in the document.
    row: Range<usize>,
    row_at: u64,
    /// Whether the array was found.
    found: bool,
}

impl Rows for Document {
    fn advance(&mut self, bytes: &[u8], last: bool) -> Result<Advance, Fault> {
        let mut taken = 0;
        loop {
            let rest = bytes.get(taken..).unwrap_or_default();
            let step = self.step(rest)?;
            let before = (self.at, taken);
            taken += step.taken;
            self.at += step.taken as u64;
            if step.found {
                self.row = before.1..taken;
                self.row_at = before.0;
                return Ok(Advance { taken, found: true });
            }
            if step.taken == 0 {
                // Everything that can be taken was.
                return match self.state {
                    _ if !last => Ok(Advance { taken, found: false }),
                    State::End => Ok(Advance { taken, found: false }),
                    _ => Err(self.fault("the text ends early")),
                };
            }
        }
    }

    fn row<'a>(&'a self, bytes: &'a [u8]) -> Row<'a> {
        let text = std::str::from_utf8(bytes.get(self.row.clone()).unwrap_or_default());
        let text = text.map_err(|error| Fault::new(FaultKind::Syntax, error.valid_up_to(), "the text is not UTF-8"));
        Row { text, line: 0, offset: self.row_at, is_verbatim: true, is_open: false }
    }

    fn held(&self) -> usize {
        0
    }
}

impl Document {
    /// Takes one sign, key or value. It takes nothing where more bytes are needed.
    fn step(&mut self, bytes: &[u8]) -> Result<Advance, Fault> {
        let blanks = bytes.len() - bytes.trim_ascii_start().len();
        // Within a value they may end it, or be a part of a text.
        if blanks > 0 && !self.scan.has_begun {
            return Ok(Advance { taken: blanks, found: false });
        }
        let Some(&byte) = bytes.first() else { return Ok(Advance { taken: 0, found: false }) };
        let sign = |state| (state, Ok(Advance { taken: 1, found: false }));
        let (state, step) = match (self.state, byte) {
            (State::Value, b'{') if self.depth < self.path.len() => {
                self.depth += 1;
                sign(State::Member { first: true })
            }
            (State::Value, b'[') if self.depth == self.path.len() => {
                self.found = true;
                sign(State::Element { first: true })
            }
            // A service's way to write an empty list.
            (State::Value, b'n') if self.depth == self.path.len() => {
                self.found = true;
                self.state = State::Other;
                return Ok(self.value(bytes, self.after_value(), false));
            }
            (State::Value, _) => return Err(self.fault(NO_ARRAY)),
            (State::Member { .. } | State::Element { .. }, b'}' | b']') => {
                if (byte == b']') != matches!(self.state, State::Element { .. }) {
                    return Err(self.fault("a bracket that closes nothing"));
                }
                sign(self.close()?)
            }
            (State::Member { first: false }, b',') => sign(State::Member { first: true }),
            (State::Element { first: false }, b',') => sign(State::Element { first: true }),
            (State::Member { first: true }, b'"') => return self.key(bytes),
            (State::Other, _) => return Ok(self.value(bytes, self.after_value(), false)),
            (State::Element { first: true }, _) => return Ok(self.value(bytes, State::Element { first: false }, true)),
            (State::Member { .. }, _) => return Err(self.fault("expected a member of an object")),
            (State::Element { .. }, _) => return Err(self.fault("expected `,` or `]`")),
            (State::End, _) => return Err(self.fault("unexpected text after the end of the JSON value")),
        };
        self.state = state;
        step
    }

    /// Leaves the array, or an object on the path.
    fn close(&mut self) -> Result<State, Fault> {
        if matches!(self.state, State::Member { .. }) {
            self.depth = self.depth.saturating_sub(1);
        }
        if self.depth == 0 && !self.found { Err(self.fault(NO_ARRAY)) } else { Ok(self.after_value()) }
    }

    fn after_value(&self) -> State {
        if self.depth == 0 { State::End } else { State::Member { first: false } }
    }

    /// Reads a key with its colon, once it is there in full.
    fn key(&mut self, bytes: &[u8]) -> Result<Advance, Fault> {
        let more = Ok(Advance { taken: 0, found: false });
        let mut scan = Scan::default();
        let Some(end) = scan.end(bytes) else { return more };
        let rest = bytes.get(end..).unwrap_or_default();
        let blanks = rest.len() - rest.trim_ascii_start().len();
        match rest.get(blanks) {
            None => return more,
            Some(b':') => {}
            Some(_) => return Err(self.fault("expected `:` after a key")),
        }
        let key = Reader::from_bytes(bytes.get(..end).unwrap_or_default())?.str()?.into_owned();
        let step = self.depth.checked_sub(1).and_then(|at| self.path.get(at));
        let leads_on = !self.found && matches!(step, Some(Segment::Key(wanted)) if *wanted == key);
        self.state = if leads_on { State::Value } else { State::Other };
        Ok(Advance { taken: end + blanks + 1, found: false })
    }

    /// Goes on with a value, and to a state at its end. One that is a record is taken as a whole, others as they come.
    fn value(&mut self, bytes: &[u8], next: State, is_record: bool) -> Advance {
        let end = self.scan.end(bytes.get(self.seen..).unwrap_or_default()).map(|end| self.seen + end);
        let Some(end) = end else {
            self.seen = if is_record { bytes.len() } else { 0 };
            return Advance { taken: bytes.len() - self.seen, found: false };
        };
        (self.scan, self.seen, self.state) = (Scan::default(), 0, next);
        Advance { taken: end, found: is_record }
    }

    #[cold]
    fn fault(&self, message: &'static str) -> Fault {
        Fault::new(FaultKind::Syntax, usize::try_from(self.at).unwrap_or(usize::MAX), message)
    }
}

const NO_ARRAY: &str = "the path to the records leads to no array";

/// Looks for the end of a value by its brackets and quotes.
#[derive(Clone, Copy, Debug, Default)]
struct Scan {
    level: usize,
    in_string: bool,
    is_escaped: bool,
    has_begun: bool,
}

impl Scan {
    /// Where the value ends; none if it goes on after these bytes.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, &byte) in bytes.iter().enumerate() {
            if self.in_string {
                let is_escape = byte == b'\\' && !self.is_escaped;
                self.in_string = byte != b'"' || self.is_escaped;
                self.is_escaped = is_escape;
                if !self.in_string && self.level == 0 {
                    return Some(at + 1);
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.level += 1,
                b'}' | b']' if self.level > 1 => self.level -= 1,
                b'}' | b']' if self.level == 1 => return Some(at + 1),
                b'}' | b']' => return Some(at),
                b',' | b' ' | b'\t' | b'\n' | b'\r' if self.level == 0 && self.has_begun => return Some(at),
                _ => {}
            }
            self.has_begun = true;
        }
        None
    }
}

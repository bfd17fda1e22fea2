//! What sample responses say of the types of records: a stream of JSON goes in, a section `schemas` comes out.
//!
//! A pull parser ([`reader`]) feeds a tree of counts ([`shape`], [`evidence`]), whose size depends on how many different places the
//! samples have and not on how many samples there are. Only then is judged what the counts mean ([`judge`]), found where the records
//! are ([`select`]), and written what was found ([`write`]). A recording of traffic is a sample for each path ([`har`]).

mod evidence;
pub mod har;
pub mod judge;
mod reader;
pub mod select;
pub mod shape;
pub mod write;

use std::io::Read;

use crate::infer::words::{singular, split};
use crate::names;

use reader::{MAX_DEPTH, Reader};
use shape::Shape;

pub use evidence::{Forms, Numbers, Texts};
pub use reader::Fault;

/// How deep samples are looked into.
pub const DEPTH: usize = 24;

/// How many places are told apart; what lies beyond is any JSON.
const MAX_PLACES: usize = 20_000;

/// Samples of one kind of response.
#[derive(Clone, Debug)]
pub struct Samples {
    /// What they had in common.
    pub shape: Shape,
    depth: usize,
    /// How many more places may be told apart.
    left: usize,
}

impl Default for Samples {
    fn default() -> Self {
        Self::new(DEPTH)
    }
}

impl Samples {
    /// No samples yet, to be looked into as deep as this.
    #[must_use]
    pub fn new(depth: usize) -> Self {
        Self { shape: Shape::default(), depth: depth.min(MAX_DEPTH), left: MAX_PLACES }
    }

    /// Takes every JSON text of a stream, and says how many there were.
    pub fn read(&mut self, source: impl Read) -> Result<u64, Fault> {
        let mut taker = Taker { reader: Reader::new(source), depth: self.depth, left: &mut self.left };
        taker.reader.begin()?;
        let mut count = 0;
        while taker.reader.peek()?.is_some() {
            taker.value(&mut self.shape, 0)?;
            count += 1;
        }
        Ok(count)
    }
}

/// The name of a schema for the records of a file or a path: `audit-logs` are each an `AuditLog`.
#[must_use]
pub fn schema_name(text: &str) -> String {
    let words = split(text);
    let Some((last, before)) = words.split_last() else { return "Record".to_owned() };
    let one = singular(last);
    let words: Vec<&str> = before.iter().map(String::as_str).chain([one.as_str()]).collect();
    let name = names::type_name(&words);
    if text.starts_with(char::is_alphabetic) { name } else { "Record".to_owned() }
}

struct Taker<'a, R> {
    reader: Reader<R>,
    depth: usize,
    left: &'a mut usize,
}

impl<R: Read> Taker<'_, R> {
    fn value(&mut self, shape: &mut Shape, depth: usize) -> Result<(), Fault> {
        match self.reader.peek()? {
            Some(b'"') => shape.texts.get_or_insert_default().take(self.reader.text()?),
            Some(b'{') if depth < self.depth => self.object(shape, depth)?,
            Some(b'[') if depth < self.depth => self.list(shape, depth)?,
            Some(b'{' | b'[') => {
                shape.unseen += 1;
                self.reader.skip(depth)?;
            }
            Some(b'n') => {
                self.reader.word("null")?;
                shape.nulls += 1;
            }
            Some(b't') => {
                self.reader.word("true")?;
                shape.booleans += 1;
            }
            Some(b'f') => {
                self.reader.word("false")?;
                shape.booleans += 1;
            }
            Some(b'-' | b'0'..=b'9') => shape.numbers.get_or_insert_default().take(self.reader.number()?),
            _ => return Err(self.reader.unexpected("a value")),
        }
        Ok(())
    }

    fn object(&mut self, shape: &mut Shape, depth: usize) -> Result<(), Fault> {
        let objects = shape.objects.get_or_insert_default();
        objects.count += 1;
        let mut expected = 0;
        self.reader.expect(b'{')?;
        if self.reader.ends(b'}')? {
            return Ok(());
        }
        loop {
            let position = objects.position(self.reader.key()?, expected);
            self.reader.expect(b':')?;
            if let Some((at, is_new)) = position
                && let Some((_, member)) = objects.fields.get_index_mut(at)
            {
                expected = at + 1;
                if member.last != objects.count {
                    member.last = objects.count;
                    member.present += 1;
                }
                if is_new && *self.left == 0 {
                    member.shape.unseen += 1;
                    self.reader.skip(depth)?;
                } else {
                    *self.left -= usize::from(is_new);
                    self.value(&mut member.shape, depth + 1)?;
                }
            } else {
                self.value(objects.values.get_or_insert_default(), depth + 1)?;
            }
            if !self.reader.goes_on(b'}')? {
                return Ok(());
            }
        }
    }

    fn list(&mut self, shape: &mut Shape, depth: usize) -> Result<(), Fault> {
        let lists = shape.lists.get_or_insert_default();
        lists.count += 1;
        self.reader.expect(b'[')?;
        if self.reader.ends(b']')? {
            return Ok(());
        }
        loop {
            self.value(&mut lists.element, depth + 1)?;
            if !self.reader.goes_on(b']')? {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Samples, Fault> {
        let mut samples = Samples::default();
        samples.read(text.as_bytes()).map(|_| samples)
    }

    #[test]
    fn values_are_counted_where_they_are() {
        let samples = read("{\"a\": 1, \"b\": [true, null]}\n{\"b\": [], \"a\": \"x\", \"a\": 2}").unwrap();
        let objects = samples.shape.objects.unwrap();
        assert_eq!((objects.count, objects.fields["a"].present, objects.fields["b"].present), (2, 2, 2));
        let a = &objects.fields["a"].shape;
        assert_eq!((a.numbers.as_ref().unwrap().count, a.texts.as_ref().unwrap().count), (2, 1));
        let element = &objects.fields["b"].shape.lists.as_ref().unwrap().element;
        assert_eq!((element.booleans, element.nulls), (1, 1));
    }

    #[test]
    fn schemas_are_named_after_what_they_are_of() {
        for (text, expected) in
            [("users", "User"), ("audit-logs", "AuditLog"), ("2024", "Record"), ("", "Record"), ("group_members", "GroupMember")]
        {
            assert_eq!(schema_name(text), expected);
        }
    }

    #[test]
    fn what_is_no_json_has_a_place() {
        for (text, expected) in [
            ("{\"a\": }", "1:7: expected a value, found `}`"),
            ("[1 2]", "1:4: expected `,` or `]`, found `2`"),
            ("{\n a: 1}", "2:2: expected a key, found `a`"),
            ("{\"a\": 1", "1:8: expected `,` or `}`, found the end of the text"),
            ("nul", "1:1: expected a value, found `n`"),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), expected);
        }
    }

    /// Each text that differs in one byte is taken where `serde_json` takes it.
    #[test]
    fn good_and_bad_texts_are_those_of_serde_json() {
        let text = r#"{"a": [1, -2.5e3, "x\\n\"é", true, false, null], "b": {"c": {}, "d": []}, "e": 0.1}"#;
        let mut compared = 0;
        for at in 0..text.len() {
            for byte in b"{}[]:,\"\\ 0-.etn1" {
                let mut bytes = text.as_bytes().to_vec();
                bytes[at] = *byte;
                let own = Samples::default().read(bytes.as_slice());
                // Several texts in a row are no text for `serde_json`.
                if own.as_ref().is_ok_and(|count| *count > 1) {
                    continue;
                }
                let is_good = serde_json::from_slice::<serde_json::Value>(&bytes).is_ok();
                assert_eq!(own.is_ok(), is_good, "{}: {own:?}", String::from_utf8_lossy(&bytes));
                compared += 1;
            }
        }
        assert!(compared > 1000);
    }

    #[test]
    fn depth_and_number_of_places_are_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(&nested(200)).is_ok());
        assert!(read(&nested(100_000)).is_err());
        let keys: Vec<String> = (0..300).map(|at| format!("\"k{at}\": 1")).collect();
        let wide: Vec<String> = (0..300).map(|at| format!("\"o{at}\": {{{}, \"t\": \"x\"}}", keys.join(", "))).collect();
        let mut samples = read(&format!("{{{}}}", wide.join(", "))).unwrap();
        assert_eq!(samples.left, 0);
        assert_eq!(samples.read("{\"new\": {\"deep\": 1}}".as_bytes()), Ok(1));
        assert_eq!(samples.shape.member("new").unwrap().unseen, 1);
    }
}

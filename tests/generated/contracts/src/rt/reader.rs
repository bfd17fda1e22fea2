//! A pull reader over JSON text: the caller says what it expects next, and nothing is built that it did not ask for.
//!
//! The grammar is the strict one of RFC 8259, with two allowances: a byte order mark is skipped, and half of a surrogate
//! pair is read as U+FFFD. Nesting is limited, so that no text can exhaust the stack.

use std::borrow::Cow;

use crate::rt::fault::{Fault, FaultKind, Step};
use crate::rt::record::{Order, Records};
use crate::rt::scan;

/// Arrays and objects may nest less deep than this.
const DEPTH_LIMIT: u8 = 128;

/// What type the next value has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    fn of(byte: u8) -> Option<Self> {
        match byte {
            b'n' => Some(Self::Null),
            b't' | b'f' => Some(Self::Bool),
            b'-' | b'0'..=b'9' => Some(Self::Number),
            b'"' => Some(Self::String),
            b'[' => Some(Self::Array),
            b'{' => Some(Self::Object),
            _ => None,
        }
    }

    /// The type with its article, for messages.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// Reads one JSON text from front to back.
///
/// After a [`FaultKind::Type`] or [`FaultKind::Missing`] fault the reader may be [rewound](Self::rewind) to where the value
/// began and read on; a [`FaultKind::Syntax`] fault is final.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How many more levels of nesting are allowed, plus one.
    depth: u8,
    /// Where strings with escapes are put together, so that each is allocated once, in its size.
    scratch: String,
    /// What the record loop keeps.
    pub(crate) records: Records<'a>,
}

impl<'a> Reader<'a> {
    /// A reader at the start of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, at, depth: DEPTH_LIMIT, scratch: String::new(), records: Records::default() }
    }

    /// A reader at the start of a text whose encoding is checked first.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, Fault> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(text)),
            Err(error) => {
                Err(Fault::new(FaultKind::Syntax, error.valid_up_to(), misencoded(bytes).unwrap_or("the text is not UTF-8")))
            }
        }
    }

    /// A reader at the start of a text whose members come in an order that an earlier reader learnt.
    #[must_use]
    pub fn with_order(text: &'a str, order: Order) -> Self {
        let mut reader = Self::new(text);
        reader.records.order = order;
        reader
    }

    /// What was learnt of the order of members.
    #[must_use]
    pub fn order(&self) -> Order {
        self.records.order
    }

    /// Where the reader stands, in bytes from the start of the text.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The text.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// Goes back to a position that [`offset`](Self::offset) gave on the same level of nesting.
    pub fn rewind(&mut self, offset: usize) {
        self.at = offset;
    }

    /// Checks that nothing but white space follows.
    pub fn end(&mut self) -> Result<(), Fault> {
        match self.token() {
            None => Ok(()),
            Some(_) => Err(syntax(self.at, "unexpected text after the end of the JSON value")),
        }
    }

    /// The type of the next value, which is not taken.
    pub fn peek(&mut self) -> Result<Kind, Fault> {
        self.token().and_then(Kind::of).ok_or_else(|| self.unexpected("a value"))
    }

    /// Takes a `null` if one is next, and says whether it did.
    #[inline]
    pub fn null(&mut self) -> Result<bool, Fault> {
        if self.token() != Some(b'n') {
            return Ok(false);
        }
        self.word("null")?;
        Ok(true)
    }

    /// Reads `true` or `false`.
    #[inline]
    pub fn bool(&mut self) -> Result<bool, Fault> {
        match self.token() {
            Some(b't') => self.word("true").map(|()| true),
            Some(b'f') => self.word("false").map(|()| false),
            _ => Err(self.unexpected("a boolean")),
        }
    }

    /// Reads a string; its text is borrowed unless it has escapes.
    #[inline]
    pub fn str(&mut self) -> Result<Cow<'a, str>, Fault> {
        let (start, end) = self.quoted()?;
        if self.byte(end) == Some(b'"') {
            self.at = end + 1;
            return Ok(Cow::Borrowed(self.slice(start, end)));
        }
        self.decoded(start, end).map(Cow::Owned)
    }

    /// Reads a string to the end of another.
    #[inline]
    pub fn str_onto(&mut self, out: &mut String) -> Result<(), Fault> {
        let (start, end) = self.quoted()?;
        self.escaped(start, end, Some(out))
    }

    /// Where the string at hand starts, and how far it has neither an escape nor an end.
    #[inline]
    fn quoted(&mut self) -> Result<(usize, usize), Fault> {
        if self.token() != Some(b'"') {
            return Err(self.unexpected("a string"));
        }
        let start = self.at + 1;
        Ok((start, scan::plain_end(self.text.as_bytes(), start)))
    }

    /// Reads a string with escapes, whose bytes from `start` to `plain` have none.
    fn decoded(&mut self, start: usize, plain: usize) -> Result<String, Fault> {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        let result = self.escaped(start, plain, Some(&mut scratch)).map(|()| scratch.as_str().to_owned());
        self.scratch = scratch;
        result
    }

    /// Reads a number as it is written.
    pub fn number(&mut self) -> Result<&'a str, Fault> {
        self.number_token("a number").map(|(text, _)| text)
    }

    /// Reads a whole number.
    pub fn integer(&mut self) -> Result<i64, Fault> {
        let (text, whole) = self.number_token("a whole number")?;
        if !whole {
            return Err(self.unfit(text, "a whole number"));
        }
        text.parse().map_err(|_| self.unfit(text, "a whole number of 64 bits"))
    }

    /// Reads a number as the nearest float.
    pub fn float(&mut self) -> Result<f64, Fault> {
        let (text, _) = self.number_token("a number")?;
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(self.unfit(text, "a number that a 64-bit float can hold")),
        }
    }

    /// Checks one value of any type in full, without decoding it, and gives its text.
    pub fn skip(&mut self) -> Result<&'a str, Fault> {
        self.token();
        let start = self.at;
        // One bit for each open level, the innermost lowest: set in an object. It never holds more than `DEPTH_LIMIT` bits.
        let mut objects: u128 = 0;
        let mut levels = 0;
        loop {
            let mut first = false;
            match self.token() {
                Some(bracket @ (b'{' | b'[')) => {
                    if levels + 1 >= self.depth {
                        return Err(self.too_deep());
                    }
                    self.at += 1;
                    levels += 1;
                    objects = objects << 1 | u128::from(bracket == b'{');
                    first = true;
                }
                _ => self.skip_scalar()?,
            }
            loop {
                if levels == 0 {
                    return Ok(self.slice(start, self.at));
                }
                let in_object = objects & 1 == 1;
                if self.more(if in_object { b'}' } else { b']' }, first)? {
                    if in_object {
                        self.skip_key()?;
                    }
                    break;
                }
                levels -= 1;
                objects >>= 1;
                first = false;
            }
        }
    }

    /// Reads an object: the callback is handed each key, and must read the value.
    pub fn object(&mut self, member: &mut dyn FnMut(&mut Self, &str) -> Result<(), Fault>) -> Result<(), Fault> {
        self.nested(b'{', "an object", |r| {
            let mut first = true;
            while r.more(b'}', first)? {
                first = false;
                let key = r.key()?;
                r.at_step(|r| member(r, &key), || Step::Key(key.to_string().into()))?;
            }
            Ok(())
        })
    }

    /// Reads an array: the callback is handed each index, and must read the element.
    pub fn array(&mut self, element: &mut dyn FnMut(&mut Self, usize) -> Result<(), Fault>) -> Result<(), Fault> {
        self.nested(b'[', "an array", |r| {
            let mut index = 0;
            while r.more(b']', index == 0)? {
                r.at_step(|r| element(r, index), || Step::Index(index))?;
                index += 1;
            }
            Ok(())
        })
    }

    /// Enters an array or object and has `read` read up to its closing bracket. Whether it succeeds or not, the level counts
    /// no more afterwards, so that the reader may be rewound.
    #[inline]
    pub(crate) fn nested(
        &mut self,
        bracket: u8,
        expected: &'static str,
        read: impl FnOnce(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if self.token() != Some(bracket) {
            return Err(self.unexpected(expected));
        }
        if self.depth <= 1 {
            return Err(self.too_deep());
        }
        self.at += 1;
        self.depth -= 1;
        let result = read(self);
        self.depth += 1;
        result
    }

    /// Has `read` read what lies behind a step of the path, and adds the step to the faults that come of it.
    #[inline]
    pub(crate) fn at_step(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<(), Fault>,
        step: impl FnOnce() -> Step,
    ) -> Result<(), Fault> {
        let noted = self.records.noted();
        match read(self) {
            Ok(()) => {
                self.records.lead_to(noted, step);
                Ok(())
            }
            Err(fault) => Err(fault.within(step())),
        }
    }

    /// Has `read` read another text, which stands for a value at the present place.
    pub(crate) fn elsewhere(&mut self, text: &'a str, read: &mut dyn FnMut(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        let (here, at) = (std::mem::replace(&mut self.text, text), std::mem::take(&mut self.at));
        let result = read(self).and_then(|()| self.end());
        (self.text, self.at) = (here, at);
        result
    }

    /// The next byte that is no white space; it is not taken.
    #[inline]
    pub(crate) fn token(&mut self) -> Option<u8> {
        match self.byte(self.at) {
            Some(byte) if byte > b' ' => Some(byte),
            _ => self.token_after_blanks(),
        }
    }

    fn token_after_blanks(&mut self) -> Option<u8> {
        self.at = scan::blank_end(self.text.as_bytes(), self.at);
        self.byte(self.at)
    }

    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// A part of the text. Both ends are beside ASCII bytes, hence on borders of characters.
    #[inline]
    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Moves to the next member or element; takes the closing bracket if there is none.
    #[inline]
    pub(crate) fn more(&mut self, close: u8, first: bool) -> Result<bool, Fault> {
        match self.token() {
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            Some(b',') if !first => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if first => Ok(true),
            _ => Err(self.unfinished(close)),
        }
    }

    /// Takes a key and its colon if the text goes on with just them, and says whether it did. The key must be free of escapes.
    #[inline]
    pub(crate) fn expected_key(&mut self, key: &str) -> bool {
        let found = self.token() == Some(b'"');
        let start = self.at + 1;
        let end = start + key.len();
        let bytes = self.text.as_bytes();
        let found = found && bytes.get(start..end) == Some(key.as_bytes()) && bytes.get(end..end + 2) == Some(b"\":");
        if found {
            self.at = end + 2;
        }
        found
    }

    /// Reads a key and its colon.
    pub(crate) fn key(&mut self) -> Result<Cow<'a, str>, Fault> {
        if self.token() != Some(b'"') {
            return Err(self.no_key());
        }
        let key = self.str()?;
        self.colon()?;
        Ok(key)
    }

    fn skip_key(&mut self) -> Result<(), Fault> {
        if self.token() != Some(b'"') {
            return Err(self.no_key());
        }
        self.skip_string()?;
        self.colon()
    }

    #[inline]
    fn colon(&mut self) -> Result<(), Fault> {
        if self.token() != Some(b':') {
            return Err(syntax(self.at, "expected `:` after a key"));
        }
        self.at += 1;
        Ok(())
    }

    fn skip_scalar(&mut self) -> Result<(), Fault> {
        match self.peek()? {
            Kind::Null => self.word("null"),
            Kind::Bool => self.bool().map(drop),
            Kind::Number => self.number().map(drop),
            Kind::String | Kind::Array | Kind::Object => self.skip_string(),
        }
    }

    fn skip_string(&mut self) -> Result<(), Fault> {
        let (start, end) = self.quoted()?;
        self.escaped(start, end, None)
    }

    /// Reads a string to its end whose bytes from `start` to `plain` need no decoding, into `out` if it is wanted.
    fn escaped(&mut self, mut start: usize, mut plain: usize, mut out: Option<&mut String>) -> Result<(), Fault> {
        loop {
            if let Some(out) = out.as_deref_mut() {
                out.push_str(self.slice(start, plain));
            }
            match self.byte(plain) {
                Some(b'"') => {
                    self.at = plain + 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    let (char, end) =
                        scan::escape(self.text.as_bytes(), plain).map_err(|at| syntax(at, "invalid escape in a string"))?;
                    if let Some(out) = out.as_deref_mut() {
                        out.push(char);
                    }
                    start = end;
                }
                Some(_) => return Err(syntax(plain, "control character in a string")),
                None => return Err(syntax(plain, "the text ends within a string")),
            }
            plain = scan::plain_end(self.text.as_bytes(), start);
        }
    }

    #[inline]
    fn word(&mut self, word: &'static str) -> Result<(), Fault> {
        let end = self.at + word.len();
        if self.text.as_bytes().get(self.at..end) != Some(word.as_bytes()) {
            return Err(syntax(self.at, "expected a value"));
        }
        self.at = end;
        Ok(())
    }

    fn number_token(&mut self, expected: &'static str) -> Result<(&'a str, bool), Fault> {
        if !matches!(self.token(), Some(b'-' | b'0'..=b'9')) {
            return Err(self.unexpected(expected));
        }
        let start = self.at;
        let number = scan::number(self.text.as_bytes(), start).map_err(|at| syntax(at, "invalid number"))?;
        self.at = number.end;
        Ok((self.slice(start, number.end), number.whole))
    }

    /// A fault for a value of another type than expected, or for no value at all.
    #[cold]
    pub(crate) fn unexpected(&mut self, expected: &str) -> Fault {
        match self.token().map(Kind::of) {
            None => syntax(self.at, format!("the text ends where {expected} is expected")),
            Some(None) => syntax(self.at, format!("expected {expected}")),
            Some(Some(found)) => Fault::new(FaultKind::Type, self.at, format!("expected {expected}, found {}", found.describe())),
        }
    }

    /// A fault for the number just read.
    #[cold]
    fn unfit(&self, number: &str, expected: &str) -> Fault {
        Fault::unfit(self.at - number.len(), expected, number)
    }

    #[cold]
    fn too_deep(&self) -> Fault {
        syntax(self.at, "arrays and objects nest too deep")
    }

    #[cold]
    fn no_key(&self) -> Fault {
        syntax(self.at, "expected a key")
    }

    #[cold]
    fn unfinished(&self, close: u8) -> Fault {
        let message = match (self.byte(self.at), close) {
            (None, b'}') => "the text ends within an object",
            (None, _) => "the text ends within an array",
            (Some(_), b'}') => "expected `,` or `}`",
            (Some(_), _) => "expected `,` or `]`",
        };
        syntax(self.at, message)
    }
}

/// What the first bytes say of a text that can not be read: that it is in another encoding, or packed.
#[must_use]
pub fn misencoded(bytes: &[u8]) -> Option<&'static str> {
    const UTF_16: &str = "it is UTF-16, and only UTF-8 can be read";
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(UTF_16),
        // JSON and CSV begin with a sign of ASCII, of which one byte is a zero then.
        [a, b, ..] if (*a == 0) != (*b == 0) => Some(UTF_16),
        [0x1f, 0x8b, ..] => Some("it is packed with gzip, and no header says so"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("it is packed with Zstandard, and no header says so"),
        [b'P', b'K', 3, 4, ..] => Some("it is a ZIP archive"),
        _ => None,
    }
}

#[cold]
fn syntax(offset: usize, message: impl Into<Cow<'static, str>>) -> Fault {
    Fault::new(FaultKind::Syntax, offset, message)
}

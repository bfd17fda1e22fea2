//! Pulls JSON values out of a stream: what is held is a buffer of fixed size, or the longest text where that is longer.

use std::fmt;
use std::io::Read;

use memchr::memchr2;

/// How much is read at once.
const BLOCK: usize = 256 * 1024;

/// Deeper texts are refused, so that none can exhaust the stack.
pub(super) const MAX_DEPTH: usize = 256;

/// Why a sample cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: u64,
    /// The column in bytes, from 1.
    pub column: u64,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for Fault {}

/// Reads JSON texts, one after the other, with or without white space or commas of an array between them.
pub(super) struct Reader<R> {
    source: R,
    buffer: Vec<u8>,
    /// The next byte of the buffer, and the end of what was read into it.
    at: usize,
    end: usize,
    /// How many bytes went before the buffer.
    passed: u64,
    line: u64,
    /// Where the line begins, counted from the start of the stream.
    line_start: u64,
    /// A text whose escapes were resolved.
    scratch: Vec<u8>,
}

impl<R: Read> Reader<R> {
    pub(super) fn new(source: R) -> Self {
        let buffer = vec![0; BLOCK];
        Self { source, buffer, at: 0, end: 0, passed: 0, line: 1, line_start: 0, scratch: Vec::new() }
    }

    /// Passes over a byte order mark.
    pub(super) fn begin(&mut self) -> Result<(), Fault> {
        while self.end < 3 && self.fill(0)? {}
        if self.buffer.get(..self.end).is_some_and(|read| read.starts_with(b"\xEF\xBB\xBF")) {
            self.at = 3;
        }
        Ok(())
    }

    /// The next byte that is no white space, which is not taken; none at the end.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            while self.at < self.end {
                match self.buffer[self.at] {
                    b' ' | b'\t' | b'\r' => self.at += 1,
                    b'\n' => {
                        self.at += 1;
                        self.line += 1;
                        self.line_start = self.passed + self.at as u64;
                    }
                    byte => return Ok(Some(byte)),
                }
            }
            if !self.fill(self.at)? {
                return Ok(None);
            }
        }
    }

    /// Takes the byte that [`Self::peek`] gave.
    #[inline]
    pub(super) fn take(&mut self) {
        self.at += 1;
    }

    /// Takes this byte, which must come next.
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.peek()? != Some(byte) {
            return Err(self.unexpected(&format!("`{}`", char::from(byte))));
        }
        self.take();
        Ok(())
    }

    /// Takes the end of an object or a list, if it comes next, and says whether it did.
    pub(super) fn ends(&mut self, end: u8) -> Result<bool, Fault> {
        let ends = self.peek()? == Some(end);
        self.at += usize::from(ends);
        Ok(ends)
    }

    /// Takes a comma, after which there is more, or the end.
    pub(super) fn goes_on(&mut self, end: u8) -> Result<bool, Fault> {
        match self.peek()? {
            Some(byte) if byte == b',' || byte == end => {
                self.take();
                Ok(byte == b',')
            }
            _ => Err(self.unexpected(&format!("`,` or `{}`", char::from(end)))),
        }
    }

    /// Takes a key.
    pub(super) fn key(&mut self) -> Result<&str, Fault> {
        if self.peek()? != Some(b'"') {
            return Err(self.unexpected("a key"));
        }
        self.text()
    }

    /// Reads a value that is not looked into, and is so many levels deep.
    pub(super) fn skip(&mut self, depth: usize) -> Result<(), Fault> {
        if depth > MAX_DEPTH {
            return Err(self.fault(&format!("nested more than {MAX_DEPTH} levels deep")));
        }
        let end = match self.peek()? {
            Some(b'{') => b'}',
            Some(b'[') => b']',
            Some(b'"') => return self.text().map(drop),
            Some(b'n') => return self.word("null"),
            Some(b't') => return self.word("true"),
            Some(b'f') => return self.word("false"),
            Some(b'-' | b'0'..=b'9') => return self.number().map(drop),
            _ => return Err(self.unexpected("a value")),
        };
        self.take();
        let mut goes_on = !self.ends(end)?;
        while goes_on {
            if end == b'}' {
                self.key()?;
                self.expect(b':')?;
            }
            self.skip(depth + 1)?;
            goes_on = self.goes_on(end)?;
        }
        Ok(())
    }

    /// Takes a word, which must come next.
    pub(super) fn word(&mut self, word: &str) -> Result<(), Fault> {
        while self.end - self.at < word.len() && self.fill(self.at)? {}
        if !self.buffer[self.at..self.end].starts_with(word.as_bytes()) {
            return Err(self.unexpected("a value"));
        }
        self.at += word.len();
        Ok(())
    }

    /// Takes a number, as it is written.
    pub(super) fn number(&mut self) -> Result<&str, Fault> {
        let mut length = 0;
        loop {
            let rest = &self.buffer[self.at + length..self.end];
            let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
            match rest.iter().position(|byte| !is_part(byte)) {
                Some(more) => {
                    length += more;
                    break;
                }
                None => length += rest.len(),
            }
            if !self.fill(self.at)? {
                break;
            }
        }
        if !is_number(&self.buffer[self.at..self.at + length]) {
            return Err(self.unexpected("a number"));
        }
        let start = self.at;
        self.at += length;
        Ok(std::str::from_utf8(&self.buffer[start..self.at]).unwrap_or_default())
    }

    /// Takes a text.
    pub(super) fn text(&mut self) -> Result<&str, Fault> {
        self.expect(b'"')?;
        let mut length = 0;
        loop {
            match memchr2(b'"', b'\\', &self.buffer[self.at + length..self.end]) {
                Some(more) => {
                    length += more;
                    break;
                }
                None => length = self.end - self.at,
            }
            if !self.fill(self.at)? {
                return Err(self.fault("the text ends within a string"));
            }
        }
        if self.buffer[self.at + length] == b'\\' {
            return self.escaped(length);
        }
        let (start, end) = (self.at, self.at + length);
        if let Err(error) = std::str::from_utf8(&self.buffer[start..end]) {
            self.at += error.valid_up_to();
            return Err(self.fault("a string that is not UTF-8"));
        }
        self.at = end + 1;
        Ok(std::str::from_utf8(&self.buffer[start..end]).unwrap_or_default())
    }

    /// Takes the rest of a text whose first bytes have no escapes.
    fn escaped(&mut self, plain: usize) -> Result<&str, Fault> {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        scratch.extend_from_slice(&self.buffer[self.at..self.at + plain]);
        self.at += plain;
        loop {
            match self.byte()? {
                b'"' => break,
                b'\\' => self.escape(&mut scratch)?,
                byte => scratch.push(byte),
            }
        }
        self.scratch = scratch;
        let fault = self.fault("a string that is not UTF-8");
        std::str::from_utf8(&self.scratch).map_err(|_| fault)
    }

    fn escape(&mut self, scratch: &mut Vec<u8>) -> Result<(), Fault> {
        let byte = match self.byte()? {
            byte @ (b'"' | b'\\' | b'/') => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let unit = self.unit()?;
                let char = self.paired(unit)?;
                scratch.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(self.fault("an escape that JSON does not know")),
        };
        scratch.push(byte);
        Ok(())
    }

    /// The character of a unit of UTF-16, together with the half that follows; half a pair is U+FFFD.
    fn paired(&mut self, unit: u16) -> Result<char, Fault> {
        if !(0xD800..0xDC00).contains(&unit) {
            return Ok(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        while self.end - self.at < 2 && self.fill(self.at)? {}
        if !self.buffer[self.at..self.end].starts_with(b"\\u") {
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        self.at += 2;
        let second = self.unit()?;
        Ok(char::decode_utf16([unit, second]).next().and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn unit(&mut self) -> Result<u16, Fault> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = char::from(self.byte()?).to_digit(16);
            let Some(digit) = digit.and_then(|digit| u16::try_from(digit).ok()) else {
                return Err(self.fault("an escape without four digits"));
            };
            unit = unit * 16 + digit;
        }
        Ok(unit)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        if self.at == self.end && !self.fill(self.at)? {
            return Err(self.fault("the text ends within a string"));
        }
        self.at += 1;
        Ok(self.buffer[self.at - 1])
    }

    /// Reads more behind what is held from `keep` on, which moves to the front.
    #[cold]
    fn fill(&mut self, keep: usize) -> Result<bool, Fault> {
        self.buffer.copy_within(keep..self.end, 0);
        self.passed += keep as u64;
        self.end -= keep;
        self.at -= keep;
        if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.fault(&error.to_string())),
            }
        }
    }

    /// What is said of something else that comes next.
    pub(super) fn unexpected(&mut self, expected: &str) -> Fault {
        let found = match self.buffer.get(self.at).filter(|_| self.at < self.end) {
            Some(byte) if byte.is_ascii_graphic() => format!("`{}`", char::from(*byte)),
            Some(_) => "a character that no JSON has there".to_owned(),
            None => "the end of the text".to_owned(),
        };
        self.fault(&format!("expected {expected}, found {found}"))
    }

    pub(super) fn fault(&self, message: &str) -> Fault {
        let column = (self.passed + self.at as u64).saturating_sub(self.line_start) + 1;
        Fault { line: self.line, column, message: message.to_owned() }
    }
}

/// Whether it is a number of JSON.
fn is_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(text);
    if whole == 0 || (whole > 1 && text[0] == b'0') {
        return false;
    }
    let mut rest = &text[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = &fraction[count..];
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let exponent = exponent.strip_prefix(b"-").or_else(|| exponent.strip_prefix(b"+")).unwrap_or(exponent);
        let count = digits(exponent);
        return count > 0 && count == exponent.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, so that every boundary is met.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn texts_are_read() {
        for (text, expected) in [
            (r#""""#, Some("")),
            (r#" "plain é""#, Some("plain é")),
            (r#""a\"b\\c\/\n\u00e9\ud83d\ude00""#, Some("a\"b\\c/\né😀")),
            (r#""\ud83d!""#, Some("\u{fffd}!")),
            (r#""open"#, None),
            (r#""\x""#, None),
            (r#""\u12g4""#, None),
        ] {
            assert_eq!(Reader::new(Drip(text.as_bytes())).text().ok(), expected, "{text}");
            assert_eq!(Reader::new(text.as_bytes()).text().ok(), expected, "{text}");
        }
        assert!(Reader::new(&b"\"\xff\""[..]).text().is_err());
    }

    #[test]
    fn numbers_are_read() {
        for (text, is_good) in [
            ("0", true),
            ("-12.5e+3", true),
            ("1E9", true),
            ("01", false),
            ("1.", false),
            ("-", false),
            ("1e", false),
            ("1-2", false),
        ] {
            assert_eq!(Reader::new(Drip(text.as_bytes())).number().ok(), is_good.then_some(text), "{text}");
        }
    }

    #[test]
    fn a_fault_has_a_place() {
        let mut reader = Reader::new(&b"\n\n  x"[..]);
        let fault = reader.expect(b'{').unwrap_err();
        assert_eq!(fault.to_string(), "3:3: expected `{`, found `x`");
    }
}

//! The little JSON that a client writes: strings, and flat objects.

/// Appends a string in quotes, with the escapes that JSON asks for.
pub fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(text.get(plain..at).unwrap_or_default());
        out.push_str(escape);
        if escape.is_empty() {
            control(out, byte);
        }
        plain = at + 1;
    }
    out.push_str(text.get(plain..).unwrap_or_default());
    out.push('"');
}

/// Appends a control character that has no short escape.
fn control(out: &mut String, byte: u8) {
    out.push_str("\\u00");
    for digit in [byte >> 4, byte & 15] {
        out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
    }
}

/// Writes one object, member by member.
#[derive(Clone, Debug)]
pub struct ObjectWriter(String);

impl ObjectWriter {
    /// An object without members.
    #[must_use]
    pub fn new() -> Self {
        Self(String::from("{"))
    }

    /// Adds a member whose value is a string.
    #[must_use]
    pub fn string(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        string(&mut self.0, value);
        self
    }

    /// Adds a member whose value is JSON text already.
    #[must_use]
    pub fn raw(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        self.0.push_str(value);
        self
    }

    /// The object's text.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        string(&mut self.0, key);
        self.0.push(':');
    }
}

impl Default for ObjectWriter {
    fn default() -> Self {
        Self::new()
    }
}

/// A JSON text in one line: a line break can only be between tokens, where a blank does as well.
#[must_use]
pub fn in_one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

//! The lexical layer of the JSON reader: where strings and numbers end, and what escapes mean.
//!
//! Pure functions over the bytes of a text. They know nothing of values or nesting.

/// The same byte, eight times over.
const fn repeat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The position of the first byte at or after `from` that cannot be copied as it is: a quote, a backslash or a control
/// character; the length of the text if there is none.
///
/// Eight bytes are looked at in one step. Subtracting borrows out of a byte that is too small, which sets its top bit; a borrow
/// can spoil only the bytes above it, so the lowest bit that is set is always a true find. Exchanging `"` (0x22) and the
/// space (0x20) puts the quote beside the control characters, so that one subtraction finds both.
#[inline]
pub(crate) fn plain_end(bytes: &[u8], from: usize) -> usize {
    let mut rest = bytes.get(from..).unwrap_or_default();
    while let Some((chunk, tail)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let quote_or_control = (word ^ repeat(0x02)).wrapping_sub(repeat(0x21));
        let backslash = (word ^ repeat(b'\\')).wrapping_sub(repeat(0x01));
        let found = (quote_or_control | backslash) & !word & repeat(0x80);
        if found != 0 {
            return bytes.len() - rest.len() + found.trailing_zeros() as usize / 8;
        }
        rest = tail;
    }
    let tail = rest.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len());
    bytes.len() - rest.len() + tail
}

/// The position of the first byte at or after `from` that is no white space.
pub(crate) fn blank_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count()
}

/// Where a number ends, and whether it has neither fraction nor exponent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number {
    /// The position after its last byte.
    pub(crate) end: usize,
    /// No fraction, no exponent.
    pub(crate) whole: bool,
}

/// Reads a number by JSON's grammar; the error is the position of the byte that does not fit.
pub(crate) fn number(bytes: &[u8], from: usize) -> Result<Number, usize> {
    let start = from + usize::from(bytes.get(from) == Some(&b'-'));
    let mut end = match bytes.get(start) {
        Some(b'0') => start + 1,
        _ => digits(bytes, start)?,
    };
    let mut whole = true;
    if bytes.get(end) == Some(&b'.') {
        whole = false;
        end = digits(bytes, end + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        whole = false;
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        end = digits(bytes, end + 1 + sign)?;
    }
    // `01` ends after its zero; the digit that follows must not pass for the next token.
    match bytes.get(end) {
        Some(byte) if byte.is_ascii_digit() => Err(end),
        _ => Ok(Number { end, whole }),
    }
}

/// The end of a run of at least one digit.
#[inline]
fn digits(bytes: &[u8], from: usize) -> Result<usize, usize> {
    let rest = bytes.get(from..).unwrap_or_default();
    match rest.iter().take_while(|byte| byte.is_ascii_digit()).count() {
        0 => Err(from),
        count => Ok(from + count),
    }
}

/// Reads the escape whose backslash is at `from`: the character it stands for and the position after it. The error is the
/// position of the byte that does not fit.
///
/// Half of a surrogate pair stands for no character and becomes U+FFFD: services cut texts in the middle of an emoji, and a
/// page is not lost over that.
pub(crate) fn escape(bytes: &[u8], from: usize) -> Result<(char, usize), usize> {
    let plain = match bytes.get(from + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(bytes, from),
        _ => return Err(from + 1),
    };
    Ok((plain, from + 2))
}

fn unicode_escape(bytes: &[u8], from: usize) -> Result<(char, usize), usize> {
    let unit = code_unit(bytes, from)?;
    let end = from + 6;
    if let 0xd800..0xdc00 = unit
        && bytes.get(end..end + 2) == Some(br"\u")
    {
        let low = code_unit(bytes, end)?;
        if let 0xdc00..0xe000 = low {
            let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            return Ok((char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), end + 6));
        }
    }
    Ok((char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER), end))
}

/// The four hexadecimal digits of the `\uXXXX` at `from`.
fn code_unit(bytes: &[u8], from: usize) -> Result<u32, usize> {
    let mut unit = 0;
    for at in from + 2..from + 6 {
        let digit = bytes.get(at).and_then(|&byte| char::from(byte).to_digit(16)).ok_or(at)?;
        unit = unit * 16 + digit;
    }
    Ok(unit)
}

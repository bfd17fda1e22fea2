//! How Rust types are read from JSON.
//!
//! A generated record implements [`Fields`] and [`Record`], its table of keys; the impls here are what its fields are made of.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::rt::fault::Fault;
use crate::rt::reader::{Kind, Reader};

pub use crate::rt::choice::Choice;
pub use crate::rt::record::{Fields, Key, Record};

/// A type that can be read from JSON.
pub trait Decode: Sized {
    /// Reads one value.
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault>;
}

impl Reader<'_> {
    /// Reads a value of the type that the context asks for.
    #[inline]
    pub fn read<T: Decode>(&mut self) -> Result<T, Fault> {
        T::decode(self)
    }

    /// Reads a value into a field. Of all ways to write that, this one costs the compiler least: no `?` in the caller.
    pub fn fill<T: Decode>(&mut self, field: &mut T) -> Result<(), Fault> {
        *field = T::decode(self)?;
        Ok(())
    }

    /// Reads a value of one of several types.
    pub fn put<T: Decode, U>(&mut self, place: &mut U, wrap: fn(T) -> U) -> Result<(), Fault> {
        *place = wrap(T::decode(self)?);
        Ok(())
    }

    /// The same as [`fill`](Self::fill), for a value that may have an odd form.
    pub fn fill_leniently<T: Lenient>(&mut self, field: &mut T) -> Result<(), Fault> {
        *field = T::lenient(self)?;
        Ok(())
    }

    /// Reads a string and parses it.
    pub fn parse<T>(&mut self, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Fault> {
        self.token();
        let start = self.offset();
        let text = self.str()?;
        parse(&text).ok_or_else(|| Fault::unfit(start, expected, &text))
    }
}

/// Starts with the default and sets what comes.
impl<T: Record> Decode for T {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut record = Self::default();
        r.table(Self::KEYS, Self::CHOICE, &mut record)?;
        Ok(record)
    }
}

/// A record on the heap, as one that holds itself must be.
impl<T: Record> Record for Box<T> {
    const KEYS: &'static [Key] = T::KEYS;
    const CHOICE: Option<&'static Choice> = T::CHOICE;
}

impl<T: Fields> Fields for Box<T> {
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        (**self).set(index, r)
    }
}

/// Any value, which is skipped.
impl Decode for () {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.skip().map(drop)
    }
}

impl Decode for bool {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.bool()
    }
}

impl Decode for i64 {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.integer()
    }
}

impl Decode for f64 {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.float()
    }
}

impl Decode for String {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.str().map(Cow::into_owned)
    }
}

/// A `null` is `None`.
impl<T: Decode> Decode for Option<T> {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        if r.no_value()? { Ok(None) } else { T::decode(r).map(Some) }
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut elements = Self::new();
        r.elements(&mut |r, _| {
            elements.push(r.read()?);
            Ok(())
        })?;
        Ok(elements)
    }
}

/// Of a repeated key the last value counts.
impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut members = Self::new();
        r.entries(&mut |r, key| {
            members.insert(key.to_owned(), r.read()?);
            Ok(())
        })?;
        Ok(members)
    }
}

/// A type that can also be read from the odd forms in which services send its values.
pub trait Lenient: Sized {
    /// Whether an empty text stands for no value.
    const BLANK_IS_NULL: bool = true;

    /// Reads one value.
    fn lenient(r: &mut Reader<'_>) -> Result<Self, Fault>;
}

/// Reads a value that may have an odd form.
pub fn lenient<T: Lenient>(r: &mut Reader<'_>) -> Result<T, Fault> {
    T::lenient(r)
}

/// A `null`, and where it can be nothing else an empty text, is `None`.
impl<T: Lenient> Lenient for Option<T> {
    fn lenient(r: &mut Reader<'_>) -> Result<Self, Fault> {
        if r.no_value()? || T::BLANK_IS_NULL && r.blank()? { Ok(None) } else { T::lenient(r).map(Some) }
    }
}

/// A boolean, or `1`, `0`, `"true"`, `"False"`, `"1"` …
impl Lenient for bool {
    fn lenient(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.scalar(Kind::Bool, "a boolean", &|text| match text {
            "1" => Some(true),
            "0" => Some(false),
            _ if text.eq_ignore_ascii_case("true") => Some(true),
            _ if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        })
    }
}

/// A whole number, also one written `12.0`, `"12"` or `1.2e1`.
impl Lenient for i64 {
    fn lenient(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.scalar(Kind::Number, "a whole number", &|text| text.parse().ok().or_else(|| whole(text)))
    }
}

/// A number, also one within a string.
impl Lenient for f64 {
    fn lenient(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.scalar(Kind::Number, "a number", &|text| text.parse().ok().filter(|value: &Self| value.is_finite()))
    }
}

/// A string; a number or a boolean is taken as it is written.
impl Lenient for String {
    const BLANK_IS_NULL: bool = false;

    fn lenient(r: &mut Reader<'_>) -> Result<Self, Fault> {
        match r.peek()? {
            Kind::Bool | Kind::Number => r.skip().map(Self::from),
            _ => r.read(),
        }
    }
}

impl Reader<'_> {
    /// Takes an empty string if one is next, and says whether it did.
    pub(crate) fn blank(&mut self) -> Result<bool, Fault> {
        let start = self.offset();
        if self.peek()? == Kind::String && self.str()?.trim().is_empty() {
            return Ok(true);
        }
        self.rewind(start);
        Ok(false)
    }

    /// Reads a scalar through its text, whether it stands in quotes or not.
    fn scalar<T>(&mut self, plain: Kind, expected: &str, parse: &dyn Fn(&str) -> Option<T>) -> Result<T, Fault> {
        let kind = self.peek()?;
        let start = self.offset();
        let text = match kind {
            Kind::String => self.str()?,
            Kind::Number => Cow::Borrowed(self.number()?),
            Kind::Bool if plain == Kind::Bool => Cow::Borrowed(self.skip()?),
            _ => return Err(self.unexpected(expected)),
        };
        parse(text.trim()).ok_or_else(|| Fault::unfit(start, expected, &text))
    }
}

/// A whole number that is written with a fraction or an exponent, such as `12.0`, without going through a float.
fn whole(text: &str) -> Option<i64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<usize>().ok()?),
        None => (text, 0),
    };
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let zeros = exponent.checked_sub(fraction.len()).filter(|&zeros| zeros < 19)?;
    format!("{integer}{fraction}{}", "0".repeat(zeros)).parse().ok()
}

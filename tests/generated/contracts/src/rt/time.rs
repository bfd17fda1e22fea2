//! Instants, dates and times of day.

use std::str::FromStr;

pub use jiff::Timestamp;
pub use jiff::civil::{Date, Time};

use crate::rt::codec::{Decode, Lenient};
use crate::rt::encode::{Encode, Writer};
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::reader::{Kind, Reader};

/// An instant as RFC 3339 writes it.
impl Decode for Timestamp {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.parse("a date and time", |text| utc(text).or_else(|| text.parse().ok()))
    }
}

/// A date such as `2025-01-31`; the date of an instant that is written out is taken as it stands.
impl Decode for Date {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.parse("a date", |text| text.parse().ok())
    }
}

/// A time of day such as `23:59:59.5`.
impl Decode for Time {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.parse("a time of day", |text| text.parse().ok())
    }
}

impl Encode for Timestamp {
    fn encode(&self, w: &mut Writer) {
        w.quoted(self);
    }
}

impl Encode for Date {
    fn encode(&self, w: &mut Writer) {
        w.quoted(self);
    }
}

impl Encode for Time {
    fn encode(&self, w: &mut Writer) {
        w.quoted(self);
    }
}

/// An instant in the forms that services send: RFC 3339, also without a zone (then it is UTC), with a space for the `T` or
/// without a time; seconds or milliseconds since 1970, also within a string; and `{"$date": …}` around any of these.
impl Lenient for Timestamp {
    fn lenient(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let kind = r.peek()?;
        let start = r.offset();
        match kind {
            Kind::Object => wrapped(r, start),
            Kind::Number => {
                let text = r.number()?;
                epoch(text).ok_or_else(|| Fault::unfit(start, "a date and time", text))
            }
            _ => r.parse("a date and time", |text| any_form(text.trim())),
        }
    }
}

/// A date, or the UTC date of an instant in any form.
impl Lenient for Date {
    fn lenient(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let plain = r.attempt(Self::decode);
        plain.or_else(|_| Timestamp::lenient(r).map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date()))
    }
}

/// The value of the first member whose key is `$date`, or `$numberLong` within it.
fn wrapped(r: &mut Reader<'_>, start: usize) -> Result<Timestamp, Fault> {
    let mut found = None;
    r.object(&mut |r, key| {
        if matches!(key, "$date" | "$numberLong") {
            found = Some(Timestamp::lenient(r)?);
            return Ok(());
        }
        r.skip().map(drop)
    })?;
    found.ok_or_else(|| Fault::new(FaultKind::Type, start, "expected a date and time, found an object without `$date`"))
}

fn any_form(text: &str) -> Option<Timestamp> {
    if let Some(at) = utc(text).or_else(|| text.parse().ok()).or_else(|| epoch(text)) {
        return Some(at);
    }
    let civil = jiff::civil::DateTime::from_str(text).ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Counts from this on are milliseconds: as seconds they would be in the year 5138.
const MILLISECONDS_FROM: u64 = 100_000_000_000;

/// Seconds, with or without a fraction, or whole milliseconds since 1970.
fn epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let count: i64 = whole.parse().ok()?;
    if count.unsigned_abs() >= MILLISECONDS_FROM {
        return Timestamp::from_millisecond(count).ok();
    }
    let mut nanoseconds = 0;
    for digit in fraction.chars().map(|char| char.to_digit(10)).chain(std::iter::repeat(Some(0))).take(9) {
        nanoseconds = nanoseconds * 10 + i32::try_from(digit?).ok()?;
    }
    Timestamp::new(count, if whole.starts_with('-') { -nanoseconds } else { nanoseconds }).ok()
}

/// The form that nearly every service sends, `2025-01-31T23:59:59.123Z`; `None` for all others, which jiff reads.
fn utc(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let (head, tail) = bytes.split_first_chunk::<19>()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2] = *head else { return None };
    let year = number(&[y1, y2, y3, y4])?;
    let (month, day) = (number(&[m1, m2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?);
    if day < 1 || day > days_in_month(year, month)? || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let hours = days_since_epoch(year, month, day) * 24 + hour;
    let seconds = i64::from(hours) * 3600 + i64::from(minute * 60 + second);
    Timestamp::new(seconds, nanoseconds(tail)?).ok()
}

/// The nanoseconds of `Z` or `.123Z`.
fn nanoseconds(tail: &[u8]) -> Option<i32> {
    match tail {
        [b'Z'] => Some(0),
        [b'.', digits @ .., b'Z'] if (1..=9).contains(&digits.len()) => {
            let missing = u32::try_from(9 - digits.len()).ok()?;
            Some(number(digits)? * 10_i32.pow(missing))
        }
        _ => None,
    }
}

/// A number of at most nine digits.
#[inline]
fn number(digits: &[u8]) -> Option<i32> {
    digits.iter().try_fold(0, |number, &digit| digit.is_ascii_digit().then(|| number * 10 + i32::from(digit - b'0')))
}

fn days_in_month(year: i32, month: i32) -> Option<i32> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => Some(29),
        2 => Some(28),
        _ => None,
    }
}

/// Days from 1970-01-01 to a date of the years 0 to 9999. Years are counted from March, so that the leap day ends one.
fn days_since_epoch(year: i32, month: i32, day: i32) -> i32 {
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468
}

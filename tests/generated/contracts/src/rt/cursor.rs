//! Incremental cursors: read from records in one format, compared, moved, and sent in another one.
//!
//! A cursor keeps the text that it came as. It is sent as that text where nothing has changed it, so that a service gets back
//! what it gave. Whatever is written anew and is coarser than the cursor is rounded away from the records that are wanted:
//! a start down, an end up.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::time::Duration;

use crate::rt::calendar::{Civil, Moment, NANOS_PER_SECOND, moment};
use crate::rt::pattern;

/// How a cursor is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// A date and a time as RFC 3339 writes it, with or without a fraction: `2025-01-31T23:59:59.5Z`.
    Iso,
    /// A date: `2025-01-31`.
    Date,
    /// Seconds since 1970, with or without a fraction.
    Epoch,
    /// Milliseconds since 1970.
    EpochMs,
    /// A number of any size.
    Number,
    /// A text, which compares byte by byte.
    Text,
    /// A date and a time by a pattern such as `%Y-%m-%d %H:%M`, in UTC where it names no zone.
    Pattern(&'static str),
}

impl Format {
    /// The nanoseconds between two neighbouring moments that it can write; 0 for what is no moment.
    #[must_use]
    pub fn granularity(self) -> i128 {
        match self {
            Self::Iso => 1,
            Self::Date => 86_400 * NANOS_PER_SECOND,
            Self::Epoch => NANOS_PER_SECOND,
            Self::EpochMs => 1_000_000,
            Self::Pattern(text) => pattern::granularity(text),
            Self::Number | Self::Text => 0,
        }
    }
}

/// A cursor.
#[derive(Clone, Debug)]
pub struct Cursor {
    value: Value,
    /// The text that it came as, and how that is written; none once it was moved.
    given: Option<(String, Format)>,
}

#[derive(Clone, Debug)]
enum Value {
    Moment(Moment),
    Number(Number),
    Text(String),
}

/// Compares two texts by what they are in a format. Those that are not of it compare as texts.
#[must_use]
pub fn compare(format: Format, a: &str, b: &str) -> Ordering {
    match (Value::parse(a, format), Value::parse(b, format)) {
        (Some(Value::Moment(a)), Some(Value::Moment(b))) => a.cmp(&b),
        (Some(Value::Number(a)), Some(Value::Number(b))) => a.compare(&b),
        _ => a.cmp(b),
    }
}

impl Value {
    fn parse(text: &str, format: Format) -> Option<Self> {
        match format {
            Format::Iso | Format::Date => moment(text).or_else(|| epoch_of_any_unit(text)).map(Self::Moment),
            Format::Epoch => epoch(text, NANOS_PER_SECOND).map(Self::Moment),
            Format::EpochMs => epoch(text, 1_000_000).map(Self::Moment),
            Format::Pattern(pattern) => pattern::parse(pattern, text).map(Self::Moment),
            Format::Number => Number::parse(text).map(Self::Number),
            Format::Text => Some(Self::Text(text.to_owned())),
        }
    }
}

impl Cursor {
    /// Reads a cursor. None if it is not of the format.
    #[must_use]
    pub fn parse(text: &str, format: Format) -> Option<Self> {
        Some(Self { value: Value::parse(text, format)?, given: Some((text.to_owned(), format)) })
    }

    /// A moment, given as the time since 1970.
    #[must_use]
    pub fn at(unix: Duration) -> Self {
        let nanos = i128::try_from(unix.as_nanos()).unwrap_or(i128::MAX);
        Self { value: Value::Moment(Moment(nanos)), given: None }
    }

    /// Reads `now`, `now - 30d` or `now+90m`: a moment, seen from the one that is given as the time since 1970. The units are
    /// `s`, `m`, `h`, `d` and `w`. None for any other text.
    #[must_use]
    pub fn relative(text: &str, now: Duration) -> Option<Self> {
        let rest = text.trim().strip_prefix("now")?.trim_start();
        if rest.is_empty() {
            return Some(Self::at(now));
        }
        let (sign, amount) = match rest.strip_prefix('-') {
            Some(amount) => (-1, amount),
            None => (1, rest.strip_prefix('+')?),
        };
        let amount = amount.trim();
        let (count, unit) = amount.split_at(amount.find(|c: char| !c.is_ascii_digit())?);
        let seconds = match unit.trim() {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            "w" => 604_800,
            _ => return None,
        };
        Self::at(now).shift(count.parse::<i64>().ok()?.checked_mul(seconds * 1_000)?.checked_mul(sign)?)
    }

    /// A moment.
    #[must_use]
    pub fn from_moment(moment: Moment) -> Self {
        Self { value: Value::Moment(moment), given: None }
    }

    /// The moment, if it is one.
    #[must_use]
    pub fn moment(&self) -> Option<Moment> {
        match self.value {
            Value::Moment(moment) => Some(moment),
            Value::Number(_) | Value::Text(_) => None,
        }
    }

    /// The cursor so much later: milliseconds for a moment, units for a number. None for a text, and past the last of them.
    #[must_use]
    pub fn shift(&self, by: i64) -> Option<Self> {
        let value = match &self.value {
            _ if by == 0 => return Some(self.clone()),
            Value::Moment(Moment(nanos)) => Value::Moment(Moment(nanos.checked_add(i128::from(by) * 1_000_000)?)),
            Value::Number(number) => Value::Number(number.shift(by)?),
            Value::Text(_) => return None,
        };
        Some(Self { value, given: None })
    }

    /// The cursor as a start: rounded down where the format is coarser than it.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        self.written(format, i128::div_euclid)
    }

    /// The cursor as an end: rounded up where the format is coarser than it.
    #[must_use]
    pub fn render_end(&self, format: Format) -> String {
        self.written(format, |nanos, unit| -(-nanos).div_euclid(unit))
    }

    /// The cursor as a start that the service leaves out: where the format is coarser than it, one step further down, so that
    /// what lies within the step is not left out with it.
    #[must_use]
    pub fn render_before(&self, format: Format) -> String {
        self.written(
            format,
            |nanos, unit| if unit > NANOS_PER_SECOND { nanos.div_euclid(unit) - 1 } else { nanos.div_euclid(unit) },
        )
    }

    fn written(&self, format: Format, round: impl Fn(i128, i128) -> i128) -> String {
        if let Some((text, given)) = &self.given
            && *given == format
            && format.granularity() <= NANOS_PER_SECOND
        {
            return text.clone();
        }
        let Moment(nanos) = match (&self.value, &self.given) {
            (Value::Moment(moment), _) => *moment,
            (Value::Number(number), None) => return number.render(),
            (Value::Text(text), _) | (Value::Number(_), Some((text, _))) => return text.clone(),
        };
        let unit = format.granularity().max(1);
        let count = round(nanos, unit);
        let moment = Moment(count.saturating_mul(unit));
        match format {
            Format::Epoch | Format::EpochMs => count.to_string(),
            Format::Date => pattern::render("%Y-%m-%d", moment),
            Format::Pattern(pattern) => pattern::render(pattern, moment),
            Format::Iso | Format::Number | Format::Text => iso(moment),
        }
    }

    /// The text that it came as, or else the one that the format gives it.
    #[must_use]
    pub fn text(&self, format: Format) -> String {
        self.given.as_ref().map_or_else(|| self.render(format), |(text, _)| text.clone())
    }
}

impl Ord for Cursor {
    /// Moments and numbers compare by what they are, whatever they are written as; cursors of different kinds as texts.
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.value, &other.value) {
            (Value::Moment(a), Value::Moment(b)) => a.cmp(b),
            (Value::Number(a), Value::Number(b)) => a.compare(b),
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            _ => self.text(Format::Text).cmp(&other.text(Format::Text)),
        }
    }
}

impl PartialOrd for Cursor {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Cursor {}

impl PartialEq for Cursor {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

/// `2025-01-31T23:59:59Z`, with milliseconds, microseconds or nanoseconds where it has them.
fn iso(moment: Moment) -> String {
    let mut text = pattern::render("%Y-%m-%dT%H:%M:%S", moment);
    // Writing to a `String` can not fail.
    let _ = match Civil::of(moment).nanos {
        0 => Ok(()),
        nanos if nanos % 1_000_000 == 0 => write!(text, ".{:03}", nanos / 1_000_000),
        nanos if nanos % 1_000 == 0 => write!(text, ".{:06}", nanos / 1_000),
        nanos => write!(text, ".{nanos:09}"),
    };
    text.push('Z');
    text
}

/// A count of units since 1970, with or without a fraction.
fn epoch(text: &str, unit: i128) -> Option<Moment> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let count: i64 = whole.parse().ok()?;
    if fraction.len() > 18 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = fraction.parse::<i128>().unwrap_or(0) * unit / 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    Some(Moment(i128::from(count) * unit + if whole.starts_with('-') { -part } else { part }))
}

/// What services send now and then for a date: seconds or milliseconds since 1970. As seconds, counts of twelve digits would be
/// past the year 5138.
fn epoch_of_any_unit(text: &str) -> Option<Moment> {
    let digits = text.trim().trim_start_matches('-').split('.').next()?.len();
    epoch(text, if digits > 11 { 1_000_000 } else { NANOS_PER_SECOND })
}

/// A decimal number: 0.`digits` times ten to the power of `point`.
#[derive(Clone, Debug)]
struct Number {
    negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: String,
    point: i64,
}

impl Number {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let significant = all.trim_start_matches('0');
        let leading = i64::try_from(all.len() - significant.len()).ok()?;
        let digits = significant.trim_end_matches('0').to_owned();
        let point = i64::try_from(whole.len()).ok()? - leading + i64::from(exponent);
        Some(Self { negative: negative && !digits.is_empty(), point: if digits.is_empty() { 0 } else { point }, digits })
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_magnitude(other),
            (true, true) => other.compare_magnitude(self),
        }
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        // Zero has no digits, whatever its point.
        let zero = other.digits.is_empty().cmp(&self.digits.is_empty());
        zero.then(self.point.cmp(&other.point)).then_with(|| self.digits.cmp(&other.digits))
    }

    /// The whole number at or below it, so much greater. None where that has more than 38 digits.
    fn shift(&self, by: i64) -> Option<Self> {
        let length = usize::try_from(self.point.max(0)).ok().filter(|length| *length <= 38)?;
        let whole: String = self.digits.chars().chain(std::iter::repeat('0')).take(length).collect();
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let has_fraction = self.digits.len() > length;
        let floor = if self.negative { -whole - i128::from(has_fraction) } else { whole };
        Self::parse(&floor.checked_add(i128::from(by))?.to_string())
    }

    /// A whole number in plain digits.
    fn render(&self) -> String {
        let length = usize::try_from(self.point.max(0)).unwrap_or(0);
        let digits: String = self.digits.chars().chain(std::iter::repeat('0')).take(length).collect();
        let sign = if self.negative { "-" } else { "" };
        if digits.is_empty() { "0".to_owned() } else { format!("{sign}{digits}") }
    }
}

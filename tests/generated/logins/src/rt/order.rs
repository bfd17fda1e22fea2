//! Compares the incremental cursors of records: as texts, numbers of any size, or moments.

use std::cmp::Ordering;

use crate::rt::descriptor::CursorOrder;

/// Compares two cursors. Those that are not what the order says compare as texts.
#[must_use]
pub fn compare(order: CursorOrder, a: &str, b: &str) -> Ordering {
    let ordering = match order {
        CursorOrder::Text => None,
        CursorOrder::Number => Number::parse(a).zip(Number::parse(b)).map(|(a, b)| a.compare(&b)),
        CursorOrder::Timestamp => moment(a).zip(moment(b)).map(|(a, b)| a.cmp(&b)),
    };
    ordering.unwrap_or_else(|| a.cmp(b))
}

/// A decimal number: 0.`digits` times ten to the power of `point`.
#[derive(Debug)]
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
}

/// A date, or a date and a time, as seconds since 1970 in UTC and nanoseconds. Without a zone it is UTC.
///
/// Reads what services send in this place, and no more; that is why it needs no library of times.
fn moment(text: &str) -> Option<(i64, u32)> {
    let text = text.trim();
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, ""),
    };
    let mut parts = date.splitn(3, '-').map(number);
    let days = days(parts.next()??, parts.next()??, parts.next()??);
    if time.is_empty() {
        return Some((days * 86_400, 0));
    }
    let (clock, offset) = split_zone(time)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.splitn(3, ':').map(number);
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    let nanos = if fraction.is_empty() { 0 } else { number(format!("{fraction:0<9}").get(..9)?)? };
    let seconds = days * 86_400 + hours * 3_600 + minutes * 60 + seconds - offset;
    Some((seconds, u32::try_from(nanos).ok()?))
}

/// Splits the zone from a time of day; it is given in seconds east of UTC.
fn split_zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = time.find(['+', '-']) else { return Some((time, 0)) };
    let (clock, zone) = time.split_at(at);
    let digits = zone.get(1..)?.replace(':', "");
    let offset =
        number(digits.get(..2)?)? * 3_600 + number(digits.get(2..).filter(|digits| !digits.is_empty()).unwrap_or("0"))? * 60;
    Some((clock, if zone.starts_with('-') { -offset } else { offset }))
}

fn number(digits: &str) -> Option<i64> {
    let plain = !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// The days from 1970-01-01 to a date of the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that start in March have their leap day at the end.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

//! Dates and times by a pattern, as `strftime` has them: `%Y-%m-%d %H:%M`.
//!
//! `%Y %m %d %H %M %S` are numbers of fixed width, `%L` milliseconds, `%f` microseconds, `%z` an offset such as `+0000`, `%s`
//! seconds since 1970, `%%` a percent sign. The generator refuses any other.

use std::fmt::Write as _;

use crate::rt::calendar::{Civil, Moment, NANOS_PER_SECOND, nanos, number, offset};

/// The parts of a pattern: a directive's letter, or a character that stands for itself.
fn parts(pattern: &str) -> impl Iterator<Item = (bool, char)> {
    let mut chars = pattern.chars();
    std::iter::from_fn(move || match chars.next()? {
        '%' => match chars.next() {
            Some('%') | None => Some((false, '%')),
            Some(letter) => Some((true, letter)),
        },
        plain => Some((false, plain)),
    })
}

/// The nanoseconds between two neighbouring moments that a pattern can write.
#[must_use]
pub fn granularity(pattern: &str) -> i128 {
    let unit = |(is_directive, letter): (bool, char)| match letter {
        _ if !is_directive => None,
        'f' => Some(1_000),
        'L' => Some(1_000_000),
        'S' | 's' => Some(NANOS_PER_SECOND),
        'M' => Some(60 * NANOS_PER_SECOND),
        'H' => Some(3_600 * NANOS_PER_SECOND),
        _ => None,
    };
    parts(pattern).filter_map(unit).min().unwrap_or(86_400 * NANOS_PER_SECOND)
}

/// Writes a moment.
#[must_use]
pub fn render(pattern: &str, moment: Moment) -> String {
    let civil = Civil::of(moment);
    let mut text = String::new();
    for (is_directive, letter) in parts(pattern) {
        // Writing to a `String` can not fail.
        let _ = match letter {
            _ if !is_directive => write!(text, "{letter}"),
            'Y' => write!(text, "{:04}", civil.year),
            'm' => write!(text, "{:02}", civil.month),
            'd' => write!(text, "{:02}", civil.day),
            'H' => write!(text, "{:02}", civil.hour),
            'M' => write!(text, "{:02}", civil.minute),
            'S' => write!(text, "{:02}", civil.second),
            'L' => write!(text, "{:03}", civil.nanos / 1_000_000),
            'f' => write!(text, "{:06}", civil.nanos / 1_000),
            'z' => write!(text, "+0000"),
            's' => write!(text, "{}", moment.0.div_euclid(NANOS_PER_SECOND)),
            _ => Ok(()),
        };
    }
    text
}

/// Reads a moment. None if the text does not follow the pattern.
#[must_use]
pub fn parse(pattern: &str, text: &str) -> Option<Moment> {
    let mut civil = Civil::START;
    let mut epoch = None;
    let mut rest = text.trim();
    for (is_directive, letter) in parts(pattern) {
        if !is_directive {
            rest = rest.strip_prefix(letter)?;
            continue;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let width = match letter {
            'Y' => 4,
            'm' | 'd' | 'H' | 'M' | 'S' => 2,
            'L' => 3,
            'f' => digits.clamp(1, 9),
            's' => digits,
            'z' => zone_width(rest),
            _ => return None,
        };
        let (value, after) = rest.split_at_checked(width)?;
        rest = after;
        match letter {
            'Y' => civil.year = number(value)?,
            'm' => civil.month = number(value)?,
            'd' => civil.day = number(value)?,
            'H' => civil.hour = number(value)?,
            'M' => civil.minute = number(value)?,
            'S' => civil.second = number(value)?,
            's' => epoch = Some(value.parse::<u64>().ok()?),
            'z' if value.eq_ignore_ascii_case("z") => {}
            'z' => civil.offset = offset(value)?,
            _ => civil.nanos = nanos(value)?,
        }
    }
    match epoch {
        _ if !rest.is_empty() => None,
        Some(seconds) => Some(Moment(i128::from(seconds) * NANOS_PER_SECOND + i128::from(civil.nanos))),
        None => civil.moment(),
    }
}

/// How many bytes `Z`, `+01`, `+0100` or `+01:00` take.
fn zone_width(text: &str) -> usize {
    let more = text.bytes().skip(1).take(5).take_while(|byte| byte.is_ascii_digit() || *byte == b':').count();
    if text.starts_with(['Z', 'z']) { 1 } else { 1 + more }
}

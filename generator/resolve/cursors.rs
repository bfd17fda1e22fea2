//! Incremental cursors: how they are written, by the field where the spec does not say, and what follows from that.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Contract, CursorFormat, Incremental, Lookup, Path, Scalar, Spanned, Template, Type, Types};
use crate::native::units::{duration_ms, lag_units};

/// Gives a cursor its format and its lag, and holds its bounds to that format.
pub fn resolve(
    incremental: &mut Incremental,
    said: Option<CursorFormat>,
    lag: Option<&Spanned<String>>,
    (types, record, contract): (&Types, Option<&Type>, Contract),
    diagnostics: &mut Diagnostics,
) {
    let by_field = || record.map_or(CursorFormat::Text, |record| of_field(types, record, &incremental.cursor.value));
    incremental.format = if incremental.token.is_some() { CursorFormat::Text } else { said.unwrap_or_else(by_field) };
    let is_certain = |record| contract == Contract::Freeze && is_certain(types, record, &incremental.cursor.value);
    incremental.is_certain = record.is_some_and(is_certain);
    if let Some(lag) = lag {
        incremental.lag = lag_of(&incremental.format, lag, diagnostics);
    }
    if let Some(request) = &incremental.request_format
        && (request.is_moment() != incremental.format.is_moment())
    {
        let words = [incremental.format.describe(), request.describe()];
        diagnostics.report(Code::FormatsApart, request.span, &words);
    }
    for (key, value) in [("initial_value", &incremental.initial_value), ("end_value", &incremental.end_value)] {
        if let Some(value) = value {
            check_bound(key, value, &incremental.format, diagnostics);
        }
    }
}

/// Whether a record without this field does not fit its schema.
fn is_certain(types: &Types, record: &Type, cursor: &Path) -> bool {
    let found = types.lookup(record, cursor);
    cursor.0.len() == 1
        && matches!(found, Lookup::Found(Type::Scalar(_), Some(field)) if field.required && !field.nullable && !field.lenient)
}

/// How a cursor is written that a spec says nothing about: by the type of the field.
fn of_field(types: &Types, record: &Type, cursor: &Path) -> CursorFormat {
    let Lookup::Found(ty, _) = types.lookup(record, cursor) else { return CursorFormat::Text };
    match types.scalar(ty) {
        Some(Scalar::Integer | Scalar::Number | Scalar::Decimal) => CursorFormat::Number,
        Some(Scalar::DateTime) => CursorFormat::Iso,
        Some(Scalar::Date) => CursorFormat::Date,
        _ => CursorFormat::Text,
    }
}

/// Milliseconds for moments, where a bare number counts seconds, and days for dates; units for numbers.
fn lag_of(format: &CursorFormat, lag: &Spanned<String>, diagnostics: &mut Diagnostics) -> i64 {
    let (found, expected) = match format {
        CursorFormat::Text => {
            diagnostics.report(Code::LagOfText, lag.span, &[format.describe()]);
            return 0;
        }
        CursorFormat::Number => (lag_units(lag), "a number"),
        CursorFormat::Date if lag_units(lag).is_some() => (lag_units(lag).and_then(|days| days.checked_mul(86_400_000)), ""),
        _ => (duration_ms(lag).and_then(|ms| i64::try_from(ms).ok()), "a duration such as `2h` or `3d`, or a number of seconds"),
    };
    found.unwrap_or_else(|| {
        diagnostics.report(Code::BadLag, lag.span, &[expected, lag]);
        0
    })
}

/// Refuses a bound that is no cursor, as far as that can be told without inputs.
fn check_bound(key: &str, value: &Template, format: &CursorFormat, diagnostics: &mut Diagnostics) {
    if value.holes().next().is_some() {
        return;
    }
    let text = value.literal_text();
    let is_number = || text.trim().parse::<f64>().is_ok();
    let fits = match format {
        // A pattern is read when the run begins.
        CursorFormat::Text | CursorFormat::Pattern(_) => true,
        CursorFormat::Number => is_number(),
        _ => is_number() || is_relative(&text) || is_date(&text),
    };
    if !fits {
        diagnostics.push(Diagnostic::new(Code::BadBound, value.span, &[key, &text, format.describe()]));
    }
}

/// `now`, `now-30d`, `now + 5m`.
fn is_relative(text: &str) -> bool {
    let Some(rest) = text.trim().strip_prefix("now").map(str::trim_start) else { return false };
    rest.is_empty()
        || rest.strip_prefix(['-', '+']).is_some_and(|amount| {
            let amount = amount.trim();
            let digits = amount.trim_end_matches(|c: char| !c.is_ascii_digit());
            digits.parse::<u32>().is_ok()
                && matches!(amount.get(digits.len()..).map(str::trim), Some("s" | "m" | "h" | "d" | "w"))
        })
}

/// A date, or a date and a time.
fn is_date(text: &str) -> bool {
    let text = text.trim();
    text.parse::<jiff::Timestamp>().is_ok()
        || text.parse::<jiff::civil::DateTime>().is_ok()
        || text.parse::<jiff::civil::Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_in_words() {
        for (text, expected) in [
            ("now", true),
            ("now-30d", true),
            ("now - 30 d", true),
            (" now + 5m ", true),
            ("now-", false),
            ("now-30", false),
            ("now 30d", false),
            ("now-30y", false),
            ("today", false),
        ] {
            assert_eq!(is_relative(text), expected, "{text}");
        }
    }
}

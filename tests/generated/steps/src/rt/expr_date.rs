//! Functions of expressions that work on dates and moments. There is none that asks for the time: the same record gives the same
//! value whenever it is read.

use std::borrow::Cow;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::rt::codec::Lenient;
use crate::rt::expr::Unfit;
use crate::rt::reader::Reader;
use crate::rt::time::Timestamp;
use crate::rt::tree::Tree;

type Arguments<'a, 't> = &'a [Cow<'t, Tree>];

/// `date(x)`: the date of a moment in UTC, in any form that services send. A blank text is null.
pub fn date(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    present(first(arguments), |value| date_of(value).map(|date| Tree::Text(date.to_string())))
}

/// `year(x)`: the year of a date, or of a moment in UTC.
pub fn year(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    present(first(arguments), |value| date_of(value).map(|date| Tree::Number(date.year().to_string())))
}

/// `epoch(x)`: the whole seconds from 1970 to a moment, or to the start of a date in UTC.
pub fn epoch(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    present(first(arguments), |value| {
        let moment = moment_of(value)?;
        // Before 1970 the fraction counts backwards; a second that has begun is counted.
        let seconds = moment.as_second() - i64::from(moment.subsec_nanosecond() < 0);
        Ok(Tree::Number(seconds.to_string()))
    })
}

/// `from_epoch(x)`: the moment so many seconds after 1970, with or without a fraction.
pub fn from_epoch(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let value = first(arguments);
    let Tree::Number(text) = value else { return Err(Unfit::kind("a number of seconds", value)) };
    let seconds = text.parse::<i64>().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let moment = seconds.or_else(|| fraction(text)).ok_or_else(|| Unfit::text("a number of seconds", text))?;
    Ok(Tree::Text(moment.to_string()))
}

/// A moment in any form that services send, as RFC 3339 writes it. A blank text is null.
pub fn to_date_time(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    present(first(arguments), |value| moment_of(value).map(|moment| Tree::Text(moment.to_string())))
}

fn first<'a>(arguments: Arguments<'a, '_>) -> &'a Tree {
    arguments.first().map_or(&Tree::Null, |value| value)
}

/// What becomes of a value, unless it is a blank text.
fn present(value: &Tree, change: impl FnOnce(&Tree) -> Result<Tree, Unfit>) -> Result<Tree, Unfit> {
    match value {
        Tree::Text(text) if text.trim().is_empty() => Ok(Tree::Null),
        value => change(value),
    }
}

fn fraction(text: &str) -> Option<Timestamp> {
    let seconds: f64 = text.parse().ok()?;
    Timestamp::from_duration(jiff::SignedDuration::try_from_secs_f64(seconds).ok()?).ok()
}

fn date_of(value: &Tree) -> Result<Date, Unfit> {
    moment_of(value).map(|moment| moment.to_zoned(TimeZone::UTC).date())
}

fn moment_of(value: &Tree) -> Result<Timestamp, Unfit> {
    let text = value.to_json();
    Timestamp::lenient(&mut Reader::new(&text)).map_err(|fault| Unfit(fault.message().to_owned().into()))
}

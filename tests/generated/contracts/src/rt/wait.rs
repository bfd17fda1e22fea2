//! How long a server asks to wait: the forms of `Retry-After` and of rate-limit reset headers.

use std::time::{Duration, UNIX_EPOCH};

/// Numbers from here on are moments rather than spans: seconds since 1970 (this one is 1973, and as a span three years).
const EPOCH_SECONDS: f64 = 1e8;
/// Numbers from here on are milliseconds since 1970.
const EPOCH_MILLISECONDS: f64 = 1e11;

/// The wait that a `Retry-After` header asks for: seconds, also with decimals, or an HTTP date. None if it asks for none.
#[must_use]
pub fn retry_after(value: &str, unix: Duration) -> Option<Duration> {
    let value = value.trim();
    match value.parse::<f64>() {
        Ok(seconds) => span(seconds),
        Err(_) => http_date(value)?.checked_sub(unix).filter(|wait| !wait.is_zero()),
    }
}

/// The wait until a limit resets: seconds to go, seconds or milliseconds since 1970, an ISO 8601 moment or an HTTP date.
/// None if that is past or can not be read.
#[must_use]
pub fn reset(value: &str, unix: Duration) -> Option<Duration> {
    let value = value.trim();
    let moment = match value.parse::<f64>() {
        Ok(number) if number >= EPOCH_MILLISECONDS => span(number / 1000.0)?,
        Ok(number) if number >= EPOCH_SECONDS => span(number)?,
        Ok(number) => return span(number),
        Err(_) => iso(value).or_else(|| http_date(value))?,
    };
    moment.checked_sub(unix).filter(|wait| !wait.is_zero())
}

/// A moment, as the time since 1970: seconds or milliseconds since then, an ISO 8601 moment (in UTC where it names no zone) or an
/// HTTP date.
#[must_use]
pub fn moment(value: &str) -> Option<Duration> {
    let value = value.trim();
    match value.parse::<f64>() {
        Ok(number) if number >= EPOCH_MILLISECONDS => span(number / 1000.0),
        Ok(number) => span(number),
        Err(_) => iso(value).or_else(|| iso(&format!("{value}Z"))).or_else(|| http_date(value)),
    }
}

/// The moment of an HTTP date, as the time since 1970.
#[must_use]
pub fn http_date(value: &str) -> Option<Duration> {
    httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()
}

/// A span of time; none if there is nothing of it.
#[must_use]
pub fn span(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok().filter(|wait| !wait.is_zero())
}

/// `2026-11-21T05:55Z`, with or without seconds and their fraction, with `Z` or an offset. Written out here, so that a crate
/// without dates needs no library of dates.
#[must_use]
pub fn iso(text: &str) -> Option<Duration> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-').map(digits);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);

    let zone = time.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = time.split_at(zone);
    let offset_minutes = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => 0,
        (sign, offset) => {
            let (hours, minutes) = offset.split_once(':').or_else(|| offset.split_at_checked(2))?;
            let minutes = digits(hours)? * 60 + digits(minutes)?;
            if sign == "-" { -minutes } else { minutes }
        }
    };
    let mut time = time.splitn(3, ':');
    let (hour, minute) = (digits(time.next()?)?, digits(time.next()?)?);
    let seconds: f64 = time.next().map_or(Some(0.0), |seconds| seconds.parse().ok())?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 24 || minute > 59 {
        return None;
    }
    let minutes = days_since_1970(year, month, day) * 24 * 60 + hour * 60 + minute - offset_minutes;
    Duration::from_secs(u64::try_from(minutes).ok()? * 60).checked_add(Duration::try_from_secs_f64(seconds).ok()?)
}

/// A number of at most four digits, and nothing but digits.
fn digits(text: &str) -> Option<i64> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. Years are counted from March, so that the leap day is the last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let days_before_month = (153 * ((month + 9) % 12) + 2) / 5;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + days_before_month + day - 719_469
}

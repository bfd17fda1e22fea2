//! Values in the units that Arrow counts them in.
#![cfg(feature = "arrow")]

use crate::rt::codec::Decode;
use crate::rt::fault::Fault;
use crate::rt::reader::Reader;
use crate::rt::time::{Date, Time};
use crate::rt::value::Decimal;

/// How many digits a decimal has, and how many of them behind the point.
pub const DECIMAL: (u8, i8) = (38, 9);

/// Days since 1970.
pub(crate) fn days(date: Date) -> i32 {
    const EPOCH: Date = jiff::civil::date(1970, 1, 1);
    EPOCH.until(date).map_or(0, |span| span.get_days())
}

/// Microseconds since midnight.
pub(crate) fn microseconds(time: Time) -> i64 {
    let seconds = (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60 + i64::from(time.second());
    seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1000
}

pub(crate) fn decimal(r: &mut Reader<'_>) -> Result<i128, Fault> {
    let start = r.offset();
    let number = Decimal::decode(r)?;
    scaled(number.as_str()).ok_or_else(|| {
        let expected = format!("a decimal number of {} digits, {} of them behind the point", DECIMAL.0, DECIMAL.1);
        Fault::unfit(start, &expected, number.as_str())
    })
}

/// The number of units of the last place that a JSON number has; none where it has more digits than a decimal.
fn scaled(number: &str) -> Option<i128> {
    let (number, exponent) = match number.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (number, 0),
    };
    let (is_negative, number) = number.strip_prefix('-').map_or((false, number), |number| (true, number));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits: i128 = if fraction.is_empty() { whole.parse().ok()? } else { format!("{whole}{fraction}").parse().ok()? };
    if digits == 0 {
        return Some(0);
    }
    let places = i32::from(DECIMAL.1).checked_add(exponent)?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let unit = 10_i128.checked_pow(places.unsigned_abs())?;
    let count = if places >= 0 { digits.checked_mul(unit)? } else { (digits % unit == 0).then(|| digits / unit)? };
    let most = 10_i128.checked_pow(u32::from(DECIMAL.0))?;
    (count < most).then_some(if is_negative { -count } else { count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_or_refused() {
        for (number, expected) in [
            ("0", Some(0)),
            ("-0.0", Some(0)),
            ("1", Some(1_000_000_000)),
            ("-1.5", Some(-1_500_000_000)),
            ("1.500000000000", Some(1_500_000_000)),
            ("0.000000001", Some(1)),
            ("0.0000000001", None),
            ("12e2", Some(1_200_000_000_000)),
            ("15e-10", None),
            ("10e-10", Some(1)),
            ("99999999999999999999999999999.999999999", Some(99_999_999_999_999_999_999_999_999_999_999_999_999)),
            ("100000000000000000000000000000", None),
            ("1e400", None),
            ("0e2147483647", Some(0)),
        ] {
            assert_eq!(scaled(number), expected, "{number}");
        }
    }

    #[test]
    fn days_are_counted_from_1970() {
        for (date, expected) in [("1970-01-01", 0), ("1969-12-31", -1), ("2024-02-29", 19_782), ("9999-12-31", 2_932_896)] {
            assert_eq!(days(date.parse().expect("a date")), expected, "{date}");
        }
    }
}

//! Instants, dates and times of day, in their proper and their odd forms.

use proptest::prelude::*;
use tapwright_runtime::rt::codec::{Decode, Lenient, lenient};
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::time::{Date, Time, Timestamp};

fn strict<T: Decode>(text: &str) -> Result<T, String> {
    Reader::new(text).read().map_err(|fault: Fault| fault.to_string())
}

fn odd<T: Lenient>(text: &str) -> Option<T> {
    let mut reader = Reader::new(text);
    let value = lenient(&mut reader).ok()?;
    reader.end().ok().map(|()| value)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn rfc_3339_is_read() {
    let same = at("2024-02-29T23:59:59.123Z");
    for text in [
        "2024-02-29T23:59:59.123Z",
        "2024-02-29T23:59:59.123000000Z",
        "2024-03-01T01:29:59.123+01:30",
        "2024-02-29t23:59:59.123z",
    ] {
        assert_eq!(strict(&format!("\"{text}\"")), Ok(same), "{text}");
    }
    for text in ["2024-02-29T23:59:60Z", "0000-01-01T00:00:00Z", "9999-12-30T00:00:00.9Z", "1969-12-31T23:59:59.5Z"] {
        assert_eq!(strict(&format!("\"{text}\"")), Ok(at(text)), "{text}");
    }
    let wrong = [
        "",
        "2023-02-29T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2024-01-00T00:00:00Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:00",
        "2024-01-01",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00.1234567890Z",
        "2024-01-32T00:00:00Z",
        "2024-04-31T00:00:00Z",
        "2024-02-30T00:00:00Z",
        // Years that are none of 366 days.
        "0001-02-29T00:00:00Z",
        "0100-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2021-02-29T00:00:00Z",
        "2022-02-29T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "yesterday",
    ];
    for text in wrong {
        assert!(strict::<Timestamp>(&format!("\"{text}\"")).is_err(), "{text}");
    }
    assert_eq!(strict::<Timestamp>("\"soon\""), Err("expected a date and time, found `soon` at `$` (byte 0)".to_owned()));
    assert!(strict::<Timestamp>("1700000000").is_err());
}

#[test]
fn civil_dates_and_times_are_read() {
    assert_eq!(strict("\"2024-02-29\""), Ok(Date::constant(2024, 2, 29)));
    assert_eq!(strict("\"23:59:59.5\""), Ok(Time::constant(23, 59, 59, 500_000_000)));
    assert!(strict::<Date>("\"2024-02-30\"").is_err());
    assert!(strict::<Time>("\"25:00\"").is_err());
}

#[test]
fn odd_forms_are_read_where_asked_for() {
    let cases = [
        ("\"2024-02-29T12:00:00Z\"", "2024-02-29T12:00:00Z"),
        ("\"2024-02-29T12:00:00\"", "2024-02-29T12:00:00Z"),
        ("\" 2024-02-29 12:00:00.25 \"", "2024-02-29T12:00:00.25Z"),
        ("\"2024-02-29 12:00:00+02:00\"", "2024-02-29T10:00:00Z"),
        ("\"2024-02-29\"", "2024-02-29T00:00:00Z"),
        ("1709208000", "2024-02-29T12:00:00Z"),
        ("1709208000.5", "2024-02-29T12:00:00.5Z"),
        ("-1.25", "1969-12-31T23:59:58.75Z"),
        ("-0.25", "1969-12-31T23:59:59.75Z"),
        ("0", "1970-01-01T00:00:00Z"),
        ("1709208000123", "2024-02-29T12:00:00.123Z"),
        // From here on a number is one of milliseconds.
        ("99999999999", "5138-11-16T09:46:39Z"),
        ("100000000000", "1973-03-03T09:46:40Z"),
        ("-100000000000", "1966-10-31T14:13:20Z"),
        ("\"1709208000\"", "2024-02-29T12:00:00Z"),
        (r#"{"$date":"2024-02-29T12:00:00Z"}"#, "2024-02-29T12:00:00Z"),
        (r#"{"$date":1709208000123}"#, "2024-02-29T12:00:00.123Z"),
        (r#"{"$date":{"$numberLong":"1709208000123"}}"#, "2024-02-29T12:00:00.123Z"),
    ];
    for (text, expected) in cases {
        assert_eq!(odd::<Timestamp>(text), Some(at(expected)), "{text}");
    }
    for text in [
        "\"\"",
        "null",
        "true",
        "[]",
        "{}",
        r#"{"date":1}"#,
        "\"soon\"",
        "1e9",
        "9e99",
        "99999999999999999999",
        "\"-\"",
        "\"1.x\"",
        "\"1.0a\"",
    ] {
        assert_eq!(odd::<Timestamp>(text), None, "{text}");
    }
    assert_eq!(odd::<Option<Timestamp>>("null"), Some(None));
    assert_eq!(odd::<Option<Timestamp>>("\"\""), Some(None));
    assert_eq!(odd::<Date>("\"2024-02-29\""), Some(Date::constant(2024, 2, 29)));
    assert_eq!(odd::<Date>("\"2024-02-29T23:30:00-01:00\""), Some(Date::constant(2024, 2, 29)));
    assert_eq!(odd::<Date>("1709208000"), Some(Date::constant(2024, 2, 29)));
    assert_eq!(odd::<Date>("\"x\""), None);
}

#[test]
fn every_day_agrees_with_jiff() {
    let mut day = Date::constant(0, 1, 1);
    while day < Date::constant(9999, 12, 30) {
        let text = format!("{day}T12:34:56.7Z");
        assert_eq!(strict(&format!("\"{text}\"")), Ok(at(&text)));
        day = day.saturating_add(jiff::ToSpan::days(37));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn whatever_is_read_agrees_with_jiff(text in "[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,10})?(Z|[+-][0-2][0-9]:[0-9]{2})?") {
        prop_assert_eq!(strict::<Timestamp>(&format!("\"{text}\"")).ok(), text.parse::<Timestamp>().ok());
    }
}

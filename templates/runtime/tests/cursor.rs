//! Incremental cursors: read, in order, moved, and sent in another format.

use std::cmp::Ordering;
use std::time::Duration;

use tapwright_runtime::rt::cursor::Format::{self, Date, Epoch, EpochMs, Iso, Number, Pattern, Text};
use tapwright_runtime::rt::cursor::{Cursor, compare};

const MINUTES: Format = Pattern("%Y-%m-%d %H:%M");

fn cursor(text: &str, format: Format) -> Cursor {
    Cursor::parse(text, format).unwrap_or_else(|| panic!("`{text}` is no {format:?}"))
}

#[test]
fn cursors_compare_by_what_they_are() {
    // Each row ascends; the words of one cell are equal.
    let rows: &[(Format, &[&[&str]])] = &[
        (Text, &[&["10"], &["9"], &["a"], &["b"]]),
        (
            Number,
            &[
                &["-12e1", "-120"],
                &["-9.5"],
                &["-0.01"],
                &["0", "-0", "0.00", "0e5"],
                &["0.001", "1e-3"],
                &["0.0100"],
                &["9", "009", "9.0", "0.9e1", "+9", " 9 "],
                &["10", "1e1", "1E+1"],
                &["10.5"],
                &["90020250101000000000000000000000000000001223372036854775"],
                &["90020250101000000000000000000000000000001223372036854776"],
                &["1e100"],
            ],
        ),
        (
            Iso,
            &[
                &["1969-12-31T23:59:59Z", "-1"],
                &["1970-01-01", "1970-01-01T00:00:00Z", "1970-01-01 01:00+01:00", "1970-01-01 01:00+01", "0"],
                // Seconds or milliseconds, by the number of their digits.
                &["1975-06-02T07:12:00Z", "170925120000"],
                &["2024-02-29T23:59:59.999Z", "1709251199999"],
                &[
                    "2024-03-01",
                    " 2024-03-01 ",
                    " 1709251200 ",
                    "2024-03-01T00:00",
                    "2024-02-29T19:00:00-0500",
                    "2024-03-01t05:30:00+05:30",
                    "1709251200",
                ],
                &["2024-03-01T00:00:00.000000001Z"],
                &["2024-03-01T00:00:00.1Z", "2024-03-01T00:00:00.100000Z"],
                &["2024-12-31T23:00:00-02:00", "2025-01-01T01:00:00"],
                &["2511-08-23T00:00:00Z", "17092512000"],
            ],
        ),
        (
            Epoch,
            &[
                &["-1.5"],
                &["-1"],
                &["0"],
                &["1355517523", "1355517523.0", " 1355517523.000000000000000000 "],
                &["1355517523.000005"],
                &["1355517524"],
            ],
        ),
        (EpochMs, &[&["0"], &["999"], &["1000"], &["1355517523000"]]),
        (Date, &[&["2023-12-31"], &["2024-01-01", "2024-01-01T00:00:00Z"]]),
        (MINUTES, &[&["2024-01-01 00:00"], &["2024-01-01 00:01"], &["2024-02-29 23:59"]]),
        (
            Pattern("%d/%m/%Y %H:%M:%S.%f%z"),
            &[&["31/12/2023 23:00:00.5-0200", "01/01/2024 01:00:00.500Z"], &["01/01/2024 02:00:00.0+00:00"]],
        ),
    ];
    for (format, row) in rows {
        for (i, cell) in row.iter().enumerate() {
            for (j, other) in row.iter().enumerate() {
                for (a, b) in cell.iter().flat_map(|a| other.iter().map(move |b| (a, b))) {
                    assert_eq!(cursor(a, *format).cmp(&cursor(b, *format)), i.cmp(&j), "{format:?} {a} {b}");
                }
            }
        }
    }
    assert_eq!(cursor("1704067200", Epoch).cmp(&cursor("2024-01-01", Date)), Ordering::Equal, "moments are moments");
}

#[test]
fn texts_compare_by_what_they_are_in_a_format() {
    assert_eq!(compare(Number, "10", "9.0"), Ordering::Greater);
    assert_eq!(compare(Iso, "2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00"), Ordering::Equal);
    for (format, a, b) in [(Number, "x1", "2"), (Iso, "yesterday", "2024-01-01"), (Number, "", "1"), (Text, "10", "9")] {
        assert_eq!(compare(format, a, b), a.cmp(b), "{format:?} {a} {b}");
    }
}

#[test]
fn what_is_of_another_format_is_none() {
    for (format, text) in [
        (Number, "x1"),
        (Number, ""),
        (Iso, "yesterday"),
        (Iso, "2024-01-01Tnoon"),
        (Iso, "2024-13-01"),
        (Iso, "2024-01-01T25:00Z"),
        (Iso, "2024-01-01T00:60Z"),
        (Iso, "2024-01-01T00:00:61Z"),
        (Iso, "2024-01-01T00:00:00:00Z"),
        (Iso, "2024-01-32"),
        (Iso, "2024-01-01-01"),
        (Iso, "2024-01-+1"),
        (Iso, "2024-01-0000000001"),
        (Iso, "1000000-01-01"),
        (Epoch, "1.0000000000000000001"),
        (Date, "01.02.2024"),
        (Epoch, "2024-01-01"),
        (Epoch, "1.x"),
        (EpochMs, ""),
        (MINUTES, "2024-01-01T00:00"),
        (MINUTES, "2024-01-01 00:00:00"),
        (MINUTES, "2024-01-01 00"),
        (Pattern("%Y%q"), "2024x"),
    ] {
        assert!(Cursor::parse(text, format).is_none(), "{format:?} {text}");
    }
}

#[test]
fn a_cursor_is_sent_as_it_came_or_in_another_format() {
    // As a start, as an end, and as a start that the service leaves out.
    let cases: &[(&str, Format, Format, [&str; 3])] = &[
        ("2024-01-01T02:00:00.5+02:00", Iso, Iso, ["2024-01-01T02:00:00.5+02:00"; 3]),
        ("1355517523.000005", Epoch, Epoch, ["1355517523.000005"; 3]),
        ("56", Text, Text, ["56"; 3]),
        ("1e3", Number, Number, ["1e3"; 3]),
        ("2024-01-01T02:00:00.5+02:00", Iso, Epoch, ["1704067200", "1704067201", "1704067200"]),
        ("2024-01-01T02:00:00.5+02:00", Iso, EpochMs, ["1704067200500"; 3]),
        ("2024-01-01T10:05:30Z", Iso, MINUTES, ["2024-01-01 10:05", "2024-01-01 10:06", "2024-01-01 10:04"]),
        ("2024-01-01T10:05:00Z", Iso, MINUTES, ["2024-01-01 10:05", "2024-01-01 10:05", "2024-01-01 10:04"]),
        ("2024-02-28T10:05:00Z", Iso, Date, ["2024-02-28", "2024-02-29", "2024-02-27"]),
        ("2024-02-28T10:05:00Z", Date, Date, ["2024-02-28", "2024-02-29", "2024-02-27"]),
        ("1704067200", Epoch, Iso, ["2024-01-01T00:00:00Z"; 3]),
        ("999999-12-31", Date, Epoch, ["31494784694400"; 3]),
        ("1704067200500", EpochMs, Iso, ["2024-01-01T00:00:00.500Z"; 3]),
        ("1704067200.000005", Epoch, Iso, ["2024-01-01T00:00:00.000005Z"; 3]),
        ("1704067200.000000005", Epoch, Iso, ["2024-01-01T00:00:00.000000005Z"; 3]),
        ("1704067200500", EpochMs, Pattern("%Y%m%dT%H%M%S.%L%z %s %%"), ["20240101T000000.500+0000 1704067200 %"; 3]),
        ("-1", Epoch, MINUTES, ["1969-12-31 23:59", "1970-01-01 00:00", "1969-12-31 23:58"]),
    ];
    for (text, from, to, expected) in cases {
        let cursor = cursor(text, *from);
        assert_eq!([cursor.render(*to), cursor.render_end(*to), cursor.render_before(*to)], *expected, "{text} {from:?} {to:?}");
    }
}

#[test]
fn a_cursor_can_be_moved() {
    const DAY: i64 = 86_400_000;
    for (text, format, by, expected) in [
        ("2024-03-01T00:00:00+01:00", Iso, -DAY, Some("2024-02-28T23:00:00Z")),
        ("2024-01-01T00:00:00Z", Iso, 1, Some("2024-01-01T00:00:00.001Z")),
        ("2024-03-01", Date, -DAY, Some("2024-02-29")),
        ("2000-03-01", Date, -366 * DAY, Some("1999-03-01")),
        ("1704067200", Epoch, -1_000, Some("1704067199")),
        ("1704067200", Epoch, -1, Some("1704067199")),
        ("100", Number, -30, Some("70")),
        ("10", Number, -30, Some("-20")),
        ("-0.5", Number, -1, Some("-2")),
        ("12.9", Number, -5, Some("7")),
        ("9223372036854775807000", Number, 1, Some("9223372036854775807001")),
        ("10", Number, -10, Some("0")),
        ("-12", Number, -1, Some("-13")),
        ("0.001", Number, 1, Some("1")),
        ("1e37", Number, 1, Some("10000000000000000000000000000000000001")),
        ("1e38", Number, 1, None),
        ("a", Text, -1, None),
        ("a", Text, 0, Some("a")),
        ("1e100", Number, 1, None),
    ] {
        assert_eq!(cursor(text, format).shift(by).map(|moved| moved.text(format)).as_deref(), expected, "{text} {by}");
    }
}

#[test]
fn moments_in_words() {
    let now = Duration::from_secs(1_704_067_200);
    for (text, expected) in [
        ("now", Some("2024-01-01T00:00:00Z")),
        ("now-30d", Some("2023-12-02T00:00:00Z")),
        (" now - 2 w ", Some("2023-12-18T00:00:00Z")),
        ("now+90m", Some("2024-01-01T01:30:00Z")),
        ("now-1h", Some("2023-12-31T23:00:00Z")),
        ("now-1s", Some("2023-12-31T23:59:59Z")),
        ("now-", None),
        ("now-30", None),
        ("now 1d", None),
        ("now-99999999999999999999d", None),
        ("now-9223372036854775807w", None),
        ("2024", None),
    ] {
        assert_eq!(Cursor::relative(text, now).map(|at| at.render(Iso)).as_deref(), expected, "{text}");
    }
}

/// Every day of 800 years, there and back.
#[test]
fn the_calendar_is_its_own_inverse() {
    for day in (-146_097..146_097).step_by(13) {
        let text = (day * 86_400_i64).to_string();
        let date = cursor(&text, Epoch).render(Date);
        assert_eq!(cursor(&date, Date).render(Epoch), text, "{date}");
    }
    // The last day of a year of each kind, and the last of four hundred years.
    for (date, day) in [("1900-02-28", -25_509), ("1900-03-01", -25_508), ("2000-02-29", 11_016), ("2000-03-01", 11_017)] {
        let text = (day * 86_400_i64).to_string();
        assert_eq!(cursor(&text, Epoch).render(Date), date);
        assert_eq!(cursor(date, Date).render(Epoch), text);
    }
    assert_eq!(cursor("253402300799999", EpochMs).render(Iso), "9999-12-31T23:59:59.999Z");
}

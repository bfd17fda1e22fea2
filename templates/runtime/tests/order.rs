//! Incremental cursors in order.

use std::cmp::Ordering;

use tapwright_runtime::rt::descriptor::CursorOrder::{self, Number, Text, Timestamp};
use tapwright_runtime::rt::order::compare;

#[test]
fn cursors_compare_by_what_they_are() {
    // Each row ascends; the words of one cell are equal.
    let rows: &[(CursorOrder, &[&[&str]])] = &[
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
                &["9", "009", "9.0", "0.9e1", "+9"],
                &["10", "1e1", "1E+1"],
                &["10.5"],
                &["90020250101000000000000000000000000000001223372036854775"],
                &["90020250101000000000000000000000000000001223372036854776"],
                &["1e100"],
            ],
        ),
        (
            Timestamp,
            &[
                &["1969-12-31T23:59:59Z"],
                &["1970-01-01", "1970-01-01T00:00:00Z", "1970-01-01 01:00+01:00"],
                &["2024-02-29T23:59:59.999Z"],
                &["2024-03-01", "2024-03-01T00:00", "2024-02-29T19:00:00-0500", "2024-03-01t05:30:00+05:30"],
                &["2024-03-01T00:00:00.000000001Z"],
                &["2024-03-01T00:00:00.1Z", "2024-03-01T00:00:00.100000Z"],
                &["2024-12-31T23:00:00-02:00", "2025-01-01T01:00:00"],
            ],
        ),
    ];
    for (order, row) in rows {
        for (i, cell) in row.iter().enumerate() {
            for (j, other) in row.iter().enumerate() {
                for (a, b) in cell.iter().flat_map(|a| other.iter().map(move |b| (a, b))) {
                    assert_eq!(compare(*order, a, b), i.cmp(&j), "{order:?} {a} {b}");
                }
            }
        }
    }
}

#[test]
fn what_is_of_no_known_form_compares_as_text() {
    for (order, a, b) in [
        (Number, "x1", "2"),
        (Timestamp, "yesterday", "2024-01-01"),
        (Timestamp, "2024-01-01Tnoon", "2024-01-01T00:00Z"),
        (Number, "", "1"),
    ] {
        assert_eq!(compare(order, a, b), a.cmp(b), "{order:?} {a} {b}");
        assert_ne!(compare(order, a, b), Ordering::Equal);
    }
}

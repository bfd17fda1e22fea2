//! Heads of responses: links, and how long to wait.

use std::time::Duration;

use tapwright_runtime::rt::link_header::target;
use tapwright_runtime::rt::link_param::LinkParam;
use tapwright_runtime::rt::paging::Take as _;
use tapwright_runtime::rt::wait;

use crate::random::Random;
use crate::run::{Target, WORKER};

const LINK: &[&str] = &[
    "<",
    ">",
    ";",
    ",",
    "rel",
    "=",
    "\"",
    "next",
    "prev",
    "rel=\"next\"",
    "; rel=next",
    "\\",
    " ",
    "\t",
    "REL",
    "rel*=",
    "title=\"",
    "https://api.example.com/users?page=2&cursor=a%2Cb+c",
    "/users?after=%e2%82",
    "?cursor=",
    "#",
    "%",
    "%+1",
    "ü",
    "<>",
    "<<",
    ">>",
];

fn make_link(random: &mut Random) -> Vec<u8> {
    let mut text = random.sentence(LINK, 16);
    if random.once_in(3) {
        random.change(&mut text, LINK, b"<https://a.example/?page=2>; rel=\"prev next\"; title=\"a,b\", </3>; rel=last");
    }
    text
}

fn check_link(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for rel in ["next", "", "\""] {
        if let Some(found) = target([&*text].into_iter(), rel) {
            assert!(text.contains(found) && !found.contains('>'), "{found:?} is no target of {text:?}");
            // Lines of their own are the same as one line.
            assert_eq!(target(["", &*text, "<x>; rel=next"].into_iter(), rel), Some(found));
        }
    }
    if let Some(cursor) = LinkParam("cursor").cursor(&text) {
        assert!(!cursor.is_empty() && cursor.len() <= 3 * text.len(), "{cursor:?} of {text:?}");
    }
}

#[test]
fn link_header() {
    Target { name: "link_header", cases: 10_000, memory: (16 << 10, 16), stack: WORKER, make: make_link, check: check_link }
        .run();
}

const WAIT: &[&str] = &[
    "0",
    "1",
    "5",
    "59",
    "60",
    "61",
    "120",
    "1.5",
    ".5",
    "-",
    "+",
    "e",
    "e9",
    "e308",
    "inf",
    "NaN",
    "infinity",
    "1763700000",
    "1763700000000",
    "99999999999999999999",
    "2026-11-21",
    "2026-02-30",
    "9999-12-31",
    "0000-00-00",
    "T",
    "t",
    " ",
    "Z",
    "z",
    ":",
    "23:59:60",
    "24:00:00",
    "12:30",
    "00:00:00.000000000000001",
    "+02:00",
    "-0730",
    "+99:99",
    "Sat, 21 Nov 2026 21:26:50 GMT",
    "Saturday, 21-Nov-26 21:26:50 GMT",
    "Sat Nov 21 21:26:50 2026",
    "GMT",
    ",",
    "ü",
    "\u{660}",
    "\0",
];

fn make_wait(random: &mut Random) -> Vec<u8> {
    let mut text = random.sentence(WAIT, 5);
    if random.once_in(2) {
        random.change(&mut text, WAIT, b"2026-11-21T21:26:50.123456+01:00 Sat, 21 Nov 2026 21:26:50 GMT");
    }
    text
}

fn check_wait(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let now = Duration::from_millis(1_763_700_000_500);
    for wait in [wait::retry_after(&text, now), wait::reset(&text, now)] {
        assert_ne!(wait, Some(Duration::ZERO), "{text:?}: no wait is none");
    }
    // At the end of all time, and at its start.
    let _ = (wait::retry_after(&text, Duration::MAX), wait::reset(&text, Duration::MAX), wait::reset(&text, Duration::ZERO));
    let _ = (wait::moment(&text), wait::http_date(&text));
    if let (Some(ours), Ok(theirs)) = (wait::iso(&text), text.parse::<jiff::Timestamp>()) {
        let theirs = Duration::try_from(theirs.duration_since(jiff::Timestamp::UNIX_EPOCH)).expect("ours is after 1970");
        // A leap second is the one after to us, and the one before to them. Fractions go through a float.
        assert!(ours.abs_diff(theirs) <= Duration::from_secs(1), "{text:?}: {ours:?}, and not {theirs:?}");
        assert!(
            text.contains(":60") || ours.abs_diff(theirs) < Duration::from_micros(1),
            "{text:?}: {ours:?}, and not {theirs:?}"
        );
    }
}

#[test]
fn waits() {
    Target { name: "waits", cases: 10_000, memory: (16 << 10, 16), stack: WORKER, make: make_wait, check: check_wait }.run();
}

//! What programs store and hand back: checkpoints, states, and the cursors in them.

use std::cmp::Ordering;
use std::sync::LazyLock;

use tapwright_runtime::rt::checkpoint::Checkpoint;
use tapwright_runtime::rt::cursor::{Cursor, Format, compare};
use tapwright_runtime::rt::state::State;

use crate::random::Random;
use crate::run::{Target, WORKER};

const CHECKPOINTS: &[&str] = &[
    r#"{"version":2,"operation":"users","fingerprint":"1f","arguments":"00000000000000ff","places":[]}"#,
    r#"{"version":2,"operation":"users","fingerprint":"1f/2a","arguments":"0","places":[{"given":0,"seen":0},{"bindings":{"id":17,"name":"a b"},"cursor":"x\"y","given":3,"part":2,"seen":400}],"mark":"2026-11-21T00:00:00Z"}"#,
    r#"{"version":2,"operation":"orders","fingerprint":"a","arguments":"1","places":[{"page":4,"given":1,"seen":300}],"progress":{"state":[{"of":{},"mark":"9","border":["0f"],"met":true}]}}"#,
    r#"{"version":2,"operation":"a","fingerprint":"a","arguments":"1","places":[{"url":"https://a.example/?b","given":18446744073709551615,"seen":1},{"offset":0,"given":0,"seen":0},{"sequence":"de","given":1,"seen":0}]}"#,
];
const STATES: &[&str] = &[
    r#"{"version":1,"operation":"users","fingerprint":"00000000000000aa","arguments":"0","partitions":[]}"#,
    r#"{"version":1,"operation":"users","fingerprint":"aa","arguments":"0","partitions":[{"of":{},"mark":"2026-11-21","border":["00000000000000aa","1"]},{"of":{"id":1},"mark":""}]}"#,
];
const WORDS: &[&str] = &[
    "\"version\":2",
    "\"version\":1",
    "\"places\":[",
    "\"bindings\":{",
    "\"cursor\":\"a\"",
    "\"given\":",
    "\"of\":",
    "\"mark\":",
    "null",
    "[]",
    "{}",
    "\\u0000",
    "\\ud83d",
    "\n",
    "\r\n",
    "\"",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\"progress\":1",
    "\"a\":",
    "-1",
    "+f",
];

fn make_saved(random: &mut Random) -> Vec<u8> {
    static TREES: LazyLock<Vec<serde_json::Value>> =
        LazyLock::new(|| CHECKPOINTS.iter().chain(STATES).map(|text| serde_json::from_str(text).expect("JSON")).collect());
    let mut text = if random.once_in(2) {
        let mut tree = random.pick(&TREES).clone();
        random.change_tree(&mut tree, &TREES);
        tree.to_string().into_bytes()
    } else {
        let texts = if random.once_in(2) { CHECKPOINTS } else { STATES };
        random.pick(texts).as_bytes().to_vec()
    };
    if random.once_in(2) {
        let other = random.pick(CHECKPOINTS).as_bytes();
        random.change(&mut text, WORDS, other);
    }
    text
}

/// Any text is refused or read, and what was read is written as something that is read as the same.
fn check_saved(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Ok(checkpoint) = text.parse::<Checkpoint>() {
        let written = checkpoint.to_string();
        let again: Checkpoint = written.parse().unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(again.to_string(), written);
        assert_eq!((again.places().len(), again.mark()), (checkpoint.places().len(), checkpoint.mark()));
        assert!(!written.contains('\n'), "{written:?} is more than a line");
    }
    if let Ok(state) = text.parse::<State>() {
        let written = state.to_string();
        let again: State = written.parse().unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(again, state, "{written}");
    }
}

#[test]
fn checkpoint() {
    Target { name: "checkpoint", cases: 6_000, memory: (64 << 10, 64), stack: WORKER, make: make_saved, check: check_saved }
        .run();
}

const FORMATS: &[Format] = &[
    Format::Iso,
    Format::Date,
    Format::Epoch,
    Format::EpochMs,
    Format::Number,
    Format::Text,
    Format::Pattern("%Y-%m-%d %H:%M"),
    Format::Pattern("%d/%m/%y %I:%M:%S %p %z"),
];

const CURSORS: &[&str] = &[
    "2026-11-21",
    "T",
    "21:26:50",
    ".5",
    ".123456789",
    "Z",
    "+02:00",
    "-00:30",
    " ",
    "1763700000",
    "1763700000123",
    "0",
    "-1",
    "-",
    "+",
    ".",
    "1e3",
    "E-9",
    "e2147483647",
    "e-2147483648",
    "9223372036854775807",
    "99999999999999999999999999999999999999",
    "00",
    "9999-12-31",
    "-0001-01-01",
    "21/11/26 09:26:50 PM +0200",
    "23:59:60",
    "now",
    "now-30d",
    "now + 9223372036854775807w",
    "d",
    "ü",
    "\n",
    "\0",
    "+00:00",
];

fn make_cursor(random: &mut Random) -> Vec<u8> {
    let mut text = random.sentence(CURSORS, 4);
    text.push(b'\n');
    text.extend(random.sentence(CURSORS, 4));
    if random.once_in(2) {
        random.change(&mut text, CURSORS, b"2026-11-21T21:26:50.5+01:00");
    }
    text
}

fn check_cursor(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (a, b) = text.split_once('\n').unwrap_or((&text, ""));
    let _ = Cursor::relative(a, std::time::Duration::from_secs(1_763_700_000));
    for from in FORMATS {
        assert_eq!(compare(*from, a, b), compare(*from, b, a).reverse(), "{from:?}: {a:?} and {b:?}");
        assert_eq!(compare(*from, a, a), Ordering::Equal, "{from:?}: {a:?}");
        let Some(cursor) = Cursor::parse(a, *from) else { continue };
        assert_eq!(cursor.text(*from), a, "what a service gave is what it gets back");
        for by in [0, 1, -1, i64::MAX, i64::MIN] {
            if let Some(moved) = cursor.shift(by) {
                assert_eq!(moved.cmp(&cursor), by.cmp(&0), "{from:?}: {a:?} moved by {by}");
                written(&moved);
            }
        }
        written(&cursor);
    }
}

/// A start is never later than the cursor, and an end never earlier: in any format that says enough.
fn written(cursor: &Cursor) {
    for format in FORMATS {
        let (start, end) = (cursor.render(*format), cursor.render_end(*format));
        let _ = cursor.render_before(*format);
        let Some(moment) = cursor.moment() else { continue };
        let year = jiff::Timestamp::from_nanosecond(moment.0).map_or(0, |at| at.strftime("%Y").to_string().parse().unwrap_or(0));
        if !(1970..2069).contains(&year) {
            continue;
        }
        let read = |text: &str| Cursor::parse(text, *format).and_then(|cursor| cursor.moment());
        assert!(read(&start).is_none_or(|start| start <= moment), "{format:?}: {start} is after {moment:?}");
        assert!(read(&end).is_none_or(|end| end >= moment), "{format:?}: {end} is before {moment:?}");
    }
}

#[test]
fn cursor() {
    Target { name: "cursor", cases: 4_000, memory: (64 << 10, 64), stack: WORKER, make: make_cursor, check: check_cursor }.run();
}

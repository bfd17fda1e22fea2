//! Files of rows, in pieces cut anywhere: the same rows and the same error as in one piece, in no more memory than their limits say.

use std::io::Write as _;

use tapwright_runtime::rt::content::unpacker;
use tapwright_runtime::rt::csv::{Cell, Csv};
use tapwright_runtime::rt::descriptor::Segment;
use tapwright_runtime::rt::elements::Elements;
use tapwright_runtime::rt::ndjson::NDJSON;
use tapwright_runtime::rt::rows::Format;
use tapwright_runtime::rt::stream::{Next, StreamDecoder, StreamLimits};

use crate::random::{Random, digest};
use crate::run::{Target, WORKER};

/// The largest row, and the largest body.
const LIMITS: StreamLimits = StreamLimits { record_bytes: 4 << 10, total_bytes: Some(64 << 10) };

/// The digests of a body's rows, and the error at its end.
type Read = (Vec<u64>, Option<String>);

/// Reads the rows of a body that is handed over in pieces. What they say themselves would be most of the memory.
fn rows(format: &'static dyn Format, packed: &str, body: &[u8], mut cut: impl FnMut(usize) -> usize) -> Read {
    let unpackers = unpacker(packed).expect("an encoding").into_iter().collect();
    let mut decoder = StreamDecoder::new(format, unpackers, LIMITS);
    let (mut rest, mut rows) = (body, Vec::new());
    loop {
        match decoder.next_row() {
            Ok(Next::Row(row)) => rows.push(digest(format!("{}@{}: {:?}", row.line, row.offset, row.text).as_bytes())),
            Ok(Next::More) if rest.is_empty() => decoder.finish(),
            Ok(Next::More) => {
                let (piece, after) = rest.split_at(cut(rest.len()).clamp(1, rest.len()));
                decoder.push(piece);
                rest = after;
            }
            Ok(Next::End) => return (rows, None),
            Err(error) => return (rows, Some(error.message().to_owned())),
        }
    }
}

fn same_in_pieces(format: &'static dyn Format, body: &[u8]) {
    let whole = rows(format, "", body, |left| left);
    let mut random = Random::of(body);
    let most = 1 + random.below(40);
    let is_too_large = |(_, error): &Read| error.as_ref().is_some_and(|error| error.contains("larger than"));
    let gzip = gzip(body);
    for other in [
        rows(format, "", body, |_| 1),
        rows(format, "", body, |_| 1 + random.below(most)),
        rows(format, "gzip", &gzip, |_| 1 + random.below(most)),
        rows(format, "gzip", &gzip, |left| left),
    ] {
        // How much of a body that is too large was looked at before that was told depends on the pieces.
        if is_too_large(&whole) || is_too_large(&other) {
            let shorter = whole.0.len().min(other.0.len());
            assert_eq!(whole.0[..shorter], other.0[..shorter]);
        } else {
            assert_eq!(other, whole);
        }
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn made(random: &mut Random, words: &[&str], file: &[u8]) -> Vec<u8> {
    let mut body = if random.once_in(2) { random.sentence(words, 30) } else { file.to_vec() };
    if random.once_in(2) {
        random.change(&mut body, words, file);
    }
    if random.once_in(12) {
        // Around and above the limits.
        let times = 1 + random.below(90_000 / body.len().max(1));
        body = body.repeat(times.min(2_000));
    }
    body
}

const LINES: &[&str] = &[
    "{\"id\":1,\"name\":\"a\"}",
    "\n",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "{",
    "}",
    "\"",
    "\u{feff}",
    "ü",
    "null",
    "\\",
    "\0",
    "\u{2028}",
    "[]",
    "<html>",
];

fn make_ndjson(random: &mut Random) -> Vec<u8> {
    made(random, LINES, "{\"id\":1,\"name\":\"ü\"}\n{\"id\":2}\r\n\n  {\"id\":3,\"tags\":[1,2]}".as_bytes())
}

#[test]
fn ndjson() {
    let check = |body: &[u8]| same_in_pieces(&NDJSON, body);
    Target { name: "ndjson", cases: 300, memory: MEMORY, stack: WORKER, make: make_ndjson, check }.run();
}

const CELLS: &[&str] = &[
    "id",
    "name",
    ",",
    ",",
    "\n",
    "\r\n",
    "\r",
    "\"",
    "\"\"",
    "a b",
    "1",
    "-1.5e3",
    "ü",
    ";",
    "true",
    "FALSE",
    "[1]",
    "{\"a\":1}",
    "\u{feff}",
    "\0",
    "\\",
    " ",
    "<",
];

static CSV: Csv = Csv::HEADED.fields(&[
    ("id", Cell::Number),
    ("name", Cell::RequiredText),
    ("active", Cell::Boolean),
    ("price", Cell::Number),
    ("tags", Cell::Json),
]);
static SEMICOLONS: Csv = Csv::HEADED.separator(b';').quote(b'\'').columns(&["id", "name"]);

fn make_csv(random: &mut Random) -> Vec<u8> {
    made(random, CELLS, "id,name,active,price,tags\r\n1,\"a, \"\"b\"\"\nc\",true,1.50,\"[1,2]\"\r\n2,ü,,,\n".as_bytes())
}

fn check_csv(body: &[u8]) {
    same_in_pieces(&CSV, body);
    same_in_pieces(&SEMICOLONS, body);
}

#[test]
fn csv() {
    Target { name: "csv", cases: 80, memory: MEMORY, stack: WORKER, make: make_csv, check: check_csv }.run();
}

const DOCUMENT: &[&str] = &[
    "{\"data\":",
    "{\"rows\":",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\\",
    "\\\"",
    "\"a\"",
    "12",
    "-1.5e3",
    " ",
    "\n",
    "null",
    "true",
    "\"data\"",
    "\"rows\"",
    "{\"data\":{\"rows\":[{\"id\":1}",
    "\u{feff}",
    "\\u0064ata",
    "ü",
];

static ROOT: Elements = Elements(&[]);
static DATA: Elements = Elements(&[Segment::Key("data"), Segment::Key("rows")]);

fn make_elements(random: &mut Random) -> Vec<u8> {
    made(
        random,
        DOCUMENT,
        br#"{"x":[{"rows":[0]}],"data":{"n":-1.5 ,"rows" : [{"id":1,"a":"]}"}, 2,"x",[1,[2]], null],"z":{}},"t":true}"#,
    )
}

fn check_elements(body: &[u8]) {
    same_in_pieces(&ROOT, body);
    same_in_pieces(&DATA, body);
    // A document that is read to its end is one, as far as brackets go; and `serde_json` finds the same elements in what it takes.
    let (found, error) = rows(&DATA, "", body, |left| left);
    let Ok(text) = str::from_utf8(body) else { return };
    let Ok(document) = serde_json::from_str::<serde_json::Value>(text.trim_start_matches('\u{feff}')) else { return };
    // Of a repeated key the last value counts for them.
    let is_plain = text.matches("\"data\"").count() == 1 && text.matches("\"rows\"").count() == 1 && !text.contains("\\u");
    if let Some(theirs) = document.pointer("/data/rows").and_then(|rows| rows.as_array())
        && is_plain
        && body.len() < 4 << 10
    {
        assert_eq!((found.len(), error), (theirs.len(), None), "{text}");
    }
}

#[test]
fn elements() {
    Target { name: "elements", cases: 500, memory: MEMORY, stack: WORKER, make: make_elements, check: check_elements }.run();
}

/// What a stream holds: a block or two of what is unpacked, a row, the state of an unpacker; and all rows in a test.
const MEMORY: (usize, usize) = (1 << 20, 64);

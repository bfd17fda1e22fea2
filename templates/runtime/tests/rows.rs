//! Bodies that are no JSON documents: rows, whole and in pieces.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tapwright_runtime::rt::codec::{Fields, Key, Record};
use tapwright_runtime::rt::content::unpacker;
use tapwright_runtime::rt::csv::{Cell, Csv};
use tapwright_runtime::rt::descriptor::{Contract, Paging, Resource, Segment, Slot};
use tapwright_runtime::rt::elements::Elements;
use tapwright_runtime::rt::error::{ErrorKind, Result as RtResult};
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::layout::Layout;
use tapwright_runtime::rt::message::{Headers, Response};
use tapwright_runtime::rt::ndjson::NDJSON;
use tapwright_runtime::rt::page::{Decoder, NoPage, PageRead, Reading, Sink, read};
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::rows::Format;
use tapwright_runtime::rt::stream::{Next, StreamDecoder, StreamLimits};

/// A record of each kind of column.
#[derive(Clone, Debug, Default, PartialEq)]
struct Item {
    id: i64,
    name: String,
    note: Option<String>,
    active: Option<bool>,
    price: Option<f64>,
    tags: Option<Vec<String>>,
    group: Option<String>,
}

impl Record for Item {
    const KEYS: &'static [Key] = &[
        Key::required("id"),
        Key::required("name"),
        Key::optional("note"),
        Key::optional("active"),
        Key::optional("price"),
        Key::optional("tags"),
        Key::optional("_groups_id"),
    ];
}

impl Fields for Item {
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.fill(&mut self.id),
            1 => r.fill(&mut self.name),
            2 => r.fill(&mut self.note),
            3 => r.fill(&mut self.active),
            4 => r.fill(&mut self.price),
            5 => r.fill(&mut self.tags),
            6 => r.fill(&mut self.group),
            _ => r.skip_unknown(),
        }
    }
}

#[derive(Default)]
struct Items(Vec<Item>);

impl Sink for Items {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        self.0.push(r.read()?);
        Ok(())
    }

    fn restart(&mut self) {
        self.0.clear();
    }
}

const FIELDS: &[(&str, Cell)] = &[
    ("id", Cell::Number),
    ("name", Cell::RequiredText),
    ("note", Cell::Text),
    ("active", Cell::Boolean),
    ("price", Cell::Number),
    ("tags", Cell::Json),
];

static CSV: Csv = Csv::HEADED.fields(FIELDS);
static SEMICOLONS: Csv = Csv::HEADED.separator(b';').quote(b'\'').fields(FIELDS);
static BARE: Csv = Csv::HEADED.columns(&["id", "name", "note"]).fields(FIELDS);

fn layout(decoder: &'static dyn Decoder, contract: Contract, paging: &Paging) -> Layout {
    Layout::of(&Resource { decoder: Some(decoder), contract, paging: *paging, ..Resource::LIST })
}

fn read_with(layout: &Layout, reading: Reading<'_>, body: &[u8]) -> (Vec<Item>, Result<PageRead, NoPage>) {
    let mut items = Items::default();
    let page = read(&Response { status: 200, headers: Headers::default(), body: body.to_vec() }, layout, reading, &mut items);
    (items.0, page)
}

fn items(decoder: &'static dyn Decoder, body: &str) -> Vec<Item> {
    let (items, page) = read_with(&layout(decoder, Contract::Freeze, &Paging::SINGLE), Reading::default(), body.as_bytes());
    let page = page.unwrap_or_else(|NoPage(why)| panic!("{body:?}: {why}"));
    assert!(page.failure.is_none(), "{body:?}: {:?}", page.failure);
    assert_eq!((page.records, page.facts.rows), (items.len() as u64, items.len() as u64), "{body:?}");
    items
}

fn no_page(decoder: &'static dyn Decoder, contract: Contract, body: &[u8]) -> String {
    let (_, page) = read_with(&layout(decoder, contract, &Paging::SINGLE), Reading::default(), body);
    page.map_or_else(|NoPage(why)| why, |page| panic!("{:?}: {page:?}", String::from_utf8_lossy(body)))
}

fn item(id: i64, name: &str) -> Item {
    Item { id, name: name.to_owned(), ..Item::default() }
}

#[test]
fn ndjson_is_a_record_a_line() {
    let two = vec![item(1, "a"), item(2, "b")];
    for (what, body) in [
        ("plain", "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}\n"),
        ("no line end at the end", "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}"),
        ("CR LF", "{\"id\":1,\"name\":\"a\"}\r\n{\"id\":2,\"name\":\"b\"}\r\n"),
        ("blank lines", "\n\r\n{\"id\":1,\"name\":\"a\"}\n  \n{\"id\":2,\"name\":\"b\"}\n\n"),
        ("a byte order mark", "\u{feff}{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}\n"),
        ("another order of keys, and one that is not known", "{\"name\":\"a\",\"id\":1}\n{\"x\":[],\"name\":\"b\",\"id\":2}\n"),
    ] {
        assert_eq!(items(&NDJSON, body), two, "{what}");
    }
    for nothing in ["", "\n", "\u{feff}\n"] {
        assert_eq!(items(&NDJSON, nothing), [], "{nothing:?}");
    }
}

#[test]
fn csv_is_a_record_a_row() {
    let full = Item {
        note: Some("x\ny".to_owned()),
        active: Some(true),
        price: Some(1.5),
        tags: Some(vec!["a".to_owned()]),
        ..item(1, "say \"a\", b")
    };
    let rest = item(2, "");
    let head = "id,name,note,active,price,tags,unknown";
    for (what, body) in [
        ("plain", format!("{head}\n1,\"say \"\"a\"\", b\",\"x\ny\",true,1.5,\"[\"\"a\"\"]\",z\n2,,,,,,\n")),
        (
            "CR LF, and no line end at the end",
            format!("{head}\r\n1,\"say \"\"a\"\", b\",\"x\ny\",TRUE, 1.5 ,\"[\"\"a\"\"]\",\r\n\"2\",\"\",\"\",,,,"),
        ),
        (
            "a byte order mark and blank lines",
            format!("\u{feff}{head}\n\n1,\"say \"\"a\"\", b\",\"x\ny\",True,1.5,\"[\"\"a\"\"]\",\n\n2,,,,,,\n"),
        ),
    ] {
        assert_eq!(items(&CSV, &body), [full.clone(), rest.clone()], "{what}");
    }
    assert_eq!(items(&CSV, "name,id\nb,7\n"), [item(7, "b")], "columns in another order, and fewer");
    assert_eq!(items(&SEMICOLONS, "id;name\n1;'a;''b'''\n"), [item(1, "a;'b'")]);
    assert_eq!(items(&BARE, "1,a,\n2,b,\"\"\n"), [item(1, "a"), item(2, "b")]);
    assert_eq!(items(&BARE, ""), []);
    assert_eq!(items(&CSV, "id,name\n"), []);
}

/// Each body says why it is none, whatever the contract is.
#[test]
fn what_is_no_such_body_is_no_page() {
    let html = b"<!DOCTYPE html><html><body>Please log in</body></html>";
    let utf16: Vec<u8> = "id,name\n1,a\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&[0xff, 0xfe][..], &utf16].concat();
    for contract in [Contract::Freeze, Contract::DiscardRow, Contract::DiscardValue] {
        for (decoder, body, expected) in [
            (&NDJSON as &'static dyn Decoder, &html[..], "it begins with `<`"),
            (&NDJSON, b"Service unavailable\n{}\n", "the body is no NDJSON: line 1"),
            (&NDJSON, b"[\n{\"id\":1}\n]\n", "line 1"),
            (&NDJSON, b"{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"na", "cut off: line 2"),
            (&NDJSON, b"{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"\xc3", "cut off: line 2"),
            (&NDJSON, &utf16, "UTF-16"),
            (&NDJSON, &marked, "UTF-16"),
            (&NDJSON, b"\x1f\x8b\x08\x00", "packed with gzip"),
            (&CSV, b"", "the body is empty"),
            (&CSV, html, "it begins with `<`"),
            (&CSV, b"{\"error\":\"x\"}\n", "no field of the record is among the columns `{\"error\":\"x\"}`"),
            (&CSV, b"id,name,id\n", "the column `id` is there twice"),
            (&CSV, b"id,name\n1,a,b\n", "line 2: expected 2 values, found 3"),
            (&CSV, b"id,name\n1,a\n2", "cut off: line 3: expected 2 values, found 1"),
            (&CSV, b"id,name\n1,a\n2,\"b", "line 3: the text ends within quotes"),
            (&CSV, b"id,name\n1,a\n2,\xc3", "cut off: line 3: the row is not UTF-8"),
            (&CSV, &utf16, "UTF-16"),
            (&CSV, &marked, "UTF-16"),
        ] {
            let why = no_page(decoder, contract, body);
            assert!(why.contains(expected), "{:?}: {why}", String::from_utf8_lossy(body));
        }
    }
}

#[test]
fn a_row_that_does_not_fit_follows_the_contract() {
    let lines =
        "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\",\"active\":7}\n{\"id\":\"x\"}\nno JSON\n{\"id\":5,\"name\":\"e\"}\n";
    let table = "id,name,active\n1,a,\n2,b,7\nx,\"c\nc\",\n4\n5,e,\n";
    for (decoder, body, offset, line) in [(&NDJSON as &'static dyn Decoder, lines, 48, "line 2: "), (&CSV, table, 20, "line 3: ")]
    {
        let read = |contract| {
            let (items, page) = read_with(&layout(decoder, contract, &Paging::SINGLE), Reading::default(), body.as_bytes());
            let page = page.expect("a page");
            assert_eq!(page.facts.rows, 5);
            (items.iter().map(|item| item.id).collect::<Vec<_>>(), page)
        };
        let (ids, page) = read(Contract::Freeze);
        let failure = page.failure.expect("it stops");
        assert_eq!((ids.as_slice(), failure.kind(), page.done), (&[1][..], ErrorKind::Decode, 1), "{failure}");
        assert_eq!((failure.path().as_deref(), failure.offset()), (Some("$[1].active"), Some(offset)), "{failure}");
        assert!(failure.message().starts_with(line), "{failure}");

        let (ids, page) = read(Contract::DiscardRow);
        assert_eq!(page.done, 5);
        assert_eq!((ids.as_slice(), page.left_out.as_slice(), page.rejected.count()), (&[1, 5][..], &[1, 2, 3][..], 3));

        let (ids, page) = read(Contract::DiscardValue);
        assert_eq!((ids.as_slice(), page.left_out.as_slice(), page.rejected.count()), (&[1, 2, 5][..], &[2, 3][..], 3));
        assert!(page.rejected.kept()[2].message.starts_with(if line == "line 2: " { "line 4: " } else { "line 6: " }));
    }
}

#[test]
fn rows_are_passed_over_and_added_to_and_found_again() {
    let body = "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}\n{\"id\":3,\"name\":\"c\"}\n";
    let included = [("_groups_id".to_owned(), "\"g\"".to_owned())];
    let by_record = Paging::last_record("after", &[Segment::Key("id")]);
    for (decoder, body) in [(&NDJSON as &'static dyn Decoder, body), (&CSV, "id,name\n1,a\n2,b\n3,c\n")] {
        let reading = Reading { skip: 1, included: &included, spans: true, ..Reading::default() };
        let (items, page) = read_with(&layout(decoder, Contract::Freeze, &by_record), reading, body.as_bytes());
        let page = page.expect("a page");
        assert!(items.iter().all(|item| item.group.as_deref() == Some("g")), "{items:?}");
        assert_eq!((page.facts.rows, page.records, page.facts.cursor.as_deref()), (3, 2, Some("3")));
        let text = page.text.expect("the texts of the records");
        let ids: Vec<i64> = page
            .spans
            .iter()
            .map(|span| {
                let item: Item = Reader::from_bytes(&text[span.clone()]).expect("JSON").read().expect("an item");
                item.id
            })
            .collect();
        assert_eq!(ids, [2, 3]);
        let (_, page) =
            read_with(&layout(decoder, Contract::Freeze, &by_record), Reading { skip: 3, ..Reading::default() }, body.as_bytes());
        assert_eq!(page.expect("a page").facts.cursor.as_deref(), Some("3"), "the last record, although it is passed over");
        let (_, page) =
            read_with(&layout(decoder, Contract::Freeze, &Paging::page_number("page", 0)), Reading::default(), body.as_bytes());
        assert!(page.expect("a page").facts.digest.is_some());
    }
}

/// The first row tells whether the body is one of rows at all; a row that breaks off is none, and one that does not fit is.
#[test]
fn rows_that_do_not_fit_are_told_from_what_is_no_row() {
    let ids = |body: &str| {
        let (items, page) =
            read_with(&layout(&NDJSON, Contract::DiscardRow, &Paging::SINGLE), Reading::default(), body.as_bytes());
        page.map(|_| items.iter().map(|item| item.id).collect::<Vec<_>>()).map_err(|NoPage(why)| why)
    };
    assert_eq!(ids("{\"id\":1,\"name\":\"a\"}\n{\"id\":\"x\",\"name\":\"b\"}").as_deref(), Ok(&[1][..]), "the last row is whole");
    assert_eq!(ids("  {\"id\":\"x\"}\n{\"id\":2,\"name\":\"b\"}\n").as_deref(), Ok(&[2][..]), "the first row is a record");
    for (body, expected) in [
        ("{\"id\":1,\n{\"id\":2,\"name\":\"b\"}\n".to_owned(), "the body is no NDJSON: line 1: "),
        ("7\n{\"id\":2,\"name\":\"b\"}\n".to_owned(), "the body is no NDJSON: line 1: "),
        // No further is looked than a stream waits for.
        (format!("{}<html>\n", " ".repeat(70)), "the body is no NDJSON: line 1: "),
        (format!("{}<html>\n", " ".repeat(50)), "the body is no NDJSON: it begins with `<`"),
    ] {
        let why = ids(&body).expect_err(&body);
        assert!(why.starts_with(expected), "{body}: {why}");
    }
}

#[test]
fn texts_of_rows_are_kept_where_they_are_needed() {
    let [one, two, bad] = ["{\"id\":1,\"name\":\"a\"}\n", "{\"id\":2,\"name\":\"b\"}\n", "{\"id\":\"3\",\"name\":\"c\"}\n"];
    let body = format!("{one}{two}{bad}");
    let by_record = Paging::last_record("after", &[Segment::Key("id")]);
    let cases = [
        ("neither", Paging::SINGLE, false, None, &[][..], None),
        ("the last for its cursor", by_record, false, Some(bad.to_owned()), &[], Some("3")),
        ("those in the sink for their places", Paging::SINGLE, true, Some(format!("{one}{two}")), &[one, two], None),
        ("both", by_record, true, Some(format!("{one}{two}{bad}")), &[one, two], Some("3")),
    ];
    for (name, paging, spans, text, places, cursor) in cases {
        let layout = layout(&NDJSON, Contract::DiscardRow, &paging);
        let (_, page) = read_with(&layout, Reading { spans, ..Reading::default() }, body.as_bytes());
        let page = page.expect("a page");
        let kept = page.text.clone().map(|text| String::from_utf8(text).expect("text"));
        assert_eq!(kept, text, "{name}");
        let kept = kept.unwrap_or_default();
        assert_eq!(page.spans.iter().map(|span| &kept[span.clone()]).collect::<Vec<_>>(), places, "{name}");
        assert_eq!(page.facts.cursor.as_deref(), cursor, "{name}");
    }
}

#[test]
fn the_cursor_of_the_last_row_goes_where_it_is_sent() {
    let name = Paging::last_record("after", &[Segment::Key("name")]);
    let in_body = name.at(Slot::Body(&[Segment::Key("after")]));
    for (value, in_query, kept) in [("b", Some("b"), Some("\"b\"")), ("", None, None)] {
        let body = format!("{{\"id\":1,\"name\":\"a\"}}\n{{\"id\":2,\"name\":\"{value}\"}}\n");
        for (paging, expected) in [(&name, in_query), (&in_body, kept)] {
            let (_, page) = read_with(&layout(&NDJSON, Contract::Freeze, paging), Reading::default(), body.as_bytes());
            assert_eq!(page.expect("a page").facts.cursor.as_deref(), expected, "{value:?}");
        }
    }
}

/// Every row of a stream, whose pieces have these sizes in turn.
fn stream(
    format: &'static dyn Format,
    body: &[u8],
    packed: &str,
    sizes: &[usize],
    limits: StreamLimits,
) -> RtResult<Vec<String>> {
    let unpackers = unpacker(packed).expect("an encoding").into_iter().collect();
    let mut decoder = StreamDecoder::new(format, unpackers, limits);
    let (mut rest, mut sizes, mut rows) = (body, sizes.iter().cycle(), Vec::new());
    loop {
        match decoder.next_row()? {
            Next::Row(row) => rows.push(match &row.text {
                Ok(text) => format!("{}@{}: {}", row.line, row.offset, text.trim()),
                Err(fault) => format!("{}@{}! {fault}", row.line, row.offset),
            }),
            Next::More if rest.is_empty() => decoder.finish(),
            Next::More => {
                let (piece, after) = rest.split_at(rest.len().min(*sizes.next().expect("endless")));
                decoder.push(piece);
                rest = after;
            }
            Next::End => return Ok(rows),
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

static ROOT: Elements = Elements(&[]);
static DATA: Elements = Elements(&[Segment::Key("data"), Segment::Key("rows")]);

#[test]
fn elements_are_found_beside_whatever_else_there_is() {
    let whole = |format: &'static dyn Format, body: &str| stream(format, body.as_bytes(), "", &[1_000], StreamLimits::FILE);
    let found = |format, body| whole(format, body).unwrap_or_else(|error| panic!("{body}: {error}"));
    assert_eq!(
        found(&ROOT, r#"[ {"a":"]"} , 12,"x",[1,[2]], null ]"#),
        ["0@2: {\"a\":\"]\"}", "0@14: 12", "0@17: \"x\"", "0@21: [1,[2]]", "0@30: null"]
    );
    let beside = r#"{"x":{"rows":[1],"s":"}\\\""},"data":{"n":-1.5e3 ,"rows" : [{"id":1},{"id":2}],"z":[[],{}]},"t":true}"#;
    assert_eq!(found(&DATA, beside), ["0@60: {\"id\":1}", "0@69: {\"id\":2}"]);
    for empty in [r#"{"data":{"rows":[]}}"#, r#"{"data":{"rows":null,"x":1}}"#, "\u{feff}{\"data\":{\"rows\":[ ]}}\n"] {
        assert!(found(&DATA, empty).is_empty(), "{empty}");
    }
    for bad in [
        "",
        "{}",
        r#"{"data":[]}"#,
        r#"{"data":{"rows":{}}}"#,
        r#"{"data":{"rows":[{"id":1}"#,
        r#"{"data":{"rows":[{"id":1}]"#,
        r#"{"data":{"rows":[1]}"#,
        r#"{"data":{"rows":[1]}} x"#,
        r#"{"data":{"rows":[1 2]}}"#,
        r#"{"data":{"rows":[1}}"#,
        "<html>",
        "null",
    ] {
        let error = whole(&DATA, bad).expect_err(bad);
        assert_eq!(error.kind(), ErrorKind::Page, "{bad}: {error}");
    }
}

#[test]
fn a_stream_that_ends_early_or_is_too_large_is_an_error() {
    let body = b"{\"id\":1}\n{\"id\":2}\n".repeat(5_000);
    let packed = gzip(&body);
    let kind = |body: &[u8], limits| stream(&NDJSON, body, "gzip", &[100], limits).expect_err("an error").kind();
    assert_eq!(stream(&NDJSON, &packed, "gzip", &[100], StreamLimits::FILE).expect("whole").len(), 10_000);
    assert_eq!(kind(&packed[..packed.len() - 1], StreamLimits::FILE), ErrorKind::Transport, "cut off");
    assert_eq!(kind(&packed[..50], StreamLimits::FILE), ErrorKind::Transport, "cut off early");
    assert_eq!(kind(&[&packed, &b"more"[..]].concat(), StreamLimits::FILE), ErrorKind::Transport, "more than it");
    assert_eq!(kind(&body, StreamLimits::FILE), ErrorKind::Transport, "not packed");
    assert_eq!(kind(&packed, StreamLimits { total_bytes: Some(10_000), ..StreamLimits::FILE }), ErrorKind::TooLarge);
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert_eq!(
        kind(&bomb, StreamLimits { record_bytes: 1 << 20, ..StreamLimits::FILE }),
        ErrorKind::TooLarge,
        "one endless line"
    );
    let separators = vec![b','; 2 << 20];
    let limited = StreamLimits { record_bytes: 1 << 20, ..StreamLimits::FILE };
    assert_eq!(stream(&CSV, &separators, "", &[1_000], limited).expect_err("one endless row").kind(), ErrorKind::TooLarge);
    let quoted = [b"id,name\n1,\"", &vec![b'x'; 2 << 20][..]].concat();
    let limits = StreamLimits { record_bytes: 1 << 20, ..StreamLimits::FILE };
    assert_eq!(stream(&CSV, &quoted, "", &[1_000], limits).expect_err("one endless value").kind(), ErrorKind::TooLarge);
}

/// A text of a format, made of parts that meet in odd ways.
fn texts(parts: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![9 => prop::sample::select(parts).prop_map(|part| part.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 1..3)];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

const ODD_LINES: &[&str] = &["{\"id\":1,\"name\":\"a\"}", "\n", "\r\n", " ", "{", "}", "\"", "\u{feff}", "ü", "null", "\\"];
const ODD_CSV: &[&str] =
    &["id", "name", ",", ",", "\n", "\r\n", "\r", "\"", "\"\"", "a b", "1", "ü", ";", "true", "[1]", "{\"id\":1}"];
const ODD_JSON: &[&str] = &[
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
    "\"a\"",
    "12",
    " ",
    "null",
    "\"data\"",
    "{\"data\":{\"rows\":[{\"id\":1}",
];

/// Where the pieces end does not matter: not to the rows, nor to the error.
fn same_in_pieces(format: &'static dyn Format, body: &[u8], sizes: &[usize]) {
    let told = |sizes: &[usize], packed: &str, body: &[u8]| {
        stream(format, body, packed, sizes, StreamLimits::FILE).map_err(|error| error.message().to_owned())
    };
    let whole = told(&[usize::MAX], "", body);
    assert_eq!(told(&[1], "", body), whole, "byte by byte: {:?}", String::from_utf8_lossy(body));
    assert_eq!(told(sizes, "", body), whole, "in pieces: {:?}", String::from_utf8_lossy(body));
    assert_eq!(told(sizes, "gzip", &gzip(body)), whole, "packed: {:?}", String::from_utf8_lossy(body));
}

proptest! {
    #[test]
    fn ndjson_is_the_same_in_pieces(body in texts(ODD_LINES), sizes in prop::collection::vec(1_usize..9, 1..9)) {
        same_in_pieces(&NDJSON, &body, &sizes);
    }

    #[test]
    fn csv_is_the_same_in_pieces(body in texts(ODD_CSV), sizes in prop::collection::vec(1_usize..9, 1..9)) {
        same_in_pieces(&CSV, &body, &sizes);
    }

    #[test]
    fn elements_are_the_same_in_pieces(body in texts(ODD_JSON), sizes in prop::collection::vec(1_usize..9, 1..9)) {
        same_in_pieces(&DATA, &body, &sizes);
    }

    /// Elements and pages read the same records of good documents.
    #[test]
    fn elements_are_those_of_the_document(ids in prop::collection::vec(any::<i64>(), 0..20), names in prop::collection::vec(".{0,8}", 20)) {
        let rows: Vec<_> = ids.iter().zip(&names).map(|(id, name)| serde_json::json!({ "id": id, "name": name, "x": [name, {}] })).collect();
        let document = serde_json::json!({ "a": { "rows": [1] }, "data": { "b": names, "rows": rows }, "z": names }).to_string();
        let found = stream(&DATA, document.as_bytes(), "", &[7], StreamLimits::FILE).expect("a good document");
        let found: Vec<serde_json::Value> = found.iter().map(|row| serde_json::from_str(row.split_once(": ").expect("a place").1).expect("JSON")).collect();
        prop_assert_eq!(found, rows);
    }

    /// The crate `csv` finds the same values in whatever both take for CSV.
    #[test]
    fn csv_is_what_others_take_it_for(body in texts(&["a", "b\u{fc}", ",", ",", "\n", "\r\n", "\r", "\"", "\"\"", "\"a,b\"", " "])) {
        static COLUMNS: Csv = Csv::HEADED.columns(&["c0", "c1", "c2"]);
        prop_assume!(std::str::from_utf8(&body).is_ok());
        let Ok(ours) = stream(&COLUMNS, &body, "", &[5], StreamLimits::FILE) else {
            // It ends within quotes, or begins like another kind of document; the other one reads on to the end.
            return Ok(());
        };
        let mut theirs = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(body.as_slice());
        let theirs: Vec<csv::StringRecord> = theirs.records().collect::<Result<_, _>>().expect("UTF-8");
        prop_assert_eq!(ours.len(), theirs.len(), "{:?}", String::from_utf8_lossy(&body));
        for (ours, theirs) in ours.iter().zip(&theirs) {
            if theirs.len() != 3 {
                prop_assert!(ours.contains("expected 3 values"), "{} {:?}", ours, theirs);
                continue;
            }
            let text = ours.split_once(": ").expect("a place").1;
            let values: BTreeMap<String, Option<String>> = serde_json::from_str(text).expect("JSON");
            let values: Vec<String> = values.into_values().map(Option::unwrap_or_default).collect();
            prop_assert_eq!(values, theirs.iter().collect::<Vec<_>>(), "{:?}", String::from_utf8_lossy(&body));
        }
    }
}

//! Pages in JSON: `serde_json` is the oracle of what is JSON, and of which records are in it.

use std::sync::LazyLock;

use serde::de::IgnoredAny;
use serde_json::Value;
use tapwright_runtime::rt::codec::{Fields, Key, Record};
use tapwright_runtime::rt::descriptor::{Columns, Contract, Paging, Path, Resource, Segment, Stop, Style};
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::layout::Layout;
use tapwright_runtime::rt::message::{Headers, Response};
use tapwright_runtime::rt::page::{PageRead, Reading, Sink, read};
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::value::{Decimal, Json};

use crate::random::Random;
use crate::run::{Target, WORKER};

const PAGES: &[&str] = &[
    r#"{"data":{"rows":[{"id":1,"name":"a\u00fc","price":"1.50","tags":["x",null],"raw":{"a":[1]}},{"id":-2,"child":{"id":3}}]},"next":"abc","total":12,"has_more":true}"#,
    r#"{"data":{"rows":[{"id":1.0,"name":null,"price":1e3},{"id":9007199254740993,"tags":[],"other":[[[]]]}],"rows":[{"id":7}]},"next":"","total":"13"}"#,
    "\u{feff}{\"data\" : {\"rows\" : [ ]},\n\t\"next\":null, \"has_more\":\"false\"}",
    r#"{"next":17,"total":1e2,"rows":[{"id":1}],"data":{"rows":null}}"#,
    r#"[{"id":4,"name":"\ud83d\ude00","child":{"id":5,"child":{"id":6}}}]"#,
];
const WORDS: &[&str] = &[
    "{\"data\":{\"rows\":[",
    "\"rows\":",
    "\"data\":",
    "\"id\":1",
    "\"child\":{",
    "\"tags\":[",
    "{}",
    "[]",
    "null",
    "true",
    "1e5",
    "-0",
    "\\u0000",
    "\\ud83d",
    "\\udc00",
    "\"",
    "\\",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\u{feff}",
    "// x",
    "NaN",
    "\u{7f}",
    "[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":{\"a\":",
];

fn make(random: &mut Random) -> Vec<u8> {
    static TREES: LazyLock<Vec<Value>> = LazyLock::new(|| {
        PAGES.iter().map(|text| serde_json::from_str(text.trim_start_matches('\u{feff}')).expect("JSON")).collect()
    });
    let mut text = match random.below(4) {
        0 => random.sentence(WORDS, 20),
        1 => random.pick(PAGES).as_bytes().to_vec(),
        _ => {
            let mut tree = random.pick(&TREES).clone();
            random.change_tree(&mut tree, &TREES);
            tree.to_string().into_bytes()
        }
    };
    if random.once_in(2) {
        let other = random.pick(PAGES).as_bytes();
        random.change(&mut text, WORDS, other);
    }
    text
}

/// A record of many types.
#[derive(Debug, Default)]
struct Item {
    id: i64,
    name: Option<String>,
    price: Option<Decimal>,
    tags: Option<Vec<Option<String>>>,
    raw: Option<Json>,
    child: Option<Box<Item>>,
}

impl Record for Item {
    const KEYS: &'static [Key] = &[
        Key::required("id"),
        Key::optional("name"),
        Key::optional("price"),
        Key::optional("tags"),
        Key::optional("raw"),
        Key::optional("child"),
    ];
}

impl Fields for Item {
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.fill(&mut self.id),
            1 => r.fill(&mut self.name),
            2 => r.fill(&mut self.price),
            3 => r.fill(&mut self.tags),
            4 => r.fill(&mut self.raw),
            5 => r.fill(&mut self.child),
            _ => r.skip_unknown(),
        }
    }
}

#[derive(Default)]
struct Items(Vec<i64>);

impl Sink for Items {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        let item: Item = r.read()?;
        let Item { name, price, tags, raw, child, .. } = item;
        drop((name, price, tags, raw, child));
        self.0.push(item.id);
        Ok(())
    }

    fn restart(&mut self) {
        self.0.clear();
    }
}

const ROWS: Path = &[Segment::Key("data"), Segment::Key("rows")];
const PAGING: Paging = Paging {
    style: Style::JsonLink { path: &[Segment::Key("next")] },
    stop: Stop { total: Some(&[Segment::Key("total")]), has_more: Some(&[Segment::Key("has_more")]), ..Stop::EMPTY_PAGE },
    ..Paging::SINGLE
};

fn page(body: &[u8], contract: Contract, columns: Columns) -> (Vec<i64>, Option<PageRead>) {
    let resource =
        Resource { selectors: &[ROWS, &[Segment::Key("rows")], &[]], paging: PAGING, contract, columns, ..Resource::LIST };
    let mut items = Items::default();
    let response = Response { status: 200, headers: Headers::default(), body: body.to_vec() };
    let page = read(&response, &Layout::of(&resource), Reading { spans: true, ..Reading::default() }, &mut items);
    (items.0, page.ok())
}

fn check(body: &[u8]) {
    let theirs = std::str::from_utf8(body).ok().map(|text| text.strip_prefix('\u{feff}').unwrap_or(text));
    let is_json = theirs.is_some_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    let skipped = Reader::from_bytes(body).and_then(|mut reader| reader.skip().map(drop).and_then(|()| reader.end()));
    let is_deep = skipped.as_ref().is_err_and(|fault| fault.to_string().contains("deep"));
    assert_eq!(skipped.is_ok(), is_json && !is_deep, "JSON, or not: {skipped:?}");

    for contract in [Contract::Freeze, Contract::DiscardRow, Contract::DiscardValue] {
        for columns in [Columns::Evolve, Columns::DiscardRow, Columns::Freeze] {
            let (ids, page) = page(body, contract, columns);
            let Some(page) = page else { continue };
            assert!(skipped.is_ok(), "a page that is no JSON");
            assert_eq!(page.records, ids.len() as u64, "what a page says is in the sink");
            assert_eq!(page.spans.len(), ids.len(), "each record has a place");
            assert!(page.records + page.left_out.len() as u64 <= page.facts.rows);
            let whole = page.failure.is_some() || page.records + page.left_out.len() as u64 == page.facts.rows;
            assert!(whole, "{contract:?}: every row is in the sink, left out, or behind a failure: {page:?}");
            let mut after = 0;
            for (id, span) in ids.iter().zip(&page.spans) {
                assert!(span.start >= after, "records have places one after the other");
                after = span.end;
                let record: Value = serde_json::from_slice(&body[span.clone()]).unwrap_or_default();
                // What serde_json refuses for half of a surrogate pair or a number's size is a null here.
                assert!(record.is_null() || record["id"].as_i64().is_none_or(|theirs| theirs == *id), "{record} as {id}");
            }
        }
    }
}

#[test]
fn page_json() {
    Target { name: "page_json", cases: 4_000, memory: (128 << 10, 200), stack: WORKER, make, check }.run();
}

//! Steps: what becomes of the records of a page, what is counted, and where each comes from.

use tapwright_runtime::rt::cast::to_integer;
use tapwright_runtime::rt::codec::Decode;
use tapwright_runtime::rt::descriptor::Segment::Key;
use tapwright_runtime::rt::descriptor::{Contract, Resource};
use tapwright_runtime::rt::expr::{Comparison, Expr, Order};
use tapwright_runtime::rt::expr_number::add_integers;
use tapwright_runtime::rt::fault::{Fault, FaultKind};
use tapwright_runtime::rt::hash::sha256;
use tapwright_runtime::rt::layout::Layout;
use tapwright_runtime::rt::message::{Headers, Response};
use tapwright_runtime::rt::ndjson::NDJSON;
use tapwright_runtime::rt::page::{Origin, PageRead, Reading, Sink, Verdict, read};
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::steps::{Explode, Step, Steps};
use tapwright_runtime::rt::value::Json;

/// Takes every record as its JSON text; refuses those with a `bad` in them, and leaves out those with a `gone`. Of the service it wants
/// none with an `old`.
#[derive(Default)]
struct Texts {
    texts: Vec<String>,
    left_out: bool,
}

impl Sink for Texts {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        let text = Json::decode(r)?.text().to_owned();
        if text.contains("bad") {
            return Err(Fault::new(FaultKind::Type, 0, "it is bad"));
        }
        self.left_out = text.contains("gone");
        if !self.left_out {
            self.texts.push(text);
        }
        Ok(())
    }

    fn restart(&mut self) {
        self.texts.clear();
    }

    fn has_taken(&self) -> bool {
        !self.left_out
    }

    fn judge(&mut self, r: &mut Reader<'_>) -> Result<Verdict, Fault> {
        Ok(if r.skip()?.contains("old") { Verdict::LeaveOut } else { Verdict::Read })
    }
}

struct Page {
    read: PageRead,
    texts: String,
}

fn page(steps: &'static Steps, contract: Contract, rows: &str, reading: Reading<'_>) -> Page {
    let resource = Resource { selectors: &[&[Key("rows")]], contract, steps: Some(steps), ..Resource::LIST };
    let layout = Layout::of(&resource).with(resource.steps);
    let body = format!(r#"{{"rows":{rows}}}"#).into_bytes();
    let response = Response { status: 200, headers: Headers::default(), body };
    let mut sink = Texts::default();
    let read = read(&response, &layout, reading, &mut sink).expect("it is a page");
    assert_eq!(sink.texts.len() as u64, read.records);
    assert_eq!(read.origins.as_ref().map(Vec::len), Some(sink.texts.len()));
    assert!(reading.spans || read.spans.is_empty(), "places are noted on request");
    Page { read, texts: sink.texts.join(" ") }
}

fn plain(steps: &'static Steps, rows: &str) -> Page {
    page(steps, Contract::Freeze, rows, Reading::default())
}

const A: Expr = Expr::Path(&[Key("a")]);
const B: &[tapwright_runtime::rt::descriptor::Segment] = &[Key("b")];

#[test]
fn each_step_does_what_it_says() {
    static FILTER: Steps = Steps(&[Step::Filter(Expr::Compare(Comparison::Greater, Order::Number, &[A, Expr::Number("1")]))]);
    static RENAME: Steps = Steps(&[Step::Rename(&[Key("a")], &[Key("c")]), Step::Rename(&[Key("o"), Key("x")], &[Key("x")])]);
    static DROP: Steps = Steps(&[Step::Drop(&[Key("a")]), Step::Drop(&[Key("o"), Key("x")])]);
    static SET: Steps = Steps(&[
        Step::Set(B, Expr::Call(add_integers, &[A, Expr::Number("1")])),
        Step::Set(&[Key("o"), Key("y")], Expr::Path(B)),
    ]);
    static CAST: Steps = Steps(&[Step::Cast(&[Key("a")], to_integer), Step::Cast(&[Key("absent")], to_integer)]);
    static HASH: Steps = Steps(&[Step::Hash(&[Key("a")], sha256, None)]);
    static NONE: Steps = Steps(&[]);
    let cases: &[(&str, &'static Steps, &str, &str)] = &[
        ("none", &NONE, r#"[{"n": 1.50 ,"a":"\u00e4\n"}]"#, r#"{"n":1.50,"a":"ä\n"}"#),
        ("filter", &FILTER, r#"[{"a":1},{"a":2},{"a":null},{}]"#, r#"{"a":2}"#),
        ("rename", &RENAME, r#"[{"a":1,"o":{"x":2,"z":3}},{"o":null}]"#, r#"{"o":{"z":3},"c":1,"x":2} {"o":null}"#),
        ("drop", &DROP, r#"[{"a":1,"o":{"x":2,"z":3},"a":4}]"#, r#"{"o":{"z":3}}"#),
        ("set", &SET, r#"[{"a":1,"b":9,"o":{}},{"a":null}]"#, r#"{"a":1,"b":2,"o":{"y":2}} {"a":null,"b":null}"#),
        ("cast", &CAST, r#"[{"a":"12"},{"a":null},{}]"#, r#"{"a":12} {"a":null} {}"#),
        (
            "hash",
            &HASH,
            r#"[{"a":"abc"},{"a":null}]"#,
            r#"{"a":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"} {"a":null}"#,
        ),
    ];
    for (name, steps, rows, expected) in cases {
        assert_eq!(plain(steps, rows).texts, *expected, "{name}");
    }
}

const fn explode(keep_empty: bool, merge: Option<&'static str>) -> Step {
    Step::Explode(Explode { path: &[Key("l")], keep_empty, merge })
}

static ELEMENTS: Steps = Steps(&[explode(false, None)]);
static KEEPING: Steps = Steps(&[explode(true, None)]);
static MERGING: Steps = Steps(&[explode(true, Some("l_"))]);

#[test]
fn elements_become_records() {
    let rows = r#"[{"n":1,"l":["a","b"]},{"n":2,"l":[]},{"n":3,"l":null},{"n":4},{"n":5,"l":[null]}]"#;
    let origin = |row, part| Origin { row, part };
    let found = plain(&ELEMENTS, rows);
    assert_eq!(found.texts, r#"{"n":1,"l":"a"} {"n":1,"l":"b"} {"n":5,"l":null}"#);
    assert_eq!(found.read.origins, Some(vec![origin(0, 0), origin(0, 1), origin(4, 0)]));
    assert_eq!((found.read.facts.rows, found.read.done, found.read.filtered), (5, 5, 3));
    let kept = plain(&KEEPING, rows);
    assert_eq!(kept.texts, r#"{"n":1,"l":"a"} {"n":1,"l":"b"} {"n":2} {"n":3} {"n":4} {"n":5,"l":null}"#);
    let merged = plain(&MERGING, r#"[{"n":1,"l":[{"x":1},{"y":2},null]},{"n":2}]"#);
    assert_eq!(merged.texts, r#"{"n":1,"l_x":1} {"n":1,"l_y":2} {"n":1} {"n":2}"#);
}

#[test]
fn what_is_no_list_follows_the_contract() {
    let rows = r#"[{"n":1,"l":5},{"n":2,"l":["a"]}]"#;
    let frozen = plain(&ELEMENTS, rows);
    assert!(frozen.texts.is_empty());
    assert_eq!(frozen.read.stopped, Some(Origin { row: 0, part: 0 }));
    let error = frozen.read.failure.expect("it does not fit").to_string();
    assert!(error.contains("$.rows[0].l") && error.contains("expected an array, found a number"), "{error}");
    let discarding = page(&ELEMENTS, Contract::DiscardRow, rows, Reading::default());
    assert_eq!((discarding.texts.as_str(), discarding.read.rejected.count()), (r#"{"n":2,"l":"a"}"#, 1));
    let keeping = page(&KEEPING, Contract::DiscardValue, rows, Reading::default());
    assert_eq!((keeping.texts.as_str(), keeping.read.rejected.count()), (r#"{"n":1} {"n":2,"l":"a"}"#, 1));
}

#[test]
fn a_bad_value_follows_the_contract() {
    static CAST: Steps = Steps(&[Step::Cast(&[Key("o"), Key("a")], to_integer), Step::Drop(B)]);
    let rows = r#"[{"o":{"a":"1"},"b":0},{"o":{"a":"x","k":2}},{"o":{"a":"3"}}]"#;
    let frozen = page(&CAST, Contract::Freeze, rows, Reading::default());
    assert_eq!(frozen.texts, r#"{"o":{"a":1}}"#);
    assert_eq!((frozen.read.done, frozen.read.facts.rows), (1, 3));
    let error = frozen.read.failure.expect("it does not fit").to_string();
    assert!(error.contains("$.rows[1].o.a") && error.contains("expected a whole number, found `x`"), "{error}");
    let rows_out = page(&CAST, Contract::DiscardRow, rows, Reading::default());
    assert_eq!(rows_out.texts, r#"{"o":{"a":1}} {"o":{"a":3}}"#);
    let values_out = page(&CAST, Contract::DiscardValue, rows, Reading::default());
    assert_eq!(values_out.texts, r#"{"o":{"a":1}} {"o":{"k":2}} {"o":{"a":3}}"#);
    for found in [rows_out, values_out] {
        let rejected = &found.read.rejected.kept()[0];
        assert_eq!((rejected.index, rejected.path.as_str()), (1, "$.rows[1].o.a"));
        // The record begins there in the page.
        assert_eq!(rejected.offset, r#"{"rows":[{"o":{"a":"1"},"b":0},"#.len());
    }
}

/// A record that the sink refuses ends only itself; the others of the same row stay, and keep their numbers.
#[test]
fn a_part_that_does_not_fit_is_left_out_alone() {
    let rows = r#"[{"l":["a","bad","c"]},{"l":["gone","d"]}]"#;
    let found = page(&ELEMENTS, Contract::DiscardRow, rows, Reading::default());
    assert_eq!(found.texts, r#"{"l":"a"} {"l":"c"} {"l":"d"}"#);
    assert_eq!(found.read.origins, Some([(0, 0), (0, 2), (1, 1)].map(|(row, part)| Origin { row, part }).to_vec()));
    assert_eq!((found.read.rejected.count(), found.read.filtered, found.read.done), (1, 1, 2));
    let frozen = plain(&ELEMENTS, rows);
    assert_eq!((frozen.texts.as_str(), frozen.read.stopped), (r#"{"l":"a"}"#, Some(Origin { row: 0, part: 1 })));
    assert_eq!(frozen.read.done, 0);
}

/// Going on after any record of a page gives exactly the rest.
#[test]
fn a_page_is_gone_on_with_at_any_part() {
    let rows = r#"[{"l":[]},{"l":["a","bad","c"]},{"l":["gone"]},{"l":["d","e"]},{"l":[]}]"#;
    let whole = page(&ELEMENTS, Contract::DiscardRow, rows, Reading::default());
    let texts: Vec<&str> = whole.texts.split(' ').collect();
    let origins = whole.read.origins.clone().expect("there are steps");
    for (given, origin) in origins.iter().enumerate() {
        assert_eq!(whole.read.origin_after(given as u64), Some(*origin));
        let reading = Reading { skip: origin.row, part: origin.part, spans: true, ..Reading::default() };
        let rest = page(&ELEMENTS, Contract::DiscardRow, rows, reading);
        assert_eq!(rest.texts, texts[given..].join(" "), "after {given}");
        assert_eq!(rest.read.done, 5 - origin.row);
        // Nothing is given yet: no row from here on is done with.
        assert_eq!(rest.read.spans_among(origin.row, 0).count(), 0);
        assert_eq!(rest.read.spans_among(origin.row, rest.read.records).count() as u64, 5 - origin.row);
    }
    assert_eq!(whole.read.origin_after(whole.read.records), None);
}

/// Each row of the service has a place, which is none where it was not wanted.
#[test]
fn a_row_that_is_not_wanted_counts_as_a_row() {
    let rows = r#"[{"l":["a"]},{"l":["old"]},{"l":["b","c"]}]"#;
    let found = page(&ELEMENTS, Contract::Freeze, rows, Reading { spans: true, ..Reading::default() });
    assert_eq!(found.texts, r#"{"l":"a"} {"l":"b"} {"l":"c"}"#);
    assert_eq!((found.read.left_out.as_slice(), found.read.done, found.read.filtered), (&[1][..], 3, 0));
    let at = |row: &str| rows.find(row).map(|at| at + r#"{"rows":"#.len()..at + r#"{"rows":"#.len() + row.len()).unwrap();
    assert_eq!(found.read.spans, [at(r#"{"l":["a"]}"#), 0..0, at(r#"{"l":["b","c"]}"#)]);
    assert_eq!(page(&ELEMENTS, Contract::Freeze, rows, Reading::default()).texts, found.texts);
}

#[test]
fn a_parents_fields_are_there_before_the_first_step() {
    static STEPS: Steps = Steps(&[Step::Rename(&[Key("_p_id")], &[Key("p")])]);
    let included = [("_p_id".to_owned(), "7".to_owned())];
    let found = page(&STEPS, Contract::Freeze, r#"[{"a":1}]"#, Reading { included: &included, ..Reading::default() });
    assert_eq!(found.texts, r#"{"a":1,"p":7}"#);
}

/// Without its key a digest is not made: it could be guessed.
#[test]
fn a_digest_without_its_key_is_a_bad_value() {
    static STEPS: Steps = Steps(&[Step::Hash(&[Key("a")], sha256, Some("{key}"))]);
    let found = plain(&STEPS, r#"[{"a":"x"}]"#);
    let error = found.read.failure.expect("there is no key").to_string();
    assert!(error.contains("the key of the digest is missing"), "{error}");
}

/// Rows of a body that is no document are changed like the records of one.
#[test]
fn rows_are_changed_too() {
    let body = [r#"{"l":[]}"#, r#"{"l":["a","bad","c"]}"#, r#"{"l":5}"#, r#"{"l":["gone"]}"#, r#"{"l":["d"]}"#].join("\n");
    let read_rows = |contract, reading| {
        let resource = Resource { contract, decoder: Some(&NDJSON), steps: Some(&ELEMENTS), ..Resource::LIST };
        let layout = Layout::of(&resource).with(resource.steps);
        let response = Response { status: 200, headers: Headers::default(), body: body.clone().into_bytes() };
        let mut sink = Texts::default();
        let page = read(&response, &layout, reading, &mut sink).expect("it is a page");
        (page, sink.texts.join(" "))
    };
    let (page, texts) = read_rows(Contract::DiscardRow, Reading { spans: true, ..Reading::default() });
    assert_eq!(texts, r#"{"l":"a"} {"l":"c"} {"l":"d"}"#);
    assert_eq!(page.origins, Some([(1, 0), (1, 2), (4, 0)].map(|(row, part)| Origin { row, part }).to_vec()));
    assert_eq!((page.facts.rows, page.done, page.filtered, page.rejected.count()), (5, 5, 2, 2));
    let rejected: Vec<_> = page.rejected.kept().iter().map(|it| (it.index, it.path.as_str(), it.offset)).collect();
    assert_eq!(rejected, [(1, "$[1]", 9), (2, "$[2].l", 31)]);
    assert_eq!([0, 1, 2, 3].map(|given| page.spans_among(0, given).count()), [1, 1, 4, 5]);
    let (rest, texts) = read_rows(Contract::DiscardRow, Reading { skip: 1, part: 2, ..Reading::default() });
    assert_eq!((texts.as_str(), rest.done), (r#"{"l":"c"} {"l":"d"}"#, 4));
    let (frozen, texts) = read_rows(Contract::Freeze, Reading::default());
    assert_eq!((texts.as_str(), frozen.done, frozen.stopped), (r#"{"l":"a"}"#, 1, Some(Origin { row: 1, part: 1 })));
}

/// A row that is no record is left out before its steps, and has a place all the same.
#[test]
fn rows_that_are_no_records_are_left_out_before_the_steps() {
    let body = concat!("  {\"l\":[\"a\"]}\n", "7\n", "{\"l\":\n", "{\"l\":[\"old\"]}\n", "{\"l\":[\"b\"]}\n");
    for spans in [true, false] {
        let resource =
            Resource { contract: Contract::DiscardRow, decoder: Some(&NDJSON), steps: Some(&ELEMENTS), ..Resource::LIST };
        let layout = Layout::of(&resource).with(resource.steps);
        let response = Response { status: 200, headers: Headers::default(), body: body.into() };
        let mut sink = Texts::default();
        let page = read(&response, &layout, Reading { spans, ..Reading::default() }, &mut sink).expect("it is a page");
        assert_eq!(sink.texts.join(" "), r#"{"l":"a"} {"l":"b"}"#);
        assert_eq!((page.left_out.as_slice(), page.done, page.facts.rows), (&[1, 2, 3][..], 5, 5));
        let told: Vec<_> = page.rejected.kept().iter().map(|it| (it.index, it.message.as_str())).collect();
        assert_eq!(told[0], (1, "line 2: expected an object, found a number"));
        assert_eq!(told.len(), 2, "{told:?}");
        let text = page.text.unwrap_or_default();
        let places: Vec<_> =
            page.spans.iter().map(|span| std::str::from_utf8(&text[span.clone()]).expect("text").trim()).collect();
        assert_eq!(places, if spans { &[r#"{"l":["a"]}"#, "", "", "", r#"{"l":["b"]}"#][..] } else { &[] });
        assert!(page.spans.iter().skip(1).take(3).all(|span| *span == (0..0)), "{:?}", page.spans);
    }
}

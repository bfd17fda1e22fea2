//! Pages: where the records are, what the page says besides, and what becomes of records that do not fit.

use tapwright_runtime::rt::carry::Carried;
use tapwright_runtime::rt::codec::{Decode, Fields, Key};
use tapwright_runtime::rt::descriptor::{
    Advance, Contract, Operation, Paging, Path, Resource, Segment::Index, Segment::Key as At, Slot, Stop, Style,
};
use tapwright_runtime::rt::digest::digest as digest_of;
use tapwright_runtime::rt::error::{Error, ErrorKind};
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::incremental::Incremental;
use tapwright_runtime::rt::layout::Layout;
use tapwright_runtime::rt::link_param::LinkParam;
use tapwright_runtime::rt::message::{Headers, Response};
use tapwright_runtime::rt::page::{NoPage, PageFacts, PageRead, Reading, Sink, Verdict, read};
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::value::Json;

/// A record: `id` is required, `name` is not.
#[derive(Debug, Default, PartialEq)]
struct User {
    id: i64,
    name: Option<String>,
    group: Option<String>,
}

static USER: &[Key] = &[Key::required("id"), Key::optional("name"), Key::optional("_groups_id")];

impl Fields for User {
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => self.id = r.read()?,
            1 => self.name = r.read()?,
            2 => self.group = r.read()?,
            _ => r.skip_unknown()?,
        }
        Ok(())
    }
}

impl Decode for User {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut value = Self::default();
        r.record(USER, &mut value)?;
        Ok(value)
    }
}

#[derive(Default)]
struct Users(Vec<User>);

impl Sink for Users {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        self.0.push(r.read()?);
        Ok(())
    }

    fn restart(&mut self) {
        self.0.clear();
    }
}

impl Users {
    fn ids(&self) -> Vec<i64> {
        self.0.iter().map(|user| user.id).collect()
    }
}

const USERS: Path = &[At("users")];
const DATA: Path = &[At("data")];
const ROOT: Path = &[];

fn layout(selectors: &'static [Path], style: Style, stop: Stop, contract: Contract) -> Layout {
    let operation = Operation::get("users", "/users");
    let paging = Paging { style, size: None, stop, ..Paging::SINGLE };
    Layout::of(&Resource { operation, selectors, paging, contract, ..Resource::LIST })
}

fn plain(selectors: &'static [Path]) -> Layout {
    layout(selectors, Style::Single, Stop::EMPTY_PAGE, Contract::Freeze)
}

fn response(body: &str) -> Response {
    Response { status: 200, headers: Headers::default(), body: body.as_bytes().to_vec() }
}

fn read_with(layout: &Layout, reading: Reading<'_>, body: &str) -> (Vec<User>, Result<PageRead, NoPage>) {
    let mut users = Users::default();
    let page = read(&response(body), layout, reading, &mut users);
    (users.0, page)
}

fn facts(layout: &Layout, body: &str) -> PageFacts {
    let mut users = Users::default();
    read(&response(body), layout, Reading::default(), &mut users).unwrap_or_else(|error| panic!("{body}: {error:?}")).facts
}

#[test]
fn the_first_selector_in_order_that_leads_to_a_list_wins() {
    let ordered: &'static [Path] = &[USERS, DATA, ROOT];
    let nested: &'static [Path] = &[&[At("a"), At("b.c"), Index(1), At("rows")]];
    let cases: &[(&str, &'static [Path], &str, &[i64])] = &[
        ("a bare list", &[ROOT], r#"[{"id":1},{"id":2}]"#, &[1, 2]),
        ("under a key", &[USERS], r#"{"total":9,"users":[{"id":1}],"x":[{}]}"#, &[1]),
        ("the last in order", ordered, r#"[{"id":1}]"#, &[1]),
        ("the second in order", ordered, r#"{"data":[{"id":1}]}"#, &[1]),
        ("the better one comes first", ordered, r#"{"users":[{"id":1}],"data":[{"id":2}]}"#, &[1]),
        ("the better one comes later", ordered, r#"{"data":[{"id":2},{"id":3}],"users":[{"id":1}]}"#, &[1]),
        ("the better one is empty", ordered, r#"{"data":[{"id":2}],"users":[]}"#, &[]),
        ("the better one is null", ordered, r#"{"users":null,"data":[{"id":2}]}"#, &[2]),
        ("the better one is no list", ordered, r#"{"users":{"id":1},"data":[{"id":2}]}"#, &[2]),
        ("a worse one holds no records", ordered, r#"{"users":[{"id":1}],"data":["x"]}"#, &[1]),
        ("of a key that is there twice the last counts", &[USERS], r#"{"users":[{"id":1}],"users":[{"id":2}]}"#, &[2]),
        ("deep down", nested, r#"{"a":{"b.c":[{"rows":[{"id":9}]},{"rows":[{"id":1}]},0]}}"#, &[1]),
        ("an empty list", &[USERS], r#"{"users":[]}"#, &[]),
        ("a null counts as an empty list", &[USERS], r#"{"users":null}"#, &[]),
        ("a null at the root as well", &[ROOT], " null ", &[]),
        ("with a byte order mark and blanks", &[ROOT], "\u{feff} [ {\"id\" : 1 } , {\"id\":2} ] \n", &[1, 2]),
    ];
    for (name, selectors, body, expected) in cases {
        let mut users = Users::default();
        let page = read(&response(body), &plain(selectors), Reading::default(), &mut users)
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(users.ids(), *expected, "{name}");
        assert_eq!((page.facts.rows, page.records), (expected.len() as u64, expected.len() as u64), "{name}");
    }
}

#[test]
fn what_is_no_page_is_an_error_that_says_why() {
    let ordered: &'static [Path] = &[USERS, &[At("meta"), At("rows")]];
    let cases: &[(&str, &'static [Path], &str, &str)] = &[
        ("nothing", &[ROOT], "", "the body is empty"),
        ("blanks", &[ROOT], " \n", "the body is empty"),
        ("HTML", &[ROOT], "<!DOCTYPE html><h1>Sign in</h1>", "the body is no JSON: expected a value at `$` (byte 0)"),
        (
            "cut off",
            &[USERS],
            r#"{"users":[{"id":1},{"i"#,
            "the body is no JSON: the text ends within a string at `$.users[1]` (byte 22)",
        ),
        (
            "cut off after the records",
            &[USERS],
            r#"{"users":[{"id":1}]"#,
            "the body is no JSON: the text ends within an object at `$` (byte 19)",
        ),
        ("two values", &[ROOT], "[] []", "the body is no JSON: unexpected text after the end of the JSON value at `$` (byte 3)"),
        (
            "an error",
            &[USERS],
            r#"{"ok":false,"error":"x"}"#,
            "`$.users` leads to no list of records; the page has `ok`, `error`",
        ),
        (
            "no list",
            &[USERS],
            r#"{"users":{"id":1}}"#,
            "`$.users` leads to no list of records; `$.users` is an object; the page has `users`",
        ),
        (
            "no list of several",
            ordered,
            r#"{"users":"x","meta":{}}"#,
            "none of `$.users`, `$.meta.rows` leads to a list of records; `$.users` is a string; the page has `users`, `meta`",
        ),
        (
            "an object for a bare list",
            &[ROOT],
            r#"{"message":"x"}"#,
            "`$` leads to no list of records; `$` is an object; the page has `message`",
        ),
        ("a number", &[ROOT], "7", "`$` leads to no list of records; `$` is a number"),
        (
            "several that are no lists",
            ordered,
            r#"{"users":"x","meta":{"rows":7}}"#,
            "none of `$.users`, `$.meta.rows` leads to a list of records; `$.users` is a string; `$.meta.rows` is a number; \
             the page has `users`, `meta`",
        ),
        ("UTF-16", &[ROOT], "[\0]\0", "the body is no JSON: it is UTF-16, and only UTF-8 can be read"),
    ];
    for (name, selectors, body, expected) in cases {
        let error = read_with(&plain(selectors), Reading::default(), body).1.unwrap_err();
        assert_eq!(error, NoPage((*expected).to_owned()), "{name}");
    }

    let binary = Response { body: vec![b'[', 0xff], ..response("") };
    let error = read(&binary, &plain(&[ROOT]), Reading::default(), &mut Users::default()).unwrap_err();
    assert_eq!(error.0, "the body is no JSON: it is not UTF-8 from byte 1 on");
}

#[test]
fn an_error_lists_some_of_the_keys() {
    for (count, more) in [(20, ""), (21, ", …")] {
        let keys: Vec<String> = (0..count).map(|key| format!("k{key}")).collect();
        let members: Vec<String> = keys.iter().map(|key| format!(r#""{key}":1"#)).collect();
        let error = read_with(&plain(&[USERS]), Reading::default(), &format!("{{{}}}", members.join(","))).1.unwrap_err();
        let shown: Vec<String> = keys.iter().take(20).map(|key| format!("`{key}`")).collect();
        let expected = format!("`$.users` leads to no list of records; the page has {}{more}", shown.join(", "));
        assert_eq!(error, NoPage(expected), "{count}");
    }
}

#[test]
fn no_content_is_a_page_without_records() {
    let nothing = Response { status: 204, ..response("") };
    let page = read(&nothing, &plain(&[USERS]), Reading::default(), &mut Users::default()).unwrap();
    assert_eq!(page.facts, PageFacts::default());
    let something = Response { status: 204, ..response(r#"{"users":[{"id":1}]}"#) };
    assert_eq!(read(&something, &plain(&[USERS]), Reading::default(), &mut Users::default()).unwrap().records, 1);
}

#[test]
fn a_page_tells_what_comes_after_it() {
    let stop = Stop {
        total: Some(&[At("total")]),
        total_pages: Some(&[At("meta"), At("pages")]),
        has_more: Some(&[At("more")]),
        ..Stop::EMPTY_PAGE
    };
    let cursor = layout(&[USERS], Style::Cursor { param: "from", path: &[At("meta"), At("next")] }, stop, Contract::Freeze);
    let cases: &[(&str, &str, PageFacts)] = &[
        ("nothing", "{}", PageFacts::default()),
        (
            "everything",
            r#"{"total":30,"more":true,"meta":{"next":"abc","pages":3}}"#,
            PageFacts {
                cursor: Some("abc".into()),
                total: Some(30),
                total_pages: Some(3),
                has_more: Some(true),
                ..PageFacts::default()
            },
        ),
        (
            "as strings",
            r#"{"total":" 30 ","more":"False","meta":{"next":"","pages":"3"}}"#,
            PageFacts { total: Some(30), total_pages: Some(3), has_more: Some(false), ..PageFacts::default() },
        ),
        ("as nulls", r#"{"total":null,"more":null,"meta":{"next":null,"pages":null}}"#, PageFacts::default()),
        ("as something else", r#"{"total":[1],"more":2,"meta":{"pages":-1}}"#, PageFacts::default()),
        ("a total as a float", r#"{"total":30.0}"#, PageFacts { total: Some(30), ..PageFacts::default() }),
        (
            "an integer cursor, as it is written",
            r#"{"meta":{"next":900719925474099312345}}"#,
            PageFacts { cursor: Some("900719925474099312345".into()), ..PageFacts::default() },
        ),
        ("no object where one is looked for", r#"{"meta":"x"}"#, PageFacts::default()),
    ];
    for (name, members, expected) in cases {
        let body = members.replacen('{', r#"{"users":[],"#, 1).replace(",}", "}");
        assert_eq!(facts(&cursor, &body), *expected, "{name}");
    }
    let error = read_with(&cursor, Reading::default(), r#"{"users":[],"meta":{"next":{"a":1}}}"#).1.unwrap_err();
    assert_eq!(error.0, "expected a string or a number, found an object at `$.meta.next` (byte 27)");
}

#[test]
fn the_last_record_tells_the_cursor() {
    let layout =
        layout(&[ROOT], Style::LastRecord { param: "from", field: &[At("log"), At("id")] }, Stop::EMPTY_PAGE, Contract::Freeze);
    let cases = [
        ("a string", r#"[{"id":1,"log":{"id":"a"}},{"id":2,"log":{"id":"b\u00e9"}}]"#, Some("bé")),
        (
            "a number of any length",
            r#"[{"id":1,"log":{"id":90020250101000000000000000000000000000001223372036854775}}]"#,
            Some("90020250101000000000000000000000000000001223372036854775"),
        ),
        ("missing", r#"[{"id":1,"log":{"id":"a"}},{"id":2}]"#, None),
        ("empty", r#"[{"id":1,"log":{"id":"a"}},{"id":2,"log":{"id":""}}]"#, None),
        ("no records", "[]", None),
    ];
    for (name, body, expected) in cases {
        assert_eq!(facts(&layout, body).cursor.as_deref(), expected, "{name}");
    }
    let error = read_with(&layout, Reading::default(), r#"[{"id":1,"log":{"id":[1]}}]"#).1.unwrap_err();
    assert_eq!(error.0, "expected a string or a number, found an array at `$[0].log.id` (byte 21)");
}

#[test]
fn a_link_is_taken_from_the_header_or_the_page() {
    let header = layout(&[ROOT], Style::HeaderLink { rel: "next" }, Stop::EMPTY_PAGE, Contract::Freeze);
    let mut linked = response("[]");
    linked.headers.push("Link", r#"<https://x/?page=1>; rel="prev", <https://x/?a=1,2&page=3>; rel=next"#);
    assert_eq!(
        read(&linked, &header, Reading::default(), &mut Users::default()).unwrap().facts.link.as_deref(),
        Some("https://x/?a=1,2&page=3")
    );

    let json = layout(&[USERS], Style::JsonLink { path: &[At("@odata.nextLink")] }, Stop::EMPTY_PAGE, Contract::Freeze);
    assert_eq!(facts(&json, r#"{"users":[],"@odata.nextLink":"/v1?$skip=2"}"#).link.as_deref(), Some("/v1?$skip=2"));
    assert_eq!(facts(&json, r#"{"users":[],"@odata.nextLink":""}"#).link, None);
    assert_eq!(facts(&json, r#"{"users":[],"@odata.nextLink":false}"#).link, None);
    assert_eq!(facts(&json, r#"{"users":[]}"#).link, None);
}

#[test]
fn pages_of_a_counter_are_told_apart_by_their_records() {
    let counted = layout(&[USERS], Style::PageNumber { param: "page", base: 0 }, Stop::EMPTY_PAGE, Contract::Freeze);
    let digest = |body: &str| facts(&counted, body).digest;
    let one = digest(r#"{"at":1,"users":[{"id":1},{"id":2}]}"#);
    assert!(one.is_some());
    assert_eq!(digest(r#"{"users":null}"#), Some(digest_of(b"")), "a list that is null has no bytes");
    assert_eq!(one, digest(r#"{"at":2,"users":[{"id":1},{"id":2}]}"#), "only the records count");
    assert_ne!(one, digest(r#"{"at":1,"users":[{"id":1},{"id":3}]}"#));
    assert_ne!(one, digest(r#"{"at":1,"users":[{"id":1},{"id":2},{"id":2}]}"#));
}

/// A contract, the ids of the records given, the numbers of those left out, what is noted of them, and the path of the error.
type ContractCase = (Contract, &'static [i64], &'static [u64], &'static [&'static str], Option<&'static str>);

/// The second user has no id, the fourth a name that is no text.
const ODD: &str = r#"{"users":[{"id":1,"name":"a"},{"name":"b"},{"id":3},{"id":4,"name":[4]},{"id":5,"name":null}],"total":5}"#;

#[test]
fn the_contract_decides_about_records_that_do_not_fit() {
    let stop = Stop { total: Some(&[At("total")]), ..Stop::EMPTY_PAGE };
    let cases: &[ContractCase] = &[
        (Contract::Freeze, &[1], &[], &[], Some("$.users[1].id")),
        (Contract::DiscardRow, &[1, 3, 5], &[1, 3], &["1 $.users[1].id 30", "3 $.users[3].name 67"], None),
        (Contract::DiscardValue, &[1, 3, 4, 5], &[1], &["1 $.users[1].id 30", "3 $.users[3].name 67"], None),
    ];
    for (contract, ids, left_out, rejected, failure) in cases {
        let layout = layout(&[DATA, USERS], Style::Single, stop, *contract);
        let (users, page) = read_with(&layout, Reading::default(), ODD);
        let page = page.unwrap();
        assert_eq!(users.iter().map(|user| user.id).collect::<Vec<_>>(), *ids, "{contract:?}");
        assert_eq!((page.records, page.facts.rows, page.facts.total), (ids.len() as u64, 5, Some(5)), "{contract:?}");
        assert_eq!(page.left_out, *left_out, "{contract:?}");
        assert_eq!(page.done, if failure.is_some() { 1 } else { 5 }, "{contract:?}");
        let told: Vec<_> = page.rejected.kept().iter().map(|one| format!("{} {} {}", one.index, one.path, one.offset)).collect();
        assert_eq!(told, *rejected, "{contract:?}");
        assert_eq!(page.failure.as_ref().and_then(Error::path).as_deref(), *failure, "{contract:?}");
        assert_eq!(page.failure.as_ref().map(Error::kind), failure.map(|_| ErrorKind::Decode), "{contract:?}");
    }
}

#[test]
fn a_value_that_is_left_out_is_told_also_where_nothing_else_is_wrong() {
    let layout = layout(&[USERS], Style::Single, Stop::EMPTY_PAGE, Contract::DiscardValue);
    let (users, page) = read_with(&layout, Reading::default(), r#"{"users":[{"id":1},{"id":2,"name":[4]}]}"#);
    assert_eq!((users.len(), users[1].name.as_deref(), page.unwrap().rejected.count()), (2, None, 1));
}

#[test]
fn a_bad_record_in_a_list_that_is_not_chosen_does_no_harm() {
    let layout = layout(&[USERS, DATA], Style::Single, Stop::EMPTY_PAGE, Contract::DiscardRow);
    let (users, page) = read_with(&layout, Reading::default(), r#"{"data":[{"id":"x"},{"id":7}],"users":[{"id":1}]}"#);
    let page = page.unwrap();
    assert_eq!(users.len(), 1);
    assert_eq!((page.rejected.count(), page.left_out.len(), page.facts.rows, page.drift.records), (0, 0, 1, 1));
}

/// A text that is no JSON is no page, also where a record before it does not fit.
#[test]
fn what_is_no_json_is_not_left_out() {
    let layout = layout(&[ROOT], Style::Single, Stop::EMPTY_PAGE, Contract::DiscardRow);
    for (broken, expected) in [
        (r#"{"id":2,"name":"\q"}"#, "invalid escape in a string at `$[1].name` (byte 29)"),
        (r#"{"id":01}"#, "invalid number at `$[1].id` (byte 19)"),
        (r#"{"id":2,}"#, "expected a key at `$[1]` (byte 20)"),
        (r#"{"id":2,"name":"a"#, "expected `,` or `}` at `$[1]` (byte 32)"),
    ] {
        let error = read_with(&layout, Reading::default(), &format!(r#"[{{"id":"x"}},{broken},{{"id":3}}]"#)).1.unwrap_err();
        assert_eq!(error, NoPage(format!("the body is no JSON: {expected}")), "{broken}");
    }
}

/// A sink that wants only records with a `name`.
#[derive(Default)]
struct Named(Users);

impl Sink for Named {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        self.0.record(r)
    }

    fn restart(&mut self) {
        self.0.restart();
    }

    fn judge(&mut self, r: &mut Reader<'_>) -> Result<Verdict, Fault> {
        Ok(if r.skip()?.contains("name") { Verdict::Read } else { Verdict::LeaveOut })
    }
}

#[test]
fn a_record_that_is_not_wanted_is_dealt_with_and_has_no_place() {
    let body = r#"{"users":[{"id":1},{"id":2,"name":"b"},{"id":"x"},{"id":4,"name":"d"}]}"#;
    for (skip, ids, left_out, done) in [(0, &[2, 4][..], &[0, 2][..], 4), (2, &[4], &[2], 2)] {
        for spans in [true, false] {
            let mut named = Named::default();
            let page =
                read(&response(body), &plain(&[USERS]), Reading { skip, spans, ..Reading::default() }, &mut named).unwrap();
            assert_eq!((named.0.ids().as_slice(), page.left_out.as_slice(), page.done), (ids, left_out, done), "after {skip}");
            let places: Vec<_> = page.spans.iter().map(|span| &body[span.clone()]).collect();
            let expected = [r#"{"id":2,"name":"b"}"#, r#"{"id":4,"name":"d"}"#];
            assert_eq!(places, if spans { &expected[2 - ids.len()..] } else { &[] }, "after {skip}");
        }
    }
}

#[test]
fn what_is_left_out_is_counted_beyond_what_is_kept() {
    let layout = layout(&[ROOT], Style::Single, Stop::EMPTY_PAGE, Contract::DiscardRow);
    let body = format!("[{}]", vec!["{}"; 250].join(","));
    let page = read_with(&layout, Reading::default(), &body).1.unwrap();
    assert_eq!((page.rejected.count(), page.rejected.kept().len(), page.left_out.len()), (250, 100, 250));
}

#[test]
fn records_that_are_done_with_are_passed_over_unread() {
    let reading = Reading { skip: 2, ..Reading::default() };
    let (users, page) = read_with(&plain(&[USERS]), reading, ODD.replace("[4]", "null").as_str());
    let page = page.unwrap();
    assert_eq!(
        users.iter().map(|user| user.id).collect::<Vec<_>>(),
        [3, 4, 5],
        "the bad record is among those that were passed over"
    );
    assert_eq!((page.facts.rows, page.records), (5, 3));

    let reading = Reading { skip: 9, ..Reading::default() };
    let (users, page) = read_with(&plain(&[USERS]), reading, ODD);
    assert_eq!((users.len(), page.unwrap().facts.rows), (0, 5));
}

#[test]
fn values_of_parents_become_members_of_each_record() {
    let included = [("_groups_id".to_owned(), r#""g1""#.to_owned()), ("_groups_size".to_owned(), "3".to_owned())];
    let reading = Reading { included: &included, ..Reading::default() };
    let (users, _) = read_with(&plain(&[USERS]), reading, r#"{"users":[{"id":1},{"id":2,"_groups_id":"own"}]}"#);
    assert!(users.iter().all(|user| user.group.as_deref() == Some("g1")), "{users:?}");
}

/// Records without a schema take them as well, and stay what they were otherwise.
#[test]
fn values_of_parents_become_members_of_json() {
    struct Texts(Vec<String>);
    impl Sink for Texts {
        fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
            r.read::<Json>().map(|record| self.0.push(record.to_string()))
        }

        fn restart(&mut self) {
            self.0.clear();
        }
    }
    let included = [("_groups_id".to_owned(), r#""g\"1""#.to_owned()), ("_n".to_owned(), "3".to_owned())];
    let reading = Reading { included: &included, ..Reading::default() };
    let mut texts = Texts(Vec::new());
    let body = r#"{"users":[{"id":1.0},{ },7,null]}"#;
    read(&response(body), &plain(&[USERS]), reading, &mut texts).unwrap();
    assert_eq!(texts.0, [r#"{"_groups_id":"g\"1","_n":3,"id":1.0}"#, r#"{"_groups_id":"g\"1","_n":3 }"#, "7", "null"]);
}

#[test]
fn the_places_of_records_are_noted_on_request() {
    let reading = Reading { spans: true, skip: 1, ..Reading::default() };
    let body = r#"{"users": [ {"id":1}, {"id":2} ,{"id":3}]}"#;
    let page = read_with(&plain(&[USERS]), reading, body).1.unwrap();
    let records: Vec<_> = page.spans.iter().map(|span| &body[span.clone()]).collect();
    assert_eq!(records, [r#"{"id":2}"#, r#"{"id":3}"#]);
}

/// The layout of a list under `data` that pages in some way.
#[expect(clippy::large_types_passed_by_value, reason = "the table reads better so")]
fn paged(paging: Paging) -> Layout {
    Layout::of(&Resource { paging, selectors: &[DATA], ..Resource::LIST })
}

const FLAG: Path = &[At("flag")];
const NEXT: Path = &[At("next")];
const IN_BODY: Slot = Slot::Body(&[At("after")]);

#[test]
fn flags_come_in_many_forms() {
    for (json, expected) in [
        ("true", Some(true)),
        ("false", Some(false)),
        (r#""true""#, Some(true)),
        (r#""False""#, Some(false)),
        ("1", Some(true)),
        ("0", Some(false)),
        (r#""1""#, Some(true)),
        (r#"" 0 ""#, Some(false)),
        ("2", None),
        (r#""yes""#, None),
        ("null", None),
        ("[true]", None),
    ] {
        let body = format!(r#"{{"data":[{{"id":1}}],"flag":{json}}}"#);
        assert_eq!(facts(&paged(Paging::page_number("p", 0).has_more(FLAG)), &body).has_more, expected, "{json}");
        let is_last = facts(&paged(Paging::page_number("p", 0).is_last(FLAG)), &body);
        assert_eq!(is_last.has_more, expected.map(|is_last| !is_last), "the opposite of {json}");
    }
}

#[test]
fn cursors_are_any_json() {
    for (json, text, kept) in [
        (r#""a\"b""#, Some("a\"b"), Some(r#""a\"b""#)),
        ("7", Some("7"), Some("7")),
        ("1e400", Some("1e400"), Some("1e400")),
        ("true", Some("true"), Some("true")),
        ("0", None, None),
        ("false", None, None),
        ("null", None, None),
        (r#""""#, None, None),
        (r#""0""#, Some("0"), Some(r#""0""#)),
        (r#""false""#, Some("false"), Some(r#""false""#)),
    ] {
        let body = format!(r#"{{"next":{json},"data":[{{"id":1}}]}}"#);
        assert_eq!(facts(&paged(Paging::cursor("after", NEXT)), &body).cursor.as_deref(), text, "{json}");
        let in_body = facts(&paged(Paging::cursor("after", NEXT).at(IN_BODY)), &body);
        assert_eq!(in_body.cursor.as_deref(), kept, "{json} for a body");
    }
    for (json, kept) in
        [("[1, \"x\"]", Some("[1, \"x\"]")), (r#"{"k":{"n":1}}"#, Some(r#"{"k":{"n":1}}"#)), ("[]", None), ("{}", None)]
    {
        let body = format!(r#"{{"next":{json},"data":[{{"id":1}}]}}"#);
        let layout = paged(Paging::cursor("after", NEXT));
        assert!(read_with(&layout, Reading::default(), &body).1.is_err(), "{json} can not stand in a query");
        let in_body = facts(&paged(Paging::cursor("after", NEXT).at(IN_BODY)), &body);
        assert_eq!(in_body.cursor.as_deref(), kept, "{json} for a body");
    }
}

#[test]
fn the_last_record_gives_its_cursor_as_it_is() {
    let body = r#"{"data":[{"id":1,"sort":[1]},{"id":2,"sort":[170, "b"]}]}"#;
    let layout = paged(Paging::last_record("", &[At("sort")]).at(IN_BODY));
    assert_eq!(facts(&layout, body).cursor.as_deref(), Some(r#"[170, "b"]"#));
    let zero = paged(Paging::last_record("since", &[At("id")]));
    assert_eq!(facts(&zero, r#"{"data":[{"id":0}]}"#).cursor.as_deref(), Some("0"), "a record may well be number 0");
}

#[test]
fn a_page_says_its_size_and_what_is_carried() {
    static CARRIED: Carried =
        Carried(&[(&[], &[At("pit"), At("id")]), (&[], &[At("none")]), (&[], &[At("n")]), (&[], &[At("x")])]);
    let body = r#"{"max":"5","data":[{"id":1}],"pit":{"id":"p"},"none":null,"n":7}"#;
    let echoed = paged(Paging::offset("o", 0).advance(Advance::Echoed(&[At("max")])));
    assert_eq!(facts(&echoed, body).size, Some(5));
    let carried = paged(Paging::last_record("", &[At("id")]).at(IN_BODY).carry(&CARRIED));
    let expected = [Some("\"p\"".to_owned()), None, Some("7".to_owned())];
    assert_eq!(facts(&carried, body).carried, expected);
    let the_other_way_round = r#"{"n":7,"none":null,"pit":{"id":"p"},"data":[{"id":1}],"max":"5"}"#;
    assert_eq!(facts(&carried, the_other_way_round).carried, expected);
}

#[test]
fn a_page_says_what_the_next_run_starts_from() {
    static BY: Incremental = Incremental::by_token(NEXT);
    let layout = Layout::of(&Resource { selectors: &[DATA], incremental: Some(&BY), ..Resource::LIST });
    for (json, expected) in [(r#""t1""#, Some("t1")), ("7", Some("7")), (r#""""#, None), ("null", None)] {
        assert_eq!(facts(&layout, &format!(r#"{{"data":[],"next":{json}}}"#)).token.as_deref(), expected, "{json}");
    }
}

#[test]
fn the_head_of_a_page_counts_as_well() {
    let with = |name: &str, value: &str, paging: Paging| {
        let mut response = response(r#"{"data":[{"id":1}],"next":"/v1/x?page_info=a%2Bb"}"#);
        response.headers.push(name, value);
        read(&response, &paged(paging), Reading::default(), &mut Users::default()).map(|page| page.facts)
    };
    let total = |value: &str, paging: Paging| with("X-Total-Count", value, paging.total_header("x-total-count")).unwrap().total;
    let offset = Paging::offset("o", 0);
    assert_eq!(total("42", offset), Some(42));
    assert_eq!(total("0", offset), Some(0));
    assert_eq!(total("0", offset.zero_is_unknown()), None);
    assert_eq!(total("many", offset), None);
    let cursor = |value| with("X-Next-Page", value, Paging::header_cursor("page", "x-next-page")).unwrap().cursor;
    assert_eq!(cursor("3").as_deref(), Some("3"));
    assert_eq!(cursor("  ").as_deref(), None);

    let links = r#"<https://x/1>; rel="prev", <https://x/2?page_info=c%3D&limit=5>; rel="next""#;
    let taken = with("link", links, Paging::header_link("next").take(&LinkParam("page_info"))).unwrap();
    assert_eq!((taken.cursor.as_deref(), taken.link), (Some("c="), None), "the link itself is not followed");
    let json = with("x", "y", Paging::json_link(NEXT).take(&LinkParam("page_info"))).unwrap();
    assert_eq!(json.cursor.as_deref(), Some("a+b"));
    let missing = with("x", "y", Paging::json_link(NEXT).take(&LinkParam("after"))).unwrap_err();
    assert_eq!(missing, NoPage("the next page's address has no `after`".to_owned()));
}

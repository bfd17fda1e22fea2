//! The rules of paging that few services need, as sequences of pages against the positions they lead to.

use tapwright_runtime::rt::carry::Carried;
use tapwright_runtime::rt::descriptor::{Advance, Paging, Path, Segment::Key, Slot};
use tapwright_runtime::rt::error::ErrorKind;
use tapwright_runtime::rt::link_param::LinkParam;
use tapwright_runtime::rt::page::PageFacts;
use tapwright_runtime::rt::pager::{Pager, Position};

const NEXT: Path = &[Key("next")];
const AFTER: Slot = Slot::Body(&[Key("after")]);
const OFFSET: Paging = Paging::offset("offset", 0).size("limit", 10);
const FROM_1: Paging = Paging::offset("offset", 1).size("limit", 10);
const CURSOR: Paging = Paging::cursor("cursor", NEXT).size("limit", 10);
const LAST_RECORD: Paging = Paging::last_record("after", NEXT).size("limit", 10);
const LINK: Paging = Paging::header_link("next").size("limit", 10);
const PAGE: Paging = Paging::page_number("page", 0).size("limit", 10);
const TAKEN: Paging = Paging::json_link(NEXT).take(&LinkParam("page_info"));
const HEADER_CURSOR: Paging = Paging::header_cursor("page", "x-next-page");

fn leak(paging: &Paging) -> &'static Paging {
    Box::leak(Box::new(*paging))
}

fn rows(rows: u64) -> PageFacts {
    PageFacts { rows, ..PageFacts::default() }
}

fn total(count: u64, total: u64) -> PageFacts {
    PageFacts { total: Some(total), ..rows(count) }
}

fn sized(count: u64, size: u64, more: Option<bool>) -> PageFacts {
    PageFacts { size: Some(size), has_more: more, ..rows(count) }
}

fn cursor(count: u64, cursor: &str, more: Option<bool>) -> PageFacts {
    PageFacts { cursor: Some(cursor.to_owned()), has_more: more, ..rows(count) }
}

fn link(count: u64, link: &str) -> PageFacts {
    PageFacts { link: Some(link.to_owned()), ..rows(count) }
}

fn carried(count: u64, of: &str, value: Option<&str>) -> PageFacts {
    PageFacts { carried: vec![value.map(str::to_owned)], ..cursor(count, of, None) }
}

fn shown(position: &Position) -> String {
    match position {
        Position::Start => "start".to_owned(),
        Position::Page(number) => format!("page {number}"),
        Position::Offset(offset) => format!("offset {offset}"),
        Position::Cursor(cursor) => format!("cursor {cursor}"),
        Position::Url(url) => format!("url {url}"),
        Position::Sequence(id) => format!("sequence {id}"),
    }
}

/// Takes the pages in, and gives where each one led; the last one is `end` or the error's kind.
fn run(paging: &Paging, sequence: &[PageFacts]) -> String {
    let paging = leak(paging);
    let (mut pager, mut at) = (Pager::new(paging, None).unwrap(), Pager::start(paging));
    let mut told = vec![shown(&at)];
    for facts in sequence {
        match pager.advance(&at, facts) {
            Ok(Some(next)) => {
                told.push(shown(&next));
                at = next;
            }
            Ok(None) => {
                told.push("end".to_owned());
                break;
            }
            Err(error) => {
                told.push(format!("{:?}", error.kind()));
                break;
            }
        }
    }
    told.join(", ")
}

/// A name, the way to page, the pages that come, and where they lead.
type Case<'a> = (&'a str, Paging, &'a [PageFacts], &'a str);

fn check(cases: &[Case<'_>]) {
    for (name, paging, sequence, expected) in cases {
        assert_eq!(run(paging, sequence), *expected, "{name}");
    }
}

#[test]
fn an_offset_advances_as_the_spec_says() {
    let full = OFFSET.advance(Advance::Size);
    let by_total = full.total(NEXT);
    let echoed = OFFSET.advance(Advance::Echoed(NEXT));
    check(&[
        ("by what came", OFFSET, &[rows(10), rows(4), rows(0)], "offset 0, offset 10, offset 14, end"),
        ("by the size, whatever came", full, &[rows(10), rows(4), rows(0)], "offset 0, offset 10, offset 20, end"),
        (
            "records kept back were counted",
            by_total,
            &[total(4, 25), total(9, 25), total(1, 25)],
            "offset 0, offset 10, offset 20, end",
        ),
        ("the last step ends at the total", by_total, &[total(6, 20), total(5, 20)], "offset 0, offset 10, end"),
        (
            "an empty page in the middle",
            by_total,
            &[total(6, 25), total(0, 25), total(2, 25)],
            "offset 0, offset 10, offset 20, end",
        ),
        (
            "from another first number on, by the size",
            FROM_1.advance(Advance::Size).total(NEXT),
            &[total(4, 11), total(4, 11)],
            "offset 1, offset 11, end",
        ),
        (
            "so many records, and an empty page among them",
            FROM_1.advance(Advance::Size).total(NEXT),
            &[total(0, 11), total(0, 11)],
            "offset 1, offset 11, end",
        ),
        ("an empty page at another first number", FROM_1.total(NEXT), &[total(0, 2), total(0, 2)], "offset 1, offset 11, end"),
        ("no size is known", Paging::offset("offset", 0).past_empty_pages(), &[rows(0), rows(3)], "offset 0, offset 1, offset 4"),
        (
            "no size is known, and pages are counted",
            Paging::page_number("page", 0),
            &[total(0, 1), total(1, 1)],
            "page 0, page 1, end",
        ),
        ("a step of nothing ends", OFFSET.size("limit", 0).advance(Advance::Size), &[rows(5)], "offset 0, end"),
        ("a size of one is one", echoed, &[sized(0, 1, Some(true))], "offset 0, offset 1"),
        (
            "by the size that the service says",
            echoed,
            &[sized(5, 5, Some(true)), sized(3, 5, Some(true)), sized(1, 5, Some(false))],
            "offset 0, offset 5, offset 10, end",
        ),
        (
            "by what came where the service says nothing",
            echoed,
            &[sized(4, 0, None), rows(3), rows(0)],
            "offset 0, offset 4, offset 7, end",
        ),
    ]);
}

#[test]
fn rules_of_the_end_combine() {
    let polled = LINK.until_empty_page();
    check(&[
        ("a log leads on for ever", polled, &[link(10, "u1"), link(0, "u2")], "start, url u1, end"),
        ("without the rule it is asked again", LINK, &[link(10, "u1"), link(0, "u2")], "start, url u1, url u2"),
        ("a cursor as well", CURSOR.until_empty_page(), &[cursor(10, "a", None), cursor(0, "b", None)], "start, cursor a, end"),
        ("an empty page ends although more is promised", CURSOR.until_empty_page(), &[cursor(0, "b", Some(true))], "start, end"),
        ("more is promised without a cursor", CURSOR, &[PageFacts { has_more: Some(true), ..rows(10) }], "start, Page"),
        ("more is promised without a link", LINK, &[PageFacts { has_more: Some(true), ..rows(10) }], "start, Page"),
        (
            "more is denied although the link is there",
            LINK,
            &[PageFacts { has_more: Some(false), ..link(10, "u") }],
            "start, end",
        ),
        (
            "a short page ends a link where that is the rule",
            LINK.until_short_page(),
            &[link(10, "u"), link(3, "v")],
            "start, url u, end",
        ),
        (
            "a short page goes on while more is promised",
            LAST_RECORD.until_short_page(),
            &[cursor(3, "a", Some(true)), cursor(3, "b", None)],
            "start, cursor a, end",
        ),
        (
            "a header leads on",
            HEADER_CURSOR,
            &[cursor(10, "2", None), cursor(9, "3", None), rows(1)],
            "start, cursor 2, cursor 3, end",
        ),
        ("the same header twice", HEADER_CURSOR, &[cursor(10, "2", None), cursor(9, "2", None)], "start, cursor 2, Loop"),
        ("a cursor out of a link", TAKEN, &[cursor(10, "a", None), rows(1)], "start, cursor a, end"),
        ("the same out of a link twice", TAKEN, &[cursor(10, "a", None), cursor(10, "a", None)], "start, cursor a, Loop"),
    ]);
}

#[test]
fn a_window_is_an_error_unless_all_are_there() {
    let more = |count, more| PageFacts { has_more: Some(more), ..rows(count) };
    check(&[
        ("fewer than the window", OFFSET.window(20), &[rows(10), rows(9), rows(0)], "offset 0, offset 10, offset 19, end"),
        ("as many, and nothing more is known", OFFSET.window(20), &[rows(10), rows(10)], "offset 0, offset 10, Truncated"),
        (
            "as many, and these are all",
            OFFSET.total(NEXT).window(20),
            &[total(10, 20), total(10, 20)],
            "offset 0, offset 10, end",
        ),
        ("as many of more", OFFSET.total(NEXT).window(20), &[total(10, 99), total(10, 99)], "offset 0, offset 10, Truncated"),
        ("a total that can not be right proves nothing", OFFSET.total(NEXT).window(20), &[total(10, 10)], "offset 0, end"),
        ("nor does one of the page alone", PAGE.window(20), &[rows(10), total(10, 10)], "page 0, page 1, Truncated"),
        ("more is denied", PAGE.window(20), &[more(10, true), more(10, false)], "page 0, page 1, end"),
        ("more is promised", PAGE.window(20), &[more(10, true), more(10, true)], "page 0, page 1, Truncated"),
        ("no cursor any more", CURSOR.window(20), &[cursor(10, "a", None), rows(10)], "start, cursor a, Truncated"),
        ("no cursor any more before that", CURSOR.window(20), &[cursor(10, "a", None), rows(9)], "start, cursor a, end"),
        ("an empty page before that", LINK.window(20), &[link(10, "u"), link(5, "v"), rows(0)], "start, url u, url v, end"),
    ]);
    let paging = leak(&OFFSET.window(20));
    let mut pager = Pager::new(paging, None).unwrap();
    pager.resume(&Position::Offset(10), 10).unwrap();
    let error = pager.advance(&Position::Offset(10), &rows(10)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Truncated, "what came before a checkpoint counts");
    assert!(error.message().contains("at most 20 records of one query, 20 came"), "{error}");
}

#[test]
fn nothing_is_asked_for_ahead_beyond_a_window_or_a_total() {
    let after = |paging: &Paging, facts: &PageFacts| {
        let paging = leak(paging);
        let (mut pager, mut at) = (Pager::new(paging, None).unwrap(), Pager::start(paging));
        at = pager.advance(&at, facts).unwrap().unwrap();
        let mut told = Vec::new();
        while let Some(next) = pager.ahead(&at) {
            told.push(shown(&next));
            at = next;
        }
        told.join(", ")
    };
    let ahead = |paging: &Paging| after(paging, &total(10, 95));
    assert_eq!(ahead(&OFFSET.window(35)), "offset 20, offset 30");
    assert_eq!(ahead(&PAGE.window(35)), "page 2, page 3");
    assert_eq!(ahead(&OFFSET.advance(Advance::Size).window(25)), "offset 20");
    assert_eq!(after(&FROM_1, &total(10, 32)), "offset 21, offset 31");
    assert_eq!(after(&FROM_1, &total(10, 30)), "offset 21");
    let by_size = OFFSET.advance(Advance::Size);
    assert_eq!(after(&by_size, &total(25, 25)), "offset 20", "more rows than were asked for");
    assert_eq!(after(&by_size, &PageFacts { has_more: Some(true), ..total(25, 24) }), "", "a total that can not be right");
    assert_eq!(after(&PAGE.size("limit", 0), &PageFacts { has_more: Some(true), ..total(0, 20) }), "", "the size is not known");
}

/// What leads to a position, as `slot=value`.
fn placed(paging: &Paging, at: &Position) -> String {
    let pager = Pager::new(leak(paging), None).unwrap();
    let shown = pager.placed(at).into_iter().map(|(slot, value)| match slot {
        Slot::Query(name) => format!("query {name}={value}"),
        Slot::Header(name) => format!("header {name}={value}"),
        Slot::Path(name) => format!("path {name}={value}"),
        Slot::Body(path) => {
            let keys = path.iter().map(|segment| if let Key(key) = segment { *key } else { "?" });
            format!("body {}={value}", keys.collect::<Vec<_>>().join("."))
        }
    });
    shown.collect::<Vec<_>>().join(", ")
}

#[test]
fn a_position_goes_where_the_spec_says() {
    let text = |text: &str| Position::Cursor(text.to_owned());
    let cases: &[(Paging, Position, &str)] = &[
        (PAGE.at(Slot::Header("X-Page")).size_at(Slot::Header("X-Size")), Position::Page(3), "header X-Size=10, header X-Page=3"),
        (PAGE.at(AFTER).size_at(Slot::Body(&[Key("a"), Key("b")])), Position::Page(3), "body a.b=10, body after=3"),
        (OFFSET.at(Slot::Path("offset")), Position::Offset(30), "query limit=10, path offset=30"),
        (CURSOR.at(Slot::Header("X-After")), text("a b"), "query limit=10, header X-After=a b"),
        // JSON cursors go into a body as they came, be they texts, numbers or arrays.
        (CURSOR.at(AFTER), text(r#""a\"b""#), r#"query limit=10, body after="a\"b""#),
        (LAST_RECORD.at(AFTER), text("[1704067200,\"x\"]"), "query limit=10, body after=[1704067200,\"x\"]"),
        // What comes from a header or an address is a text.
        (HEADER_CURSOR.at(AFTER), text("7\""), r#"body after="7\"""#),
        (TAKEN.at(AFTER), text("x"), r#"body after="x""#),
        (TAKEN, text("x"), "query page_info=x"),
        (TAKEN, Position::Start, ""),
        (CURSOR.initially("0"), Position::Start, "query limit=10, query cursor=0"),
        (CURSOR.initially("0"), text("5"), "query limit=10, query cursor=5"),
        (CURSOR.at(AFTER).initially("[0]"), Position::Start, "query limit=10, body after=[0]"),
    ];
    for (paging, at, expected) in cases {
        assert_eq!(placed(paging, at), *expected, "{paging:?}");
    }
}

const PIT: Paging = LAST_RECORD.at(AFTER).carry(&Carried(&[(&[Key("pit"), Key("id")], &[Key("pit_id")])]));

#[test]
fn what_is_carried_along_is_the_latest() {
    let sequence = [carried(10, "[1]", Some("\"p1\"")), carried(10, "[2]", Some("\"p2\"")), carried(10, "[3]", None), rows(0)];
    assert_eq!(
        run(&PIT, &sequence),
        r#"start, cursor [[1],"p1"], cursor [[2],"p2"], cursor [[3],"p2"], end"#,
        "a page that gives none leaves the one before"
    );
    let at = Position::Cursor(r#"[[2],"p2"]"#.to_owned());
    assert_eq!(placed(&PIT, &at), r#"query limit=10, body after=[2], body pit.id="p2""#);
    let none = Position::Cursor("[[2],null]".to_owned());
    assert_eq!(placed(&PIT, &none), "query limit=10, body after=[2]");
    let broken = Position::Cursor("[[2],7".to_owned());
    assert_eq!(placed(&PIT, &broken), "query limit=10, body after=[[2],7", "what someone else wrote is sent as it is");
}

#[test]
fn the_same_cursor_is_a_loop_whatever_is_carried_along() {
    let sequence = [carried(10, "[1]", Some("\"p1\"")), carried(10, "[1]", Some("\"p2\""))];
    assert_eq!(run(&PIT, &sequence), r#"start, cursor [[1],"p1"], Loop"#);
    let mut pager = Pager::new(leak(&PIT), None).unwrap();
    let at = Position::Cursor(r#"[[1],"p1"]"#.to_owned());
    pager.resume(&at, 10).unwrap();
    assert_eq!(
        pager.advance(&at, &carried(10, "[1]", Some("\"p9\""))).unwrap_err().kind(),
        ErrorKind::Loop,
        "also after a resume"
    );
}

#[test]
fn a_cursor_that_was_tampered_with_is_no_panic() {
    for text in ["", "[", "{}", "7", "[]", "[1", "null"] {
        assert!(placed(&PIT, &Position::Cursor(text.to_owned())).starts_with("query limit=10"), "{text}");
    }
}

#[test]
fn a_pager_resumes_only_where_its_own_way_leads() {
    for (paging, at, fits) in [
        (TAKEN, Position::Cursor("a".to_owned()), true),
        (TAKEN, Position::Url("u".to_owned()), false),
        (HEADER_CURSOR, Position::Cursor("a".to_owned()), true),
        (HEADER_CURSOR, Position::Page(1), false),
    ] {
        assert_eq!(Pager::new(leak(&paging), None).unwrap().resume(&at, 0).is_ok(), fits, "{paging:?} at {at:?}");
    }
}

#[test]
fn what_is_missing_is_called_by_its_name() {
    for (paging, what) in [(CURSOR, "has no cursor"), (LINK, "has no address of a next page")] {
        let mut pager = Pager::new(leak(&paging), None).unwrap();
        let error = pager.advance(&Position::Start, &PageFacts { has_more: Some(true), ..rows(10) }).unwrap_err();
        assert!(error.message().contains(what), "{error}");
    }
}

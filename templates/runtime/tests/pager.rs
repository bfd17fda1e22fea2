//! The rules of paging, as sequences of pages against the positions they lead to.

use tapwright_runtime::rt::args::Args;
use tapwright_runtime::rt::descriptor::{Paging, Segment, Size, Slot, Stop, Style};
use tapwright_runtime::rt::error::ErrorKind;
use tapwright_runtime::rt::page::PageFacts;
use tapwright_runtime::rt::pager::{Pager, Position};
use tapwright_runtime::rt::paging::Later;

const PAGE: Style = Style::PageNumber { param: "page", base: 0 };
const PAGE_FROM_1: Style = Style::PageNumber { param: "page", base: 1 };
const OFFSET: Style = Style::Offset { param: "offset", base: 0 };
const CURSOR: Style = Style::Cursor { param: "cursor", path: &[Segment::Key("next")] };
const LAST_RECORD: Style = Style::LastRecord { param: "from", field: &[Segment::Key("id")] };
const HEADER_LINK: Style = Style::HeaderLink { rel: "next" };
const JSON_LINK: Style = Style::JsonLink { path: &[Segment::Key("next")] };

const SIZE: Size = Size { param: "limit", place: None, default: 10, max: Some(50) };

const EMPTY: Stop = Stop::EMPTY_PAGE;
const SHORT: Stop = Stop { on_short_page: true, ..EMPTY };
const ENDLESS: Stop = Stop { on_empty_page: false, ..EMPTY };

/// A name, the way to page, the pages that come, and what is expected of them.
type Case<'a, T> = (&'a str, Style, Stop, &'a [PageFacts], T);

/// Names and values.
type Params = &'static [(&'static str, &'static str)];

/// A pager that asks for pages of 10.
fn pager(style: Style, stop: Stop) -> (Pager, Position) {
    let paging: &'static Paging = Box::leak(Box::new(Paging { style, size: Some(SIZE), stop, ..Paging::SINGLE }));
    (Pager::new(paging, None).unwrap(), Pager::start(paging))
}

/// A page with so many records, each page's different.
fn rows(rows: u64) -> PageFacts {
    PageFacts { rows, ..PageFacts::default() }
}

fn total(count: u64, total: u64) -> PageFacts {
    PageFacts { total: Some(total), ..rows(count) }
}

fn pages(count: u64, pages: u64) -> PageFacts {
    PageFacts { total_pages: Some(pages), ..rows(count) }
}

fn more(count: u64, more: bool) -> PageFacts {
    PageFacts { has_more: Some(more), ..rows(count) }
}

fn cursor(count: u64, cursor: &str) -> PageFacts {
    PageFacts { cursor: Some(cursor.to_owned()), ..rows(count) }
}

fn link(count: u64, link: &str) -> PageFacts {
    PageFacts { link: Some(link.to_owned()), ..rows(count) }
}

fn with_more(facts: PageFacts, more: bool) -> PageFacts {
    PageFacts { has_more: Some(more), ..facts }
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
fn run(style: Style, stop: Stop, sequence: &[PageFacts]) -> String {
    let (mut pager, mut at) = pager(style, stop);
    let mut told = vec![shown(&at)];
    for facts in sequence {
        match pager.check(facts).and_then(|()| pager.advance(&at, facts)) {
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

#[test]
fn a_page_leads_to_the_next_one() {
    let by_total = Stop { total: Some(&[]), ..EMPTY };
    let maximum = Stop { maximum: Some(2), ..EMPTY };
    let offset_maximum = Stop { maximum: Some(20), ..EMPTY };
    let cases: &[Case<'_, &str>] = &[
        ("there is one page", Style::Single, EMPTY, &[rows(10)], "start, end"),
        ("there is one page, whatever it says", Style::Single, EMPTY, &[cursor(10, "a")], "start, end"),
        // Counters of pages.
        ("an empty page ends", PAGE, EMPTY, &[rows(10), rows(10), rows(0)], "page 0, page 1, page 2, end"),
        ("the base counts", PAGE_FROM_1, EMPTY, &[rows(10), rows(0)], "page 1, page 2, end"),
        ("a short page goes on", PAGE, EMPTY, &[rows(3), rows(0)], "page 0, page 1, end"),
        ("a short page ends where that is the rule", PAGE, SHORT, &[rows(10), rows(3)], "page 0, page 1, end"),
        ("the total ends", PAGE, by_total, &[total(10, 13), total(3, 13)], "page 0, page 1, end"),
        ("the total ends a full page", PAGE, by_total, &[total(10, 20), total(10, 20)], "page 0, page 1, end"),
        ("the total beats a short page", PAGE, SHORT, &[total(4, 12), total(8, 12)], "page 0, page 1, end"),
        (
            "an empty page in the middle goes on while the total says so",
            PAGE,
            by_total,
            &[total(10, 30), total(0, 30), total(10, 30), total(0, 30)],
            "page 0, page 1, page 2, page 3, end",
        ),
        (
            "the service makes pages smaller than asked for, and one is empty",
            PAGE,
            by_total,
            &[total(5, 20), total(0, 20), total(5, 20), total(5, 20), total(0, 20)],
            "page 0, page 1, page 2, page 3, page 4, end",
        ),
        (
            "a total of 0 with records says nothing",
            PAGE,
            by_total,
            &[total(10, 0), total(4, 0), total(0, 0)],
            "page 0, page 1, page 2, end",
        ),
        ("a total of the page's own records ends at the first", PAGE, by_total, &[total(10, 10)], "page 0, end"),
        ("nothing at all", PAGE, by_total, &[total(0, 0)], "page 0, end"),
        (
            "the latest total counts: it grows",
            PAGE,
            by_total,
            &[total(10, 20), total(10, 25), total(5, 25)],
            "page 0, page 1, page 2, end",
        ),
        ("the latest total counts: it shrinks", PAGE, by_total, &[total(10, 40), total(5, 15)], "page 0, page 1, end"),
        ("a missing total is no end", PAGE, by_total, &[total(10, 30), rows(10), total(10, 30)], "page 0, page 1, page 2, end"),
        ("the number of pages ends", PAGE_FROM_1, EMPTY, &[pages(10, 2), pages(10, 2)], "page 1, page 2, end"),
        (
            "an empty page goes on while more pages are said to follow",
            PAGE,
            EMPTY,
            &[pages(10, 3), pages(0, 3), pages(10, 3)],
            "page 0, page 1, page 2, end",
        ),
        (
            "a number of pages that was passed says nothing",
            PAGE,
            EMPTY,
            &[pages(10, 0), pages(10, 1), pages(0, 1)],
            "page 0, page 1, page 2, end",
        ),
        ("more is denied", PAGE, EMPTY, &[more(10, true), more(10, false)], "page 0, page 1, end"),
        ("more is promised after an empty page", PAGE, EMPTY, &[more(0, true), more(10, false)], "page 0, page 1, end"),
        (
            "rows above the size that was asked for are not counted",
            PAGE,
            by_total,
            &[total(12, 22), total(10, 22), total(2, 22)],
            "page 0, page 1, page 2, end",
        ),
        (
            "an empty page ends where no more pages are said to be",
            PAGE,
            ENDLESS,
            &[pages(10, 3), pages(10, 0), pages(0, 1)],
            "page 0, page 1, page 2, end",
        ),
        (
            "an empty page ends where no more records are said to be",
            PAGE,
            ENDLESS,
            &[rows(10), total(0, 5)],
            "page 0, page 1, end",
        ),
        ("the maximum ends", PAGE, maximum, &[rows(10), rows(10), rows(10)], "page 0, page 1, page 2, end"),
        // Counters of records.
        ("an offset advances by what came", OFFSET, EMPTY, &[rows(10), rows(7), rows(0)], "offset 0, offset 10, offset 17, end"),
        ("the total ends an offset", OFFSET, by_total, &[total(10, 12), total(2, 12)], "offset 0, offset 10, end"),
        (
            "an empty page in the middle is passed over by its size",
            OFFSET,
            by_total,
            &[total(10, 25), total(0, 25), total(5, 25), total(0, 25)],
            "offset 0, offset 10, offset 20, offset 25, end",
        ),
        (
            "an empty page is passed over by its size, also the first",
            OFFSET,
            by_total,
            &[total(0, 25), total(1, 25), total(0, 25)],
            "offset 0, offset 10, offset 11, offset 12",
        ),
        ("all rows move an offset", OFFSET, by_total, &[total(12, 22), total(10, 22)], "offset 0, offset 12, end"),
        ("one row moves it by one", OFFSET, EMPTY, &[rows(10), rows(1), rows(0)], "offset 0, offset 10, offset 11, end"),
        (
            "an offset has a maximum",
            OFFSET,
            offset_maximum,
            &[rows(10), rows(10), rows(10)],
            "offset 0, offset 10, offset 20, end",
        ),
        // Cursors.
        ("a cursor leads on", CURSOR, EMPTY, &[cursor(10, "a"), cursor(3, "b"), rows(10)], "start, cursor a, cursor b, end"),
        (
            "an empty page with a cursor goes on",
            CURSOR,
            ENDLESS,
            &[cursor(0, "a"), cursor(0, "b"), rows(1)],
            "start, cursor a, cursor b, end",
        ),
        ("more is denied in spite of a cursor", CURSOR, EMPTY, &[with_more(cursor(10, "a"), false)], "start, end"),
        (
            "a short page ends a cursor where that is the rule",
            CURSOR,
            SHORT,
            &[cursor(10, "a"), cursor(9, "b")],
            "start, cursor a, end",
        ),
        (
            "nothing new, where an empty page is no end",
            CURSOR,
            ENDLESS,
            &[cursor(10, "a"), cursor(0, "a")],
            "start, cursor a, end",
        ),
        ("nothing new: the cursor stays", CURSOR, EMPTY, &[cursor(10, "a"), cursor(0, "a")], "start, cursor a, end"),
        (
            "the last record leads on",
            LAST_RECORD,
            EMPTY,
            &[cursor(10, "r10"), cursor(2, "r12"), rows(0)],
            "start, cursor r10, cursor r12, end",
        ),
        ("more is denied after the last record", LAST_RECORD, EMPTY, &[with_more(cursor(10, "r10"), false)], "start, end"),
        ("an empty page ends, whatever the service promises", LAST_RECORD, EMPTY, &[with_more(rows(0), true)], "start, end"),
        ("an empty page ends, whatever the spec says", LAST_RECORD, ENDLESS, &[rows(0)], "start, end"),
        ("a last record without a cursor", LAST_RECORD, EMPTY, &[rows(10)], "start, Page"),
        // Links.
        (
            "a link in the header leads on, also from an empty page",
            HEADER_LINK,
            ENDLESS,
            &[link(10, "u1"), link(0, "u2"), rows(4)],
            "start, url u1, url u2, end",
        ),
        ("a link in the page leads on", JSON_LINK, EMPTY, &[link(10, "u1"), rows(4)], "start, url u1, end"),
        ("nothing new: the link leads to itself", HEADER_LINK, EMPTY, &[link(10, "u1"), link(0, "u1")], "start, url u1, end"),
    ];
    for (name, style, stop, sequence, expected) in cases {
        assert_eq!(run(*style, *stop, sequence), *expected, "{name}");
    }
}

#[test]
fn no_progress_is_an_error_and_never_a_loop() {
    let same = |count| PageFacts { digest: Some(7), ..rows(count) };
    let cases: &[Case<'_, &str>] = &[
        ("the same cursor", CURSOR, EMPTY, &[cursor(10, "a"), cursor(10, "a")], "start, cursor a, Loop"),
        (
            "a circle of cursors",
            CURSOR,
            ENDLESS,
            &[cursor(9, "a"), cursor(0, "b"), cursor(9, "a")],
            "start, cursor a, cursor b, Loop",
        ),
        ("the same last record", LAST_RECORD, EMPTY, &[cursor(9, "a"), cursor(1, "a")], "start, cursor a, Loop"),
        ("the same link", HEADER_LINK, EMPTY, &[link(9, "u"), link(9, "u")], "start, url u, Loop"),
        ("a circle of links", JSON_LINK, EMPTY, &[link(9, "u"), link(9, "v"), link(9, "u")], "start, url u, url v, Loop"),
        ("the same page", PAGE, EMPTY, &[same(10), same(10)], "page 0, page 1, Loop"),
        ("the same page of one record", PAGE, EMPTY, &[same(1), same(1)], "page 0, page 1, Loop"),
        ("the same page by offset", OFFSET, EMPTY, &[same(10), same(10)], "offset 0, offset 10, Loop"),
        ("the same page after another", PAGE, EMPTY, &[same(10), rows(10), same(10)], "page 0, page 1, page 2, page 3"),
        (
            "two empty pages are not the same page",
            PAGE,
            Stop { maximum: Some(2), ..ENDLESS },
            &[same(0), same(0)],
            "page 0, page 1, page 2",
        ),
    ];
    for (name, style, stop, sequence, expected) in cases {
        assert_eq!(run(*style, *stop, sequence), *expected, "{name}");
    }

    for (name, facts) in [
        ("nothing says where the end is", rows(0)),
        ("more is promised for ever", more(0, true)),
        ("a total out of reach", total(0, u64::MAX)),
    ] {
        for style in [PAGE, OFFSET] {
            let told = run(style, ENDLESS, &vec![facts.clone(); 1000]);
            assert!(told.ends_with("Loop"), "{name}: {told}");
            assert_eq!(told.split(", ").count(), 101, "{name}");
        }
    }
    let begun = |facts: PageFacts| [vec![rows(10)], vec![facts; 1000]].concat();
    assert_eq!(run(PAGE, ENDLESS, &begun(more(0, true))).split(", ").count(), 102, "a page with records begins the count anew");
    let told = run(PAGE, ENDLESS, &begun(rows(10)));
    assert!(told.ends_with("page 1001"), "pages with records do not count: {told}");
    let told = run(PAGE, Stop { maximum: Some(150), ..ENDLESS }, &vec![rows(0); 1000]);
    assert!(told.ends_with("page 150, end"), "where there is a maximum, it is the end: {told}");
}

#[test]
fn a_position_becomes_parameters() {
    let cases: &[(&str, Style, Position, Params)] = &[
        ("one page", Style::Single, Position::Start, &[("limit", "10")]),
        ("a page", PAGE, Position::Page(3), &[("limit", "10"), ("page", "3")]),
        ("an offset", OFFSET, Position::Offset(30), &[("limit", "10"), ("offset", "30")]),
        ("before the first cursor", CURSOR, Position::Start, &[("limit", "10")]),
        ("a cursor, as it is", CURSOR, Position::Cursor("a*~+/= b".to_owned()), &[("limit", "10"), ("cursor", "a*~+/= b")]),
        ("a last record", LAST_RECORD, Position::Cursor("900".to_owned()), &[("limit", "10"), ("from", "900")]),
        ("an address is followed as it is", JSON_LINK, Position::Url("https://x/?a=1".to_owned()), &[]),
    ];
    for (name, style, at, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|(name, value)| (Slot::Query(name), (*value).to_owned())).collect();
        assert_eq!(pager(*style, EMPTY).0.placed(at), expected, "{name}");
    }
}

#[test]
fn a_size_that_is_not_sent_is_known_all_the_same() {
    static PAGING: Paging = Paging { style: PAGE, size: Some(Size { param: "", ..SIZE }), stop: SHORT, ..Paging::SINGLE };
    let mut pager = Pager::new(&PAGING, None).unwrap();
    assert_eq!(pager.placed(&Position::Page(0)), [(Slot::Query("page"), "0".to_owned())]);
    assert_eq!(pager.advance(&Position::Page(0), &rows(9)).unwrap(), None);
}

#[test]
fn the_size_of_a_page_is_checked() {
    static PAGING: Paging = Paging { style: PAGE, size: Some(SIZE), stop: EMPTY, ..Paging::SINGLE };
    assert_eq!(
        Pager::new(&PAGING, Some("50")).unwrap().placed(&Position::Page(0)),
        [(Slot::Query("limit"), "50".to_owned()), (Slot::Query("page"), "0".to_owned())]
    );
    for (size, expected) in [("51", "at most 50"), ("0", "from 1 on"), ("-1", "from 1 on"), ("many", "from 1 on")] {
        let error = Pager::new(&PAGING, Some(size)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains(expected), "{size}: {}", error.message());
    }
}

/// The positions ahead of the first page, once its facts are known.
fn ahead(style: Style, stop: Stop, sequence: &[PageFacts]) -> Vec<String> {
    let (mut pager, mut at) = pager(style, stop);
    for facts in sequence {
        let Some(next) = pager.advance(&at, facts).unwrap() else { return Vec::new() };
        at = next;
    }
    let mut told = Vec::new();
    while let Some(next) = pager.ahead(&at) {
        told.push(shown(&next));
        at = next;
    }
    told
}

#[test]
fn a_total_tells_the_pages_to_come() {
    let cases: &[Case<'_, &[&str]>] = &[
        ("nothing is known at first", PAGE, EMPTY, &[], &[]),
        ("pages by a total", PAGE, EMPTY, &[total(10, 35)], &["page 2", "page 3"]),
        ("pages from 1 by a total", PAGE_FROM_1, EMPTY, &[total(10, 35)], &["page 3", "page 4"]),
        ("pages by their number", PAGE, EMPTY, &[pages(10, 4)], &["page 2", "page 3"]),
        ("the service makes pages smaller", PAGE, EMPTY, &[total(5, 20)], &["page 2", "page 3"]),
        ("offsets", OFFSET, EMPTY, &[total(10, 35)], &["offset 20", "offset 30"]),
        ("offsets of smaller pages", OFFSET, EMPTY, &[total(5, 20)], &["offset 10", "offset 15"]),
        ("a total that can not be right", PAGE, EMPTY, &[total(10, 3)], &[]),
        ("the latest page counts", PAGE, EMPTY, &[total(10, 60), total(10, 40)], &["page 3"]),
        ("no further than the maximum", PAGE, Stop { maximum: Some(2), ..EMPTY }, &[total(10, 99)], &["page 2"]),
        ("offsets, no further than the maximum", OFFSET, Stop { maximum: Some(20), ..EMPTY }, &[total(10, 99)], &["offset 20"]),
        ("cursors can not be foretold", CURSOR, EMPTY, &[PageFacts { total: Some(99), ..cursor(10, "a") }], &[]),
    ];
    for (name, style, stop, sequence, expected) in cases {
        assert_eq!(ahead(*style, *stop, sequence), *expected, "{name}");
    }
}

#[test]
fn a_pager_resumes_only_where_its_own_style_leads() {
    let cases = [
        (Style::Single, Position::Start, true),
        (Style::Single, Position::Page(1), false),
        (Style::Single, Position::Cursor("a".to_owned()), false),
        (PAGE_FROM_1, Position::Page(1), true),
        (PAGE_FROM_1, Position::Page(0), false),
        (PAGE, Position::Start, false),
        (OFFSET, Position::Offset(5), true),
        (OFFSET, Position::Page(5), false),
        (CURSOR, Position::Start, true),
        (CURSOR, Position::Cursor("a".to_owned()), true),
        (LAST_RECORD, Position::Url("u".to_owned()), false),
        (HEADER_LINK, Position::Url("u".to_owned()), true),
        (JSON_LINK, Position::Cursor("a".to_owned()), false),
    ];
    for (style, at, fits) in cases {
        let resumed = pager(style, EMPTY).0.resume(&at, 0);
        assert_eq!(resumed.is_ok(), fits, "{style:?} at {at:?}");
        assert!(resumed.is_ok() || resumed.unwrap_err().kind() == ErrorKind::Checkpoint);
    }
}

#[test]
fn a_resumed_pager_knows_how_many_records_came_before() {
    let (mut pager, _) = pager(PAGE, EMPTY);
    pager.resume(&Position::Page(2), 15).unwrap();
    assert_eq!(pager.advance(&Position::Page(2), &total(5, 20)).unwrap(), None, "15 came before, 5 came now");
}

#[test]
fn a_resumed_pager_knows_its_cursor() {
    let (mut pager, _) = pager(CURSOR, EMPTY);
    let at = Position::Cursor("a".to_owned());
    pager.resume(&at, 10).unwrap();
    assert_eq!(pager.advance(&at, &cursor(10, "a")).unwrap_err().kind(), ErrorKind::Loop);
}

#[test]
fn a_total_that_changes_means_that_records_moved() {
    let (mut pager, at) = pager(PAGE, EMPTY);
    assert!(!pager.has_moved(&total(10, 30)), "nothing was told before");
    let at = pager.advance(&at, &total(10, 30)).unwrap().unwrap();
    pager.advance(&at, &rows(10)).unwrap();
    assert!(!pager.has_moved(&rows(10)), "nothing is told");
    assert!(!pager.has_moved(&total(10, 30)));
    assert!(pager.has_moved(&total(10, 29)) && pager.has_moved(&total(10, 31)));
    assert_eq!(pager.seen(), 20);
}

#[test]
fn another_sequence_begins_with_nothing_but_the_size() {
    static PAGING: Paging = Paging { style: CURSOR, size: Some(SIZE), stop: SHORT, ..Paging::SINGLE };
    let mut pager = Pager::new(&PAGING, Some("20")).unwrap();
    let at = pager.advance(&pager.first(), &cursor(20, "a")).unwrap().unwrap();
    pager.renew();
    assert_eq!(pager.seen(), 0);
    assert_eq!(pager.advance(&Position::Start, &cursor(20, "a")).unwrap(), Some(at), "no loop: it is another sequence");
    assert_eq!(pager.advance(&Position::Start, &cursor(19, "b")).unwrap(), None, "the size is what it was");
}

#[test]
fn what_leads_to_a_page_replaces_what_the_caller_set() {
    static SEARCH: Paging = Paging {
        size: Some(Size { place: Some(Slot::Header("X-Size")), ..SIZE }),
        later: Later::Without(&["q"]),
        ..Paging::cursor("cursor", &[])
    };
    static IN_QUERY: Paging = Paging { size: Some(SIZE), ..Paging::cursor("cursor", &[]) };
    let placed = |paging: &'static Paging, at: &Position| {
        let mut args = Args::default();
        for (name, value) in [("q", "x"), ("limit", "99"), ("cursor", "mine")] {
            args.set(name, value);
        }
        Pager::new(paging, None).unwrap().place(at, &mut args);
        let sent = args.params().filter(|(name, _)| args.sends(name)).map(|(name, value)| format!("{name}={value}"));
        let headers = args.headers().iter().map(|(name, value)| format!("{name}: {value}"));
        sent.chain(headers).collect::<Vec<_>>().join(" ")
    };
    let next = Position::Cursor("a".to_owned());
    assert_eq!(
        placed(&SEARCH, &Position::Start),
        "q=x cursor=mine X-Size: 10",
        "the size goes elsewhere than where the caller set it"
    );
    assert_eq!(placed(&SEARCH, &next), "cursor=a X-Size: 10", "later requests leave out what the spec says");
    assert_eq!(placed(&IN_QUERY, &next), "q=x limit=10 cursor=a");
}

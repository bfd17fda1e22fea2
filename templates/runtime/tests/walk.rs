//! The walk without IO: what is asked for, in which order, and what becomes of the answers.

mod diary;
mod paged;

use diary::{CURSOR, Diary, JSON_LINK, OFFSET, PAGE, Texts, core, page, records, taken, walk};
use paged::{BOUNDS, ID, NEXT, TOTAL, leak, ok, operation, resource, status};
use tapwright_runtime::rt::args::Args;
use tapwright_runtime::rt::cast::to_integer;
use tapwright_runtime::rt::checkpoint::Place;
use tapwright_runtime::rt::cursor::Format;
use tapwright_runtime::rt::descriptor::{Binding, Param, PartitionBy, Resource, Segment::Key as At, Size, Stop, Style};
use tapwright_runtime::rt::digest::digest;
use tapwright_runtime::rt::error::{Error, ErrorKind};
use tapwright_runtime::rt::incremental::Incremental;
use tapwright_runtime::rt::list::List;
use tapwright_runtime::rt::message::Headers;
use tapwright_runtime::rt::page::PageRead;
use tapwright_runtime::rt::pager::Position;
use tapwright_runtime::rt::steps::{Explode, Step, Steps};
use tapwright_runtime::rt::walk::{Taken, Turn, Walk};
use tapwright_runtime::rt::window::Windows;

#[test]
fn pages_are_asked_for_ahead_and_taken_in_order() {
    let mut diary = Diary::new(leak(resource(PAGE, TOTAL, 2, false)), 3);
    assert_eq!(diary.plan().turn().told(), "0: rows?limit=2&page=0; wait for Some(0)");
    diary.arrive(0, page(&[1, 2], r#","total":9"#));
    assert_eq!(diary.turn().told(), "1 2; wait for None");
    assert_eq!(diary.plan().told(), "1: rows?limit=2&page=1; 2: rows?limit=2&page=2; 3: rows?limit=2&page=3");
    diary.arrive(3, page(&[7, 8], r#","total":9"#)).arrive(2, page(&[5, 6], r#","total":9"#));
    assert_eq!(diary.plan().turn().told(), "wait for Some(1)", "the window is full until the first is taken");
    diary.arrive(1, page(&[3, 4], r#","total":9"#));
    assert_eq!(diary.turn().plan().told(), "3 4; 5 6; 7 8; wait for None; 4: rows?limit=2&page=4");
    diary.arrive(4, page(&[9], r#","total":9"#));
    assert_eq!(diary.turn().plan().told(), "9; done");
}

#[test]
fn offsets_ahead_are_dropped_and_planned_anew_after_a_short_page() {
    let mut diary = Diary::new(leak(resource(OFFSET, TOTAL, 3, false)), 3);
    diary.plan().arrive(0, page(&[1, 2, 3], r#","total":10"#)).turn().plan();
    assert_eq!(
        diary.told(),
        "0: rows?limit=3&offset=0; 1 2 3; wait for None; 1: rows?limit=3&offset=3; 2: rows?limit=3&offset=6; 3: rows?limit=3&offset=9"
    );
    diary.arrive(3, page(&[10], r#","total":10"#)).arrive(1, page(&[4, 5], r#","total":10"#));
    assert_eq!(
        diary.turn().plan().told(),
        "4 5; cancel [2, 3]; wait for None; 4: rows?limit=3&offset=5; 5: rows?limit=3&offset=8"
    );
    diary.arrive(2, page(&[99], "")).arrive(4, page(&[6, 7, 8], r#","total":10"#)).arrive(5, page(&[9, 10], r#","total":10"#));
    assert_eq!(diary.turn().plan().told(), "6 7 8; 9 10; done", "an answer that comes too late is of no use");
}

#[test]
fn pages_ahead_are_dropped_when_the_latest_total_ends_earlier() {
    let mut diary = Diary::new(leak(resource(PAGE, TOTAL, 1, false)), 4);
    diary.plan().arrive(0, page(&[1], r#","total":5"#)).turn().plan().told();
    diary.arrive(1, page(&[2], r#","total":2"#));
    assert_eq!(diary.turn().plan().told(), "2; cancel [2, 3, 4]; done");
}

#[test]
fn pages_ahead_are_asked_for_again_where_the_list_has_moved() {
    let mut diary = Diary::new(leak(resource(PAGE, TOTAL, 2, false)), 2);
    diary.plan().arrive(0, page(&[1, 2], r#","total":6"#)).turn().plan().told();
    // The second page was made after a record came to the start of the list, and the third before: 4 would be on neither.
    diary.arrive(2, page(&[5, 6], r#","total":6"#)).arrive(1, page(&[2, 3], r#","total":7"#));
    assert_eq!(diary.turn().plan().told(), "2 3; cancel [2]; wait for None; 3: rows?limit=2&page=2; 4: rows?limit=2&page=3");
}

#[test]
fn a_page_whose_given_records_moved_is_given_from_its_start() {
    let resource = leak(resource(PAGE, TOTAL, 3, false));
    for (rows, expected) in
        [(&[1, 2, 3][..], "3"), (&[1, 2, 3, 4], "3 4"), (&[2, 3, 4], "2 3 4"), (&[0, 1, 2], "0 1 2"), (&[1], "1")]
    {
        let place = Place { given: 2, digest: Some(digest(b"2")), ..Place::at(Position::Page(0), 0, Vec::new()) };
        let walk = Walk::new(&core(), resource, &Args::default(), Headers::default(), 0, &[place]).unwrap();
        let mut diary = Diary { walk, lines: Vec::new() };
        diary.plan().told();
        let told = diary.arrive(0, page(rows, r#","total":1"#)).turn().told();
        assert_eq!(told.split(';').next(), Some(expected), "{rows:?}");
    }
}

/// With steps that holds for the records made of one as well, and the place is that of the page's start.
#[test]
fn a_page_that_moved_is_gone_on_with_from_its_start() {
    static ELEMENTS: Steps = Steps(&[Step::Explode(Explode { path: &[At("l")], keep_empty: false, merge: None })]);
    let list = leak(Resource { steps: Some(&ELEMENTS), ..resource(PAGE, TOTAL, 3, false) });
    for (known, expected, given, part) in [(true, r#"{"l":4}"#, 1, 1), (false, r#"{"l":1} {"l":2} {"l":3} {"l":4}"#, 0, 0)] {
        let first = r#"{"l":[1,2]}"#;
        let known = digest(if known { first.as_bytes() } else { b"gone" });
        let place = Place { given: 1, part: 1, digest: Some(known), ..Place::at(Position::Page(0), 0, Vec::new()) };
        let mut walk = Walk::new(&core(), list, &Args::default(), Headers::default(), 0, &[place]).unwrap();
        walk.plan().unwrap();
        walk.arrive(0, Ok(ok(format!(r#"{{"rows":[{first},{{"l":[3,4]}}],"total":1}}"#))));
        let mut texts = Texts::default();
        let taken = taken(&mut walk, &mut texts);
        assert_eq!(texts.0.join(" "), expected);
        assert_eq!((taken.skipped, taken.here[0].given, taken.here[0].part), (given, given, part), "{expected}");
    }
}

/// Where a part of a record does not fit, the place after the page is before that part.
#[test]
fn a_part_that_does_not_fit_is_where_the_next_read_begins() {
    static NUMBERS: Steps =
        Steps(&[Step::Explode(Explode { path: &[At("l")], keep_empty: false, merge: None }), Step::Cast(&[At("l")], to_integer)]);
    let list = leak(Resource { steps: Some(&NUMBERS), ..resource(PAGE, TOTAL, 3, false) });
    let mut walk = walk(list, &Args::default(), 0).unwrap();
    walk.plan().unwrap();
    walk.arrive(0, Ok(ok(r#"{"rows":[{"l":["1"]},{"l":["2","x","3"]}],"total":2}"#)));
    let mut texts = Texts::default();
    let taken = taken(&mut walk, &mut texts);
    assert_eq!(texts.0.join(" "), r#"{"l":1} {"l":2}"#);
    let [after] = taken.after.as_slice() else { panic!("{:?}", taken.after) };
    assert_eq!((&after.position, after.given, after.part), (&Position::Page(0), 1, 1));
}

#[test]
fn without_a_window_only_what_is_needed_is_asked_for() {
    let mut diary = Diary::new(leak(resource(PAGE, TOTAL, 1, false)), 0);
    assert_eq!(diary.plan().told(), "0: rows?limit=1&page=0");
    diary.arrive(0, page(&[1], r#","total":3"#));
    assert_eq!(diary.turn().plan().told(), "1; wait for None; 1: rows?limit=1&page=1");

    let mut diary = Diary::new(leak(resource(CURSOR, Stop::EMPTY_PAGE, 5, true)), 0);
    diary.plan().arrive(0, records(&[1, 2], ""));
    assert_eq!(diary.plan().told(), "0: groups?limit=2", "no group is opened before its turn");
}

#[test]
fn the_next_parents_are_opened_as_soon_as_their_page_is_there() {
    let mut diary = Diary::new(leak(resource(PAGE, TOTAL, 5, true)), 4);
    diary.plan().arrive(0, records(&[1, 2], r#","total":6"#)).turn().plan();
    assert_eq!(
        diary.told(),
        "0: groups?limit=2&page=0; wait for None; 1: groups/1/rows?limit=5&page=0; 2: groups/2/rows?limit=5&page=0; \
         3: groups?limit=2&page=1; 4: groups?limit=2&page=2"
    );
    diary.arrive(1, page(&[11], r#","total":1"#)).arrive(2, page(&[21], r#","total":1"#));
    diary.arrive(3, records(&[3, 4], r#","total":6"#));
    assert_eq!(diary.turn().told(), "11; 21; wait for None", "their rows are to be asked for, whatever the next groups are");
}

#[test]
fn what_was_asked_for_of_a_list_that_is_passed_over_is_cancelled() {
    let mut diary = Diary::new(leak(resource(PAGE, TOTAL, 1, false)), 3);
    diary.plan().arrive(0, page(&[1], r#","total":5"#)).turn().plan().told();
    diary.walk.arrive(1, Err(Error::new(ErrorKind::PassedOver, "no")));
    assert_eq!(diary.turn().told(), "done; cancel [2, 3]");
}

#[test]
fn what_was_asked_for_past_the_bounds_is_cancelled() {
    static BY: Incremental = Incremental::by(ID, Format::Number).on_our_side().end("3").ascending();
    let list = Resource { incremental: Some(&BY), ..resource(PAGE, TOTAL, 1, false) };
    let mut diary = Diary::new(leak(list), 3);
    diary.plan().arrive(0, records(&[1], r#","total":5"#)).turn().plan().told();
    diary.arrive(1, records(&[4], r#","total":5"#));
    assert_eq!(diary.turn().told(), "; cancel [2, 3]; done");
}

#[test]
fn where_records_are_is_noted_for_their_cursors_alone() {
    static BY: Incremental = Incremental::by(ID, Format::Number);
    static BY_TOKEN: Incremental = Incremental::by_token(NEXT);
    let list = || resource(PAGE, Stop::EMPTY_PAGE, 2, false);
    let cases = [
        ("without a cursor", list(), 0),
        ("by a cursor of the records", Resource { incremental: Some(&BY), ..list() }, 2),
        ("by a token of the page", Resource { incremental: Some(&BY_TOKEN), ..list() }, 0),
    ];
    for (name, list, expected) in cases {
        let mut walk = walk(leak(list), &Args::default(), 0).unwrap();
        walk.plan().unwrap();
        walk.arrive(0, Ok(records(&[1, 2], "")));
        let taken = taken(&mut walk, &mut Texts::default());
        assert_eq!((taken.page.records, taken.page.spans.len(), taken.is_cut), (2, expected, false), "{name}");
    }
}

#[test]
fn records_given_are_counted_with_those_left_out_before_them() {
    let cases: [(&[u64], u64, &[u64]); 4] =
        [(&[], 0, &[0, 1, 2]), (&[1], 0, &[0, 1, 3]), (&[0, 1, 4], 0, &[0, 3, 4, 6]), (&[2, 3], 2, &[0, 3, 4])];
    for (left_out, skipped, expected) in cases {
        let page = PageRead { left_out: left_out.to_vec(), ..PageRead::default() };
        let (here, after, body, partition) = (Vec::new(), Vec::new(), Vec::new(), String::new());
        let taken = Taken { page, body, skipped, here, after, partition, is_cut: false };
        let rows: Vec<u64> = (0..).take(expected.len()).map(|given| taken.rows_among(given)).collect();
        assert_eq!(rows, expected, "{left_out:?} are left out, and {skipped} passed over");
    }
}

#[test]
fn the_first_pages_of_the_next_parents_and_their_next_page_are_asked_for_ahead() {
    let mut diary = Diary::new(leak(resource(CURSOR, Stop::EMPTY_PAGE, 5, true)), 4);
    let groups = |ids: &[u32], members: &str| {
        let groups: Vec<String> = ids.iter().map(|id| format!(r#"{{"id":"g|{id}"}}"#)).collect();
        ok(format!(r#"{{"rows":[{}]{members}}}"#, groups.join(",")))
    };
    assert_eq!(diary.plan().turn().told(), "0: groups?limit=2; wait for Some(0)");
    diary.arrive(0, groups(&[1, 2], r#","next":"n""#));
    assert_eq!(
        diary.turn().plan().told(),
        "wait for None; 1: groups/g%7C1/rows?limit=5; 2: groups/g%7C2/rows?limit=5; 3: groups?limit=2&cursor=n"
    );
    // The second group's page and the next groups wait for the first group; what they lead to is asked for all the same.
    diary.arrive(2, page(&[21], "")).arrive(3, groups(&[3], "")).arrive(1, page(&[11], r#","next":"m""#));
    assert_eq!(
        diary.turn().plan().told(),
        "11; wait for None; 4: groups/g%7C1/rows?limit=5&cursor=m; 5: groups/g%7C3/rows?limit=5"
    );
    diary.arrive(4, page(&[12], ""));
    assert_eq!(diary.turn().plan().told(), "12; 21; wait for Some(5)");
    diary.arrive(5, page(&[], ""));
    assert_eq!(diary.turn().plan().told(), "; done");
}

#[test]
fn what_is_needed_is_asked_for_even_if_the_window_is_full() {
    let mut diary = Diary::new(leak(resource(CURSOR, Stop::EMPTY_PAGE, 5, true)), 2);
    diary.plan().arrive(0, ok(r#"{"rows":[{"id":1},{"id":2},{"id":3}]}"#)).turn().plan();
    diary.arrive(1, page(&[11], r#","next":"a""#)).turn().plan().told();
    // Asked for: the second page of group 1, and the first of group 2. One more page of group 1 must not wait for group 2.
    diary.arrive(3, page(&[12], r#","next":"b""#));
    assert_eq!(diary.turn().plan().told(), "12; wait for None; 4: groups/1/rows?limit=5&cursor=b");
}

/// The roles of the members of organisations.
fn roles() -> &'static Resource {
    let orgs = leak(resource(Style::Single, Stop::EMPTY_PAGE, 5, false));
    let members = leak(Resource {
        operation: operation("members", "/orgs/{orgs.id}/members"),
        partitions: leak([PartitionBy::records(orgs, &[Binding { name: "orgs.id", path: ID }])]),
        ..resource(Style::Single, Stop::EMPTY_PAGE, 5, false)
    });
    leak(Resource {
        operation: operation("roles", "/orgs/{orgs.id}/members/{members.user.id}/roles"),
        partitions: leak([
            PartitionBy::records(orgs, &[Binding { name: "orgs.id", path: ID }]),
            PartitionBy::records(members, &[Binding { name: "members.user.id", path: &[At("user"), At("id")] }]),
        ]),
        ..resource(Style::Single, Stop::EMPTY_PAGE, 5, false)
    })
}

#[test]
fn grandparents_are_walked_first_and_their_values_stay_in_force() {
    let mut diary = Diary::new(roles(), 0);
    diary.plan().arrive(0, ok(r#"{"rows":[{"id":"o1"},{"id":"o2"}]}"#)).turn().plan();
    diary.arrive(1, ok(r#"{"rows":[{"user":{"id":7}}]}"#)).turn().plan();
    diary.arrive(2, page(&[1], "")).turn().plan();
    diary.arrive(3, ok(r#"{"rows":[]}"#)).turn().plan();
    assert_eq!(
        diary.told(),
        "0: rows?limit=5; wait for None; 1: orgs/o1/members?limit=5; wait for None; 2: orgs/o1/members/7/roles?limit=5; 1; wait for None; \
         3: orgs/o2/members?limit=5; done"
    );
}

#[test]
fn parents_without_rows_do_not_keep_the_next_ones_waiting() {
    let mut diary = Diary::new(roles(), 8);
    diary.plan().arrive(0, ok(r#"{"rows":[{"id":"o1"},{"id":"o2"}]}"#)).turn().plan().told();
    diary.arrive(1, ok(r#"{"rows":[]}"#)).arrive(2, ok(r#"{"rows":[{"user":{"id":7}}]}"#));
    assert_eq!(diary.plan().told(), "3: orgs/o2/members/7/roles?limit=5");
}

#[test]
fn a_place_below_several_parents_is_given_back_as_it_is() {
    let place = |given, digest, bindings: &[(&str, &str)]| {
        let bindings = bindings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Place { given, digest, ..Place::at(Position::Start, 0, bindings) }
    };
    let places =
        [place(3, Some(33), &[]), place(5, Some(55), &[("orgs.id", r#""o1""#)]), place(0, None, &[("members.user.id", "7")])];
    let mut walk = Walk::new(&core(), roles(), &Args::default(), Headers::default(), 0, &places).unwrap();
    assert_eq!(walk.plan().unwrap().request.url.path(), "/v1/orgs/o1/members/7/roles");
    walk.arrive(0, Ok(page(&[1], "")));
    let taken = taken(&mut walk, &mut Texts::default());
    assert_eq!(taken.here, places);
    assert_eq!(taken.after, places[..2]);
}

/// A place counts the records of a parent that were left out.
#[test]
fn children_are_numbered_by_the_records_of_their_parents_page() {
    static BY: Incremental = Incremental::by(ID, Format::Number).on_our_side().initial("5");
    let mut groups = resource(Style::Single, Stop::EMPTY_PAGE, 5, false);
    groups.operation = operation("groups", "/groups");
    groups.incremental = Some(&BY);
    let mut rows = resource(Style::Single, Stop::EMPTY_PAGE, 5, true);
    rows.partitions = leak([PartitionBy::records(leak(groups), &[Binding { name: "groups.id", path: ID }])]);
    let mut walk = walk(leak(rows), &Args::default(), 0).unwrap();
    walk.plan().unwrap();
    walk.arrive(0, Ok(records(&[1, 6, 2, 3, 7], "")));
    let mut given = Vec::new();
    for ticket in 1..3 {
        assert!(matches!(walk.turn(&mut Texts::default()), Ok(Turn::Wait(None))));
        let path = walk.plan().unwrap().request.url.path().to_owned();
        walk.arrive(ticket, Ok(page(&[1], "")));
        given.push((path, taken(&mut walk, &mut Texts::default()).here[0].given));
    }
    assert_eq!(given, [("/v1/groups/6/rows".to_owned(), 2), ("/v1/groups/7/rows".to_owned(), 5)]);
    assert!(matches!(walk.turn(&mut Texts::default()), Ok(Turn::Done)));
}

#[test]
fn children_are_those_of_the_list_that_is_chosen() {
    let mut groups = resource(Style::Single, Stop::EMPTY_PAGE, 5, false);
    groups.operation = operation("groups", "/groups");
    groups.selectors = &[&[At("rows")], &[At("old")]];
    let mut rows = resource(Style::Single, Stop::EMPTY_PAGE, 5, true);
    rows.partitions = leak([PartitionBy::records(leak(groups), &[Binding { name: "groups.id", path: ID }])]);
    let mut diary = Diary::new(leak(rows), 4);
    diary.plan().arrive(0, ok(r#"{"old":[{"id":8},{"id":9}],"rows":[{"id":1}]}"#));
    assert_eq!(diary.turn().plan().told(), "0: groups?limit=5; wait for None; 1: groups/1/rows?limit=5");
}

static REGIONS: List = List::new("region", &["partition.region"], &[&["us"]]);

#[test]
fn after_the_last_value_the_walk_is_over() {
    let mut rows = resource(Style::Single, Stop::EMPTY_PAGE, 5, false);
    rows.operation = operation("rows", "/{partition.region}/rows");
    rows.partitions = leak([PartitionBy::values(&REGIONS)]);
    let mut diary = Diary::new(leak(rows), 0);
    diary.turn().plan().arrive(0, page(&[1], ""));
    assert_eq!(diary.turn().told(), "wait for None; 0: us/rows?limit=5; 1; done");
}

/// The windows of a parent follow from its own bounds, not from those of what is read for its records.
#[test]
fn windows_are_those_of_the_level_after_them() {
    static PARENT: Incremental = Incremental::by(ID, Format::Epoch).initial("100").end("300");
    static CHILD: Incremental = Incremental::by(ID, Format::Epoch).initial("5000").end("9000");
    static WINDOWS: Windows = Windows::of(150, 0, Format::Epoch);
    let mut groups = resource(Style::Single, Stop::EMPTY_PAGE, 5, false);
    groups.operation = operation("groups", "/groups");
    groups.operation.params = BOUNDS;
    groups.incremental = Some(&PARENT);
    let groups = PartitionBy::records(leak(groups), &[Binding { name: "groups.id", path: ID }]);
    for partitions in [vec![PartitionBy::values(&WINDOWS)], vec![PartitionBy::values(&REGIONS), PartitionBy::values(&WINDOWS)]] {
        let partitions = [partitions, vec![groups]].concat().leak();
        let mut rows = resource(Style::Single, Stop::EMPTY_PAGE, 5, true);
        rows.partitions = partitions;
        rows.incremental = Some(&CHILD);
        let mut diary = Diary::new(leak(rows), 0);
        diary.turn().plan().arrive(0, ok(r#"{"rows":[]}"#)).turn().plan();
        assert_eq!(
            diary.told(),
            "wait for None; 0: groups?since=100&until=250&limit=5; wait for None; 1: groups?since=250&until=300&limit=5"
        );
    }
}

#[test]
fn a_parent_without_the_value_is_an_error_in_its_turn() {
    for (name, value) in [("missing", "{}"), ("null", r#"{"id":null}"#), ("no scalar", r#"{"id":[1]}"#), ("no record", "7")] {
        let mut diary = Diary::new(leak(resource(CURSOR, Stop::EMPTY_PAGE, 5, true)), 4);
        diary.plan().arrive(0, ok(format!(r#"{{"rows":[{{"id":1}},{value}]}}"#))).turn().plan();
        diary.arrive(1, page(&[11], "")).turn().plan();
        assert!(diary.told().ends_with("1: groups/1/rows?limit=5; 11; Decode in rows"), "{name}");
    }
}

#[test]
fn an_error_names_the_resource_it_is_of() {
    let mut diary = Diary::new(leak(resource(CURSOR, Stop::EMPTY_PAGE, 5, true)), 1);
    diary.plan().walk.arrive(0, Err(Error::new(ErrorKind::Status, "no")));
    assert_eq!(diary.turn().told(), "0: groups?limit=2; Status in groups");

    let mut diary = Diary::new(leak(resource(CURSOR, Stop::EMPTY_PAGE, 5, true)), 1);
    diary.plan().arrive(0, status(200, "<html>"));
    assert_eq!(diary.turn().told(), "0: groups?limit=2; Page in groups");
}

#[test]
fn links_are_followed_as_they_are_and_only_where_they_may_lead() {
    let cases = [
        ("as it is", "https://api.example.com/v1/rows?a=1,2&b=*~%7C&limit=9", "rows?a=1,2&b=*~%7C&limit=9; 1"),
        ("relative to the page", "?at=2", "rows?at=2; 1"),
        ("relative to the host", "/v1/rows/more?at=2", "rows/more?at=2; 1"),
        ("upgraded to the base's scheme", "http://api.example.com/v1/rows?at=2", "rows?at=2; 1"),
    ];
    for (name, link, expected) in cases {
        let mut args = Args::default();
        args.set("q", "x");
        let mut walk = walk(leak(resource(JSON_LINK, Stop::EMPTY_PAGE, 5, false)), &args, 1).unwrap();
        let first = walk.plan().unwrap();
        assert_eq!(first.request.url.path_and_query(), "/v1/rows?q=x&limit=5", "{name}");
        walk.arrive(0, Ok(page(&[1], &format!(r#","next":"{link}""#))));
        assert!(matches!(walk.turn(&mut Texts::default()), Ok(Turn::Page(_))), "{name}");
        let next = walk.plan().unwrap().request.url;
        assert_eq!(format!("{}; 1", next.as_str().strip_prefix("https://api.example.com/v1/").unwrap()), expected, "{name}");
    }

    for link in [
        "https://evil.example/v1/rows",
        "https://api.example.com.evil.example/",
        "//evil.example/",
        "https://user@evil.example/",
        "ftp://api.example.com/",
        "https://api.example.com:8443/v1/rows",
    ] {
        let mut diary = Diary::new(leak(resource(JSON_LINK, Stop::EMPTY_PAGE, 5, false)), 1);
        diary.plan().arrive(0, page(&[1], &format!(r#","next":"{link}""#)));
        assert_eq!(diary.turn().plan().told(), "0: rows?limit=5; 1; Origin in rows", "{link}: the records before it are given");
    }
}

#[test]
fn an_address_in_a_checkpoint_is_held_to_the_same_rules() {
    let resource = leak(resource(JSON_LINK, Stop::EMPTY_PAGE, 5, false));
    let mut places = Walk::start(resource);
    places[0].position = tapwright_runtime::rt::pager::Position::Url("https://evil.example/rows".to_owned());
    let mut walk = Walk::new(&core(), resource, &Args::default(), Headers::default(), 1, &places).unwrap();
    assert!(walk.plan().is_none());
    assert_eq!(walk.turn(&mut Texts::default()).unwrap_err().kind(), ErrorKind::Origin);
}

#[test]
fn paging_parameters_go_where_the_operation_has_them() {
    let mut in_body = resource(OFFSET, Stop::EMPTY_PAGE, 5, false);
    in_body.operation.params = leak([Param::body("offset"), Param::query("q").value("*")]);
    in_body.paging.size = Some(Size { param: "limit", place: None, default: 5, max: None });
    let mut walk = walk(leak(in_body), &Args::default(), 1).unwrap();
    let request = walk.plan().unwrap().request;
    assert_eq!(request.url.path_and_query(), "/v1/rows?q=%2A&limit=5");
    assert!(String::from_utf8(request.body).unwrap().contains("offset"));
}

//! Incremental runs against a service in memory: where they start, what they leave out, and what they leave for the next run.

mod paged;

use std::sync::Arc;
use std::time::Duration;

use paged::{BOUNDS, Model, Row, TOTAL, leak, ok, query, resource, status};
use tapwright_runtime::rt::core::{Core, CoreBuilder};
use tapwright_runtime::rt::cursor::Format;
use tapwright_runtime::rt::descriptor::{Binding, Param, PartitionBy, Path, Resource, Segment::Key as At, Stop, Style};
use tapwright_runtime::rt::error::{Error, ErrorKind};
use tapwright_runtime::rt::incremental::Incremental;
use tapwright_runtime::rt::listing::Listing;
use tapwright_runtime::rt::message::{Request, Response};
use tapwright_runtime::rt::retry::Now;
use tapwright_runtime::rt::state::State;

const PAGE: Style = Style::PageNumber { param: "page", base: 0 };
const AT: Path = &[At("at")];

const BY: Incremental = Incremental::by(AT, Format::Number);

/// Ids and the JSON texts of cursors.
type Records = [(i64, &'static str)];

/// A list of two records a page with these rules, sent `since` and `until`.
fn list(incremental: Incremental) -> &'static Resource {
    list_with(BOUNDS, incremental)
}

fn list_with(params: &'static [Param], incremental: Incremental) -> &'static Resource {
    let mut list = resource(PAGE, Stop::EMPTY_PAGE, 2, false);
    list.operation.params = params;
    list.incremental = Some(Box::leak(Box::new(incremental)));
    leak(list)
}

fn rows(core: &Arc<Core>, resource: &'static Resource) -> Listing<Row> {
    Listing::new(Arc::clone(core), resource)
}

/// A service that lists records, each an id and the JSON text of its cursor, in the order in which they are given; `since`
/// and `until` are whole numbers, themselves included.
fn service(records: &[(i64, &str)]) -> Arc<Model> {
    let records: Vec<(i64, String)> = records.iter().map(|(id, at)| (*id, (*at).to_owned())).collect();
    Model::new(move |request| page(request, &records))
}

fn page(request: &Request, records: &[(i64, String)]) -> Response {
    let query = query(&request.url);
    let bound = |name: &str| query.get(name).map(|bound| bound.parse::<i64>().expect("a number"));
    let (since, until) = (bound("since").unwrap_or(i64::MIN), bound("until").unwrap_or(i64::MAX));
    let wanted = records.iter().filter(|(_, at)| at.parse().map_or(true, |at: i64| (since..=until).contains(&at)));
    let page: usize = query.get("page").map_or(0, |page| page.parse().expect("a number"));
    let rows: Vec<_> = wanted.skip(page * 2).take(2).map(|(id, at)| format!(r#"{{"at":{at},"id":{id}}}"#)).collect();
    ok(format!(r#"{{"rows":[{}]}}"#, rows.join(",")))
}

/// The ids of a run to its end, and what it leaves.
fn read(listing: Listing<Row>) -> (Vec<i64>, State) {
    let mut items = listing.blocking().items();
    let ids = items.by_ref().map(|row| row.expect("every page is good").id).collect();
    (ids, items.state())
}

fn failure(listing: Listing<Row>) -> Error {
    listing.blocking().items().find_map(Result::err).expect("the run fails")
}

const SMALL: &Records = &[(1, "10"), (2, "10"), (3, "20"), (4, "20"), (5, "20"), (6, "30")];
const LARGE: &Records = &[(1, "10"), (2, "10"), (3, "20"), (4, "20"), (5, "20"), (6, "30"), (7, "30"), (8, "30"), (9, "40")];

#[test]
fn two_runs_give_every_record_once_wherever_the_first_one_stops() {
    let list = list(BY.ascending());
    let (small, large) = (service(SMALL).client(), service(LARGE).client());
    let all: Vec<i64> = LARGE.iter().map(|(id, _)| *id).collect();
    for stop in 0..=SMALL.len() {
        let mut items = rows(&small, list).blocking().items();
        let mut ids: Vec<i64> = items.by_ref().take(stop).map(|row| row.unwrap().id).collect();
        let text = items.state().to_string();
        let state: State = text.parse().unwrap();
        assert_eq!(state, items.state(), "{text}");
        assert_eq!(state.marks().next().map(|(_, mark)| mark), stop.checked_sub(1).map(|last| SMALL[last].1));
        ids.extend(read(rows(&large, list).continue_from(&state).unwrap()).0);
        assert_eq!(ids, all, "stopped after {stop}: {text}");
    }
}

#[test]
fn without_an_order_the_state_moves_when_all_was_handed_out() {
    let list = list(BY);
    let (first, second) =
        (&[(1, "10"), (2, "40"), (3, "20"), (4, "40")], &[(1, "10"), (2, "40"), (3, "20"), (4, "40"), (5, "40")]);
    let core = service(first).client();
    for stop in 0..4 {
        let mut items = rows(&core, list).blocking().items();
        assert_eq!(items.by_ref().take(stop).count(), stop);
        assert!(items.state().is_empty(), "after {stop}");
        assert_eq!(items.mark().is_some(), stop > 0, "the mark is that of the records alone");
        // A checkpoint goes on in the same run, whose state comes out the same.
        let mut rest = rows(&core, list).resume(items.checkpoint().to_string().parse().unwrap()).unwrap().blocking().items();
        assert_eq!(rest.by_ref().count(), 4 - stop);
        assert_eq!(rest.state(), read(rows(&core, list)).1, "resumed after {stop}");
    }
    let (_, state) = read(rows(&core, list));
    assert_eq!(read(rows(&service(second).client(), list).continue_from(&state).unwrap()).0, [5]);
}

#[test]
fn a_checkpoint_in_a_later_run_keeps_its_start() {
    let list = list(BY.ascending());
    let (_, state) = read(rows(&service(SMALL).client(), list));
    let model = service(LARGE);
    let core = model.client();
    for stop in 0..=3 {
        let mut items = rows(&core, list).continue_from(&state).unwrap().blocking().items();
        let mut ids: Vec<i64> = items.by_ref().take(stop).map(|row| row.unwrap().id).collect();
        let checkpoint = items.checkpoint().to_string().parse().unwrap();
        let (rest, end) = read(rows(&core, list).resume(checkpoint).unwrap());
        ids.extend(rest);
        assert_eq!(ids, [7, 8, 9], "stopped after {stop}");
        assert_eq!(end, read(rows(&core, list).continue_from(&state).unwrap()).1, "stopped after {stop}");
    }
    assert!(model.log().iter().all(|request| request.starts_with("/v1/rows?since=30&")), "{:?}", model.log());
}

#[test]
fn bounds_are_kept_on_our_side_as_well() {
    // The service includes both ends.
    let cases: &[(&str, Incremental, &[i64])] = &[
        ("the end is open", BY.initial("10").end("30"), &[1, 2, 3, 4, 5]),
        ("the end is closed", BY.initial("10").end("30").through_end(), &[1, 2, 3, 4, 5, 6]),
        ("the start is open", BY.after_start().initial("10").end("30"), &[3, 4, 5]),
        ("neither is sent", BY.on_our_side().initial("20").end("30"), &[3, 4, 5]),
        ("those without a cursor are wanted", BY.on_our_side().end("30").include_missing(), &[1, 2, 3, 4, 5]),
        ("no bounds", BY, &[1, 2, 3, 4, 5, 6]),
    ];
    for (name, incremental, expected) in cases {
        for params in [BOUNDS, &[]] {
            let (ids, _) = read(rows(&service(SMALL).client(), list_with(params, *incremental)));
            assert_eq!(ids, *expected, "{name}");
        }
    }
    let core = service(SMALL).client();
    assert_eq!(read(rows(&core, list(BY)).since("20").until("30")).0, [3, 4, 5], "the caller's own");
    let error = failure(rows(&core, list(BY)).since("soon"));
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("the start of the run is `soon`, which is no cursor"), "{error}");
}

#[test]
fn no_page_is_asked_for_past_the_bounds() {
    let down: Vec<_> = LARGE.iter().rev().copied().collect();
    let cases: &[(&str, Incremental, &Records, &[i64], usize)] = &[
        ("up to the end", BY.on_our_side().end("20").ascending(), LARGE, &[1, 2], 2),
        ("the whole list", BY.on_our_side().end("20"), LARGE, &[1, 2], 6),
        ("down to the start", BY.on_our_side().initial("30").descending(), &down, &[9, 8, 7, 6], 3),
        ("down to the start, which is open", BY.on_our_side().after_start().initial("30").descending(), &down, &[9], 1),
    ];
    for (name, incremental, records, expected, requests) in cases {
        let model = service(records);
        assert_eq!(read(rows(&model.client(), list_with(&[], *incremental))).0, *expected, "{name}");
        assert_eq!(model.log().len(), *requests, "{name}: {:?}", model.log());
    }
}

#[test]
fn the_newest_first_are_read_down_to_where_the_last_run_began() {
    let list = list_with(&[], BY.on_our_side().descending());
    let down = |records: &[(i64, &'static str)]| service(&records.iter().rev().copied().collect::<Vec<_>>());
    let core = down(SMALL).client();
    let mut items = rows(&core, list).blocking().items();
    assert!(items.by_ref().take(3).all(|row| row.is_ok()));
    assert!(items.state().is_empty(), "what is older is not handed out yet");
    let (_, state) = read(rows(&core, list));
    let model = down(LARGE);
    assert_eq!(read(rows(&model.client(), list).continue_from(&state).unwrap()).0, [9, 8, 7], "6 was given by the run before");
    assert_eq!(model.log().len(), 3, "{:?}", model.log());
}

#[test]
fn a_lag_gives_again_what_lies_within() {
    let (small, large) = (service(SMALL).client(), service(LARGE));
    let list_of = |lag| list(BY.ascending().initial("15").lag(lag));
    for (lag, since, expected) in
        [(0, "30", &[7, 8, 9][..]), (10, "20", &[3, 4, 5, 6, 7, 8, 9]), (1_000, "15", &[3, 4, 5, 6, 7, 8, 9])]
    {
        let (_, state) = read(rows(&small, list_of(lag)));
        assert_eq!(read(rows(&large.client(), list_of(lag)).continue_from(&state).unwrap()).0, expected, "{lag}");
        assert!(large.log().last().unwrap().starts_with(&format!("/v1/rows?since={since}&")), "{:?}", large.log());
    }
}

/// Where records at the start itself are not wanted, those within the lag are all the same: only the mark was given.
#[test]
fn the_start_of_a_lag_is_within_it() {
    let list = list(BY.ascending().after_start().lag(10));
    let (_, state) = read(rows(&service(SMALL).client(), list));
    assert_eq!(read(rows(&service(LARGE).client(), list).continue_from(&state).unwrap()).0, [3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn a_record_that_was_given_comes_again_with_another_cursor() {
    let list = list(BY.ascending());
    let (_, state) = read(rows(&service(SMALL).client(), list));
    let changed = &[(7, "30"), (5, "40"), (6, "50")];
    assert_eq!(read(rows(&service(changed).client(), list).continue_from(&state).unwrap()).0, [7, 5, 6], "6 was at the mark");
}

/// Of texts only the service knows the order, where it is asked to start at one.
#[test]
fn texts_are_compared_on_our_side_alone() {
    let by = Incremental::by(AT, Format::Text).ascending();
    let model = || Model::new(|request| if request.url.as_str().contains("page=0") {
        ok(r#"{"rows":[{"id":1,"at":"m"},{"id":2,"at":"a"},{"id":3,"at":"z"}]}"#)
    } else {
        ok(r#"{"rows":[]}"#)
    });
    let ids = |by: Incremental| read(rows(&model().client(), list(by)).since("m")).0;
    assert_eq!(ids(by), [1, 2, 3]);
    assert_eq!(ids(by.after_start()), [1, 2, 3]);
    assert_eq!(ids(by.on_our_side()), [1, 3]);
    assert_eq!(ids(by.on_our_side().after_start()), [3]);
}

/// A list that turns out not to be that of the records leaves nothing behind, no bound that was passed either.
#[test]
fn a_list_that_is_not_chosen_does_no_harm() {
    let mut list = resource(PAGE, Stop::EMPTY_PAGE, 2, false);
    list.selectors = &[&[At("rows")], &[At("old")]];
    list.incremental = Some(leak(BY.on_our_side().ascending().end("30")));
    let model = Model::new(|request| {
        let ids = if request.url.as_str().contains("page=0") { [1, 2] } else { [3, 40] };
        let rows = ids.map(|id| format!(r#"{{"id":{id},"at":{id}}}"#)).join(",");
        ok(format!(r#"{{"old":[{{"id":10,"at":10}},{{"id":90,"at":90}}],"rows":[{rows}]}}"#))
    });
    assert_eq!(read(rows(&model.client(), leak(list))).0, [1, 2, 3]);
}

#[test]
fn a_coarse_request_is_rounded_down_and_its_surplus_left_out() {
    const MINUTES: Format = Format::Pattern("%H:%M");
    const PARAMS: &[Param] = &[
        Param::query("q").value("at:[{incremental.start_value} TO {incremental.end_value}]"),
        Param::header("x-since").value("{incremental.start_value}"),
    ];
    let at = |second: u32| format!("\"2024-01-01T10:05:{second:02}Z\"");
    let model = Model::new(move |request| {
        assert_eq!(request.headers.get("x-since"), Some("10:05"));
        assert_eq!(query(&request.url)["q"], "at:[10:05 TO 10:06]");
        let rows: Vec<_> = [0, 30, 31, 59].iter().map(|s| format!(r#"{{"id":{s},"at":{}}}"#, at(*s))).collect();
        ok(if request.url.as_str().contains("page=0") {
            format!(r#"{{"rows":[{}]}}"#, rows.join(","))
        } else {
            r#"{"rows":[]}"#.into()
        })
    });
    let by = Incremental::by(AT, Format::Iso).sent_as(MINUTES).initial("2024-01-01T10:05:30Z").end("2024-01-01T10:05:59Z");
    assert_eq!(read(rows(&model.client(), list_with(PARAMS, by))).0, [30, 31]);
}

#[test]
fn moments_in_words_are_those_of_the_runs_begin() {
    let model = Model::new(|_| ok(r#"{"rows":[]}"#));
    let clock = || Now { elapsed: Duration::ZERO, unix: Duration::from_secs(1_704_067_200) };
    let core = CoreBuilder::new(&paged::API).blocking_transport(Arc::clone(&model) as _).clock(clock).build().unwrap();
    let by = Incremental::by(AT, Format::Epoch).initial("now - 30d").end("now");
    read(rows(&core, list(by)));
    read(rows(&core, list(by)).since("now-1h").until("2024-01-02"));
    let bounds: Vec<_> = model.log().iter().map(|request| request.split("&limit").next().unwrap().to_owned()).collect();
    assert_eq!(bounds, ["/v1/rows?since=1701475200&until=1704067200", "/v1/rows?since=1704063600&until=1704153600"]);
}

#[test]
fn a_record_without_a_cursor_is_an_error_or_given_or_left_out() {
    let records: &[(i64, &str)] = &[(1, "10"), (2, "null"), (3, "\"soon\""), (4, "{}"), (5, "20")];
    let core = service(records).client();
    let mut items = rows(&core, list(BY)).blocking().items();
    assert_eq!(items.next().unwrap().unwrap().id, 1);
    let error = items.next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.path().as_deref()), (ErrorKind::Decode, Some("$.rows[1]")));
    assert!(error.message().contains("no incremental cursor at `$.at`"), "{error}");
    assert!(items.next().is_none());

    let (ids, state) = read(rows(&core, list(BY.include_missing())));
    assert_eq!((ids, state.marks().next()), (vec![1, 2, 3, 4, 5], Some(("{}", "20"))));
    assert_eq!(read(rows(&core, list(BY.exclude_missing()))).0, [1, 5]);
    // A position counts the records that were left out.
    for stop in 0..=2 {
        let mut items = rows(&core, list(BY.exclude_missing())).blocking().items();
        assert_eq!(items.by_ref().take(stop).count(), stop);
        let rest = read(rows(&core, list(BY.exclude_missing())).resume(items.checkpoint()).unwrap()).0;
        assert_eq!(rest, [1, 5][stop..], "after {stop}");
    }
}

#[test]
fn records_at_the_mark_are_remembered_up_to_a_cap() {
    let page = |count: i64| {
        let rows: Vec<_> = (0..count).map(|id| format!(r#"{{"id":{id},"at":7}}"#)).collect();
        Model::new(move |_| ok(format!(r#"{{"rows":[{}]}}"#, rows.join(","))))
    };
    let mut list = resource(Style::Single, TOTAL, 2, false);
    list.incremental = Some(Box::leak(Box::new(BY.on_our_side())));
    let list = leak(list);
    let (ids, state) = read(rows(&page(10_005).client(), list));
    assert_eq!(ids.len(), 10_005);
    let (again, state) = read(rows(&page(10_010).client(), list).continue_from(&state).unwrap());
    assert_eq!(again.len(), 10, "five of the first run come again, and five are new");
    assert!(state.to_string().len() < 20 * 10_000, "{}", state.to_string().len());
}

/// A service that no longer knows what is before 25.
fn forgetful(code: u16, body: &'static str) -> Arc<Model> {
    let records: Vec<(i64, String)> = LARGE.iter().map(|(id, at)| (*id, (*at).to_owned())).collect();
    Model::new(move |request| {
        let since = query(&request.url).get("since").map(|since| since.parse::<i64>().unwrap());
        if since.is_some_and(|since| since < 25) { status(code, body) } else { page(request, &records[5..]) }
    })
}

#[test]
fn a_start_that_is_too_old_restarts_and_reports_the_gap() {
    let old = |list| read(rows(&service(&SMALL[..5]).client(), list)).1;
    let restarts = BY.ascending().expires(&[400, 410], None, None).restarts();
    for by in [restarts, restarts.initial("26")] {
        let list = list(by);
        let state = if by.initial.is_some() { old(self::list(restarts)) } else { old(list) };
        let model = forgetful(410, "");
        let mut items = rows(&model.client(), list).continue_from(&state).unwrap().blocking().items();
        let ids: Vec<i64> = items.by_ref().map(|row| row.unwrap().id).collect();
        assert_eq!(ids, [6, 7, 8, 9]);
        let [gap] = items.gaps() else { panic!("{:?}", items.gaps()) };
        assert_eq!((gap.partition.as_str(), gap.refused.as_str(), gap.restarted_at.as_deref()), ("{}", "20", by.initial));
        assert_eq!(gap.status, Some(410));
        assert_eq!(items.state().marks().next(), Some(("{}", "40")));
        // A checkpoint keeps the gap, and does not start from the old mark again.
        let checkpoint = items.checkpoint();
        let rest = rows(&model.client(), list).resume(checkpoint).unwrap().blocking().items();
        assert_eq!(rest.gaps(), items.gaps());
    }
}

#[test]
fn only_an_expired_start_restarts() {
    let state = read(rows(&service(&SMALL[..5]).client(), list(BY))).1;
    let reason: Path = &[At("why")];
    let cases: &[(&str, Incremental, u16, &str, bool)] = &[
        ("the code is in its place", BY.expires(&[400], Some("old"), Some(reason)).restarts(), 400, r#"{"why":"old"}"#, true),
        ("another code", BY.expires(&[400], Some("old"), Some(reason)).restarts(), 400, r#"{"why":"bad"}"#, false),
        ("the code is where services have it", BY.expires(&[400], Some("old"), None).restarts(), 400, r#"{"code":"old"}"#, true),
        ("another status", BY.restarts(), 400, "{}", false),
        ("410 unless it is said otherwise", BY.restarts(), 410, "{}", true),
        ("not asked for", BY, 410, "{}", false),
    ];
    for (name, by, code, body, restarts) in cases {
        let model = forgetful(*code, leak((*body).to_owned()));
        let mut items = rows(&model.client(), list(*by)).continue_from(&state).unwrap().blocking().items();
        let result: Result<Vec<_>, _> = items.by_ref().collect();
        assert_eq!(result.is_ok(), *restarts, "{name}: {result:?}");
        assert_eq!(items.gaps().len(), usize::from(*restarts), "{name}");
    }
    let error = failure(rows(&forgetful(410, "").client(), list(BY)).continue_from(&state).unwrap());
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(410)));
    assert!(error.message().contains("the service no longer knows the start `20`"), "{error}");
    // What the spec itself says is no expired start.
    let error = failure(rows(&forgetful(410, "").client(), list(BY.initial("1").restarts())));
    assert_eq!(error.status(), Some(410));
}

/// Only the first page can be asked for from another start: what it gave is not to come again.
#[test]
fn a_later_page_that_is_refused_ends_the_run() {
    let list = list(BY.ascending().restarts());
    let (_, state) = read(rows(&service(SMALL).client(), list));
    let records: Vec<(i64, String)> = LARGE.iter().map(|(id, at)| (*id, (*at).to_owned())).collect();
    let model = Model::new(move |request| {
        if request.url.as_str().contains("page=1") { status(410, "") } else { page(request, &records) }
    });
    let mut items = rows(&model.client(), list).continue_from(&state).unwrap().blocking().items();
    assert_eq!(items.next().unwrap().unwrap().id, 7);
    assert_eq!(items.next().unwrap().unwrap_err().status(), Some(410));
    assert!(items.next().is_none() && items.gaps().is_empty());
}

/// Groups, and the rows of each; a row's cursor is its number.
fn groups(groups: &'static [(i64, &'static [i64])]) -> Arc<Model> {
    Model::new(move |request| {
        let path: Vec<&str> = request.url.path().split('/').skip(2).collect();
        let group = |group: &str| groups.iter().find(|(id, _)| *id == group.parse::<i64>().unwrap()).unwrap().1;
        let records: Vec<(i64, String)> = match path.as_slice() {
            ["groups"] => groups.iter().map(|(id, _)| (*id, id.to_string())).collect(),
            ["groups", id, "rows"] => group(id).iter().map(|at| (*at, at.to_string())).collect(),
            other => panic!("no such path: {other:?}"),
        };
        page(request, &records)
    })
}

fn children(incremental: Incremental) -> &'static Resource {
    let mut list = resource(PAGE, Stop::EMPTY_PAGE, 2, true);
    list.operation.params = BOUNDS;
    list.incremental = Some(Box::leak(Box::new(incremental)));
    leak(list)
}

#[test]
fn each_parent_has_a_mark_of_its_own() {
    let list = children(BY.ascending());
    let (_, state) = read(rows(&groups(&[(1, &[10, 11]), (2, &[50]), (3, &[]), (4, &[7])]).client(), list));
    let marks: Vec<_> = state.marks().collect();
    assert_eq!(marks, [(r#"{"groups.id":1}"#, "11"), (r#"{"groups.id":2}"#, "50"), (r#"{"groups.id":4}"#, "7")]);

    // A group grew below the mark of another one, one is new, and one is gone.
    let model = groups(&[(1, &[10, 11, 12, 13]), (2, &[50]), (3, &[1]), (5, &[2])]);
    let (ids, state) = read(rows(&model.client(), list).continue_from(&state).unwrap());
    assert_eq!(ids, [12, 13, 1, 2]);
    let marks: Vec<_> = state.marks().map(|(_, mark)| mark).collect();
    assert_eq!(marks, ["13", "50", "1", "2"]);
    let starts: Vec<_> = model.log().iter().filter(|request| request.contains("rows")).cloned().collect();
    assert!(
        starts[0].starts_with("/v1/groups/1/rows?since=11&")
            && starts.iter().any(|start| start.starts_with("/v1/groups/3/rows?limit"))
    );
}

#[test]
fn each_gap_is_told_once_however_often_the_run_is_gone_on() {
    let list = children(BY.ascending().restarts());
    let (_, state) = read(rows(&groups(&[(1, &[10]), (2, &[50])]).client(), list));
    let late = groups(&[(1, &[60, 61]), (2, &[70, 71])]);
    let model = Model::new(move |request| {
        let is_old = request.url.path() != "/v1/groups" && query(&request.url).contains_key("since");
        if is_old { status(410, "") } else { late.answer(request) }
    });
    for stop in 1..=4 {
        let mut items = rows(&model.client(), list).continue_from(&state).unwrap().blocking().items();
        let mut ids: Vec<i64> = items.by_ref().take(stop).map(|row| row.unwrap().id).collect();
        let checkpoint = items.checkpoint().to_string().parse().unwrap();
        let mut items = rows(&model.client(), list).resume(checkpoint).unwrap().blocking().items();
        ids.extend(items.by_ref().map(|row| row.unwrap().id));
        assert_eq!(ids, [60, 61, 70, 71], "stopped after {stop}");
        let gaps: Vec<_> = items.gaps().iter().map(|gap| (gap.partition.as_str(), gap.refused.as_str())).collect();
        assert_eq!(gaps, [(r#"{"groups.id":1}"#, "10"), (r#"{"groups.id":2}"#, "50")], "stopped after {stop}");
    }
}

#[test]
fn the_state_of_a_part_is_never_ahead() {
    let all: &[(i64, &[i64])] = &[(1, &[10, 11, 12]), (2, &[50, 51, 52])];
    for by in [BY, BY.ascending()] {
        let list = children(by);
        let core = groups(all).client();
        for stop in 0..=6 {
            let mut items = rows(&core, list).blocking().items();
            let mut ids: Vec<i64> = items.by_ref().take(stop).map(|row| row.unwrap().id).collect();
            let (rest, _) = read(rows(&core, list).continue_from(&items.state()).unwrap());
            ids.extend(rest);
            ids.sort_unstable();
            if by.order != BY.order {
                assert_eq!(ids, [10, 11, 12, 50, 51, 52], "once each, stopped after {stop}");
            }
            ids.dedup();
            assert_eq!(ids, [10, 11, 12, 50, 51, 52], "stopped after {stop}");
        }
    }
}

#[test]
fn a_state_belongs_to_its_cursor_and_its_arguments() {
    let core = service(SMALL).client();
    let (_, state) = read(rows(&core, list(BY)).param("q", "x").param("limit", "2"));
    let reading = |listing: Listing<Row>| listing.blocking().items().next().unwrap();
    assert!(reading(rows(&service(LARGE).client(), list(BY)).param("q", "x").since("5").continue_from(&state).unwrap()).is_ok());
    assert!(
        rows(&service(LARGE).client(), list(BY))
            .param("q", "x")
            .continue_from(&state)
            .unwrap()
            .blocking()
            .items()
            .next()
            .is_some(),
        "the size of a page does not count"
    );
    for (listing, expected) in [
        (rows(&core, list(BY)), "the state was made with other arguments"),
        (rows(&core, list(Incremental::by(&[At("id")], Format::Number))).param("q", "x"), "another cursor or key"),
        (rows(&core, list(Incremental::by(AT, Format::Iso))).param("q", "x"), "another cursor or key"),
    ] {
        let error = reading(listing.continue_from(&state).unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Checkpoint);
        assert!(error.message().contains(expected), "{error}");
    }
    let text = state.to_string();
    let other: State = text.replace("\"rows\"", "\"others\"").parse().unwrap();
    let error = rows(&core, list(BY)).continue_from(&other).unwrap_err();
    assert!(error.message().contains("one of `others`, not of `rows`"), "{error}");
}

#[test]
fn the_text_of_a_state_is_one_line_of_json_and_nothing_else_is_one() {
    let (_, state) = read(rows(&service(SMALL).client(), list(BY)));
    let text = state.to_string();
    assert!(text.starts_with(r#"{"version":1,"operation":"rows","fingerprint":""#), "{text}");
    assert!(text.contains(r#""partitions":[{"of":{},"mark":"30","border":[""#), "{text}");
    serde_json::from_str::<serde_json::Value>(&text).unwrap();
    assert_eq!(text.parse::<State>().unwrap(), state);
    assert!(!state.is_empty() && State::default().is_empty());
    for (bad, expected) in [
        (String::new(), "the text is no state: the text ends where an object is expected"),
        (text.replace("\"version\":1", "\"version\":2"), "its `version` is not 1 at `$` (byte 0)"),
        (text.replace("operation", "o"), "it has no `operation` at `$` (byte 0)"),
        (text.replace("fingerprint", "f"), "it has no `fingerprint`"),
        (text.replace("arguments", "a"), "it has no `arguments`"),
        (text.replace("partitions", "p"), "it has no `partitions`"),
        (text.replace("\"of\"", "\"x\""), "an entry has no `of` at `$.partitions[0]` (byte 0)"),
        (text.replace("\"border\":[\"", "\"border\":[\"x"), "expected 16 hexadecimal digits"),
        (format!("{text} x"), "unexpected text after the end"),
    ] {
        let error = bad.parse::<State>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Checkpoint);
        assert!(error.message().contains(expected), "{bad}: {}", error.message());
    }
    let later = text.replace("\"version\":1", "\"version\":1,\"more\":[1]");
    assert_eq!(later.parse::<State>().unwrap(), state, "what a later version adds is passed over");
}

#[cfg(feature = "serde")]
#[test]
fn serde_takes_the_text_form() {
    let (_, state) = read(rows(&service(SMALL).client(), list(BY)));
    let json = serde_json::to_string(&state).unwrap();
    assert_eq!(json, serde_json::to_string(&state.to_string()).unwrap());
    assert_eq!(serde_json::from_str::<State>(&json).unwrap(), state);
    assert!(serde_json::from_str::<State>("\"x\"").unwrap_err().to_string().contains("no state"));
}

/// A service with a token on its last page; `records` is what it has by now.
fn synced(records: i64) -> Arc<Model> {
    Model::new(move |request| {
        let query = query(&request.url);
        let number = |name: &str| query.get(name).map(|text| text.trim_start_matches('t').parse::<i64>().unwrap());
        let since = number("since").or(number("delta")).unwrap_or(0);
        if query.get("delta").or(query.get("since")).is_some_and(|token| token == "t1") {
            return status(410, "");
        }
        let page = number("page").unwrap_or(0);
        let start = since + 2 * page;
        let rows: Vec<_> = (start..(start + 2).min(records)).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
        let last = format!(r#","token":"t{records}","deltaLink":"https://api.example.com/v1/rows?delta=t{records}""#);
        let next = format!(r#","next":"?delta=t{since}&page={}""#, page + 1);
        let last = if start + 2 >= records { last } else { next };
        ok(format!(r#"{{"rows":[{}]{last}}}"#, rows.join(",")))
    })
}

#[test]
fn a_token_of_the_last_page_starts_the_next_run() {
    let token = Incremental::by_token(&[At("token")]).restarts();
    let link = Incremental::by_link(&[At("deltaLink")]).restarts();
    for (name, by, style) in [("token", token, PAGE), ("link", link, Style::JsonLink { path: &[At("next")] })] {
        let mut list = resource(style, Stop::EMPTY_PAGE, 2, false);
        list.operation.params = BOUNDS;
        list.incremental = Some(Box::leak(Box::new(by)));
        let list = leak(list);
        let core = synced(3).client();
        let mut items = rows(&core, list).blocking().items();
        assert_eq!(items.by_ref().take(2).count(), 2);
        assert!(items.state().is_empty(), "{name}: the token is on the last page");
        let (ids, state) = read(rows(&core, list));
        assert_eq!((ids.len(), state.marks().count()), (3, 1), "{name}");
        let model = synced(5);
        let (ids, next) = read(rows(&model.client(), list).continue_from(&state).unwrap());
        assert_eq!(ids, [3, 4], "{name}: {:?}", model.log());
        let (ids, _) = read(rows(&synced(5).client(), list).continue_from(&next).unwrap());
        assert_eq!(ids, [0_i64; 0], "{name}: nothing new");

        let old: State = state.to_string().replace("t3", "t1").parse().unwrap();
        let core = synced(5).client();
        let mut items = rows(&core, list).continue_from(&old).unwrap().blocking().items();
        assert_eq!(items.by_ref().map(|row| row.unwrap().id).collect::<Vec<_>>(), [0, 1, 2, 3, 4], "{name}");
        assert_eq!(items.gaps().len(), 1, "{name}");
    }
}

/// A parent's own bounds hold for it, whatever the state of its children.
#[test]
fn a_parents_bounds_are_its_own() {
    let (list, model) = below(BOUNDS, Incremental::by(&[At("id")], Format::Number).initial("2"));
    assert_eq!(read(rows(&model.client(), list)).0, [50, 51, 7, 8]);
    assert!(model.log()[0].starts_with("/v1/groups?since=2&"), "{:?}", model.log());
    // A place in a parent's page counts the records that were left out of it.
    let (list, model) = below(&[], Incremental::by(&[At("id")], Format::Number).on_our_side().initial("2"));
    let core = model.client();
    for stop in 0..=4 {
        let mut items = rows(&core, list).blocking().items();
        assert_eq!(items.by_ref().take(stop).count(), stop);
        let rest = read(rows(&core, list).resume(items.checkpoint()).unwrap()).0;
        assert_eq!(rest, [50, 51, 7, 8][stop..], "after {stop}");
    }
}

fn below(params: &'static [Param], incremental: Incremental) -> (&'static Resource, Arc<Model>) {
    let mut parent = resource(PAGE, Stop::EMPTY_PAGE, 2, false);
    parent.operation = paged::operation("groups", "/groups");
    parent.operation.params = params;
    parent.incremental = Some(Box::leak(Box::new(incremental)));
    let mut list = resource(PAGE, Stop::EMPTY_PAGE, 2, true);
    list.operation.params = BOUNDS;
    list.partitions = leak([PartitionBy::records(leak(parent), &[Binding { name: "groups.id", path: &[At("id")] }])]);
    list.incremental = Some(Box::leak(Box::new(BY)));
    (leak(list), groups(&[(1, &[10]), (2, &[50, 51]), (3, &[7, 8])]))
}

#[tokio::test]
async fn async_and_blocking_agree() {
    for by in [BY, BY.ascending(), BY.lag(10).ascending(), BY.end("30")] {
        let list = list(by);
        let (small, large) = (service(SMALL).client(), service(LARGE).client());
        let mut items = rows(&small, list).items();
        while items.try_next().await.unwrap().is_some() {}
        let (_, state) = read(rows(&small, list));
        assert_eq!(items.state(), state);
        let mut pages = rows(&large, list).continue_from(&state).unwrap().pages();
        let mut ids = Vec::new();
        while let Some(page) = pages.try_next().await.unwrap() {
            ids.extend(page.records.into_iter().map(|row| row.id));
        }
        assert_eq!((ids, pages.state()), read(rows(&large, list).continue_from(&state).unwrap()), "{by:?}");
    }
}

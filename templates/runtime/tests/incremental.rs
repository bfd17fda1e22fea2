//! Incremental runs against a service in memory: where they start, what they leave out, and what they leave for the next run.

mod paged;
mod tracked;

use std::sync::Arc;
use std::time::Duration;

use paged::{BOUNDS, Model, Row, TOTAL, leak, ok, query, resource, status};
use tapwright_runtime::rt::args::Args;
use tapwright_runtime::rt::core::CoreBuilder;
use tapwright_runtime::rt::cursor::Format;
use tapwright_runtime::rt::descriptor::{Binding, Param, PartitionBy, Path, Resource, Segment::Key as At, Stop, Style};
use tapwright_runtime::rt::error::ErrorKind;
use tapwright_runtime::rt::incremental::Incremental;
use tapwright_runtime::rt::listing::Listing;
use tapwright_runtime::rt::message::Headers;
use tapwright_runtime::rt::pager::Position;
use tapwright_runtime::rt::retry::Now;
use tapwright_runtime::rt::run::{Run, Settings};
use tapwright_runtime::rt::state::State;
use tracked::{AT, BY, LARGE, PAGE, SMALL, failure, list, list_with, page, read, rows, service};

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

/// A query that the service cuts off is followed by one that starts at its last record, wherever the run is gone on.
#[test]
fn a_query_that_is_cut_off_is_gone_on_with_at_its_last_record() {
    let stop = Stop { window: Some(4), ..Stop::EMPTY_PAGE };
    let all: Vec<i64> = LARGE.iter().map(|(id, _)| *id).collect();
    for with_parent in [false, true] {
        let mut list = resource(PAGE, stop, 2, with_parent);
        list.operation.params = BOUNDS;
        list.incremental = Some(leak(BY.ascending().splits()));
        let list = leak(list);
        let groups: Vec<(i64, String)> = vec![(1, "1".to_owned())];
        let records: Vec<(i64, String)> = LARGE.iter().map(|(id, at)| (*id, (*at).to_owned())).collect();
        let model =
            Model::new(move |request| page(request, if request.url.path().ends_with("groups") { &groups } else { &records }));
        let core = model.client();
        for stop in 0..=all.len() {
            let mut items = rows(&core, list).blocking().items();
            let mut ids: Vec<i64> = items.by_ref().take(stop).map(|row| row.unwrap().id).collect();
            let checkpoint = items.checkpoint();
            let mut places = checkpoint.places().iter();
            assert!(
                places.all(|place| place.part == 0 && (place.seen == 0 || place.position != Position::Page(0))),
                "{checkpoint}"
            );
            let (rest, state) = read(rows(&core, list).resume(checkpoint.to_string().parse().unwrap()).unwrap());
            ids.extend(rest);
            assert_eq!(
                (ids.as_slice(), state.marks().next().map(|(_, mark)| mark)),
                (all.as_slice(), Some("40")),
                "after {stop}"
            );
        }
    }
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
    let model = Model::new(
        move |request| {
            if request.url.as_str().contains("page=1") { status(410, "") } else { page(request, &records) }
        },
    );
    let mut items = rows(&model.client(), list).continue_from(&state).unwrap().blocking().items();
    assert_eq!(items.next().unwrap().unwrap().id, 7);
    assert_eq!(items.next().unwrap().unwrap_err().status(), Some(410));
    assert!(items.next().is_none() && items.gaps().is_empty());

    // Nor when it is gone on with there, be it that the pages before it were empty.
    let mut pages = rows(&model.client(), list).continue_from(&state).unwrap().blocking().pages();
    let checkpoint = pages.next().unwrap().unwrap().checkpoint.to_string().replace("\"seen\":2", "\"seen\":0");
    assert!(checkpoint.contains(r#""page":1,"given":0,"seen":0"#), "{checkpoint}");
    let mut items = rows(&model.client(), list).resume(checkpoint.parse().unwrap()).unwrap().blocking().items();
    assert_eq!(items.next().unwrap().unwrap_err().status(), Some(410));
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
    // The same where the run is gone on in between: what is gone is not taken for what it came to.
    let mut items = rows(&model.client(), list).continue_from(&state).unwrap().blocking().items();
    assert_eq!(items.next().unwrap().unwrap().id, 12);
    let gone_on = read(rows(&model.client(), list).resume(items.checkpoint().to_string().parse().unwrap()).unwrap());
    let (ids, state) = read(rows(&model.client(), list).continue_from(&state).unwrap());
    assert_eq!((ids, gone_on.0), (vec![12, 13, 1, 2], vec![13, 1, 2]));
    for state in [&state, &gone_on.1] {
        let marks: Vec<_> = state.marks().map(|(_, mark)| mark).collect();
        assert_eq!(marks, ["13", "50", "1", "2"]);
    }
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

/// What a load commits with its records.
#[test]
fn a_run_tells_its_state_as_a_text() {
    let core = service(SMALL).client();
    let run = |resource, state| {
        let (args, headers) = (Args::default(), Headers::default());
        Run::new(Settings { core: core.clone(), resource, args, headers, resume: None, state, concurrency: 1, problem: None }, 0)
    };
    let list = list(BY);
    let first: State = run(list, None).state_text().expect("it has a cursor").parse().unwrap();
    assert!(first.is_empty(), "{first}");
    let text = read(rows(&core, list)).1.to_string();
    assert_eq!(run(list, Some(text.clone())).state_text(), Some(text));
    assert_eq!(run(leak(resource(PAGE, TOTAL, 2, false)), None).state_text(), None);
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

//! What incremental runs leave out: what lies outside of their bounds, and what an earlier run gave.

mod paged;
mod tracked;

use std::sync::Arc;

use paged::{BOUNDS, Model, Row, leak, ok, query, resource};
use tapwright_runtime::rt::batch::Hook;
use tapwright_runtime::rt::codec::Key;
use tapwright_runtime::rt::core::Core;
use tapwright_runtime::rt::csv::{Cell, Csv};
use tapwright_runtime::rt::cursor::Format;
use tapwright_runtime::rt::descriptor::{Param, Resource, Segment::Key as At, Stop, Style};
use tapwright_runtime::rt::encode::{Encode, Writer};
use tapwright_runtime::rt::error::ErrorKind;
use tapwright_runtime::rt::incremental::Incremental;
use tapwright_runtime::rt::ndjson::NDJSON;
use tapwright_runtime::rt::page::Decoder;
use tapwright_runtime::rt::steps::Steps;
use tracked::{AT, BY, LARGE, PAGE, Records, SMALL, failure, list, list_with, read, rows, service};

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
    let model = || {
        Model::new(|request| {
            if request.url.as_str().contains("page=0") {
                ok(r#"{"rows":[{"id":1,"at":"m"},{"id":2,"at":"a"},{"id":3,"at":"z"}]}"#)
            } else {
                ok(r#"{"rows":[]}"#)
            }
        })
    };
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

/// A list that comes as a whole in a body of this kind, a line for each record.
fn lines(decoder: &'static dyn Decoder, by: Incremental) -> &'static Resource {
    let mut list = resource(Style::Single, Stop::EMPTY_PAGE, 2, false);
    list.decoder = Some(decoder);
    list.incremental = Some(leak(by));
    leak(list)
}

#[test]
fn a_row_without_a_cursor_is_told_where_it_begins() {
    let model = Model::new(|_| ok("{\"id\":1,\"at\":1}\n  {\"id\":2}\n"));
    let error = failure(rows(&model.client(), lines(&NDJSON, BY)));
    assert_eq!((error.path().as_deref(), error.offset()), (Some("$[1]"), Some(18)), "{error}");
}

impl Encode for Row {
    fn encode(&self, w: &mut Writer) {
        w.record(&[Key::required("id")], &[&self.id]);
    }
}

/// What a hook leaves out is not given, and is dealt with all the same.
#[test]
fn a_hook_comes_after_the_bounds() {
    let mut by_hook = resource(PAGE, Stop::EMPTY_PAGE, 2, false);
    by_hook.operation.params = BOUNDS;
    by_hook.incremental = Some(leak(BY.ascending().initial("10").end("30")));
    by_hook.steps = Some(leak(Steps(&[])));
    let by_hook = leak(by_hook);
    let core = service(SMALL).client();
    let hook = Hook::new(|row: Row| Ok((row.id != 2 && row.id != 5).then_some(row)));
    let listing = || rows(&core, by_hook).hook(hook.clone());
    for stop in 0..=3 {
        let mut items = listing().blocking().items();
        let mut ids: Vec<i64> = items.by_ref().take(stop).map(|row| row.unwrap().id).collect();
        let mut items = listing().resume(items.checkpoint()).unwrap().blocking().items();
        ids.extend(items.by_ref().map(|row| row.unwrap().id));
        assert_eq!(ids, [1, 3, 4], "stopped after {stop}");
    }
    let mut items = listing().blocking().items();
    assert_eq!((items.by_ref().count(), items.filtered()), (3, 2));
}

/// Makes a client whose service has these records.
type Serve<'s> = &'s dyn Fn(&Records) -> Arc<Core>;

/// Bodies that are no JSON documents are held to the same bounds.
#[test]
fn rows_are_left_out_like_the_records_of_a_document() {
    static CSV: Csv = Csv::HEADED.fields(&[("id", Cell::Number), ("at", Cell::Number)]);
    let ndjson = |records: &Records| {
        let rows: Vec<_> = records.iter().map(|(id, at)| format!(r#"{{"id":{id},"at":{at}}}"#)).collect();
        Model::new(move |_| ok(rows.join("\n"))).client()
    };
    let csv = |records: &Records| {
        let rows: Vec<_> = records.iter().map(|(id, at)| format!("{id},{}", at.replace("null", ""))).collect();
        Model::new(move |_| ok(format!("id,at\n{}", rows.join("\n")))).client()
    };
    for (decoder, serve) in [(&NDJSON as &'static dyn Decoder, &ndjson as Serve<'_>), (&CSV, &csv)] {
        let list = |by| lines(decoder, by);
        let (_, state) = read(rows(&serve(SMALL), list(BY)));
        assert_eq!(read(rows(&serve(LARGE), list(BY)).continue_from(&state).unwrap()).0, [7, 8, 9]);
        let (ids, state) = read(rows(&serve(LARGE), list(BY.on_our_side().initial("20").end("30"))));
        assert_eq!((ids, state.marks().next()), (vec![3, 4, 5], Some(("{}", "20"))));

        let some = || serve(&[(1, "10"), (2, "null"), (3, "20"), (4, "null"), (5, "30")]);
        let by = BY.end("30");
        assert_eq!(read(rows(&some(), list(by.include_missing()))).0, [1, 2, 3, 4]);
        for stop in 0..=2 {
            let mut items = rows(&some(), list(by.exclude_missing())).blocking().items();
            assert_eq!(items.by_ref().take(stop).count(), stop);
            let rest = read(rows(&some(), list(by.exclude_missing())).resume(items.checkpoint()).unwrap()).0;
            assert_eq!(rest, [1, 3][stop..], "after {stop}");
        }
        let mut items = rows(&some(), list(BY)).blocking().items();
        assert_eq!(items.next().unwrap().unwrap().id, 1);
        let error = items.next().unwrap().unwrap_err();
        assert_eq!((error.kind(), error.path().as_deref()), (ErrorKind::Decode, Some("$[1]")));
        assert!(error.message().contains("no incremental cursor at `$.at`"), "{error}");
        assert!(items.next().is_none());

        // What is no row at all is told as ever.
        let error = failure(rows(&Model::new(|_| ok("oops\n7\n")).client(), list(BY)));
        assert_eq!(error.kind(), ErrorKind::Page, "{error}");
    }
}

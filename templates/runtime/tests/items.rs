//! Records and pages as their users see them: async and blocking, from the start and from every checkpoint.

mod paged;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Waker};

use futures_core::Stream;
use paged::{BOUNDS, GROUPS, INCREMENTAL, Model, NEXT, Row, STYLES, TOTAL, ids, leak, ok, paged, query, resource};
use tapwright_runtime::rt::checkpoint::Checkpoint;
use tapwright_runtime::rt::core::Core;
use tapwright_runtime::rt::cursor::Format;
use tapwright_runtime::rt::descriptor::{Contract, Resource, Stop, Style};
use tapwright_runtime::rt::error::{Error, ErrorKind};
use tapwright_runtime::rt::incremental::Incremental;
use tapwright_runtime::rt::items::Items;
use tapwright_runtime::rt::listing::Listing;

const PAGE: Style = Style::PageNumber { param: "page", base: 0 };
const CURSOR: Style = Style::Cursor { param: "cursor", path: NEXT };

fn rows(core: &Arc<Core>, resource: &'static Resource) -> Listing<Row> {
    Listing::new(Arc::clone(core), resource)
}

fn ids_of(rows: &[Row]) -> Vec<i64> {
    rows.iter().map(|row| row.id).collect()
}

fn ids_in_groups() -> Vec<i64> {
    GROUPS.iter().enumerate().flat_map(|(group, rows)| ids(group, *rows)).collect()
}

/// Every paginator, with and without a parent, with pages of 1, 2 and 3 records: its name, its resource and what it holds.
fn every_resource() -> impl Iterator<Item = (String, &'static Resource, Arc<Model>, Vec<i64>)> {
    STYLES.iter().flat_map(|(name, style, stop)| {
        [false, true].into_iter().flat_map(move |with_parent| {
            [1, 2, 3].into_iter().map(move |size| {
                let name = format!("{name}, pages of {size}{}", if with_parent { ", with a parent" } else { "" });
                let expected = if with_parent { ids_in_groups() } else { ids(0, 7) };
                (name, leak(resource(*style, *stop, size, with_parent)), paged(*style, *stop, 7), expected)
            })
        })
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_record_comes_once_and_in_order_async_and_blocking() {
    for (name, resource, model, expected) in every_resource() {
        let core = model.client();
        for concurrency in [1, 3, 8] {
            let records = rows(&core, resource)
                .concurrency(concurrency)
                .items()
                .collect()
                .await
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(ids_of(&records), expected, "{name}");
        }
        let blocking: Result<Vec<Row>, Error> = rows(&core, resource).blocking().items().collect();
        assert_eq!(ids_of(&blocking.unwrap()), expected, "{name}");

        let pages = rows(&core, resource).pages().collect().await.unwrap();
        assert_eq!(pages.iter().flatten().map(|row| row.id).collect::<Vec<_>>(), expected, "{name}");
        let blocking: Vec<_> = rows(&core, resource).blocking().pages().map(|page| ids_of(&page.unwrap().records)).collect();
        assert_eq!(pages.iter().map(|page| ids_of(&page.records)).collect::<Vec<_>>(), blocking, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_goes_on_after_every_record() {
    for (name, resource, model, expected) in every_resource() {
        let core = model.client();
        for k in 0..=expected.len() {
            let mut items = rows(&core, resource).items();
            for id in &expected[..k] {
                assert_eq!(items.try_next().await.unwrap().unwrap().id, *id, "{name}");
            }
            let text = items.checkpoint().to_string();
            assert!(!text.contains('\n'), "{text}");
            let mark: Checkpoint = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(mark, items.checkpoint(), "{name}");
            drop(items);

            let client = model.client();
            let listing = rows(&client, resource).resume(mark).unwrap_or_else(|error| panic!("{name}: {error}"));
            let rest = listing.items().collect().await.unwrap_or_else(|error| panic!("{name} after {k}: {error}\n{text}"));
            assert_eq!(ids_of(&rest), expected[k..], "{name} after {k}: {text}");
            let blocking: Result<Vec<Row>, Error> = listing.blocking().items().collect();
            assert_eq!(ids_of(&blocking.unwrap()), expected[k..], "{name} after {k}: {text}");
        }
    }
}

#[test]
fn a_blocking_read_goes_on_after_every_record_and_every_page() {
    for (name, resource, model, expected) in every_resource() {
        let core = model.client();
        for k in 0..=expected.len() {
            let mut items = rows(&core, resource).blocking().items();
            let given = items.by_ref().take(k).flatten().count();
            let rest: Vec<_> =
                rows(&core, resource).resume(items.checkpoint()).unwrap().blocking().items().map(|row| row.unwrap().id).collect();
            assert_eq!((given, rest.as_slice()), (k, &expected[k..]), "{name} after {k}");
        }
        let mut given = 0;
        for page in rows(&core, resource).blocking().pages() {
            let page = page.unwrap();
            given += page.records.len();
            let rest: Vec<_> =
                rows(&core, resource).resume(page.checkpoint).unwrap().blocking().items().map(|row| row.unwrap().id).collect();
            assert_eq!(rest, expected[given..], "{name} after a page and {given} records");
        }
    }
}

#[test]
fn a_checkpoint_at_the_end_of_a_page_asks_for_the_next_one() {
    let model = paged(CURSOR, Stop::EMPTY_PAGE, 4);
    let core = model.client();
    let resource = leak(resource(CURSOR, Stop::EMPTY_PAGE, 2, false));
    let mut items = rows(&core, resource).blocking().items();
    assert_eq!(items.by_ref().take(2).count(), 2);
    let mark = items.checkpoint();
    let asked = model.log().len();
    assert_eq!(rows(&core, resource).resume(mark).unwrap().blocking().page().unwrap().records.len(), 2);
    assert_eq!(model.log()[asked..], ["/v1/rows?limit=2&cursor=%2A~%2B%2F%3D%202"]);
}

#[test]
fn a_read_that_is_over_resumes_to_nothing_and_asks_nothing() {
    let model = paged(PAGE, TOTAL, 3);
    let core = model.client();
    let resource = leak(resource(PAGE, TOTAL, 2, false));
    let mut items = rows(&core, resource).blocking().items();
    assert_eq!(items.by_ref().count(), 3);
    assert!(items.checkpoint().is_finished());
    let asked = model.log().len();
    assert_eq!(rows(&core, resource).resume(items.checkpoint()).unwrap().blocking().items().count(), 0);
    assert_eq!(model.log().len(), asked);
}

#[test]
fn a_checkpoint_is_refused_where_it_does_not_belong() {
    let model = paged(PAGE, TOTAL, 3);
    let core = model.client();
    let resource = leak(resource(PAGE, TOTAL, 2, false));
    let mut other = paged::resource(PAGE, TOTAL, 2, false);
    other.fingerprint = "f2";
    let with_parent = leak(paged::resource(PAGE, TOTAL, 2, true));
    let mark = rows(&core, resource).param("q", "x").blocking().items().checkpoint();

    let resumed = rows(&core, resource).param("q", "x").resume(mark.clone()).unwrap();
    assert_eq!(resumed.blocking().items().map(Result::unwrap).collect::<Vec<_>>().len(), 3);
    assert!(rows(&core, leak(other)).resume(mark.clone()).unwrap_err().message().contains("another version"));
    assert!(rows(&core, with_parent).resume(mark.clone()).unwrap_err().message().contains("another version"));
    let mut items = rows(&core, resource).param("q", "y").resume(mark).unwrap().blocking().items();
    let error = items.next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Checkpoint, "rows"));
    assert!(error.message().contains("other arguments"), "{error}");
    assert!(items.next().is_none());
}

#[test]
fn records_know_the_parents_they_were_read_for() {
    let core = paged(PAGE, Stop::EMPTY_PAGE, 0).client();
    let resource = leak(resource(PAGE, Stop::EMPTY_PAGE, 2, true));
    let mut items = rows(&core, resource).blocking().items();
    for row in items.by_ref().take(4).collect::<Vec<_>>() {
        let row = row.unwrap();
        assert_eq!(row.group, Some(row.id / 100 - 1));
    }
    // A checkpoint keeps what was taken from the parent, so that a read is resumed with the same values.
    assert!(
        items.checkpoint().to_string().contains(r#""bindings":{"groups.id":2,"groups.note":{"a":[1,2]}}"#),
        "{}",
        items.checkpoint()
    );
    for row in rows(&core, resource).resume(items.checkpoint()).unwrap().blocking().items() {
        let row = row.unwrap();
        assert_eq!(row.group, Some(row.id / 100 - 1));
    }
}

#[tokio::test]
async fn pages_come_in_parallel_where_a_total_is_known() {
    let model = paged(PAGE, TOTAL, 60);
    let core = model.client();
    let listing = rows(&core, leak(resource(PAGE, TOTAL, 2, false)));
    let mut items = listing.clone().concurrency(4).items();
    let mut given = Vec::new();
    while let Some(row) = items.try_next().await.unwrap() {
        given.push(row.id);
    }
    assert_eq!(given, ids(0, 60));
    assert_eq!(model.most.load(Ordering::SeqCst), 4);
    assert_eq!((items.pages_read(), items.requests()), (30, 30), "no page is asked for twice");

    let alone = paged(PAGE, TOTAL, 60);
    let listing = rows(&alone.client(), leak(resource(PAGE, TOTAL, 2, false)));
    assert_eq!(listing.concurrency(1).items().collect().await.unwrap().len(), 60);
    assert_eq!(alone.most.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_first_pages_of_several_parents_come_in_parallel() {
    let model = paged(CURSOR, Stop::EMPTY_PAGE, 0);
    let core = model.client();
    let items = rows(&core, leak(resource(CURSOR, Stop::EMPTY_PAGE, 2, true))).concurrency(3).items();
    assert_eq!(ids_of(&items.collect().await.unwrap()), ids_in_groups());
    assert!((2..=3).contains(&model.most.load(Ordering::SeqCst)));
}

#[tokio::test]
async fn the_next_page_is_fetched_while_this_one_is_used() {
    let model = paged(CURSOR, Stop::EMPTY_PAGE, 6);
    let core = model.client();
    let mut items = rows(&core, leak(resource(CURSOR, Stop::EMPTY_PAGE, 3, false))).items();
    assert_eq!(items.try_next().await.unwrap().unwrap().id, 100);
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!(model.log().len(), 2);
}

#[tokio::test]
async fn one_page_asks_for_one_page() {
    let model = paged(PAGE, TOTAL, 6);
    let core = model.client();
    let listing = rows(&core, leak(resource(PAGE, TOTAL, 2, false)));
    let page = listing.clone().await.unwrap();
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!((ids_of(&page.records), page.total, model.log().len()), (ids(0, 2), Some(6), 1));
    let next = listing.clone().resume(page.checkpoint).unwrap().page().await.unwrap();
    assert_eq!(ids_of(&next.records), [102, 103]);
    assert_eq!(ids_of(&listing.blocking().page().unwrap().records), ids(0, 2));
}

#[test]
fn one_page_of_a_resource_without_parents_is_empty() {
    let model = Model::new(|_| ok(r#"{"rows":[]}"#));
    let core = model.client();
    let page = rows(&core, leak(resource(CURSOR, Stop::EMPTY_PAGE, 2, true))).blocking().page().unwrap();
    assert!(page.records.is_empty() && page.checkpoint.is_finished());
}

#[test]
fn without_a_runtime_a_stream_fails_and_does_not_panic() {
    let core = paged(PAGE, TOTAL, 3).client();
    let mut items: Items<Row> = rows(&core, leak(resource(PAGE, TOTAL, 2, false))).items();
    let mut cx = Context::from_waker(Waker::noop());
    let std::task::Poll::Ready(Some(Err(error))) = items.poll_next(&mut cx) else { panic!("no error") };
    assert!(error.message().contains("`blocking()`"), "{error}");
    assert!(matches!(Stream::poll_next(std::pin::pin!(items), &mut cx), std::task::Poll::Ready(None)));
}

/// The third row of the second page does not fit.
fn odd() -> Arc<Model> {
    Model::new(|request| {
        let page: i64 = query(&request.url)["page"].parse().unwrap();
        let rows: Vec<String> =
            match page {
                3.. => Vec::new(),
                page => (0..4)
                    .map(|row| {
                        if (page, row) == (1, 2) { r#"{"id":"x"}"#.to_owned() } else { format!(r#"{{"id":{}}}"#, page * 4 + row) }
                    })
                    .collect(),
            };
        ok(format!(r#"{{"rows":[{}]}}"#, rows.join(",")))
    })
}

#[tokio::test]
async fn a_record_that_does_not_fit_stops_the_read_after_those_before_it() {
    let core = odd().client();
    let listing = rows(&core, leak(resource(PAGE, Stop::EMPTY_PAGE, 4, false)));
    let mut items = listing.items();
    for id in 0..6 {
        assert_eq!(items.try_next().await.unwrap().unwrap().id, id);
    }
    let mark = items.checkpoint();
    let error = items.try_next().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, "rows"));
    assert_eq!((error.path().as_deref(), error.offset()), (Some("$.rows[2].id"), Some(33)));
    assert!(items.next().await.is_none(), "fused");
    assert_eq!(items.checkpoint(), mark);
    let again = listing.clone().resume(mark).unwrap().items().next().await.unwrap().unwrap_err();
    assert_eq!(again.path(), error.path(), "a read that is resumed meets the same record");

    let mut pages = listing.pages();
    assert_eq!(pages.try_next().await.unwrap().unwrap().records.len(), 4);
    let page = pages.try_next().await.unwrap().unwrap();
    assert_eq!(ids_of(&page.records), [4, 5]);
    assert_eq!(pages.try_next().await.unwrap_err().path(), error.path());
    assert!(pages.next().await.is_none(), "fused");
}

#[test]
fn one_page_with_a_record_that_does_not_fit_is_an_error() {
    let core = odd().client();
    let resource = leak(resource(PAGE, Stop::EMPTY_PAGE, 4, false));
    let first = rows(&core, resource).blocking().page().unwrap();
    let error = rows(&core, resource).resume(first.checkpoint).unwrap().blocking().page().unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, "rows"));
}

/// It is read again as a whole: its first records are in no batch, or they would be there twice.
#[cfg(feature = "arrow")]
#[test]
fn of_a_page_that_breaks_off_nothing_is_in_a_batch() {
    let model = Model::new(|request| {
        ok(match query(&request.url)["page"].as_str() {
            "0" => r#"{"rows":[{"id":1},{"id":2}]}"#,
            _ => r#"{"rows":[{"id":3},{"id":4"#,
        })
    });
    let resource = leak(resource(PAGE, Stop::EMPTY_PAGE, 2, false));
    let mut batches = rows(&model.client(), resource).blocking().batches();
    let first = batches.next().unwrap().unwrap();
    assert_eq!(first.records.num_rows(), 2);
    let error = batches.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Page, "{error}");
    assert!(batches.next().is_none());
    let whole = paged(PAGE, Stop::EMPTY_PAGE, 7).client();
    let rest = rows(&whole, resource).resume(first.checkpoint).unwrap().blocking().batches();
    assert_eq!(rest.map(|batch| batch.unwrap().records.num_rows()).sum::<usize>(), 5, "after the first page");
}

#[test]
fn a_read_that_left_records_out_goes_on_after_every_record() {
    let core = odd().client();
    let mut resource = resource(PAGE, Stop::EMPTY_PAGE, 4, false);
    resource.contract = Contract::DiscardRow;
    let resource = leak(resource);
    let expected: Vec<i64> = (0..12).filter(|id| *id != 6).collect();
    for k in 0..=expected.len() {
        let mut items = rows(&core, resource).blocking().items();
        assert_eq!(items.by_ref().take(k).count(), k);
        let mut rest = rows(&core, resource).resume(items.checkpoint()).unwrap().blocking().items();
        assert_eq!(rest.by_ref().map(|row| row.unwrap().id).collect::<Vec<_>>(), expected[k..], "after {k}");
        // The record that was left out is counted once, whichever run met it last.
        assert_eq!(rest.rejected().count(), u64::from(k < 7), "after {k}");
    }
}

#[tokio::test]
async fn an_error_comes_in_its_turn_and_ends_the_read() {
    let model = Model::new(|request| match query(&request.url)["page"].parse::<i64>().unwrap() {
        2 => paged::status(404, r#"{"message":"gone"}"#),
        page => ok(format!(r#"{{"rows":[{{"id":{page}}}],"total":5}}"#)),
    });
    let core = model.client();
    let listing = rows(&core, leak(resource(PAGE, TOTAL, 1, false)));
    let mut items = listing.items();
    assert_eq!(items.try_next().await.unwrap().unwrap().id, 0);
    assert_eq!(items.try_next().await.unwrap().unwrap().id, 1);
    let error = items.try_next().await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.operation()), (ErrorKind::Status, Some(404), "rows"));
    assert!(items.next().await.is_none());
    let mut blocking = listing.blocking().items();
    let told: Vec<_> = blocking.by_ref().map(|row| row.map(|row| row.id).ok()).collect();
    assert_eq!(told, [Some(0), Some(1), None]);
    assert!(blocking.next().is_none());
}

#[test]
fn what_is_no_page_is_an_error_with_the_start_of_the_body() {
    let model = Model::new(|_| {
        let mut response = ok(format!("<html>{}", "x".repeat(2000)));
        response.headers.push("x-request-id", "r1");
        response
    });
    let core = model.client();
    let mut items = rows(&core, leak(resource(PAGE, TOTAL, 1, false))).blocking().items();
    let error = items.next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.status(), error.request_id()), (ErrorKind::Page, Some(200), Some("r1")));
    assert!(error.body().is_some_and(|body| body.starts_with("<html>xxx") && body.len() < 600));
    assert_eq!(error.to_string(), "rows: 200 the body is no JSON: expected a value at `$` (byte 0) (request id r1)");
    assert!(items.next().is_none());
}

#[test]
fn a_loop_is_reported_after_the_records_before_it() {
    let model = Model::new(|_| ok(r#"{"rows":[{"id":1}],"next":"again"}"#));
    let core = model.client();
    let told: Vec<_> = rows(&core, leak(resource(CURSOR, Stop::EMPTY_PAGE, 1, false)))
        .blocking()
        .items()
        .map(|row| row.map(|row| row.id).map_err(|error| error.kind()))
        .collect();
    assert_eq!(told, [Ok(1), Ok(1), Err(ErrorKind::Loop)]);

    let model = Model::new(|_| ok(r#"{"rows":[{"id":1}]}"#));
    let core = model.client();
    let told: Vec<_> = rows(&core, leak(resource(PAGE, Stop::EMPTY_PAGE, 1, false)))
        .blocking()
        .items()
        .map(|row| row.map(|row| row.id).map_err(|error| error.kind()))
        .collect();
    assert_eq!(told, [Ok(1), Err(ErrorKind::Loop)], "the records of a repeated page are not given again");
}

/// The mark after each number of records.
type Marks = [Option<&'static str>; 6];

#[test]
fn the_incremental_mark_is_that_of_the_records_given() {
    let model = |rows: &'static [&'static str]| {
        Model::new(move |request| {
            let page: usize = query(&request.url)["page"].parse().unwrap();
            let rows = rows.chunks(2).nth(page).unwrap_or_default();
            let rows: Vec<_> = rows.iter().map(|at| format!(r#"{{"id":1,"at":{at}}}"#)).collect();
            ok(format!(r#"{{"rows":[{}],"total":5}}"#, rows.join(",")))
        })
    };
    let at = Incremental { cursor: &[tapwright_runtime::rt::descriptor::Segment::Key("at")], ..INCREMENTAL };
    let times: &[&str] =
        &[r#""2024-01-02T00:00:00Z""#, r#""2024-01-03""#, r#""2024-01-03T01:00:00+02:00""#, "null", r#""2024-01-01""#];
    let numbers: &[&str] = &["9", "10", r#""8""#, "null", "11"];
    let cases: &[(&str, &'static [&'static str], Incremental, Marks)] = &[
        ("the greatest number", leak(numbers.to_vec()), at, [None, Some("9"), Some("10"), Some("10"), Some("10"), Some("11")]),
        (
            "the greatest text",
            leak(numbers.to_vec()),
            Incremental { format: Format::Text, ..at },
            [None, Some("9"), Some("9"), Some("9"), Some("9"), Some("9")],
        ),
        (
            "the last one",
            leak(numbers.to_vec()),
            Incremental { format: Format::Text, ..at }.ascending(),
            [None, Some("9"), Some("10"), Some("8"), Some("8"), Some("11")],
        ),
        (
            "the latest moment",
            leak(times.to_vec()),
            Incremental { format: Format::Iso, ..at },
            [None, Some("2024-01-02T00:00:00Z"), Some("2024-01-03"), Some("2024-01-03"), Some("2024-01-03"), Some("2024-01-03")],
        ),
    ];
    for (name, values, incremental, marks) in cases {
        let core = model(values).client();
        let mut resource = resource(PAGE, TOTAL, 2, false);
        resource.incremental = Some(leak(*incremental));
        let resource = leak(resource);
        for k in 0..=5 {
            let mut items = rows(&core, resource).blocking().items();
            assert_eq!(items.by_ref().take(k).count(), k);
            assert_eq!(items.mark().as_deref(), marks[k], "{name} after {k}");
            let mut rest = rows(&core, resource).resume(items.checkpoint()).unwrap().blocking().items();
            assert_eq!(rest.mark().as_deref(), marks[k], "{name}: a checkpoint carries it");
            rest.by_ref().for_each(drop);
            assert_eq!(rest.mark().as_deref(), marks[5], "{name} resumed after {k}");
        }
    }
}

#[test]
fn a_later_run_starts_from_the_mark() {
    let model = paged(PAGE, TOTAL, 1);
    let core = model.client();
    let mut resource = resource(PAGE, TOTAL, 2, false);
    resource.operation.params = BOUNDS;
    let by = Incremental { format: Format::Iso, ..INCREMENTAL }.sent_as(Format::Iso);
    resource.incremental = Some(leak(by.initial("2020-01-01").end("2030-01-01")));
    let resource = leak(resource);
    rows(&core, resource).blocking().items().for_each(drop);
    rows(&core, resource).since("2024-01-01T00:00:00+01:00").until("2025-01-01").blocking().items().for_each(drop);
    assert_eq!(
        model.log(),
        [
            "/v1/rows?since=2020-01-01&until=2030-01-01&limit=2&page=0",
            "/v1/rows?since=2024-01-01T00%3A00%3A00%2B01%3A00&until=2025-01-01&limit=2&page=0"
        ]
    );

    let error =
        rows(&core, leak(paged::resource(PAGE, TOTAL, 2, false))).since("1").blocking().items().next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Config, "rows"));
}

#[test]
fn the_caller_sets_size_parameters_and_headers() {
    let model = Model::new(|request| {
        assert_eq!(request.headers.get("x-trace"), Some("7"));
        ok(r#"{"rows":[{"id":1}]}"#)
    });
    let core = model.client();
    let mut resource = resource(PAGE, Stop { on_short_page: true, ..Stop::EMPTY_PAGE }, 1, false);
    resource.paging.size = resource.paging.size.map(|size| tapwright_runtime::rt::descriptor::Size { max: Some(5), ..size });
    let resource = leak(resource);
    let listing = rows(&core, resource).param("q", "a b").header("x-trace", "7");
    assert_eq!(listing.clone().param("limit", "5").blocking().items().count(), 1, "a page of 1 is short when 5 were asked for");
    assert_eq!(model.log(), ["/v1/rows?q=a%20b&limit=5&page=0"]);
    let error = listing.param("limit", "6").blocking().items().next().unwrap().unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Config, "`limit` must be at most 5: the service sends no larger page")
    );
}

#[tokio::test]
async fn requests_under_way_stop_with_the_stream() {
    let (asked, model) = {
        let asked = Arc::new(());
        let held = Arc::clone(&asked);
        (
            asked,
            Model::new(move |_| {
                let _ = &held;
                ok(r#"{"rows":[{"id":1}],"total":100}"#)
            }),
        )
    };
    let core = model.client();
    let mut items = rows(&core, leak(resource(PAGE, TOTAL, 1, false))).items();
    assert!(items.try_next().await.unwrap().is_some());
    drop((items, core, model));
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(Arc::strong_count(&asked), 1, "no task holds the client any more");
}

#[test]
fn a_page_of_records_is_small_to_hold() {
    assert!(size_of::<Items<Row>>() <= 950, "{}", size_of::<Items<Row>>());
}

// What a generated crate has for each list.
static RESOURCE: Resource = Resource::LIST;

tapwright_runtime::list_builder!(Rows, Row, "rows");

#[tokio::test]
async fn a_newtype_has_the_methods_of_a_listing() {
    let core = paged(PAGE, TOTAL, 5).client();
    let resource = leak(resource(PAGE, TOTAL, 2, false));
    let list = || Rows(Listing::new(Arc::clone(&core), resource));
    assert_eq!(list().param("q", "x").header("x-a", "b").concurrency(2).items().collect().await.unwrap().len(), 5);
    assert_eq!(list().pages().collect().await.unwrap().len(), 3);
    assert_eq!(list().page().await.unwrap().total, Some(5));
    let page = list().await.unwrap();
    assert_eq!(list().resume(page.checkpoint).unwrap().blocking().items().count(), 3);
    assert_eq!(list().since("x").page().await.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test]
async fn a_read_can_be_moved_to_another_task() {
    let core = paged(CURSOR, Stop::EMPTY_PAGE, 5).client();
    let items = rows(&core, leak(resource(CURSOR, Stop::EMPTY_PAGE, 2, false))).items();
    assert_eq!(tokio::spawn(items.collect()).await.unwrap().unwrap().len(), 5);
}

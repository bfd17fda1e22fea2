//! Windows of a range: where they start and end, and that a read in windows gives what one without them gives.

mod paged;

use std::sync::Arc;
use std::time::Duration;

use paged::{Model, Row, ids, leak, ok, query, resource};
use tapwright_runtime::rt::checkpoint::Checkpoint;
use tapwright_runtime::rt::core::{Core, CoreBuilder};
use tapwright_runtime::rt::cursor::Format;
use tapwright_runtime::rt::descriptor::{Binding, Param, PartitionBy, Resource, Segment::Key as At, Stop, Style};
use tapwright_runtime::rt::error::{ErrorKind, Result};
use tapwright_runtime::rt::incremental::Incremental;
use tapwright_runtime::rt::listing::Listing;
use tapwright_runtime::rt::progress::{END, START};
use tapwright_runtime::rt::retry::Now;
use tapwright_runtime::rt::sequence::{Opening, Sequence};
use tapwright_runtime::rt::window::Windows;

const DAY: u32 = 86_400;
const MINUTES: Format = Format::Pattern("%Y-%m-%d %H:%M");

/// The windows of a range as `start..end`, and the name of the range.
fn windows(windows: Windows, start: Option<&str>, end: Option<&str>, held: Option<&str>) -> Result<(Vec<String>, String)> {
    let core = at(Model::new(|_| panic!("nothing is sent")), 1_704_067_200);
    let bounds = || {
        let pair = |hole: &'static str, text: Option<&str>| text.map(|text| (hole, text.to_owned()));
        Ok(pair(START, start).into_iter().chain(pair(END, end)).collect())
    };
    let opened = windows.open(&Opening { core: &core, bounds: &bounds }, held)?;
    let rows = opened.rows.take(100).map(|row| {
        let [(start_hole, start), (end_hole, end)] = row.try_into().expect("two bounds");
        assert_eq!((start_hole.as_str(), end_hole.as_str()), (START, END));
        format!("{}..{}", start.trim_matches('"'), end.trim_matches('"'))
    });
    Ok((rows.collect(), opened.id))
}

/// A client at a moment, in seconds since 1970.
fn at(model: Arc<Model>, seconds: u64) -> Arc<Core> {
    let clock = move || Now { elapsed: Duration::ZERO, unix: Duration::from_secs(seconds) };
    CoreBuilder::new(&paged::API).transport(Arc::clone(&model) as _).blocking_transport(model).clock(clock).build().unwrap()
}

#[test]
fn windows_cover_the_range_once() {
    let cases: &[(&str, Windows, &str, &str, &[&str])] = &[
        (
            "days, half open",
            Windows::of(10 * DAY, 0, Format::Date),
            "2024-01-01",
            "2024-01-25",
            &["2024-01-01..2024-01-11", "2024-01-11..2024-01-21", "2024-01-21..2024-01-25"],
        ),
        (
            "days, closed: the next one starts a day later",
            Windows::of(10 * DAY, 0, Format::Date).through_end(),
            "2024-01-01",
            "2024-01-25",
            &["2024-01-01..2024-01-10", "2024-01-11..2024-01-20", "2024-01-21..2024-01-25"],
        ),
        (
            "days, open at the start and closed at the end",
            Windows::of(10 * DAY, 0, Format::Date).after_start().through_end(),
            "2024-01-01",
            "2024-01-25",
            &["2024-01-01..2024-01-10", "2024-01-10..2024-01-20", "2024-01-20..2024-01-25"],
        ),
        (
            "days, open at both ends: they overlap by the day that neither would have",
            Windows::of(10 * DAY, 0, Format::Date).after_start(),
            "2024-01-01",
            "2024-01-15",
            &["2024-01-01..2024-01-11", "2024-01-10..2024-01-15"],
        ),
        (
            "months end on the last day where the month has no other",
            Windows::of_months(1, Format::Iso),
            "2023-12-31T12:00:00Z",
            "2024-04-15T00:00:00Z",
            &[
                "2023-12-31T12:00:00Z..2024-01-31T12:00:00Z",
                "2024-01-31T12:00:00Z..2024-02-29T12:00:00Z",
                "2024-02-29T12:00:00Z..2024-03-31T12:00:00Z",
                "2024-03-31T12:00:00Z..2024-04-15T00:00:00Z",
            ],
        ),
        (
            "a year over a leap day",
            Windows::of_months(12, Format::Date),
            "2024-02-29",
            "2026-03-01",
            &["2024-02-29..2025-02-28", "2025-02-28..2026-02-28", "2026-02-28..2026-03-01"],
        ),
        (
            "seconds since 1970, closed",
            Windows::of(3_600, 0, Format::Epoch).through_end(),
            "1700000000",
            "1700005000",
            &["1700000000..1700003599", "1700003600..1700005000"],
        ),
        (
            "milliseconds since 1970",
            Windows::of(0, 500, Format::EpochMs).through_end(),
            "1700000000000",
            "1700000001000",
            &["1700000000000..1700000000499", "1700000000500..1700000001000"],
        ),
        (
            "ISO closes its windows with the finest moment that services keep",
            Windows::of(DAY, 0, Format::Iso).through_end(),
            "2024-01-01T00:00:00Z",
            "2024-01-02T12:00:00Z",
            &["2024-01-01T00:00:00Z..2024-01-01T23:59:59.999999Z", "2024-01-02T00:00:00Z..2024-01-02T12:00:00Z"],
        ),
        (
            "a boundary that requests can not write is rounded down for both windows",
            Windows::of(90, 0, MINUTES),
            "2024-01-01 00:00",
            "2024-01-01 00:04",
            &["2024-01-01 00:00..2024-01-01 00:01", "2024-01-01 00:01..2024-01-01 00:03", "2024-01-01 00:03..2024-01-01 00:04"],
        ),
        (
            "a step below what requests can write gives no empty windows",
            Windows::of(10 * 3_600, 0, Format::Date),
            "2024-01-01",
            "2024-01-03",
            &["2024-01-01..2024-01-02", "2024-01-02..2024-01-03"],
        ),
        ("one window", Windows::of(DAY, 0, Format::Date), "2024-01-01", "2024-01-02", &["2024-01-01..2024-01-02"]),
        ("no length, half open", Windows::of(DAY, 0, Format::Date), "2024-01-01", "2024-01-01", &[]),
        (
            "no length, closed",
            Windows::of(DAY, 0, Format::Date).through_end(),
            "2024-01-01",
            "2024-01-01",
            &["2024-01-01..2024-01-01"],
        ),
        (
            "no length, open at the start",
            Windows::of(DAY, 0, Format::Date).after_start().through_end(),
            "2024-01-01",
            "2024-01-01",
            &[],
        ),
        (
            "milliseconds in ISO",
            Windows::of(0, 500, Format::Iso),
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:00:01.2Z",
            &[
                "2024-01-01T00:00:00Z..2024-01-01T00:00:00.500Z",
                "2024-01-01T00:00:00.500Z..2024-01-01T00:00:01Z",
                "2024-01-01T00:00:01Z..2024-01-01T00:00:01.2Z",
            ],
        ),
        (
            "months from a day that all of them have",
            Windows::of_months(1, Format::Date),
            "2024-01-15",
            "2024-03-20",
            &["2024-01-15..2024-02-15", "2024-02-15..2024-03-15", "2024-03-15..2024-03-20"],
        ),
        ("the end before the start", Windows::of(DAY, 0, Format::Date).through_end(), "2024-01-02", "2024-01-01", &[]),
    ];
    for (name, spec, start, end, expected) in cases {
        let (found, id) = windows(*spec, Some(start), Some(end), None).unwrap();
        assert_eq!(found, *expected, "{name}");
        assert_eq!(
            windows(*spec, Some("2000-01-01"), None, Some(&id)).unwrap().0,
            *expected,
            "{name}: the same when it is resumed"
        );
    }
}

#[test]
fn a_level_tells_which_holes_it_fills() {
    const BINDINGS: &[Binding] = &[Binding::new("groups.id", &[At("id")]), Binding::new("groups.at", &[At("at")])];
    let groups = leak(resource(Style::Single, Stop::EMPTY_PAGE, 2, false));
    assert_eq!(PartitionBy::records(groups, BINDINGS).holes(), ["groups.id", "groups.at"]);
    assert_eq!(PartitionBy::values(&DAYS).holes(), [START, END]);
}

#[test]
fn without_an_end_the_moment_of_the_run_is_it() {
    let (found, id) = windows(Windows::of(10 * DAY, 0, Format::Date), Some("2023-12-15"), None, None).unwrap();
    assert_eq!(found, ["2023-12-15..2023-12-25", "2023-12-25..2024-01-01"]);
    assert_eq!(id, "2023-12-15 to 2024-01-01");
}

#[test]
fn what_is_no_range_is_refused() {
    let days = Windows::of(DAY, 0, Format::Date);
    let error = windows(days, None, None, None).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Config, "windows need a start; set one with `since`"));
    let error = windows(days, Some("soon"), Some("2024-01-01"), None).unwrap_err();
    assert!(error.message().starts_with("`soon` is no moment"), "{error}");
    assert_eq!(windows(days, None, None, Some("00ff")).unwrap_err().kind(), ErrorKind::Checkpoint);
}

const BOUNDS: &[Param] =
    &[Param::query("since").value("{incremental.start_value}"), Param::query("until").value("{incremental.end_value}")];
static DAYS: Windows = Windows::of(20 * DAY, 0, Format::Epoch);
static BY: Incremental = Incremental::by(&[At("id")], Format::Epoch).initial("100");

/// A list of rows whose id is their moment, in windows of 20 days; with a parent there are those of each group.
fn list(windows: bool, with_parent: bool) -> &'static Resource {
    let mut list = resource(Style::PageNumber { param: "page", base: 0 }, Stop::EMPTY_PAGE, 2, with_parent);
    list.operation.params = BOUNDS;
    list.incremental = Some(&BY);
    let mut by = list.partitions.to_vec();
    by.extend(windows.then(|| PartitionBy::values(&DAYS)));
    list.partitions = by.leak();
    leak(list)
}

/// Moments ten days apart, of which group 1 has none.
fn rows(group: usize) -> Vec<i64> {
    let count = [7, 0, 4][group];
    (0..count).map(|at| 100 + i64::try_from(group).unwrap() + at * 10 * i64::from(DAY)).collect()
}

fn service() -> Arc<Model> {
    Model::new(|request| {
        let query = query(&request.url);
        let number = |name: &str| query.get(name).map(|text| text.parse::<i64>().unwrap());
        let path: Vec<&str> = request.url.path().split('/').skip(2).collect();
        let all = match path.as_slice() {
            ["rows"] => rows(0),
            ["groups"] => (0..3).collect(),
            ["groups", group, "rows"] => rows(group.parse().unwrap()),
            other => panic!("no such path: {other:?}"),
        };
        let from = |id: &i64| number("since").is_none_or(|since| *id >= since) && number("until").is_none_or(|until| *id < until);
        let page = usize::try_from(number("page").unwrap_or(0)).unwrap();
        let limit = usize::try_from(number("limit").unwrap()).unwrap();
        let rows: Vec<String> =
            all.into_iter().filter(from).skip(page * limit).take(limit).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
        ok(format!(r#"{{"rows":[{}]}}"#, rows.join(",")))
    })
}

fn listing(model: &Arc<Model>, resource: &'static Resource) -> Listing<Row> {
    Listing::new(at(Arc::clone(model), 70 * u64::from(DAY)), resource)
}

fn ids_of(rows: Vec<Row>) -> Vec<i64> {
    rows.into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn a_read_in_windows_gives_the_same_and_goes_on_after_every_record() {
    for with_parent in [false, true] {
        let expected: Vec<i64> = if with_parent { (0..3).flat_map(rows).collect() } else { rows(0) };
        let whole = listing(&service(), list(false, with_parent)).items().collect().await.unwrap();
        assert_eq!(ids_of(whole), expected, "without windows");
        for k in 0..=expected.len() {
            let model = service();
            let mut items = listing(&model, list(true, with_parent)).concurrency(1 + k % 5).items();
            for id in &expected[..k] {
                assert_eq!(items.try_next().await.unwrap().unwrap().id, *id);
            }
            let text = items.checkpoint().to_string();
            let mark: Checkpoint = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            // The range is that of the first run, however late it is gone on.
            let later = at(service(), 900 * u64::from(DAY));
            let again = Listing::<Row>::new(later, list(true, with_parent)).resume(mark).unwrap();
            assert_eq!(ids_of(again.items().collect().await.unwrap()), expected[k..], "after {k}: {text}");
            let blocking: Result<Vec<Row>> = again.blocking().items().collect();
            assert_eq!(ids_of(blocking.unwrap()), expected[k..], "after {k}: {text}");
        }
    }
    assert_eq!(ids(0, 1), [100], "the rows of a model begin at the initial value");
}

#[tokio::test]
async fn windows_are_asked_for_at_once_and_in_order() {
    let model = service();
    let mut items = listing(&model, list(true, false)).concurrency(3).items();
    while items.try_next().await.unwrap().is_some() {}
    let log = model.log();
    let starts: Vec<&String> = log.iter().filter(|path| path.contains("page=0")).collect();
    assert_eq!(starts.len(), 4, "{log:#?}");
    assert!(starts[0].contains("since=100&until=1728100&") && starts[3].contains("since=5184100&until=6048000&"), "{log:#?}");
    assert!(model.most.load(std::sync::atomic::Ordering::SeqCst) == 3);
}

#[test]
fn a_later_run_starts_its_windows_at_the_mark_of_each_partition() {
    let mut items = listing(&service(), list(true, true)).blocking().items();
    assert!(items.by_ref().all(|row| row.is_ok()));
    let state = items.state();
    let model = service();
    let next = listing(&model, list(true, true)).continue_from(&state).unwrap();
    let again: Result<Vec<Row>> = next.blocking().items().collect();
    assert_eq!(ids_of(again.unwrap()), [0_i64; 0], "the rows at the mark are known by their keys: {state}");
    let log = model.log();
    let first = |group: usize| log.iter().find(|path| path.contains(&format!("groups/{group}/rows"))).unwrap().clone();
    assert!(first(0).contains("since=5184100&"), "{log:#?}");
    assert!(first(1).contains("since=100&"), "{log:#?}");
    assert!(first(2).contains("since=2592102&"), "{log:#?}");
}

#[cfg(feature = "cli")]
#[tokio::test]
async fn a_plan_counts_windows_with_one_request() {
    use tapwright_runtime::rt::cli_plan::plan;
    use tapwright_runtime::rt::destination::Disposition;
    use tapwright_runtime::rt::load::{Options, Source};
    use tapwright_runtime::rt::value::Json;

    for (with_parent, since, expected) in [
        (
            false,
            "",
            &[
                "once for each of 4 windows, from 100 to 6048000",
                "GET https://api.example.com/v1/rows?since=100&until=1728100&limit=2&page=0",
                "2 records in the first page; the service tells no total",
            ] as &[&str],
        ),
        (
            false,
            "5000000",
            &[
                "once for each of 1 windows, from 5000000 to 6048000",
                "GET https://api.example.com/v1/rows?since=5000000&until=6048000&limit=2&page=0",
                "1 records in the first page; the service tells no total",
            ],
        ),
        (
            true,
            "",
            &[
                "once for each record of `groups`",
                "once for each of 4 windows, from 100 to 6048000",
                "GET https://api.example.com/v1/groups?limit=2&page=0",
                "`groups`: 2 records in the first page; the service tells no total",
                "then GET /groups/{groups.id}/rows",
            ],
        ),
    ] {
        let model = service();
        let source = Source::new::<Json>(list(true, with_parent), Disposition::Append);
        let args = (!since.is_empty()).then(|| ("rows".to_owned(), START.to_owned(), since.to_owned()));
        let options = Options { args: args.into_iter().collect(), ..Options::default() };
        let lines = plan(&at(Arc::clone(&model), 70 * u64::from(DAY)), &source, &options).await.unwrap();
        assert_eq!(lines, expected);
        assert_eq!(model.log().len(), 1);
    }
}

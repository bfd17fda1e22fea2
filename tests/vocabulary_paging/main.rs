//! End to end: where a paginator's values go, what ends its pages and what a request holds, over a socket.
//!
//! The crate is `tests/generated/vocabulary_paging`, compiled from `tests/fixtures/vocabulary_paging.yaml`: one resource for each
//! rule. The mock refuses a request that does not keep to it.

#[path = "../mock/http.rs"]
mod http;

use std::path::Path;

use serde_json::{Value, json};
use tapwright::mock::{Mock, Options, Running};
use tapwright::model::Api;
use vocabulary_paging::{Client, ErrorKind};

fn api() -> Api {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/vocabulary_paging.yaml");
    let mut sources = tapwright::source::Sources::default();
    let mut diagnostics = tapwright::diagnostic::Diagnostics::default();
    tapwright::load(&path, &mut sources, &mut diagnostics).expect("the fixture is a good spec")
}

fn start(records: u64) -> Running {
    Mock::start(api(), Options { records, ..Options::default() }).expect("a loopback port is free")
}

fn client(mock: &Running) -> Client {
    Client::builder().base_url(mock.base_url()).build().expect("there are no inputs")
}

/// What the mock holds of a resource without a parent.
fn expected(mock: &Running, resource: &str) -> Vec<Value> {
    let records = mock.records();
    let count = records.count(resource, &[]).expect("it is a resource");
    (0..count).map(|at| present(records.record(resource, at, &[]).expect("it is a record"))).collect()
}

fn values<T: serde::Serialize>(records: &[T]) -> Vec<Value> {
    records.iter().map(|record| present(serde_json::to_value(record).expect("records are JSON"))).collect()
}

/// A record without members that are null: absent and null are the same to it.
fn present(mut record: Value) -> Value {
    if let Some(members) = record.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    record
}

fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// Every record once and in order, async and blocking, with so many that the last page is empty, short or full.
mod every_record {
    use super::*;

    macro_rules! every_record {
        ($($resource:ident),+ $(,)?) => {$(
            #[test]
            fn $resource() {
                for count in [0_u64, 1, 7, 8, 14, 23] {
                    let mock = start(count);
                    let client = client(&mock);
                    let expected = expected(&mock, stringify!($resource));
                    assert_eq!(expected.len() as u64, count);
                    let read = wait(client.$resource().items().collect()).unwrap_or_else(|error| panic!("{count}: {error}"));
                    assert_eq!(values(&read), expected, "async, {count} records");
                    let read: Vec<_> = client.$resource().blocking().items().collect::<Result<_, _>>().expect("every page is good");
                    assert_eq!(values(&read), expected, "blocking, {count} records");
                    let refused = mock.stats().answers_with(400);
                    assert_eq!(refused, 0, "no request was wrong");
                }
            }
        )+};
    }

    every_record!(
        header_pages,
        body_pages,
        path_pages,
        body_offsets,
        stepped,
        echoed,
        counted_pages,
        body_cursors,
        header_cursors,
        cursors_of_headers,
        path_cursors,
        search_after,
        taken_from_json,
        taken_from_header,
        bootstrapped,
        since_ids,
        polled,
        repeated,
        searches,
    );
}

/// A reader that stops after any record goes on at the next one, with another client and from the checkpoint's text.
mod resumes {
    use super::*;

    macro_rules! resumes {
        ($($resource:ident: $count:expr),+ $(,)?) => {$(
            #[test]
            fn $resource() {
                let mock = start($count);
                let all = values(&wait(client(&mock).$resource().items().collect()).expect("every page is good"));
                assert!(all.len() >= 10, "too few records to stop between: {}", all.len());
                for stop in 0..=all.len() {
                    let reader = client(&mock);
                    let mut items = reader.$resource().blocking().items();
                    let mut read: Vec<_> = items.by_ref().take(stop).collect::<Result<_, _>>().expect("every page is good");
                    let mark = items.checkpoint().to_string();
                    let listing = || client(&mock).$resource().resume(mark.parse().expect("a checkpoint")).expect("its own checkpoint");
                    let rest = wait(listing().items().collect()).unwrap_or_else(|error| panic!("{stop}: {error}"));
                    assert_eq!(values(&rest), all[stop..], "async, stopped after {stop}");
                    read.extend(listing().blocking().items().collect::<Result<Vec<_>, _>>().expect("every page is good"));
                    assert_eq!(values(&read), all, "blocking, stopped after {stop}");
                }
            }
        )+};
    }

    resumes!(
        header_pages: 23, body_pages: 23, path_pages: 23, body_offsets: 23, stepped: 23, echoed: 23, counted_pages: 23,
        body_cursors: 23, header_cursors: 23, cursors_of_headers: 23, path_cursors: 23, search_after: 23, taken_from_json: 23,
        taken_from_header: 23, bootstrapped: 23, since_ids: 23, polled: 23, repeated: 23, searches: 23, members: 9,
    );
}

/// The size of a page is the caller's, wherever it goes.
#[test]
fn the_page_size_is_the_callers() {
    let mock = start(23);
    let client = client(&mock);
    for size in [1, 3, 23, 50] {
        let requests = |before: u64| mock.stats().total() - before;
        let before = mock.stats().total();
        let read = wait(client.header_pages().x_page_size(size).items().collect()).expect("every page is good");
        assert_eq!(values(&read), expected(&mock, "header_pages"), "header, {size} a page");
        assert_eq!(requests(before), u64::from(23_u32.div_ceil(size)), "header, {size} a page");
        let read = wait(client.body_cursors().limit(size).items().collect()).expect("every page is good");
        assert_eq!(values(&read), expected(&mock, "body_cursors"), "body, {size} a page");
        let read = wait(client.path_pages().size(size).items().collect()).expect("every page is good");
        assert_eq!(values(&read), expected(&mock, "path_pages"), "path, {size} a page");
    }
}

/// A list by POST is a read, which is repeated like any other; unless the spec says that it may not.
#[test]
fn a_list_by_post_is_repeated() {
    let faults = || vec!["reset:every=3".parse().expect("a fault")];
    let mock = Mock::start(api(), Options { records: 40, faults: faults(), ..Options::default() }).expect("a port is free");
    let read: Vec<_> = client(&mock).body_pages().blocking().items().collect::<Result<_, _>>().expect("every page is good");
    assert_eq!(values(&read), expected(&mock, "body_pages"));
    let read = wait(client(&mock).search_after().items().collect()).expect("every page is good");
    assert_eq!(values(&read), expected(&mock, "search_after"));
    let (_, error) = until_error(client(&mock).once().blocking().items());
    assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::Transport));
}

/// A parent's field goes into the body of its children's requests.
#[test]
fn children_are_named_in_the_body() {
    let mock = start(9);
    let read = values(&wait(client(&mock).members().items().collect()).expect("every page is good"));
    let mut expected = Vec::new();
    for group in self::expected(&mock, "groups") {
        let id = group["id"].as_str().expect("an id");
        let count = mock.records().count("members", &[id]).expect("members");
        for k in 0..count {
            let mut member = present(mock.records().record("members", k, &[id]).expect("a record"));
            member["_groups_id"] = id.into();
            expected.push(member);
        }
    }
    assert!(expected.len() > 9, "{}", expected.len());
    assert_eq!(read, expected);
}

/// Numbers and truth values go into a body as such; what is not set is left out.
#[test]
fn arguments_keep_their_types() {
    let mock = start(9);
    let client = client(&mock);
    let about = "12.50".parse().expect("a decimal");
    let listing = client.searches().term("a \"b\"").depth(3).exact(true).about(about);
    assert_eq!(values(&wait(listing.items().collect()).expect("every page is good")), expected(&mock, "searches"));
    let wrong = client.searches().param("depth", "three").blocking().items().next().expect("an answer").expect_err("no number");
    assert_eq!(wrong.kind(), ErrorKind::Config);
    assert!(wrong.message().contains("`depth` must be a number"), "{wrong}");
}

/// A service that stops at 14 records is believed only if it says that there are no more.
#[test]
fn a_window_is_never_silent() {
    for (records, given, fails) in [(13, 13, false), (14, 14, false), (15, 14, true), (23, 14, true)] {
        let mock = start(records);
        let client = client(&mock);
        let (read, error) = until_error(client.windowed().blocking().items());
        assert_eq!(values(&read), expected(&mock, "windowed")[..given], "{records}");
        assert_eq!(error.as_ref().map(vocabulary_paging::Error::kind), fails.then_some(ErrorKind::Truncated), "{records}");
        let told = wait(client.windowed().items().collect()).err().map(|error| error.kind());
        assert_eq!(told, fails.then_some(ErrorKind::Truncated), "{records}, async");
    }
    // Without a total nobody knows whether the fourteenth was the last.
    for (records, fails) in [(13, false), (14, true), (23, true)] {
        let mock = start(records);
        let (read, error) = until_error(client(&mock).cut_cursors().blocking().items());
        assert_eq!(read.len() as u64, records.min(14));
        assert_eq!(error.as_ref().map(vocabulary_paging::Error::kind), fails.then_some(ErrorKind::Truncated), "{records}");
        if let Some(error) = error {
            assert!(error.message().contains("at most 14 records of one query"), "{error}");
        }
    }
}

fn until_error<T>(
    items: impl Iterator<Item = Result<T, vocabulary_paging::Error>>,
) -> (Vec<T>, Option<vocabulary_paging::Error>) {
    let mut read = Vec::new();
    for item in items {
        match item {
            Ok(record) => read.push(record),
            Err(error) => return (read, Some(error)),
        }
    }
    (read, None)
}

/// The mock holds a client to the rules, so that the tests above show something.
#[test]
fn the_mock_refuses_what_breaks_a_rule() {
    let mock = start(23);
    let json = [("content-type", "application/json")];
    let get = |target: &str, headers: &[(&str, &str)]| http::send(mock.addr, "GET", target, headers, "").status;
    let post = |target: &str, body: Value| http::send(mock.addr, "POST", target, &json, &body.to_string());
    assert_eq!(get("/v1/header_pages", &[("x-page", "2")]), 200);
    assert_eq!(get("/v1/header_pages?X-Page=2", &[]), 400, "in the wrong place");
    assert_eq!(get("/v1/header_pages", &[("x-page", "0")]), 400, "before the first page");
    assert_eq!(get("/v1/repeated?expand%5B%5D=customer&expand%5B%5D=items&fields=id&fields=name", &[]), 200);
    assert_eq!(get("/v1/repeated?expand%5B%5D=customer&fields=id&fields=name", &[]), 400, "one of two values");
    assert_eq!(get("/v1/logs?include=all&since=2024-01-01&sort=date%3A1", &[]), 200);
    assert_eq!(get("/v1/logs?include=all&since=2024-01-01", &[]), 400, "without what the first request needs");
    assert_eq!(get("/v1/logs?from=log_1&include=all", &[]), 200);
    assert_eq!(get("/v1/logs?from=log_1&include=all&sort=date%3A1", &[]), 400, "with what only the first request sends");
    assert_eq!(get("/v1/orders?page_info=x&status=any", &[]), 400, "with what later requests must not send");

    let body = |paging: Value| json!({"paging": paging, "filters": [{"field": "kind", "values": [1, 2.5, true, null]}]});
    assert_eq!(post("/v1/body_pages", body(json!({"sort": "id", "page": 1}))).status, 200);
    assert_eq!(post("/v1/body_pages", body(json!({"sort": "id", "page": "1"}))).status, 400, "a text for a number");
    assert_eq!(post("/v1/body_pages", body(json!({"page": 1}))).status, 400, "without what is fixed");
    assert_eq!(post("/v1/body_pages", json!({"paging": {"sort": "id"}})).status, 400, "without what is fixed");

    let search = |further: Value| {
        let mut body =
            json!({"query": {"match_all": {}}, "sort": [{"id": "asc"}], "pit": {"id": "none", "keep_alive": "1m"}, "size": 7});
        for (key, value) in further.as_object().expect("members") {
            body[key] = value.clone();
        }
        post("/v1/search", body)
    };
    let first = search(json!({})).json();
    let (sort, pit) = (first["data"][6]["sort"].clone(), first["pit_id"].clone());
    assert!(sort.is_array() && pit.is_string(), "{first}");
    let next = |sort: &Value, pit: &Value| search(json!({"search_after": sort, "pit": {"id": pit, "keep_alive": "1m"}})).status;
    assert_eq!(next(&sort, &pit), 200);
    assert_eq!(next(&sort[0], &pit), 400, "an element for the array");
    assert_eq!(next(&sort, &json!("none")), 400, "the point in time of the first request");
}

//! The mock over sockets: tokens, every way of paging, parents, limits and faults.

mod http;

use std::time::{Duration, Instant};

use http::{Response, send};
use serde_json::{Value, json};
use tapwright::diagnostic::Diagnostics;
use tapwright::mock::hostile::{Hostile, Scenario};
use tapwright::mock::{Local, Mock, Options, Running, records};
use tapwright::model::Api;
use tapwright::source::Sources;

const PAGING: &str = include_str!("../fixtures/paging.yaml");

fn compile(text: &str) -> Api {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = tapwright::load_text("spec.yaml", text, &mut sources, &mut diagnostics);
    api.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false)))
}

fn paging(options: Options) -> Running {
    Mock::start(compile(PAGING), options).unwrap()
}

fn faulty(faults: &[&str]) -> Running {
    paging(Options { faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(), ..Options::default() })
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const GRANT: &str = "grant_type=client_credentials&client_id=a&client_secret=b";

fn token(mock: &Running) -> String {
    let answer = send(mock.addr, "POST", "/oauth/token", &[FORM], GRANT);
    assert_eq!(answer.status, 200);
    format!("Bearer {}", answer.json()["access_token"].as_str().unwrap())
}

/// A GET with a fresh token.
fn get(mock: &Running, target: &str) -> Response {
    let token = token(mock);
    send(mock.addr, "GET", target, &[("authorization", &token)], "")
}

/// The records of pages that are fetched by `next` until it gives none.
fn walk(mock: &Running, first: &str, records: &str, mut next: impl FnMut(&Response, usize) -> Option<String>) -> Vec<Value> {
    let token = token(mock);
    let (mut all, mut target) = (Vec::new(), Some(first.to_owned()));
    while let Some(at) = target {
        let response = send(mock.addr, "GET", &at, &[("authorization", &token)], "");
        assert_eq!(response.status, 200, "{at}");
        let page = response.json().pointer(records).unwrap().as_array().unwrap().clone();
        target = next(&response, page.len());
        all.extend(page);
        assert!(all.len() <= 10_000, "no end");
    }
    all
}

fn expected(mock: &Running, resource: &str, parent: &[&str]) -> Vec<Value> {
    let count = mock.records().count(resource, parent).unwrap();
    (0..count).map(|k| mock.records().record(resource, k, parent).unwrap()).collect()
}

#[test]
fn each_way_of_paging_gives_every_record_once() {
    // 23 ends in the middle of a page, 21 with a full one; one record and none are pages, too.
    for count in [23, 21, 1, 0] {
        let mock = paging(Options { records: count, ..Options::default() });
        let path = |response: &Response, pointer: &str| {
            let value = response.json().pointer(pointer).cloned().unwrap_or(Value::Null);
            value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let target = |address: &str| address.replace(&format!("http://{}", mock.addr), "");

        assert_eq!(walk(&mock, "/v1/singles", "/data", |_, _| None), expected(&mock, "singles", &[]));

        let mut page = 0;
        let numbered = walk(&mock, "/v1/numbered?per_page=7", "/items", |response, rows| {
            assert_eq!(response.json()["total"], count);
            page += 1;
            (rows > 0).then(|| format!("/v1/numbered?per_page=7&page={page}"))
        });
        assert_eq!(numbered, expected(&mock, "numbered", &[]));

        let mut page = 1;
        let unnumbered = walk(&mock, "/v1/unnumbered?n=10", "", |_, rows| {
            page += 1;
            (rows > 0).then(|| format!("/v1/unnumbered?n=10&p={page}"))
        });
        assert_eq!(unnumbered, expected(&mock, "unnumbered", &[]));

        let mut offset = 0;
        let offsets = walk(&mock, "/v1/offsets", "/page/items", |_, rows| {
            offset += rows;
            (rows > 0).then(|| format!("/v1/offsets?offset={offset}"))
        });
        assert_eq!(offsets, expected(&mock, "offsets", &[]));

        let cursors = walk(&mock, "/v1/cursors", "/items", |response, _| {
            path(response, "/next").map(|next| format!("/v1/cursors?from={}", next.replace('*', "%2A")))
        });
        assert_eq!(cursors, expected(&mock, "cursors", &[]));

        let tails = walk(&mock, "/v1/tails", "/items", |response, rows| {
            path(response, &format!("/items/{}/id", rows.wrapping_sub(1))).map(|id| format!("/v1/tails?after={id}"))
        });
        assert_eq!(tails, expected(&mock, "tails", &[]));

        let linked = walk(&mock, "/v1/linked?per_page=7&q=a%2Cb", "", |response, _| {
            let links = response.header("link").unwrap();
            let next = links.split(", ").find(|link| link.ends_with("rel=\"next\""))?;
            assert!(next.contains("q=a%2Cb"), "the rest of the query is kept");
            Some(target(next.split(['<', '>']).nth(1).unwrap()))
        });
        assert_eq!(linked, expected(&mock, "linked", &[]));

        let chained = walk(&mock, "/v1/chained", "/items", |response, _| path(response, "/links/next").map(|next| target(&next)));
        assert_eq!(chained, expected(&mock, "chained", &[]));
    }
}

#[test]
fn records_have_unique_keys_and_do_not_depend_on_the_page() {
    let api = compile(PAGING);
    let mut ids = std::collections::HashSet::new();
    for k in 0..2_000 {
        let record = records::record(&api, "tails", k, &[]).unwrap();
        assert!(ids.insert(record["id"].as_str().unwrap().to_owned()), "{k}");
        assert_eq!(record["seq"], k);
    }
    let mock = paging(Options::default());
    assert_eq!(
        get(&mock, "/v1/offsets?limit=3&offset=500").json()["page"]["items"][1],
        records::record(&api, "offsets", 501, &[]).unwrap()
    );
    let other = paging(Options { seed: 1, ..Options::default() });
    assert_ne!(get(&mock, "/v1/tails").body, get(&other, "/v1/tails").body, "another seed gives other records");
}

#[test]
fn records_fit_their_schema() {
    let api = compile(PAGING);
    let (mut nulls, mut absent, mut owners) = (0, 0, std::collections::BTreeSet::new());
    for k in 0..500 {
        let record = records::record(&api, "tails", k, &[]).unwrap();
        let fits = |name: &str, fits: fn(&Value) -> bool| match record.get(name) {
            None => true,
            Some(value) => value.is_null() || fits(value),
        };
        assert!(record["id"].is_string());
        assert!(fits("colour", |value| ["red", "green", "blue"].contains(&value.as_str().unwrap())));
        assert!(fits("weight", Value::is_f64));
        assert!(fits("active", |value| value.is_boolean() || value == "true" || value == "false"));
        assert!(fits("created_at", |value| value.as_str().unwrap().ends_with('Z')));
        assert!(fits("born_on", |value| value.as_str().unwrap().len() == 10));
        assert!(fits("tags", |value| value.as_array().unwrap().iter().all(Value::is_string)));
        assert!(fits("parts", |value| value.as_array().unwrap().iter().all(Value::is_object)));
        assert!(fits("secret", |value| value.as_str().unwrap().starts_with("mock-secret-")));
        assert!(!record.as_object().unwrap().contains_key("unknown"));
        owners.extend(record.get("owner").map(|owner| if owner.is_string() { "string" } else { "other" }));
        nulls += usize::from(record.get("name").is_some_and(Value::is_null));
        absent += usize::from(record.get("name").is_none());
    }
    assert_eq!(owners.len(), 2, "each variant of a union is met");
    assert!(nulls > 0 && absent > 0, "{nulls} nulls, {absent} absent");
}

#[test]
fn children_belong_to_their_parent() {
    let mock = paging(Options { records: 40, ..Options::default() });
    let ids: Vec<String> =
        (0..40).map(|k| mock.records().record("cursors", k, &[]).unwrap()["id"].as_str().unwrap().to_owned()).collect();
    let counts: Vec<u64> = ids.iter().map(|id| mock.records().count("members", &[id]).unwrap()).collect();
    assert!(counts.contains(&0) && counts.iter().any(|count| *count > 2), "{counts:?}");

    let at = counts.iter().position(|count| *count > 2).unwrap();
    let members = get(&mock, &format!("/v1/cursors/{}/members?take=10", ids[at])).json();
    assert_eq!(members["members"].as_array().unwrap(), &expected(&mock, "members", &[&ids[at]]));
    assert!(members["members"][0].get("_cursors_id").is_none(), "what the parent knows is not sent");

    let member = members["members"][0]["id"].as_str().unwrap();
    let badges = get(&mock, &format!("/v1/cursors/{}/members/{member}/badges?per_page=50", ids[at]));
    assert_eq!(badges.json().as_array().unwrap(), &expected(&mock, "badges", &[&ids[at], member]));

    for unknown in
        ["/v1/cursors/cursor_9999999999/members".to_owned(), format!("/v1/cursors/{}/members/{member}x/badges", ids[at])]
    {
        assert_eq!(get(&mock, &unknown).status, 404, "{unknown}");
    }
    let fixed = paging(Options { children: Some(9), ..Options::default() });
    assert_eq!(fixed.records().count("members", &[&ids[0]]), Some(9));
}

#[test]
fn a_parent_may_be_named_in_a_parameter() {
    let spec = "name: x\nclient: {base_url: https://a.example}\nresources:\n  - {name: teams, primary_key: id, endpoint: {path: /teams}}\n  \
                - name: players\n    primary_key: id\n    endpoint: {path: /players, params: {team: '{resources.teams.id}'}}\n";
    let mock = Mock::start(compile(spec), Options { records: 3, children: Some(2), ..Options::default() }).unwrap();
    let players = |team: &str| send(mock.addr, "GET", &format!("/players?team={team}"), &[], "");
    let first = players("team_0000000000").json();
    assert_eq!(first.as_array().unwrap(), &expected(&mock, "players", &["team_0000000000"]));
    assert_ne!(first, players("team_0000000001").json());
    assert_eq!(players("team_0000000003").status, 404);
}

#[test]
fn page_parameters_are_checked() {
    let mock = paging(Options::default());
    for (target, status) in [
        ("/v1/numbered?per_page=100", 200),
        ("/v1/numbered?per_page=101", 400),
        ("/v1/numbered?per_page=0", 400),
        ("/v1/numbered?page=-1", 400),
        ("/v1/numbered?page=99999", 200),
        ("/v1/unnumbered?p=0", 400),
        ("/v1/cursors?from=made-up", 400),
        ("/v1/nothing", 404),
        ("/v1/ping", 200),
    ] {
        assert_eq!(get(&mock, target).status, status, "{target}");
    }
    let answer = get(&mock, "/v1/numbered?per_page=101").json();
    assert_eq!((&answer["statusCode"], &answer["errorCode"]), (&Value::from(400), &Value::from("invalid_query_string")));
}

#[test]
fn operations_answer_with_what_they_promise() {
    let mock = paging(Options::default());
    assert!(get(&mock, "/v1/ping").json().is_object());
    let token = token(&mock);
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let answer = send(mock.addr, "POST", "/v1/items/a%7Cb/forget", &headers, r#"{"reason":"x"}"#);
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(send(mock.addr, "GET", "/v1/items/a/forget", &headers, "").status, 405);
}

#[test]
fn tokens_are_for_those_who_ask_rightly() {
    let mock = paging(Options::default());
    let json = ("content-type", "application/json");
    let basic = ("authorization", "Basic YTpi");
    let grant_json = r#"{"grant_type":"client_credentials","client_id":"a","client_secret":"b"}"#;
    for (headers, body, status, error) in [
        ([FORM].as_slice(), GRANT, 200, ""),
        (&[json], grant_json, 200, ""),
        (&[FORM, basic], "grant_type=client_credentials", 200, ""),
        (&[FORM, basic], GRANT, 400, "invalid_request"),
        (&[FORM], "grant_type=client_credentials&client_id=a", 401, "invalid_client"),
        (&[FORM], "grant_type=password&client_id=a&client_secret=b", 400, "unsupported_grant_type"),
        (&[FORM], "client_id=a&client_secret=b", 400, "invalid_request"),
        (&[json], GRANT, 400, "invalid_request"),
        (&[], GRANT, 400, "invalid_request"),
    ] {
        let answer = send(mock.addr, "POST", "/oauth/token", headers, body);
        assert_eq!(answer.status, status, "{headers:?} {body}");
        match status {
            200 => assert_eq!((&answer.json()["token_type"], &answer.json()["expires_in"]), (&"Bearer".into(), &86_400.into())),
            _ => assert_eq!(answer.json()["error"], error, "{body}"),
        }
    }
    assert_eq!(mock.stats().tokens, 3);
}

#[test]
fn requests_are_authorised() {
    let mock = paging(Options::default());
    let refused = |headers: &[(&str, &str)]| {
        let answer = send(mock.addr, "GET", "/v1/tails", headers, "");
        (answer.status, answer.header("www-authenticate").is_some(), answer.json()["message"].clone())
    };
    assert_eq!(refused(&[]), (401, true, "Missing authentication".into()));
    assert_eq!(refused(&[("authorization", "Bearer made-up")]), (401, true, "Invalid token".into()));

    for (auth, good, target) in [
        ("{type: bearer, token: '{key}'}", ("authorization", "Bearer t"), "/x"),
        ("{type: http_basic, username: u, password: '{key}'}", ("authorization", "Basic YTpi"), "/x"),
        ("{type: api_key, name: X-Key, api_key: '{key}'}", ("x-key", "k"), "/x"),
        ("{type: api_key, name: key, api_key: '{key}', location: query}", ("accept", "*/*"), "/x?key=k"),
        ("{type: api_key, name: key, api_key: '{key}', location: cookie}", ("cookie", "a=b; key=k"), "/x"),
    ] {
        let spec = format!(
            "name: x\nconfig: {{key: {{secret: true}}}}\nclient: {{base_url: https://a.example, auth: {auth}}}\nresources: [x]\n"
        );
        let mock = Mock::start(compile(&spec), Options::default()).unwrap();
        assert_eq!(send(mock.addr, "GET", target, &[good], "").status, 200, "{auth}");
        assert_eq!(send(mock.addr, "GET", "/x", &[], "").status, 401, "{auth}");
    }
}

#[test]
fn a_resource_without_a_schema_has_records() {
    let spec = "name: x\nclient: {base_url: https://a.example/v2/}\nresources:\n  - {name: events, primary_key: id, endpoint: {path: events, \
                data_selector: data, paginator: {type: offset, limit: 5}}}\n";
    let mock = Mock::start(compile(spec), Options { records: 7, ..Options::default() }).unwrap();
    assert_eq!(mock.base_url(), format!("http://{}/v2", mock.addr));
    let page = send(mock.addr, "GET", "/v2/events?offset=5&limit=5", &[], "").json();
    assert_eq!(page["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(page["data"][0]["id"], "event_0000000005");
}

/// Lists as documents have them: of plain values, and of records with a number for a key, which may be absent.
fn of_document() -> Api {
    let list = |item: Value| {
        let page = json!({"type": "object", "properties": {"items": {"type": "array", "items": item}, "next_cursor": {"type": "string"}}});
        json!({"get": {
            "parameters": [{"name": "cursor", "in": "query", "schema": {"type": "string"}}],
            "responses": {"200": {"description": "Some.", "content": {"application/json": {"schema": page}}}}}})
    };
    let pet = json!({"type": "object", "properties": {"id": {"type": "number"}, "name": {"type": "string"}}});
    let document = json!({
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "servers": [{"url": "https://pets.example"}],
        "paths": {"/names": list(json!({"type": "string"})), "/pets": list(pet)},
    });
    compile(&document.to_string())
}

#[test]
fn records_may_be_plain_values() {
    let mock = Mock::start(of_document(), Options { records: 4, ..Options::default() }).unwrap();
    let names = send(mock.addr, "GET", "/names", &[], "").json();
    let names = names["items"].as_array().unwrap();
    assert!(names.len() == 4 && names.iter().all(Value::is_string), "{names:?}");
}

#[test]
fn a_number_is_judged_by_its_value() {
    let mock = Mock::start(of_document(), Options { records: 4, ..Options::default() }).unwrap();
    let mut pets = send(mock.addr, "GET", "/pets", &[], "").json();
    let pets = pets["items"].as_array_mut().unwrap();
    for pet in pets.iter_mut() {
        pet["id"] = json!(pet["id"].as_f64());
    }
    assert!(pets[0]["id"].is_f64(), "{pets:?}");
    assert_eq!(mock.judge("pets", pets), [""; 0]);
    assert_ne!(mock.judge("pets", &pets[1..]), [""; 0]);
}

#[test]
fn only_a_key_that_has_to_be_there_is_taken_away() {
    for (scenario, strikes) in [("key-missing", false), ("field-other-type", true)] {
        let hostile = Hostile { scenarios: vec![Scenario::named(scenario).unwrap()], ..Hostile::new(1) };
        let mock = Local::new(of_document(), Options { hostile: Some(hostile), ..Options::default() });
        for _ in 0..20 {
            let answer = mock.answer(&hyper::Request::get("/pets").body(hyper::body::Bytes::new()).unwrap());
            assert_eq!(answer.status, 200);
        }
        assert_eq!(mock.struck().contains(&scenario), strikes, "{scenario}");
    }
}

#[test]
fn an_incremental_start_leaves_what_is_newer() {
    let spec = "name: x\nclient: {base_url: https://a.example}\nresources:\n  - name: events\n    primary_key: id\n    schema: Event\n    \
                endpoint:\n      path: /events\n      data_selector: $\n      paginator: {type: offset, limit: 5}\n      incremental: {cursor_path: updated_at, \
                start_param: since, initial_value: '1970-01-01T00:00:00Z'}\nschemas:\n  Event: {id: integer, updated_at: date-time}\n";
    let mock = Mock::start(compile(spec), Options { records: 10, ..Options::default() }).unwrap();
    let ids = |target: &str| -> Vec<u64> {
        let page = send(mock.addr, "GET", target, &[], "").json();
        page.as_array().unwrap().iter().map(|event| event["id"].as_u64().unwrap()).collect()
    };
    assert_eq!(ids("/events?since=1970-01-01T00:00:00Z"), [1, 2, 3, 4, 5]);
    assert_eq!(ids("/events?since=2024-01-01T00:00:06Z"), [7, 8, 9, 10]);
    assert_eq!(ids("/events?since=2024-01-01T00:00:02Z&offset=5"), [8, 9, 10]);
}

#[test]
fn limits_are_announced_and_kept() {
    let mock = paging(Options { rate_limit: Some(2), ..Options::default() });
    let token = token(&mock);
    let answers: Vec<Response> = (0..12).map(|_| send(mock.addr, "GET", "/v1/ping", &[("authorization", &token)], "")).collect();
    let refused = answers.iter().find(|answer| answer.status == 429).expect("twelve in a moment are too many");
    let wait: f64 = refused.header("retry-after").expect("it says when to come back").parse().expect("seconds");
    assert!(wait > 0.0 && wait <= 1.001, "{wait}");
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(answers[0].header("x-ratelimit-limit"), Some("2"));
    assert!(answers[0].header("x-ratelimit-reset").unwrap().parse::<u64>().unwrap() > 1_700_000_000);
    assert_eq!(refused.json()["errorCode"], "too_many_requests");
}

#[test]
fn statuses_fail_in_their_turn() {
    let mock = faulty(&["429:every=3,retry-after=0.2", "503:every=4,burst=2"]);
    let token = token(&mock);
    let answers: Vec<u16> = (0..9).map(|_| send(mock.addr, "GET", "/v1/ping", &[("authorization", &token)], "").status).collect();
    assert_eq!(answers, [200, 200, 429, 503, 503, 429, 200, 200, 429]);
    let stats = mock.stop();
    assert_eq!((stats.requests_of("ping"), stats.answers_with(429), stats.tokens, stats.total()), (9, 3, 1, 10));
}

#[test]
fn bodies_break_in_their_ways() {
    for (fault, check) in [
        (
            "reset:every=1",
            (|answer| assert_eq!(answer.broken.as_ref().unwrap().kind(), std::io::ErrorKind::ConnectionReset)) as fn(&Response),
        ),
        ("truncate:every=1", |answer| assert_eq!(answer.broken.as_ref().unwrap().kind(), std::io::ErrorKind::UnexpectedEof)),
        ("cut:every=1", |answer| {
            assert!(answer.broken.is_none());
            assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
        }),
        ("html:every=1", |answer| {
            assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html")));
            assert!(answer.body.starts_with(b"<!DOCTYPE"));
        }),
    ] {
        let mock = faulty(&[fault]);
        check(&get(&mock, "/v1/numbered"));
    }
}

#[test]
fn answers_are_late_when_they_should_be() {
    let latency = Options { latency: Duration::from_millis(30), ..Options::default() };
    for mock in [paging(latency), faulty(&["stall:every=1,for=30ms"]), faulty(&["slow:every=1,for=30ms"])] {
        let token = token(&mock);
        let start = Instant::now();
        let answer = send(mock.addr, "GET", "/v1/ping", &[("authorization", &token)], "");
        assert!(start.elapsed() >= Duration::from_millis(30));
        assert!(answer.json().is_object(), "it comes whole in the end");
    }
}

#[test]
fn a_token_expires_after_its_uses() {
    let mock = faulty(&["expire:after=2"]);
    let token = token(&mock);
    let ask = || send(mock.addr, "GET", "/v1/ping", &[("authorization", &token)], "");
    assert_eq!([ask().status, ask().status, ask().status], [200, 200, 401]);
    assert!(ask().json()["message"].as_str().unwrap().starts_with("Expired token"));
    assert_eq!(get(&mock, "/v1/ping").status, 200, "a fresh one is good");
}

#[test]
fn it_is_gone_when_it_is_dropped() {
    let mock = paging(Options::default());
    let addr = mock.addr;
    assert!(addr.ip().is_loopback());
    drop(mock);
    assert!(std::net::TcpStream::connect(addr).is_err());
}

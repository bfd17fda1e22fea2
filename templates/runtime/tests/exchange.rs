//! The rules of one call, each as a script: what the world answers, and the steps that are expected.
//!
//! The back-off takes its longest wait here: 100, 200 and 400 ms.

mod client;

use client::{CREATE, LIST, RETRY, Reply, START, answer, get, operation, policy, reply, run, status, token_source};
use tapwright_runtime::rt::auth::Credentials;
use tapwright_runtime::rt::descriptor::{KeyLocation, Method, Operation, Retry};
use tapwright_runtime::rt::error::{ErrorKind, Result};
use tapwright_runtime::rt::exchange::{Event, Exchange, Step};
use tapwright_runtime::rt::message::{Request, Response, TransportFault, TransportFaultKind as Fault};

const USERS: &str = "https://api.example.com/v1/users";
/// A request to the API's own origin, as it goes out.
const SENT: &str = "GET https://api.example.com/v1/users x-trace-key=trace-canary";
const POSTED: &str = "POST https://api.example.com/v1/users x-trace-key=trace-canary";

struct Case {
    name: &'static str,
    operation: &'static Operation,
    script: Vec<Reply>,
    steps: Vec<String>,
}

fn case(name: &'static str, operation: &'static Operation, script: Vec<Reply>, steps: &[&str]) -> Case {
    Case { name, operation, script, steps: steps.iter().map(ToString::to_string).collect() }
}

fn check(retry: Retry, cases: Vec<Case>) {
    for Case { name, operation, script, steps } in cases {
        let policy = policy(retry, Credentials::None);
        let request = Request { method: operation.method, ..get(USERS) };
        let exchange = Exchange::new(&policy, operation, request);
        assert_eq!(run(&policy, exchange, &mut START.clone(), script), steps, "{name}");
    }
}

#[test]
fn transient_failures_are_repeated_with_growing_waits() {
    check(
        RETRY,
        vec![
            case("at once", &LIST, vec![status(200)], &[SENT, "done 200"]),
            case("no body", &LIST, vec![status(204)], &[SENT, "done 204"]),
            case("a status", &LIST, vec![status(503), status(200)], &[SENT, "sleep 100 ms", SENT, "done 200"]),
            case("refused", &LIST, vec![Reply::Fault(Fault::Connect), status(200)], &[SENT, "sleep 100 ms", SENT, "done 200"]),
            case("broken", &LIST, vec![Reply::Fault(Fault::Broken), status(200)], &[SENT, "sleep 100 ms", SENT, "done 200"]),
            case("late", &LIST, vec![Reply::Fault(Fault::Timeout), status(200)], &[SENT, "sleep 100 ms", SENT, "done 200"]),
            case(
                "for too long",
                &LIST,
                vec![status(500), Reply::Fault(Fault::Broken), status(502), status(503)],
                &[
                    SENT,
                    "sleep 100 ms",
                    SENT,
                    "sleep 200 ms",
                    SENT,
                    "sleep 400 ms",
                    SENT,
                    "failed Status users: 503 the service is not available (after 3 retries)",
                ],
            ),
            case("too large", &LIST, vec![Reply::Fault(Fault::TooLarge)], &[SENT, "failed TooLarge users: no *** here"]),
            case("unsendable", &LIST, vec![Reply::Fault(Fault::Invalid)], &[SENT, "failed Config users: no *** here"]),
            case("ours", &LIST, vec![status(404)], &[SENT, "failed Status users: 404 not found"]),
            case("forbidden", &LIST, vec![status(403)], &[SENT, "failed Status users: 403 forbidden"]),
            case("unauthorised", &LIST, vec![status(401)], &[SENT, "failed Auth users: 401 not authorised"]),
        ],
    );
}

#[test]
fn without_retries_the_first_failure_is_the_last() {
    let retry = Retry { max_retries: 0, ..RETRY };
    check(
        retry,
        vec![
            case("a status", &LIST, vec![status(503)], &[SENT, "failed Status users: 503 the service is not available"]),
            case("limited", &LIST, vec![status(429)], &[SENT, "failed RateLimited users: 429 too many requests"]),
            case("broken", &LIST, vec![Reply::Fault(Fault::Broken)], &[SENT, "failed Transport users: no *** here"]),
            case("late", &LIST, vec![Reply::Fault(Fault::Timeout)], &[SENT, "failed Timeout users: no *** here"]),
            case("no connection", &LIST, vec![Reply::Fault(Fault::ConnectTimeout)], &[SENT, "failed Timeout users: no *** here"]),
        ],
    );
}

#[test]
fn the_server_decides_the_wait_where_it_names_one() {
    let waits = |name, status, headers: &[(&str, &str)], wait: &str| {
        let script = vec![answer(status, headers), answer(200, &[])];
        case(name, &LIST, script, &[SENT, &format!("sleep {wait} ms"), SENT, "done 200"])
    };
    check(
        RETRY,
        vec![
            waits("seconds", 429, &[("retry-after", "2")], "2000"),
            waits("decimals", 429, &[("retry-after", "1.5")], "1500"),
            waits("a date", 503, &[("retry-after", "Sat, 21 Nov 2026 00:00:30 GMT")], "30000"),
            waits("a past date", 503, &[("retry-after", "Fri, 20 Nov 2026 00:00:00 GMT")], "100"),
            waits("rubbish", 429, &[("retry-after", "later")], "100"),
            waits("epoch seconds", 429, &[("x-ratelimit-reset", "1795219203")], "3000"),
            waits("seconds to go", 429, &[("x-ratelimit-reset", "4")], "4000"),
            waits("an ISO moment", 429, &[("x-ratelimit-reset", "2026-11-21T00:00:05Z")], "5000"),
            waits("a past reset", 429, &[("x-ratelimit-reset", "1795219100")], "100"),
            waits("both", 429, &[("retry-after", "2"), ("x-ratelimit-reset", "9")], "2000"),
            // Services send the reset with every response; it says nothing about a failure of another kind.
            waits("an unrelated reset", 500, &[("x-ratelimit-remaining", "7"), ("x-ratelimit-reset", "50")], "100"),
            waits("a limit that is used up", 500, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "4")], "4000"),
            waits("the longest", 429, &[("retry-after", "60")], "60000"),
        ],
    );
    check(
        Retry { respect_retry_after: false, ..RETRY },
        vec![waits("not respected", 429, &[("retry-after", "2"), ("x-ratelimit-reset", "9")], "100")],
    );
}

#[test]
fn a_wait_beyond_the_longest_delay_is_an_error_that_says_so() {
    let failure = "the service asks to wait 3600 s, which is longer than the longest delay of 60 s";
    check(
        RETRY,
        vec![
            case(
                "seconds",
                &LIST,
                vec![answer(429, &[("retry-after", "3600"), ("x-request-id", "r1")])],
                &[SENT, &format!("failed RateLimited users: 429 {failure} (request id r1)")],
            ),
            case(
                "an epoch",
                &LIST,
                vec![answer(429, &[("x-ratelimit-reset", "1795222800")])],
                &[SENT, &format!("failed RateLimited users: 429 {failure}")],
            ),
            case(
                "unavailable",
                &LIST,
                vec![answer(503, &[("retry-after", "3600")])],
                &[SENT, &format!("failed RateLimited users: 503 {failure}")],
            ),
        ],
    );
}

#[test]
fn a_call_that_is_not_idempotent_is_repeated_only_if_it_was_surely_not_processed() {
    check(
        RETRY,
        vec![
            case(
                "refused",
                &CREATE,
                vec![Reply::Fault(Fault::Connect), status(201)],
                &[POSTED, "sleep 100 ms", POSTED, "done 201"],
            ),
            case(
                "no connection in time",
                &CREATE,
                vec![Reply::Fault(Fault::ConnectTimeout), status(201)],
                &[POSTED, "sleep 100 ms", POSTED, "done 201"],
            ),
            case("limited", &CREATE, vec![status(429), status(201)], &[POSTED, "sleep 100 ms", POSTED, "done 201"]),
            case(
                "unavailable until",
                &CREATE,
                vec![answer(503, &[("retry-after", "1")]), status(201)],
                &[POSTED, "sleep 1000 ms", POSTED, "done 201"],
            ),
            case("unavailable", &CREATE, vec![status(503)], &[POSTED, "failed Status users: 503 the service is not available"]),
            case("failed", &CREATE, vec![status(500)], &[POSTED, "failed Status users: 500 the service failed"]),
            case(
                "failed, with a word on when to come back",
                &CREATE,
                vec![answer(500, &[("retry-after", "1")])],
                &[POSTED, "failed Status users: 500 the service failed"],
            ),
            case("broken", &CREATE, vec![Reply::Fault(Fault::Broken)], &[POSTED, "failed Transport users: no *** here"]),
            case("late", &CREATE, vec![Reply::Fault(Fault::Timeout)], &[POSTED, "failed Timeout users: no *** here"]),
        ],
    );
}

#[test]
fn redirects_are_held_to_the_rules_of_links() {
    let to = |status, location: &str| answer(status, &[("location", location)]);
    check(
        RETRY,
        vec![
            case(
                "relative",
                &LIST,
                vec![to(302, "people?x=1"), status(200)],
                &[SENT, "GET https://api.example.com/v1/people?x=1 x-trace-key=trace-canary", "done 200"],
            ),
            case(
                "https is kept",
                &LIST,
                vec![to(301, "http://api.example.com/v2"), status(200)],
                &[SENT, "GET https://api.example.com/v2 x-trace-key=trace-canary", "done 200"],
            ),
            case(
                "an allowed host gets no credentials, and the way back gives them again",
                &LIST,
                vec![to(307, "https://files.example.com/a"), to(308, USERS), status(200)],
                &[SENT, "GET https://files.example.com/a", SENT, "done 200"],
            ),
            case(
                "another host",
                &LIST,
                vec![to(302, "https://evil.example/?q")],
                &[
                    SENT,
                    "failed Origin users: a link of `https://api.example.com/v1/users` leads to the host `evil.example`, \
                     which is not allowed; `allowed_hosts` in the spec can allow it",
                ],
            ),
            case(
                "another port",
                &LIST,
                vec![to(302, "https://api.example.com:8443/")],
                &[
                    SENT,
                    "failed Origin users: a link of `https://api.example.com/v1/users` leads to the host `api.example.com:8443`, \
                     which is not allowed; `allowed_hosts` in the spec can allow it",
                ],
            ),
            case(
                "no downgrade",
                &LIST,
                vec![to(302, "http://plain.example.com/")],
                &[SENT, "failed Origin users: a link of `https://api.example.com/v1/users` leads from https to http"],
            ),
            case(
                "user info",
                &LIST,
                vec![to(302, "https://a:b@api.example.com/")],
                &[
                    SENT,
                    "failed Origin users: a link of `https://api.example.com/v1/users` can not be followed: \
                     it holds a user name or password",
                ],
            ),
            case("nowhere", &LIST, vec![status(302)], &[SENT, "failed Status users: 302 a redirect that can not be followed"]),
            case(
                "not sent twice",
                &CREATE,
                vec![to(307, "/v2/users")],
                &[POSTED, "failed Status users: 307 a redirect that can not be followed"],
            ),
            case(
                "for ever",
                &LIST,
                (0..6).map(|_| to(302, USERS)).collect(),
                &[SENT, SENT, SENT, SENT, SENT, SENT, "failed Loop users: more than 5 redirects"],
            ),
        ],
    );
}

/// Runs calls one after the other with a token source, whose tokens are `t1`, `t2`, ….
fn run_with_tokens(operation: &Operation, scripts: Vec<Vec<Reply>>) -> Vec<Vec<String>> {
    let policy = policy(RETRY, Credentials::Token(token_source()));
    let mut now = START;
    let calls = scripts.into_iter().map(|script| {
        let request = Request { method: operation.method, ..get(USERS) };
        run(&policy, Exchange::new(&policy, operation, request), &mut now, script)
    });
    calls.collect()
}

#[test]
fn a_refused_token_is_replaced_once() {
    let with = |token: u8| format!("{SENT} authorization=Bearer t{token}");
    let calls = run_with_tokens(
        &LIST,
        vec![
            vec![status(200)],
            vec![status(401), status(200)],
            // The second refusal is the end, and a retry in between does not count as a renewal.
            vec![status(503), status(401), status(401)],
        ],
    );
    assert_eq!(calls[0], ["token".to_owned(), with(1), "done 200".to_owned()]);
    assert_eq!(calls[1], ["token".to_owned(), with(1), "token instead of 1".to_owned(), with(2), "done 200".to_owned()]);
    assert_eq!(
        calls[2],
        [
            "token".to_owned(),
            with(2),
            "sleep 100 ms".to_owned(),
            "token".to_owned(),
            with(2),
            "token instead of 2".to_owned(),
            with(3),
            "failed Auth users: 401 not authorised (after 1 retry)".to_owned(),
        ],
    );
}

#[test]
fn a_refused_call_was_not_processed_so_it_is_replayed_whatever_it_does() {
    let calls = run_with_tokens(&CREATE, vec![vec![status(401), status(201)]]);
    assert_eq!(calls[0].last().map(String::as_str), Some("done 201"));
}

#[test]
fn an_operation_without_authorisation_gets_none() {
    let open = Operation { auth: false, ..operation(Method::Get, "/users") };
    assert_eq!(run_with_tokens(&open, vec![vec![status(200)]]), [[SENT, "done 200"]]);
    let calls = run_with_tokens(&open, vec![vec![status(401)]]);
    assert_eq!(calls, [[SENT, "failed Auth users: 401 not authorised"]]);
    let policy = policy(RETRY, Credentials::bearer("b1"));
    let steps = run(&policy, Exchange::new(&policy, &open, get(USERS)), &mut START.clone(), vec![status(200)]);
    assert_eq!(steps, [SENT, "done 200"], "a fixed one is no different");
}

#[test]
fn credentials_go_where_they_belong() {
    let sent = |credentials, address: &str| {
        let policy = policy(RETRY, credentials);
        run(&policy, Exchange::new(&policy, &LIST, get(address)), &mut START.clone(), vec![status(200)]).remove(0)
    };
    let key = |location| Credentials::key("x-key", location, "k&1".to_owned());
    let cases = [
        (Credentials::bearer("b1"), format!("{SENT} authorization=Bearer b1")),
        (Credentials::basic("Aladdin", "open sesame"), format!("{SENT} authorization=Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")),
        (key(KeyLocation::Header), format!("{SENT} x-key=k&1")),
        (key(KeyLocation::Cookie), format!("{SENT} cookie=x-key=k&1")),
        (key(KeyLocation::Query), SENT.replace("/users", "/users?x-key=k%261")),
    ];
    for (credentials, expected) in cases {
        assert_eq!(sent(credentials, USERS), expected);
    }
    let elsewhere =
        ["https://files.example.com/users", "http://api.example.com/v1/users", "https://api.example.com:8443/v1/users"];
    for address in elsewhere {
        for location in [KeyLocation::Header, KeyLocation::Query, KeyLocation::Cookie] {
            assert_eq!(sent(key(location), address), format!("GET {address}"), "another origin gets nothing");
        }
    }
}

#[test]
fn credentials_go_to_further_hosts_of_the_api() {
    let second = "https://second.example.com/v1/users";
    let mut policy = policy(RETRY, Credentials::bearer("b1"));
    policy.origins = policy.origins.trusting(vec!["second.example.com".to_owned()]);
    let steps = run(&policy, Exchange::new(&policy, &LIST, get(second)), &mut START.clone(), vec![status(200)]);
    assert_eq!(steps[0], format!("GET {second} x-trace-key=trace-canary authorization=Bearer b1"));
}

#[test]
fn only_public_headers_go_along_to_another_origin() {
    let policy = policy(RETRY, Credentials::None);
    let mut request = get(USERS);
    for (name, value) in [("accept", "a"), ("x-mine", "m"), ("cookie", "c"), ("user-agent", "u"), ("authorization", "z")] {
        request.headers.push(name, value);
    }
    let home = vec![answer(302, &[("location", "/v1/a")]), status(200)];
    let steps = run(&policy, Exchange::new(&policy, &LIST, request.clone()), &mut START.clone(), home);
    assert!(steps[1].contains(" x-mine=m cookie=c "), "{} is at home", steps[1]);
    let script = vec![answer(302, &[("location", "https://files.example.com/a")]), status(200)];
    let steps = run(&policy, Exchange::new(&policy, &LIST, request), &mut START.clone(), script);
    assert_eq!(steps[1], "GET https://files.example.com/a accept=a user-agent=u");
}

#[test]
fn a_used_up_limit_holds_the_next_call_back() {
    let policy = policy(RETRY, Credentials::None);
    let mut now = START;
    let mut call = |operation, script| {
        let exchange = Exchange::new(&policy, operation, get(USERS));
        run(&policy, exchange, &mut now, script)
    };
    let used_up = answer(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "7")]);
    assert_eq!(call(&LIST, vec![used_up]), [SENT, "done 200"]);
    let open = Operation { auth: false, ..operation(Method::Get, "/keys") };
    assert_eq!(call(&open, vec![status(200)]), [SENT, "done 200"], "the limit is that of the authorised calls");
    assert_eq!(call(&LIST, vec![status(200)]), ["sleep 7000 ms", SENT, "done 200"]);
    assert_eq!(call(&LIST, vec![status(200)]), [SENT, "done 200"]);
}

#[test]
fn a_pause_that_is_renewed_again_and_again_holds_a_call_no_longer_than_the_longest_delay() {
    let policy = policy(Retry { max_delay_ms: 10_000, ..RETRY }, Credentials::None);
    let mut exchange = Exchange::new(&policy, &LIST, get(USERS));
    let (mut now, mut event, mut slept) = (START, Event::Start, 0);
    let used_up = reply(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "4")], "");
    loop {
        // Another call of the client uses the limit up each time.
        policy.pace.terms(None).observe(&used_up, now);
        match exchange.step(event, now) {
            Step::Sleep(wait) => {
                slept += wait.as_millis();
                now.elapsed += wait;
                event = Event::Slept;
            }
            Step::Send(_) => break,
            step => panic!("{step:?}"),
        }
    }
    assert_eq!(slept, 10_000);
}

#[test]
fn the_retry_budget_is_the_clients_and_named_waits_are_free() {
    let policy = policy(Retry { max_retries: 1_000, base_delay_ms: 0, ..RETRY }, Credentials::None);
    let attempts = |script: Vec<Reply>| {
        let exchange = Exchange::new(&policy, &LIST, get(USERS));
        let steps = run(&policy, exchange, &mut START.clone(), script);
        steps.iter().filter(|step| step.starts_with("GET")).count()
    };
    // Fifty times limited, with a wait named each time: that is how the service wants it.
    let limited = (0..50).map(|_| answer(429, &[("retry-after", "1")])).chain([status(200)]);
    assert_eq!(attempts(limited.collect()), 51);
    assert_eq!(attempts((0..101).map(|_| status(500)).collect()), 101, "a hundred retries");
    assert_eq!(attempts(vec![status(500)]), 1, "and none for the next call");
    assert_eq!(attempts(vec![Reply::Fault(Fault::Broken)]), 1, "whatever went wrong");
    (0..10).for_each(|_| assert_eq!(attempts(vec![status(200)]), 1));
    assert_eq!(attempts(vec![status(500), status(200)]), 2, "successes earn retries");
}

fn failure(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Response> {
    let policy = policy(Retry { max_retries: 0, ..RETRY }, Credentials::None);
    let mut exchange = Exchange::new(&policy, &LIST, get(USERS));
    exchange.step(Event::Start, START);
    match exchange.step(Event::Response(reply(status, headers, body)), START) {
        Step::Done(result) => result,
        step => panic!("{step:?}"),
    }
}

#[test]
fn errors_say_what_the_service_says() {
    let cases = [
        // Auth0, its token endpoint, Google, Autodesk, Salesforce, Jira, JSON:API, RFC 9457.
        (
            r#"{"statusCode":404,"error":"Not Found","message":"No such user","errorCode":"inexistent_user"}"#,
            "404 [inexistent_user] No such user",
        ),
        (r#"{"error":"access_denied","error_description":"No grant"}"#, "404 [access_denied] No grant"),
        (r#"{"error":{"code":404,"message":"Gone","status":"NOT_FOUND"}}"#, "404 [404] Gone"),
        (r#"{"developerMessage":"No such hub","errorCode":"BIM360-1"}"#, "404 [BIM360-1] No such hub"),
        (r#"[{"message":"Session expired","errorCode":"INVALID_SESSION_ID"}]"#, "404 [INVALID_SESSION_ID] Session expired"),
        (r#"{"errors":[{"code":"x1","detail":"No such thing"}]}"#, "404 [x1] No such thing"),
        (r#"{"type":"about:blank","title":"Not here","detail":"Look elsewhere"}"#, "404 Look elsewhere"),
        (r#"{"title":"Not here"}"#, "404 Not here"),
        (r#"{"message":"cut off here","rest":[1,"#, "404 cut off here"),
        (r#"{"message":"two\nlines"}"#, "404 two lines"),
        (r#"{"message":"","code":null}"#, "404 not found"),
        ("<html>not found</html>", "404 not found"),
        ("", "404 not found"),
    ];
    for (body, expected) in cases {
        let error = failure(404, &[], body).expect_err(body);
        assert_eq!(error.to_string(), format!("users: {expected}"));
        assert_eq!((error.status(), error.body()), (Some(404), Some(body)));
        assert!(!error.is_retryable());
    }
}

#[test]
fn errors_name_the_request_and_whether_to_try_again() {
    for header in ["x-request-id", "request-id", "x-auth0-requestid", "x-amzn-requestid"] {
        assert_eq!(failure(400, &[(header, "r-7")], "").expect_err(header).request_id(), Some("r-7"));
    }
    let kinds = [(400, ErrorKind::Status, false), (429, ErrorKind::RateLimited, true), (503, ErrorKind::Status, true)];
    for (status, kind, retryable) in kinds {
        let error = failure(status, &[], "").expect_err("an error");
        assert_eq!((error.kind(), error.is_retryable()), (kind, retryable), "{status}");
    }
}

#[test]
fn a_call_that_is_limited_can_be_tried_again_whatever_the_spec_repeats() {
    let policy = policy(Retry { statuses: &[], ..RETRY }, Credentials::None);
    for (status, retryable) in [(429, true), (430, false)] {
        let mut exchange = Exchange::new(&policy, &LIST, get(USERS));
        exchange.step(Event::Start, START);
        let Step::Done(Err(error)) = exchange.step(Event::Response(reply(status, &[], "")), START) else {
            panic!("{status} is an error")
        };
        assert_eq!(error.is_retryable(), retryable, "{status}");
    }
}

#[test]
fn whatever_refuses_a_call_for_a_token_is_a_failure_to_authorise() {
    let policy = policy(Retry { max_retries: 0, ..RETRY }, Credentials::None);
    for status in [400, 401, 404, 429, 500] {
        let mut exchange = Exchange::for_token(&policy, get(USERS));
        exchange.step(Event::Start, START);
        let Step::Done(Err(error)) = exchange.step(Event::Response(reply(status, &[], "")), START) else {
            panic!("{status} is an error")
        };
        assert_eq!(error.kind(), ErrorKind::Auth, "{status}");
    }
}

#[test]
fn an_error_tells_whether_the_service_may_have_seen_the_call() {
    let policy = policy(Retry { max_retries: 0, ..RETRY }, Credentials::None);
    for (kind, unanswered) in [
        (Fault::Connect, false),
        (Fault::ConnectTimeout, false),
        (Fault::Invalid, false),
        (Fault::Timeout, true),
        (Fault::Broken, true),
        (Fault::TooLarge, true),
    ] {
        let mut exchange = Exchange::new(&policy, &LIST, get(USERS));
        exchange.step(Event::Start, START);
        let fault = TransportFault { kind, message: String::new() };
        let Step::Done(Err(error)) = exchange.step(Event::Fault(fault), START) else { panic!("{kind:?} is an error") };
        assert_eq!(error.is_unanswered(), unanswered, "{kind:?}");
    }
}

#[test]
fn no_token_is_asked_for_or_replaced_at_another_origin() {
    let moved = answer(302, &[("location", "https://files.example.com/users")]);
    let calls = run_with_tokens(&LIST, vec![vec![moved, status(401)]]);
    let expected = [
        "token",
        &format!("{SENT} authorization=Bearer t1"),
        "GET https://files.example.com/users",
        "failed Auth users: 401 not authorised",
    ];
    assert_eq!(calls[0], expected);
}

#[test]
fn long_messages_and_bodies_are_cut() {
    let body = format!(r#"{{"message":"{}"}}"#, "m".repeat(1_000));
    let error = failure(400, &[], &body).expect_err("an error");
    assert_eq!(error.message(), format!("{}…", "m".repeat(300)));
    assert_eq!(error.body().map(|body| body.chars().count()), Some(513));
}

#[test]
fn a_secret_that_the_service_sends_back_is_masked() {
    let body = r#"{"error":"bad","error_description":"s3cret and trace s3cret"}"#;
    let error = failure(400, &[("x-request-id", "id-s3cret")], body).expect_err("an error");
    let shown = format!("{error} {error:?} {:?} {}", error.body(), error.message());
    assert!(!shown.contains("s3cret"), "{shown}");
    assert_eq!(error.message(), "*** and trace ***");
}

#[test]
fn a_token_that_the_service_sends_back_is_masked() {
    let policy = policy(RETRY, Credentials::Token(token_source()));
    let script = vec![Reply::Response(reply(400, &[], r#"{"message":"what is Bearer t1?"}"#))];
    let steps = run(&policy, Exchange::new(&policy, &LIST, get(USERS)), &mut START.clone(), script);
    assert_eq!(steps.last().map(String::as_str), Some("failed Status users: 400 what is Bearer ***?"));
}

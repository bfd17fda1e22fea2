//! Tokens: the request for one, its answer, its life, and who fetches it.
#![expect(clippy::type_complexity, reason = "the tables say what they hold")]

mod client;

use std::time::Duration;

use client::{
    API, OAUTH2, RETRY, Reply, START, answer, fetch_with, policy, reply, run, set_up, status, token_answer, token_source,
};
use tapwright_runtime::rt::auth::Credentials;
use tapwright_runtime::rt::descriptor::{Api, Auth, BodyEncoding, Method, Segment};
use tapwright_runtime::rt::error::{Error, ErrorKind};
use tapwright_runtime::rt::exchange::Exchange;
use tapwright_runtime::rt::message::{Request, Response};
use tapwright_runtime::rt::oauth2::{OAuth2, SecretIn};
use tapwright_runtime::rt::retry::Now;
use tapwright_runtime::rt::secret::Secrets;
use tapwright_runtime::rt::token::{Answer, Claim, FetchEvent, FetchStep, Token, TokenSource};

fn at(seconds: u64) -> Now {
    Now { elapsed: Duration::from_secs(seconds), ..START }
}

/// The source of an API's tokens.
fn source_of(api: &'static Api, given: &[(&str, &str)]) -> TokenSource {
    match set_up(api, given, None) {
        Ok((Credentials::Token(source), _)) => source,
        other => panic!("{other:?}"),
    }
}

fn request(oauth2: OAuth2) -> (Option<String>, Option<String>, String) {
    let oauth2: &'static OAuth2 = Box::leak(Box::new(oauth2));
    let api: &'static Api = Box::leak(Box::new(Api { auth: Auth::Scheme(oauth2), ..API }));
    let source = source_of(api, &[("client_id", "my id"), ("client_secret", "s&3:cret")]);
    let mut sent: Option<Request> = None;
    fetch_with(&source, &Secrets::default(), &mut START.clone(), |request| {
        sent = Some(request.clone());
        Ok(token_answer("t"))
    })
    .expect("a token");
    let request = sent.expect("a request");
    assert_eq!((request.method, request.headers.get("accept")), (Method::Post, Some("a")), "the client's headers go along");
    let header = |name| request.headers.get(name).map(str::to_owned);
    (header("content-type"), header("authorization"), String::from_utf8_lossy(&request.body).into_owned())
}

#[test]
fn the_request_is_written_as_the_spec_says() {
    let form = Some("application/x-www-form-urlencoded".to_owned());
    let json = Some("application/json".to_owned());
    // base64 of `my%20id:s%263%3Acret`: RFC 6749, section 2.3.1.
    let basic = Some("Basic bXklMjBpZDpzJTI2MyUzQWNyZXQ=".to_owned());
    let cases: [(OAuth2, _); 5] = [
        (
            OAuth2 { fields: &[("audience", "https://a/")], ..OAUTH2 },
            (
                form.clone(),
                None,
                "grant_type=client_credentials&client_id=my%20id&client_secret=s%263%3Acret&audience=https%3A%2F%2Fa%2F"
                    .to_owned(),
            ),
        ),
        (
            OAuth2 { encoding: BodyEncoding::Json, fields: &[("scope", "a \"b\"")], ..OAUTH2 },
            (
                json,
                None,
                r#"{"grant_type":"client_credentials","client_id":"my id","client_secret":"s&3:cret","scope":"a \"b\""}"#
                    .to_owned(),
            ),
        ),
        (
            OAuth2 { secret_in: SecretIn::Header, fields: &[("scope", "x")], ..OAUTH2 },
            (form.clone(), basic, "grant_type=client_credentials&scope=x".to_owned()),
        ),
        (
            OAuth2 { fields: &[("grant_type", "own")], ..OAUTH2 },
            (form.clone(), None, "client_id=my%20id&client_secret=s%263%3Acret&grant_type=own".to_owned()),
        ),
        (
            OAuth2 { fields: &[("organization", "{organization}")], headers: &[("Authorization", "Key {client_id}")], ..OAUTH2 },
            (
                form,
                Some("Key my id".to_owned()),
                "grant_type=client_credentials&client_id=my%20id&client_secret=s%263%3Acret".to_owned(),
            ),
        ),
    ];
    for (oauth2, expected) in cases {
        assert_eq!(request(oauth2), expected);
    }
}

fn settle(source: &TokenSource, response: Response, now: Now) -> Result<Token, Error> {
    let mut answer = Some(response);
    fetch_with(source, &Secrets::default(), &mut now.clone(), |_| Ok(answer.take().expect("one request")))
}

#[test]
fn a_token_is_renewed_ahead_of_its_end() {
    let cases = [
        // An hour: the margin of a minute. A minute: half of its life.
        ("a number", r#"{"access_token":"t","expires_in":3600}"#, 3540),
        ("a numeric string", r#"{"access_token":"t","expires_in":"600"}"#, 540),
        ("a decimal", r#"{"access_token":"t","expires_in":600.0}"#, 540),
        ("shorter than two margins", r#"{"access_token":"t","expires_in":60}"#, 30),
        ("not told", r#"{"access_token":"t"}"#, 3540),
        ("null", r#"{"access_token":"t","expires_in":null}"#, 3540),
        ("no number", r#"{"access_token":"t","expires_in":"soon"}"#, 3540),
        ("zero", r#"{"access_token":"t","expires_in":0}"#, 3540),
        ("negative", r#"{"access_token":"t","expires_in":-5}"#, 3540),
        ("endless", r#"{"access_token":"t","expires_in":1e300}"#, 10 * 365 * 24 * 3600 - 60),
    ];
    for (name, body, lasts) in cases {
        let source = token_source();
        settle(&source, reply(200, &[], body), at(1_000)).expect(name);
        assert!(matches!(source.claim(None, at(1_000 + lasts - 1)), Claim::Held(_)), "{name}: it lasts");
        assert!(matches!(source.claim(None, at(1_000 + lasts)), Claim::Fetch { .. }), "{name}: it ends");
    }
}

#[test]
fn the_end_of_a_token_may_be_a_moment_or_unknown() {
    // It is 2026-11-21T00:00:00Z.
    const MOMENT: Answer = Answer { expires_path: &[], expires_at_path: &[Segment::Key("end")], ..Answer::OAUTH2 };
    const UNKNOWN: Answer = Answer { default_expires_in: 0, ..MOMENT };
    static TELLS: Api = Api { auth: Auth::Scheme(&OAuth2 { answer: MOMENT, ..OAUTH2 }), ..API };
    static TELLS_NOT: Api = Api { auth: Auth::Scheme(&OAuth2 { answer: UNKNOWN, ..OAUTH2 }), ..API };
    let by_date: &[(&str, &str)] = &[("date", "Fri, 20 Nov 2026 23:50:00 GMT")];
    let cases: [(_, &'static Api, _, &[(&str, &str)], Option<u64>); 9] = [
        ("ISO", &TELLS, r#""2026-11-21T00:10:00Z""#, &[], Some(540)),
        ("with an offset", &TELLS, r#""2026-11-21T02:10:00.5+02:00""#, &[], Some(540)),
        ("without a zone", &TELLS, r#""2026-11-21 00:10:00""#, &[], Some(540)),
        ("seconds", &TELLS, "1795219800", &[], Some(540)),
        ("milliseconds", &TELLS, r#""1795219800000""#, &[], Some(540)),
        ("by the service's clock", &TELLS, r#""2026-11-21T00:00:00Z""#, by_date, Some(540)),
        ("long ago: the clock is wrong", &TELLS, r#""2020-01-01T00:00:00Z""#, &[], Some(3540)),
        ("not told", &TELLS, "null", &[], Some(3540)),
        ("until it is refused", &TELLS_NOT, "null", &[], None),
    ];
    for (name, api, end, headers, lasts) in cases {
        let source = source_of(api, &[("client_id", "id"), ("client_secret", "secret")]);
        let answer = reply(200, headers, &format!(r#"{{"access_token":"t","expires_in":5,"end":{end}}}"#));
        let token = settle(&source, answer, at(1_000)).expect(name);
        match lasts {
            Some(lasts) => {
                assert!(matches!(source.claim(None, at(1_000 + lasts - 1)), Claim::Held(_)), "{name}: it lasts");
                assert!(matches!(source.claim(None, at(1_000 + lasts + 1)), Claim::Fetch { .. }), "{name}: it ends");
            }
            None => assert!(matches!(source.claim(None, at(1_000_000_000)), Claim::Held(_)), "{name}: it lasts"),
        }
        assert!(matches!(source.claim(Some(token.serial()), at(1_000)), Claim::Fetch { .. }), "{name}: it is refused");
    }
}

#[test]
fn the_token_is_where_the_spec_says() {
    const NESTED: Answer =
        Answer { token_path: &[Segment::Key("data"), Segment::Index(1), Segment::Key("jwt")], ..Answer::OAUTH2 };
    static DEEP: Api = Api { auth: Auth::Scheme(&OAuth2 { answer: NESTED, ..OAUTH2 }), ..API };
    let source = source_of(&DEEP, &[("client_id", "id"), ("client_secret", "secret")]);
    let token = settle(&source, reply(200, &[], r#"{"data":[{"jwt":"a"},{"jwt":"b"}]}"#), START).expect("a token");
    assert_eq!(token.bare(), "b");
}

#[test]
fn an_answer_without_a_token_is_an_error_that_shows_nothing_of_it() {
    let bodies = [
        r#"{"token":"canary"}"#,
        r#"{"access_token":"","x":"canary"}"#,
        r#"{"access_token":{"v":"canary"}}"#,
        r#"{"access_token":"canary\r\nx-evil: 1"}"#,
        "<html>canary</html>",
        "",
    ];
    for body in bodies {
        let error = settle(&token_source(), reply(200, &[], body), START).expect_err(body);
        assert_eq!(error.kind(), ErrorKind::Auth, "{body}");
        assert_eq!(error.message(), "the answer of `https://t.example.com/oauth/token` holds no token where the spec says");
        assert!(!format!("{error:?}{:?}", error.body()).contains("canary"), "{body}");
    }
}

#[test]
fn only_the_token_that_is_still_held_is_replaced() {
    let source = token_source();
    let first = settle(&source, token_answer("a"), START).expect("a token");
    assert!(matches!(source.claim(Some(first.serial()), START), Claim::Fetch { .. }));
    let second = settle(&source, token_answer("b"), START).expect("a token");
    // A call that learns late of the first one's end takes the second, and fetches none.
    match source.claim(Some(first.serial()), START) {
        Claim::Held(token) => assert_eq!(token.serial(), second.serial()),
        claim @ Claim::Fetch { .. } => panic!("{claim:?}"),
    }
}

#[test]
fn those_who_wait_share_the_outcome_of_one_fetch() {
    let source = token_source();
    let since = |source: &TokenSource| match source.claim(None, START) {
        Claim::Fetch { since } => since,
        claim @ Claim::Held(_) => panic!("{claim:?}"),
    };
    let (one, two) = (since(&source), since(&source));
    assert!(source.fetched_since(one).is_none(), "the first has to fetch");
    let failed = fetch_with(&source, &Secrets::default(), &mut START.clone(), |_| Err(Error::new(ErrorKind::Auth, "no")));
    failed.expect_err("the failure is the fetcher's");
    let shared = source.fetched_since(two).expect("an outcome").expect_err("the failure is everyone's");
    assert_eq!(shared.message(), "no");

    let three = since(&source);
    assert!(source.fetched_since(three).is_none(), "whoever comes after the failure tries again");
    settle(&source, token_answer("a"), START).expect("a token");
    assert!(source.fetched_since(three).is_some_and(|outcome| outcome.is_ok()));
}

#[test]
fn a_failing_token_endpoint_is_an_authorisation_error_with_what_it_says() {
    let failing = |script| {
        let source = token_source();
        let (secrets, headers) = (Secrets::default(), client::headers(&[]));
        let request = match source.fetch(&secrets, &headers, START).step(FetchEvent::Start, START) {
            FetchStep::Send(request) => request,
            other => panic!("{other:?}"),
        };
        let policy = policy(RETRY, Credentials::Token(source));
        let steps = run(&policy, Exchange::for_token(&policy, request), &mut START.clone(), script);
        steps.into_iter().filter(|step| !step.starts_with("POST")).collect::<Vec<_>>()
    };
    let said = |status, error, text| {
        Reply::Response(reply(status, &[], &format!(r#"{{"error":"{error}","error_description":"{text}"}}"#)))
    };
    assert_eq!(
        failing(vec![said(403, "access_denied", "Client s3cret has no grant")]),
        ["failed Auth token: 403 [access_denied] Client *** has no grant"],
    );
    assert_eq!(failing(vec![status(401)]), ["failed Auth token: 401 not authorised"]);
    assert_eq!(
        failing(vec![
            said(503, "x", ""),
            answer(429, &[("retry-after", "2")]),
            status(500),
            said(500, "access_denied", "Global limit")
        ]),
        [
            "sleep 100 ms",
            "sleep 2000 ms",
            "sleep 400 ms",
            "failed Auth token: 500 [access_denied] Global limit (after 3 retries)"
        ],
    );
    assert_eq!(failing(vec![status(500), Reply::Response(token_answer("t"))]), ["sleep 100 ms", "done 200"]);
}

#[test]
fn credentials_that_can_not_be_sent_are_refused_at_once() {
    static KEYED: Api = Api { auth: Auth::Bearer { token: "{client_secret}" }, ..API };
    let given = |secret| set_up(&KEYED, &[("client_id", "id"), ("client_secret", secret)], None).is_ok();
    assert!(given("s3cret"));
    assert!(!given("s3\ncret"), "a header would end there");
}

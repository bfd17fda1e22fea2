//! Rules on responses: each condition by itself and together, and what a call makes of each verdict.

mod client;

use client::{CREATE, LIST, RETRY, Reply, START, answer, get, policy, reply, run, status, token_source};
use tapwright_runtime::rt::auth::Credentials;
use tapwright_runtime::rt::descriptor::{Method, Operation, Retry, Segment::Index, Segment::Key as At};
use tapwright_runtime::rt::error::{Error, ErrorKind, FailureKind};
use tapwright_runtime::rt::exchange::{Event, Exchange, Step};
use tapwright_runtime::rt::message::Request;
use tapwright_runtime::rt::rules::{Match, Piece, Rule, Rules};
use tapwright_runtime::rt::verdict::{Action, Judge};

const USERS: &str = "https://api.example.com/v1/users";
const SENT: &str = "GET https://api.example.com/v1/users x-trace-key=trace-canary";
const POSTED: &str = "POST https://api.example.com/v1/users x-trace-key=trace-canary";

const ERROR: &[tapwright_runtime::rt::descriptor::Segment] = &[At("error")];

/// The rules that the tests of conditions ask, one action each where that helps to tell them apart.
static CONDITIONS: &[(&str, Rule, &[Case])] = &[
    (
        "a status",
        Rule::new(Action::Ignore).status(&[(404, 404), (500, 599)]),
        &[(404, &[], "", true), (500, &[], "", true), (599, &[], "", true), (405, &[], "", false), (200, &[], "", false)],
    ),
    (
        "a header that is there",
        Rule::new(Action::Ignore).header("retry-after", Match::Exists),
        &[(403, &[("Retry-After", "1")], "", true), (403, &[("retry-after", "")], "", true), (403, &[], "", false)],
    ),
    (
        "a header with a value",
        Rule::new(Action::Ignore).status(&[(403, 403)]).header("x-ratelimit-remaining", Match::OneOf(&["0"])),
        &[
            (403, &[("x-ratelimit-remaining", "0")], "", true),
            (403, &[("x-ratelimit-remaining", "10")], "", false),
            (404, &[("x-ratelimit-remaining", "0")], "", false),
        ],
    ),
    (
        "a header with a text in it",
        Rule::new(Action::Ignore).header("content-type", Match::Contains("html")),
        &[(200, &[("content-type", "text/html; charset=utf-8")], "", true), (200, &[("content-type", "text/plain")], "", false)],
    ),
    (
        "a text in the body",
        Rule::new(Action::Ignore).content("Not found"),
        &[
            (200, &[], "<p>Not found</p>", true),
            (404, &[], "Not found", true),
            (404, &[], "not found", false),
            (404, &[], "", false),
            (404, &[], "\u{fffd} é Not found", true),
        ],
    ),
    (
        "a value in the body",
        Rule::new(Action::Ignore).path(&[At("ok")], Match::OneOf(&["false"])),
        &[
            (200, &[], r#"{"ok":false}"#, true),
            (200, &[], r#"{"a":[1,{"ok":true}],"ok":false,"b":1}"#, true),
            (200, &[], r#"{"ok":"false"}"#, true),
            (200, &[], r#"{"ok":true}"#, false),
            (200, &[], r#"{"ok":null}"#, false),
            (200, &[], r#"{"nested":{"ok":false}}"#, false),
            (200, &[], r#"{"ok":false, and then it breaks off"#, true),
            (200, &[], "ok", false),
            (200, &[], "", false),
        ],
    ),
    (
        "one of some values",
        Rule::new(Action::Ignore).path(ERROR, Match::OneOf(&["a", "12", "1.50"])),
        &[
            (200, &[], r#"{"error":"a"}"#, true),
            (200, &[], r#"{"error":12}"#, true),
            (200, &[], r#"{"error":1.50}"#, true),
            (200, &[], r#"{"error":1.5}"#, false),
            (200, &[], r#"{"error":"ab"}"#, false),
            (200, &[], r#"{"error":"\u0061"}"#, true),
        ],
    ),
    (
        "a value that is there",
        Rule::new(Action::Ignore).path(&[At("errors"), Index(0), At("code")], Match::Exists),
        &[
            (200, &[], r#"{"errors":[{"code":{"any":"thing"}}]}"#, true),
            (200, &[], r#"{"errors":[{"code":null}]}"#, false),
            (200, &[], r#"{"errors":[]}"#, false),
        ],
    ),
    (
        "a value that is not there",
        Rule::new(Action::Ignore).status(&[(200, 200)]).path(&[At("data")], Match::Absent),
        &[
            (200, &[], r#"{"other":1}"#, true),
            (200, &[], r#"{"data":null}"#, true),
            (200, &[], r#"{"data":[]}"#, false),
            (500, &[], "{}", false),
            (200, &[], "", false),
        ],
    ),
    (
        "all of them",
        Rule::new(Action::Ignore)
            .status(&[(400, 499)])
            .header("x-kind", Match::Exists)
            .content("gone")
            .path(ERROR, Match::OneOf(&["gone"])),
        &[
            (410, &[("x-kind", "a")], r#"{"error":"gone"}"#, true),
            (410, &[], r#"{"error":"gone"}"#, false),
            (410, &[("x-kind", "a")], r#"{"error":"went"}"#, false),
            (500, &[("x-kind", "a")], r#"{"error":"gone"}"#, false),
        ],
    ),
];

/// A status, headers, a body, and whether the rule applies.
type Case = (u16, &'static [(&'static str, &'static str)], &'static str, bool);

#[test]
fn a_rule_applies_if_all_its_conditions_hold() {
    for (name, rule, cases) in CONDITIONS {
        let rules = Rules::new(std::slice::from_ref(rule));
        for (status, headers, body, applies) in *cases {
            let verdict = rules.judge(&reply(*status, headers, body));
            assert_eq!(verdict.is_some(), *applies, "{name}: {status} {headers:?} {body}");
        }
    }
}

#[test]
fn the_first_rule_decides_and_shared_ones_come_last() {
    static OWN: &[Rule] = &[
        Rule::new(Action::RateLimited).path(ERROR, Match::OneOf(&["ratelimited"])),
        Rule::new(Action::SkipPartition).path(ERROR, Match::OneOf(&["not_in_channel", "is_archived"])),
    ];
    static SHARED: &[Rule] = &[
        Rule::new(Action::Ignore).path(ERROR, Match::OneOf(&["is_archived"])),
        Rule::new(Action::Fail(None)).path(&[At("ok")], Match::OneOf(&["false"])),
    ];
    static RULES: Rules = Rules::new(OWN).then(SHARED);
    let cases = [
        ("ratelimited", Action::RateLimited, r#"$.error = "ratelimited": rate_limited"#),
        ("is_archived", Action::SkipPartition, r#"$.error in ["not_in_channel", "is_archived"]: skip_partition"#),
        ("anything_else", Action::Fail(None), r#"$.ok = "false": fail"#),
    ];
    for (error, action, rule) in cases {
        let body = format!(r#"{{"ok":false,"error":"{error}"}}"#);
        let verdict = RULES.judge(&reply(200, &[], &body)).expect(error);
        assert_eq!((verdict.action, verdict.rule.as_str()), (action, rule));
    }
    assert_eq!(RULES.judge(&reply(200, &[], r#"{"ok":true,"items":[]}"#)), None);
}

/// All rules have their values read at once: one that is null keeps no other from being found.
#[test]
fn a_null_is_no_value_and_ends_nothing() {
    static BOTH: Rules = Rules::new(&[
        Rule::new(Action::Ignore).path(&[At("a")], Match::Exists),
        Rule::new(Action::Retry).path(&[At("b")], Match::OneOf(&["x"])),
    ]);
    let action = |body| BOTH.judge(&reply(200, &[], body)).map(|verdict| verdict.action);
    assert_eq!(action(r#"{"a":null,"b":"x"}"#), Some(Action::Retry));
    assert_eq!(action(r#"{"a":1,"b":"x"}"#), Some(Action::Ignore));
    assert_eq!(action(r#"{"b":"x","a":null,"#), Some(Action::Retry), "what comes after them may be broken");
    assert_eq!(action(r#"{"a":null,"b":null}"#), None);
}

#[test]
fn rules_are_shown_as_they_are_written() {
    let shown: Vec<String> = CONDITIONS.iter().map(|(_, rule, _)| rule.to_string()).collect();
    assert_eq!(shown[0], "status 404, 500-599: ignore");
    assert_eq!(shown[2], r#"status 403 and header x-ratelimit-remaining = "0": ignore"#);
    assert_eq!(shown[4], r#"content "Not found": ignore"#);
    assert_eq!(shown[7], "$.errors[0].code exists: ignore");
    assert_eq!(shown[8], "status 200 and $.data is absent: ignore");
}

/// A rule for each action, told apart by a member of the body; what is posted has the same.
static RULES: Rules = Rules::new(&[
    Rule::new(Action::Ignore).path(ERROR, Match::OneOf(&["ignore"])),
    Rule::new(Action::Retry).path(ERROR, Match::OneOf(&["retry"])),
    Rule::new(Action::RefreshAndRetry).path(ERROR, Match::OneOf(&["refresh"])),
    Rule::new(Action::RateLimited).path(ERROR, Match::OneOf(&["limited"])).message_of(&[Piece::Text("slow down")]),
    Rule::new(Action::SkipPartition).path(ERROR, Match::OneOf(&["skip"])),
    Rule::new(Action::Fail(Some(FailureKind::Config))).path(ERROR, Match::OneOf(&["config"])).message_of(&[
        Piece::Text("it says "),
        Piece::Value(&[At("detail"), At("hint")]),
        Piece::Text(" about "),
        Piece::Value(&[At("missing")]),
    ]),
    Rule::new(Action::Fail(Some(FailureKind::Transient))).path(ERROR, Match::OneOf(&["transient"])),
    Rule::new(Action::Fail(None)).path(ERROR, Match::OneOf(&["fail"])),
]);

static READ: Operation = Operation { rules: Some(&RULES), ..LIST };
static MAKE: Operation = Operation { rules: Some(&RULES), ..CREATE };
static KEYED: Operation = MAKE.idempotency_header("idempotency-key");

fn says(status: u16, error: &str) -> Reply {
    Reply::Response(reply(status, &[], &format!(r#"{{"error":"{error}","detail":{{"hint":"s3cret\nthings"}}}}"#)))
}

fn steps(operation: &Operation, credentials: Credentials, script: Vec<Reply>) -> Vec<String> {
    let policy = policy(RETRY, credentials);
    let request = Request { method: operation.method, ..get(USERS) };
    run(&policy, Exchange::new(&policy, operation, request), &mut START.clone(), script)
}

#[test]
fn a_call_does_what_the_verdict_says() {
    let ok = || status(200);
    let waits = ["sleep 100 ms", "sleep 200 ms", "sleep 400 ms"];
    let cases: Vec<(&str, &Operation, Vec<Reply>, Vec<&str>)> = vec![
        (
            "ignored",
            &READ,
            vec![says(200, "ignore")],
            vec![SENT, "failed PassedOver users: 200 a rule of the spec passes the response over"],
        ),
        (
            "skipped",
            &READ,
            vec![says(403, "skip")],
            vec![SENT, "failed PassedOver users: 403 a rule of the spec passes the response over"],
        ),
        ("repeated", &READ, vec![says(200, "retry"), ok()], vec![SENT, waits[0], SENT, "done 200"]),
        (
            "a status that is none of the transient ones",
            &READ,
            vec![says(400, "retry"), ok()],
            vec![SENT, waits[0], SENT, "done 200"],
        ),
        (
            "repeated in vain",
            &READ,
            vec![says(200, "retry"), says(200, "retry"), says(200, "retry"), says(200, "retry")],
            vec![
                SENT,
                waits[0],
                SENT,
                waits[1],
                SENT,
                waits[2],
                SENT,
                "failed Refused users: 200 [retry] retry (after 3 retries)",
            ],
        ),
        (
            "a POST is not repeated blindly",
            &MAKE,
            vec![says(500, "retry")],
            vec![POSTED, "failed Status users: 500 [retry] retry"],
        ),
        ("one that was turned away is", &MAKE, vec![says(200, "limited"), ok()], vec![POSTED, waits[0], POSTED, "done 200"]),
        (
            "limited",
            &READ,
            vec![Reply::Response(reply(403, &[("retry-after", "2.5")], r#"{"error":"limited"}"#)), ok()],
            vec![SENT, "sleep 2500 ms", SENT, "done 200"],
        ),
        (
            "limited until a reset",
            &READ,
            vec![Reply::Response(reply(200, &[("x-ratelimit-reset", "7")], r#"{"error":"limited"}"#)), ok()],
            vec![SENT, "sleep 7000 ms", SENT, "done 200"],
        ),
        (
            "limited for too long",
            &READ,
            vec![Reply::Response(reply(403, &[("retry-after", "3600")], r#"{"error":"limited"}"#))],
            vec![
                SENT,
                "failed RateLimited users: 403 [limited] the service asks to wait 3600 s, which is longer than the longest delay of 60 s",
            ],
        ),
        (
            "limited in vain",
            &READ,
            vec![says(200, "limited"), says(200, "limited"), says(200, "limited"), says(200, "limited")],
            vec![
                SENT,
                waits[0],
                SENT,
                waits[1],
                SENT,
                waits[2],
                SENT,
                "failed RateLimited users: 200 [limited] slow down (after 3 retries)",
            ],
        ),
        (
            "an error with a message, masked and on one line",
            &READ,
            vec![says(200, "config")],
            vec![SENT, "failed Refused users: 200 [config] it says *** things about (nothing)"],
        ),
        (
            "an error with the service's message",
            &READ,
            vec![says(404, "fail")],
            vec![SENT, "failed Status users: 404 [fail] fail"],
        ),
        (
            "a transient status that a rule makes an error",
            &READ,
            vec![says(503, "fail")],
            vec![SENT, "failed Status users: 503 [fail] fail"],
        ),
        ("nothing to refresh", &READ, vec![says(200, "refresh")], vec![SENT, "failed Auth users: 200 [refresh] refresh"]),
        ("no rule applies", &READ, vec![says(404, "other")], vec![SENT, "failed Status users: 404 [other] other"]),
    ];
    for (name, operation, script, expected) in cases {
        assert_eq!(steps(operation, Credentials::None, script), expected, "{name}");
    }
}

#[test]
fn a_token_is_refreshed_once() {
    let with = |token: &str| format!("{SENT} authorization=Bearer {token}");
    let calls = |script| steps(&READ, Credentials::Token(token_source()), script);
    assert_eq!(
        calls(vec![says(200, "refresh"), status(200)]),
        ["token", &with("t1"), "token instead of 1", &with("t2"), "done 200"]
    );
    assert_eq!(
        calls(vec![says(200, "refresh"), says(200, "refresh")]),
        ["token", &with("t1"), "token instead of 1", &with("t2"), "failed Auth users: 200 [refresh] refresh"]
    );
    // A rule that makes a 401 an error means one that stays.
    assert_eq!(
        calls(vec![says(401, "config"), says(401, "config")]),
        [
            "token",
            &with("t1"),
            "token instead of 1",
            &with("t2"),
            "failed Auth users: 401 [config] it says *** things about (nothing)"
        ]
    );
    // One that makes an error of something else is no word on the token.
    assert_eq!(
        calls(vec![says(403, "config")]),
        ["token", &with("t1"), "failed Status users: 403 [config] it says *** things about (nothing)"]
    );
}

/// What services send with every response is about the limit, and a failure of another kind does not wait for it.
#[test]
fn only_a_verdict_on_the_limit_waits_for_its_reset() {
    let says = |error: &str| Reply::Response(reply(500, &[("x-ratelimit-reset", "9")], &format!(r#"{{"error":"{error}"}}"#)));
    for (error, wait) in [("retry", "sleep 100 ms"), ("limited", "sleep 9000 ms")] {
        assert_eq!(steps(&READ, Credentials::None, vec![says(error), status(200)]), [SENT, wait, SENT, "done 200"], "{error}");
    }
}

/// A rule may repeat what was surely not processed, also where it is not idempotent.
#[test]
fn a_rule_repeats_what_was_not_processed() {
    let calls = |status| steps(&MAKE, Credentials::None, vec![says(status, "retry"), answer(201, &[])]);
    assert_eq!(calls(429), [POSTED, "sleep 100 ms", POSTED, "done 201"]);
}

/// The error that a call ends with.
fn error(operation: &Operation, script: Reply) -> Error {
    let policy = policy(Retry { max_retries: 0, ..RETRY }, Credentials::None);
    let mut exchange = Exchange::new(&policy, operation, get(USERS));
    exchange.step(Event::Start, START);
    let event = match script {
        Reply::Response(response) => Event::Response(response),
        Reply::Fault(kind) => Event::Fault(tapwright_runtime::rt::message::TransportFault { kind, message: String::new() }),
    };
    match exchange.step(event, START) {
        Step::Done(Err(error)) => error,
        step => panic!("{step:?}"),
    }
}

#[test]
fn every_failure_is_of_a_kind() {
    use tapwright_runtime::rt::message::TransportFaultKind as Fault;
    let (config, transient, system) = (FailureKind::Config, FailureKind::Transient, FailureKind::System);
    let statuses = [(400, config), (401, config), (403, config), (404, config), (408, transient), (410, config), (422, config)];
    let statuses =
        statuses.into_iter().chain([(425, transient), (429, transient), (500, transient), (503, transient), (300, system)]);
    for (code, expected) in statuses {
        assert_eq!(error(&LIST, status(code)).failure(), expected, "{code}");
    }
    let faults = [(Fault::Connect, transient), (Fault::Broken, transient), (Fault::Timeout, transient)];
    for (fault, expected) in faults.into_iter().chain([(Fault::TooLarge, system), (Fault::Invalid, config)]) {
        assert_eq!(error(&LIST, Reply::Fault(fault)).failure(), expected, "{fault:?}");
    }
    let kinds = [
        (ErrorKind::Config, config),
        (ErrorKind::Auth, config),
        (ErrorKind::Transport, transient),
        (ErrorKind::Timeout, transient),
        (ErrorKind::RateLimited, transient),
        (ErrorKind::Page, system),
        (ErrorKind::Decode, system),
        (ErrorKind::Loop, system),
        (ErrorKind::Origin, system),
        (ErrorKind::TooLarge, system),
        (ErrorKind::Checkpoint, config),
        (ErrorKind::Refused, system),
    ];
    for (kind, expected) in kinds {
        assert_eq!(Error::new(kind, "").failure(), expected, "{kind:?}");
    }
    let rules =
        [("config", config, false), ("transient", transient, true), ("retry", transient, true), ("limited", transient, true)];
    for (word, expected, retryable) in rules {
        let error = error(&READ, says(200, word));
        assert_eq!((error.failure(), error.is_retryable()), (expected, retryable), "{word}");
        assert!(error.rule().is_some_and(|rule| rule.contains(word)), "{word}: {:?}", error.rule());
    }
    // Without a kind of its own the status tells.
    assert_eq!(error(&READ, says(404, "fail")).failure(), config);
    assert_eq!(error(&READ, says(503, "fail")).failure(), transient);
    assert_eq!([system, config, transient].map(FailureKind::exit_code), [1, 3, 4]);
}

#[test]
fn an_operation_has_terms_of_its_own() {
    static OWN: Retry = Retry { statuses: &[418], max_retries: 1, base_delay_ms: 7, ..RETRY };
    static TEAPOT: Operation = LIST.retry(&OWN);
    let calls = |script| steps(&TEAPOT, Credentials::None, script);
    assert_eq!(calls(vec![status(418), status(200)]), [SENT, "sleep 7 ms", SENT, "done 200"]);
    assert_eq!(
        calls(vec![status(418), status(418)]),
        [SENT, "sleep 7 ms", SENT, "failed Status users: 418 the service refuses the request (after 1 retry)"]
    );
    assert_eq!(calls(vec![status(503)]), [SENT, "failed Status users: 503 the service is not available"]);
}

#[test]
fn a_key_makes_a_post_repeatable() {
    let key = |step: &str| step.split("idempotency-key=").nth(1).and_then(|rest| rest.split(' ').next()).map(str::to_owned);
    let calls = || steps(&KEYED, Credentials::None, vec![status(503), answer(201, &[])]);
    let (first, second) = (calls(), calls());
    for call in [&first, &second] {
        assert_eq!(call.len(), 4, "{call:?}");
        assert_eq!(call[3], "done 201");
        assert_eq!(key(&call[0]).map(|key| key.len()), Some(32), "{call:?}");
        assert_eq!(key(&call[0]), key(&call[2]), "one call has one key");
    }
    assert_ne!(key(&first[0]), key(&second[0]), "each call has its own");

    let policy = policy(RETRY, Credentials::None);
    let mut request = Request { method: Method::Post, ..get(USERS) };
    request.headers.set("idempotency-key", "mine");
    let own = run(&policy, Exchange::new(&policy, &KEYED, request), &mut START.clone(), vec![status(200)]);
    assert_eq!(key(&own[0]).as_deref(), Some("mine"), "the caller's own stays");
}

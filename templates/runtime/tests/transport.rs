//! Both transports and both drivers against a server on loopback, and against transports in memory.
#![cfg(all(feature = "async", feature = "blocking"))]

mod client;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use client::server::{Action, Server, empty, ok};
use client::{API, LIST, OAUTH2, RETRY, TIMEOUTS, get, operation, param, reply, token_answer};
use tapwright_runtime::rt::args::Args;
use tapwright_runtime::rt::call::Call;
use tapwright_runtime::rt::core::{Core, CoreBuilder};
use tapwright_runtime::rt::descriptor::{
    Api, Auth, BodyEncoding, KeyLocation, Location, Method, Operation, Param, Retry, Timeouts,
};
use tapwright_runtime::rt::error::{Error, ErrorKind};
use tapwright_runtime::rt::hyper::HyperTransport;
use tapwright_runtime::rt::message::{Limits, Request, Response, TransportFault, TransportFaultKind as Fault};
use tapwright_runtime::rt::oauth2::{OAuth2, SecretIn};
use tapwright_runtime::rt::transport::{BlockingTransport, BoxFuture, Transport};
use tapwright_runtime::rt::ureq::UreqTransport;
use tokio::runtime::Runtime;

fn limits() -> Limits {
    Limits { timeouts: TIMEOUTS, max_response_bytes: 1 << 20 }
}

fn with(timeouts: Timeouts) -> Limits {
    Limits { timeouts, ..limits() }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// With one thread it is certain that a connection is back in hyper's pool before the next request asks for one.
fn one_thread() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

type Sent = Result<Response, TransportFault>;

/// Sends the same requests one after the other with hyper and with ureq, each to a server of its own.
fn both(script: &[Action], limits: Limits, requests: &[&dyn Fn(&Server) -> Request], check: &dyn Fn(&str, Vec<Sent>, &Server)) {
    let server = Server::start(script.to_vec());
    let runtime = one_thread();
    let hyper = HyperTransport::new(&limits.timeouts).expect("a transport");
    let sent = requests.iter().map(|request| runtime.block_on(hyper.send(request(&server), limits))).collect();
    check("hyper", sent, &server);

    let server = Server::start(script.to_vec());
    let ureq = UreqTransport::new();
    let sent = requests.iter().map(|request| ureq.send(request(&server), limits)).collect();
    check("ureq", sent, &server);
}

fn users(server: &Server) -> Request {
    get(&server.url("/users?x=%2a"))
}

/// Sends one request with each and tells the kind of its fault.
fn fault(script: &[Action], limits: Limits, request: &dyn Fn(&Server) -> Request, expected: Fault) {
    both(script, limits, &[request], &|name, mut sent, _| {
        let fault = sent.remove(0).expect_err(name);
        assert_eq!(fault.kind, expected, "{name}: {fault:?}");
    });
}

#[test]
fn a_response_is_read_to_its_end_and_the_connection_is_kept() {
    let chunked =
        "HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\nLink: <a>\r\nlink: <b>\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let script = [ok("first"), Action::Say(chunked.to_owned()), empty("204 No Content", "")];
    both(&script, limits(), &[&users, &users, &users], &|name, sent, server| {
        let sent: Vec<_> = sent.into_iter().map(|sent| sent.expect(name)).collect();
        assert_eq!(sent.iter().map(|sent| sent.status).collect::<Vec<_>>(), [200, 404, 204], "{name}");
        assert_eq!(sent.iter().map(|sent| sent.body.as_slice()).collect::<Vec<_>>(), [&b"first"[..], b"abcde", b""], "{name}");
        assert_eq!(sent[1].headers.all("link").collect::<Vec<_>>(), ["<a>", "<b>"], "{name}");
        assert_eq!(server.connections(), 1, "{name}");
    });
}

#[test]
fn a_request_goes_out_as_it_is() {
    let post = |server: &Server| {
        let mut request = Request { method: Method::Post, body: b"a=1".to_vec(), ..users(server) };
        request.headers.push("content-type", "application/x-www-form-urlencoded");
        request.headers.push("x-mine", "m");
        request
    };
    let delete = |server: &Server| Request { method: Method::Delete, body: b"{}".to_vec(), ..users(server) };
    let query = |server: &Server| Request { method: Method::Other("QUERY"), ..delete(server) };
    let head = |server: &Server| Request { method: Method::Head, ..users(server) };
    let script = [ok(""), ok(""), ok(""), ok(""), Action::Say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n".to_owned())];
    both(&script, limits(), &[&users, &post, &delete, &query, &head], &|name, sent, server| {
        assert!(sent.iter().all(Result::is_ok), "{name}: {sent:?}");
        let requests: Vec<_> = server.requests().iter().map(|request| request.to_ascii_lowercase()).collect();
        let starts: Vec<_> = requests.iter().filter_map(|request| request.lines().next()).collect();
        let lines = ["get", "post", "delete", "query", "head"].map(|method| format!("{method} /users?x=%2a http/1.1"));
        assert_eq!(starts, lines, "{name}");
        assert!(requests[1].contains("x-mine: m\r\n") && requests[1].ends_with("\r\n\r\na=1"), "{name}: {}", requests[1]);
        assert!(requests[2..4].iter().all(|request| request.ends_with("\r\n\r\n{}")), "{name}: {requests:?}");
        assert!(requests[2..4].iter().all(|request| request.contains("content-length: 2\r\n")), "{name}: {requests:?}");
        // Nothing is in their bodies, so nothing is said of any.
        for request in [&requests[0], &requests[4]] {
            assert!(!request.contains("content-length") && !request.contains("transfer-encoding"), "{name}: {request}");
        }
        // A compressed body would have to be unpacked, within limits of its own.
        assert!(requests.iter().all(|request| !request.contains("gzip")), "{name}: {requests:?}");
    });
}

#[test]
fn redirects_are_left_to_the_core() {
    let script = [empty("302 Found", "location: /elsewhere\r\n")];
    both(&script, limits(), &[&users], &|name, sent, server| {
        assert_eq!(sent[0].as_ref().map(|sent| sent.status).expect(name), 302, "{name}");
        assert_eq!(server.requests().len(), 1, "{name}");
    });
}

#[test]
fn no_connection_is_told_from_a_broken_one() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    fault(&[], limits(), &|_| get(&format!("http://{closed}/")), Fault::Connect);
    fault(&[], limits(), &|_| get("http://no-such-host.invalid/"), Fault::Connect);
    fault(&[Action::Break("")], limits(), &users, Fault::Broken);
    fault(&[Action::Break("HTTP/1.1 200 OK\r\ncontent-le")], limits(), &users, Fault::Broken);
    fault(&[Action::Break("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345")], limits(), &users, Fault::Broken);
    fault(
        &[Action::Break("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n")],
        limits(),
        &users,
        Fault::Broken,
    );
    fault(&[Action::Break("SMTP ready\r\n\r\n")], limits(), &users, Fault::Broken);
}

#[test]
fn each_stage_has_its_timeout() {
    let short = Duration::from_millis(150);
    let millis = 150;
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345";
    let cases: [(&str, Vec<Action>, Timeouts, Fault); 4] = [
        ("first byte", vec![Action::Stall("")], Timeouts { first_byte_ms: millis, ..TIMEOUTS }, Fault::Timeout),
        ("between bytes", vec![Action::Stall(head)], Timeouts { between_bytes_ms: millis, ..TIMEOUTS }, Fault::Timeout),
        ("whole, in the head", vec![Action::Stall("")], Timeouts { whole_ms: millis, ..TIMEOUTS }, Fault::Timeout),
        ("whole, in the body", vec![Action::Stall(head)], Timeouts { whole_ms: millis, ..TIMEOUTS }, Fault::Timeout),
    ];
    for (stage, script, timeouts, expected) in cases {
        let start = Instant::now();
        fault(&script, with(timeouts), &users, expected);
        let took = start.elapsed();
        assert!(took >= short * 2 && took < Duration::from_millis(1_900), "{stage}: twice {millis} ms took {took:?}");
    }
    // Nobody answers the handshake: a connection includes TLS.
    let https = |server: &Server| get(&server.url("/").replace("http:", "https:"));
    let timeouts = Timeouts { connect_ms: millis, ..TIMEOUTS };
    fault(&[Action::Stall("")], with(timeouts), &https, Fault::ConnectTimeout);
}

#[test]
fn a_slow_body_is_read_as_long_as_bytes_come() {
    let pieces = vec!["HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n", "1", "2", "3", "4", "5", "6"];
    let script = [Action::Trickle(pieces, Duration::from_millis(60))];
    // The pieces together take longer than the limit between two of them.
    let patient = with(Timeouts { between_bytes_ms: 250, ..TIMEOUTS });
    both(&script, patient, &[&users], &|name, sent, _| assert_eq!(sent[0].as_ref().expect(name).body, b"123456", "{name}"));
    // The limit between bytes begins with the first byte, however long that one takes.
    let late = [Action::Trickle(vec!["", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"], Duration::from_millis(150))];
    let hasty = with(Timeouts { between_bytes_ms: 100, ..TIMEOUTS });
    both(&late, hasty, &[&users], &|name, sent, _| assert_eq!(sent[0].as_ref().expect(name).status, 200, "{name}"));
    let impatient = with(Timeouts { whole_ms: 200, ..TIMEOUTS });
    fault(&script, impatient, &users, Fault::Timeout);
}

#[test]
fn a_body_is_read_up_to_its_cap() {
    let cap = Limits { max_response_bytes: 8, ..limits() };
    let chunked = |body: &str| Action::Say(format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{body}\r\n0\r\n\r\n"));
    both(&[ok("12345678"), chunked("8\r\n12345678")], cap, &[&users, &users], &|name, sent, _| {
        assert!(sent.iter().all(|sent| sent.as_ref().is_ok_and(|sent| sent.body == b"12345678")), "{name}: {sent:?}");
    });
    fault(&[ok("123456789")], cap, &users, Fault::TooLarge);
    fault(&[chunked("9\r\n123456789")], cap, &users, Fault::TooLarge);
    // It is not even begun when its head says so.
    fault(&[Action::Stall("HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n")], cap, &users, Fault::TooLarge);
}

const QUICK: Retry = Retry { base_delay_ms: 1, ..RETRY };

static OPEN: Api = Api { base_url: "https://api.example.com/v1", inputs: &[], headers: &[], auth: Auth::None, ..API };
static ECHO: Operation =
    Operation { params: &[Param { required: true, ..param("id", Location::Path) }], ..operation(Method::Get, "/users/{id}") };

fn core(server: &Server) -> Arc<Core> {
    CoreBuilder::new(&OPEN).base_url(server.url("/v1")).retry(QUICK).build().expect("a client")
}

/// Makes a call through each driver, each with a server of its own, and tells the answers.
fn call<'a>(script: &[Action], operation: &'static Operation, check: &'a dyn Fn(Result<String, Error>, &Server)) {
    let server = Server::start(script.to_vec());
    let awaited = Call::<String>::new(core(&server), operation).param("id", "a|b");
    check(runtime().block_on(async { awaited.await }), &server);
    let server = Server::start(script.to_vec());
    check(Call::<String>::new(core(&server), operation).param("id", "a|b").blocking(), &server);
}

#[test]
fn a_call_survives_what_is_transient() {
    let broken = Action::Break("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n\"123");
    let limited = empty("429 Too Many Requests", "retry-after: 0.01\r\n");
    let moved = empty("307 Temporary Redirect", "location: ../v2/users\r\n");
    call(&[broken, empty("503 Unavailable", ""), limited, moved, ok("\"done\"")], &ECHO, &|answer, server| {
        assert_eq!(answer.expect("an answer"), "done");
        let paths: Vec<_> = server.requests().iter().filter_map(|request| request.split(' ').nth(1).map(str::to_owned)).collect();
        assert_eq!(paths, ["/v1/users/a%7Cb", "/v1/users/a%7Cb", "/v1/users/a%7Cb", "/v1/users/a%7Cb", "/v1/v2/users"]);
    });
}

#[test]
fn a_call_goes_nowhere_else() {
    call(&[empty("302 Found", "location: http://127.0.0.2:9/\r\n")], &ECHO, &|answer, server| {
        assert_eq!(answer.expect_err("refused").kind(), ErrorKind::Origin);
        assert_eq!(server.requests().len(), 1);
    });
}

#[test]
fn an_answer_that_does_not_decode_says_where() {
    call(&[ok("{\"a\":\"canary\"}")], &ECHO, &|answer, _| {
        let error = answer.expect_err("an object is no string");
        assert_eq!((error.kind(), error.operation(), error.offset()), (ErrorKind::Decode, "users", Some(0)));
        assert_eq!(error.body(), Some(""), "JSON may hold a token");
    });
    call(&[ok("<html>sign in</html>")], &ECHO, &|answer, _| {
        assert_eq!(answer.expect_err("no JSON").body(), Some("<html>sign in</html>"));
    });
}

#[test]
fn an_answer_without_a_body_is_null_and_one_that_is_not_wanted_is_not_read() {
    let server = Server::start(vec![empty("204 No Content", ""), ok("OK, revoked"), ok("\"x\" and more")]);
    let core = core(&server);
    let answer = Call::<Option<String>>::new(core.clone(), &LIST).blocking();
    assert_eq!(answer.expect("an answer"), None);
    Call::<()>::new(core.clone(), &LIST).blocking().expect("nothing is read");
    Call::<String>::new(core, &LIST).blocking().expect_err("something follows the answer");
}

#[test]
fn a_header_that_can_not_be_sent_is_an_error_of_the_call() {
    let server = Server::start(Vec::new());
    let call = Call::<()>::new(core(&server), &LIST).header("x-note", "canary\r\nx-evil: 1").header("x-fine", "y");
    assert!(!format!("{call:?}").contains("canary"));
    let error = call.blocking().expect_err("refused");
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Config, "the header `x-note` holds a character that can not be sent")
    );
    assert_eq!(server.connections(), 0);
}

// A newtype as a generated crate has it.
tapwright_runtime::call_builder!(Greeting, String, "greeting");

#[test]
fn a_newtype_has_the_methods_of_its_call() {
    let server = Server::start(vec![ok("\"hello\""), ok("\"again\"")]);
    let greeting = || Greeting(Call::new(core(&server), &LIST)).param("to", "you").header("x-mine", "m");
    assert_eq!(greeting().blocking().expect("an answer"), "hello");
    assert_eq!(runtime().block_on(async { greeting().await }).expect("an answer"), "again");
    for request in server.requests() {
        assert!(request.starts_with("GET /v1/users?to=you ") && request.contains("x-mine: m\r\n"), "{request}");
    }
}

#[test]
fn the_future_of_a_call_is_small() {
    let server = Server::start(Vec::new());
    assert!(size_of_val(&Call::<String>::new(core(&server), &LIST).into_future()) <= 16);
}

/// A service that sends back all it was sent, in every way that a body can hold it.
struct Echo {
    fails_at: &'static str,
}

impl BlockingTransport for Echo {
    fn send(&self, request: Request, _: Limits) -> Result<Response, TransportFault> {
        if request.url.path() != self.fails_at {
            return Ok(token_answer("canary+token"));
        }
        let headers: Vec<_> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let sent = format!("{} {headers:?} {}", request.url, String::from_utf8_lossy(&request.body));
        let json = format!(r#"{{"error":"{}","message":"{0}"}}"#, sent.escape_default());
        Ok(reply(400, &[("x-request-id", &sent)], &format!("{json} {sent}")))
    }

    fn sleep(&self, _: Duration) {}
}

#[test]
fn what_a_service_sends_back_shows_no_secret() {
    static BASIC: Api = Api { auth: Auth::Basic { username: "{client_id}", password: "{client_secret}" }, ..API };
    static QUERY: Api = Api { auth: Auth::ApiKey { name: "key", location: KeyLocation::Query, value: "{client_secret}" }, ..API };
    static TOKEN: Api = Api { auth: Auth::Scheme(&OAuth2 { secret_in: SecretIn::Header, ..OAUTH2 }), ..API };
    static JSON: Api = Api { auth: Auth::Scheme(&OAuth2 { encoding: BodyEncoding::Json, ..OAUTH2 }), ..API };
    let fails = |api, fails_at| {
        let builder = CoreBuilder::new(api).input("domain", "t.example.com").input("client_id", "id");
        let builder = builder.input("client_secret", "canary/\"secret").input("trace_key", "canary-trace");
        let core = builder.blocking_transport(Arc::new(Echo { fails_at })).build().expect("a client");
        let error =
            core.execute_blocking(&LIST, core.prepare(&LIST, &Args::default()).expect("a request")).expect_err("an error");
        format!("{error} {error:?} {:?} {:?} {:?} {:?}", error.message(), error.body(), error.code(), error.request_id())
    };
    // Of the Basic header: base64 of `id:canary…` begins so.
    let canaries = ["canary", "aWQ6Y2FuYXJ5"];
    for (api, fails_at) in [
        (&API, "/oauth/token"),
        (&JSON, "/oauth/token"),
        (&TOKEN, "/oauth/token"),
        (&API, "/api/v2/users"),
        (&BASIC, "/api/v2/users"),
        (&QUERY, "/api/v2/users"),
    ] {
        let shown = fails(api, fails_at);
        assert!(shown.contains("***"), "{fails_at}: {shown}");
        for canary in canaries {
            assert!(!shown.contains(canary), "{fails_at}: {shown}");
        }
    }
}

/// A service in memory: tokens are `t1`, `t2`, …, and only the newest is good from `good_from` on.
#[derive(Default)]
struct Service {
    tokens: AtomicUsize,
    good_from: usize,
    refuse_tokens: bool,
    sent: Mutex<Vec<String>>,
}

impl Service {
    fn answer(&self, request: &Request) -> Response {
        self.sent.lock().expect("no test panics with the lock held").push(request.url.to_string());
        if request.url.path() == "/oauth/token" {
            let number = self.tokens.fetch_add(1, Ordering::SeqCst) + 1;
            return if self.refuse_tokens {
                reply(403, &[], r#"{"error":"access_denied"}"#)
            } else {
                token_answer(&format!("t{number}"))
            };
        }
        let token = request.headers.get("authorization").and_then(|value| value.strip_prefix("Bearer t"));
        let number: usize = token.and_then(|number| number.parse().ok()).expect("a token");
        reply(if number >= self.good_from { 200 } else { 401 }, &[], "[]")
    }
}

impl Transport for Service {
    fn send(&self, request: Request, _: Limits) -> BoxFuture<'_, Result<Response, TransportFault>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Ok(self.answer(&request))
        })
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

impl BlockingTransport for Service {
    fn send(&self, request: Request, _: Limits) -> Result<Response, TransportFault> {
        thread::sleep(Duration::from_millis(5));
        Ok(self.answer(&request))
    }

    fn sleep(&self, _: Duration) {}
}

fn client(service: &Arc<Service>) -> Arc<Core> {
    CoreBuilder::new(&API)
        .input("domain", "t.example.com")
        .input("client_id", "id")
        .input("client_secret", "secret")
        .transport(service.clone())
        .blocking_transport(service.clone())
        .build()
        .expect("a client")
}

/// Makes sixteen calls at once with each driver and tells their outcomes and the number of token requests.
fn at_once(service: impl Fn() -> Service, check: impl Fn(&[Result<Response, Error>], usize)) {
    let awaited = Arc::new(service());
    let core = client(&awaited);
    let outcomes: Vec<_> = runtime().block_on(async {
        let request = core.prepare(&LIST, &Args::default()).expect("a request");
        let calls: Vec<_> = (0..16).map(|_| tokio::spawn(core.execute(&LIST, request.clone()))).collect();
        let mut outcomes = Vec::new();
        for call in calls {
            outcomes.push(call.await.expect("no panic"));
        }
        outcomes
    });
    check(&outcomes, awaited.tokens.load(Ordering::SeqCst));

    let blocking = Arc::new(service());
    let core = client(&blocking);
    let outcomes: Vec<_> = thread::scope(|scope| {
        let call = || core.execute_blocking(&LIST, core.prepare(&LIST, &Args::default())?);
        let calls: Vec<_> = (0..16).map(|_| scope.spawn(call)).collect();
        calls.into_iter().map(|call| call.join().expect("no panic")).collect()
    });
    check(&outcomes, blocking.tokens.load(Ordering::SeqCst));
}

#[test]
fn one_token_serves_all_callers() {
    at_once(Service::default, |outcomes, tokens| {
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        assert_eq!(tokens, 1);
    });
}

#[test]
fn a_refused_token_is_fetched_again_once_for_all_callers() {
    at_once(
        || Service { good_from: 2, ..Service::default() },
        |outcomes, tokens| {
            assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
            assert_eq!(tokens, 2);
        },
    );
}

#[test]
fn a_failed_fetch_fails_for_all_who_waited_for_it() {
    at_once(
        || Service { refuse_tokens: true, ..Service::default() },
        |outcomes, tokens| {
            assert!(
                outcomes.iter().all(|outcome| outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::Auth)),
                "{outcomes:?}"
            );
            assert_eq!(tokens, 1);
        },
    );
}

#[test]
fn a_caller_that_gives_up_leaves_the_fetch_to_the_next() {
    let service = Arc::new(Service::default());
    let core = client(&service);
    runtime().block_on(async {
        let request = core.prepare(&LIST, &Args::default()).expect("a request");
        let first = tokio::spawn(core.execute(&LIST, request.clone()));
        let second = tokio::spawn(core.execute(&LIST, request));
        tokio::time::sleep(Duration::from_millis(2)).await;
        first.abort();
        second.await.expect("no panic").expect("a response");
    });
}

#[test]
fn an_override_takes_the_token_address_along() {
    let service = Arc::new(Service::default());
    let builder =
        CoreBuilder::new(&API).input("domain", "t.example.com").input("client_id", "id").input("client_secret", "secret");
    let core = builder.base_url("http://127.0.0.1:8080").blocking_transport(service.clone()).build().expect("a client");
    core.execute_blocking(&LIST, core.prepare(&LIST, &Args::default()).expect("a request")).expect("a response");
    let sent = service.sent.lock().expect("no test panics with the lock held");
    assert_eq!(*sent, ["http://127.0.0.1:8080/oauth/token", "http://127.0.0.1:8080/users"]);
}

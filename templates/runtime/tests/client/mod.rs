//! What the tests of the client share: an API's tables, a policy, and a way to run an exchange by a script.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod server;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tapwright_runtime::rt::auth::{Credentials, Setup};
use tapwright_runtime::rt::descriptor::{Api, Auth, Input, InputKind, Location, Method, Operation, Param, Retry, Timeouts};
use tapwright_runtime::rt::error::Error;
use tapwright_runtime::rt::exchange::{Event, Exchange, Policy, Step};
use tapwright_runtime::rt::inputs::Inputs;
use tapwright_runtime::rt::message::{Headers, Request, Response, TransportFault, TransportFaultKind};
use tapwright_runtime::rt::oauth2::OAuth2;
use tapwright_runtime::rt::origin::Origins;
use tapwright_runtime::rt::retry::{Now, Pace};
use tapwright_runtime::rt::secret::{SecretString, Secrets};
use tapwright_runtime::rt::token::{Claim, FetchEvent, FetchStep, Token, TokenSource, TokenStore};
use tapwright_runtime::rt::url::Url;

pub const RETRY: Retry = Retry {
    statuses: &[408, 429, 500, 502, 503, 504],
    max_retries: 3,
    base_delay_ms: 100,
    backoff_factor: 2.0,
    max_delay_ms: 60_000,
    respect_retry_after: true,
    reset_header: "x-ratelimit-reset",
    remaining_header: "x-ratelimit-remaining",
};

pub const TIMEOUTS: Timeouts = Timeouts { connect_ms: 2_000, first_byte_ms: 2_000, between_bytes_ms: 2_000, whole_ms: 5_000 };

pub const OAUTH2: OAuth2 = OAuth2 {
    token_url: "https://{domain}/oauth/token",
    client_id: "{client_id}",
    client_secret: "{client_secret}",
    fields: &[("audience", "https://{tenant_domain}/api/v2/"), ("organization", "{organization}")],
    ..OAuth2::DEFAULT
};

pub const fn input(name: &'static str, env: &'static str) -> Input {
    Input { name, env, secret: false, default: None, kind: InputKind::Text }
}

/// An API in the manner of Auth0's.
pub static API: Api = Api {
    name: "shop",
    version: "1.2",
    inputs: &[
        Input { kind: InputKind::Hostname, ..input("domain", "SHOP__DOMAIN") },
        Input { kind: InputKind::Hostname, default: Some("{domain}"), ..input("tenant_domain", "SHOP__TENANT_DOMAIN") },
        input("client_id", "SHOP__CLIENT_ID"),
        Input { secret: true, ..input("client_secret", "SHOP__CLIENT_SECRET") },
        Input { default: Some(""), ..input("organization", "SHOP__ORGANIZATION") },
        Input { secret: true, default: Some(""), ..input("trace_key", "SHOP__TRACE_KEY") },
    ],
    base_url: "https://{domain}/api/v2",
    headers: &[("x-tenant", "{tenant_domain}"), ("x-trace-key", "{trace_key}")],
    auth: Auth::Scheme(&OAUTH2),
    retry: RETRY,
    timeouts: TIMEOUTS,
    allowed_hosts: &["files.example.com", "{domain}:8443"],
    credential_hosts: &["second.example.com"],
    max_response_bytes: 1 << 20,
    compression: &[],
};

pub const fn operation(method: Method, path: &'static str) -> Operation {
    let idempotent = matches!(method, Method::Get | Method::Head | Method::Put | Method::Delete);
    Operation { method, idempotent, ..Operation::get("users", path) }
}

pub const fn param(name: &'static str, location: Location) -> Param {
    Param { name, key: name, location, value: None, required: false, joints: None, spread: None }
}

pub static LIST: Operation = operation(Method::Get, "/users");
pub static CREATE: Operation = operation(Method::Post, "/users");

pub fn url(text: &str) -> Url {
    Url::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub fn get(text: &str) -> Request {
    Request { method: Method::Get, url: url(text), headers: Headers::default(), body: Vec::new() }
}

pub fn headers(pairs: &[(&str, &str)]) -> Headers {
    let mut headers = Headers::default();
    for (name, value) in pairs {
        headers.push(name, *value);
    }
    headers
}

/// What an API in the manner of [`API`] makes of inputs, besides a domain, and of a store.
pub fn set_up(
    api: &'static Api,
    given: &[(&str, &str)],
    store: Option<Arc<dyn TokenStore>>,
) -> Result<(Credentials, Secrets), String> {
    let mut all: BTreeMap<String, SecretString> = BTreeMap::new();
    for (name, value) in given.iter().chain(&[("domain", "t.example.com")]) {
        all.insert((*name).to_owned(), (*value).into());
    }
    let mut problems = Vec::new();
    let inputs = Inputs::resolve(api.inputs, &all, &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    let base = url("https://t.example.com/api/v2");
    let allowed = api.allowed_hosts.iter().filter_map(|host| inputs.expand(host)).collect();
    let origins = Origins::new(base.clone(), base, allowed);
    let mut secrets = Secrets::default();
    inputs.secrets().for_each(|secret| secrets.add(secret));
    let credentials = Setup { inputs: &inputs, origins: &origins, secrets: &mut secrets, store }.credentials(&api.auth)?;
    Ok((credentials, secrets))
}

/// Where tokens come from, by client credentials.
pub fn token_source() -> TokenSource {
    match set_up(&API, &[("client_id", "id"), ("client_secret", "s3cret")], None) {
        Ok((Credentials::Token(source), _)) => source,
        other => panic!("{other:?}"),
    }
}

/// Fetches a token; `answer` is asked for the answer to each request.
pub fn fetch_with(
    source: &TokenSource,
    secrets: &Secrets,
    now: &mut Now,
    mut answer: impl FnMut(&Request) -> Result<Response, Error>,
) -> Result<Token, Error> {
    let headers = headers(&[("accept", "a"), ("content-type", "c")]);
    let mut fetch = source.fetch(secrets, &headers, *now);
    let mut event = FetchEvent::Start;
    loop {
        event = match fetch.step(event, *now) {
            FetchStep::Send(request) => FetchEvent::Answer(answer(&request)),
            FetchStep::Sleep(duration) => {
                now.elapsed += duration;
                FetchEvent::Slept
            }
            FetchStep::Done(outcome) => return outcome,
        };
    }
}

pub fn token_answer(token: &str) -> Response {
    reply(200, &[], &format!(r#"{{"access_token":"{token}","expires_in":86400}}"#))
}

/// A policy whose back-off always takes the longest wait, so that steps can be foretold.
pub fn policy(retry: Retry, credentials: Credentials) -> Policy {
    let base = url("https://api.example.com/v1");
    let mut secrets = Secrets::default();
    secrets.add("s3cret");
    Policy {
        origins: Origins::new(base.clone(), base, vec!["files.example.com".to_owned(), "plain.example.com".to_owned()]),
        credentials,
        secret_headers: vec![("x-trace-key", "trace-canary".into())],
        pace: Pace::new(retry, Box::new(|| 1.0)),
        gate: None,
        secrets,
    }
}

pub fn reply(status: u16, pairs: &[(&str, &str)], body: &str) -> Response {
    Response { status, headers: headers(pairs), body: body.as_bytes().to_vec() }
}

/// What the world answers to a request.
pub enum Reply {
    Response(Response),
    Fault(TransportFaultKind),
}

pub fn status(status: u16) -> Reply {
    Reply::Response(reply(status, &[], ""))
}

pub fn answer(status: u16, pairs: &[(&str, &str)]) -> Reply {
    Reply::Response(reply(status, pairs, ""))
}

/// The moment at which scripts begin: 2026-11-21T00:00:00Z.
pub const START: Now = Now { elapsed: Duration::ZERO, unix: Duration::from_secs(1_795_219_200) };

/// Runs an exchange by a script and tells each step as a line. Sleeping moves the clock and takes no time.
pub fn run(policy: &Policy, mut exchange: Exchange<'_>, now: &mut Now, script: Vec<Reply>) -> Vec<String> {
    let mut script = VecDeque::from(script);
    let mut lines = Vec::new();
    let mut event = Event::Start;
    loop {
        event = match exchange.step(event, *now) {
            Step::Send(request) => {
                lines.push(told(&request));
                match script.pop_front() {
                    Some(Reply::Response(response)) => Event::Response(response),
                    Some(Reply::Fault(kind)) => Event::Fault(TransportFault { kind, message: "no s3cret here".to_owned() }),
                    None => panic!("the script is over after {lines:#?}"),
                }
            }
            Step::Sleep(duration) => {
                lines.push(format!("sleep {} ms", duration.as_millis()));
                now.elapsed += duration;
                now.unix += duration;
                Event::Slept
            }
            Step::Queue => panic!("nothing else is under way after {lines:#?}"),
            Step::Token { refused } => {
                lines.push(refused.map_or("token".to_owned(), |serial| format!("token instead of {serial}")));
                let Some(source) = policy.credentials.source() else { panic!("no token is needed") };
                Event::Token(match source.claim(refused, *now) {
                    Claim::Held(token) => Ok(token),
                    Claim::Fetch { since } => {
                        let answer = token_answer(&format!("t{}", since + 1));
                        fetch_with(source, &policy.secrets, now, |_| Ok(answer.clone()))
                    }
                })
            }
            Step::Done(result) => {
                lines.push(match result {
                    Ok(response) => format!("done {}", response.status),
                    Err(error) => format!("failed {:?} {error}", error.kind()),
                });
                assert!(script.is_empty(), "{} replies are left after {lines:#?}", script.len());
                return lines;
            }
        }
    }
}

fn told(request: &Request) -> String {
    let headers = request.headers.iter().map(|(name, value)| format!(" {name}={value}"));
    format!("{} {}{}", request.method.as_str(), request.url, headers.collect::<String>())
}

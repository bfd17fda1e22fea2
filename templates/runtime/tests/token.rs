//! One fetch of a token: what counts as one, how long it lasts, and what is kept secret on the way.

mod client;

use std::time::Duration;

use client::{API, OAUTH2, START, headers, reply, set_up, url};
use tapwright_runtime::rt::auth::Credentials;
use tapwright_runtime::rt::descriptor::{Api, Auth, Segment};
use tapwright_runtime::rt::error::Result;
use tapwright_runtime::rt::message::Response;
use tapwright_runtime::rt::oauth2::OAuth2;
use tapwright_runtime::rt::origin::Origins;
use tapwright_runtime::rt::retry::Now;
use tapwright_runtime::rt::secret::Secrets;
use tapwright_runtime::rt::session::{Session, TokenIn};
use tapwright_runtime::rt::token::{Answer, Claim, FetchEvent, FetchStep, Grant, Next, Notes, Token, TokenSource};

const END: Answer = Answer { expires_path: &[], expires_at_path: &[Segment::Key("end")], ..Answer::OAUTH2 };

fn at(seconds: u64) -> Now {
    let elapsed = Duration::from_secs(seconds);
    Now { elapsed, unix: START.unix + elapsed }
}

fn source_of(auth: Auth) -> TokenSource {
    let api: &'static Api = Box::leak(Box::new(Api { auth, ..API }));
    match set_up(api, &[("client_id", "id"), ("client_secret", "s3cret")], None) {
        Ok((Credentials::Token(source), _)) => source,
        other => panic!("{other:?}"),
    }
}

fn source(answer: Answer) -> TokenSource {
    source_of(Auth::Scheme(Box::leak(Box::new(OAuth2 { answer, ..OAUTH2 }))))
}

/// A fetch that is asked for at the start, and answered at a moment.
fn fetch(source: &TokenSource, secrets: &Secrets, answer: Response, answered: Now) -> Result<Token> {
    let headers = headers(&[]);
    let mut fetch = source.fetch(secrets, &headers, START);
    let FetchStep::Send(_) = fetch.step(FetchEvent::Start, START) else { panic!("a request") };
    match fetch.step(FetchEvent::Answer(Ok(answer)), answered) {
        FetchStep::Done(outcome) => outcome,
        step => panic!("{step:?}"),
    }
}

/// Whether the token is good until a second, and no longer.
fn lasts(source: &TokenSource, seconds: u64) -> bool {
    let is_held = |second| matches!(source.claim(None, at(second)), Claim::Held(_));
    is_held(seconds - 1) && !is_held(seconds)
}

/// The end is told by the clock of the answer, and the life is counted from the request on.
#[test]
fn the_time_on_the_way_is_taken_from_the_life() {
    for (answer, body) in [
        (END, r#"{"access_token":"t","end":"2026-11-21T00:10:00Z"}"#),
        (Answer::OAUTH2, r#"{"access_token":"t","expires_in":500}"#),
    ] {
        let source = source(answer);
        fetch(&source, &Secrets::default(), reply(200, &[], body), at(100)).expect("a token");
        assert!(lasts(&source, 440), "{body}");
    }
}

#[test]
fn a_life_is_believed_within_bounds() {
    const YEARS: u64 = 10 * 365 * 24 * 3600;
    let cases = [
        ("as it ends", END, r#"{"access_token":"t","end":"2026-11-21T00:00:00Z"}"#, 3_540),
        ("a life that is too long", Answer::OAUTH2, r#"{"access_token":"t","expires_in":1e12}"#, YEARS - 60),
        ("the shortest by default", Answer { default_expires_in: 1, ..Answer::OAUTH2 }, r#"{"access_token":"t"}"#, 1),
    ];
    for (name, answer, body, expected) in cases {
        let source = source(answer);
        fetch(&source, &Secrets::default(), reply(200, &[], body), START).expect(name);
        assert!(lasts(&source, expected), "{name}");
    }
}

/// Where the spec does not say that the answer names a life, nothing in it is one.
#[test]
fn a_life_is_only_where_the_spec_says() {
    static SESSION: Session = Session {
        url: "/session",
        token: TokenIn::Header("x-id"),
        answer: Answer { expires_path: &[], expires_at_path: &[], default_expires_in: 0, ..Answer::OAUTH2 },
        ..Session::DEFAULT
    };
    let source = source_of(Auth::Scheme(&SESSION));
    fetch(&source, &Secrets::default(), reply(200, &[("x-id", "t")], "7"), START).expect("a token");
    assert!(matches!(source.claim(None, at(1_000_000_000)), Claim::Held(_)));
}

#[test]
fn a_token_is_text_that_a_header_can_hold() {
    for (token, is_one) in
        [("abc", true), ("a b", true), ("~!", true), ("", false), ("a\\tb", false), ("a\\r\\nb", false), ("é", false)]
    {
        let answer = reply(200, &[], &format!(r#"{{"access_token":"{token}"}}"#));
        let found = fetch(&source(Answer::OAUTH2), &Secrets::default(), answer, START);
        assert_eq!(found.as_ref().ok().map(Token::bare), is_one.then_some(token), "{token:?}");
    }
}

/// Makes tokens by itself.
#[derive(Debug)]
struct Maker;

impl Grant for Maker {
    fn ask(&self, notes: &mut Notes<'_>) -> Result<Next> {
        assert!(!notes.waited);
        Ok(Next::Made("home/made".into(), Duration::from_secs(600)))
    }
}

#[test]
fn a_token_that_is_made_is_as_secret_as_one_that_is_fetched() {
    let base = url("https://api.example.com/v1");
    let source = TokenSource::new(Maker, &Answer::OAUTH2, Origins::new(base.clone(), base, Vec::new()));
    let (secrets, headers) = (Secrets::default(), headers(&[]));
    let FetchStep::Done(Ok(token)) = source.fetch(&secrets, &headers, START).step(FetchEvent::Start, at(10)) else {
        panic!("a token")
    };
    assert_eq!(token.bare(), "home/made");
    assert!(lasts(&source, 550), "its life begins when it is made");
    assert_eq!(secrets.mask("it is home/made or home%2Fmade"), "it is *** or ***");
}

//! Refresh tokens: which one is sent, when the next one is kept, and what happens to one that is no longer good.

mod client;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use client::{API, START, fetch_with, headers, reply, set_up};
use tapwright_runtime::rt::auth::Credentials;
use tapwright_runtime::rt::descriptor::{Api, Auth, Input};
use tapwright_runtime::rt::error::{Error, ErrorKind};
use tapwright_runtime::rt::message::{Request, Response};
use tapwright_runtime::rt::oauth2::{OAuth2, SecretIn};
use tapwright_runtime::rt::refresh::RefreshToken;
use tapwright_runtime::rt::secret::{ExposeSecret, SecretString, Secrets};
use tapwright_runtime::rt::token::{FetchEvent, FetchStep, Token, TokenSource, TokenStore};
use tapwright_runtime::rt::token_store::{FileStore, MemoryStore};

const REFRESH: RefreshToken = RefreshToken {
    oauth2: OAuth2 { token_url: "https://{domain}/oauth/token", client_id: "{client_id}", ..OAuth2::DEFAULT },
    refresh_token: "{refresh_token}",
    token_file: "{token_file}",
    ..RefreshToken::DEFAULT
};

const INPUTS: &[Input] = &[
    client::input("domain", "SHOP__DOMAIN"),
    Input { default: Some(""), ..client::input("client_id", "SHOP__CLIENT_ID") },
    Input { default: Some(""), ..client::input("client_secret", "SHOP__CLIENT_SECRET") },
    Input { secret: true, default: Some(""), ..client::input("refresh_token", "SHOP__REFRESH_TOKEN") },
    Input { default: Some(""), ..client::input("token_file", "SHOP__TOKEN_FILE") },
];

const fn api(auth: Auth) -> Api {
    Api { name: "shop", inputs: INPUTS, auth, ..API }
}

const REFRESHED_API: Api = api(Auth::Scheme(&REFRESH));
static REFRESHED: Api = REFRESHED_API;

/// A store that says what is done with it, and whose saving may fail.
#[derive(Default)]
struct Spy {
    kept: MemoryStore,
    log: Arc<Mutex<Vec<String>>>,
    full: Mutex<bool>,
}

impl Spy {
    fn with(token: &str) -> Arc<Self> {
        Arc::new(Self { kept: MemoryStore::new(Some(token.into())), ..Self::default() })
    }

    fn kept(&self) -> String {
        self.kept.load().expect("memory").expect("a token").expose_secret().to_owned()
    }

    fn note(&self, line: String) {
        self.log.lock().expect("no test panics with the lock held").push(line);
    }
}

impl TokenStore for Spy {
    fn load(&self) -> io::Result<Option<SecretString>> {
        self.kept.load()
    }

    fn save(&self, refresh_token: &SecretString) -> io::Result<()> {
        if *self.full.lock().expect("no test panics with the lock held") {
            return Err(io::Error::other("the disk is full"));
        }
        self.note(format!("saved {}", refresh_token.expose_secret()));
        self.kept.save(refresh_token)
    }
}

fn source(given: &[(&str, &str)], store: Option<Arc<dyn TokenStore>>) -> TokenSource {
    match set_up(&REFRESHED, given, store) {
        Ok((Credentials::Token(source), _)) => source,
        other => panic!("{other:?}"),
    }
}

/// The refresh token that a request sends.
fn sent(request: &Request) -> String {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    assert!(body.contains("grant_type=refresh_token"), "{body}");
    body.split('&').find_map(|pair| pair.strip_prefix("refresh_token=")).expect("a refresh token").to_owned()
}

fn tokens(access: &str, refresh: Option<&str>) -> Response {
    let refresh = refresh.map(|token| format!(r#","refresh_token":"{token}""#)).unwrap_or_default();
    reply(200, &[], &format!(r#"{{"access_token":"{access}","expires_in":3600{refresh}}}"#))
}

fn invalid_grant() -> Error {
    Error::new(ErrorKind::Auth, "it has expired").with_response(400, None, b"").with_code(Some("invalid_grant".to_owned()))
}

/// Fetches a token from a service that takes these refresh tokens, each once, and gives the next one of each pair.
fn fetch(source: &TokenSource, log: &Mutex<Vec<String>>, good: &[(&str, Option<&str>)]) -> Result<Token, Error> {
    fetch_with(source, &Secrets::default(), &mut START.clone(), |request| {
        let token = sent(request);
        log.lock().expect("no test panics with the lock held").push(format!("sent {token}"));
        match good.iter().find(|(known, _)| *known == token) {
            Some((_, next)) => Ok(tokens("a", *next)),
            None => Err(invalid_grant()),
        }
    })
}

#[test]
fn the_next_token_is_kept_before_the_access_token_is_used() {
    let spy = Spy::with("r1");
    let source = source(&[], Some(spy.clone()));
    for (good, next) in [("r1", "r2"), ("r2", "r3")] {
        fetch(&source, &spy.log, &[(good, Some(next))]).expect("a token");
        spy.note("used".to_owned());
    }
    fetch(&source, &spy.log, &[("r3", None)]).expect("a token");
    let log = spy.log.lock().expect("no test panics with the lock held");
    assert_eq!(*log, ["sent r1", "saved r2", "used", "sent r2", "saved r3", "used", "sent r3"]);
}

#[test]
fn without_a_store_the_next_token_is_remembered() {
    let (source, log) = (source(&[("refresh_token", "r1")], None), Mutex::default());
    fetch(&source, &log, &[("r1", Some("r2"))]).expect("a token");
    fetch(&source, &log, &[("r2", None)]).expect("a token");
    assert_eq!(*log.lock().expect("no test panics with the lock held"), ["sent r1", "sent r2"]);
}

#[test]
fn what_the_store_holds_comes_before_what_the_user_gave() {
    let spy = Spy::with("old");
    let source = source(&[("refresh_token", "given")], Some(spy.clone()));
    // The user has logged in anew by other means, and the store is behind.
    fetch(&source, &spy.log, &[("given", None)]).expect("a token");
    assert_eq!(*spy.log.lock().expect("no test panics with the lock held"), ["sent old", "sent given", "saved given"]);
    assert_eq!(spy.kept(), "given");
}

#[test]
fn another_program_is_given_time_to_save() {
    let spy = Spy::with("r1");
    let source = source(&[], Some(spy.clone()));
    let (secrets, headers) = (Secrets::default(), headers(&[]));
    let mut fetch = source.fetch(&secrets, &headers, START);
    let FetchStep::Send(request) = fetch.step(FetchEvent::Start, START) else { panic!("a request") };
    assert_eq!(sent(&request), "r1");
    let step = fetch.step(FetchEvent::Answer(Err(invalid_grant())), START);
    assert!(matches!(step, FetchStep::Sleep(wait) if wait == Duration::from_secs(1)), "{step:?}");
    spy.kept.save(&"r2".into()).expect("memory");
    let FetchStep::Send(request) = fetch.step(FetchEvent::Slept, START) else { panic!("a request") };
    assert_eq!(sent(&request), "r2");
    let FetchStep::Done(Ok(token)) = fetch.step(FetchEvent::Answer(Ok(tokens("a", Some("r3")))), START) else {
        panic!("a token")
    };
    assert_eq!((token.bare(), spy.kept().as_str()), ("a", "r3"));
}

#[test]
fn a_token_that_nobody_renewed_asks_for_a_login() {
    let spy = Spy::with("r1");
    let error = fetch(&source(&[], Some(spy.clone())), &spy.log, &[]).expect_err("it is refused");
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert_eq!(error.message(), "the refresh token is no longer valid (it has expired); log in again");
    assert_eq!((error.status(), error.code()), (Some(400), Some("invalid_grant")));
    assert_eq!(*spy.log.lock().expect("no test panics with the lock held"), ["sent r1"]);
    // What is wrong with the client, or with the service, is no reason to log in again.
    for (status, code) in [(401, "invalid_client"), (500, "server_error")] {
        let failure = || Error::new(ErrorKind::Auth, "no").with_response(status, None, b"").with_code(Some(code.to_owned()));
        let source = source(&[], Some(spy.clone()));
        let error = fetch_with(&source, &Secrets::default(), &mut START.clone(), |_| Err(failure())).expect_err("it is refused");
        assert_eq!(error.message(), "no", "{code}");
    }
}

#[test]
fn a_token_that_can_not_be_kept_is_an_error_and_not_lost() {
    let spy = Spy::with("r1");
    let source = source(&[], Some(spy.clone()));
    *spy.full.lock().expect("no test panics with the lock held") = true;
    let error = fetch(&source, &spy.log, &[("r1", Some("r2"))]).expect_err("it is not kept");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().ends_with("the old one is no longer valid: the disk is full"), "{error}");
    *spy.full.lock().expect("no test panics with the lock held") = false;
    fetch(&source, &spy.log, &[("r2", None)]).expect("a token");
    assert_eq!(*spy.log.lock().expect("no test panics with the lock held"), ["sent r1", "sent r2", "saved r2"]);
}

#[test]
fn a_token_that_was_not_kept_is_tried_once_and_forgotten_when_another_is_kept() {
    let spy = Spy::with("r1");
    let full = |is_full| *spy.full.lock().expect("no test panics with the lock held") = is_full;
    let told = || spy.log.lock().expect("no test panics with the lock held").drain(..).collect::<Vec<_>>();
    let source = source(&[], Some(spy.clone()));
    full(true);
    fetch(&source, &spy.log, &[("r1", Some("r2"))]).expect_err("it is not kept");
    fetch(&source, &spy.log, &[]).expect_err("neither is good");
    assert_eq!(told(), ["sent r1", "sent r2", "sent r1"]);
    full(false);
    for (good, next) in [("r2", "r3"), ("r3", "r4")] {
        fetch(&source, &spy.log, &[(good, Some(next))]).expect("a token");
        assert_eq!(told(), [format!("sent {good}"), format!("saved {next}")]);
    }
}

/// The first step after a request for a token was refused.
fn after(source: &TokenSource, begin: FetchEvent, refusal: Error) -> FetchStep {
    let (secrets, headers) = (Secrets::default(), headers(&[]));
    let mut fetch = source.fetch(&secrets, &headers, START);
    let FetchStep::Send(_) = fetch.step(begin, START) else { panic!("a request") };
    fetch.step(FetchEvent::Answer(Err(refusal)), START)
}

#[test]
fn another_token_is_tried_only_where_the_one_that_was_sent_is_the_trouble() {
    let refusal = |status, code: Option<&str>, body: &[u8]| {
        Error::new(ErrorKind::Auth, "no").with_response(status, None, body).with_code(code.map(str::to_owned))
    };
    let code = || FetchEvent::Redeem(vec![("code", "c".to_owned())]);
    let two = || source(&[("refresh_token", "given")], Some(Spy::with("kept")));
    assert!(matches!(after(&two(), FetchEvent::Start, invalid_grant()), FetchStep::Send(_)));
    assert!(matches!(after(&two(), code(), invalid_grant()), FetchStep::Done(Err(_))), "nothing stands in for a code");
    let failing = refusal(500, Some("invalid_grant"), b"");
    assert!(matches!(after(&two(), FetchEvent::Start, failing), FetchStep::Done(Err(_))), "the service fails");

    let shared = || source(&[], Some(Spy::with("kept")));
    for (status, code, body, is_over) in [
        (400, Some("invalid_grant"), &b""[..], true),
        (401, Some("invalid_refresh_token"), b"", true),
        (403, None, br#"{"reason":"invalid_grant"}"#, true),
        (400, None, br#"{"reason":"invalid_refresh"}"#, true),
        (401, Some("invalid_client"), b"", false),
    ] {
        let step = after(&shared(), FetchEvent::Start, refusal(status, code, body));
        assert_eq!(matches!(step, FetchStep::Sleep(_)), is_over, "{status} {code:?}: {step:?}");
    }
    let alone = source(&[("refresh_token", "given")], None);
    let step = after(&alone, FetchEvent::Start, invalid_grant());
    assert!(matches!(step, FetchStep::Done(Err(_))), "nobody else may have saved one: {step:?}");
}

#[test]
fn a_client_without_a_token_or_a_store_is_not_built() {
    let error = set_up(&REFRESHED, &[], None).expect_err("nothing to begin with");
    assert_eq!(
        error,
        "`refresh_token` is missing: set it, name the file that keeps it with `token_file`, or bring a token store"
    );
    let source = source(&[], Some(Arc::new(MemoryStore::default())));
    let error = fetch(&source, &Mutex::default(), &[]).expect_err("the store is empty");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Auth, "nobody has logged in: log in first"));
}

#[test]
fn the_client_goes_into_the_body_or_the_header() {
    const HEADER: RefreshToken = RefreshToken {
        oauth2: OAuth2 { client_secret: "{client_secret}", secret_in: SecretIn::Header, ..REFRESH.oauth2 },
        ..REFRESH
    };
    static IN_HEADER: Api = api(Auth::Scheme(&HEADER));
    type Given = &'static [(&'static str, &'static str)];
    let cases: [(&'static Api, Given, &str, bool); 4] = [
        (&REFRESHED, &[], "grant_type=refresh_token&refresh_token=r", false),
        (&REFRESHED, &[("client_id", "i")], "grant_type=refresh_token&client_id=i&refresh_token=r", false),
        (&IN_HEADER, &[("client_id", "i"), ("client_secret", "s")], "grant_type=refresh_token&refresh_token=r", true),
        // A client without a secret names itself in the body.
        (&IN_HEADER, &[("client_id", "i")], "grant_type=refresh_token&client_id=i&refresh_token=r", false),
    ];
    for (api, given, body, in_header) in cases {
        let given: Vec<_> = given.iter().copied().chain([("refresh_token", "r")]).collect();
        let Ok((Credentials::Token(source), _)) = set_up(api, &given, None) else { panic!("{body}") };
        fetch_with(&source, &Secrets::default(), &mut START.clone(), |request| {
            assert_eq!(String::from_utf8_lossy(&request.body), body);
            assert_eq!(request.headers.get("authorization").is_some(), in_header, "{body}");
            Ok(tokens("a", None))
        })
        .expect("a token");
    }
}

#[test]
fn tokens_that_come_at_run_time_are_masked() {
    let (secrets, source) = (Secrets::default(), source(&[("refresh_token", "given")], None));
    fetch_with(&source, &secrets, &mut START.clone(), |_| Ok(tokens("access/1", Some("next")))).expect("a token");
    let text = secrets.mask(r"given access/1 access%2F1 access\/1 next");
    assert_eq!(text, "*** *** *** *** ***");
}

/// What a user who logged in has been given is traded for tokens, and is secret but for the address that is public.
#[test]
fn a_code_is_traded_once_and_masked() {
    let store = Arc::new(MemoryStore::default());
    let source = source(&[], Some(store.clone()));
    let (secrets, headers) = (Secrets::default(), headers(&[]));
    let mut fetch = source.fetch(&secrets, &headers, START);
    let page = "http://127.0.0.1:8/callback";
    let code = [("code", "c0de/1"), ("redirect_uri", page), ("code_verifier", "v3rifier")];
    let code = code.map(|(name, value)| (name, value.to_owned())).to_vec();
    let FetchStep::Send(request) = fetch.step(FetchEvent::Redeem(code), START) else { panic!("a request") };
    let body = String::from_utf8_lossy(&request.body).into_owned();
    assert!(body.contains("grant_type=authorization_code") && body.contains("code=c0de%2F1"), "{body}");
    assert_eq!(secrets.mask(&format!("c0de/1 c0de%2F1 v3rifier {page}")), format!("*** *** *** {page}"));
    let step = fetch.step(FetchEvent::Answer(Ok(tokens("a", Some("r1")))), START);
    assert!(matches!(step, FetchStep::Done(Ok(_))), "{step:?}");
    assert_eq!(store.load().expect("memory").expect("a token").expose_secret(), "r1");
    // Another client's login has no codes.
    let other = client::token_source();
    let step = other.fetch(&secrets, &headers, START).step(FetchEvent::Redeem(Vec::new()), START);
    assert!(matches!(step, FetchStep::Done(Err(error)) if error.kind() == ErrorKind::Config));
}

/// The token that the other program kept meanwhile may be used up as well; nobody is waited for a second time.
#[test]
fn a_second_refusal_is_the_end() {
    let spy = Spy::with("r1");
    let source = source(&[], Some(spy.clone()));
    let (secrets, headers) = (Secrets::default(), headers(&[]));
    let mut fetch = source.fetch(&secrets, &headers, START);
    fetch.step(FetchEvent::Start, START);
    assert!(matches!(fetch.step(FetchEvent::Answer(Err(invalid_grant())), START), FetchStep::Sleep(_)));
    spy.kept.save(&"r2".into()).expect("memory");
    assert!(matches!(fetch.step(FetchEvent::Slept, START), FetchStep::Send(_)));
    let step = fetch.step(FetchEvent::Answer(Err(invalid_grant())), START);
    assert!(matches!(step, FetchStep::Done(Err(_))), "{step:?}");
}

#[test]
fn a_file_holds_one_token_for_its_owner() {
    let folder = std::env::temp_dir().join(format!("tapwright-token-store-{}", std::process::id()));
    let path = folder.join("new/token.json");
    let store = FileStore::new(&path);
    assert!(store.load().expect("no file is no error").is_none());
    for token in ["first", "a \"quoted\" one"] {
        store.save(&token.into()).expect("it can be written");
        assert_eq!(store.load().expect("it can be read").expect("a token").expose_secret(), token);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).expect("the file is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{token}");
        }
    }
    let names: Vec<_> =
        std::fs::read_dir(folder.join("new")).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names, ["token.json"], "nothing is left beside it");
    for broken in ["", "{}", "canary", r#"{"refresh_token":""}"#] {
        std::fs::write(&path, broken).expect("it can be written");
        let error = store.load().expect_err(broken).to_string();
        assert!(!error.contains("canary"), "{error}");
    }
    // A folder in the way: nothing is lost, and nothing is left.
    let blocked = FileStore::new(folder.join("new"));
    assert!(blocked.load().is_err(), "what can not be read is not taken for nothing");
    assert!(blocked.save(&"x".into()).is_err());
    assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 1);
    std::fs::remove_dir_all(&folder).expect("it can be removed");
}

#[test]
fn a_refresh_token_is_secret_whatever_its_input_is() {
    const OPEN: &[Input] = &[
        client::input("domain", "SHOP__DOMAIN"),
        client::input("client_id", "SHOP__CLIENT_ID"),
        Input { default: Some(""), ..client::input("client_secret", "SHOP__CLIENT_SECRET") },
        client::input("refresh_token", "SHOP__REFRESH_TOKEN"),
        Input { default: Some(""), ..client::input("token_file", "SHOP__TOKEN_FILE") },
    ];
    static TOLD: Api = Api { inputs: OPEN, ..REFRESHED_API };
    let (_, secrets) = set_up(&TOLD, &[("client_id", "me"), ("refresh_token", "r-canary")], None).expect("a login");
    assert_eq!(secrets.mask("it was r-canary"), "it was ***");
}

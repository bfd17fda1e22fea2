//! Sessions, choices of logins, several credentials at once, and logins that say where requests go.

mod client;

use std::sync::Arc;

use client::{API, LIST, RETRY, Reply, START, fetch_with, get, headers, policy, reply, run, set_up, url};
use tapwright_runtime::rt::auth::{Credentials, Place};
use tapwright_runtime::rt::descriptor::{Api, Auth, BodyEncoding, Input, KeyLocation, Method, Segment};
use tapwright_runtime::rt::error::ErrorKind;
use tapwright_runtime::rt::exchange::{Exchange, Policy};
use tapwright_runtime::rt::message::{Request, Response};
use tapwright_runtime::rt::oauth2::OAuth2;
use tapwright_runtime::rt::one_of::{Choice, OneOf};
use tapwright_runtime::rt::origin::Origins;
use tapwright_runtime::rt::refresh::RefreshToken;
use tapwright_runtime::rt::secret::Secrets;
use tapwright_runtime::rt::session::{Session, TokenIn};
use tapwright_runtime::rt::token::{Answer, Token, TokenSource, TokenStore};
use tapwright_runtime::rt::token_store::MemoryStore;

const SESSION: Session = Session {
    url: "/session",
    fields: &[("username", "{client_id}"), ("password", "{client_secret}"), ("organization", "{organization}")],
    ..Session::DEFAULT
};

type Given<'a> = &'a [(&'a str, &'a str)];

const GIVEN: Given<'static> = &[("client_id", "me"), ("client_secret", "s3cret")];

fn leaked(auth: Auth) -> &'static Api {
    Box::leak(Box::new(Api { auth, ..API }))
}

fn source(session: &Session) -> TokenSource {
    match set_up(leaked(Auth::Scheme(Box::leak(Box::new(*session)))), GIVEN, None) {
        Ok((Credentials::Token(source), _)) => source,
        other => panic!("{other:?}"),
    }
}

/// The login that is sent, and what becomes of its answer.
fn log_in(session: &Session, answer: &Response) -> (Request, Option<Token>) {
    let mut sent = None;
    let token = fetch_with(&source(session), &Secrets::default(), &mut START.clone(), |request| {
        sent = Some(request.clone());
        Ok(answer.clone())
    });
    (sent.expect("a login"), token.ok())
}

#[test]
fn the_login_is_written_as_the_spec_says() {
    let token = reply(200, &[], r#"{"access_token":"t"}"#);
    let told = |session| {
        let (request, _) = log_in(&session, &token);
        let header = |name| request.headers.get(name).unwrap_or("-").to_owned();
        let body = String::from_utf8_lossy(&request.body).into_owned();
        format!("{} {} {} {} {body}", request.method.as_str(), request.url, header("content-type"), header("authorization"))
    };
    let form = "application/x-www-form-urlencoded";
    assert_eq!(told(SESSION), format!("POST https://t.example.com/api/v2/session {form} - username=me&password=s3cret"));
    assert_eq!(
        told(Session { encoding: BodyEncoding::Json, url: "https://{domain}/in", ..SESSION }),
        r#"POST https://t.example.com/in application/json - {"username":"me","password":"s3cret"}"#,
    );
    let basic = Session { username: "{client_id}", password: "{client_secret}", fields: &[], ..SESSION };
    // The content type is the client's own, as nothing is sent.
    assert_eq!(told(basic), "POST https://t.example.com/api/v2/session c Basic bWU6czNjcmV0 ");
    let query = Session { method: Method::Get, params: &[("key", "{client_secret}")], fields: &[], ..SESSION };
    assert_eq!(told(query), "GET https://t.example.com/api/v2/session?key=s3cret c - ");
}

#[test]
fn the_token_is_where_the_spec_says_and_goes_where_it_says() {
    let place = |location, name, prefix| Place { location, name, prefix };
    let answer = |place| Answer { place, token_path: &[Segment::Key("data"), Segment::Key("id")], ..SESSION.answer };
    let cases = [
        (
            TokenIn::Body,
            place(KeyLocation::Header, "X-Session", "Token "),
            reply(200, &[], r#"{"data":{"id":"t"}}"#),
            "x-session=Token t",
        ),
        (TokenIn::Header("X-Id"), place(KeyLocation::Query, "sid", ""), reply(201, &[("x-id", " t ")], ""), "?sid=t"),
        (
            TokenIn::Cookie("sid"),
            place(KeyLocation::Cookie, "sid", ""),
            reply(204, &[("set-cookie", "other=1; Path=/"), ("set-cookie", "sid=t; HttpOnly")], ""),
            "cookie=a=b; sid=t",
        ),
        (
            TokenIn::Cookie("sid"),
            place(KeyLocation::Query, "sid", ""),
            reply(204, &[("set-cookie", " sid = t ; Path=/")], ""),
            "?sid=t",
        ),
    ];
    for (token, place, response, expected) in cases {
        let (_, token) = log_in(&Session { token, answer: answer(place), ..SESSION }, &response);
        let mut request = Request { headers: headers(&[("cookie", "a=b")]), ..get("https://t.example.com/x") };
        token.expect(expected).put(&mut request);
        let told: Vec<_> = request.headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let told = format!("{} {}", request.url, told.join(" "));
        assert!(told.contains(expected), "{told}");
    }
    for nothing in [reply(200, &[], "{}"), reply(200, &[("x-id", "")], "{}")] {
        for token in [TokenIn::Body, TokenIn::Header("x-id"), TokenIn::Cookie("sid")] {
            assert!(log_in(&Session { token, ..SESSION }, &nothing).1.is_none());
        }
    }
}

/// A policy of an API at `api.example.com` with these credentials.
fn policy_of(auth: Auth, given: &[(&str, &str)]) -> Policy {
    let (credentials, _) = set_up(leaked(auth), given, None).expect("credentials");
    policy(RETRY, credentials)
}

#[test]
fn another_login_is_made_on_the_statuses_of_the_spec() {
    static KEPT: Session = Session { answer: Answer { refused_on: &[401, 419], ..SESSION.answer }, ..SESSION };
    for (status, again) in [(401, true), (419, true), (403, false)] {
        let policy = policy_of(Auth::Scheme(&KEPT), GIVEN);
        let exchange = Exchange::new(&policy, &LIST, get("https://api.example.com/v1/users"));
        let mut script = vec![Reply::Response(reply(status, &[], ""))];
        script.extend(again.then(|| Reply::Response(reply(200, &[], ""))));
        let steps = run(&policy, exchange, &mut START.clone(), script);
        assert_eq!(steps.iter().any(|step| step == "token instead of 1"), again, "{status}: {steps:?}");
        // An answer without a life lasts until it is refused.
        assert_eq!(steps.last().is_some_and(|step| step.starts_with("done 200")), again, "{status}: {steps:?}");
    }
}

#[test]
fn several_credentials_go_along_at_once() {
    const KEY: Auth = Auth::ApiKey { name: "key", location: KeyLocation::Query, value: "{client_id}" };
    const TOKEN: Auth = Auth::ApiKey { name: "token", location: KeyLocation::Query, value: "{client_secret}" };
    let policy = policy_of(Auth::All(&[KEY, TOKEN, Auth::Scheme(&SESSION)]), GIVEN);
    let exchange = Exchange::new(&policy, &LIST, get("https://api.example.com/v1/users"));
    let steps = run(&policy, exchange, &mut START.clone(), vec![Reply::Response(reply(200, &[], ""))]);
    let sent = "GET https://api.example.com/v1/users?key=me&token=s3cret x-trace-key=trace-canary authorization=Bearer t1";
    assert_eq!(steps, ["token", sent, "done 200"]);
}

/// What the choice of a client with these inputs is.
fn chosen(given: &[(&str, &str)], default: &'static str, store: bool) -> Result<String, String> {
    const REFRESH: RefreshToken = RefreshToken {
        oauth2: OAuth2 { token_url: "https://{domain}/t", ..OAuth2::DEFAULT },
        refresh_token: "{refresh_token}",
        token_file: "{token_file}",
        ..RefreshToken::DEFAULT
    };
    const PLAIN: Choice = Choice { name: "", required: &[], optional: &[], stored: &[], token_file: "", auth: Auth::None };
    const fn key(name: &'static str, value: &'static str) -> Auth {
        Auth::ApiKey { name, location: KeyLocation::Header, value }
    }
    const OPTIONS: &[Choice] = &[
        Choice { name: "token", required: &["token"], auth: key("token", "{token}"), ..PLAIN },
        Choice { name: "login", required: &["user", "password"], optional: &["realm"], auth: key("login", "{user}"), ..PLAIN },
        Choice { name: "same", required: &["user", "password"], optional: &["tenant"], auth: key("same", "{user}"), ..PLAIN },
        Choice {
            name: "refresh",
            stored: &["refresh_token"],
            token_file: "token_file",
            optional: &["token_file"],
            auth: Auth::Scheme(&REFRESH),
            ..PLAIN
        },
    ];
    const fn optional(name: &'static str, env: &'static str) -> Input {
        Input { default: Some(""), ..client::input(name, env) }
    }
    const INPUTS: &[Input] = &[
        client::input("domain", "S__DOMAIN"),
        optional("token", "S__TOKEN"),
        optional("user", "S__USER"),
        optional("password", "S__PASSWORD"),
        Input { default: Some("main"), ..client::input("realm", "S__REALM") },
        optional("tenant", "S__TENANT"),
        optional("refresh_token", "S__REFRESH_TOKEN"),
        optional("token_file", "S__TOKEN_FILE"),
        optional("auth", "S__AUTH"),
    ];
    let one_of: &'static OneOf = Box::leak(Box::new(OneOf { input: "auth", default, options: OPTIONS }));
    let api = Api { auth: Auth::Scheme(one_of), inputs: INPUTS, ..API };
    let store = store.then(|| Arc::new(MemoryStore::default()) as Arc<dyn TokenStore>);
    set_up(Box::leak(Box::new(api)), given, store).map(|(credentials, _)| match credentials {
        Credentials::Fixed { place, .. } => place.name.to_owned(),
        Credentials::Token(_) => "refresh".to_owned(),
        other => format!("{other:?}"),
    })
}

#[test]
fn a_login_is_chosen_by_name_or_by_what_is_given() {
    let user = [("user", "u"), ("password", "p")];
    let with = |more: &[(&'static str, &'static str)]| [&user[..], more].concat();
    let good: [(Given, &str, bool, &str); 9] = [
        (&[("token", "t")], "", false, "token"),
        (&[("auth", "same"), ("user", "u"), ("password", "p")], "", false, "same"),
        (&[("auth", "token"), ("token", "t"), ("user", "u")], "", false, "token"),
        (&with(&[("realm", "r")]), "", false, "login"),
        (&with(&[("tenant", "t")]), "", false, "same"),
        (&[("refresh_token", "r")], "token", false, "refresh"),
        (&[("token_file", "/f")], "", false, "refresh"),
        (&[], "", true, "refresh"),
        (&[("token", "t")], "login", false, "token"),
    ];
    for (given, default, store, expected) in good {
        assert_eq!(chosen(given, default, store).as_deref(), Ok(expected), "{given:?}");
    }
    let bad: [(Given, &str, &str); 7] = [
        (
            &[],
            "",
            "no login is complete: `token` needs `token` (S__TOKEN); `login` needs `user` (S__USER), `password` (S__PASSWORD); \
             `same` needs `user` (S__USER), `password` (S__PASSWORD); `refresh` needs `refresh_token` (S__REFRESH_TOKEN)",
        ),
        (&[], "token", "the login `token` needs `token` (S__TOKEN)"),
        (
            &[("tenant", "t"), ("user", "u")],
            "token",
            "no login is complete: `login` needs `password` (S__PASSWORD); `same` needs `password` (S__PASSWORD)",
        ),
        (&user, "", "both the login `login` and the login `same` could be meant: say which with `auth` (S__AUTH)"),
        (
            &[("token", "t"), ("refresh_token", "r")],
            "",
            "inputs of several logins are set (`token`, `refresh`): say which is meant with `auth` (S__AUTH)",
        ),
        (
            &[("token", "t"), ("user", "u")],
            "",
            "inputs of several logins are set: complete is `token`, but `login` needs `password` (S__PASSWORD); `same` needs \
             `password` (S__PASSWORD); say which is meant with `auth` (S__AUTH)",
        ),
        (&[("auth", "login"), ("token", "t")], "", "the login `login` needs `user` (S__USER), `password` (S__PASSWORD)"),
    ];
    for (given, default, expected) in bad {
        assert_eq!(chosen(given, default, false), Err(expected.to_owned()), "{given:?}");
    }
}

fn origins(base: &str) -> Origins {
    let allowed = ["*.my.example.com", "files.example.com", "*.*.deep.example.com"].map(str::to_owned);
    Origins::new(url(base), url("https://login.example.com/data/v1"), allowed.to_vec())
}

#[test]
fn a_star_is_one_label_of_a_host() {
    let page = url("https://login.example.com/data/v1/x");
    let follows = |link: &str| origins("https://login.example.com/data/v1").follow(&page, link).is_ok();
    for good in [
        "https://a.my.example.com/x",
        "https://A.MY.example.com/x",
        "https://a.b.deep.example.com/",
        "https://files.example.com/",
    ] {
        assert!(follows(good), "{good}");
    }
    for bad in [
        "https://my.example.com/",
        "https://b.a.my.example.com/",
        "https://.my.example.com/",
        "https://a.my.example.com.evil.example/",
        "https://a.my.example.com:8443/",
        "http://a.my.example.com/",
        "https://evil.example/?a.my.example.com",
        "https://a.deep.example.com/",
    ] {
        assert!(!follows(bad), "{bad}");
    }
}

#[test]
fn only_an_allowed_address_takes_the_place_of_the_base() {
    let home = |text: &str| origins("https://login.example.com/data/v1").home_from_answer(text);
    for good in ["https://acme.my.example.com", "https://acme.my.example.com/eu/", "https://login.example.com/other"] {
        assert!(home(good).is_ok(), "{good}");
    }
    for bad in [
        "https://evil.example",
        "http://acme.my.example.com",
        "http://login.example.com",
        "acme.my.example.com",
        "https://acme.my.example.com/?x=1",
        "https://user:secret@acme.my.example.com",
        "",
    ] {
        let error = home(bad).expect_err(bad);
        assert_eq!(error.kind(), ErrorKind::Origin, "{bad}: {error}");
        assert!(!error.message().contains("secret"));
    }
}

#[test]
fn requests_and_links_go_below_the_address_of_the_login() {
    let (origins, home) = (origins("https://login.example.com/data/v1"), url("https://acme.my.example.com/eu"));
    let (canonical, actual) =
        (url("https://login.example.com/data/v1/x?a=1"), url("https://acme.my.example.com/eu/data/v1/x?a=1"));
    assert_eq!(origins.below(&home, &canonical), actual);
    assert_eq!(origins.from_below(&home, actual), canonical);
    let follow = |link: &str| origins.follow_below(&home, &canonical, link).map(|url| url.to_string());
    for (link, expected) in [
        ("?a=2", "https://login.example.com/data/v1/x?a=2"),
        ("/eu/data/v1/x?a=2", "https://login.example.com/data/v1/x?a=2"),
        ("https://acme.my.example.com/eu/data/v1/y", "https://login.example.com/data/v1/y"),
        ("https://login.example.com/data/v1/z", "https://login.example.com/data/v1/z"),
        // Elsewhere on the same host, and on another allowed one: links that may be followed, without credentials.
        ("https://acme.my.example.com/us/x", "https://acme.my.example.com/us/x"),
        ("https://other.my.example.com/eu/x", "https://other.my.example.com/eu/x"),
    ] {
        assert_eq!(follow(link).expect(link), expected);
    }
    assert_eq!(follow("https://evil.example/").expect_err("it is not allowed").kind(), ErrorKind::Origin);
    let elsewhere = url("https://files.example.com/x");
    assert_eq!(origins.below(&home, &elsewhere), elsewhere, "what is not at the base stays where it is");

    // Where the caller overrides the base, everything goes there, unless the answer names a place there.
    let moved = self::origins("http://127.0.0.1:8080/api");
    let canonical = url("http://127.0.0.1:8080/api/x");
    assert_eq!(moved.below(&home, &canonical), canonical);
    assert_eq!(moved.below(&url("http://127.0.0.1:8080/instance"), &canonical), url("http://127.0.0.1:8080/instance/api/x"));
}

#[test]
fn a_call_goes_where_the_login_says_with_its_token() {
    static HOME: OAuth2 = OAuth2 {
        token_url: "https://{domain}/token",
        client_id: "{client_id}",
        client_secret: "{client_secret}",
        answer: Answer { base_url_path: &[Segment::Key("instance_url")], ..Answer::OAUTH2 },
        ..OAuth2::DEFAULT
    };
    static NAMED: Api = Api { auth: Auth::Scheme(&HOME), allowed_hosts: &["*.my.example.com"], ..API };
    let fetched = |body: &str| {
        let Ok((Credentials::Token(source), _)) = set_up(&NAMED, GIVEN, None) else { panic!("a source") };
        let secrets = Secrets::default();
        fetch_with(&source, &secrets, &mut START.clone(), |_| Ok(reply(200, &[], body))).map(|_| source)
    };
    let source = fetched(r#"{"access_token":"t","instance_url":"https://acme.my.example.com"}"#).expect("a token");
    let policy = policy(RETRY, Credentials::Token(source));
    let mut redirected = reply(302, &[("location", "https://acme.my.example.com/v1/moved")], "");
    redirected.body.clear();
    let exchange = Exchange::new(&policy, &LIST, get("https://api.example.com/v1/users"));
    let script = vec![Reply::Response(redirected), Reply::Response(reply(200, &[], ""))];
    let sent = |path: &str| format!("GET https://acme.my.example.com/v1/{path} x-trace-key=trace-canary authorization=Bearer t");
    assert_eq!(
        run(&policy, exchange, &mut START.clone(), script),
        ["token".to_owned(), sent("users"), "token".to_owned(), sent("moved"), "done 200".to_owned()],
    );

    for (body, kind) in [
        (r#"{"access_token":"t","instance_url":"https://evil.example"}"#, ErrorKind::Origin),
        (r#"{"access_token":"t"}"#, ErrorKind::Auth),
    ] {
        let error = fetched(body).expect_err(body);
        assert_eq!(error.kind(), kind, "{error}");
    }
}

/// A server on this machine stands for every host that the spec names, and for none that the service names.
#[test]
fn a_test_server_stands_for_the_hosts_of_the_spec() {
    let token = "https://login.elsewhere.com/oauth/token?x=1";
    for base in ["http://127.0.0.1:8080/api", "http://localhost:8080", "http://[::1]:8080"] {
        let moved = origins(base).named(url(token)).to_string();
        assert!(
            moved.starts_with(&base[..base.find(":8080").expect("a port")]) && moved.ends_with("8080/oauth/token?x=1"),
            "{moved}"
        );
        let page = url(base);
        assert!(origins(base).follow(&page, "https://evil.example/").is_err(), "a link is the service's own doing");
    }
    for base in ["https://login.example.com/data/v1", "https://proxy.example.com", "http://127.0.0.1.example.com"] {
        assert_eq!(origins(base).named(url(token)).as_str(), token, "{base}");
    }
    let local = Origins::new(url("http://127.0.0.1:1"), url("http://localhost:2"), Vec::new());
    assert_eq!(local.named(url(token)).as_str(), token, "a service that is at home here has its neighbours");
}

#[test]
fn credentials_go_to_further_hosts_that_the_spec_calls_its_own() {
    let base = url("https://api.example.com/v1");
    let origins = Origins::new(base.clone(), base, Vec::new()).trusting(vec!["Second.example.com".to_owned()]);
    for (address, is_own) in [
        ("https://api.example.com/x", true),
        ("https://second.example.com/x", true),
        ("http://second.example.com/x", false),
        ("https://second.example.com:8443/x", false),
        ("https://a.second.example.com/x", false),
        ("https://second.example.com.evil.example/x", false),
    ] {
        assert_eq!(origins.is_own(&url(address)), is_own, "{address}");
        assert_eq!(origins.follow(&url("https://api.example.com/v1/x"), address).is_ok(), is_own, "{address}");
    }
}

#[test]
fn a_user_name_and_a_password_are_secret_in_the_form_in_which_they_are_sent() {
    static BASIC: Session = Session { username: "{client_id}", password: "{client_secret}", ..SESSION };
    let (_, secrets) = set_up(leaked(Auth::Scheme(&BASIC)), GIVEN, None).expect("a login");
    // `me:s3cret`.
    assert_eq!(secrets.mask("Basic bWU6czNjcmV0"), "Basic ***");
}

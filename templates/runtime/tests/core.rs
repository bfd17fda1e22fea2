//! Setting a client up, preparing requests, following links, and what must never be shown.

mod client;

use std::sync::Arc;

use client::{API, CREATE, LIST, OAUTH2, RETRY, TIMEOUTS, input, operation, param, url};
use tapwright_runtime::rt::args::Args;
use tapwright_runtime::rt::core::{Core, CoreBuilder};
use tapwright_runtime::rt::descriptor::{Api, Auth, Body, Input, InputKind, Location, Method, Operation, Param};
use tapwright_runtime::rt::error::ErrorKind;
use tapwright_runtime::rt::json_body::{Object, Text};
use tapwright_runtime::rt::oauth2::OAuth2;

fn builder() -> CoreBuilder {
    CoreBuilder::new(&API).input("domain", "T.eu.example.com").input("client_id", "id").input("client_secret", "canary-secret")
}

fn core() -> Arc<Core> {
    builder().build().expect("a client")
}

fn args(pairs: &[(&str, &str)]) -> Args {
    let mut args = Args::default();
    for (name, value) in pairs {
        args.set(name, *value);
    }
    args
}

/// The message of a set-up that fails.
fn problem(builder: CoreBuilder) -> String {
    let error = builder.build().expect_err("a problem");
    assert_eq!(error.kind(), ErrorKind::Config);
    error.message().to_owned()
}

#[test]
fn every_missing_or_malformed_input_is_named_at_once() {
    assert_eq!(
        problem(CoreBuilder::new(&API).input("domain", "https://t.example.com").input("other", "x").base_url("nowhere")),
        "the base address can not be used: it is no absolute address; `other` is no input of this connector; \
         `domain` (SHOP__DOMAIN) must be a host name such as `api.example.com`, without scheme, path or user name; \
         `client_id` is missing: set it, or the environment variable SHOP__CLIENT_ID; \
         `client_secret` is missing: set it, or the environment variable SHOP__CLIENT_SECRET",
    );
    assert!(problem(builder().input("client_secret", "")).contains("`client_secret` is missing"), "empty is absent");
}

#[test]
fn inputs_are_held_to_their_kinds() {
    static KINDS: Api = Api {
        inputs: &[
            Input { kind: InputKind::Hostname, default: Some(""), ..input("host", "HOST") },
            Input { kind: InputKind::Url, default: Some(""), ..input("url", "URL") },
            Input { kind: InputKind::Integer, default: Some(""), ..input("integer", "INTEGER") },
            Input { kind: InputKind::Boolean, default: Some(""), ..input("boolean", "BOOLEAN") },
            Input { kind: InputKind::OneOf(&["eu", "us"]), default: Some("eu"), ..input("region", "REGION") },
        ],
        base_url: "https://{region}.example.com",
        headers: &[],
        auth: Auth::None,
        ..API
    };
    let build = |name, value: &str| CoreBuilder::new(&KINDS).input(name, value).build();
    let good = [
        ("host", "t.example.com"),
        ("host", "localhost:8080"),
        ("host", " [::1] "),
        ("url", "http://localhost:8080/x"),
        ("integer", "-12"),
        ("boolean", "false"),
        ("region", "us"),
    ];
    for (name, value) in good {
        let core = build(name, value).unwrap_or_else(|error| panic!("{name} = {value}: {error}"));
        assert_eq!(core.input(name), Some(value.trim()));
    }
    let bad = [
        ("host", "https://t.example.com"),
        ("host", "t.example.com/"),
        ("host", "evil@t.example.com"),
        ("host", "t.example.com?x"),
        ("host", "t.example.com#"),
        ("host", "t.example.com:port"),
        ("host", "a b"),
        ("url", "t.example.com"),
        ("url", "ftp://t.example.com"),
        ("url", "https://a:b@t.example.com"),
        ("integer", "1.5"),
        ("boolean", "yes"),
        ("region", "EU"),
    ];
    for (name, value) in bad {
        let message = build(name, value).expect_err(value).message().to_owned();
        assert!(message.starts_with(&format!("`{name}` (")), "{message}");
        assert!(!message.contains(value), "a value may be a secret in the wrong place: {message}");
    }
}

#[test]
fn inputs_come_from_setters_then_variables_then_defaults() {
    let core = CoreBuilder::new(&API)
        .input("client_id", "given")
        .from_variables(|name| match name {
            "SHOP__DOMAIN" => Some("v.example.com\n".to_owned()),
            "SHOP__CLIENT_ID" | "SHOP__CLIENT_SECRET" => Some("variable".to_owned()),
            _ => None,
        })
        .build()
        .expect("a client");
    assert_eq!(core.input("client_id"), Some("given"));
    assert_eq!(core.input("domain"), Some("v.example.com"));
    assert_eq!(core.input("tenant_domain"), Some("v.example.com"), "a default may refer to another input");
    assert_eq!(core.input("organization"), None);
    assert_eq!(core.base_url().as_str(), "https://v.example.com/api/v2");
}

#[test]
fn a_circle_of_defaults_ends() {
    static CIRCLE: Api = Api {
        inputs: &[Input { default: Some("{b}"), ..input("a", "A") }, Input { default: Some("{a}"), ..input("b", "B") }],
        base_url: "https://{a}.example.com",
        headers: &[],
        auth: Auth::None,
        ..API
    };
    assert!(problem(CoreBuilder::new(&CIRCLE)).contains("the base address can not be used"));
    assert_eq!(CoreBuilder::new(&CIRCLE).input("b", "x").build().expect("a client").input("a"), Some("x"));
}

#[test]
fn headers_and_queries_are_prepared_without_credentials() {
    let request = core().prepare(&LIST, &args(&[("per_page", "50"), ("q", "a b")])).expect("a request");
    assert_eq!(request.url.as_str(), "https://t.eu.example.com/api/v2/users?per_page=50&q=a%20b");
    let headers: Vec<_> = request.headers.iter().collect();
    assert_eq!(headers, [("accept", "application/json"), ("user-agent", "shop-connector/1.2"), ("x-tenant", "T.eu.example.com")],);
    assert!(request.body.is_empty());
}

#[test]
fn arguments_go_where_the_operation_says() {
    static UPDATE: Operation = Operation {
        params: &[
            Param { required: true, ..param("id", Location::Path) },
            param("fields", Location::Query),
            Param { value: Some("true"), ..param("include_totals", Location::Query) },
            Param { value: Some("{organization}"), ..param("organization", Location::Query) },
            Param { value: Some("org {organizations.id}"), ..param("q", Location::Query) },
            param("x-mode", Location::Header),
            param("name", Location::Body),
            Param { value: Some("{client_id}"), ..param("client", Location::Body) },
        ],
        headers: &[("x-organization", "{organization}"), ("accept", "text/plain")],
        body: Body::Json(&Object(&[("name", Text("{name}")), ("client", Text("{client}"))])),
        ..operation(Method::Patch, "/organizations/{organizations.id}/users/{id}")
    };
    let mut values =
        args(&[("id", "auth0|6/4?"), ("x-mode", "fast"), ("name", "a\"b"), ("page", "2"), ("include_totals", "false")]);
    values.bind("organizations.id", "org_1");
    values.bind("tenants.id", "never sent by itself");
    let request = core().prepare(&UPDATE, &values).expect("a request");
    assert_eq!(
        request.url.path_and_query(),
        "/api/v2/organizations/org_1/users/auth0%7C6%2F4%3F?include_totals=false&q=org%20org_1&page=2",
    );
    assert_eq!(request.headers.get("x-mode"), Some("fast"));
    assert_eq!(request.headers.all("accept").collect::<Vec<_>>(), ["text/plain"], "an operation's header replaces the client's");
    assert_eq!(request.headers.get("x-organization"), None, "a header whose inputs are absent is left out");
    assert_eq!(request.headers.get("content-type"), Some("application/json"));
    assert_eq!(request.body, br#"{"name":"a\"b","client":"id"}"#);

    let form = Operation { body: Body::Form, params: UPDATE.params, ..operation(Method::Post, "/users") };
    let request = core().prepare(&form, &args(&[("id", "1"), ("name", "a b"), ("organizations.id", "o")])).expect("a request");
    assert_eq!(request.body, b"name=a%20b&client=id");
    assert_eq!(request.headers.get("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.url.query(), Some("include_totals=true&q=org%20o"), "what fills a hole is not sent again");
}

#[test]
fn a_call_that_can_not_be_made_is_refused() {
    static USER: Operation = Operation {
        params: &[
            Param { required: true, ..param("id", Location::Path) },
            Param { required: true, ..param("kind", Location::Query) },
            param("x-note", Location::Header),
        ],
        ..operation(Method::Get, "/users/{id}")
    };
    let cases: [(&[(&str, &str)], &str); 6] = [
        (&[("kind", "k")], "the parameter `id` is required"),
        (&[("id", "1")], "the parameter `kind` is required"),
        (&[("id", ""), ("kind", "k")], "the path needs a value for `id`"),
        (&[("id", ".."), ("kind", "k")], "the value of `id` can not stand in a path"),
        (&[("id", "."), ("kind", "k")], "the value of `id` can not stand in a path"),
        (
            &[("id", "1"), ("kind", "k"), ("x-note", "a\r\nx-evil: b")],
            "the header `x-note` holds a character that can not be sent",
        ),
    ];
    for (pairs, expected) in cases {
        let error = core().prepare(&USER, &args(pairs)).expect_err(expected);
        assert_eq!((error.kind(), error.operation(), error.message()), (ErrorKind::Config, "users", expected));
    }
}

#[test]
fn paths_are_joined_to_the_base_and_absolute_ones_are_not() {
    static PLACES: Api = Api {
        inputs: &[
            Input { kind: InputKind::Hostname, ..input("login", "LOGIN") },
            Input { kind: InputKind::Url, ..input("issuer", "ISSUER") },
        ],
        base_url: "https://api.example.com/base/",
        headers: &[],
        auth: Auth::None,
        ..API
    };
    let place = |builder: CoreBuilder, path: &'static str| {
        let builder = builder.input("login", "login.example.com").input("issuer", "https://id.example.com/tenant/");
        let values = if path.contains("{id}") { args(&[("id", "a/b")]) } else { Args::default() };
        let request = builder.build().and_then(|core| core.prepare(&operation(Method::Get, path), &values));
        request.expect(path).url.to_string()
    };
    let cases = [
        ("/users", "https://api.example.com/base/users"),
        ("users", "https://api.example.com/base/users"),
        ("", "https://api.example.com/base"),
        ("/users?sort=date:1", "https://api.example.com/base/users?sort=date:1"),
        ("/users/{id}", "https://api.example.com/base/users/a%2Fb"),
        ("/odd/{{name}}", "https://api.example.com/base/odd/%7Bname%7D"),
        ("https://{login}/keys/{id}", "https://login.example.com/keys/a%2Fb"),
        ("{issuer}keys/{id}", "https://id.example.com/tenant/keys/a%2Fb"),
    ];
    for (path, expected) in cases {
        assert_eq!(place(CoreBuilder::new(&PLACES), path), expected, "{path}");
    }
    let moved = CoreBuilder::new(&PLACES).base_url("http://localhost:9/mock");
    assert_eq!(place(moved, "https://api.example.com/base/keys/{id}"), "http://localhost:9/mock/keys/a%2Fb");
}

#[test]
fn links_stay_with_the_service() {
    let core = core();
    let page = url("https://t.eu.example.com/api/v2/users?page=0");
    let allowed = [
        ("?page=1", "https://t.eu.example.com/api/v2/users?page=1"),
        ("/api/v2/users?page=1", "https://t.eu.example.com/api/v2/users?page=1"),
        ("https://t.eu.example.com/api/v2/users?after=%2A*~", "https://t.eu.example.com/api/v2/users?after=%2A*~"),
        // Auth0 sends links with http: the scheme is the base's.
        ("http://t.eu.example.com/api/v2/users?page=1", "https://t.eu.example.com/api/v2/users?page=1"),
        ("https://files.example.com/x", "https://files.example.com/x"),
        ("https://t.eu.example.com:8443/x", "https://t.eu.example.com:8443/x"),
    ];
    for (link, expected) in allowed {
        assert_eq!(core.follow(&page, link).expect(link).as_str(), expected);
    }
    let refused = [
        "https://evil.example/",
        "//evil.example/",
        "https://eu.example.com/",
        "https://t.eu.example.com.evil.example/",
        "https://a:b@t.eu.example.com/",
        "https://files.example.com:444/",
        "http://files.example.com/x",
        "https://t.eu.example.com:9/x",
        "javascript:alert(1)",
    ];
    for link in refused {
        assert_eq!(core.follow(&page, link).expect_err(link).kind(), ErrorKind::Origin, "{link}");
    }
}

#[test]
fn an_override_moves_the_service_as_a_whole() {
    let core = builder().base_url("http://127.0.0.1:8080/api/v2").build().expect("a client");
    let page = url("http://127.0.0.1:8080/api/v2/users");
    let links = [
        ("https://t.eu.example.com/api/v2/users?page=1", "http://127.0.0.1:8080/api/v2/users?page=1"),
        ("http://t.eu.example.com/api/v2/users?page=1", "http://127.0.0.1:8080/api/v2/users?page=1"),
        ("http://127.0.0.1:8080/api/v2/users?page=1", "http://127.0.0.1:8080/api/v2/users?page=1"),
        ("/api/v2/users?page=1", "http://127.0.0.1:8080/api/v2/users?page=1"),
    ];
    for (link, expected) in links {
        assert_eq!(core.follow(&page, link).expect(link).as_str(), expected);
    }
    assert_eq!(core.follow(&page, "http://127.0.0.1:9/x").expect_err("another port").kind(), ErrorKind::Origin);
}

#[test]
fn a_page_at_another_origin_is_asked_for_with_public_headers_alone() {
    static WITH_HEADER: Operation = Operation { headers: &[("x-mine", "m")], ..operation(Method::Get, "/users") };
    let core = core();
    let at = |address: &str| {
        let request = core.prepare_at(&WITH_HEADER, &args(&[("page", "9")]), url(address)).expect("a request");
        (request.url.to_string(), request.headers.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>().join(" "))
    };
    let home = "https://t.eu.example.com/api/v2/users?c=%2a";
    assert_eq!(at(home), (home.to_owned(), "accept user-agent x-tenant x-mine".to_owned()));
    let elsewhere = "https://files.example.com/users?c=%2a";
    assert_eq!(at(elsewhere), (elsewhere.to_owned(), "accept user-agent".to_owned()));
}

#[test]
fn a_secret_is_not_sent_to_a_token_address_without_tls() {
    static PLAIN: Api = Api { auth: Auth::Scheme(&OAuth2 { token_url: "http://login.example.com/token", ..OAUTH2 }), ..API };
    let plain = || CoreBuilder::new(&PLAIN).input("domain", "a.example").input("client_id", "i").input("client_secret", "s");
    let refusal = "the token address must be `https`: a secret is sent there";
    assert_eq!(problem(plain()), refusal);
    assert_eq!(problem(plain().base_url("http://proxy.example.com")), refusal, "an override speaks for its own host alone");
    assert!(plain().base_url("http://127.0.0.1:1").build().is_ok(), "a server on this machine gets it, and nobody else");
}

#[test]
fn nothing_shows_a_secret() {
    let secrets = ["canary-secret", "canary-trace"];
    let builder = builder().input("trace_key", "canary-trace").base_url("http://x:1");
    let mut shown = vec![format!("{builder:?}")];
    let core = builder.build().expect("a client");
    let mut values = args(&[("q", "canary-secret")]);
    values.bind("id", "canary-secret");
    let request = core.prepare(&CREATE, &values).expect("a request");
    shown.push(format!("{core:?} {values:?} {request:?} {:?}", request.url));
    for link in ["relative", "http://x:1/?canary-secret", "http://evil.example/canary-secret?canary-secret"] {
        shown.push(format!("{:?}", core.follow(&request.url, link)));
    }
    let setup = CoreBuilder::new(&API).input("domain", "a.example").input("client_id", "id").input("client_secret", "s");
    shown.push(problem(setup.input("trace_key", "canary-trace\u{7}")));
    shown.push(problem(CoreBuilder::new(&API).input("domain", "canary-secret@x").input("client_id", "canary-secret")));
    let shown = shown.join("\n");
    for secret in secrets {
        assert!(!shown.contains(secret), "{secret} is in: {shown}");
    }
}

#[test]
fn the_digest_of_arguments_is_stable_and_depends_on_names_and_values() {
    let digest = |pairs: &[(&str, &str)]| args(pairs).digest();
    assert_eq!(digest(&[]), 0xcbf2_9ce4_8422_2325);
    assert_eq!(digest(&[("a", "1"), ("b", "2")]), digest(&[("b", "2"), ("a", "1")]));
    let others: [&[(&str, &str)]; 4] = [&[("a", "1")], &[("a", "12")], &[("a1", "")], &[("a", "1"), ("b", "3")]];
    for other in others {
        assert_ne!(digest(&[("a", "1"), ("b", "2")]), digest(other), "{other:?}");
    }
    assert_ne!(digest(&[("a", "1b"), ("c", "")]), digest(&[("a", "1"), ("bc", "")]));
}

#[test]
fn policies_can_be_replaced() {
    let core = builder().retry(RETRY).timeouts(TIMEOUTS).build().expect("a client");
    assert_eq!(core.limits().timeouts.connect_ms, 2_000);
    assert_eq!(core.limits().max_response_bytes, 1 << 20);
}

//! The generated connector of Autodesk Platform Services asks as the service documents it.

#[path = "support/replay_server.rs"]
mod server;

use aps::{Client, ErrorKind};
use server::{Answer, Request, Server, param, target};

const TOKEN: &str = "/authentication/v2/token";

fn client(server: &Server) -> Client {
    let client = Client::builder().client_id("an-id").client_secret("a-secret");
    client.base_url(server.url("")).build().expect("a client")
}

/// A server that gives tokens, and answers everything else by its path.
fn service(answers: &'static [(&'static str, &'static str)]) -> Server {
    Server::start(move |request| match answers.iter().find(|(path, _)| *path == request.path) {
        Some((_, body)) => Answer::json(*body),
        None if request.path == TOKEN => {
            Answer::json(r#"{"access_token": "two-legged", "token_type": "Bearer", "expires_in": 3599}"#)
        }
        None => Answer { status: 404, ..Answer::json(r#"{"developerMessage": "no such path"}"#) },
    })
}

/// The fields of a form, in the order in which they were sent.
fn form(request: &Request) -> Vec<(String, String)> {
    target(&format!("?{}", request.body)).1
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn signing_keys_need_no_token() {
    let server = service(&[(
        "/authentication/v2/keys",
        r#"{"keys": [{"kid": "k1", "kty": "RSA", "use": "sig", "n": "AQAB", "e": "AQAB"}, {"kid": "k2"}]}"#,
    )]);
    let keys = client(&server).jwks().items().collect().await.expect("keys");
    let ids: Vec<_> = keys.iter().map(|key| key.kid.as_deref()).collect();
    assert_eq!(ids, [Some("k1"), Some("k2")]);
    assert_eq!((keys[0].use_.as_deref(), keys[0].n.as_deref()), (Some("sig"), Some("AQAB")));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].authorization, None);
}

/// Sending id and secret twice is refused by the service, so they stand in the header alone.
#[tokio::test]
async fn the_client_shows_itself_in_the_header_when_it_asks_for_its_token() {
    let server = service(&[("/project/v1/hubs", r#"{"data": []}"#)]);
    client(&server).hubs().items().collect().await.expect("hubs");
    let [asked, hubs] = &server.requests()[..] else { panic!("two requests") };
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", TOKEN));
    // `an-id:a-secret`, base64.
    assert_eq!(asked.authorization.as_deref(), Some("Basic YW4taWQ6YS1zZWNyZXQ="));
    assert_eq!(form(asked), [pair("grant_type", "client_credentials"), pair("scope", "data:read")]);
    assert_eq!(hubs.authorization.as_deref(), Some("Bearer two-legged"));
}

#[tokio::test]
async fn projects_follow_the_links_of_each_hub() {
    let server = Server::start(|request| match (request.path.as_str(), request.param("page[number]")) {
        (TOKEN, _) => Answer::json(r#"{"access_token": "t"}"#),
        ("/project/v1/hubs", _) => Answer::json(r#"{"data": [{"type": "hubs", "id": "b.1"}, {"type": "hubs", "id": "b.2"}]}"#),
        ("/project/v1/hubs/b.1/projects", None) => Answer::json(
            r#"{"data": [{"type": "projects", "id": "b.p1"}],
                "links": {"next": {"href": "/project/v1/hubs/b.1/projects?page%5Bnumber%5D=1&page%5Blimit%5D=1"}}}"#,
        ),
        ("/project/v1/hubs/b.1/projects", Some("1")) => {
            Answer::json(r#"{"data": [{"type": "projects", "id": "b.p2"}], "links": {}}"#)
        }
        _ => Answer::json(r#"{"data": [{"type": "projects", "id": "b.p3"}]}"#),
    });
    let projects = client(&server).projects().items().collect().await.expect("projects");
    let found: Vec<_> = projects.iter().map(|project| (project.hubs_id.as_deref(), project.id.as_deref())).collect();
    assert_eq!(found, [(Some("b.1"), Some("b.p1")), (Some("b.1"), Some("b.p2")), (Some("b.2"), Some("b.p3"))]);
    let requests = server.requests();
    let mut sizes: Vec<_> = requests.iter().filter_map(|request| request.param("page[limit]")).collect();
    // The hubs are read side by side, so that the order of requests is open.
    sizes.sort_unstable();
    assert_eq!(sizes, ["1", "200", "200"]);
}

#[tokio::test]
async fn a_link_to_another_host_is_not_followed() {
    let server = service(&[
        ("/project/v1/hubs", r#"{"data": [{"id": "b.1"}]}"#),
        (
            "/project/v1/hubs/b.1/projects",
            r#"{"data": [{"id": "b.p1"}], "links": {"next": {"href": "https://elsewhere.example.com/project/v1/hubs"}}}"#,
        ),
    ]);
    let mut projects = client(&server).projects().items();
    let error = loop {
        match projects.next().await {
            Some(Ok(_)) => {}
            Some(Err(error)) => break error,
            None => panic!("no error"),
        }
    };
    assert!(error.to_string().contains("elsewhere.example.com"), "{error}");
}

#[tokio::test]
async fn tokens_are_looked_into() {
    let cases = [
        (r#"{"active": true, "scope": "data:read", "client_id": "an-id", "exp": "1719000000"}"#, Some(true), Some(1_719_000_000)),
        (r#"{"active": true, "exp": 1719000000}"#, Some(true), Some(1_719_000_000)),
        (r#"{"active": false}"#, Some(false), None),
    ];
    for (body, active, exp) in cases {
        let server = Server::start(move |_| Answer::json(body));
        let answer = client(&server).introspect("a token").await.expect("an answer");
        assert_eq!((answer.active, answer.exp), (active, exp), "{body}");
        let [request] = &server.requests()[..] else { panic!("one request") };
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/authentication/v2/introspect"));
        assert_eq!(request.authorization, None);
        assert_eq!(form(request), [pair("client_id", "an-id"), pair("client_secret", "a-secret"), pair("token", "a token")]);
    }
}

#[tokio::test]
async fn an_answer_without_a_body_ends_a_token() {
    let server = Server::start(|_| Answer { status: 200, headers: Vec::new(), body: String::new() });
    client(&server).revoke("a token").token_type_hint("refresh_token").await.expect("nothing");
    let sent = form(&server.requests()[0]);
    assert_eq!((param(&sent, "token"), param(&sent, "token_type_hint")), (Some("a token"), Some("refresh_token")));
}

/// A token is asked for in three ways, and never shown.
#[tokio::test]
async fn tokens_come_as_values_that_are_not_shown() {
    let server = Server::start(|_| {
        Answer::json(r#"{"access_token": "abc", "refresh_token": "def", "id_token": "ghi", "expires_in": "3599"}"#)
    });
    let client = client(&server);
    let token = client.token().grant_type("refresh_token").refresh_token("the last one").await.expect("a token");
    assert_eq!((token.access_token.as_deref(), token.refresh_token.as_deref()), (Some("abc"), Some("def")));
    assert_eq!(token.expires_in, Some(3599));
    let shown = format!("{token:?}");
    assert!(!["abc", "def", "ghi"].iter().any(|secret| shown.contains(secret)), "{shown}");
    client.token().await.expect("a token");
    let grants: Vec<_> = server.requests().iter().map(|request| param(&form(request), "grant_type").map(str::to_owned)).collect();
    assert_eq!(grants, [Some("refresh_token".to_owned()), Some("client_credentials".to_owned())]);
}

#[tokio::test]
async fn refusals_carry_the_code_of_the_gateway() {
    let server = Server::start(|_| Answer {
        status: 403,
        ..Answer::json(
            r#"{"developerMessage": "The client_id does not have access to the api product", "errorCode": "AUTH-001", "more info": "https://aps.example.com"}"#,
        )
    });
    let error = client(&server).introspect("a token").await.expect_err("a refusal");
    assert_eq!((error.kind(), error.status(), error.code()), (ErrorKind::Status, Some(403), Some("AUTH-001")));
    let shown = error.to_string();
    assert!(shown.contains("does not have access"), "{shown}");
    assert!(!shown.contains("a-secret") && !shown.contains("a token"), "{shown}");
}

//! The login in the browser: the test is the browser.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use logins::{Client, ClientBuilder, ErrorKind, LoginOptions, MemoryStore};
use std::sync::Arc;
use tapwright::mock::Options;

use crate::support::{World, ids, ids_blocking, wait};

/// Asks for an address, and gives the status and the address that it leads to.
fn get(address: &str) -> (u16, Option<String>) {
    let rest = address.strip_prefix("http://").expect("an address");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).expect("someone listens");
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").expect("it is heard");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let location =
        answer.lines().find_map(|line| line.to_ascii_lowercase().starts_with("location: ").then(|| line[10..].to_owned()));
    (status, location)
}

/// A browser in which a user logs in, after another page has tried to bring a code of its own.
fn browse(url: &str) {
    let url = url.to_owned();
    thread::spawn(move || {
        assert!(url.contains("&prompt=consent") && url.contains("scope=read%20offline_access"), "{url}");
        let (status, location) = get(&url);
        let location = location.unwrap_or_else(|| panic!("{status} without a location"));
        let (page, query) = location.split_once('?').expect("a query");
        assert_eq!(get(&format!("{page}?code=evil&state=guessed")).0, 404, "it does not know the state");
        assert_eq!(get(&page.replace("/callback", "/favicon.ico")).0, 404);
        assert_eq!(get(&format!("{page}?{query}")).0, 200);
    });
}

fn browser(world: &World, inputs: impl Fn(ClientBuilder) -> ClientBuilder) -> Client {
    world.client(|builder| inputs(builder.auth("browser").client_id("id")))
}

/// After the login the client reads, and so does one that starts later with the store alone.
#[test]
fn a_user_logs_in_once() {
    let world = World::new(Options { records: 20, ..Options::default() });
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("token.json").to_string_lossy().into_owned();
    let client = browser(&world, |builder| builder.token_file(path.clone()));
    wait(client.login(LoginOptions::default(), browse)).expect("the login succeeds");
    assert_eq!(ids(&client), world.expected());
    assert_eq!(world.mock.stats().tokens, 1, "the token of the login is used");
    assert_eq!(ids_blocking(&browser(&world, |builder| builder.token_file(path.clone()))), world.expected());

    let client = browser(&world, |builder| builder.token_store(Arc::new(MemoryStore::default())));
    client.login_blocking(LoginOptions::default(), browse).expect("the login succeeds");
    assert_eq!(ids_blocking(&client), world.expected());
    assert_eq!(world.mock.stats().requests_of("authorize"), 2);
}

/// A login that nobody finishes ends by itself, and one that the service refuses says why.
#[test]
fn a_login_ends() {
    let world = World::new(Options::default());
    let client = browser(&world, |builder| builder.token_store(Arc::new(MemoryStore::default())));
    let options = LoginOptions::default().timeout(Duration::from_millis(50));
    let error = wait(client.login(options, |_| {})).expect_err("nobody logs in");
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");

    let refuse = |url: &str| {
        let param = |name: &str| url.split(['?', '&']).find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned));
        let page = param("redirect_uri").expect("an address").replace("%3A", ":").replace("%2F", "/");
        let state = param("state").expect("a state");
        thread::spawn(move || get(&format!("{page}?error=access_denied&error_description=not+today&state={state}")));
    };
    let error = client.login_blocking(LoginOptions::default(), refuse).expect_err("it is refused");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Auth, "the service refuses the login (access_denied: not today)"));

    let error = client.items().blocking().items().next().expect("an answer").expect_err("nobody is logged in");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Auth, "nobody has logged in: log in first"));
    let other = world.client(|builder| builder.client_id("id").client_secret("secret"));
    let error = other.login_blocking(LoginOptions::default(), browse_not).expect_err("it is another login's client");
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
}

fn browse_not(url: &str) {
    let url = url.to_owned();
    thread::spawn(move || {
        let (_, location) = get(&url);
        get(&location.expect("an address"));
    });
}

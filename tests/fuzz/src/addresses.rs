//! Addresses: whoever reads one as well must see the same in it, the connector that is given it above all.

use fluent_uri::pct_enc::EStr;
use fluent_uri::pct_enc::encoder::Query;
use fluent_uri::{Uri, UriRef};
use tapwright_runtime::rt::url::Url;

use crate::random::Random;
use crate::run::{Target, WORKER};

const WORDS: &[&str] = &[
    "http",
    "https",
    "HTTP",
    "ftp",
    "://",
    ":",
    "//",
    "/",
    "\\",
    "?",
    "#",
    "@",
    ":80",
    ":443",
    ":0",
    ":65536",
    ":08",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::1%25eth0]",
    "127.0.0.1",
    "0x7f.1",
    "2130706433",
    "localhost",
    "api.example.com",
    "example.com.",
    "EXAMPLE",
    "..",
    ".",
    "%2e",
    "%2F",
    "%00",
    "%",
    "user",
    "pass",
    "a=b",
    "&",
    ";",
    "xn--a",
    "ü",
    "\u{3002}",
    "\u{ff0f}",
    "_",
    "-",
    "\t",
    "\n",
    "\r",
    " ",
    "\0",
    "{id}",
    "|",
    "^",
    "javascript:",
    "//evil.example",
];

fn make(random: &mut Random) -> Vec<u8> {
    let mut text = match random.below(3) {
        0 => random.sentence(WORDS, 9),
        1 => [&b"https://api.example.com"[..], &random.sentence(WORDS, 6)].concat(),
        _ => [&b"http://"[..], &random.sentence(WORDS, 6)].concat(),
    };
    if random.once_in(2) {
        random.change(&mut text, WORDS, b"https://user:pass@api.example.com:8443/v1/users?page=2#end");
    }
    text
}

fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Ok(url) = Url::parse(&text) {
        well_formed(&url);
    }
    let base = "https://api.example.com/v1/users/?page=1";
    let mut url = Url::parse(base).expect("an address");
    if let Ok(resolved) = url.resolve(&text) {
        well_formed(&resolved);
        let theirs =
            UriRef::parse(&*text).ok().and_then(|link| link.resolve_against(&Uri::parse(base).expect("an address")).ok());
        // Dots are resolved in paths that hang on ours; an address that a service wrote in full is sent as it is.
        let is_own = text.contains("//") && text.contains('.') || text.to_ascii_lowercase().contains("%2e");
        if let Some(theirs) = theirs.filter(|_| !is_own) {
            same_as_the_standard(&resolved, &theirs);
        }
    }
    url.push_query(&text, &text);
    well_formed(&url);
    let encoded = url.query().and_then(|query| query.strip_prefix("page=1&")).expect("what was there is still there");
    let (name, value) = encoded.split_once('=').expect("a pair");
    assert_eq!(decoded(name), text.as_bytes(), "what is put into a query comes out of it");
    assert_eq!(name, value);
}

fn decoded(text: &str) -> Vec<u8> {
    let encoded: &EStr<Query> = EStr::new(text).expect("it is percent-encoded");
    encoded.decode().to_bytes().into_owned()
}

/// What is sent is one line of plain characters, and is read again as what it is.
fn well_formed(url: &Url) {
    let text = url.as_str();
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
    assert!(url.path_and_query().starts_with('/') && !url.authority().contains('@') && !text.contains('#'), "{text:?}");
    assert_eq!(Url::parse(text).as_ref(), Ok(url), "{text:?}");
    // What is connected to is what hyper takes for the host; a longer address is an error to it.
    if text.len() > 65_000 {
        return;
    }
    let sent: http::Uri = text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"));
    assert_eq!((sent.host(), sent.scheme_str() == Some("https")), (Some(url.host()), url.is_https()), "{text:?}");
    assert_eq!(sent.port_u16().unwrap_or(if url.is_https() { 443 } else { 80 }), url.port(), "{text:?}");
}

/// RFC 3986, section 5.2: the same host, port, path and query.
fn same_as_the_standard(ours: &Url, theirs: &Uri<String>) {
    let authority = theirs.authority().expect("the base has one");
    let host = authority.host().to_ascii_lowercase();
    assert_eq!((ours.is_https(), ours.host()), (theirs.scheme().as_str().eq_ignore_ascii_case("https"), &*host), "{theirs}");
    assert!(authority.port().is_none_or(|port| port.as_str().parse() == Ok(ours.port())), "{theirs}");
    let path = if theirs.path().is_empty() { "/" } else { theirs.path().as_str() };
    assert_eq!((ours.path(), ours.query()), (path, theirs.query().map(EStr::as_str)), "{theirs}");
}

#[test]
fn url() {
    // A byte that is no UTF-8 is three of a text, and nine of an address.
    Target { name: "url", cases: 6_000, memory: (64 << 10, 120), stack: WORKER, make, check }.run();
}

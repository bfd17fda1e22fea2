//! Addresses: what is accepted, how references resolve, what is encoded.

use tapwright_runtime::rt::url::{Url, encoded};

#[test]
fn an_accepted_address_is_sent_in_its_plain_form() {
    let cases = [
        ("https://api.example.com", "https://api.example.com/"),
        ("HTTPS://API.Example.com/Path", "https://api.example.com/Path"),
        ("https://a.example:443/x", "https://a.example/x"),
        ("http://a.example:80/x", "http://a.example/x"),
        ("http://a.example:443/x", "http://a.example:443/x"),
        ("http://127.0.0.1:8080/x?y=1#top", "http://127.0.0.1:8080/x?y=1"),
        ("https://a.example?y=1", "https://a.example/?y=1"),
        ("https://[::1]:8080/x", "https://[::1]:8080/x"),
        ("https://a.example/x?u=http://b.example/", "https://a.example/x?u=http://b.example/"),
        // What may stand in an address stays as it is, also where this crate would write it otherwise.
        ("https://a.example/%7e/a|b?f[x]=%5B~*'()", "https://a.example/%7e/a%7Cb?f[x]=%5B~*'()"),
        ("https://a.example/ü?q=a b", "https://a.example/%C3%BC?q=a%20b"),
    ];
    for (text, expected) in cases {
        assert_eq!(Url::parse(text).map(|url| url.to_string()), Ok(expected.to_owned()), "{text}");
    }
}

#[test]
fn an_address_with_two_readings_is_refused() {
    let cases = [
        ("api.example.com/x", "it is no absolute address"),
        ("ftp://a.example/", "it is no `http` or `https` address"),
        ("https://", "it has no host"),
        ("https:///x", "it has no host"),
        ("https://user:password@a.example/", "it holds a user name or password"),
        ("https://b.example@a.example/", "it holds a user name or password"),
        ("https://a.example\\@b.example/", "it holds a user name or password"),
        ("https://a.example\\b/", "its host is malformed"),
        ("https://a b.example/", "its host is malformed"),
        ("https://bücher.example/", "its host is malformed"),
        ("https://a%2eexample/", "its host is malformed"),
        ("https://[::1/", "its IPv6 address has no `]`"),
        ("https://[::g]/", "its IPv6 address is malformed"),
        ("https://[::1]8080/", "its host is malformed"),
        ("https://a.example:/", "its port is no number from 1 to 65535"),
        ("https://a.example:+80/", "its port is no number from 1 to 65535"),
        ("https://a.example:0/", "its port is no number from 1 to 65535"),
        ("https://a.example:65536/", "its port is no number from 1 to 65535"),
        ("https://a.example/\r\nx-evil: 1", "it holds a control character"),
    ];
    for (text, expected) in cases {
        assert_eq!(Url::parse(text).map_err(|error| error.to_string()), Err(expected.to_owned()), "{text}");
    }
}

/// The examples of RFC 3986, sections 5.4.1 and 5.4.2, and what services send.
#[test]
fn references_resolve_as_the_rfc_says() {
    let base = "http://a/b/c/d;p?q";
    let cases = [
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g/"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("#s", "http://a/b/c/d;p?q"),
        ("g#s", "http://a/b/c/g"),
        (";x", "http://a/b/c/;x"),
        ("g;x?y#s", "http://a/b/c/g;x?y"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"),
        ("./", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../..", "http://a/"),
        ("../../g", "http://a/g"),
        ("../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g.", "http://a/b/c/g."),
        ("..g", "http://a/b/c/..g"),
        ("./g/.", "http://a/b/c/g/"),
        ("g/../h", "http://a/b/c/h"),
        ("g;x=1/../y", "http://a/b/c/y"),
        ("g?y/../x", "http://a/b/c/g?y/../x"),
        (" /next?after=a%2Fb ", "http://a/next?after=a%2Fb"),
        ("?next=https://b.example/", "http://a/b/c/d;p?next=https://b.example/"),
        ("https://b.example/x/../y?c=%2a*", "https://b.example/x/../y?c=%2a*"),
    ];
    let base = Url::parse(base).expect("the base is an address");
    for (reference, expected) in cases {
        assert_eq!(base.resolve(reference).map(|url| url.to_string()), Ok(expected.to_owned()), "{reference}");
    }
    for reference in ["mailto:a@b", "javascript:alert(1)", "http:g", "//user@b/", "/a\nb"] {
        assert!(base.resolve(reference).is_err(), "{reference}");
    }
}

#[test]
fn a_path_takes_the_place_of_another() {
    let url = Url::parse("https://a.example:8443/x?y").expect("an address");
    for path in ["/b/c?d=1#e", "b/c?d=1"] {
        assert_eq!(url.with_path_and_query(path).map(|url| url.to_string()), Ok("https://a.example:8443/b/c?d=1".to_owned()));
    }
}

#[test]
fn queries_are_appended_and_encoded() {
    let mut url = Url::parse("https://a.example/x").expect("an address");
    url.push_query("page[after]", "a b&c=d*~ü/");
    url.push_query("q", "");
    assert_eq!(url.as_str(), "https://a.example/x?page%5Bafter%5D=a%20b%26c%3Dd%2A~%C3%BC%2F&q=");
    assert_eq!((url.path(), url.query()), ("/x", Some("page%5Bafter%5D=a%20b%26c%3Dd%2A~%C3%BC%2F&q=")));
    assert_eq!(url.without_query(), "https://a.example/x");
    assert!(!format!("{url:?}").contains("page"), "a query may hold a credential");
    assert_eq!(encoded("auth0|64a3"), "auth0%7C64a3");
}

#[test]
fn origins_are_scheme_host_and_port() {
    let url = |text| Url::parse(text).expect("an address");
    let home = url("https://a.example/x?y");
    assert!(home.same_origin(&url("https://A.example:443/z")));
    for other in ["http://a.example/x", "https://a.example:444/x", "https://b.a.example/x", "https://a.example.evil/x"] {
        assert!(!home.same_origin(&url(other)), "{other}");
    }
    assert_eq!((home.host(), home.port(), home.authority()), ("a.example", 443, "a.example"));
    assert_eq!(url("http://[::1]:8080/").host(), "[::1]");
    assert_eq!(url("http://[::1]:8080/").authority(), "[::1]:8080");
}

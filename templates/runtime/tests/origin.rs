//! Where a client may go: what is home, which links are followed, and where credentials go.

use tapwright_runtime::rt::error::{Error, ErrorKind};
use tapwright_runtime::rt::origin::Origins;
use tapwright_runtime::rt::url::Url;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn origins(base: &str, declared: &str, allowed: &[&str]) -> Origins {
    Origins::new(url(base), url(declared), allowed.iter().map(|&host| host.to_owned()).collect())
}

const API: &str = "https://api.example.com/v1";

#[test]
fn what_leads_home_is_taken_to_the_base_in_use() {
    for (base, declared, from, to) in [
        (API, API, "https://api.example.com/v2/x", "https://api.example.com/v2/x"),
        // A proxy that does not know its own scheme.
        (API, API, "http://api.example.com/v1/x?a=1", "https://api.example.com/v1/x?a=1"),
        (API, API, "http://api.example.com:8080/v1/x", "http://api.example.com:8080/v1/x"),
        (API, API, "https://other.example.com/v1/x", "https://other.example.com/v1/x"),
        ("https://proxy.test/api", API, "http://proxy.test/api/x", "https://proxy.test/api/x"),
        // A service that knows nothing of the caller's override.
        ("https://proxy.test/api", API, "https://api.example.com/v1/x", "https://proxy.test/api/x"),
        ("https://proxy.test/api", API, "https://api.example.com/v1", "https://proxy.test/api"),
        ("https://proxy.test/api", API, "https://api.example.com/v1?a=1", "https://proxy.test/api?a=1"),
        ("https://proxy.test/api", API, "https://api.example.com/v10/x", "https://proxy.test/v10/x"),
        ("https://proxy.test/api", API, "https://api.example.com/elsewhere", "https://proxy.test/elsewhere"),
    ] {
        assert_eq!(origins(base, declared, &[]).at_home(url(from)).as_str(), to, "{from} at {base}");
    }
}

#[test]
fn nothing_leaves_a_machine_that_a_test_runs_on() {
    for (base, declared, named, expected) in [
        ("http://127.0.0.1:8080", API, "https://login.example.com/token", "http://127.0.0.1:8080/token"),
        ("http://127.0.0.1:8080", API, "http://127.0.0.1:9090/token", "http://127.0.0.1:9090/token"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:7070", "https://login.example.com/token", "https://login.example.com/token"),
        ("https://proxy.test", API, "https://login.example.com/token", "https://login.example.com/token"),
    ] {
        assert_eq!(origins(base, declared, &[]).named(url(named)).as_str(), expected, "{named} at {base}");
    }
}

#[test]
fn a_link_is_followed_to_allowed_hosts_and_never_out_of_https() {
    const PLAIN: &str = "http://api.example.com";
    let cases: [(&str, &str, &str, Result<&str, ErrorKind>); 11] = [
        (API, API, "/v1/x", Ok("https://api.example.com/v1/x")),
        (API, API, "https://files.example.com/x", Ok("https://files.example.com/x")),
        (API, API, "https://evil.test/x", Err(ErrorKind::Origin)),
        (API, API, "https://a.b.many.test/x", Err(ErrorKind::Origin)),
        (API, API, "https://a.many.test/x", Ok("https://a.many.test/x")),
        (API, API, "https://a.many.test:8443/x", Err(ErrorKind::Origin)),
        (API, API, "http://files.example.com/x", Err(ErrorKind::Origin)),
        // From http to http is no step down; from a page that came by https it is, whatever the base.
        (PLAIN, "http://api.example.com/x", "http://files.example.com/x", Ok("http://files.example.com/x")),
        (PLAIN, "https://files.example.com/x", "http://files.example.com/x", Err(ErrorKind::Origin)),
        (PLAIN, "https://files.example.com/x", "http://api.example.com/x", Ok("http://api.example.com/x")),
        (API, "http://files.example.com/x", "http://files.example.com/y", Err(ErrorKind::Origin)),
    ];
    for (base, current, link, expected) in cases {
        let followed = origins(base, base, &["Files.example.com", "*.many.test"]).follow(&url(current), link);
        let told = followed.as_ref().map(Url::as_str).map_err(Error::kind);
        assert_eq!(told, expected, "{link} of {current}");
    }
}

#[test]
fn a_star_stands_for_one_label_that_is_there() {
    for (host, allowed) in [
        ("https://a.many.test", true),
        ("https://many.test", false),
        ("https://a.many.test:1", false),
        ("https://a.b.many.test", false),
    ] {
        let followed = origins(API, API, &["*.many.test"]).follow(&url(API), host);
        assert_eq!(followed.is_ok(), allowed, "{host}");
    }
    // A port within the place of a label is none.
    let followed = origins(API, API, &["many.*"]).follow(&url(API), "https://many.test:8443/");
    assert!(followed.is_err(), "a star allows no port");
}

#[test]
fn what_may_do_without_https_is_what_the_spec_or_the_caller_says() {
    let at_other = url("http://other.test");
    assert!(!origins(API, API, &[]).may_be_plain(&at_other));
    assert!(origins("http://localhost:1", API, &[]).may_be_plain(&url("http://localhost:1/x")));
    assert!(!origins("http://localhost:1", API, &[]).may_be_plain(&at_other));
    assert!(origins("http://api.test", "http://api.test", &[]).may_be_plain(&at_other), "the spec's own base is plain");
}

#[test]
fn the_home_that_a_login_names_is_one_that_is_allowed() {
    let origins = origins("https://proxy.test", API, &["tenant.example.com"]);
    for (named, expected) in [
        (" https://tenant.example.com/a ", Some("https://tenant.example.com/a")),
        ("https://api.example.com", Some("https://api.example.com/")),
        ("https://proxy.test/x", Some("https://proxy.test/x")),
        ("http://tenant.example.com", None),
        ("https://evil.test", None),
        ("https://tenant.example.com/?a=1", None),
    ] {
        let home = origins.home_from_answer(named).ok();
        assert_eq!(home.as_ref().map(Url::as_str), expected, "{named}");
    }
}

#[test]
fn what_is_below_a_home_is_at_the_base_again() {
    let origins = origins(API, API, &[]);
    let home = url("https://tenant.example.com/data");
    for (from, to) in [
        ("https://tenant.example.com/data/v1/x", "https://api.example.com/v1/x"),
        ("https://tenant.example.com/database", "https://tenant.example.com/database"),
        ("https://other.example.com/data/v1/x", "https://other.example.com/data/v1/x"),
    ] {
        assert_eq!(origins.from_below(&home, url(from)).as_str(), to, "{from}");
    }
}

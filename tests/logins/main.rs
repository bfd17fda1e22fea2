//! Every way to log in: the generated crate `logins` talks to a server that gives tokens, takes them back and checks them.
//!
//! The crate is `tests/generated/logins`, compiled from `tests/fixtures/logins.yaml`: one list, and a choice of logins.

mod browser;
mod refresh;
mod secrets;
mod support;

use logins::{ClientBuilder, ErrorKind};
use tapwright::mock::Options;

use crate::support::{LOGINS, World, ids, ids_blocking};

/// Each login reads every record once, async and blocking, with as many tokens as it takes.
#[test]
fn every_login_reads_the_list() {
    for login in LOGINS {
        let world = World::new(Options { records: 50, ..Options::default() });
        assert_eq!(ids(&world.client(login.inputs)), world.expected(), "{}, async", login.name);
        assert_eq!(ids_blocking(&world.client(login.inputs)), world.expected(), "{}, blocking", login.name);
        let stats = world.mock.stats();
        assert_eq!(stats.tokens, 2 * login.tokens, "{}: {stats:?}", login.name);
        assert_eq!(stats.answers_with(401), 0, "{}: {stats:?}", login.name);
    }
}

/// A token that the service no longer takes is replaced in mid-run: by the status that the spec names.
#[test]
fn a_token_that_ends_in_mid_run_is_replaced() {
    for login in LOGINS.iter().filter(|login| login.tokens > 0) {
        let faults = vec!["expire:after=3".parse().expect("a fault")];
        let world = World::new(Options { records: 50, faults, ..Options::default() });
        assert_eq!(ids(&world.client(login.inputs)), world.expected(), "{}, async", login.name);
        assert_eq!(ids_blocking(&world.client(login.inputs)), world.expected(), "{}, blocking", login.name);
        let stats = world.mock.stats();
        // Eight pages, three to a token.
        assert_eq!(stats.tokens, 6, "{}: {stats:?}", login.name);
        let refusals = if login.name == "session" { stats.answers_with(403) } else { stats.answers_with(401) };
        assert_eq!(refusals, 4, "{}: {stats:?}", login.name);
    }
}

/// Readers that start at once share one login.
#[test]
fn a_login_is_made_once() {
    for login in LOGINS.iter().filter(|login| login.tokens > 0) {
        let world = World::new(Options { records: 5, ..Options::default() });
        let client = world.client(login.inputs);
        support::wait(async {
            let readers: Vec<_> = (0..20)
                .map(|_| {
                    let client = client.clone();
                    tokio::spawn(async move { client.items().items().collect().await })
                })
                .collect();
            for reader in readers {
                assert_eq!(reader.await.expect("no panic").expect("every page is good").len(), 5);
            }
        });
        assert_eq!(world.mock.stats().tokens, 1, "{}", login.name);
    }
}

/// Which login is meant follows from the inputs, or from the one that names it; everything else is an error that says the way out.
#[test]
fn the_inputs_choose_the_login() {
    type Inputs = fn(ClientBuilder) -> ClientBuilder;
    let cases: [(Inputs, &str); 5] = [
        (|builder| builder, "the login `token` needs `token` (LOGINS__TOKEN)"),
        (|builder| builder.client_id("i"), "no login is complete: `client` needs `client_secret` (LOGINS__CLIENT_SECRET)"),
        (
            |builder| builder.token("t").username("u").password("p"),
            "inputs of several logins are set (`token`, `session`): say which is meant with `auth` (LOGINS__AUTH)",
        ),
        (|builder| builder.auth("session").token("t"), "the login `session` needs `username` (LOGINS__USERNAME), `password`"),
        (|builder| builder.auth("nothing"), "`auth` (LOGINS__AUTH) must be one of `token`, `keys`"),
    ];
    for (inputs, expected) in cases {
        let error = inputs(logins::Client::builder()).build().expect_err(expected);
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().starts_with(expected), "{error}");
    }
    let world = World::new(Options { records: 5, ..Options::default() });
    let both = world.client(|builder| builder.auth("session").token("t").username("u").password("p"));
    assert_eq!(ids(&both).len(), 5);
    assert_eq!(world.mock.stats().tokens, 1, "the session, not the token");
}

//! What a bad network and a throttling service do: every record all the same, or an error that says what happened.

use paging::ErrorKind;
use tapwright::mock::{Fault, Options};

use crate::support::{World, values, wait};

/// Every record arrives, async and blocking, though the service misbehaves in a way that passes.
#[test]
fn passing_faults_lose_nothing() {
    let faults: &[(&str, &[&str])] = &[
        ("throttled", &["429:every=3,retry-after=0"]),
        ("a burst of 503", &["503:every=4,burst=2"]),
        ("reset in mid-body", &["reset:every=3"]),
        ("cut short", &["truncate:every=3"]),
        ("token expires in mid-run", &["expire:after=3"]),
        ("all at once", &["429:every=7,retry-after=0", "503:every=11", "reset:every=5", "expire:after=9"]),
    ];
    for (what, faults) in faults {
        let faults = faults.iter().map(|fault| fault.parse::<Fault>().expect("a fault")).collect();
        let world = World::new(Options { records: 60, faults, ..Options::default() });
        let expected = world.expected("cursors");
        let read = wait(world.client.cursors().items().collect()).unwrap_or_else(|error| panic!("{what}, async: {error}"));
        assert_eq!(values(&read), expected, "{what}, async");
        let read: Vec<_> = world
            .client
            .cursors()
            .blocking()
            .items()
            .collect::<Result<_, _>>()
            .unwrap_or_else(|error| panic!("{what}, blocking: {error}"));
        assert_eq!(values(&read), expected, "{what}, blocking");
    }
}

/// A fault that stays is an error of the right kind, after which the iterator is over.
#[test]
fn lasting_faults_are_errors() {
    let faults = [
        ("429:every=1,retry-after=0", ErrorKind::RateLimited),
        ("503:every=1", ErrorKind::Status),
        ("reset:every=1", ErrorKind::Transport),
        ("html:every=1", ErrorKind::Page),
    ];
    for (fault, kind) in faults {
        let options = Options { records: 20, faults: vec![fault.parse().expect("a fault")], ..Options::default() };
        let world = World::new(options);
        wait(async {
            let mut items = world.client.numbered().items();
            let error = items.try_next().await.expect_err(fault);
            assert_eq!(error.kind(), kind, "{fault}: {error}");
            assert_eq!(error.operation(), "numbered", "{fault}");
            assert!(items.next().await.is_none(), "{fault}: fused");
        });
        let mut items = world.client.numbered().blocking().items();
        let error = items.next().expect("an error").expect_err(fault);
        assert_eq!(error.kind(), kind, "{fault}: {error}");
        assert!(items.next().is_none(), "{fault}: fused");
    }
}

/// Two hundred readers that start at once share one token, and one more when it expires.
#[test]
fn a_token_is_fetched_once() {
    let world = World::new(Options { records: 5, ..Options::default() });
    wait(async {
        let readers: Vec<_> = (0..200)
            .map(|_| {
                let client = world.client.clone();
                tokio::spawn(async move { client.numbered().items().collect().await })
            })
            .collect();
        for reader in readers {
            assert_eq!(reader.await.expect("no panic").expect("every page is good").len(), 5);
        }
    });
    assert_eq!(world.mock.stats().tokens, 1);
}

/// A wrong login is an error that names the login, and holds no secret.
#[test]
fn a_refused_login_says_so() {
    let world = World::new(Options::default());
    let client = paging::Client::builder().client_id("").client_secret("canary-secret").base_url(world.mock.base_url()).build();
    let error = client.expect_err("an empty id is no id");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(!format!("{error} {error:?}").contains("canary-secret"));
}

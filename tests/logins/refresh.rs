//! Refresh tokens that change with each use, kept in a file and shared between clients.

use std::fs;
use std::io;
use std::sync::{Arc, Mutex};

use logins::{Client, ClientBuilder, ErrorKind, ExposeSecret, FileStore, MemoryStore, SecretString, TokenStore};
use tapwright::mock::Options;

use crate::support::{World, ids, ids_blocking, once};

fn confidential(builder: ClientBuilder) -> ClientBuilder {
    builder.auth("refresh").client_id("id").client_secret("canary-secret")
}

fn world() -> World {
    World::new(Options { records: 20, ..Options::default() })
}

fn refused(client: &Client) -> logins::Error {
    client.items().blocking().items().next().expect("an answer").expect_err("the login is refused")
}

/// The file holds the newest token and nobody else may read it; a client that starts later goes on with it.
#[test]
fn a_file_keeps_the_newest_token_for_the_next_program() {
    let (world, folder) = (world(), tempfile::tempdir().expect("a folder"));
    let file = folder.path().join("deep/tokens.json");
    let first = once("canary-refresh");
    let path = file.to_string_lossy().into_owned();
    let with_file = |builder: ClientBuilder| confidential(builder).token_file(path.clone()).refresh_token(first.clone());

    assert_eq!(ids(&world.client(with_file)), world.expected());
    let kept = fs::read_to_string(&file).expect("the file is there");
    assert!(kept.starts_with("{\"refresh_token\":\"mock-refresh-") && !kept.contains(&first), "{kept}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&file).expect("the file is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    // The input holds a token that is spent: the file comes first.
    assert_eq!(ids_blocking(&world.client(with_file)), world.expected());
    let newest = fs::read_to_string(&file).expect("the file is there");
    assert_ne!(newest, kept);
    assert_eq!(
        ids(&world.client(|builder| confidential(builder).token_file(path.clone()))),
        world.expected(),
        "without the input"
    );
    let files: Vec<_> = fs::read_dir(file.parent().expect("a folder")).expect("a folder").collect();
    assert_eq!(files.len(), 1, "nothing is left beside it: {files:?}");

    // Without the file, the token that the user gave once is spent.
    let error = refused(&world.client(|builder| confidential(builder).refresh_token(first.clone())));
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.message().contains("log in again"), "{error}");
    assert!(!format!("{error} {error:?} {:?}", error.body()).contains(&first), "{error}");
}

/// A store whose first answer is old, as if another program had just used the token.
struct Late {
    inner: MemoryStore,
    old: Mutex<Option<SecretString>>,
}

impl TokenStore for Late {
    fn load(&self) -> io::Result<Option<SecretString>> {
        match self.old.lock().expect("no test panics with the lock held").take() {
            Some(old) => Ok(Some(old)),
            None => self.inner.load(),
        }
    }

    fn save(&self, refresh_token: &SecretString) -> io::Result<()> {
        self.inner.save(refresh_token)
    }
}

/// A token that another program has used in the meantime is not the end: the store is read again.
#[test]
fn the_store_is_read_again_before_anyone_has_to_log_in() {
    let world = world();
    let spent = once("canary-refresh");
    ids(&world.client(|builder| confidential(builder).refresh_token(spent.clone())));
    let fresh = once("canary-refresh");
    let store = Arc::new(Late { inner: MemoryStore::new(Some(fresh.into())), old: Mutex::new(Some(spent.into())) });
    assert_eq!(ids(&world.client(|builder| confidential(builder).token_store(store.clone()))), world.expected());
    let stats = world.mock.stats();
    assert_eq!((stats.requests_of("token"), stats.tokens), (3, 2), "one refusal: {stats:?}");
}

/// Several clients of one file take turns, each with the token that the one before it left.
#[test]
fn clients_share_a_file() {
    let (world, folder) = (world(), tempfile::tempdir().expect("a folder"));
    let store = Arc::new(FileStore::new(folder.path().join("token")));
    store.save(&once("canary-refresh").into()).expect("it can be written");
    for _ in 0..3 {
        assert_eq!(ids(&world.client(|builder| confidential(builder).token_store(store.clone()))), world.expected());
    }
    let kept = store.load().expect("it can be read").expect("a token");
    assert!(kept.expose_secret().starts_with("mock-refresh-"));
}

/// With a token of this login, requests go below the address that its answer named, and so do links and a resumed reading.
#[test]
fn requests_go_where_the_login_says() {
    let world = World::new(Options { records: 50, ..Options::default() });
    let client = || world.client(|builder| confidential(builder).refresh_token(once("canary-refresh")));
    let mut items = client().items().blocking().items();
    let mut read: Vec<String> = items.by_ref().take(10).map(|item| item.expect("the page is good").id.expect("an id")).collect();
    let mark = items.checkpoint();
    let rest = client().items().resume(mark).expect("its own").blocking().items();
    read.extend(rest.map(|item| item.expect("the page is good").id.expect("an id")));
    assert_eq!(read, world.expected());
    assert_eq!(world.mock.stats().answers_with(421), 0, "{:?}", world.mock.stats());
}

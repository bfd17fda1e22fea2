//! A mock of the `logins` spec, clients of it, and what each login is given.

use std::path::Path;

use logins::{Client, ClientBuilder};
use tapwright::mock::{Mock, Options, Running};

/// A login, and what a client is given for it.
pub(crate) struct Login {
    pub(crate) name: &'static str,
    pub(crate) inputs: fn(ClientBuilder) -> ClientBuilder,
    /// How many tokens the service gives for one reading.
    pub(crate) tokens: u64,
}

/// A key that was made for the tests.
pub(crate) const RSA: &str = include_str!("../../templates/runtime/tests/keys/rsa_pkcs1.pem");
/// Another one.
pub(crate) const EC: &str = include_str!("../../templates/runtime/tests/keys/ec_pkcs8.pem");

/// Every login but the one in the browser.
pub(crate) const LOGINS: &[Login] = &[
    Login { name: "token", inputs: |builder| builder.token("canary-token"), tokens: 0 },
    Login { name: "keys", inputs: |builder| builder.api_key("canary-key").second_key("canary-second"), tokens: 0 },
    Login { name: "client", inputs: |builder| builder.client_id("id").client_secret("canary-secret"), tokens: 1 },
    Login {
        name: "refresh",
        inputs: |builder| builder.client_id("id").client_secret("canary-secret").refresh_token(once("canary-refresh")),
        tokens: 1,
    },
    Login {
        name: "service",
        inputs: |builder| builder.service_account("robot@example.com").key_id("key-1").private_key(RSA),
        tokens: 1,
    },
    Login { name: "assertion", inputs: |builder| builder.app_id("app").private_key(EC.replace('\n', "\\n")), tokens: 1 },
    Login { name: "signed", inputs: |builder| builder.app_id("app").shared_secret("canary-shared"), tokens: 0 },
    Login { name: "session", inputs: |builder| builder.username("user").password("canary-password"), tokens: 1 },
];

/// A text that was not used before: a refresh token is taken once.
pub(crate) fn once(text: &str) -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{text}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A server.
pub(crate) struct World {
    pub(crate) mock: Running,
}

impl World {
    pub(crate) fn new(options: Options) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/logins.yaml");
        let mut sources = tapwright::source::Sources::default();
        let mut diagnostics = tapwright::diagnostic::Diagnostics::default();
        let api = tapwright::load(&path, &mut sources, &mut diagnostics).expect("the fixture is a good spec");
        Self { mock: Mock::start(api, options).expect("a loopback port is free") }
    }

    /// A client of its own, with nothing remembered.
    pub(crate) fn client(&self, inputs: impl Fn(ClientBuilder) -> ClientBuilder) -> Client {
        inputs(Client::builder().base_url(self.mock.base_url())).build().expect("a login is complete")
    }

    /// The ids of what the server holds.
    pub(crate) fn expected(&self) -> Vec<String> {
        let records = self.mock.records();
        let count = records.count("items", &[]).expect("it is a resource");
        let id = |at| records.record("items", at, &[]).expect("a record")["id"].as_str().expect("a text").to_owned();
        (0..count).map(id).collect()
    }
}

/// The ids that a client reads.
pub(crate) fn ids(client: &Client) -> Vec<String> {
    let items = wait(client.items().items().collect()).unwrap_or_else(|error| panic!("{error}"));
    items.into_iter().map(|item| item.id.expect("an id")).collect()
}

/// The same on this thread.
pub(crate) fn ids_blocking(client: &Client) -> Vec<String> {
    client.items().blocking().items().map(|item| item.unwrap_or_else(|error| panic!("{error}")).id.expect("an id")).collect()
}

/// Runs a future to its end.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(future)
}

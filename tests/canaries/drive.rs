//! Clients with marked secrets, and everything that they can be made to say.

use std::error::Error;
use std::fs;
use std::path::Path;

use logins::ClientBuilder;

use crate::canary::{
    API_KEY, AUTH0_SECRET, BASIC_PASSWORD, CLIENT_SECRET, PASSWORD, REFRESH_TOKEN, SECOND_KEY, SHARED_SECRET, TOKEN, USERS,
};
use crate::service::{WAYS, start};

/// A key that was made for the tests.
pub(crate) const RSA: &str = include_str!("../../templates/runtime/tests/keys/rsa_pkcs1.pem");
/// Another one.
pub(crate) const EC: &str = include_str!("../../templates/runtime/tests/keys/ec_pkcs8.pem");

/// What each login is given.
const LOGINS: &[fn(ClientBuilder) -> ClientBuilder] = &[
    |builder| builder.token(TOKEN.value),
    |builder| builder.api_key(API_KEY.value).second_key(SECOND_KEY.value),
    |builder| builder.client_id(USERS[0]).client_secret(CLIENT_SECRET.value),
    |builder| builder.client_id(USERS[0]).client_secret(CLIENT_SECRET.value).refresh_token(REFRESH_TOKEN.value),
    |builder| builder.service_account("robot@example.com").key_id("key-1").private_key(RSA),
    |builder| builder.app_id("app").private_key(EC.replace('\n', "\\n")),
    |builder| builder.app_id("app").shared_secret(SHARED_SECRET.value),
    |builder| builder.username("user").password(PASSWORD.value),
];

/// Says everything that an error can be made to say.
macro_rules! tell {
    ($error:expr) => {{
        let error = &$error;
        println!("{error} {error:#} {error:?} {error:#?}");
        println!("{:?} {:?} {:?} {:?} {:?}", error.body(), error.code(), error.request_id(), error.message(), error.path());
        causes(error);
    }};
}

/// Says what led to an error.
fn causes(error: &dyn Error) {
    let mut next = error.source();
    while let Some(cause) = next {
        println!("{cause} {cause:?}");
        next = cause.source();
    }
}

/// Reads a list both ways, and says everything.
macro_rules! drive {
    ($name:expr, $folder:expr, $list:ident, $builder:expr) => {{
        println!("{:?} {:#?}", $builder, $builder);
        // Those that want another base URL, with what is not an address in it.
        if let Err(error) = $builder.base_url(format!("http://{}:x", TOKEN.value)).build() {
            println!("{} {:?}", error.kind() as u8, error.status());
        }
        let client = $builder.build().expect("a login is complete");
        println!("{client:?} {client:#?}");
        let mut items = client.$list().blocking().items();
        let error = items.by_ref().find_map(Result::err);
        let mark = items.checkpoint();
        println!("{mark} {mark:?} {:?} {:?}", items.skipped(), items.rejected());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let other = runtime.block_on(async {
            let mut items = client.$list().items();
            loop {
                match items.try_next().await {
                    Ok(Some(_)) => {}
                    Ok(None) => break None,
                    Err(error) => break Some(error),
                }
            }
        });
        let drift = client.drift();
        println!("{drift} {drift:?} {}", drift.to_json());
        fs::write($folder.join(format!("{}.drift.json", $name)), drift.to_json()).expect("a writable folder");
        fs::write($folder.join(format!("{}.checkpoint", $name)), mark.to_string()).expect("a writable folder");
        for error in error.into_iter().chain(other) {
            tell!(error);
            let (client, builder, mark, drift) = (client.clone(), $builder, mark.clone(), client.drift());
            let panics = std::thread::spawn(move || {
                let text = format!("{client:?} {builder:?} {mark:?} {drift:?}");
                Err::<(), _>(error).expect(&text);
            });
            assert!(panics.join().is_err());
        }
    }};
}

pub(crate) fn all(folder: &Path) {
    crate::logs::show();
    for (number, way) in WAYS.into_iter().enumerate() {
        let origin = format!("http://{}", start(way));
        println!("{way:?}");
        for (at, login) in LOGINS.iter().enumerate() {
            let builder = || login(logins::Client::builder()).base_url(&origin);
            drive!(format!("logins-{number}-{at}"), folder, items, builder());
        }
        let basic = || {
            zendesk::Client::builder()
                .subdomain("acme")
                .email("agent@example.com")
                .api_token(BASIC_PASSWORD.value)
                .base_url(&origin)
        };
        if way != crate::service::Way::Reset {
            drive!(format!("zendesk-{number}"), folder, users, basic());
            let auth0 = || {
                let builder = auth0::Client::builder().domain("acme.example.com").client_id(USERS[0]);
                builder.client_secret(AUTH0_SECRET.value).base_url(&origin)
            };
            drive!(format!("auth0-{number}"), folder, clients, auth0());
        }
    }
}

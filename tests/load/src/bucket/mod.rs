//! Stores of objects on the loopback address that speak the languages of S3, Google Cloud Storage and Azure, as far as loads need them.
//! They keep everything in memory, and end with the tests.

mod azure;
mod http;
mod s3;

use std::collections::{BTreeMap, HashMap};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use http::{Request, Response};

/// The account that the stores know.
const ACCOUNT: &str = "tester";

/// What no output may hold.
pub const SECRET: &str = "s3cr3t-of-the-bucket";

/// The bucket that there is not.
pub const NOWHERE: &str = "nowhere";

/// The key that a program signs with which says to Google who it is.
const KEY: &str = include_str!("../../../../templates/runtime/tests/keys/rsa_pkcs8.pem");

/// How many names an answer lists; real ones list a thousand.
const PAGE: usize = 3;

/// Whose language a store speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cloud {
    /// Amazon's.
    S3,
    /// Google's.
    Gs,
    /// Azure's.
    Az,
}

/// What the store makes of requests that are only to be carried out on a condition.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Conditions {
    /// It heeds the condition.
    Heeded,
    /// It does not look at it.
    Ignored,
    /// It has no such requests.
    Refused,
}

/// A store.
pub struct Store {
    cloud: Cloud,
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The objects by bucket and key, with a slash between the two.
    objects: BTreeMap<String, Object>,
    /// The parts of objects that are not whole, by their numbers or names.
    uploads: HashMap<String, BTreeMap<String, Vec<u8>>>,
    /// What is copied later than it was asked for: the sources by the targets.
    copies: HashMap<String, String>,
    /// How many objects were put in several parts.
    in_parts: usize,
    numbers: u64,
}

struct Object {
    bytes: Vec<u8>,
    /// No other object had it.
    number: u64,
    put: Instant,
}

impl Cloud {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::S3, Self::Gs, Self::Az];

    /// What addresses in it begin with.
    #[must_use]
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Gs => "gs",
            Self::Az => "az",
        }
    }

    fn named(scheme: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cloud| cloud.scheme() == scheme)
    }

    /// What requests say of who sends them begins with; no output may hold that either.
    #[must_use]
    pub const fn authorization(self) -> &'static str {
        match self {
            Self::S3 => "AWS4-HMAC",
            Self::Gs => "Bearer ey",
            Self::Az => "SharedKey ",
        }
    }
}

impl Store {
    /// The one of this process.
    pub fn shared(cloud: Cloud) -> &'static Self {
        static STORES: OnceLock<[Store; 3]> = OnceLock::new();
        let stores = STORES.get_or_init(|| Cloud::ALL.map(|cloud| Self::start(cloud, Conditions::Heeded)));
        &stores[cloud as usize]
    }

    /// Another one.
    ///
    /// # Panics
    ///
    /// Where no port is free.
    #[must_use]
    pub fn start(cloud: Cloud, conditions: Conditions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let state = Arc::new(Mutex::new(State::default()));
        let store = Self { cloud, port, state: Arc::clone(&state) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                std::thread::spawn(move || serve(&stream, &state, cloud, conditions));
            }
        });
        store
    }

    /// The one of an address, and the bucket there.
    ///
    /// # Panics
    ///
    /// Where the address is that of no bucket.
    #[must_use]
    pub fn of(address: &str) -> (&'static Self, &str) {
        let (scheme, place) = address.split_once("://").unwrap_or_default();
        let cloud = Cloud::named(scheme).expect("it has a known scheme");
        (Self::shared(cloud), place.split('/').next().unwrap_or_default())
    }

    /// The name of a bucket that nobody has used.
    #[must_use]
    pub fn bucket() -> String {
        static BUCKETS: AtomicUsize = AtomicUsize::new(0);
        format!("lake-{}", BUCKETS.fetch_add(1, Ordering::Relaxed))
    }

    /// The variables of the environment by which programs find it and log in.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let address = format!("http://127.0.0.1:{}", self.port);
        match self.cloud {
            Cloud::S3 => vec![
                ("AWS_ENDPOINT_URL", address),
                ("AWS_ACCESS_KEY_ID", ACCOUNT.to_owned()),
                ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
                ("AWS_REGION", "eu-central-1".to_owned()),
            ],
            Cloud::Gs => vec![("GOOGLE_BASE_URL", address), ("GOOGLE_SERVICE_ACCOUNT_KEY", service_account(ACCOUNT))],
            Cloud::Az => vec![
                ("AZURE_STORAGE_ENDPOINT", address),
                ("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT.to_owned()),
                ("AZURE_STORAGE_ACCOUNT_KEY", BASE64_STANDARD.encode(SECRET)),
            ],
        }
    }

    /// The same with another account, which it does not know.
    #[must_use]
    pub fn environment_of(&self, account: &str) -> Vec<(&'static str, String)> {
        let mut variables = self.environment();
        for (name, value) in &mut variables {
            match *name {
                "AWS_ACCESS_KEY_ID" | "AZURE_STORAGE_ACCOUNT_NAME" => account.clone_into(value),
                "GOOGLE_SERVICE_ACCOUNT_KEY" => *value = service_account(account),
                _ => {}
            }
        }
        variables
    }

    /// The same where it is at another address.
    #[must_use]
    pub fn environment_at(&self, address: &str) -> Vec<(&'static str, String)> {
        let mut variables = self.environment();
        if let Some((_, value)) = variables.first_mut() {
            address.clone_into(value);
        }
        variables
    }

    /// The objects of a bucket, by their keys.
    #[must_use]
    pub fn objects(&self, bucket: &str) -> BTreeMap<String, Vec<u8>> {
        let start = format!("{bucket}/");
        let state = lock(&self.state);
        let of = state.objects.iter().filter_map(|(path, object)| Some((path.strip_prefix(&start)?, object)));
        of.map(|(key, object)| (key.to_owned(), object.bytes.clone())).collect()
    }

    /// How many objects were put in several parts.
    #[must_use]
    pub fn in_parts(&self) -> usize {
        lock(&self.state).in_parts
    }

    /// How many objects in several parts are neither whole nor given up.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        lock(&self.state).uploads.len()
    }
}

/// What Google's console gives for an account.
#[must_use]
pub fn service_account(account: &str) -> String {
    let email = format!("{account}@project.iam.gserviceaccount.com");
    serde_json::json!({ "type": "service_account", "client_email": email, "private_key_id": "k1", "private_key": KEY })
        .to_string()
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers the requests of a connection until it is closed.
fn serve(stream: &TcpStream, state: &Mutex<State>, cloud: Cloud, conditions: Conditions) {
    http::serve(stream, |request| {
        let state = &mut lock(state);
        match cloud {
            _ if request.path.split('/').next() == Some(NOWHERE) => fails(404, "NoSuchBucket", request),
            Cloud::S3 => s3::answer(state, request, &s3::AMAZON, conditions),
            Cloud::Gs => s3::answer(state, request, &s3::GOOGLE, conditions),
            Cloud::Az => azure::answer(state, request, conditions),
        }
    });
}

impl State {
    fn next(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn keep(&mut self, path: &str, bytes: Vec<u8>) -> u64 {
        let number = self.next();
        self.objects.insert(path.to_owned(), Object { bytes, number, put: Instant::now() });
        number
    }

    /// The objects of a folder after a name, without those of the folders in it; and the last name, if there are more.
    fn list(&self, bucket: &str, prefix: &str, delimiter: &str, after: &str) -> (Vec<(&str, &Object)>, Option<&str>) {
        let bucket = format!("{}/", bucket.trim_end_matches('/'));
        let keys = self.objects.iter().filter_map(|(path, object)| Some((path.strip_prefix(&bucket)?, object)));
        let within = |key: &str| key.strip_prefix(prefix).is_some_and(|rest| delimiter.is_empty() || !rest.contains(delimiter));
        let mut listed: Vec<_> = keys.filter(|(key, _)| within(key) && *key > after).collect();
        let is_more = listed.len() > PAGE;
        listed.truncate(PAGE);
        let last = listed.last().filter(|_| is_more).map(|(key, _)| *key);
        (listed, last)
    }

    /// An object, or the part of it that a request asks for.
    fn get(&self, request: &Request, headers: impl FnOnce(&Object) -> Vec<(&'static str, String)>) -> Option<Response> {
        let object = self.objects.get(&request.path)?;
        let mut headers = headers(object);
        headers.push(("last-modified", "Sun, 22 Nov 2026 08:00:00 GMT".to_owned()));
        let size = object.bytes.len();
        let Some((first, last)) = request.range(size) else {
            return Some(Response { status: 200, headers, body: object.bytes.clone() });
        };
        headers.push(("content-range", format!("bytes {first}-{last}/{size}")));
        let body = object.bytes.get(first..=last).unwrap_or_default().to_vec();
        Some(Response { status: 206, headers, body })
    }
}

/// An answer in the language that they all have for errors. Real stores repeat the account, and what was signed.
fn fails(status: u16, code: &str, request: &Request) -> Response {
    let authorization = request.header("authorization").unwrap_or_default();
    let body =
        format!("<Error><Code>{code}</Code><Message>The test says so.</Message><Repeated>{authorization}</Repeated></Error>");
    Response { status, headers: Vec::new(), body: body.into_bytes() }
}

fn xml(status: u16, body: String) -> Response {
    Response { status, headers: vec![("content-type", "application/xml".to_owned())], body: body.into_bytes() }
}

fn empty(status: u16, headers: Vec<(&'static str, String)>) -> Response {
    Response { status, headers, body: Vec::new() }
}

//! A store of objects on the loopback address that speaks S3's language, as far as loads need it. It keeps everything in memory, and ends
//! with the tests.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// The account that the store knows.
const ACCOUNT: &str = "tester";

/// What no output may hold.
pub const SECRET: &str = "s3cr3t-of-the-bucket";

/// How many names an answer lists; real ones list a thousand.
const PAGE: usize = 3;

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
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The objects by bucket and key, with a slash between the two.
    objects: BTreeMap<String, Object>,
    uploads: HashMap<String, BTreeMap<usize, Vec<u8>>>,
    /// How many objects were put in several parts.
    in_parts: usize,
    tags: usize,
}

struct Object {
    bytes: Vec<u8>,
    tag: String,
}

struct Request {
    method: String,
    /// Bucket and key.
    path: String,
    query: HashMap<String, String>,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

struct Response {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Store {
    /// The one of this process.
    pub fn shared() -> &'static Self {
        static STORE: OnceLock<Store> = OnceLock::new();
        STORE.get_or_init(|| Self::start(Conditions::Heeded))
    }

    /// Another one.
    ///
    /// # Panics
    ///
    /// Where no port is free.
    #[must_use]
    pub fn start(conditions: Conditions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let state = Arc::new(Mutex::new(State::default()));
        let store = Self { port, state: Arc::clone(&state) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                std::thread::spawn(move || serve(&stream, &state, conditions));
            }
        });
        store
    }

    /// The name of a bucket that nobody has used.
    #[must_use]
    pub fn bucket() -> String {
        static BUCKETS: AtomicUsize = AtomicUsize::new(0);
        format!("lake-{}", BUCKETS.fetch_add(1, Ordering::Relaxed))
    }

    /// The variables of the environment by which programs find it and log in.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.port)),
            ("AWS_ACCESS_KEY_ID", ACCOUNT.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
            ("AWS_REGION", "eu-central-1".to_owned()),
        ]
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

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers the requests of a connection until it is closed.
fn serve(stream: &TcpStream, state: &Mutex<State>, conditions: Conditions) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        let response = answer(&mut lock(state), &request, conditions);
        if write(stream, &request, &response).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let query = pairs.map(|(name, value)| (decoded(name), decoded(value))).collect();
    let path = decoded(path.trim_start_matches('/'));
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(Some(0), |length| length.parse().ok())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, query, headers, body })
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit =
            || rest.next().and_then(|digit| char::from(digit).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
        match byte {
            b'%' => bytes.push(digit().zip(digit()).map_or(b'?', |(high, low)| high * 16 + low)),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn write(mut stream: &TcpStream, request: &Request, response: &Response) -> std::io::Result<()> {
    let mut whole = format!("HTTP/1.1 {} It\r\ncontent-length: {}\r\n", response.status, response.body.len());
    for (name, value) in &response.headers {
        let _ = write!(whole, "{name}: {value}\r\n");
    }
    whole.push_str("\r\n");
    let mut whole = whole.into_bytes();
    if request.method != "HEAD" {
        whole.extend_from_slice(&response.body);
    }
    stream.write_all(&whole)
}

fn fails(status: u16, code: &str, request: &Request) -> Response {
    // Real stores repeat the account, and what was signed.
    let authorization = request.headers.get("authorization").map_or("", String::as_str);
    let body =
        format!("<Error><Code>{code}</Code><Message>The test says so.</Message><Repeated>{authorization}</Repeated></Error>");
    Response { status, headers: Vec::new(), body: body.into_bytes() }
}

fn xml(body: String) -> Response {
    Response { status: 200, headers: vec![("content-type", "application/xml".to_owned())], body: body.into_bytes() }
}

fn tagged(tag: &str) -> Response {
    Response { status: 200, headers: vec![("etag", tag.to_owned())], body: Vec::new() }
}

fn answer(state: &mut State, request: &Request, conditions: Conditions) -> Response {
    if !request.headers.get("authorization").is_some_and(|text| text.contains(&format!("Credential={ACCOUNT}/"))) {
        return fails(403, "InvalidAccessKeyId", request);
    }
    let query = |name: &str| request.query.get(name).map(String::as_str);
    match (request.method.as_str(), query("uploadId")) {
        ("GET", _) if query("list-type").is_some() => list(state, request),
        ("GET" | "HEAD", _) => get(state, request),
        ("PUT", Some(id)) => match state.uploads.get_mut(id) {
            Some(parts) => {
                let part = query("partNumber").and_then(|number| number.parse().ok()).unwrap_or(0);
                parts.insert(part, request.body.clone());
                tagged(&format!("\"{id}-{part}\""))
            }
            None => fails(404, "NoSuchUpload", request),
        },
        ("PUT", None) => put(state, request, conditions),
        ("POST", None) if query("uploads").is_some() => {
            let id = format!("upload-{}", state.next_tag());
            state.uploads.insert(id.clone(), BTreeMap::new());
            xml(format!("<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"))
        }
        ("POST", Some(id)) => match state.uploads.remove(id) {
            Some(parts) => {
                state.in_parts += 1;
                let tag = state.keep(&request.path, parts.into_values().flatten().collect());
                xml(format!("<CompleteMultipartUploadResult><ETag>{tag}</ETag></CompleteMultipartUploadResult>"))
            }
            None => fails(404, "NoSuchUpload", request),
        },
        ("POST", None) if query("delete").is_some() => delete(state, request),
        ("DELETE", Some(id)) => {
            state.uploads.remove(id);
            Response { status: 204, headers: Vec::new(), body: Vec::new() }
        }
        _ => fails(405, "MethodNotAllowed", request),
    }
}

impl State {
    fn next_tag(&mut self) -> usize {
        self.tags += 1;
        self.tags
    }

    fn keep(&mut self, path: &str, bytes: Vec<u8>) -> String {
        let tag = format!("\"tag-{}\"", self.next_tag());
        self.objects.insert(path.to_owned(), Object { bytes, tag: tag.clone() });
        tag
    }
}

fn put(state: &mut State, request: &Request, conditions: Conditions) -> Response {
    let held = state.objects.get(&request.path).map(|object| object.tag.as_str());
    let (if_match, if_none) = (request.headers.get("if-match"), request.headers.get("if-none-match"));
    if if_match.is_some() || if_none.is_some() {
        match conditions {
            Conditions::Refused => return fails(501, "NotImplemented", request),
            Conditions::Heeded if if_match.is_some_and(|tag| held != Some(tag)) || if_none.is_some() && held.is_some() => {
                return fails(412, "PreconditionFailed", request);
            }
            _ => {}
        }
    }
    let Some(source) = request.headers.get("x-amz-copy-source") else {
        return tagged(&state.keep(&request.path, request.body.clone()));
    };
    let Some(bytes) = state.objects.get(decoded(source).trim_start_matches('/')).map(|object| object.bytes.clone()) else {
        return fails(404, "NoSuchKey", request);
    };
    let tag = state.keep(&request.path, bytes);
    xml(format!("<CopyObjectResult><ETag>{tag}</ETag></CopyObjectResult>"))
}

fn get(state: &State, request: &Request) -> Response {
    let Some(object) = state.objects.get(&request.path) else { return fails(404, "NoSuchKey", request) };
    let mut headers = vec![("etag", object.tag.clone()), ("last-modified", "Sun, 22 Nov 2026 08:00:00 GMT".to_owned())];
    let range = request.headers.get("range").and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    let size = object.bytes.len();
    let bounds = range.and_then(|(first, last)| Some((first.parse::<usize>().ok()?, last.parse::<usize>().ok()?.min(size - 1))));
    let Some((first, last)) = bounds else { return Response { status: 200, headers, body: object.bytes.clone() } };
    let Some(part) = object.bytes.get(first..=last) else { return fails(416, "InvalidRange", request) };
    headers.push(("content-range", format!("bytes {first}-{last}/{size}")));
    Response { status: 206, headers, body: part.to_vec() }
}

/// The objects of a folder, without those of the folders in it.
fn list(state: &State, request: &Request) -> Response {
    let of = |name: &str| request.query.get(name).map_or("", String::as_str);
    let bucket = format!("{}/", request.path.trim_end_matches('/'));
    let keys = state.objects.iter().filter_map(|(path, object)| Some((path.strip_prefix(&bucket)?, object)));
    let within = |key: &str| key.strip_prefix(of("prefix")).is_some_and(|rest| of("delimiter").is_empty() || !rest.contains('/'));
    let listed: Vec<_> = keys.filter(|(key, _)| within(key) && *key > of("continuation-token")).collect();
    let mut body = "<ListBucketResult>".to_owned();
    for (key, object) in listed.iter().take(PAGE) {
        let (size, tag) = (object.bytes.len(), &object.tag);
        let _ = write!(
            body,
            "<Contents><Key>{key}</Key><LastModified>2026-11-22T08:00:00.000Z</LastModified><ETag>{tag}</ETag><Size>{size}</Size></Contents>"
        );
    }
    if let Some((last, _)) = listed.get(PAGE - 1).filter(|_| listed.len() > PAGE) {
        let _ = write!(body, "<IsTruncated>true</IsTruncated><NextContinuationToken>{last}</NextContinuationToken>");
    }
    xml(body + "</ListBucketResult>")
}

fn delete(state: &mut State, request: &Request) -> Response {
    let text = String::from_utf8_lossy(&request.body);
    let mut body = "<DeleteResult>".to_owned();
    for key in text.split("<Key>").skip(1).filter_map(|rest| rest.split('<').next()) {
        state.objects.remove(&format!("{}/{key}", request.path.trim_end_matches('/')));
        let _ = write!(body, "<Deleted><Key>{key}</Key></Deleted>");
    }
    xml(body + "</DeleteResult>")
}

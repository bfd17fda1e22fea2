//! A small HTTP server on the loopback interface: it reads a request, asks a function for the answer, and keeps what was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// A request that came in.
#[derive(Clone, Debug)]
pub struct Request {
    /// The HTTP method.
    pub method: String,
    /// The path, decoded.
    pub path: String,
    /// The parameters of the query, decoded.
    pub query: Vec<(String, String)>,
    /// The value of `Authorization`.
    pub authorization: Option<String>,
    /// The body.
    pub body: String,
}

impl Request {
    /// A parameter of the query.
    pub fn param(&self, name: &str) -> Option<&str> {
        param(&self.query, name)
    }
}

/// An answer to a request.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, without those that say how long the body is.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Answer {
    /// A good answer in JSON.
    pub fn json(body: impl Into<String>) -> Self {
        Self { status: 200, headers: vec![("content-type".to_owned(), "application/json".to_owned())], body: body.into() }
    }
}

type Answers = dyn Fn(&Request) -> Answer + Send + Sync;

/// A server that runs until it is dropped.
pub struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    stop: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a free port of the loopback interface.
    pub fn start(answers: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let listening = std::thread::spawn({
            let (requests, stop, answers): (_, _, Arc<Answers>) = (requests.clone(), stop.clone(), Arc::new(answers));
            move || {
                for stream in listener.incoming().flatten() {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let (requests, answers) = (requests.clone(), answers.clone());
                    std::thread::spawn(move || serve(stream, &requests, &*answers));
                }
            }
        });
        Self { address, requests, stop, listening: Some(listening) }
    }

    /// An address of this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // A last connection, since a listener can not be woken otherwise.
        drop(TcpStream::connect(self.address));
        if let Some(listening) = self.listening.take() {
            drop(listening.join());
        }
    }
}

/// Answers the requests of a connection until the client ends it.
fn serve(stream: TcpStream, requests: &Mutex<Vec<Request>>, answers: &Answers) {
    // A client that hangs shall not keep the thread for ever.
    drop(stream.set_read_timeout(Some(Duration::from_secs(30))));
    drop(stream.set_nodelay(true));
    let Ok(mut writer) = stream.try_clone() else { return };
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        if write(&mut writer, &answers(&request)).is_err() {
            return;
        }
    }
}

/// Reads a request; none at the end of the connection.
fn read(reader: &mut impl BufRead) -> Option<Request> {
    let first = line(reader)?;
    let mut words = first.split(' ');
    let (method, (path, query)) = (words.next()?.to_owned(), target(words.next()?));
    let (mut authorization, mut length) = (None, 0);
    loop {
        let line = line(reader)?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("authorization") {
            authorization = Some(value.trim().to_owned());
        } else if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Some(Request { method, path: decoded(&path), query, authorization, body })
}

fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    Some(line.trim_end().to_owned())
}

fn write(writer: &mut impl Write, answer: &Answer) -> std::io::Result<()> {
    // One write, since the head and the body alone would wait for each other.
    let mut text = format!("HTTP/1.1 {} Recorded\r\ncontent-length: {}\r\n", answer.status, answer.body.len());
    text.extend(answer.headers.iter().flat_map(|(name, value)| [name, ": ", value, "\r\n"]));
    text.push_str("\r\n");
    text.push_str(&answer.body);
    writer.write_all(text.as_bytes())
}

/// Splits the target of a request, with or without its first slash, into a path and the decoded parameters.
pub fn target(text: &str) -> (String, Vec<(String, String)>) {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
    });
    (format!("/{}", path.trim_start_matches('/')), pairs.collect())
}

/// A parameter among decoded ones.
pub fn param<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// A text without its percent signs.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let byte = match tail {
            [high, low, after @ ..] if *first == b'%' => hex(*high).zip(hex(*low)).map(|(high, low)| (high * 16 + low, after)),
            _ => None,
        };
        let (byte, after) = byte.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[test]
fn targets_are_split_and_decoded() {
    let (path, query) = target("api/v2/users/auth0%7C1?q=name%3A%22a+b%22&from=a%2A~&include_totals");
    assert_eq!(path, "/api/v2/users/auth0%7C1");
    assert_eq!(decoded(&path), "/api/v2/users/auth0|1");
    assert_eq!(param(&query, "q"), Some("name:\"a b\""));
    assert_eq!(param(&query, "from"), Some("a*~"));
    assert_eq!(param(&query, "include_totals"), Some(""));
    assert_eq!(param(&query, "page"), None);
    assert_eq!(decoded("100%"), "100%");
    assert_eq!(decoded("%C3%A9%zz"), "é%zz");
}

#[test]
fn it_answers_on_one_connection_and_keeps_what_was_asked() {
    let server = Server::start(|request| match request.method.as_str() {
        "GET" => Answer::json(request.param("page").unwrap_or_default()),
        _ => Answer {
            status: 404,
            headers: vec![("link".to_owned(), "<http://a/>; rel=\"next\"".to_owned())],
            body: String::new(),
        },
    });
    let stream = TcpStream::connect(server.address).expect("a connection");
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut ask = |text: &str| {
        (&stream).write_all(text.as_bytes()).expect("a request");
        let mut head = Vec::new();
        while let Some(line) = line(&mut reader).filter(|line| !line.is_empty()) {
            head.push(line);
        }
        let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).expect("a length");
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        (head, String::from_utf8(body).expect("a text"))
    };
    let (_, body) = ask("GET /users/auth0%7C1?b=2&page=7 HTTP/1.1\r\nhost: x\r\nAuthorization: Bearer t\r\n\r\n");
    assert_eq!(body, "7");
    let (head, body) = ask("POST /oauth/token HTTP/1.1\r\ncontent-length: 5\r\n\r\na=b&c");
    assert_eq!(head.first().map(String::as_str), Some("HTTP/1.1 404 Recorded"));
    assert!(head.contains(&"link: <http://a/>; rel=\"next\"".to_owned()), "{head:?}");
    assert_eq!(body, "");
    let [first, second] = &server.requests()[..] else { panic!("two requests") };
    assert_eq!((first.path.as_str(), first.authorization.as_deref()), ("/users/auth0|1", Some("Bearer t")));
    assert_eq!((second.method.as_str(), second.body.as_str()), ("POST", "a=b&c"));
}

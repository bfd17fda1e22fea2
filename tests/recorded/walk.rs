//! A walk over the pages of a recording: a server that expects its requests in order, and a client that makes them.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::Value;

use super::recording::{Exchange, Recording};
use super::server::{Answer, Request, Server, target};

/// The records that came, page by page, or why a page did not.
pub type Pages = Result<Vec<Vec<Value>>, String>;

/// Something that reads pages at an address, in one of two ways.
pub struct Read {
    pub blocking: Box<dyn FnOnce() -> Pages>,
    pub asynchronous: Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = Pages>>>>,
}

impl Read {
    pub fn blocking(self) -> Pages {
        (self.blocking)()
    }

    pub fn asynchronous(self) -> Pin<Box<dyn Future<Output = Pages>>> {
        (self.asynchronous)()
    }
}

/// A walk over pages of a recording.
pub struct Walk {
    /// The recording.
    pub recording: &'static str,
    /// Which of its exchanges are the pages, in order.
    pub exchanges: Vec<usize>,
    /// Where the records are in a page; empty for the page itself.
    pub selector: &'static str,
    /// Parameters that the client sends and the recording has not, since they say what holds anyway.
    pub further: &'static [&'static str],
    /// Reads at most so many pages at an address.
    pub read: Box<dyn Fn(String, usize) -> Read>,
}

impl Walk {
    /// Plays the recording and compares what comes.
    ///
    /// A client that reads `ahead` may ask for a page which was not recorded any more.
    pub fn play(&self, recordings: &[Recording], ahead: bool, run: impl Fn(Read) -> Pages) {
        let name = self.recording;
        let recording =
            recordings.iter().find(|recording| recording.name == name).unwrap_or_else(|| panic!("no recording {name}"));
        let exchanges: Vec<&Exchange> = self.exchanges.iter().map(|at| &recording.exchanges[*at]).collect();
        let origin = exchanges[0].origin.clone();
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Script::new(&exchanges, self.further, ahead)));
        let own: Arc<OnceLock<String>> = Arc::default();
        let server = Server::start({
            let (script, own) = (script.clone(), own.clone());
            move |request| {
                let own = own.get().map(String::as_str).unwrap_or_default();
                script.lock().unwrap_or_else(PoisonError::into_inner).answer(request, &origin, own)
            }
        });
        let _ = own.set(server.url(""));
        let pages = run((self.read)(server.url(""), exchanges.len()));
        let script = script.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(script.faults, [""; 0], "{name}");
        let pages = pages.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(script.at, exchanges.len(), "{name}: not every page was asked for");
        let expected: Vec<Vec<Value>> = exchanges.iter().map(|exchange| records(&exchange.body, self.selector)).collect();
        for (at, (page, expected)) in pages.iter().zip(&expected).enumerate() {
            assert_eq!(page.len(), expected.len(), "{name}, page {at}");
            for (row, (record, expected)) in page.iter().zip(expected).enumerate() {
                // Addresses in records lead to the service that was recorded; here they lead to the one that plays it.
                let expected = without_origin(expected, &exchanges[0].origin);
                holds(&without_origin(record, &server.url("")), &expected)
                    .unwrap_or_else(|why| panic!("{name}, page {at}, record {row}{why}"));
            }
        }
        assert_eq!(pages.len(), expected.len(), "{name}");
    }
}

/// What the server expects, and how far it has come.
struct Script {
    exchanges: Vec<Expected>,
    further: &'static [&'static str],
    ahead: bool,
    at: usize,
    faults: Vec<String>,
}

struct Expected {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    sent: Option<String>,
    headers: Vec<(String, String)>,
    body: String,
}

impl Script {
    fn new(exchanges: &[&Exchange], further: &'static [&'static str], ahead: bool) -> Self {
        let expected = exchanges.iter().map(|exchange| Expected {
            method: exchange.method.clone(),
            path: exchange.path.clone(),
            query: exchange.query.clone(),
            sent: exchange.sent.clone(),
            headers: exchange.headers.clone(),
            body: exchange.body.to_string(),
        });
        Self { exchanges: expected.collect(), further, ahead, at: 0, faults: Vec::new() }
    }

    fn answer(&mut self, request: &Request, origin: &str, own: &str) -> Answer {
        let at = self.at;
        let Some(expected) = self.exchanges.get(at) else {
            if !self.ahead {
                self.faults.push(format!("one request too many: {} {} {:?}", request.method, request.path, request.query));
            }
            return Answer { status: 400, headers: Vec::new(), body: String::new() };
        };
        self.at += 1;
        let asked = (&request.method, &request.path, self.pairs(&request.query), self.sent(&request.body));
        let recorded = (
            &expected.method,
            &expected.path,
            self.pairs(&expected.query),
            self.sent(expected.sent.as_deref().unwrap_or_default()),
        );
        if asked != recorded {
            self.faults.push(format!("request {at} is {asked:?}, was {recorded:?}"));
        }
        let frames = ["connection", "content-encoding", "content-length", "transfer-encoding"];
        let headers = expected.headers.iter().filter(|(name, _)| !frames.contains(&name.to_ascii_lowercase().as_str()));
        let headers = headers.map(|(name, value)| (name.clone(), value.replace(origin, own))).collect();
        Answer { status: 200, headers, body: expected.body.replace(origin, own) }
    }

    /// Parameters in the order of their names, without those that make no difference.
    fn pairs(&self, query: &[(String, String)]) -> Vec<(String, String)> {
        let says = |(name, value): &&(String, String)| !value.is_empty() && !self.further.contains(&name.as_str());
        let mut pairs: Vec<_> = query.iter().filter(says).cloned().collect();
        pairs.sort();
        pairs
    }

    /// A body as JSON, or else as the fields of a form.
    fn sent(&self, body: &str) -> Value {
        match serde_json::from_str(body) {
            Ok(Value::Object(mut body)) => {
                body.retain(|name, _| !self.further.contains(&name.as_str()));
                Value::Object(body)
            }
            _ => serde_json::json!(self.pairs(&target(&format!("?{body}")).1)),
        }
    }
}

/// The records of a recorded page.
fn records(body: &Value, selector: &str) -> Vec<Value> {
    let place = selector.split('.').filter(|key| !key.is_empty()).try_fold(body, |value, key| value.get(key));
    place.and_then(Value::as_array).unwrap_or_else(|| panic!("no records at `{selector}`")).clone()
}

fn without_origin(value: &Value, origin: &str) -> Value {
    serde_json::from_str(&value.to_string().replace(origin, "")).expect("it was JSON before")
}

/// Whether a value that was read holds a recorded one; if not, where they differ. Keys that a schema does not know are gone, and
/// absent is null.
fn holds(read: &Value, recorded: &Value) -> Result<(), String> {
    match (read, recorded) {
        (Value::Object(read), Value::Object(recorded)) => {
            for (key, read) in read.iter().filter(|(_, value)| !value.is_null()) {
                holds(read, recorded.get(key).unwrap_or(&Value::Null)).map_err(|why| format!(".{key}{why}"))?;
            }
            Ok(())
        }
        (Value::Array(read), Value::Array(recorded)) if read.len() == recorded.len() => read
            .iter()
            .zip(recorded)
            .enumerate()
            .try_for_each(|(at, (read, recorded))| holds(read, recorded).map_err(|why| format!("[{at}]{why}"))),
        _ if read == recorded || is_same_moment(read, recorded) || is_same_number(read, recorded) => Ok(()),
        _ => Err(format!(": {read} is not {recorded}")),
    }
}

/// Moments have one form where they were read, and several where they were recorded.
fn is_same_moment(read: &Value, recorded: &Value) -> bool {
    let moment = |value: &Value| value.as_str()?.parse::<jiff::Timestamp>().ok();
    moment(read).is_some_and(|read| moment(recorded) == Some(read))
}

fn is_same_number(read: &Value, recorded: &Value) -> bool {
    read.as_f64().is_some_and(|read| recorded.as_f64() == Some(read))
}

/// A walk: `walk!("linode/file", [0, 1], "data", further, crate, |client| client.images())`.
macro_rules! walk {
    ($recording:literal, [$($at:literal),*], $selector:literal, $further:expr, $connect:expr, |$client:ident| $list:expr) => {
        $crate::walk::Walk {
            recording: $recording,
            exchanges: vec![$($at),*],
            selector: $selector,
            further: $further,
            read: Box::new(|address, most| {
                let (first, second) = (address.clone(), address);
                $crate::walk::Read {
                    blocking: Box::new(move || {
                        let $client = $connect(first);
                        let mut pages = $list.blocking().pages();
                        let mut read = Vec::new();
                        while let Some(page) = pages.next() {
                            let page = page.map_err(|error| error.to_string())?;
                            read.push(page.records.iter().map(|record| serde_json::to_value(record).expect("JSON")).collect());
                            // A recording may stop before its list does.
                            if read.len() == most {
                                break;
                            }
                        }
                        // A value that does not fit is left out under some contracts; none may be.
                        if pages.rejected().kept().is_empty() { Ok(read) } else { Err(format!("{:?}", pages.rejected())) }
                    }),
                    asynchronous: Box::new(move || {
                        Box::pin(async move {
                            let $client = $connect(second);
                            // Nothing is asked for ahead of time, since a recording may stop before its list does.
                            let mut pages = $list.concurrency(1).pages();
                            let mut read = Vec::new();
                            while let Some(page) = pages.try_next().await.map_err(|error| error.to_string())? {
                                read.push(page.records.iter().map(|record| serde_json::to_value(record).expect("JSON")).collect());
                                if read.len() == most {
                                    break;
                                }
                            }
                            if pages.rejected().kept().is_empty() { Ok(read) } else { Err(format!("{:?}", pages.rejected())) }
                        })
                    }),
                }
            }),
        }
    };
}
pub(crate) use walk;

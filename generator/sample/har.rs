//! Recorded traffic: the answers of each method and path are samples of one kind.

use std::io::Read;

use indexmap::IndexMap;

use crate::infer::naming;

use super::reader::Reader;
use super::shape::is_id;
use super::{Fault, Samples};

/// What was recorded, by method and path.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// The samples of each method and path such as `GET /users/{id}`, in the order in which they were met.
    pub calls: IndexMap<(String, String), Samples>,
    depth: usize,
}

/// Why a recording cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadRecording {
    /// It is no JSON.
    Text(Fault),
    /// It is no HAR.
    NoHar(String),
    /// An answer is not what its type says.
    Answer {
        /// The request.
        request: String,
        /// What is wrong.
        fault: Fault,
    },
}

impl std::fmt::Display for BadRecording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(fault) => write!(f, "{fault}"),
            Self::NoHar(reason) => f.write_str(reason),
            Self::Answer { request, fault } => write!(f, "the answer to `{request}`: {fault}"),
        }
    }
}

impl From<Fault> for BadRecording {
    fn from(fault: Fault) -> Self {
        Self::Text(fault)
    }
}

impl Recording {
    /// Nothing recorded yet; answers are looked into as deep as this.
    #[must_use]
    pub fn new(depth: usize) -> Self {
        Self { calls: IndexMap::new(), depth }
    }

    /// Takes a good answer in JSON.
    pub fn add(&mut self, method: &str, url: &str, body: &[u8]) -> Result<(), Fault> {
        let depth = self.depth;
        let samples = self.calls.entry((method.to_ascii_uppercase(), template(url))).or_insert_with(|| Samples::new(depth));
        samples.read(body).map(drop)
    }

    /// Takes the entries of a HAR, one after the other: no more than one is held at a time.
    pub fn read(&mut self, source: impl Read) -> Result<(), BadRecording> {
        let mut har = Har { reader: Reader::new(source), entry: Entry::default() };
        har.reader.begin()?;
        let mut is_har = false;
        har.members(&mut |har, key| match key {
            "log" => har.members(&mut |har, key| match key {
                "entries" if har.reader.peek()? == Some(b'[') => {
                    is_har = true;
                    har.elements(&mut |har| {
                        har.entry()?;
                        self.take(&har.entry)
                    })
                }
                _ => har.skip(),
            }),
            _ => har.skip(),
        })?;
        if har.reader.peek()?.is_some() {
            return Err(har.reader.unexpected("the end of the text").into());
        }
        if is_har { Ok(()) } else { Err(BadRecording::NoHar("it is no HAR: there is no `log.entries`".to_owned())) }
    }

    /// Takes an entry, if it is a good answer in JSON.
    fn take(&mut self, entry: &Entry) -> Result<(), BadRecording> {
        let Entry { method, url, status, mime, encoding, text } = entry;
        if !(200..300).contains(status) || !mime.contains("json") {
            return Ok(());
        }
        let decoded;
        let body = if encoding == "base64" {
            decoded = base64(text).ok_or_else(|| BadRecording::NoHar(format!("the answer to `{method} {url}` is no Base64")))?;
            decoded.as_slice()
        } else {
            text.as_bytes()
        };
        if body.is_empty() {
            return Ok(());
        }
        self.add(method, url, body).map_err(|fault| BadRecording::Answer { request: format!("{method} {url}"), fault })
    }

    /// A name for the records of each call, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let operations: Vec<String> = self.calls.keys().map(|(method, path)| format!("{method} {path}")).collect();
        let paths: Vec<(&str, &str)> =
            self.calls.keys().zip(&operations).map(|((_, path), operation)| (path.as_str(), operation.as_str())).collect();
        naming::names(&paths)
    }
}

/// What is of interest of an exchange.
#[derive(Debug, Default)]
struct Entry {
    method: String,
    url: String,
    status: u64,
    mime: String,
    encoding: String,
    text: String,
}

/// A HAR that is being read.
struct Har<R> {
    reader: Reader<R>,
    /// The entry that was read last; its texts are written over.
    entry: Entry,
}

impl<R: Read> Har<R> {
    fn entry(&mut self) -> Result<(), BadRecording> {
        let Entry { method, url, status, mime, encoding, text } = &mut self.entry;
        [method, url, mime, encoding, text].into_iter().for_each(String::clear);
        *status = 0;
        self.members(&mut |har, key| match key {
            "request" => har.members(&mut |har, key| match key {
                "method" => har.text(|entry| &mut entry.method),
                "url" => har.text(|entry| &mut entry.url),
                _ => har.skip(),
            }),
            "response" => har.members(&mut |har, key| match key {
                "status" => har.status(),
                "content" => har.members(&mut |har, key| match key {
                    "mimeType" => har.text(|entry| &mut entry.mime),
                    "encoding" => har.text(|entry| &mut entry.encoding),
                    "text" => har.text(|entry| &mut entry.text),
                    _ => har.skip(),
                }),
                _ => har.skip(),
            }),
            _ => har.skip(),
        })
    }

    /// Has `member` read the value of each member; another value than an object has none.
    fn members(&mut self, member: &mut dyn FnMut(&mut Self, &str) -> Result<(), BadRecording>) -> Result<(), BadRecording> {
        if self.reader.peek()? != Some(b'{') {
            return self.skip();
        }
        let mut key = String::new();
        self.reader.take();
        let mut goes_on = !self.reader.ends(b'}')?;
        while goes_on {
            key.clear();
            key.push_str(self.reader.key()?);
            self.reader.expect(b':')?;
            member(self, &key)?;
            goes_on = self.reader.goes_on(b'}')?;
        }
        Ok(())
    }

    /// Has `element` read each element of an array.
    fn elements(&mut self, element: &mut dyn FnMut(&mut Self) -> Result<(), BadRecording>) -> Result<(), BadRecording> {
        self.reader.expect(b'[')?;
        let mut goes_on = !self.reader.ends(b']')?;
        while goes_on {
            element(self)?;
            goes_on = self.reader.goes_on(b']')?;
        }
        Ok(())
    }

    /// Keeps a text; another value is none.
    fn text(&mut self, field: fn(&mut Entry) -> &mut String) -> Result<(), BadRecording> {
        if self.reader.peek()? != Some(b'"') {
            return self.skip();
        }
        let kept = field(&mut self.entry);
        kept.clear();
        kept.push_str(self.reader.text()?);
        Ok(())
    }

    fn status(&mut self) -> Result<(), BadRecording> {
        if !matches!(self.reader.peek()?, Some(b'0'..=b'9')) {
            return self.skip();
        }
        self.entry.status = self.reader.number()?.parse().unwrap_or_default();
        Ok(())
    }

    fn skip(&mut self) -> Result<(), BadRecording> {
        Ok(self.reader.skip(0)?)
    }
}

fn base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// The path of an address, in which what looks like an id is a hole.
fn template(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    let hole = |step: &str| {
        let step = step.replace("%7C", "|").replace("%40", "@");
        // The version of an API is a step of its own.
        let is_hole = is_id(&step) && !step.is_empty();
        if is_hole { "{id}".to_owned() } else { step }
    };
    let steps: Vec<String> = path.split('/').map(hole).collect();
    let path = steps.join("/");
    if path.is_empty() { "/".to_owned() } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_paths_are_holes() {
        for (url, expected) in [
            ("https://api.example.com/v2/users?page=1", "/v2/users"),
            ("https://api.example.com/users/12/posts", "/users/{id}/posts"),
            ("https://api.example.com/users/auth0%7C5f3/roles", "/users/{id}/roles"),
            ("https://api.example.com", "/"),
            ("/orgs/org_8sV2kL0aQmW31xYz", "/orgs/{id}"),
        ] {
            assert_eq!(template(url), expected);
        }
    }

    #[test]
    fn answers_are_grouped() {
        let entry = |url: &str, status: u16, mime: &str, content: &str| {
            serde_json::json!({"request": {"method": "GET", "url": url},
                "response": {"status": status, "content": {"mimeType": mime, "text": content}}})
        };
        let har = serde_json::json!({"log": {"entries": [
            entry("https://a.example/users/1", 200, "application/json", "{\"id\": 1}"),
            entry("https://a.example/users/2", 200, "application/json", "{\"id\": 2}"),
            entry("https://a.example/users/3", 404, "application/json", "{\"error\": 2}"),
            entry("https://a.example/", 200, "text/html", "<html>"),
        ]}});
        let mut recording = Recording::new(8);
        recording.read(har.to_string().as_bytes()).unwrap();
        let counts: Vec<_> = recording.calls.iter().map(|((_, path), samples)| (path.as_str(), samples.shape.count())).collect();
        assert_eq!(counts, [("/users/{id}", 2)]);
        assert_eq!(recording.names(), ["users"]);
    }

    /// Members in any order, of any type, and more than once.
    #[test]
    fn what_is_not_of_interest_is_passed_over() {
        let answer = r#""response": {"content": {"text": "eyJhIjogMX0=", "size": [1, {"text": 2}], "mimeType": "text/json", "encoding": "base64"}, "status": 201}"#;
        let good = format!(r#"{{{answer}, "time": 1.5e3, "request": {{"url": "/a?b", "url": "/c", "method": "post"}}}}"#);
        for (har, expected) in [
            (
                format!(r#"{{"log": {{"pages": [], "entries": [{good}, 1, {{"request": null}}, {good}]}}, "x": {{"log": 1}}}}"#),
                Ok(2),
            ),
            (format!(r#"{{"log": {{"entries": [{{{answer}}}]}}}}"#), Ok(0)),
            ("{}".to_owned(), Err("it is no HAR: there is no `log.entries`")),
            (r#"{"log": {"entries": {}}}"#.to_owned(), Err("it is no HAR: there is no `log.entries`")),
            ("[]".to_owned(), Err("it is no HAR: there is no `log.entries`")),
            (r#"{"log": {"entries": []}} 1"#.to_owned(), Err("1:26: expected the end of the text, found `1`")),
            ("{\"log\": {\n\"entries\": [}".to_owned(), Err("2:13: expected a value, found `}`")),
            (
                format!(r#"{{"log": {{"entries": [{}]}}}}"#, good.replace("eyJhI", "eyJ!I")),
                Err("the answer to `post /c` is no Base64"),
            ),
            (
                format!(r#"{{"log": {{"entries": [{}]}}}}"#, good.replace("base64", "").replace("eyJhIjogMX0=", "{1")),
                Err("the answer to `post /c`: 1:2: expected a key, found `1`"),
            ),
        ] {
            let mut recording = Recording::new(8);
            let read = recording.read(har.as_bytes()).map_err(|bad| bad.to_string());
            let count: u64 = recording.calls.get(&("POST".to_owned(), "/c".to_owned())).map_or(0, |it| it.shape.count());
            assert_eq!(read.map(|()| count), expected.map_err(str::to_owned), "{har}");
        }
    }
}

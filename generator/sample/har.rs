//! Recorded traffic: the answers of each method and path are samples of one kind.

use indexmap::IndexMap;
use serde_json::Value;

use crate::infer::naming;

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
    /// It is not JSON, or no HAR.
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
            Self::NoHar(reason) => f.write_str(reason),
            Self::Answer { request, fault } => write!(f, "the answer to `{request}`: {fault}"),
        }
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

    /// Takes the entries of a HAR.
    pub fn read(&mut self, text: &str) -> Result<(), BadRecording> {
        let har: Value = serde_json::from_str(text).map_err(|error| BadRecording::NoHar(error.to_string()))?;
        let entries = har.pointer("/log/entries").and_then(Value::as_array);
        let entries = entries.ok_or_else(|| BadRecording::NoHar("it is no HAR: there is no `log.entries`".to_owned()))?;
        for entry in entries {
            let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let status = entry.pointer("/response/status").and_then(Value::as_u64).unwrap_or_default();
            let (method, url) = (text("/request/method"), text("/request/url"));
            if !(200..300).contains(&status) || !text("/response/content/mimeType").contains("json") {
                continue;
            }
            let content = text("/response/content/text");
            let decoded;
            let body = if text("/response/content/encoding") == "base64" {
                decoded =
                    base64(content).ok_or_else(|| BadRecording::NoHar(format!("the answer to `{method} {url}` is no Base64")))?;
                decoded.as_slice()
            } else {
                content.as_bytes()
            };
            if !body.is_empty() {
                self.add(method, url, body)
                    .map_err(|fault| BadRecording::Answer { request: format!("{method} {url}"), fault })?;
            }
        }
        Ok(())
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
        recording.read(&har.to_string()).unwrap();
        let counts: Vec<_> = recording.calls.iter().map(|((_, path), samples)| (path.as_str(), samples.shape.count())).collect();
        assert_eq!(counts, [("/users/{id}", 2)]);
        assert_eq!(recording.names(), ["users"]);
        assert!(recording.read("{}").unwrap_err().to_string().contains("no HAR"));
    }
}

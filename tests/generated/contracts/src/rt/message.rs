//! A request and a response as the core sees them: no HTTP library in sight.

use std::fmt;

use crate::rt::descriptor::Method;
use crate::rt::url::Url;

/// Headers in the order they came. Names are lower case.
#[derive(Clone, Default, PartialEq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Adds a header; its name is put into lower case.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_ascii_lowercase(), value.into()));
    }

    /// Sets a header, replacing every earlier one of the name.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.push(name, value);
    }

    /// Removes every header of a name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(held, _)| !held.eq_ignore_ascii_case(name));
    }

    /// Keeps the headers whose name, in lower case, is wanted.
    pub fn keep(&mut self, wanted: impl Fn(&str) -> bool) {
        self.0.retain(|(name, _)| wanted(name));
    }

    /// The first value of a header.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Every value of a header, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Every header.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl IntoIterator for Headers {
    type Item = (String, String);
    type IntoIter = std::vec::IntoIter<(String, String)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Shows names only: a value may be a credential.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// A request, ready to be sent.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute address.
    pub url: Url,
    /// The headers, credentials included.
    pub headers: Headers,
    /// The body; empty for none.
    pub body: Vec<u8>,
}

/// Shows neither body nor query: both may hold a credential.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.url.without_query())
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// A response, read to its end.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Does not show the body: it may be a token.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// Why no response came.
#[derive(Clone, Debug)]
pub struct TransportFault {
    /// What went wrong.
    pub kind: TransportFaultKind,
    /// In words, without secrets.
    pub message: String,
}

/// What went wrong below HTTP.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TransportFaultKind {
    /// No connection could be had; the request was not sent.
    Connect,
    /// No connection could be had in time; the request was not sent.
    ConnectTimeout,
    /// A stage took longer than its timeout.
    Timeout,
    /// The connection broke, or the response was no HTTP or ended early.
    Broken,
    /// The body is larger than allowed. Not worth another try.
    TooLarge,
    /// The request can not be sent as it is. Not worth another try.
    Invalid,
}

/// The fault of a body that is larger than allowed.
#[must_use]
pub fn too_large(max: u64) -> TransportFault {
    TransportFault { kind: TransportFaultKind::TooLarge, message: format!("the body is larger than {max} bytes") }
}

/// What a transport keeps to, for one attempt.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long each stage may take.
    pub timeouts: crate::rt::descriptor::Timeouts,
    /// The largest body that is read, in bytes; what it is unpacked to is held to it as well.
    pub max_response_bytes: u64,
}

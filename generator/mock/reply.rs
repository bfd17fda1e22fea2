//! Answers: a status, headers and a body.

use hyper::body::Bytes;
use serde_json::json;

/// An answer, before it is sent.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
    /// Whether it refuses a request because a credential is not there at all.
    pub(super) is_missing: bool,
}

impl Reply {
    /// An answer with a JSON body.
    pub(super) fn json(status: u16, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json; charset=utf-8".to_owned())];
        Self { status, headers, body: body.into(), is_missing: false }
    }

    /// An answer of another media type.
    pub(super) fn of(media_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type".to_owned(), media_type.to_owned())];
        Self { status: 200, headers, body: body.into(), is_missing: false }
    }

    /// An answer without a body.
    pub(super) fn empty() -> Self {
        Self { status: 204, headers: Vec::new(), body: Bytes::new(), is_missing: false }
    }

    /// What a proxy in between says.
    pub(super) fn html() -> Self {
        let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
        let body = "<!DOCTYPE html><html><head><title>Please wait</title></head><body><h1>Please wait</h1></body></html>";
        Self { status: 200, headers, body: Bytes::from_static(body.as_bytes()), is_missing: false }
    }

    /// A refusal, worded as services word them.
    pub(super) fn error(status: u16, code: &str, message: &str) -> Self {
        let error = hyper::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error");
        let body = json!({ "statusCode": status, "error": error, "message": message, "errorCode": code });
        Self::json(status, body.to_string())
    }

    /// Whether its body is packed, or said to be.
    pub(super) fn is_packed(&self) -> bool {
        self.headers.iter().any(|(name, _)| name == "content-encoding")
    }

    /// The same with another status.
    pub(super) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same with one more header.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

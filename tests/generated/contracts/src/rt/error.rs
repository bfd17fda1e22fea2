//! The one error of a generated crate.

use std::fmt;

use crate::rt::codec::Decode;
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::reader::Reader;

/// The result of everything that can fail in a generated crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How many bytes of a body an error shows.
const BODY_PREFIX: usize = 512;

/// How many bytes of a body an error keeps to be decoded.
const BODY_KEPT: usize = 1 << 16;

/// What went wrong, by what a caller can do about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is set up wrongly: an input is missing or malformed, or an argument is.
    Config,
    /// No token could be had, or the one that was had is refused.
    Auth,
    /// No connection, a broken one, or an answer that is no HTTP.
    Transport,
    /// A stage took longer than its timeout.
    Timeout,
    /// The service refuses more calls for now, and went on doing so.
    RateLimited,
    /// The service answered with a status that is an error.
    Status,
    /// The body is no page of this operation: not JSON, cut off, empty, or without the records.
    Page,
    /// A record does not fit its schema.
    Decode,
    /// The service sent the same page or cursor again, or made no progress.
    Loop,
    /// The service gives only so many records of one query, and has not said that there are no more.
    Truncated,
    /// A link or a redirect leads to a place that is not allowed.
    Origin,
    /// A body is larger than allowed.
    TooLarge,
    /// A checkpoint does not belong here.
    Checkpoint,
    /// The destination of a load takes no rows, or not these.
    Destination,
    /// Somebody ended the load before it was complete.
    Stopped,
    /// A job of the service failed, is gone, or has a status that nobody knows.
    Job,
    /// The service refuses in a response that looks like any other, as a rule of the spec tells.
    Refused,
    /// A rule of the spec passes the response over. Lists count it and go on.
    PassedOver,
}

/// What it takes to mend a failure; a program's exit code tells it on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FailureKind {
    /// Somebody has to change something: an input, a permission, an argument.
    Config,
    /// It may well go away by itself: the same call may succeed later.
    Transient,
    /// The service does not behave as the spec says, or there is a fault in one of the two.
    System,
}

impl FailureKind {
    /// The kind in a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Transient => "transient",
            Self::System => "system",
        }
    }

    /// What a program that ends with such a failure tells its caller: 1 for `System`, 3 for `Config`, 4 for `Transient`. By
    /// custom 2 is for a wrong command line.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::System => 1,
            Self::Config => 3,
            Self::Transient => 4,
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error: its kind, the operation, and all that helps to find the cause. It never holds a secret.
///
/// Boxed, so that results stay small.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    operation: String,
    message: String,
    status: Option<u16>,
    code: Option<String>,
    request_id: Option<String>,
    body: Option<String>,
    /// The body as far as it is kept.
    kept: Option<Vec<u8>>,
    fault: Option<Fault>,
    retryable: bool,
    unanswered: bool,
    /// The kind that a rule of the spec gave it.
    failure: Option<FailureKind>,
    rule: Option<String>,
}

impl Error {
    /// An error of a kind, with a message that says what happened and, where there is one, the way out.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let retryable = matches!(kind, ErrorKind::Transport | ErrorKind::Timeout | ErrorKind::RateLimited);
        Self(Box::new(Inner {
            kind,
            operation: String::new(),
            message: message.into(),
            status: None,
            code: None,
            request_id: None,
            body: None,
            kept: None,
            fault: None,
            retryable,
            unanswered: false,
            failure: None,
            rule: None,
        }))
    }

    /// A page or record that could not be decoded.
    #[must_use]
    pub fn from_fault(kind: ErrorKind, fault: Fault) -> Self {
        let mut error = Self::new(kind, fault.to_string());
        error.0.fault = Some(fault);
        error
    }

    /// Names the operation, unless a deeper layer did.
    #[must_use]
    pub fn in_operation(mut self, operation: &str) -> Self {
        if self.0.operation.is_empty() {
            operation.clone_into(&mut self.0.operation);
        }
        self
    }

    /// Says what happened in other words.
    #[must_use]
    pub fn with_message(mut self, message: String) -> Self {
        self.0.message = message;
        self
    }

    /// Adds what the response says.
    #[must_use]
    pub fn with_response(mut self, status: u16, request_id: Option<&str>, body: &[u8]) -> Self {
        self.0.status = Some(status);
        self.0.request_id = request_id.map(str::to_owned);
        self.0.body = Some(prefix(body));
        self.0.kept = Some(body[..body.len().min(BODY_KEPT)].to_vec());
        self
    }

    /// Adds the service's own error code.
    #[must_use]
    pub fn with_code(mut self, code: Option<String>) -> Self {
        self.0.code = code;
        self
    }

    /// Says what went wrong, seen from further out.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Says that the request went out, and that nobody knows what became of it.
    #[must_use]
    pub fn unanswered(mut self) -> Self {
        self.0.unanswered = true;
        self
    }

    /// Says whether the same call may succeed later.
    #[must_use]
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// Says which rule of the spec made it an error, and of which kind.
    #[must_use]
    pub fn by_rule(mut self, rule: String, failure: Option<FailureKind>) -> Self {
        self.0.rule = Some(rule);
        self.0.failure = failure;
        self
    }

    /// What it takes to mend it: what a rule of the spec says, or else what its kind and its status tell.
    #[must_use]
    pub fn failure(&self) -> FailureKind {
        match (self.0.failure, self.0.kind, self.0.status) {
            (Some(failure), ..) => failure,
            (None, ErrorKind::Transport | ErrorKind::Timeout | ErrorKind::RateLimited | ErrorKind::Stopped, _)
            | (None, ErrorKind::Auth | ErrorKind::Status, Some(408 | 425 | 429 | 500..=599)) => FailureKind::Transient,
            (None, ErrorKind::Config | ErrorKind::Auth | ErrorKind::Checkpoint | ErrorKind::PassedOver, _)
            | (None, ErrorKind::Status, Some(400..=499)) => FailureKind::Config,
            (None, ..) => FailureKind::System,
        }
    }

    /// The rule of the spec that made it an error, where one did.
    #[must_use]
    pub fn rule(&self) -> Option<&str> {
        self.0.rule.as_deref()
    }

    /// What went wrong, by what a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation's name in the spec.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// What happened, in words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The HTTP status, where there was a response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The service's own error code, where it sent one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The service's id of the request, where it sent one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The start of the response's body, at most 512 bytes.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// The response's body as a type: the documentation of a call names those of its failures.
    ///
    /// # Errors
    /// If there is no body, or it is of another type.
    pub fn decode_body<T: Decode>(&self) -> Result<T, Fault> {
        let none = || Fault::new(FaultKind::Syntax, 0, "there is no body");
        let mut reader = Reader::from_bytes(self.0.kept.as_deref().ok_or_else(none)?)?;
        let value = reader.read()?;
        reader.end().map(|()| value)
    }

    /// The JSON path of what could not be decoded, such as `$.users[17].created_at`.
    #[must_use]
    pub fn path(&self) -> Option<String> {
        self.0.fault.as_ref().map(Fault::path)
    }

    /// The byte offset, in the page, of what could not be decoded.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.0.fault.as_ref().map(Fault::offset)
    }

    /// Whether the request went out and no answer came, so that the service may have done what it was asked.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        self.0.unanswered
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }
}

fn prefix(body: &[u8]) -> String {
    let cut = body.len().min(BODY_PREFIX);
    let mut text = String::from_utf8_lossy(&body[..cut]).into_owned();
    if cut < body.len() {
        text.push('…');
    }
    text
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.operation.is_empty() {
            write!(f, "{}: ", self.0.operation)?;
        }
        if let Some(status) = self.0.status {
            write!(f, "{status} ")?;
        }
        if let Some(code) = &self.0.code {
            write!(f, "[{code}] ")?;
        }
        f.write_str(&self.0.message)?;
        if let Some(id) = &self.0.request_id {
            write!(f, " (request id {id})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("failure", &self.failure())
            .field("operation", &self.0.operation)
            .field("message", &self.0.message)
            .field("status", &self.0.status)
            .field("code", &self.0.code)
            .field("request_id", &self.0.request_id)
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {}

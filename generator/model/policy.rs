//! What all operations of an API share.

use super::{Auth, RateLimit, ResponseRule, Spanned, Template};

/// Something that a user of the connector gives.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name in templates.
    pub name: Spanned<String>,
    /// What it is, for people.
    pub description: Option<String>,
    /// What a value must be.
    pub kind: InputKind,
    /// Whether it must never be shown.
    pub secret: bool,
    /// Its value when none is given; may refer to other inputs.
    pub default: Option<Template>,
    /// Whether it may be left out although it has no default.
    pub optional: bool,
}

/// What the value of an [`Input`] must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// Any text.
    String,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A host name, with or without a port, and nothing else.
    Hostname,
    /// An absolute `http` or `https` address.
    Url,
    /// One of these words.
    Enum(Vec<String>),
}

/// What all operations share.
#[derive(Clone, Debug)]
pub struct Client {
    /// The address that every path is appended to, without a slash at its end.
    pub base_url: Template,
    /// Headers sent with every request.
    pub headers: Vec<(String, Template)>,
    /// How requests are authorised.
    pub auth: Auth,
    /// When and how often a request is repeated.
    pub retry: Retry,
    /// What follows from responses, after the rules of each operation.
    pub rules: Vec<ResponseRule>,
    /// How many calls may go out.
    pub rate_limits: Vec<RateLimit>,
    /// How long each stage of a request may take.
    pub timeouts: Timeouts,
    /// Hosts that links may lead to, besides the one of `base_url`.
    pub allowed_hosts: Vec<Template>,
    /// Hosts that credentials are sent to, besides the one of `base_url`.
    pub credential_hosts: Vec<Template>,
    /// The largest response body that is read, in bytes, counted after unpacking.
    pub max_response_bytes: u64,
    /// The content encodings that are asked for, the preferred one first.
    pub compression: Vec<Compression>,
}

/// What a body is packed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Gzip.
    Gzip,
    /// Zstandard.
    Zstd,
    /// Brotli.
    Brotli,
}

impl Compression {
    /// Its name as a content encoding.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Brotli => "br",
        }
    }

    /// The feature of a generated crate that it needs; gzip needs none.
    #[must_use]
    pub fn feature(self) -> Option<&'static str> {
        (self != Self::Gzip).then(|| self.as_str())
    }
}

impl Client {
    /// Every text with holes.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let headers = self.headers.iter().map(|(_, value)| value);
        let hosts = self.allowed_hosts.iter().chain(&self.credential_hosts);
        std::iter::once(&self.base_url).chain(headers).chain(self.auth.templates()).chain(hosts)
    }
}

/// When and how often a request is repeated.
#[derive(Clone, Debug)]
pub struct Retry {
    /// The statuses that are worth another try.
    pub statuses: Vec<u16>,
    /// How many times a call is repeated after its first attempt.
    pub max_retries: u32,
    /// The first wait's upper bound, in milliseconds.
    pub base_delay_ms: u64,
    /// What the bound is multiplied with after each attempt.
    pub backoff_factor: f64,
    /// No wait is longer, in milliseconds.
    pub max_delay_ms: u64,
    /// Whether `Retry-After` and the reset header decide the wait where they are sent.
    pub respect_retry_after: bool,
    /// The response header that says when the limit resets.
    pub reset_header: Option<String>,
    /// The response header that says how many calls are left.
    pub remaining_header: Option<String>,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            statuses: vec![408, 429, 500, 502, 503, 504],
            max_retries: 5,
            base_delay_ms: 500,
            backoff_factor: 2.0,
            max_delay_ms: 60_000,
            respect_retry_after: true,
            reset_header: Some("x-ratelimit-reset".to_owned()),
            remaining_header: Some("x-ratelimit-remaining".to_owned()),
        }
    }
}

/// How long each stage of a request may take, in milliseconds; 0 is without limit.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// To have a connection, TLS included.
    pub connect_ms: u64,
    /// From the request to the response's head.
    pub first_byte_ms: u64,
    /// Between two pieces of the body.
    pub between_bytes_ms: u64,
    /// For one attempt as a whole.
    pub whole_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect_ms: 10_000, first_byte_ms: 60_000, between_bytes_ms: 30_000, whole_ms: 300_000 }
    }
}

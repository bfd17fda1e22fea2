//! What becomes of an operation's responses, and how often it may be called.

use super::{Path, Retry, Spanned};
use crate::source::Span;

/// What a spec says of an operation's responses and limits.
#[derive(Clone, Debug, Default)]
pub struct Conduct {
    /// Its rules, its own before those of the defaults.
    pub rules: Vec<ResponseRule>,
    /// Whether those of the client follow after them.
    pub shares_rules: bool,
    /// When it is repeated, where that differs from the client's.
    pub retry: Option<Retry>,
    /// The header that carries a key by which the service knows a repeated call.
    pub idempotency_header: Option<Spanned<String>>,
    /// How many calls it counts as in the rate limits.
    pub weight: Option<Spanned<u32>>,
    /// The limit on its own calls.
    pub rate_limit: Option<RateLimit>,
}

/// A rule on responses: what follows if all conditions hold.
#[derive(Clone, Debug)]
pub struct ResponseRule {
    /// Where it stands.
    pub span: Span,
    /// The status is in one of these ranges, ends included; none is any status.
    pub statuses: Vec<(u16, u16)>,
    /// A header, in lower case, is like this.
    pub header: Option<(String, Match)>,
    /// The body has this text in it.
    pub content: Option<String>,
    /// The value at a place in the body is like this.
    pub path: Option<(Path, Match)>,
    /// What follows.
    pub action: Spanned<Action>,
    /// What the error says.
    pub message: Vec<MessagePart>,
}

/// What a value must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// There, and not null.
    Exists,
    /// Not there, or null.
    Absent,
    /// One of these texts.
    OneOf(Vec<String>),
    /// A text with this in it.
    Contains(String),
}

/// What follows from a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The response is the end of its list, without records of its own.
    Ignore,
    /// The call is repeated, if that does no harm.
    Retry,
    /// A new token is fetched, once, and the call repeated.
    RefreshAndRetry,
    /// The service turned the call away; it is repeated when the service is ready.
    RateLimited,
    /// The rest of the list is passed over.
    SkipPartition,
    /// It is an error, of the kind that its status tells, or of this one.
    Fail(Option<FailureKind>),
}

/// What it takes to mend a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Somebody has to change something.
    Config,
    /// It may go away by itself.
    Transient,
    /// The service or the spec is at fault.
    System,
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessagePart {
    /// A text, as it is.
    Literal(String),
    /// The value at a place in the body.
    Value(Path),
}

impl ResponseRule {
    /// Whether two rules apply to the same responses.
    pub fn has_conditions_of(&self, other: &Self) -> bool {
        self.statuses == other.statuses && self.header == other.header && self.content == other.content && self.path == other.path
    }

    /// Whether no response is asked anything.
    pub fn is_unconditional(&self) -> bool {
        self.statuses.is_empty() && self.header.is_none() && self.content.is_none() && self.path.is_none()
    }
}

/// A limit on calls.
#[derive(Clone, Debug)]
pub struct RateLimit {
    /// Where it stands.
    pub span: Span,
    /// What is counted together.
    pub scope: LimitScope,
    /// How many calls in which time (in milliseconds).
    pub rate: Option<(u32, u64)>,
    /// How many may go at once, where the service fills a bucket; none counts the calls of a span.
    pub burst: Option<u32>,
    /// How many may be under way at once.
    pub concurrency: Option<u32>,
    /// The response headers that tell of it.
    pub headers: LimitHeaders,
}

/// What a limit counts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitScope {
    /// All calls of a client.
    Client,
    /// The calls of each resource and operation by itself.
    Resource,
    /// The calls to each host by itself.
    Host,
}

/// The response headers that tell of a limit, in lower case.
#[derive(Clone, Debug, Default)]
pub struct LimitHeaders {
    /// How many calls there are.
    pub limit: Option<String>,
    /// How many are left, or `used/all`.
    pub remaining: Option<String>,
    /// When the count starts anew.
    pub reset: Option<String>,
    /// How that is written.
    pub unit: ResetUnit,
}

/// How a moment or a span is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResetUnit {
    /// As its size and form tell.
    #[default]
    Auto,
    /// Seconds since 1970.
    Epoch,
    /// Milliseconds since 1970.
    EpochMs,
    /// Seconds to go.
    Delta,
    /// Milliseconds to go.
    DeltaMs,
    /// An ISO 8601 moment or an HTTP date.
    Iso,
}

//! What the rules of a spec make of a response, before its status is looked at.

use std::fmt;

use crate::rt::error::FailureKind;
use crate::rt::message::Response;

/// Looks at a response and says what is to be done about it. None leaves it to its status.
pub trait Judge: fmt::Debug + Sync {
    /// The verdict of the first rule that applies.
    fn judge(&self, response: &Response) -> Option<Verdict>;
}

/// What is to be done about a response.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verdict {
    /// It.
    pub action: Action,
    /// The rule that says so, as it is reported.
    pub rule: String,
    /// What an error says, in place of what the service says. It may hold what the service sent, and so a secret.
    pub message: Option<String>,
}

/// What can be done about a response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// It is the end of its list, without records of its own.
    Ignore,
    /// The call is repeated, if that does no harm.
    Retry,
    /// A new token is fetched, once, and the call repeated.
    RefreshAndRetry,
    /// The service turned the call away unread: it is repeated when the service is ready.
    RateLimited,
    /// The rest of its list is passed over.
    SkipPartition,
    /// It is an error. Without a kind, its status says which.
    Fail(Option<FailureKind>),
}

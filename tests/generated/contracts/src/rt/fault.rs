//! Why a JSON text could not be decoded, and where.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// What kind of failure a [`Fault`] is; it decides what a schema contract may do about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The text is no JSON, is cut off, or nests too deep. Nothing after it can be read.
    Syntax,
    /// The value is well-formed JSON of another type than the schema says.
    Type,
    /// A required field is absent or null.
    Missing,
    /// The record has a field that its schema does not know, and the contract is to refuse it.
    Unknown,
    /// A hook of the program refuses the record.
    Refused,
}

/// How many characters of a value a message shows.
const SHOWN: usize = 40;

/// One step of a JSON path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// A member of an object: borrowed where the schema names it, owned where the key is data.
    Key(Cow<'static, str>),
    /// An element of an array, from 0.
    Index(usize),
}

/// A decode failure: its kind, byte offset, JSON path and what was expected.
///
/// Boxed, so that a `Result<T, Fault>` stays small on the path that succeeds. The path is collected while the failure
/// travels outwards; reading costs nothing for it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault(Box<Detail>);

#[derive(Clone, Debug, Eq, PartialEq)]
struct Detail {
    kind: FaultKind,
    offset: usize,
    message: Cow<'static, str>,
    /// Innermost step first.
    steps: Vec<Step>,
}

impl Fault {
    /// A failure at a byte offset, with a message that says what was expected.
    #[cold]
    pub fn new(kind: FaultKind, offset: usize, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self(Box::new(Detail { kind, offset, message, steps: Vec::new() }))
    }

    /// A value of the right JSON type, at a byte offset, whose content is not what is expected.
    #[cold]
    #[must_use]
    pub fn unfit(offset: usize, expected: &str, found: &str) -> Self {
        let shown: String = found.chars().take(SHOWN).collect();
        let more = if shown.len() < found.len() { "…" } else { "" };
        Self::new(FaultKind::Type, offset, format!("expected {expected}, found `{shown}{more}`"))
    }

    /// The same failure, seen from one level further out.
    #[cold]
    #[must_use]
    pub fn within(mut self, step: Step) -> Self {
        self.0.steps.push(step);
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> FaultKind {
        self.0.kind
    }

    /// Where it was noticed, in bytes from the start of the text.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// The same failure in a text that begins `base` bytes further on.
    #[must_use]
    pub fn shifted(mut self, base: usize) -> Self {
        self.0.offset += base;
        self
    }

    /// The same failure at another byte offset.
    #[must_use]
    pub fn moved(mut self, offset: usize) -> Self {
        self.0.offset = offset;
        self
    }

    /// The same failure, said to be on a line, counted from 1; 0 is none.
    #[must_use]
    pub fn on_line(mut self, line: u64) -> Self {
        if line > 0 {
            self.0.message = format!("line {line}: {}", self.0.message).into();
        }
        self
    }

    /// What was expected and what was found.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The steps to the value, outermost first.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.0.steps.iter().rev()
    }

    /// The JSON path of the value, such as `$.users[17].created_at`.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::from("$");
        for step in self.steps() {
            match step {
                Step::Key(key) if is_plain(key) => {
                    path.push('.');
                    path.push_str(key);
                }
                Step::Key(key) => {
                    let _ = write!(path, "[{key:?}]");
                }
                Step::Index(index) => {
                    let _ = write!(path, "[{index}]");
                }
            }
        }
        path
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_')
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at `{}` (byte {})", self.message(), self.path(), self.offset())
    }
}

impl std::error::Error for Fault {}

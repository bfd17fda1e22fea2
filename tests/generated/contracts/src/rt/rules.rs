//! Rules on responses: an ordered table of conditions and what follows from them.
//!
//! A body is looked at only if the rest of a rule's conditions hold, and only as far as the last value that is asked for.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use crate::rt::descriptor::{Path, Segment};
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::message::Response;
use crate::rt::reader::{Kind, Reader};
use crate::rt::select::select;
use crate::rt::verdict::{Action, Judge, Verdict};

/// The rules of an operation: its own, and then those that it shares.
#[derive(Debug)]
pub struct Rules {
    own: &'static [Rule],
    shared: &'static [Rule],
}

/// What follows if all conditions hold.
#[derive(Debug)]
pub struct Rule {
    statuses: &'static [(u16, u16)],
    header: Option<(&'static str, Match)>,
    content: Option<&'static str>,
    path: Option<(Path, Match)>,
    action: Action,
    message: &'static [Piece],
}

/// What a value must be.
#[derive(Clone, Copy, Debug)]
pub enum Match {
    /// There, and not null.
    Exists,
    /// Not there, or null.
    Absent,
    /// This text, or one of these.
    OneOf(&'static [&'static str]),
    /// A text with this in it.
    Contains(&'static str),
}

/// A piece of a message.
#[derive(Clone, Copy, Debug)]
pub enum Piece {
    /// A text, as it is.
    Text(&'static str),
    /// The value at a place in the body.
    Value(Path),
}

impl Rules {
    /// These rules, in order.
    #[must_use]
    pub const fn new(own: &'static [Rule]) -> Self {
        Self { own, shared: &[] }
    }

    /// The same, and after them others.
    #[must_use]
    pub const fn then(self, shared: &'static [Rule]) -> Self {
        Self { shared, ..self }
    }
}

impl Judge for Rules {
    fn judge(&self, response: &Response) -> Option<Verdict> {
        let rules = || self.own.iter().chain(self.shared);
        let mut body = None;
        let rule = rules().find(|rule| {
            let body = &mut body;
            rule.fits_head(response)
                && (!rule.needs_body() || rule.fits_body(body.get_or_insert_with(|| Body::of(response)), rules))
        })?;
        Some(Verdict { action: rule.action, rule: rule.to_string(), message: rule.message(response) })
    }
}

impl Rule {
    /// A rule without conditions: it applies to every response.
    #[must_use]
    pub const fn new(action: Action) -> Self {
        Self { statuses: &[], header: None, content: None, path: None, action, message: &[] }
    }

    /// The status is in one of these ranges, ends included.
    #[must_use]
    pub const fn status(self, statuses: &'static [(u16, u16)]) -> Self {
        Self { statuses, ..self }
    }

    /// A header fits.
    #[must_use]
    pub const fn header(self, name: &'static str, fits: Match) -> Self {
        Self { header: Some((name, fits)), ..self }
    }

    /// The body has this text in it.
    #[must_use]
    pub const fn content(self, content: &'static str) -> Self {
        Self { content: Some(content), ..self }
    }

    /// The value at a place in the body fits. Numbers and truth values are compared as they are written.
    #[must_use]
    pub const fn path(self, path: Path, fits: Match) -> Self {
        Self { path: Some((path, fits)), ..self }
    }

    /// What the error says.
    #[must_use]
    pub const fn message_of(self, message: &'static [Piece]) -> Self {
        Self { message, ..self }
    }

    fn fits_head(&self, response: &Response) -> bool {
        let status = response.status;
        let fits_status = self.statuses.is_empty() || self.statuses.iter().any(|(from, to)| (*from..=*to).contains(&status));
        fits_status && self.header.is_none_or(|(name, fits)| fits.holds(response.headers.get(name)))
    }

    fn needs_body(&self) -> bool {
        self.content.is_some() || self.path.is_some()
    }

    /// `rules` are all those whose values are read together with the first that is needed.
    fn fits_body<R: Iterator<Item = &'static Rule>>(&self, body: &mut Body<'_>, rules: impl Fn() -> R) -> bool {
        // What is not there has nothing missing in it either. So much for an answer that is read piece by piece, later.
        !body.text.is_empty()
            && self.content.is_none_or(|content| body.text.contains(content))
            && self.path.is_none_or(|(path, fits)| {
                let paths = || rules().filter_map(|rule| rule.path.map(|(path, _)| path)).collect();
                fits.holds(body.value(path, paths))
            })
    }

    fn message(&self, response: &Response) -> Option<String> {
        if self.message.is_empty() {
            return None;
        }
        let mut body = Body::of(response);
        let value = |piece: &Piece| if let Piece::Value(path) = piece { Some(*path) } else { None };
        let paths = || self.message.iter().filter_map(value).collect();
        let mut message = String::new();
        for piece in self.message {
            message.push_str(match piece {
                Piece::Text(literal) => literal,
                Piece::Value(path) => body.value(path, paths).unwrap_or("(nothing)"),
            });
        }
        Some(message)
    }
}

impl Match {
    fn holds(self, value: Option<&str>) -> bool {
        match (self, value) {
            (Self::Absent, value) => value.is_none(),
            (_, None) => false,
            (Self::Exists, Some(_)) => true,
            (Self::OneOf(texts), Some(value)) => texts.contains(&value),
            (Self::Contains(text), Some(value)) => value.contains(text),
        }
    }
}

/// The rule as a spec's author knows it again: `status 404 and content "Not found": ignore`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let mut condition = |condition: String| {
            let and = if text.is_empty() { "" } else { " and " };
            let _ = write!(text, "{and}{condition}");
        };
        if !self.statuses.is_empty() {
            let range = |(from, to): &(u16, u16)| if from == to { from.to_string() } else { format!("{from}-{to}") };
            condition(format!("status {}", self.statuses.iter().map(range).collect::<Vec<_>>().join(", ")));
        }
        if let Some((name, fits)) = self.header {
            condition(format!("header {name}{fits}"));
        }
        if let Some(content) = self.content {
            condition(format!("content {content:?}"));
        }
        if let Some((path, fits)) = self.path {
            let steps = path.iter().map(|segment| match segment {
                Segment::Key(key) => format!(".{key}"),
                Segment::Index(index) => format!("[{index}]"),
            });
            condition(format!("${}{fits}", steps.collect::<String>()));
        }
        let action = match self.action {
            Action::Ignore => "ignore",
            Action::Retry => "retry",
            Action::RefreshAndRetry => "refresh_and_retry",
            Action::RateLimited => "rate_limited",
            Action::SkipPartition => "skip_partition",
            Action::Fail(_) => "fail",
        };
        write!(f, "{text}: {action}")
    }
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists => f.write_str(" exists"),
            Self::Absent => f.write_str(" is absent"),
            Self::OneOf([one]) => write!(f, " = {one:?}"),
            Self::OneOf(texts) => write!(f, " in {texts:?}"),
            Self::Contains(text) => write!(f, " contains {text:?}"),
        }
    }
}

/// A body, and the values in it that rules ask for.
struct Body<'r> {
    text: Cow<'r, str>,
    /// Read in one pass, when the first of them is asked for.
    values: Option<Vec<(Path, Option<String>)>>,
}

impl<'r> Body<'r> {
    fn of(response: &'r Response) -> Self {
        Self { text: String::from_utf8_lossy(&response.body), values: None }
    }

    /// The value at a place, as text: what is in quotes, or the value as it is written. None where there is none, or a null.
    fn value(&mut self, path: Path, paths: impl FnOnce() -> Vec<Path>) -> Option<&str> {
        let text = &self.text;
        let values = self.values.get_or_insert_with(|| read(text, paths()));
        values.iter().find(|(held, _)| *held == path)?.1.as_deref()
    }
}

/// The values at some places of a JSON text. What comes after the last of them is not read, be it broken.
fn read(text: &str, paths: Vec<Path>) -> Vec<(Path, Option<String>)> {
    let mut wanted: Vec<Path> = Vec::with_capacity(paths.len());
    for path in paths {
        if !wanted.contains(&path) {
            wanted.push(path);
        }
    }
    let mut values: Vec<Option<String>> = vec![None; wanted.len()];
    let mut missing = wanted.len();
    // A text that breaks off, or is no JSON at all, has said what it has said.
    let _ = select(&mut Reader::new(text), &wanted, &mut |r, index| {
        let value = match r.peek()? {
            Kind::Null => {
                r.null()?;
                None
            }
            Kind::String => Some(r.str()?.into_owned()),
            _ => Some(r.skip()?.to_owned()),
        };
        if let Some(place) = values.get_mut(index) {
            *place = value;
        }
        missing = missing.saturating_sub(1);
        // A fault of our own ends the reading.
        if missing == 0 { Err(Fault::new(FaultKind::Syntax, r.offset(), "all is found")) } else { Ok(true) }
    });
    wanted.into_iter().zip(values).collect()
}

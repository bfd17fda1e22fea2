//! A JSON value as a light tree, for what changes records on their way. Numbers stay the text that they came as, so that no digit
//! is lost.

use crate::rt::descriptor::{Path, Segment};
use crate::rt::fault::Fault;
use crate::rt::json_write;
use crate::rt::reader::{Kind, Reader};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Tree>),
    /// An object, in the order of its members. Of a repeated key the last value counts.
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// Reads one value.
    pub fn read(r: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(match r.peek()? {
            Kind::Null => {
                r.null()?;
                Self::Null
            }
            Kind::Bool => Self::Bool(r.bool()?),
            Kind::Number => Self::Number(r.number()?.to_owned()),
            Kind::String => Self::Text(r.str()?.into_owned()),
            Kind::Array => {
                let mut elements = Vec::new();
                r.array(&mut |r, _| {
                    elements.push(Self::read(r)?);
                    Ok(())
                })?;
                Self::Array(elements)
            }
            Kind::Object => {
                let mut members = Vec::new();
                r.object(&mut |r, key| {
                    members.push((key.to_owned(), Self::read(r)?));
                    Ok(())
                })?;
                Self::Object(members)
            }
        })
    }

    /// Appends the value as JSON.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(text) => out.push_str(text),
            Self::Text(text) => json_write::string(out, text),
            Self::Array(elements) => {
                out.push('[');
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    element.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (at, (key, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    json_write::string(out, key);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// The value as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// The type of the value with its article, for messages.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Number(_) => Kind::Number,
            Self::Text(_) => Kind::String,
            Self::Array(_) => Kind::Array,
            Self::Object(_) => Kind::Object,
        }
        .describe()
    }

    /// The value that a path leads to.
    #[must_use]
    pub fn get(&self, path: Path) -> Option<&Self> {
        path.iter().try_fold(self, |at, segment| at.child(segment))
    }

    fn child(&self, segment: &Segment) -> Option<&Self> {
        match (self, segment) {
            (Self::Object(members), Segment::Key(key)) => {
                members.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            (Self::Array(elements), Segment::Index(index)) => elements.get(*index),
            _ => None,
        }
    }

    fn child_mut(&mut self, segment: &Segment) -> Option<&mut Self> {
        match (self, segment) {
            (Self::Object(members), Segment::Key(key)) => {
                members.iter_mut().rev().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            (Self::Array(elements), Segment::Index(index)) => elements.get_mut(*index),
            _ => None,
        }
    }

    /// The members of the object that holds what a path leads to, and the last key of the path.
    fn holder<'p>(&mut self, path: &'p [Segment]) -> Option<(&mut Vec<(String, Self)>, &'p str)> {
        let (Segment::Key(key), above) = path.split_last()? else { return None };
        let holder = above.iter().try_fold(self, |at, segment| at.child_mut(segment))?;
        match holder {
            Self::Object(members) => Some((members, key)),
            _ => None,
        }
    }

    /// Takes away the member that a path leads to.
    pub fn take(&mut self, path: Path) -> Option<Self> {
        let (members, key) = self.holder(path)?;
        let mut taken = None;
        let mut kept = Vec::with_capacity(members.len());
        for (name, value) in std::mem::take(members) {
            if name == key {
                taken = Some(value);
            } else {
                kept.push((name, value));
            }
        }
        *members = kept;
        taken
    }

    /// Gives the member that a path leads to a value; it is added where it is not there. Without the object that it is to be a
    /// member of, nothing happens.
    pub fn set(&mut self, path: Path, value: Self) {
        let Some((members, key)) = self.holder(path) else { return };
        match members.iter_mut().rev().find(|(name, _)| name == key) {
            Some((_, held)) => *held = value,
            None => members.push((key.to_owned(), value)),
        }
    }

    /// Adds members to the object that holds what a path leads to, each key with a prefix. Those that are there are replaced.
    pub fn merge(&mut self, path: Path, prefix: &str, added: Vec<(String, Self)>) {
        let Some((members, _)) = self.holder(path) else { return };
        for (key, value) in added {
            let key = format!("{prefix}{key}");
            match members.iter_mut().rev().find(|(name, _)| *name == key) {
                Some((_, held)) => *held = value,
                None => members.push((key, value)),
            }
        }
    }
}

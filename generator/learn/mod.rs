//! What a service was seen to send beyond its schema becomes a change of the spec that keeps comments and order.
//!
//! What was seen comes as a report of a run ([`report`]), or from samples that are held against the schema ([`compare`]). Each piece
//! is an edit at a place of the text ([`edit`]), found by following the path through the text ([`place`]); an edit after which the
//! spec has errors is taken back. What the spec allows already is no change, so that the same report changes nothing twice.

pub mod compare;
mod edit;
mod place;
pub mod report;

use std::path::Path;

use crate::diagnostic::Diagnostics;
use crate::model::{Api, Type};
use crate::sample::judge::Judged;
use crate::sample::shape::Shape;
use crate::source::Sources;

/// A step towards a value in a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The member of an object.
    Key(String),
    /// Any element of an array.
    Element,
    /// Any value of a map.
    Value,
}

/// What was seen at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A member that the schema does not have.
    UnknownField,
    /// A text that is not among the values of an enum.
    NewEnumValue,
    /// A null where there is none.
    Null,
    /// No member where there always is one.
    Absent,
    /// A value of another type.
    Mismatch,
}

impl Kind {
    const WORDS: [(Self, &'static str); 5] = [
        (Self::UnknownField, "unknown_field"),
        (Self::NewEnumValue, "new_enum_value"),
        (Self::Null, "null"),
        (Self::Absent, "absent"),
        (Self::Mismatch, "mismatch"),
    ];

    /// Its word in a report.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }
}

/// One piece of drift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Where in a record.
    pub path: Vec<Step>,
    /// What was seen.
    pub kind: Kind,
    /// How often.
    pub count: u64,
    /// The types of JSON that came: `string`, `integer`, `number`, `boolean`, `object`, `array`, `null`.
    pub types: Vec<String>,
    /// Some of the texts that came, as samples.
    pub values: Vec<String>,
    /// The type that the samples show, where there are samples.
    pub judged: Option<Judged>,
}

/// Whose records these are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// A resource.
    Resource(String),
    /// A schema.
    Schema(String),
}

/// What became of a piece of drift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whose record.
    pub root: Root,
    /// What was seen.
    pub drift: Drift,
    /// Why the spec was not changed for it; none where it was.
    pub left: Option<String>,
}

/// A spec that allows what was seen, and what became of each piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learnt {
    /// The text of the spec.
    pub text: String,
    /// What was changed, and what is left to a person. What the spec allowed already is not among it.
    pub outcomes: Vec<Outcome>,
}

/// Changes a spec so that it allows what was seen.
#[must_use]
pub fn learn(name: &Path, text: &str, seen: &[(Root, Vec<Drift>)]) -> Learnt {
    let mut learnt = Learnt { text: text.to_owned(), outcomes: Vec::new() };
    for (root, drift) in seen {
        for drift in drift {
            let left = match edit::apply(&learnt.text, root, drift) {
                Ok(None) => continue,
                Ok(Some(changed)) => match errors(name, &changed) {
                    None => {
                        learnt.text = changed;
                        None
                    }
                    Some(error) => Some(error),
                },
                Err(reason) => Some(reason),
            };
            learnt.outcomes.push(Outcome { root: root.clone(), drift: drift.clone(), left });
        }
    }
    learnt
}

/// What samples show of the records of a resource, or of the values of a schema; none where the API has neither.
#[must_use]
pub fn seen(api: &Api, root: &Root, shape: &Shape) -> Option<Vec<Drift>> {
    match root {
        Root::Resource(name) => api.resource(name).map(|resource| compare::compare(&api.types, &resource.source, shape)),
        Root::Schema(name) => {
            let own = api.types.iter().find(|(_, def)| def.path.value == [name.as_str()]);
            own.map(|(id, _)| compare::compare(&api.types, &Type::Named(id), shape))
        }
    }
}

/// A schema of a spec's text, as a section `schemas` of its own.
#[must_use]
pub fn section(text: &str, name: &str) -> Option<String> {
    let spec = place::Spec::new(text)?;
    let schemas = spec.get(spec.places.root()?, "schemas")?;
    let entry = spec.places.entry(schemas, name)?;
    let (start, _) = edit::line(text, entry.span.start as usize);
    let column = entry.span.start as usize - start;
    let lines = text.get(start..edit::end_of_block(text, entry.span.start as usize, column))?;
    Some(format!("schemas:\n{lines}\n"))
}

/// The first error of a spec.
fn errors(name: &Path, text: &str) -> Option<String> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let is_good = crate::load_text(name, text, &mut sources, &mut diagnostics).is_some();
    let first = diagnostics.iter().find(|one| one.severity == crate::diagnostic::Severity::Error);
    (!is_good).then(|| first.map_or_else(|| "the spec has errors".to_owned(), |one| one.message.clone()))
}

/// A path as it is written: `identities[].user_id`, `labels.*`, `['odd.key']`.
#[must_use]
pub fn shown(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Element => text.push_str("[]"),
            Step::Value => text.push_str(if text.is_empty() { "*" } else { ".*" }),
            Step::Key(key) => {
                let is_plain = !key.is_empty()
                    && key.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '@' | '$' | ':'));
                match (is_plain, text.is_empty()) {
                    (true, true) => text.push_str(key),
                    (true, false) => text.extend([".", key]),
                    (false, _) => text.extend(["['", &key.replace('\'', "''"), "']"]),
                }
            }
        }
    }
    text
}

/// Reads such a path.
#[must_use]
pub fn path(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("[]") {
            steps.push(Step::Element);
            rest = after;
        } else if rest.starts_with("[\"") {
            // As a run writes it: a text of JSON.
            let mut texts = serde_json::Deserializer::from_str(&rest[1..]).into_iter::<String>();
            steps.push(Step::Key(texts.next()?.ok()?));
            rest = rest[1 + texts.byte_offset()..].strip_prefix(']')?;
        } else if let Some(quoted) = rest.strip_prefix("['") {
            let mut key = String::new();
            let mut left = quoted;
            loop {
                let end = left.find('\'')?;
                key.push_str(&left[..end]);
                left = &left[end + 1..];
                let Some(more) = left.strip_prefix('\'') else { break };
                key.push('\'');
                left = more;
            }
            steps.push(Step::Key(key));
            rest = left.strip_prefix(']')?;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let key = &rest[..end];
            if key.is_empty() {
                return None;
            }
            steps.push(if key == "*" { Step::Value } else { Step::Key(key.to_owned()) });
            rest = &rest[end..];
        }
        if let Some(after) = rest.strip_prefix('.') {
            rest = Some(after).filter(|after| !after.is_empty())?;
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_back() {
        for text in ["a", "a.b", "identities[].user_id", "rows[][]", "labels.*", "*.a", "['odd.key'].b", "a['it''s'][]", "['']"] {
            assert_eq!(path(text).map(|steps| shown(&steps)).as_deref(), Some(text));
        }
        for (text, own) in [("[\"odd.key\"].b", "['odd.key'].b"), ("a[\"it's \\\"one\\\"\"][]", "a['it''s \"one\"'][]")] {
            assert_eq!(path(text).map(|steps| shown(&steps)).as_deref(), Some(own));
        }
        for text in ["a.", ".a", "a..b", "['a", "a]b[", "[\"a", "[\"a\"", "[\"a\" ]"] {
            assert_eq!(path(text).filter(|steps| shown(steps) == text), None, "{text}");
        }
    }
}

//! Texts with placeholders: `https://{domain}/api`, `/organizations/{resources.organizations.id}/members`.

use super::json_path;
use crate::model::{Hole, ListField, PARTITION, TemplatePart};

/// What is wrong with a text, and the bytes of it that are.
#[derive(Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// What is wrong.
    pub message: String,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// Reads a text. Each plain name is taken for an input until the parameters around are known. `{{` and `}}` are braces.
pub fn parse(text: &str) -> Result<Vec<TemplatePart>, TemplateError> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find(['{', '}']).unwrap_or(rest.len());
        literal.push_str(rest.get(..plain).unwrap_or_default());
        at += plain;
        let rest = rest.get(plain..).unwrap_or_default();
        if rest.starts_with("{{") || rest.starts_with("}}") {
            literal.push(if rest.starts_with('{') { '{' } else { '}' });
            at += 2;
        } else if let Some(inner) = rest.strip_prefix('{') {
            let error = |message: &str, length| TemplateError { message: message.to_owned(), start: at, end: at + length };
            let length = inner.find('}').ok_or_else(|| error("has a `{` that is not closed; a brace itself is `{{`", 1))?;
            let name = inner.get(..length).unwrap_or_default();
            let hole = hole(name).map_err(|message| error(&message, length + 2))?;
            if literal.ends_with('$') {
                return Err(error("has a shell variable; write `{name}` and declare the name under `config`", length + 2));
            }
            if !literal.is_empty() {
                parts.push(TemplatePart::Literal(std::mem::take(&mut literal)));
            }
            parts.push(TemplatePart::Hole(hole));
            at += length + 2;
        } else if rest.starts_with('}') {
            let message = "has a `}` without a `{`; a brace itself is `}}`".to_owned();
            return Err(TemplateError { message, start: at, end: at + 1 });
        }
    }
    if !literal.is_empty() {
        parts.push(TemplatePart::Literal(literal));
    }
    Ok(parts)
}

fn hole(name: &str) -> Result<Hole, String> {
    if let Some(reference) = name.strip_prefix("resources.") {
        let Some((resource, field)) = reference.split_once('.') else {
            return Err(format!("names no field; write `{{resources.{reference}.id}}`"));
        };
        let field = json_path::parse(field).map_err(|error| format!("names a field whose path {}", error.message))?;
        return Ok(Hole::Parent { resource: resource.to_owned(), field });
    }
    match name {
        "incremental.start_value" | "incremental.last_value" => return Ok(Hole::Start),
        "incremental.end_value" => return Ok(Hole::End),
        _ => {}
    }
    if let Some(value) = name.strip_prefix(PARTITION).and_then(|rest| rest.strip_prefix('.')) {
        let (list, field) = value.split_once('.').map_or((value, None), |(list, field)| (list, Some(field)));
        if !is_name(list) || field.is_some_and(|field| !is_name(field)) {
            return Err("names no value of a list; write `{partition.LIST}`, or `{partition.LIST.FIELD}`".to_owned());
        }
        return Ok(Hole::List(ListField { list: list.to_owned(), field: field.map(str::to_owned) }));
    }
    if name.contains('.') && name != JOB_ID {
        return Err(format!("has a placeholder with a dot; a field of a parent's record is `{{resources.{name}}}`"));
    }
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    if starts && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')) {
        return Ok(Hole::Input(name.to_owned()));
    }
    Err("has a placeholder that is no name; a brace itself is `{{`".to_owned())
}

/// A letter or `_`, then letters, digits, `_` and `-`.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// The placeholder for the id of a job, in the requests about it.
pub const JOB_ID: &str = "job.id";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Template;
    use crate::source::Span;

    #[test]
    fn placeholders_are_read() {
        for (text, expected, holes) in [
            ("", "", 0),
            ("/users", "/users", 0),
            ("https://{domain}/api", "https://{domain}/api", 1),
            ("/o/{resources.organizations.id}/m", "/o/{organizations.id}/m", 1),
            ("{a}{b}", "{a}{b}", 2),
            ("{partition.region}-{partition.report.id}", "{partition.region}-{partition.report.id}", 2),
            ("updated_at:[{{x}} TO *]", "updated_at:[{{x}} TO *]", 0),
            ("é{ü}", "é{ü}", 1),
            ("{incremental.start_value}", "{incremental.start_value}", 1),
            ("a>{incremental.last_value}", "a>{incremental.start_value}", 1),
            ("{incremental.end_value}", "{incremental.end_value}", 1),
        ] {
            let template = Template { parts: parse(text).expect(text), span: Span::default() };
            assert_eq!(template.to_runtime(), expected, "{text}");
            assert_eq!(template.holes().count(), holes, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        for (text, start, end) in [
            ("a{b", 1, 2),
            ("a}b", 1, 2),
            ("{}", 0, 2),
            ("x{a b}", 1, 6),
            ("{resources.x}", 0, 13),
            ("{users.id}", 0, 10),
            ("{incremental.value}", 0, 19),
            ("{partition.}", 0, 12),
            ("{partition.a.b.c}", 0, 17),
            ("${A}", 1, 4),
            ("{1}", 0, 3),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!((error.start, error.end), (start, end), "{text}: {}", error.message);
        }
    }
}

//! The text of a document as a tree of JSON values.

use serde_json::{Map, Number, Value};

use crate::codes::Code;
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Sources, Span};

/// Reads a text that is JSON or YAML. None where it is neither, which is reported.
pub fn read_value(file: FileId, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Value> {
    let text = sources.text(file);
    let is_json = sources.path(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if is_json || text.trim_start().starts_with('{') {
        match serde_json::from_str(text) {
            Ok(value) => return Some(value),
            Err(error) if is_json => {
                let (message, at) = (error.to_string(), sources.byte_at(file, error.line(), error.column()));
                let message = message.split(" at line ").next().unwrap_or(&message);
                diagnostics.report(Code::NotJson, Span { file, start: at, end: at }, &[message]);
                return None;
            }
            // A YAML map in braces may well be no JSON.
            Err(_) => {}
        }
    }
    let refuse = |error: &serde_yaml::Error, diagnostics: &mut Diagnostics| {
        let at = error.location().and_then(|location| u32::try_from(location.index()).ok()).unwrap_or(0);
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message);
        diagnostics.report(Code::Unreadable, Span { file, start: at, end: at }, &[message]);
    };
    let mut value: serde_yaml::Value = match serde_yaml::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            refuse(&error, diagnostics);
            return None;
        }
    };
    if let Err(error) = value.apply_merge() {
        refuse(&error, diagnostics);
        return None;
    }
    Some(json(value))
}

/// YAML as JSON: keys become texts, tags are left out, and numbers that JSON does not have become null.
fn json(value: serde_yaml::Value) -> Value {
    match value {
        serde_yaml::Value::Null => Value::Null,
        serde_yaml::Value::Bool(flag) => Value::Bool(flag),
        serde_yaml::Value::Number(number) => {
            let whole = number.as_i64().map(Number::from).or_else(|| number.as_u64().map(Number::from));
            whole.or_else(|| number.as_f64().and_then(Number::from_f64)).map_or(Value::Null, Value::Number)
        }
        serde_yaml::Value::String(text) => Value::String(text),
        serde_yaml::Value::Sequence(elements) => Value::Array(elements.into_iter().map(json).collect()),
        serde_yaml::Value::Mapping(members) => {
            let members = members.into_iter().map(|(key, value)| (text_of(key), json(value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        serde_yaml::Value::Tagged(tagged) => json(tagged.value),
    }
}

/// A key as a text: `200`, `true`, `null`.
fn text_of(key: serde_yaml::Value) -> String {
    match json(key) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

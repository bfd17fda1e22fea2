//! One piece of drift as an edit of a spec's text.

use crate::infer::yaml::scalar;
use crate::model::Scalar;
use crate::native::places::{Form, PlaceId};
use crate::native::type_expr;
use crate::sample::judge::{self, Judged};
use crate::sample::{Forms, Texts, write};

use super::place::{At, Spec};
use super::{Drift, Kind, Root, Step};

/// The text after the edit; none where it allows this already. Otherwise why a person has to see to it.
pub(super) fn apply(text: &str, root: &Root, drift: &Drift) -> Result<Option<String>, String> {
    let spec = Spec::new(text).ok_or("the spec's text can not be read")?;
    let record = spec.root(root)?;
    match drift.kind {
        Kind::UnknownField => unknown_field(&spec, record, drift),
        Kind::NewEnumValue => new_values(&spec, record, drift),
        Kind::Null => null(&spec, record, drift),
        Kind::Absent => flag(&spec, record, drift, "required", "true", "false"),
        Kind::Mismatch => mismatch(&spec, record, drift),
    }
}

fn unknown_field(spec: &Spec<'_>, record: At, drift: &Drift) -> Result<Option<String>, String> {
    let Some((Step::Key(name), before)) = drift.path.split_last() else {
        return Err("the path does not end with a name".to_owned());
    };
    let holder = spec.settle(spec.follow(record, before)?);
    let fields = spec.fields(&holder).ok_or("the spec's text does not list the fields there")?;
    if spec.places.entry(fields, name).is_some() {
        return Ok(None);
    }
    let judged = drift.judged.clone().unwrap_or_else(|| from_types(name, drift));
    add(spec, fields, name, &judged).map(Some)
}

/// The type of a field of which a report knows types and samples.
fn from_types(name: &str, drift: &Drift) -> Judged {
    let kinds: Vec<&str> = drift.types.iter().map(String::as_str).filter(|word| *word != "null").collect();
    let judged = match kinds.as_slice() {
        ["string"] => return judge::named(name, &texts(&drift.values)),
        ["integer"] => Judged::word("integer"),
        ["number"] | ["integer", "number"] | ["number", "integer"] => Judged::word("number"),
        ["boolean"] => Judged::word("boolean"),
        _ => Judged::word("json"),
    };
    Judged { sensitive: false, ..judged }
}

/// The samples of a report; without one they are plain texts.
fn texts(values: &[String]) -> crate::sample::shape::Shape {
    let mut texts = Texts::default();
    for value in values.iter().map(String::as_str).chain(values.is_empty().then_some("text")) {
        texts.take(value);
    }
    crate::sample::shape::Shape { texts: Some(Box::new(texts)), ..Default::default() }
}

fn new_values(spec: &Spec<'_>, record: At, drift: &Drift) -> Result<Option<String>, String> {
    let at = spec.settle(spec.follow(record, &drift.path)?);
    let list = spec.get(at.holder, "enum").ok_or("the spec's text lists no values there")?;
    let known: Vec<&str> = spec.items(list).iter().filter_map(|item| spec.text_of(*item)).map(String::as_str).collect();
    let new: Vec<&String> = drift.values.iter().filter(|value| !known.contains(&value.as_str())).collect();
    let Some((start_of_last, end)) = spec.items(list).last().and_then(|last| spec.bytes(*last)) else {
        return Err("the values can not be read".to_owned());
    };
    if new.is_empty() {
        return Ok(None);
    }
    let new: Vec<String> = new.iter().map(|value| if is_json(spec) { json(value) } else { scalar(value) }).collect();
    if spec.bytes(list).is_some() {
        return Ok(Some(inserted(spec.text, end, &format!(", {}", new.join(", ")))));
    }
    let (start, indent) = line(spec.text, start_of_last);
    let dash = " ".repeat(indent.min(start_of_last - start));
    let lines: String = new.iter().flat_map(|value| [dash.as_str(), "- ", value.as_str(), "\n"]).collect();
    Ok(Some(after_line(spec.text, end, &lines)))
}

fn null(spec: &Spec<'_>, record: At, drift: &Drift) -> Result<Option<String>, String> {
    if !matches!(drift.path.last(), Some(Step::Key(_))) {
        return Err("arrays and maps hold no null unless they hold `json`".to_owned());
    }
    flag(spec, record, drift, "nullable", "false", "true")
}

/// Takes back a flag of a field.
fn flag(spec: &Spec<'_>, record: At, drift: &Drift, key: &str, from: &str, to: &str) -> Result<Option<String>, String> {
    let at = spec.follow(record, &drift.path)?;
    let Some(value) = spec.get(at.holder, key) else { return Ok(None) };
    let bytes = spec.bytes(value).filter(|_| spec.text_of(value).is_some_and(|text| text.eq_ignore_ascii_case(from)));
    Ok(bytes.map(|bytes| replaced(spec.text, bytes, to)))
}

fn mismatch(spec: &Spec<'_>, record: At, drift: &Drift) -> Result<Option<String>, String> {
    let at = spec.follow(record, &drift.path)?;
    let Some((place, expression)) = &at.expression else {
        return Err("the type there is written with keys, which only a person can widen".to_owned());
    };
    if spec.get(at.holder, "format").is_some() {
        return Err("`format` narrows the type; remove it".to_owned());
    }
    let is_lenient = spec.get(at.holder, "lenient").and_then(|id| spec.text_of(id)).is_some_and(|text| text == "true");
    let Some(widened) = widen(expression, is_lenient, drift) else { return Ok(None) };
    let full = spec.text_of(*place).ok_or("the type can not be read")?;
    let bytes = spec.bytes(*place).ok_or("the type can not be read")?;
    match widened {
        Widened::Lenient if full == expression => add_flag(spec, at.holder, "lenient", "true").map(Some),
        Widened::Lenient => Err("elements are not taken leniently; widen their type".to_owned()),
        Widened::Type(ty) => {
            let before = full.strip_suffix(expression.as_str()).unwrap_or_default();
            let ty = if !before.is_empty() && ty.contains('|') { format!("{before}({ty})") } else { format!("{before}{ty}") };
            Ok(Some(replaced(spec.text, bytes, &if is_json(spec) { json(&ty) } else { ty })))
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Widened {
    /// The same type, and neighbouring forms of it.
    Lenient,
    Type(String),
}

/// A type that takes what came as well; none where it does already.
fn widen(declared: &str, is_lenient: bool, drift: &Drift) -> Option<Widened> {
    let mut seen: Vec<&str> = drift.types.iter().map(String::as_str).filter(|word| *word != "null").collect();
    seen.sort_unstable();
    seen.dedup();
    let ty = |word: &str| Some(Widened::Type(word.to_owned()));
    let known = |word: &&str| declared.split(['|', '(', ')']).any(|part| part.trim() == *word);
    let Some(scalar) = type_expr::scalar(declared) else {
        if declared == "json" || declared == "any" || declared == "object" || seen.iter().all(known) {
            return None;
        }
        return if is_plain(&seen) { ty(&joined(declared, &seen)) } else { ty("json") };
    };
    let shape = texts(&drift.values);
    let forms = shape.texts.as_ref().filter(|_| !drift.values.is_empty()).map(|texts| texts.forms);
    let has = |form: Forms| forms.is_some_and(|forms| forms.has(form));
    let is_string = seen.as_slice() == ["string"];
    let is_number = !seen.is_empty() && seen.iter().all(|word| matches!(*word, "integer" | "number"));
    let is_numeric = is_number || (is_string && (has(Forms::INTEGER) || has(Forms::DECIMAL)));
    let fits_leniently = match scalar {
        Scalar::Integer => is_string && has(Forms::INTEGER),
        Scalar::Boolean => is_string && has(Forms::BOOLEAN),
        Scalar::DateTime => is_number || (is_string && (has(Forms::MOMENT) || has(Forms::DATE))),
        Scalar::Date => is_number || (is_string && has(Forms::MOMENT)),
        _ => false,
    };
    match scalar {
        _ if seen.is_empty() => None,
        _ if !is_plain(&seen) => ty("json"),
        _ if fits_leniently => (!is_lenient).then_some(Widened::Lenient),
        Scalar::Decimal if is_numeric => None,
        Scalar::Number if is_number => None,
        Scalar::Integer if is_number && seen.contains(&"number") => ty("number"),
        // What is a number and does not fit has too many digits.
        Scalar::Integer if is_number => ty("decimal"),
        Scalar::Number if is_numeric => ty("decimal"),
        Scalar::DateTime | Scalar::Date | Scalar::Time | Scalar::Uuid | Scalar::Binary | Scalar::Decimal if is_string => {
            ty("string")
        }
        Scalar::String | Scalar::Integer | Scalar::Number | Scalar::Boolean => {
            let new: Vec<&str> = seen.iter().copied().filter(|word| *word != declared).collect();
            if new.is_empty() { None } else { ty(&joined(declared, &new)) }
        }
        _ => ty("json"),
    }
}

/// Whether these are values without parts, and few.
fn is_plain(seen: &[&str]) -> bool {
    seen.len() <= 2 && seen.iter().all(|word| matches!(*word, "string" | "integer" | "number" | "boolean"))
}

fn joined(declared: &str, seen: &[&str]) -> String {
    let bare = declared.trim_start_matches('(').trim_end_matches(')');
    format!("{bare} | {}", seen.join(" | "))
}

/// Adds a field at the end of a map of fields.
fn add(spec: &Spec<'_>, fields: PlaceId, name: &str, judged: &Judged) -> Result<String, String> {
    let last = spec.entries(fields).last().ok_or("there are no fields to add it to")?;
    if spec.bytes(fields).is_none() {
        let (start, _) = line(spec.text, last.span.start as usize);
        let column = last.span.start as usize - start;
        let end = end_of_block(spec.text, last.span.start as usize, column);
        return Ok(after_line(spec.text, end, &write::field(name, judged, column)));
    }
    let end = spec.bytes(last.value).map(|(_, end)| end).ok_or("the last field can not be read")?;
    Ok(inserted(spec.text, end, &format!(", {}", in_braces(spec, &write::field(name, judged, 0))?)))
}

/// A field as it stands between braces.
fn in_braces(spec: &Spec<'_>, lines: &str) -> Result<String, String> {
    let line = lines.trim_end();
    if !line.contains('\n') && !is_json(spec) {
        return Ok(line.to_owned());
    }
    let value: serde_json::Value = serde_yaml::from_str(lines).map_err(|error| error.to_string())?;
    let text = value.to_string();
    Ok(text.trim_start_matches('{').strip_suffix('}').unwrap_or(&text).to_owned())
}

/// Adds a key to what says a field; a type alone becomes a map.
fn add_flag(spec: &Spec<'_>, holder: PlaceId, key: &str, value: &str) -> Result<String, String> {
    let quoted = |text: &str| if is_json(spec) { json(text) } else { text.to_owned() };
    if let Some(Form::Scalar { .. }) = spec.form(holder) {
        let bytes = spec.bytes(holder).ok_or("the type can not be read")?;
        let own = &spec.text[bytes.0..bytes.1];
        return Ok(replaced(spec.text, bytes, &format!("{{{}: {own}, {}: {value}}}", quoted("type"), quoted(key))));
    }
    if let Some(old) = spec.get(holder, key) {
        let bytes = spec.bytes(old).ok_or("the flag can not be read")?;
        return Ok(replaced(spec.text, bytes, value));
    }
    let last = spec.entries(holder).last().ok_or("the field can not be read")?;
    if spec.bytes(holder).is_some() {
        let end = spec.bytes(last.value).map(|(_, end)| end).ok_or("the last key can not be read")?;
        return Ok(inserted(spec.text, end, &format!(", {}: {value}", quoted(key))));
    }
    let at = last.span.start as usize;
    let (start, _) = line(spec.text, at);
    let column = at - start;
    Ok(after_line(spec.text, end_of_block(spec.text, at, column), &format!("{}{key}: {value}\n", " ".repeat(column))))
}

fn is_json(spec: &Spec<'_>) -> bool {
    spec.text.trim_start().starts_with('{')
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Where a line begins, and how far it is indented.
pub(super) fn line(text: &str, at: usize) -> (usize, usize) {
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let rest = &text[start..];
    (start, rest.len() - rest.trim_start_matches(' ').len())
}

/// The end of the last line that belongs to the key at a byte, whose column is this.
pub(super) fn end_of_block(text: &str, key: usize, column: usize) -> usize {
    let first = text[key..].find('\n').map_or(text.len(), |at| key + at);
    let (mut end, mut at) = (first, first + 1);
    while at < text.len() {
        let stop = text[at..].find('\n').map_or(text.len(), |length| at + length);
        let line = &text[at..stop];
        let content = line.trim_start();
        let indent = line.len() - content.len();
        let is_blank = content.is_empty();
        let is_element = indent == column && (content.starts_with("- ") || content == "-");
        if !is_blank && indent <= column && !is_element && !content.starts_with('#') {
            break;
        }
        if !is_blank && (indent > column || is_element) {
            end = stop;
        }
        at = stop + 1;
    }
    end
}

/// The text with lines behind the one that holds a byte.
fn after_line(text: &str, at: usize, lines: &str) -> String {
    match text[at..].find('\n') {
        Some(end) => inserted(text, at + end + 1, lines),
        None => format!("{text}\n{lines}"),
    }
}

fn inserted(text: &str, at: usize, new: &str) -> String {
    replaced(text, (at, at), new)
}

fn replaced(text: &str, (start, end): (usize, usize), new: &str) -> String {
    [&text[..start], new, &text[end..]].concat()
}

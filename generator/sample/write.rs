//! Types as the language writes them.

use crate::infer::yaml::scalar;

use super::judge::{Form, Judged};

/// The section `schemas` with one schema for each type.
#[must_use]
pub fn section(schemas: &[(String, Judged)]) -> String {
    let mut text = "schemas:\n".to_owned();
    for (at, (name, judged)) in schemas.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        text.push_str(&schema(name, judged));
    }
    text
}

/// A schema. What is no object with fields is written as a type.
#[must_use]
pub fn schema(name: &str, judged: &Judged) -> String {
    match (&judged.form, inline(judged)) {
        (Form::Object(_) | Form::Enum(_) | Form::Union(_), None) | (Form::Enum(_), _) => block(name, judged, 2),
        // A schema has no `items` or `values`; what an array holds is written where it is used.
        (_, None) => format!("  {}: json\n", scalar(name)),
        (_, Some(ty)) => format!("  {}: {ty}\n", scalar(name)),
    }
}

/// A field, indented by so many spaces.
#[must_use]
pub fn field(name: &str, judged: &Judged, indent: usize) -> String {
    let space = " ".repeat(indent);
    match (inline(judged), flags(judged)) {
        (Some(ty), flags) if flags.is_empty() => format!("{space}{}: {ty}\n", scalar(name)),
        (Some(ty), flags) => format!("{space}{}: {{{}}}\n", scalar(name), pairs(Some(("type", ty)), flags)),
        (None, flags) if let Form::Enum(values) = &judged.form => {
            let values: Vec<String> = values.iter().map(|value| scalar(value)).collect();
            format!("{space}{}: {{{}}}\n", scalar(name), pairs(Some(("enum", format!("[{}]", values.join(", ")))), flags))
        }
        _ => block(name, judged, indent),
    }
}

/// The type as one expression, where it is one.
fn inline(judged: &Judged) -> Option<String> {
    match &judged.form {
        Form::Word(word) => Some((*word).to_owned()),
        Form::Array(element) if !element.lenient => Some(format!("array of {}", bracketed(element)?)),
        Form::Map(values) if !values.lenient => Some(format!("map of {}", bracketed(values)?)),
        Form::Union(variants) => {
            let is_plain = |variant: &&Judged| !variant.lenient;
            let texts: Option<Vec<String>> = variants.iter().map(|it| Some(it).filter(is_plain).and_then(inline)).collect();
            texts.map(|texts| texts.join(" | "))
        }
        _ => None,
    }
}

fn bracketed(judged: &Judged) -> Option<String> {
    inline(judged).map(|ty| if matches!(judged.form, Form::Union(_)) { format!("({ty})") } else { ty })
}

fn flags(judged: &Judged) -> Vec<(&'static str, String)> {
    let flags = [
        (judged.lenient, "lenient", "true".to_owned()),
        (judged.required, "required", "true".to_owned()),
        (!judged.nullable, "nullable", "false".to_owned()),
        (judged.sensitive, "sensitive", "true".to_owned()),
        (judged.note.is_some(), "description", scalar(judged.note.as_deref().unwrap_or_default())),
    ];
    flags.into_iter().filter(|(is_set, ..)| *is_set).map(|(_, key, value)| (key, value)).collect()
}

fn pairs(first: Option<(&'static str, String)>, flags: Vec<(&'static str, String)>) -> String {
    let pairs = first.into_iter().chain(flags);
    pairs.map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join(", ")
}

/// A key and the lines that make up its type.
fn block(name: &str, judged: &Judged, indent: usize) -> String {
    format!("{}{}:\n{}", " ".repeat(indent), scalar(name), lines(judged, indent + 2))
}

/// The keys of a field, each on a line.
fn lines(judged: &Judged, indent: usize) -> String {
    let space = " ".repeat(indent);
    let mut text: String =
        flags(judged).into_iter().flat_map(|(key, value)| [space.clone(), format!("{key}: {value}\n")]).collect();
    match &judged.form {
        Form::Object(fields) => {
            text.extend([&space, "fields:\n"]);
            for (name, judged) in fields {
                text.push_str(&field(name, judged, indent + 2));
            }
        }
        Form::Array(element) => text.push_str(&field("items", element, indent)),
        Form::Map(values) => text.push_str(&field("values", values, indent)),
        Form::Enum(values) => {
            let values: Vec<String> = values.iter().map(|value| scalar(value)).collect();
            text.extend([&space, "enum: [", &values.join(", "), "]\n"]);
        }
        Form::Union(variants) => {
            text.extend([&space, "any_of:\n"]);
            for variant in variants {
                text.push_str(&item(variant, indent + 2));
            }
        }
        Form::Word(word) => text.extend([&space, "type: ", word, "\n"]),
    }
    text
}

/// An element of a list of types.
fn item(judged: &Judged, indent: usize) -> String {
    let space = " ".repeat(indent);
    if let Some(ty) = inline(judged).filter(|_| flags(judged).is_empty()) {
        return format!("{space}- {ty}\n");
    }
    format!("{space}- {}", lines(judged, indent + 2).trim_start())
}

//! `connector.yaml`: the decisions in the language of specs, ready to be edited and kept.

use std::fmt::Write;

use super::{Argument, Choice, Decisions, From, Incremental, Paginator, Resource, Size, Style};
use crate::model::{Path, Segment, Slot};
use crate::openapi::{hole, in_quotes};

/// The most records a page that are asked for where a service allows any number.
const LARGEST: u32 = 1000;

impl Decisions {
    /// The rest of a spec whose last section is `client`: what limits requests, and the resources.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut text = self.hints.to_yaml();
        for (at, resource) in self.resources.iter().enumerate() {
            text += if at == 0 { "resources:\n" } else { "\n" };
            text += &entry(resource);
        }
        text
    }
}

/// What a resource begins with.
pub(super) const BEGINS: &str = "  - name: ";

/// A resource as an element of the list.
fn entry(resource: &Resource) -> String {
    let mut text = comment(resource);
    let mut line = |indent: usize, key: &str, value: &str| {
        let _ = writeln!(text, "{:indent$}{key}: {value}", "");
    };
    line(2, "- name", &scalar(&resource.name));
    line(4, "operation", &scalar(&resource.operation));
    if let Some(key) = &resource.key {
        let value = match key.value.as_slice() {
            [one] => scalar(one),
            several => format!("[{}]", several.iter().map(|key| scalar(key)).collect::<Vec<_>>().join(", ")),
        };
        line(4, "primary_key", &value);
    }
    if resource.is_untyped {
        line(4, "schema", "json");
    }
    text += "    endpoint:\n";
    let mut line = |key: &str, value: &str| {
        let _ = writeln!(text, "      {key}: {value}");
    };
    let path_is = filled_path(resource);
    if path_is != resource.path.split(['?', '#']).next().unwrap_or_default() {
        line("path", &scalar(&path_is));
    }
    if !resource.body.is_empty() {
        line("params", &arguments(&resource.body));
    }
    match resource.selector.value.as_slice() {
        [root] if root.0.is_empty() => {}
        [one] => line("data_selector", &scalar(&path(one))),
        several => {
            let several: Vec<String> = several.iter().map(|it| scalar(&path(it))).collect();
            line("data_selector", &format!("[{}]", several.join(", ")));
        }
    }
    line("paginator", &paginator(&resource.paginator.value));
    if let Some(incremental) = &resource.incremental {
        line("incremental", &bounds(&incremental.value));
    }
    text
}

/// How sure each choice is, and why.
fn comment(resource: &Resource) -> String {
    let mut reasons = vec![reason(&resource.selector), reason(&resource.paginator)];
    reasons.extend(resource.key.iter().map(|key| format!("key: {}", reason(key))));
    reasons.extend(resource.parents.iter().map(reason));
    reasons.extend(resource.incremental.iter().map(reason));
    let text = format!("confidence {:.2}: {}", resource.confidence(), reasons.join("; "));
    // A line break in a name would end the comment.
    format!("  # {}\n", text.replace(char::is_control, " "))
}

fn reason<T>(choice: &Choice<T>) -> String {
    choice.reason.clone()
}

/// The path as the language writes it: with the fields of its parents' records, and without signs that no name has (`{+parent}`).
fn filled_path(resource: &Resource) -> String {
    let mut text = String::new();
    let mut rest = resource.path.split(['?', '#']).next().unwrap_or_default();
    while let Some((before, name, after)) = hole(rest) {
        let parent = resource.parents.iter().map(|parent| &parent.value).find(|parent| parent.param == name);
        let name = match parent {
            Some(parent) => format!("resources.{}.{}", parent.resource, parent.field),
            None => name.trim_matches(|char: char| !char.is_alphanumeric() && char != '_').to_owned(),
        };
        let _ = write!(text, "{before}{{{name}}}");
        rest = after;
    }
    text + rest
}

/// The members of a body that the caller gives.
fn arguments(body: &[Argument]) -> String {
    let argument = |it: &Argument| {
        let required = if it.required { ", required: true" } else { "" };
        format!("{}: {{type: {}, in: body{required}}}", scalar(&it.name), it.ty)
    };
    format!("{{{}}}", body.iter().map(argument).collect::<Vec<_>>().join(", "))
}

/// A paginator on one line.
pub(super) fn paginator(paginator: &Paginator) -> String {
    if paginator.style == Style::SinglePage {
        return paginator.style.word().to_owned();
    }
    let mut pairs: Vec<(String, String)> = vec![("type".to_owned(), paginator.style.word().to_owned())];
    let mut push = |key: &str, value: String| pairs.push((key.to_owned(), value));
    let prefix = match paginator.style {
        Style::PageNumber => "page",
        Style::Offset => "offset",
        _ => "cursor",
    };
    if let Some(slot) = &paginator.slot {
        push(&slot_key(prefix, slot), slot_text(slot));
    }
    match (&paginator.from, paginator.style) {
        (From::Page(from), Style::JsonLink) => push("next_url_path", scalar(&path(from))),
        (From::Page(from) | From::Record(from), _) => push("cursor_path", scalar(&path(from))),
        (From::Header(name), _) => push("cursor_key", scalar(name)),
        (From::Nothing, _) => {}
    }
    match paginator.style {
        Style::PageNumber => push("base_page", paginator.first.to_string()),
        Style::Offset if paginator.first > 0 => push("offset", paginator.first.to_string()),
        _ => {}
    }
    size(paginator, &mut push);
    let stop = &paginator.stop;
    let places = [
        ("total_path", &stop.total),
        ("total_pages_path", &stop.total_pages),
        ("has_more_path", &stop.has_more),
        ("is_last_path", &stop.is_last),
    ];
    for (key, place) in places {
        if let Some(place) = place {
            push(key, scalar(&path(place)));
        }
    }
    if let Some(header) = &stop.total_header {
        push("total_header", scalar(header));
    }
    let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{{{}}}", pairs.join(", "))
}

/// The size of a page, where the document says one. Otherwise the service has its way: a number of ours may be more than it takes.
fn size(paginator: &Paginator, push: &mut impl FnMut(&str, String)) {
    let known = paginator.size.as_ref().and_then(|size| Some((size, asked(size)?)));
    match known {
        Some((size, limit)) => {
            push(&slot_key("limit", &size.slot), slot_text(&size.slot));
            push("limit", limit.to_string());
            if let Some(max) = size.max {
                push("maximum_limit", max.to_string());
            }
        }
        // An offset advances by the records that came, whatever was asked for.
        None if paginator.style == Style::Offset => {
            push("limit_param", "\"\"".to_owned());
            push("limit", "100".to_owned());
        }
        None => {}
    }
}

/// How many records a page are asked for: as many as the service gives, within reason.
fn asked(size: &Size) -> Option<u32> {
    size.max.map(|max| max.min(LARGEST)).or(size.default)
}

fn slot_key(prefix: &str, slot: &Slot) -> String {
    let kind = match slot {
        Slot::Query(_) | Slot::Path(_) => "param",
        Slot::Header(_) => "header",
        Slot::Body(_) => "body_path",
    };
    format!("{prefix}_{kind}")
}

fn slot_text(slot: &Slot) -> String {
    match slot {
        Slot::Query(name) | Slot::Header(name) | Slot::Path(name) => scalar(name),
        Slot::Body(place) => scalar(&path(place)),
    }
}

fn bounds(incremental: &Incremental) -> String {
    let mut pairs = vec![format!("cursor_path: {}", scalar(&path(&super::at(&incremental.field))))];
    pairs.push(format!("start_param: {}", scalar(&incremental.start)));
    pairs.extend(incremental.end.as_ref().map(|end| format!("end_param: {}", scalar(end))));
    pairs.extend(incremental.format.map(|format| format!("format: {format}")));
    pairs.extend(incremental.request_format.map(|format| format!("request_format: {format}")));
    pairs.extend(incremental.is_open.then(|| "start_bound: open".to_owned()));
    pairs.extend((!incremental.is_certain).then(|| "on_cursor_value_missing: include".to_owned()));
    format!("{{{}}}", pairs.join(", "))
}

/// A place as the language reads it: a key that could be taken for something else stands in quotes.
pub(crate) fn path(path: &Path) -> String {
    let is_plain =
        |key: &str| !key.is_empty() && key.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '@'));
    let step = |(at, segment): (usize, &Segment)| match segment {
        Segment::Index(index) => format!("[{index}]"),
        Segment::Key(key) if is_plain(key) => format!("{}{key}", if at == 0 { "" } else { "." }),
        Segment::Key(key) if key.contains('\'') => format!("[\"{key}\"]"),
        Segment::Key(key) => format!("['{key}']"),
    };
    let text: String = path.0.iter().enumerate().map(step).collect();
    if text.is_empty() { "$".to_owned() } else { text }
}

/// A text that YAML reads back as it is.
pub(crate) fn scalar(text: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.' | '/' | '$');
    let begins = text.starts_with(|char: char| char.is_ascii_alphabetic() || matches!(char, '_' | '/' | '$'));
    let is_word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if begins && !is_word && text.chars().all(is_plain) {
        return text.to_owned();
    }
    in_quotes(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_back() {
        let texts = [
            "users",
            "page[size]",
            "$top",
            "@odata",
            "yes",
            "null",
            "1",
            "",
            "a: b",
            "a#b",
            "'",
            "\"",
            "é\n",
            "-",
            "x{y}",
            "~",
            "\u{7f}",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{ffff}",
        ];
        for text in texts {
            let read: serde_yaml::Value = serde_yaml::from_str(&format!("{{a: {}, b: 1}}", scalar(text))).unwrap();
            assert_eq!(read["a"].as_str(), Some(text), "{}", scalar(text));
        }
    }

    #[test]
    fn places_are_read_back() {
        for keys in [vec!["data"], vec!["a", "b"], vec!["@odata.nextLink"], vec!["it's", "x y"], vec!["$odd"], vec!["*"], vec![]]
        {
            let place = Path(keys.iter().map(|key| Segment::Key((*key).to_owned())).collect());
            let read = crate::native::json_path::parse(&path(&place)).ok();
            assert_eq!(read.as_ref(), Some(&place), "{}", path(&place));
        }
    }
}

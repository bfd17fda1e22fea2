//! What a document says of the API as a whole, in the words of the connector language: its name, and its servers as `base_url`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::{Document, Operation, below};
use crate::codes::Code;
use crate::names;

/// The keys of a spec that the document itself answers.
#[derive(Debug, Default)]
pub struct Head {
    /// The name for people.
    pub title: Option<String>,
    /// The address of its own documentation.
    pub docs: Option<String>,
    /// What a user gives: the name, and the description in the words of the language.
    pub config: BTreeMap<String, String>,
    /// The address that paths are appended to.
    pub base_url: String,
    /// How requests are authorised, in the words of the language; none if they are not.
    pub auth: Option<String>,
}

impl Head {
    /// It as YAML.
    #[must_use]
    pub fn to_yaml(&self, name: &str) -> String {
        let mut text = format!("name: {name}\nversion: 0.1.0\n");
        for (key, value) in [("title", &self.title), ("docs", &self.docs)] {
            if let Some(value) = value {
                let _ = writeln!(text, "{key}: {}", quoted(value));
            }
        }
        if !self.config.is_empty() {
            text.push_str("config:\n");
            for (name, input) in &self.config {
                let _ = writeln!(text, "  {name}: {input}");
            }
        }
        let _ = write!(text, "client:\n  base_url: {}\n", quoted(&self.base_url));
        if let Some(auth) = &self.auth {
            let _ = writeln!(text, "  auth: {auth}");
        }
        text
    }
}

/// A text as YAML.
#[must_use]
pub fn quoted(text: &str) -> String {
    in_quotes(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A text in double quotes as YAML reads it: a string of JSON in which what YAML refuses or takes for a line end is escaped.
#[must_use]
pub fn in_quotes(text: &str) -> String {
    let is_refused =
        |char: char| matches!(char, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    let escaped = |char: char| if is_refused(char) { format!("\\u{:04x}", u32::from(char)) } else { char.to_string() };
    let json = Value::from(text).to_string();
    if json.contains(is_refused) { json.chars().map(escaped).collect() } else { json }
}

impl Document {
    /// What the document, which has these operations, says of the API as a whole.
    #[must_use]
    pub fn head<'d>(&'d self, operations: &[Operation<'d>]) -> Head {
        let text =
            |pointer: &str| self.root.pointer(pointer).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let mut head = Head {
            title: text("/info/title").map(str::to_owned),
            docs: text("/externalDocs/url").filter(|url| url.starts_with("http")).map(str::to_owned),
            ..Head::default()
        };
        self.servers(&mut head);
        head.auth = self.auth(operations, &mut head.config);
        head
    }

    /// A name for the connector: that of the file, or of its folder where files are called `openapi` everywhere.
    #[must_use]
    pub fn connector_name(&self, path: &std::path::Path) -> String {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let plain = stem.to_ascii_lowercase();
        let says_little =
            ["openapi", "swagger", "api", "spec", "spec3", "index", "main", "schema", "openapi3"].contains(&plain.as_str());
        let title = self.root.pointer("/info/title").and_then(Value::as_str).unwrap_or_default();
        let wanted = if says_little && !title.is_empty() { title.to_owned() } else { stem };
        let mut name = names::package(&wanted.replace(['.', ' '], "-"));
        name.truncate(40);
        name.trim_end_matches('-').to_owned()
    }

    fn servers(&self, head: &mut Head) {
        let server = self.root.pointer("/servers/0");
        let url = server.and_then(|server| server.get("url")).and_then(Value::as_str).unwrap_or_default().trim();
        let url = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let mut base = String::new();
        let mut rest = url;
        while let Some((before, name, after)) = super::hole(rest) {
            base.push_str(before);
            let variable = server.and_then(|server| server.pointer(&below("/variables", name)));
            let input = input_name(name);
            let default = variable.and_then(|variable| variable.get("default")).and_then(Value::as_str);
            let description = variable.and_then(|variable| variable.get("description")).and_then(Value::as_str);
            head.config.insert(input.clone(), input_words(default, description.unwrap_or("A part of the address.")));
            let _ = write!(base, "{{{input}}}");
            rest = after;
        }
        base.push_str(rest);
        let is_odd = base.contains(|c: char| c.is_whitespace() || "<>\"\\^`|".contains(c)) || base.contains('[');
        head.base_url = match base.as_str() {
            _ if is_odd => {
                self.note("/servers", Code::OddServer, &[url]);
                own_server(head, "")
            }
            _ if base.starts_with("http://") || base.starts_with("https://") => base,
            _ if base.starts_with("//") => format!("https:{base}"),
            _ if base.starts_with('{') => {
                // A variable that holds the scheme holds the whole address; one that does not stands for the host.
                if url.contains("://") { base } else { format!("https://{base}") }
            }
            _ if base.is_empty() || base.starts_with(['/', '.']) => own_server(head, base.trim_start_matches('.')),
            _ if base.contains("://") => {
                self.note("/servers", Code::OddServer, &[url]);
                own_server(head, "")
            }
            _ => format!("https://{base}"),
        };
    }
}

/// The address of a service that everybody runs for themselves.
fn own_server(head: &mut Head, path: &str) -> String {
    head.config.insert("server".to_owned(), format!("{{type: url, description: {}}}", quoted("The address of the service.")));
    format!("{{server}}{path}")
}

pub(super) fn input_words(default: Option<&str>, description: &str) -> String {
    let description = quoted(description);
    match default.filter(|default| !default.is_empty() && !default.contains(['{', '}'])) {
        Some(default) => format!("{{default: {}, description: {description}}}", quoted(default)),
        None => format!("{{description: {description}}}"),
    }
}

/// The name of an input for a variable of a server.
fn input_name(variable: &str) -> String {
    let name = names::value(variable);
    if is_input(&name) { name } else { "host".to_owned() }
}

/// Whether a name can be an input's.
pub(super) fn is_input(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

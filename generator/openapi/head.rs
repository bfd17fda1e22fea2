//! What a document says of the API as a whole, in the words of the connector language: its name, its servers as `base_url`, its security as `auth`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use super::{Document, below};
use crate::codes::Code;
use crate::names;
use crate::native::values::is_header_name;

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
    /// What the document says of the API as a whole.
    #[must_use]
    pub fn head(&self) -> Head {
        let text =
            |pointer: &str| self.root.pointer(pointer).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let mut head = Head {
            title: text("/info/title").map(str::to_owned),
            docs: text("/externalDocs/url").filter(|url| url.starts_with("http")).map(str::to_owned),
            ..Head::default()
        };
        self.servers(&mut head);
        head.auth = self.auth(&mut head.config);
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

    /// The ways to authorise that the document asks for: those of the whole, or else those of most operations.
    fn auth(&self, config: &mut BTreeMap<String, String>) -> Option<String> {
        let (schemes, _) = self.section("/components/securitySchemes")?;
        let mut ways: Vec<String> = Vec::new();
        let mut named: Vec<(String, String)> = Vec::new();
        for requirement in self.requirements() {
            let Value::Object(all) = &requirement else { continue };
            let mut parts = Vec::new();
            let mut inputs = BTreeMap::new();
            for name in all.keys() {
                let scheme = schemes.get(name).and_then(|scheme| self.resolve(scheme));
                match scheme.and_then(|scheme| Self::scheme(name, scheme, all.len() > 1, &mut inputs)) {
                    Some(part) => parts.push(part),
                    None => self.note(&below("/components/securitySchemes", name), Code::UnknownSecurity, &[name]),
                }
            }
            // A way of which a part is missing is no way.
            if parts.is_empty() || parts.len() < all.len() {
                continue;
            }
            let way = match parts.as_slice() {
                [part] => part.clone(),
                parts => format!("{{type: all_of, of: [{}]}}", parts.join(", ")),
            };
            if !ways.contains(&way) {
                let label = names::value(&all.keys().cloned().collect::<Vec<_>>().join(" "));
                named.push((label, way.clone()));
                ways.push(way);
                config.extend(inputs);
            }
        }
        let mut labels = BTreeSet::new();
        named.retain(|(label, _)| labels.insert(label.clone()));
        match named.as_slice() {
            [] => None,
            [(_, way)] => Some(way.clone()),
            several => {
                let options: Vec<String> = several.iter().map(|(label, way)| format!("{label}: {way}")).collect();
                Some(format!("{{type: one_of, options: {{{}}}}}", options.join(", ")))
            }
        }
    }

    /// The requirements on all requests, or those that most operations have.
    fn requirements(&self) -> Vec<Value> {
        let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let of_all: Vec<Value> = list(self.root.get("security"));
        if of_all.iter().any(|requirement| requirement.as_object().is_some_and(|all| !all.is_empty())) {
            return of_all;
        }
        let mut counts: Vec<(String, usize, Vec<Value>)> = Vec::new();
        for item in self.root.get("paths").and_then(Value::as_object).into_iter().flat_map(|paths| paths.values()) {
            for operation in item.as_object().into_iter().flat_map(|entries| entries.values()) {
                let own = list(operation.get("security"));
                if own.iter().all(|requirement| requirement.as_object().is_none_or(serde_json::Map::is_empty)) {
                    continue;
                }
                // Scopes do not make another way.
                let names = |requirement: &Value| requirement.as_object().map(|all| all.keys().cloned().collect::<Vec<_>>());
                let key = format!("{:?}", own.iter().map(names).collect::<Vec<_>>());
                match counts.iter_mut().find(|(held, _, _)| *held == key) {
                    Some((_, count, _)) => *count += 1,
                    None => counts.push((key, 1, own)),
                }
            }
        }
        let most = counts.iter().map(|(_, count, _)| *count).max().unwrap_or(0);
        counts.into_iter().find(|(_, count, _)| *count == most).map(|(_, _, own)| own).unwrap_or_default()
    }

    /// A scheme in the words of the language; none for one that the language does not have.
    fn scheme(name: &str, scheme: &Value, among_several: bool, config: &mut BTreeMap<String, String>) -> Option<String> {
        let text = |key: &str| scheme.get(key).and_then(Value::as_str);
        let about = text("description").and_then(|text| text.lines().next()).unwrap_or_default().trim();
        let mut secret = |usual: &str| {
            let input = if among_several { names::value(name) } else { usual.to_owned() };
            let input = if is_input(&input) { input } else { usual.to_owned() };
            config.insert(input.clone(), secret_words(if about.is_empty() { "A secret of the service." } else { about }));
            input
        };
        match (text("type")?, text("scheme").map(str::to_ascii_lowercase).as_deref()) {
            ("apiKey", _) => {
                let location = match text("in")? {
                    "query" => "query",
                    "cookie" => "cookie",
                    _ => "header",
                };
                let is_sendable = |key: &&str| if location == "header" { is_header_name(key) } else { !key.trim().is_empty() };
                let key = text("name").filter(is_sendable)?;
                let input = secret("api_key");
                Some(format!("{{type: api_key, name: {}, api_key: \"{{{input}}}\", location: {location}}}", quoted(key)))
            }
            ("http", Some("basic")) | ("basic", _) => {
                config.insert("username".to_owned(), input_words(None, "The user name."));
                config.insert("password".to_owned(), secret_words("The password."));
                Some("{type: http_basic, username: \"{username}\", password: \"{password}\"}".to_owned())
            }
            ("http", Some("bearer") | None) | ("openIdConnect", _) => {
                let input = secret("token");
                Some(format!("{{type: bearer, token: \"{{{input}}}\"}}"))
            }
            ("oauth2", _) => {
                let flow = scheme.pointer("/flows/clientCredentials/tokenUrl").and_then(Value::as_str);
                if let Some(url) = flow.filter(|url| url.starts_with("https://") && !url.contains(['{', ' ', '?', '#'])) {
                    config.insert("client_id".to_owned(), input_words(None, "The id of the application."));
                    config.insert("client_secret".to_owned(), secret_words("The secret of the application."));
                    return Some(format!(
                        "{{type: oauth2_client_credentials, access_token_url: {}, client_id: \"{{client_id}}\", client_secret: \"{{client_secret}}\"}}",
                        quoted(url)
                    ));
                }
                // The other flows need a person; what they end with is a token.
                let input = secret("access_token");
                Some(format!("{{type: bearer, token: \"{{{input}}}\"}}"))
            }
            _ => None,
        }
    }
}

/// The address of a service that everybody runs for themselves.
fn own_server(head: &mut Head, path: &str) -> String {
    head.config.insert("server".to_owned(), format!("{{type: url, description: {}}}", quoted("The address of the service.")));
    format!("{{server}}{path}")
}

fn input_words(default: Option<&str>, description: &str) -> String {
    let description = quoted(description);
    match default.filter(|default| !default.is_empty() && !default.contains(['{', '}'])) {
        Some(default) => format!("{{default: {}, description: {description}}}", quoted(default)),
        None => format!("{{description: {description}}}"),
    }
}

fn secret_words(description: &str) -> String {
    format!("{{secret: true, description: {}}}", quoted(description))
}

/// The name of an input for a variable of a server.
fn input_name(variable: &str) -> String {
    let name = names::value(variable);
    if is_input(&name) { name } else { "host".to_owned() }
}

/// Whether a name can be an input's.
fn is_input(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

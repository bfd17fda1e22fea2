//! What the user of a connector gives: checked, completed with defaults, and held as secrets.

use std::collections::BTreeMap;
use std::fmt;

use crate::rt::descriptor::{Input, InputKind};
use crate::rt::secret::{ExposeSecret, SecretString};
use crate::rt::template::expand;
use crate::rt::url::Url;

/// The inputs of a client. An empty value counts as absent.
pub struct Inputs {
    table: &'static [Input],
    values: Vec<(&'static Input, SecretString)>,
    /// The names of those that were given, as opposed to defaults.
    given: Vec<&'static str>,
}

impl Inputs {
    /// Checks what was given and adds the defaults. Every problem is pushed, not only the first.
    pub fn resolve(table: &'static [Input], given: &BTreeMap<String, SecretString>, problems: &mut Vec<String>) -> Self {
        for name in given.keys().filter(|name| !table.iter().any(|input| input.name == **name)) {
            problems.push(format!("`{name}` is no input of this connector"));
        }
        let (mut resolved, mut names) = (Vec::new(), Vec::new());
        for input in table {
            let value = value(input.name, table, given, table.len()).filter(|value| !value.is_empty());
            match value {
                Some(value) => {
                    // What is wrong with a default is wrong with an input that it refers to.
                    if let (Err(expected), true) = (check(input.kind, &value), given.contains_key(input.name)) {
                        problems.push(format!("`{}` ({}) must be {expected}", input.name, input.env));
                    }
                    if given.get(input.name).is_some_and(|given| !given.expose_secret().is_empty()) {
                        names.push(input.name);
                    }
                    resolved.push((input, value.into()));
                }
                None if input.default.is_none() => {
                    problems.push(format!("`{}` is missing: set it, or the environment variable {}", input.name, input.env));
                }
                None => {}
            }
        }
        Self { table, values: resolved, given: names }
    }

    /// Whether an input was given, and is not a default.
    #[must_use]
    pub fn is_given(&self, name: &str) -> bool {
        self.given.contains(&name)
    }

    /// How a message names an input.
    #[must_use]
    pub fn shown(&self, name: &str) -> String {
        match self.table.iter().find(|input| input.name == name) {
            Some(input) => format!("`{name}` ({})", input.env),
            None => format!("`{name}`"),
        }
    }

    /// The value of an input.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|(_, value)| value.expose_secret())
    }

    /// Whether an input must never be shown.
    #[must_use]
    pub fn is_secret(&self, name: &str) -> bool {
        self.find(name).is_some_and(|(input, _)| input.secret)
    }

    /// Whether an input is an address, which may start a template as it is.
    #[must_use]
    pub fn is_url(&self, name: &str) -> bool {
        self.find(name).is_some_and(|(input, _)| input.kind == InputKind::Url)
    }

    /// The values that must never be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.values.iter().filter(|(input, _)| input.secret).map(|(_, value)| value.expose_secret())
    }

    /// A template with its holes filled. None if it has holes and every one of its inputs is absent.
    #[must_use]
    pub fn expand(&self, template: &str) -> Option<String> {
        expand(template, |name| self.get(name))
    }

    fn find(&self, name: &str) -> Option<&(&'static Input, SecretString)> {
        self.values.iter().find(|(input, _)| input.name == name)
    }
}

/// Shows names only.
impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.values.iter().map(|(input, _)| input.name)).finish()
    }
}

/// What was given, or else the default, whose own holes are filled the same way. `depth` ends a circle of defaults.
fn value(name: &str, table: &[Input], given: &BTreeMap<String, SecretString>, depth: usize) -> Option<String> {
    let input = table.iter().find(|input| input.name == name)?;
    if let Some(value) = given.get(name).map(|value| tidy(input.kind, value.expose_secret())).filter(|value| !value.is_empty()) {
        return Some(value.to_owned());
    }
    let depth = depth.checked_sub(1)?;
    let default = input.default?;
    let mut parts = BTreeMap::new();
    crate::rt::template::refers(default, |hole| {
        if let Some(value) = value(hole, table, given, depth) {
            parts.insert(hole.to_owned(), value);
        }
        false
    });
    expand(default, |hole| parts.get(hole).map(String::as_str))
}

/// White space around a word is never meant; in a text it may be, except for the line end that files and shells leave.
fn tidy(kind: InputKind, value: &str) -> &str {
    match kind {
        InputKind::Text => value.trim_end_matches(['\r', '\n']),
        _ => value.trim(),
    }
}

/// Checks a value; the error says what is expected. It never repeats the value, which may be a secret in the wrong place.
fn check(kind: InputKind, value: &str) -> Result<(), String> {
    let (fits, expected) = match kind {
        InputKind::Text => (true, String::new()),
        InputKind::Integer => (value.parse::<i64>().is_ok(), "a whole number".to_owned()),
        InputKind::Boolean => (matches!(value, "true" | "false"), "`true` or `false`".to_owned()),
        InputKind::Hostname => {
            (is_host(value), "a host name such as `api.example.com`, without scheme, path or user name".to_owned())
        }
        InputKind::Url => (Url::parse(value).is_ok(), "an absolute `http` or `https` address".to_owned()),
        InputKind::OneOf(words) => (words.contains(&value), format!("one of `{}`", words.join("`, `"))),
    };
    if fits { Ok(()) } else { Err(expected) }
}

fn is_host(value: &str) -> bool {
    !value.contains(['/', '?', '#', '@', '\\']) && Url::parse(&format!("https://{value}")).is_ok()
}

//! Where a command line has the inputs of its client from: flags, the environment, and files below the folder that it is run in.
#![cfg(feature = "cli")]

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::rt::descriptor::{Api, Input};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::secret::SecretString;

/// A file of settings, relative to the folder that the program is run in.
struct Settings {
    path: &'static str,
    layout: Layout,
    /// Whether it is the place for secrets.
    is_secret: bool,
}

/// How the files of a folder name inputs.
#[derive(Clone, Copy, PartialEq)]
enum Layout {
    /// `[auth0]`: the connector's name, and nothing but inputs in it.
    Own,
    /// `[sources.auth0]` and the like, as dlt has it; other keys are those of dlt.
    Dlt,
}

/// The files, in the order in which they are looked at.
const FILES: [Settings; 4] = [
    Settings { path: ".tapwright/secrets.toml", layout: Layout::Own, is_secret: true },
    Settings { path: ".tapwright/config.toml", layout: Layout::Own, is_secret: false },
    Settings { path: ".dlt/secrets.toml", layout: Layout::Dlt, is_secret: true },
    Settings { path: ".dlt/config.toml", layout: Layout::Dlt, is_secret: false },
];

impl Layout {
    /// The tables that inputs may be in, the most specific one first. Without keys it is the file itself.
    fn tables(self, connector: &str) -> Vec<Vec<&str>> {
        match self {
            Self::Own => vec![vec![connector]],
            Self::Dlt => vec![vec!["sources", connector, connector], vec!["sources", connector], vec!["sources"], Vec::new()],
        }
    }
}

/// What was found.
#[derive(Default)]
pub struct Found {
    /// Inputs and their values.
    pub values: Vec<(&'static str, SecretString)>,
    /// What the user should know.
    pub notes: Vec<String>,
    /// Where the inputs are from that files give.
    places: Vec<(&'static str, String)>,
}

impl Found {
    /// Adds to an error of the client where the inputs are from that it names.
    pub fn explain(&self, error: Error) -> Error {
        let mut message = error.message().to_owned();
        for (name, place) in &self.places {
            if error.kind() == ErrorKind::Config && message.contains(&format!("`{name}` (")) {
                let _ = write!(message, "; `{name}` is from {place}");
            }
        }
        error.with_message(message)
    }
}

/// Looks for the inputs of an API: those that flags give, then variables, then the files below a folder. An empty value is none.
///
/// The error lists, for every input that is needed and nowhere, all the places that were looked at.
pub fn find(
    api: &'static Api,
    flags: &[(String, String)],
    variable: impl Fn(&str) -> Option<String>,
    root: &Path,
) -> Result<Found> {
    let mut found = Found::default();
    let files = FILES.iter().map(|file| read(api, file, root, &mut found.notes)).collect::<Result<Vec<_>>>()?;
    let mut missing = Vec::new();
    for input in api.inputs {
        let flag = flags.iter().rev().find(|(name, _)| name == input.name).map(|(_, value)| value.clone());
        let value = flag.filter(|value| !value.is_empty()).or_else(|| variable(input.env).filter(|value| !value.is_empty()));
        let held = || files.iter().flatten().flatten().find(|held| held.input == input.name);
        match (value, held()) {
            (Some(value), _) => found.values.push((input.name, value.into())),
            (None, Some(held)) => {
                found.values.push((input.name, held.value.clone()));
                found.places.push((input.name, held.place.clone()));
            }
            (None, None) if input.default.is_none() => missing.push(input),
            (None, None) => {}
        }
    }
    if missing.is_empty() {
        return Ok(found);
    }
    let is_there: Vec<bool> = files.iter().map(Option::is_some).collect();
    Err(config(lacking(api, &missing, &is_there)))
}

/// What is said of inputs that are nowhere.
fn lacking(api: &Api, missing: &[&Input], is_there: &[bool]) -> String {
    let names: Vec<String> = missing.iter().map(|input| format!("`{}`", input.name)).collect();
    let verb = if missing.len() == 1 { "is" } else { "are" };
    let mut message = format!("{} {verb} missing; looked at, in this order:", names.join(", "));
    for Input { name, env, .. } in missing {
        let _ = write!(message, "\n  for `{name}`\n    `--set {name}=…`\n    the environment variable {env}");
        for (file, is_there) in FILES.iter().zip(is_there) {
            let tables: Vec<String> = file.layout.tables(api.name).iter().map(|table| shown(table)).collect();
            let absent = if *is_there { "" } else { " (there is no such file)" };
            let _ = write!(message, "\n    {}: `{name}` in {}{absent}", file.path, tables.join(", "));
        }
    }
    message
}

/// How a message names a table.
fn shown(table: &[&str]) -> String {
    if table.is_empty() { "the file itself".to_owned() } else { format!("[{}]", table.join(".")) }
}

/// A value that a file has.
struct Held {
    input: &'static str,
    value: SecretString,
    /// Where it is.
    place: String,
}

/// Reads a file: of each input the value in the most specific table. None if there is no such file.
fn read(api: &'static Api, file: &Settings, root: &Path, notes: &mut Vec<String>) -> Result<Option<Vec<Held>>> {
    let path = root.join(file.path);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(config(format!("{}: {error}", file.path))),
    };
    if file.is_secret && is_open(&path) {
        notes.push(format!("other users can read {}: `chmod 600 {0}` keeps it to you", file.path));
    }
    let at = |offset: usize| place(file.path, &text, offset);
    // Its own display shows the line, which may hold a secret.
    let document = DeTable::parse(&text).map_err(|error| {
        let place = error.span().map_or_else(|| file.path.to_owned(), |span| at(span.start));
        config(format!("{place}: this is no TOML: {}", error.message()))
    })?;
    let mut all: Vec<Held> = Vec::new();
    for keys in file.layout.tables(api.name) {
        let Some(table) = table(document.get_ref(), &keys) else { continue };
        for (key, value) in table {
            let Some(input) = api.inputs.iter().find(|input| input.name == key.get_ref()) else {
                if file.layout == Layout::Own {
                    let known: Vec<&str> = api.inputs.iter().map(|input| input.name).collect();
                    let (place, known) = (at(key.span().start), known.join("`, `"));
                    return Err(config(format!("{place}: there is no input `{}`; there are `{known}`", key.get_ref())));
                }
                continue;
            };
            let place = at(value.span().start);
            let Some(text) = scalar(value.get_ref()) else {
                if file.layout == Layout::Own {
                    return Err(config(format!("{place}: `{}` has to be a text, a number, `true` or `false`", input.name)));
                }
                continue;
            };
            if text.is_empty() || all.iter().any(|held| held.input == input.name) {
                continue;
            }
            if input.secret && !file.is_secret {
                notes.push(format!("{place}: `{}` is a secret, whose place is secrets.toml beside it", input.name));
            }
            all.push(Held { input: input.name, value: text.into(), place });
        }
    }
    Ok(Some(all))
}

/// The table that keys lead to.
fn table<'d, 'i>(document: &'d DeTable<'i>, keys: &[&str]) -> Option<&'d DeTable<'i>> {
    keys.iter().try_fold(document, |table, key| table.get(*key)?.get_ref().as_table())
}

/// The text of a value that is no table and no list.
fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(number) => Some(
            i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| number.as_str().to_owned(), |number| number.to_string()),
        ),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Datetime(moment) => Some(moment.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// A place in a file, as editors take it.
fn place(path: &str, text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    format!("{path}:{line}:{column}")
}

/// Whether users other than its owner can read a file.
#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}

fn config(message: String) -> Error {
    Error::new(ErrorKind::Config, message)
}

//! `connector.lock`: what was written into a crate, so that the next run knows which files are its own.
//!
//! A small subset of TOML: `[section]` lines and `key = "value"` lines, sorted, so that a change of a spec shows as few lines.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::fingerprint::hex;

/// The name of the file.
pub const FILE: &str = "connector.lock";

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The generator's version.
    pub generator: String,
    /// The digest of each written file, by its path below the crate's folder; the lock itself is not among them.
    pub files: BTreeMap<String, String>,
    /// The digest of each file that was written once for the user to go on with, as it was written.
    pub own: BTreeMap<String, String>,
    /// The digest of each resource.
    pub resources: BTreeMap<String, String>,
    /// The digest of each operation.
    pub operations: BTreeMap<String, String>,
    /// The digest of each type.
    pub types: BTreeMap<String, String>,
}

impl Lock {
    /// The file's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text =
            String::from("# What `gen` wrote here, so that it knows which files are its own. Commit it; do not edit it.\n\n");
        // Writing to a `String` can not fail.
        let _ = writeln!(text, "generator = {}", quote(&self.generator));
        for (name, entries) in self.sections() {
            if !entries.is_empty() {
                let _ = writeln!(text, "\n[{name}]");
                for (key, value) in entries {
                    let _ = writeln!(text, "{} = {}", quote(key), quote(value));
                }
            }
        }
        text
    }

    /// Reads the file's text. Lines that make no sense are passed over: a damaged lock can only make fewer files our own.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut lock = Self::default();
        let mut section = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                name.clone_into(&mut section);
            } else if let Some((value, _)) = line.strip_prefix("generator = ").and_then(unquote) {
                lock.generator = value;
            } else if let Some((key, value)) = entry(line)
                && let Some(entries) = lock.section_mut(&section)
            {
                entries.insert(key, value);
            }
        }
        lock
    }

    fn sections(&self) -> [(&'static str, &BTreeMap<String, String>); 5] {
        [
            ("files", &self.files),
            ("own", &self.own),
            ("resources", &self.resources),
            ("operations", &self.operations),
            ("types", &self.types),
        ]
    }

    fn section_mut(&mut self, name: &str) -> Option<&mut BTreeMap<String, String>> {
        match name {
            "files" => Some(&mut self.files),
            "own" => Some(&mut self.own),
            "resources" => Some(&mut self.resources),
            "operations" => Some(&mut self.operations),
            "types" => Some(&mut self.types),
            _ => None,
        }
    }
}

/// The digest of a file's content.
#[must_use]
pub fn digest(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

/// Reads `"key" = "value"`.
fn entry(line: &str) -> Option<(String, String)> {
    let (key, rest) = unquote(line)?;
    let (value, _) = unquote(rest.trim_start().strip_prefix('=')?.trim_start())?;
    Some((key, value))
}

/// A text as a TOML basic string.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// Reads a string that [`quote`] wrote, and gives what follows it as well.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?.chars();
    let mut value = String::new();
    loop {
        match rest.next()? {
            '"' => return Some((value, rest.as_str())),
            '\\' => match rest.next()? {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                'u' => {
                    let digits: String = rest.by_ref().take(4).collect();
                    value.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                }
                c => value.push(c),
            },
            c => value.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_lock_is_read_as_it_was_written() {
        let lock = Lock {
            generator: "0.1.0".to_owned(),
            files: map(&[("src/lib.rs", "ab"), ("src/größe.rs", "cd")]),
            own: map(&[("src/hooks.rs", "34")]),
            resources: map(&[("a \"quoted\" \\ name\n\u{1}", "ef"), ("generator x", "00")]),
            operations: BTreeMap::new(),
            types: map(&[("User.identity", "12")]),
        };
        assert_eq!(Lock::parse(&lock.to_text()), lock);
    }

    #[test]
    fn a_damaged_lock_gives_what_is_left_of_it() {
        let text = "<<<<<<< HEAD\ngenerator = 0.1\n[files]\n\"a\" = \"1\"\n\"b\" = \"\n\"c\" \"3\"\n[nonsense]\n\"d\" = \"4\"\n[files]\n\"e\" = \"5\"";
        let lock = Lock::parse(text);
        assert_eq!(lock.files, map(&[("a", "1"), ("e", "5")]));
        assert_eq!(lock.generator, "");
    }
}

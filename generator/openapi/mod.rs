//! OpenAPI documents: 3.0, 3.1 and 3.2, and Swagger 2.0, in YAML or JSON.
//!
//! A document is read as a tree of JSON values and walked as it is: one schema that is not well-formed costs that schema and no
//! other. Files that it refers to are taken into the tree first ([`files`]), and Swagger's operations are written as those of
//! OpenAPI ([`swagger`]); all that comes after sees one shape.

mod dialect;
mod direction;
mod files;
mod filter;
mod head;
mod lower;
mod operation;
mod outline;
mod places;
mod schema;
mod security;
mod style;
mod swagger;
mod text;
mod union;

use std::borrow::Cow;
use std::cell::RefCell;

use serde_json::{Map, Value};

use crate::codes::Code;
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Sources, Span};

pub use direction::Direction;
pub use filter::Filter;
pub use head::{Head, in_quotes, quoted};
pub(crate) use lower::hole;
pub use lower::ready;
pub use operation::{Content, Operation, Parameter, Place, Response};
pub use schema::{Schemas, Use};
pub use text::read_value;

/// How many references in a row may lead from one to the next; more lead in a circle.
const MAX_STEPS: usize = 32;

/// A document.
#[derive(Debug)]
pub struct Document {
    /// Its text.
    pub file: FileId,
    /// The tree, with all files that it refers to.
    pub root: Value,
    /// What was noticed, to be said with its place at the end.
    notes: RefCell<Vec<Note>>,
}

/// Something that was noticed about a document.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Note {
    /// Where, as a JSON pointer.
    pointer: String,
    code: Code,
    args: Vec<String>,
}

/// Whether a tree is a document: it says of which kind it is.
#[must_use]
pub fn is_document(value: &Value) -> bool {
    ["openapi", "swagger"].iter().any(|key| matches!(value.get(key), Some(Value::String(_) | Value::Number(_))))
}

/// Whether a text is a document and no spec of ours, by the version that stands at its top.
#[must_use]
pub fn sniff(text: &str) -> bool {
    let is_version = |rest: &str| rest.trim_start_matches([' ', '\t', '"', '\'']).starts_with(['2', '3']);
    if text.trim_start().starts_with('{') {
        return ["\"openapi\"", "\"swagger\""].iter().any(|key| {
            text.match_indices(key).any(|(at, key)| {
                let rest = text[at + key.len()..].trim_start();
                rest.strip_prefix(':').is_some_and(|rest| is_version(rest.trim_start()))
            })
        });
    }
    text.lines().any(|line| {
        let line = line.trim_start_matches(['"', '\'']);
        let rest = line.strip_prefix("openapi").or_else(|| line.strip_prefix("swagger"));
        rest.and_then(|rest| rest.trim_start_matches(['"', '\'', ' ']).strip_prefix(':')).is_some_and(is_version)
    })
}

/// Reads a document.
pub fn open(file: FileId, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Document> {
    let value = read_value(file, sources, diagnostics)?;
    if !is_document(&value) {
        diagnostics.report(Code::NoDocument, Span { file, start: 0, end: 0 }, &["the text"]);
        return None;
    }
    Some(Document::new(file, value, sources, diagnostics))
}

impl Document {
    /// Makes a document of a text that was read. Files that it refers to are looked for beside it.
    pub fn new(file: FileId, mut root: Value, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Self {
        azure_paths(&mut root);
        files::bundle(file, &mut root, sources, diagnostics);
        let mut document = Self { file, root, notes: RefCell::default() };
        document.put_together();
        swagger::modernise(&mut document);
        document
    }

    /// Puts the parts of a document, such as its paths, and each path in their places where they only refer to what they are. What is
    /// referred to itself stays where it is, so that there is one of it.
    fn put_together(&mut self) {
        for holder in ["", "/paths"] {
            self.inline_members(holder);
        }
    }

    /// Puts what each member of an object refers to in the place of the reference, together with what stands beside that.
    fn inline_members(&mut self, holder: &str) {
        const REFERRED: [&str; 4] = ["components", "definitions", "parameters", "responses"];
        let members = self.root.pointer(holder).and_then(Value::as_object).into_iter().flatten();
        let inlined: Vec<(String, Value)> = members
            .filter(|(key, member)| reference(member).is_some() && !REFERRED.contains(&key.as_str()))
            .filter_map(|(key, member)| {
                let mut whole = self.resolve(member)?.clone();
                if let (Value::Object(whole), Value::Object(beside)) = (&mut whole, member) {
                    whole.extend(beside.clone().into_iter().filter(|(key, _)| key != "$ref"));
                }
                Some((key.clone(), whole))
            })
            .collect();
        if let Some(Value::Object(members)) = self.root.pointer_mut(holder) {
            members.extend(inlined);
        }
    }

    /// What a value stands for: itself, or what its `$ref` leads to, with the pointer of where that is. None where it leads nowhere,
    /// which is noted.
    pub fn follow<'d>(&'d self, value: &'d Value, pointer: &str) -> Option<(&'d Value, String)> {
        let (mut value, mut at) = (value, pointer.to_owned());
        for _ in 0..MAX_STEPS {
            let Some(reference) = reference(value) else { return Some((value, at)) };
            let Some((target, place)) = self.target(reference) else {
                // What lies in another file, or on another machine, was reported where the files were read.
                if reference.starts_with('#') && !files::is_missing(&self.root, reference) {
                    self.note(&at, Code::NoTarget, &[reference]);
                }
                return None;
            };
            (value, at) = (target, place);
        }
        self.note(pointer, Code::NoTarget, &[reference(value).unwrap_or_default()]);
        None
    }

    /// The same, for those who do not care where it is.
    pub fn resolve<'d>(&'d self, value: &'d Value) -> Option<&'d Value> {
        let mut value = value;
        for _ in 0..MAX_STEPS {
            match reference(value) {
                None => return Some(value),
                Some(reference) => value = self.target(reference)?.0,
            }
        }
        None
    }

    /// What a reference leads to, and where that is.
    pub fn target(&self, reference: &str) -> Option<(&Value, String)> {
        self.lookup(pointer_of(reference)?)
    }

    /// What a pointer leads to, and where that is if there are references on its way.
    fn lookup(&self, pointer: String) -> Option<(&Value, String)> {
        match self.root.pointer(&pointer) {
            Some(value) => Some((value, pointer)),
            // Other tools read what a file says of `#/components` as said of the document.
            None => self.through(&pointer).or_else(|| self.through(files::of_document(&pointer)?)),
        }
    }

    /// A section of the document, such as its schemas, wherever it is.
    fn section(&self, pointer: &str) -> Option<(&Map<String, Value>, String)> {
        let (section, at) = self.lookup(pointer.to_owned())?;
        let (section, at) = self.follow(section, &at)?;
        Some((section.as_object()?, at))
    }

    /// What a pointer leads to that has references on its way.
    fn through(&self, pointer: &str) -> Option<(&Value, String)> {
        let (mut value, mut at) = (&self.root, String::new());
        for step in pointer.strip_prefix('/')?.split('/') {
            for _ in 0..MAX_STEPS {
                match reference(value).and_then(pointer_of) {
                    Some(target) => (value, at) = (self.root.pointer(&target)?, target),
                    None => break,
                }
            }
            (value, at) = (value.pointer(&format!("/{step}"))?, format!("{at}/{step}"));
        }
        Some((value, at))
    }

    /// Notes something about a place.
    pub fn note(&self, pointer: &str, code: Code, args: &[&str]) {
        let note = Note { pointer: pointer.to_owned(), code, args: args.iter().map(|&arg| arg.to_owned()).collect() };
        let mut notes = self.notes.borrow_mut();
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// Says what was noticed, with the places found in one pass over the text.
    pub fn report(&self, sources: &Sources, diagnostics: &mut Diagnostics) {
        let notes = std::mem::take(&mut *self.notes.borrow_mut());
        let found = places::find(self.file, sources.text(self.file), notes.iter().map(|note| note.pointer.as_str()));
        for note in notes {
            let args: Vec<&str> = note.args.iter().map(String::as_str).collect();
            diagnostics.report(note.code, found.nearest(&note.pointer), &args);
        }
    }
}

/// Azure's documents have paths that differ in their query alone under a key of their own.
fn azure_paths(root: &mut Value) {
    let Some(members) = root.as_object_mut() else { return };
    let Some(Value::Object(more)) = members.shift_remove("x-ms-paths") else { return };
    if let Value::Object(paths) = members.entry("paths").or_insert_with(|| Value::Object(Map::new())) {
        for (path, item) in more {
            paths.entry(path).or_insert(item);
        }
    }
}

/// The reference that a value is, if it is one.
#[must_use]
pub fn reference(value: &Value) -> Option<&str> {
    value.get("$ref").and_then(Value::as_str)
}

/// The pointer that a reference within the tree holds, decoded.
fn pointer_of(reference: &str) -> Option<String> {
    let pointer = reference.strip_prefix('#')?;
    if !pointer.contains('%') {
        return Some(pointer.to_owned());
    }
    let mut bytes = Vec::with_capacity(pointer.len());
    let mut rest = pointer.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let hex =
            |at: usize| tail.get(at).and_then(|&digit| char::from(digit).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
        if let (b'%', Some(high), Some(low)) = (byte, hex(0), hex(1)) {
            bytes.push(high << 4 | low);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(byte);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

/// A key as a step of a pointer.
#[must_use]
pub fn step(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { key.replace('~', "~0").replace('/', "~1").into() } else { key.into() }
}

/// The last step of a pointer or of a reference.
fn last_step(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or_default()
}

/// The pointer of a member.
#[must_use]
pub fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", step(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded() {
        for (reference, expected) in [
            ("#/a/b", Some("/a/b")),
            ("#/paths/~1users/get", Some("/paths/~1users/get")),
            ("#/a/%C3%A9%20b", Some("/a/é b")),
            ("#/a/100%", Some("/a/100%")),
            ("#", Some("")),
            ("other.yaml#/a", None),
        ] {
            assert_eq!(pointer_of(reference).as_deref(), expected, "{reference}");
        }
    }
}

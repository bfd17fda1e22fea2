//! References into other files: each file that is referred to becomes a part of the tree, and every reference leads into the tree.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{step, text};
use crate::codes::Code;
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Sources, Span, tidy};

/// Where the other files are in the tree.
const FILES: &str = "x-tapwright-files";

/// Takes into a tree all files that it refers to, those that these refer to, and so on. A file that can not be read, and a
/// reference to another machine, are errors.
pub(super) fn bundle(file: FileId, root: &mut Value, sources: &mut Sources, diagnostics: &mut Diagnostics) {
    let home = sources.path(file).to_owned();
    let mut bundle = Bundle { numbers: HashMap::new(), waiting: Vec::new(), remote: Vec::new() };
    bundle.numbers.insert(home.clone(), None);
    bundle.rewrite(root, &home, None);
    let mut parts = Map::new();
    while let Some((path, number)) = bundle.waiting.pop() {
        let Some(mut value) = read(&path, file, sources, diagnostics) else { continue };
        bundle.rewrite(&mut value, &path, Some(number));
        parts.insert(number.to_string(), value);
    }
    for address in bundle.remote {
        let at = sources.text(file).find(&address).and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
        let end = at + u32::try_from(address.len()).unwrap_or(0);
        diagnostics.report(Code::RemoteReference, Span { file, start: at, end }, &[&address]);
    }
    if let (Value::Object(members), false) = (root, parts.is_empty()) {
        members.insert(FILES.to_owned(), Value::Object(parts));
    }
}

fn read(path: &Path, home: FileId, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Value> {
    match sources.read(path) {
        Ok(text) => {
            let file = sources.add(path, text.strip_prefix('\u{feff}').unwrap_or(&text));
            text::read_value(file, sources, diagnostics)
        }
        Err(error) => {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let at = sources.text(home).find(&name).and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
            let span = Span { file: home, start: at, end: at + u32::try_from(name.len()).unwrap_or(0) };
            diagnostics.report(Code::NoPart, span, &[&path.display().to_string(), &error.to_string()]);
            None
        }
    }
}

struct Bundle {
    /// The files, and their numbers in the tree; none is the document itself.
    numbers: HashMap<PathBuf, Option<usize>>,
    waiting: Vec<(PathBuf, usize)>,
    remote: Vec<String>,
}

impl Bundle {
    /// Makes the references of a file, which is at `path` and has this number, lead into the tree.
    fn rewrite(&mut self, value: &mut Value, path: &Path, number: Option<usize>) {
        match value {
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.rewrite(element, path, number)),
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get_mut("$ref") {
                    *reference = self.local(reference, path, number);
                }
                for (key, member) in members {
                    // What examples and extensions hold is no reference of the document.
                    if !matches!(key.as_str(), "example" | "examples" | "default" | "enum" | "const") && !key.starts_with("x-") {
                        self.rewrite(member, path, number);
                    }
                }
            }
            _ => {}
        }
    }

    fn local(&mut self, reference: &str, path: &Path, number: Option<usize>) -> String {
        let (target, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        if target.is_empty() {
            return inside(number, pointer);
        }
        if target.contains("://") {
            if !self.remote.iter().any(|held| held == reference) {
                self.remote.push(reference.to_owned());
            }
            return reference.to_owned();
        }
        let target = tidy(&path.parent().unwrap_or(Path::new("")).join(target));
        let next = self.numbers.len();
        let number = *self.numbers.entry(target.clone()).or_insert_with(|| {
            self.waiting.push((target, next));
            Some(next)
        });
        inside(number, pointer)
    }
}

/// A pointer within the part of the tree that a file has become.
fn inside(number: Option<usize>, pointer: &str) -> String {
    match number {
        None => format!("#{pointer}"),
        Some(number) => format!("#/{}/{}{pointer}", step(FILES), number),
    }
}

/// Whether a reference leads into a file that could not be read.
pub(super) fn is_missing(root: &Value, reference: &str) -> bool {
    let number = reference.strip_prefix("#/").and_then(|rest| rest.strip_prefix(FILES)).and_then(|rest| rest.strip_prefix('/'));
    let Some(number) = number.and_then(|rest| rest.split('/').next()) else { return false };
    root.get(FILES).is_none_or(|files| files.get(number).is_none())
}

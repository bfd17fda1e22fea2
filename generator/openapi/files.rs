//! References into other files: each file that is referred to becomes a part of the tree, and every reference leads into the tree by
//! a pointer, also where it names its target by an anchor or an id.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{dialect, last_step, step, text};
use crate::codes::Code;
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Sources, Span, tidy};

/// Where the other files are in the tree.
pub(super) const FILES: &str = "x-tapwright-files";

/// What has names for keys: a property or an answer may be called as a keyword is.
const NAMED: [&str; 15] = [
    "$defs",
    "callbacks",
    "definitions",
    "dependentSchemas",
    "headers",
    "links",
    "mediaTypes",
    "parameters",
    "pathItems",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
];

/// Whether what stands under a key is looked through name by name.
pub(super) fn is_named(key: &str) -> bool {
    NAMED.binary_search(&key).is_ok()
}

/// Whether what stands under a key is a value: what looks like a reference there is none of the document.
pub(super) fn is_value(key: &str) -> bool {
    matches!(key, "example" | "examples" | "default" | "enum" | "const") || key.starts_with("x-")
}

/// Takes into a tree all files that it refers to, those that these refer to, and so on. A file that can not be read, and a
/// reference to another machine, are errors.
pub(super) fn bundle(file: FileId, root: &mut Value, sources: &mut Sources, diagnostics: &mut Diagnostics) {
    let home = sources.path(file).to_owned();
    let mut bundle = Bundle {
        parts: HashMap::from([(home.clone(), String::new())]),
        waiting: Vec::new(),
        remote: Vec::new(),
        is_new: dialect::is_new(root),
        ids: HashMap::new(),
        anchors: HashMap::new(),
    };
    bundle.take_in(root, &home, "");
    let mut parts = Map::new();
    while let Some((path, part)) = bundle.waiting.pop() {
        let Some(mut value) = read(&path, file, sources, diagnostics) else { continue };
        bundle.take_in(&mut value, &path, &part);
        parts.insert(last_step(&part).to_owned(), value);
    }
    if !bundle.anchors.is_empty() || !parts.is_empty() {
        bundle.follow_names(root, &home);
        for (path, part) in &bundle.parts {
            if let Some(value) = parts.get_mut(last_step(part)) {
                bundle.follow_names(value, path);
            }
        }
    }
    for address in &bundle.remote {
        let at = sources.text(file).find(address).and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
        let end = at + u32::try_from(address.len()).unwrap_or(0);
        diagnostics.report(Code::RemoteReference, Span { file, start: at, end }, &[address]);
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

/// Calls with each object of a tree that may be one of the document's own, and with its pointer; the outer ones first.
fn walk(value: &mut Value, pointer: &mut String, is_map: bool, see: &mut impl FnMut(&mut Map<String, Value>, &str)) {
    let length = pointer.len();
    match value {
        Value::Array(elements) => {
            for (index, element) in elements.iter_mut().enumerate() {
                let _ = write!(pointer, "/{index}");
                walk(element, pointer, false, see);
                pointer.truncate(length);
            }
        }
        Value::Object(members) => {
            see(members, pointer);
            for (key, member) in members.iter_mut().filter(|(key, _)| is_map || !is_value(key)) {
                pointer.extend(["/", &step(key)]);
                walk(member, pointer, !is_map && is_named(key), see);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

struct Bundle {
    /// The files, and the pointers of the parts of the tree that they become.
    parts: HashMap<PathBuf, String>,
    waiting: Vec<(PathBuf, String)>,
    remote: Vec<String>,
    /// Whether the document is of 3.1 or later.
    is_new: bool,
    /// Where the schemas are that have an id.
    ids: HashMap<String, String>,
    /// Where the schemas are that have an anchor, by the part of the tree that they are in.
    anchors: HashMap<(String, String), String>,
}

impl Bundle {
    /// Makes a file, which is at `path`, a part of the tree: its references lead into the tree.
    fn take_in(&mut self, value: &mut Value, path: &Path, part: &str) {
        if self.is_new {
            walk(value, &mut part.to_owned(), false, &mut |members, pointer| self.find_names(members, part, pointer));
        }
        walk(value, &mut String::new(), false, &mut |members, _| {
            if self.is_new {
                dialect::rewrite(members);
            }
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                *reference = self.local(reference, path, part);
            }
        });
    }

    /// Notes by which names an object may be referred to.
    fn find_names(&mut self, members: &Map<String, Value>, part: &str, pointer: &str) {
        let text = |key: &str| members.get(key).and_then(Value::as_str);
        for id in ["$id", "$self"].into_iter().filter_map(text) {
            self.ids.entry(id.trim_end_matches('#').to_owned()).or_insert_with(|| pointer.to_owned());
        }
        for anchor in ["$anchor", "$dynamicAnchor"].into_iter().filter_map(text) {
            self.anchors.entry((part.to_owned(), anchor.to_owned())).or_insert_with(|| pointer.to_owned());
        }
    }

    fn local(&mut self, reference: &str, path: &Path, part: &str) -> String {
        let (target, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if target.is_empty() {
            return inside(part, fragment);
        }
        if let Some(at) = self.ids.get(target) {
            return inside(at, fragment);
        }
        if target.contains("://") {
            if !self.remote.iter().any(|held| held == reference) {
                self.remote.push(reference.to_owned());
            }
            return reference.to_owned();
        }
        let target = beside(path, target);
        if let Some(part) = self.parts.get(&target) {
            return inside(part, fragment);
        }
        let part = self.free_part(&target);
        self.waiting.push((target.clone(), part.clone()));
        let reference = inside(&part, fragment);
        self.parts.insert(target, part);
        reference
    }

    /// The pointer of a part that no other file has become: it ends as the file is called, since schemas are named after it.
    fn free_part(&self, path: &Path) -> String {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let stem = stem.replace(|letter: char| !letter.is_alphanumeric() && letter != '-', "_");
        let mut part = format!("/{FILES}/{stem}");
        let mut number = 2;
        while self.parts.values().any(|held| *held == part) {
            part = format!("/{FILES}/{stem}_{number}");
            number += 1;
        }
        part
    }

    /// Makes references by anchors, and the files that the tags of a discriminator stand for, lead to where these are. Any file may
    /// have them, so that all are there by now; a tag that stands for a file that nothing else refers to is left as it is.
    fn follow_names(&self, root: &mut Value, path: &Path) {
        walk(root, &mut String::new(), false, &mut |members, _| {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && let Some(rest) = reference.strip_prefix('#')
                && let (part, anchor) = rest.rsplit_once('#').unwrap_or(("", rest))
                && let Some(at) = self.anchors.get(&(part.to_owned(), anchor.to_owned()))
            {
                *reference = format!("#{at}");
            }
            for target in tags(members).into_iter().flat_map(Map::values_mut) {
                if let Value::String(text) = target
                    && let (file, fragment) = text.split_once('#').unwrap_or((text, ""))
                    && let Some(part) = if file.is_empty() { self.parts.get(path) } else { self.parts.get(&beside(path, file)) }
                {
                    *target = Value::String(inside(part, fragment));
                }
            }
        });
    }
}

/// What a discriminator says of its tags.
fn tags(members: &mut Map<String, Value>) -> Option<&mut Map<String, Value>> {
    members.get("propertyName").filter(|name| name.is_string())?;
    members.get_mut("mapping").and_then(Value::as_object_mut)
}

/// A file that another one names.
fn beside(path: &Path, name: &str) -> PathBuf {
    tidy(&path.parent().unwrap_or(Path::new("")).join(name))
}

/// The reference to a place within a part of the tree: a pointer, or an anchor behind a further sign.
fn inside(part: &str, fragment: &str) -> String {
    let is_pointer = fragment.is_empty() || fragment.starts_with('/');
    format!("#{part}{}{fragment}", if is_pointer || part.is_empty() { "" } else { "#" })
}

/// What of a pointer leads on from where the files are; none where it leads elsewhere.
fn within_files(pointer: &str) -> Option<&str> {
    pointer.strip_prefix('/')?.strip_prefix(FILES)?.strip_prefix('/')
}

/// Whether a tree has parts that were files.
pub(super) fn are_there(root: &Value) -> bool {
    root.get(FILES).is_some()
}

/// The pointer within a part of the tree that a file has become, as one of the whole.
pub(super) fn of_document(pointer: &str) -> Option<&str> {
    let rest = within_files(pointer)?;
    rest.get(rest.find('/')?..)
}

/// Whether a reference leads into a file that could not be read.
pub(super) fn is_missing(root: &Value, reference: &str) -> bool {
    let Some(rest) = reference.strip_prefix('#').and_then(within_files) else { return false };
    let part = rest.split(['/', '#']).next().unwrap_or_default();
    root.get(FILES).is_none_or(|files| files.get(part).is_none())
}

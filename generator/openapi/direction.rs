//! What is sent and what is received: members that only go one way make two types of one schema.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::{Document, below, files, pointer_of};

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the service.
    Received,
    /// To the service.
    Sent,
}

impl Direction {
    /// Whether a member is not there.
    pub(super) fn leaves_out(self, read_only: bool, write_only: bool) -> bool {
        match self {
            Self::Received => write_only && !read_only,
            Self::Sent => read_only && !write_only,
        }
    }
}

/// The schemas that are not the same both ways.
#[derive(Debug)]
pub(super) struct Directional {
    /// Those that were looked at, by their pointers.
    looked_at: HashSet<String>,
    directional: HashSet<String>,
}

impl Directional {
    /// Finds the schemas which have, or refer to one which has, a member that only goes one way.
    pub(super) fn of(document: &Document) -> Self {
        // Which schemas refer to a schema.
        let mut users: HashMap<String, Vec<String>> = HashMap::new();
        let mut found = Vec::new();
        let mut looked_at = HashSet::new();
        for (schema, pointer) in shared(document) {
            if scan(schema, &pointer, false, &mut users) {
                found.push(pointer.clone());
            }
            looked_at.insert(pointer);
        }
        let mut directional = HashSet::new();
        while let Some(pointer) = found.pop() {
            if directional.insert(pointer.clone()) {
                found.extend(users.get(&pointer).into_iter().flatten().cloned());
            }
        }
        Self { looked_at, directional }
    }

    /// Whether the schema at a pointer is one. A schema elsewhere is taken for one: it can be looked at both ways at little cost.
    pub(super) fn differs(&self, pointer: &str) -> bool {
        !self.looked_at.contains(pointer) || self.directional.contains(pointer)
    }
}

/// The schemas that others refer to: those that the document names, and in other files those that are referred to.
fn shared(document: &Document) -> Vec<(&Value, String)> {
    let sections = ["/components/schemas", "/definitions"].into_iter().filter_map(|holder| document.section(holder));
    let mut shared: Vec<(&Value, String)> =
        sections.flat_map(|(schemas, at)| schemas.iter().map(move |(name, schema)| (schema, below(&at, name)))).collect();
    let mut referred = BTreeSet::new();
    if files::are_there(&document.root) {
        references(&document.root, &mut referred);
    }
    shared.extend(referred.into_iter().filter_map(|reference| document.target(reference)));
    shared.retain({
        let mut held = HashSet::new();
        move |(_, pointer)| held.insert(pointer.clone())
    });
    shared
}

/// All references of a tree.
fn references<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| references(element, found)),
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, found));
        }
        _ => {}
    }
}

/// Notes what a schema, or a map of them, refers to; whether it has a member that only goes one way.
fn scan(value: &Value, holder: &str, is_map: bool, users: &mut HashMap<String, Vec<String>>) -> bool {
    match value {
        Value::Array(elements) => elements.iter().filter(|element| scan(element, holder, false, users)).count() > 0,
        Value::Object(members) => {
            let mut found = false;
            for (key, member) in members {
                match (key.as_str(), member) {
                    ("readOnly" | "writeOnly", Value::Bool(true)) => found = true,
                    // A file to be sent, and a text that comes.
                    ("format", Value::String(format)) if format == "binary" => found = true,
                    ("$ref", Value::String(reference)) => {
                        if let Some(target) = pointer_of(reference) {
                            users.entry(target).or_default().push(holder.to_owned());
                        }
                    }
                    (key, _) if !is_map && files::is_value(key) => {}
                    (key, _) => found |= scan(member, holder, !is_map && files::is_named(key), users),
                }
            }
            found
        }
        _ => false,
    }
}

//! What is sent and what is received: members that only go one way make two types of one schema.

use std::collections::{HashMap, HashSet};

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
pub(super) struct Directional(HashSet<String>);

impl Directional {
    /// Finds the schemas which have, or refer to one which has, a member that only goes one way.
    pub(super) fn of(document: &Document) -> Self {
        // Which schemas refer to a schema.
        let mut users: HashMap<String, Vec<String>> = HashMap::new();
        let mut found = Vec::new();
        for holder in ["/components/schemas", "/definitions"] {
            for (name, schema) in document.root.pointer(holder).and_then(Value::as_object).into_iter().flatten() {
                let pointer = below(holder, name);
                if scan(schema, &pointer, false, &mut users) {
                    found.push(pointer);
                }
            }
        }
        let mut directional = HashSet::new();
        while let Some(pointer) = found.pop() {
            if directional.insert(pointer.clone()) {
                found.extend(users.get(&pointer).into_iter().flatten().cloned());
            }
        }
        Self(directional)
    }

    /// Whether the schema at a pointer is one. A schema elsewhere is taken for one: it can be looked at both ways at little cost.
    pub(super) fn differs(&self, pointer: &str) -> bool {
        let is_shared = ["/components/schemas/", "/definitions/"]
            .iter()
            .any(|holder| pointer.strip_prefix(holder).is_some_and(|name| !name.contains('/')));
        !is_shared || self.0.contains(pointer)
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

//! What a schema says once `allOf` is merged: its parts, wherever they stand.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;

use super::{Document, below, reference};
use crate::codes::Code;

/// The schema of any value.
static ANYTHING: Value = Value::Bool(true);

/// A schema and where it is.
pub(super) type At<'d> = (&'d Value, String);

/// What a schema says.
#[derive(Clone, Debug, Default)]
pub(super) struct Outline<'d> {
    /// The types that it names, without `null`; empty where it names none.
    pub kinds: Vec<&'d str>,
    /// Whether it may be null.
    pub nullable: bool,
    /// The format of a scalar.
    pub format: Option<&'d str>,
    /// The values that it may have.
    pub values: Vec<&'d Value>,
    /// Whether it lists its values.
    pub has_values: bool,
    /// The members of an object.
    pub properties: IndexMap<&'d str, At<'d>>,
    /// Those that must be there.
    pub required: BTreeSet<&'d str>,
    /// What other members are.
    pub rest: Option<At<'d>>,
    /// Whether it says that there are no other members.
    pub closed: bool,
    /// The elements of an array.
    pub items: Option<At<'d>>,
    /// The alternatives: of each group, one holds.
    pub groups: Vec<Group<'d>>,
    /// Where the schemas are that it is made of.
    pub merged: Vec<String>,
    /// Whether something says that it is a text, a number, an object or an array without naming the type.
    pub hint: Option<&'static str>,
    /// The bound of a number.
    pub maximum: Option<f64>,
}

/// Alternatives.
#[derive(Clone, Debug)]
pub(super) struct Group<'d> {
    /// The alternatives, without those that say nothing but null.
    pub branches: Vec<At<'d>>,
    /// The member that tells them apart, where the document says so.
    pub discriminator: Option<&'d Value>,
}

impl Document {
    /// What a schema says. References within `allOf` are followed; the schema itself is none.
    pub(super) fn outline<'d>(&'d self, schema: &'d Value, pointer: &str) -> Outline<'d> {
        let mut outline = Outline { merged: vec![pointer.to_owned()], ..Outline::default() };
        self.absorb(&mut outline, (schema, pointer.to_owned()));
        // Schemas that are all of this one and more come in its place: what they have more must not be lost.
        if schema.get("discriminator").is_some() && outline.groups.is_empty() && !outline.properties.is_empty() && !outline.closed
        {
            outline.rest.get_or_insert((&ANYTHING, pointer.to_owned()));
        }
        outline
    }

    /// Adds what a further schema says: all of it must hold as well.
    pub(super) fn absorb<'d>(&'d self, outline: &mut Outline<'d>, (schema, pointer): At<'d>) {
        let schema = if reference(schema).is_none() {
            schema
        } else {
            let Some((target, at)) = self.follow(schema, &pointer) else { return };
            // One that is among its parts already says nothing new, above all where it leads back to itself.
            if !outline.merged.contains(&at) {
                outline.merged.push(at.clone());
                self.absorb(outline, (target, at));
            }
            // What stands beside it is without effect; where it has one, from 3.1 on, the reference is a part of an `allOf` by now.
            return;
        };
        let Value::Object(members) = schema else { return };
        for (key, value) in members {
            let place = || below(&pointer, key);
            match (key.as_str(), value) {
                ("type", Value::String(kind)) => outline.kind(kind),
                ("type", Value::Array(kinds)) if outline.kinds.is_empty() => {
                    kinds.iter().filter_map(Value::as_str).for_each(|kind| outline.kind_among(kind));
                }
                ("nullable" | "x-nullable", Value::Bool(true)) | ("const", Value::Null) => outline.nullable = true,
                ("format", Value::String(format)) => outline.format = Some(format),
                ("enum", Value::Array(values)) => {
                    outline.has_values = true;
                    outline.nullable |= values.contains(&Value::Null);
                    outline.values = values.iter().filter(|value| !value.is_null()).collect();
                }
                ("const", value) => {
                    outline.has_values = true;
                    outline.values = vec![value];
                }
                ("properties", Value::Object(properties)) => {
                    outline.hint = Some("object");
                    for (name, schema) in properties {
                        outline.property(name, (schema, below(&place(), name)));
                    }
                }
                ("required", Value::Array(names)) => outline.required.extend(names.iter().filter_map(Value::as_str)),
                ("additionalProperties", Value::Bool(false)) => outline.closed = true,
                ("additionalProperties", rest @ (Value::Bool(true) | Value::Object(_))) => {
                    outline.hint.get_or_insert("object");
                    outline.rest = Some((rest, place()));
                }
                ("patternProperties", Value::Object(patterns)) => {
                    outline.hint.get_or_insert("object");
                    let alone = if patterns.len() == 1 { patterns.iter().next() } else { None };
                    outline.rest = Some(alone.map_or((&ANYTHING, place()), |(key, schema)| (schema, below(&place(), key))));
                }
                ("items", items @ (Value::Object(_) | Value::Bool(_))) => {
                    outline.hint.get_or_insert("array");
                    outline.items = Some((items, place()));
                }
                ("items" | "prefixItems", Value::Array(_)) => {
                    outline.hint.get_or_insert("array");
                    outline.items.get_or_insert((&ANYTHING, place()));
                }
                ("allOf", Value::Array(parts)) => {
                    for (index, part) in parts.iter().enumerate() {
                        self.absorb(outline, (part, format!("{}/{index}", place())));
                    }
                }
                ("oneOf" | "anyOf", Value::Array(branches)) => {
                    outline.group(self, branches, &place(), members.get("discriminator"));
                }
                ("pattern" | "minLength" | "maxLength", _) => drop(outline.hint.get_or_insert("string")),
                ("minimum" | "maximum" | "multipleOf" | "exclusiveMinimum" | "exclusiveMaximum", Value::Number(number)) => {
                    outline.hint.get_or_insert("number");
                    if key == "maximum" {
                        outline.maximum = number.as_f64();
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'d> Outline<'d> {
    /// The type that it is, where it is one.
    pub(super) fn the_kind(&self) -> Option<&'d str> {
        match self.kinds.as_slice() {
            [kind] => Some(kind),
            [] => self.hint,
            _ => None,
        }
    }

    fn kind(&mut self, kind: &'d str) {
        if kind == "null" {
            self.nullable = true;
        } else {
            self.kinds = vec![kind];
        }
    }

    fn kind_among(&mut self, kind: &'d str) {
        if kind == "null" {
            self.nullable = true;
        } else if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
    }

    /// A property that two parts describe is what the later one says, unless that says nothing of its form.
    fn property(&mut self, name: &'d str, at: At<'d>) {
        let says_form = |schema: &Value| {
            ["$ref", "type", "properties", "allOf", "oneOf", "anyOf", "enum", "const", "items"]
                .iter()
                .any(|key| schema.get(key).is_some())
        };
        match self.properties.get_mut(name) {
            Some(held) if says_form(at.0) || !says_form(held.0) => *held = at,
            Some(_) => {}
            None => drop(self.properties.insert(name, at)),
        }
    }

    fn group(&mut self, document: &'d Document, branches: &'d [Value], place: &str, discriminator: Option<&'d Value>) {
        let mut kept = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            if is_null(branch) {
                self.nullable = true;
            } else if says_anything(branch) {
                kept.push((branch, format!("{place}/{index}")));
            } else if !matches!(branch, Value::Object(_) | Value::Bool(_)) {
                document.note(&format!("{place}/{index}"), Code::NotWellFormed, &["an alternative", "a schema"]);
            }
        }
        if !kept.is_empty() {
            self.groups.push(Group { branches: kept, discriminator });
        }
    }
}

fn is_null(schema: &Value) -> bool {
    let is_null = |value: Option<&Value>| value.and_then(Value::as_str) == Some("null");
    let lists_null =
        |key: &str| matches!(schema.get(key), Some(Value::Array(values)) if matches!(values.as_slice(), [Value::Null]));
    let list_of_null = matches!(schema.get("type"), Some(Value::Array(kinds)) if kinds.len() == 1 && is_null(kinds.first()));
    is_null(schema.get("type")) || list_of_null || lists_null("enum") || matches!(schema.get("const"), Some(Value::Null))
}

/// Whether an alternative says more than which members must be there.
fn says_anything(schema: &Value) -> bool {
    let Value::Object(members) = schema else { return false };
    members.keys().any(|key| !matches!(key.as_str(), "required" | "not" | "description" | "title" | "example" | "nullable"))
}

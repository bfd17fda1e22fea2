//! A record of each type with a value for every key, as JSON, for the tests of a crate.

use std::collections::HashMap;

use super::features;
use crate::model::{Field, Scalar, Type, TypeId, TypeKind, Types};
use crate::names;
use crate::plan::{Crate, RustType};

/// A record.
pub(super) struct Sample {
    /// The name of its type.
    pub(super) name: String,
    /// The name of its test.
    pub(super) test: String,
    /// Its JSON, as a Rust literal.
    pub(super) json: String,
    /// Under which features it is there, in a large crate.
    pub(super) condition: Option<String>,
}

/// A record of each list whose records have a type, each type once.
pub(super) fn records(plan: &Crate<'_>) -> Vec<Sample> {
    let mut samples: Vec<Sample> = Vec::new();
    for list in &plan.lists {
        if let (RustType::Model(name), Some(ty)) = (&list.call.response, &list.call.spec.response)
            && !samples.iter().any(|sample| sample.name == *name)
            && let Some(json) = value(&plan.api.types, ty)
        {
            samples.push(Sample {
                name: name.clone(),
                test: names::value(name),
                json: literal(&json),
                condition: features::of_model(plan, name),
            });
        }
    }
    samples.sort_by(|a, b| a.name.cmp(&b.name));
    samples
}

/// A raw literal, with as many hashes as it takes.
fn literal(text: &str) -> String {
    let mut hashes = "#".to_owned();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

/// How many values a sample may have: more are too long for any reader.
const MOST: usize = 1000;

/// How often a type is there with all of its members.
const WHOLE: usize = 4;

/// How deep records have all of their members. Where that makes a sample too long, the next is tried.
const DEPTHS: [usize; 3] = [6, 3, 1];

/// A value of a type, unless the shortest is too long or has no end.
fn value(types: &Types, ty: &Type) -> Option<String> {
    DEPTHS.into_iter().find_map(|depth| {
        let mut writer = Writer { types, depth, within: Vec::new(), whole: HashMap::new(), left: MOST, json: String::new() };
        (writer.value(ty) && writer.left > 0).then_some(writer.json)
    })
}

/// Writes a value of a type.
struct Writer<'a> {
    types: &'a Types,
    /// How deep records have all of their members.
    depth: usize,
    /// The types that the next value stands in, so that one that holds itself comes to an end.
    within: Vec<TypeId>,
    /// How often each type is there with all of its members. After some times it has only those that it must have: types that lead to one
    /// another by many ways would have a value for each way.
    whole: HashMap<TypeId, usize>,
    /// How many values there may still be.
    left: usize,
    /// What is written so far.
    json: String,
}

impl Writer<'_> {
    /// Writes a value, unless it would stand in itself, or has to have a member that would: what is written of it then is for the caller
    /// to take back. What is taken back counts all the same, so that there is an end to trying.
    fn value(&mut self, ty: &Type) -> bool {
        if matches!(ty, Type::Named(id) if self.within.contains(id)) {
            return false;
        }
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            return true;
        }
        match ty {
            Type::Scalar(scalar) => self.json.push_str(match scalar {
                Scalar::String => r#""text""#,
                Scalar::Integer => "1",
                Scalar::Number | Scalar::Decimal => "1.5",
                Scalar::Boolean => "true",
                Scalar::DateTime => r#""2024-02-29T12:30:00Z""#,
                Scalar::Date => r#""2024-02-29""#,
                Scalar::Time => r#""12:30:00""#,
                Scalar::Uuid => r#""01234567-89ab-cdef-0123-456789abcdef""#,
                Scalar::Binary => r#""AQID""#,
            }),
            Type::Json => self.json.push_str(r#"{"any":["json"]}"#),
            Type::Array(inner) => self.held("[", inner, "]"),
            Type::Map(inner) => self.held(r#"{"key":"#, inner, "}"),
            Type::Named(id) => {
                self.within.push(*id);
                let is_written = self.named(*id);
                self.within.pop();
                return is_written;
            }
        }
        true
    }

    /// A list or a map of one value, or an empty one.
    fn held(&mut self, before: &str, inner: &Type, after: &str) {
        let start = self.json.len();
        self.json.push_str(before);
        if !self.value(inner) {
            self.json.truncate(start + 1);
        }
        self.json.push_str(after);
    }

    fn named(&mut self, id: TypeId) -> bool {
        let times = self.whole.entry(id).or_default();
        *times += 1;
        let is_whole = *times <= WHOLE && self.within.len() <= self.depth;
        let types = self.types;
        match &types.get(id).kind {
            TypeKind::Struct(fields) => {
                let wanted = fields.iter().filter(|field| is_whole || field.required);
                self.members(wanted)
            }
            TypeKind::Enum(values) => {
                self.json.push_str(&text(values.first().map_or("other", |value| value.as_str())));
                true
            }
            TypeKind::Union(variants) => {
                let start = self.json.len();
                variants.iter().any(|variant| {
                    self.json.truncate(start);
                    self.value(variant)
                })
            }
        }
    }

    /// An object, without the members that would have no end; one that has to be there is null, if it may be.
    fn members<'f>(&mut self, fields: impl Iterator<Item = &'f Field>) -> bool {
        let mut before = '{';
        for field in fields {
            let start = self.json.len();
            self.json.push(before);
            self.json.push_str(&text(&field.name));
            self.json.push(':');
            let named = self.json.len();
            if !self.value(&field.ty) {
                match (field.required, field.nullable) {
                    (true, false) => return false,
                    (true, true) => {
                        self.json.truncate(named);
                        self.json.push_str("null");
                    }
                    (false, _) => {
                        self.json.truncate(start);
                        continue;
                    }
                }
            }
            before = ',';
        }
        self.json.push_str(if before == '{' { "{}" } else { "}" });
        true
    }
}

/// A JSON string.
fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{named, structs};

    /// Each of 40 types holds the next six: what is written whole is a few levels.
    #[test]
    fn types_that_lead_to_many_have_a_shallow_sample() {
        let held: Vec<Vec<Type>> = (0..40).map(|at| (1..=6).map(|step| named((at + step) % 40)).collect()).collect();
        let types = structs(&held.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let json = value(&types, &named(0)).expect("one that is short enough");
        let sample: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(sample.as_object().map(serde_json::Map::len), Some(6), "{json}");
        assert!(json.len() < 20 * MOST, "{}", json.len());
    }

    /// A list is empty where each of its records would have to have the record that it is in.
    #[test]
    fn what_a_record_must_have_is_in_its_sample() {
        let list = |id| Type::Array(Box::new(named(id)));
        for (held, expected) in [
            (vec![vec![list(1)], vec![named(0)]], Some(r#"{"f0":[]}"#)),
            (vec![vec![list(1)], vec![named(2)], vec![named(0)]], Some(r#"{"f0":[]}"#)),
            (vec![vec![list(1)], vec![list(0)]], Some(r#"{"f0":[{"f0":[]}]}"#)),
            // There is no end to such a record.
            (vec![vec![named(1)], vec![named(0)]], None),
        ] {
            let mut types = structs(&held.iter().map(Vec::as_slice).collect::<Vec<_>>());
            for id in 0..held.len() {
                if let TypeKind::Struct(fields) = &mut types.get_mut(TypeId(u32::try_from(id).expect("few"))).kind {
                    for field in fields {
                        (field.required, field.nullable) = (true, false);
                    }
                }
            }
            assert_eq!(value(&types, &named(0)).as_deref(), expected, "{held:?}");
        }
    }
}

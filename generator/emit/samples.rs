//! A record of each type with a value for every key, as JSON, for the tests of a crate.

use std::collections::HashMap;

use super::features;
use crate::model::{Api, Scalar, Type, TypeId, TypeKind};
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
            && let Some(json) = Writer::new(plan.api).write(ty)
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

/// How many values a sample may have.
const MOST: usize = 20_000;

/// How often a type is there with all of its members.
const WHOLE: usize = 4;

/// How deep records have all of their members.
const DEEPEST: usize = 6;

/// Writes a value of a type.
struct Writer<'a> {
    api: &'a Api,
    /// The types that the next value stands in, so that one that holds itself comes to an end.
    within: Vec<TypeId>,
    /// How often each type is there with all of its members. After some times it has only those that it must have: types that lead to one
    /// another by many ways would have a value for each way.
    whole: HashMap<TypeId, usize>,
    /// How many values there may still be.
    left: usize,
}

impl<'a> Writer<'a> {
    fn new(api: &'a Api) -> Self {
        Self { api, within: Vec::new(), whole: HashMap::new(), left: MOST }
    }

    /// A value, unless it is too long for any reader.
    fn write(mut self, ty: &Type) -> Option<String> {
        let json = self.json(ty);
        (self.left > 0).then_some(json)
    }

    fn json(&mut self, ty: &Type) -> String {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            return String::new();
        }
        match ty {
            Type::Scalar(scalar) => match scalar {
                Scalar::String => r#""text""#,
                Scalar::Integer => "1",
                Scalar::Number | Scalar::Decimal => "1.5",
                Scalar::Boolean => "true",
                Scalar::DateTime => r#""2024-02-29T12:30:00Z""#,
                Scalar::Date => r#""2024-02-29""#,
                Scalar::Time => r#""12:30:00""#,
                Scalar::Uuid => r#""01234567-89ab-cdef-0123-456789abcdef""#,
                Scalar::Binary => r#""AQID""#,
            }
            .to_owned(),
            Type::Json => r#"{"any":["json"]}"#.to_owned(),
            Type::Array(inner) if self.ends(inner) => "[]".to_owned(),
            Type::Array(inner) => format!("[{}]", self.json(inner)),
            Type::Map(inner) if self.ends(inner) => "{}".to_owned(),
            Type::Map(inner) => format!("{{\"key\":{}}}", self.json(inner)),
            Type::Named(id) => {
                self.within.push(*id);
                let text = self.named(*id);
                self.within.pop();
                text
            }
        }
    }

    fn named(&mut self, id: TypeId) -> String {
        let times = self.whole.entry(id).or_default();
        *times += 1;
        let is_whole = *times <= WHOLE && self.within.len() <= DEEPEST;
        match &self.api.types.get(id).kind {
            TypeKind::Struct(fields) => {
                let mut members = Vec::new();
                for field in fields.iter().filter(|field| is_whole || field.required) {
                    if !self.ends(&field.ty) {
                        members.push(format!("{}:{}", text(&field.name), self.json(&field.ty)));
                    }
                }
                format!("{{{}}}", members.join(","))
            }
            TypeKind::Enum(values) => text(values.first().map_or("other", |value| value.as_str())),
            TypeKind::Union(variants) => {
                let variant = variants.iter().find(|ty| !self.ends(ty));
                variant.map_or_else(|| "null".to_owned(), |ty| self.json(ty))
            }
        }
    }

    /// Whether a value of this type would stand in itself.
    fn ends(&self, ty: &Type) -> bool {
        matches!(ty, Type::Named(id) if self.within.contains(id))
    }
}

/// A JSON string.
fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

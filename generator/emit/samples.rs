//! A record of each type with a value for every key, as JSON, for the tests of a crate.

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
        {
            samples.push(Sample {
                name: name.clone(),
                test: names::value(name),
                json: literal(&json(plan.api, ty, &mut Vec::new())),
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

/// A value of a type. `within` holds the types that this one stands in, so that one that holds itself comes to an end.
fn json(api: &Api, ty: &Type, within: &mut Vec<TypeId>) -> String {
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
        Type::Array(inner) if ends(inner, within) => "[]".to_owned(),
        Type::Array(inner) => format!("[{}]", json(api, inner, within)),
        Type::Map(inner) if ends(inner, within) => "{}".to_owned(),
        Type::Map(inner) => format!("{{\"key\":{}}}", json(api, inner, within)),
        Type::Named(id) => {
            within.push(*id);
            let text = named(api, *id, within);
            within.pop();
            text
        }
    }
}

fn named(api: &Api, id: TypeId, within: &mut Vec<TypeId>) -> String {
    match &api.types.get(id).kind {
        TypeKind::Struct(fields) => {
            let members = fields.iter().filter(|field| !ends(&field.ty, within)).collect::<Vec<_>>();
            let members = members.iter().map(|field| format!("{}:{}", text(&field.name), json(api, &field.ty, within)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        TypeKind::Enum(values) => text(values.first().map_or("other", |value| value.as_str())),
        TypeKind::Union(variants) => {
            let variant = variants.iter().find(|ty| !ends(ty, within));
            variant.map_or_else(|| "null".to_owned(), |ty| json(api, ty, within))
        }
    }
}

/// Whether a value of this type would stand in itself.
fn ends(ty: &Type, within: &[TypeId]) -> bool {
    matches!(ty, Type::Named(id) if within.contains(id))
}

/// A JSON string.
fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

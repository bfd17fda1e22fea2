//! Whether recorded JSON fits the types of a spec: an oracle that shares no code with the generated decoders.

use std::collections::BTreeSet;

use serde_json::Value;
use tapwright::model::{Scalar, Type, TypeKind, Types};

/// What does not fit, and what the types do not know.
#[derive(Default)]
pub struct Findings {
    /// Values of a type that would be refused, with their place.
    pub misfits: BTreeSet<String>,
    /// Keys that no field has.
    pub unknown: BTreeSet<String>,
}

/// Holds a value against a type; `place` names it in findings, without the numbers of array elements.
pub fn fit(types: &Types, ty: &Type, lenient: bool, value: &Value, place: &str, findings: &mut Findings) {
    let fits = match ty {
        Type::Json => true,
        Type::Scalar(scalar) => scalar_fits(*scalar, lenient, value),
        Type::Array(inner) => match value.as_array() {
            Some(elements) => {
                elements.iter().for_each(|element| fit(types, inner, false, element, &format!("{place}[]"), findings));
                true
            }
            None => false,
        },
        Type::Map(inner) => match value.as_object() {
            Some(members) => {
                members.values().for_each(|member| fit(types, inner, false, member, &format!("{place}.*"), findings));
                true
            }
            None => false,
        },
        Type::Named(id) => match &types.get(*id).kind {
            TypeKind::Enum(_) => value.is_string(),
            TypeKind::Union(variants) => variants.iter().any(|variant| {
                let mut tried = Findings::default();
                fit(types, variant, lenient, value, place, &mut tried);
                tried.misfits.is_empty()
            }),
            TypeKind::Struct(fields) => match value.as_object() {
                Some(members) => {
                    for (key, member) in members {
                        let place = format!("{place}.{key}");
                        match fields.iter().find(|field| *field.name == *key) {
                            Some(field) if field.nullable && member.is_null() => {}
                            Some(field) => fit(types, &field.ty, field.lenient, member, &place, findings),
                            None => drop(findings.unknown.insert(place)),
                        }
                    }
                    true
                }
                None => false,
            },
        },
    };
    if !fits {
        findings.misfits.insert(format!("{place}: {} is not {}", shortened(value), types.describe(ty)));
    }
}

fn scalar_fits(scalar: Scalar, lenient: bool, value: &Value) -> bool {
    let text = value.as_str();
    match scalar {
        Scalar::String | Scalar::Binary | Scalar::Uuid => text.is_some(),
        Scalar::Integer => value.is_i64() || lenient && text.is_some_and(|text| text.parse::<i64>().is_ok()),
        Scalar::Number | Scalar::Decimal => value.is_number() || lenient && text.is_some_and(|text| text.parse::<f64>().is_ok()),
        Scalar::Boolean => value.is_boolean() || lenient && matches!(text, Some("true" | "false")),
        Scalar::DateTime => {
            text.is_some_and(|text| is_moment(text)) || lenient && (value.is_i64() || value.get("$date").is_some())
        }
        Scalar::Date => text.is_some_and(|text| shape(text) == "9999-99-99"),
        Scalar::Time => text.is_some_and(|text| shape(text).starts_with("99:99")),
    }
}

/// `2023-06-02T10:58:01.495Z`, to any fraction of a second.
fn is_moment(text: &str) -> bool {
    let shape = shape(text);
    let Some(rest) = shape.strip_prefix("9999-99-99T99:99:99") else { return false };
    let zone = rest.strip_prefix('.').map_or(rest, |fraction| fraction.trim_start_matches('9'));
    matches!(zone, "Z" | "+99:99" | "-99:99")
}

/// A text with every digit as a nine.
fn shape(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect()
}

fn shortened(value: &Value) -> String {
    value.to_string().chars().take(60).collect()
}

#[test]
fn what_does_not_fit_is_found() {
    let spec = "name: a\nclient: {base_url: https://a.b}\nresources: [{name: r, schema: R}]\nschemas:\n  R:\n    fields:\n      n: {type: integer, lenient: true}\n      u: string | integer\n      d: date-time\n      e: {enum: [x]}\n      l: array of boolean\n      q: {type: string, nullable: false}\n";
    let (mut sources, mut diagnostics) = Default::default();
    let api = tapwright::load_text("a.yaml", spec, &mut sources, &mut diagnostics).expect("a spec");
    let record = api.resources[0].operation.response.as_ref().expect("a record");
    let found = |text: &str| {
        let mut findings = Findings::default();
        fit(&api.types, record, false, &serde_json::from_str(text).expect("JSON"), "r", &mut findings);
        findings.misfits.into_iter().chain(findings.unknown).collect::<Vec<_>>().join("; ")
    };
    for (good, bad) in [
        (r#"{"n": "12"}"#, r#"{"n": "a"}"#),
        (r#"{"u": 1}"#, r#"{"u": true}"#),
        (r#"{"d": "2023-06-02T10:58:01.495227589Z"}"#, r#"{"d": "2023-06-02"}"#),
        (r#"{"e": "y"}"#, r#"{"e": 1}"#),
        (r#"{"l": [true]}"#, r#"{"l": [1]}"#),
        (r#"{"n": null}"#, r#"{"q": null}"#),
        ("{}", "[]"),
        ("{}", r#"{"z": 1}"#),
    ] {
        assert_eq!(found(good), "", "{good}");
        assert_ne!(found(bad), "", "{bad}");
    }
}

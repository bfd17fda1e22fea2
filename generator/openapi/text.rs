//! The text of a document as a tree of JSON values.

use std::cell::RefCell;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_json::{Map, Value};

use super::places;
use crate::codes::Code;
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Sources, Span};

/// Reads a text that is JSON or YAML. None where it is neither, which is reported.
pub fn read_value(file: FileId, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Value> {
    let text = sources.text(file);
    let is_json = sources.path(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if is_json || text.trim_start().starts_with('{') {
        match serde_json::from_str(text) {
            Ok(value) => return Some(value),
            Err(error) if is_json => {
                let (message, at) = (error.to_string(), sources.byte_at(file, error.line(), error.column()));
                let message = message.split(" at line ").next().unwrap_or(&message);
                diagnostics.report(Code::NotJson, Span { file, start: at, end: at }, &[message]);
                return None;
            }
            // A YAML map in braces may well be no JSON.
            Err(_) => {}
        }
    }
    let reading = RefCell::default();
    let read = Tree { reading: &reading }.deserialize(serde_yaml::Deserializer::from_str(text));
    match read {
        Ok(value) => {
            if reading.into_inner().repeats {
                for (key, span) in places::repeated(file, text) {
                    diagnostics.report(Code::RepeatedMember, span, &[&key]);
                }
            }
            Some(value)
        }
        Err(error) => {
            let at = error.location().and_then(|location| u32::try_from(location.index()).ok()).unwrap_or(0);
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or(&message);
            diagnostics.report(Code::Unreadable, Span { file, start: at, end: at }, &[message]);
            None
        }
    }
}

/// What is noticed while YAML is read.
#[derive(Default)]
struct Reading {
    /// Whether a map holds a key twice.
    repeats: bool,
}

/// Reads YAML as JSON: keys become texts, tags are left out, merge keys are followed, and numbers beyond 64 bits become floats.
#[derive(Clone, Copy)]
struct Tree<'r> {
    reading: &'r RefCell<Reading>,
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    #[expect(clippy::cast_precision_loss, reason = "so large a number is a bound, and means `very large`")]
    fn visit_i128<E>(self, number: i128) -> Result<Value, E> {
        Ok((number as f64).into())
    }

    #[expect(clippy::cast_precision_loss, reason = "so large a number is a bound, and means `very large`")]
    fn visit_u128<E>(self, number: u128) -> Result<Value, E> {
        Ok((number as f64).into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(self)? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        let mut merged = Vec::new();
        while let Some(key) = members.next_key_seed(self)? {
            let value = members.next_value_seed(self)?;
            let key = match key {
                Value::String(text) => text,
                other => other.to_string(),
            };
            if key == "<<" {
                merged.push(value);
            } else if let Some(held) = object.get_mut(&key) {
                self.reading.borrow_mut().repeats = true;
                *held = value;
            } else {
                object.insert(key, value);
            }
        }
        let parts = merged.into_iter().flat_map(|value| match value {
            Value::Array(parts) => parts,
            part => vec![part],
        });
        for part in parts {
            if let Value::Object(part) = part {
                for (key, value) in part {
                    object.entry(key).or_insert(value);
                }
            }
        }
        Ok(Value::Object(object))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Value, A::Error> {
        let (_, value): (serde::de::IgnoredAny, _) = tagged.variant()?;
        value.newtype_variant_seed(self)
    }
}

//! The language as a JSON Schema (draft 2020-12), so that editors complete and check a spec as it is written.

use serde_json::{Map, Value, json};

use crate::native::language::{FIELD_KIND, Key, Kind, SCHEMA, SPEC, Section, Tagged, Variant};

/// The JSON Schema of a spec.
#[must_use]
pub fn json_schema() -> Value {
    let mut writer = Writer::default();
    let mut root = writer.section(&SPEC, None);
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tapwright spec",
        "description": SPEC.doc,
    });
    if let (Some(schema), Some(root)) = (schema.as_object_mut(), root.as_object_mut()) {
        root.remove("description");
        schema.append(root);
        schema.insert("$defs".to_owned(), Value::Object(writer.defs));
    }
    schema
}

/// Sections are written once, under `$defs`; they refer to each other.
#[derive(Default)]
struct Writer {
    defs: Map<String, Value>,
}

impl Writer {
    fn kind(&mut self, kind: &'static Kind) -> Value {
        match kind {
            Kind::Text => json!({"type": ["string", "number", "boolean"]}),
            Kind::Count => json!({"type": "integer", "minimum": 0}),
            Kind::Number => json!({"type": "number"}),
            Kind::Boolean => json!({"type": "boolean"}),
            Kind::Duration => json!({"type": ["string", "number"], "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(ms|s|m|h)?\s*$"}),
            Kind::Size => json!({"type": ["string", "integer"], "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*([KMG]i?B|B)?\s*$"}),
            Kind::Word(words) => {
                let spellings = words.iter().flat_map(|word| std::iter::once(&word.name).chain(word.aliases));
                // YAML reads `false` as a truth value, which is a word here as well.
                let values = spellings.flat_map(|word| match *word {
                    "true" => vec![json!("true"), json!(true)],
                    "false" => vec![json!("false"), json!(false)],
                    word => vec![json!(word)],
                });
                json!({"enum": values.collect::<Vec<_>>()})
            }
            Kind::List(element) => json!({"type": "array", "items": self.kind(element)}),
            Kind::Map(values) => json!({"type": "object", "additionalProperties": or_null(&self.kind(values))}),
            Kind::Section(section) => self.reference(section.name, |writer| writer.section(section, None)),
            Kind::Tagged(tagged) => self.reference(tagged.name, |writer| writer.tagged(tagged)),
            Kind::Schema => self.reference("schema", Self::schema),
            Kind::Json => json!({"type": ["object", "array"]}),
            Kind::Either(kinds) => json!({"anyOf": kinds.iter().map(|kind| self.kind(kind)).collect::<Vec<_>>()}),
            Kind::Ignored(_) => json!({}),
            Kind::Empty(help) | Kind::Python(help) => json!({"not": {}, "description": help}),
        }
    }

    /// A schema by reference; it is written when it is met first.
    fn reference(&mut self, name: &str, write: impl FnOnce(&mut Self) -> Value) -> Value {
        let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let name = name.trim_matches('_').to_owned();
        if !self.defs.contains_key(&name) {
            // Its place is taken first, since a section may hold itself.
            self.defs.insert(name.clone(), Value::Null);
            let schema = write(self);
            self.defs.insert(name.clone(), schema);
        }
        json!({"$ref": format!("#/$defs/{name}")})
    }

    /// A map with known keys. `variant` adds the key `type`, and whether it may be left out.
    fn section(&mut self, section: &'static Section, variant: Option<(&'static Variant, bool)>) -> Value {
        let mut properties = Map::new();
        let mut rules: Vec<Value> = Vec::new();
        let mut required: Vec<&str> = Vec::new();
        if let Some((variant, is_default)) = variant {
            let names: Vec<&str> = std::iter::once(variant.name).chain(variant.aliases.iter().copied()).collect();
            properties.insert("type".to_owned(), json!({"enum": names, "description": variant.section.doc}));
            if !is_default {
                required.push("type");
            }
        }
        for key in section.keys {
            let value = self.key(key);
            for spelling in std::iter::once(key.name).chain(key.aliases.iter().copied()) {
                properties.insert(spelling.to_owned(), value.clone());
            }
            let spellings: Vec<Value> =
                std::iter::once(key.name).chain(key.aliases.iter().copied()).map(|name| json!({"required": [name]})).collect();
            if key.required && key.aliases.is_empty() {
                required.push(key.name);
            } else if key.required {
                rules.push(json!({"anyOf": spellings}));
            }
        }
        let mut schema = json!({
            "type": "object",
            "description": section.doc,
            "properties": properties,
            "additionalProperties": false,
        });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        if !rules.is_empty() {
            schema["allOf"] = json!(rules);
        }
        schema
    }

    fn key(&mut self, key: &'static Key) -> Value {
        let mut schema = or_null(&self.kind(&key.kind));
        schema["description"] = json!(key.doc);
        if !key.example.is_empty() {
            schema["examples"] = json!([key.example]);
        }
        schema
    }

    fn tagged(&mut self, tagged: &'static Tagged) -> Value {
        let is_default = |variant: &Variant| tagged.default == Some(variant.name);
        let mut options: Vec<Value> =
            tagged.variants.iter().map(|variant| self.section(variant.section, Some((variant, is_default(variant))))).collect();
        if tagged.shorthand {
            let names =
                tagged.variants.iter().flat_map(|variant| std::iter::once(variant.name).chain(variant.aliases.iter().copied()));
            options.push(json!({"enum": names.collect::<Vec<_>>()}));
        }
        json!({"anyOf": options})
    }

    /// Fields by name, the long form, or another type under a name.
    fn schema(&mut self) -> Value {
        let fields = json!({"type": "object", "additionalProperties": self.kind(&FIELD_KIND)});
        json!({"anyOf": [self.section(&SCHEMA, None), fields, {"type": "string"}]})
    }
}

/// A null says nothing, wherever it stands.
fn or_null(schema: &Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere() {
        let schema = json_schema();
        let text = schema.to_string();
        for reference in text.split("\"$ref\":\"#/$defs/").skip(1) {
            let name = reference.split('"').next().expect("a name");
            assert!(schema["$defs"][name].is_object(), "{name}");
        }
    }
}

//! What OpenAPI 3.1 and 3.2 say as JSON Schema does, written as 3.0 has it.

use serde_json::{Map, Value, json};

/// What adds to a schema that is referred to, beside the reference.
const WEIGHTY: [&str; 11] = [
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "enum",
    "items",
    "oneOf",
    "patternProperties",
    "prefixItems",
    "properties",
    "required",
];

/// Whether a document is of 3.1 or later.
pub(super) fn is_new(root: &Value) -> bool {
    let version = root.get("openapi").map(|version| version.as_str().map_or_else(|| version.to_string(), str::to_owned));
    version.is_some_and(|version| version.starts_with('3') && !version.starts_with("3.0"))
}

/// Rewrites an object that may be a schema. Before 3.1 nothing of it had an effect.
pub(super) fn rewrite(members: &mut Map<String, Value>) {
    // Schemas that are meant to be extended have one target here: the schema that says so first.
    if let (Some(reference @ Value::String(_)), false) = (members.get("$dynamicRef"), members.contains_key("$ref")) {
        let reference = reference.clone();
        members.insert("$ref".to_owned(), reference);
    }
    if let (Some(format), false) = (format(members), members.contains_key("format")) {
        members.insert("format".to_owned(), format.into());
    }
    let has_weight = |key: &str| match members.get(key) {
        // Of a parameter it is a truth value.
        Some(value) => key != "required" || value.is_array(),
        None => false,
    };
    if matches!(members.get("$ref"), Some(Value::String(_)))
        && WEIGHTY.into_iter().any(has_weight)
        && let Some(reference) = members.shift_remove("$ref")
    {
        let mut parts = vec![json!({ "$ref": reference })];
        if let Some(Value::Array(held)) = members.get_mut("allOf") {
            parts.append(held);
        }
        members.insert("allOf".to_owned(), Value::Array(parts));
    }
}

/// The format of a text whose content is described: one that is not encoded is a file. What is said to be base64 stays a text, since
/// services that say so want an address with the data in it (`data:image/png;base64,…`) as well.
fn format(members: &Map<String, Value>) -> Option<&'static str> {
    let text = |key: &str| members.get(key).and_then(Value::as_str);
    let media_type = text("contentMediaType")?.to_ascii_lowercase();
    let is_text = media_type.starts_with("text/") || ["json", "xml", "yaml"].iter().any(|word| media_type.contains(word));
    (!is_text && text("contentEncoding").is_none()).then_some("binary")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_are_written_as_before() {
        for (schema, expected) in [
            (json!({"$dynamicRef": "#node"}), json!({"$dynamicRef": "#node", "$ref": "#node"})),
            (json!({"$ref": "#/a", "description": "B"}), json!({"$ref": "#/a", "description": "B"})),
            (json!({"$ref": "#/a", "required": true}), json!({"$ref": "#/a", "required": true})),
            (
                json!({"$ref": "#/a", "properties": {"b": {}}, "allOf": [{"$ref": "#/c"}]}),
                json!({"properties": {"b": {}}, "allOf": [{"$ref": "#/a"}, {"$ref": "#/c"}]}),
            ),
            (
                json!({"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}),
                json!({"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}),
            ),
            (
                json!({"type": "string", "contentMediaType": "application/octet-stream"}),
                json!({"type": "string", "contentMediaType": "application/octet-stream", "format": "binary"}),
            ),
            (
                json!({"type": "string", "contentMediaType": "application/json"}),
                json!({"type": "string", "contentMediaType": "application/json"}),
            ),
        ] {
            let mut rewritten = schema.clone();
            rewrite(rewritten.as_object_mut().expect("an object"));
            assert_eq!(rewritten, expected, "{schema}");
        }
    }

    #[test]
    fn the_version_says_what_holds() {
        for (version, expected) in [("3.0.3", false), ("3.1.0", true), ("3.2.0", true), ("3.1", true), ("2.0", false)] {
            assert_eq!(is_new(&json!({ "openapi": version })), expected, "{version}");
        }
        assert!(is_new(&json!({ "openapi": 3.1 })) && !is_new(&json!({ "swagger": "2.0" })));
    }
}

//! Swagger 2.0 as OpenAPI: hosts become servers, bodies and forms become request bodies, and schemas of answers get their media type.
//! What refers to `#/definitions/…` goes on doing so: the tree keeps what it has.

use serde_json::{Map, Value, json};

use super::{Document, reference, step};
use crate::codes::Code;

/// Rewrites the operations of a Swagger document in place; any other document stays as it is.
pub(super) fn modernise(document: &mut Document) {
    let root = &mut document.root;
    if root.get("swagger").is_none() {
        return;
    }
    let servers = servers(root);
    let schemes = security_schemes(root);
    let Some(members) = root.as_object_mut() else { return };
    members.insert("servers".to_owned(), servers);
    members.insert("components".to_owned(), json!({ "securitySchemes": schemes }));
    let mut paths = members.get_mut("paths").map(Value::take).unwrap_or_default();
    modernise_paths(&mut paths, document);
    document.root["paths"] = paths;
}

fn modernise_paths(paths: &mut Value, document: &Document) {
    let root = &document.root;
    let or_json = |types: Vec<String>| if types.is_empty() { vec!["application/json".to_owned()] } else { types };
    let shared = Shared {
        document,
        consumes: or_json(media_types(root.get("consumes"))),
        produces: or_json(media_types(root.get("produces"))),
    };
    let Value::Object(paths) = paths else { return };
    for (path, item) in paths {
        let Value::Object(item) = item else { continue };
        let common = match item.remove("parameters") {
            Some(Value::Array(parameters)) => parameters,
            _ => Vec::new(),
        };
        for (method, operation) in item.iter_mut().filter(|(key, _)| !key.starts_with("x-") && *key != "$ref") {
            if let Value::Object(operation) = operation {
                shared.operation(operation, &common, &format!("/paths/{}/{method}", step(path)));
            }
        }
    }
}

/// What all operations share.
struct Shared<'d> {
    /// The document without its paths.
    document: &'d Document,
    consumes: Vec<String>,
    produces: Vec<String>,
}

impl Shared<'_> {
    /// Puts what a value refers to in its place.
    fn inline(&self, value: &mut Value) {
        if let Some(target) = self.document.resolve(value).filter(|_| reference(value).is_some()) {
            *value = target.clone();
        }
    }

    fn operation(&self, operation: &mut Map<String, Value>, common: &[Value], pointer: &str) {
        let own = match operation.remove("parameters") {
            Some(Value::Array(parameters)) => parameters,
            _ => Vec::new(),
        };
        let mut consumes = media_types(operation.get("consumes"));
        if consumes.is_empty() {
            consumes.clone_from(&self.consumes);
        }
        let mut kept: Vec<Value> = Vec::new();
        let mut fields: Vec<Value> = Vec::new();
        for parameter in common.iter().chain(&own) {
            let Some(parameter) = self.document.resolve(parameter) else {
                self.document.note(pointer, Code::NoTarget, &[reference(parameter).unwrap_or_default()]);
                continue;
            };
            match parameter.get("in").and_then(Value::as_str) {
                Some("body") => {
                    let schema = parameter.get("schema").cloned().unwrap_or_default();
                    let required = parameter.get("required").cloned().unwrap_or(Value::Bool(false));
                    let description = parameter.get("description").cloned().unwrap_or_default();
                    let content = content(&consumes, &schema);
                    let body = json!({ "required": required, "description": description, "content": content });
                    operation.insert("requestBody".to_owned(), body);
                }
                Some("formData") => fields.push(parameter.clone()),
                _ => {
                    let is_same =
                        |held: &Value| held.get("name") == parameter.get("name") && held.get("in") == parameter.get("in");
                    kept.retain(|held| !is_same(held));
                    kept.push(modern_parameter(parameter));
                }
            }
        }
        operation.insert("parameters".to_owned(), Value::Array(kept));
        if !fields.is_empty() && !operation.contains_key("requestBody") {
            operation.insert("requestBody".to_owned(), form(&fields, &consumes));
        }
        self.answers(operation);
    }

    fn answers(&self, operation: &mut Map<String, Value>) {
        let mut produces = media_types(operation.get("produces"));
        if produces.is_empty() {
            produces.clone_from(&self.produces);
        }
        let Some(Value::Object(responses)) = operation.get_mut("responses") else { return };
        for response in responses.values_mut() {
            self.inline(response);
            if let Value::Object(response) = response
                && let Some(schema) = response.remove("schema")
            {
                let is_file = schema.get("type").and_then(Value::as_str) == Some("file");
                let content = if is_file {
                    json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } })
                } else {
                    content(&produces, &schema)
                };
                response.insert("content".to_owned(), content);
            }
        }
    }
}

fn media_types(list: Option<&Value>) -> Vec<String> {
    let texts = list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

fn content(media_types: &[String], schema: &Value) -> Value {
    Value::Object(media_types.iter().map(|media_type| (media_type.clone(), json!({ "schema": schema }))).collect())
}

/// The keys of a parameter that are about the parameter; all others are about its value.
const OWN_KEYS: [&str; 7] = ["name", "in", "description", "required", "collectionFormat", "allowEmptyValue", "schema"];

fn modern_parameter(parameter: &Value) -> Value {
    let Value::Object(members) = parameter else { return parameter.clone() };
    let (mut modern, mut schema) = (Map::new(), Map::new());
    for (key, value) in members {
        let target = if OWN_KEYS.contains(&key.as_str()) || key.starts_with("x-") { &mut modern } else { &mut schema };
        target.insert(key.clone(), value.clone());
    }
    let is_list = schema.get("type").and_then(Value::as_str) == Some("array");
    if let Some(format) = modern.remove("collectionFormat").filter(|_| is_list) {
        modern.insert("x-collection-format".to_owned(), format);
    } else if is_list {
        modern.insert("x-collection-format".to_owned(), Value::from("csv"));
    }
    modern.entry("schema").or_insert(Value::Object(schema));
    Value::Object(modern)
}

/// The request body of the fields of a form.
fn form(fields: &[Value], consumes: &[String]) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for field in fields {
        let Some(name) = field.get("name").and_then(Value::as_str) else { continue };
        if field.get("required").and_then(Value::as_bool) == Some(true) {
            required.push(Value::from(name));
        }
        let mut schema = modern_parameter(field).get("schema").cloned().unwrap_or_default();
        if schema.get("type").and_then(Value::as_str) == Some("file") {
            schema = json!({ "type": "string", "format": "binary" });
        }
        if let (Value::Object(schema), Some(description)) = (&mut schema, field.get("description")) {
            schema.insert("description".to_owned(), description.clone());
        }
        properties.insert(name.to_owned(), schema);
    }
    let has_file = fields.iter().any(|field| field.get("type").and_then(Value::as_str) == Some("file"));
    let is_form = |media_type: &&String| media_type.contains("form");
    let media_type = match consumes.iter().find(is_form) {
        _ if has_file => "multipart/form-data",
        Some(media_type) => media_type,
        None => "application/x-www-form-urlencoded",
    };
    let is_required = !required.is_empty();
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    json!({ "required": is_required, "content": { media_type: { "schema": schema } } })
}

fn servers(root: &Value) -> Value {
    let text = |key: &str| root.get(key).and_then(Value::as_str);
    let base = text("basePath").unwrap_or("").trim_end_matches('/');
    let schemes: Vec<&str> =
        root.get("schemes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let scheme = if schemes.is_empty() || schemes.contains(&"https") { "https" } else { schemes[0] };
    match text("host") {
        Some(host) => json!([{ "url": format!("{scheme}://{host}{base}") }]),
        None if base.is_empty() => json!([]),
        None => json!([{ "url": base }]),
    }
}

fn security_schemes(root: &Value) -> Value {
    let Some(Value::Object(definitions)) = root.get("securityDefinitions") else { return json!({}) };
    let modern = |scheme: &Value| {
        let text = |key: &str| scheme.get(key).and_then(Value::as_str);
        match text("type") {
            Some("basic") => json!({ "type": "http", "scheme": "basic" }),
            Some("oauth2") => {
                let flow = match text("flow") {
                    Some("accessCode") => "authorizationCode",
                    Some("application") => "clientCredentials",
                    Some(flow) => flow,
                    None => "implicit",
                };
                let mut held = Map::new();
                for key in ["authorizationUrl", "tokenUrl", "scopes"] {
                    held.extend(scheme.get(key).map(|value| (key.to_owned(), value.clone())));
                }
                json!({ "type": "oauth2", "flows": { flow: held } })
            }
            _ => scheme.clone(),
        }
    };
    Value::Object(definitions.iter().map(|(name, scheme)| (name.clone(), modern(scheme))).collect())
}

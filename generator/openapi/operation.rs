//! The operations of a document, with their references followed.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Document, below};
use crate::codes::Code;
use crate::model::Method;
use crate::names;

/// An operation.
#[derive(Clone, Debug)]
pub struct Operation<'d> {
    /// Where it is, as a JSON pointer.
    pub pointer: String,
    /// The method.
    pub method: Method,
    /// The path, as it is written.
    pub path: &'d str,
    /// Its `operationId`.
    pub id: Option<&'d str>,
    /// A name that no other operation of the document has: the id, or the method and path.
    pub name: String,
    /// Its parts of the API.
    pub tags: Vec<&'d str>,
    /// What it takes, that of the path's own included.
    pub params: Vec<Parameter<'d>>,
    /// The forms that its body may have; none if it has no body.
    pub body: Vec<Content<'d>>,
    /// Whether it can not do without a body.
    pub body_required: bool,
    /// Its answers, in the order of the document.
    pub responses: Vec<Response<'d>>,
    /// The operation itself: `summary`, `description`, `security`, `deprecated`, extensions.
    pub node: &'d Value,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Into the path.
    Path,
    /// Into the query.
    Query,
    /// Into a header.
    Header,
    /// Into a cookie.
    Cookie,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter<'d> {
    /// Where it is, as a JSON pointer.
    pub pointer: String,
    /// Its name on the wire.
    pub name: &'d str,
    /// Where it goes.
    pub place: Place,
    /// Whether it must be given.
    pub required: bool,
    /// Its schema, not followed, and where that is. One that is described by a media type has the schema of that.
    pub schema: Option<(&'d Value, String)>,
    /// Whether a media type describes it: it is sent as JSON.
    pub is_content: bool,
    /// The parameter itself: `description`, `style`, `explode`, `example`, `deprecated`.
    pub node: &'d Value,
}

/// One form of a body.
#[derive(Clone, Debug)]
pub struct Content<'d> {
    /// Its media type as it is written.
    pub media_type: &'d str,
    /// Its schema, not followed, and where that is.
    pub schema: Option<(&'d Value, String)>,
    /// The media type's object: `encoding`, `example`, `examples`.
    pub node: &'d Value,
}

impl Content<'_> {
    /// The media type without its parameters, in small letters.
    #[must_use]
    pub fn essence(&self) -> String {
        self.media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Whether it is JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        let essence = self.essence();
        essence == "application/json" || essence.ends_with("+json") || essence == "text/json" || essence == "*/*"
    }

    /// Whether it is a form as it stands in a query.
    #[must_use]
    pub fn is_form(&self) -> bool {
        self.essence() == "application/x-www-form-urlencoded"
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response<'d> {
    /// `200`, `4XX` or `default`.
    pub status: &'d str,
    /// The forms that its body may have; none if it has no body.
    pub content: Vec<Content<'d>>,
    /// The answer itself: `description`, `headers`.
    pub node: &'d Value,
}

impl Response<'_> {
    /// Whether it tells of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }
}

impl<'d> Operation<'d> {
    /// The answer of a success: the first of those with a body, or the first; where none says so, the default one.
    #[must_use]
    pub fn success(&self) -> Option<&Response<'d>> {
        let successes = || self.responses.iter().filter(|response| response.is_success());
        let default = || self.responses.iter().find(|response| response.status == "default");
        successes().find(|response| !response.content.is_empty()).or_else(|| successes().next()).or_else(default)
    }

    /// A text of its own, such as `description`.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&'d str> {
        self.node.get(key).and_then(Value::as_str)
    }
}

/// The methods that a path has members for.
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// What a path's members say is requested: the methods, as they are sent, the places and the operations.
fn requests<'d>(entries: &'d Map<String, Value>, pointer: &str) -> Vec<(String, String, &'d Value)> {
    let mut requests = Vec::new();
    for (key, node) in entries {
        let place = below(pointer, key);
        if METHODS.contains(&key.as_str()) {
            requests.push((key.to_ascii_uppercase(), place, node));
        } else if key == "additionalOperations" {
            requests.extend(members(Some(node)).map(|(method, node)| (method.to_owned(), below(&place, method), node)));
        }
    }
    requests
}

impl Document {
    /// Every operation, in the order of the document. What is not well-formed is noted and left out.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let mut operations = Vec::new();
        let mut taken = BTreeSet::new();
        for (path, item) in members(self.root.get("paths")) {
            if path.starts_with("x-") {
                continue;
            }
            let pointer = below("/paths", path);
            let Some((item, pointer)) = self.follow(item, &pointer) else { continue };
            let Value::Object(entries) = item else {
                self.note(&pointer, Code::NotWellFormed, &["a path", "an object"]);
                continue;
            };
            for (method, place, node) in requests(entries, &pointer) {
                if !node.is_object() {
                    self.note(&place, Code::NotWellFormed, &["an operation", "an object"]);
                    continue;
                }
                let Some(method) = Method::sent_as(&method) else {
                    self.note(&place, Code::UnsentMethod, &[&method]);
                    continue;
                };
                let mut operation = self.operation((method, path), item, node, (&pointer, &place));
                operation.name = self.free_name(&operation, &mut taken);
                operations.push(operation);
            }
        }
        operations
    }

    fn operation<'d>(
        &'d self,
        (method, path): (Method, &'d str),
        item: &'d Value,
        node: &'d Value,
        (item_pointer, pointer): (&str, &str),
    ) -> Operation<'d> {
        let mut params: Vec<Parameter<'d>> = Vec::new();
        for (holder, at) in [(item, item_pointer), (node, pointer)] {
            let list = holder.get("parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            for (index, parameter) in list.iter().enumerate() {
                let place = format!("{at}/parameters/{index}");
                if let Some(parameter) = self.parameter(parameter, &place) {
                    // An operation's own one takes the place of the path's.
                    params.retain(|held| (held.name, held.place) != (parameter.name, parameter.place));
                    params.push(parameter);
                }
            }
        }
        let place = below(pointer, "requestBody");
        let body = node.get("requestBody").filter(|body| !body.is_null()).and_then(|body| self.follow(body, &place));
        let responses = members(node.get("responses")).filter(|(status, _)| !status.starts_with("x-"));
        let responses = responses.filter_map(|(status, response)| {
            let (response, at) = self.follow(response, &below(&below(pointer, "responses"), status))?;
            Some(Response { status, content: self.contents(response, &at), node: response })
        });
        Operation {
            pointer: pointer.to_owned(),
            method,
            path,
            id: node.get("operationId").and_then(Value::as_str).filter(|id| !id.trim().is_empty()),
            name: String::new(),
            tags: node.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect(),
            params,
            body: body.as_ref().map(|(body, at)| self.contents(body, at)).unwrap_or_default(),
            body_required: body.is_some_and(|(body, _)| body.get("required").and_then(Value::as_bool) == Some(true)),
            responses: responses.collect(),
            node,
        }
    }

    fn parameter<'d>(&'d self, value: &'d Value, pointer: &str) -> Option<Parameter<'d>> {
        let (node, pointer) = self.follow(value, pointer)?;
        let Some(name) = node.get("name").and_then(Value::as_str) else {
            self.note(&pointer, Code::NotWellFormed, &["a parameter", "an object with `name` and `in`"]);
            return None;
        };
        let content = self.contents(node, &pointer).into_iter().next();
        let place = match node.get("in").and_then(Value::as_str) {
            Some("path") => Place::Path,
            Some("query") => Place::Query,
            Some("header") => Place::Header,
            Some("cookie") => Place::Cookie,
            // The whole query as one object is what its members are as parameters.
            Some("querystring") if content.as_ref().is_some_and(Content::is_form) => Place::Query,
            other => {
                self.note(&pointer, Code::UnknownPlace, &[name, other.unwrap_or("nowhere")]);
                return None;
            }
        };
        let own = node.get("schema").map(|schema| (schema, below(&pointer, "schema")));
        let is_content = own.is_none() && content.as_ref().is_some_and(|content| !content.is_form());
        let required = place == Place::Path || node.get("required").and_then(Value::as_bool) == Some(true);
        let schema = own.or_else(|| content.and_then(|content| content.schema));
        Some(Parameter { pointer, name, place, required, schema, is_content, node })
    }

    /// The forms that a body may have.
    fn contents<'d>(&'d self, holder: &'d Value, pointer: &str) -> Vec<Content<'d>> {
        let at = below(pointer, "content");
        let content = |(media_type, node): (&'d str, &'d Value)| {
            let (node, at) = self.follow(node, &below(&at, media_type))?;
            // From 3.2 on, `itemSchema` describes the elements of a stream.
            let schema = ["schema", "itemSchema"].iter().find_map(|key| Some((node.get(key)?, below(&at, key))));
            Some(Content { media_type, schema, node })
        };
        members(holder.get("content")).filter_map(content).collect()
    }

    /// A name for an operation that becomes a method's: no two become the same.
    fn free_name(&self, operation: &Operation<'_>, taken: &mut BTreeSet<String>) -> String {
        let wanted = match operation.id {
            Some(id) => id.to_owned(),
            None => format!("{} {}", operation.method.as_str().to_lowercase(), operation.path.replace(['{', '}'], " ")),
        };
        let mut name = wanted.clone();
        let mut number = 2;
        while !taken.insert(names::module(&name)) {
            if number == 2 && operation.id.is_some() {
                self.note(&below(&operation.pointer, "operationId"), Code::RepeatedId, &[&wanted]);
            }
            name = format!("{wanted} {number}");
            number += 1;
        }
        name
    }
}

/// The members of an object; none of anything else.
fn members(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    value.and_then(Value::as_object).into_iter().flat_map(Map::iter).map(|(key, value)| (key.as_str(), value))
}

//! Operations of a document as operations of the model.

use serde_json::Value;

use super::Direction;
use super::operation::{Content, Operation, Parameter, Place};
use super::outline::At;
use super::schema::{Schemas, Use};
use crate::codes::Code;
use crate::draft::{DraftOperation, TypeExpr, TypeExprKind};
use crate::model::{
    Body, Conduct, Encoding, Given, Hole, Location, Operation as Call, Param, ParamStyle, ParamValue, Payload, Scalar, Spanned,
    Template, TemplatePart, Type,
};
use crate::source::Span;

/// Headers that a client sets by itself, whatever a document says of them (OpenAPI 3.1, section 4.8.12.1).
const OWN_HEADERS: [&str; 4] = ["accept", "content-type", "authorization", "content-length"];

impl<'d> Schemas<'d> {
    /// An operation as a call.
    pub fn call(&mut self, operation: &Operation<'d>) -> DraftOperation {
        let answer = self.answer(operation);
        let mut headers = Vec::new();
        if let Some(accept) = answer.accept {
            headers.push(("accept".to_owned(), Template::literal(accept, Span::default())));
        }
        let mut params = self.params(operation);
        let path = self.path(operation, &mut params);
        let call = Call {
            name: Spanned::new(operation.name.clone(), Span::default()),
            description: description(operation),
            method: operation.method.clone(),
            path,
            params,
            headers,
            body: self.body(operation),
            auth: !matches!(operation.node.get("security"), Some(Value::Array(schemes)) if schemes.is_empty()),
            conduct: Conduct::default(),
            idempotent: operation.method.is_idempotent(),
            packed: None,
            response: None,
            nullable: answer.nullable,
            answer: answer.payload,
            failures: self.failures(operation),
            deprecated: operation.node.get("deprecated") == Some(&Value::Bool(true)),
            group: operation.tags.first().map(|&tag| tag.to_owned()),
        };
        DraftOperation { operation: call, response: answer.ty.map(ready) }
    }

    /// The parameters that an operation has besides these, which are given already.
    pub fn params(&mut self, operation: &Operation<'d>) -> Vec<Param> {
        let mut params: Vec<Param> = Vec::new();
        for parameter in &operation.params {
            let is_own =
                parameter.place == Place::Header && OWN_HEADERS.iter().any(|name| name.eq_ignore_ascii_case(parameter.name));
            if !is_own && !parameter.name.is_empty() {
                params.push(self.param(parameter, operation));
            }
        }
        params
    }

    fn param(&mut self, parameter: &Parameter<'d>, operation: &Operation<'d>) -> Param {
        let location = match parameter.place {
            Place::Path => Location::Path,
            Place::Query => Location::Query,
            Place::Header => Location::Header,
            Place::Cookie => Location::Cookie,
        };
        let outline = parameter.schema.as_ref().map(|(schema, at)| {
            let (schema, at) = self.document.follow(schema, at).unwrap_or((schema, at.clone()));
            self.document.outline(schema, &at)
        });
        // What is required and has one value is no choice.
        if let (true, Some([Value::String(only)])) =
            (parameter.required, outline.as_ref().map(|outline| outline.values.as_slice()))
        {
            let value = ParamValue::Fixed(Template::literal(only, Span::default()));
            return Param { name: named(parameter.name), location, value, description: None, style: ParamStyle::Plain };
        }
        let path = [operation.name.clone(), parameter.name.to_owned()];
        let used = parameter.schema.clone().map(|schema| self.of(schema, &path, Direction::Sent));
        let (ty, style) = self.styled(parameter, used);
        Param {
            name: named(parameter.name),
            location,
            value: ParamValue::Argument { ty, required: parameter.required, default: None, sensitive: false },
            description: text(parameter.node, "description"),
            style,
        }
    }

    /// The path with its holes. What the document does not declare is taken as a text; what it declares and the path does not hold is
    /// left out.
    fn path(&mut self, operation: &Operation<'d>, params: &mut Vec<Param>) -> Template {
        let (path, fragment) = operation.path.split_once('#').unwrap_or((operation.path, ""));
        if !fragment.is_empty() {
            self.document.note(&operation.pointer, Code::PathFragment, &[fragment]);
        }
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !params.iter().any(|param| param.name.value == name) {
                let value = ParamValue::Fixed(Template::literal(value, Span::default()));
                params.push(Param {
                    name: named(name),
                    location: Location::Query,
                    value,
                    description: None,
                    style: ParamStyle::Plain,
                });
            }
        }
        let mut template = Template::default();
        if !path.starts_with('/') {
            template.push_literal("/");
        }
        let mut held: Vec<&str> = Vec::new();
        let mut rest = path;
        while let Some((before, name, after)) = hole(rest) {
            template.push_literal(before);
            template.push_literal(&prefix(operation, params, name));
            template.parts.push(TemplatePart::Hole(Hole::Argument(name.to_owned())));
            held.push(name);
            rest = after;
        }
        template.push_literal(rest);
        params.retain(|param| {
            let is_held = param.location != Location::Path || held.contains(&param.name.value.as_str());
            if !is_held {
                self.document.note(&operation.pointer, Code::UnusedPathParameter, &[&param.name.value]);
            }
            is_held
        });
        for name in held {
            if !params.iter().any(|param| param.location == Location::Path && param.name.value == name) {
                let ty = Type::Scalar(Scalar::String);
                let value = ParamValue::Argument { ty, required: true, default: None, sensitive: false };
                params.push(Param {
                    name: named(name),
                    location: Location::Path,
                    value,
                    description: None,
                    style: ParamStyle::Plain,
                });
            }
        }
        template
    }

    fn body(&mut self, operation: &Operation<'d>) -> Body {
        let Some(content) = best(&operation.body) else { return Body::Form };
        let essence = content.essence();
        let encoding = match essence.as_str() {
            _ if content.is_json() => Encoding::Json,
            "application/x-www-form-urlencoded" => Encoding::Form,
            "multipart/form-data" | "multipart/mixed" | "multipart/related" => Encoding::Multipart { files: self.files(content) },
            _ if is_text(&essence) => Encoding::Text,
            _ => Encoding::Bytes,
        };
        let path = [operation.name.clone(), "body".to_owned()];
        let ty = match &encoding {
            Encoding::Text => Type::Scalar(Scalar::String),
            Encoding::Bytes => Type::Scalar(Scalar::Binary),
            _ => content.schema.clone().map_or(Type::Json, |schema| self.of(schema, &path, Direction::Sent).ty),
        };
        // What is no object can not be a form.
        let is_object = matches!(ty, Type::Named(_) | Type::Map(_) | Type::Json);
        let encoding =
            if !is_object && matches!(encoding, Encoding::Form | Encoding::Multipart { .. }) { Encoding::Json } else { encoding };
        let media_type = if essence.contains('*') { "application/json" } else { content.media_type };
        Body::Given(Given {
            ty,
            required: operation.body_required,
            encoding,
            media_type: media_type.trim().to_owned(),
            description: self
                .document
                .resolve(operation.node.get("requestBody").unwrap_or(&Value::Null))
                .and_then(|body| text(body, "description")),
        })
    }

    /// The members of a multipart body that are files.
    fn files(&self, content: &Content<'d>) -> Vec<String> {
        let Some((schema, at)) = &content.schema else { return Vec::new() };
        let Some((schema, at)) = self.document.follow(schema, at) else { return Vec::new() };
        let outline = self.document.outline(schema, &at);
        outline.properties.iter().filter(|(_, at)| self.is_file(at)).map(|(name, _)| (*name).to_owned()).collect()
    }

    /// Whether a member is a file, or several.
    fn is_file(&self, (schema, _): &At<'d>) -> bool {
        let file = |schema: &Value| {
            matches!(schema.get("format").and_then(Value::as_str), Some("binary" | "byte"))
                || schema.get("type").and_then(Value::as_str) == Some("file")
                || schema.get("contentMediaType").is_some()
        };
        let schema = self.document.resolve(schema).unwrap_or(&Value::Null);
        let element = schema.get("items").and_then(|items| self.document.resolve(items));
        file(schema) || element.is_some_and(file)
    }

    fn answer(&mut self, operation: &Operation<'d>) -> Answer<'d> {
        let none = Answer { ty: None, nullable: false, payload: Payload::Json, accept: None };
        let Some(response) = operation.success() else { return none };
        let Some(content) = best(&response.content) else { return none };
        let path = [operation.name.clone(), "response".to_owned()];
        let is_empty = |response: &super::Response<'_>| response.is_success() && response.content.is_empty();
        let may_be_empty = operation.responses.iter().any(is_empty);
        let essence = content.essence();
        let accept = (!matches!(essence.as_str(), "application/json" | "*/*")).then_some(content.media_type);
        if content.is_json() && !self.is_raw(content) {
            let used = content
                .schema
                .clone()
                .map_or(Use { ty: Type::Json, nullable: false }, |schema| self.of(schema, &path, Direction::Received));
            let nullable = used.ty != Type::Json && (used.nullable || may_be_empty);
            return Answer { ty: Some(used.ty), nullable, payload: Payload::Json, accept };
        }
        let (ty, payload) = if is_text(&essence) { (Scalar::String, Payload::Text) } else { (Scalar::Binary, Payload::Bytes) };
        Answer { ty: Some(Type::Scalar(ty)), nullable: false, payload, accept }
    }

    /// Whether a body of any type is said to be bytes.
    fn is_raw(&self, content: &Content<'d>) -> bool {
        let schema = content.schema.as_ref().and_then(|(schema, _)| self.document.resolve(schema));
        schema.is_some_and(|schema| schema.get("format").and_then(Value::as_str) == Some("binary"))
    }

    fn failures(&mut self, operation: &Operation<'d>) -> Vec<(String, Type)> {
        let success = operation.success().map(|response| response.status);
        let mut failures = Vec::new();
        for response in &operation.responses {
            if response.is_success() || Some(response.status) == success {
                continue;
            }
            let Some(content) = best(&response.content).filter(|content| content.is_json()) else { continue };
            let Some(schema) = content.schema.clone() else { continue };
            let path = [operation.name.clone(), format!("error {}", response.status)];
            let ty = self.of(schema, &path, Direction::Received).ty;
            if matches!(ty, Type::Named(_)) {
                failures.push((response.status.to_owned(), ty));
            }
        }
        failures
    }

    /// The type of a list's records: the elements of the array at a place in the answer. None if there is no such array.
    pub fn records(&mut self, operation: &Operation<'d>, selector: &crate::model::Path) -> Option<Type> {
        let response = operation.success()?;
        let content = best(&response.content).filter(|content| content.is_json())?;
        let (mut schema, mut at) = content.schema.clone()?;
        for segment in &selector.0 {
            let crate::model::Segment::Key(key) = segment else { return None };
            (schema, at) = self.member(schema, &at, key)?;
        }
        let (schema, at) = self.array(schema, &at)?;
        let path = [operation.name.clone(), "item".to_owned()];
        Some(self.of((schema, at), &path, Direction::Received).ty)
    }

    /// A property of a schema, or of the first of its alternatives that has it.
    fn member(&self, schema: &'d Value, at: &str, key: &str) -> Option<At<'d>> {
        let (schema, at) = self.document.follow(schema, at)?;
        let outline = self.document.outline(schema, &at);
        if let Some(found) = outline.properties.get(key) {
            return Some(found.clone());
        }
        let mut branches = outline.groups.iter().flat_map(|group| &group.branches);
        branches.find_map(|(branch, at)| self.member(branch, at, key))
    }

    /// The elements of a schema that is an array, or of the first of its alternatives that is one.
    fn array(&self, schema: &'d Value, at: &str) -> Option<At<'d>> {
        let (schema, at) = self.document.follow(schema, at)?;
        let outline = self.document.outline(schema, &at);
        if let Some(items) = outline.items {
            return Some(items);
        }
        let mut branches = outline.groups.iter().flat_map(|group| &group.branches);
        branches.find_map(|(branch, at)| self.array(branch, at))
    }
}

/// What stands before the value of a hole of the path.
fn prefix(operation: &Operation<'_>, params: &[Param], name: &str) -> String {
    let declared = operation.params.iter().find(|declared| declared.place == Place::Path && declared.name == name);
    let param = params.iter().find(|param| param.location == Location::Path && param.name.value == name);
    match (declared, param.map(|param| (&param.value, &param.style))) {
        (Some(declared), Some((ParamValue::Argument { ty, .. }, style))) => super::style::prefix(declared, ty, style),
        _ => String::new(),
    }
}

/// What an operation answers.
struct Answer<'d> {
    ty: Option<Type>,
    nullable: bool,
    payload: Payload,
    accept: Option<&'d str>,
}

/// A type as a draft has it.
#[must_use]
pub fn ready(ty: Type) -> TypeExpr {
    TypeExpr { span: Span::default(), kind: TypeExprKind::Ready(ty) }
}

/// The form of a body that is best to have: JSON, then forms, then texts, then anything.
fn best<'c, 'd>(contents: &'c [Content<'d>]) -> Option<&'c Content<'d>> {
    let rank = |content: &&Content<'_>| match content.essence().as_str() {
        "application/json" => 0,
        _ if content.is_json() && !content.essence().contains('*') => 1,
        "application/x-www-form-urlencoded" => 2,
        "multipart/form-data" => 3,
        "*/*" => 4,
        essence if is_text(essence) => 5,
        _ => 6,
    };
    contents.iter().min_by_key(rank)
}

fn is_text(essence: &str) -> bool {
    essence.starts_with("text/")
        || essence.ends_with("xml")
        || ["yaml", "ndjson", "jsonl", "json-seq", "javascript", "graphql", "csv"].iter().any(|word| essence.contains(word))
}

fn description(operation: &Operation<'_>) -> Option<String> {
    let (summary, description) = (text(operation.node, "summary"), text(operation.node, "description"));
    match (summary, description) {
        (Some(summary), Some(description)) if description.starts_with(summary.trim_end_matches('.')) => Some(description),
        (Some(summary), Some(description)) => Some(format!("{summary}\n\n{description}")),
        (summary, description) => summary.or(description),
    }
}

fn text(node: &Value, key: &str) -> Option<String> {
    node.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

fn named(name: &str) -> Spanned<String> {
    Spanned::new(name.to_owned(), Span::default())
}

/// The next hole of a path: what is before it, its name, what is after it.
pub(crate) fn hole(path: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = path.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

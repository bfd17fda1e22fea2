//! Parameters: fixed values, arguments of the caller, fields of a parent's record, the cursor of an earlier run.

use super::Lowering;
use super::incremental::Cursor;
use super::node::{Member, Node};
use super::type_expr;
use super::values::is_header_name;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Hole, Location, Param, ParamStyle, ParamValue, Scalar, Spanned, Template, TemplatePart, Type};

/// What the sections `params`, `json` and `data` of an endpoint give.
pub struct Params {
    /// What is sent besides what stands in the path.
    pub sent: Vec<Param>,
    /// The cursor of an earlier run, where a parameter takes it.
    pub cursor: Option<Cursor>,
    /// The placeholders of the path.
    holes: Vec<String>,
    /// What fills them.
    in_path: Vec<(String, Template)>,
}

impl Params {
    /// None yet, for a path with placeholders.
    pub fn new(path: &Template) -> Self {
        let name = |hole: &Hole| match hole {
            Hole::Input(name) => Some(name.clone()),
            _ => None,
        };
        Self { sent: Vec::new(), cursor: None, holes: path.holes().filter_map(name).collect(), in_path: Vec::new() }
    }

    /// What fills a placeholder of the path.
    pub fn for_path(&mut self, name: &str) -> Option<Template> {
        self.in_path.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// Whether the path has a placeholder of this name.
    pub fn is_in_path(&self, name: &str) -> bool {
        self.holes.iter().any(|hole| hole == name)
    }

    /// Adds a parameter with a fixed text, in the path where that has a placeholder of its name.
    pub fn fixed(&mut self, name: Spanned<String>, location: Location, value: Template) {
        if location == Location::Query && self.is_in_path(&name) {
            self.in_path.push((name.value, value));
        } else {
            self.sent.push(Param {
                name,
                location,
                value: ParamValue::Fixed(value),
                description: None,
                style: ParamStyle::Plain,
            });
        }
    }
}

impl Lowering<'_> {
    /// Reads a section of parameters; `location` is where the section itself puts them.
    pub fn params(&mut self, node: Option<&Node>, location: Option<Location>, params: &mut Params) {
        for member in node.map(Node::members).unwrap_or_default() {
            if !member.node.is_null() {
                self.param(member, location, params);
            }
        }
    }

    fn param(&mut self, member: &Member, section: Option<Location>, params: &mut Params) {
        let name = Spanned::new(member.key.clone(), member.span);
        let node = &member.node;
        let place = section.unwrap_or(Location::Query);
        if !node.items().is_empty() {
            for item in node.items() {
                let value = self.template(item);
                params.sent.push(Param {
                    name: name.clone(),
                    location: place,
                    value: ParamValue::Fixed(value),
                    description: None,
                    style: ParamStyle::Plain,
                });
            }
            return;
        }
        if node.scalar().is_some() {
            let value = self.template(node);
            params.fixed(name, place, value);
            return;
        }
        match node.get("type").and_then(Node::text) {
            Some("resolve") => {
                if let Some(value) = self.resolve(node) {
                    params.fixed(name, place, value);
                }
            }
            Some("incremental") => self.cursor_param(name, place, node, params),
            other => self.argument(name, other.unwrap_or("string"), node, section, params),
        }
    }

    /// `{type: resolve, resource: organizations, field: id}` is `{resources.organizations.id}`.
    pub fn resolve(&mut self, node: &Node) -> Option<Template> {
        let resource = node.text_of("resource")?;
        let field = self.path_of(node, "field")?;
        let span = node.get("resource").map_or(node.span, |resource| resource.span);
        if !self.resource_names.contains(&resource) {
            let unknown = Diagnostic::new(Code::UnknownResource, span, &[&resource]);
            self.diagnostics.push(unknown.nearest(&resource, self.resource_names.iter().map(String::as_str)));
            return Some(Template { parts: Vec::new(), span });
        }
        let hole = Hole::Parent { resource, field: field.value };
        Some(Template { parts: vec![TemplatePart::Hole(hole)], span })
    }

    /// A parameter that takes the cursor which it describes.
    fn cursor_param(&mut self, name: Spanned<String>, place: Location, node: &Node, params: &mut Params) {
        if self.keep_cursor(&name, node, params) {
            let start = Template { parts: vec![TemplatePart::Hole(Hole::Start)], span: name.span };
            params.fixed(name, place, start);
        }
    }

    /// Keeps the cursor that a parameter describes. False if it is none, or there is one already.
    pub fn keep_cursor(&mut self, name: &Spanned<String>, node: &Node, params: &mut Params) -> bool {
        let Some(mut cursor) = self.cursor(node) else { return false };
        if let Some(first) = &params.cursor {
            let second = Diagnostic::new(Code::TwoIncrementals, name.span, &[]);
            self.diagnostics.push(second.also(first.incremental.span, "the first"));
            return false;
        }
        cursor.incremental.value.start_param = Some(name.clone());
        params.cursor = Some(cursor);
        true
    }

    /// Reads an argument of the caller, which becomes the last of the parameters.
    pub fn argument(&mut self, name: Spanned<String>, ty: &str, node: &Node, section: Option<Location>, params: &mut Params) {
        let scalar = type_expr::scalar(ty).unwrap_or(Scalar::String);
        let said = node.get("in").and_then(Node::text).and_then(location);
        let in_path = params.is_in_path(&name);
        let location = said.or(section).unwrap_or(if in_path { Location::Path } else { Location::Query });
        let default = self.template_of(node, "default");
        if let Some(default) = &default {
            self.check_argument_default(default, scalar);
        }
        let required = node.boolean_of("required");
        if let (Some(true), Some(default)) = (required, &default) {
            let message = "a required parameter with a default";
            self.diagnostics.push(Diagnostic::new(Code::Contradiction, default.span, &[message]).help("remove one of the two"));
        }
        if location == Location::Path {
            self.check_path_argument(&name, in_path, required == Some(false) && default.is_none());
            let hole = TemplatePart::Hole(Hole::Argument(name.value.clone()));
            params.in_path.push((name.value.clone(), Template { parts: vec![hole], span: name.span }));
        }
        if location == Location::Header && !is_header_name(&name) {
            self.diagnostics.report(Code::BadHeader, name.span, &[&name]);
        }
        let required = required.unwrap_or(location == Location::Path && default.is_none());
        let sensitive = node.boolean_of("sensitive").unwrap_or(false);
        let is_argument = |param: &&Param| matches!(param.value, ParamValue::Argument { .. });
        if let Some(first) = params.sent.iter().filter(is_argument).find(|param| *param.name == *name) {
            let second = Diagnostic::new(Code::DuplicateArgument, name.span, &[&name]);
            self.diagnostics.push(second.also(first.name.span, "the first"));
        }
        let value = ParamValue::Argument { ty: Type::Scalar(scalar), required, default, sensitive };
        params.sent.push(Param { name, location, value, description: node.text_of("description"), style: ParamStyle::Plain });
    }

    fn check_path_argument(&mut self, name: &Spanned<String>, in_path: bool, optional: bool) {
        if !in_path {
            self.diagnostics.report(Code::UnusedPathParam, name.span, &[name]);
        }
        if optional {
            self.diagnostics.report(Code::PathParamOptional, name.span, &[]);
        }
    }

    fn check_argument_default(&mut self, default: &Template, scalar: Scalar) {
        if default.holes().next().is_some() {
            return;
        }
        let text = default.literal_text();
        let what = match scalar {
            Scalar::Integer if text.parse::<i64>().is_err() => "whole number",
            Scalar::Number | Scalar::Decimal if text.parse::<f64>().is_err() => "number",
            Scalar::Boolean if !matches!(text.as_str(), "true" | "false") => "truth value (`true` or `false`)",
            _ => return,
        };
        self.diagnostics.report(Code::BadDefault, default.span, &[&text, what]);
    }
}

fn location(word: &str) -> Option<Location> {
    match word {
        "query" => Some(Location::Query),
        "path" => Some(Location::Path),
        "header" => Some(Location::Header),
        "body" => Some(Location::Body),
        _ => None,
    }
}

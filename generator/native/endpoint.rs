//! What is requested: method, path, parameters, headers.

use super::Lowering;
use super::decoder::compression;
use super::incremental::Cursor;
use super::json::member_of;
use super::node::Node;
use super::paginator::paging_holes;
use super::params::Params;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Body, Decoder, Hole, Json, Location, Method, Operation, Paging, Path, Payload, Slot, Spanned, Template, TemplatePart,
};

/// What an endpoint says, for a resource or an operation.
pub struct Endpoint {
    /// The request.
    pub operation: Operation,
    /// Where the records are.
    pub selectors: Vec<Spanned<Path>>,
    /// How one page leads to the next.
    pub paging: Spanned<Paging>,
    /// How a later run goes on.
    pub incremental: Option<Cursor>,
    /// What the records are written as.
    pub decoder: Spanned<Decoder>,
}

impl Lowering<'_> {
    /// Reads an endpoint. A resource without a path is found under its name.
    pub fn endpoint(&mut self, node: &Node, name: &Spanned<String>) -> Endpoint {
        let method = node.get("method").and_then(|node| self.method(node)).unwrap_or(Method::Get);
        let path = match node.get("path") {
            Some(path) => self.request_path(path),
            None => Template::literal(&format!("/{}", name.value), name.span),
        };
        let mut params = Params::new(&path);
        self.params(node.get("params"), None, &mut params);
        let body = self.body(node, &method, &mut params);
        let paging_holes = paging_holes(node.get("paginator"), &params);
        let path = self.fill_path(path, &mut params, &paging_holes);
        let incremental = self.incremental(node.get("incremental"), &mut params);
        let paging = self.paging(node.get("paginator"), incremental.as_ref(), (name, &paging_holes));
        self.first_params(node.get("paginator"), &mut params);
        let body = self.paged_body(node, (&method, body), &paging);
        let operation = Operation {
            name: name.clone(),
            description: None,
            idempotent: node.boolean_of("idempotent").unwrap_or_else(|| method.is_idempotent()),
            method,
            path,
            params: params.sent,
            headers: self.headers(node.get("headers")),
            body,
            auth: node.get("auth").and_then(Node::text) != Some("none"),
            conduct: self.conduct(node),
            packed: node.get("compression").and_then(compression),
            response: None,
            nullable: false,
            answer: Payload::Json,
            failures: Vec::new(),
            deprecated: false,
            group: None,
        };
        let decoder = self.decoder(node.get("decoder"), name);
        Endpoint { decoder, operation, selectors: self.selectors(node.get("data_selector"), name), paging, incremental }
    }

    pub(super) fn method(&mut self, node: &Node) -> Option<Method> {
        let text = node.text()?;
        let method = Method::known(text);
        if method.is_none() {
            let bad = Diagnostic::new(Code::BadMethod, node.span, &[text]);
            self.diagnostics.push(bad.nearest(text, Method::names()));
        }
        method
    }

    fn request_path(&mut self, node: &Node) -> Template {
        let mut path = self.template(node);
        let literal = path.literal_text();
        let is_absolute = literal.starts_with("https://") || literal.starts_with("http://");
        let (problem, help) = if literal.contains('?') {
            ("holds a query", "move it under `params`")
        } else if literal.contains('#') {
            ("holds a fragment", "a fragment is never sent; remove it")
        } else if literal.contains(|c: char| c.is_whitespace() || c.is_control()) {
            ("has white space in it", "write `%20` where a space is meant")
        } else if literal.contains("://") && !is_absolute {
            ("has a scheme other than http and https", "write a path below `base_url`, or an http address")
        } else {
            ("", "")
        };
        if !problem.is_empty() {
            let at = node.text().and_then(|text| text.find(['?', '#', ' ']));
            let span = at.map_or(node.span, |at| node.part(at, node.text().map_or(at, str::len)));
            self.diagnostics.push(Diagnostic::new(Code::BadPath, span, &[problem]).help(help));
        }
        if !is_absolute && !literal_begins_with_slash(&path) {
            match path.parts.first_mut() {
                Some(TemplatePart::Literal(text)) => text.insert(0, '/'),
                _ => path.parts.insert(0, TemplatePart::Literal("/".to_owned())),
            }
        }
        path
    }

    /// Parameters in the body, and how it is written.
    fn body(&mut self, node: &Node, method: &Method, params: &mut Params) -> Body {
        let (json, data) = (node.member("json"), node.member("data"));
        if let (Some(json), Some(data)) = (json, data) {
            let both = Diagnostic::new(Code::BothBodies, data.span, &[]).label("a form body").also(json.span, "a JSON body");
            self.diagnostics.push(both.help("keep the one that the service documents"));
        }
        let in_body = params.sent.iter().find(|param| param.location == Location::Body).map(|param| param.name.span);
        let place = json.or(data).map(|member| member.span).or(in_body);
        if let (Some(place), Method::Get | Method::Head | Method::Delete) = (place, method) {
            self.diagnostics.report(Code::BodyIgnored, place, &[method.as_str()]);
        }
        if let Some(data) = data {
            self.params(Some(&data.node), Some(Location::Body), params);
            return Body::Form;
        }
        // Parameters may be put into the body one by one, beside `json` or without it.
        let single: Vec<_> = params.sent.iter().filter(|param| param.location == Location::Body).collect();
        let single: Vec<_> =
            single.into_iter().map(|param| (param.name.value.clone(), member_of(&param.name, &param.value))).collect();
        let document = json.filter(|member| !member.node.is_null()).and_then(|member| self.json(&member.node, params));
        match (document, single.is_empty()) {
            (None, true) => Body::Form,
            (Some(Json::Object(members)), _) => Body::Json(Json::Object(members.into_iter().chain(single).collect())),
            (Some(document), _) => Body::Json(document),
            (None, false) => Body::Json(Json::Object(single)),
        }
    }

    /// The body, which a paginator may make necessary.
    fn paged_body(&mut self, node: &Node, (method, body): (&Method, Body), paging: &Spanned<Paging>) -> Body {
        let into_body = paging.slots().any(|slot| matches!(slot, Slot::Body(_)));
        match body {
            Body::Form if into_body => {
                let has_none = node.get("json").is_none() && node.get("data").is_none();
                if let (true, Method::Get | Method::Head | Method::Delete) = (has_none, method) {
                    self.diagnostics.report(Code::BodyIgnored, paging.span, &[method.as_str()]);
                }
                if let Some(data) = node.member("data") {
                    let place = paging.slots().find(|slot| matches!(slot, Slot::Body(_))).map(|slot| slot.to_string());
                    let form = Diagnostic::new(Code::NoJsonBody, paging.span, &[&place.unwrap_or_default()]);
                    self.diagnostics.push(form.also(data.span, "the form"));
                }
                Body::Json(Json::Object(Vec::new()))
            }
            body => body,
        }
    }

    /// Puts what the parameters give into the placeholders of the path.
    fn fill_path(&mut self, path: Template, params: &mut Params, paging: &[String]) -> Template {
        let mut filled = Template { parts: Vec::new(), span: path.span };
        for part in path.parts {
            match part {
                TemplatePart::Hole(Hole::Input(name)) => {
                    if let Some(given) = params.for_path(&name) {
                        filled.append(given.parts);
                    } else if self.lent.contains(&name) || paging.contains(&name) {
                        filled.append(vec![TemplatePart::Hole(Hole::Argument(name))]);
                    } else if self.inputs.iter().any(|input| *input.name == name) {
                        filled.append(vec![TemplatePart::Hole(Hole::Input(name))]);
                    } else {
                        // What no parameter gives must be an input that is declared, since a path says nothing about it.
                        let span = filled.place_of(&Hole::Input(name.clone()), self.sources);
                        self.diagnostics.report(Code::NoValue, span, &[&name]);
                    }
                }
                part => filled.append(vec![part]),
            }
        }
        filled
    }
}

fn literal_begins_with_slash(path: &Template) -> bool {
    matches!(path.parts.first(), Some(TemplatePart::Literal(text)) if text.starts_with('/'))
}

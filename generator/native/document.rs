//! A spec that builds on an OpenAPI document: what the document says, the spec need not.

use std::collections::HashSet;

use super::Lowering;
use super::node::{Content, Member, Node};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::draft::DraftOperation;
use crate::model::{Operation as Call, Param, Path, Slot, Spanned, Types};
use crate::names;
use crate::openapi::{self, Document, Filter, Operation, Place, Schemas};
use crate::source::{FileId, Sources, Span};

/// What a document lends to the spec that is being read.
pub struct Lender<'d> {
    document: &'d Document,
    schemas: Schemas<'d>,
    operations: Vec<Operation<'d>>,
    /// Which of its operations are taken.
    filter: Filter,
    /// The operations that resources of the spec are made of, by their pointers.
    listed: HashSet<String>,
}

impl<'d> Lender<'d> {
    /// What a document has, and the patterns of a spec that say which of its operations are taken.
    pub fn new(document: &'d Document, spec: &Node) -> Self {
        let operations = document.operations();
        let filter = Filter::new(patterns(spec).map(|(pattern, _)| pattern.to_owned()));
        Self { document, schemas: Schemas::new(document), operations, filter, listed: HashSet::new() }
    }

    /// What the document has.
    pub fn operations(&self) -> &[Operation<'d>] {
        &self.operations
    }

    /// An operation by its id, its name or its method and path.
    fn find(&self, wanted: &str) -> Option<Operation<'d>> {
        let is_it = |operation: &&Operation<'d>| {
            operation.id == Some(wanted)
                || operation.name == wanted
                || wanted.split_once(' ').is_some_and(|(method, path)| {
                    method.eq_ignore_ascii_case(operation.method.as_str()) && path.trim() == operation.path
                })
        };
        self.operations.iter().find(is_it).cloned()
    }

    /// Holds each pattern of a spec to it that it takes an operation: one that takes none is misspelled.
    pub fn check_patterns(&self, spec: &Node, diagnostics: &mut Diagnostics) {
        for (pattern, span) in patterns(spec) {
            let filter = Filter::new([pattern.to_owned()]);
            if self.operations.iter().any(|operation| filter.takes(self.document, operation)) {
                continue;
            }
            let unused = Diagnostic::new(Code::UnusedPattern, span, &[pattern]);
            let word = pattern.split_once(':').map_or(pattern, |(_, word)| word);
            let known = self
                .operations
                .iter()
                .flat_map(|operation| operation.tags.iter().copied().chain([&*operation.name, operation.path]));
            diagnostics.push(match nearest(word, known) {
                Some(near) => unused.help(format!("did you mean `{near}`?")),
                None => unused,
            });
        }
    }
}

/// The patterns of a spec that say which operations of its document are taken, and their places.
fn patterns(spec: &Node) -> impl Iterator<Item = (&str, Span)> {
    let only = spec.get("only").map(Node::items).unwrap_or_default();
    only.iter().filter_map(|item| Some((item.text()?, item.span)))
}

/// The document that a spec names.
pub fn open(spec: &Node, file: FileId, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Document> {
    let name = spec.get("openapi")?;
    let text = name.text()?;
    let path = sources.path(file).parent().unwrap_or(std::path::Path::new("")).join(text);
    match sources.read(&path) {
        Ok(text) => {
            let document = sources.add(&path, text.strip_prefix('\u{feff}').unwrap_or(&text));
            let value = openapi::read_value(document, sources, diagnostics)?;
            if !openapi::is_document(&value) {
                diagnostics.report(Code::NoDocument, name.span, &[&format!("`{}`", path.display())]);
                return None;
            }
            Some(Document::new(document, value, sources, diagnostics))
        }
        Err(error) => {
            diagnostics.report(Code::NoFile, name.span, &[&path.display().to_string(), &error.to_string()]);
            None
        }
    }
}

/// Adds to a spec what it leaves to its document: a title, the address of the service, and how requests are authorised.
pub fn complete(spec: &mut Node, head: &Node) {
    let Content::Map(members) = &mut spec.content else { return };
    let mut add = |key: &str| {
        if !members.iter().any(|member| member.key == key)
            && let Some(member) = head.member(key)
        {
            members.push(member.clone());
        }
    };
    ["title", "docs", "client"].into_iter().for_each(&mut add);
    let Some(client) = members.iter_mut().find(|member| member.key == "client") else { return };
    let Content::Map(own) = &mut client.node.content else { return };
    let mut lent = String::new();
    for member in head.get("client").map(Node::members).unwrap_or_default() {
        if !own.iter().any(|held| held.key == member.key) {
            own.push(member.clone());
        }
        if own.iter().any(|held| held.span == member.span) {
            texts(&member.node, &mut lent);
        }
    }
    // Inputs that what was lent refers to.
    let inputs: Vec<Member> = head
        .get("config")
        .map(Node::members)
        .unwrap_or_default()
        .iter()
        .filter(|input| lent.contains(&format!("{{{}}}", input.key)))
        .cloned()
        .collect();
    if inputs.is_empty() {
        return;
    }
    match members.iter_mut().find(|member| member.key == "config") {
        Some(Member { node: Node { content: Content::Map(own), .. }, .. }) => {
            own.extend(inputs.into_iter().filter(|input| !own.iter().any(|held| held.key == input.key)).collect::<Vec<_>>());
        }
        Some(_) => {}
        None => members.push(Member { key: "config".to_owned(), span: spec.span, node: Node::map(spec.span, inputs) }),
    }
}

/// All texts within a value.
fn texts(node: &Node, found: &mut String) {
    match &node.content {
        Content::Scalar(scalar) => found.push_str(&scalar.text),
        Content::List(items) => items.iter().for_each(|item| texts(item, found)),
        Content::Map(members) => members.iter().for_each(|member| texts(&member.node, found)),
        Content::Null | Content::Refused => {}
    }
}

impl<'a> Lowering<'a> {
    /// The document's operation that a resource is made of.
    pub fn listed(&mut self, node: &Node) -> Option<Operation<'a>> {
        let name = node.get("operation")?;
        let text = name.text()?;
        let Some(lender) = &mut self.lender else {
            let message = "`operation` without a document to find it in";
            self.diagnostics
                .push(Diagnostic::new(Code::Contradiction, name.span, &[message]).help("name the document: `openapi: FILE`"));
            return None;
        };
        let Some(operation) = lender.find(text) else {
            let known: Vec<&str> = lender.operations.iter().map(|operation| operation.id.unwrap_or(&operation.name)).collect();
            let unknown = Diagnostic::new(Code::UnknownOperation, name.span, &[text]);
            let near = crate::diagnostic::nearest(text, known);
            self.diagnostics.push(match near {
                Some(near) => unknown.help(format!("did you mean `{near}`?")),
                None => unknown,
            });
            return None;
        };
        lender.listed.insert(operation.pointer.clone());
        Some(operation)
    }

    /// What the operation says of the endpoint that the resource does not say itself: path, method, and arguments for the path's holes.
    pub fn lend_endpoint(operation: &Operation<'_>, endpoint: &Node, span: Span) -> Node {
        let mut members = endpoint.members().to_vec();
        let text = |key: &str, value: &str| Member { key: key.to_owned(), span, node: Node::text_at(value, span) };
        let path =
            endpoint.text_of("path").unwrap_or_else(|| operation.path.split(['?', '#']).next().unwrap_or_default().to_owned());
        if endpoint.lacks("method") && operation.method != crate::model::Method::Get {
            members.push(text("method", operation.method.as_str()));
        }
        if endpoint.lacks("path") {
            members.push(text("path", &path));
        }
        let mut arguments = Vec::new();
        let mut rest = path.as_str();
        while let Some((_, name, after)) = openapi::hole(rest) {
            rest = after;
            let is_free = !name.contains('.') && endpoint.get("params").is_none_or(|params| params.lacks(name));
            if is_free && !arguments.iter().any(|member: &Member| member.key == name) {
                let ty = text("type", "string");
                let about = operation.params.iter().find(|param| param.place == Place::Path && param.name == name);
                let about = about.and_then(|param| param.node.get("description")).and_then(serde_json::Value::as_str);
                let about = about.map(|about| text("description", about));
                arguments.push(Member {
                    key: name.to_owned(),
                    span,
                    node: Node::map(span, [ty].into_iter().chain(about).collect()),
                });
            }
        }
        match members.iter_mut().find(|member| member.key == "params") {
            Some(Member { node: Node { content: Content::Map(held), .. }, .. }) => held.extend(arguments),
            _ if arguments.is_empty() => {}
            _ => members.push(Member { key: "params".to_owned(), span, node: Node::map(span, arguments) }),
        }
        Node::map(endpoint.span, members)
    }

    /// What the operation says of the request that the resource does not say itself: its other parameters, and the type of a record.
    pub fn lend_request(
        &mut self,
        operation: &Operation<'a>,
        call: &mut Call,
        taken: &[Slot],
        selectors: &[Spanned<Path>],
    ) -> Option<crate::draft::TypeExpr> {
        let lender = self.lender.as_mut()?;
        let document = lender.schemas.call(operation).operation;
        let is_taken = |param: &Param| {
            let name = param.name.value.as_str();
            let by_paginator = taken
                .iter()
                .any(|slot| matches!(slot, Slot::Query(held) | Slot::Header(held) | Slot::Path(held) if held == name));
            let is_held = call.params.iter().any(|held| held.name.value == name);
            // A filter in brackets is one parameter here and several there.
            let is_bound =
                call.params.iter().any(|held| held.name.value.strip_prefix(name).is_some_and(|rest| rest.starts_with('[')));
            by_paginator || is_held || is_bound || param.location == crate::model::Location::Path
        };
        let params: Vec<Param> = document.params.into_iter().filter(|param| !is_taken(param)).collect();
        call.params.extend(params);
        call.headers.extend(
            document
                .headers
                .into_iter()
                .filter(|(name, _)| !call.headers.iter().any(|(held, _)| held == name))
                .collect::<Vec<_>>(),
        );
        call.description = call.description.take().or(document.description);
        call.auth &= document.auth;
        (call.failures, call.deprecated, call.group) = (document.failures, document.deprecated, document.group);
        selectors.iter().find_map(|selector| lender.schemas.records(operation, selector)).map(openapi::ready)
    }

    /// The document's other operations as calls, and the types that were asked for.
    pub fn lent(&mut self, taken: &[&Spanned<String>]) -> (Vec<DraftOperation>, Types) {
        let Some(mut lender) = self.lender.take() else { return (Vec::new(), Types::default()) };
        let mut names: HashSet<String> = taken.iter().map(|name| names::module(name)).collect();
        let mut drafts = Vec::new();
        for operation in &lender.operations {
            if lender.listed.contains(&operation.pointer) || !lender.filter.takes(lender.document, operation) {
                continue;
            }
            let mut draft = lender.schemas.call(operation);
            draft.operation.conduct.shares_rules = self.has_shared_rules;
            let mut number = 2;
            let wanted = draft.operation.name.value.clone();
            while !names.insert(names::module(&draft.operation.name)) {
                draft.operation.name.value = format!("{wanted}_{number}");
                number += 1;
            }
            drafts.push(draft);
        }
        (drafts, lender.schemas.types)
    }
}

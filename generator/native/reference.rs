//! `$ref`: a schema of an OpenAPI document that lies beside the spec.

use std::collections::HashMap;

use serde_json::Value;

use super::Lowering;
use super::node::Node;
use super::openapi_types::Converter;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::draft::{DraftSchema, TypeExpr, TypeExprKind};
use crate::model::Spanned;
use crate::source::Span;

/// A schema of a document: the document's name as it is written, and the JSON pointer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// The document.
    pub document: String,
    /// The pointer within it (RFC 6901).
    pub pointer: String,
}

/// The documents that were read, and the schemas of them that have a name in the spec.
#[derive(Debug, Default)]
pub struct Imports {
    /// None is a document that could not be read; that was reported.
    documents: HashMap<String, Option<Value>>,
    names: HashMap<Address, String>,
    /// Schemas that are named but not converted yet, and the reference that led to them.
    waiting: Vec<(Address, String, Span)>,
}

impl Address {
    /// Reads `FILE#/POINTER`.
    fn parse(text: &str) -> Option<Self> {
        let (document, pointer) = text.split_once('#')?;
        let is_pointer = pointer.starts_with('/') && !document.is_empty();
        is_pointer.then(|| Self { document: document.to_owned(), pointer: pointer.to_owned() })
    }

    /// Another schema of the same document.
    pub fn local(&self, reference: &str) -> Option<Self> {
        let pointer = reference.strip_prefix('#')?;
        pointer.starts_with('/').then(|| Self { document: self.document.clone(), pointer: pointer.to_owned() })
    }

    fn last(&self) -> String {
        let last = self.pointer.rsplit('/').next().unwrap_or_default();
        last.replace("~1", "/").replace("~0", "~")
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.document, self.pointer)
    }
}

impl Imports {
    /// A schema of a document that was read.
    pub fn schema(&self, address: &Address) -> Option<&Value> {
        self.documents.get(&address.document)?.as_ref()?.pointer(&address.pointer)
    }
}

impl Lowering<'_> {
    /// Notes which schemas of the spec are schemas of documents, so that references within the documents lead to them.
    pub fn name_imports(&mut self, schemas: Option<&Node>) {
        for member in schemas.map(Node::members).unwrap_or_default() {
            self.taken_names.push(member.key.clone());
            let address = member.node.get("$ref").and_then(Node::text).and_then(Address::parse);
            if let Some(address) = address {
                self.imports.names.entry(address).or_insert_with(|| member.key.clone());
            }
        }
    }

    /// The type that a schema's own reference leads to, such as `management.json#/components/schemas/User`.
    pub fn reference(&mut self, node: &Node) -> TypeExpr {
        let Some(address) = self.address(node) else { return TypeExpr::json(node.span) };
        match self.imports.schema(&address).cloned() {
            Some(schema) => self.convert(&schema, &address, node.span),
            None => TypeExpr::json(node.span),
        }
    }

    /// The schema that a reference within a type leads to; it gets a name of its own.
    pub fn named_reference(&mut self, node: &Node) -> TypeExpr {
        match self.address(node) {
            Some(address) => self.import(&address, node.span),
            None => TypeExpr::json(node.span),
        }
    }

    /// Reads a reference and the document that it leads to.
    fn address(&mut self, node: &Node) -> Option<Address> {
        let text = node.text().unwrap_or_default();
        let Some(address) = Address::parse(text) else {
            self.diagnostics.report(Code::BadReference, node.span, &[&format!("`{text}` names no schema of a document")]);
            return None;
        };
        if !self.read_document(&address.document, node.span) {
            return None;
        }
        if self.imports.schema(&address).is_none() {
            self.report_dangling(&address, node.span);
            return None;
        }
        Some(address)
    }

    /// Converts the schemas of documents that others refer to, until none is left.
    pub fn finish_imports(&mut self) -> Vec<DraftSchema> {
        let mut schemas = Vec::new();
        while let Some((address, name, span)) = self.imports.waiting.pop() {
            let Some(schema) = self.imports.schema(&address).cloned() else {
                self.report_dangling(&address, span);
                // Its name stays, so that what refers to it is not reported as well.
                schemas.push(DraftSchema { name: Spanned::new(name, span), description: None, ty: TypeExpr::json(span) });
                continue;
            };
            let description = schema.get("description").and_then(Value::as_str).map(str::to_owned);
            let ty = self.convert(&schema, &address, span);
            schemas.push(DraftSchema { name: Spanned::new(name, span), description, ty });
        }
        schemas
    }

    /// The name of a schema that a document refers to; a new one is converted later.
    pub fn import(&mut self, address: &Address, span: Span) -> TypeExpr {
        let known = self.imports.names.get(address).cloned();
        let name = known.unwrap_or_else(|| {
            let name = self.free_name(&address.last());
            self.imports.names.insert(address.clone(), name.clone());
            self.imports.waiting.push((address.clone(), name.clone(), span));
            name
        });
        TypeExpr { span, kind: TypeExprKind::Named(name) }
    }

    fn convert(&mut self, schema: &Value, address: &Address, span: Span) -> TypeExpr {
        Converter { lowering: self, address: address.clone(), span }.schema_value(schema)
    }

    fn free_name(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 2;
        while self.taken_names.contains(&name) {
            name = format!("{wanted}{number}");
            number += 1;
        }
        self.taken_names.push(name.clone());
        name
    }

    /// Reads a document once. Whether there is one.
    fn read_document(&mut self, name: &str, span: Span) -> bool {
        if let Some(known) = self.imports.documents.get(name) {
            return known.is_some();
        }
        let text = self.sources.read(&self.beside(name)).map_err(|error| error.to_string());
        let document = text.and_then(|text| match serde_json::from_str(&text) {
            Ok(value) => Ok(value),
            Err(_) => serde_yaml::from_str(&text).map_err(|error| format!("neither JSON nor YAML: {error}")),
        });
        if let Err(error) = &document {
            let bad = Diagnostic::new(Code::BadReference, span, &[&format!("leads to `{name}`, which cannot be read: {error}")]);
            self.diagnostics.push(bad.help("the document is looked for beside the spec"));
        }
        let is_read = document.is_ok();
        self.imports.documents.insert(name.to_owned(), document.ok());
        is_read
    }

    /// Names the first step of a pointer that leads nowhere.
    fn report_dangling(&mut self, address: &Address, span: Span) {
        let mut at = self.imports.documents.get(&address.document).and_then(Option::as_ref);
        let mut missing = String::new();
        let mut known: Vec<&str> = Vec::new();
        for step in address.pointer.split('/').skip(1) {
            let key = step.replace("~1", "/").replace("~0", "~");
            let next = at.and_then(|value| value.get(&key));
            if next.is_none() {
                known = at.and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key.as_str()).collect();
                missing = key;
                break;
            }
            at = next;
        }
        let message = format!("leads nowhere: there is no `{missing}` in `{}`", address.document);
        self.diagnostics.push(Diagnostic::new(Code::BadReference, span, &[&message]).nearest(&missing, known));
    }
}

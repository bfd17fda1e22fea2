//! Two names of a spec that would be one name in Rust.

use std::collections::BTreeMap;

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::facts::Facts;
use crate::model::{Api, Operation, ParamValue, Resource, TypeDef, TypeKind, Types};
use crate::names::{self, Builder};
use crate::source::Span;

/// Reports names that collide, in each scope of the crate.
pub(super) fn check(api: &Api, diagnostics: &mut Diagnostics) {
    inputs(api, diagnostics);
    operations(api, diagnostics);
    types(api, diagnostics);
    let mut scope = Scope::new("rename one of the hooks", diagnostics);
    for hook in api.resources.iter().filter_map(Resource::hook) {
        scope.add(hook, hook.span, names::value(hook));
    }
}

/// The names of one scope in Rust, and which names of the spec they are made from.
struct Scope<'a> {
    help: &'static str,
    held: BTreeMap<String, (String, Span)>,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Scope<'a> {
    fn new(help: &'static str, diagnostics: &'a mut Diagnostics) -> Self {
        Self { help, held: BTreeMap::new(), diagnostics }
    }

    /// Adds a name, and says whether it is free. The same name given twice is another rule's affair.
    fn add(&mut self, spec: &str, span: Span, rust: String) -> bool {
        // The crate's plan gives numbers to names of a document.
        if span.is_nowhere() {
            return true;
        }
        match self.held.get(&rust) {
            None => {
                self.held.insert(rust, (spec.to_owned(), span));
                true
            }
            Some((first, _)) if first == spec => true,
            Some((first, place)) => {
                let clash = Diagnostic::new(Code::NameClash, span, &[first, spec, &rust]).also(*place, "the first");
                self.diagnostics.push(clash.help(self.help));
                false
            }
        }
    }
}

fn inputs(api: &Api, diagnostics: &mut Diagnostics) {
    let mut scope = Scope::new("rename one of the inputs", diagnostics);
    for input in &api.inputs {
        scope.add(&input.name, input.name.span, names::method(Builder::Inputs, &input.name));
    }
}

fn operations(api: &Api, diagnostics: &mut Diagnostics) {
    let mut scope = Scope::new("rename one of them", diagnostics);
    let mut free = Vec::new();
    for operation in all(api) {
        if scope.add(&operation.name, operation.name.span, names::module(&operation.name)) {
            free.push(operation);
        }
    }
    // `a1` and `a_1` are two modules, but one type.
    let mut scope = Scope::new("rename one of them", diagnostics);
    for operation in free {
        scope.add(&operation.name, operation.name.span, names::type_name(&[operation.name.as_str()]));
    }
    for resource in &api.resources {
        let size = resource.paging.size.as_ref().filter(|size| !size.param.is_empty());
        params(&resource.operation, size.map(|size| (size.param.as_str(), resource.paging.span)), diagnostics);
    }
    for operation in &api.operations {
        params(operation, None, diagnostics);
    }
}

fn all(api: &Api) -> impl Iterator<Item = &Operation> {
    api.resources.iter().map(|Resource { operation, .. }| operation).chain(&api.operations)
}

fn params(operation: &Operation, size: Option<(&str, Span)>, diagnostics: &mut Diagnostics) {
    let mut scope = Scope::new("leave one of the parameters out", diagnostics);
    let arguments = operation.params.iter().filter(|param| matches!(param.value, ParamValue::Argument { .. }));
    for (name, span) in arguments.map(|param| (param.name.as_str(), param.name.span)).chain(size) {
        scope.add(name, span, names::method(Builder::Call, name));
    }
}

fn types(api: &Api, diagnostics: &mut Diagnostics) {
    // A type that nothing uses is not written.
    let facts = Facts::of(api);
    let used: Vec<&TypeDef> = api.types.iter().filter(|(id, _)| facts.is_used(*id)).map(|(_, def)| def).collect();
    let mut scope = Scope::new("rename one of the schemas, or give the inline type a schema of its own", diagnostics);
    for def in &used {
        scope.add(&def.path.join("."), def.path.span, names::type_name(&def.path));
    }
    let mut scope = Scope::new("rename one of the schemas", diagnostics);
    for def in &used {
        // Schemas with one type name have been reported; what is left are names that only a file can not tell apart.
        let root = def.path.first().map_or("", String::as_str);
        if !names::type_name(&[root]).is_ascii() {
            scope.add(root, def.path.span, names::module(root));
        }
    }
    for def in used {
        parts(&api.types, def, diagnostics);
    }
}

fn parts(types: &Types, def: &TypeDef, diagnostics: &mut Diagnostics) {
    match &def.kind {
        TypeKind::Struct(fields) => {
            let mut scope = Scope::new("leave one of the fields out of the schema", diagnostics);
            for field in fields {
                scope.add(&field.name, field.name.span, names::value(&field.name));
            }
        }
        TypeKind::Enum(values) => {
            let mut scope = Scope::new("leave one of the values out; an enum takes values that it does not name", diagnostics);
            for value in values {
                scope.add(value, value.span, names::enum_variant(value));
            }
        }
        TypeKind::Union(variants) => {
            let mut scope = Scope::new("rename the schema", diagnostics);
            for (at, ty) in variants.iter().enumerate() {
                scope.add(&format!("type {}", at + 1), def.path.span, names::union_variant(types, ty));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Diagnostics;
    use crate::source::Sources;

    /// What is wrong with a spec of these resources and schemas.
    fn clashes(rest: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let mut diagnostics = Diagnostics::default();
        let text = format!("name: test\nclient:\n  base_url: https://test.example\n{rest}\n");
        crate::load_text("test.yaml", &text, &mut sources, &mut diagnostics);
        let clash = |id: &str| id == crate::codes::Code::NameClash.id();
        diagnostics.iter().filter(|d| clash(&d.code.id())).map(|d| d.message.clone()).collect()
    }

    #[test]
    fn names_that_become_one_are_reported() {
        let fine = "resources: [{name: users, schema: U, endpoint: {path: /users}}]\nschemas: {U: {id: string, x: {type: string, enum: [other]}}}";
        assert_eq!(clashes(fine), [""; 0]);
        for (rest, expected) in [
            ("resources: [{name: user-logs, endpoint: {path: /a}}, {name: userLogs, endpoint: {path: /b}}]", "user_logs"),
            (
                "resources: [{name: a, schema: U, endpoint: {path: /a}}]\nschemas: {U: {userId: string, user_id: string}}",
                "user_id",
            ),
            ("resources: [{name: a, schema: U, endpoint: {path: /a}}]\nschemas: {U: {_id: string, id: string}}", "id"),
            (
                "resources: [{name: a, schema: U, endpoint: {path: /a}}]\nschemas: {U: {x: {type: string, enum: [asc, ASC]}}}",
                "Asc",
            ),
            ("resources: [{name: a1, endpoint: {path: /a}}, {name: a_1, endpoint: {path: /b}}]", "A1"),
            (
                "resources: [{name: a, endpoint: {path: /a, params: {pageSize: {type: string}, page_size: {type: string}}}}]",
                "page_size",
            ),
        ] {
            let found = clashes(rest);
            assert!(found.iter().any(|message| message.contains(&format!("`{expected}` in Rust"))), "{rest}: {found:?}");
        }
    }
}

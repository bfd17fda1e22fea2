//! Type expressions to types: schemas get their ids, inline types names of their own.

use std::collections::HashMap;

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::draft::{DraftField, DraftSchema, TypeExpr, TypeExprKind};
use crate::model::{Field, MAX_NESTING, Spanned, Type, TypeDef, TypeId, TypeKind, Types};
use crate::source::Span;

/// The types of an API while they are resolved.
pub struct Table {
    types: Types,
    names: HashMap<String, Entry>,
    /// The schemas' names in the order of the spec.
    order: Vec<Spanned<String>>,
    /// How many aliases are under way.
    depth: usize,
}

struct Entry {
    target: Target,
    is_used: bool,
}

/// What the name of a schema stands for.
enum Target {
    /// A struct, enum or union.
    Def(TypeId),
    /// Another type under a name, not resolved yet.
    Alias(TypeExpr),
    /// One whose resolution has begun: to meet it again is an endless type.
    Begun,
    /// A resolved alias.
    Done(Type),
}

impl Table {
    /// Resolves the schemas. They get the first ids after the types that are there already, in the order of the spec; inline types
    /// follow.
    pub fn new(types: Types, schemas: Vec<DraftSchema>, diagnostics: &mut Diagnostics) -> Self {
        let mut table = Self { types, names: HashMap::new(), order: Vec::new(), depth: 0 };
        let mut bodies = Vec::new();
        for DraftSchema { name, description, ty } in schemas {
            table.order.push(name.clone());
            let target = if has_name_of_its_own(&ty.kind) {
                let path = Spanned::new(vec![name.value.clone()], name.span);
                let id = table.types.add(TypeDef::new(path, description, TypeKind::Struct(Vec::new())));
                bodies.push((id, ty));
                Target::Def(id)
            } else {
                Target::Alias(ty)
            };
            table.names.insert(name.value, Entry { target, is_used: false });
        }
        for (id, body) in bodies {
            let path = table.types.get(id).path.value.clone();
            let kind = table.kind(body.kind, &path, diagnostics);
            table.types.get_mut(id).kind = kind;
        }
        for name in table.order.clone() {
            table.alias(&name, name.span, diagnostics);
        }
        for entry in table.names.values_mut() {
            entry.is_used = false;
        }
        table
    }

    /// Resolves a type that a resource or an operation uses.
    pub fn used(&mut self, ty: TypeExpr, name: &str, diagnostics: &mut Diagnostics) -> Type {
        self.resolve(ty, &[name.to_owned()], None, diagnostics)
    }

    /// The types. Schemas that nothing leads to are reported.
    pub fn finish(self, diagnostics: &mut Diagnostics) -> Types {
        let mut reached = vec![false; self.types.len()];
        let mut queue: Vec<Type> = Vec::new();
        for entry in self.names.values().filter(|entry| entry.is_used) {
            match &entry.target {
                Target::Def(id) => queue.push(Type::Named(*id)),
                Target::Done(ty) => queue.push(ty.clone()),
                Target::Alias(_) | Target::Begun => {}
            }
        }
        // Inline types of resources and operations: they come after all that the schemas hold.
        queue.extend(self.types.iter().filter(|(_, def)| !self.names.contains_key(root(def))).map(|(id, _)| Type::Named(id)));
        while let Some(ty) = queue.pop() {
            match ty {
                Type::Array(inner) | Type::Map(inner) => queue.push(*inner),
                Type::Named(id) => {
                    if let Some(seen) = reached.get_mut(id.0 as usize)
                        && !std::mem::replace(seen, true)
                    {
                        match &self.types.get(id).kind {
                            TypeKind::Struct(fields) => queue.extend(fields.iter().map(|field| field.ty.clone())),
                            TypeKind::Union(variants) => queue.extend(variants.iter().cloned()),
                            TypeKind::Enum(_) => {}
                        }
                    }
                }
                Type::Scalar(_) | Type::Json => {}
            }
        }
        for name in &self.order {
            let Some(entry) = self.names.get(&name.value) else { continue };
            let is_used = match entry.target {
                Target::Def(id) => reached.get(id.0 as usize).copied().unwrap_or(true),
                _ => true,
            };
            // After other errors, what uses it may be missing.
            if !is_used && !diagnostics.has_errors() {
                diagnostics.report(Code::UnusedSchema, name.span, &[name]);
            }
        }
        self.types
    }

    /// A type where it is used; `path` names it should it be inline.
    fn resolve(&mut self, ty: TypeExpr, path: &[String], description: Option<&str>, diagnostics: &mut Diagnostics) -> Type {
        match ty.kind {
            TypeExprKind::Scalar(scalar) => Type::Scalar(scalar),
            TypeExprKind::Json => Type::Json,
            TypeExprKind::Array(inner) => Type::Array(Box::new(self.resolve(*inner, &element(path), None, diagnostics))),
            TypeExprKind::Map(inner) => Type::Map(Box::new(self.resolve(*inner, &element(path), None, diagnostics))),
            TypeExprKind::Named(name) => self.named(&name, ty.span, diagnostics),
            TypeExprKind::Ready(ty) => ty,
            kind => {
                let def_path = Spanned::new(path.to_vec(), ty.span);
                let description = description.map(str::to_owned);
                let id = self.types.add(TypeDef::new(def_path, description, TypeKind::Struct(Vec::new())));
                let kind = self.kind(kind, path, diagnostics);
                self.types.get_mut(id).kind = kind;
                Type::Named(id)
            }
        }
    }

    /// What a type with a name is made of.
    fn kind(&mut self, kind: TypeExprKind, path: &[String], diagnostics: &mut Diagnostics) -> TypeKind {
        match kind {
            TypeExprKind::Object(fields) => {
                TypeKind::Struct(fields.into_iter().map(|field| self.field(field, path, diagnostics)).collect())
            }
            TypeExprKind::Enum(values) => TypeKind::Enum(values),
            TypeExprKind::Union(variants) => {
                let mut types: Vec<Type> = Vec::new();
                for (at, variant) in variants.into_iter().enumerate() {
                    let span = variant.span;
                    let variant_path = child(path, &format!("option{}", at + 1));
                    let ty = self.resolve(variant, &variant_path, None, diagnostics);
                    if types.contains(&ty) {
                        let message = "a union with the same type twice";
                        diagnostics.push(Diagnostic::new(Code::Contradiction, span, &[message]).help("remove one of them"));
                    } else {
                        types.push(ty);
                    }
                }
                TypeKind::Union(types)
            }
            // Only the three above have a name of their own.
            _ => TypeKind::Struct(Vec::new()),
        }
    }

    fn field(&mut self, field: DraftField, path: &[String], diagnostics: &mut Diagnostics) -> Field {
        let ty = self.resolve(field.ty, &child(path, &field.name), field.description.as_deref(), diagnostics);
        Field {
            name: field.name,
            description: field.description,
            ty,
            required: field.required,
            nullable: field.nullable,
            distinct: false,
            sensitive: field.sensitive,
            lenient: field.lenient,
            deprecated: field.deprecated,
        }
    }

    fn named(&mut self, name: &str, span: Span, diagnostics: &mut Diagnostics) -> Type {
        let Some(entry) = self.names.get_mut(name) else {
            let mut known: Vec<&str> = crate::native::type_expr::words().collect();
            known.extend(self.order.iter().map(|name| name.as_str()));
            let unknown = Diagnostic::new(Code::UnknownSchema, span, &[name]);
            let near = crate::diagnostic::nearest(name, known);
            diagnostics.push(match near {
                Some(near) => unknown.help(format!("did you mean `{near}`?")),
                None => unknown.help("describe it under `schemas`, or use `json` for a value of any form"),
            });
            return Type::Json;
        };
        entry.is_used = true;
        match &entry.target {
            Target::Def(id) => Type::Named(*id),
            _ => self.alias(name, span, diagnostics),
        }
    }

    /// What another type under a name stands for.
    fn alias(&mut self, name: &str, span: Span, diagnostics: &mut Diagnostics) -> Type {
        let Some(entry) = self.names.get_mut(name) else { return Type::Json };
        match std::mem::replace(&mut entry.target, Target::Begun) {
            Target::Alias(ty) => {
                self.depth += 1;
                let resolved =
                    if self.depth > MAX_NESTING { None } else { Some(self.resolve(ty, &[name.to_owned()], None, diagnostics)) };
                self.depth -= 1;
                let resolved = resolved.filter(|ty| ty.nesting() <= MAX_NESTING).unwrap_or_else(|| {
                    diagnostics.report(Code::TooDeep, span, &[&MAX_NESTING.to_string()]);
                    Type::Json
                });
                if let Some(entry) = self.names.get_mut(name) {
                    entry.target = Target::Done(resolved.clone());
                }
                resolved
            }
            Target::Begun => {
                diagnostics.push(
                    Diagnostic::new(Code::InfiniteType, span, &[&format!("{name} -> {name}")])
                        .help("an object in between ends it"),
                );
                Type::Json
            }
            Target::Def(id) => {
                entry.target = Target::Def(id);
                Type::Named(id)
            }
            Target::Done(ty) => {
                entry.target = Target::Done(ty.clone());
                ty
            }
        }
    }
}

fn has_name_of_its_own(kind: &TypeExprKind) -> bool {
    matches!(kind, TypeExprKind::Object(_) | TypeExprKind::Enum(_) | TypeExprKind::Union(_))
}

fn root(def: &TypeDef) -> &str {
    def.path.first().map_or("", String::as_str)
}

fn child(path: &[String], name: &str) -> Vec<String> {
    path.iter().cloned().chain(std::iter::once(name.to_owned())).collect()
}

/// The path of an array's element: the last name in the singular; a word that is no plural gets `_item`.
fn element(path: &[String]) -> Vec<String> {
    let Some((last, before)) = path.split_last() else { return Vec::new() };
    child(before, &singular(last).unwrap_or_else(|| format!("{last}_item")))
}

/// One of several: `identities` is many of `identity`. None for a word that is no plural.
pub(crate) fn singular(word: &str) -> Option<String> {
    let cut = |end: &str, with: &str| word.strip_suffix(end).filter(|stem| !stem.is_empty()).map(|stem| format!("{stem}{with}"));
    let is_plural = word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is");
    cut("ies", "y")
        .or_else(|| ["sses", "shes", "ches", "xes", "uses"].iter().find(|end| word.ends_with(*end)).and_then(|_| cut("es", "")))
        .or_else(|| cut("s", "").filter(|_| is_plural))
}

#[cfg(test)]
mod tests {
    use super::singular;

    #[test]
    fn plurals_become_singulars() {
        for (plural, expected) in [
            ("identities", "identity"),
            ("users", "user"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("statuses", "status"),
            ("status", ""),
            ("data", ""),
            ("s", ""),
            ("signing_keys", "signing_key"),
        ] {
            assert_eq!(singular(plural).unwrap_or_default(), expected, "{plural}");
        }
    }
}

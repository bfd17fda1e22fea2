//! The types of records, as items of modules.

use std::collections::BTreeMap;

use super::Context;
use super::docs::Docs;
use super::types::{RustType, can_be_lenient};
use crate::model::{Field, Type, TypeDef, TypeId, TypeKind};
use crate::names;

/// A module of models: a schema with its inline types.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its name.
    pub name: String,
    /// The schema's name in the spec.
    pub schema: String,
    /// Its types, in the order of the spec.
    pub items: Vec<Item>,
}

/// A type.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// Whether it has `Eq`.
    pub eq: bool,
    /// What it is.
    pub kind: ItemKind,
}

impl Item {
    /// The types inside it.
    #[must_use]
    pub fn types(&self) -> Vec<&RustType> {
        match &self.kind {
            ItemKind::Record(fields) => fields.iter().map(|field| &field.ty).collect(),
            ItemKind::OpenEnum(_) => Vec::new(),
            ItemKind::Union(variants) => variants.iter().map(|variant| &variant.ty).collect(),
        }
    }
}

/// What a type is.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// A struct.
    Record(Vec<RecordField>),
    /// An enum of texts.
    OpenEnum(Vec<EnumValue>),
    /// An enum of types.
    Union(Vec<UnionVariant>),
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub struct RecordField {
    /// Its name.
    pub name: String,
    /// Its key in JSON.
    pub key: String,
    /// Its documentation.
    pub docs: Docs,
    /// Its type, `Option` included.
    pub ty: RustType,
    /// Whether a record without it is refused.
    pub required: bool,
    /// Whether `Debug` output hides it.
    pub sensitive: bool,
    /// Whether neighbouring forms are read as well.
    pub lenient: bool,
}

/// A value of an enum of texts.
#[derive(Clone, Debug)]
pub struct EnumValue {
    /// The variant's name.
    pub name: String,
    /// The text.
    pub text: String,
}

/// A variant of an enum of types.
#[derive(Clone, Debug)]
pub struct UnionVariant {
    /// Its name.
    pub name: String,
    /// What messages call it.
    pub label: String,
    /// What it holds.
    pub ty: RustType,
}

/// Every module, in the order of the spec.
pub(super) fn modules(cx: &Context<'_>) -> Vec<Module> {
    let mut modules: Vec<Module> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (id, def) in cx.api.types.iter().filter(|(id, _)| cx.facts.is_used(*id)) {
        let schema = root(def);
        let name = names::module(schema);
        let place = *places.entry(name.clone()).or_insert_with(|| {
            modules.push(Module { name, schema: schema.to_owned(), items: Vec::new() });
            modules.len() - 1
        });
        modules[place].items.push(item(cx, id, def));
    }
    modules
}

/// The schema that a type belongs to.
pub(super) fn root(def: &TypeDef) -> &str {
    def.path.first().map_or("", String::as_str)
}

fn item(cx: &Context<'_>, id: TypeId, def: &TypeDef) -> Item {
    let kind = match &def.kind {
        TypeKind::Struct(fields) => ItemKind::Record(fields.iter().map(|field| record_field(cx, id, field)).collect()),
        TypeKind::Enum(values) => ItemKind::OpenEnum(
            values.iter().map(|value| EnumValue { name: names::enum_variant(value), text: value.value.clone() }).collect(),
        ),
        TypeKind::Union(variants) => ItemKind::Union(variants.iter().map(|ty| union_variant(cx, id, ty)).collect()),
    };
    let docs = Docs::spec(def.description.as_deref()).or(|| Docs::own(&place_of(&def.path)));
    Item { name: names::type_name(&def.path), docs, eq: cx.facts.is_eq(id), kind }
}

/// What there is to say of a type that the spec does not describe: where it comes from.
fn place_of(path: &[String]) -> String {
    match path {
        [outer @ .., last] if !outer.is_empty() => format!("`{last}` of `{}`.", names::type_name(outer)),
        _ => format!("`{}`, as the service sends it.", path.concat()),
    }
}

fn record_field(cx: &Context<'_>, holder: TypeId, field: &Field) -> RecordField {
    let plain = RustType::inside(&cx.api.types, &cx.facts, holder, &field.ty);
    // A boxed record can not be required: there would be no first one.
    let certain = field.required && !field.nullable && !plain.is_boxed();
    RecordField {
        name: names::value(&field.name),
        key: field.name.value.clone(),
        docs: field_docs(field),
        ty: if certain { plain } else { plain.optional() },
        required: field.required && !field.nullable,
        sensitive: field.sensitive,
        lenient: field.lenient && can_be_lenient(&field.ty),
    }
}

fn field_docs(field: &Field) -> Docs {
    let mut notes = Vec::new();
    if field.deprecated {
        notes.push("The service advises against its use.");
    }
    if field.sensitive {
        notes.push("Hidden in `Debug` output.");
    }
    Docs::spec(field.description.as_deref()).paragraph(&notes.join(" "))
}

fn union_variant(cx: &Context<'_>, holder: TypeId, ty: &Type) -> UnionVariant {
    let name = names::union_variant(&cx.api.types, ty);
    let label = names::value(&name).replace('_', " ");
    UnionVariant { name, label, ty: RustType::inside(&cx.api.types, &cx.facts, holder, ty) }
}

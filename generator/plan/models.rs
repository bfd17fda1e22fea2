//! The types of records, as items of modules.

use std::collections::BTreeMap;

use super::Context;
use super::docs::Docs;
use super::types::{RustType, can_be_lenient};
use crate::model::{Field, Spanned, Type, TypeDef, TypeId, TypeKind};
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
    /// The groups that reach it, by their number; none where it is always there.
    pub groups: Vec<usize>,
}

/// A type.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is made from.
    pub id: TypeId,
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// Whether it has `Eq`.
    pub eq: bool,
    /// Whether it is written as well as read.
    pub sent: bool,
    /// What it is in tables.
    pub tabled: Tabled,
    /// The digest of its schema, which counts for all types of a module.
    pub fingerprint: String,
    /// What it is.
    pub kind: ItemKind,
}

/// What a type is in tables.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tabled {
    /// No column, or a plain one.
    Plain,
    /// A column of JSON.
    Json,
    /// A record with columns of its own, of which projections can be made as well.
    Record,
}

impl Item {
    /// The types inside it.
    #[must_use]
    pub fn types(&self) -> Vec<&RustType> {
        match &self.kind {
            ItemKind::Record(record) => {
                let rest = record.rest.iter().map(|rest| &rest.ty);
                record.fields.iter().map(|field| &field.ty).chain(rest).collect()
            }
            ItemKind::OpenEnum(_) => Vec::new(),
            ItemKind::Union(union) => union.variants.iter().chain([&union.other]).map(|variant| &variant.ty).collect(),
        }
    }
}

/// What a type is.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// A struct.
    Record(Record),
    /// An enum of texts.
    OpenEnum(Vec<EnumValue>),
    /// An enum of types.
    Union(Union),
}

/// A struct.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its fields.
    pub fields: Vec<RecordField>,
    /// The field that keeps all other members, where they are kept.
    pub rest: Option<Rest>,
}

/// A field that keeps the members without one.
#[derive(Clone, Debug)]
pub struct Rest {
    /// Its name.
    pub name: String,
    /// Its type, a map.
    pub ty: RustType,
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
    /// What there is without a value.
    pub presence: Presence,
    /// Whether `Debug` output hides it.
    pub sensitive: bool,
    /// Whether neighbouring forms are read as well.
    pub lenient: bool,
    /// Whether it holds records that projections can be made of.
    pub has_projected: bool,
}

/// What there is of a field that has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// A record without it is refused.
    Required,
    /// The key, with a null; this matters only where it is sent.
    Nullable,
    /// Nothing.
    Optional,
    /// Nothing; a null in its place is not as the schema says.
    NonNull,
}

/// A value of an enum of texts.
#[derive(Clone, Debug)]
pub struct EnumValue {
    /// The variant's name.
    pub name: String,
    /// The text.
    pub text: String,
}

/// An enum of types.
#[derive(Clone, Debug)]
pub struct Union {
    /// Its types.
    pub variants: Vec<UnionVariant>,
    /// What holds a value of none of them.
    pub other: UnionVariant,
    /// Whether the schema has any JSON among the types.
    pub any: bool,
    /// The member that tells its types apart.
    pub tag: Option<UnionTag>,
}

/// The member that tells the types of a union apart.
#[derive(Clone, Debug)]
pub struct UnionTag {
    /// Its key.
    pub key: String,
    /// Its values, each with the number of a variant.
    pub values: Vec<(String, usize)>,
}

impl UnionTag {
    /// The value that stands for a variant.
    #[must_use]
    pub fn value_of(&self, variant: usize) -> Option<&str> {
        self.values.iter().find(|(_, at)| *at == variant).map(|(value, _)| value.as_str())
    }
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
pub(super) fn modules(cx: &Context<'_>, schemas: &BTreeMap<String, String>) -> Vec<Module> {
    let mut modules: Vec<Module> = Vec::new();
    let groups = cx.groups.of_types(cx.api);
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, def) in cx.api.types.iter().filter(|(id, _)| cx.facts.is_used(*id)) {
        let schema = def.schema();
        let place = *places.entry(schema).or_insert_with(|| {
            let name = cx.modules.get(schema).cloned().unwrap_or_default();
            let groups = groups[id.0 as usize].clone();
            modules.push(Module { name, schema: schema.to_owned(), items: Vec::new(), groups });
            modules.len() - 1
        });
        let fingerprint = schemas.get(schema).cloned().unwrap_or_default();
        modules[place].items.push(Item { fingerprint, ..item(cx, id, def) });
    }
    modules
}

fn item(cx: &Context<'_>, id: TypeId, def: &TypeDef) -> Item {
    let kind = match &def.kind {
        TypeKind::Struct(fields) => ItemKind::Record(record(cx, id, def, fields)),
        TypeKind::Enum(values) => ItemKind::OpenEnum(enum_values(values)),
        TypeKind::Union(variants) => ItemKind::Union(union(cx, id, def, variants)),
    };
    let docs = Docs::spec(def.description.as_deref()).or(|| Docs::own(&place_of(&def.path)));
    Item {
        id,
        name: cx.type_name(id).to_owned(),
        docs,
        eq: cx.facts.is_eq(id),
        sent: cx.facts.is_sent(id),
        tabled: Tabled::Plain,
        fingerprint: String::new(),
        kind,
    }
}

/// What there is to say of a type that the spec does not describe: where it comes from.
fn place_of(path: &[String]) -> String {
    match path {
        [outer @ .., last] if !outer.is_empty() => format!("`{last}` of `{}`.", names::type_name(outer)),
        _ => format!("`{}`, as the service sends it.", path.concat()),
    }
}

fn record(cx: &Context<'_>, id: TypeId, def: &TypeDef, fields: &[Field]) -> Record {
    let names = names::distinct(&[], fields.iter().map(|field| (field.name.as_str(), names::value(&field.name))));
    let mut rest = "rest".to_owned();
    while names.contains(&rest) {
        rest.push('_');
    }
    Record {
        fields: fields.iter().zip(names).map(|(field, name)| record_field(cx, id, field, name)).collect(),
        rest: def.rest.as_ref().map(|ty| Rest { name: rest, ty: RustType::Map(Box::new(cx.rust(ty))) }),
    }
}

fn record_field(cx: &Context<'_>, holder: TypeId, field: &Field, name: String) -> RecordField {
    let plain = cx.rust_inside(holder, &field.ty);
    let presence = match (field.required, field.nullable) {
        (true, false) => Presence::Required,
        (true, true) if cx.facts.is_sent(holder) => Presence::Nullable,
        (false, false) if field.ty != Type::Json => Presence::NonNull,
        _ => Presence::Optional,
    };
    RecordField {
        name,
        key: field.name.value.clone(),
        docs: field_docs(field),
        ty: match presence {
            // A boxed record can not be required: there would be no first one.
            Presence::Required if !plain.is_boxed() => plain,
            Presence::Optional if field.distinct && field.nullable && !field.required => plain.distinct(),
            _ => plain.optional(),
        },
        presence,
        sensitive: field.sensitive,
        lenient: field.lenient && can_be_lenient(&field.ty),
        has_projected: false,
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

fn enum_values(values: &[Spanned<String>]) -> Vec<EnumValue> {
    let names = names::distinct(&[names::OTHER], values.iter().map(|value| (value.as_str(), names::enum_variant(value))));
    names.into_iter().zip(values).map(|(name, value)| EnumValue { name, text: value.value.clone() }).collect()
}

fn union(cx: &Context<'_>, id: TypeId, def: &TypeDef, types: &[Type]) -> Union {
    // Any JSON fits whatever there is, so it is what is left when nothing else does.
    let known: Vec<(usize, &Type)> = types.iter().enumerate().filter(|(_, ty)| **ty != Type::Json).collect();
    let any = known.len() < types.len();
    let other = if any { "Json" } else { names::OTHER };
    let name = |ty| names::union_variant(&|id| cx.type_name(id).to_owned(), ty);
    let names = names::distinct(&[other], known.iter().map(|(_, ty)| ("", name(ty))));
    let variant = |(name, (_, ty)): (String, &(usize, &Type))| UnionVariant {
        label: names::value(&name).replace('_', " "),
        name,
        ty: cx.rust_inside(id, ty),
    };
    let place = |at: usize| known.iter().position(|(place, _)| *place == at);
    Union {
        variants: names.into_iter().zip(&known).map(variant).collect(),
        other: UnionVariant { name: other.to_owned(), label: "any JSON".to_owned(), ty: RustType::Value("Json") },
        any,
        tag: def.tag.as_ref().map(|tag| UnionTag {
            key: tag.key.clone(),
            values: tag.values.iter().filter_map(|(value, at)| Some((value.clone(), place(*at)?))).collect(),
        }),
    }
}

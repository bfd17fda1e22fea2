//! Fields of a parent's record and values of lists that are added to each record: a new type for the record.

use std::collections::BTreeSet;

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{
    Field, ListField, Lookup, ParentField, PartitionValue, Resource, Scalar, Segment, Spanned, Type, TypeDef, TypeKind, Types,
};
use crate::source::Span;

use super::types::singular;

/// Gives a resource with `include_from_parent` a record type of its own: what is included, then the schema's fields.
///
/// `written` are the fields as the spec has them; `is_inline` says that the schema stands in the resource itself.
pub fn add_fields(
    resources: &mut [Resource],
    at: usize,
    written: &[Spanned<String>],
    is_inline: bool,
    types: &mut Types,
    diagnostics: &mut Diagnostics,
) {
    let Some(resource) = resources.get(at) else { return };
    if resource.include.is_empty() {
        return;
    }
    let name = resource.operation.name.clone();
    if matches!(resource.operation.response, None | Some(Type::Json)) {
        // A JSON object takes anything.
        return;
    }
    let Some(own) = resource.operation.response.as_ref().and_then(|record| types.fields(record)) else {
        let span = written.first().map_or(name.span, |written| written.span);
        diagnostics.report(Code::IncludeInScalar, span, &[]);
        return;
    };
    let description = resource.operation.response.as_ref().and_then(|record| match record {
        Type::Named(id) => types.get(*id).description.clone(),
        _ => None,
    });
    let mut fields: Vec<Field> = Vec::new();
    for (at, include) in resource.include.iter().enumerate() {
        let span = written.get(at).map_or(name.span, |written| written.span);
        let field = match include {
            PartitionValue::Parent(value) => parent_field(value, resources, types, span, diagnostics),
            PartitionValue::List(value) => Some(list_field(value, span)),
        };
        let Some(field) = field else { continue };
        if own.iter().chain(&fields).any(|known| known.name.value == field.name.value) {
            diagnostics.report(Code::AddedTwice, span, &[&field.name]);
        } else {
            fields.push(field);
        }
    }
    fields.extend(own.iter().cloned());
    if let (Some(Type::Named(id)), true) = (&resource.operation.response, is_inline) {
        // Nothing else can name a type that was written here.
        types.get_mut(*id).kind = TypeKind::Struct(fields);
        return;
    }
    let path = free_path(&name, types);
    let id = types.add(TypeDef::new(Spanned::new(path, name.span), description, TypeKind::Struct(fields)));
    if let Some(resource) = resources.get_mut(at) {
        resource.operation.response = Some(Type::Named(id));
    }
}

/// What the new type is called: by one record of the resource, or whatever else no type is called yet.
pub(super) fn free_path(resource: &str, types: &Types) -> Vec<String> {
    // The same letters make the same name in any language, whatever stands between them.
    let letters = |path: &[String]| path.concat().to_lowercase().replace(|c: char| !c.is_alphanumeric(), "");
    let taken: BTreeSet<String> = types.iter().map(|(_, def)| letters(&def.path)).collect();
    let is_free = |path: &Vec<String>| !taken.contains(&letters(path));
    let one = singular(resource).map(|one| vec![one]);
    let many = vec![resource.to_owned()];
    one.into_iter().chain([many.clone()]).find(is_free).unwrap_or_else(|| [many, vec!["record".to_owned()]].concat())
}

/// The value of a list, named as a parent's field is: `_partition_region`.
fn list_field(include: &ListField, span: Span) -> Field {
    let name = format!("_{}", PartitionValue::List(include.clone()).name().replace('.', "_"));
    Field {
        name: Spanned::new(name, span),
        description: Some(format!("The value of `{}` that it was read for.", include.list)),
        ty: Type::Scalar(Scalar::String),
        required: true,
        nullable: false,
        distinct: false,
        sensitive: false,
        lenient: false,
        deprecated: false,
    }
}

/// The parent's field under the name that dlt gives it: `_organizations_id`.
fn parent_field(
    include: &ParentField,
    resources: &[Resource],
    types: &Types,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<Field> {
    let parent = resources.iter().find(|resource| *resource.operation.name == include.resource)?;
    let record = parent.operation.response.as_ref()?;
    let steps = include.field.0.iter().map(|step| match step {
        Segment::Key(key) => key.clone(),
        Segment::Index(index) => index.to_string(),
    });
    let name = format!("_{}_{}", include.resource, steps.collect::<Vec<_>>().join("_"));
    let description = Some(format!("`{}` of the record of `{}` that it was read for.", include.field, include.resource));
    let plain = |ty: Type, field: Option<&Field>| Field {
        name: Spanned::new(name.clone(), span),
        description: description.clone(),
        ty,
        required: field.is_some_and(|field| field.required),
        nullable: field.is_none_or(|field| field.nullable),
        distinct: false,
        sensitive: field.is_some_and(|field| field.sensitive),
        lenient: field.is_some_and(|field| field.lenient),
        deprecated: false,
    };
    match types.lookup(record, &include.field) {
        Lookup::Found(ty, field) => Some(plain(ty.clone(), field)),
        Lookup::Unknown => Some(plain(Type::Json, None)),
        Lookup::Missing { key, known, .. } => {
            let missing = Diagnostic::new(Code::UnknownField, span, &[&format!("`{}`", include.resource), &key]);
            diagnostics.push(missing.nearest(&key, known));
            None
        }
    }
}

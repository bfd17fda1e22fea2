//! Which types an operation sends or receives; the others are not written.

use crate::model::{Api, Body, Operation, ParamValue, Type, TypeKind, Types};

/// Whether each type is used, by its id.
pub(super) fn used(api: &Api) -> Vec<bool> {
    let mut used = vec![false; api.types.len()];
    let mut open: Vec<&Type> = Vec::new();
    for operation in api.resources.iter().map(|resource| &resource.operation).chain(&api.operations) {
        open.extend(types_of(operation));
    }
    while let Some(ty) = open.pop() {
        match ty {
            Type::Scalar(_) | Type::Json => {}
            Type::Array(inner) | Type::Map(inner) => open.push(inner),
            Type::Named(id) => {
                let seen = &mut used[id.0 as usize];
                if !std::mem::replace(seen, true) {
                    open.extend(parts(&api.types, *id));
                }
            }
        }
    }
    used
}

fn types_of(operation: &Operation) -> impl Iterator<Item = &Type> {
    let arguments = operation.params.iter().filter_map(|param| match &param.value {
        ParamValue::Argument { ty, .. } => Some(ty),
        ParamValue::Fixed(_) => None,
    });
    let given = match &operation.body {
        Body::Given(body) => Some(&body.ty),
        Body::Form | Body::Json(_) => None,
    };
    arguments.chain(given).chain(&operation.response).chain(operation.failures.iter().map(|(_, ty)| ty))
}

/// The types that a type is made of.
fn parts(types: &Types, id: crate::model::TypeId) -> Vec<&Type> {
    let def = types.get(id);
    match &def.kind {
        TypeKind::Struct(fields) => fields.iter().map(|field| &field.ty).chain(&def.rest).collect(),
        TypeKind::Enum(_) => Vec::new(),
        TypeKind::Union(variants) => variants.iter().collect(),
    }
}

//! Which types an operation sends or receives: the others are not written. Only what is sent needs an encoder.

use crate::model::{Api, Body, Operation, ParamStyle, ParamValue, Type, TypeKind, Types};

/// Whether each type is used, by its id.
pub(super) fn used(api: &Api) -> Vec<bool> {
    closure(&api.types, operations(api).flat_map(types_of).collect())
}

/// Whether values of each type are written, by its id. Arguments of one part are not: they are sent as they are. What a hook gives is
/// written for those who read no structs.
pub(super) fn sent(api: &Api) -> Vec<bool> {
    let hooked = api.resources.iter().filter(|resource| resource.hook().is_some());
    let hooked = hooked.filter_map(|resource| resource.operation.response.as_ref());
    closure(&api.types, operations(api).flat_map(sent_of).chain(hooked).collect())
}

fn operations(api: &Api) -> impl Iterator<Item = &Operation> {
    api.resources.iter().map(|resource| &resource.operation).chain(&api.operations)
}

/// Which types are among these, or inside them.
fn closure<'a>(types: &'a Types, mut open: Vec<&'a Type>) -> Vec<bool> {
    let mut held = vec![false; types.len()];
    while let Some(ty) = open.pop() {
        match ty {
            Type::Scalar(_) | Type::Json => {}
            Type::Array(inner) | Type::Map(inner) => open.push(inner),
            Type::Named(id) => {
                let seen = &mut held[id.0 as usize];
                if !std::mem::replace(seen, true) {
                    open.extend(types.parts(*id));
                }
            }
        }
    }
    held
}

/// Whether values of a type are, or hold, what is not to be shown.
pub fn is_sensitive(types: &Types, ty: &Type) -> bool {
    let held = closure(types, vec![ty]);
    let fields = types.iter().filter(|(id, _)| held[id.0 as usize]).filter_map(|(_, def)| match &def.kind {
        TypeKind::Struct(fields) => Some(fields),
        TypeKind::Union(_) | TypeKind::Enum(_) => None,
    });
    fields.flatten().any(|field| field.sensitive)
}

/// What an operation writes: its body, and the arguments that have parts.
fn sent_of(operation: &Operation) -> impl Iterator<Item = &Type> {
    let arguments = operation.params.iter().filter_map(|param| match (&param.value, &param.style) {
        (ParamValue::Argument { ty, .. }, ParamStyle::Brackets | ParamStyle::Members | ParamStyle::Json) => Some(ty),
        (ParamValue::Argument { ty, .. }, ParamStyle::Joined(_)) if !matches!(ty, Type::Array(_)) => Some(ty),
        _ => None,
    });
    let given = match &operation.body {
        Body::Given(body) => Some(&body.ty),
        Body::Form | Body::Json(_) => None,
    };
    arguments.chain(given)
}

/// What an operation is given, what it answers and how it fails.
pub(super) fn types_of(operation: &Operation) -> impl Iterator<Item = &Type> {
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

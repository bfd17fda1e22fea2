//! Cursors that are fields of a record: they are there, and an incremental one has an order.

use super::find;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Api, Resource, Scalar, Slot, Style, Type};

/// Checks it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for resource in &api.resources {
        let record = &resource.source;
        let owner = format!("the record of `{}`", resource.operation.name.value);
        let incremental = resource.incremental.as_ref().map(|incremental| &incremental.value);
        if let Some(incremental) = incremental.filter(|incremental| incremental.token.is_none()) {
            let cursor = &incremental.cursor;
            if let Some(ty) = find(&api.types, record, cursor, (&owner, cursor.span), diagnostics)
                && !is_orderable(api, ty)
            {
                let shown = cursor.value.to_string();
                diagnostics.report(Code::NotOrderable, cursor.span, &[&shown, api.types.describe(ty)]);
            }
        }
        if let Style::LastRecord { field, .. } = &resource.paging.style {
            // A cursor that serves both ends is checked once.
            if incremental.is_none_or(|incremental| incremental.cursor.span != field.span) {
                check_last_record(api, resource, diagnostics);
            }
        }
    }
}

fn check_last_record(api: &Api, resource: &Resource, diagnostics: &mut Diagnostics) {
    let Style::LastRecord { field, .. } = &resource.paging.style else { return };
    let record = &resource.source;
    let owner = format!("the record of `{}`", resource.operation.name.value);
    if let Some(ty) = find(&api.types, record, field, (&owner, field.span), diagnostics)
        && api.types.scalar(ty).is_none()
        && *ty != Type::Json
        // A body takes any JSON.
        && !matches!(resource.paging.place, Some(Slot::Body(_)))
    {
        let shown = field.value.to_string();
        let clash = Diagnostic::new(Code::NotAScalar, field.span, &[&shown, api.types.describe(ty)]);
        diagnostics.push(clash);
    }
}

fn is_orderable(api: &Api, ty: &Type) -> bool {
    *ty == Type::Json || api.types.scalar(ty).is_some_and(|scalar| !matches!(scalar, Scalar::Boolean | Scalar::Binary))
}

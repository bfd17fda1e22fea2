//! The type of a resource's record is an object.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Api, Type, TypeKind};

/// Checks it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for resource in &api.resources {
        let Some(record) = &resource.operation.response else { continue };
        if let Type::Array(_) = record {
            let clash = Diagnostic::new(Code::TypeClash, resource.operation.name.span, &["schema", "a list of records"]);
            diagnostics.push(clash.help("`schema` is the type of one record, not of the list"));
        }
        if let Type::Named(id) = record
            && let TypeKind::Struct(fields) = &api.types.get(*id).kind
        {
            check_distinct(fields, diagnostics);
        }
    }
}

fn check_distinct(fields: &[crate::model::Field], diagnostics: &mut Diagnostics) {
    for (at, field) in fields.iter().enumerate() {
        if fields.iter().take(at).any(|other| other.name.value == field.name.value) {
            diagnostics.report(Code::DuplicateName, field.name.span, &["the field", &field.name]);
        }
    }
}

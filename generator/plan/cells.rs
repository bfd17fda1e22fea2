//! What the columns of CSV hold, by the types of the fields.

use crate::model::{Api, Decoder, Field, Resource, Scalar, Type, TypeKind, Types};

/// What the value of a column is read as, by its name in the runtime.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The column.
    pub column: String,
    /// The variant of the runtime's `Cell`.
    pub kind: &'static str,
}

/// The columns of a list that comes as CSV; none where a record has no known fields.
pub(super) fn cells(api: &Api, resource: &Resource) -> Vec<Cell> {
    let Decoder::Csv(_) = &*resource.decoder else { return Vec::new() };
    let fields = api.types.fields(&resource.source).unwrap_or_default();
    fields.iter().map(|field| Cell { column: field.name.value.clone(), kind: kind(&api.types, field) }).collect()
}

fn kind(types: &Types, field: &Field) -> &'static str {
    let is_text = match &field.ty {
        Type::Scalar(Scalar::Integer | Scalar::Number) => return "Number",
        Type::Scalar(Scalar::Boolean) => return "Boolean",
        Type::Scalar(scalar) => *scalar == Scalar::String,
        Type::Named(id) => matches!(types.get(*id).kind, TypeKind::Enum(_)),
        Type::Json | Type::Array(_) | Type::Map(_) => false,
    };
    match &field.ty {
        _ if is_text && field.required && !field.nullable => "RequiredText",
        Type::Scalar(_) => "Text",
        _ if is_text => "Text",
        _ => "Json",
    }
}

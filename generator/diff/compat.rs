//! Whether what was made for one type takes values of another: an old crate, and the column of a table.

use super::side::Sides;
use crate::model::{Scalar, Type, TypeKind, Types};

/// Whether a crate that reads the old type takes what the new type sends. What is inside named types is judged where they are.
pub(super) fn reads(cx: &Sides<'_>, old: &Type, new: &Type, lenient: bool) -> bool {
    let (old_types, new_types) = (&cx.old.api.types, &cx.new.api.types);
    match (shape(old_types, old), shape(new_types, new)) {
        // Any JSON takes everything, and a union keeps what fits none of its types.
        (Shape::Json | Shape::Union, _) | (Shape::Text, Shape::Text) | (Shape::Struct, Shape::Struct) => true,
        (Shape::Scalar(old), Shape::Scalar(new)) => scalar_reads(old, new, lenient),
        (Shape::Scalar(old), Shape::Text) => old == Scalar::String,
        (Shape::Text, Shape::Scalar(new)) => is_text(new),
        (Shape::Array(old), Shape::Array(new)) | (Shape::Map(old), Shape::Map(new)) => reads(cx, old, new, false),
        _ => false,
    }
}

/// What becomes of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// It stays as it is.
    Same,
    /// It has to take more than it did, and what it holds fits.
    Wider,
    /// What it holds does not fit any more.
    Other,
}

/// What becomes of the column of the old type when values of the new one come.
pub(super) fn column(cx: &Sides<'_>, old: &Type, new: &Type) -> Column {
    use Scalar::{Date, DateTime, Decimal, Integer, Number, String};
    let (old_types, new_types) = (&cx.old.api.types, &cx.new.api.types);
    match (shape(old_types, old), shape(new_types, new)) {
        (Shape::Json | Shape::Union, Shape::Json | Shape::Union)
        | (Shape::Text, Shape::Text | Shape::Scalar(String))
        | (Shape::Scalar(String), Shape::Text)
        | (Shape::Struct, Shape::Struct) => Column::Same,
        (Shape::Scalar(old), Shape::Scalar(new)) if old == new => Column::Same,
        (Shape::Scalar(Integer), Shape::Scalar(Number | Decimal))
        | (Shape::Scalar(Number), Shape::Scalar(Decimal))
        | (Shape::Scalar(Date), Shape::Scalar(DateTime))
        | (Shape::Scalar(_), Shape::Scalar(String))
        | (_, Shape::Json | Shape::Union) => Column::Wider,
        (Shape::Array(old), Shape::Array(new)) | (Shape::Map(old), Shape::Map(new)) => column(cx, old, new),
        _ => Column::Other,
    }
}

/// A type as far as it matters to whoever reads it.
enum Shape<'a> {
    Scalar(Scalar),
    /// An open enum.
    Text,
    Struct,
    Union,
    Json,
    Array(&'a Type),
    Map(&'a Type),
}

fn shape<'a>(types: &Types, ty: &'a Type) -> Shape<'a> {
    match ty {
        Type::Scalar(scalar) => Shape::Scalar(*scalar),
        Type::Json => Shape::Json,
        Type::Array(inner) => Shape::Array(inner),
        Type::Map(inner) => Shape::Map(inner),
        Type::Named(id) => match types.get(*id).kind {
            TypeKind::Struct(_) => Shape::Struct,
            TypeKind::Enum(_) => Shape::Text,
            TypeKind::Union(_) => Shape::Union,
        },
    }
}

fn scalar_reads(old: Scalar, new: Scalar, lenient: bool) -> bool {
    use Scalar::{Boolean, Date, DateTime, Decimal, Integer, Number, String};
    match (old, new) {
        (old, new) if old == new => true,
        // A text takes whatever is written as one; a date takes the beginning of a moment.
        (String, new) if is_text(new) => true,
        (Number | Decimal, Integer) | (Decimal, Number) | (Date, DateTime) => true,
        (String, Integer | Number | Boolean | Decimal) => lenient,
        _ => false,
    }
}

/// Whether a scalar is a text in JSON.
fn is_text(scalar: Scalar) -> bool {
    use Scalar::{Binary, Date, DateTime, String, Time, Uuid};
    matches!(scalar, String | Binary | Date | DateTime | Time | Uuid)
}

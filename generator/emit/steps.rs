//! Steps and their expressions, as the static data that the runtime executes.

use proc_macro2::TokenStream;
use quote::quote;

use super::descriptors::Descriptors;
use super::literals::optional_text;
use crate::model::{Cast, Expr, Function, Order, Path, Step, StepKind};

/// The steps of a resource. A hook is none of them: it is called where the records have their own type.
pub(super) fn steps(descriptors: &mut Descriptors<'_>, steps: &[Step]) -> TokenStream {
    let name = descriptors.0.rt("steps", "Steps");
    let steps: Vec<TokenStream> = steps.iter().filter_map(|spec| step(descriptors, &spec.kind)).collect();
    quote!(#name(&[#(#steps),*]))
}

fn step(descriptors: &mut Descriptors<'_>, kind: &StepKind) -> Option<TokenStream> {
    if let StepKind::Hook(_) = kind {
        return None;
    }
    let step = descriptors.0.rt("steps", "Step");
    Some(match kind {
        StepKind::Filter { condition, .. } => {
            let condition = expr(descriptors, condition);
            quote!(#step::Filter(#condition))
        }
        StepKind::Rename { from, to } => {
            let (from, to) = (path(descriptors, from), path(descriptors, to));
            quote!(#step::Rename(#from, #to))
        }
        StepKind::Drop(field) => {
            let field = path(descriptors, field);
            quote!(#step::Drop(#field))
        }
        StepKind::Set { field, value, .. } => {
            let (field, value) = (path(descriptors, field), expr(descriptors, value));
            quote!(#step::Set(#field, #value))
        }
        StepKind::Cast { field, to } => {
            let (field, function) = (path(descriptors, field), function(descriptors, Function::To(*to)));
            quote!(#step::Cast(#field, #function))
        }
        StepKind::Explode { field, keep_empty, merge } => {
            let (explode, field) = (descriptors.0.rt("steps", "Explode"), path(descriptors, field));
            let merge = merge.as_ref().map_or_else(|| quote!(None), |prefix| quote!(Some(#prefix)));
            quote!(#step::Explode(#explode { path: #field, keep_empty: #keep_empty, merge: #merge }))
        }
        StepKind::Hash { field, key } => {
            let (field, digest) = (path(descriptors, field), descriptors.0.rt("hash", "sha256"));
            let key = optional_text(key.as_ref());
            quote!(#step::Hash(#field, #digest, #key))
        }
        StepKind::Hook(_) => return None,
    })
}

fn path(descriptors: &mut Descriptors<'_>, path: &Path) -> TokenStream {
    descriptors.path(path)
}

fn expr(descriptors: &mut Descriptors<'_>, spec: &Expr) -> TokenStream {
    let name = descriptors.0.rt("expr", "Expr");
    match spec {
        Expr::Null => quote!(#name::Null),
        Expr::Bool(value) => quote!(#name::Bool(#value)),
        Expr::Number(text) => quote!(#name::Number(#text)),
        Expr::Text(text) => quote!(#name::Text(#text)),
        Expr::Path(field) => {
            let field = path(descriptors, field);
            quote!(#name::Path(#field))
        }
        Expr::Not(inner) => {
            let inner = expr(descriptors, inner);
            quote!(#name::Not(&#inner))
        }
        Expr::And(parts) => {
            let parts = exprs(descriptors, parts);
            quote!(#name::And(#parts))
        }
        Expr::Or(parts) => {
            let parts = exprs(descriptors, parts);
            quote!(#name::Or(#parts))
        }
        Expr::IsNull(inner) => {
            let inner = expr(descriptors, inner);
            quote!(#name::IsNull(&#inner))
        }
        Expr::Compare(comparison, by, sides) => {
            let (kind, by, sides) =
                (descriptors.0.rt("expr", "Comparison"), order(descriptors, *by), exprs(descriptors, &**sides));
            let comparison = super::ident(&format!("{comparison:?}"));
            quote!(#name::Compare(#kind::#comparison, #by, #sides))
        }
        Expr::In(by, value, list) => {
            let (by, value, list) = (order(descriptors, *by), expr(descriptors, value), exprs(descriptors, list));
            quote!(#name::In(#by, &#value, #list))
        }
        Expr::Among(by, sides) => {
            let (by, sides) = (order(descriptors, *by), exprs(descriptors, &**sides));
            quote!(#name::Among(#by, #sides))
        }
        Expr::If(parts) => {
            let parts = exprs(descriptors, &**parts);
            quote!(#name::If(#parts))
        }
        Expr::Coalesce(parts) => {
            let parts = exprs(descriptors, parts);
            quote!(#name::Coalesce(#parts))
        }
        Expr::Call(called, arguments) => {
            let (called, arguments) = (function(descriptors, *called), exprs(descriptors, arguments));
            quote!(#name::Call(#called, #arguments))
        }
    }
}

fn exprs(descriptors: &mut Descriptors<'_>, parts: &[Expr]) -> TokenStream {
    let parts: Vec<TokenStream> = parts.iter().map(|part| expr(descriptors, part)).collect();
    quote!(&[#(#parts),*])
}

fn order(descriptors: &mut Descriptors<'_>, order: Order) -> TokenStream {
    let (name, order) = (descriptors.0.rt("expr", "Order"), super::ident(&format!("{order:?}")));
    quote!(#name::#order)
}

/// A function of the runtime.
fn function(descriptors: &mut Descriptors<'_>, function: Function) -> TokenStream {
    let (file, name) = place(function);
    descriptors.0.rt(file, name)
}

/// The file of a function, and its name there.
fn place(function: Function) -> (&'static str, &'static str) {
    match function {
        Function::Lower => ("expr_text", "lower"),
        Function::Upper => ("expr_text", "upper"),
        Function::Trim => ("expr_text", "trim"),
        Function::Length => ("expr_text", "length"),
        Function::Contains => ("expr_text", "contains"),
        Function::StartsWith => ("expr_text", "starts_with"),
        Function::EndsWith => ("expr_text", "ends_with"),
        Function::Replace => ("expr_text", "replace"),
        Function::Substring => ("expr_text", "substring"),
        Function::Split => ("expr_text", "split"),
        Function::Element => ("expr_text", "element"),
        Function::Concat => ("expr_text", "concat"),
        Function::AddIntegers => ("expr_number", "add_integers"),
        Function::SubtractIntegers => ("expr_number", "subtract_integers"),
        Function::MultiplyIntegers => ("expr_number", "multiply_integers"),
        Function::NegateInteger => ("expr_number", "negate_integer"),
        Function::AbsoluteInteger => ("expr_number", "absolute_integer"),
        Function::Add => ("expr_number", "add"),
        Function::Subtract => ("expr_number", "subtract"),
        Function::Multiply => ("expr_number", "multiply"),
        Function::Divide => ("expr_number", "divide"),
        Function::Negate => ("expr_number", "negate"),
        Function::Absolute => ("expr_number", "absolute"),
        Function::Floor => ("expr_number", "floor"),
        Function::Round => ("expr_number", "round"),
        Function::RoundTo => ("expr_number", "round_to"),
        Function::AddDecimals => ("expr_decimal", "add_decimals"),
        Function::SubtractDecimals => ("expr_decimal", "subtract_decimals"),
        Function::MultiplyDecimals => ("expr_decimal", "multiply_decimals"),
        Function::NegateDecimal => ("expr_decimal", "negate_decimal"),
        Function::AbsoluteDecimal => ("expr_decimal", "absolute_decimal"),
        Function::FloorDecimal => ("expr_decimal", "floor_decimal"),
        Function::RoundDecimal => ("expr_decimal", "round_decimal"),
        Function::RoundDecimalTo => ("expr_decimal", "round_decimal_to"),
        Function::Date | Function::To(Cast::Date) => ("expr_date", "date"),
        Function::Year => ("expr_date", "year"),
        Function::Epoch => ("expr_date", "epoch"),
        Function::FromEpoch => ("expr_date", "from_epoch"),
        Function::To(Cast::DateTime) => ("expr_date", "to_date_time"),
        Function::To(Cast::Integer) => ("cast", "to_integer"),
        Function::To(Cast::Number) => ("cast", "to_number"),
        Function::To(Cast::Decimal) => ("cast", "to_decimal"),
        Function::To(Cast::String) => ("cast", "to_text"),
        Function::To(Cast::Boolean) => ("cast", "to_boolean"),
    }
}

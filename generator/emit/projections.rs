//! What `project!` looks up: the names and types of records' fields, and the records within them.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::ident;
use super::imports::Imports;
use super::root::cfg;
use super::types::{inner_docs, ty};
use crate::plan::{Crate, Docs, Item, Record, RecordField, RustType, Unprojected};

/// How many fields are in a row: the runtime's `Types` has room for so many.
const ROW: usize = 32;

/// The module of a record. No type of the API's own ends with an underscore.
pub(super) fn module(record: &str) -> Ident {
    ident(&format!("{record}_"))
}

/// What `project!` knows of a record: the names of its fields, their types, and the records within them.
pub(super) fn record(imports: &mut Imports, item: &Item, record: &Record) -> TokenStream {
    let (name, fingerprint) = (ident(&item.name), digest(&item.fingerprint));
    let fields: Vec<_> = record.fields.iter().map(|field| field_of(imports, field)).collect();
    let rows: Vec<_> = fields.chunks(ROW).map(|row| quote!(#(#row),*)).collect();
    let (module, inside) =
        (module(&item.name), record.fields.iter().filter_map(|field| inside(imports, field)).collect::<Vec<_>>());
    let inside = (!inside.is_empty()).then(|| quote!(; #(#inside),*));
    let rest = record.rest.iter().map(|rest| &rest.name);
    quote! {
        crate::rt::project::fields!(#name, #fingerprint #(, #rest)*; #(#rows);*);
        crate::rt::project::inside!(#module, #name #inside);
    }
}

fn field_of(imports: &mut Imports, field: &RecordField) -> TokenStream {
    let here = imports.here();
    let (name, ty) = (ident(&field.name), ty(imports, here, &field.ty));
    if !field.lenient {
        return quote!(#name: #ty);
    }
    let leniently = imports.rt("project", "Leniently");
    quote!(#name: #leniently<#ty>)
}

/// A field with records in it: what is known of those, and the field's type where others stand in their place.
fn inside(imports: &mut Imports, field: &RecordField) -> Option<TokenStream> {
    let model = field.ty.innermost().model().filter(|_| field.has_projected)?;
    let (kind, ty) = projected(imports, &field.ty)?;
    let (name, module, kind) = (ident(&field.name), module(model), ident(kind));
    Some(quote!(#name as #module: #kind<T> = #ty))
}

/// The type of a field with `T` in place of its record, and whether it is a list or a map of them; none for lists of lists.
fn projected(imports: &mut Imports, ty: &RustType) -> Option<(&'static str, TokenStream)> {
    match ty {
        RustType::Model(_) | RustType::Boxed(_) => Some(("RecordOf", quote!(T))),
        RustType::Option(inner) => {
            let (kind, inner) = projected(imports, inner)?;
            let option = imports.prelude("Option");
            Some((kind, quote!(#option<#inner>)))
        }
        RustType::List(inner) | RustType::Map(inner) if inner.model().is_none() => None,
        RustType::List(_) => {
            let list = imports.prelude("Vec");
            Some(("ListOf", quote!(#list<T>)))
        }
        RustType::Map(_) => {
            let string = imports.prelude("String");
            Some(("ListOf", quote!(::std::collections::BTreeMap<#string, T>)))
        }
        _ => None,
    }
}

/// A digest as a number, in groups of four digits.
pub(super) fn digest(hex: &str) -> Literal {
    let groups: Vec<&str> = (0..hex.len()).step_by(4).filter_map(|at| hex.get(at..at + 4)).collect();
    let number = format!("0x{}", groups.join("_"));
    number.parse().unwrap_or_else(|_| Literal::u64_unsuffixed(0))
}

/// Whether a crate has `project!`. One list that is too wide for it is enough, as the macro says so.
pub(super) fn is_there(plan: &Crate<'_>) -> bool {
    plan.lists.iter().any(|list| matches!(list.projected, Ok(_) | Err(Unprojected::Wide)))
}

/// The file that names the module of each list's records, or the one that says why there are no projections.
pub(super) fn index(plan: &Crate<'_>) -> TokenStream {
    let docs = inner_docs(&Docs::own("What `project!` knows of the records of each list, by the list's method."));
    let uses = plan.lists.iter().map(|list| {
        let module = match &list.projected {
            Ok((record, _)) => {
                let module = module(record);
                quote!(crate::models::#module)
            }
            Err(Unprojected::Hooked) => quote!(crate::rt::project::hooked),
            Err(Unprojected::Wide) => quote!(crate::rt::project::wide),
            Err(Unprojected::Fieldless) => quote!(crate::rt::project::fieldless),
        };
        let cfg = plan.group(&list.call).and_then(|group| cfg(&[&group.feature]));
        let method = ident(&list.call.method);
        quote!(#cfg pub use #module as #method;)
    });
    quote!(#docs #(#uses)*)
}

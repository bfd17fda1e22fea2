//! What `project!` looks up: the fields of records, and the records within them.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens as _, quote};

use super::imports::Imports;
use super::root::cfg;
use super::types::inner_docs;
use super::{ident, imports};
use crate::plan::{Crate, Docs, Item, Record, RecordField, RustType};

/// The module of a record's fields. No type of the API's own ends with an underscore.
pub(super) fn module(record: &str) -> Ident {
    ident(&format!("{record}_"))
}

/// What `project!` knows of a record: the fields by their names, and the records within them.
pub(super) fn record(imports: &mut Imports, item: &Item, record: &Record) -> TokenStream {
    let (name, row, fingerprint) = (module(&item.name), ident(&item.name), digest(&item.fingerprint));
    let mut scope = Scope { imports, record };
    let fields: Vec<_> = record.fields.iter().enumerate().map(|(at, field)| scope.field(at, field)).collect();
    let inside: Vec<_> = record.fields.iter().filter_map(|field| scope.inside(field)).collect();
    let inside = (!inside.is_empty()).then(|| quote!(; #(#inside),*));
    quote!(crate::rt::project::fields!(#name, #row, #fingerprint; #(#fields),* #inside);)
}

/// Where types are named: among what the file imports, and names of fields, which hide primitive types.
struct Scope<'s> {
    imports: &'s mut Imports,
    record: &'s Record,
}

impl Scope<'_> {
    fn field(&mut self, at: usize, field: &RecordField) -> TokenStream {
        let (name, at, ty) = (ident(&field.name), Literal::usize_unsuffixed(at), self.ty(&field.ty));
        let lenient = field.lenient.then(|| quote!(, true));
        quote!(#name(#at #lenient): #ty)
    }

    /// A field with records in it: what is known of those, and the field's type where others stand in their place.
    fn inside(&mut self, field: &RecordField) -> Option<TokenStream> {
        let model = field.ty.innermost().model().filter(|_| field.has_projected)?;
        let (kind, ty) = self.projected(&field.ty)?;
        let (name, module, kind) = (ident(&field.name), module(model), ident(kind));
        Some(quote!(#name as #module: #kind<T> = #ty))
    }

    /// The type of a field with `T` in place of its record, and whether it is a list or a map of them; none for lists of lists.
    fn projected(&mut self, ty: &RustType) -> Option<(&'static str, TokenStream)> {
        match ty {
            RustType::Model(_) | RustType::Boxed(_) => Some(("RecordOf", quote!(T))),
            RustType::Option(inner) => {
                let (kind, inner) = self.projected(inner)?;
                let option = self.imports.prelude("Option");
                Some((kind, quote!(#option<#inner>)))
            }
            RustType::List(inner) | RustType::Map(inner) if inner.model().is_none() => None,
            RustType::List(_) => {
                let list = self.imports.prelude("Vec");
                Some(("ListOf", quote!(#list<T>)))
            }
            RustType::Map(_) => {
                let string = self.imports.prelude("String");
                Some(("ListOf", quote!(::std::collections::BTreeMap<#string, T>)))
            }
            _ => None,
        }
    }

    /// A type, by names that mean the same below the file as in it.
    fn ty(&mut self, rust: &RustType) -> TokenStream {
        match rust {
            RustType::Primitive(name) => {
                let is_hidden = self.record.fields.iter().any(|field| field.name == *name);
                let name = ident(name);
                if is_hidden { quote!(::core::primitive::#name) } else { quote!(#name) }
            }
            RustType::String => self.imports.prelude("String"),
            RustType::Value(name) => self.name("crate::rt::value", name),
            RustType::Time(name) => self.name("crate::rt::time", name),
            RustType::Model(name) => {
                let here = self.imports.here();
                if self.imports.has(name) || self.imports.is_short(here, name) {
                    ident(name).into_token_stream()
                } else {
                    imports::path(&format!("crate::models::{name}"))
                }
            }
            RustType::Option(inner) => self.generic("Option", inner),
            RustType::List(inner) => self.generic("Vec", inner),
            RustType::Boxed(inner) => self.generic("Box", inner),
            RustType::Maybe(inner) => {
                let (maybe, inner) = (self.name("crate::rt::maybe", "Maybe"), self.ty(inner));
                quote!(#maybe<#inner>)
            }
            RustType::Map(inner) => {
                let (map, string) = (self.name("std::collections", "BTreeMap"), self.imports.prelude("String"));
                let inner = self.ty(inner);
                quote!(#map<#string, #inner>)
            }
            RustType::Unit => quote!(()),
        }
    }

    fn generic(&mut self, name: &str, inner: &RustType) -> TokenStream {
        let name = self.imports.prelude(name);
        let inner = self.ty(inner);
        quote!(#name<#inner>)
    }

    /// A name of a module: short, or if it means something else in the file, with its whole path.
    fn name(&mut self, module: &str, name: &str) -> TokenStream {
        if self.imports.is_short(module, name) {
            return ident(name).into_token_stream();
        }
        let whole = imports::path(&format!("{module}::{name}"));
        if module.starts_with("crate") { whole } else { quote!(::#whole) }
    }
}

/// A digest as a number, in groups of four digits.
pub(super) fn digest(hex: &str) -> Literal {
    let groups: Vec<&str> = (0..hex.len()).step_by(4).filter_map(|at| hex.get(at..at + 4)).collect();
    let number = format!("0x{}", groups.join("_"));
    number.parse().unwrap_or_else(|_| Literal::u64_unsuffixed(0))
}

/// The file that names the module of each list's records.
pub(super) fn index(plan: &Crate<'_>) -> TokenStream {
    let docs = inner_docs(&Docs::own("What `project!` knows of the records of each list, by the list's method."));
    let uses = plan.lists.iter().filter_map(|list| Some((list, module(&list.projected.as_ref()?.0)))).map(|(list, module)| {
        let cfg = plan.group(&list.call).and_then(|group| cfg(&[&group.feature]));
        let method = ident(&list.call.method);
        quote!(#cfg pub use crate::models::#module as #method;)
    });
    quote!(#docs #(#uses)*)
}

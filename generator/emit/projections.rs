//! What `project!` looks up: the fields of records, and the records within them.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens as _, quote};

use super::imports::Imports;
use super::root::cfg;
use super::types::{Names, inner_docs, ty};
use super::{ident, imports};
use crate::plan::{Crate, Docs, Item, Record, RecordField, RustType};

/// The path of all models.
const MODELS: &str = "crate::models";

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
    fn ty(&mut self, rust: &RustType) -> TokenStream {
        let models = self.imports.here();
        ty(self, models, rust)
    }

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
}

/// Names that mean the same below the file as in it: short, or if they mean something else in the file, with their whole path.
impl Names for Scope<'_> {
    fn item(&mut self, module: &str, name: &str) -> TokenStream {
        let here = self.imports.here();
        if self.imports.is_short(module, name) {
            return ident(name).into_token_stream();
        }
        let module = if module == here { MODELS } else { module };
        let whole = imports::path(&format!("{module}::{name}"));
        if module.starts_with("crate") { whole } else { quote!(::#whole) }
    }

    fn prelude(&mut self, name: &str) -> TokenStream {
        self.imports.prelude(name)
    }

    fn primitive(&mut self, name: &str) -> TokenStream {
        let is_hidden = self.record.fields.iter().any(|field| field.name == name);
        let name = ident(name);
        if is_hidden { quote!(::core::primitive::#name) } else { quote!(#name) }
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

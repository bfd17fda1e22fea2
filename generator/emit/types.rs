//! Types, documentation and literals as tokens.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident;
use super::imports::Imports;
use crate::plan::{Docs, RustType};

/// Where types are named, and so how.
pub(super) trait Names {
    /// A name of a module.
    fn item(&mut self, module: &str, name: &str) -> TokenStream;
    /// A name of the prelude.
    fn prelude(&mut self, name: &str) -> TokenStream;
    /// A type of the language's own.
    fn primitive(&mut self, name: &str) -> TokenStream;
}

impl Names for Imports {
    fn item(&mut self, module: &str, name: &str) -> TokenStream {
        Self::item(self, module, name)
    }

    fn prelude(&mut self, name: &str) -> TokenStream {
        Self::prelude(self, name)
    }

    fn primitive(&mut self, name: &str) -> TokenStream {
        let name = ident(name);
        quote!(#name)
    }
}

/// A type where it is used. `models` is the path of the models' module from there.
pub(super) fn ty(names: &mut impl Names, models: &str, rust: &RustType) -> TokenStream {
    match rust {
        RustType::Primitive(name) => names.primitive(name),
        RustType::String => names.prelude("String"),
        RustType::Value(name) => names.item("crate::rt::value", name),
        RustType::Time(name) => names.item("crate::rt::time", name),
        RustType::Model(name) => names.item(models, name),
        RustType::Option(inner) => generic(names, models, "Option", inner),
        RustType::List(inner) => generic(names, models, "Vec", inner),
        RustType::Boxed(inner) => generic(names, models, "Box", inner),
        RustType::Maybe(inner) => {
            let (maybe, inner) = (names.item("crate::rt::maybe", "Maybe"), ty(names, models, inner));
            quote!(#maybe<#inner>)
        }
        RustType::Map(inner) => {
            let (map, string) = (names.item("std::collections", "BTreeMap"), names.prelude("String"));
            let inner = ty(names, models, inner);
            quote!(#map<#string, #inner>)
        }
        RustType::Unit => quote!(()),
    }
}

fn generic(names: &mut impl Names, models: &str, name: &str, inner: &RustType) -> TokenStream {
    let name = names.prelude(name);
    let inner = ty(names, models, inner);
    quote!(#name<#inner>)
}

/// A doc comment.
pub(super) fn docs(docs: &Docs) -> TokenStream {
    let lines = docs.0.iter().map(|line| doc_text(line));
    quote!(#(#[doc = #lines])*)
}

/// The doc comment of a module.
pub(super) fn inner_docs(docs: &Docs) -> TokenStream {
    let lines = docs.0.iter().map(|line| doc_text(line));
    quote!(#(#![doc = #lines])*)
}

/// A line as it stands behind the slashes.
fn doc_text(line: &str) -> String {
    if line.is_empty() { String::new() } else { format!(" {line}") }
}

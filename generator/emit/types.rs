//! Types, documentation and literals as tokens.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident;
use super::imports::Imports;
use crate::plan::{Docs, RustType};

/// A type where it is used. `models` is the path of the models' module from there.
pub(super) fn ty(imports: &mut Imports, models: &str, rust: &RustType) -> TokenStream {
    match rust {
        RustType::Primitive(name) => {
            let name = ident(name);
            quote!(#name)
        }
        RustType::String => imports.prelude("String"),
        RustType::Value(name) => imports.item("crate::rt::value", name),
        RustType::Time(name) => imports.item("crate::rt::time", name),
        RustType::Model(name) => imports.item(models, name),
        RustType::Option(inner) => generic(imports, models, "Option", inner),
        RustType::List(inner) => generic(imports, models, "Vec", inner),
        RustType::Boxed(inner) => generic(imports, models, "Box", inner),
        RustType::Maybe(inner) => {
            let (maybe, inner) = (imports.item("crate::rt::maybe", "Maybe"), ty(imports, models, inner));
            quote!(#maybe<#inner>)
        }
        RustType::Map(inner) => {
            let (map, string) = (imports.item("std::collections", "BTreeMap"), imports.prelude("String"));
            let inner = ty(imports, models, inner);
            quote!(#map<#string, #inner>)
        }
        RustType::Unit => quote!(()),
    }
}

fn generic(imports: &mut Imports, models: &str, name: &str, inner: &RustType) -> TokenStream {
    let name = imports.prelude(name);
    let inner = ty(imports, models, inner);
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
    if line.is_empty() { String::new() } else { format!(" {}", line.replace(is_unsound, "")) }
}

/// Whether the compiler refuses or warns of a character in a comment: what controls terminals, and what turns the direction of the
/// text behind it, so that code would not be what it looks like.
fn is_unsound(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

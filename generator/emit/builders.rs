//! Arguments and setters of a list or a call.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident;
use super::imports::Imports;
use super::types::{docs, ty};
use crate::plan::{Argument, Call, RustType};

/// The positional arguments of a method: its parameters, and how they are given on.
pub(super) fn arguments(imports: &mut Imports, arguments: &[Argument]) -> (TokenStream, TokenStream) {
    let parameters = arguments.iter().map(|argument| {
        let (name, ty) = (ident(&argument.name), parameter(imports, &argument.ty));
        quote!(, #name: #ty)
    });
    let parameters: TokenStream = parameters.collect();
    let given = arguments.iter().map(|argument| {
        let (wire, value) = (&argument.wire, value(&argument.name, &argument.ty));
        quote!(.param(#wire, #value))
    });
    (parameters, given.collect())
}

/// The setters of a builder.
pub(super) fn setters(imports: &mut Imports, call: &Call<'_>) -> Option<TokenStream> {
    if call.setters.is_empty() {
        return None;
    }
    let builder = ident(&call.builder);
    let setters = call.setters.iter().map(|setter| {
        let (docs, name, wire) = (docs(&setter.docs), ident(&setter.method), &setter.wire);
        let (ty, value) = (parameter(imports, &setter.ty), value(&setter.method, &setter.ty));
        quote! {
            #docs
            pub fn #name(self, #name: #ty) -> Self {
                self.param(#wire, #value)
            }
        }
    });
    Some(quote!(impl #builder { #(#setters)* }))
}

/// The type of a parameter: texts are taken in any form.
fn parameter(imports: &mut Imports, rust: &RustType) -> TokenStream {
    let ty = ty(imports, "crate::models", rust);
    match rust {
        RustType::String => {
            let into = imports.prelude("Into");
            quote!(impl #into<#ty>)
        }
        _ => ty,
    }
}

/// A parameter as the text that is sent.
fn value(name: &str, rust: &RustType) -> TokenStream {
    let name = ident(name);
    if matches!(rust, RustType::String) { quote!(#name) } else { quote!(#name.to_string()) }
}

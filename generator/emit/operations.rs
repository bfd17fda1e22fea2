//! One module for each operation that is no list: its descriptor, the client's method and the builder.

use proc_macro2::TokenStream;
use quote::quote;

use super::builders::{arguments, many, setters};
use super::descriptors::Descriptors;
use super::ident;
use super::imports::Imports;
use super::types::{docs, ty};
use crate::model::Payload;
use crate::plan::Call;

/// An operation's file.
pub(super) fn module(call: &Call<'_>) -> TokenStream {
    let mut imports = Imports::new("crate::operations", call.defined());
    let (builder, method, docs) = (ident(&call.builder), ident(&call.method), docs(&call.docs));
    let deprecated = call.spec.deprecated.then(|| quote!(#[deprecated = "the service advises against it"]));
    let descriptor = Descriptors(&mut imports).operation(call.spec);
    let operation = imports.rt("descriptor", "Operation");
    let client = imports.item("crate::client", "Client");
    let made = made(&mut imports, call);
    let response = ty(&mut imports, "crate::models", &call.response);
    let (parameters, given) = arguments(&mut imports, &call.arguments, &made);
    let (setters, many) = (setters(&mut imports, call), many(call));
    let name = call.spec.name.as_str();
    let lines = imports.lines();
    quote! {
        #lines

        pub(crate) static OPERATION: #operation = #descriptor;

        impl #client {
            #docs
            #deprecated
            #many
            pub fn #method(&self #parameters) -> #builder {
                #builder(#given)
            }
        }

        crate::call_builder!(#builder, #response, #name);

        #setters
    }
}

/// A call without arguments.
fn made(imports: &mut Imports, call: &Call<'_>) -> TokenStream {
    let call_type = imports.rt("call", "Call");
    let read = match call.spec.answer {
        Payload::Json => return quote!(#call_type::new(self.core.clone(), &OPERATION)),
        Payload::Text => imports.rt("call", "text"),
        Payload::Bytes => {
            let binary = imports.rt("value", "Binary");
            quote!(#binary::read)
        }
    };
    quote!(#call_type::reading(self.core.clone(), &OPERATION, #read))
}

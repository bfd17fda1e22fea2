//! JSON bodies as static data.

use proc_macro2::TokenStream;
use quote::quote;

use super::imports::Imports;
use super::literals::text;
use crate::model::Json;

/// A document.
pub(super) fn json(imports: &mut Imports, document: &Json) -> TokenStream {
    let mut node = |name: &str| imports.rt("json_body", name);
    match document {
        Json::Literal(json) => {
            let name = node("Literal");
            quote!(#name(#json))
        }
        Json::Text(template) => {
            let (name, template) = (node("Text"), text(template));
            quote!(#name(#template))
        }
        Json::Number(template) => {
            let (name, template) = (node("Number"), text(template));
            quote!(#name(#template))
        }
        Json::Boolean(template) => {
            let (name, template) = (node("Boolean"), text(template));
            quote!(#name(#template))
        }
        Json::Array(elements) => {
            let name = node("Array");
            let elements: Vec<_> = elements.iter().map(|element| json(imports, element)).collect();
            quote!(#name(&[#(#elements),*]))
        }
        Json::Object(members) => {
            let name = node("Object");
            let members: Vec<_> = members
                .iter()
                .map(|(key, value)| {
                    let value = json(imports, value);
                    quote!((#key, #value))
                })
                .collect();
            quote!(#name(&[#(#members),*]))
        }
    }
}

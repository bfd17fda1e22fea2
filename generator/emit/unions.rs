//! Enums of types, told apart by the JSON that comes.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident;
use super::imports::Imports;
use super::types::{docs, ty};
use crate::plan::{Item, UnionVariant};

/// An enum of types.
pub(super) fn union(imports: &mut Imports, item: &Item, variants: &[UnionVariant]) -> TokenStream {
    let name = ident(&item.name);
    let docs = docs(&item.docs);
    let [default, result] = ["Default", "Result"].map(|name| imports.prelude(name));
    let [decode, variant] = ["Decode", "Variant"].map(|name| imports.rt("codec", name));
    let (fault, reader) = (imports.rt("fault", "Fault"), imports.rt("reader", "Reader"));
    let types: Vec<_> = variants.iter().map(|variant| ty(imports, "super", &variant.ty)).collect();
    let names: Vec<_> = variants.iter().map(|variant| ident(&variant.name)).collect();
    let labels = variants.iter().map(|variant| &variant.label);
    let comments = variants.iter().map(|variant| format!(" A value of type {}.", variant.label));
    let derives = if item.eq { quote!(Clone, Debug, Eq, PartialEq) } else { quote!(Clone, Debug, PartialEq) };
    let first = names.first();
    quote! {
        #docs
        #[derive(#derives)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(untagged))]
        #[non_exhaustive]
        pub enum #name {
            #(#[doc = #comments] #names(#types),)*
        }

        impl #default for #name {
            fn default() -> Self {
                Self::#first(#default::default())
            }
        }

        impl #decode for #name {
            fn decode(r: &mut #reader<'_>) -> #result<Self, #fault> {
                const VARIANTS: &[#variant<#name>] = &[#((#labels, |r| r.read().map(#name::#names))),*];
                r.first_of(VARIANTS)
            }
        }
    }
}

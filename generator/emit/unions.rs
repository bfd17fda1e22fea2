//! Enums of types, told apart by a member or by the JSON that comes.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::ident;
use super::imports::Imports;
use super::types::{docs, ty};
use crate::plan::{Item, Union};

/// An enum of types, what reads it, and what writes it where it is sent.
pub(super) fn union(imports: &mut Imports, item: &Item, union: &Union) -> TokenStream {
    let name = ident(&item.name);
    let docs = docs(&item.docs);
    let here = imports.here();
    let types: Vec<_> = union.variants.iter().map(|variant| ty(imports, here, &variant.ty)).collect();
    let names: Vec<_> = union.variants.iter().map(|variant| ident(&variant.name)).collect();
    let comments = union.variants.iter().map(|variant| format!(" A value of type {}.", variant.label));
    let derives = if item.eq { quote!(Clone, Debug, Eq, PartialEq) } else { quote!(Clone, Debug, PartialEq) };
    let (other, json) = (ident(&union.other.name), ty(imports, here, &union.other.ty));
    let other_docs =
        if union.any { " Any other value." } else { " A value that fits none of these. To read it as this type tells why." };
    let default = imports.prelude("Default");
    let decoder = decoder(imports, item, union);
    let encoder = item.sent.then(|| encoder(imports, item, union));
    quote! {
        #docs
        #[derive(#derives)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(untagged))]
        #[non_exhaustive]
        pub enum #name {
            #(#[doc = #comments] #names(#types),)*
            #[doc = #other_docs]
            #other(#json),
        }

        /// A null.
        impl #default for #name {
            fn default() -> Self {
                Self::#other(#json::default())
            }
        }

        #decoder
        #encoder
    }
}

fn decoder(imports: &mut Imports, item: &Item, union: &Union) -> TokenStream {
    let name = ident(&item.name);
    let [choice, fields, record] = ["Choice", "Fields", "Record"].map(|name| imports.rt("codec", name));
    let (fault, reader) = (imports.rt("fault", "Fault"), imports.rt("reader", "Reader"));
    let (option, result) = (imports.prelude("Option"), imports.prelude("Result"));
    let labels = union.variants.iter().map(|variant| &variant.label);
    let (key, tags) = match &union.tag {
        Some(tag) => (tag.key.as_str(), tag.values.as_slice()),
        None => ("", [].as_slice()),
    };
    let tags = tags.iter().map(|(value, at)| {
        let at = Literal::usize_unsuffixed(*at);
        quote!((#value, #at))
    });
    let any = union.any;
    let arms = union.variants.iter().enumerate().map(|(at, variant)| {
        let (at, name) = (Literal::usize_unsuffixed(at), ident(&variant.name));
        quote!(#at => r.put(self, Self::#name),)
    });
    let other = ident(&union.other.name);
    let (index, body) = if union.variants.is_empty() {
        (quote!(_), quote!(r.put(self, Self::#other)))
    } else {
        let body = quote! {
            match index {
                #(#arms)*
                _ => r.put(self, Self::#other),
            }
        };
        (quote!(index), body)
    };
    quote! {
        impl #record for #name {
            const CHOICE: #option<&'static #choice> = Some(&#choice {
                names: &[#(#labels),*],
                key: #key,
                tags: &[#(#tags),*],
                any: #any,
            });
        }

        impl #fields for #name {
            fn set(&mut self, #index: usize, r: &mut #reader<'_>) -> #result<(), #fault> {
                #body
            }
        }
    }
}

fn encoder(imports: &mut Imports, item: &Item, union: &Union) -> TokenStream {
    let name = ident(&item.name);
    let [encode, writer] = ["Encode", "Writer"].map(|name| imports.rt("encode", name));
    let arms = union.variants.iter().enumerate().map(|(at, variant)| {
        let name = ident(&variant.name);
        let tag = union.tag.as_ref().and_then(|tag| Some((&tag.key, tag.value_of(at)?)));
        if let Some((key, value)) = tag {
            quote!(Self::#name(value) => w.tagged(#key, #value, value),)
        } else {
            quote!(Self::#name(value) => #encode::encode(value, w),)
        }
    });
    let other = ident(&union.other.name);
    quote! {
        impl #encode for #name {
            fn encode(&self, w: &mut #writer) {
                match self {
                    #(#arms)*
                    Self::#other(value) => #encode::encode(value, w),
                }
            }
        }
    }
}

//! Structs and their decoders.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::ident;
use super::imports::Imports;
use super::types::{docs, ty};
use crate::plan::{Item, RecordField};

/// A struct, and what reads it.
pub(super) fn record(imports: &mut Imports, item: &Item, fields: &[RecordField]) -> TokenStream {
    let name = ident(&item.name);
    let docs = docs(&item.docs);
    let derives = derives(item, fields);
    let members = fields.iter().map(|field| member(imports, field)).collect::<Vec<_>>();
    let debug = fields.iter().any(|field| field.sensitive).then(|| debug(imports, item, fields));
    let decoder = decoder(imports, item, fields);
    quote! {
        #docs
        #derives
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(default))]
        #[non_exhaustive]
        pub struct #name {
            #(#members)*
        }
        #debug
        #decoder
    }
}

fn derives(item: &Item, fields: &[RecordField]) -> TokenStream {
    let debug = (!fields.iter().any(|field| field.sensitive)).then(|| quote!(Debug,));
    let eq = item.eq.then(|| quote!(Eq,));
    quote!(#[derive(Clone, #debug Default, #eq PartialEq)])
}

fn member(imports: &mut Imports, field: &RecordField) -> TokenStream {
    let docs = docs(&field.docs);
    let name = ident(&field.name);
    let ty = ty(imports, "super", &field.ty);
    let key = &field.key;
    let rename = (field.name != *key).then(|| quote!(#[cfg_attr(feature = "serde", serde(rename = #key))]));
    quote!(#docs #rename pub #name: #ty,)
}

/// `Debug` by hand, which the derive could not do without showing what must be hidden.
fn debug(imports: &mut Imports, item: &Item, fields: &[RecordField]) -> TokenStream {
    let name = ident(&item.name);
    let text = &item.name;
    let fmt = imports.item("std", "fmt");
    let redacted = imports.rt("redacted", "Redacted");
    let members = fields.iter().map(|field| {
        let (name, text) = (ident(&field.name), &field.name);
        match (field.sensitive, field.ty.is_option()) {
            (false, _) => quote!(.field(#text, &self.#name)),
            (true, true) => quote!(.field(#text, &self.#name.as_ref().map(|_| #redacted))),
            (true, false) => quote!(.field(#text, &#redacted)),
        }
    });
    quote! {
        impl #fmt::Debug for #name {
            fn fmt(&self, f: &mut #fmt::Formatter<'_>) -> #fmt::Result {
                f.debug_struct(#text) #(#members)* .finish()
            }
        }
    }
}

fn decoder(imports: &mut Imports, item: &Item, fields: &[RecordField]) -> TokenStream {
    let name = ident(&item.name);
    let [fields_trait, key, record] = ["Fields", "Key", "Record"].map(|name| imports.rt("codec", name));
    let (fault, reader) = (imports.rt("fault", "Fault"), imports.rt("reader", "Reader"));
    let result = imports.prelude("Result");
    let keys = fields.iter().map(|field| {
        let text = &field.key;
        if field.required { quote!(#key::required(#text)) } else { quote!(#key::optional(#text)) }
    });
    let arms = fields.iter().enumerate().map(|(index, field)| {
        let (index, name) = (Literal::usize_unsuffixed(index), ident(&field.name));
        let fill = ident(if field.lenient { "fill_leniently" } else { "fill" });
        quote!(#index => r.#fill(&mut self.#name),)
    });
    quote! {
        impl #record for #name {
            const KEYS: &'static [#key] = &[#(#keys),*];
        }

        impl #fields_trait for #name {
            fn set(&mut self, index: usize, r: &mut #reader<'_>) -> #result<(), #fault> {
                match index {
                    #(#arms)*
                    _ => r.skip_unknown(),
                }
            }
        }
    }
}

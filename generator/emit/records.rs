//! Structs, their decoders and their encoders.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::imports::Imports;
use super::types::{docs, ty};
use super::{ident, projections};
use crate::plan::{Docs, Item, Presence, Record, RecordField, RustType, Tabled};

/// A struct, what reads it, and what writes it where it is sent.
pub(super) fn record(imports: &mut Imports, item: &Item, record: &Record) -> TokenStream {
    let name = ident(&item.name);
    let docs = docs(&item.docs);
    let is_hiding = record.fields.iter().any(|field| field.sensitive);
    let derives = derives(item, is_hiding);
    let mut members = record.fields.iter().map(|field| member(imports, field)).collect::<Vec<_>>();
    members.extend(rest(imports, record));
    let debug = is_hiding.then(|| debug(imports, item, record));
    let decoder = decoder(imports, item, record);
    let encoder = item.sent.then(|| encoder(imports, item, record));
    let projection = (item.tabled == Tabled::Record).then(|| projections::record(imports, item, record));
    // What is sent is made by users, field by field.
    let closed = (!item.sent).then(|| quote!(#[non_exhaustive]));
    quote! {
        #docs
        #derives
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(default))]
        #closed
        pub struct #name {
            #(#members)*
        }
        #debug
        #decoder
        #encoder
        #projection
    }
}

fn derives(item: &Item, is_hiding: bool) -> TokenStream {
    let debug = (!is_hiding).then(|| quote!(Debug,));
    let eq = item.eq.then(|| quote!(Eq,));
    quote!(#[derive(Clone, #debug Default, #eq PartialEq)])
}

fn member(imports: &mut Imports, field: &RecordField) -> TokenStream {
    let docs = docs(&field.docs);
    let name = ident(&field.name);
    let key = &field.key;
    let rename = (field.name != *key).then(|| quote!(#[cfg_attr(feature = "serde", serde(rename = #key))]));
    let skip = matches!(field.ty, RustType::Maybe(_))
        .then(|| quote!(#[cfg_attr(feature = "serde", serde(skip_serializing_if = "crate::rt::maybe::Maybe::is_absent"))]));
    let here = imports.here();
    let ty = ty(imports, here, &field.ty);
    quote!(#docs #rename #skip pub #name: #ty,)
}

/// The field of the members without one.
fn rest(imports: &mut Imports, record: &Record) -> Option<TokenStream> {
    let rest = record.rest.as_ref()?;
    let docs = docs(&Docs::own("The members without a field of their own."));
    let here = imports.here();
    let (name, ty) = (ident(&rest.name), ty(imports, here, &rest.ty));
    Some(quote!(#docs #[cfg_attr(feature = "serde", serde(flatten))] pub #name: #ty,))
}

/// `Debug` by hand, which the derive could not do without showing what must be hidden.
fn debug(imports: &mut Imports, item: &Item, record: &Record) -> TokenStream {
    let name = ident(&item.name);
    let text = &item.name;
    let fmt = imports.item("std", "fmt");
    let redacted = imports.rt("redacted", "Redacted");
    let members = record.fields.iter().map(|field| {
        let (name, text) = (ident(&field.name), &field.name);
        match (field.sensitive, field.ty.may_be_empty()) {
            (false, _) => quote!(.field(#text, &self.#name)),
            (true, true) => quote!(.field(#text, &self.#name.as_ref().map(|_| #redacted))),
            (true, false) => quote!(.field(#text, &#redacted)),
        }
    });
    let rest = record.rest.iter().map(|rest| {
        let (name, text) = (ident(&rest.name), &rest.name);
        quote!(.field(#text, &self.#name))
    });
    quote! {
        impl #fmt::Debug for #name {
            fn fmt(&self, f: &mut #fmt::Formatter<'_>) -> #fmt::Result {
                f.debug_struct(#text) #(#members)* #(#rest)* .finish()
            }
        }
    }
}

fn decoder(imports: &mut Imports, item: &Item, record: &Record) -> TokenStream {
    let name = ident(&item.name);
    let [fields_trait, key, record_trait] = ["Fields", "Key", "Record"].map(|name| imports.rt("codec", name));
    let (fault, reader) = (imports.rt("fault", "Fault"), imports.rt("reader", "Reader"));
    let result = imports.prelude("Result");
    let keys = record.fields.iter().map(|field| {
        let text = &field.key;
        let kind = ident(match field.presence {
            Presence::Required => "required",
            Presence::Nullable => "nullable",
            Presence::Optional => "optional",
            Presence::NonNull => "non_null",
        });
        let sensitive = field.sensitive.then(|| quote!(.sensitive()));
        quote!(#key::#kind(#text)#sensitive)
    });
    let arms = record.fields.iter().enumerate().map(|(index, field)| {
        let (index, name) = (Literal::usize_unsuffixed(index), ident(&field.name));
        let fill = ident(if field.lenient { "fill_leniently" } else { "fill" });
        quote!(#index => r.#fill(&mut self.#name),)
    });
    let further = if let Some(rest) = &record.rest {
        let name = ident(&rest.name);
        quote!(r.keep(&mut self.#name))
    } else {
        quote!(r.skip_unknown())
    };
    let (index, body) = if record.fields.is_empty() {
        (quote!(_), further)
    } else {
        let body = quote! {
            match index {
                #(#arms)*
                _ => #further,
            }
        };
        (quote!(index), body)
    };
    quote! {
        impl #record_trait for #name {
            const KEYS: &'static [#key] = &[#(#keys),*];
        }

        impl #fields_trait for #name {
            fn set(&mut self, #index: usize, r: &mut #reader<'_>) -> #result<(), #fault> {
                #body
            }
        }
    }
}

fn encoder(imports: &mut Imports, item: &Item, record: &Record) -> TokenStream {
    let name = ident(&item.name);
    let [encode, writer] = ["Encode", "Writer"].map(|name| imports.rt("encode", name));
    let record_trait = imports.rt("codec", "Record");
    let keys = quote!(<Self as #record_trait>::KEYS);
    let fields = record.fields.iter().map(|field| {
        let name = ident(&field.name);
        quote!(&self.#name)
    });
    let body = if let Some(rest) = &record.rest {
        let (members, name) = (imports.rt("encode", "members"), ident(&rest.name));
        quote!(w.record_and_rest(#keys, &[#(#fields),*], &mut #members(&self.#name));)
    } else {
        quote!(w.record(#keys, &[#(#fields),*]);)
    };
    quote! {
        impl #encode for #name {
            fn encode(&self, w: &mut #writer) {
                #body
            }
        }
    }
}

//! Enums of texts, to which a service may add a value at any time.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::ident;
use super::imports::Imports;
use super::types::docs;
use crate::plan::{EnumValue, Item};

/// An enum of texts.
pub(super) fn open_enum(imports: &mut Imports, item: &Item, values: &[EnumValue]) -> TokenStream {
    let name = ident(&item.name);
    let docs = docs(&item.docs);
    let [boxed, from] = ["Box", "From"].map(|name| imports.prelude(name));
    let open_enum = imports.rt("open_enum", "open_enum");
    let variants: Vec<_> = values.iter().map(|value| ident(&value.name)).collect();
    let texts: Vec<_> = values.iter().map(|value| &value.text).collect();
    let comments = values.iter().map(|value| comment(&value.text));
    let encoder = item.sent.then(|| encoder(imports, &name));
    quote! {
        #docs
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#[doc = #comments] #variants,)*
            /// Another value.
            Other(#boxed<str>),
        }

        impl #name {
            /// The value as the service writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #texts,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl #from<&str> for #name {
            fn from(text: &str) -> Self {
                match text {
                    #(#texts => Self::#variants,)*
                    _ => Self::Other(text.into()),
                }
            }
        }

        #open_enum!(#name);

        #encoder
    }
}

/// What writes an enum that is sent.
fn encoder(imports: &mut Imports, name: &Ident) -> TokenStream {
    let [encode, writer] = ["Encode", "Writer"].map(|name| imports.rt("encode", name));
    quote! {
        impl #encode for #name {
            fn encode(&self, w: &mut #writer) {
                w.string(self.as_str());
            }
        }
    }
}

/// What there is to say of a value: how it is written.
fn comment(text: &str) -> String {
    match text.trim() {
        "" => " An empty text.".to_owned(),
        text => format!(" `{}`", text.replace('`', "'").replace(char::is_control, " ")),
    }
}

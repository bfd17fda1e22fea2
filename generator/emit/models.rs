//! The modules of models.

use proc_macro2::TokenStream;
use quote::quote;

use super::imports::Imports;
use super::types::inner_docs;
use super::{enums, records, unions};
use crate::plan::{Docs, Item, ItemKind, Module};

/// A module's file.
pub(super) fn module(module: &Module) -> TokenStream {
    let mut imports = Imports::new("super", module.items.iter().map(|item| item.name.as_str()));
    let items: Vec<TokenStream> = module.items.iter().map(|item| write(&mut imports, item)).collect();
    let docs = inner_docs(&Docs::own(&match module.items.len() {
        1 => format!("`{}`.", module.schema),
        _ => format!("`{}` and the types inside it.", module.schema),
    }));
    let lines = imports.lines();
    quote!(#docs #lines #(#items)*)
}

fn write(imports: &mut Imports, item: &Item) -> TokenStream {
    match &item.kind {
        ItemKind::Record(record) => records::record(imports, item, record),
        ItemKind::OpenEnum(values) => enums::open_enum(imports, item, values),
        ItemKind::Union(union) => unions::union(imports, item, union),
    }
}

/// The file that names every module of models.
pub(super) fn index(modules: &[Module]) -> TokenStream {
    let docs = inner_docs(&Docs::own("The records of the API, and the types they are made of."));
    let mut modules: Vec<&Module> = modules.iter().collect();
    modules.sort_by(|a, b| a.name.cmp(&b.name));
    let lines = modules.iter().map(|module| {
        let name = super::ident(&module.name);
        quote!(mod #name;)
    });
    let uses = modules.iter().map(|module| {
        let name = super::ident(&module.name);
        let mut items: Vec<_> = module.items.iter().map(|item| super::ident(&item.name)).collect();
        items.sort();
        match items.as_slice() {
            [item] => quote!(pub use #name::#item;),
            items => quote!(pub use #name::{#(#items),*};),
        }
    });
    quote!(#docs #(#lines)* #(#uses)*)
}

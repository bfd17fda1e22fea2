//! The modules of models.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident;
use super::imports::Imports;
use super::types::inner_docs;
use super::{enums, records, unions};
use crate::plan::{Docs, Item, ItemKind, Module, Tabled};

/// A module's file. `models` is the path of all models from there.
pub(super) fn module(module: &Module, models: &'static str) -> TokenStream {
    let mut imports = Imports::new(models, module.items.iter().map(|item| item.name.as_str()));
    let items: Vec<TokenStream> = module.items.iter().map(|item| write(&mut imports, item)).collect();
    let docs = inner_docs(&Docs::own(&match module.items.len() {
        1 => format!("`{}`.", module.schema),
        _ => format!("`{}` and the types inside it.", module.schema),
    }));
    let lines = imports.lines();
    quote!(#docs #lines #(#items)*)
}

fn write(imports: &mut Imports, item: &Item) -> TokenStream {
    let written = match &item.kind {
        ItemKind::Record(record) => records::record(imports, item, record),
        ItemKind::OpenEnum(values) => enums::open_enum(imports, item, values),
        ItemKind::Union(union) => unions::union(imports, item, union),
    };
    let name = ident(&item.name);
    let column = (item.tabled == Tabled::Json).then(|| quote!(crate::rt::columnar::as_json!(#name);));
    quote!(#written #column)
}

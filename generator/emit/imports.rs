//! The `use` lines of a module, collected while its items are written.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// Names that are there without a `use` line, and which a type of the API may hide.
const PRELUDE: &[(&str, &str)] = &[
    ("Box", "std::boxed"),
    ("Default", "std::default"),
    ("From", "std::convert"),
    ("Into", "std::convert"),
    ("Option", "std::option"),
    ("Result", "std::result"),
    ("String", "std::string"),
    ("Vec", "std::vec"),
];

/// The names that a module uses of others.
#[derive(Debug)]
pub(super) struct Imports {
    /// Names that mean something else here.
    taken: BTreeSet<String>,
    /// The name, and the module that it is from.
    used: BTreeMap<String, String>,
}

impl Imports {
    /// For a module that defines these names itself.
    pub(super) fn new<'a>(defined: impl IntoIterator<Item = &'a str>) -> Self {
        Self { taken: defined.into_iter().map(str::to_owned).collect(), used: BTreeMap::new() }
    }

    /// A name of another module: short and imported, or by its path if the name means something else here.
    pub(super) fn item(&mut self, module: &str, name: &str) -> TokenStream {
        let ident = format_ident!("{name}");
        if !self.taken.contains(name) && self.used.entry(name.to_owned()).or_insert_with(|| module.to_owned()) == module {
            return quote!(#ident);
        }
        let module = path(module);
        quote!(#module::#ident)
    }

    /// A name of the runtime's.
    pub(super) fn rt(&mut self, file: &str, name: &str) -> TokenStream {
        self.item(&format!("crate::rt::{file}"), name)
    }

    /// A name of the prelude.
    pub(super) fn prelude(&mut self, name: &str) -> TokenStream {
        let ident = format_ident!("{name}");
        match PRELUDE.iter().find(|(held, _)| *held == name) {
            Some((_, module)) if self.taken.contains(name) => {
                let module = path(module);
                quote!(::#module::#ident)
            }
            _ => quote!(#ident),
        }
    }

    /// The `use` lines: the standard library's first, then one for each module.
    pub(super) fn lines(&self) -> TokenStream {
        let mut modules: BTreeMap<(bool, &str), Vec<_>> = BTreeMap::new();
        for (name, module) in &self.used {
            modules.entry((!module.starts_with("std"), module)).or_default().push(format_ident!("{name}"));
        }
        let lines = modules.iter().map(|((_, module), names)| {
            let module = path(module);
            match names.as_slice() {
                [name] => quote!(use #module::#name;),
                names => quote!(use #module::{#(#names),*};),
            }
        });
        quote!(#(#lines)*)
    }
}

/// A path as tokens. It is made of our own names and of those of `names`, so each part is an identifier.
fn path(text: &str) -> TokenStream {
    let parts = text.split("::").map(|part| format_ident!("{part}"));
    quote!(#(#parts)::*)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_means_something_else_is_written_by_its_path() {
        let mut imports = Imports::new(["Key", "String"]);
        let written = [
            imports.rt("codec", "Decode"),
            imports.rt("codec", "Key"),
            imports.item("super", "Decode"),
            imports.item("std::collections", "BTreeMap"),
            imports.rt("codec", "Fields"),
            imports.prelude("String"),
            imports.prelude("Vec"),
        ]
        .map(|tokens| tokens.to_string().replace(' ', ""));
        assert_eq!(written, ["Decode", "crate::rt::codec::Key", "super::Decode", "BTreeMap", "Fields", "::std::string::String", "Vec"]);
        let lines = imports.lines().to_string();
        assert_eq!(lines, "use std :: collections :: BTreeMap ; use crate :: rt :: codec :: { Decode , Fields } ;");
    }
}

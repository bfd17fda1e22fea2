//! The `use` lines of a module, collected while its items are written.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;

use super::ident;

/// Names that are there without a `use` line, and which a type of the API may hide.
const PRELUDE: &[(&str, &str)] = &[
    ("Box", "std::boxed"),
    ("Default", "std::default"),
    ("From", "std::convert"),
    ("Into", "std::convert"),
    ("IntoIterator", "std::iter"),
    ("Option", "std::option"),
    ("Result", "std::result"),
    ("String", "std::string"),
    ("Vec", "std::vec"),
];

/// The names that a module uses of others.
#[derive(Debug)]
pub(super) struct Imports {
    /// The path under which others see what is defined here.
    here: &'static str,
    /// What is defined here.
    taken: BTreeSet<String>,
    /// The name, and the module that it is from.
    used: BTreeMap<String, String>,
}

impl Imports {
    /// For a module that defines these names itself.
    pub(super) fn new<'a>(here: &'static str, defined: impl IntoIterator<Item = &'a str>) -> Self {
        Self { here, taken: defined.into_iter().map(str::to_owned).collect(), used: BTreeMap::new() }
    }

    /// The path under which others see what is defined here.
    pub(super) fn here(&self) -> &'static str {
        self.here
    }

    /// A name of a module: short and imported, or if the name means something else here, by its module.
    pub(super) fn item(&mut self, module: &str, name: &str) -> TokenStream {
        let ident = ident(name);
        if self.is_short(module, name) {
            return quote!(#ident);
        }
        let module = match module.rsplit_once("::") {
            Some((outer, inner)) => self.item(outer, inner),
            None => path(module),
        };
        quote!(#module::#ident)
    }

    /// Imports a name of a module, and says whether it means that here.
    pub(super) fn is_short(&mut self, module: &str, name: &str) -> bool {
        if self.taken.contains(name) {
            module == self.here
        } else if PRELUDE.iter().any(|(held, _)| *held == name) {
            // Imported, it would hide what the rest of the module means by the name.
            false
        } else {
            self.used.entry(name.to_owned()).or_insert_with(|| module.to_owned()) == module
        }
    }

    /// A name of the runtime's.
    pub(super) fn rt(&mut self, file: &str, name: &str) -> TokenStream {
        self.item(&format!("crate::rt::{file}"), name)
    }

    /// A name of the prelude.
    pub(super) fn prelude(&mut self, name: &str) -> TokenStream {
        let ident = ident(name);
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
        let mut modules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, module) in &self.used {
            modules.entry(module).or_default().push(name);
        }
        let mut lines: Vec<(bool, String, TokenStream)> = modules
            .into_iter()
            .map(|(module, names)| {
                let sort_key = format!("{module}::{}", names.join(","));
                let (from, idents) = (path(module), names.iter().map(|name| ident(name)));
                let line = if names.len() == 1 { quote!(use #from::#(#idents)*;) } else { quote!(use #from::{#(#idents),*};) };
                (!module.starts_with("std"), sort_key, line)
            })
            .collect();
        lines.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        lines.into_iter().map(|(.., line)| line).collect()
    }
}

/// A path as tokens. It is made of our own names and of those of `names`, so each part is an identifier.
pub(super) fn path(text: &str) -> TokenStream {
    let parts = text.split("::").map(ident);
    quote!(#(#parts)::*)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_means_something_else_is_written_by_its_path() {
        let mut imports = Imports::new("super", ["Key", "String"]);
        let written = [
            imports.rt("codec", "Decode"),
            imports.rt("codec", "Key"),
            imports.item("super", "Decode"),
            imports.item("std::collections", "BTreeMap"),
            imports.rt("codec", "Fields"),
            imports.prelude("String"),
            imports.prelude("Vec"),
            imports.item("super", "Key"),
            imports.item("super", "Option"),
        ]
        .map(|tokens| tokens.to_string().replace(' ', ""));
        assert_eq!(
            written,
            [
                "Decode",
                "codec::Key",
                "super::Decode",
                "BTreeMap",
                "Fields",
                "::std::string::String",
                "Vec",
                "Key",
                "super::Option"
            ]
        );
        let lines = imports.lines().to_string();
        assert_eq!(
            lines,
            "use std :: collections :: BTreeMap ; use crate :: rt :: codec ; use crate :: rt :: codec :: { Decode , Fields } ;"
        );
    }
}

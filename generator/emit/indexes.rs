//! The files that name the modules of a folder: of calls, of lists and of models.

use proc_macro2::TokenStream;
use quote::quote;

use super::imports::Imports;
use super::root::cfg;
use super::types::inner_docs;
use super::{ident, projections};
use crate::plan::{Call, Crate, Docs, Group, Module, Tabled};

/// A folder of operations.
#[derive(Clone, Copy)]
pub(super) struct Folder {
    /// Its name.
    pub(super) name: &'static str,
    /// What it holds, in a few words.
    title: &'static str,
    /// One of them.
    one: &'static str,
    /// The type and the name of each one's descriptor.
    descriptor: (&'static str, &'static str),
}

pub(super) const CALLS: Folder = Folder {
    name: "operations",
    title: "calls of the API that are no lists",
    one: "call",
    descriptor: ("Operation", "OPERATION"),
};

pub(super) const LISTS: Folder =
    Folder { name: "resources", title: "lists of the API", one: "list", descriptor: ("Resource", "RESOURCE") };

impl Folder {
    /// The file that names every operation: all there are, or those of a group.
    pub(super) fn operations(self, calls: &[&Call<'_>], loaded: &[&str], group: Option<&Group>) -> TokenStream {
        let of = group.map(|group| format!(", group `{}`", group.feature)).unwrap_or_default();
        let docs = inner_docs(&Docs::own(&format!("The {}{of}: one builder each.", self.title)));
        let mut sorted = calls.to_vec();
        sorted.sort_by(|a, b| a.module.cmp(&b.module));
        let modules = sorted.iter().map(|call| ident(&call.module));
        // A list names the one that it is read for, which may be in another group.
        let visible = (group.is_some() && self.name == LISTS.name).then(|| quote!(pub(super)));
        let uses = sorted
            .iter()
            .map(|call| (ident(&call.module), ident(&call.builder)))
            .map(|(module, name)| quote!(pub use #module::#name;));
        let all = calls.iter().map(|call| ident(&call.module));
        // A call may be named like the type.
        let named = calls.iter().flat_map(|call| [call.module.as_str(), call.builder.as_str()]);
        let mut imports = Imports::new("super", named);
        let (ty, name) = (imports.rt("descriptor", self.descriptor.0), ident(self.descriptor.1));
        let imports = imports.lines();
        let all_docs = format!(" What the runtime knows of each {}, in the order of the spec.", self.one);
        let sources = (self.name == LISTS.name).then(|| {
            let modules = loaded.iter().map(|module| ident(module));
            quote! {
                /// What can be loaded.
                #[cfg(feature = "load")]
                pub static SOURCES: &[&crate::rt::load::Source] = &[#(&#modules::SOURCE),*];
            }
        });
        quote! {
            #docs
            #(#visible mod #modules;)*
            #(#uses)*
            #imports

            #[doc = #all_docs]
            #[doc(hidden)]
            pub static ALL: &[&#ty] = &[#(&#all::#name),*];

            #sources
        }
    }

    /// The file that names every group.
    pub(super) fn groups(self, groups: &[&Group]) -> TokenStream {
        let docs = inner_docs(&Docs::own(&format!("The {}, by groups, each of which is a feature.", self.title)));
        let conditions: Vec<_> = groups.iter().map(|group| cfg(&[&group.feature])).collect();
        let modules: Vec<_> = groups.iter().map(|group| ident(&group.module)).collect();
        let ty = ident(self.descriptor.0);
        let all_docs = format!(" What the runtime knows of each {}, by group.", self.one);
        let sources = (self.name == LISTS.name).then(|| {
            quote! {
                /// What can be loaded, by group.
                #[cfg(feature = "load")]
                pub static SOURCES: &[&[&crate::rt::load::Source]] = &[#(#conditions #modules::SOURCES),*];
            }
        });
        quote! {
            #docs
            #(#conditions pub mod #modules;)*
            use crate::rt::descriptor::#ty;

            #[doc = #all_docs]
            #[doc(hidden)]
            pub static ALL: &[&[&#ty]] = &[#(#conditions #modules::ALL),*];

            #sources
        }
    }
}

/// The file that names every module of models. Those that one group alone reaches are in a folder of that group's.
pub(super) fn models(plan: &Crate<'_>) -> TokenStream {
    let docs = inner_docs(&Docs::own("The records of the API, and the types they are made of."));
    let (mut always, shared): (Vec<_>, Vec<_>) = plan.models.iter().partition(|module| module.groups.is_empty());
    always.sort_by(|a, b| a.name.cmp(&b.name));
    let modules = always.iter().map(|module| ident(&module.name));
    let uses =
        always.iter().map(|module| (ident(&module.name), items(module))).map(|(name, items)| quote!(pub use #name::#items;));
    let shared = shared.into_iter().filter(|module| plan.owner(module).is_none());
    let shared = shared.map(|module| (module.name.as_str(), plan.features(module)));
    let owners = plan.groups.iter().filter(|group| owned(plan, group).next().is_some());
    let owned = owners.map(|group| (group.module.as_str(), vec![group.feature.as_str()]));
    let mut parts: Vec<_> = shared.chain(owned).collect();
    parts.sort_by_key(|(name, _)| *name);
    let part = (!parts.is_empty()).then(part);
    let parts = parts.iter().map(|(name, features)| {
        let name = ident(name);
        quote!(part!(#name, #(#features),*);)
    });
    quote!(#docs #(mod #modules;)* #(#uses)* #part #(#parts)*)
}

/// What names a module of some groups, in one line where two conditions, each of many, would take dozens.
fn part() -> TokenStream {
    quote! {
        /// A module that is there with any of some features, and its types.
        macro_rules! part {
            ($module:ident, $($feature:literal),*) => {
                #[cfg(any($(feature = $feature),*))]
                mod $module;
                #[cfg(any($(feature = $feature),*))]
                pub use $module::*;
            };
        }
    }
}

/// The file that names the modules of models that one group alone reaches.
pub(super) fn models_of(plan: &Crate<'_>, group: &Group) -> TokenStream {
    let docs = inner_docs(&Docs::own(&format!("The records that only the group `{}` uses.", group.feature)));
    let mut modules: Vec<&Module> = owned(plan, group).collect();
    modules.sort_by(|a, b| a.name.cmp(&b.name));
    let names: Vec<_> = modules.iter().map(|module| ident(&module.name)).collect();
    let items = modules.iter().map(|module| items(module));
    quote!(#docs #(mod #names;)* #(pub use #names::#items;)*)
}

/// The modules of models that one group alone reaches.
pub(super) fn owned<'a>(plan: &'a Crate<'_>, group: &'a Group) -> impl Iterator<Item = &'a Module> {
    plan.models.iter().filter(|module| plan.owner(module).is_some_and(|owner| owner.feature == group.feature))
}

/// The types of a module, as a `use` line names them.
fn items(module: &Module) -> TokenStream {
    let projections =
        module.items.iter().filter(|item| item.tabled == Tabled::Record).map(|item| projections::module(&item.name));
    let mut items: Vec<_> = module.items.iter().map(|item| ident(&item.name)).chain(projections).collect();
    items.sort();
    match items.as_slice() {
        [item] => quote!(#item),
        items => quote!({#(#items),*}),
    }
}

//! The trait of a crate's hooks. What they do stands in a file of the user's.

use proc_macro2::TokenStream;
use quote::quote;

use super::features;
use super::ident;
use super::imports::Imports;
use super::types::{docs, inner_docs, ty};
use crate::plan::{Crate, Docs, Hook};

/// The file that is the user's: it is written where there is none, and never changed.
pub(super) const FILE: &str = "src/hooks.rs";

/// The trait's file.
pub(super) fn module(plan: &Crate<'_>) -> TokenStream {
    let mut imports = Imports::new("crate::hook_trait", ["Hooks"]);
    let (arc, core) = (imports.item("std::sync", "Arc"), imports.rt("core", "Core"));
    let custom = imports.item("crate::hooks", "Custom");
    let methods: Vec<TokenStream> = plan.hooks.iter().map(|hook| method(&mut imports, hook)).collect();
    let module_docs = inner_docs(&Docs::own("The hooks: what a program does with records before they are given out."));
    let lines = imports.lines();
    let hooked = plan.lists.iter().filter(|list| list.hook.is_some()).map(|list| &list.call);
    let callers = features::of_calls(plan, hooked);
    // Of a large crate, the lists that call it may have been left out.
    let unused = (!callers.is_empty()).then(|| quote!(#[cfg_attr(not(any(#(feature = #callers),*)), expect(dead_code))]));
    quote! {
        #module_docs
        #lines

        /// What a program does with records before they are given out: a method for each hook of the spec. What is not written
        /// gives every record on as it is. A record is changed, left out (`Ok(None)`), or refused (`Err`); what becomes of one
        /// that is refused is up to the resource's contract.
        pub trait Hooks: Send + Sync {
            #(#methods)*
        }

        /// The hooks of a client: those that it was built with, or else those of `src/hooks.rs`.
        #unused
        pub(crate) fn hooks_of(core: &#core) -> #arc<dyn Hooks> {
            match core.extension::<#arc<dyn Hooks>>() {
                Some(hooks) => #arc::clone(hooks),
                None => #arc::new(#custom),
            }
        }
    }
}

fn method(imports: &mut Imports, hook: &Hook) -> TokenStream {
    let lists: Vec<String> = hook.lists.iter().map(|list| format!("`{list}`")).collect();
    let docs = docs(&Docs::own(&format!("Each record of {} passes through it.", lists.join(", "))));
    let (name, record, error) =
        (ident(&hook.method), ty(imports, "crate::models", &hook.record), imports.rt("batch", "HookError"));
    let [option, result] = ["Option", "Result"].map(|name| imports.prelude(name));
    quote! {
        #docs
        fn #name(&self, record: #record) -> #result<#option<#record>, #error> {
            Ok(Some(record))
        }
    }
}

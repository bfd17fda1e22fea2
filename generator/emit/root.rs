//! `lib.rs`, and the runtime's `mod.rs`.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident;
use super::types::inner_docs;
use crate::plan::{Crate, Docs, Runtime};

/// Types of the runtime that a user names: the file they are in, their names, the feature they need.
const EXPORTS: &[(&str, &[&str], Option<&str>)] = &[
    ("blocking_items", &["BlockingItems", "BlockingPages"], Some("blocking")),
    ("checkpoint", &["Checkpoint"], None),
    ("codec", &["Decode"], None),
    ("error", &["Error", "ErrorKind", "Result"], None),
    ("items", &["Items", "Pages"], Some("async")),
    ("listing", &["Page"], None),
];

/// The crate's root.
pub(super) fn module(plan: &Crate<'_>, runtime: &Runtime) -> Result<TokenStream, String> {
    let docs = inner_docs(&super::render::crate_docs(plan)?);
    let folders =
        [("models", plan.models.is_empty()), ("operations", plan.calls.is_empty()), ("resources", plan.lists.is_empty())];
    let folders = folders.into_iter().filter(|(_, empty)| !empty).map(|(name, _)| ident(name));
    let exports = exports(plan, runtime);
    Ok(quote! {
        #docs
        #![forbid(unsafe_code)]

        mod client;
        #(pub mod #folders;)*
        #[doc(hidden)]
        pub mod rt;

        pub use client::{Client, ClientBuilder};
        #(#exports)*

        /// What a transport of your own is made of.
        pub mod transport {
            pub use crate::rt::descriptor::{Method, Timeouts};
            pub use crate::rt::message::{Headers, Limits, Request, Response, TransportFault, TransportFaultKind};
            #[cfg(feature = "blocking")]
            pub use crate::rt::transport::BlockingTransport;
            #[cfg(feature = "async")]
            pub use crate::rt::transport::{BoxFuture, Transport};
            pub use crate::rt::url::Url;
        }
    })
}

fn exports(plan: &Crate<'_>, runtime: &Runtime) -> Vec<TokenStream> {
    let mut exports: Vec<(&str, Vec<&str>, Option<&str>)> = EXPORTS
        .iter()
        .filter(|(file, ..)| runtime.has(file))
        .map(|(file, names, feature)| (*file, names.to_vec(), *feature))
        .collect();
    for (file, names) in plan.value_types() {
        exports.push((file, names.into_iter().collect(), None));
    }
    exports
        .iter()
        .map(|(file, names, feature)| {
            let (file, names) = (ident(file), names.iter().map(|name| ident(name)));
            let cfg = feature.map(|feature| quote!(#[cfg(feature = #feature)]));
            quote!(#cfg pub use rt::#file::{#(#names),*};)
        })
        .collect()
}

/// The runtime's `mod.rs`.
pub(super) fn runtime(runtime: &Runtime) -> TokenStream {
    let docs = inner_docs(&Docs::own(
        "What every connector brings along: the record codec, the client's policies, the pager and its iterators.",
    ));
    let names = runtime.files.iter().map(|file| ident(file.name));
    quote!(#docs #(pub mod #names;)*)
}

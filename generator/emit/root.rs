//! `lib.rs`, and the runtime's `mod.rs`.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use super::ident;
use super::types::inner_docs;
use crate::plan::{Crate, Docs, Runtime};

/// A name of the runtime that a user needs.
struct Export {
    file: &'static str,
    names: &'static [&'static str],
    /// Any of these features brings it; none means that it is always there.
    features: &'static [&'static str],
}

const EXPORTS: &[Export] = &[
    Export { file: "blocking_items", names: &["BlockingItems", "BlockingPages"], features: &["blocking"] },
    Export { file: "blocking_job_items", names: &["BlockingJobItems", "BlockingJobPages"], features: &["blocking"] },
    Export { file: "checkpoint", names: &["Checkpoint"], features: &[] },
    Export { file: "codec", names: &["Decode"], features: &[] },
    Export { file: "drift", names: &["Drift", "DriftEntry", "DriftKind", "ResourceDrift"], features: ANY_DRIVER },
    Export { file: "error", names: &["Error", "ErrorKind", "FailureKind", "Result"], features: &[] },
    Export { file: "items", names: &["Items", "Pages"], features: &["async"] },
    Export { file: "job_items", names: &["JobItems", "JobPages"], features: &["async"] },
    Export { file: "job_listing", names: &["BlockingJobListing"], features: &["blocking"] },
    Export { file: "listing", names: &["BlockingListing"], features: &["blocking"] },
    Export { file: "listing", names: &["Page"], features: ANY_DRIVER },
    Export { file: "login", names: &["LoginOptions"], features: ANY_DRIVER },
    Export { file: "maybe", names: &["Maybe"], features: &[] },
    Export { file: "rejected", names: &["Rejected", "RejectedLog"], features: &[] },
    Export { file: "skipped", names: &["Skipped", "SkippedLog"], features: &[] },
    Export { file: "state", names: &["Gap", "State"], features: &[] },
    Export {
        file: "token_store",
        names: &["ExposeSecret", "FileStore", "MemoryStore", "SecretString", "TokenStore"],
        features: &[],
    },
];

/// What a hook may fail with.
const HOOK_ERROR: Export = Export { file: "batch", names: &["HookError"], features: ANY_DRIVER };

/// Without a way to send requests there are the records alone.
const ANY_DRIVER: &[&str] = &["async", "blocking"];

/// Whether a file has names with letters that the compiler may warn of: none of them stands in ASCII or Latin-1.
pub(super) fn has_foreign_names(text: &str) -> bool {
    // Most are in comments only, and need no second look.
    let may_have = !text.is_ascii() && text.lines().any(|line| !line.is_ascii() && !line.trim_start().starts_with("//"));
    may_have && text.parse().is_ok_and(are_foreign)
}

fn are_foreign(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => are_foreign(group.stream()),
        TokenTree::Ident(ident) => ident.to_string().chars().any(|letter| letter > 'ÿ'),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// The crate's root.
pub(super) fn module(plan: &Crate<'_>, runtime: &Runtime, has_foreign_names: bool) -> Result<TokenStream, String> {
    let docs = inner_docs(&super::render::crate_docs(plan)?);
    let cfg = cfg(ANY_DRIVER);
    let models = (!plan.models.is_empty()).then(|| {
        quote!(
            pub mod models;
        )
    });
    let operations = (!plan.calls.is_empty()).then(|| quote!(#cfg pub mod operations;));
    let resources = (!plan.lists.is_empty()).then(|| quote!(#cfg pub mod resources;));
    let command_line = (!plan.lists.is_empty()).then(|| {
        quote!(
            #[cfg(feature = "cli")]
            pub mod cli;
            #[cfg(feature = "load")]
            pub mod load;
        )
    });
    let projections = super::projections::is_there(plan).then(|| {
        quote!(
            #[doc(hidden)]
            pub mod projections;
        )
    });
    let exports = exports(plan, runtime);
    // Only downloads are read piece by piece.
    let pieces = runtime.has("download").then(|| {
        quote! {
            #[cfg(feature = "blocking")]
            pub use crate::rt::transport::BlockingPieces;
            pub use crate::rt::transport::Opened;
            #[cfg(feature = "async")]
            pub use crate::rt::transport::Pieces;
        }
    });
    // The compiler warns of letters that few languages have, and of those that look like others.
    let lints = has_foreign_names.then(|| {
        quote! {
            #![allow(confusable_idents, mixed_script_confusables, uncommon_codepoints, reason = "names are those of the service")]
        }
    });
    let has_hooks = !plan.hooks.is_empty();
    let hooks = has_hooks.then(|| quote!(#cfg mod hook_trait; #cfg pub mod hooks;));
    let hooks_export = has_hooks.then(|| quote!(#cfg pub use hook_trait::Hooks;));
    Ok(quote! {
        #docs
        #lints
        #![forbid(unsafe_code)]

        #cfg
        mod client;
        #command_line
        #hooks
        #models
        #operations
        #projections
        #resources
        #[doc(hidden)]
        pub mod rt;

        #cfg
        pub use client::{Client, ClientBuilder};
        #hooks_export
        #(#exports)*

        /// What a transport of your own is made of.
        #cfg
        pub mod transport {
            pub use crate::rt::descriptor::{Method, Timeouts};
            pub use crate::rt::message::{Headers, Limits, Request, Response, TransportFault, TransportFaultKind};
            pub use crate::rt::retry::Now;
            #[cfg(feature = "blocking")]
            pub use crate::rt::transport::BlockingTransport;
            #[cfg(feature = "async")]
            pub use crate::rt::transport::{BoxFuture, Transport};
            #pieces
            pub use crate::rt::url::Url;
        }
    })
}

fn exports(plan: &Crate<'_>, runtime: &Runtime) -> Vec<TokenStream> {
    let needed = EXPORTS.iter().filter(|export| runtime.has(export.file));
    let hook_error = (!plan.hooks.is_empty()).then_some(&HOOK_ERROR);
    let fixed = needed.chain(hook_error).map(|export| line(export.file, export.names.iter().copied(), export.features));
    let values = plan.value_types().into_iter().map(|(file, names)| line(file, names.into_iter(), &[]));
    fixed.chain(values).chain(runtime.has("batches").then(batches)).collect()
}

/// What gives records in columns.
fn batches() -> TokenStream {
    quote! {
        #[cfg(all(feature = "arrow", any(feature = "async", feature = "blocking")))]
        pub use rt::batches::Batch;
        #[cfg(all(feature = "arrow", feature = "async"))]
        pub use rt::batches::Batches;
        #[cfg(all(feature = "arrow", feature = "blocking"))]
        pub use rt::batches::BlockingBatches;
    }
}

fn line<'a>(file: &str, names: impl Iterator<Item = &'a str>, features: &[&str]) -> TokenStream {
    let (file, names, cfg) = (ident(file), names.map(ident), cfg(features));
    quote!(#cfg pub use rt::#file::{#(#names),*};)
}

/// The condition that any of these features is on.
pub(super) fn cfg(features: &[&str]) -> Option<TokenStream> {
    match features {
        [] => None,
        [feature] => Some(quote!(#[cfg(feature = #feature)])),
        _ => Some(quote!(#[cfg(any(#(feature = #features),*))])),
    }
}

/// The file of what loads lists.
pub(super) fn load() -> TokenStream {
    let docs = inner_docs(&Docs::own("Loading lists into a destination, with how far each is."));
    quote! {
        #docs
        #![cfg(feature = "load")]

        use std::sync::Arc;

        use crate::client::{API, Client};
        use crate::rt::error::Result;

        pub use crate::resources::SOURCES;
        pub use crate::rt::destination::{
            Capabilities, Destination, Disposition, Holding, Lacking, MergeRules, Order, Progress, Table, Target, Writer,
        };
        pub use crate::rt::folder::Folder;
        pub use crate::rt::load::{Loaded, Options, Source, Stop, Watch};
        pub use crate::rt::manifest::Manifest;
        pub use crate::rt::nested::Nested;
        pub use crate::rt::table_file::Format;

        /// The destination of a name and a place: `parquet:data`, `jsonl:data`, `csv:data`, and with the feature of their name
        /// `sqlite:data.db`, `duckdb:data.duckdb`, `postgres://user@host/database` and, with `object-store`, `parquet:s3://bucket/prefix`.
        pub fn open(to: &str) -> Result<Arc<dyn Destination>> {
            crate::rt::destinations::open(to, API.name)
        }

        /// Loads a list; `watch` is told how far it is.
        pub async fn load(client: &Client, source: Source, destination: Arc<dyn Destination>, options: Options, watch: Watch) -> Loaded {
            crate::rt::load::load(client.core.clone(), source, destination, options, watch).await
        }
    }
}

/// The file of the command line.
pub(super) fn command_line(plan: &Crate<'_>) -> TokenStream {
    let docs = inner_docs(&Docs::own("The command line of the connector: it loads its lists into files."));
    let sources = if plan.groups.is_empty() { quote!(SOURCES) } else { quote!(&SOURCES.concat()) };
    quote! {
        #docs
        #![cfg(feature = "cli")]

        use std::process::ExitCode;

        use crate::client::Client;
        use crate::resources::SOURCES;

        /// Runs the command line of the process.
        #[must_use]
        pub fn main() -> ExitCode {
            crate::rt::cli::main(Client::builder().0, #sources)
        }
    }
}

/// The program that has the command line.
pub(super) fn program(plan: &Crate<'_>) -> TokenStream {
    let library = ident(&plan.library);
    let docs = inner_docs(&Docs::own(&format!("Loads the lists of {}: `{} --help`.", plan.api.name.value, plan.package)));
    quote! {
        #docs
        fn main() -> std::process::ExitCode {
            #library::cli::main()
        }
    }
}

/// The runtime's `mod.rs`.
pub(super) fn runtime(runtime: &Runtime) -> TokenStream {
    let docs = inner_docs(&Docs::own(
        "What every connector brings along: the record codec, the client's policies, the pager and its iterators.",
    ));
    let names = runtime.files.iter().map(|file| ident(file.name));
    quote!(#docs #(pub mod #names;)*)
}

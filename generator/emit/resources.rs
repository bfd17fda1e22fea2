//! One module for each list: its descriptor, the client's method and the builder.

use proc_macro2::TokenStream;
use quote::quote;

use super::builders::{arguments, many, setters};
use super::descriptors::Descriptors;
use super::imports::Imports;
use super::types::{docs, ty};
use super::{ident, projections};
use crate::model::{Resource, SortOrder, WriteDisposition};
use crate::plan::List;

/// A list's file.
pub(super) fn module(list: &List<'_>, spec: &str) -> TokenStream {
    let call = &list.call;
    let mut imports = Imports::new("crate::resources", call.defined());
    let (builder, method, docs) = (ident(&call.builder), ident(&call.method), docs(&call.docs));
    let descriptor = Descriptors(&mut imports).resource(list);
    let resource = imports.rt("descriptor", "Resource");
    let client = imports.item("crate::client", "Client");
    let (listing, list_builder, read, job) = match &list.spec.job {
        Some(job) => {
            let (ty, job) = Descriptors(&mut imports).job(list, job);
            let listing = imports.rt("job_listing", "JobListing");
            (listing, ident("job_builder"), ident("JOB"), Some(quote!(static JOB: #ty = #job;)))
        }
        None => (imports.rt("listing", "Listing"), ident("list_builder"), ident("RESOURCE"), None),
    };
    let record = ty(&mut imports, "crate::models", &call.response);
    let (setters, many) = (setters(&mut imports, call), many(call));
    let hook = list.hook.as_ref().map(|method| hook(&mut imports, method, &record));
    let through = hook.is_some().then(|| quote!(.hook(hook(&self.core))));
    let made = quote!(#listing::new(self.core.clone(), &#read) #through);
    let (parameters, given) = arguments(&mut imports, &call.arguments, &made);
    let name = call.spec.name.as_str();
    let incremental = list.spec.incremental.as_ref().map(|_| quote!(crate::incremental_builder!(#builder);));
    let projected = list.projected.as_ref().ok().map(|(record, digest)| {
        let record = imports.item("crate::models", record);
        let digest = projections::digest(digest);
        quote!(crate::projected!(#builder, #record, #listing, #digest, #name, #spec);)
    });
    let loaded = loaded(list, &record);
    let lines = imports.lines();
    quote! {
        #lines

        pub(crate) static RESOURCE: #resource = #descriptor;

        #job

        #hook

        impl #client {
            #docs
            #many
            pub fn #method(&self #parameters) -> #builder {
                #builder(#given)
            }
        }

        crate::#list_builder!(#builder, #record, #name);

        #projected

        #loaded

        #incremental

        #setters
    }
}

/// What gives the hook that a list's records pass through.
fn hook(imports: &mut Imports, method: &str, record: &TokenStream) -> TokenStream {
    let (hooks_of, method) = (imports.item("crate::hook_trait", "hooks_of"), ident(method));
    let (hook, core) = (imports.rt("batch", "Hook"), imports.rt("core", "Core"));
    quote! {
        /// What its records pass through.
        fn hook(core: &#core) -> #hook<#record> {
            let hooks = #hooks_of(core);
            #hook::new(move |record| hooks.#method(record))
        }
    }
}

/// How a list is loaded.
fn loaded(list: &List<'_>, record: &TokenStream) -> TokenStream {
    let disposition = ident(match list.spec.write_disposition {
        WriteDisposition::Append => "Append",
        WriteDisposition::Replace => "Replace",
        WriteDisposition::Merge | WriteDisposition::Upsert => "Merge",
        WriteDisposition::InsertOnly => "InsertOnly",
        WriteDisposition::Scd2 => "Scd2",
        WriteDisposition::Skip => "Skip",
    });
    let mut facts: Vec<TokenStream> = merge_rules(list.spec).into_iter().collect();
    // A job that is not started has to be named.
    let job_id = list.spec.job.as_ref().filter(|job| job.id.is_none()).map(|_| "job.id");
    let arguments: Vec<_> = list.call.arguments.iter().map(|argument| argument.key.as_str()).chain(job_id).collect();
    if !arguments.is_empty() {
        facts.push(quote!(given(&[#(#arguments),*])));
    }
    if list.is_sensitive {
        facts.push(quote!(sensitive(true)));
    }
    if list.spec.job.is_some() {
        // The path is whole: nothing is imported for a feature that may be off.
        let open = quote!(crate::rt::job_batches::open(settings, &JOB, kind, rewrite));
        facts.push(quote!(by_job(|settings, kind, rewrite| #open)));
    }
    if list.hook.is_some() {
        facts.push(quote!(through(|core| hook(core).rewrite())));
    }
    quote!(crate::loaded!(#record, #disposition #(, #facts)*);)
}

/// What the spec says of merging, besides the primary key.
fn merge_rules(resource: &Resource) -> Option<TokenStream> {
    let mut rules = Vec::new();
    let merge_key: Vec<_> = resource.merge_key.iter().map(|field| field.as_str()).collect();
    if !merge_key.is_empty() && matches!(resource.write_disposition, WriteDisposition::Merge | WriteDisposition::Scd2) {
        rules.push(quote!(merge_key: &[#(#merge_key),*]));
    }
    if let Some(field) = &resource.hard_delete {
        let field = field.as_str();
        rules.push(quote!(hard_delete: Some(#field)));
    }
    if let Some((field, order)) = &resource.dedup_sort {
        let field = field.as_str();
        let order = ident(match order {
            SortOrder::Ascending => "Ascending",
            SortOrder::Descending => "Descending",
        });
        rules.push(quote!(dedup_sort: Some((#field, crate::rt::destination::Order::#order))));
    }
    if let [from, to] = resource.validity.as_slice() {
        let (from, to) = (from.as_str(), to.as_str());
        rules.push(quote!(validity: [#from, #to]));
    }
    // The path is whole: nothing is imported for a feature that may be off.
    let all = quote!(crate::rt::destination::MergeRules);
    (!rules.is_empty()).then(|| quote!(merged(#all { #(#rules,)* ..#all::NONE })))
}

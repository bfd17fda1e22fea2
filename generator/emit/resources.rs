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
    let mut imports = Imports::new("crate::resources", [call.builder.as_str()]);
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
    let (hooks, hook) = match &list.hook {
        Some(method) => {
            let (of, method) = (imports.item("crate::hook_trait", "hooks_of"), ident(method));
            (Some(quote!(let hooks = #of(&self.core);)), Some(quote!(.hook(move |record| hooks.#method(record)))))
        }
        None => (None, None),
    };
    let made = quote!(#listing::new(self.core.clone(), &#read) #hook);
    let (parameters, given) = arguments(&mut imports, &call.arguments, &made);
    let name = call.spec.name.as_str();
    let incremental = list.spec.incremental.as_ref().map(|_| quote!(crate::incremental_builder!(#builder);));
    let projected = list.projected.as_ref().ok().map(|(record, digest)| {
        let record = imports.item("crate::models", record);
        let digest = projections::digest(digest);
        quote!(crate::projected!(#builder, #record, #listing, #digest, #name, #spec);)
    });
    let batched = list.is_batched().then(|| {
        let disposition = ident(match list.spec.write_disposition {
            WriteDisposition::Append => "Append",
            WriteDisposition::Replace => "Replace",
            WriteDisposition::Merge | WriteDisposition::Upsert => "Merge",
            WriteDisposition::InsertOnly => "InsertOnly",
            WriteDisposition::Scd2 => "Scd2",
            WriteDisposition::Skip => "Skip",
        });
        let arguments = call.arguments.iter().map(|argument| &argument.key);
        let rules = merge_rules(list.spec);
        quote!(crate::batched!(#builder, #record, #disposition #rules #(, #arguments)*);)
    });
    let lines = imports.lines();
    quote! {
        #lines

        pub(crate) static RESOURCE: #resource = #descriptor;

        #job

        impl #client {
            #docs
            #many
            pub fn #method(&self #parameters) -> #builder {
                #hooks
                #builder(#given)
            }
        }

        crate::#list_builder!(#builder, #record, #name);

        #projected

        #batched

        #incremental

        #setters
    }
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
    (!rules.is_empty()).then(|| quote!({ #(#rules),* }))
}

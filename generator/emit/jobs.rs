//! The descriptor of a job.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::descriptors::Descriptors;
use super::literals::{number, texts};
use crate::model::{Hosts, Job, Path, Spanned};
use crate::plan::List;

impl Descriptors<'_> {
    /// A job, and the type of its descriptor.
    pub(super) fn job(&mut self, list: &List<'_>, job: &Job) -> (TokenStream, TokenStream) {
        let name = self.0.rt("job", "Job");
        let poll = self.operation(&job.poll);
        let (status, files) = (self.path(&job.status), self.path(&job.files));
        let format = self.format(list);
        let created = job.id.as_ref().map(|path| {
            let path = self.path(path);
            quote!(.created(#path))
        });
        let [running, completed, failed] = [&job.running, &job.completed, &job.failed].map(|words| words_of(words));
        let progress = self.optional("progress", job.progress.as_ref());
        let error = self.optional("error", job.error.as_ref());
        let waits = job.waits;
        let [first, longest, deadline] = [waits.first_ms, waits.longest_ms, waits.deadline_ms].map(number);
        let factor = Literal::f64_unsuffixed(waits.factor);
        let hosts = match &job.hosts {
            Hosts::Only(hosts) if hosts.is_empty() => None,
            hosts => Some(self.hosts(hosts)),
        };
        let packed = job.packed.map(|packed| {
            let encoding = packed.as_str();
            quote!(.packed(#encoding))
        });
        let cleanup = job.cleanup.as_ref().map(|operation| {
            let operation = self.operation(operation);
            quote!(.cleanup(#operation))
        });
        let value = quote! {
            #name::new(&RESOURCE, #poll, #status, #files, #format)
                #created
                .statuses(#running, #completed, #failed)
                #progress
                #error
                .waits(#first, #factor, #longest, #deadline)
                #hosts
                #packed
                #cleanup
        };
        (name, value)
    }

    fn optional(&mut self, method: &str, path: Option<&Path>) -> Option<TokenStream> {
        let (method, path) = (super::ident(method), self.path(path?));
        Some(quote!(.#method(#path)))
    }

    fn hosts(&mut self, hosts: &Hosts) -> TokenStream {
        let name = self.0.rt("job", "Hosts");
        match hosts {
            Hosts::Any => quote!(.hosts(#name::Any)),
            Hosts::Only(hosts) => {
                let hosts = texts(hosts.iter().map(String::as_str));
                quote!(.hosts(#name::Only(#hosts)))
            }
        }
    }

    /// How the records are written in the file.
    fn format(&mut self, list: &List<'_>) -> TokenStream {
        self.rows(list).unwrap_or_else(|| {
            let (name, root) = (self.0.rt("elements", "Elements"), Path::default());
            let path = self.path(list.spec.selectors.first().map_or(&root, |path| &path.value));
            quote!(&#name(#path))
        })
    }
}

fn words_of(words: &[Spanned<String>]) -> TokenStream {
    texts(words.iter().map(|word| word.as_str()))
}

//! The descriptor of an API: what all its operations share.

use proc_macro2::TokenStream;
use quote::quote;

use super::auth::Logins;
use super::descriptors::Descriptors;
use super::imports::Imports;
use super::literals::{float, number, optional_text, pairs, text, texts};
use crate::model::{InputKind, Retry, Timeouts};
use crate::plan::{Crate, Input};

/// Writes the descriptor, and notes the names it needs.
pub(super) struct Apis<'a>(pub(super) &'a mut Imports);

impl Apis<'_> {
    fn name(&mut self, name: &str) -> TokenStream {
        self.0.rt("descriptor", name)
    }

    fn variant(&mut self, name: &str, variant: &str) -> TokenStream {
        Descriptors(self.0).variant(name, variant)
    }

    /// The whole of it.
    pub(super) fn api(&mut self, plan: &Crate<'_>) -> TokenStream {
        let api = self.name("Api");
        let client = &plan.api.client;
        let inputs: Vec<_> = plan.inputs.iter().map(|input| self.input(input)).collect();
        let (name, version) = (plan.api.name.as_str(), plan.api.version.as_ref().map_or("", |version| version.as_str()));
        let (base_url, headers) = (text(&client.base_url), pairs(&client.headers));
        let (auth, retry, timeouts) =
            (Logins(self.0).auth(&client.auth), self.retry(&client.retry), self.timeouts(client.timeouts));
        let allowed_hosts = client.allowed_hosts.iter().map(text);
        let credential_hosts = client.credential_hosts.iter().map(text);
        let max_response_bytes = number(client.max_response_bytes);
        let compression = texts(client.compression.iter().map(|encoding| encoding.as_str()));
        quote! {
            #api {
                name: #name,
                version: #version,
                inputs: &[#(#inputs),*],
                base_url: #base_url,
                headers: #headers,
                auth: #auth,
                retry: #retry,
                timeouts: #timeouts,
                allowed_hosts: &[#(#allowed_hosts),*],
                credential_hosts: &[#(#credential_hosts),*],
                max_response_bytes: #max_response_bytes,
                compression: #compression,
            }
        }
    }

    fn input(&mut self, input: &Input<'_>) -> TokenStream {
        let name = self.name("Input");
        let (text, env, secret) = (input.spec.name.as_str(), &input.env, input.spec.secret);
        // The runtime takes an empty value as none, and so an empty default as "may be left out".
        let default = match &input.spec.default {
            None if input.spec.optional => quote!(Some("")),
            default => optional_text(default.as_ref()),
        };
        let kind = match &input.spec.kind {
            InputKind::String => self.variant("InputKind", "Text"),
            InputKind::Integer => self.variant("InputKind", "Integer"),
            InputKind::Boolean => self.variant("InputKind", "Boolean"),
            InputKind::Hostname => self.variant("InputKind", "Hostname"),
            InputKind::Url => self.variant("InputKind", "Url"),
            InputKind::Enum(words) => {
                let (kind, words) = (self.variant("InputKind", "OneOf"), texts(words.iter().map(String::as_str)));
                quote!(#kind(#words))
            }
        };
        quote!(#name { name: #text, env: #env, secret: #secret, default: #default, kind: #kind })
    }

    /// When requests are repeated.
    pub(super) fn retry(&mut self, spec: &Retry) -> TokenStream {
        let name = self.name("Retry");
        let statuses = spec.statuses.iter().map(|status| number(u64::from(*status)));
        let (max_retries, base_delay_ms) = (number(u64::from(spec.max_retries)), number(spec.base_delay_ms));
        let (factor, max_delay_ms) = (float(spec.backoff_factor), number(spec.max_delay_ms));
        let respect_retry_after = spec.respect_retry_after;
        let reset_header = spec.reset_header.as_deref().unwrap_or_default();
        let remaining_header = spec.remaining_header.as_deref().unwrap_or_default();
        quote! {
            #name {
                statuses: &[#(#statuses),*],
                max_retries: #max_retries,
                base_delay_ms: #base_delay_ms,
                backoff_factor: #factor,
                max_delay_ms: #max_delay_ms,
                respect_retry_after: #respect_retry_after,
                reset_header: #reset_header,
                remaining_header: #remaining_header,
            }
        }
    }

    fn timeouts(&mut self, spec: Timeouts) -> TokenStream {
        let name = self.name("Timeouts");
        let [connect, first_byte, between_bytes, whole] =
            [spec.connect_ms, spec.first_byte_ms, spec.between_bytes_ms, spec.whole_ms].map(number);
        quote! {
            #name { connect_ms: #connect, first_byte_ms: #first_byte, between_bytes_ms: #between_bytes, whole_ms: #whole }
        }
    }
}

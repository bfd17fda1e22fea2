//! Rules on responses and rate limits: what a descriptor says beyond the request.

use proc_macro2::TokenStream;
use quote::quote;

use super::apis::Apis;
use super::descriptors::Descriptors;
use super::imports::Imports;
use super::literals::{number, texts};
use crate::model::{
    Action, Conduct, FailureKind, LimitScope, Match, MessagePart, Operation, Path, RateLimit, ResetUnit, ResponseRule,
};
use crate::plan::Crate;

/// Writes rules and limits, and notes the names they need.
pub(super) struct Conducts<'a>(pub(super) &'a mut Imports);

impl Conducts<'_> {
    /// What is said of an operation besides its request.
    pub(super) fn operation(&mut self, spec: &Operation) -> TokenStream {
        let conduct = &spec.conduct;
        let rules = self.rules_of(conduct);
        let retry = conduct.retry.as_ref().map(|retry| {
            let retry = Apis(self.0).retry(retry);
            quote!(.retry(&#retry))
        });
        let key = conduct.idempotency_header.as_ref().map(|name| name.as_str()).map(|name| quote!(.idempotency_header(#name)));
        let weight = conduct.weight.as_ref().filter(|weight| weight.value != 1).map(|weight| {
            let weight = number(u64::from(weight.value));
            quote!(.weight(#weight))
        });
        quote!(#rules #retry #key #weight)
    }

    fn rules_of(&mut self, conduct: &Conduct) -> Option<TokenStream> {
        if conduct.rules.is_empty() && !conduct.shares_rules {
            return None;
        }
        let name = self.0.rt("rules", "Rules");
        let own = self.rules(&conduct.rules);
        let shared = conduct.shares_rules.then(|| {
            let shared = self.0.item("crate::client", "RULES");
            quote!(.then(#shared))
        });
        Some(quote!(.rules(&#name::new(#own) #shared)))
    }

    fn rules(&mut self, rules: &[ResponseRule]) -> TokenStream {
        let rules: Vec<_> = rules.iter().map(|rule| self.rule(rule)).collect();
        quote!(&[#(#rules),*])
    }

    fn rule(&mut self, rule: &ResponseRule) -> TokenStream {
        let name = self.0.rt("rules", "Rule");
        let action = self.action(rule.action.value);
        let status = (!rule.statuses.is_empty()).then(|| {
            let ranges = rule.statuses.iter().map(|(from, to)| {
                let (from, to) = (number(u64::from(*from)), number(u64::from(*to)));
                quote!((#from, #to))
            });
            quote!(.status(&[#(#ranges),*]))
        });
        let header = rule.header.as_ref().map(|(name, fits)| {
            let fits = self.fits(fits);
            quote!(.header(#name, #fits))
        });
        let content = rule.content.as_ref().map(|content| quote!(.content(#content)));
        let path = rule.path.as_ref().map(|(path, fits)| {
            let (path, fits) = (self.path(path), self.fits(fits));
            quote!(.path(#path, #fits))
        });
        let message = (!rule.message.is_empty()).then(|| {
            let pieces: Vec<_> = rule.message.iter().map(|part| self.piece(part)).collect();
            quote!(.message_of(&[#(#pieces),*]))
        });
        quote!(#name::new(#action) #status #header #content #path #message)
    }

    fn action(&mut self, action: Action) -> TokenStream {
        let name = self.0.rt("verdict", "Action");
        match action {
            Action::Ignore => quote!(#name::Ignore),
            Action::Retry => quote!(#name::Retry),
            Action::RefreshAndRetry => quote!(#name::RefreshAndRetry),
            Action::RateLimited => quote!(#name::RateLimited),
            Action::SkipPartition => quote!(#name::SkipPartition),
            Action::Fail(None) => quote!(#name::Fail(None)),
            Action::Fail(Some(failure)) => {
                let kind = self.0.rt("error", "FailureKind");
                let failure = super::ident(match failure {
                    FailureKind::Config => "Config",
                    FailureKind::Transient => "Transient",
                    FailureKind::System => "System",
                });
                quote!(#name::Fail(Some(#kind::#failure)))
            }
        }
    }

    fn fits(&mut self, fits: &Match) -> TokenStream {
        let name = self.0.rt("rules", "Match");
        match fits {
            Match::Exists => quote!(#name::Exists),
            Match::Absent => quote!(#name::Absent),
            Match::OneOf(values) => {
                let values = texts(values.iter().map(String::as_str));
                quote!(#name::OneOf(#values))
            }
            Match::Contains(text) => quote!(#name::Contains(#text)),
        }
    }

    fn piece(&mut self, part: &MessagePart) -> TokenStream {
        let name = self.0.rt("rules", "Piece");
        match part {
            MessagePart::Literal(text) => quote!(#name::Text(#text)),
            MessagePart::Value(path) => {
                let path = self.path(path);
                quote!(#name::Value(#path))
            }
        }
    }

    fn path(&mut self, path: &Path) -> TokenStream {
        Descriptors(self.0).path(path)
    }

    /// The rules that operations share, where there are any.
    pub(super) fn shared_rules(&mut self, plan: &Crate<'_>) -> Option<TokenStream> {
        let mut operations = plan.lists.iter().map(|list| &list.call).chain(&plan.calls).map(|call| call.spec);
        if !operations.any(|operation| operation.conduct.shares_rules) {
            return None;
        }
        let rule = self.0.rt("rules", "Rule");
        let rules = self.rules(&plan.api.client.rules);
        Some(quote! {
            /// What follows from responses, after the rules of each operation.
            pub(crate) const RULES: &[#rule] = #rules;
        })
    }

    /// The limits of the client and of single operations, where there are any.
    pub(super) fn rate_limits(&mut self, plan: &Crate<'_>) -> Option<TokenStream> {
        let mut limits: Vec<TokenStream> = Vec::new();
        for limit in &plan.api.client.rate_limits {
            let scope = self.0.rt("limit", "Scope");
            let scope = match limit.scope {
                LimitScope::Client => quote!(#scope::Client),
                LimitScope::Resource => quote!(#scope::EachResource),
                LimitScope::Host => quote!(#scope::EachHost),
            };
            limits.push(self.rate_limit(limit, &scope));
        }
        for call in plan.lists.iter().map(|list| &list.call).chain(&plan.calls) {
            if let Some(limit) = &call.spec.conduct.rate_limit {
                let (scope, name) = (self.0.rt("limit", "Scope"), call.spec.name.as_str());
                limits.push(self.rate_limit(limit, &quote!(#scope::Only(#name))));
            }
        }
        if limits.is_empty() {
            return None;
        }
        let name = self.0.rt("limit", "RateLimit");
        Some(quote! {
            static RATE_LIMITS: &[#name] = &[#(#limits),*];
        })
    }

    fn rate_limit(&mut self, limit: &RateLimit, scope: &TokenStream) -> TokenStream {
        let name = self.0.rt("limit", "RateLimit");
        let rate = limit.rate.map(|(requests, per_ms)| {
            let (requests, per_ms) = (number(u64::from(requests)), number(per_ms));
            quote!(.rate(#requests, #per_ms))
        });
        let count = |count: Option<u32>| count.map(|count| number(u64::from(count)));
        let burst = count(limit.burst).map(|burst| quote!(.burst(#burst)));
        let concurrency = count(limit.concurrency).map(|concurrency| quote!(.concurrency(#concurrency)));
        let headers = &limit.headers;
        let all = headers.limit.as_ref().map(|name| quote!(.limit_header(#name)));
        let left = headers.remaining.as_ref().map(|name| quote!(.remaining_header(#name)));
        let reset = headers.reset.as_ref().map(|name| {
            let unit = self.0.rt("limit", "ResetUnit");
            let variant = super::ident(match headers.unit {
                ResetUnit::Auto => "Auto",
                ResetUnit::Epoch => "Epoch",
                ResetUnit::EpochMs => "EpochMs",
                ResetUnit::Delta => "Delta",
                ResetUnit::DeltaMs => "DeltaMs",
                ResetUnit::Iso => "Iso",
            });
            quote!(.reset_header(#name, #unit::#variant))
        });
        quote!(#name::of(#scope) #rate #burst #concurrency #all #left #reset)
    }
}

//! Descriptors of operations: the static tables that the runtime executes.
//!
//! What a descriptor shares with the plainest one of its kind is left out.

use proc_macro2::TokenStream;
use quote::quote;

use super::imports::Imports;
use super::incrementals;
use super::literals::{number, pairs, text, texts};
use crate::model::{BodyEncoding, Contract, Location, Operation, Paging, Param, ParamValue};
use crate::model::{Path, Segment, Size, Stop, Style};
use crate::plan::List;

/// Writes descriptors, and notes the names they need.
pub(super) struct Descriptors<'a>(pub(super) &'a mut Imports);

impl Descriptors<'_> {
    pub(super) fn name(&mut self, name: &str) -> TokenStream {
        self.0.rt("descriptor", name)
    }

    /// `Enum::Variant`.
    pub(super) fn variant(&mut self, name: &str, variant: &str) -> TokenStream {
        let (name, variant) = (self.name(name), super::ident(variant));
        quote!(#name::#variant)
    }

    /// A place in a document.
    pub(super) fn path(&mut self, path: &Path) -> TokenStream {
        let segments: Vec<_> = path.0.iter().map(|segment| self.segment(segment)).collect();
        quote!(&[#(#segments),*])
    }

    fn segment(&mut self, segment: &Segment) -> TokenStream {
        match segment {
            Segment::Key(key) => {
                let name = self.name("Key");
                quote!(#name(#key))
            }
            Segment::Index(index) => {
                let (name, index) = (self.name("Index"), number(*index as u64));
                quote!(#name(#index))
            }
        }
    }

    /// A resource.
    pub(super) fn resource(&mut self, list: &List<'_>) -> TokenStream {
        let spec = list.spec;
        let name = self.name("Resource");
        let operation = self.operation(&spec.operation);
        let selectors: Vec<_> = spec.selectors.iter().map(|path| self.path(path)).collect();
        let paging = self.paging(&spec.paging);
        let key = (!spec.primary_key.is_empty()).then(|| {
            let key = texts(spec.primary_key.iter().map(|field| field.as_str()));
            quote!(primary_key: #key,)
        });
        let partitions = self.partitions(&list.levels);
        let incremental = spec.incremental.as_ref().map(|incremental| incrementals::incremental(self, spec, incremental));
        let contract = match spec.contract {
            Contract::Freeze => None,
            Contract::DiscardRow => Some("DiscardRow"),
            Contract::DiscardValue => Some("DiscardValue"),
        };
        let contract = contract.map(|contract| {
            let contract = self.variant("Contract", contract);
            quote!(contract: #contract,)
        });
        let fingerprint = &list.fingerprint;
        // With every field given there would be nothing left for the base to say.
        let selected = (!spec.selected).then(|| quote!(selected: false,));
        let is_full = key.is_some() && partitions.is_some() && incremental.is_some() && contract.is_some() && selected.is_some();
        let base = (!is_full).then(|| quote!(..#name::LIST));
        quote! {
            #name {
                operation: #operation,
                selectors: &[#(#selectors),*],
                #paging
                #key
                #partitions
                #incremental
                #contract
                fingerprint: #fingerprint,
                #selected
                #base
            }
        }
    }

    /// The request of an operation.
    pub(super) fn operation(&mut self, spec: &Operation) -> TokenStream {
        let operation = self.name("Operation");
        let (name, path) = (spec.name.as_str(), text(&spec.path));
        let method = super::ident(&spec.method.as_str().to_ascii_lowercase());
        let params = (!spec.params.is_empty()).then(|| {
            let params: Vec<_> = spec.params.iter().map(|param| self.param(param)).collect();
            quote!(.params(&[#(#params),*]))
        });
        let headers = (!spec.headers.is_empty()).then(|| {
            let headers = pairs(&spec.headers);
            quote!(.headers(#headers))
        });
        let in_body = spec.params.iter().any(|param| param.location == Location::Body);
        let body = (in_body && spec.body == BodyEncoding::Json).then(|| quote!(.json_body()));
        let auth = (!spec.auth).then(|| quote!(.without_auth()));
        quote!(#operation::#method(#name, #path) #params #headers #body #auth)
    }

    fn param(&mut self, param: &Param) -> TokenStream {
        let (name, text) = (self.name("Param"), param.name.as_str());
        let location = match param.location {
            Location::Path => "path",
            Location::Query => "query",
            Location::Header => "header",
            Location::Body => "body",
        };
        let (value, required) = match &param.value {
            ParamValue::Fixed(value) => (Some(value), false),
            ParamValue::Argument { required, default, .. } => (default.as_ref(), *required && param.location != Location::Path),
        };
        let location = super::ident(location);
        let rest = match value.map(super::literals::text) {
            Some(value) => quote!(.value(#value)),
            None if required => quote!(.required()),
            None => TokenStream::new(),
        };
        quote!(#name::#location(#text) #rest)
    }

    /// How a list pages; nothing for a list of one page.
    fn paging(&mut self, spec: &Paging) -> Option<TokenStream> {
        if matches!(spec.style, Style::Single) && spec.size.is_none() {
            return None;
        }
        let name = self.name("Paging");
        let style = self.style(&spec.style);
        let size = spec.size.as_ref().map(|Size { param, default, max }| {
            let default = number(u64::from(*default));
            let at_most = max.map(|max| number(u64::from(max))).map(|max| quote!(.at_most(#max)));
            quote!(.size(#param, #default) #at_most)
        });
        let stop = self.stop(&spec.stop);
        Some(quote!(paging: #name::#style #size #stop,))
    }

    fn style(&mut self, spec: &Style) -> TokenStream {
        match spec {
            Style::Single => quote!(SINGLE),
            Style::PageNumber { param, base } => {
                let base = number(*base);
                quote!(page_number(#param, #base))
            }
            Style::Offset { param, base } => {
                let base = number(*base);
                quote!(offset(#param, #base))
            }
            Style::Cursor { param, path } => {
                let path = self.path(path);
                quote!(cursor(#param, #path))
            }
            Style::LastRecord { param, field } => {
                let field = self.path(field);
                quote!(last_record(#param, #field))
            }
            Style::HeaderLink { rel } => quote!(header_link(#rel)),
            Style::JsonLink { path } => {
                let path = self.path(path);
                quote!(json_link(#path))
            }
        }
    }

    fn stop(&mut self, spec: &Stop) -> TokenStream {
        let mut rules = TokenStream::new();
        for (name, path) in [("total", &spec.total), ("total_pages", &spec.total_pages), ("has_more", &spec.has_more)] {
            if let Some(path) = path {
                let (name, path) = (super::ident(name), self.path(path));
                rules.extend(quote!(.#name(#path)));
            }
        }
        if !spec.on_empty_page {
            rules.extend(quote!(.past_empty_pages()));
        }
        if spec.on_short_page {
            rules.extend(quote!(.until_short_page()));
        }
        if let Some(maximum) = spec.maximum {
            let maximum = number(maximum);
            rules.extend(quote!(.up_to(#maximum)));
        }
        rules
    }
}

//! The part of a resource's descriptor that says how a later run goes on from an earlier one.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::descriptors::Descriptors;
use super::literals::{number, text};
use crate::model::{CursorFormat, Expired, Hole, Incremental, OnMissing, Resource, RowOrder};

/// Writes it, but for what is as it mostly is.
pub(super) fn incremental(to: &mut Descriptors<'_>, resource: &Resource, spec: &Incremental) -> TokenStream {
    let name = to.0.rt("incremental", "Incremental");
    let source = match &spec.token {
        None => {
            let (path, format) = (to.path(&spec.cursor), format(to, &spec.format));
            quote!(by(#path, #format))
        }
        Some(token) => {
            let path = to.path(&token.path);
            if token.is_link { quote!(by_link(#path)) } else { quote!(by_token(#path)) }
        }
    };
    let request = spec.request_format.as_ref().map(|request| {
        let format = format(to, request);
        quote!(.sent_as(#format))
    });
    let sends_start = resource.operation.templates().flat_map(crate::model::Template::holes).any(|hole| *hole == Hole::Start);
    let on_our_side = (!sends_start && spec.token.is_none()).then(|| quote!(.on_our_side()));
    let initial = spec.initial_value.as_ref().map(text).map(|value| quote!(.initial(#value)));
    let end = spec.end_value.as_ref().map(text).map(|value| quote!(.end(#value)));
    let after_start = (!spec.start_closed).then(|| quote!(.after_start()));
    let through_end = spec.end_closed.then(|| quote!(.through_end()));
    let lag = (spec.lag != 0).then(|| number(spec.lag.unsigned_abs())).map(|lag| quote!(.lag(#lag)));
    let splits = resource.paging.splits().then(|| quote!(.splits()));
    let order = match spec.row_order {
        RowOrder::Any => None,
        RowOrder::Ascending => Some(quote!(.ascending())),
        RowOrder::Descending => Some(quote!(.descending())),
    };
    let missing = match spec.on_missing {
        _ if spec.token.is_some() => None,
        OnMissing::Raise => spec.is_certain.then(|| quote!(.always_there())),
        OnMissing::Include => Some(quote!(.include_missing())),
        OnMissing::Exclude => Some(quote!(.exclude_missing())),
    };
    let expired = expired(to, &spec.expired);
    quote! {
        incremental: Some(
            &#name::#source #request #on_our_side #initial #end #after_start #through_end #splits #lag #order #missing #expired
        ),
    }
}

pub(super) fn format(to: &mut Descriptors<'_>, format: &CursorFormat) -> TokenStream {
    let name = to.0.rt("cursor", "Format");
    match format {
        CursorFormat::Iso => quote!(#name::Iso),
        CursorFormat::Date => quote!(#name::Date),
        CursorFormat::Epoch => quote!(#name::Epoch),
        CursorFormat::EpochMs => quote!(#name::EpochMs),
        CursorFormat::Number => quote!(#name::Number),
        CursorFormat::Text => quote!(#name::Text),
        CursorFormat::Pattern(pattern) => quote!(#name::Pattern(#pattern)),
    }
}

fn expired(to: &mut Descriptors<'_>, spec: &Expired) -> TokenStream {
    let default = Expired::default();
    let expires = (spec.statuses != default.statuses || spec.code.is_some()).then(|| {
        let statuses = spec.statuses.iter().map(|status| Literal::u16_unsuffixed(*status));
        let code = spec.code.as_ref().map_or_else(|| quote!(None), |code| quote!(Some(#code)));
        let path = spec.code_path.as_ref().map_or_else(
            || quote!(None),
            |path| {
                let path = to.path(path);
                quote!(Some(#path))
            },
        );
        quote!(.expires(&[#(#statuses),*], #code, #path))
    });
    let restarts = spec.restart.then(|| quote!(.restarts()));
    quote!(#expires #restarts)
}

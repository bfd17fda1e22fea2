//! Paginators as static data: what differs from the plainest one of its style, as calls of a builder.

use proc_macro2::TokenStream;
use quote::quote;

use super::descriptors::Descriptors;
use super::ident;
use super::literals::{number, texts};
use crate::model::{Advance, Later, Paging, Size, Slot, Style, TotalMeans};

/// How a list pages.
pub(super) fn paging(descriptors: &mut Descriptors<'_>, spec: &Paging) -> TokenStream {
    let name = descriptors.name("Paging");
    let style = style(descriptors, &spec.style);
    let mut text = quote!(#name::#style);
    if let Some(place) = &spec.place {
        let place = slot(descriptors, place);
        text.extend(quote!(.at(#place)));
    }
    if let Some(initial) = &spec.initial {
        text.extend(quote!(.initially(#initial)));
    }
    if let Some(size) = &spec.size {
        text.extend(page_size(descriptors, size));
    }
    text.extend(advance(descriptors, &spec.advance));
    text.extend(later(descriptors, &spec.later));
    if let Some(param) = &spec.take {
        let take = descriptors.0.rt("link_param", "LinkParam");
        text.extend(quote!(.take(&#take(#param))));
    }
    if !spec.carry.is_empty() {
        let carried = descriptors.0.rt("carry", "Carried");
        let paths: Vec<_> = spec.carry.iter().map(|(to, from)| (descriptors.path(to), descriptors.path(from))).collect();
        let paths = paths.iter().map(|(to, from)| quote!((#to, #from)));
        text.extend(quote!(.carry(&#carried(&[#(#paths),*]))));
    }
    text.extend(stop(descriptors, spec));
    text
}

fn style(descriptors: &mut Descriptors<'_>, spec: &Style) -> TokenStream {
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
            let path = descriptors.path(path);
            quote!(cursor(#param, #path))
        }
        Style::HeaderCursor { param, header } => quote!(header_cursor(#param, #header)),
        Style::LastRecord { param, field } => {
            let field = descriptors.path(field);
            quote!(last_record(#param, #field))
        }
        Style::HeaderLink { rel } => quote!(header_link(#rel)),
        Style::JsonLink { path } => {
            let path = descriptors.path(path);
            quote!(json_link(#path))
        }
    }
}

fn slot(descriptors: &mut Descriptors<'_>, spec: &Slot) -> TokenStream {
    let (variant, value) = match spec {
        Slot::Query(name) => ("Query", quote!(#name)),
        Slot::Header(name) => ("Header", quote!(#name)),
        Slot::Body(path) => ("Body", descriptors.path(path)),
        Slot::Path(name) => ("Path", quote!(#name)),
    };
    let variant = descriptors.variant("Slot", variant);
    quote!(#variant(#value))
}

fn page_size(descriptors: &mut Descriptors<'_>, spec: &Size) -> TokenStream {
    let Size { param, place, default, max } = spec;
    let default = number(u64::from(*default));
    let place = place.as_ref().map(|place| slot(descriptors, place)).map(|place| quote!(.size_at(#place)));
    let at_most = max.map(|max| number(u64::from(max))).map(|max| quote!(.at_most(#max)));
    quote!(.size(#param, #default) #place #at_most)
}

fn advance(descriptors: &mut Descriptors<'_>, spec: &Advance) -> Option<TokenStream> {
    let (variant, path) = match spec {
        Advance::Rows => return None,
        Advance::Size => ("Size", None),
        Advance::Echoed(path) => ("Echoed", Some(descriptors.path(path))),
    };
    let variant = descriptors.variant("Advance", variant);
    let path = path.map(|path| quote!((#path)));
    Some(quote!(.advance(#variant #path)))
}

fn later(descriptors: &mut Descriptors<'_>, spec: &Later) -> Option<TokenStream> {
    let (variant, names) = match spec {
        Later::All => return None,
        Later::Without(names) => ("Without", names),
        Later::Only(names) => ("Only", names),
    };
    let (variant, names) = (descriptors.variant("Later", variant), texts(names.iter().map(|name| name.as_str())));
    Some(quote!(.later(#variant(#names))))
}

fn stop(descriptors: &mut Descriptors<'_>, paging: &Paging) -> TokenStream {
    let spec = &paging.stop;
    let mut rules = TokenStream::new();
    // A count of the page's own records says nothing about the sequence.
    let counts_all = spec.total_means != TotalMeans::Page;
    let total = spec.total.as_ref().filter(|_| counts_all);
    let paths = [
        ("total", total),
        ("total_pages", spec.total_pages.as_ref()),
        ("has_more", spec.has_more.as_ref()),
        ("is_last", spec.is_last.as_ref()),
    ];
    for (name, path) in paths {
        if let Some(path) = path {
            let (name, path) = (ident(name), descriptors.path(path));
            rules.extend(quote!(.#name(#path)));
        }
    }
    if let Some(header) = spec.total_header.as_ref().filter(|_| counts_all) {
        rules.extend(quote!(.total_header(#header)));
    }
    if spec.total_means == TotalMeans::UnknownIfZero {
        rules.extend(quote!(.zero_is_unknown()));
    }
    // What is plain differs: counters go on to an empty page, while a cursor or an address leads on from one.
    match (paging.style.ends_empty(), spec.on_empty_page) {
        (true, false) => rules.extend(quote!(.past_empty_pages())),
        (false, true) => rules.extend(quote!(.until_empty_page())),
        _ => {}
    }
    if spec.on_short_page {
        rules.extend(quote!(.until_short_page()));
    }
    if let Some(maximum) = spec.maximum {
        let maximum = number(maximum);
        rules.extend(quote!(.up_to(#maximum)));
    }
    if let Some(window) = &paging.window {
        let records = number(window.records);
        rules.extend(quote!(.window(#records)));
    }
    rules
}

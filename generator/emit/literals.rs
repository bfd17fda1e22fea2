//! Texts and numbers as tokens.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::model::Template;

/// A number, with an underscore between thousands.
pub(super) fn number(value: u64) -> TokenStream {
    let digits = value.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len() > 4 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    // A grouped number is a literal like any other; should it ever not be, the plain one is.
    let literal = grouped.parse().unwrap_or_else(|_| Literal::u64_unsuffixed(value));
    quote!(#literal)
}

/// A fraction. What is no number, which no spec should hold, becomes 1.
pub(super) fn float(value: f64) -> Literal {
    Literal::f64_unsuffixed(if value.is_finite() { value } else { 1.0 })
}

/// A template, as the runtime reads it.
pub(super) fn text(template: &Template) -> String {
    template.to_runtime()
}

/// A template that may be missing.
pub(super) fn optional_text(template: Option<&Template>) -> TokenStream {
    template.map(text).map_or_else(|| quote!(None), |text| quote!(Some(#text)))
}

/// A list of texts.
pub(super) fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> TokenStream {
    quote!(&[#(#texts),*])
}

/// A list of names and templates.
pub(super) fn pairs(pairs: &[(String, Template)]) -> TokenStream {
    let pairs = each_pair(pairs);
    quote!(&[#(#pairs),*])
}

/// Names and templates.
pub(super) fn each_pair(pairs: &[(String, Template)]) -> Vec<TokenStream> {
    let pair = |(name, value): &(String, Template)| {
        let value = text(value);
        quote!((#name, #value))
    };
    pairs.iter().map(pair).collect()
}

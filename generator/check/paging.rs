//! What a paginator sends, nothing else sends.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Api, Location, Paging, Resource, Style};

/// Checks it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for resource in &api.resources {
        let sent = sent(&resource.paging);
        check_params(resource, &sent, diagnostics);
        check_incremental(resource, diagnostics);
        for (at, name) in sent.iter().enumerate() {
            if sent.iter().take(at).any(|other| other == name) {
                let clash = Diagnostic::new(Code::ParamClash, resource.paging.span, &[name]);
                diagnostics.push(clash.help("it sends two values under this name; give one of them another"));
            }
        }
    }
}

fn check_params(resource: &Resource, sent: &[&str], diagnostics: &mut Diagnostics) {
    for param in resource.operation.params.iter().filter(|param| !param.is_bound()) {
        if matches!(param.location, Location::Query | Location::Body) && sent.contains(&param.name.as_str()) {
            let clash = Diagnostic::new(Code::ParamClash, param.name.span, &[&param.name]);
            diagnostics.push(clash.also(resource.paging.span, "by this paginator"));
        }
    }
}

/// The parameter of an incremental run may only be the paginator's where both hold the same field of the last record.
fn check_incremental(resource: &Resource, diagnostics: &mut Diagnostics) {
    let Some(incremental) = &resource.incremental else { return };
    if incremental.token.as_ref().is_some_and(|token| token.is_link)
        && !matches!(resource.paging.style, Style::Single | Style::HeaderLink { .. } | Style::JsonLink { .. })
    {
        diagnostics.push(Diagnostic::new(Code::DeltaWithoutLinks, incremental.span, &[]).also(resource.paging.span, "here"));
    }
    let is_same_cursor = match &resource.paging.style {
        Style::LastRecord { field, .. } => field.value == incremental.cursor.value,
        _ => false,
    };
    let sent = sent(&resource.paging);
    for param in resource.operation.params.iter().filter(|param| param.is_bound() && sent.contains(&param.name.as_str())) {
        if !is_same_cursor {
            let clash = Diagnostic::new(Code::BothParams, param.name.span, &[&param.name]);
            diagnostics.push(clash.also(resource.paging.span, "this paginator"));
        }
    }
}

/// The parameters that a paginator sends.
fn sent(paging: &Paging) -> Vec<&str> {
    let style = match &paging.style {
        Style::PageNumber { param, .. }
        | Style::Offset { param, .. }
        | Style::Cursor { param, .. }
        | Style::LastRecord { param, .. } => Some(param.as_str()),
        Style::Single | Style::HeaderLink { .. } | Style::JsonLink { .. } => None,
    };
    let size = paging.size.as_ref().map(|size| size.param.as_str());
    style.into_iter().chain(size).filter(|name| !name.is_empty()).collect()
}

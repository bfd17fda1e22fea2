//! Records that come as rows have no document around them, and CSV has nothing but named values.

use crate::codes::Code;
use crate::diagnostic::Diagnostics;
use crate::model::{Advance, Api, Decoder, Resource, Style, Type, TypeKind};
use crate::source::Span;

/// Checks it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for resource in api.resources.iter().filter(|resource| !matches!(*resource.decoder, Decoder::Json)) {
        for (what, span) in looks_inside(resource) {
            let arguments = [what, resource.operation.name.as_str(), resource.decoder.title()];
            diagnostics.report(Code::LooksIntoJson, span, &arguments);
        }
        check_columns(api, resource, diagnostics);
    }
}

/// What of a resource looks into a JSON document.
fn looks_inside(resource: &Resource) -> Vec<(&'static str, Span)> {
    let selectors = resource.selectors.iter().filter(|selector| !selector.value.0.is_empty());
    let mut found: Vec<_> = selectors.map(|selector| ("`data_selector`", selector.span)).collect();
    let paging = &resource.paging;
    if let Style::Cursor { .. } | Style::JsonLink { .. } = paging.style {
        found.push(("this paginator", paging.span));
    }
    let stop = &paging.stop;
    let paths = [
        ("`total_path`", stop.total.is_some()),
        ("`total_pages_path`", stop.total_pages.is_some()),
        ("`has_more_path`", stop.has_more.is_some()),
        ("`is_last_path`", stop.is_last.is_some()),
        ("the size in the page", matches!(paging.advance, Advance::Echoed(_))),
        ("`carry`", !paging.carry.is_empty()),
    ];
    found.extend(paths.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| (name, paging.span)));
    found
}

/// A record of CSV is an object, and what it always has is among the columns.
fn check_columns(api: &Api, resource: &Resource, diagnostics: &mut Diagnostics) {
    let Decoder::Csv(csv) = &*resource.decoder else { return };
    let record = &resource.source;
    let span = resource.decoder.span;
    let what = match record {
        Type::Json | Type::Map(_) => return,
        Type::Scalar(_) => Some("a single value"),
        Type::Array(_) => Some("an array"),
        Type::Named(id) => match &api.types.get(*id).kind {
            TypeKind::Struct(_) | TypeKind::Union(_) => None,
            TypeKind::Enum(_) => Some("a single value"),
        },
    };
    if let Some(what) = what {
        diagnostics.report(Code::NoRowOfThat, span, &[what]);
    }
    if csv.columns.is_empty() {
        return;
    }
    // What is taken over from a parent's record stands first, and comes with no row.
    let fields = api.types.fields(record).unwrap_or_default();
    let own = fields.get(resource.include.len()..).unwrap_or_default();
    for field in own.iter().filter(|field| field.required && !field.nullable) {
        if !csv.columns.iter().any(|column| column.value == field.name.value) {
            diagnostics.report(Code::ColumnMissing, span, &[&field.name]);
        }
    }
}

//! Where the values of a paginator go, and what later requests leave out: each place is there and free.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Api, Body, Json, Later, Location, Path, Resource, Segment, Slot, Spanned, Then};
use crate::source::Span;

/// Checks a resource.
pub fn check(resource: &Resource, api: &Api, diagnostics: &mut Diagnostics) {
    let paging = &resource.paging;
    let mut taken: Vec<(Path, Span)> = Vec::new();
    for slot in paging.slots() {
        match slot {
            Slot::Header(name) => check_header(resource, &name, diagnostics),
            Slot::Body(path) => {
                check_place(resource, &path, paging.span, true, diagnostics);
                taken.push((path, paging.span));
            }
            Slot::Query(_) | Slot::Path(_) => {}
        }
    }
    for (to, _) in &paging.carry {
        check_place(resource, to, to.span, false, diagnostics);
        taken.push((to.value.clone(), to.span));
    }
    for (at, (path, span)) in taken.iter().enumerate() {
        let overlaps = |other: &Path| other.0.starts_with(&path.0) || path.0.starts_with(&other.0);
        if taken.iter().take(at).any(|(other, _)| overlaps(other)) {
            let clash = Diagnostic::new(Code::ParamClash, *span, &[&path.to_string()]);
            diagnostics.push(clash.help("it sends two values to this place; give one of them another"));
        }
    }
    check_later(resource, api, diagnostics);
    if let Some(window) = paging.window.as_ref().filter(|window| window.then == Then::SplitByCursor)
        && resource.incremental.is_none()
    {
        diagnostics.report(Code::SplitWithoutCursor, window.span, &[]);
    }
}

fn check_header(resource: &Resource, name: &str, diagnostics: &mut Diagnostics) {
    let operation = &resource.operation;
    let params = operation.params.iter().filter(|param| param.location == Location::Header).map(|param| param.name.as_str());
    let headers = operation.headers.iter().map(|(name, _)| name.as_str());
    if params.chain(headers).any(|held| held.eq_ignore_ascii_case(name)) {
        diagnostics.report(Code::ParamClash, resource.paging.span, &[name]);
    }
}

/// A place in the body can be written, and where it is the paginator's own, nothing else writes it.
fn check_place(resource: &Resource, path: &Path, span: Span, own: bool, diagnostics: &mut Diagnostics) {
    let Body::Json(document) = &resource.operation.body else { return };
    let (last, rest) = document.at(&path.0);
    let reached = || Path(path.0.iter().take(path.0.len() - rest.len()).cloned().collect()).to_string();
    let made_up = |segment: &Segment| matches!(segment, Segment::Index(index) if *index > 0);
    match (last, rest.split_first()) {
        (_, None) if own => diagnostics.report(Code::ParamClash, span, &[&path.to_string()]),
        (_, None) => {}
        (Json::Object(_), Some((Segment::Key(_), below))) if !below.iter().any(made_up) => {}
        (Json::Object(_) | Json::Array(_), Some((Segment::Index(index), _))) => distant(path, *index, span, diagnostics),
        (Json::Object(_), Some((_, below))) => {
            let index = below.iter().find_map(|segment| if let Segment::Index(index) = segment { Some(*index) } else { None });
            distant(path, index.unwrap_or_default(), span, diagnostics);
        }
        _ => diagnostics.report(Code::BlockedPlace, span, &[&path.to_string(), &reached()]),
    }
}

fn distant(path: &Path, index: usize, span: Span, diagnostics: &mut Diagnostics) {
    diagnostics.report(Code::DistantPlace, span, &[&path.to_string(), &index.to_string()]);
}

/// What later requests leave out, or keep, is something that the first one sends. A paginator that several resources share may
/// name what only some of them send.
fn check_later(resource: &Resource, api: &Api, diagnostics: &mut Diagnostics) {
    let names: &[Spanned<String>] = match &resource.paging.later {
        Later::All => &[],
        Later::Without(names) | Later::Only(names) => names,
    };
    let mut sharing = api.resources.iter().filter(|other| other.paging.span == resource.paging.span);
    if names.is_empty() || sharing.next().is_none_or(|first| *first.operation.name != *resource.operation.name) {
        return;
    }
    let known: Vec<String> = std::iter::once(resource).chain(sharing).flat_map(sent).collect();
    for name in names.iter().filter(|name| !known.contains(name)) {
        let unknown = Diagnostic::new(Code::UnknownSent, name.span, &[name]);
        diagnostics.push(unknown.nearest(name, known.iter().map(String::as_str)));
    }
}

/// The query parameters of a resource.
fn sent(resource: &Resource) -> Vec<String> {
    let own = resource.paging.slots().filter_map(|slot| if let Slot::Query(name) = slot { Some(name) } else { None });
    let params = resource.operation.params.iter().filter(|param| param.location == Location::Query);
    params.map(|param| param.name.value.clone()).chain(own).collect()
}

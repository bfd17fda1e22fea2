//! Parents: which resource's records a resource is read for, and what it takes of them.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Hole, Operation, Parent, ParentField, Path, Resource, Segment, Spanned};
use crate::source::{Sources, Span};

/// What a resource takes of others.
#[derive(Default)]
struct Links {
    bindings: Vec<(ParentField, Span)>,
    include: Vec<(ParentField, Span)>,
    /// The resources that are named, each once, with the place where it is named first.
    named: Vec<(usize, Span)>,
}

/// Gives each resource its parent. Returns the resources in an order in which parents come first; those in a cycle are left out.
pub fn resolve(
    resources: &mut [Resource],
    includes: &[Vec<Spanned<String>>],
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<usize> {
    let mut links: Vec<Links> = resources.iter().map(|resource| links_of(resource, resources, sources, diagnostics)).collect();
    let order = order(resources, &links, diagnostics);
    let mut ancestors: Vec<Vec<usize>> = vec![Vec::new(); resources.len()];
    for at in &order {
        let (Some(links), Some(resource)) = (links.get_mut(*at), resources.get(*at)) else { continue };
        let includes = includes.get(*at).map(Vec::as_slice).unwrap_or_default();
        let Some((direct, span)) = direct_parent(resource, links, &ancestors, resources, diagnostics) else {
            if let (Some(first), true) = (includes.first(), links.named.is_empty()) {
                diagnostics.report(Code::NoParent, first.span, &[]);
            }
            continue;
        };
        let above: Vec<usize> = std::iter::once(direct).chain(ancestors.get(direct).into_iter().flatten().copied()).collect();
        links.include = includes.iter().filter_map(|field| included(field, &above, resources, diagnostics)).collect();
        if let Some(own) = ancestors.get_mut(*at) {
            *own = above;
        }
        let name = resources.get(direct).map(|parent| parent.operation.name.value.clone()).unwrap_or_default();
        let take = |fields: &mut Vec<(ParentField, Span)>| std::mem::take(fields).into_iter().map(|(field, _)| field).collect();
        let parent =
            Parent { resource: Spanned::new(name, span), bindings: take(&mut links.bindings), include: take(&mut links.include) };
        if let Some(resource) = resources.get_mut(*at) {
            resource.parent = Some(parent);
        }
    }
    order
}

/// An operation is called once; there is no parent that it could be called for.
pub fn refuse_in_operation(operation: &Operation, sources: &Sources, diagnostics: &mut Diagnostics) {
    for template in operation.templates() {
        for hole in template.holes().filter(|hole| matches!(hole, Hole::Parent { .. })) {
            diagnostics.report(Code::ParentInOperation, template.place_of(hole, sources), &[]);
        }
    }
}

fn links_of(resource: &Resource, resources: &[Resource], sources: &Sources, diagnostics: &mut Diagnostics) -> Links {
    let mut links = Links::default();
    for template in resource.templates() {
        for hole in template.holes() {
            let Hole::Parent { resource, field } = hole else { continue };
            let span = template.place_of(hole, sources);
            let Some(at) = position(resources, resource) else {
                let unknown = Diagnostic::new(Code::UnknownResource, span, &[resource]);
                diagnostics.push(unknown.nearest(resource, resources.iter().map(|known| known.operation.name.as_str())));
                continue;
            };
            if !links.named.iter().any(|(named, _)| *named == at) {
                links.named.push((at, span));
            }
            let field = ParentField { resource: resource.clone(), field: field.clone() };
            if !links.bindings.iter().any(|(known, _)| *known == field) {
                links.bindings.push((field, span));
            }
        }
    }
    links
}

fn position(resources: &[Resource], name: &str) -> Option<usize> {
    resources.iter().position(|resource| *resource.operation.name == name)
}

/// The resources, parents first. Each cycle is reported once, with its chain.
fn order(resources: &[Resource], links: &[Links], diagnostics: &mut Diagnostics) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    loop {
        let before = order.len();
        for at in 0..resources.len() {
            let is_ready = links.get(at).is_some_and(|links| links.named.iter().all(|(parent, _)| order.contains(parent)));
            if is_ready && !order.contains(&at) {
                order.push(at);
            }
        }
        if order.len() == before {
            break;
        }
    }
    let mut reported: Vec<usize> = Vec::new();
    for start in (0..resources.len()).filter(|at| !order.contains(at)) {
        let chain = chain_from(start, links, &order);
        // A resource that only leads into a cycle is not part of it.
        if chain.first() != chain.last() || chain.iter().any(|at| reported.contains(at)) {
            continue;
        }
        reported.extend(&chain);
        report_cycle(&chain, resources, links, diagnostics);
    }
    order
}

/// Follows unresolved parents until one comes again; ends with the one that does.
fn chain_from(start: usize, links: &[Links], order: &[usize]) -> Vec<usize> {
    let mut chain = vec![start];
    let mut at = start;
    while let Some((next, _)) = links.get(at).and_then(|links| links.named.iter().find(|(parent, _)| !order.contains(parent))) {
        let again = chain.contains(next);
        chain.push(*next);
        if again {
            break;
        }
        at = *next;
    }
    chain
}

fn report_cycle(chain: &[usize], resources: &[Resource], links: &[Links], diagnostics: &mut Diagnostics) {
    let name = |at: &usize| resources.get(*at).map_or("", |resource| resource.operation.name.as_str());
    let shown = chain.iter().map(name).collect::<Vec<_>>().join(" -> ");
    let places: Vec<(Span, &str)> = chain
        .windows(2)
        .filter_map(|pair| {
            let (from, to) = (pair.first()?, pair.get(1)?);
            let (_, span) = links.get(*from)?.named.iter().find(|(parent, _)| parent == to)?;
            Some((*span, name(from)))
        })
        .collect();
    let Some(((span, _), others)) = places.split_first() else { return };
    let mut diagnostic = Diagnostic::new(Code::ParentCycle, *span, &[&shown]);
    for (span, from) in others {
        diagnostic = diagnostic.also(*span, format!("`{from}` waits here"));
    }
    diagnostics.push(diagnostic);
}

/// The named resource that all other named ones are ancestors of.
fn direct_parent(
    resource: &Resource,
    links: &Links,
    ancestors: &[Vec<usize>],
    resources: &[Resource],
    diagnostics: &mut Diagnostics,
) -> Option<(usize, Span)> {
    let is_above = |upper: usize, lower: usize| ancestors.get(lower).is_some_and(|above| above.contains(&upper));
    let direct = links.named.iter().find(|(at, _)| links.named.iter().all(|(other, _)| other == at || is_above(*other, *at)));
    if let (None, [(one, first), (two, second), ..]) = (direct, links.named.as_slice()) {
        let name = |at: usize| resources.get(at).map_or("", |resource| resource.operation.name.as_str());
        let two_parents = Diagnostic::new(Code::TwoParents, *second, &[&resource.operation.name, name(*one), name(*two)]);
        diagnostics.push(two_parents.also(*first, "the other"));
    }
    direct.copied()
}

/// `id` is a field of the direct parent, `organizations.id` one of an ancestor of that name.
fn included(
    written: &Spanned<String>,
    above: &[usize],
    resources: &[Resource],
    diagnostics: &mut Diagnostics,
) -> Option<(ParentField, Span)> {
    let names: Vec<&str> =
        above.iter().filter_map(|at| resources.get(*at)).map(|resource| resource.operation.name.as_str()).collect();
    let (resource, field) = match written.split_once('.') {
        Some((first, rest)) if names.contains(&first) => (first, rest),
        _ => (*names.first()?, written.as_str()),
    };
    let steps = field.split('.').map(|step| Segment::Key(step.to_owned())).collect();
    if field.is_empty() {
        diagnostics.report(Code::UnknownField, written.span, &[&format!("`{resource}`"), field]);
        return None;
    }
    Some((ParentField { resource: resource.to_owned(), field: Path(steps) }, written.span))
}

//! What each resource is read for: lists of values, and records of other resources, which may be read for others in turn.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{
    Hole, List, ListField, Operation, PARTITION, Parent, ParentField, PartitionBy, PartitionValue, Path, Resource, Segment,
    Spanned, Template,
};
use crate::source::{Sources, Span};

/// What a resource names of others.
#[derive(Default)]
struct Links {
    /// The resources that it is read for, each once, with the place where it is named first: the listed ones, and then those
    /// that only stand in a placeholder.
    named: Vec<(usize, Span)>,
    /// How many of them are listed.
    listed: usize,
}

/// What the resources above a resource are, and the lists that they and it are read for.
#[derive(Clone, Default)]
struct Above {
    resources: Vec<usize>,
    lists: Vec<List>,
}

/// Gives each resource its parents and what it includes of them. Returns the resources in an order in which parents come first;
/// those in a cycle are left out.
pub fn resolve(
    resources: &mut [Resource],
    includes: &[Vec<Spanned<String>>],
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<usize> {
    let links: Vec<Links> = resources.iter().map(|resource| links_of(resource, resources, sources, diagnostics)).collect();
    let order = order(resources, &links, diagnostics);
    let mut all: Vec<Above> = vec![Above::default(); resources.len()];
    for at in &order {
        let (Some(links), Some(resource)) = (links.get(*at), resources.get(*at)) else { continue };
        let above = above(resource, links, &all, diagnostics);
        check_lists(resource, &above, links, &all, sources, diagnostics);
        let is_above = |upper: usize, lower: usize| all.get(lower).is_some_and(|above| above.resources.contains(&upper));
        let is_direct = |at: usize| links.named.iter().all(|(other, _)| *other == at || !is_above(at, *other));
        let direct: Vec<(usize, Span)> = links.named.iter().copied().filter(|(at, _)| is_direct(*at)).collect();
        check_listed(resource, links, &direct, resources, diagnostics);
        let written = includes.get(*at).map(Vec::as_slice).unwrap_or_default();
        if let (Some(first), true, true) = (written.first(), links.named.is_empty(), above.lists.is_empty()) {
            diagnostics.report(Code::NoParent, first.span, &[]);
        }
        let parents = Parents { direct: &direct, above: &above, resources };
        let include = written.iter().filter_map(|field| parents.included(field, diagnostics)).collect();
        let further = links.named.iter().skip(links.listed).filter(|(named, _)| direct.iter().any(|(at, _)| at == named));
        let further: Vec<PartitionBy> = further.filter_map(|(at, span)| Some(parent(resources.get(*at)?, *span))).collect();
        if let Some(own) = all.get_mut(*at) {
            *own = above;
        }
        if let Some(resource) = resources.get_mut(*at) {
            resource.include = include;
            resource
                .partitions
                .retain(|by| by.parent().is_none_or(|parent| links.named.iter().any(|(_, span)| *span == parent.resource.span)));
            resource.partitions.extend(further);
        }
    }
    order
}

/// Refuses values of a partition where there is none: in an operation, which is called once, or in what all requests share.
pub fn refuse<'t>(templates: impl Iterator<Item = &'t Template>, what: &str, sources: &Sources, diagnostics: &mut Diagnostics) {
    for template in templates {
        for hole in template.holes().filter(|hole| hole.partition_value().is_some()) {
            diagnostics.report(Code::PartitionElsewhere, template.place_of(hole, sources), &[what]);
        }
    }
}

/// Refuses parents' fields in an operation.
pub fn refuse_in_operation(operation: &Operation, sources: &Sources, diagnostics: &mut Diagnostics) {
    for template in operation.templates() {
        for hole in template.holes() {
            let code = match hole {
                Hole::Parent { .. } => Code::ParentInOperation,
                Hole::List(_) => Code::PartitionElsewhere,
                Hole::Input(_) | Hole::Argument(_) | Hole::Start | Hole::End => continue,
            };
            diagnostics.report(code, template.place_of(hole, sources), &["an operation"]);
        }
    }
}

fn parent(resource: &Resource, span: Span) -> PartitionBy {
    let resource = Spanned::new(resource.operation.name.value.clone(), span);
    PartitionBy::Parent(Parent { resource, conditions: Vec::new() })
}

fn links_of(resource: &Resource, resources: &[Resource], sources: &Sources, diagnostics: &mut Diagnostics) -> Links {
    let mut links = Links::default();
    for Parent { resource: name, .. } in resource.parents() {
        if let Some(first) = links.add(name, name.span, resources, diagnostics) {
            let repeated = Diagnostic::new(Code::RepeatedPartition, name.span, &[name]);
            diagnostics.push(repeated.also(first, "the first"));
        }
    }
    links.listed = links.named.len();
    for template in resource.request_templates() {
        for hole in template.holes() {
            if let Hole::Parent { resource: name, .. } = hole {
                links.add(name, template.place_of(hole, sources), resources, diagnostics);
            }
        }
    }
    links
}

impl Links {
    /// Adds a resource. If it is named already, says where.
    fn add(&mut self, name: &str, span: Span, resources: &[Resource], diagnostics: &mut Diagnostics) -> Option<Span> {
        let Some(at) = resources.iter().position(|resource| *resource.operation.name == name) else {
            let unknown = Diagnostic::new(Code::UnknownResource, span, &[name]);
            diagnostics.push(unknown.nearest(name, resources.iter().map(|known| known.operation.name.as_str())));
            return None;
        };
        let first = self.named.iter().find(|(named, _)| *named == at).map(|(_, span)| *span);
        if first.is_none() {
            self.named.push((at, span));
        }
        first
    }
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

/// All that a resource is read for: its own lists, its parents, and what those are read for. The nearest resources come first.
fn above(resource: &Resource, links: &Links, all: &[Above], diagnostics: &mut Diagnostics) -> Above {
    let mut above = Above::default();
    let parents = || links.named.iter().filter_map(|(at, _)| all.get(*at));
    let further = parents().flat_map(|above| above.resources.iter().copied());
    for at in links.named.iter().map(|(at, _)| *at).chain(further) {
        if !above.resources.contains(&at) {
            above.resources.push(at);
        }
    }
    let inherited: Vec<&List> = parents().flat_map(|above| &above.lists).collect();
    let own: Vec<&List> = resource.partitions.iter().filter_map(PartitionBy::list).collect();
    for (number, list) in own.iter().enumerate() {
        if let Some(first) = own.iter().take(number).find(|other| other.name.value == list.name.value) {
            let repeated = Diagnostic::new(Code::RepeatedPartition, list.name.span, &[&list.name]);
            diagnostics.push(repeated.also(first.name.span, "the first"));
        }
    }
    for list in inherited.into_iter().chain(own) {
        match above.lists.iter().find(|other| other.name.value == list.name.value) {
            None => above.lists.push(list.clone()),
            Some(other) if other.is_same(list) => {}
            Some(other) if other.name.span == list.name.span => {}
            Some(other) => {
                let span = if own_list(resource, list) { list.name.span } else { resource.operation.name.span };
                let clash = Diagnostic::new(Code::TwoLists, span, &[&resource.operation.name, &list.name]);
                let clash = clash.also(other.name.span, "one");
                diagnostics.push(if span == list.name.span { clash } else { clash.also(list.name.span, "the other") });
            }
        }
    }
    above
}

fn own_list(resource: &Resource, list: &List) -> bool {
    resource.partitions.iter().filter_map(PartitionBy::list).any(|own| own.name.span == list.name.span)
}

/// Each value of a list that is named is there, and each list that a resource has of its own is named.
fn check_lists(
    resource: &Resource,
    above: &Above,
    links: &Links,
    all: &[Above],
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    let mut used: Vec<&str> = Vec::new();
    for template in resource.request_templates() {
        for hole in template.holes() {
            let Hole::List(value) = hole else { continue };
            used.push(&value.list);
            report_unknown(value, above, template.place_of(hole, sources), diagnostics);
        }
    }
    let is_inherited = |list: &List| {
        let mut parents = links.named.iter().filter_map(|(at, _)| all.get(*at));
        parents.any(|above| above.lists.iter().any(|other| other.name.value == list.name.value))
    };
    for list in resource.partitions.iter().filter_map(PartitionBy::list) {
        if !used.contains(&list.name.as_str()) && !is_inherited(list) {
            let field = list.fields.first().map(|field| format!(".{field}")).unwrap_or_default();
            let unused = Diagnostic::new(Code::UnusedPartition, list.name.span, &[&list.name]);
            diagnostics
                .push(unused.help(format!("put `{{{PARTITION}.{}{field}}}` into its path, a parameter or its body", *list.name)));
        }
    }
}

fn report_unknown(value: &ListField, above: &Above, span: Span, diagnostics: &mut Diagnostics) -> bool {
    let Some(list) = above.lists.iter().find(|list| *list.name == value.list) else {
        let unknown = Diagnostic::new(Code::UnknownPartition, span, &[&value.list]);
        let known: Vec<&str> = above.lists.iter().map(|list| list.name.as_str()).collect();
        diagnostics.push(if known.is_empty() {
            unknown.help(format!("list its values: `partitions: [{{type: list, name: {}, values: […]}}]`", value.list))
        } else {
            unknown.nearest(&value.list, known)
        });
        return false;
    };
    let owner = || format!("a value of `{}`", value.list);
    match &value.field {
        Some(field) if !list.fields.contains(field) => {
            let unknown = Diagnostic::new(Code::UnknownField, span, &[&owner(), field]);
            diagnostics.push(unknown.nearest(field, list.fields.iter().map(String::as_str)));
            false
        }
        None if !list.fields.is_empty() => {
            let name = PartitionValue::List(ListField { field: list.fields.first().cloned(), ..value.clone() }).name();
            let fields = Diagnostic::new(Code::NotAScalar, span, &[&value.list, "a list of maps"]);
            diagnostics.push(fields.help(format!("name a field of them: `{{{name}}}`")));
            false
        }
        _ => true,
    }
}

/// Each parent that is listed is one whose records the requests tell apart: itself, or one that is read for it.
fn check_listed(
    resource: &Resource,
    links: &Links,
    direct: &[(usize, Span)],
    resources: &[Resource],
    diagnostics: &mut Diagnostics,
) {
    let in_request = |at: usize| {
        let name = resources.get(at).map(|parent| parent.operation.name.as_str());
        let mut holes = resource.request_templates().flat_map(Template::holes);
        holes.any(|hole| matches!(hole, Hole::Parent { resource, .. } if Some(resource.as_str()) == name))
    };
    for (at, span) in links.named.iter().take(links.listed) {
        let is_above_another = !direct.iter().any(|(direct, _)| direct == at);
        if !is_above_another && !in_request(*at) {
            let name = resources.get(*at).map_or("", |parent| parent.operation.name.as_str());
            let unused = Diagnostic::new(Code::UnusedPartition, *span, &[name]);
            diagnostics
                .push(unused.help(format!("put a field of its record, such as `{{resources.{name}.id}}`, into the request")));
        }
    }
}

/// The resources above one that includes fields of them.
struct Parents<'a> {
    direct: &'a [(usize, Span)],
    above: &'a Above,
    resources: &'a [Resource],
}

impl Parents<'_> {
    fn name(&self, at: usize) -> &str {
        self.resources.get(at).map_or("", |resource| resource.operation.name.as_str())
    }

    /// `id` is a field of the direct parent, `organizations.id` one of an ancestor of that name, `partition.region` the value of
    /// a list.
    fn included(&self, written: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<PartitionValue> {
        if let Some((PARTITION, rest)) = written.split_once('.') {
            let (list, field) = rest.split_once('.').map_or((rest, None), |(list, field)| (list, Some(field.to_owned())));
            let value = ListField { list: list.to_owned(), field };
            return report_unknown(&value, self.above, written.span, diagnostics).then_some(PartitionValue::List(value));
        }
        let qualified =
            written.split_once('.').filter(|(first, _)| self.above.resources.iter().any(|at| self.name(*at) == *first));
        let (resource, field) = match (qualified, self.direct) {
            (Some(qualified), _) => qualified,
            (None, [(one, _)]) => (self.name(*one), written.as_str()),
            (None, [(one, _), (two, _), ..]) => {
                let (one, two) = (self.name(*one), self.name(*two));
                let several = Diagnostic::new(Code::WhichParent, written.span, &[written, one, two]);
                diagnostics.push(several.help(format!("write `{one}.{}` or `{two}.{}`", written.value, written.value)));
                return None;
            }
            (None, []) => {
                if !self.above.lists.is_empty() {
                    let known = self.above.lists.iter().map(|list| list.name.as_str());
                    let unknown = Diagnostic::new(Code::NoParent, written.span, &[]);
                    let near = crate::diagnostic::nearest(written, known).unwrap_or("NAME");
                    diagnostics.push(unknown.help(format!("the value of a list is `{PARTITION}.{near}`")));
                }
                return None;
            }
        };
        if field.is_empty() {
            diagnostics.report(Code::UnknownField, written.span, &[&format!("`{resource}`"), field]);
            return None;
        }
        let steps = field.split('.').map(|step| Segment::Key(step.to_owned())).collect();
        Some(PartitionValue::Parent(ParentField { resource: resource.to_owned(), field: Path(steps) }))
    }
}

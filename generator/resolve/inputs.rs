//! Inputs that are referred to: each must be there.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::draft::Draft;
use crate::model::{Hole, Input, InputKind, Spanned, Template};
use crate::native::template::JOB_ID;
use crate::source::{Sources, Span};

/// Finds the input of each placeholder. A spec that declares no inputs gets those that it refers to.
pub fn resolve(draft: &mut Draft, sources: &Sources, diagnostics: &mut Diagnostics) {
    bounds_without_cursor(draft, sources, diagnostics);
    for (name, span) in unknown_names(draft, sources) {
        if name == JOB_ID {
            let message = "has the id of a job in a place where there is none";
            let help = "it can stand in `poll` and `cleanup` of a `job`";
            diagnostics.push(Diagnostic::new(Code::BadTemplate, span, &[message]).help(help));
        } else if draft.declares_inputs {
            let unknown = Diagnostic::new(Code::UndeclaredInput, span, &[&name]);
            diagnostics.push(unknown.nearest(&name, draft.inputs.iter().map(|input| input.name.as_str())));
        } else if !draft.inputs.iter().any(|input| *input.name == name) {
            diagnostics.report(Code::ImplicitInput, span, &[&name]);
            let name = Spanned::new(name, span);
            draft.inputs.push(Input {
                name,
                description: None,
                kind: InputKind::String,
                secret: false,
                default: None,
                optional: false,
            });
        }
    }
}

/// A bound of an incremental run stands only in the request of a resource that says where its cursor is.
fn bounds_without_cursor(draft: &Draft, sources: &Sources, diagnostics: &mut Diagnostics) {
    let defaults = draft.inputs.iter().filter_map(|input| input.default.as_ref());
    let bounds = draft.resources.iter().filter_map(|draft| draft.resource.incremental.as_ref());
    let bounds = bounds.flat_map(|incremental| incremental.initial_value.iter().chain(&incremental.end_value));
    let resources = draft.resources.iter().filter(|draft| draft.resource.incremental.is_none());
    let resources = resources.flat_map(|draft| draft.resource.operation.templates());
    let operations = draft.operations.iter().flat_map(|draft| draft.operation.templates());
    for template in draft.client.templates().chain(defaults).chain(bounds).chain(resources).chain(operations) {
        for hole in template.holes().filter(|hole| hole.is_bound()) {
            diagnostics.report(Code::BoundWithoutCursor, template.place_of(hole, sources), &[&hole.name()]);
        }
    }
}

fn unknown_names(draft: &Draft, sources: &Sources) -> Vec<(String, Span)> {
    let is_known = |name: &str| draft.inputs.iter().any(|input| *input.name == name);
    let mut unknown = Vec::new();
    for template in templates(draft) {
        for hole in template.holes() {
            if let Hole::Input(name) = hole
                && !is_known(name)
            {
                unknown.push((name.clone(), template.place_of(hole, sources)));
            }
        }
    }
    unknown
}

fn templates(draft: &Draft) -> impl Iterator<Item = &Template> {
    let defaults = draft.inputs.iter().filter_map(|input| input.default.as_ref());
    let resources = draft.resources.iter().flat_map(|draft| draft.resource.templates());
    let operations = draft.operations.iter().flat_map(|draft| draft.operation.templates());
    draft.client.templates().chain(defaults).chain(resources).chain(operations)
}

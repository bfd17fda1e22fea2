//! A run that is read in windows has what windows are made from.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Api, Hole, Incremental, Resource, Template};

/// Checks it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for resource in &api.resources {
        let Some(incremental) = &resource.incremental else { continue };
        let Some(step) = &incremental.step else { continue };
        for (needed, help) in lacks(resource, incremental) {
            diagnostics.push(Diagnostic::new(Code::WindowNeeds, step.span, &[needed]).help(help));
        }
        if incremental.expired.restart {
            let message = "`on_expired: restart` beside `step`: a window that is refused would be asked for again";
            diagnostics.push(Diagnostic::new(Code::Contradiction, step.span, &[message]).help("remove one of the two"));
        }
    }
}

/// What is missing, and what to do about it.
fn lacks(resource: &Resource, incremental: &Incremental) -> Vec<(&'static str, &'static str)> {
    let is_sent = |bound: &Hole| resource.operation.templates().flat_map(Template::holes).any(|hole| hole == bound);
    let mut lacks = Vec::new();
    if !is_sent(&Hole::Start) {
        lacks.push(("the start in the request", "name the parameter that takes it: `start_param: since`"));
    }
    if !is_sent(&Hole::End) {
        lacks.push(("the end in the request", "name the parameter that takes it: `end_param: until`"));
    }
    if incremental.initial_value.is_none() {
        lacks.push(("a start of the first run", "say where it is: `initial_value: 2020-01-01T00:00:00Z`"));
    }
    if !incremental.request_format().is_moment() {
        lacks.push(("a cursor that is a moment", "say how it is written: `format: iso`"));
    }
    lacks
}

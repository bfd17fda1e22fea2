//! A query that is split by the cursor has a cursor that it can be split by.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Api, Hole, Resource, RowOrder, Template};

/// Checks it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for resource in api.resources.iter().filter(|resource| resource.paging.splits()) {
        let Some(window) = &resource.paging.window else { continue };
        for (needed, help) in lacks(resource) {
            diagnostics.push(Diagnostic::new(Code::SplitNeeds, window.span, &[needed]).help(help));
        }
    }
}

/// What is missing, and what to do about it.
fn lacks(resource: &Resource) -> Vec<(&'static str, &'static str)> {
    let mut lacks = Vec::new();
    if resource.primary_key.is_empty() {
        lacks.push(("a primary key", "records at the border come twice, and are known by it: `primary_key: id`"));
    }
    // That there is none at all is said where paging is checked.
    let Some(incremental) = &resource.incremental else { return lacks };
    if incremental.token.is_some() {
        lacks.push(("a cursor in the records", "say where it is: `cursor_path: updated_at`"));
    }
    if !resource.operation.templates().flat_map(Template::holes).any(|hole| *hole == Hole::Start) {
        lacks.push(("the start in the request", "name the parameter that takes it: `start_param: since`"));
    }
    if incremental.row_order != RowOrder::Ascending {
        lacks.push(("records in the order of the cursor", "ask the service for them, and say `row_order: asc`"));
    }
    if !incremental.start_closed {
        lacks.push(("a closed start", "records with the last one's cursor would be lost: remove `start_bound: open`"));
    }
    if incremental.lag != 0 {
        lacks.push(("a start without `lag`", "each query would give those within it again: remove `lag`"));
    }
    if incremental.step.is_some() {
        lacks.push(("a range that is not split already", "remove `step`, or make it short and say `then: fail`"));
    }
    lacks
}

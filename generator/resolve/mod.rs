//! Turns a draft into the model: what was a name becomes what it names.

mod choices;
mod cursors;
mod expression;
mod functions;
mod include;
mod inputs;
mod partitions;
mod shape;
mod steps;
mod types;

use crate::diagnostic::Diagnostics;
use crate::draft::{Draft, DraftStep, DraftStepKind, TypeExprKind};
use crate::model::{Api, Body, Type};
use crate::source::Sources;

pub(crate) use types::singular;

/// Resolves every name of a draft. What cannot be resolved is reported and left out.
pub fn resolve(mut draft: Draft, sources: &Sources, diagnostics: &mut Diagnostics) -> Api {
    inputs::resolve(&mut draft, sources, diagnostics);
    let shared = draft.client.templates().chain(draft.inputs.iter().filter_map(|input| input.default.as_ref()));
    partitions::refuse(shared, "what all requests share", sources, diagnostics);
    let schemas = std::mem::take(&mut draft.schemas);
    let mut table = types::Table::new(std::mem::take(&mut draft.types), schemas, diagnostics);
    let mut cursors = Vec::new();
    let mut includes = Vec::new();
    let mut inline = Vec::new();
    let mut all_steps = Vec::new();
    let mut resources = Vec::new();
    for draft in draft.resources {
        let mut resource = draft.resource;
        let name = resource.operation.name.value.clone();
        inline.push(draft.record.as_ref().is_some_and(|record| matches!(record.kind, TypeExprKind::Object(_))));
        resource.operation.response = Some(draft.record.map_or(Type::Json, |record| table.used(record, &name, diagnostics)));
        cursors.push((draft.cursor_format, draft.lag));
        includes.push(draft.include);
        all_steps.push(prepared(draft.steps, &mut table, &name, diagnostics));
        resources.push(resource);
    }
    let mut operations = Vec::new();
    for draft in draft.operations {
        let mut operation = draft.operation;
        let name = operation.name.value.clone();
        operation.response = draft.response.map(|response| table.used(response, &name, diagnostics));
        partitions::refuse_in_operation(&operation, sources, diagnostics);
        operations.push(operation);
    }
    let mut types = table.finish(diagnostics);
    let order = partitions::resolve(&mut resources, &includes, sources, diagnostics);
    for at in order {
        let written = includes.get(at).map(Vec::as_slice).unwrap_or_default();
        let is_inline = inline.get(at).copied().unwrap_or(false);
        include::add_fields(&mut resources, at, written, is_inline, &mut types, diagnostics);
    }
    for (resource, steps) in resources.iter_mut().zip(all_steps) {
        resource.source = resource.operation.response.clone().unwrap_or(Type::Json);
        steps::apply(resource, steps, &draft.inputs, &mut types, diagnostics);
    }
    steps::check_hooks(&resources, diagnostics);
    for (resource, (format, lag)) in resources.iter_mut().zip(cursors) {
        if let Some(incremental) = &mut resource.incremental {
            let record = Some(&resource.source);
            cursors::resolve(&mut incremental.value, format, lag.as_ref(), (&types, record, resource.contract), diagnostics);
            if let (Body::Json(document), true) = (&mut resource.operation.body, incremental.sends_numbers()) {
                document.bounds_are_numbers();
            }
        }
    }
    let mut api = Api {
        name: draft.name,
        title: draft.title,
        description: draft.description,
        docs: draft.docs,
        version: draft.version,
        inputs: draft.inputs,
        client: draft.client,
        resources,
        operations,
        types,
        inferred: None,
        text: None,
    };
    choices::resolve(&mut api);
    api
}

/// Steps, with the types that computed fields are said to have.
fn prepared(steps: Vec<DraftStep>, table: &mut types::Table, name: &str, diagnostics: &mut Diagnostics) -> Vec<steps::Prepared> {
    let prepare = |step: DraftStep| {
        let ty = match &step.kind {
            DraftStepKind::Set { ty: Some(ty), .. } => Some(table.used(ty.clone(), name, diagnostics)),
            _ => None,
        };
        steps::Prepared { step, ty }
    };
    steps.into_iter().map(prepare).collect()
}

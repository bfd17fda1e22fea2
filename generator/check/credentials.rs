//! A secret does not belong into an address: addresses end up in logs.

use crate::codes::Code;
use crate::diagnostic::Diagnostics;
use crate::model::{Api, Hole, Location, Operation, ParamValue, Resource, Template};
use crate::source::Sources;

/// Checks it.
pub fn check(api: &Api, sources: &Sources, diagnostics: &mut Diagnostics) {
    let operations = api.resources.iter().flat_map(Resource::operations).chain(&api.operations);
    let operations: Vec<&Operation> = operations.collect();
    for param in operations.iter().flat_map(|operation| &operation.params) {
        let is_secret = matches!(param.value, ParamValue::Argument { sensitive: true, .. });
        if is_secret && matches!(param.location, Location::Path | Location::Query) {
            diagnostics.report(Code::SecretInUrl, param.name.span, &[&param.name]);
        }
    }
    for template in std::iter::once(&api.client.base_url).chain(operations.into_iter().flat_map(in_address)) {
        for hole in template.holes() {
            let Hole::Input(name) = hole else { continue };
            if api.inputs.iter().any(|input| input.secret && *input.name == *name) {
                diagnostics.report(Code::SecretInUrl, template.place_of(hole, sources), &[name]);
            }
        }
    }
}

/// The texts that become part of a request's address.
fn in_address(operation: &Operation) -> impl Iterator<Item = &Template> {
    let query = operation.params.iter().filter(|param| param.location == Location::Query);
    let fixed = query.filter_map(|param| match &param.value {
        ParamValue::Fixed(value) => Some(value),
        ParamValue::Argument { .. } => None,
    });
    std::iter::once(&operation.path).chain(fixed)
}

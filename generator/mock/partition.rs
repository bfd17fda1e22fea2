//! The partition that a request is for: the values of lists and of parents' records that stand in it.

use super::request::{Arguments, lookup, text_of};
use super::route::{Match, filled};
use crate::model::{Body, Hole, Operation, ParamValue, PartitionValue, Path, Template};

/// The values that the requests of an operation name: in the path, then in parameters, then in headers, then in a
/// JSON body.
pub(super) fn named(operation: &Operation) -> Vec<PartitionValue> {
    let mut named = Vec::new();
    let in_body = body_texts(operation).into_iter().map(|(_, value)| value);
    let parts = std::iter::once(&operation.path).chain(params(operation).map(|(_, value)| value)).chain(in_body);
    for value in parts.flat_map(Template::holes).filter_map(Hole::partition_value) {
        if !named.contains(&value) {
            named.push(value);
        }
    }
    named
}

/// The values that a request names, in the same order.
pub(super) fn of(operation: &Operation, found: &Match, arguments: &Arguments) -> Vec<(PartitionValue, String)> {
    let mut values: Vec<(PartitionValue, String)> = Vec::new();
    let in_params = params(operation).filter_map(|(name, template)| filled(template, arguments.get(name)?));
    let in_body = body_texts(operation).into_iter();
    let in_body = in_body.filter_map(|(path, template)| filled(template, &text_of(lookup(&arguments.json, &path)?)?));
    for (hole, text) in found.holes.iter().cloned().chain(in_params.flatten()).chain(in_body.flatten()) {
        if let Some(value) = hole.partition_value()
            && !values.iter().any(|(known, _)| *known == value)
        {
            values.push((value, text));
        }
    }
    values
}

/// The texts of a JSON body, and where they are.
pub(super) fn body_texts(operation: &Operation) -> Vec<(Path, &Template)> {
    if let Body::Json(document) = &operation.body { document.texts() } else { Vec::new() }
}

/// The parameters and headers that always have a text of the spec.
fn params(operation: &Operation) -> impl Iterator<Item = (&str, &Template)> {
    let fixed = operation.params.iter().filter_map(|param| match &param.value {
        ParamValue::Fixed(value) => Some((param.name.as_str(), value)),
        ParamValue::Argument { .. } => None,
    });
    fixed.chain(operation.headers.iter().map(|(name, value)| (name.as_str(), value)))
}

//! The partition that a request is for: the values of lists and of parents' records that stand in it.

use super::request::Arguments;
use super::route::{Match, filled};
use crate::model::{Hole, Operation, ParamValue, PartitionValue, Template};

/// The values that the requests of an operation name: in the path, then in parameters, then in headers.
pub(super) fn named(operation: &Operation) -> Vec<PartitionValue> {
    let mut named = Vec::new();
    let parts = std::iter::once(&operation.path).chain(params(operation).map(|(_, value)| value));
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
    for (hole, text) in found.holes.iter().cloned().chain(in_params.flatten()) {
        if let Some(value) = hole.partition_value()
            && !values.iter().any(|(known, _)| *known == value)
        {
            values.push((value, text));
        }
    }
    values
}

/// The parameters and headers that always have a text of the spec.
fn params(operation: &Operation) -> impl Iterator<Item = (&str, &Template)> {
    let fixed = operation.params.iter().filter_map(|param| match &param.value {
        ParamValue::Fixed(value) => Some((param.name.as_str(), value)),
        ParamValue::Argument { .. } => None,
    });
    fixed.chain(operation.headers.iter().map(|(name, value)| (name.as_str(), value)))
}

//! A field of a parent's record that stands in a request is there, and is a plain value.

use super::find;
use crate::codes::Code;
use crate::diagnostic::Diagnostics;
use crate::model::{Api, Hole, Resource, Type};
use crate::source::Sources;

/// Checks it.
pub fn check(api: &Api, sources: &Sources, diagnostics: &mut Diagnostics) {
    for template in api.resources.iter().flat_map(Resource::templates) {
        for hole in template.holes() {
            let Hole::Parent { resource, field } = hole else { continue };
            let record = api.resource(resource).map(|parent| &parent.source);
            let Some(record) = record else { continue };
            let span = template.place_of(hole, sources);
            let Some(ty) = find(&api.types, record, field, (&format!("the record of `{resource}`"), span), diagnostics) else {
                continue;
            };
            if api.types.scalar(ty).is_none() && *ty != Type::Json {
                diagnostics.report(Code::NotAScalar, span, &[&field.to_string(), api.types.describe(ty)]);
            }
        }
    }
}

//! Which fields the service is told to send has to be known by the names that it has for them, and there is room for so many fields.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::facts;
use crate::model::{Api, Location, Param, ParamValue, TypeKind};
use crate::plan::MOST_FIELDS;

/// Checks every resource, and the records of lists.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    wide(api, diagnostics);
    for resource in &api.resources {
        let Some(name) = &resource.fields_param else { continue };
        if let Some(step) = resource.steps.first() {
            let message = "`fields_param` beside `processing_steps`, after which fields have other names than the service's";
            let contradiction = Diagnostic::new(Code::Contradiction, name.span, &[message]);
            diagnostics.push(contradiction.also(step.span, "the first step").help("remove one of them"));
        }
        let sends = |param: &Param| {
            param.location == Location::Query && param.name.value == name.value && matches!(param.value, ParamValue::Fixed(_))
        };
        if resource.operation.params.iter().any(sends) {
            let message = format!("`fields_param` names `{}`, which has a fixed value", name.value);
            diagnostics.push(Diagnostic::new(Code::Contradiction, name.span, &[&message]).help("remove one of them"));
        }
    }
}

/// Warns of records of lists that have more fields than can be chosen from.
fn wide(api: &Api, diagnostics: &mut Diagnostics) {
    let lists = api.resources.iter().map(|resource| &resource.operation).collect();
    let is_of_a_list = facts::reached(api, &[lists]);
    for (_, def) in api.types.iter().filter(|(id, _)| !is_of_a_list[id.0 as usize].is_empty()) {
        if let TypeKind::Struct(fields) = &def.kind
            && fields.len() > MOST_FIELDS
        {
            let (count, most) = (fields.len().to_string(), MOST_FIELDS.to_string());
            diagnostics.report(Code::TooWide, def.path.span, &[&def.path.value.join("."), &count, &most]);
        }
    }
}

//! Which fields the service is told to send has to be known by the names that it has for them.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Api, Location, Param, ParamValue};

/// Checks every resource.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
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

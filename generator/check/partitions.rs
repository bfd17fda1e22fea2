//! What a resource is read for: a field of a parent's record that stands in a request is there, and is a plain value; a condition
//! is one that a record can meet; a list holds no secret.

use super::find;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Api, Condition, Hole, List, PARTITION, Parent, PartitionBy, Resource, Scalar, Spanned, Test, Type, TypeKind};
use crate::source::Sources;

/// Checks it.
pub fn check(api: &Api, sources: &Sources, diagnostics: &mut Diagnostics) {
    let all = || api.resources.iter().flat_map(|resource| &resource.partitions);
    let lists: Vec<&List> = all().filter_map(PartitionBy::list).collect();
    if let (Some(resource), false) = (api.resource(PARTITION), lists.is_empty()) {
        let bad = Diagnostic::new(Code::BadItemName, resource.operation.name.span, &[PARTITION, "a resource beside lists"]);
        diagnostics.push(bad.help("`{partition.…}` is a value of a list"));
    }
    for list in lists {
        secrets(api, list, sources, diagnostics);
    }
    for parent in all().filter_map(PartitionBy::parent) {
        conditions(api, parent, diagnostics);
    }
    for template in api.resources.iter().flat_map(Resource::request_templates) {
        for hole in template.holes() {
            let Hole::Parent { resource, field } = hole else { continue };
            let Some(record) = api.resource(resource).map(|parent| &parent.source) else { continue };
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

fn secrets(api: &Api, list: &List, sources: &Sources, diagnostics: &mut Diagnostics) {
    for template in list.templates() {
        for hole in template.holes() {
            let Hole::Input(name) = hole else { continue };
            if api.inputs.iter().any(|input| input.secret && *input.name == *name) {
                diagnostics.report(Code::SecretPartition, template.place_of(hole, sources), &[&list.name, name]);
            }
        }
    }
}

/// Each field of a condition is there, and may have the values that are looked for.
fn conditions(api: &Api, parent: &Parent, diagnostics: &mut Diagnostics) {
    let Some(record) = api.resource(&parent.resource).map(|parent| &parent.source) else { return };
    for Condition { field, test } in &parent.conditions {
        let (Test::In(values) | Test::NotIn(values)) = test else {
            let owner = format!("the record of `{}`", *parent.resource);
            find(&api.types, record, field, (&owner, field.span), diagnostics);
            continue;
        };
        if values.is_empty() {
            let empty = Diagnostic::new(Code::EmptyList, field.span, &[&field.to_string()]);
            diagnostics.push(empty.help("list the values that are looked for"));
        }
        let owner = format!("the record of `{}`", *parent.resource);
        let Some(ty) = find(&api.types, record, field, (&owner, field.span), diagnostics) else { continue };
        for value in values {
            compare(api, ty, field, value, diagnostics);
        }
    }
}

/// Reports a value that a field of this type never has.
fn compare(api: &Api, ty: &Type, field: &Spanned<crate::model::Path>, value: &Spanned<String>, diagnostics: &mut Diagnostics) {
    let refused = || Diagnostic::new(Code::BadCondition, value.span, &[&field.to_string(), api.types.describe(ty), value]);
    if let Type::Named(id) = ty
        && let TypeKind::Enum(known) = &api.types.get(*id).kind
    {
        if !known.iter().any(|known| known.value == value.value) {
            diagnostics.push(refused().nearest(value, known.iter().map(|known| known.as_str())));
        }
        return;
    }
    let fits = match api.types.scalar(ty) {
        None if *ty == Type::Json => true,
        None => {
            diagnostics.push(refused().help("only a plain value can be compared; `is_null` looks at any"));
            return;
        }
        Some(Scalar::Integer) => value.parse::<i64>().is_ok(),
        Some(Scalar::Number | Scalar::Decimal) => value.parse::<f64>().is_ok(),
        Some(Scalar::Boolean) => matches!(value.as_str(), "true" | "false"),
        Some(_) => true,
    };
    if !fits {
        diagnostics.push(refused());
    }
}

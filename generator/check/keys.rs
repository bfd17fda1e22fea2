//! Primary keys and merge keys are fields of the record, and so are those that say which records count.

use super::find;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Api, Path, Resource, Segment, Spanned};

/// Checks it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for resource in &api.resources {
        for keys in [&resource.primary_key, &resource.merge_key] {
            check_fields(api, resource, keys, diagnostics);
        }
        let counting = resource.hard_delete.iter().chain(resource.dedup_sort.iter().map(|(field, _)| field));
        for field in counting {
            check_fields(api, resource, std::slice::from_ref(field), diagnostics);
        }
    }
}

fn check_fields(api: &Api, resource: &Resource, keys: &[Spanned<String>], diagnostics: &mut Diagnostics) {
    let Some(record) = &resource.operation.response else { return };
    let owner = format!("the record of `{}`", resource.operation.name.value);
    for (at, key) in keys.iter().enumerate() {
        if let Some(first) = keys.iter().take(at).find(|other| other.value == key.value) {
            diagnostics.push(Diagnostic::new(Code::DuplicateValue, key.span, &[key]).also(first.span, "first given here"));
            continue;
        }
        let path = Path(vec![Segment::Key(key.value.clone())]);
        if let Some(ty) = find(&api.types, record, &path, (&owner, key.span), diagnostics)
            && api.types.scalar(ty).is_none()
            && *ty != crate::model::Type::Json
        {
            let clash = Diagnostic::new(Code::TypeClash, key.span, &[&key.value, "a key"]);
            diagnostics.push(clash.help(format!("it is {}; a key is a plain value", api.types.describe(ty))));
        }
    }
}

//! A merge needs a key.

use crate::codes::Code;
use crate::diagnostic::Diagnostics;
use crate::model::{Api, WriteDisposition};

/// Checks it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for resource in &api.resources {
        let has_key = !resource.primary_key.is_empty() || !resource.merge_key.is_empty();
        if resource.write_disposition == WriteDisposition::Merge && !has_key {
            diagnostics.report(Code::MergeWithoutKey, resource.operation.name.span, &[]);
        }
    }
}

//! A merge needs a key, and what says how to merge needs a merge.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Api, Resource, WriteDisposition};

/// Checks it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for resource in &api.resources {
        check_key(resource, diagnostics);
        check_rules(resource, diagnostics);
        check_versions(resource, diagnostics);
    }
}

fn check_key(resource: &Resource, diagnostics: &mut Diagnostics) {
    let (has_key, disposition) = (!resource.primary_key.is_empty(), resource.write_disposition);
    if disposition == WriteDisposition::Merge && !has_key && resource.merge_key.is_empty() {
        diagnostics.report(Code::MergeWithoutKey, resource.operation.name.span, &[]);
    }
    let what = match disposition {
        WriteDisposition::Upsert | WriteDisposition::InsertOnly => disposition.name(),
        _ if resource.hard_delete.is_some() => "hard_delete",
        _ if resource.dedup_sort.is_some() => "dedup_sort",
        _ => return,
    };
    if !has_key {
        diagnostics.report(Code::NeedsPrimaryKey, resource.operation.name.span, &[what]);
    }
}

fn check_rules(resource: &Resource, diagnostics: &mut Diagnostics) {
    let disposition = resource.write_disposition;
    let sorted = resource.dedup_sort.as_ref().map(|(field, _)| field);
    for (field, name) in [(resource.hard_delete.as_ref(), "hard_delete"), (sorted, "dedup_sort")] {
        let Some(field) = field else { continue };
        let help = match disposition {
            WriteDisposition::Merge | WriteDisposition::Upsert => continue,
            WriteDisposition::InsertOnly => "rows that are there stay; use `upsert`",
            WriteDisposition::Scd2 => "each version stays, and one that does not come again is ended",
            _ => "it is for `disposition: merge`",
        };
        let given = format!("`{}`", disposition.name());
        diagnostics.push(Diagnostic::new(Code::TypeClash, field.span, &[name, &given]).help(help));
    }
}

fn check_versions(resource: &Resource, diagnostics: &mut Diagnostics) {
    let name = &resource.operation.name;
    let is_versioned = resource.write_disposition == WriteDisposition::Scd2;
    if is_versioned && resource.incremental.is_some() && resource.merge_key.is_empty() {
        let clash = Diagnostic::new(Code::TypeClash, name.span, &["scd2", "`incremental`"]);
        let way_out = "a run that reads only what has changed would end the versions of all else: leave `incremental` out, or name a `merge_key`";
        diagnostics.push(clash.help(way_out));
    }
    let Some(first) = resource.validity.first() else { return };
    if !is_versioned {
        let given = format!("`{}`", resource.write_disposition.name());
        let clash = Diagnostic::new(Code::TypeClash, first.span, &["validity_column_names", &given]);
        diagnostics.push(clash.help("it is for `strategy: scd2`"));
    } else if !matches!(resource.validity.as_slice(), [from, to] if from.value != to.value) {
        let message = "`validity_column_names` names two columns: from when on a version is valid, and until when";
        diagnostics.push(Diagnostic::new(Code::Contradiction, first.span, &[message]));
    }
}

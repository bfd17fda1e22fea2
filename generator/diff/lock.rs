//! What two locks tell of a change: which digests differ, and nothing of what is behind them.

use std::collections::BTreeMap;

use super::change::{Change, breaking, safe, unknown};
use crate::lock::Lock;

/// What changes between two locks. A lock has digests alone, so how a resource, an operation or a
/// type differs is not known, and neither is which resources are read for which.
#[must_use]
pub fn diff_locks(old: &Lock, new: &Lock) -> Vec<Change> {
    let resources = section("resource", &old.resources, &new.resources).into_iter().map(resource);
    let operations = section("operation", &old.operations, &new.operations).into_iter().map(|(change, ..)| change);
    let types = section("type", &old.types, &new.types).into_iter().map(|(change, ..)| change);
    resources.chain(operations).chain(types).collect()
}

#[derive(PartialEq)]
enum Kind {
    Removed,
    Added,
    Changed,
}

fn section(noun: &str, old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<(Change, Kind)> {
    let removed = old.keys().filter(|name| !new.contains_key(*name)).map(|name| {
        (Change::new(name, format!("the {noun} is gone")).rust(breaking("code can not name it any more")), Kind::Removed)
    });
    let changed = old.iter().filter(|(name, digest)| new.get(*name).is_some_and(|now| now != *digest)).map(|(name, _)| {
        let unknown = || unknown("a lock has no more than a digest of it");
        (Change::new(name, format!("the {noun} differs")).rust(unknown()).decode(unknown()), Kind::Changed)
    });
    let added = new.keys().filter(|name| !old.contains_key(*name));
    let added = added.map(|name| (Change::new(name, format!("the {noun} is new")).rust(safe("code may name it")), Kind::Added));
    removed.chain(changed).chain(added).collect()
}

/// A resource has a table and checkpoints besides.
fn resource((change, kind): (Change, Kind)) -> Change {
    let name = vec![change.path.clone()];
    match kind {
        Kind::Removed => change.table(breaking("the table gets no rows any more")).checkpoints(name),
        Kind::Added => change.table(safe("add a table")),
        Kind::Changed => change.table(unknown("a lock has no more than a digest of it")).checkpoints(name),
    }
}

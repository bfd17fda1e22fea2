//! What changes between two versions of an API, and for whom.
//!
//! Every change is judged at four levels: whether code that uses the old crate still compiles, whether the old crate reads what the
//! new API sends, what becomes of tables that hold records, and whether what was saved of earlier runs is still of use. Names and
//! types of Rust are those of the plan, and what a digest is made of is what `fingerprint` says, so neither is worked out twice.

mod bump;
mod calls;
mod change;
mod client;
mod compat;
mod features;
mod fields;
mod lock;
mod pairs;
mod plain;
mod report;
mod resources;
mod side;
mod types;

use std::collections::BTreeSet;

pub use bump::{Bump, Release};
pub use change::{Change, Effect, Level, Verdict};
pub use lock::diff_locks;
pub use report::Report;

use crate::model::Api;
use side::Sides;

/// What changes between two versions of an API, in the order of the spec.
#[must_use]
pub fn diff(old: &Api, new: &Api) -> Vec<Change> {
    let mut cx = Sides::new(old, new);
    let pairs = pairs::pairs(&cx);
    cx.find_renamed_types(&pairs);
    let mut changes = client::changes(&cx);
    changes.extend(features::changes(&cx));
    changes.extend(resources::changes(&cx));
    changes.extend(calls::changes(&cx));
    changes.extend(types::changes(&cx, &pairs));
    unexplained(&cx, &mut changes);
    if changes.is_empty() && plain::documented(old) != plain::documented(new) {
        changes.push(Change::new("docs", "descriptions, the order of things, or what no level knows of, differ"));
    }
    changes
}

/// Notes the resources whose digest differs although no change says why, so that a checkpoint is never called good that is refused.
fn unexplained(cx: &Sides<'_>, changes: &mut Vec<Change>) {
    let explained: BTreeSet<String> = changes.iter().flat_map(|change| change.checkpoints.clone()).collect();
    for (old, new) in cx.lists() {
        let name = new.spec.operation.name.value.as_str();
        if old.fingerprint != new.fingerprint && !explained.contains(name) {
            changes.push(Change::new(name, "its request, or how it is read, differs").checkpoints(cx.read_for(name)));
        }
    }
}

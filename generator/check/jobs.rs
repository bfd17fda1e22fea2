//! A resource with a job is read once, and by nobody else.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Api, PartitionBy};

/// Checks it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for resource in &api.resources {
        if let (Some(job), Some(first)) = (&resource.job, resource.partitions.first()) {
            let span = match first {
                PartitionBy::List(list) => list.name.span,
                PartitionBy::Parent(parent) => parent.resource.span,
            };
            diagnostics.push(Diagnostic::new(Code::JobInParts, span, &[]).also(job.span, "the job"));
        }
        for link in resource.parents() {
            let Some(job) = api.resource(&link.resource).and_then(|parent| parent.job.as_ref()) else { continue };
            let as_parent = Diagnostic::new(Code::JobAsParent, link.resource.span, &[&link.resource]);
            diagnostics.push(as_parent.also(job.span, "this job"));
        }
    }
}

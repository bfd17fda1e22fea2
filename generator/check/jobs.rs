//! A resource with a job is read once, and by nobody else.

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::Api;

/// Checks it.
pub fn check(api: &Api, diagnostics: &mut Diagnostics) {
    for resource in &api.resources {
        if let (Some(job), Some(parent)) = (&resource.job, &resource.parent) {
            diagnostics.push(Diagnostic::new(Code::JobForParent, parent.resource.span, &[]).also(job.span, "the job"));
        }
        let parent = resource.parent.as_ref().and_then(|parent| Some((parent, api.resource(&parent.resource)?)));
        if let Some((link, parent)) = parent
            && let Some(job) = &parent.job
        {
            let as_parent = Diagnostic::new(Code::JobAsParent, link.resource.span, &[&link.resource]);
            diagnostics.push(as_parent.also(job.span, "this job"));
        }
    }
}

//! Lists that the language refuses, whatever was thought of them, are calls again.

use super::yaml::BEGINS;
use super::{Decisions, Left};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::openapi::Document;

impl Decisions {
    /// Makes calls of the lists that errors in their spec are about, and says whether there were any.
    pub fn withdraw(&mut self, document: &Document, spec: &str, errors: &[Diagnostic]) -> bool {
        let mut refused: Vec<(usize, &str)> =
            errors.iter().filter_map(|error| Some((list_of(spec, error)?, error.message.as_str()))).collect();
        refused.retain(|(at, _)| *at < self.resources.len());
        refused.sort_unstable();
        refused.dedup_by_key(|(at, _)| *at);
        for (at, message) in refused.iter().rev() {
            self.leave(*at, message, document);
        }
        !refused.is_empty()
    }

    /// Makes a call of a list. Those below it ask their caller for what it would have given.
    fn leave(&mut self, at: usize, reason: &str, document: &Document) {
        let resource = self.resources.remove(at);
        for other in &mut self.resources {
            other.parents.retain(|parent| parent.value.resource != resource.name);
        }
        document.note(&resource.pointer, Code::ListLeft, &[&resource.operation, reason]);
        self.left.push(Left {
            confidence: resource.confidence(),
            operation: resource.operation,
            pointer: resource.pointer,
            method: resource.method.clone(),
            path: resource.path,
            reason: reason.to_owned(),
        });
    }
}

/// The number of the list that an error is about.
fn list_of(spec: &str, error: &Diagnostic) -> Option<usize> {
    let start = error.labels.first()?.span.start as usize;
    let line = spec.get(start..)?.find('\n').map_or(spec.len(), |length| start + length);
    spec.get(..line)?.lines().filter(|line| line.starts_with(BEGINS)).count().checked_sub(1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::infer::tests::{decisions, document};
    use crate::source::{FileId, Span};

    #[test]
    fn a_list_that_is_refused_is_a_call() {
        let list = json!({"get": {"responses": {"200": {"content": {"application/json": {"schema": {
            "type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}}}}}}}});
        let root = json!({"openapi": "3.1.0", "paths": {"/teams": list, "/teams/{id}/users": list, "/rooms": list}});
        let mut found = decisions(&root);
        assert_eq!(found.resources[1].parents.len(), 1);
        let spec = found.to_yaml();
        let at = u32::try_from(spec.find("teams").unwrap()).unwrap();
        let error = Diagnostic::new(Code::NoValue, Span { file: FileId(0), start: at, end: at }, &["x"]);
        assert!(found.withdraw(&document(&root), &spec, &[error]));
        let names: Vec<&str> = found.resources.iter().map(|resource| resource.name.as_str()).collect();
        assert_eq!(names, ["users", "rooms"]);
        assert!(found.resources[0].parents.is_empty());
        assert_eq!(found.left[0].path, "/teams");
        assert!(!found.withdraw(&document(&root), &spec, &[]));
    }
}

//! Small documents, and what is worked out of them.

use std::path::Path as FilePath;

use serde_json::{Value, json};

use super::*;
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Sources};

pub(super) fn document(root: &Value) -> Document {
    let mut sources = Sources::default();
    let file = sources.add(FilePath::new("api.json"), root.to_string());
    assert_eq!(file, FileId(0));
    Document::new(file, root.clone(), &mut sources, &mut Diagnostics::default())
}

pub(super) fn decisions(root: &Value) -> Decisions {
    let document = document(root);
    infer(&document, &document.operations(), &Filter::default())
}

/// Looks at the one operation of a path.
pub(super) fn with_document<T>(item: &Value, look: impl for<'d> FnOnce(&'d Document, &Operation<'d>, &Schemas<'d>) -> T) -> T {
    let document = document(&json!({"openapi": "3.1.0", "paths": {"/things": item}}));
    let operations = document.operations();
    look(&document, &operations[0], &Schemas::new(&document))
}

pub(super) fn with_operation<T>(item: &Value, look: impl for<'d> FnOnce(&Operation<'d>, &Schemas<'d>) -> T) -> T {
    with_document(item, |_, operation, schemas| look(operation, schemas))
}

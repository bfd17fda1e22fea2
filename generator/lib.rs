//! Tapwright compiles the description of an HTTP API into a standalone, strongly typed Rust crate.
//!
//! The pipeline, stage by stage: see `ARCHITECTURE.md`.

#![forbid(unsafe_code)]

pub mod check;
pub mod codes;
pub mod diagnostic;
pub mod draft;
pub mod emit;
pub mod expression;
pub mod facts;
pub mod fingerprint;
pub mod format;
pub mod infer;
pub mod json_schema;
pub mod lock;
pub mod mock;
pub mod model;
pub mod names;
pub mod native;
pub mod openapi;
pub mod plan;
pub mod reference;
pub mod resolve;
pub mod source;
pub mod tree;

use std::path::Path;

use codes::Code;
use diagnostic::Diagnostics;
use model::Api;
use source::{FileId, Sources, Span};
use tree::Tree;

/// Reads a spec and everything that it refers to; none where anything is wrong with it.
pub fn load(path: &Path, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Api> {
    match std::fs::read_to_string(path) {
        Ok(text) => load_text(path, &text, sources, diagnostics),
        Err(error) => {
            let file = sources.add(path, "");
            let span = Span { file, start: 0, end: 0 };
            diagnostics.report(Code::NoFile, span, &[&path.display().to_string(), &error.to_string()]);
            None
        }
    }
}

/// Reads a spec from a text. The name is shown in diagnostics, and is where files that it refers to are looked for.
pub fn load_text(name: impl AsRef<Path>, text: &str, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Api> {
    // A byte order mark is no part of the text.
    let file = sources.add(name.as_ref(), text.strip_prefix('\u{feff}').unwrap_or(text));
    let api = front(file, sources, diagnostics);
    diagnostics.sort();
    api.filter(|_| !diagnostics.has_errors())
}

/// What shapes a crate besides its spec.
#[derive(Clone, Debug)]
pub struct EmitOptions {
    /// The name of the spec's file, as written files say it.
    pub spec: String,
}

/// The crate of an API, in memory; empty where anything is wrong.
pub fn emit(api: &Api, options: &EmitOptions, diagnostics: &mut Diagnostics) -> Tree {
    let plan = plan::plan(api);
    emit::emit(&plan, &options.spec).unwrap_or_else(|fault| {
        diagnostics.report(Code::Internal, api.name.span, &[&fault]);
        Tree::default()
    })
}

/// The front end, stage by stage.
fn front(file: FileId, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Api> {
    let draft = native::read(file, sources, diagnostics)?;
    let api = resolve::resolve(draft, sources, diagnostics);
    check::check(&api, sources, diagnostics);
    Some(api)
}

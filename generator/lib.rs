//! Tapwright compiles the description of an HTTP API into a standalone, strongly typed Rust crate.
//!
//! The pipeline, stage by stage: see `ARCHITECTURE.md`.

#![forbid(unsafe_code)]

pub mod check;
pub mod codes;
pub mod diagnostic;
pub mod diff;
pub mod draft;
pub mod emit;
pub mod expression;
pub mod facts;
pub mod fingerprint;
pub mod format;
pub mod infer;
pub mod json_schema;
pub mod layout;
pub mod learn;
pub mod lint;
pub mod lock;
pub mod mock;
pub mod model;
pub mod names;
pub mod native;
pub mod openapi;
pub mod plan;
pub mod reference;
pub mod resolve;
pub mod sample;
pub mod source;
pub mod tree;

use std::path::Path;

use codes::Code;
use diagnostic::Diagnostics;
use infer::Decisions;
use model::Api;
use openapi::{Document, Filter};
use source::{FileId, Sources, Span};
use tree::Tree;

/// Reads a spec and everything that it refers to; none where anything is wrong with it.
pub fn load(path: &Path, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Api> {
    match sources.read(path) {
        Ok(text) => load_text(path, &text, sources, diagnostics),
        Err(error) => {
            let file = sources.add(path, "");
            let span = Span { file, start: 0, end: 0 };
            diagnostics.report(Code::NoFile, span, &[&path.display().to_string(), &error.to_string()]);
            None
        }
    }
}

/// What shapes an API besides its spec.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// Which operations of a document are taken, by patterns; all if there are none.
    pub only: Vec<String>,
}

/// Reads a spec or an OpenAPI document from a text. The name is shown in diagnostics, and is where files that it refers to are looked
/// for.
pub fn load_text(name: impl AsRef<Path>, text: &str, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Api> {
    load_text_with(name, text, &LoadOptions::default(), sources, diagnostics)
}

/// The same, with options.
pub fn load_text_with(
    name: impl AsRef<Path>,
    text: &str,
    options: &LoadOptions,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Api> {
    // A byte order mark is no part of the text.
    let file = sources.add(name.as_ref(), text.strip_prefix('\u{feff}').unwrap_or(text));
    let api = front(file, options, sources, diagnostics);
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

/// The front end. A document is read through the spec that is written for it.
fn front(file: FileId, options: &LoadOptions, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Api> {
    if !openapi::sniff(sources.text(file)) {
        let api = stages(file, None, sources, diagnostics)?;
        let text = sources.is_last(file).then(|| sources.text(file).to_owned());
        return Some(Api { text, ..api });
    }
    let document = openapi::open(file, sources, diagnostics)?;
    let operations = document.operations();
    if operations.is_empty() {
        document.note("/paths", Code::NoOperations, &[]);
        document.report(sources, diagnostics);
        return None;
    }
    let mut decisions = infer::infer(&document, &operations, &Filter::new(options.only.iter().cloned()));
    loop {
        let text = connector((&document, &operations), &decisions, options, sources);
        let spec = sources.add(CONNECTOR, text);
        let mut said = Diagnostics::default();
        let api = stages(spec, Some(&document), sources, &mut said);
        // A list that the language refuses stays a call.
        let (refused, other): (Vec<_>, Vec<_>) = said.iter().cloned().partition(|one| one.is_error_in(spec));
        let is_changed = decisions.withdraw(&document, sources.text(spec), &refused);
        let held = if is_changed { other } else { said.iter().cloned().collect() };
        for one in held {
            diagnostics.push(one);
        }
        if !is_changed {
            return api.map(|api| Api { inferred: Some(sources.text(spec).to_owned()), ..api });
        }
    }
}

/// The stages of the front end.
fn stages(spec: FileId, given: Option<&Document>, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<Api> {
    let draft = native::read(spec, given, sources, diagnostics)?;
    let api = resolve::resolve(draft, sources, diagnostics);
    check::check(&api, sources, diagnostics);
    Some(api)
}

/// The spec that is written for a document.
pub const CONNECTOR: &str = "connector.yaml";

/// What `connector.yaml` holds: what the document says of the API as a whole, and the lists that were found in it.
fn connector<'d>(
    (document, operations): (&'d Document, &[openapi::Operation<'d>]),
    decisions: &Decisions,
    options: &LoadOptions,
    sources: &Sources,
) -> String {
    let path = sources.path(document.file);
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let mut text = format!("openapi: {}\n", openapi::quoted(&name));
    if !options.only.is_empty() {
        let patterns: Vec<String> = options.only.iter().map(|pattern| openapi::quoted(pattern)).collect();
        text.extend(["only: [", &patterns.join(", "), "]\n"]);
    }
    text + &document.head(operations).to_yaml(&document.connector_name(path)) + &decisions.to_yaml()
}

//! `gen explain`: what is worked out of an OpenAPI document, and why.

use std::path::PathBuf;

use tapwright::codes::Code;
use tapwright::infer::infer;
use tapwright::openapi::{Document, Filter, is_document, read_value};
use tapwright::source::Span;

use super::compile::with_diagnostics;
use super::failure::Failure;
use super::shell::{Shell, data};

const AFTER_HELP: &str = "\
Example:
  gen explain --spec petstore.yaml

Each operation that lists records is shown with where they are in the answer, what identifies them, how one page leads to the
next, and how sure that is, from 0 to 1. With `--json` it is one JSON object a line.";

/// What is worked out of an OpenAPI document, and why.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The document.
    #[arg(long, value_name = "FILE")]
    spec: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, shell: Shell) -> Result<(), Failure> {
    let spec = &arguments.spec;
    let decisions = with_diagnostics(spec, shell, |text, sources, diagnostics| {
        let file = sources.add(spec, text.strip_prefix('\u{feff}').unwrap_or(text));
        let root = read_value(file, sources, diagnostics)?;
        if !is_document(&root) {
            let span = Span { file, start: 0, end: 0 };
            diagnostics.report(Code::NoDocument, span, &[&format!("`{}`", spec.display())]);
            return None;
        }
        // What it has to say about lists that stay calls stands in the table, so that notes are not reported.
        Some(infer(&Document::new(file, root, sources, diagnostics), &Filter::default()))
    })?;
    data(&if shell.json { decisions.to_json_lines() } else { decisions.to_table() })
}

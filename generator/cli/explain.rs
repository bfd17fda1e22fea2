//! `gen explain`: what is worked out of an OpenAPI document, and why; or what a spec says.

use std::path::PathBuf;

use tapwright::infer::{infer, spec};
use tapwright::openapi::{self, Filter};

use super::compile::with_diagnostics;
use super::failure::Failure;
use super::shell::{Shell, data};

const AFTER_HELP: &str = "\
Example:
  gen explain --spec petstore.yaml

Each operation that lists records is shown with where they are in the answer, what identifies them, how one page leads to the
next, and how sure that is, from 0 to 1. What a spec says itself is `said`. With `--json` it is one JSON object a line.";

/// What is worked out of an OpenAPI document, and why; or what a spec says.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The document, or the spec.
    #[arg(long, value_name = "FILE")]
    spec: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, shell: Shell) -> Result<(), Failure> {
    let path = &arguments.spec;
    let shown = with_diagnostics(path, shell, |text, sources, diagnostics| {
        if !openapi::sniff(text) {
            let api = tapwright::load_text(path, text, sources, diagnostics)?;
            return Some(if shell.json { spec::to_json_lines(&api) } else { spec::to_table(&api) });
        }
        let file = sources.add(path, text.strip_prefix('\u{feff}').unwrap_or(text));
        let document = openapi::open(file, sources, diagnostics)?;
        // What it has to say about lists that stay calls stands in the table, so that notes are not reported.
        let decisions = infer(&document, &document.operations(), &Filter::default());
        Some(if shell.json { decisions.to_json_lines() } else { decisions.to_table() })
    })?;
    data(&shown)
}

//! `gen reference`: the reference of the language.

use super::failure::Failure;
use super::shell::data;

const AFTER_HELP: &str = "\
Example:
  gen reference > docs/spec.md";

/// Prints the reference of the spec language, as Markdown.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {}

pub(crate) fn run() -> Result<(), Failure> {
    data(&tapwright::reference::markdown())
}

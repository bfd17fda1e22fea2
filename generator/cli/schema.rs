//! `gen schema`: the JSON Schema of the language, for editors.

use super::failure::Failure;
use super::shell::data;

const AFTER_HELP: &str = "\
Example:
  gen schema > connector.schema.json

Editors with the YAML language server complete and check a spec whose first line is
  # yaml-language-server: $schema=connector.schema.json";

/// Prints the JSON Schema of the spec language, for editors.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {}

pub(crate) fn run() -> Result<(), Failure> {
    data(&format!("{:#}\n", tapwright::json_schema::json_schema()))
}

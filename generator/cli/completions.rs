//! `gen completions SHELL`: shell completions.

use clap_complete::Shell as Kind;

use super::failure::Failure;
use super::shell::data;

const AFTER_HELP: &str = "\
Examples:
  gen completions bash > ~/.local/share/bash-completion/completions/gen
  gen completions fish > ~/.config/fish/completions/gen.fish";

/// Prints completions for a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Kind,
}

pub(crate) fn run(arguments: &Arguments, command: &mut clap::Command) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, command, "gen", &mut script);
    data(&String::from_utf8_lossy(&script))
}

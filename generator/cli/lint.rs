//! `gen lint`: advice on specs.

use std::path::{Path, PathBuf};

use tapwright::diagnostic::Severity;

use super::compile::{specs_or_all, with_diagnostics};
use super::failure::Failure;
use super::shell::Shell;

const AFTER_HELP: &str = "\
Examples:
  gen lint                      Every `specs/*.yaml`
  gen lint --spec acme.yaml --json
  gen lint --deny               Exits with 1 if there is anything to say

Advice is about specs that are good and could be better: each piece has its place, the reason, and what to do.";

/// Gives advice on specs: keys, logs that are read whole, secrets that show, pages that move or are small.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// A spec [default: every `specs/*.yaml`].
    #[arg(long, value_name = "FILE")]
    spec: Vec<PathBuf>,
    /// Exit with 1 if there is any advice.
    #[arg(long)]
    deny: bool,
}

pub(crate) fn run(arguments: &Arguments, shell: Shell) -> Result<(), Failure> {
    let specs = specs_or_all(&arguments.spec, "to look at")?;
    let mut count = 0;
    for spec in &specs {
        count += lint(spec, shell)?;
    }
    if arguments.deny && count > 0 { Err(Failure::Advice { count }) } else { Ok(()) }
}

/// Shows the advice on a spec, and says how much there is.
fn lint(spec: &Path, shell: Shell) -> Result<usize, Failure> {
    let count = with_diagnostics(spec, shell, |text, sources, diagnostics| {
        let api = tapwright::load_text(spec, text, sources, diagnostics)?;
        tapwright::lint::lint(&api, diagnostics);
        Some(diagnostics.iter().filter(|one| one.severity == Severity::Advice).count())
    })?;
    if count == 0 {
        shell.status("Checked", &format!("`{}`", spec.display()));
    }
    Ok(count)
}

//! `gen fmt`: specs in their canonical order and layout.

use std::path::{Path, PathBuf};

use tapwright::layout::{self, Unformatted};

use super::compile::specs_or_all;
use super::failure::Failure;
use super::shell::{Shell, unified};

const AFTER_HELP: &str = "\
Examples:
  gen fmt                    Every `specs/*.yaml`
  gen fmt --spec acme.yaml
  gen fmt --check            Changes nothing; shows the difference, and exits with 1 if there is one

Keys come in the order of `gen reference`, two spaces a level; comments stay with the key below them. What is written in braces is
left as it is.";

/// Brings specs into their canonical order and layout; comments are kept.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// A spec [default: every `specs/*.yaml`].
    #[arg(long, value_name = "FILE")]
    spec: Vec<PathBuf>,
    /// Change nothing; show the difference, and exit with 1 if there is one.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments, shell: Shell) -> Result<(), Failure> {
    let specs = specs_or_all(&arguments.spec, "to format")?;
    let mut differing = 0_usize;
    for spec in &specs {
        differing += usize::from(!format(spec, arguments.check, shell)?);
    }
    if differing == 0 || !arguments.check {
        return Ok(());
    }
    let message =
        if differing == 1 { "1 spec is not formatted".to_owned() } else { format!("{differing} specs are not formatted") };
    Err(Failure::Differences { message, hint: "run `gen fmt`".to_owned() })
}

/// Formats a spec, or shows how it would be formatted; whether it was already.
fn format(spec: &Path, is_check: bool, shell: Shell) -> Result<bool, Failure> {
    let text = std::fs::read_to_string(spec).map_err(|error| Failure::file("read", spec, &error))?;
    let formatted = match layout::format(&text) {
        Ok(formatted) => formatted,
        Err(Unformatted::Json) => {
            shell.status("Skipped", &format!("`{}`: {}", spec.display(), Unformatted::Json));
            return Ok(true);
        }
        Err(reason) => {
            let hint = Some(format!("`gen explain --spec {}` says what is wrong with it", spec.display()));
            return Err(Failure::Usage { message: format!("`{}` is left as it is: {reason}", spec.display()), hint });
        }
    };
    if formatted == text {
        shell.status("Checked", &format!("`{}`", spec.display()));
        return Ok(true);
    }
    if is_check {
        let name = spec.display().to_string();
        shell.diff(&unified([&name, &name], &text, &formatted))?;
    } else {
        std::fs::write(spec, &formatted).map_err(|error| Failure::file("write", spec, &error))?;
        shell.status("Formatted", &format!("`{}`", spec.display()));
    }
    Ok(false)
}

//! `gen diff OLD NEW`: what a change of a spec means for code, payloads, tables and saved state.

use tapwright::LoadOptions;
use tapwright::diff::Report;
use tapwright::lock::{self, Lock};

use super::compile::{compile_from, load_from};
use super::failure::Failure;
use super::revision::Origin;
use super::shell::{Shell, data};

const AFTER_HELP: &str = "\
Examples:
  gen diff main:specs/auth0.yaml specs/auth0.yaml    A spec, and that of `main`
  gen diff old.json new.json --markdown              Two documents, for a pull request
  gen diff HEAD~1:generated/acme/connector.lock specs/acme.yaml
                                                     A lock tells which digests differ, no more

Each change is judged at four levels:
  Rust API   does code that uses the old crate still compile?
  decode     does the old crate read what the new API sends?
  table      what has a destination to do with the tables that it has?
  state      is what was saved still taken? Without its checkpoint a run that was cut short
             starts over; without its state the next run reads everything.

What breaks code, tables or states needs a new major version (before 1.0: minor), and what is
new a minor one (patch). Exits with 5 if `version` of the specs grows by less.";

/// What changes between two versions of a spec, whom it breaks, and which version it needs.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The old version: a spec, an OpenAPI document or a `connector.lock`; a file, or `REV:PATH` in a revision of git.
    #[arg(value_name = "OLD")]
    old: String,
    /// The new version.
    #[arg(value_name = "NEW")]
    new: String,
    /// Print a report for a pull request.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

pub(crate) fn run(arguments: &Arguments, shell: Shell) -> Result<(), Failure> {
    let (old, new) = (Origin::of(&arguments.old), Origin::of(&arguments.new));
    let report = if is_lock(&old) || is_lock(&new) {
        let (old, new) = (lock_of(&old, shell)?, lock_of(&new, shell)?);
        Report::of_locks(&arguments.new, &old, &new)
    } else {
        let load = |origin: &Origin| load_from(origin.sources(), &origin.path, shell.quietly());
        Report::of_specs(&load(&old)?, &load(&new)?)
    };
    data(&match (shell.json, arguments.markdown) {
        (true, _) => report.to_json(),
        (_, true) => report.to_markdown(),
        _ => report.to_text(),
    })?;
    match &report.release {
        Some(release) if !release.is_declared() => Err(Failure::Undeclared {
            message: format!("the changes need version {} or more, but the spec says {}", release.needed, release.new),
            hint: format!("set `version: {}` in `{}`", release.needed, arguments.new),
        }),
        _ => Ok(()),
    }
}

fn is_lock(origin: &Origin) -> bool {
    origin.path.file_name().is_some_and(|name| name == lock::FILE)
}

/// A lock, or that of the crate that a spec gives.
fn lock_of(origin: &Origin, shell: Shell) -> Result<Lock, Failure> {
    if is_lock(origin) {
        let text = origin.sources().read(&origin.path);
        return text.map(|text| Lock::parse(&text)).map_err(|error| Failure::file("read", &origin.path, &error));
    }
    let compiled = compile_from(origin.sources(), &origin.path, &LoadOptions::default(), shell.quietly())?;
    let text = compiled.tree.get(lock::FILE).unwrap_or_default();
    Ok(Lock::parse(&String::from_utf8_lossy(text)))
}

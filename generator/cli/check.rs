//! `gen check`: are the committed crates what their specs give?

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;
use tapwright::lock;
use tapwright::tree::{Cause, Difference};
use tapwright::{CONNECTOR, LoadOptions};

use super::compile::{compile, folder, refused, specs};
use super::failure::Failure;
use super::shell::{Shell, data, unified};

const AFTER_HELP: &str = "\
Examples:
  gen check                                    Every `specs/*.yaml` and every crate in `generated`
  gen check --spec acme.yaml --spec shop.yaml
  gen check --spec acme.yaml --out crates/acme

Prints a unified diff: `-` is what is there, `+` what should be. Nothing is ever written.

With `--json`, one object a line. `difference` is one of `missing_crate`, `missing_spec`,
`missing`, `out_of_date`, `leftover`, `edited`, `edited_lock`, `edited_spec`, `in_the_way`;
`file`, `crate`, `spec` (null where it is missing) and `message` say where and what.

Exit status: 0 no differences, 1 crates are out of date, incomplete or without a spec, 2 a bad
spec or command line, 3 files that cannot be read, 4 generated files were edited by hand. Of
several the largest counts.";

/// Are the committed crates what their specs give? Shows the difference, and exits with 1 or 4 if not.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// A spec to check; may be repeated [default: every `specs/*.yaml`].
    #[arg(long, value_name = "FILE")]
    spec: Vec<PathBuf>,
    /// The folder of the crate, where there is one spec [default: `generated/<name>`].
    #[arg(long, value_name = "DIR", requires = "spec")]
    out: Option<PathBuf>,
    /// What the crate was made with: which operations of an OpenAPI document it takes.
    #[arg(long, value_name = "PATTERN", requires = "spec")]
    only: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments, shell: Shell) -> Result<(), Failure> {
    let is_whole = arguments.spec.is_empty();
    let specs = if is_whole { specs() } else { arguments.spec.clone() };
    let crates = if is_whole { crates() } else { BTreeSet::new() };
    if specs.is_empty() && crates.is_empty() {
        let hint = "name one with `--spec FILE`, or run this where the project's `specs` are".to_owned();
        return Err(Failure::Usage { message: "there is no `specs/*.yaml` to check".to_owned(), hint: Some(hint) });
    }
    if specs.len() > 1 && (arguments.out.is_some() || !arguments.only.is_empty()) {
        let hint = Some("check them one by one".to_owned());
        return Err(Failure::Usage {
            message: "`--out` and `--only` are for one crate, but there are several specs".to_owned(),
            hint,
        });
    }
    let options = LoadOptions { only: arguments.only.clone() };
    let mut orphans = crates;
    let mut failures = Vec::new();
    for spec in &specs {
        let checked = check(spec, arguments.out.as_deref(), &options, shell);
        // The crate of a bad spec has a spec all the same.
        orphans.remove(checked.as_ref().map_or(&usual(spec), |(folder, _)| folder));
        failures.extend(checked.map_or_else(Some, |(_, found)| found));
    }
    for orphan in &orphans {
        failures.push(missing_spec(orphan, shell)?);
    }
    worst(failures, shell)
}

/// The folders below `generated` that `gen` wrote.
fn crates() -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir("generated").into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|folder| folder.join(lock::FILE).is_file()).collect()
}

/// The folder of the crate of a spec that is named as its file is.
fn usual(spec: &Path) -> PathBuf {
    Path::new("generated").join(spec.file_stem().unwrap_or_default())
}

/// Ends with the gravest failure; the others are shown before.
fn worst(mut failures: Vec<Failure>, shell: Shell) -> Result<(), Failure> {
    failures.sort_by_key(Failure::status);
    let Some(last) = failures.pop() else { return Ok(()) };
    for failure in &failures {
        shell.failure(failure);
    }
    Err(last)
}

/// Compares a crate with its spec. Gives the crate's folder, and what is wrong with it.
fn check(spec: &Path, out: Option<&Path>, options: &LoadOptions, shell: Shell) -> Result<(PathBuf, Option<Failure>), Failure> {
    let compiled = compile(spec, options, shell)?;
    let folder = folder(&compiled.api, out);
    let only = options.only.iter().fold(String::new(), |only, pattern| only + " --only '" + pattern + "'");
    let out = out.map(|out| format!(" --out {}", out.display())).unwrap_or_default();
    let command = format!("gen --spec {}{only}{out}", spec.display());
    if !folder.exists() {
        let message = format!("`{}` is missing: `{}` has no crate", folder.display(), spec.display());
        line(shell, "missing_crate", &folder, &folder, Some(spec), &message)?;
        return Ok((folder, Some(Failure::Differences { message, hint: format!("run `{command}`") })));
    }
    let differences = compiled.tree.compare(&folder).map_err(|error| refused(&error))?;
    if differences.is_empty() {
        shell.status("Checked", &format!("`{}`: it is what `{}` gives", folder.display(), spec.display()));
        return Ok((folder, None));
    }
    for difference in &differences {
        show(difference, &folder, spec, shell)?;
    }
    let failure = failure(&differences, &folder, spec, &command);
    Ok((folder, Some(failure)))
}

/// What differences come to, and what to do about them.
fn failure(differences: &[Difference], folder: &Path, spec: &Path, command: &str) -> Failure {
    let by_hand: Vec<&Difference> = differences.iter().filter(|one| is_by_hand(one)).collect();
    if by_hand.is_empty() {
        let message = format!("`{}` is not what `{}` gives: {}", folder.display(), spec.display(), differ(differences.len()));
        return Failure::Differences { message, hint: format!("run `{command}`") };
    }
    let names: Vec<String> = by_hand.iter().map(|one| format!("`{}`", one.path)).collect();
    let others = differences.len() - by_hand.len();
    let rest = if others > 0 { format!("; besides, {}", differ(others)) } else { String::new() };
    let keep = match by_hand.as_slice() {
        [one] if one.path == CONNECTOR => "to keep what was changed, make it a spec of its own",
        [one] if one.path == lock::FILE => "it is for `gen` alone",
        _ if by_hand.iter().any(|one| one.cause == Cause::InTheWay) => "move what `gen` did not write",
        _ => "to keep what was changed, put it into the spec",
    };
    Failure::Edited {
        message: format!("edited by hand in `{}`: {}{rest}", folder.display(), names.join(", ")),
        hint: format!("{keep}; then run `{command}`"),
    }
}

fn is_by_hand(difference: &Difference) -> bool {
    matches!(difference.cause, Cause::Edited | Cause::InTheWay)
}

fn differ(count: usize) -> String {
    if count == 1 { "1 file differs".to_owned() } else { format!("{count} files differ") }
}

/// A crate whose spec is gone.
fn missing_spec(folder: &Path, shell: Shell) -> Result<Failure, Failure> {
    let message = format!("`{}` has no spec: none of `specs/*.yaml` gives it", folder.display());
    line(shell, "missing_spec", folder, folder, None, &message)?;
    Ok(Failure::Differences { message, hint: "bring the spec back, or remove the crate".to_owned() })
}

fn show(difference: &Difference, folder: &Path, spec: &Path, shell: Shell) -> Result<(), Failure> {
    let path = folder.join(&difference.path);
    if shell.json {
        let (kind, message) = kind(difference);
        return line(shell, kind, &path, folder, Some(spec), message);
    }
    let text = |bytes: &Option<Vec<u8>>| String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
    let name = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or_else(|| "/dev/null".to_owned(), |_| path.display().to_string());
    let (found, expected) = (&difference.found, &difference.expected);
    shell.diff(&unified([&name(found), &name(expected)], &text(found), &text(expected)))
}

/// The name of a difference for tools, and what it is.
fn kind(difference: &Difference) -> (&'static str, &'static str) {
    match (difference.cause, difference.path.as_str()) {
        (Cause::Missing, _) => ("missing", "the file is missing"),
        (Cause::OutOfDate, _) => ("out_of_date", "the spec, or `gen`, has changed since the file was written"),
        (Cause::Leftover, _) => ("leftover", "the spec gives no such file any more"),
        (Cause::InTheWay, _) => ("in_the_way", "`gen` did not write the file, and has one of its own there"),
        (Cause::Edited, lock::FILE) => ("edited_lock", "the lock is not as `gen` wrote it"),
        (Cause::Edited, CONNECTOR) => ("edited_spec", "the spec that was worked out of the document was edited by hand"),
        (Cause::Edited, _) => ("edited", "the file was edited by hand since it was written"),
    }
}

/// A difference for tools.
fn line(shell: Shell, kind: &str, file: &Path, folder: &Path, spec: Option<&Path>, message: &str) -> Result<(), Failure> {
    if !shell.json {
        return Ok(());
    }
    let shown = |path: &Path| path.display().to_string();
    let line = json!({
        "difference": kind,
        "file": shown(file),
        "crate": shown(folder),
        "spec": spec.map(shown),
        "message": message,
    });
    data(&format!("{line}\n"))
}

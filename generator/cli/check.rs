//! `gen check`: are the committed crates what their specs give?

use std::path::{Path, PathBuf};

use serde_json::json;
use similar::TextDiff;
use tapwright::LoadOptions;
use tapwright::tree::Difference;

use super::compile::{compile, folder, refused, specs};
use super::failure::Failure;
use super::shell::{Shell, data};

const AFTER_HELP: &str = "\
Examples:
  gen check                             Every `specs/*.yaml` against its crate in `generated`
  gen check --spec acme.yaml --out crates/acme

Prints a unified diff, and exits with 1 if anything differs.";

/// Are the committed crates what their specs give? Shows the difference, and exits with 1 if not.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// A spec to check [default: every `specs/*.yaml`].
    #[arg(long, value_name = "FILE")]
    spec: Vec<PathBuf>,
    /// The folder of the crate, where there is one spec [default: `generated/<name>`].
    #[arg(long, value_name = "DIR", requires = "spec")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, shell: Shell) -> Result<(), Failure> {
    let specs = if arguments.spec.is_empty() { specs() } else { arguments.spec.clone() };
    if specs.is_empty() {
        let hint = "name one with `--spec FILE`, or run this where the project's `specs` are".to_owned();
        return Err(Failure::Usage { message: "there is no `specs/*.yaml` to check".to_owned(), hint: Some(hint) });
    }
    if specs.len() > 1 && arguments.out.is_some() {
        let hint = Some("check them one by one, or leave out `--out`".to_owned());
        return Err(Failure::Usage {
            message: "`--out` is the folder of one crate, but there are several specs".to_owned(),
            hint,
        });
    }
    let failures: Vec<Failure> = specs.iter().filter_map(|spec| check(spec, arguments.out.as_deref(), shell).err()).collect();
    worst(failures, shell)
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

fn check(spec: &Path, out: Option<&Path>, shell: Shell) -> Result<(), Failure> {
    let compiled = compile(spec, &LoadOptions::default(), shell)?;
    let folder = folder(&compiled.api, out);
    let differences = compiled.tree.compare(&folder).map_err(|error| refused(&error))?;
    if differences.is_empty() {
        shell.status("Checked", &format!("`{}`: it is what `{}` gives", folder.display(), spec.display()));
        return Ok(());
    }
    for difference in &differences {
        show(difference, &folder, spec, shell)?;
    }
    let out = out.map(|out| format!(" --out {}", out.display())).unwrap_or_default();
    let files = if differences.len() == 1 { "1 file differs".to_owned() } else { format!("{} files differ", differences.len()) };
    Err(Failure::Differences {
        message: format!("`{}` is not what `{}` gives: {files}", folder.display(), spec.display()),
        hint: format!("run `gen --spec {}{out}`", spec.display()),
    })
}

fn show(difference: &Difference, folder: &Path, spec: &Path, shell: Shell) -> Result<(), Failure> {
    let path = folder.join(&difference.path);
    if shell.json {
        let kind = match (&difference.found, &difference.expected) {
            (None, _) => "missing",
            (_, None) => "stale",
            _ => "changed",
        };
        let line = json!({ "difference": kind, "file": path.display().to_string(), "spec": spec.display().to_string() });
        return data(&format!("{line}\n"));
    }
    let text = |bytes: &Option<Vec<u8>>| String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
    let name = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or_else(|| "/dev/null".to_owned(), |_| path.display().to_string());
    let (found, expected) = (text(&difference.found), text(&difference.expected));
    let diff = TextDiff::from_lines(&found, &expected);
    let shown = diff.unified_diff().header(&name(&difference.found), &name(&difference.expected)).to_string();
    shell.diff(&shown)
}

//! `gen --spec FILE`: writes the crate of a spec.

use std::path::{Path, PathBuf};

use tapwright::LoadOptions;
use tapwright::tree::Report;

use super::compile::{compile, folder, refused};
use super::failure::Failure;
use super::shell::Shell;

/// What the command without a name takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The spec to compile.
    #[arg(long, value_name = "FILE")]
    pub(crate) spec: Option<PathBuf>,
    /// The folder of the crate [default: `generated/<name>`].
    #[arg(long, value_name = "DIR", requires = "spec")]
    out: Option<PathBuf>,
    /// Take only what matches of an OpenAPI document: `tag:users`, `path:/v1/users*`, `operation:List*`, `schema:User`; may be repeated.
    #[arg(long, value_name = "PATTERN", requires = "spec")]
    only: Vec<String>,
    /// Build the crate, read a mock of the API through it, and show how that went.
    #[arg(long, requires = "spec")]
    demo: bool,
}

impl Arguments {
    /// Whether any of them is there.
    pub(crate) fn is_given(&self) -> bool {
        self.spec.is_some() || self.out.is_some() || self.demo || !self.only.is_empty()
    }
}

pub(crate) fn run(spec: &Path, arguments: &Arguments, shell: Shell) -> Result<(), Failure> {
    let options = LoadOptions { only: arguments.only.clone() };
    let compiled = compile(spec, &options, shell)?;
    let folder = folder(&compiled.api, arguments.out.as_deref());
    let report = compiled.tree.write(&folder).map_err(|error| refused(&error))?;
    shell.status("Compiled", &format!("`{}` to `{}`: {}", spec.display(), folder.display(), summary(&report)));
    for path in &report.kept {
        shell.status("Kept", &format!("`{}`, which is no longer generated but was changed by hand", folder.join(path).display()));
    }
    if arguments.demo { super::demo::run(compiled.api, &folder, shell) } else { Ok(()) }
}

/// `3 files written, 1 removed, 44 unchanged`
fn summary(report: &Report) -> String {
    let files = if report.written.len() == 1 { "file" } else { "files" };
    let mut parts = vec![format!("{} {files} written", report.written.len())];
    if !report.removed.is_empty() {
        parts.push(format!("{} removed", report.removed.len()));
    }
    parts.push(format!("{} unchanged", report.unchanged));
    parts.join(", ")
}

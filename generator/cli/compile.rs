//! From a spec's path to its model and its crate; what it has to say on the way is shown.

use std::path::{Path, PathBuf};

use tapwright::diagnostic::Diagnostics;
use tapwright::model::Api;
use tapwright::source::Sources;
use tapwright::tree::{Tree, WriteError};
use tapwright::{EmitOptions, LoadOptions};

use super::failure::Failure;
use super::shell::Shell;

/// A spec that is good.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) api: Api,
    pub(crate) tree: Tree,
}

/// Reads a spec and makes its crate in memory.
pub(crate) fn compile(spec: &Path, options: &LoadOptions, shell: Shell) -> Result<Compiled, Failure> {
    compile_from(Sources::default(), spec, options, shell)
}

/// The same with files that may be elsewhere than on the disk.
pub(crate) fn compile_from(sources: Sources, spec: &Path, options: &LoadOptions, shell: Shell) -> Result<Compiled, Failure> {
    stages(sources, spec, shell, |text, sources, diagnostics| {
        let api = tapwright::load_text_with(spec, text, options, sources, diagnostics)?;
        // The name alone: a crate is the same wherever its spec lies.
        let name = spec.file_name().unwrap_or(spec.as_os_str()).to_string_lossy().into_owned();
        let tree = tapwright::emit(&api, &EmitOptions { spec: name }, diagnostics);
        Some(Compiled { api, tree })
    })
}

/// Reads a spec.
pub(crate) fn load(spec: &Path, shell: Shell) -> Result<Api, Failure> {
    load_from(Sources::default(), spec, shell)
}

/// The same with files that may be elsewhere than on the disk.
pub(crate) fn load_from(sources: Sources, spec: &Path, shell: Shell) -> Result<Api, Failure> {
    stages(sources, spec, shell, |text, sources, diagnostics| tapwright::load_text(spec, text, sources, diagnostics))
}

/// Reads a file, shows what the stages have to say about it, and gives what they made of it.
pub(crate) fn with_diagnostics<T>(
    spec: &Path,
    shell: Shell,
    run: impl FnOnce(&str, &mut Sources, &mut Diagnostics) -> Option<T>,
) -> Result<T, Failure> {
    stages(Sources::default(), spec, shell, run)
}

fn stages<T>(
    mut sources: Sources,
    spec: &Path,
    shell: Shell,
    run: impl FnOnce(&str, &mut Sources, &mut Diagnostics) -> Option<T>,
) -> Result<T, Failure> {
    let text = sources.read(spec).map_err(|error| unreadable(spec, &error))?;
    let mut diagnostics = Diagnostics::default();
    let made = run(&text, &mut sources, &mut diagnostics);
    shell.diagnostics(&diagnostics, &sources)?;
    made.filter(|_| !diagnostics.has_errors())
        .ok_or_else(|| Failure::Spec { path: spec.display().to_string(), errors: diagnostics.error_count() })
}

fn unreadable(spec: &Path, error: &std::io::Error) -> Failure {
    let specs = specs();
    let names: Vec<&str> = specs.iter().filter_map(|path| path.to_str()).collect();
    let hint = tapwright::diagnostic::nearest(&spec.to_string_lossy(), names).map(|near| format!("did you mean `{near}`?"));
    Failure::Io { message: format!("cannot read `{}`: {error}", spec.display()), hint }
}

/// The specs of the project: `specs/*.yaml`.
pub(crate) fn specs() -> Vec<PathBuf> {
    let entries = std::fs::read_dir("specs").into_iter().flatten().flatten().map(|entry| entry.path());
    let is_spec = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    let mut specs: Vec<PathBuf> = entries.filter(is_spec).collect();
    specs.sort();
    specs
}

/// The specs that a command is given, or else those of the project; `purpose` ends the complaint that there are none.
pub(crate) fn specs_or_all(given: &[PathBuf], purpose: &str) -> Result<Vec<PathBuf>, Failure> {
    let specs = if given.is_empty() { specs() } else { given.to_vec() };
    if specs.is_empty() {
        let hint = Some("name one with `--spec FILE`".to_owned());
        return Err(Failure::Usage { message: format!("there is no `specs/*.yaml` {purpose}"), hint });
    }
    Ok(specs)
}

/// Where a crate goes: the folder that was asked for, else `generated/<name>`.
pub(crate) fn folder(api: &Api, out: Option<&Path>) -> PathBuf {
    out.map_or_else(|| Path::new("generated").join(&api.name.value), Path::to_owned)
}

/// Says why a crate was not written or could not be compared.
pub(crate) fn refused(error: &WriteError) -> Failure {
    let hint = match error {
        WriteError::InTheWay(_) => Some("move them away, or choose another folder with `--out`".to_owned()),
        _ => None,
    };
    Failure::Io { message: error.to_string(), hint }
}

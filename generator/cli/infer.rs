//! `gen infer`: sample responses become a section `schemas`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use tapwright::learn::{self, Root};
use tapwright::model;
use tapwright::sample::har::Recording;
use tapwright::sample::judge::{Judged, judge};
use tapwright::sample::select::{self, NoPlace};
use tapwright::sample::shape::Shape;
use tapwright::sample::{DEPTH, Samples, schema_name, write};

use super::failure::Failure;
use super::shell::{Shell, data};

const AFTER_HELP: &str = "\
Examples:
  gen infer users.json                          One response, or many; a list in it is found
  gen infer --select data.items pages/          Every `*.json`, `*.ndjson`, `*.jsonl` and `*.har` below a folder
  gen infer --schema Event < events.ndjson      What comes on stdin
  gen infer session.har                         Recorded traffic: a schema for each method and path
  gen infer --spec acme.yaml --schema User users.json
                                                The schema of the spec, with what the samples need beyond it

Prints a section `schemas`. A field is `required` where twenty objects and more all had it. `gen learn` adds what samples show to a
spec that is there.";

/// Works types out of sample responses, and prints them as a section `schemas`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Responses: JSON, or one JSON text after the other; recorded traffic (`.har`); folders of these [default: stdin].
    #[arg(value_name = "FILE")]
    samples: Vec<PathBuf>,
    /// Where in a response the records are, such as `data.items` or `$` [default: the one list that there is].
    #[arg(long, value_name = "PATH")]
    select: Option<String>,
    /// The name of the schema [default: that of the file or the path].
    #[arg(long, value_name = "NAME")]
    schema: Option<String>,
    /// A spec that has the schema: what is printed is that schema, with what the samples need beyond it.
    #[arg(long, value_name = "FILE", requires = "schema")]
    spec: Option<PathBuf>,
    /// How many levels deep values are looked into; what is below is `json`.
    #[arg(long, value_name = "LEVELS", default_value_t = DEPTH)]
    depth: usize,
}

pub(crate) fn run(arguments: &Arguments, shell: Shell) -> Result<(), Failure> {
    let select = arguments.select.as_deref().map(place).transpose()?;
    let (recordings, responses): (Vec<_>, Vec<_>) = files(&arguments.samples)?.into_iter().partition(|path| is(path, &["har"]));
    if let (Some(spec), Some(name)) = (&arguments.spec, &arguments.schema) {
        let samples = read(&responses, arguments.depth, shell)?;
        return merge(spec, name, chosen(&samples, select.as_ref())?, shell);
    }
    let mut schemas = Vec::new();
    if !responses.is_empty() || arguments.samples.is_empty() {
        let samples = read(&responses, arguments.depth, shell)?;
        let name = arguments.schema.clone().unwrap_or_else(|| match responses.as_slice() {
            [one] => schema_name(&one.file_stem().unwrap_or_default().to_string_lossy()),
            _ => "Record".to_owned(),
        });
        schemas.push((name, records(&samples, select.as_ref(), shell)?));
    }
    if !recordings.is_empty() {
        schemas.extend(recorded(&recordings, select.as_ref(), arguments, shell)?);
    }
    data(&write::section(&schemas))
}

/// Prints a schema of a spec with what samples need beyond it, and says what does not go together.
fn merge(spec: &Path, name: &str, shape: &Shape, shell: Shell) -> Result<(), Failure> {
    let root = Root::Schema(name.to_owned());
    let api = super::compile::load(spec, shell)?;
    let text = std::fs::read_to_string(spec).map_err(|error| Failure::file("read", spec, &error))?;
    let unknown = || Failure::Usage {
        message: format!("`{}` has no schema `{name}` with fields", spec.display()),
        hint: Some("without `--spec` the schema is made anew".to_owned()),
    };
    let seen = learn::seen(&api, &root, shape).ok_or_else(unknown)?;
    let learnt = learn::learn(spec, &text, &[(root, seen)]);
    super::learn::tell(&learnt, shell)?;
    data(&learn::section(&learnt.text, name).ok_or_else(unknown)?)
}

/// The schemas of recorded traffic. A path whose records are not found has its whole answers for a schema.
fn recorded(
    files: &[PathBuf],
    select: Option<&model::Path>,
    arguments: &Arguments,
    shell: Shell,
) -> Result<Vec<(String, Judged)>, Failure> {
    let mut recording = Recording::new(arguments.depth);
    for file in files {
        let text = std::fs::read_to_string(file).map_err(|error| Failure::file("read", file, &error))?;
        recording.read(&text).map_err(|bad| Failure::io(format!("`{}`: {bad}", file.display())))?;
    }
    let mut schemas: Vec<(String, Judged)> = Vec::new();
    for (name, ((method, path), samples)) in recording.names().iter().zip(&recording.calls) {
        let found = select.map_or_else(
            || select::records(&samples.shape).ok().map(|(_, shape)| shape),
            |path| select::at(&samples.shape, path).ok(),
        );
        let name = unique(&schema_name(name), &schemas);
        shell.status("Read", &format!("{} answers of `{method} {path}` as `{name}`", samples.shape.count()));
        schemas.push((name, judge(found.unwrap_or(&samples.shape))));
    }
    Ok(schemas)
}

fn unique(name: &str, taken: &[(String, Judged)]) -> String {
    let is_free = |name: &String| taken.iter().all(|(other, _)| other != name);
    let names = std::iter::once(name.to_owned()).chain((2..).map(|number| format!("{name}{number}")));
    names.into_iter().find(is_free).unwrap_or_default()
}

/// Reads all responses as samples of one kind.
pub(crate) fn read(files: &[PathBuf], depth: usize, shell: Shell) -> Result<Samples, Failure> {
    let mut samples = Samples::new(depth);
    let bad = |name: &str, fault: &dyn std::fmt::Display| Failure::io(format!("{name}:{fault}"));
    if files.is_empty() {
        take(&mut samples, io::stdin().lock()).map_err(|fault| bad("stdin", &fault))?;
    }
    for path in files {
        let file = File::open(path).map_err(|error| Failure::file("read", path, &error))?;
        take(&mut samples, file).map_err(|fault| bad(&path.display().to_string(), &fault))?;
    }
    if samples.shape.count() == 0 {
        return Err(Failure::Usage {
            message: "there is no sample".to_owned(),
            hint: Some("name a file that holds JSON".to_owned()),
        });
    }
    shell.status("Read", &format!("{} JSON texts", samples.shape.count()));
    Ok(samples)
}

fn take(samples: &mut Samples, source: impl Read) -> Result<(), tapwright::sample::Fault> {
    samples.read(source).map(drop)
}

/// The type of the records of samples.
fn records(samples: &Samples, select: Option<&model::Path>, shell: Shell) -> Result<Judged, Failure> {
    let shape = chosen(samples, select)?;
    shell.status("Found", &format!("{} records", shape.count()));
    Ok(judge(shape))
}

/// The records of samples: where they were said to be, or where they are found.
pub(crate) fn chosen<'s>(samples: &'s Samples, select: Option<&model::Path>) -> Result<&'s Shape, Failure> {
    let refuse = |no_place: NoPlace| {
        let hint = Some("say where the records are: `--select PATH`".to_owned());
        Failure::Usage { message: no_place.to_string(), hint }
    };
    match select {
        Some(path) => select::at(&samples.shape, path).map_err(refuse),
        None => select::records(&samples.shape).map(|(_, shape)| shape).map_err(refuse),
    }
}

/// A path as it is written on the command line.
pub(crate) fn place(text: &str) -> Result<model::Path, Failure> {
    tapwright::native::path(text).map_err(|reason| Failure::Usage {
        message: format!("the path `{text}` {reason}"),
        hint: Some("write it as in a spec: `data.items`, `$.users`".to_owned()),
    })
}

/// The files that arguments name, those of folders in the order of their names.
pub(crate) fn files(arguments: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in arguments {
        if path.is_dir() {
            collect(path, &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    if files.is_empty() && !arguments.is_empty() {
        let hint = Some("samples are named `*.json`, `*.ndjson`, `*.jsonl` or `*.har`".to_owned());
        return Err(Failure::Io { message: "there are no samples in the folder".to_owned(), hint });
    }
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| Failure::file("read", folder, &error))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        // A link to a folder above would never end.
        if path.is_dir() && !path.is_symlink() {
            collect(&path, files)?;
        } else if is(&path, &["json", "ndjson", "jsonl", "har"]) {
            files.push(path);
        }
    }
    Ok(())
}

fn is(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|own| extensions.iter().any(|extension| own.eq_ignore_ascii_case(extension)))
}

//! `gen infer`: sample responses become a section `schemas`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use tapwright::learn::{self, Root};
use tapwright::model;
use tapwright::sample::har::{BadRecording, Recording};
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
  gen infer --spec acme.yaml --schema User session.har
                                                The same, of the recorded calls whose records are users

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
    /// The name of the schema [default: that of the file or the path]. Of several recorded calls, those with records of that name.
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
    let (recordings, responses): (Vec<_>, Vec<_>) = files(&arguments.samples)?.into_iter().partition(|path| is_recording(path));
    let mut samples = None;
    if !responses.is_empty() || recordings.is_empty() {
        samples = Some(read(&responses, arguments.depth, shell)?);
    }
    let recording = recorded(&recordings, arguments.depth)?;
    let mut shapes: Vec<(String, &Shape)> = Vec::new();
    if let Some(samples) = &samples {
        let name = arguments.schema.clone().unwrap_or_else(|| match responses.as_slice() {
            [one] => schema_name(&one.file_stem().unwrap_or_default().to_string_lossy()),
            _ => "Record".to_owned(),
        });
        let shape = chosen(samples, select.as_ref())?;
        shell.status("Found", &format!("{} records", shape.count()));
        shapes.push((name, shape));
    }
    if !recordings.is_empty() {
        shapes.extend(calls(&recording, select.as_ref(), arguments.schema.as_deref(), shell)?);
    }
    if let (Some(spec), Some(name)) = (&arguments.spec, &arguments.schema) {
        return merge(spec, name, shapes.iter().map(|(_, shape)| *shape), shell);
    }
    let mut schemas: Vec<(String, Judged)> = Vec::new();
    for (name, shape) in shapes {
        schemas.push((unique(&name, &schemas), judge(shape)));
    }
    data(&write::section(&schemas))
}

/// Prints a schema of a spec with what samples need beyond it, and says what does not go together.
fn merge<'s>(spec: &Path, name: &str, shapes: impl Iterator<Item = &'s Shape>, shell: Shell) -> Result<(), Failure> {
    let root = Root::Schema(name.to_owned());
    let api = super::compile::load(spec, shell)?;
    let text = std::fs::read_to_string(spec).map_err(|error| Failure::file("read", spec, &error))?;
    let unknown = || Failure::Usage {
        message: format!("`{}` has no schema `{name}` with fields", spec.display()),
        hint: Some("without `--spec` the schema is made anew".to_owned()),
    };
    let seen = shapes.map(|shape| Some((root.clone(), learn::seen(&api, &root, shape)?)));
    let seen: Vec<_> = seen.collect::<Option<_>>().ok_or_else(unknown)?;
    let learnt = learn::learn(spec, &text, &seen);
    super::learn::tell(&learnt, shell)?;
    data(&learn::section(&learnt.text, name).ok_or_else(unknown)?)
}

/// Reads recorded traffic.
fn recorded(files: &[PathBuf], depth: usize) -> Result<Recording, Failure> {
    let mut recording = Recording::new(depth);
    for path in files {
        let file = File::open(path).map_err(|error| Failure::file("read", path, &error))?;
        recording.read(file).map_err(|bad| match bad {
            BadRecording::Text(fault) => Failure::io(format!("{}:{fault}", path.display())),
            other => Failure::io(format!("`{}`: {other}", path.display())),
        })?;
    }
    Ok(recording)
}

/// The records of each recorded call, with the names of their schemas. A call whose records are not found has its whole answers
/// for records. Where a name is wanted, the calls are those of which that is the name; one call alone takes any name.
fn calls<'r>(
    recording: &'r Recording,
    select: Option<&model::Path>,
    wanted: Option<&str>,
    shell: Shell,
) -> Result<Vec<(String, &'r Shape)>, Failure> {
    let mut names: Vec<String> = recording.names().iter().map(|name| schema_name(name)).collect();
    if let (Some(wanted), [only]) = (wanted, names.as_mut_slice()) {
        wanted.clone_into(only);
    }
    let mut found = Vec::new();
    for (name, ((method, path), samples)) in names.iter().zip(&recording.calls) {
        if wanted.is_some_and(|wanted| wanted != name) {
            continue;
        }
        let records = select.map_or_else(
            || select::records(&samples.shape).ok().map(|(_, shape)| shape),
            |path| select::at(&samples.shape, path).ok(),
        );
        shell.status("Read", &format!("{} answers of `{method} {path}` as `{name}`", samples.shape.count()));
        found.push((name.clone(), records.unwrap_or(&samples.shape)));
    }
    if found.is_empty() {
        let message = wanted.map_or_else(
            || "no good answer in JSON was recorded".to_owned(),
            |wanted| format!("no recorded call is one of `{wanted}`"),
        );
        let there: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let hint = (!there.is_empty()).then(|| format!("what was recorded is named {}", there.join(", ")));
        return Err(Failure::Usage { message, hint });
    }
    Ok(found)
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

/// Whether a file is recorded traffic, by its name.
pub(crate) fn is_recording(path: &Path) -> bool {
    is(path, &["har"])
}

fn is(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|own| extensions.iter().any(|extension| own.eq_ignore_ascii_case(extension)))
}

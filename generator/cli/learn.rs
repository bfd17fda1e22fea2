//! `gen learn`: a drift report or samples become a change of the spec.

use std::path::PathBuf;

use serde_json::json;
use tapwright::learn::{self, Drift, Learnt, Outcome, Root, report};
use tapwright::model::Api;
use tapwright::sample::DEPTH;
use tapwright::sample::select;

use super::compile::load;
use super::failure::Failure;
use super::infer::{chosen, files, is_recording, place, read};
use super::shell::{Shell, data, unified};

const AFTER_HELP: &str = "\
Examples:
  gen learn --spec acme.yaml --report drift.json           What runs have reported
  gen learn --spec acme.yaml --resource users users.json   What samples show
  gen learn --spec acme.yaml --report drift.json --write   Changes the spec

Prints a unified diff that `patch` takes. Fields and values are added, and types widened; comments and order stay. What a person has
to see to is said on stderr. With `--json` each piece of drift is one JSON object a line.";

/// Proposes a change of a spec, so that it allows what a drift report or samples show.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The spec.
    #[arg(long, value_name = "FILE")]
    spec: PathBuf,
    /// A drift report of a run.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["resource", "samples"], required_unless_present = "resource")]
    report: Vec<PathBuf>,
    /// The resource that the samples are of.
    #[arg(long, value_name = "NAME")]
    resource: Option<String>,
    /// Responses: JSON, or one JSON text after the other; folders of these [default: stdin].
    #[arg(value_name = "FILE", requires = "resource")]
    samples: Vec<PathBuf>,
    /// Where in a response the records are [default: where the resource says, or the one list that there is].
    #[arg(long, value_name = "PATH", requires = "resource")]
    select: Option<String>,
    /// Change the spec.
    #[arg(long)]
    write: bool,
}

pub(crate) fn run(arguments: &Arguments, shell: Shell) -> Result<(), Failure> {
    let spec = &arguments.spec;
    let api = load(spec, shell)?;
    let seen = match &arguments.resource {
        Some(name) => vec![sampled(name, arguments, &api, shell)?],
        None => reported(&arguments.report, &api)?,
    };
    let text = std::fs::read_to_string(spec).map_err(|error| Failure::file("read", spec, &error))?;
    let learnt = learn::learn(spec, &text, &seen);
    tell(&learnt, shell)?;
    if learnt.text == text {
        shell.status("Checked", &format!("`{}`: nothing to change", spec.display()));
        return Ok(());
    }
    if arguments.write {
        std::fs::write(spec, &learnt.text).map_err(|error| Failure::file("write", spec, &error))?;
        shell.status("Changed", &format!("`{}`", spec.display()));
        return Ok(());
    }
    let name = spec.display().to_string();
    let diff = unified([&name, &name], &text, &learnt.text);
    if shell.json { data(&format!("{}\n", json!({ "diff": diff }))) } else { shell.diff(&diff) }
}

/// Says what became of each piece of drift.
pub(crate) fn tell(learnt: &Learnt, shell: Shell) -> Result<(), Failure> {
    for Outcome { root, drift, left } in &learnt.outcomes {
        let (Root::Resource(name) | Root::Schema(name)) = root;
        let (path, kind, count) = (learn::shown(&drift.path), drift.kind.word(), drift.count);
        if shell.json {
            let line = json!({ "of": name, "path": path, "kind": kind, "count": count, "types": drift.types, "left": left });
            data(&format!("{line}\n"))?;
            continue;
        }
        match left {
            None => shell.status("Learnt", &format!("`{path}` of `{name}`: {kind}, {count} times")),
            Some(reason) => shell.status("Left", &format!("`{path}` of `{name}`: {kind}, {count} times: {reason}")),
        }
    }
    Ok(())
}

fn reported(files: &[PathBuf], api: &Api) -> Result<Vec<(Root, Vec<Drift>)>, Failure> {
    let mut seen = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).map_err(|error| Failure::file("read", file, &error))?;
        let report = report::read(&text).map_err(|reason| Failure::io(format!("`{}`: {reason}", file.display())))?;
        if report.connector != *api.name {
            let message = format!("`{}` is about `{}`, and the spec about `{}`", file.display(), report.connector, *api.name);
            return Err(Failure::Usage { message, hint: None });
        }
        seen.extend(report.resources);
    }
    Ok(seen)
}

fn sampled(name: &str, arguments: &Arguments, api: &Api, shell: Shell) -> Result<(Root, Vec<Drift>), Failure> {
    let Some(resource) = api.resource(name) else {
        let names = api.resources.iter().map(|resource| resource.operation.name.as_str());
        let hint = tapwright::diagnostic::nearest(name, names).map(|near| format!("did you mean `{near}`?"));
        return Err(Failure::Usage { message: format!("there is no resource `{name}`"), hint });
    };
    let files = files(&arguments.samples)?;
    if let Some(recording) = files.iter().find(|path| is_recording(path)) {
        return Err(Failure::Usage {
            message: format!("`{}` is recorded traffic, which has calls of other resources in it", recording.display()),
            hint: Some(
                "`gen infer --spec FILE --schema NAME` reads it, or name files with responses of this resource".to_owned(),
            ),
        });
    }
    let samples = read(&files, DEPTH, shell)?;
    let select = arguments.select.as_deref().map(place).transpose()?;
    let own = resource.selectors.iter().find_map(|selector| select::at(&samples.shape, selector).ok());
    let shape = match (&select, own) {
        (None, Some(shape)) => shape,
        _ => chosen(&samples, select.as_ref())?,
    };
    let root = Root::Resource(name.to_owned());
    let drift = learn::seen(api, &root, shape).unwrap_or_default();
    Ok((root, drift))
}

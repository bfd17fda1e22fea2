//! The commands that show and change how far resources are loaded.
#![cfg(feature = "cli")]

use clap::{Arg, ArgMatches, Command};

use crate::rt::cli::{destination, existing, line, named, usage};
use crate::rt::descriptor::Api;
use crate::rt::destination::Progress;
use crate::rt::error::Result;
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::json_write::ObjectWriter;
use crate::rt::load::Source;
use crate::rt::reader::Reader;

/// `state`, with what it takes.
pub(crate) fn command(resources: Arg, to: Arg) -> Command {
    let resource = Arg::new("resource").value_name("RESOURCE").required(true);
    let text = Arg::new("state").value_name("STATE").required(true).help("As `state show` has it under `state`");
    Command::new("state")
        .about("Shows and changes how far resources are loaded")
        .subcommand_required(true)
        .subcommand(Command::new("show").about("Prints it, a line of JSON for each").args([resources.clone(), to.clone()]))
        .subcommand(Command::new("set").about("Has the next sync of a resource start from a state").args([
            resource,
            text,
            to.clone(),
        ]))
        .subcommand(
            Command::new("reset")
                .about("Forgets it: the next sync reads them from the start")
                .args([resources.required(true).num_args(1..), to]),
        )
}

/// Carries it out.
pub(crate) fn run(api: &'static Api, sources: &[&'static Source], matches: &ArgMatches) -> Result<()> {
    let Some((command, matches)) = matches.subcommand() else { return Err(usage("no such command")) };
    // What is only shown is not made.
    let destination = if command == "show" { existing(api, matches)? } else { destination(api, matches)? };
    match command {
        "set" => {
            let text = |name: &str| matches.get_one::<String>(name).map_or("", String::as_str);
            let (source, text) = (named(sources, text("resource"))?, text("state"));
            let name = source.name();
            if source.resource.incremental.is_none() {
                return Err(usage(format!("`{name}` has no cursor: it is read as a whole each time")));
            }
            match operation(text) {
                Ok(operation) if operation == name => {}
                Ok(operation) => return Err(usage(format!("the state is one of `{operation}`, and not of `{name}`"))),
                Err(fault) => return Err(usage(format!("the text is no state: {fault}"))),
            }
            destination.set_progress(name, Some(&Progress { state: Some(text.to_owned()), ..Progress::default() }))
        }
        "reset" => {
            let names = matches.get_many::<String>("resources").into_iter().flatten();
            names.map(|name| named(sources, name)).try_for_each(|source| destination.set_progress(source?.name(), None))
        }
        _ => {
            let chosen: Vec<&Source> = match matches.get_many::<String>("resources") {
                Some(names) => names.map(|name| named(sources, name)).collect::<Result<_>>()?,
                None => sources.to_vec(),
            };
            for source in chosen {
                line(&shown(source.name(), &destination.progress(source.name())?))?;
            }
            Ok(())
        }
    }
}

/// What a state belongs to. The next sync reads the rest of it.
fn operation(state: &str) -> Result<String, Fault> {
    let (mut r, mut operation) = (Reader::new(state), None);
    r.object(&mut |r, key| match key {
        "operation" => r.str().map(|name| operation = Some(name.into_owned())),
        _ => r.skip().map(drop),
    })?;
    r.end()?;
    operation.ok_or_else(|| Fault::new(FaultKind::Missing, 0, "it has no `operation`"))
}

fn shown(resource: &str, progress: &Progress) -> String {
    let mut object = ObjectWriter::new().string("resource", resource);
    for (name, text) in [("state", &progress.state), ("checkpoint", &progress.checkpoint)] {
        if let Some(text) = text {
            object = object.string(name, text);
        }
    }
    object.finish()
}

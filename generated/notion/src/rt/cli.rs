//! The command line of a connector: `check`, `plan`, `sync`, `show`, `read` and `reset`.
#![cfg(feature = "cli")]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::rt::cli_config;
use crate::rt::cli_plan::plan;
use crate::rt::cli_read::{self, read};
use crate::rt::cli_state;
use crate::rt::cli_sync::{self, Manner, sync};
use crate::rt::core::{Core, CoreBuilder};
use crate::rt::descriptor::Api;
use crate::rt::destination::{Destination, Disposition, Holding, Progress, failed};
use crate::rt::destinations;
use crate::rt::error::{Error, ErrorKind, FailureKind, Result};
use crate::rt::load::{self, Options, Source};
use crate::rt::nested::Nested;

/// Runs the command line of the process, with a client that is yet to be given its inputs.
#[must_use]
pub fn main(builder: CoreBuilder, sources: &[&'static Source]) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&failed(error)),
    };
    match runtime.block_on(run(builder, sources, std::env::args_os())) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

fn fail(error: &Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::from(code([error].into_iter()))
}

/// What the shell is told of errors: the kind of the one that most needs somebody.
pub(crate) fn code<'e>(errors: impl Iterator<Item = &'e Error>) -> u8 {
    let kinds: Vec<FailureKind> = errors.map(Error::failure).collect();
    let worst = [FailureKind::Config, FailureKind::System, FailureKind::Transient].into_iter().find(|kind| kinds.contains(kind));
    worst.map_or(0, FailureKind::exit_code)
}

fn command(api: &'static Api) -> Command {
    let resources =
        Arg::new("resources").value_name("RESOURCE").num_args(0..).help("The resources; all that need no argument, unless named");
    let arg = Arg::new("arg")
        .long("arg")
        .value_name("RESOURCE.NAME=VALUE")
        .action(ArgAction::Append)
        .help("Gives a resource an argument of its requests");
    let to = Arg::new("to")
        .long("to")
        .value_name("DESTINATION")
        .default_value(format!("parquet:{}_data", api.name).leak() as &'static str)
        .help(format!("Where the rows go: {}", destinations::forms()));
    let limit = Arg::new("limit")
        .long("limit")
        .value_name("ROWS")
        .value_parser(value_parser!(u64))
        .help("The most rows of each resource");
    let set = Arg::new("set")
        .long("set")
        .value_name("INPUT=VALUE")
        .action(ArgAction::Append)
        .global(true)
        .help("Gives an input of the connector; no secrets, please, which others may see here");
    let base_url = Arg::new("base-url")
        .long("base-url")
        .value_name("ADDRESS")
        .global(true)
        .help("Another address of the API: a proxy, a test server");
    let since = Arg::new("since")
        .long("since")
        .value_name("CURSOR")
        .allow_hyphen_values(true)
        .help("Where resources with a cursor start: a value of it, or a moment such as `2024-01-31` or `now-7d`");
    Command::new(api.name)
        .about(format!("Reads the data of {} and loads it", api.name))
        .version(if api.version.is_empty() { "0" } else { api.version })
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(set)
        .arg(base_url)
        .after_help(
            "Exit codes: 0, all went well; 2, the command line is wrong; 3, somebody has to change something; 4, it may succeed later; 1, any \
             other failure.\n\n\
             Inputs come from `--set`, else from the environment, else from .tapwright/secrets.toml, .tapwright/config.toml, \
             .dlt/secrets.toml and .dlt/config.toml below the current folder.",
        )
        .subcommand(
            Command::new("check").about("Logs in, and reads one page of each resource").args([resources.clone(), arg.clone()]),
        )
        .subcommand(
            Command::new("plan")
                .about("Shows what reading resources takes, with one request of each at most")
                .args([resources.clone(), arg.clone(), since.clone()]),
        )
        .subcommand(
            Command::new("sync")
                .about("Loads resources: what is new where the API can tell, and else everything")
                .args([resources.clone(), to.clone(), arg.clone(), limit.clone(), since])
                .arg(
                    Arg::new("dry-run")
                        .long("dry-run")
                        .action(ArgAction::SetTrue)
                        .help("Say what would be done, and ask for nothing"),
                )
                .arg(
                    Arg::new("full-refresh")
                        .long("full-refresh")
                        .action(ArgAction::SetTrue)
                        .help("Read everything anew, and replace what is there"),
                )
                .arg(Arg::new("drop-tables").long("drop-tables").action(ArgAction::SetTrue).requires("full-refresh").help(
                    "And make the tables anew, without the columns that are none of theirs any more",
                ))
                .arg(
                    Arg::new("disposition")
                        .long("disposition")
                        .value_name("WORD")
                        .value_parser(["append", "replace", "merge"])
                        .help("What becomes of the rows that are there; as the spec says, unless set"),
                )
                .arg(
                    Arg::new("nested")
                        .long("nested")
                        .value_parser(["arrow", "tables", "json"])
                        .help("What lists and records within records become; as suits the destination, unless set"),
                )
                .arg(
                    Arg::new("max-nesting")
                        .long("max-nesting")
                        .value_name("LEVELS")
                        .value_parser(value_parser!(usize))
                        .help("How deep they become so; what is deeper is JSON"),
                )
                .arg(
                    Arg::new("jobs")
                        .long("jobs")
                        .value_name("N")
                        .default_value("4")
                        .value_parser(value_parser!(usize))
                        .help("How many resources are read at once"),
                )
                .arg(Arg::new("report").long("report").value_name("FILE").help("Write what came of it as JSON")),
        )
        .subcommand(Command::new("show").about("Shows what a destination holds").arg(to.clone()))
        .subcommand(Command::new("read").about("Prints the rows of a resource").args([
            Arg::new("resource").value_name("RESOURCE").required(true),
            Arg::new("format")
                .long("format")
                .value_parser(cli_read::FORMS)
                .default_value(cli_read::FORMS[0])
                .help("A JSON object a line, lines of values under one of names, or a stream of Arrow"),
            arg,
            limit,
        ]))
        .subcommand(cli_state::command(resources, to))
}

async fn run(builder: CoreBuilder, sources: &[&'static Source], args: impl Iterator<Item = OsString>) -> Result<ExitCode> {
    let api = builder.api();
    let matches = match command(api).try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => {
            let _ = error.print();
            return Ok(ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)));
        }
    };
    match matches.subcommand() {
        Some(("check", matches)) => {
            let (core, options) = (client(builder, matches)?, options(matches)?);
            check(&core, &chosen(sources, matches)?, &options).await
        }
        Some(("plan", matches)) => {
            let (core, options) = (client(builder, matches)?, options(matches)?);
            plans(&core, &chosen(sources, matches)?, options, matches).await
        }
        Some(("sync", matches)) => load(api, &client(builder, matches)?, &chosen(sources, matches)?, matches).await,
        Some(("show", matches)) => show(existing(api, matches)?.as_ref()).map(|()| ExitCode::SUCCESS),
        Some(("read", matches)) => {
            let source = named(sources, matches.get_one::<String>("resource").map_or("", String::as_str))?;
            let form = matches.get_one::<String>("format").map_or("", String::as_str);
            read(client(builder, matches)?, source, &options(matches)?, form).await.map(|()| ExitCode::SUCCESS)
        }
        Some(("state", matches)) => cli_state::run(api, sources, matches).map(|()| ExitCode::SUCCESS),
        _ => Err(usage("no such command")),
    }
}

pub(crate) fn usage(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, message.into())
}

/// The client, with its inputs from wherever they are.
fn client(builder: CoreBuilder, matches: &ArgMatches) -> Result<Arc<Core>> {
    let api = builder.api();
    let mut flags = Vec::new();
    for set in matches.get_many::<String>("set").into_iter().flatten() {
        let known = || api.inputs.iter().map(|input| input.name).collect::<Vec<_>>().join("`, `");
        let (name, value) = set.split_once('=').ok_or_else(|| usage("`--set` takes `INPUT=VALUE`"))?;
        if !api.inputs.iter().any(|input| input.name == name) {
            return Err(usage(format!("there is no input `{name}`; there are `{}`", known())));
        }
        flags.push((name.to_owned(), value.to_owned()));
    }
    let mut found = cli_config::find(api, &flags, |name| std::env::var(name).ok(), Path::new(""))?;
    for note in &found.notes {
        let _ = writeln!(io::stderr(), "note: {note}");
    }
    let address = matches.get_one::<String>("base-url");
    let builder = address.into_iter().fold(builder, CoreBuilder::base_url);
    let values = std::mem::take(&mut found.values);
    let builder = values.into_iter().fold(builder, |builder, (name, value)| builder.secret_input(name, value));
    builder.build().map_err(|error| found.explain(error))
}

/// What all commands that read take.
fn options(matches: &ArgMatches) -> Result<Options> {
    let limit = matches.try_get_one("limit").ok().flatten().copied();
    Ok(Options { args: arguments(matches)?, limit, ..Options::default() })
}

/// The resources that are named; all that need no argument, if none is.
fn chosen(sources: &[&'static Source], matches: &ArgMatches) -> Result<Vec<&'static Source>> {
    let named: Result<Vec<_>> =
        matches.get_many::<String>("resources").into_iter().flatten().map(|name| self::named(sources, name)).collect();
    let mut named = named?;
    if !named.is_empty() {
        // Two loads of one table would be in each other's way.
        let mut seen = BTreeSet::new();
        named.retain(|source| seen.insert(source.name()));
        return Ok(named);
    }
    let given = arguments(matches)?;
    let usual = sources.iter().copied().filter(|source| source.disposition != Disposition::Skip);
    let has_all = |source: &Source| {
        source.arguments.iter().all(|name| given.iter().any(|(resource, given, _)| resource == source.name() && given == name))
    };
    let (ready, lacking): (Vec<&'static Source>, Vec<&'static Source>) =
        usual.partition(|source: &&'static Source| has_all(source));
    for source in lacking {
        let _ =
            writeln!(io::stderr(), "note: `{}` is left out, since it needs `{}`", source.name(), source.arguments.join("`, `"));
    }
    Ok(ready)
}

pub(crate) fn named(sources: &[&'static Source], name: &str) -> Result<&'static Source> {
    let known = || sources.iter().map(|source| source.name()).collect::<Vec<_>>().join("`, `");
    sources
        .iter()
        .find(|source| source.name() == name)
        .copied()
        .ok_or_else(|| usage(format!("there is no resource `{name}` that can be loaded; there are `{}`", known())))
}

/// What `--arg` gives: resource, name and value.
fn arguments(matches: &ArgMatches) -> Result<Vec<(String, String, String)>> {
    let parse = |text: &String| {
        let (place, value) = text.split_once('=')?;
        let (resource, name) = place.split_once('.')?;
        Some((resource.to_owned(), name.to_owned(), value.to_owned()))
    };
    let texts = matches.get_many::<String>("arg").into_iter().flatten();
    texts.map(|text| parse(text).ok_or_else(|| usage(format!("`--arg {text}`: it takes `RESOURCE.NAME=VALUE`")))).collect()
}

fn to(matches: &ArgMatches) -> &str {
    matches.get_one::<String>("to").map_or("", String::as_str)
}

/// The destination, if it is there: what is only asked is not made.
fn present(api: &'static Api, matches: &ArgMatches) -> Result<Option<Arc<dyn Destination>>> {
    destinations::is_there(to(matches)).then(|| destination(api, matches)).transpose()
}

/// The destination, to be asked for what it must hold.
pub(crate) fn existing(api: &'static Api, matches: &ArgMatches) -> Result<Arc<dyn Destination>> {
    let shown = destinations::shown(to(matches));
    present(api, matches)?.ok_or_else(|| usage(format!("`--to {shown}`: there is nothing yet; `sync` makes it")))
}

pub(crate) fn destination(api: &'static Api, matches: &ArgMatches) -> Result<Arc<dyn Destination>> {
    destinations::open(to(matches), api.name).map_err(|error| match error.kind() {
        ErrorKind::Config => usage(format!("`--to`: {error}")),
        _ => error,
    })
}

async fn check(core: &Arc<Core>, sources: &[&'static Source], options: &Options) -> Result<ExitCode> {
    let mut errors = Vec::new();
    for source in sources {
        match first_page(Arc::clone(core), source, options).await {
            Ok(Some(rows)) => line(&format!("{}: {rows} rows in the first page", source.name()))?,
            Ok(None) => line(&format!("{}: not checked, since that would start a job of the service", source.name()))?,
            Err(error) => {
                line(&format!("{}: {error}", source.name()))?;
                errors.push(error);
            }
        }
    }
    Ok(ExitCode::from(code(errors.iter())))
}

/// How many rows the first page has. None where reading it has the service do more than that.
async fn first_page(core: Arc<Core>, source: &Source, options: &Options) -> Result<Option<usize>> {
    let mut settings = load::settings(core, source, &Progress::default(), options)?;
    if source.is_job {
        return Ok(None);
    }
    settings.concurrency = 0;
    let mut feed = source.open(settings);
    feed.gathering().most = 1;
    let batch = feed.try_next().await?;
    Ok(Some(batch.map_or(0, |batch| batch.records.num_rows())))
}

async fn plans(core: &Arc<Core>, sources: &[&'static Source], mut options: Options, matches: &ArgMatches) -> Result<ExitCode> {
    if let Some(since) = matches.get_one::<String>("since") {
        options.args.extend(sources.iter().filter_map(|source| cli_sync::since(since, source)));
    }
    let mut errors = Vec::new();
    for source in sources {
        line(source.name())?;
        match plan(core, source, &options).await {
            Ok(lines) => lines.iter().try_for_each(|text| line(&format!("    {text}")))?,
            Err(error) => {
                line(&format!("    {error}"))?;
                errors.push(error);
            }
        }
    }
    Ok(ExitCode::from(code(errors.iter())))
}

async fn load(api: &'static Api, core: &Arc<Core>, sources: &[&'static Source], matches: &ArgMatches) -> Result<ExitCode> {
    let defaults = options(matches)?;
    let mut options = Options {
        full_refresh: matches.get_flag("full-refresh"),
        drop_tables: matches.get_flag("drop-tables"),
        disposition: matches.get_one::<String>("disposition").map(|word| match word.as_str() {
            "append" => Disposition::Append,
            "merge" => Disposition::Merge,
            _ => Disposition::Replace,
        }),
        nested: matches.get_one::<String>("nested").map(|word| match word.as_str() {
            "arrow" => Nested::Arrow,
            "json" => Nested::Json,
            _ => Nested::Tables,
        }),
        max_nesting: matches.get_one("max-nesting").copied().unwrap_or(defaults.max_nesting),
        ..defaults
    };
    let since = matches.get_one::<String>("since");
    if matches.get_flag("dry-run") {
        let destination = present(api, matches)?;
        let before = |name: &str| destination.as_ref().map_or(Ok(Progress::default()), |it| it.progress(name));
        since.map_or(Ok(()), |since| cli_sync::start_at(since, sources, &before, &mut options))?;
        return cli_sync::rehearse(sources, &before, &options, destinations::shown(to(matches))).map(|()| ExitCode::SUCCESS);
    }
    let destination = destination(api, matches)?;
    since.map_or(Ok(()), |since| cli_sync::start_at(since, sources, &|name| destination.progress(name), &mut options))?;
    let manner = Manner { jobs: matches.get_one("jobs").copied().unwrap_or(1), report: matches.get_one("report") };
    sync(core, sources, destination, &options, manner).await
}

fn show(destination: &dyn Destination) -> Result<()> {
    for Holding { table, rows, staged, last_load, progress } in destination.holdings()? {
        line(&format!("{table}: {rows} rows, last load {}", last_load.as_deref().unwrap_or("unknown")))?;
        if staged > 0 {
            line(&format!("    {staged} further rows take their place once all are loaded"))?;
        }
        match progress {
            Some(Progress { checkpoint: Some(_), .. }) => line("    cut short: the next sync goes on there")?,
            Some(Progress { state: Some(state), .. }) => line(&format!("    state {state}"))?,
            _ => {}
        }
    }
    Ok(())
}

pub(crate) fn line(text: &str) -> Result<()> {
    writeln!(io::stdout(), "{text}").map_err(failed)
}

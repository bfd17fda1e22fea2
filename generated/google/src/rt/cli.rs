//! The command line of a connector: `check`, `sync`, `show`, `read` and `reset`.
#![cfg(feature = "cli")]

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use arrow_json::LineDelimitedWriter;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::rt::batches::Batches;
use crate::rt::core::{Core, CoreBuilder};
use crate::rt::descriptor::Api;
use crate::rt::destination::{Destination, Disposition, Holding, Progress, failed};
use crate::rt::destinations;
use crate::rt::error::{Error, ErrorKind, FailureKind, Result};
use crate::rt::json_write::ObjectWriter;
use crate::rt::load::{self, Loaded, Options, Source};
use crate::rt::nested::Nested;

/// How many seconds pass between two lines of progress, on a terminal and elsewhere.
const EVERY: (u64, u64) = (1, 10);

/// Runs the command line of the process.
#[must_use]
pub fn main(api: &'static Api, sources: &[&'static Source]) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&failed(error)),
    };
    match runtime.block_on(run(api, sources, std::env::args_os())) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

fn fail(error: &Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::from(code(error))
}

/// 2 where somebody has to change something, 75 where the same may succeed later, and 1 otherwise.
fn code(error: &Error) -> u8 {
    match error.failure() {
        FailureKind::Config => 2,
        FailureKind::Transient => 75,
        FailureKind::System => 1,
    }
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
        .help("Gives an input of the connector, rather than by its environment variable; no secrets, please");
    let base_url = Arg::new("base-url")
        .long("base-url")
        .value_name("ADDRESS")
        .global(true)
        .help("Another address of the API: a proxy, a test server");
    Command::new(api.name)
        .about(format!("Reads the data of {} and loads it", api.name))
        .version(if api.version.is_empty() { "0" } else { api.version })
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(set)
        .arg(base_url)
        .after_help(
            "Exit codes: 0, all is loaded; 2, somebody has to change something; 75, it may succeed later; 1, any other failure.",
        )
        .subcommand(
            Command::new("check").about("Logs in, and reads one page of each resource").args([resources.clone(), arg.clone()]),
        )
        .subcommand(
            Command::new("sync")
                .about("Loads resources: what is new where the API can tell, and else everything")
                .args([resources.clone(), to.clone(), arg.clone(), limit.clone()])
                .arg(
                    Arg::new("full-refresh")
                        .long("full-refresh")
                        .action(ArgAction::SetTrue)
                        .help("Read everything anew, and replace what is there"),
                )
                .arg(
                    Arg::new("disposition")
                        .long("disposition")
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
        .subcommand(Command::new("show").about("Shows what a folder holds").arg(to.clone()))
        .subcommand(Command::new("read").about("Prints the rows of a resource, a JSON object a line").args([
            Arg::new("resource").value_name("RESOURCE").required(true),
            arg,
            limit,
        ]))
        .subcommand(
            Command::new("reset")
                .about("Forgets how far resources are: the next sync reads them from the start")
                .args([resources.required(true).num_args(1..), to]),
        )
}

async fn run(api: &'static Api, sources: &[&'static Source], args: impl Iterator<Item = OsString>) -> Result<ExitCode> {
    let matches = match command(api).try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => {
            let _ = error.print();
            return Ok(ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)));
        }
    };
    match matches.subcommand() {
        Some(("check", matches)) => check(client(api, matches)?, &chosen(sources, matches)?, matches).await,
        Some(("sync", matches)) => sync(api, &chosen(sources, matches)?, matches).await,
        Some(("show", matches)) => show(destination(api, matches)?.as_ref()).map(|()| ExitCode::SUCCESS),
        Some(("read", matches)) => {
            let name = matches.get_one::<String>("resource").map_or("", String::as_str);
            read(client(api, matches)?, named(sources, name)?, matches).await.map(|()| ExitCode::SUCCESS)
        }
        Some(("reset", matches)) => {
            let destination = destination(api, matches)?;
            for name in matches.get_many::<String>("resources").into_iter().flatten() {
                destination.reset(named(sources, name)?.name())?;
            }
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(usage("no such command")),
    }
}

fn usage(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, message.into())
}

/// The client: inputs come from `--set`, and else from the environment.
fn client(api: &'static Api, matches: &ArgMatches) -> Result<Arc<Core>> {
    let mut builder = CoreBuilder::new(api);
    for set in matches.get_many::<String>("set").into_iter().flatten() {
        let known = || api.inputs.iter().map(|input| input.name).collect::<Vec<_>>().join("`, `");
        let (name, value) = set.split_once('=').ok_or_else(|| usage("`--set` takes `INPUT=VALUE`"))?;
        if !api.inputs.iter().any(|input| input.name == name) {
            return Err(usage(format!("there is no input `{name}`; there are `{}`", known())));
        }
        builder = builder.input(name, value);
    }
    if let Some(address) = matches.get_one::<String>("base-url") {
        builder = builder.base_url(address);
    }
    builder.from_env().build()
}

/// The resources that are named; all that need no argument, if none is.
fn chosen(sources: &[&'static Source], matches: &ArgMatches) -> Result<Vec<&'static Source>> {
    let named: Result<Vec<_>> =
        matches.get_many::<String>("resources").into_iter().flatten().map(|name| self::named(sources, name)).collect();
    let named = named?;
    if !named.is_empty() {
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

fn named(sources: &[&'static Source], name: &str) -> Result<&'static Source> {
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

fn destination(api: &'static Api, matches: &ArgMatches) -> Result<Arc<dyn Destination>> {
    let to = matches.get_one::<String>("to").map_or("", String::as_str);
    destinations::open(to, api.name).map_err(|error| match error.kind() {
        ErrorKind::Config => usage(format!("`--to`: {error}")),
        _ => error,
    })
}

async fn check(core: Arc<Core>, sources: &[&'static Source], matches: &ArgMatches) -> Result<ExitCode> {
    let options = Options { args: arguments(matches)?, limit: Some(1), ..Options::default() };
    let mut worst = 0;
    for source in sources {
        let rows = first_page(Arc::clone(&core), source, &options).await;
        match rows {
            Ok(rows) => line(&format!("{}: {rows} rows in the first page", source.name()))?,
            Err(error) => {
                worst = worst.max(code(&error));
                line(&format!("{}: {error}", source.name()))?;
            }
        }
    }
    Ok(ExitCode::from(worst))
}

async fn first_page(core: Arc<Core>, source: &Source, options: &Options) -> Result<usize> {
    let mut settings = load::settings(core, source, &Progress::default(), options)?;
    settings.concurrency = 0;
    let batch = Batches::new(settings, source.kind).rows(1).try_next().await?;
    Ok(batch.map_or(0, |batch| batch.records.num_rows()))
}

async fn sync(api: &'static Api, sources: &[&'static Source], matches: &ArgMatches) -> Result<ExitCode> {
    let defaults = Options::default();
    let options = Options {
        args: arguments(matches)?,
        full_refresh: matches.get_flag("full-refresh"),
        limit: matches.get_one("limit").copied(),
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
    let (core, destination) = (client(api, matches)?, destination(api, matches)?);
    let stop = Arc::clone(&options.stop);
    let interrupt = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            let _ = writeln!(io::stderr(), "stopping: what is complete is committed; again to stop at once");
            stop.notify();
            let _ = tokio::signal::ctrl_c().await;
            std::process::exit(130);
        }
    });
    let begin = Instant::now();
    let places = Arc::new(Semaphore::new(matches.get_one("jobs").copied().unwrap_or(4).max(1)));
    let mut tasks = JoinSet::new();
    for source in sources {
        let (core, destination, options, places) =
            (Arc::clone(&core), Arc::clone(&destination), options.clone(), Arc::clone(&places));
        let source: Source = **source;
        tasks.spawn(async move {
            let _place = places.acquire_owned().await;
            load::load(core, source, destination, options, progress(begin)).await
        });
    }
    let mut all = Vec::new();
    while let Some(loaded) = tasks.join_next().await {
        all.push(loaded.map_err(|error| failed(format!("a task stopped: {error}")))?);
    }
    interrupt.abort();
    all.sort_by_key(|loaded| sources.iter().position(|source| source.name() == loaded.resource));
    summary(&all, begin)?;
    if let Some(path) = matches.get_one::<String>("report") {
        std::fs::write(path, report(&all)).map_err(|error| failed(format!("{path}: {error}")))?;
    }
    let worst = all.iter().filter_map(|loaded| loaded.error.as_ref()).map(code).max();
    Ok(ExitCode::from(worst.unwrap_or(0)))
}

/// Tells how far a resource is, once in a while.
fn progress(begin: Instant) -> load::Watch {
    let last = AtomicU64::new(0);
    let every = if io::stderr().is_terminal() { EVERY.0 } else { EVERY.1 };
    Arc::new(move |loaded: &Loaded| {
        let seconds = begin.elapsed().as_secs();
        if seconds < last.load(Ordering::Relaxed) + every {
            return;
        }
        last.store(seconds, Ordering::Relaxed);
        let Loaded { resource, rows, bytes, requests, .. } = loaded;
        let rate = rows / seconds.max(1);
        let _ = writeln!(io::stderr(), "{resource}: {rows} rows, {} MB, {requests} requests, {rate} rows a second", bytes >> 20);
    })
}

/// A table of what came of it, and the reasons of failures below.
fn summary(all: &[Loaded], begin: Instant) -> Result<()> {
    let width = all.iter().map(|loaded| loaded.resource.len()).max().unwrap_or(0).max("resource".len());
    line(&format!("{:width$} {:>12} {:>10} {:>9}  result", "resource", "rows", "requests", "packages"))?;
    for Loaded { resource, rows, requests, packages, error, .. } in all {
        let result = if error.is_some() { "failed" } else { "ok" };
        line(&format!("{resource:width$} {rows:>12} {requests:>10} {packages:>9}  {result}"))?;
    }
    let rows: u64 = all.iter().map(|loaded| loaded.rows).sum();
    line(&format!("{rows} rows in {:.1} s", begin.elapsed().as_secs_f64()))?;
    for Loaded { resource, rejected, skipped, .. } in all {
        if let Some(first) = rejected.kept().first() {
            let count = rejected.count();
            let message =
                format!("{resource}: {count} values or records left out; the first at {}: {}", first.path, first.message);
            let _ = writeln!(io::stderr(), "note: {message}");
        }
        if skipped.count() > 0 {
            let _ = writeln!(io::stderr(), "note: {resource}: a rule of the spec passed over {} lists", skipped.count());
        }
    }
    for error in all.iter().filter_map(|loaded| loaded.error.as_ref()) {
        let _ = writeln!(io::stderr(), "error: {error}");
    }
    Ok(())
}

fn report(all: &[Loaded]) -> String {
    let object = |loaded: &Loaded| {
        let object = ObjectWriter::new()
            .string("resource", loaded.resource)
            .raw("rows", &loaded.rows.to_string())
            .raw("bytes", &loaded.bytes.to_string())
            .raw("requests", &loaded.requests.to_string())
            .raw("packages", &loaded.packages.to_string())
            .raw("rejected", &loaded.rejected.count().to_string())
            .raw("skipped", &loaded.skipped.count().to_string());
        match &loaded.error {
            Some(error) => object.string("error", &error.to_string()).finish(),
            None => object.finish(),
        }
    };
    format!("[{}]\n", all.iter().map(object).collect::<Vec<_>>().join(",\n"))
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

async fn read(core: Arc<Core>, source: &Source, matches: &ArgMatches) -> Result<()> {
    let options = Options { args: arguments(matches)?, ..Options::default() };
    let settings = load::settings(core, source, &Progress::default(), &options)?;
    let mut left = matches.get_one("limit").copied().unwrap_or(u64::MAX);
    let mut batches = Batches::new(settings, source.kind).rows(usize::try_from(left).unwrap_or(usize::MAX).min(1 << 10));
    let mut writer = LineDelimitedWriter::new(io::stdout().lock());
    while left > 0
        && let Some(batch) = batches.try_next().await?
    {
        let rows = batch.records.num_rows().min(usize::try_from(left).unwrap_or(usize::MAX));
        writer.write(&batch.records.slice(0, rows)).map_err(failed)?;
        left -= rows as u64;
    }
    writer.finish().map_err(failed)
}

fn line(text: &str) -> Result<()> {
    writeln!(io::stdout(), "{text}").map_err(failed)
}

//! `sync`: loads resources into a destination, side by side.
#![cfg(feature = "cli")]

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::rt::cli::{code, line, usage};
use crate::rt::cli_report::{Board, report, summary};
use crate::rt::core::Core;
use crate::rt::destination::{Destination, Disposition, Progress, failed};
use crate::rt::error::Result;
use crate::rt::load::{self, Loaded, Options, Source, Stop};
use crate::rt::progress::START;

/// How a sync is done, apart from the loads themselves.
pub(crate) struct Manner<'a> {
    /// How many resources are read at once.
    pub(crate) jobs: usize,
    /// Where the report goes.
    pub(crate) report: Option<&'a String>,
}

/// Loads resources. The failure of one does not end the others.
pub(crate) async fn sync(
    core: &Arc<Core>,
    sources: &[&'static Source],
    destination: Arc<dyn Destination>,
    options: &Options,
    manner: Manner<'_>,
) -> Result<ExitCode> {
    let interrupt = tokio::spawn(stop_when_told(Arc::clone(&options.stop)));
    let begin = Instant::now();
    let board = Board::new(Arc::clone(core));
    let progress = tokio::spawn(Arc::clone(&board).keep_up());
    let places = Arc::new(Semaphore::new(manner.jobs.max(1)));
    let mut tasks = JoinSet::new();
    for source in sources {
        let (core, destination, options) = (Arc::clone(core), Arc::clone(&destination), options.clone());
        let (places, board) = (Arc::clone(&places), Arc::clone(&board));
        let source: Source = **source;
        tasks.spawn(async move {
            let _place = places.acquire_owned().await;
            board.begin(source.name());
            let loaded = load::load(core, source, destination, options, Arc::new(|_| {})).await;
            board.end(source.name());
            loaded
        });
    }
    let mut all = Vec::new();
    while let Some(loaded) = tasks.join_next().await {
        all.push(loaded.map_err(|error| failed(format!("a task stopped: {error}")))?);
    }
    progress.abort();
    interrupt.abort();
    all.sort_by_key(|loaded| sources.iter().position(|source| source.name() == loaded.resource));
    summary(&all, begin.elapsed(), core.activity.waited())?;
    if let Some(path) = manner.report {
        std::fs::write(path, report(&all)).map_err(|error| failed(format!("{path}: {error}")))?;
    }
    Ok(ExitCode::from(code(all.iter().filter_map(|Loaded { error, .. }| error.as_ref()))))
}

/// Ends the loads when the user says so, and the program when that is said again.
async fn stop_when_told(stop: Arc<Stop>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        let _ = writeln!(io::stderr(), "stopping: what is complete is committed; again to stop at once");
        stop.notify();
        let _ = tokio::signal::ctrl_c().await;
        std::process::exit(130);
    }
}

/// Has the resources with a cursor start at a value of it; `before` tells how far each is.
///
/// Where an earlier run got further, that is refused for rows that are appended: they would be there twice.
pub(crate) fn start_at(
    text: &str,
    sources: &[&'static Source],
    before: &dyn Fn(&str) -> Result<Progress>,
    options: &mut Options,
) -> Result<()> {
    let mut sources = sources.iter().filter(|source| source.resource.incremental.is_some()).peekable();
    if sources.peek().is_none() {
        return Err(usage("`--since` is for resources with a cursor, which none of these has"));
    }
    for source in sources {
        let name = source.name();
        let is_known = !options.full_refresh && before(name)?.state.is_some();
        if is_known && options.disposition.unwrap_or(source.disposition()) == Disposition::Append {
            let way_out = "leave it out to go on from there, or add `--full-refresh` to replace them";
            return Err(usage(format!("`--since` would append rows of `{name}` that an earlier run has loaded: {way_out}")));
        }
        options.args.extend(since(text, source));
    }
    Ok(())
}

/// The argument that has a resource with a cursor start at a value of it.
pub(crate) fn since(text: &str, source: &Source) -> Option<(String, String, String)> {
    source.resource.incremental.map(|_| (source.name().to_owned(), START.to_owned(), text.to_owned()))
}

/// Says what a sync would do; `before` tells how far each resource is.
pub(crate) fn rehearse(
    sources: &[&'static Source],
    before: &dyn Fn(&str) -> Result<Progress>,
    options: &Options,
    to: &str,
) -> Result<()> {
    for source in sources {
        let before = if options.full_refresh { Progress::default() } else { before(source.name())? };
        line(&format!("{}: {}, {}", source.name(), outcome(source, &before, options), beginning(source, &before, options)))?;
    }
    let limit = options.limit.map_or_else(String::new, |most| format!(", at most {most} rows of each"));
    line(&format!("to {to}{limit}; nothing was read or written"))
}

/// What becomes of the rows that are there.
fn outcome(source: &Source, before: &Progress, options: &Options) -> String {
    match load::disposition(source, before, options) {
        Disposition::Append => "append".to_owned(),
        Disposition::Merge if !source.merge.merge_key.is_empty() => format!("merge by {}", source.merge.merge_key.join(", ")),
        Disposition::Merge => format!("merge by {}", source.resource.primary_key.join(", ")),
        Disposition::Scd2 => "keep each version".to_owned(),
        Disposition::InsertOnly => format!("insert what is new by {}", source.resource.primary_key.join(", ")),
        Disposition::Replace | Disposition::Skip => "replace".to_owned(),
    }
}

/// Where the reading starts.
fn beginning(source: &Source, before: &Progress, options: &Options) -> String {
    let since = options.args.iter().find(|(resource, name, _)| resource == source.name() && name == START);
    match (before, since) {
        (Progress { checkpoint: Some(_), .. }, _) => "from where the last run was cut short".to_owned(),
        (_, Some((.., value))) => format!("from `{value}` on"),
        (Progress { state: Some(state), .. }, None) => format!("from the state {state}"),
        _ => "all of it".to_owned(),
    }
}

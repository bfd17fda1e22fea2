//! Loading: the records of resources go into the tables of a destination, and how far that is goes with them.
//!
//! Rows and progress are committed together, a package at a time. So a crash at any point repeats what was not committed, and
//! loses nothing. Reading and writing go on side by side; a slow destination slows the requests down.
#![cfg(feature = "load")]

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;
use std::time::{SystemTime, UNIX_EPOCH};

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use tokio::sync::{Notify, mpsc};

use crate::rt::admission::Admission;
use crate::rt::args::Args;
use crate::rt::batch::Rewrite;
use crate::rt::batches::Batch;
use crate::rt::checkpoint::Checkpoint;
use crate::rt::columnar::{Columnar, Type};
use crate::rt::core::Core;
use crate::rt::descriptor::{Body, Columns, Resource};
use crate::rt::destination::{Capabilities, Destination, Disposition, MergeRules, Progress, Target, failed};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::feed::{self, Feed, Open};
use crate::rt::gathering;
use crate::rt::message::Headers;
use crate::rt::nested::{Layout, Nested};
use crate::rt::paging::Size;
use crate::rt::rejected::RejectedLog;
use crate::rt::rejects::Rejects;
use crate::rt::run::Settings;
use crate::rt::skipped::SkippedLog;
use crate::rt::versions::Versions;

/// How many pages of a resource are asked for at once, where the pages to come are known.
const CONCURRENCY: usize = 8;

/// About how many bytes of rows are handed on at a time.
const BATCH: usize = 4 << 20;

/// How many batches wait for the destination.
const WAITING: usize = 2;

/// The name that the body of a request has among its arguments.
const BODY: &str = "body";

/// A resource that can be loaded.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// What is read.
    pub resource: &'static Resource,
    /// What its records are.
    pub kind: Type,
    /// What the spec says becomes of the rows that are there.
    pub disposition: Disposition,
    /// What it says of merging them.
    pub merge: MergeRules,
    /// What its requests have to be given.
    pub arguments: &'static [&'static str],
    /// Whether a job of the service collects its records.
    pub is_job: bool,
    /// Whether its records have fields that are not to be shown.
    pub is_sensitive: bool,
    open: Open,
    /// What becomes of each of its records before it is a row.
    rewrite: Option<fn(&Core) -> Rewrite>,
}

impl Source {
    /// A list whose pages are read, and which has to be given nothing.
    #[must_use]
    pub const fn new<T: Columnar>(resource: &'static Resource, disposition: Disposition) -> Self {
        let (merge, kind, open) = (MergeRules::NONE, T::TYPE, feed::pages);
        Self { resource, kind, disposition, merge, arguments: &[], is_job: false, is_sensitive: false, open, rewrite: None }
    }

    /// The same, merged so.
    #[must_use]
    pub const fn merged(self, merge: MergeRules) -> Self {
        Self { merge, ..self }
    }

    /// The same, whose requests have to be given these arguments.
    #[must_use]
    pub const fn given(self, arguments: &'static [&'static str]) -> Self {
        Self { arguments, ..self }
    }

    /// The same, whose records have fields that are not to be shown.
    #[must_use]
    pub const fn sensitive(self, is_sensitive: bool) -> Self {
        Self { is_sensitive, ..self }
    }

    /// The same, read by a job.
    #[must_use]
    pub const fn by_job(self, open: Open) -> Self {
        Self { is_job: true, open, ..self }
    }

    /// The same, with a hook that its records pass through.
    #[must_use]
    pub const fn through(self, rewrite: fn(&Core) -> Rewrite) -> Self {
        Self { rewrite: Some(rewrite), ..self }
    }

    /// Its records in batches.
    pub(crate) fn open(&self, settings: Settings) -> Box<dyn Feed> {
        let rewrite = self.rewrite.map(|rewrite| rewrite(&settings.core));
        (self.open)(settings, self.kind, rewrite)
    }

    /// Its name in the spec, which is also that of its table.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.resource.operation.name
    }

    /// What becomes of the rows that are there. What is read as a whole each time replaces them, so that no record is there twice.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        match self.disposition {
            Disposition::Append if self.resource.incremental.is_none() => Disposition::Replace,
            Disposition::Skip => Disposition::Replace,
            disposition => disposition,
        }
    }
}

/// How a load is done.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether everything is read anew, whatever was loaded before.
    pub full_refresh: bool,
    /// Whether tables whose rows are replaced are made anew, without the columns that are none of theirs any more.
    pub drop_tables: bool,
    /// What becomes of the rows that are there, where that is not what the spec says.
    pub disposition: Option<Disposition>,
    /// How many records of each resource are loaded at most; what is cut short is not noted as read.
    pub limit: Option<u64>,
    /// About how many bytes of rows are committed at a time, where that is not what suits the destination.
    pub package_bytes: Option<usize>,
    /// How records and lists within records are laid out, where that is not what suits the destination.
    pub nested: Option<Nested>,
    /// How many levels of records and lists within records are laid out; what is deeper is JSON.
    pub max_nesting: usize,
    /// What requests are given: the name of the resource, that of the argument, and the value.
    pub args: Vec<(String, String, String)>,
    /// Ends the load early; what is complete then is committed.
    pub stop: Arc<Stop>,
}

/// Something that ends loads early.
#[derive(Debug, Default)]
pub struct Stop {
    is_on: AtomicBool,
    told: Notify,
}

impl Stop {
    /// Ends them.
    pub fn notify(&self) {
        self.is_on.store(true, Ordering::Release);
        self.told.notify_waiters();
    }

    /// The next batch; nothing if it ends before that.
    async fn or_next(&self, feed: &mut dyn Feed) -> Option<Option<Result<Batch>>> {
        let mut told = pin!(self.told.notified());
        // From here on it is not missed.
        told.as_mut().enable();
        poll_fn(|cx| {
            if self.is_on.load(Ordering::Acquire) || told.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            feed.poll_next(cx).map(Some)
        })
        .await
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            full_refresh: false,
            drop_tables: false,
            disposition: None,
            limit: None,
            package_bytes: None,
            nested: None,
            max_nesting: gathering::LEVELS,
            args: Vec::new(),
            stop: Arc::default(),
        }
    }
}

/// What came of loading a resource.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The resource.
    pub resource: &'static str,
    /// How many rows were committed.
    pub rows: u64,
    /// How many bytes they had in memory.
    pub bytes: u64,
    /// How many requests were made.
    pub requests: u64,
    /// How many packages were committed.
    pub packages: u64,
    /// The values and records that were left out, since they do not fit the schema and its contract says so.
    pub rejected: RejectedLog,
    /// The lists that were not read to their end, because a rule of the spec says so.
    pub skipped: SkippedLog,
    /// Where the service had forgotten what an earlier load ended at, so that records may be missing.
    pub gaps: Vec<String>,
    /// Why it was cut short. What is committed stays, and the next load goes on there.
    pub error: Option<Error>,
}

/// What the writing side is told.
enum Order {
    Write(RecordBatch),
    Reject(Rejects),
    Commit { progress: Progress, is_last: bool },
}

/// What becomes known of a load while it goes on.
pub type Watch = Arc<dyn Fn(&Loaded) + Send + Sync>;

/// Loads a resource.
pub async fn load(core: Arc<Core>, source: Source, destination: Arc<dyn Destination>, options: Options, watch: Watch) -> Loaded {
    let mut loaded = Loaded {
        resource: source.name(),
        rows: 0,
        bytes: 0,
        requests: 0,
        packages: 0,
        rejected: RejectedLog::default(),
        skipped: SkippedLog::default(),
        gaps: Vec::new(),
        error: None,
    };
    let run = run(core, source, destination, &options, &watch, &mut loaded);
    #[cfg(feature = "tracing")]
    let run = tracing::Instrument::instrument(run, crate::rt::trace::load(source.name()));
    if let Err(error) = run.await {
        loaded.error = Some(error.in_operation(source.name()));
    }
    loaded
}

async fn run(
    core: Arc<Core>,
    source: Source,
    destination: Arc<dyn Destination>,
    options: &Options,
    watch: &Watch,
    loaded: &mut Loaded,
) -> Result<()> {
    let mut before = if options.full_refresh { Progress::default() } else { progress(&destination, source.name()).await? };
    let disposition = disposition(&source, &before, options);
    if disposition == Disposition::Replace && before.checkpoint.is_none() {
        // What takes the place of all rows is all that there is, and not only what is new.
        before.state = None;
    }
    let settings = settings(core, &source, &before, options)?;
    let Capabilities { nested, package_bytes, max_identifier_length } = destination.capabilities();
    let (nested, package_bytes) = (options.nested.unwrap_or(nested), options.package_bytes.unwrap_or(package_bytes));
    let mut feed = source.open(settings);
    let gathering = feed.gathering();
    gathering.levels(if nested == Nested::Json { 0 } else { options.max_nesting });
    gathering.bytes = package_bytes.min(BATCH);
    gathering.rejects = Some(Rejects::of(source.is_sensitive));
    if let Some(most) = options.limit {
        gathering.most = usize::try_from(most).unwrap_or(usize::MAX).max(1);
    }
    let begun = before.begun.clone().unwrap_or_else(load_id);
    let versions = match disposition {
        Disposition::Scd2 => Some(versions(&source, &gathering.schema, &begun, options)?),
        _ => None,
    };
    let layout = Layout::new(source.name(), &gathering.schema, nested, max_identifier_length, versions)?;
    let target = Target { begun, disposition, recreates: options.drop_tables, ..target(&source, &layout) };
    let anew = before.checkpoint.is_none();
    let replaces = target.disposition == Disposition::Replace;
    let contract = (source.resource.columns, source.is_sensitive || source.rewrite.is_some());
    let writing = Writing::start(destination, target, layout, anew, contract);
    let bounds = Bounds { limit: options.limit, replaces, package_bytes };
    let result = transfer(feed.as_mut(), &writing.orders, &options.stop, bounds, watch, loaded).await;
    let written = writing.finish().await;
    loaded.requests = feed.requests();
    (loaded.rejected, loaded.skipped, loaded.gaps) = (feed.rejected().clone(), feed.skipped(), feed.gaps());
    (loaded.rows, loaded.packages) = (written.rows, written.packages);
    loaded.rejected.append(written.rejected);
    written.error.map_or(result, Err)
}

fn versions(source: &Source, schema: &Schema, begun: &str, options: &Options) -> Result<Versions> {
    if options.limit.is_some() {
        let message = "keeps versions, and a limit would end those of all records that are not read: leave out `--limit`";
        return Err(Error::new(ErrorKind::Config, format!("`{}` {message}", source.name())));
    }
    Versions::new(schema, source.merge.validity, begun)
}

/// Where the records of a resource go, as its spec says.
fn target(source: &Source, layout: &Layout) -> Target {
    let columns = |names: &[&str]| names.iter().map(|name| layout.key(name)).collect();
    Target {
        resource: source.name().to_owned(),
        fingerprint: source.resource.fingerprint.to_owned(),
        disposition: source.disposition(),
        recreates: false,
        key: columns(source.resource.primary_key),
        merge_key: columns(source.merge.merge_key),
        hard_delete: source.merge.hard_delete.map(|name| layout.key(name)),
        dedup_sort: source.merge.dedup_sort.map(|(name, order)| (layout.key(name), order)),
        valid_to: source.merge.validity[1].to_owned(),
        begun: String::new(),
        tables: layout.tables(),
    }
}

/// What becomes of the rows that are there.
pub(crate) fn disposition(source: &Source, before: &Progress, options: &Options) -> Disposition {
    match options.disposition.unwrap_or(source.disposition()) {
        // What was can not be read anew.
        Disposition::Scd2 => Disposition::Scd2,
        _ if options.full_refresh || before.replaces => Disposition::Replace,
        disposition => disposition,
    }
}

/// How far a resource is. Destinations may wait for a disk or a network, which is nothing for the threads that read.
async fn progress(destination: &Arc<dyn Destination>, resource: &'static str) -> Result<Progress> {
    let destination = Arc::clone(destination);
    let task = tokio::task::spawn_blocking(move || destination.progress(resource));
    task.await.unwrap_or_else(|_| Err(failed("the destination stopped")))
}

pub(crate) fn settings(core: Arc<Core>, source: &Source, before: &Progress, options: &Options) -> Result<Settings> {
    let mut args = arguments(source, options);
    // The fewest requests, unless the caller wants other pages.
    if let Some(Size { param, max: Some(max), .. }) = source.resource.paging.size
        && !param.is_empty()
        && args.get(param).is_none()
    {
        args.set(param, max.to_string());
    }
    for name in source.arguments {
        if args.get(name).is_none() && !(*name == BODY && args.given().is_some()) {
            let message = format!("`{name}` has to be given: `--arg {}.{name}=…`", source.name());
            return Err(Error::new(ErrorKind::Config, message));
        }
    }
    let resume: Option<Checkpoint> = before.checkpoint.as_deref().map(str::parse).transpose()?;
    Ok(Settings {
        core,
        resource: source.resource,
        args,
        headers: Headers::default(),
        resume,
        state: before.state.clone(),
        concurrency: CONCURRENCY,
        problem: None,
    })
}

/// What the requests of a resource are given. An argument that is there several times is a list, and one that is no text is its JSON.
fn arguments(source: &Source, options: &Options) -> Args {
    let mut args = Args::default();
    let takes_body = matches!(source.resource.operation.body, Body::Given(_));
    let given = || options.args.iter().filter(|(resource, ..)| resource == source.name());
    for (_, name, value) in given() {
        if takes_body && name == BODY {
            args.give(value.as_bytes());
        } else {
            args.set_all(name, given().filter(|(_, other, _)| other == name).map(|(.., value)| value.clone()));
        }
    }
    args
}

/// How much is loaded.
#[derive(Clone, Copy)]
struct Bounds {
    /// How many records at most.
    limit: Option<u64>,
    /// Whether the rows take the place of others. Then they are just so many, and the next load begins anew; elsewhere pages are
    /// taken whole, and the next load goes on there.
    replaces: bool,
    /// About how many bytes of rows at a time.
    package_bytes: usize,
}

/// Reads to the end, and hands on what is read. What comes before an error is committed.
async fn transfer(
    feed: &mut dyn Feed,
    orders: &mpsc::Sender<Order>,
    stop: &Stop,
    bounds: Bounds,
    watch: &Watch,
    loaded: &mut Loaded,
) -> Result<()> {
    let gone = |_| Error::new(ErrorKind::Destination, "the destination takes no more rows");
    let (mut package, mut is_open) = (0, false);
    let mut progress = Progress::default();
    let result = loop {
        let Batch { mut records, checkpoint, .. } = match stop.or_next(feed).await {
            None => break Err(Error::new(ErrorKind::Stopped, "stopped before the end; the next load goes on there")),
            Some(Some(Ok(batch))) => batch,
            Some(Some(Err(error))) => break Err(error),
            Some(None) => {
                if let Some(rejects) = feed.gathering().take_rejects() {
                    orders.send(Order::Reject(rejects)).await.map_err(gone)?;
                }
                progress = Progress { state: feed.state_text(), ..Progress::default() };
                return orders.send(Order::Commit { progress, is_last: true }).await.map_err(gone);
            }
        };
        if let Some(left) = bounds.limit.filter(|_| bounds.replaces).map(|most| most.saturating_sub(loaded.rows)) {
            let left = usize::try_from(left).unwrap_or(usize::MAX);
            records = records.slice(0, left.min(records.num_rows()));
        }
        let bytes = records.get_array_memory_size();
        loaded.rows += records.num_rows() as u64;
        loaded.bytes += bytes as u64;
        loaded.requests = feed.requests();
        watch(loaded);
        (package, is_open) = (package + bytes, true);
        orders.send(Order::Write(records)).await.map_err(gone)?;
        if let Some(rejects) = feed.gathering().take_rejects() {
            orders.send(Order::Reject(rejects)).await.map_err(gone)?;
        }
        progress = Progress { checkpoint: Some(checkpoint.to_string()), replaces: bounds.replaces, ..Progress::default() };
        if bounds.limit.is_some_and(|most| loaded.rows >= most) {
            if bounds.replaces {
                let progress = Progress::default();
                return orders.send(Order::Commit { progress, is_last: true }).await.map_err(gone);
            }
            break Ok(());
        }
        if package >= bounds.package_bytes {
            (package, is_open) = (0, false);
            orders.send(Order::Commit { progress: progress.clone(), is_last: false }).await.map_err(gone)?;
        }
    };
    if is_open {
        orders.send(Order::Commit { progress, is_last: false }).await.map_err(gone)?;
    }
    result
}

/// The side that writes, on a thread of its own.
struct Writing {
    orders: mpsc::Sender<Order>,
    thread: tokio::task::JoinHandle<Written>,
}

/// What is committed.
#[derive(Default)]
struct Written {
    rows: u64,
    packages: u64,
    /// What the tables have no columns for.
    rejected: RejectedLog,
    /// Why it is not more.
    error: Option<Error>,
}

impl Writing {
    /// Begins. The contract is what becomes of columns that tables lack, and whether records are not to be shown.
    fn start(
        destination: Arc<dyn Destination>,
        mut target: Target,
        mut layout: Layout,
        anew: bool,
        (contract, is_sensitive): (Columns, bool),
    ) -> Self {
        let (orders, mut received) = mpsc::channel(WAITING);
        let thread = tokio::task::spawn_blocking(move || {
            let mut written = Written::default();
            let mut write = || {
                let mut admission = Admission::new(destination.as_ref(), &mut target, contract)?;
                let mut writer = destination.writer(&target, anew)?;
                let (mut open, mut load_id) = (0, load_id());
                while let Some(order) = received.blocking_recv() {
                    match order {
                        Order::Write(records) => {
                            let mut rejects = Rejects::of(is_sensitive);
                            let tables = admission.admit(layout.rows(&records, &load_id)?, &records, &mut rejects)?;
                            open += tables.first().map_or(0, |rows| rows.num_rows() as u64);
                            writer.write(tables)?;
                            if !rejects.is_empty() {
                                writer.reject(rejects.rows(&load_id, &target.resource).map_err(failed)?)?;
                            }
                        }
                        Order::Reject(rejects) => writer.reject(rejects.rows(&load_id, &target.resource).map_err(failed)?)?,
                        Order::Commit { mut progress, is_last } => {
                            progress.begun = (!is_last).then(|| target.begun.clone());
                            writer.commit(&load_id, &progress, is_last)?;
                            written.rows += std::mem::take(&mut open);
                            written.packages += 1;
                            written.rejected.append(std::mem::take(&mut admission.rejected));
                            load_id = self::load_id();
                            layout.begin_package();
                        }
                    }
                }
                Ok(())
            };
            written.error = write().err();
            written
        });
        Self { orders, thread }
    }

    /// Waits until all is written.
    async fn finish(self) -> Written {
        drop(self.orders);
        self.thread.await.unwrap_or_else(|_| Written { error: Some(failed("the destination stopped")), ..Written::default() })
    }
}

/// The id of a load package: seconds since 1970, and no other's.
fn load_id() -> String {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
    let last = LAST.fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| Some(now.max(last + 1))).unwrap_or(now);
    let id = now.max(last + 1);
    format!("{}.{:06}", id / 1_000_000, id % 1_000_000)
}

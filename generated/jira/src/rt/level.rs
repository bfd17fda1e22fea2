//! A level of a walk: the pages of a resource, or the values of a sequence, with the partitions of it that are to be read next.

use std::collections::VecDeque;

use crate::rt::args::Args;
use crate::rt::checkpoint::Place;
use crate::rt::core::{Core, set_header};
use crate::rt::descriptor::{Binding, Operation, PartitionBy, Path, Resource};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::Fault;
use crate::rt::json_write::ObjectWriter;
use crate::rt::message::{Headers, Request};
use crate::rt::page::{Layout, PageRead, Sink, scalar};
use crate::rt::pager::{Pager, Position};
use crate::rt::partition::{Arrived, Batch, Parents, Partition};
use crate::rt::partition_by::{Filter, Keep, KeptPage, PartitionSource};
use crate::rt::progress::{END, Progress, START};
use crate::rt::reader::Reader;
use crate::rt::select::select;
use crate::rt::sequence::{Row, Sequence};

/// A level of a walk.
pub struct Level {
    /// The resource that is read, or for which the values are.
    pub resource: &'static Resource,
    /// What its pages look like.
    pub layout: Layout,
    /// The arguments of all its requests.
    args: Args,
    /// Its values, where it has no pages.
    values: Option<&'static dyn Sequence>,
    /// What the levels below need of each record, and which records they are read for.
    below: &'static [Binding],
    filter: Option<&'static dyn Filter>,
    /// What keeps its rows, of how many levels they depend, and whether the first partition is noted.
    shared: Option<(usize, Box<dyn Keep>)>,
    is_noted: bool,
    /// How far it is, where a later run goes on from there.
    pub progress: Option<Box<dyn Progress>>,
    /// The partitions that are not read yet, in order. Only the first one's pages are taken.
    pub partitions: VecDeque<Partition>,
}

impl Level {
    /// The levels of a resource, the outermost first. The caller's arguments are for the resource itself.
    pub fn all(resource: &'static Resource, args: &Args, core: &Core) -> Vec<Self> {
        let mut levels = Vec::with_capacity(resource.partitions.len() + 1);
        // What the values of the levels just before a resource's pages take the place of.
        let mut taken: Vec<&str> = Vec::new();
        for (at, by) in resource.partitions.iter().enumerate() {
            match by.source {
                PartitionSource::Records(parent) => {
                    levels.push(Self::of_pages(parent, Args::default(), &std::mem::take(&mut taken), core, Some(by)));
                }
                PartitionSource::Values(values) => {
                    taken.extend(values.params());
                    let later = resource.partitions.get(at + 1..).unwrap_or_default();
                    let of = later.iter().find_map(PartitionBy::parent);
                    let args = if of.is_none() { args.clone() } else { Args::default() };
                    levels.push(Self::new(of.unwrap_or(resource), args, Some(values), Some(by)));
                }
            }
        }
        let mut innermost = Self::of_pages(resource, args.clone(), &taken, core, None);
        innermost.layout = innermost.layout.with(resource.steps);
        levels.push(innermost);
        levels
    }

    /// The level of a resource's pages. The parameters that come with each partition are taken out of its arguments.
    fn of_pages(
        resource: &'static Resource,
        mut args: Args,
        taken: &[&str],
        core: &Core,
        by: Option<&'static PartitionBy>,
    ) -> Self {
        for param in taken {
            args.unset(param);
        }
        let progress = resource.incremental.map(|incremental| incremental.begin(resource, core, &mut args));
        Self { progress, ..Self::new(resource, args, None, by) }
    }

    fn new(
        resource: &'static Resource,
        args: Args,
        values: Option<&'static dyn Sequence>,
        by: Option<&'static PartitionBy>,
    ) -> Self {
        Self {
            resource,
            layout: Layout::of(resource),
            args,
            values,
            below: by.map_or(&[], |by| by.bindings),
            filter: by.and_then(|by| by.filter),
            shared: by.and_then(|by| by.shared).map(|shared| (shared.depth, (shared.keep)())),
            is_noted: false,
            progress: None,
            partitions: VecDeque::new(),
        }
    }

    /// Where a partition of the level starts.
    #[must_use]
    pub fn start(&self) -> Position {
        if self.values.is_some() { Position::Start } else { Pager::start(&self.resource.paging) }
    }

    /// Adds a partition that is read from a place on.
    pub fn open(&mut self, core: &Core, parents: Parents, place: Place) -> Result<()> {
        let partition = if let Some(values) = self.values {
            let held = match &place.position {
                Position::Start => None,
                Position::Sequence(id) => Some(id.as_str()),
                _ => return Err(Error::new(ErrorKind::Checkpoint, "the checkpoint has a page where values are listed")),
            };
            Partition::known(values.open(core, &self.args, held)?, parents, place)
        } else {
            let paging = &self.resource.paging;
            let size = paging.size.and_then(|size| self.args.get(size.param));
            Partition::new(paging, size, parents, place)?
        };
        self.partitions.push_back(partition);
        Ok(())
    }

    /// Adds the partitions that rows of the level above make. One that can not be opened fails in its turn.
    pub fn open_all(&mut self, core: &Core, batch: Batch) {
        for Row { given, bindings } in batch.rows {
            let parents = Parents::new(std::sync::Arc::clone(&batch.places), given);
            let place = Place::at(self.start(), 0, bindings);
            if let Err(error) = self.open(core, parents.clone(), place.clone()) {
                self.partitions.push_back(Partition::broken(error, parents, place));
            }
        }
    }

    /// Drops the partitions that are read. Where rows are kept, those of the next partition may be known already.
    pub fn settle(&mut self) {
        while self.partitions.front().is_some_and(Partition::is_finished) {
            self.partitions.pop_front();
            if let (Some((_, keep)), true) = (&mut self.shared, std::mem::take(&mut self.is_noted)) {
                keep.complete();
            }
        }
        let (Some((depth, keep)), Some(front), false) = (&mut self.shared, self.partitions.front_mut(), self.is_noted) else {
            return;
        };
        if front.is_untouched() {
            match keep.recall(front.bindings_to(*depth)) {
                Some(pages) => front.replay(pages),
                None => self.is_noted = true,
            }
        }
    }

    /// How many of its partitions are asked ahead of time. Where the first one's rows may be those of all, the others wait.
    #[must_use]
    pub fn ahead(&self) -> usize {
        if self.shared.as_ref().is_some_and(|(_, keep)| !keep.has_given_up()) { 1 } else { usize::MAX }
    }

    /// The rows that are at hand of the first partition. None where there are none, or where it fails.
    pub fn rows(&mut self, core: &Core, cancelled: &mut Vec<u64>) -> Option<Batch> {
        let partition = self.partitions.front_mut()?;
        if let Some(batch) = partition.known_rows() {
            return Some(batch);
        }
        let arrived = match partition.take()? {
            Ok(arrived) => arrived,
            Err(error) => {
                if let Err(error) = self.refused(error) {
                    self.partitions.front_mut()?.fail(error);
                }
                return None;
            }
        };
        let mut rows = Rows::new(self.below, self.filter, arrived.skip);
        let read = self.read(core, &arrived, false, &mut rows);
        let partition = self.partitions.front_mut()?;
        cancelled.extend(partition.cancelled());
        let rows = match read {
            Ok(read) => rows.numbered(&read.left_out),
            Err(error) => {
                partition.fail(error);
                return None;
            }
        };
        let places = partition.places_in(&arrived, arrived.skip);
        if let (Some((_, keep)), true, Some(place)) = (&mut self.shared, self.is_noted, places.last()) {
            keep.note(KeptPage { place: place.clone(), rows: rows.clone() });
        }
        Some(Batch { places: places.into(), rows })
    }

    /// The request for a page of a partition.
    pub fn request(&self, core: &Core, headers: &Headers, partition: &Partition, at: &Position) -> Result<Request> {
        let operation = &self.resource.operation;
        let mut args = self.args.clone();
        for (name, value) in partition.bindings() {
            match scalar(&mut Reader::new(value)) {
                Ok(Some(text)) => args.bind(name, text),
                // Taken only to be included in the records, which may have any value.
                _ if !operation.refers_to(name) => {}
                Ok(None) => return Err(unbound(operation, name, "is missing or null")),
                Err(_) => return Err(unbound(operation, name, "is no text or number")),
            }
        }
        let mut link = None;
        if let Some(progress) = &self.progress {
            let name = self.name_of(partition);
            for (hole, value) in progress.bounds(&name)? {
                // A window has bounds of its own.
                if args.hole(hole).is_none() {
                    args.bind(hole, value);
                }
            }
            link = progress.link(&name).filter(|_| *at == Position::Start).map(Position::Url);
        }
        let at = link.as_ref().unwrap_or(at);
        partition.place(at, &mut args);
        let mut request = match at {
            // A checkpoint may have been anywhere since: its address is held to the same rules as a link.
            Position::Url(url) => core.prepare_at(operation, &args, core.follow(core.base_url(), url)?)?,
            _ => core.prepare(operation, &args)?,
        };
        // What the caller adds may be a credential, which no other host may see.
        if request.url.same_origin(core.base_url()) {
            for (name, value) in headers.iter() {
                set_header(&mut request.headers, name, value.to_owned())?;
            }
        }
        Ok(request)
    }

    /// What a partition is read for: the values of its requests' holes, as a JSON object.
    fn name_of(&self, partition: &Partition) -> String {
        let is_part = |name: &str| !matches!(name, START | END) && self.resource.operation.refers_to(name);
        let needed = partition.bindings().filter(|(name, _)| is_part(name));
        needed.fold(ObjectWriter::new(), |object, (name, value)| object.raw(name, value)).finish()
    }

    /// The name of the partition whose pages are taken; empty where nobody asks.
    pub fn partition_name(&self) -> String {
        self.progress.as_ref().and(self.partitions.front()).map(|front| self.name_of(front)).unwrap_or_default()
    }

    /// Reads a page of the first partition, which ends where nothing that follows is wanted.
    pub fn read(&mut self, core: &Core, arrived: &Arrived, spans: bool, sink: &mut dyn Sink) -> Result<PageRead> {
        let name = self.partition_name();
        let Some(partition) = self.partitions.front_mut() else { return Ok(PageRead::default()) };
        let Some(progress) = &mut self.progress else { return partition.read(core, &self.layout, arrived, spans, sink) };
        let read = partition.read(core, &self.layout, arrived, spans, &mut *progress.gate(&name, sink))?;
        if read.failure.is_none() && progress.is_past() {
            partition.stop();
        }
        Ok(read)
    }

    /// Takes in that a page of the first partition was refused: where its start is what was, it is read from another one.
    pub fn refused(&mut self, error: Error) -> Result<()> {
        let name = self.partition_name();
        match (&mut self.progress, self.partitions.front_mut()) {
            (Some(progress), Some(partition)) if partition.is_at_start() => {
                progress.refused(&name, error)?;
                partition.restart();
                Ok(())
            }
            _ => Err(error),
        }
    }
}

fn unbound(operation: &Operation, name: &str, what: &str) -> Error {
    let message = format!("`{name}` {what} in a parent's record, so that `{}` can not be read for it", operation.name);
    Error::new(ErrorKind::Decode, message)
}

/// What the levels below need of each record of a page.
struct Rows {
    /// The names of what is taken, and then of what the filter looks at.
    names: Vec<&'static str>,
    paths: Vec<Path>,
    taken: usize,
    filter: Option<&'static dyn Filter>,
    /// How many records of the page are done with so far.
    given: u64,
    skipped: u64,
    found: Vec<Row>,
}

impl Rows {
    fn new(taken: &[Binding], filter: Option<&'static dyn Filter>, skipped: u64) -> Self {
        let (mut names, mut paths): (Vec<_>, Vec<_>) = taken.iter().map(|binding| (binding.name, binding.path)).unzip();
        let taken = names.len();
        paths.extend(filter.map(Filter::paths).unwrap_or_default());
        names.resize(paths.len(), "");
        Self { names, paths, taken, filter, given: skipped, skipped, found: Vec::new() }
    }

    /// The rows, with the numbers of the records that were left out counted as well.
    fn numbered(mut self, left_out: &[u64]) -> Vec<Row> {
        for row in &mut self.found {
            row.given = left_out.iter().fold(row.given, |given, left_out| if *left_out < given { given + 1 } else { given });
        }
        self.found
    }
}

impl Sink for Rows {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        let mut bindings: Vec<_> = self.names.iter().map(|name| ((*name).to_owned(), "null".to_owned())).collect();
        select(r, &self.paths, &mut |r, index| {
            let value = r.skip()?;
            if let Some((_, text)) = bindings.get_mut(index) {
                value.clone_into(text);
            }
            Ok(true)
        })?;
        self.given += 1;
        let looked_at = bindings.split_off(self.taken.min(bindings.len()));
        if self.filter.is_none_or(|filter| filter.takes(&looked_at)) {
            self.found.push(Row { given: self.given, bindings });
        }
        Ok(())
    }

    fn restart(&mut self) {
        self.given = self.skipped;
        self.found.clear();
    }
}

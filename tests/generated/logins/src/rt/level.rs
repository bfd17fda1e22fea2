//! A level of a walk: the pages of a resource, or the values of a sequence, with the partitions of it that are to be read next.

use std::collections::VecDeque;

use crate::rt::args::Args;
use crate::rt::checkpoint::Place;
use crate::rt::core::{Core, set_header};
use crate::rt::descriptor::{Binding, Operation, PartitionBy, Path, Resource};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::Fault;
use crate::rt::message::{Headers, Request};
use crate::rt::page::{Layout, Sink, scalar};
use crate::rt::pager::{Pager, Position};
use crate::rt::partition::{Batch, Parents, Partition};
use crate::rt::partition_by::{Filter, Keep, KeptPage, PartitionSource};
use crate::rt::reader::Reader;
use crate::rt::select::select;
use crate::rt::sequence::{Row, Sequence};
use crate::rt::template::expand;

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
                    let args = pages_args(parent, Args::default(), &std::mem::take(&mut taken), core);
                    levels.push(Self::new(parent, args, None, Some(by)));
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
        let mut innermost = Self::new(resource, pages_args(resource, args.clone(), &taken, core), None, None);
        innermost.layout = innermost.layout.with(resource.steps);
        levels.push(innermost);
        levels
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
                partition.fail(error);
                return None;
            }
        };
        let mut rows = Rows::new(self.below, self.filter, arrived.skip);
        let read = partition.read(core, &self.layout, &arrived, false, &mut rows);
        cancelled.extend(partition.cancelled());
        if let Err(error) = read {
            partition.fail(error);
            return None;
        }
        let rows = rows.found;
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
}

/// The arguments of a resource's pages: the bounds of an incremental read, but for what comes with each partition.
fn pages_args(resource: &Resource, mut args: Args, taken: &[&str], core: &Core) -> Args {
    if let Some(incremental) = &resource.incremental {
        let start = (Some(incremental.start_param), incremental.initial_value);
        for (param, value) in [start, (incremental.end_param, incremental.end_value)] {
            let Some((param, template)) = param.zip(value) else { continue };
            let value = expand(template, |input| core.input(input)).filter(|_| args.get(param).is_none());
            if let Some(value) = value {
                args.set(param, value);
            }
        }
    }
    for param in taken {
        args.unset(param);
    }
    args
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

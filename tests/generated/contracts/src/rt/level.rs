//! A level of a walk: the pages of a resource, or the values of a sequence, with the partitions of it that are to be read next.

use std::collections::VecDeque;

use crate::rt::args::Args;
use crate::rt::checkpoint::Place;
use crate::rt::core::{Core, set_header};
use crate::rt::descriptor::{Binding, Operation, PartitionBy, Path, Resource};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::facts::scalar;
use crate::rt::fault::Fault;
use crate::rt::json_write::ObjectWriter;
use crate::rt::layout::Layout;
use crate::rt::message::{Headers, Request};
use crate::rt::page::{PageRead, Sink};
use crate::rt::pager::{Pager, Position};
use crate::rt::partition::{Arrived, Batch, Parents, Partition};
use crate::rt::partition_by::{Filter, Keep, KeptPage, PartitionSource};
use crate::rt::progress::{END, Progress, START};
use crate::rt::reader::Reader;
use crate::rt::select::select;
use crate::rt::sequence::{Bindings, Opening, Row, Sequence};
use crate::rt::walk::Taken;

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
        let mut levels: Vec<Self> = (resource.partitions.iter().enumerate())
            .map(|(at, by)| match by.source {
                PartitionSource::Records(parent) => Self::pages(parent, Args::default(), Some(by), core),
                PartitionSource::Values(values) => {
                    let later = resource.partitions.get(at + 1..).unwrap_or_default();
                    let of = later.iter().find_map(PartitionBy::parent).unwrap_or(resource);
                    Self { values: Some(values), ..Self::new(of, Args::default(), Some(by)) }
                }
            })
            .collect();
        let mut innermost = Self::pages(resource, args.clone(), None, core);
        innermost.layout = innermost.layout.with(resource.steps);
        levels.push(innermost);
        levels
    }

    fn pages(resource: &'static Resource, mut args: Args, by: Option<&'static PartitionBy>, core: &Core) -> Self {
        let progress = resource.incremental.map(|incremental| incremental.begin(resource, core, &mut args));
        Self { progress, ..Self::new(resource, args, by) }
    }

    fn new(resource: &'static Resource, args: Args, by: Option<&'static PartitionBy>) -> Self {
        Self {
            resource,
            layout: Layout::of(resource),
            args,
            values: None,
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

    /// Adds a partition that is read from a place on. `below` is the next level, whose bounds its values may follow from.
    pub fn open(&mut self, core: &Core, parents: Parents, place: Place, below: Option<&Self>) -> Result<()> {
        let partition = if let Some(values) = self.values {
            let held = match &place.position {
                Position::Start => None,
                Position::Sequence(id) => Some(id.as_str()),
                _ => return Err(Error::new(ErrorKind::Checkpoint, "the checkpoint has a page where values are listed")),
            };
            let bounds = || match below {
                Some(below) => below.bounds(parents.bindings().chain(&place.bindings)),
                None => Ok(Vec::new()),
            };
            let opened = values.open(&Opening { core, bounds: &bounds }, held)?;
            Partition::known(opened, parents, place)
        } else {
            let paging = &self.resource.paging;
            let size = paging.size.and_then(|size| self.args.get(size.param));
            Partition::new(paging, size, parents, place)?
        };
        self.partitions.push_back(partition);
        Ok(())
    }

    /// Adds the partitions that rows of the level above make. One that can not be opened fails in its turn.
    pub fn open_all(&mut self, core: &Core, batch: Batch, below: Option<&Self>) {
        for Row { given, digest, bindings } in batch.rows {
            let parents = Parents::new(std::sync::Arc::clone(&batch.places), given, digest);
            let place = Place::at(self.start(), 0, bindings);
            if let Err(error) = self.open(core, parents.clone(), place.clone(), below) {
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
        let mut arrived = match partition.take()? {
            Ok(arrived) => arrived,
            Err(error) => {
                self.refused(error).unwrap_or_else(|error| self.fail(error));
                return None;
            }
        };
        let mut rows = Rows::new(self.below, self.filter);
        let read = match self.read(core, &mut arrived, false, &mut rows) {
            Ok(read) => read,
            Err(error) => {
                self.fail(error);
                return None;
            }
        };
        let partition = self.partitions.front_mut()?;
        cancelled.extend(partition.cancelled());
        let rows = rows.numbered(arrived.skip, &read, &arrived.response.body);
        let places = partition.places_in(&arrived, &read, arrived.skip);
        if let (Some((_, keep)), true, Some(place)) = (&mut self.shared, self.is_noted, places.last()) {
            keep.note(KeptPage { place: place.clone(), rows: rows.clone() });
        }
        Some(Batch { places: places.into(), rows })
    }

    fn fail(&mut self, error: Error) {
        if let Some(partition) = self.partitions.front_mut() {
            partition.fail(error);
        }
    }

    /// The request for a page of a partition.
    pub fn request(&self, core: &Core, headers: &Headers, partition: &Partition, at: &Position) -> Result<Request> {
        let operation = &self.resource.operation;
        let mut args = self.args.clone();
        let mut link = None;
        if let Some(progress) = &self.progress {
            let name = self.name_of(partition.bindings());
            for (hole, value) in progress.bounds(&name)? {
                args.bind(hole, value);
            }
            link = progress.link(&name).filter(|_| *at == Position::Start).map(Position::Url);
        }
        let at = link.as_ref().unwrap_or(at);
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
        if core.policy.origins.is_own(&request.url) {
            for (name, value) in headers.iter() {
                set_header(&mut request.headers, name, value.to_owned())?;
            }
        }
        Ok(request)
    }

    /// What a partition is read for: the values of its requests' holes, as a JSON object. Windows of one range are one.
    fn name_of<'b>(&self, bindings: impl Iterator<Item = &'b (String, String)>) -> String {
        let is_named = |name: &str| self.resource.operation.refers_to(name) && name != START && name != END;
        let needed = bindings.filter(|(name, _)| is_named(name));
        needed.fold(ObjectWriter::new(), |object, (name, value)| object.raw(name, value)).finish()
    }

    /// The bounds of what is read for some values.
    fn bounds<'b>(&self, bindings: impl Iterator<Item = &'b (String, String)>) -> Result<Vec<(&'static str, String)>> {
        match &self.progress {
            Some(progress) => progress.bounds(&self.name_of(bindings)),
            None => Ok(Vec::new()),
        }
    }

    /// The name of the partition whose pages are taken; empty where nobody asks.
    pub fn partition_name(&self) -> String {
        let front = self.progress.as_ref().and(self.partitions.front());
        front.map(|front| self.name_of(front.bindings())).unwrap_or_default()
    }

    /// Reads a page of the first partition, which ends where nothing that follows is wanted.
    pub fn read(&mut self, core: &Core, arrived: &mut Arrived, spans: bool, sink: &mut dyn Sink) -> Result<PageRead> {
        let name = self.partition_name();
        let Some(partition) = self.partitions.front_mut() else { return Ok(PageRead::default()) };
        let Some(progress) = &mut self.progress else { return partition.read(core, &self.layout, arrived, spans, sink) };
        let read = partition.read(core, &self.layout, arrived, spans, &mut *progress.sieve(&name, sink))?;
        if read.failure.is_none() && progress.is_past() {
            partition.stop();
        }
        Ok(read)
    }

    /// Takes in what a page of the first partition leads to: where the service cut its query off, another one may go on.
    pub fn narrow(&mut self, page: &mut Taken) {
        let (Some(progress), Some(partition)) = (&mut self.progress, self.partitions.front_mut()) else { return };
        match progress.narrow(page, partition.is_cut()) {
            Ok(false) => {}
            Ok(true) => {
                partition.renew();
                page.after = partition.places_at_start();
                page.is_cut = true;
            }
            Err(error) => partition.fail(error),
        }
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
    /// What each record gives; none for those that the filter does not take.
    found: Vec<Option<Bindings>>,
}

impl Rows {
    fn new(taken: &[Binding], filter: Option<&'static dyn Filter>) -> Self {
        let (mut names, mut paths): (Vec<_>, Vec<_>) = taken.iter().map(|binding| (binding.name, binding.path)).unzip();
        let taken = names.len();
        paths.extend(filter.map(Filter::paths).unwrap_or_default());
        names.resize(paths.len(), "");
        Self { names, paths, taken, filter, found: Vec::new() }
    }

    /// The rows with their numbers in the page of this body, of which some were passed over and others left out.
    fn numbered(self, skipped: u64, read: &PageRead, body: &[u8]) -> Vec<Row> {
        let mut left_out = read.left_out.iter().copied().peekable();
        let mut number = skipped;
        let mut rows = Vec::new();
        for found in self.found {
            while left_out.next_if_eq(&number).is_some() {
                number += 1;
            }
            number += 1;
            rows.extend(found.map(|bindings| Row { given: number, digest: read.digest_of(number, body), bindings }));
        }
        rows
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
        let looked_at = bindings.split_off(self.taken.min(bindings.len()));
        let is_taken = self.filter.is_none_or(|filter| filter.takes(&looked_at));
        self.found.push(is_taken.then_some(bindings));
        Ok(())
    }

    fn restart(&mut self) {
        self.found.clear();
    }
}

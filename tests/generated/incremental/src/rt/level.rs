//! A level of a walk: one resource, with the partitions of it that are to be read next.

use std::collections::VecDeque;

use crate::rt::args::Args;
use crate::rt::checkpoint::Place;
use crate::rt::core::{Core, set_header};
use crate::rt::descriptor::{Binding, Operation, Path, Resource};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::Fault;
use crate::rt::json_write::ObjectWriter;
use crate::rt::message::{Headers, Request};
use crate::rt::page::{Layout, PageRead, Sink, scalar};
use crate::rt::pager::Position;
use crate::rt::partition::{Arrived, Parents, Partition};
use crate::rt::progress::Progress;
use crate::rt::reader::Reader;
use crate::rt::select::select;
use crate::rt::template::refers;

/// A resource of a walk.
pub struct Level {
    /// The resource.
    pub resource: &'static Resource,
    /// What its pages look like.
    pub layout: Layout,
    /// The arguments of all its requests.
    args: Args,
    /// What the level below needs of each record.
    pub bindings: &'static [Binding],
    /// How far it is, where a later run goes on from there.
    pub progress: Option<Box<dyn Progress>>,
    /// The partitions that are not read yet, in order. Only the first one's pages are taken.
    pub partitions: VecDeque<Partition>,
}

impl Level {
    /// The levels of a resource, the outermost parent's first. The caller's arguments are for the resource itself.
    pub fn all(resource: &'static Resource, args: Args, core: &Core) -> Vec<Self> {
        let mut levels = vec![Self::new(resource, args, &[], core)];
        let mut parent = &resource.parent;
        while let Some(link) = parent {
            levels.push(Self::new(link.resource, Args::default(), link.bindings, core));
            parent = &link.resource.parent;
        }
        levels.reverse();
        levels
    }

    fn new(resource: &'static Resource, mut args: Args, bindings: &'static [Binding], core: &Core) -> Self {
        let progress = resource.incremental.map(|incremental| incremental.begin(resource, core, &mut args));
        Self { resource, layout: Layout::of(resource), args, bindings, progress, partitions: VecDeque::new() }
    }

    /// Adds a partition that is read from a place on.
    pub fn open(&mut self, parents: Parents, place: Place) -> Result<()> {
        let paging = &self.resource.paging;
        let size = paging.size.and_then(|size| self.args.get(size.param));
        self.partitions.push_back(Partition::new(paging, size, parents, place)?);
        Ok(())
    }

    /// The request for a page of a partition.
    pub fn request(&self, core: &Core, headers: &Headers, partition: &Partition, at: &Position) -> Result<Request> {
        let operation = &self.resource.operation;
        let mut args = self.args.clone();
        for (name, value) in partition.bindings() {
            match scalar(&mut Reader::new(value)) {
                Ok(Some(text)) => args.bind(name, text),
                // Taken only to be included in the records, which may have any value.
                _ if !is_needed(operation, name) => {}
                Ok(None) => return Err(unbound(operation, name, "is missing or null")),
                Err(_) => return Err(unbound(operation, name, "is no text or number")),
            }
        }
        let mut link = None;
        if let Some(progress) = &self.progress {
            let name = self.name_of(partition);
            for (hole, value) in progress.bounds(&name)? {
                args.bind(hole, value);
            }
            link = progress.link(&name).filter(|_| *at == Position::Start).map(Position::Url);
        }
        let at = link.as_ref().unwrap_or(at);
        for (name, value) in partition.params(at) {
            args.set(name, value);
        }
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
        let needed = partition.bindings().filter(|(name, _)| is_needed(&self.resource.operation, name));
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

/// Whether an operation can not be called without a value for a hole.
fn is_needed(operation: &Operation, name: &str) -> bool {
    let params = operation.params.iter().filter_map(|param| param.value);
    let headers = operation.headers.iter().map(|(_, value)| *value);
    params.chain(headers).chain([operation.path]).any(|template| refers(template, |hole| hole == name))
}

fn unbound(operation: &Operation, name: &str, what: &str) -> Error {
    let message = format!("`{name}` {what} in a parent's record, so that `{}` can not be read for it", operation.name);
    Error::new(ErrorKind::Decode, message)
}

/// What the level below needs of each record of a page.
pub struct Rows {
    wanted: &'static [Binding],
    paths: Vec<Path>,
    bindings: Vec<Vec<(String, String)>>,
}

impl Rows {
    /// No rows yet.
    #[must_use]
    pub fn new(wanted: &'static [Binding]) -> Self {
        Self { wanted, paths: wanted.iter().map(|binding| binding.path).collect(), bindings: Vec::new() }
    }

    /// The values of each record, in order: names and JSON texts.
    pub fn into_bindings(self) -> Vec<Vec<(String, String)>> {
        self.bindings
    }
}

impl Sink for Rows {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        let mut row: Vec<_> = self.wanted.iter().map(|binding| (binding.name.to_owned(), "null".to_owned())).collect();
        select(r, &self.paths, &mut |r, index| {
            let value = r.skip()?;
            if let Some((_, text)) = row.get_mut(index) {
                value.clone_into(text);
            }
            Ok(true)
        })?;
        self.bindings.push(row);
        Ok(())
    }

    fn restart(&mut self) {
        self.bindings.clear();
    }
}

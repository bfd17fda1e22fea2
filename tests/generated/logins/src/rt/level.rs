//! A level of a walk: one resource, with the partitions of it that are to be read next.

use std::collections::VecDeque;

use crate::rt::args::Args;
use crate::rt::checkpoint::Place;
use crate::rt::core::{Core, set_header};
use crate::rt::descriptor::{Binding, Operation, Path, Resource};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::Fault;
use crate::rt::message::{Headers, Request};
use crate::rt::page::{Layout, Sink, scalar};
use crate::rt::pager::Position;
use crate::rt::partition::{Parents, Partition};
use crate::rt::reader::Reader;
use crate::rt::select::select;
use crate::rt::template::{expand, refers};

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
        Self { resource, layout: Layout::of(resource), args, bindings, partitions: VecDeque::new() }
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

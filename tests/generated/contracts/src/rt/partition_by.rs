//! The part of a resource's descriptor that says what it is read for: lists of values, records of other resources, windows of a
//! range. Several of them stand for their product, the first changing slowest.

use crate::rt::checkpoint::Place;
use crate::rt::descriptor::{Path, Resource};
use crate::rt::sequence::{Bindings, Row, Sequence};

/// What a resource is read for: once for each row of it, together with each row of those that follow.
#[derive(Clone, Copy, Debug)]
pub struct PartitionBy {
    /// Where the rows come from.
    pub source: PartitionSource,
    /// What is taken from each record, for the levels below. Values bring their own names.
    pub bindings: &'static [Binding],
    /// Which records are taken; none takes all.
    pub filter: Option<&'static dyn Filter>,
    /// What keeps its rows where they are the same for several rows of the level before it.
    pub shared: Option<Shared>,
}

/// Where the rows of a level come from.
#[derive(Clone, Copy, Debug)]
pub enum PartitionSource {
    /// The records of another resource.
    Records(&'static Resource),
    /// Values that need no request.
    Values(&'static dyn Sequence),
}

/// A value that is taken from a parent's record.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The hole of a template that it fills, such as `organizations.id`.
    pub name: &'static str,
    /// Where it is in the record.
    pub path: Path,
}

/// Rows that do not depend on the level before them.
#[derive(Clone, Copy, Debug)]
pub struct Shared {
    /// How many of the levels before, from the outermost on, the rows depend on.
    pub depth: usize,
    /// Makes what keeps them.
    pub keep: fn() -> Box<dyn Keep>,
}

/// Chooses among the records of a parent.
pub trait Filter: std::fmt::Debug + Sync {
    /// The places in a record that it looks at.
    fn paths(&self) -> Vec<Path>;

    /// Whether a record is taken, by the JSON texts at these places; what is not there is `null`.
    fn takes(&self, values: &[(String, String)]) -> bool;
}

/// Keeps the rows of a level, so that they are not asked for again.
pub trait Keep: Send + Sync {
    /// The pages of the partition with these values, if all of them are kept. If not, those that are noted next are its.
    fn recall(&mut self, values: Bindings) -> Option<std::sync::Arc<[KeptPage]>>;

    /// Notes a page, of which there may be too many to be kept.
    fn note(&mut self, page: KeptPage);

    /// Says that the pages noted are all.
    fn complete(&mut self);

    /// Whether there are too many rows, so that each partition is asked for its own.
    fn has_given_up(&self) -> bool;
}

/// The rows of one page of a parent.
#[derive(Clone, Debug)]
pub struct KeptPage {
    /// The page's place, before its first row.
    pub place: Place,
    /// Its rows.
    pub rows: Vec<Row>,
}

impl PartitionBy {
    /// The records of another resource, and what is taken from each of them.
    #[must_use]
    pub const fn records(resource: &'static Resource, bindings: &'static [Binding]) -> Self {
        Self { source: PartitionSource::Records(resource), bindings, filter: None, shared: None }
    }

    /// Values that need no request.
    #[must_use]
    pub const fn values(sequence: &'static dyn Sequence) -> Self {
        Self { source: PartitionSource::Values(sequence), bindings: &[], filter: None, shared: None }
    }

    /// Takes only some of the records.
    #[must_use]
    pub const fn only(self, filter: &'static dyn Filter) -> Self {
        Self { filter: Some(filter), ..self }
    }

    /// Keeps the rows, which depend on the first `depth` levels alone.
    #[must_use]
    pub const fn shared(self, depth: usize, keep: fn() -> Box<dyn Keep>) -> Self {
        Self { shared: Some(Shared { depth, keep }), ..self }
    }

    /// The holes that a row fills.
    #[must_use]
    pub fn holes(&self) -> Vec<&'static str> {
        match self.source {
            PartitionSource::Records(_) => self.bindings.iter().map(|binding| binding.name).collect(),
            PartitionSource::Values(values) => values.holes(),
        }
    }

    /// The resource whose records they are.
    #[must_use]
    pub const fn parent(&self) -> Option<&'static Resource> {
        match self.source {
            PartitionSource::Records(resource) => Some(resource),
            PartitionSource::Values(_) => None,
        }
    }
}

impl Binding {
    /// Takes the value at a path for the hole of this name.
    #[must_use]
    pub const fn new(name: &'static str, path: Path) -> Self {
        Self { name, path }
    }
}

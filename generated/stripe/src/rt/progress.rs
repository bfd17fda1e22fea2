//! How a read goes on from an earlier one, as far as the walk and the run have to know: what a resource's descriptor names, and
//! what keeps its place.

use std::any::Any;
use std::fmt;

use crate::rt::args::Args;
use crate::rt::core::Core;
use crate::rt::descriptor::{Path, Resource};
use crate::rt::error::{Error, Result};
use crate::rt::page::Sink;
use crate::rt::walk::Taken;

/// The hole of a template that holds where a run starts; also the name under which a caller's own start is among the arguments.
pub const START: &str = "incremental.start_value";

/// The hole of a template that holds where a run ends; also the name under which a caller's own end is among the arguments.
pub const END: &str = "incremental.end_value";

/// How a later run goes on from an earlier one: the part of a resource's descriptor.
pub trait Increments: fmt::Debug + Sync {
    /// Begins a run. Takes what the caller set for it out of the arguments; what is wrong with that shows with the first request.
    fn begin(&'static self, resource: &'static Resource, core: &Core, args: &mut Args) -> Box<dyn Progress>;

    /// Where the token of the next run is in the last page, if there is one.
    fn token(&self) -> Option<Path>;
}

/// Where a read starts and how far it is, partition by partition. A partition is named by a text of what it is read for.
pub trait Progress: Send + Sync {
    /// Starts where an earlier run ended, as its state says; or goes on in the middle of a run, as its checkpoint says.
    fn restore(&mut self, state: Option<&str>, checkpoint: Option<&str>) -> Result<()>;

    /// What fills the holes of a partition's requests.
    fn bounds(&self, partition: &str) -> Result<Vec<(&'static str, String)>>;

    /// The address that takes the place of a partition's first page, if an earlier run left one.
    fn link(&self, partition: &str) -> Option<String>;

    /// A sink that leaves out what is not wanted of a page.
    fn sieve<'s>(&'s mut self, partition: &'s str, sink: &'s mut dyn Sink) -> Box<dyn Sink + 's>;

    /// Whether all that follows the page just read is past the run's bounds.
    fn is_past(&self) -> bool;

    /// Takes in that the first page of a partition was refused. After `Ok` it is read from another start.
    fn refused(&mut self, partition: &str, error: Error) -> Result<()>;

    /// Takes in that a page was read, before its records are handed out. Where the service cut its query off with it (`is_cut`),
    /// says whether the partition is read on by a query that starts later.
    fn narrow(&mut self, page: &Taken, is_cut: bool) -> Result<bool>;

    /// Takes in that all records of a page were handed out.
    fn commit(&mut self, page: &Taken);

    /// Takes in that the run is over, and nothing was left to read.
    fn finish(&mut self);

    /// The greatest cursor handed out, some records of the page at hand included.
    fn mark(&self, page: Option<(&Taken, u64)>) -> Option<String>;

    /// The text of the state that a later run starts from, some records of the page at hand included.
    fn state(&self, page: Option<(&Taken, u64)>) -> String;

    /// What a checkpoint holds, some records of the page at hand included.
    fn checkpoint(&self, page: Option<(&Taken, u64)>) -> String;

    /// Where the service had forgotten what an earlier run ended at, in words.
    fn gaps(&self) -> Vec<String>;

    /// The one behind the trait, for those who know it.
    fn as_any(&self) -> &dyn Any;
}

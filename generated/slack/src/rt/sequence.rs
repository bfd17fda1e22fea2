//! Levels of a walk whose rows need no request: the values of a list, the windows of a range.

use std::fmt;

use crate::rt::args::Args;
use crate::rt::core::Core;
use crate::rt::error::Result;

/// What a row gives to the levels below it: names of holes, and JSON texts.
pub type Bindings = Vec<(String, String)>;

/// A row of a level.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// How many rows of its page, or of its sequence, are begun with it.
    pub given: u64,
    /// What it gives.
    pub bindings: Bindings,
}

/// Makes the rows of a level.
pub trait Sequence: fmt::Debug + Sync {
    /// Begins the sequence, or the one that a checkpoint holds by its [`Opened::id`].
    ///
    /// `args` are those of the resource that is read for it.
    fn open(&self, core: &Core, args: &Args, held: Option<&str>) -> Result<Opened>;

    /// The holes that a row fills.
    fn holes(&self) -> Vec<&'static str>;

    /// The parameters of the resource's requests that the rows take the place of.
    fn params(&self) -> Vec<&'static str> {
        Vec::new()
    }
}

/// The rows of a sequence that needs no request.
pub type KnownRows = Box<dyn Iterator<Item = Bindings> + Send + Sync>;

/// A sequence that has begun.
pub struct Opened {
    /// What its rows follow from. The same text gives the same rows, whenever it is opened.
    pub id: String,
    /// The rows, from the first one on.
    pub rows: KnownRows,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("id", &self.id).finish_non_exhaustive()
    }
}

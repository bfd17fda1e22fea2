//! Levels of a walk whose rows need no request: the values of a list, the windows of a range.

use std::fmt;

use crate::rt::core::Core;
use crate::rt::error::Result;

/// What a row gives to the levels below it: names of holes, and JSON texts.
pub type Bindings = Vec<(String, String)>;

/// A row of a level.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// How many rows of its page, or of its sequence, are begun with it.
    pub given: u64,
    /// Its digest, where it is one of a page.
    pub digest: Option<u64>,
    /// What it gives.
    pub bindings: Bindings,
}

/// Makes the rows of a level.
pub trait Sequence: fmt::Debug + Sync {
    /// Begins the sequence, or the one that a checkpoint holds by its [`Opened::id`].
    fn open(&self, opening: &Opening<'_>, held: Option<&str>) -> Result<Opened>;

    /// The holes that a row fills.
    fn holes(&self) -> Vec<&'static str>;
}

/// What a sequence may be made from.
pub struct Opening<'a> {
    /// The client.
    pub core: &'a Core,
    /// The bounds of an incremental read, as its requests write them: the names of their holes, and texts.
    pub bounds: &'a dyn Fn() -> Result<Vec<(&'static str, String)>>,
}

impl fmt::Debug for Opening<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").field("core", self.core).finish_non_exhaustive()
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

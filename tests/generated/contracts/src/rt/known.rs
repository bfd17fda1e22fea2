//! Rows of a level that need no request: those of a sequence, or of pages that were read before.

use std::fmt;
use std::sync::Arc;

use crate::rt::checkpoint::Place;
use crate::rt::pager::Position;
use crate::rt::partition_by::KeptPage;
use crate::rt::sequence::{Bindings, KnownRows, Opened, Row};

/// How many values of a sequence are taken at a time.
const VALUES: usize = 32;

/// Rows that are at hand.
pub enum Known {
    /// Those of a sequence, of which so many are begun.
    Sequence {
        /// What they follow from.
        id: String,
        /// How many are begun.
        given: u64,
        /// The others.
        rows: KnownRows,
    },
    /// Those of pages that were read before.
    Kept {
        /// The pages.
        pages: Arc<[KeptPage]>,
        /// The number of the next one.
        next: usize,
    },
}

impl Known {
    /// The rows of a sequence after so many of them.
    pub fn sequence(opened: Opened, given: u64) -> Self {
        let skip = usize::try_from(given).unwrap_or(usize::MAX);
        Self::Sequence { id: opened.id, given, rows: Box::new(opened.rows.skip(skip)) }
    }

    /// The next rows and the place that they are counted from, for a partition with these bindings. None after the last.
    pub fn next(&mut self, bindings: &Bindings) -> Option<(Place, Vec<Row>)> {
        match self {
            Self::Sequence { id, given, rows } => {
                let taken: Vec<Row> = rows
                    .take(VALUES)
                    .map(|bindings| {
                        *given += 1;
                        Row { given: *given, digest: None, bindings }
                    })
                    .collect();
                let place = Place::at(Position::Sequence(id.clone()), 0, bindings.clone());
                (!taken.is_empty()).then_some((place, taken))
            }
            Self::Kept { pages, next } => {
                let KeptPage { place, rows } = pages.get(*next)?;
                *next += 1;
                Some((Place { bindings: bindings.clone(), ..place.clone() }, rows.clone()))
            }
        }
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sequence { id, given, .. } => f.debug_struct("Sequence").field("id", id).field("given", given).finish(),
            Self::Kept { next, .. } => f.debug_struct("Kept").field("next", next).finish(),
        }
    }
}

//! Keeps the rows of a parent that does not depend on the level before it: they are read once, not again for each row of that
//! level.

use std::sync::Arc;

use crate::rt::partition_by::{Keep, KeptPage};
use crate::rt::sequence::Bindings;

/// How many rows are kept. Of a parent with more, each row of the level before it costs the requests again.
const ROWS: usize = 10_000;

/// The rows of the latest partition.
#[derive(Debug, Default)]
pub struct Kept {
    /// The values of the levels that they depend on.
    values: Option<Bindings>,
    pages: Vec<KeptPage>,
    rows: usize,
    /// All of them, once they have come.
    all: Option<Arc<[KeptPage]>>,
}

impl Kept {
    /// Without rows.
    #[must_use]
    pub fn boxed() -> Box<dyn Keep> {
        Box::new(Self::default())
    }
}

impl Keep for Kept {
    fn recall(&mut self, values: Bindings) -> Option<Arc<[KeptPage]>> {
        if self.values.as_ref() != Some(&values) {
            *self = Self { values: Some(values), ..Self::default() };
        }
        self.all.clone()
    }

    fn note(&mut self, page: KeptPage) {
        self.rows += page.rows.len();
        if self.has_given_up() {
            self.pages = Vec::new();
        } else {
            self.pages.push(page);
        }
    }

    fn complete(&mut self) {
        if !self.has_given_up() {
            self.all = Some(std::mem::take(&mut self.pages).into());
        }
    }

    fn has_given_up(&self) -> bool {
        self.rows > ROWS
    }
}

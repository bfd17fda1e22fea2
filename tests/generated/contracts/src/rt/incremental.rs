//! The part of a resource's descriptor that says how a later run goes on from an earlier one.
//!
//! What a caller sees of it is in `crate::rt::standing`.

use crate::rt::args::Args;
use crate::rt::core::Core;
use crate::rt::cursor::Format;
use crate::rt::descriptor::{Path, Resource, Template};
use crate::rt::progress::{Increments, Progress};
use crate::rt::tracker::Tracker;

/// How a later run goes on from an earlier one.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts about a service")]
pub struct Incremental {
    /// Where the cursor is in a record; empty where a token of the last page takes its place.
    pub cursor: Path,
    /// How it is written in records.
    pub format: Format,
    /// How it is written in requests.
    pub request: Format,
    /// Whether requests say where to start; else records before the start are left out on our side.
    pub sends_start: bool,
    /// Where a first run starts; none starts at the beginning.
    pub initial: Option<Template>,
    /// Where a run ends; none ends where the records do.
    pub end: Option<Template>,
    /// Whether records at the start itself are wanted, which then come again in the next run.
    pub start_closed: bool,
    /// Whether records at the end itself are wanted.
    pub end_closed: bool,
    /// How much before the mark the next run starts: milliseconds for moments, units for numbers.
    pub lag: i64,
    /// The order in which records come.
    pub order: RowOrder,
    /// What becomes of a record without a cursor.
    pub missing: Missing,
    /// How the service says that a start is too old, and what then.
    pub expired: Expired,
    /// Where the last page holds what the next run starts from, in place of a cursor of its records.
    pub token: Option<Path>,
    /// Whether that is an address, which takes the place of the first page's.
    pub token_is_link: bool,
    /// Whether a query that the service cuts off is followed by one that starts at its last record.
    pub splits: bool,
}

/// The order in which records come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RowOrder {
    /// Any order.
    Any,
    /// The least cursor first.
    Ascending,
    /// The greatest cursor first.
    Descending,
}

/// What becomes of a record without a cursor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Missing {
    /// It is an error that names the record.
    Raise,
    /// It is given all the same.
    Include,
    /// It is left out.
    Exclude,
}

/// How a service says that a start is too old, and what then.
#[derive(Clone, Copy, Debug)]
pub struct Expired {
    /// The statuses that say so.
    pub statuses: &'static [u16],
    /// The code that says so, where the statuses alone do not.
    pub code: Option<&'static str>,
    /// Where that code is in the body; where services usually have it, if none.
    pub path: Option<Path>,
    /// Whether the run starts over and reports the gap; else it is an error.
    pub restart: bool,
}

impl Incremental {
    /// By a cursor in the records.
    #[must_use]
    pub const fn by(cursor: Path, format: Format) -> Self {
        Self {
            cursor,
            format,
            request: format,
            sends_start: true,
            initial: None,
            end: None,
            start_closed: true,
            end_closed: false,
            lag: 0,
            order: RowOrder::Any,
            missing: Missing::Raise,
            expired: Expired { statuses: &[410], code: None, path: None, restart: false },
            token: None,
            token_is_link: false,
            splits: false,
        }
    }

    /// By a token of the last page, which a parameter of the next run's requests takes.
    #[must_use]
    pub const fn by_token(path: Path) -> Self {
        Self { token: Some(path), missing: Missing::Include, ..Self::by(&[], Format::Text) }
    }

    /// By an address in the last page, at which the next run starts.
    #[must_use]
    pub const fn by_link(path: Path) -> Self {
        Self { token_is_link: true, ..Self::by_token(path) }
    }

    /// Requests write the cursor in another format.
    #[must_use]
    pub const fn sent_as(self, request: Format) -> Self {
        Self { request, ..self }
    }

    /// Requests do not say where to start: records before the start are left out on our side.
    #[must_use]
    pub const fn on_our_side(self) -> Self {
        Self { sends_start: false, ..self }
    }

    /// Where a first run starts.
    #[must_use]
    pub const fn initial(self, value: Template) -> Self {
        Self { initial: Some(value), ..self }
    }

    /// Where a run ends.
    #[must_use]
    pub const fn end(self, value: Template) -> Self {
        Self { end: Some(value), ..self }
    }

    /// Records at the start itself are not wanted.
    #[must_use]
    pub const fn after_start(self) -> Self {
        Self { start_closed: false, ..self }
    }

    /// Records at the end itself are wanted.
    #[must_use]
    pub const fn through_end(self) -> Self {
        Self { end_closed: true, ..self }
    }

    /// A query that the service cuts off is followed by one that starts at its last record.
    #[must_use]
    pub const fn splits(self) -> Self {
        Self { splits: true, ..self }
    }

    /// How much before the mark the next run starts: milliseconds for moments, units for numbers.
    #[must_use]
    pub const fn lag(self, lag: i64) -> Self {
        Self { lag, ..self }
    }

    /// The least cursor comes first.
    #[must_use]
    pub const fn ascending(self) -> Self {
        Self { order: RowOrder::Ascending, ..self }
    }

    /// The greatest cursor comes first.
    #[must_use]
    pub const fn descending(self) -> Self {
        Self { order: RowOrder::Descending, ..self }
    }

    /// A record without a cursor is given all the same.
    #[must_use]
    pub const fn include_missing(self) -> Self {
        Self { missing: Missing::Include, ..self }
    }

    /// A record without a cursor does not fit its schema, so that nobody has to look for it here.
    #[must_use]
    pub const fn always_there(self) -> Self {
        self.include_missing()
    }

    /// A record without a cursor is left out.
    #[must_use]
    pub const fn exclude_missing(self) -> Self {
        Self { missing: Missing::Exclude, ..self }
    }

    /// The statuses, and where they are not enough the code, by which the service says that a start is too old.
    #[must_use]
    pub const fn expires(self, statuses: &'static [u16], code: Option<&'static str>, path: Option<Path>) -> Self {
        Self { expired: Expired { statuses, code, path, ..self.expired }, ..self }
    }

    /// Where the start is too old, the run starts over and reports the gap.
    #[must_use]
    pub const fn restarts(self) -> Self {
        Self { expired: Expired { restart: true, ..self.expired }, ..self }
    }
}

impl Increments for Incremental {
    fn begin(&'static self, resource: &'static Resource, core: &Core, args: &mut Args) -> Box<dyn Progress> {
        Box::new(Tracker::begin(self, resource, core, args))
    }

    fn token(&self) -> Option<Path> {
        self.token
    }
}

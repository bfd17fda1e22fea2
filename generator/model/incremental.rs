//! How a later run goes on from an earlier one.

use super::{Path, Spanned, Template};

/// How a later run goes on from an earlier one.
#[derive(Clone, Debug)]
pub struct Incremental {
    /// Where the cursor is in a record; the root where a token takes its place.
    pub cursor: Spanned<Path>,
    /// What the last page leaves for the next run, in place of a cursor of its records.
    pub token: Option<Token>,
    /// How the cursor is written in records.
    pub format: CursorFormat,
    /// How it is written in requests, where that differs.
    pub request_format: Option<Spanned<CursorFormat>>,
    /// The parameter that asks for records from the cursor on, where one is named.
    pub start_param: Option<Spanned<String>>,
    /// The parameter that bounds a run, where one is named.
    pub end_param: Option<Spanned<String>>,
    /// Where a first run starts.
    pub initial_value: Option<Template>,
    /// Where a run ends.
    pub end_value: Option<Template>,
    /// Whether records at the start itself are wanted.
    pub start_closed: bool,
    /// Whether records at the end itself are wanted.
    pub end_closed: bool,
    /// How much before the mark the next run starts: milliseconds for moments, units for numbers.
    pub lag: i64,
    /// The order in which records come.
    pub row_order: RowOrder,
    /// What becomes of a record without a cursor.
    pub on_missing: OnMissing,
    /// Whether the schema says that every record has one, so that nobody has to look.
    pub is_certain: bool,
    /// How the service says that a start is too old, and what then.
    pub expired: Expired,
    /// How much is asked for at a time; all at once where it is absent.
    pub step: Option<Spanned<WindowStep>>,
}

/// How long a window of an incremental run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowStep {
    /// So many milliseconds.
    Milliseconds(u64),
    /// So many months of the calendar.
    Months(u32),
}

impl Incremental {
    /// How the cursor is written in requests.
    #[must_use]
    pub fn request_format(&self) -> &CursorFormat {
        self.request_format.as_ref().map_or(&self.format, |format| &format.value)
    }
}

impl Incremental {
    /// Whether requests write the cursor as a number.
    #[must_use]
    pub fn sends_numbers(&self) -> bool {
        let sent = self.request_format.as_ref().map_or(&self.format, |format| &format.value);
        matches!(sent, CursorFormat::Epoch | CursorFormat::EpochMs | CursorFormat::Number)
    }
}

/// What the last page leaves for the next run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where it is in the page.
    pub path: Path,
    /// Whether it is an address, at which the next run starts.
    pub is_link: bool,
}

/// How a cursor is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CursorFormat {
    /// A date and a time as RFC 3339 writes it.
    Iso,
    /// A date.
    Date,
    /// Seconds since 1970.
    Epoch,
    /// Milliseconds since 1970.
    EpochMs,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A date and a time by a pattern.
    Pattern(String),
}

impl CursorFormat {
    /// Whether it writes moments.
    #[must_use]
    pub fn is_moment(&self) -> bool {
        !matches!(self, Self::Number | Self::Text)
    }

    /// What it writes, in words.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Iso => "a date and a time",
            Self::Date => "a date",
            Self::Epoch => "seconds since 1970",
            Self::EpochMs => "milliseconds since 1970",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Pattern(_) => "a date and a time by a pattern",
        }
    }
}

/// The order in which records come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowOrder {
    /// Any order.
    #[default]
    Any,
    /// The least cursor first.
    Ascending,
    /// The greatest cursor first.
    Descending,
}

/// What becomes of a record without a cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnMissing {
    /// It is an error that names the record.
    #[default]
    Raise,
    /// It is given all the same.
    Include,
    /// It is left out.
    Exclude,
}

/// How the service says that a start is too old, and what then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// Whether the run starts over and reports the gap.
    pub restart: bool,
    /// The statuses that say so.
    pub statuses: Vec<u16>,
    /// The code that says so, where the statuses alone do not.
    pub code: Option<String>,
    /// Where that code is in the body; where services usually have it, if none.
    pub code_path: Option<Path>,
}

impl Default for Expired {
    fn default() -> Self {
        Self { restart: false, statuses: vec![410], code: None, code_path: None }
    }
}

//! Destinations: what loads write to.
#![cfg(feature = "load")]

use std::fmt;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::nested::Nested;

/// What becomes of the rows that a table has, when others come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Disposition {
    /// They stay.
    Append,
    /// They go, once all of the others are there.
    Replace,
    /// They stay but for those of the same key.
    Merge,
    /// They stay, and of the others only those come that have another key.
    InsertOnly,
    /// They stay, and say until when they were valid: until there were others in their place. Only what is new comes.
    Scd2,
    /// Nothing: the resource is loaded only if it is named, and its rows replace them then.
    Skip,
}

impl Disposition {
    /// Whether rows meet those that are there by their keys.
    pub(crate) fn merges(self) -> bool {
        matches!(self, Self::Merge | Self::InsertOnly)
    }
}

/// Which of several rows counts by a value of theirs. One that has none counts last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// The one with the lowest.
    Ascending,
    /// The one with the highest.
    Descending,
}

/// What the spec says of merging: names of fields.
#[derive(Clone, Copy, Debug)]
pub struct MergeRules {
    /// Those by which rows are merged, where that is not the key: all rows that have one of their values go.
    pub merge_key: &'static [&'static str],
    /// That which says of a record that it is deleted: it is `true`, or of another type and there.
    pub hard_delete: Option<&'static str>,
    /// That which says which of several records with the same key counts; the last one where there is none.
    pub dedup_sort: Option<(&'static str, Order)>,
    /// The columns that say from when on a version of a record is valid, and until when.
    pub validity: [&'static str; 2],
}

impl MergeRules {
    /// By the key alone.
    pub const NONE: Self =
        Self { merge_key: &[], hard_delete: None, dedup_sort: None, validity: ["_dlt_valid_from", "_dlt_valid_to"] };
}

/// How far a resource is loaded: what is committed along with its rows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Where a run that was cut short goes on.
    pub checkpoint: Option<String>,
    /// Where the next run starts.
    pub state: Option<String>,
    /// Whether the run that was cut short replaces what is there, also where that is not what the spec says.
    pub replaces: bool,
    /// The first load package of the run that was cut short.
    pub begun: Option<String>,
}

/// A table of a destination.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub schema: SchemaRef,
}

/// Where the records of a resource go.
#[derive(Clone, Debug)]
pub struct Target {
    /// The resource.
    pub resource: String,
    /// The fingerprint of its schema.
    pub fingerprint: String,
    /// What becomes of the rows that are there.
    pub disposition: Disposition,
    /// Whether tables whose rows are replaced are made anew, without the columns that are none of theirs any more.
    pub recreates: bool,
    /// The columns that tell the records apart.
    pub key: Vec<String>,
    /// The columns whose values all of the rows share that records take the place of, where these are not those of the key.
    pub merge_key: Vec<String>,
    /// The column that says of a row that it is deleted.
    pub hard_delete: Option<String>,
    /// The column that says which of several rows with the same key counts.
    pub dedup_sort: Option<(String, Order)>,
    /// The column that says until when a version of a record was valid.
    pub valid_to: String,
    /// The first load package of the run. Rows of the run do not take each other's place by the merge key.
    pub begun: String,
    /// The table of the records, and behind it those of the lists within them, whose rows name their record.
    pub tables: Vec<Table>,
}

impl Target {
    /// The columns that decide which rows stay.
    pub(crate) fn deciding(&self) -> impl Iterator<Item = &str> {
        let sort = self.dedup_sort.iter().map(|(name, _)| name);
        let keys = self.key.iter().chain(&self.merge_key);
        keys.chain(&self.hard_delete).chain(sort).chain([&self.valid_to]).map(String::as_str)
    }
}

/// What a destination is made for.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    /// How records within records are laid out, unless told otherwise.
    pub nested: Nested,
    /// About how many bytes of rows are committed at a time, unless told otherwise.
    pub package_bytes: usize,
    /// How many characters the name of a table or a column has at most.
    pub max_identifier_length: usize,
}

/// What a destination holds of a table.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Holding {
    /// The table.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
    /// How many rows take their place once all are loaded.
    pub staged: u64,
    /// The last load package that it has rows of, where that is known.
    pub last_load: Option<String>,
    /// How far the resource is, if the table is that of its records.
    pub progress: Option<Progress>,
}

/// A column for which a table would have to change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lacking {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// What the column is there, if it is there with another type.
    pub found: Option<String>,
}

/// A place that rows are loaded into.
pub trait Destination: Send + Sync {
    /// What it is made for.
    fn capabilities(&self) -> Capabilities;

    /// How far a resource is.
    fn progress(&self, resource: &str) -> Result<Progress>;

    /// Says how far a resource is. By none the next load reads it from the start; its rows stay until then.
    fn set_progress(&self, resource: &str, progress: Option<&Progress>) -> Result<()>;

    /// What it holds.
    fn holdings(&self) -> Result<Vec<Holding>>;

    /// The columns of a resource for which its tables that are there would have to change: they lack them, or have them of another type.
    fn lacking(&self, target: &Target) -> Result<Vec<Lacking>>;

    /// Begins to write; `anew` forgets what an earlier run has left there uncommitted or unfinished.
    fn writer(&self, target: &Target, anew: bool) -> Result<Box<dyn Writer>>;
}

/// Writes the rows of a resource. What is not committed when it is dropped was never there.
pub trait Writer: Send {
    /// Takes rows of each table, in the order of the tables.
    fn write(&mut self, rows: Vec<RecordBatch>) -> Result<()>;

    /// Takes what was left out since it does not fit: `load_id`, `resource`, `path`, `message` and `record`, all texts. It is committed
    /// with the rows, and stays whatever becomes of these.
    fn reject(&mut self, rows: RecordBatch) -> Result<()>;

    /// Commits the rows since the last time, and the progress. The last one of a run says so: only then are rows replaced.
    fn commit(&mut self, load_id: &str, progress: &Progress, is_last: bool) -> Result<()>;
}

/// An error of a destination.
pub(crate) fn failed(error: impl fmt::Display) -> Error {
    Error::new(ErrorKind::Destination, error.to_string())
}

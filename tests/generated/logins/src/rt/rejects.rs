//! What a load leaves out, for the table that is kept of it: the reason, the path, and the record.
#![cfg(all(feature = "arrow", any(feature = "async", feature = "blocking")))]

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema};

use crate::rt::fault::{Fault, FaultKind};

/// How many bytes the text of a record has at most that is kept.
const RECORD: usize = 64 << 10;

/// How many bytes the texts of all have that wait.
const TEXTS: usize = 16 << 20;

/// What stands for a message of a record with sensitive fields, which may tell what one of them holds.
const UNTOLD: &str =
    "the value is not as the schema says; what it is is not told, since records of this kind have sensitive fields";

/// The columns of the table.
pub const COLUMNS: [(&str, bool); 5] =
    [("load_id", false), ("resource", false), ("path", false), ("message", false), ("record", true)];

/// What was left out and waits to be written.
#[derive(Debug, Default)]
pub struct Rejects {
    all: Vec<Reject>,
    /// How many bytes the records have.
    bytes: usize,
    /// Whether the records have sensitive fields: then neither texts nor values are kept.
    is_sensitive: bool,
}

/// A value or a record that was left out.
#[derive(Debug)]
struct Reject {
    path: String,
    message: String,
    record: Option<String>,
}

impl Rejects {
    /// None, of records that have sensitive fields or not.
    #[must_use]
    pub fn of(is_sensitive: bool) -> Self {
        Self { is_sensitive, ..Self::default() }
    }

    /// Adds one.
    pub fn push(&mut self, fault: &Fault, record: Option<&str>) {
        let message = match fault.kind() {
            FaultKind::Type if self.is_sensitive => UNTOLD.to_owned(),
            _ => fault.message().to_owned(),
        };
        let fits = |text: &&str| !self.is_sensitive && text.len() <= RECORD && self.bytes + text.len() <= TEXTS;
        let record = record.filter(fits).map(str::to_owned);
        self.bytes += record.as_ref().map_or(0, String::len);
        self.all.push(Reject { path: fault.path(), message, record });
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Forgets all but so many.
    pub fn truncate(&mut self, len: usize) {
        let gone = self.all.drain(len.min(self.all.len())..).filter_map(|reject| reject.record);
        self.bytes -= gone.map(|text| text.len()).sum::<usize>();
    }

    /// Takes all; there are none after that.
    #[must_use]
    pub fn take(&mut self) -> Self {
        let none = Self::of(self.is_sensitive);
        std::mem::replace(self, none)
    }

    /// The rows of the table.
    pub fn rows(&self, load_id: &str, resource: &str) -> Result<RecordBatch, ArrowError> {
        let fields = COLUMNS.map(|(name, nullable)| Field::new(name, DataType::Utf8, nullable));
        let texts = |of: fn(&Reject) -> Option<&str>| -> ArrayRef { Arc::new(self.all.iter().map(of).collect::<StringArray>()) };
        let same =
            |text: &str| -> ArrayRef { Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, self.all.len()))) };
        let columns = vec![
            same(load_id),
            same(resource),
            texts(|reject| Some(&reject.path)),
            texts(|reject| Some(&reject.message)),
            texts(|reject| reject.record.as_deref()),
        ];
        RecordBatch::try_new(Arc::new(Schema::new(fields.to_vec())), columns)
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray as _;

    use super::*;

    fn texts(rejects: &Rejects) -> Vec<Vec<Option<String>>> {
        let rows = rejects.rows("1.5", "users").expect("columns");
        let row = |at| {
            rows.columns()
                .iter()
                .map(|column| {
                    let column = column.as_string::<i32>();
                    column.iter().nth(at).flatten().map(str::to_owned)
                })
                .collect()
        };
        (0..rows.num_rows()).map(row).collect()
    }

    #[test]
    fn a_row_tells_the_reason_the_path_and_the_record() {
        let mut rejects = Rejects::default();
        rejects.push(&Fault::unfit(3, "a date", "soon"), Some("{\"at\":\"soon\"}"));
        rejects.push(&Fault::new(FaultKind::Missing, 0, "it has no `id`"), None);
        let said = texts(&rejects);
        let expected = ["1.5", "users", "$", "expected a date, found `soon`", "{\"at\":\"soon\"}"].map(|it| Some(it.to_owned()));
        assert_eq!(said[0], expected);
        assert_eq!(said[1][3..], [Some("it has no `id`".to_owned()), None]);
    }

    #[test]
    fn what_is_sensitive_is_not_told() {
        let mut rejects = Rejects::of(true);
        rejects.push(&Fault::unfit(3, "a date", "hunter2"), Some("{\"at\":\"hunter2\"}"));
        rejects.push(&Fault::new(FaultKind::Missing, 0, "it has no `id`"), Some("{\"at\":\"hunter2\"}"));
        let said = texts(&rejects);
        assert_eq!((said[0][3].as_deref(), said[1][3].as_deref()), (Some(UNTOLD), Some("it has no `id`")));
        assert!(!format!("{said:?}{rejects:?}").contains("hunter2"));
        assert!(rejects.take().is_sensitive && rejects.is_sensitive, "and stays so");
    }

    #[test]
    fn texts_are_bounded_one_by_one_and_in_all() {
        let mut rejects = Rejects::default();
        let fault = Fault::new(FaultKind::Type, 0, "no");
        let (long, most) = ("x".repeat(RECORD + 1), "x".repeat(RECORD));
        rejects.push(&fault, Some(&long));
        assert_eq!((rejects.len(), rejects.bytes), (1, 0));
        for _ in 0..300 {
            rejects.push(&fault, Some(&most));
        }
        assert_eq!((rejects.len(), rejects.bytes), (301, TEXTS));
        rejects.truncate(101);
        assert_eq!((rejects.len(), rejects.bytes), (101, 100 * RECORD));
        rejects.truncate(500);
        assert_eq!(rejects.take().len(), 101);
        assert_eq!((rejects.len(), rejects.bytes), (0, 0));
    }
}

//! Versions of records: the id of a row is made of what its record holds, so that one that is as it was is known again.
#![cfg(feature = "load")]

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{Array as _, ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_row::{RowConverter, SortField};
use arrow_schema::{DataType, Field, FieldRef, Schema, TimeUnit};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::rt::columns::UTC;
use crate::rt::destination::failed;
use crate::rt::error::Result;

/// How many bytes of a digest make an id.
const BYTES: usize = 16;

/// What makes the ids of records, and says from when on they are valid.
#[derive(Debug)]
pub(crate) struct Versions {
    columns: Vec<(String, RowConverter)>,
    /// The columns that say from when on a row is valid, and until when.
    validity: [FieldRef; 2],
    since: i64,
}

impl Versions {
    /// That of records with these columns, which come in a run that began with this load package.
    pub(crate) fn new(schema: &Schema, validity: [&str; 2], begun: &str) -> Result<Self> {
        let column = |field: &FieldRef| {
            let converter = RowConverter::new(vec![SortField::new(field.data_type().clone())]).map_err(failed)?;
            Ok((field.name().clone(), converter))
        };
        let columns: Result<_> = schema.fields().iter().map(column).collect();
        let kind = DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into()));
        let validity = validity.map(|name| Arc::new(Field::new(name, kind.clone(), true)));
        Ok(Self { columns: columns?, validity, since: microseconds(begun)? })
    }

    /// The columns that say from when on a row is valid, and until when: that is when another took its place.
    pub(crate) fn fields(&self) -> [FieldRef; 2] {
        self.validity.clone()
    }

    /// What these columns hold where rows come.
    pub(crate) fn validity(&self, rows: usize) -> [ArrayRef; 2] {
        let since = TimestampMicrosecondArray::from_value(self.since, rows).with_timezone(UTC);
        [Arc::new(since), Arc::new(TimestampMicrosecondArray::new_null(rows).with_timezone(UTC))]
    }

    /// The ids of records. What is null counts as what is not there, so that a further column does not make them others.
    pub(crate) fn ids(&self, records: &RecordBatch) -> Result<StringArray> {
        let mut digests = vec![Sha256::new(); records.num_rows()];
        for ((name, converter), column) in self.columns.iter().zip(records.columns()) {
            let values = converter.convert_columns(&[Arc::clone(column)]).map_err(failed)?;
            for (at, (digest, value)) in digests.iter_mut().zip(&values).enumerate() {
                if column.is_valid(at) {
                    add(digest, name.as_bytes());
                    add(digest, value.data());
                }
            }
        }
        Ok(texts(digests))
    }
}

/// The ids of a list's rows: of the row that each is in, and its place there.
pub(crate) fn ids_within(parents: &StringArray, list: &str, indexes: &Int64Array) -> StringArray {
    let digests = parents.iter().zip(indexes).map(|(parent, at)| {
        let mut digest = Sha256::new();
        add(&mut digest, parent.unwrap_or_default().as_bytes());
        add(&mut digest, list.as_bytes());
        digest.update(at.unwrap_or_default().to_le_bytes());
        digest
    });
    texts(digests.collect())
}

/// Adds bytes so that where they end is known.
fn add(digest: &mut Sha256, bytes: &[u8]) {
    digest.update(bytes.len().to_le_bytes());
    digest.update(bytes);
}

fn texts(digests: Vec<Sha256>) -> StringArray {
    let mut ids = StringBuilder::new();
    for digest in digests {
        let digest = digest.finalize();
        ids.append_value(URL_SAFE_NO_PAD.encode(digest.get(..BYTES).unwrap_or(&digest)));
    }
    ids.finish()
}

/// When a load package was begun, in microseconds since 1970: its id says so.
pub(crate) fn microseconds(load_id: &str) -> Result<i64> {
    let digits = load_id.replacen('.', "", 1);
    digits.parse().map_err(|_| failed(format!("`{load_id}` is no id of a load package")))
}

/// The same as ISO 8601 has it.
#[cfg(any(feature = "duckdb", feature = "postgres", feature = "sqlite"))]
pub(crate) fn instant(load_id: &str) -> Result<String> {
    let instant = jiff::Timestamp::from_microsecond(microseconds(load_id)?).map_err(failed)?;
    Ok(format!("{instant:.6}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(names: [&str; 2], rows: &[(Option<&str>, Option<&str>)]) -> RecordBatch {
        let schema = Schema::new(names.map(|name| Field::new(name, DataType::Utf8, true)).to_vec());
        let columns: [StringArray; 2] = [rows.iter().map(|row| row.0).collect(), rows.iter().map(|row| row.1).collect()];
        RecordBatch::try_new(Arc::new(schema), columns.map(|column| Arc::new(column) as ArrayRef).to_vec()).expect("a batch")
    }

    fn ids(records: &RecordBatch) -> Vec<String> {
        let versions = Versions::new(&records.schema(), ["from", "to"], "1763784000.000001").expect("columns");
        versions.ids(records).expect("rows").iter().flatten().map(str::to_owned).collect()
    }

    /// Records have the same id if they hold the same, wherever one value ends and the next begins.
    #[test]
    fn ids_tell_what_records_hold() {
        let rows = [(Some("a"), Some("b")), (Some("a"), Some("b")), (Some("ab"), Some("")), (Some("a"), None), (None, Some("a"))];
        let all = ids(&records(["x", "y"], &rows));
        assert_eq!(all[0], all[1]);
        let mut others = all.clone();
        others.sort();
        others.dedup();
        assert_eq!((all[0].len(), others.len()), (22, 4), "{all:?}");
        assert_eq!(ids(&records(["x", "z"], &[(Some("a"), None)])), all[3..4], "what is not there does not count");
        assert_ne!(ids(&records(["z", "y"], &[(Some("a"), None)])), all[3..4], "names do");
    }

    #[test]
    fn ids_of_lists_tell_rows_and_places() {
        let parents = StringArray::from(vec!["a", "a", "b", "a"]);
        let all = ids_within(&parents, "tags", &Int64Array::from(vec![0, 1, 0, 0]));
        assert_eq!(all.value(0), all.value(3));
        assert!(all.value(0) != all.value(1) && all.value(0) != all.value(2) && all.value(1) != all.value(2));
        assert_ne!(all.value(0), ids_within(&parents, "notes", &Int64Array::from(vec![0, 1, 0, 0])).value(0));
    }

    #[test]
    fn a_load_package_says_when_it_was_begun() {
        assert_eq!(microseconds("1763784000.000001").expect("an id"), 1_763_784_000_000_001);
        assert!(microseconds("none").is_err_and(|error| error.to_string().contains("`none` is no id")));
    }
}

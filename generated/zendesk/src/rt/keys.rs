//! The keys of rows, as bytes that can be compared: what merging asks of them.
#![cfg(feature = "load")]

use std::collections::HashSet;

use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_row::{RowConverter, SortField};
use arrow_schema::Schema;
use arrow_select::filter::filter_record_batch;

use crate::rt::error::Result;
use crate::rt::load::failed;

/// What tells the rows of a table apart.
#[derive(Debug)]
pub(crate) struct Keys {
    names: Vec<String>,
    converter: RowConverter,
}

/// Some keys.
pub(crate) type KeySet = HashSet<Box<[u8]>>;

impl Keys {
    /// The columns of these names.
    pub(crate) fn new(schema: &Schema, names: &[String]) -> Result<Self> {
        let fields: Result<Vec<_>> = names
            .iter()
            .map(|name| Ok(SortField::new(schema.field_with_name(name).map_err(failed)?.data_type().clone())))
            .collect();
        Ok(Self { names: names.to_vec(), converter: RowConverter::new(fields?).map_err(failed)? })
    }

    fn columns(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>> {
        let column = |name: &String| rows.column_by_name(name).cloned().ok_or_else(|| failed(format!("there is no `{name}`")));
        self.names.iter().map(column).collect()
    }

    /// Refuses rows that lack a part of their key; `before` is how many came before them.
    pub(crate) fn check(&self, rows: &RecordBatch, before: u64) -> Result<()> {
        for (name, column) in self.names.iter().zip(self.columns(rows)?) {
            if let Some(row) = column.nulls().and_then(|nulls| (0..nulls.len()).find(|at| nulls.is_null(*at))) {
                let row = before + row as u64 + 1;
                return Err(failed(format!("row {row} has no `{name}`, which is its key: it can not be merged")));
            }
        }
        Ok(())
    }

    /// Of rows with the same key only the last ones; and all keys.
    pub(crate) fn last_of_each(&self, batches: &[RecordBatch]) -> Result<(Vec<RecordBatch>, KeySet)> {
        let (mut kept, mut seen) = (Vec::new(), KeySet::new());
        for batch in batches.iter().rev() {
            let rows = self.converter.convert_columns(&self.columns(batch)?).map_err(failed)?;
            let mut last: Vec<bool> = (0..rows.num_rows()).rev().map(|at| seen.insert(rows.row(at).data().into())).collect();
            last.reverse();
            kept.push(filtered(batch, last)?);
        }
        kept.reverse();
        Ok((kept, seen))
    }

    /// Whether a row has one of these keys.
    pub(crate) fn has_any(&self, batch: &RecordBatch, keys: &KeySet) -> Result<bool> {
        let rows = self.converter.convert_columns(&self.columns(batch)?).map_err(failed)?;
        Ok(rows.iter().any(|row| keys.contains(row.data())))
    }

    /// The rows that have none of these keys.
    pub(crate) fn without(&self, batch: &RecordBatch, keys: &KeySet) -> Result<RecordBatch> {
        let rows = self.converter.convert_columns(&self.columns(batch)?).map_err(failed)?;
        filtered(batch, rows.iter().map(|row| !keys.contains(row.data())).collect())
    }
}

fn filtered(batch: &RecordBatch, kept: Vec<bool>) -> Result<RecordBatch> {
    if kept.iter().all(|kept| *kept) {
        return Ok(batch.clone());
    }
    filter_record_batch(batch, &BooleanArray::from(kept)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, StringArray};
    use arrow_schema::{DataType, Field};

    use super::*;

    fn batch(rows: &[(Option<&str>, i64)]) -> RecordBatch {
        let schema = Schema::new(vec![Field::new("id", DataType::Utf8, true), Field::new("n", DataType::Int64, true)]);
        let ids = rows.iter().map(|(id, _)| *id).collect::<StringArray>();
        let numbers = Int64Array::from_iter_values(rows.iter().map(|(_, number)| *number));
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(ids), Arc::new(numbers)]).expect("a batch")
    }

    fn keys() -> Keys {
        Keys::new(&batch(&[]).schema(), &["id".to_owned()]).expect("keys")
    }

    #[test]
    fn the_last_row_of_a_key_counts() {
        let batches = [batch(&[(Some("a"), 1), (Some("b"), 2), (Some("a"), 3)]), batch(&[(Some("b"), 4), (Some("c"), 5)])];
        let (kept, seen) = keys().last_of_each(&batches).expect("rows");
        assert_eq!(kept, [batch(&[(Some("a"), 3)]), batch(&[(Some("b"), 4), (Some("c"), 5)])]);
        assert_eq!(seen.len(), 3);
        let old = batch(&[(Some("a"), 9), (Some("z"), 9)]);
        let rest = batch(&[(Some("z"), 9)]);
        assert_eq!(keys().without(&old, &seen).expect("rows"), rest);
        assert!(keys().has_any(&old, &seen).expect("keys"));
        assert!(!keys().has_any(&rest, &seen).expect("keys"));
    }

    #[test]
    fn a_row_without_its_key_is_refused() {
        let error = keys().check(&batch(&[(Some("a"), 1), (None, 2)]), 10).expect_err("a key is missing");
        assert!(error.to_string().contains("row 12 has no `id`"), "{error}");
    }
}

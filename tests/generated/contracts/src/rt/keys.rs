//! The keys of rows, as bytes that can be compared: what merging asks of them.
#![cfg(feature = "load")]

use std::borrow::Cow;
use std::collections::HashSet;

use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_row::{RowConverter, Rows, SortField};
use arrow_schema::Schema;
use arrow_select::filter::filter_record_batch;

use crate::rt::destination::{Target, failed};
use crate::rt::error::Result;
use crate::rt::nested::{ROOT_ID, ROW_ID};

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

    /// The names of the columns.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
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

    /// The key of each row.
    fn of(&self, rows: &RecordBatch) -> Result<Rows> {
        self.converter.convert_columns(&self.columns(rows)?).map_err(failed)
    }

    /// Whether a row has one of these keys.
    pub(crate) fn has_any(&self, rows: &RecordBatch, keys: &KeySet) -> Result<bool> {
        Ok(self.of(rows)?.iter().any(|key| keys.contains(key.data())))
    }

    /// Of each row whether it has none of these keys.
    pub(crate) fn others(&self, rows: &RecordBatch, keys: &KeySet) -> Result<Vec<bool>> {
        Ok(self.of(rows)?.iter().map(|key| !keys.contains(key.data())).collect())
    }

    /// Notes the keys of the rows that are not kept.
    pub(crate) fn note_dropped(&self, rows: &RecordBatch, kept: &[bool], dropped: &mut KeySet) -> Result<()> {
        if kept.iter().any(|kept| !kept) {
            dropped.extend(self.of(rows)?.iter().zip(kept).filter(|(_, kept)| !**kept).map(|(key, _)| key.data().into()));
        }
        Ok(())
    }
}

/// The rows that are kept.
pub(crate) fn filtered(rows: &RecordBatch, kept: Vec<bool>) -> Result<RecordBatch> {
    if kept.iter().all(|kept| *kept) {
        return Ok(rows.clone());
    }
    filter_record_batch(rows, &BooleanArray::from(kept)).map_err(failed)
}

/// What merges the rows of a target: records go by their key, and the rows of the lists within them by the record that they are in.
#[derive(Debug)]
pub(crate) struct Merging {
    /// What tells records apart, if anything does.
    key: Option<Keys>,
    /// What the rows share that records of a run take the place of, where that is not the key.
    shared: Option<Keys>,
    /// What the rows of lists call their records; nothing where there are no lists.
    pub(crate) id: Keys,
    /// What says in which record the rows of each table of lists are.
    pub(crate) roots: Vec<Keys>,
}

/// Rows that go when others come.
pub(crate) struct Struck<'a> {
    /// What tells them.
    pub(crate) by: &'a Keys,
    /// Their keys.
    pub(crate) keys: Cow<'a, KeySet>,
    /// Whether those of the run itself stay.
    pub(crate) spares_run: bool,
}

impl Merging {
    /// That of a target.
    pub(crate) fn new(target: &Target) -> Result<Self> {
        let Some((records, lists)) = target.tables.split_first() else { return Err(failed("there is no table")) };
        let by = |names: &[String]| (!names.is_empty()).then(|| Keys::new(&records.schema, names)).transpose();
        let (key, shared) = (by(&target.key)?, by(&target.merge_key)?);
        if key.is_none() && shared.is_none() {
            return Err(failed(format!("`{}` is merged by its key, and its spec has no `primary_key`", target.resource)));
        }
        let id: &[String] = if lists.is_empty() { &[] } else { &[ROW_ID.to_owned()] };
        let root = [ROOT_ID.to_owned()];
        let roots: Result<_> = lists.iter().map(|list| Keys::new(&list.schema, &root)).collect();
        Ok(Self { key, shared, id: Keys::new(&records.schema, id)?, roots: roots? })
    }

    /// Refuses records that lack a part of their key; `before` is how many came before them.
    pub(crate) fn check(&self, records: &RecordBatch, before: u64) -> Result<()> {
        self.key.iter().chain(&self.shared).try_for_each(|keys| keys.check(records, before))
    }

    /// Leaves of records with the same key only the last ones, and of lists what is within these; the keys of all.
    pub(crate) fn last_of_each(&self, batches: &mut [Vec<RecordBatch>]) -> Result<KeySet> {
        let (mut seen, mut dropped) = (KeySet::new(), KeySet::new());
        let Some(by) = &self.key else { return Ok(seen) };
        for records in batches.iter_mut().rev().filter_map(|tables| tables.first_mut()) {
            let keys = by.of(records)?;
            let mut last: Vec<bool> = (0..keys.num_rows()).rev().map(|at| seen.insert(keys.row(at).data().into())).collect();
            last.reverse();
            self.id.note_dropped(records, &last, &mut dropped)?;
            *records = filtered(records, last)?;
        }
        if dropped.is_empty() || self.roots.is_empty() {
            return Ok(seen);
        }
        for tables in batches {
            for (rows, root) in tables.iter_mut().skip(1).zip(&self.roots) {
                *rows = filtered(rows, root.others(rows, &dropped)?)?;
            }
        }
        Ok(seen)
    }

    /// The rows that go when these come, whose keys are given.
    pub(crate) fn struck(&self, keys: KeySet, batches: &[Vec<RecordBatch>]) -> Result<Vec<Struck<'_>>> {
        let mut struck = Vec::new();
        if let Some(by) = &self.key {
            struck.push(Struck { by, keys: Cow::Owned(keys), spares_run: false });
        }
        if let Some(by) = &self.shared {
            let mut shared = KeySet::new();
            for records in batches.iter().filter_map(|tables| tables.first()) {
                shared.extend(by.of(records)?.iter().map(|key| Box::from(key.data())));
            }
            struck.push(Struck { by, keys: Cow::Owned(shared), spares_run: true });
        }
        Ok(struck)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, StringArray};
    use arrow_schema::{DataType, Field};

    use super::*;
    use crate::rt::destination::{Disposition, Table};

    fn batch(names: [&str; 2], rows: &[(Option<&str>, i64)]) -> RecordBatch {
        let schema = Schema::new(vec![Field::new(names[0], DataType::Utf8, true), Field::new(names[1], DataType::Int64, true)]);
        let texts = rows.iter().map(|(text, _)| *text).collect::<StringArray>();
        let numbers = Int64Array::from_iter_values(rows.iter().map(|(_, number)| *number));
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(texts), Arc::new(numbers)]).expect("a batch")
    }

    /// Records, whose keys are numbers, and the rows of a list within them.
    fn records(rows: &[(Option<&str>, i64)]) -> RecordBatch {
        batch([ROW_ID, "n"], rows)
    }

    fn inner(rows: &[(Option<&str>, i64)]) -> RecordBatch {
        batch([ROOT_ID, "value"], rows)
    }

    fn merging() -> Merging {
        let table = |name: &str, rows: RecordBatch| Table { name: name.to_owned(), schema: rows.schema() };
        let tables = vec![table("users", records(&[])), table("users__tags", inner(&[]))];
        Merging::new(&target(tables, &["n"], &[])).expect("keys")
    }

    fn target(tables: Vec<Table>, key: &[&str], merge_key: &[&str]) -> Target {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Target {
            resource: "users".to_owned(),
            disposition: Disposition::Merge,
            key: names(key),
            merge_key: names(merge_key),
            begun: "1.5".to_owned(),
            tables,
        }
    }

    /// Without a key of records no row of a run goes; a table has one at least.
    #[test]
    fn rows_that_share_a_value_go_together() {
        let tables = || vec![Table { name: "users".to_owned(), schema: records(&[]).schema() }];
        let merging = Merging::new(&target(tables(), &[], &["n"])).expect("keys");
        let mut batches = [vec![records(&[(Some("a"), 1), (Some("b"), 1)])]];
        let keys = merging.last_of_each(&mut batches).expect("rows");
        let struck = merging.struck(keys, &batches).expect("keys");
        assert_eq!(batches, [vec![records(&[(Some("a"), 1), (Some("b"), 1)])]]);
        let old = records(&[(Some("y"), 1), (Some("z"), 9)]);
        let others: Vec<_> = struck.iter().map(|it| (it.spares_run, it.by.others(&old, &it.keys).expect("keys"))).collect();
        assert_eq!(others, [(true, vec![false, true])]);
        assert!(Merging::new(&target(tables(), &[], &[])).is_err_and(|error| error.to_string().contains("has no `primary_key`")));
    }

    #[test]
    fn the_last_row_of_a_key_counts_with_what_is_within_it() {
        let mut batches = [
            vec![
                records(&[(Some("a"), 1), (Some("b"), 2), (Some("c"), 1)]),
                inner(&[(Some("a"), 10), (Some("b"), 20), (Some("c"), 30)]),
            ],
            vec![records(&[(Some("d"), 2), (Some("e"), 3)]), inner(&[(Some("e"), 40)])],
        ];
        let merging = merging();
        let keys = merging.last_of_each(&mut batches).expect("rows");
        let struck = merging.struck(keys, &batches).expect("keys");
        let expected = [
            vec![records(&[(Some("c"), 1)]), inner(&[(Some("c"), 30)])],
            vec![records(&[(Some("d"), 2), (Some("e"), 3)]), inner(&[(Some("e"), 40)])],
        ];
        assert_eq!((batches, struck[0].keys.len(), struck.len()), (expected, 3, 1));
    }

    #[test]
    fn rows_are_told_by_their_keys() {
        let merging = merging();
        let mut rows = [vec![records(&[(Some("a"), 1), (Some("b"), 2)])]];
        let keys = merging.last_of_each(&mut rows).expect("rows");
        let struck = merging.struck(keys, &rows).expect("keys");
        let (key, seen, id) = (struck[0].by, &struck[0].keys, &merging.id);
        let old = records(&[(Some("y"), 1), (Some("z"), 9)]);
        let kept = key.others(&old, seen).expect("keys");
        assert_eq!(filtered(&old, kept.clone()).expect("rows"), records(&[(Some("z"), 9)]));
        assert!(key.has_any(&old, seen).expect("keys"));
        assert!(!key.has_any(&records(&[(Some("z"), 9)]), seen).expect("keys"));
        let mut dropped = KeySet::new();
        id.note_dropped(&old, &kept, &mut dropped).expect("keys");
        assert_eq!(merging.roots[0].others(&inner(&[(Some("y"), 0), (Some("z"), 0)]), &dropped).expect("keys"), [false, true]);
    }

    #[test]
    fn a_row_without_its_key_is_refused() {
        let keys = Keys::new(&records(&[]).schema(), &[ROW_ID.to_owned()]).expect("keys");
        let error = keys.check(&records(&[(Some("a"), 1), (None, 2)]), 10).expect_err("a key is missing");
        assert!(error.to_string().contains("row 12 has no `_dlt_id`"), "{error}");
    }
}

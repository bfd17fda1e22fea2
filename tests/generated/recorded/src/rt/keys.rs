//! The keys of rows, as bytes that can be compared: what merging asks of them.
#![cfg(feature = "load")]

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, BooleanArray, RecordBatch};
use arrow_row::{RowConverter, Rows, SortField};
use arrow_schema::{Schema, SortOptions};
use arrow_select::filter::filter_record_batch;

use crate::rt::destination::{Disposition, Order, Target, failed};
use crate::rt::error::{Error, Result};
use crate::rt::nested::{ROOT_ID, ROW_ID};

/// What tells the rows of a table apart.
#[derive(Debug)]
pub(crate) struct Keys {
    names: Vec<String>,
    converter: RowConverter,
}

/// A key, or a rank.
pub(crate) type Key = Box<[u8]>;

/// Some keys.
pub(crate) type KeySet = HashSet<Key>;

impl Keys {
    /// The columns of these names.
    pub(crate) fn new(schema: &Schema, names: &[String]) -> Result<Self> {
        let fields: Result<Vec<_>> = names
            .iter()
            .map(|name| Ok(SortField::new(schema.field_with_name(name).map_err(failed)?.data_type().clone())))
            .collect();
        Ok(Self { names: names.to_vec(), converter: RowConverter::new(fields?).map_err(failed)? })
    }

    /// A column by which one of several rows counts: the greatest.
    fn ranked(schema: &Schema, name: &str, order: Order) -> Result<Self> {
        let kind = schema.field_with_name(name).map_err(failed)?.data_type().clone();
        // What is not there is the least, whichever way they go.
        let options = SortOptions { descending: order == Order::Ascending, nulls_first: true };
        let converter = RowConverter::new(vec![SortField::new_with_options(kind, options)]).map_err(failed)?;
        Ok(Self { names: vec![name.to_owned()], converter })
    }

    /// The keys that these texts are.
    #[cfg(any(feature = "duckdb", feature = "postgres", feature = "sqlite"))]
    pub(crate) fn of_texts(&self, texts: Vec<String>) -> Result<KeySet> {
        let texts: ArrayRef = std::sync::Arc::new(arrow_array::StringArray::from(texts));
        let keys = self.converter.convert_columns(&[texts]).map_err(failed)?;
        Ok(keys.iter().map(|key| Key::from(key.data())).collect())
    }

    /// The names of the columns.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    fn columns(&self, rows: &RecordBatch) -> Result<Vec<ArrayRef>> {
        let column = |name: &String| rows.column_by_name(name).cloned().ok_or_else(|| lacking(name));
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

    /// The same, each by itself.
    pub(crate) fn keys(&self, rows: &RecordBatch) -> Result<Vec<Key>> {
        Ok(self.of(rows)?.iter().map(|key| Key::from(key.data())).collect())
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
    /// What says which of several records with the same key counts: the one with the greatest. The last one without it.
    rank: Option<Keys>,
    /// What the rows share that records of a run take the place of, where that is not the key.
    shared: Option<Keys>,
    /// The column that says of a record that it is deleted.
    deleted: Option<String>,
    /// Whether the rows that are there stay, and others with their key do not come.
    inserts_only: bool,
    /// What rows are called; nothing where they have no names of their own.
    pub(crate) id: Keys,
    /// What says in which record the rows of each table of lists are.
    pub(crate) roots: Vec<Keys>,
}

/// The keys of records, with the ranks of these.
pub(crate) type Ranked = HashMap<Key, Key>;

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
        let inserts_only = target.disposition == Disposition::InsertOnly;
        let merge_key: &[String] = if inserts_only { &[] } else { &target.merge_key };
        let (key, shared) = (by(&target.key)?, by(merge_key)?);
        if key.is_none() && (shared.is_none() || target.dedup_sort.is_some() || target.hard_delete.is_some()) {
            return Err(failed(format!("`{}` is merged by its key, and its spec has no `primary_key`", target.resource)));
        }
        let dedup_sort = target.dedup_sort.as_ref().filter(|_| !inserts_only);
        let rank = dedup_sort.map(|(name, order)| Keys::ranked(&records.schema, name, *order)).transpose()?;
        let has_ids = records.schema.column_with_name(ROW_ID).is_some();
        let id: &[String] = if has_ids { &[ROW_ID.to_owned()] } else { &[] };
        let root = [ROOT_ID.to_owned()];
        let roots: Result<_> = lists.iter().map(|list| Keys::new(&list.schema, &root)).collect();
        let (id, deleted) = (Keys::new(&records.schema, id)?, target.hard_delete.clone());
        Ok(Self { key, rank, shared, deleted, inserts_only, id, roots: roots? })
    }

    /// Refuses records that lack a part of their key; `before` is how many came before them.
    pub(crate) fn check(&self, records: &RecordBatch, before: u64) -> Result<()> {
        self.key.iter().chain(&self.shared).try_for_each(|keys| keys.check(records, before))
    }

    /// Leaves of records with the same key only the one that counts, and of lists what is within it; the keys of all.
    pub(crate) fn one_of_each(&self, batches: &mut [Vec<RecordBatch>]) -> Result<Ranked> {
        let Some(by) = &self.key else { return Ok(Ranked::new()) };
        let mut best: HashMap<Key, (Key, usize)> = HashMap::new();
        let mut rows = 0;
        for records in batches.iter().filter_map(|tables| tables.first()) {
            for (key, rank) in by.of(records)?.iter().zip(self.ranks(records)?) {
                match best.get_mut(key.data()) {
                    // Of equal ones the first one is there already, if that is what counts.
                    Some((other, _)) if *rank < **other || self.inserts_only && *rank == **other => {}
                    Some(place) => *place = (rank, rows),
                    None => drop(best.insert(key.data().into(), (rank, rows))),
                }
                rows += 1;
            }
        }
        let mut counts = vec![false; rows];
        for (_, place) in best.values() {
            if let Some(counts) = counts.get_mut(*place) {
                *counts = true;
            }
        }
        let mut counts = counts.into_iter();
        for tables in batches {
            let rows = tables.first().map_or(0, RecordBatch::num_rows);
            self.keep(tables, counts.by_ref().take(rows).collect())?;
        }
        Ok(best.into_iter().map(|(key, (rank, _))| (key, rank)).collect())
    }

    fn ranks(&self, records: &RecordBatch) -> Result<Vec<Key>> {
        match &self.rank {
            Some(rank) => rank.keys(records),
            None => Ok(vec![Key::default(); records.num_rows()]),
        }
    }

    /// Leaves some of the records, and of lists what is within them.
    fn keep(&self, tables: &mut [RecordBatch], kept: Vec<bool>) -> Result<()> {
        let Some((records, lists)) = tables.split_first_mut().filter(|_| kept.contains(&false)) else { return Ok(()) };
        let mut dropped = KeySet::new();
        self.id.note_dropped(records, &kept, &mut dropped)?;
        *records = filtered(records, kept)?;
        for (rows, root) in lists.iter_mut().zip(&self.roots) {
            *rows = filtered(rows, root.others(rows, &dropped)?)?;
        }
        Ok(())
    }

    /// Takes records out of those that come, and what is within them: the ones with these keys.
    pub(crate) fn leave_out(&self, batches: &mut [Vec<RecordBatch>], by: &Keys, keys: &KeySet) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        for tables in batches {
            let Some(records) = tables.first() else { continue };
            let kept = by.others(records, keys)?;
            self.keep(tables, kept)?;
        }
        Ok(())
    }

    /// Takes records out of those that come that are deleted. Where ranks count, a deleted one stays until the run ends: another of the
    /// run may come that it counts more than.
    pub(crate) fn leave_out_deleted(&self, batches: &mut [Vec<RecordBatch>], is_last: bool) -> Result<()> {
        let Some(name) = self.deleted.as_ref().filter(|_| self.rank.is_none() || is_last) else { return Ok(()) };
        for tables in batches {
            let Some(records) = tables.first() else { continue };
            let kept = are_left(records, name)?;
            self.keep(tables, kept)?;
        }
        Ok(())
    }

    /// The columns by which rows that are there may stay when others with their key come: any by the key, or by ranks those of the run.
    pub(crate) fn staying(&self) -> Option<(&Keys, Option<&Keys>)> {
        let key = self.key.as_ref().filter(|_| self.inserts_only || self.rank.is_some())?;
        Some((key, self.rank.as_ref()))
    }

    /// Notes the keys of those that come which rows that are there count more than.
    pub(crate) fn note_staying(&self, rows: &RecordBatch, newcomers: &Ranked, staying: &mut KeySet) -> Result<()> {
        let Some(key) = &self.key else { return Ok(()) };
        for (key, rank) in key.of(rows)?.iter().zip(self.ranks(rows)?) {
            if newcomers.get(key.data()).is_some_and(|other| self.inserts_only || rank > *other) {
                staying.insert(key.data().into());
            }
        }
        Ok(())
    }

    /// The column of the rows that go once the run ends, since they are deleted.
    pub(crate) fn swept(&self) -> Option<(&Keys, &str)> {
        self.key.as_ref().zip(self.deleted.as_deref()).filter(|_| self.rank.is_some())
    }

    /// Notes the keys of the rows that are deleted.
    pub(crate) fn note_deleted(&self, rows: &RecordBatch, deleted: &mut KeySet) -> Result<()> {
        let Some((key, name)) = self.swept() else { return Ok(()) };
        key.note_dropped(rows, &are_left(rows, name)?, deleted)
    }

    /// The rows that go when these come, whose keys are given.
    pub(crate) fn struck(&self, keys: KeySet, batches: &[Vec<RecordBatch>]) -> Result<Vec<Struck<'_>>> {
        let mut struck = Vec::new();
        if let Some(by) = self.key.as_ref().filter(|_| !self.inserts_only) {
            struck.push(Struck { by, keys: Cow::Owned(keys), spares_run: false });
        }
        if let Some(by) = &self.shared {
            let mut shared = KeySet::new();
            for records in batches.iter().filter_map(|tables| tables.first()) {
                shared.extend(by.keys(records)?);
            }
            struck.push(Struck { by, keys: Cow::Owned(shared), spares_run: true });
        }
        Ok(struck)
    }
}

/// Rows of earlier loads may have been written without it.
#[cold]
pub(crate) fn lacking(column: &str) -> Error {
    failed(format!(
        "there are rows without the column `{column}`, by which they are compared: load the resource with `--full-refresh`"
    ))
}

/// Of each row whether it is not deleted: the column is not `true`, or of another type and null.
fn are_left(rows: &RecordBatch, name: &str) -> Result<Vec<bool>> {
    let column = rows.column_by_name(name).ok_or_else(|| lacking(name))?;
    match column.as_boolean_opt() {
        Some(truths) => Ok(truths.iter().map(|truth| truth != Some(true)).collect()),
        None => Ok((0..column.len()).map(|at| column.is_null(at)).collect()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, StringArray};
    use arrow_schema::{DataType, Field};

    use super::*;
    use crate::rt::destination::Table;

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
            fingerprint: String::new(),
            disposition: Disposition::Merge,
            recreates: false,
            key: names(key),
            merge_key: names(merge_key),
            hard_delete: None,
            dedup_sort: None,
            valid_to: String::new(),
            begun: "1.5".to_owned(),
            tables,
        }
    }

    /// The record with the greatest rank counts, the last one of equals; what has none is the least.
    #[test]
    fn ranks_decide_which_record_counts() {
        let rows = [(Some("a"), 1), (Some("c"), 1), (None, 1), (Some("b"), 1)];
        for (order, inserts_only, expected) in [
            (Some(Order::Descending), false, Some("c")),
            (Some(Order::Ascending), false, Some("a")),
            (None, false, Some("b")),
            (None, true, Some("a")),
        ] {
            let tables = vec![Table { name: "users".to_owned(), schema: records(&[]).schema() }];
            let mut target = target(tables, &["n"], &[]);
            target.dedup_sort = order.map(|order| (ROW_ID.to_owned(), order));
            target.disposition = if inserts_only { Disposition::InsertOnly } else { Disposition::Merge };
            let merging = Merging::new(&target).expect("keys");
            let mut batches = [vec![records(&rows[..2])], vec![records(&rows[2..])]];
            let newcomers = merging.one_of_each(&mut batches).expect("rows");
            let left: Vec<_> = batches.iter().flatten().filter(|rows| rows.num_rows() > 0).cloned().collect();
            assert_eq!(left, [records(&[(expected, 1)])], "{order:?}");
            let mut staying = KeySet::new();
            merging.note_staying(&records(&[(Some("bb"), 1)]), &newcomers, &mut staying).expect("rows");
            assert_eq!(staying.len() == 1, inserts_only || order == Some(Order::Ascending) && expected > Some("bb"), "{order:?}");
        }
    }

    /// Without a key of records no row of a run goes; a table has one at least.
    #[test]
    fn rows_that_share_a_value_go_together() {
        let tables = || vec![Table { name: "users".to_owned(), schema: records(&[]).schema() }];
        let merging = Merging::new(&target(tables(), &[], &["n"])).expect("keys");
        let mut batches = [vec![records(&[(Some("a"), 1), (Some("b"), 1)])]];
        let keys = merging.one_of_each(&mut batches).expect("rows").into_keys().collect();
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
        let keys = merging.one_of_each(&mut batches).expect("rows").into_keys().collect();
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
        let keys = merging.one_of_each(&mut rows).expect("rows").into_keys().collect();
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

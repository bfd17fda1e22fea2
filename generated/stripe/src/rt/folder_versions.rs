//! Versions of records in files: the rows that waited are compared with those that are there, and the files written anew that change.
#![cfg(feature = "load")]

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array as _, ArrayRef, RecordBatch, TimestampMicrosecondArray};
use arrow_schema::{FieldRef, Schema, SchemaRef};

use crate::rt::destination::{Table, Target, failed};
use crate::rt::error::Result;
use crate::rt::folder::{Held, staging};
use crate::rt::keys::{KeySet, Keys, filtered, lacking};
use crate::rt::manifest::{File, Manifest};
use crate::rt::nested::{ROOT_ID, ROW_ID};
use crate::rt::versions;

/// Ends the rows whose versions did not come again, and takes in those of the rows that waited that are not there. A version that came
/// twice is one. New files are named so.
pub(crate) fn take_versions(held: &Held, target: &Target, manifest: &mut Manifest, name: &str) -> Result<()> {
    let Some((records, lists)) = target.tables.split_first() else { return Ok(()) };
    let taking = Taking { held, name, until: versions::microseconds(&target.begun)? };
    let waiting = std::mem::take(&mut manifest.tables.entry(records.name.clone()).or_default().staged);
    let coming = Coming::read(&taking, target, records, &waiting)?;
    let mut there = KeySet::new();
    let mut over = KeySet::new();
    let live = manifest.tables.get(&records.name).map(|files| files.live.clone()).unwrap_or_default();
    let mut live = taking.end(target, records, live, &coming, &mut there, &mut over)?;
    let mut taken = there.clone();
    live.extend(
        taking.take(records, waiting, &mut |rows| Ok(coming.ids.keys(rows)?.into_iter().map(|id| taken.insert(id)).collect()))?,
    );
    manifest.tables.entry(records.name.clone()).or_default().live = live;
    for list in lists {
        let (roots, ids) = (Keys::new(&list.schema, &[ROOT_ID.to_owned()])?, Keys::new(&list.schema, &[ROW_ID.to_owned()])?);
        let files = manifest.tables.entry(list.name.clone()).or_default();
        let waiting = std::mem::take(&mut files.staged);
        let mut first = KeySet::new();
        // What was ended and is there again is another row; the rows of its lists are those that it had.
        let is_new = &mut |rows: &RecordBatch| {
            let each = roots.keys(rows)?.into_iter().zip(ids.keys(rows)?);
            let new = each.map(|(root, id)| {
                let is_there = there.contains(&root) || over.contains(&root);
                !is_there && (!coming.twice.contains(&root) || first.insert(id))
            });
            Ok(new.collect())
        };
        files.live.extend(taking.take(list, waiting, is_new)?);
    }
    Ok(())
}

/// The versions that come.
struct Coming {
    /// What they are called.
    ids: Keys,
    all: KeySet,
    /// Those that came several times.
    twice: KeySet,
    /// What tells the rows that may end, where that is not any, and what it is.
    shared: Option<(Keys, KeySet)>,
}

impl Coming {
    fn read(taking: &Taking<'_>, target: &Target, records: &Table, waiting: &[File]) -> Result<Self> {
        let by = |names: &[String]| (!names.is_empty()).then(|| Keys::new(&records.schema, names)).transpose();
        let shared = by(&target.merge_key)?.map(|keys| (keys, KeySet::new()));
        let ids = Keys::new(&records.schema, &[ROW_ID.to_owned()])?;
        let mut coming = Self { ids, all: KeySet::new(), twice: KeySet::new(), shared };
        for file in waiting {
            let from = taking.held.open(&staging(&records.name), file)?;
            let names = [ROW_ID].into_iter().chain(target.merge_key.iter().map(String::as_str));
            for rows in from.columns(names)? {
                let rows = rows?;
                for id in coming.ids.keys(&rows)? {
                    if let Some(id) = coming.all.replace(id) {
                        coming.twice.insert(id);
                    }
                }
                if let Some((by, values)) = &mut coming.shared {
                    values.extend(by.keys(&rows)?);
                }
            }
        }
        Ok(coming)
    }

    /// Of rows that are valid whether they end.
    fn ends(&self, rows: &RecordBatch) -> Result<Vec<bool>> {
        let gone = self.ids.others(rows, &self.all)?;
        match &self.shared {
            None => Ok(gone),
            Some((by, values)) => {
                Ok(gone.into_iter().zip(by.others(rows, values)?).map(|(is_gone, is_other)| is_gone && !is_other).collect())
            }
        }
    }
}

/// Where versions are taken in.
struct Taking<'a> {
    held: &'a Held,
    /// What the names of new files begin with.
    name: &'a str,
    /// Until when what ends was valid, in microseconds since 1970.
    until: i64,
}

impl Taking<'_> {
    /// Has rows end; notes which versions stay, and which of those that come were ended before.
    fn end(
        &self,
        target: &Target,
        records: &Table,
        live: Vec<File>,
        coming: &Coming,
        there: &mut KeySet,
        over: &mut KeySet,
    ) -> Result<Vec<File>> {
        let valid_to = records.schema.fields().iter().find(|field| *field.name() == target.valid_to);
        let Some(valid_to) = valid_to else { return Err(lacking(&target.valid_to)) };
        let mut files = Vec::new();
        for (at, file) in live.into_iter().enumerate() {
            let from = self.held.open(&records.name, &file)?;
            let mut changes = false;
            let names = [ROW_ID, valid_to.name()].into_iter().chain(target.merge_key.iter().map(String::as_str));
            for rows in from.columns(names)? {
                let rows = rows?;
                let was_over = are_over(&rows, valid_to);
                for ((id, was_over), ends) in coming.ids.keys(&rows)?.into_iter().zip(was_over).zip(coming.ends(&rows)?) {
                    changes |= ends && !was_over;
                    if coming.all.contains(&id) {
                        if was_over {
                            over.insert(id)
                        } else {
                            there.insert(id)
                        };
                    }
                }
            }
            if changes {
                let schema = with(from.schema()?, valid_to);
                let ended = &mut |rows: RecordBatch| ended(&rows, &schema, valid_to, &coming.ends(&rows)?, self.until);
                files.extend(self.held.rewrite(
                    &records.name,
                    (&from, &file),
                    &schema,
                    &format!("{}-0-{at}", self.name),
                    ended,
                )?);
            } else {
                files.push(file);
            }
        }
        Ok(files)
    }

    /// Takes some of the rows in that waited.
    fn take(
        &self,
        table: &Table,
        waiting: Vec<File>,
        is_new: &mut dyn FnMut(&RecordBatch) -> Result<Vec<bool>>,
    ) -> Result<Vec<File>> {
        let mut files = Vec::new();
        for (at, file) in waiting.into_iter().enumerate() {
            let from = self.held.open(&staging(&table.name), &file)?;
            let each = &mut |rows: RecordBatch| filtered(&rows, is_new(&rows)?);
            files.extend(self.held.rewrite(
                &table.name,
                (&from, &file),
                &from.schema()?,
                &format!("{}-1-{at}", self.name),
                each,
            )?);
        }
        Ok(files)
    }
}

/// Of each row whether it was ended. Those of a file that tells nothing of it are valid.
fn are_over(rows: &RecordBatch, valid_to: &FieldRef) -> Vec<bool> {
    let column = rows.column_by_name(valid_to.name());
    (0..rows.num_rows()).map(|at| column.is_some_and(|column| column.is_valid(at))).collect()
}

/// Columns that have this one among them.
fn with(schema: SchemaRef, field: &FieldRef) -> SchemaRef {
    if schema.column_with_name(field.name()).is_some() {
        return schema;
    }
    let fields = schema.fields().iter().chain([field]).cloned();
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The rows, of which some end that were valid.
fn ended(rows: &RecordBatch, schema: &SchemaRef, valid_to: &FieldRef, ends: &[bool], until: i64) -> Result<RecordBatch> {
    let before = rows.column_by_name(valid_to.name()).and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>());
    let instant = |(at, ends): (usize, &bool)| {
        let before = before.filter(|column| column.is_valid(at)).map(|column| column.value(at));
        before.or(ends.then_some(until))
    };
    let until = ends.iter().enumerate().map(instant).collect::<TimestampMicrosecondArray>();
    let until: ArrayRef = Arc::new(until.with_data_type(valid_to.data_type().clone()));
    let column = |field: &FieldRef| match rows.column_by_name(field.name()) {
        Some(column) if field.name() != valid_to.name() => Arc::clone(column),
        _ => Arc::clone(&until),
    };
    RecordBatch::try_new(Arc::clone(schema), schema.fields().iter().map(column).collect()).map_err(failed)
}

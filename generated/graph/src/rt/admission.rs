//! What a contract makes of columns that the tables of a destination lack, or have of another type: they grow, the load fails before
//! any row, or the values or the records that have some are left out.
#![cfg(feature = "load")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array, RecordBatch};
use arrow_json::LineDelimitedWriter;

use crate::rt::descriptor::Columns;
use crate::rt::destination::{Destination, Lacking, Target, failed};
use crate::rt::error::Result;
use crate::rt::fault::{Fault, FaultKind, Step};
use crate::rt::keys::filtered;
use crate::rt::nested::{ROOT_ID, ROW_ID};
use crate::rt::rejected::RejectedLog;
use crate::rt::rejects::Rejects;

/// What the names of columns begin with that are ours, and not the service's.
const OWN: &str = "_dlt_";

/// What goes into the tables of a resource.
#[derive(Debug)]
pub(crate) struct Admission {
    contract: Columns,
    tables: Vec<Admitted>,
    /// What was left out.
    pub(crate) rejected: RejectedLog,
}

/// What goes into a table.
#[derive(Debug)]
struct Admitted {
    name: String,
    /// The columns that do.
    columns: Vec<usize>,
    /// Those that do not.
    refused: Vec<usize>,
}

impl Admission {
    /// Asks the destination what it lacks, unless its tables are made anew. The target has the columns after that which are left.
    pub(crate) fn new(destination: &dyn Destination, target: &mut Target, contract: Columns) -> Result<Self> {
        let may_change = contract == Columns::Evolve || target.recreates;
        let lacking = if may_change { Vec::new() } else { destination.lacking(target)? };
        let is_data = |lacking: &&Lacking| !lacking.column.starts_with(OWN);
        let is_needed = |lacking: &Lacking| {
            let is_first = target.tables.first().is_some_and(|table| table.name == lacking.table);
            is_first && target.deciding().any(|name| name == lacking.column)
        };
        let lacking: Vec<&Lacking> = lacking.iter().filter(is_data).collect();
        if let Some(lacking) = lacking.iter().find(|lacking| contract == Columns::Freeze || is_needed(lacking)) {
            return Err(frozen(lacking, &target.resource, contract));
        }
        let mut tables = Vec::new();
        for table in &mut target.tables {
            let is_refused = |name: &str| lacking.iter().any(|lacking| lacking.table == table.name && lacking.column == name);
            let names = table.schema.fields().iter().map(|field| is_refused(field.name()));
            let (refused, columns): (Vec<_>, Vec<_>) = names.enumerate().partition(|(_, is_refused)| *is_refused);
            let places = |columns: Vec<(usize, bool)>| columns.into_iter().map(|(at, _)| at).collect::<Vec<_>>();
            let admitted = Admitted { name: table.name.clone(), columns: places(columns), refused: places(refused) };
            table.schema = Arc::new(table.schema.project(&admitted.columns).map_err(failed)?);
            tables.push(admitted);
        }
        Ok(Self { contract, tables, rejected: RejectedLog::default() })
    }

    /// The rows of each table that go into it; what does not is noted. `records` are those that the rows are of.
    pub(crate) fn admit(
        &mut self,
        mut rows: Vec<RecordBatch>,
        records: &RecordBatch,
        rejects: &mut Rejects,
    ) -> Result<Vec<RecordBatch>> {
        if self.tables.iter().all(|table| table.refused.is_empty()) {
            return Ok(rows);
        }
        if self.contract == Columns::DiscardRow {
            rows = self.without_refused(&rows, records, rejects)?;
        } else {
            self.note_values(&rows, rejects);
        }
        let project = |(rows, table): (&RecordBatch, &Admitted)| rows.project(&table.columns).map_err(failed);
        rows.iter().zip(&self.tables).map(project).collect()
    }

    /// Notes how many values each column has that is left out.
    fn note_values(&mut self, rows: &[RecordBatch], rejects: &mut Rejects) {
        for (rows, table) in rows.iter().zip(&self.tables) {
            for (column, field) in
                table.refused.iter().filter_map(|at| Some((rows.columns().get(*at)?, rows.schema_ref().fields().get(*at)?)))
            {
                let count = column.len() - column.null_count();
                if count == 0 {
                    continue;
                }
                let what = if count == 1 { "a value is".to_owned() } else { format!("{count} values are") };
                let fault = unknown(&table.name, field.name(), &format!("; {what} left out"));
                rejects.push(&fault, None);
                (0..count).for_each(|_| self.rejected.push(0, &fault));
            }
        }
    }

    /// The rows without those of records that have a value in a column which is left out.
    fn without_refused(
        &mut self,
        rows: &[RecordBatch],
        records: &RecordBatch,
        rejects: &mut Rejects,
    ) -> Result<Vec<RecordBatch>> {
        let mut reasons: Vec<Option<Fault>> = vec![None; records.num_rows()];
        let ids: Vec<&str> = rows.first().map(|rows| texts(rows, ROW_ID)).unwrap_or_default();
        let places: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        for (at, (rows, table)) in rows.iter().zip(&self.tables).enumerate() {
            let roots = if at == 0 { Vec::new() } else { texts(rows, ROOT_ID) };
            for (row, reason) in reasons_in(rows, table) {
                let within = || roots.get(row).and_then(|root| places.get(root)).copied();
                let record = if at == 0 { Some(row) } else { within() };
                if let Some(held) = record.and_then(|record| reasons.get_mut(record)) {
                    held.get_or_insert(reason);
                }
            }
        }
        for (row, fault) in reasons.iter().enumerate() {
            let Some(fault) = fault else { continue };
            self.rejected.push(row as u64, fault);
            rejects.push(fault, Some(&json(&records.slice(row, 1))?));
        }
        let gone: BTreeSet<&str> = ids.iter().zip(&reasons).filter(|(_, reason)| reason.is_some()).map(|(id, _)| *id).collect();
        let kept: Vec<bool> = reasons.iter().map(Option::is_none).collect();
        let filter = |(at, rows): (usize, &RecordBatch)| match at {
            0 => filtered(rows, kept.clone()),
            _ => filtered(rows, texts(rows, ROOT_ID).into_iter().map(|root| !gone.contains(root)).collect()),
        };
        rows.iter().enumerate().map(filter).collect()
    }
}

/// The rows of a table that have a value in a column which is left out.
fn reasons_in<'r>(rows: &'r RecordBatch, table: &'r Admitted) -> impl Iterator<Item = (usize, Fault)> + 'r {
    let columns = table.refused.iter().filter_map(|at| Some((rows.columns().get(*at)?, rows.schema_ref().fields().get(*at)?)));
    columns.flat_map(|(column, field)| {
        let valid = (0..column.len()).filter(|row| column.is_valid(*row));
        valid.map(|row| (row, unknown(&table.name, field.name(), "")))
    })
}

/// The texts of a column; none where there is no such column.
fn texts<'r>(rows: &'r RecordBatch, name: &str) -> Vec<&'r str> {
    rows.column_by_name(name).map(|column| column.as_string::<i32>().iter().flatten().collect()).unwrap_or_default()
}

/// A record as JSON.
fn json(record: &RecordBatch) -> Result<String> {
    let mut writer = LineDelimitedWriter::new(Vec::new());
    writer.write(record).and_then(|()| writer.finish()).map_err(failed)?;
    Ok(String::from_utf8_lossy(&writer.into_inner()).trim_end().to_owned())
}

fn unknown(table: &str, column: &str, rest: &str) -> Fault {
    let message = format!("the table `{table}` has no such column, or one of another type{rest}");
    Fault::new(FaultKind::Unknown, 0, message).within(Step::Key(column.to_owned().into()))
}

#[cold]
fn frozen(lacking: &Lacking, resource: &str, contract: Columns) -> crate::rt::error::Error {
    let Lacking { table, column, found } = lacking;
    let what = match found {
        Some(found) => format!("the table `{table}` has the column `{column}` as {found}"),
        None => format!("the table `{table}` has no column `{column}`"),
    };
    let why = match contract {
        Columns::Freeze => format!("which the contract of `{resource}` (`columns: freeze`) lets nobody change"),
        _ => "by which rows are found, compared or taken out: its values can not be left out".to_owned(),
    };
    failed(format!("{what}, {why}; change the table yourself, or have the spec say `columns: evolve`"))
}

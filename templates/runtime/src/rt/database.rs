//! A database as the destination of loads: rows and progress are committed in one transaction, a package at a time.
//!
//! The rows of a package are gathered first, so that a transaction is as short as the package is small, and resources that are loaded
//! at the same time do not wait for each other's service.
#![cfg(any(feature = "duckdb", feature = "postgres", feature = "sqlite"))]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::{Field, FieldRef, Schema};

use crate::rt::destination::{
    Capabilities, Destination, Disposition, Holding, Lacking, Order, Progress, Table, Target, Writer, failed,
};
use crate::rt::error::Result;
use crate::rt::json_write::ObjectWriter;
use crate::rt::keys::Merging;
use crate::rt::nested::{LOAD_ID, ROOT_ID, ROW_ID};
use crate::rt::rejects;
use crate::rt::sql::{self, Dialect, Kind, literal, literal_or_null, quoted, same_key};
use crate::rt::versions;

/// The table that tells how far each resource is.
const PROGRESS: &str = "_tapwright_progress";

/// The table of load packages, which is dlt's.
const LOADS: &str = "_dlt_loads";

/// The table of what the tables of resources were, at each version of a schema.
const SCHEMAS: &str = "_tapwright_schemas";

/// The table of what was left out.
const REJECTED: &str = "_rejected";

/// What the name of a table of rows that wait begins with.
const STAGED: &str = "_staged__";

/// A connection to a database.
pub(crate) trait Database: Send {
    /// What is particular to it.
    fn dialect(&self) -> &'static Dialect;

    /// Carries out statements that give nothing.
    fn execute(&mut self, sql: &str) -> Result<()>;

    /// The rows that a statement gives, as texts.
    fn query(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>>;

    /// Appends rows to a table; their columns are some of its, by their names.
    fn insert(&mut self, table: &str, rows: &RecordBatch) -> Result<()>;
}

/// A database that loads go into. They take turns at its connection.
pub(crate) struct Shared<D>(Arc<Connected<D>>);

struct Connected<D> {
    connection: Mutex<D>,
    dialect: &'static Dialect,
    /// The name of the API, by which its loads are told from those of others.
    api: &'static str,
}

impl<D: Database> Shared<D> {
    /// That of a connection. Nothing is changed until something is written.
    pub(crate) fn new(connection: D, api: &'static str) -> Self {
        let dialect = connection.dialect();
        Self(Arc::new(Connected { connection: Mutex::new(connection), dialect, api }))
    }
}

impl<D: Database> Connected<D> {
    fn lock(&self) -> MutexGuard<'_, D> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what the tables of a resource are, once for each version of its schema.
    fn note_schema(&self, database: &mut D, target: &Target) -> Result<()> {
        let [hash, api, resource] = [target.fingerprint.as_str(), self.api, &target.resource].map(literal);
        let tables = literal(&described(&target.tables));
        database.execute(&format!(
            "INSERT INTO {SCHEMAS} SELECT {hash}, {api}, {resource}, {tables}, CURRENT_TIMESTAMP WHERE NOT EXISTS \
             (SELECT 1 FROM {SCHEMAS} WHERE version_hash = {hash} AND schema_name = {api} AND resource = {resource})"
        ))
    }
}

/// Does something as a whole or not at all.
fn transact<D: Database, T>(database: &mut D, work: impl FnOnce(&mut D) -> Result<T>) -> Result<T> {
    database.execute(database.dialect().begin)?;
    let result = work(database).and_then(|value| database.execute("COMMIT").map(|()| value));
    if result.is_err() {
        // What went wrong first is what is told.
        let _ = database.execute("ROLLBACK");
    }
    result
}

/// Makes our own tables where there are none, before the transactions that lock one of them.
fn prepare<D: Database>(database: &mut D) -> Result<()> {
    let [text, integer, boolean, timestamp] =
        [Kind::Text, Kind::Integer, Kind::Boolean, Kind::Timestamp].map(database.dialect().types);
    let progress =
        [("resource", text), ("checkpoint", text), ("state", text), ("replaces", boolean), ("begun", text), ("load_id", text)];
    let hash = ("schema_version_hash", text);
    let loads = [("load_id", text), ("schema_name", text), ("status", integer), ("inserted_at", timestamp), hash];
    let schemas =
        [("version_hash", text), ("schema_name", text), ("resource", text), ("tables", text), ("inserted_at", timestamp)];
    database.execute(&sql::create(PROGRESS, &progress))?;
    database.execute(&sql::create(LOADS, &loads))?;
    database.execute(&sql::create(SCHEMAS, &schemas))?;
    database.execute(&sql::create(REJECTED, &rejects::COLUMNS.map(|(name, _)| (name, text))))
}

/// How far a resource is, and the load package that brought it there.
fn progress<D: Database>(database: &mut D, resource: &str) -> Result<(Progress, Option<String>)> {
    let columns = "checkpoint, state, CASE WHEN replaces THEN 'true' END, begun, load_id";
    let sql = format!("SELECT {columns} FROM {PROGRESS} WHERE resource = {}", literal(resource));
    let Some(mut row) = database.query(&sql)?.pop() else { return Ok(Default::default()) };
    let mut take = |at: usize| row.get_mut(at).and_then(Option::take);
    let progress = Progress { checkpoint: take(0), state: take(1), replaces: take(2).is_some(), begun: take(3) };
    Ok((progress, take(4)))
}

fn forget_progress<D: Database>(database: &mut D, resource: &str) -> Result<()> {
    database.execute(&format!("DELETE FROM {PROGRESS} WHERE resource = {}", literal(resource)))
}

fn note_progress<D: Database>(database: &mut D, resource: &str, progress: &Progress, load_id: Option<&str>) -> Result<()> {
    forget_progress(database, resource)?;
    let texts = [&progress.checkpoint, &progress.state, &progress.begun].map(|text| literal_or_null(text.as_deref()));
    let ([checkpoint, state, begun], load_id) = (texts, literal_or_null(load_id));
    let (resource, replaces) = (literal(resource), if progress.replaces { "TRUE" } else { "FALSE" });
    database
        .execute(&format!("INSERT INTO {PROGRESS} VALUES ({resource}, {checkpoint}, {state}, {replaces}, {begun}, {load_id})"))
}

/// Tables with their columns and the types of these, as JSON.
fn described(tables: &[Table]) -> String {
    let columns = |table: &Table| {
        let column =
            |object: ObjectWriter, field: &FieldRef| object.string(field.name(), Kind::of(field).map_or("json", Kind::name));
        table.schema.fields().iter().fold(ObjectWriter::new(), column).finish()
    };
    tables.iter().fold(ObjectWriter::new(), |object, table| object.raw(&table.name, &columns(table))).finish()
}

/// The columns that a table has, with their types; none if there is no table.
fn columns<D: Database>(database: &mut D, table: &str) -> Result<BTreeMap<String, String>> {
    let (before, after) = database.dialect().columns;
    let rows = database.query(&format!("{before}{}{after}", literal(table)))?;
    let pair = |row: Vec<Option<String>>| match <[_; 2]>::try_from(row) {
        Ok([Some(name), Some(kind)]) => Some((name, kind)),
        _ => None,
    };
    Ok(rows.into_iter().filter_map(pair).collect())
}

/// Makes a table, or lets it grow by the columns that it lacks. What the columns are called there: one of another type stays as it
/// is, and its values come into a column beside it.
fn migrate<D: Database>(database: &mut D, table: &Table) -> Result<Table> {
    let dialect = database.dialect();
    let there = columns(database, &table.name)?;
    let (mut fields, mut lacking) = (Vec::new(), Vec::new());
    for field in table.schema.fields() {
        let (name, kind) = place(dialect, &there, field)?;
        if !there.contains_key(&name) {
            lacking.push((name.clone(), kind));
        }
        fields.push(field.as_ref().clone().with_name(name));
    }
    let lacking: Vec<(&str, &str)> = lacking.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
    if there.is_empty() {
        database.execute(&sql::create(&table.name, &lacking))?;
    } else {
        for (name, kind) in lacking {
            database.execute(&format!("ALTER TABLE {} ADD COLUMN {} {kind}", quoted(&table.name), quoted(name)))?;
        }
    }
    Ok(Table { name: table.name.clone(), schema: Arc::new(Schema::new(fields)) })
}

/// The name and the type of the column that a field goes to.
fn place(dialect: &Dialect, there: &BTreeMap<String, String>, field: &Field) -> Result<(String, &'static str)> {
    let Some(kind) = Kind::of(field) else {
        let message = "holds lists or records: load with `--nested tables` or `--nested json`";
        return Err(failed(format!("the column `{}` {message}", field.name())));
    };
    let wanted = (dialect.types)(kind);
    let fits = |name: &str| there.get(name).is_none_or(|found| is_same(found, wanted));
    if fits(field.name()) {
        return Ok((field.name().clone(), wanted));
    }
    let beside = dialect.shortened(format!("{}__v_{}", field.name(), kind.name()));
    if fits(&beside) {
        return Ok((beside, wanted));
    }
    Err(failed(format!("the columns `{}` and `{beside}` are not of the type {wanted}: rename one of them", field.name())))
}

/// Whether a type that a database tells is the one that a column was made with. How many digits a number has is not always told.
fn is_same(found: &str, wanted: &str) -> bool {
    let bare = |kind: &str| kind.split('(').next().unwrap_or(kind).trim().to_ascii_lowercase();
    let texts = ["text", "varchar", "character varying"];
    let (found, wanted) = (bare(found), bare(wanted));
    found == wanted || texts.contains(&found.as_str()) && texts.contains(&wanted.as_str())
}

impl<D: Database + 'static> Destination for Shared<D> {
    fn capabilities(&self) -> Capabilities {
        self.0.dialect.capabilities
    }

    fn progress(&self, resource: &str) -> Result<Progress> {
        let mut database = self.0.lock();
        if columns(&mut *database, PROGRESS)?.is_empty() {
            return Ok(Progress::default());
        }
        progress(&mut *database, resource).map(|(progress, _)| progress)
    }

    fn set_progress(&self, resource: &str, progress: Option<&Progress>) -> Result<()> {
        let mut database = self.0.lock();
        prepare(&mut *database)?;
        transact(&mut *database, |database| {
            let Some(progress) = progress else { return forget_progress(database, resource) };
            let (_, last_load) = self::progress(database, resource)?;
            note_progress(database, resource, progress, last_load.as_deref())
        })
    }

    fn holdings(&self) -> Result<Vec<Holding>> {
        let (mut database, dialect) = (self.0.lock(), self.0.dialect);
        let first = |rows: Vec<Vec<Option<String>>>| rows.into_iter().flatten().next().flatten();
        let count = |database: &mut D, table: &str| -> Result<u64> {
            let rows =
                database.query(&format!("SELECT CAST(count(*) AS {}) FROM {}", (dialect.types)(Kind::Text), quoted(table)))?;
            Ok(first(rows).and_then(|count| count.parse().ok()).unwrap_or(0))
        };
        let tables: Vec<String> = database.query(dialect.tables)?.into_iter().flatten().flatten().collect();
        let is_prepared = tables.iter().any(|table| table == PROGRESS);
        let mut holdings = Vec::new();
        for table in tables.iter().filter(|table| !table.starts_with('_')) {
            let staged = staged(dialect, table);
            let (progress, last_load) = if is_prepared { progress(&mut *database, table)? } else { Default::default() };
            holdings.push(Holding {
                table: table.clone(),
                rows: count(&mut database, table)?,
                staged: if tables.contains(&staged) { count(&mut database, &staged)? } else { 0 },
                progress: last_load.is_some().then_some(progress),
                last_load,
            });
        }
        Ok(holdings)
    }

    fn lacking(&self, target: &Target) -> Result<Vec<Lacking>> {
        let mut lacking = Vec::new();
        for Table { name, schema } in &target.tables {
            let there = columns(&mut *self.0.lock(), name)?;
            for field in schema.fields().iter().filter(|_| !there.is_empty()) {
                if !there.contains_key(&place(self.0.dialect, &there, field)?.0) {
                    let found = there.get(field.name()).cloned();
                    lacking.push(Lacking { table: name.clone(), column: field.name().clone(), found });
                }
            }
        }
        Ok(lacking)
    }

    fn writer(&self, target: &Target, anew: bool) -> Result<Box<dyn Writer>> {
        let dialect = self.0.dialect;
        let merging = target.disposition.merges().then(|| Merging::new(target)).transpose()?;
        let recreates = target.recreates && target.disposition == Disposition::Replace;
        let mut database = self.0.lock();
        prepare(&mut *database)?;
        let (tables, is_staged, last_load) = transact(&mut *database, |database| {
            // Tables that are made anew have no columns that others would have to stand beside.
            let migrated = |table| if recreates { Ok(Table::clone(table)) } else { migrate(database, table) };
            let tables: Result<Vec<Table>> = target.tables.iter().map(migrated).collect();
            let tables = tables?;
            let mut is_staged = false;
            for table in &tables {
                let staged = staged(dialect, &table.name);
                if anew {
                    database.execute(&format!("DROP TABLE IF EXISTS {}", quoted(&staged)))?;
                } else {
                    is_staged |= !columns(database, &staged)?.is_empty();
                }
            }
            self.0.note_schema(database, target)?;
            Ok((tables, is_staged, progress(database, &target.resource)?.1))
        })?;
        Ok(Box::new(DatabaseWriter {
            connected: Arc::clone(&self.0),
            target: named(target, tables),
            merging,
            gathered: Vec::new(),
            rejected: Vec::new(),
            rows: 0,
            is_staged,
            last_load,
        }))
    }
}

/// The target with the names that columns have in these tables of it.
fn named(target: &Target, tables: Vec<Table>) -> Target {
    let column = |name: &String| {
        let at = target.tables.first()?.schema.index_of(name).ok()?;
        Some(tables.first()?.schema.field(at).name().clone())
    };
    let columns = |names: &[String]| names.iter().filter_map(column).collect();
    Target {
        key: columns(&target.key),
        merge_key: columns(&target.merge_key),
        hard_delete: target.hard_delete.as_ref().and_then(column),
        dedup_sort: target.dedup_sort.as_ref().and_then(|(name, order)| Some((column(name)?, *order))),
        valid_to: column(&target.valid_to).unwrap_or_default(),
        tables,
        ..target.clone()
    }
}

/// The table of the rows that wait to take the place of a table's.
fn staged(dialect: &Dialect, table: &str) -> String {
    dialect.shortened(format!("{STAGED}{table}"))
}

/// Writes the rows of a resource's tables.
struct DatabaseWriter<D> {
    connected: Arc<Connected<D>>,
    /// Where the rows go, with the names that columns have there.
    target: Target,
    /// What merges the rows as they come, if that is what becomes of them.
    merging: Option<Merging>,
    /// The rows since the last commit.
    gathered: Vec<Vec<RecordBatch>>,
    /// What was left out since then.
    rejected: Vec<RecordBatch>,
    /// How many records there were in this run.
    rows: u64,
    /// Whether rows wait to take the place of others.
    is_staged: bool,
    /// The load package that was the last of the resource.
    last_load: Option<String>,
}

impl<D: Database> Writer for DatabaseWriter<D> {
    fn write(&mut self, rows: Vec<RecordBatch>) -> Result<()> {
        if let Some(records) = rows.first() {
            if let Some(merging) = &self.merging {
                merging.check(records, self.rows)?;
            }
            self.rows += records.num_rows() as u64;
        }
        self.gathered.push(rows);
        Ok(())
    }

    fn reject(&mut self, rows: RecordBatch) -> Result<()> {
        self.rejected.push(rows);
        Ok(())
    }

    fn commit(&mut self, load_id: &str, progress: &Progress, is_last: bool) -> Result<()> {
        let mut gathered = std::mem::take(&mut self.gathered);
        let rejected = std::mem::take(&mut self.rejected);
        if let Some(merging) = &self.merging {
            merging.one_of_each(&mut gathered)?;
        }
        let connected = Arc::clone(&self.connected);
        let mut database = connected.lock();
        let is_staged = transact(&mut *database, |database| {
            if self::progress(database, &self.target.resource)?.1 != self.last_load {
                return Err(failed(format!("another program loads `{}` at the same time", self.target.resource)));
            }
            let is_staged = self.apply(database, &mut gathered, is_last)?;
            rejected.iter().try_for_each(|rows| database.insert(REJECTED, rows))?;
            self.note(database, load_id, progress)?;
            Ok(is_staged)
        })?;
        (self.is_staged, self.last_load) = (is_staged, Some(load_id.to_owned()));
        Ok(())
    }
}

impl<D: Database> DatabaseWriter<D> {
    /// Puts rows in their tables; whether some wait after that.
    fn apply(&self, database: &mut D, gathered: &mut [Vec<RecordBatch>], is_last: bool) -> Result<bool> {
        match self.target.disposition {
            Disposition::Append | Disposition::Skip => {
                self.insert(database, gathered, str::to_owned)?;
                Ok(false)
            }
            Disposition::Merge | Disposition::InsertOnly => {
                self.merge(database, gathered, is_last)?;
                self.insert(database, gathered, str::to_owned)?;
                Ok(false)
            }
            Disposition::Replace if is_last => {
                self.replace(database)?;
                self.insert(database, gathered, str::to_owned)?;
                Ok(false)
            }
            Disposition::Replace => {
                self.stage(database, gathered)?;
                Ok(true)
            }
            Disposition::Scd2 => {
                self.stage(database, gathered)?;
                if is_last {
                    self.take_versions(database)?;
                }
                Ok(!is_last)
            }
        }
    }

    /// Has rows wait until all are there.
    fn stage(&self, database: &mut D, gathered: &[Vec<RecordBatch>]) -> Result<()> {
        let dialect = self.connected.dialect;
        for table in &self.target.tables {
            self.create(database, &staged(dialect, &table.name), &table.schema)?;
        }
        self.insert(database, gathered, |table| staged(dialect, table))
    }

    /// Ends the rows whose versions did not come again, and takes in those of the rows that waited that are not there. A version that came
    /// twice is one.
    fn take_versions(&self, database: &mut D) -> Result<()> {
        let Some((records, lists)) = self.target.tables.split_first() else { return Ok(()) };
        let from = |table: &Table| quoted(&staged(self.connected.dialect, &table.name));
        let (name, id, valid_to) = (quoted(&records.name), quoted(ROW_ID), quoted(&self.target.valid_to));
        let mut gone =
            format!("t.{valid_to} IS NULL AND NOT EXISTS (SELECT 1 FROM {} AS s WHERE s.{id} = t.{id})", from(records));
        if !self.target.merge_key.is_empty() {
            let such = same_key("t", "s", &self.target.merge_key);
            gone = format!("{gone} AND EXISTS (SELECT 1 FROM {} AS s WHERE {such})", from(records));
        }
        let now = literal(&versions::instant(&self.target.begun)?);
        database.execute(&format!("UPDATE {name} AS t SET {valid_to} = {now} WHERE {gone}"))?;
        // What was ended and is there again is another row; the rows of its lists are those that it had.
        let tables = [(records, format!("t.{valid_to} IS NULL AND "))];
        for (table, such) in tables.into_iter().chain(lists.iter().map(|list| (list, String::new()))) {
            let (name, from, columns) = (quoted(&table.name), from(table), sql::columns(&table.schema));
            let first = format!("SELECT {columns}, ROW_NUMBER() OVER (PARTITION BY {id} ORDER BY {id}) AS nth FROM {from}");
            let there = format!("EXISTS (SELECT 1 FROM {name} AS t WHERE {such}t.{id} = s.{id})");
            database.execute(&format!(
                "INSERT INTO {name} ({columns}) SELECT {columns} FROM ({first}) AS s WHERE s.nth = 1 AND NOT {there}"
            ))?;
            database.execute(&format!("DROP TABLE {from}"))?;
        }
        Ok(())
    }

    /// Appends the rows of each table to it, or to another in its place.
    fn insert(&self, database: &mut D, gathered: &[Vec<RecordBatch>], name: impl Fn(&str) -> String) -> Result<()> {
        for (at, table) in self.target.tables.iter().enumerate() {
            for rows in gathered.iter().filter_map(|tables| tables.get(at)).filter(|rows| rows.num_rows() > 0) {
                database.insert(&name(&table.name), &renamed(rows, table)?)?;
            }
        }
        Ok(())
    }

    /// Takes the rows out that others take the place of; those that waited come in.
    fn replace(&self, database: &mut D) -> Result<()> {
        for table in &self.target.tables {
            let (name, from) = (quoted(&table.name), quoted(&staged(self.connected.dialect, &table.name)));
            if self.target.recreates {
                database.execute(&format!("DROP TABLE IF EXISTS {name}"))?;
                self.create(database, &table.name, &table.schema)?;
            } else {
                database.execute(&format!("DELETE FROM {name}"))?;
            }
            if self.is_staged {
                let columns = sql::columns(&table.schema);
                database.execute(&format!("INSERT INTO {name} ({columns}) SELECT {columns} FROM {from}"))?;
                database.execute(&format!("DROP TABLE {from}"))?;
            }
        }
        Ok(())
    }

    /// Takes the rows out that others take the place of; of these those are left that count.
    fn merge(&self, database: &mut D, gathered: &mut [Vec<RecordBatch>], is_last: bool) -> Result<()> {
        let (Some(merging), Some(records)) = (&self.merging, self.target.tables.first()) else { return Ok(()) };
        let Target { key, merge_key, disposition, .. } = &self.target;
        let goes = *disposition == Disposition::Merge;
        if !key.is_empty() {
            let keys = self.note_keys(database, gathered, key, merging.staying().is_some())?;
            if merging.staying().is_some() {
                let stays = self.stays(records);
                let ids = database.query(&format!("SELECT s.{} FROM {keys} AS s WHERE {stays}", quoted(ROW_ID)))?;
                let ids = merging.id.of_texts(ids.into_iter().flatten().flatten().collect())?;
                merging.leave_out(gathered, &merging.id, &ids)?;
                database.execute(&format!("DELETE FROM {keys} AS s WHERE {stays}"))?;
            }
            if goes {
                self.strike(database, &among(&keys, key))?;
            }
            database.execute(&format!("DROP TABLE {keys}"))?;
        }
        if goes && !merge_key.is_empty() {
            let keys = self.note_keys(database, gathered, merge_key, false)?;
            // Rows of the run itself do not go.
            self.strike(database, &format!("{} AND NOT {}", among(&keys, merge_key), self.of_run()))?;
            database.execute(&format!("DROP TABLE {keys}"))?;
        }
        if let Some(deleted) = self.target.hard_delete.as_ref().filter(|_| is_last && merging.swept().is_some()) {
            let is_there = if kind_of(records, deleted) == Some(Kind::Boolean) { "" } else { " IS NOT NULL" };
            self.strike(database, &format!("{} AND t.{}{is_there}", self.of_run(), quoted(deleted)))?;
        }
        merging.leave_out_deleted(gathered, is_last)
    }

    /// Says of the row `t` that it came in this run.
    fn of_run(&self) -> String {
        format!("t.{} >= {}", quoted(LOAD_ID), literal(&self.target.begun))
    }

    /// Says of the row `s`, which comes, that a row with its key stays in its place: any, or by their ranks one of the run.
    fn stays(&self, records: &Table) -> String {
        let mut such = same_key("t", "s", &self.target.key);
        let rank = self.target.dedup_sort.as_ref().filter(|_| self.target.disposition == Disposition::Merge);
        if let Some((name, order)) = rank {
            let is_text = kind_of(records, name) == Some(Kind::Text);
            let binary = if is_text { self.connected.dialect.binary_order } else { "" };
            let (name, sign) = (quoted(name), if *order == Order::Ascending { "<" } else { ">" });
            let is_above = format!("(t.{name} {sign} s.{name}{binary} OR s.{name} IS NULL AND t.{name} IS NOT NULL)");
            such = format!("{such} AND {} AND {is_above}", self.of_run());
        }
        format!("EXISTS (SELECT 1 FROM {} AS t WHERE {such})", quoted(&records.name))
    }

    /// Puts a key of the records that come in a table, and what says whether they have to make way; its name, as SQL has it.
    fn note_keys(&self, database: &mut D, gathered: &[Vec<RecordBatch>], key: &[String], is_ranked: bool) -> Result<String> {
        let Some(records) = self.target.tables.first() else { return Err(failed("there is no table")) };
        let keys = staged(self.connected.dialect, &records.name);
        let rank = self.target.dedup_sort.iter().map(|(name, _)| name.as_str()).chain([ROW_ID]).filter(|_| is_ranked);
        let columns = key.iter().map(String::as_str).chain(rank);
        let at: Result<Vec<usize>> = columns.map(|name| records.schema.index_of(name).map_err(failed)).collect();
        let at = at?;
        self.create(database, &keys, &records.schema.project(&at).map_err(failed)?)?;
        for rows in gathered.iter().filter_map(|tables| tables.first()) {
            database.insert(&keys, &renamed(rows, records)?.project(&at).map_err(failed)?)?;
        }
        self.index(database, &records.name, key)?;
        Ok(quoted(&keys))
    }

    /// Takes the rows `t` out of which something holds, and what is within them.
    fn strike(&self, database: &mut D, such: &str) -> Result<()> {
        let Some((records, lists)) = self.target.tables.split_first() else { return Ok(()) };
        let from = quoted(&records.name);
        for list in lists {
            self.index(database, &list.name, &[ROOT_ID.to_owned()])?;
            let ids = format!("SELECT t.{} FROM {from} AS t WHERE {such}", quoted(ROW_ID));
            database.execute(&format!("DELETE FROM {} WHERE {} IN ({ids})", quoted(&list.name), quoted(ROOT_ID)))?;
        }
        database.execute(&format!("DELETE FROM {from} AS t WHERE {such}"))
    }

    fn create(&self, database: &mut D, table: &str, schema: &Schema) -> Result<()> {
        let kind = |field: &Field| Kind::of(field).map_or("", self.connected.dialect.types);
        let columns: Vec<_> = schema.fields().iter().map(|field| (field.name().as_str(), kind(field))).collect();
        database.execute(&sql::create(table, &columns))
    }

    /// Lets rows be found by some columns.
    fn index(&self, database: &mut D, table: &str, columns: &[String]) -> Result<()> {
        if !self.connected.dialect.has_indexes {
            return Ok(());
        }
        let name = self.connected.dialect.shortened(format!("{table}__by_{}", columns.join("_")));
        let columns = sql::list(columns.iter().map(String::as_str));
        database.execute(&format!("CREATE INDEX IF NOT EXISTS {} ON {} ({columns})", quoted(&name), quoted(table)))
    }

    /// Notes the load package, and how far the resource is by it.
    fn note(&self, database: &mut D, load_id: &str, progress: &Progress) -> Result<()> {
        note_progress(database, &self.target.resource, progress, Some(load_id))?;
        let [load_id, api, hash] = [load_id, self.connected.api, &self.target.fingerprint].map(literal);
        database.execute(&format!("INSERT INTO {LOADS} VALUES ({load_id}, {api}, 0, CURRENT_TIMESTAMP, {hash})"))
    }
}

/// Says of the row `t` that its key is among these.
fn among(keys: &str, key: &[String]) -> String {
    format!("EXISTS (SELECT 1 FROM {keys} AS s WHERE {})", same_key("t", "s", key))
}

/// What the values of a table's column are.
fn kind_of(table: &Table, name: &str) -> Option<Kind> {
    table.schema.field_with_name(name).ok().and_then(Kind::of)
}

/// Rows with the names that their columns have in a table.
fn renamed(rows: &RecordBatch, table: &Table) -> Result<RecordBatch> {
    RecordBatch::try_new(Arc::clone(&table.schema), rows.columns().to_vec()).map_err(failed)
}

//! A database as the destination of loads: rows and progress are committed in one transaction, a package at a time.
//!
//! The rows of a package are gathered first, so that a transaction is as short as the package is small, and resources that are loaded
//! at the same time do not wait for each other's service.
#![cfg(any(feature = "duckdb", feature = "postgres", feature = "sqlite"))]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema};

use crate::rt::destination::{Capabilities, Destination, Disposition, Holding, Lacking, Progress, Table, Target, Writer, failed};
use crate::rt::error::Result;
use crate::rt::keys::Merging;
use crate::rt::nested::{LOAD_ID, ROOT_ID, ROW_ID};
use crate::rt::rejects;
use crate::rt::sql::{self, Dialect, Kind, literal, literal_or_null, quoted, same_key};

/// The table that tells how far each resource is.
const PROGRESS: &str = "_tapwright_progress";

/// The table of load packages, which is dlt's.
const LOADS: &str = "_dlt_loads";

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
    /// One with our tables in it.
    pub(crate) fn new(mut connection: D, api: &'static str) -> Result<Self> {
        let dialect = connection.dialect();
        let [text, integer, boolean, timestamp] = [Kind::Text, Kind::Integer, Kind::Boolean, Kind::Timestamp].map(dialect.types);
        let progress = [
            ("resource", text),
            ("checkpoint", text),
            ("state", text),
            ("replaces", boolean),
            ("begun", text),
            ("load_id", text),
        ];
        let hash = ("schema_version_hash", text);
        let loads = [("load_id", text), ("schema_name", text), ("status", integer), ("inserted_at", timestamp), hash];
        connection.execute(&sql::create(PROGRESS, &progress))?;
        connection.execute(&sql::create(LOADS, &loads))?;
        connection.execute(&sql::create(REJECTED, &rejects::COLUMNS.map(|(name, _)| (name, text))))?;
        Ok(Self(Arc::new(Connected { connection: Mutex::new(connection), dialect, api })))
    }
}

impl<D> Connected<D> {
    fn lock(&self) -> MutexGuard<'_, D> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
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

/// How far a resource is, and the load package that brought it there.
fn progress<D: Database>(database: &mut D, resource: &str) -> Result<(Progress, Option<String>)> {
    let columns = "checkpoint, state, CASE WHEN replaces THEN 'true' END, begun, load_id";
    let sql = format!("SELECT {columns} FROM {PROGRESS} WHERE resource = {}", literal(resource));
    let Some(mut row) = database.query(&sql)?.pop() else { return Ok(Default::default()) };
    let mut take = |at: usize| row.get_mut(at).and_then(Option::take);
    let progress = Progress { checkpoint: take(0), state: take(1), replaces: take(2).is_some(), begun: take(3) };
    Ok((progress, take(4)))
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
        progress(&mut *self.0.lock(), resource).map(|(progress, _)| progress)
    }

    fn reset(&self, resource: &str) -> Result<()> {
        self.0.lock().execute(&format!("DELETE FROM {PROGRESS} WHERE resource = {}", literal(resource)))
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
        let mut holdings = Vec::new();
        for table in tables.iter().filter(|table| !table.starts_with('_')) {
            let staged = staged(dialect, table);
            let (progress, last_load) = progress(&mut *database, table)?;
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
        let merging = (target.disposition == Disposition::Merge).then(|| Merging::new(target)).transpose()?;
        let mut database = self.0.lock();
        let (tables, is_staged, last_load) = transact(&mut *database, |database| {
            let tables: Result<Vec<Table>> = target.tables.iter().map(|table| migrate(database, table)).collect();
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
            Ok((tables, is_staged, progress(database, &target.resource)?.1))
        })?;
        let columns = |names: &[String]| names.iter().filter_map(|name| column_of(target, &tables, name)).collect();
        let (key, merge_key) = (columns(&target.key), columns(&target.merge_key));
        Ok(Box::new(DatabaseWriter {
            connected: Arc::clone(&self.0),
            target: target.clone(),
            tables,
            key,
            merge_key,
            merging,
            gathered: Vec::new(),
            rejected: Vec::new(),
            rows: 0,
            is_staged,
            last_load,
        }))
    }
}

/// What a column of the records is called in their table.
fn column_of(target: &Target, tables: &[Table], name: &str) -> Option<String> {
    let at = target.tables.first()?.schema.index_of(name).ok()?;
    Some(tables.first()?.schema.field(at).name().clone())
}

/// The table of the rows that wait to take the place of a table's.
fn staged(dialect: &Dialect, table: &str) -> String {
    dialect.shortened(format!("{STAGED}{table}"))
}

/// Writes the rows of a resource's tables.
struct DatabaseWriter<D> {
    connected: Arc<Connected<D>>,
    target: Target,
    /// The tables, with the names that their columns have there.
    tables: Vec<Table>,
    /// The columns of the key, by these names.
    key: Vec<String>,
    /// Those of the merge key.
    merge_key: Vec<String>,
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
            merging.last_of_each(&mut gathered)?;
        }
        let connected = Arc::clone(&self.connected);
        let mut database = connected.lock();
        let is_staged = transact(&mut *database, |database| {
            if self::progress(database, &self.target.resource)?.1 != self.last_load {
                return Err(failed(format!("another program loads `{}` at the same time", self.target.resource)));
            }
            let is_staged = self.apply(database, &gathered, is_last)?;
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
    fn apply(&self, database: &mut D, gathered: &[Vec<RecordBatch>], is_last: bool) -> Result<bool> {
        match self.target.disposition {
            Disposition::Append | Disposition::Skip => {
                self.insert(database, gathered, str::to_owned)?;
                Ok(false)
            }
            Disposition::Merge => {
                self.strike(database, gathered, &self.key, "")?;
                // Rows of the run itself do not go.
                let spared = format!(" AND t.{} < {}", quoted(LOAD_ID), literal(&self.target.begun));
                self.strike(database, gathered, &self.merge_key, &spared)?;
                self.insert(database, gathered, str::to_owned)?;
                Ok(false)
            }
            Disposition::Replace if is_last => {
                self.replace(database)?;
                self.insert(database, gathered, str::to_owned)?;
                Ok(false)
            }
            Disposition::Replace => {
                let dialect = self.connected.dialect;
                for table in &self.tables {
                    self.create(database, &staged(dialect, &table.name), table.schema.fields().iter().map(AsRef::as_ref))?;
                }
                self.insert(database, gathered, |table| staged(dialect, table))?;
                Ok(true)
            }
        }
    }

    /// Appends the rows of each table to it, or to another in its place.
    fn insert(&self, database: &mut D, gathered: &[Vec<RecordBatch>], name: impl Fn(&str) -> String) -> Result<()> {
        for (at, table) in self.tables.iter().enumerate() {
            for rows in gathered.iter().filter_map(|tables| tables.get(at)).filter(|rows| rows.num_rows() > 0) {
                let rows = RecordBatch::try_new(Arc::clone(&table.schema), rows.columns().to_vec()).map_err(failed)?;
                database.insert(&name(&table.name), &rows)?;
            }
        }
        Ok(())
    }

    /// Takes the rows out that others take the place of; those that waited come in.
    fn replace(&self, database: &mut D) -> Result<()> {
        for table in &self.tables {
            let (name, from) = (quoted(&table.name), quoted(&staged(self.connected.dialect, &table.name)));
            database.execute(&format!("DELETE FROM {name}"))?;
            if self.is_staged {
                let columns = sql::columns(&table.schema);
                database.execute(&format!("INSERT INTO {name} ({columns}) SELECT {columns} FROM {from}"))?;
                database.execute(&format!("DROP TABLE {from}"))?;
            }
        }
        Ok(())
    }

    /// Takes the rows out that have the values of these in some columns, and what is within them.
    fn strike(&self, database: &mut D, gathered: &[Vec<RecordBatch>], key: &[String], spared: &str) -> Result<()> {
        let Some((records, lists)) = self.tables.split_first().filter(|_| !key.is_empty()) else { return Ok(()) };
        let keys = staged(self.connected.dialect, &records.name);
        let at: Result<Vec<usize>> = key.iter().map(|name| records.schema.index_of(name).map_err(failed)).collect();
        let at = at?;
        self.create(database, &keys, at.iter().map(|at| records.schema.field(*at)))?;
        for rows in gathered.iter().filter_map(|tables| tables.first()) {
            let rows = RecordBatch::try_new(Arc::clone(&records.schema), rows.columns().to_vec()).map_err(failed)?;
            database.insert(&keys, &rows.project(&at).map_err(failed)?)?;
        }
        self.index(database, &records.name, key)?;
        let (from, keys) = (quoted(&records.name), quoted(&keys));
        let such = format!("EXISTS (SELECT 1 FROM {keys} AS s WHERE {}){spared}", same_key("t", "s", key));
        for list in lists {
            self.index(database, &list.name, &[ROOT_ID.to_owned()])?;
            let ids = format!("SELECT t.{} FROM {from} AS t WHERE {such}", quoted(ROW_ID));
            database.execute(&format!("DELETE FROM {} WHERE {} IN ({ids})", quoted(&list.name), quoted(ROOT_ID)))?;
        }
        database.execute(&format!("DELETE FROM {from} AS t WHERE {such}"))?;
        database.execute(&format!("DROP TABLE {keys}"))
    }

    fn create<'a>(&self, database: &mut D, table: &str, fields: impl Iterator<Item = &'a Field>) -> Result<()> {
        let kind = |field: &Field| Kind::of(field).map_or("", self.connected.dialect.types);
        let columns: Vec<_> = fields.map(|field| (field.name().as_str(), kind(field))).collect();
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
        let (resource, load_id, api) = (literal(&self.target.resource), literal(load_id), literal(self.connected.api));
        let checkpoint = literal_or_null(progress.checkpoint.as_deref());
        let state = literal_or_null(progress.state.as_deref());
        let replaces = if progress.replaces { "TRUE" } else { "FALSE" };
        let begun = literal_or_null(progress.begun.as_deref());
        database.execute(&format!("DELETE FROM {PROGRESS} WHERE resource = {resource}"))?;
        database.execute(&format!(
            "INSERT INTO {PROGRESS} VALUES ({resource}, {checkpoint}, {state}, {replaces}, {begun}, {load_id})"
        ))?;
        database.execute(&format!(
            "INSERT INTO {LOADS} (load_id, schema_name, status, inserted_at) VALUES ({load_id}, {api}, 0, CURRENT_TIMESTAMP)"
        ))
    }
}

//! A `SQLite` file as the destination of loads.
#![cfg(feature = "sqlite")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;
use rusqlite::Connection;
use rusqlite::types::{Null, ToSql, ToSqlOutput, Value, ValueRef};

use crate::rt::cells::{Cell, Cells};
use crate::rt::database::{Database, Shared};
use crate::rt::destination::{Capabilities, Destination, failed};
use crate::rt::error::Result;
use crate::rt::nested::Nested;
use crate::rt::sql::{self, Dialect, Kind, quoted};

/// How long a load waits for others that write to the file.
const PATIENCE: Duration = Duration::from_secs(60);

static DIALECT: Dialect = Dialect {
    // It gives names no limit.
    capabilities: Capabilities { nested: Nested::Tables, package_bytes: 16 << 20, max_identifier_length: 255 },
    begin: "BEGIN IMMEDIATE",
    tables: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
    columns: ("SELECT name, type FROM pragma_table_info(", ")"),
    types,
    has_indexes: true,
    binary_order: "",
};

/// It has few types of its own: dates and times are texts of ISO 8601, and decimals texts of all their digits, so that none is lost.
fn types(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Json | Kind::Decimal | Kind::Timestamp | Kind::Date | Kind::Time => "TEXT",
        Kind::Boolean => "BOOLEAN",
        Kind::Integer => "BIGINT",
        Kind::Float => "DOUBLE",
        Kind::Binary => "BLOB",
    }
}

/// The file at a path, which is made if there is none.
pub(crate) fn open(path: &Path, api: &'static str) -> Result<Arc<dyn Destination>> {
    let at = |error| failed(format!("{}: {error}", path.display()));
    let connection = Connection::open(path).map_err(at)?;
    connection.busy_timeout(PATIENCE).map_err(at)?;
    // A crash of the machine may take the last packages with it, but never their progress without their rows.
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL").map_err(at)?;
    Ok(Arc::new(Shared::new(Sqlite(connection), api)))
}

struct Sqlite(Connection);

impl Database for Sqlite {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn execute(&mut self, sql: &str) -> Result<()> {
        self.0.execute_batch(sql).map_err(failed)
    }

    fn query(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        let mut statement = self.0.prepare(sql).map_err(failed)?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect()).map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    fn insert(&mut self, table: &str, rows: &RecordBatch) -> Result<()> {
        let names = sql::columns(&rows.schema());
        let places = vec!["?"; rows.num_columns()].join(", ");
        let sql = format!("INSERT INTO {} ({names}) VALUES ({places})", quoted(table));
        let mut statement = self.0.prepare_cached(&sql).map_err(failed)?;
        let columns = Cells::of(rows)?;
        for row in 0..rows.num_rows() {
            for (at, column) in columns.iter().enumerate() {
                statement.raw_bind_parameter(at + 1, column.get(row)).map_err(failed)?;
            }
            statement.raw_execute().map_err(failed)?;
        }
        Ok(())
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = |text: String| Ok(ToSqlOutput::Owned(Value::Text(text)));
        match *self {
            Self::Null => Null.to_sql(),
            Self::Text(text) => Ok(ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))),
            Self::Binary(bytes) => Ok(ToSqlOutput::Borrowed(ValueRef::Blob(bytes))),
            Self::Boolean(is_true) => Ok(ToSqlOutput::Owned(Value::Integer(is_true.into()))),
            Self::Integer(number) => Ok(ToSqlOutput::Owned(Value::Integer(number))),
            Self::Float(number) => Ok(ToSqlOutput::Owned(Value::Real(number))),
            Self::Decimal(..) | Self::Timestamp(_) | Self::Date(_) | Self::Time(_) => text(self.to_string()),
        }
    }
}

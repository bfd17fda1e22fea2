//! A `DuckDB` file as the destination of loads.
#![cfg(feature = "duckdb")]

use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use duckdb::Connection;

use crate::rt::database::{Database, Shared};
use crate::rt::destination::{Capabilities, Destination, failed};
use crate::rt::error::Result;
use crate::rt::nested::Nested;
use crate::rt::sql::{self, Dialect, Kind};

static DIALECT: Dialect = Dialect {
    // It gives names no limit.
    capabilities: Capabilities { nested: Nested::Tables, package_bytes: 16 << 20, max_identifier_length: 255 },
    begin: "BEGIN TRANSACTION",
    tables: sql::TABLES,
    columns: sql::COLUMNS,
    types,
    has_indexes: false,
    binary_order: "",
};

/// The names that its catalog has for them. JSON is a text there, as its own type needs an extension.
fn types(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Json => "VARCHAR",
        Kind::Boolean => "BOOLEAN",
        Kind::Integer => "BIGINT",
        Kind::Float => "DOUBLE",
        Kind::Decimal => "DECIMAL(38,9)",
        Kind::Timestamp => "TIMESTAMP WITH TIME ZONE",
        Kind::Date => "DATE",
        Kind::Time => "TIME",
        Kind::Binary => "BLOB",
    }
}

/// As it comes it puts its log into the file whenever that has 16 MB, and writes the last rows of each table anew with it: most of a load
/// would be that. And it would keep of what it has written as much as fits in most of the machine's memory.
const SETTINGS: &str = "SET checkpoint_threshold = '256MB'; SET memory_limit = '512MB'";

/// The file at a path, which is made if there is none.
pub(crate) fn open(path: &Path, api: &'static str) -> Result<Arc<dyn Destination>> {
    let connection = Connection::open(path).map_err(|error| failed(format!("{}: {error}", path.display())))?;
    connection.execute_batch(SETTINGS).map_err(failed)?;
    Ok(Arc::new(Shared::new(DuckDb(connection), api)))
}

struct DuckDb(Connection);

impl Database for DuckDb {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn execute(&mut self, sql: &str) -> Result<()> {
        self.0.execute_batch(sql).map_err(failed)
    }

    fn query(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        let mut statement = self.0.prepare(sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let columns = rows.as_ref().map_or(0, duckdb::Statement::column_count);
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let row: Result<_, _> = (0..columns).map(|at| row.get(at)).collect();
            all.push(row.map_err(failed)?);
        }
        Ok(all)
    }

    fn insert(&mut self, table: &str, rows: &RecordBatch) -> Result<()> {
        let schema = rows.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let mut appender = self.0.appender_with_columns(table, &names).map_err(failed)?;
        appender.append_record_batch(rows.clone()).map_err(failed)?;
        appender.flush().map_err(failed)
    }
}

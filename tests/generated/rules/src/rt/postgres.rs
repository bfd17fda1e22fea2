//! A Postgres database as the destination of loads. Rows are sent by COPY, in its binary form.
#![cfg(feature = "postgres")]

use std::io::Write as _;
use std::sync::Arc;

use arrow_array::RecordBatch;
use postgres::config::SslMode;
use postgres::{Client, Config, NoTls, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::rt::copy;
use crate::rt::database::{Database, Shared};
use crate::rt::destination::{Capabilities, Destination, failed};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::nested::Nested;
use crate::rt::sql::{self, Dialect, Kind, quoted};

/// The environment variable of the address, where none is given.
const ADDRESS: &str = "DATABASE_URL";

static DIALECT: Dialect = Dialect {
    capabilities: Capabilities { nested: Nested::Tables, package_bytes: 16 << 20, max_identifier_length: 63 },
    begin: "BEGIN; LOCK TABLE _tapwright_progress IN SHARE ROW EXCLUSIVE MODE",
    tables: sql::TABLES,
    columns: sql::COLUMNS,
    types,
    has_indexes: true,
    binary_order: " COLLATE \"C\"",
};

/// The names that its catalog has for them.
fn types(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Json => "jsonb",
        Kind::Boolean => "boolean",
        Kind::Integer => "bigint",
        Kind::Float => "double precision",
        Kind::Decimal => "numeric(38,9)",
        Kind::Timestamp => "timestamp with time zone",
        Kind::Date => "date",
        Kind::Time => "time without time zone",
        Kind::Binary => "bytea",
    }
}

/// The database at an address: `postgres://user@host/name`, or what the environment variable says if it is empty. An error does not
/// repeat it, since it may hold a password.
pub(crate) fn open(address: &str, api: &'static str) -> Result<Arc<dyn Destination>> {
    let config = |message: String| Error::new(ErrorKind::Config, message);
    let address = match address {
        "" => std::env::var(ADDRESS).map_err(|_| {
            config(format!("it takes `postgres:ADDRESS`, or the address in the environment variable `{ADDRESS}`"))
        })?,
        address => address.to_owned(),
    };
    // What `--to postgres://…` gives begins behind the colon.
    let address = if address.starts_with("//") { format!("postgres:{address}") } else { address };
    let parsed: Config = address.parse().map_err(|_| config("the address is none of a Postgres database".to_owned()))?;
    let client = apart(|| match parsed.get_ssl_mode() {
        SslMode::Disable => parsed.connect(NoTls),
        _ => parsed.connect(MakeRustlsConnect::with_webpki_roots()),
    })?;
    let client = client.map_err(|error| told(&error))?;
    Ok(Arc::new(Shared::new(Postgres(Some(client)), api)))
}

/// An error with what the server says of it, but not the row that it repeats, whose values are the user's.
fn told(error: &postgres::Error) -> Error {
    if let Some(said) = error.as_db_error() {
        let place = said.column().map(|column| format!(" (column `{column}`)")).unwrap_or_default();
        return failed(format!("PostgreSQL: {}{place}", said.message()));
    }
    let why = std::error::Error::source(error).map(|why| format!(": {why}")).unwrap_or_default();
    failed(format!("PostgreSQL: {error}{why}"))
}

struct Postgres(Option<Client>);

impl Postgres {
    /// Does something on a thread of its own: the client waits for the server in a way that threads which do async work refuse.
    fn with<T: Send>(&mut self, work: impl FnOnce(&mut Client) -> Result<T> + Send) -> Result<T> {
        let Some(client) = &mut self.0 else { return Err(failed("the connection is closed")) };
        apart(|| work(client))?
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let client = self.0.take();
        let _ = apart(|| drop(client));
    }
}

fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T> {
    let result = std::thread::scope(|scope| {
        std::thread::Builder::new().spawn_scoped(scope, work).map(std::thread::ScopedJoinHandle::join)
    });
    result.map_err(failed)?.map_err(|_| failed("the connection stopped"))
}

impl Database for Postgres {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn execute(&mut self, sql: &str) -> Result<()> {
        self.with(|client| client.batch_execute(sql).map_err(|error| told(&error)))
    }

    fn query(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        let messages = self.with(|client| client.simple_query(sql).map_err(|error| told(&error)))?;
        let row = |message: SimpleQueryMessage| match message {
            SimpleQueryMessage::Row(row) => Some((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect()),
            _ => None,
        };
        Ok(messages.into_iter().filter_map(row).collect())
    }

    fn insert(&mut self, table: &str, rows: &RecordBatch) -> Result<()> {
        let names = sql::columns(&rows.schema());
        let statement = format!("COPY {} ({names}) FROM STDIN (FORMAT BINARY)", quoted(table));
        self.with(|client| {
            let mut copied = client.copy_in(statement.as_str()).map_err(|error| told(&error))?;
            copy::write(rows, &mut |bytes| copied.write_all(bytes).map_err(failed))?;
            copied.finish().map(drop).map_err(|error| told(&error))
        })
    }
}

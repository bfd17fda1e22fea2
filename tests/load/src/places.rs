//! The places that rows are loaded into, and what is in their tables, read by the tools of each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value};

use crate::bucket::{SECRET, Store};
use crate::rows::{self, Rows};
use crate::server::Server;

/// A place.
pub struct Place {
    /// What `--to` takes.
    pub to: String,
    form: Form,
    // Goes with the place.
    _folder: Option<tempfile::TempDir>,
}

#[derive(Clone)]
enum Form {
    Folder(PathBuf),
    Bucket(String),
    Sqlite(PathBuf),
    #[cfg(feature = "duckdb")]
    DuckDb(PathBuf),
    Postgres(String),
}

/// The kinds of places.
pub const FOLDERS: [&str; 3] = ["parquet", "jsonl", "csv"];

/// The kinds of databases that can be tried here.
#[must_use]
pub fn databases() -> Vec<&'static str> {
    let mut all = vec!["sqlite"];
    if cfg!(feature = "duckdb") {
        all.push("duckdb");
    }
    if Server::shared().is_some() {
        all.push("postgres");
    }
    all
}

impl Place {
    /// An empty one. Of `parquet in s3` the second word is the scheme of a store of objects.
    ///
    /// # Panics
    ///
    /// Where there is no room for it.
    #[must_use]
    pub fn new(kind: &str) -> Self {
        if kind == "postgres" {
            let address = Server::shared().expect("there is a server").database();
            return Self { to: format!("postgres:{address}"), form: Form::Postgres(address), _folder: None };
        }
        if let Some((format, scheme)) = kind.split_once(" in ") {
            let address = format!("{scheme}://{}/some/where", Store::bucket());
            return Self { to: format!("{format}:{address}"), form: Form::Bucket(address), _folder: None };
        }
        let folder = tempfile::tempdir().expect("a folder");
        let place = Self::at(kind, folder.path());
        Self { _folder: Some(folder), ..place }
    }

    /// The one of this kind that another program made.
    #[must_use]
    pub fn of(to: &str) -> Self {
        let (kind, place) = to.split_once(':').unwrap_or((to, ""));
        match kind {
            "postgres" => Self { to: to.to_owned(), form: Form::Postgres(place.to_owned()), _folder: None },
            _ => Self::at(kind, Path::new(place)),
        }
    }

    fn at(kind: &str, folder: &Path) -> Self {
        let file = folder.join("data.db");
        let (path, form) = match kind {
            "sqlite" => (file.clone(), Form::Sqlite(file)),
            #[cfg(feature = "duckdb")]
            "duckdb" => (file.clone(), Form::DuckDb(file)),
            _ => (folder.to_owned(), Form::Folder(folder.to_owned())),
        };
        Self { to: format!("{kind}:{}", path.display()), form, _folder: None }
    }

    /// The folder that it is.
    ///
    /// # Panics
    ///
    /// Where it is a database.
    #[must_use]
    pub fn folder(&self) -> &Path {
        match &self.form {
            Form::Folder(path) => path,
            _ => panic!("`{}` is no folder", self.to),
        }
    }

    /// The variables of the environment that a program needs which loads into it.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        match &self.form {
            Form::Bucket(address) => Store::of(address).0.environment(),
            _ => Vec::new(),
        }
    }

    /// Carries out a statement.
    ///
    /// # Panics
    ///
    /// Where it is refused, or the place is no database.
    pub fn execute(&self, sql: &str) {
        match &self.form {
            Form::Folder(_) | Form::Bucket(_) => panic!("`{}` is no database", self.to),
            Form::Sqlite(path) => rusqlite::Connection::open(path).and_then(|it| it.execute_batch(sql)).expect(sql),
            #[cfg(feature = "duckdb")]
            Form::DuckDb(path) => duckdb::Connection::open(path).and_then(|it| it.execute_batch(sql)).expect(sql),
            Form::Postgres(address) => {
                postgres::Client::connect(address, postgres::NoTls).and_then(|mut it| it.batch_execute(sql)).expect(sql);
            }
        }
    }

    /// The records of a resource that it holds.
    #[must_use]
    pub fn records(&self, resource: &str) -> Vec<Value> {
        rows::records(resource, self.tables())
    }

    /// The rows of every table but our own.
    ///
    /// # Panics
    ///
    /// Where they can not be read.
    #[must_use]
    pub fn tables(&self) -> BTreeMap<String, Rows> {
        self.all_tables().into_iter().filter(|(name, _)| !name.starts_with('_')).collect()
    }

    /// What was left out of a resource, and is kept in a table or in files of its own; as it came.
    ///
    /// # Panics
    ///
    /// Where it can not be read.
    #[must_use]
    pub fn rejected(&self, resource: &str) -> Rows {
        let mut rows = match &self.form {
            Form::Folder(path) => lines(&path.join("_rejected").join(resource)),
            _ => self.all_tables().remove("_rejected").expect("there is a table"),
        };
        rows.retain(|row| row["resource"] == resource);
        rows
    }

    /// The rows of every table.
    ///
    /// # Panics
    ///
    /// Where they can not be read.
    #[must_use]
    pub fn all_tables(&self) -> BTreeMap<String, Rows> {
        match &self.form {
            Form::Folder(path) => folder(path),
            Form::Bucket(address) => bucket(address),
            Form::Sqlite(path) => sqlite(path),
            #[cfg(feature = "duckdb")]
            Form::DuckDb(path) => duckdb(path),
            Form::Postgres(address) => postgres(address),
        }
    }
}

/// The lines of the files of a folder, in the order of their names; none if it is not there.
fn lines(folder: &Path) -> Rows {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let texts = paths.iter().map(|path| std::fs::read_to_string(path).expect("it is text"));
    let rows =
        texts.flat_map(|text| text.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect::<Vec<_>>());
    rows.map(object).collect()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("a row is no object: {other}"),
    }
}

fn folder(path: &Path) -> BTreeMap<String, Rows> {
    let mut tables = BTreeMap::new();
    for table in std::fs::read_dir(path).expect("the folder is there").flatten().filter(|entry| entry.path().is_dir()) {
        let files = std::fs::read_dir(table.path()).expect("the table has a folder").flatten();
        let name = table.file_name().to_string_lossy().into_owned();
        if name.starts_with('_') {
            continue;
        }
        let rows = files.flat_map(|file| of_file(&file.path())).map(object).collect();
        tables.insert(name, rows);
    }
    tables
}

/// The same of a bucket, whose objects become files for that.
fn bucket(address: &str) -> BTreeMap<String, Rows> {
    let copy = tempfile::tempdir().expect("a folder");
    let (store, name) = Store::of(address);
    for (key, bytes) in store.objects(name) {
        assert!(!String::from_utf8_lossy(&bytes).contains(SECRET), "{key} has a secret");
        let path = copy.path().join(key);
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder can be made");
        std::fs::write(path, bytes).expect("a file can be written");
    }
    folder(&copy.path().join("some/where"))
}

/// The rows of a file. Those of CSV are texts, and an empty one is none.
fn of_file(path: &Path) -> Vec<Value> {
    let text = || std::fs::read_to_string(path).expect("the file can be read");
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("jsonl") => text().lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect(),
        Some("csv") => {
            let mut reader = csv::Reader::from_path(path).expect("the file can be read");
            let rows = reader.deserialize::<BTreeMap<String, String>>().map(|row| row.expect("a row is whole"));
            let cells = |row: BTreeMap<String, String>| row.into_iter().filter(|(_, text)| !text.is_empty());
            rows.map(|row| Value::Object(cells(row).map(|(name, text)| (name, Value::String(text))).collect())).collect()
        }
        Some("parquet") => {
            let file = std::fs::File::open(path).expect("the file can be read");
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(ParquetRecordBatchReaderBuilder::build);
            reader.expect("it is Parquet").flat_map(|batch| rows::of_batch(&batch.expect("it is whole"))).collect()
        }
        _ => panic!("{} is no file of a table", path.display()),
    }
}

fn sqlite(path: &Path) -> BTreeMap<String, Rows> {
    use rusqlite::types::ValueRef;
    let connection = rusqlite::Connection::open(path).expect("the file can be opened");
    let mut names = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").expect("it has tables");
    let names: Vec<String> = names.query_map([], |row| row.get(0)).expect("names").map(|name| name.expect("a name")).collect();
    let rows = |name: &String| {
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{name}\"")).expect("a table");
        let columns: Vec<(String, bool)> =
            statement.columns().iter().map(|column| (column.name().to_owned(), column.decl_type() == Some("BOOLEAN"))).collect();
        let row = |row: &rusqlite::Row<'_>| {
            let mut cells = Map::new();
            for (at, (name, is_boolean)) in columns.iter().enumerate() {
                let value = match row.get_ref(at)? {
                    ValueRef::Null => continue,
                    ValueRef::Integer(number) if *is_boolean => Value::Bool(number != 0),
                    ValueRef::Integer(number) => number.into(),
                    ValueRef::Real(number) => number.into(),
                    ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
                    ValueRef::Blob(_) => panic!("no list of the spec has bytes"),
                };
                cells.insert(name.clone(), value);
            }
            Ok(cells)
        };
        statement.query_map([], row).expect("rows").map(|row| row.expect("a row")).collect()
    };
    names.iter().map(|name| (name.clone(), rows(name))).collect()
}

#[cfg(feature = "duckdb")]
fn duckdb(path: &Path) -> BTreeMap<String, Rows> {
    let connection = duckdb::Connection::open(path).expect("the file can be opened");
    let texts = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).expect("a statement");
        statement.query_map([], |row| row.get(0)).expect("rows").map(|text| text.expect("a text")).collect()
    };
    let rows = |name: &String| {
        let rows = texts(&format!("SELECT CAST(to_json(t) AS VARCHAR) FROM \"{name}\" AS t"));
        rows.iter().map(|row| object(serde_json::from_str(row).expect("a row is JSON"))).collect()
    };
    let names = texts("SELECT table_name FROM information_schema.tables");
    names.iter().map(|name| (name.clone(), rows(name))).collect()
}

fn postgres(address: &str) -> BTreeMap<String, Rows> {
    let mut client = postgres::Client::connect(address, postgres::NoTls).expect("the server answers");
    let mut texts =
        |sql: &str| -> Vec<String> { client.query(sql, &[]).expect("rows").iter().map(|row| row.get::<_, String>(0)).collect() };
    let names = texts("SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()");
    let mut tables = BTreeMap::new();
    for name in names {
        let rows = texts(&format!("SELECT row_to_json(t)::text FROM \"{name}\" AS t"));
        let json = |row: &String| {
            let mut row = object(serde_json::from_str(row).expect("a row is JSON"));
            // What is JSON in a column is one value, whatever it holds.
            for value in row.values_mut().filter(|value| value.is_object() || value.is_array()) {
                *value = Value::String(value.to_string());
            }
            row
        };
        tables.insert(name, rows.iter().map(json).collect());
    }
    tables
}

//! The destinations by their names: what `--to` takes.
#![cfg(feature = "load")]

use std::path::Path;
use std::sync::Arc;

use crate::rt::destination::Destination;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::folder::Folder;
use crate::rt::table_file::Format;

/// What there is: the name, what comes behind it, and whether it is built in. Those that may not be need the feature of their name.
const ALL: [(&str, &str, bool); 6] = [
    ("parquet", "FOLDER", true),
    ("jsonl", "FOLDER", true),
    ("csv", "FOLDER", true),
    ("sqlite", "FILE", cfg!(feature = "sqlite")),
    ("duckdb", "FILE", cfg!(feature = "duckdb")),
    ("postgres", "ADDRESS", cfg!(feature = "postgres")),
];

/// The destination of a name and a place, as in `parquet:data` and `sqlite:data.db`; `api` is the name that its loads are noted by.
#[cfg_attr(
    not(any(feature = "duckdb", feature = "postgres", feature = "sqlite")),
    expect(unused_variables, reason = "no database")
)]
pub fn open(to: &str, api: &'static str) -> Result<Arc<dyn Destination>> {
    // A message has no more of it than the name: an address may hold a password.
    let (name, place) = to.split_once(':').unwrap_or((to, ""));
    match name {
        "parquet" => folder(place, Format::Parquet),
        "jsonl" => folder(place, Format::Jsonl),
        "csv" => folder(place, Format::Csv),
        #[cfg(feature = "sqlite")]
        "sqlite" if !place.is_empty() => crate::rt::sqlite::open(Path::new(place), api),
        #[cfg(feature = "duckdb")]
        "duckdb" if !place.is_empty() => crate::rt::duckdb::open(Path::new(place), api),
        #[cfg(feature = "postgres")]
        "postgres" => crate::rt::postgres::open(place, api),
        _ => Err(Error::new(ErrorKind::Config, unknown(name))),
    }
}

/// Whether there may be something at a destination: opening it makes a folder or a file that is not there.
#[must_use]
pub fn is_there(to: &str) -> bool {
    let (name, place) = to.split_once(':').unwrap_or((to, ""));
    let is_path = |form: &str| form != "ADDRESS" && !place.is_empty() && !place.contains("://");
    let is_local = ALL.iter().any(|(known, form, is_built_in)| *known == name && *is_built_in && is_path(form));
    !is_local || Path::new(place).exists()
}

fn folder(place: &str, format: Format) -> Result<Arc<dyn Destination>> {
    if place.is_empty() {
        return Err(Error::new(ErrorKind::Config, "the folder's name is missing"));
    }
    if place.contains("://") { bucket(place, format) } else { Ok(Arc::new(Folder::open(Path::new(place), format)?)) }
}

#[cfg(feature = "object-store")]
fn bucket(address: &str, format: Format) -> Result<Arc<dyn Destination>> {
    let bucket = crate::rt::object_store::Bucket::open(address)?;
    Ok(Arc::new(Folder::within(Box::new(bucket), format)?))
}

#[cfg(not(feature = "object-store"))]
fn bucket(_: &str, _: Format) -> Result<Arc<dyn Destination>> {
    Err(Error::new(ErrorKind::Config, "buckets are not built in: build with `--features cli,object-store`"))
}

fn unknown(name: &str) -> String {
    match ALL.iter().find(|(known, ..)| *known == name) {
        Some((_, _, false)) => format!("`{name}` is not built in: build with `--features cli,{name}`"),
        Some((_, place, true)) => format!("it takes `{name}:{place}`"),
        None => format!("there is no destination `{name}`; there are {}", forms()),
    }
}

/// What a destination is called where others read it: an address may hold a password.
#[must_use]
pub fn shown(to: &str) -> &str {
    match to.split_once(':') {
        Some((name @ "postgres", _)) => name,
        // A bucket's address has no credentials; what has some is none.
        Some((name, place)) if place.contains("://") && place.contains(['@', '?', '#']) => name,
        _ => to,
    }
}

/// All of them, as a sentence has them.
#[must_use]
pub fn forms() -> String {
    let all = ALL.iter().map(|(name, place, _)| format!("`{name}:{place}`")).collect::<Vec<_>>().join(", ");
    format!("{all}; a FOLDER may be `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX` or `az://CONTAINER/PREFIX`")
}

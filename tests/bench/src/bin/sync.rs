//! Users of a mock into each destination: the generated crate, the loop that one writes by hand, dlt, and the bytes alone.
//!
//! `cargo build --release && cargo run --release -p tapwright-bench --bin sync [RECORDS] [LATENCY, such as 20ms] [PART OF A WAY'S NAME]`;
//! with `PYTHON`, such as `target/peers/bin/python` (`pip install 'dlt[duckdb,parquet]'`), dlt takes part, and the values of its tables
//! are compared with ours; with `--features duckdb` (and the library, as the README says) and `--features postgres` (and
//! `DATABASE_URL`, of a database that may be emptied) so do these.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use arrow_schema::{DataType, FieldRef, Fields, Schema};
use auth0::load::{Disposition, Nested, Options, load, open};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde::Deserialize;
use serde_json::value::RawValue;
use tapwright_bench::server::Server;
use tapwright_bench::{by_hand, cpu, table};

/// What the others are compared with.
const OWN: &str = "generated crate to Parquet, lists within records as Arrow lists";

/// What dlt's tables are compared with, value by value, and dlt's.
const COMPARED: [&str; 2] = ["generated crate to parquet, with tables of lists", "dlt to parquet, with tables of lists"];

/// The ways to do it that take part, of those with a name like this. Each runs in a process of its own.
fn ways(like: &str) -> Vec<&'static str> {
    let dlt = std::env::var_os("PYTHON").is_some();
    let all = [
        ("bytes alone", true),
        ("record batches", true),
        ("by hand: hyper, arrow-json, parquet", true),
        (OWN, true),
        (COMPARED[0], true),
        ("generated crate to sqlite, with tables of lists", true),
        ("generated crate to duckdb, with tables of lists", cfg!(feature = "duckdb")),
        ("generated crate to postgres, with tables of lists", cfg!(feature = "postgres")),
        (COMPARED[1], dlt),
        ("dlt to duckdb, with tables of lists", dlt && cfg!(feature = "duckdb")),
    ];
    all.into_iter().filter(|(way, is_on)| *is_on && way.contains(like)).map(|(way, _)| way).collect()
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["way", way, address, folder] => run(way, address, Path::new(folder)),
        rest => {
            let at = |index: usize, otherwise: &'static str| rest.get(index).copied().unwrap_or(otherwise);
            compare(at(0, "100000"), at(1, "0ms"), at(2, ""))
        }
    }
}

fn compare(records: &str, latency: &str, like: &str) -> io::Result<()> {
    let ways = ways(like);
    let root = std::env::temp_dir().join(format!("tapwright-sync-{}", std::process::id()));
    let mut measured = Vec::new();
    for (at, way) in ways.iter().enumerate() {
        let folder = root.join(at.to_string());
        measured.push(measure(way, records, latency, &folder)?);
        if !COMPARED.contains(way) {
            fs::remove_dir_all(&folder)?;
        }
    }
    let own = ways.iter().zip(&measured).find(|(way, _)| **way == OWN).map_or(f64::NAN, |(_, own)| own.cpu);
    let cells = |(way, it): (&&str, &Measured)| {
        let ratio = format!("{:.2}", it.cpu / own);
        vec![(*way).to_owned(), format!("{:.2}", it.cpu), ratio, format!("{:.1}", it.wall), format!("{:.0}", it.megabytes)]
    };
    let rows: Vec<Vec<String>> = ways.iter().zip(&measured).map(cells).collect();
    table::print(&[&format!("{records} users, {latency} a page"), "CPU s", "ratio", "wall s", "peak MB"], &rows);
    let compared = compare_values(&root, &ways);
    fs::remove_dir_all(&root)?;
    compared
}

/// What one way took.
struct Measured {
    /// Seconds of CPU.
    cpu: f64,
    /// Seconds.
    wall: f64,
    /// The peak of resident memory.
    megabytes: f64,
}

/// Does it one way, in a process of its own and against a mock of its own.
fn measure(way: &str, records: &str, latency: &str, folder: &Path) -> io::Result<Measured> {
    fs::create_dir_all(folder)?;
    let server = Server::start(&["--records", records, "--latency", latency])?;
    let mut command = if let (Some(form), Some(python)) = (way.strip_prefix("dlt to "), std::env::var_os("PYTHON")) {
        let mut command = Command::new(python);
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/sync.py"));
        command.arg(server.address()).arg(folder).arg(form.split(',').next().unwrap_or(form));
        command
    } else {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["way", way, server.address()]).arg(folder);
        command
    };
    let (begin, before) = (Instant::now(), cpu::of_children()?);
    let output = command.output()?;
    let (wall, cpu) = (begin.elapsed().as_secs_f64(), cpu::of_children()? - before);
    if !output.status.success() {
        return Err(io::Error::other(format!("{way}: {}", String::from_utf8_lossy(&output.stderr))));
    }
    // How many records there are now, and the peak of resident memory in KiB.
    let text = String::from_utf8_lossy(&output.stdout);
    let (count, peak) = text.lines().last().and_then(|line| line.split_once(' ')).unwrap_or_default();
    assert!(way == "bytes alone" || count == records, "{way}: {count} records rather than {records}");
    Ok(Measured { cpu, wall, megabytes: peak.parse::<f64>().unwrap_or(0.0) / 1024.0 })
}

/// Prints how many rows of dlt's tables and ours differ, if both take part.
fn compare_values(root: &Path, ways: &[&str]) -> io::Result<()> {
    let folder = |way: &str| Some(root.join(ways.iter().position(|other| *other == way)?.to_string()));
    let [ours, theirs] = COMPARED.map(folder);
    let (Some(python), Some(ours), Some(theirs)) = (std::env::var_os("PYTHON"), ours, theirs) else { return Ok(()) };
    let mut command = Command::new(python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/compare.py")).arg(ours).arg(theirs.join("data/auth0"));
    if command.status()?.success() { Ok(()) } else { Err(io::Error::other("the tables differ")) }
}

/// Does it one way, and prints how many records there are then, and the process's peak of resident memory in KiB.
fn run(way: &str, address: &str, folder: &Path) -> io::Result<()> {
    let count = match way {
        "bytes alone" => by_hand::pages(address, |_| Ok(())).map(|()| 0)?,
        "record batches" => {
            let client = tapwright_bench::client(address).map_err(io::Error::other)?;
            let read = tapwright_bench::wait(async {
                let (mut batches, mut count) = (client.users().per_page(100).batches(), 0);
                while let Some(batch) = batches.try_next().await? {
                    count += batch.records.num_rows() as u64;
                }
                Ok::<_, auth0::Error>(count)
            });
            read.map_err(io::Error::other)?
        }
        OWN => synced(address, &format!("parquet:{}", folder.display()), Nested::Arrow)?,
        way => match way.strip_prefix("generated crate to ").and_then(|way| way.split(',').next()) {
            Some("parquet") => synced(address, &format!("parquet:{}", folder.display()), Nested::Tables)?,
            Some("postgres") => synced(address, "postgres:", Nested::Tables)?,
            Some(form) => synced(address, &format!("{form}:{}", folder.join("users.db").display()), Nested::Tables)?,
            None => naive(address, folder)?,
        },
    };
    println!("{count} {}", tapwright_bench::peak()?);
    Ok(())
}

fn synced(address: &str, to: &str, nested: Nested) -> io::Result<u64> {
    let client = tapwright_bench::client(address).map_err(io::Error::other)?;
    let source = auth0::load::SOURCES.iter().find(|source| source.name() == "users").ok_or(io::ErrorKind::NotFound)?;
    let destination = open(to).map_err(io::Error::other)?;
    // dlt appends to an empty place as well.
    let disposition = if to == "postgres:" { Disposition::Replace } else { Disposition::Append };
    let options = Options { disposition: Some(disposition), nested: Some(nested), ..Options::default() };
    let loaded = tapwright_bench::wait(load(&client, **source, Arc::clone(&destination), options, Arc::new(|_| {})));
    if let Some(error) = loaded.error {
        return Err(io::Error::other(error));
    }
    let holdings = destination.holdings().map_err(io::Error::other)?;
    Ok(holdings.iter().find(|holding| holding.table == "users").map_or(0, |holding| holding.rows))
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    users: Vec<&'a RawValue>,
}

/// A page is read by `serde_json` as far as its users, and these by `arrow-json`; one page after the other.
fn naive(address: &str, folder: &Path) -> io::Result<u64> {
    let table = folder.join("users");
    fs::create_dir_all(&table)?;
    let client = tapwright_bench::client(address).map_err(io::Error::other)?;
    let schema = Arc::new(Schema::new(loose(client.users().batches().schema().fields())));
    let file = fs::File::create(table.join("users.parquet"))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties)).map_err(io::Error::other)?;
    let mut decoder = arrow_json::ReaderBuilder::new(schema)
        .with_batch_size(1 << 16)
        .with_coerce_primitive(true)
        .build_decoder()
        .map_err(io::Error::other)?;
    by_hand::pages(address, |body| {
        let page: Page<'_> = serde_json::from_slice(body)?;
        for user in page.users {
            decoder.decode(user.get().as_bytes()).map_err(io::Error::other)?;
        }
        if let Some(batch) = decoder.flush().map_err(io::Error::other)? {
            writer.write(&batch).map_err(io::Error::other)?;
        }
        Ok(())
    })?;
    writer.close().map_err(io::Error::other)?;
    let file = fs::File::open(table.join("users.parquet"))?;
    let written = ParquetRecordBatchReaderBuilder::try_new(file).map_err(io::Error::other)?;
    Ok(u64::try_from(written.metadata().file_metadata().num_rows()).unwrap_or(0))
}

/// What `arrow-json` can read of the fields: what services send as texts now and then are texts, and any JSON is left out.
fn loose(fields: &Fields) -> Fields {
    let is_plain = |field: &&FieldRef| field.metadata().is_empty();
    let loosened = fields.iter().filter(is_plain).map(|field| {
        let kind = match field.data_type() {
            DataType::Boolean | DataType::Timestamp(..) | DataType::Int64 => DataType::Utf8,
            DataType::Struct(fields) => DataType::Struct(loose(fields)),
            DataType::List(element) => match loose(&Fields::from(vec![Arc::clone(element)])).first() {
                Some(element) => DataType::List(Arc::clone(element)),
                None => DataType::Utf8,
            },
            other => other.clone(),
        };
        Arc::new(field.as_ref().clone().with_data_type(kind))
    });
    loosened.collect()
}

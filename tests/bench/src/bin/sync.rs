//! Users of a mock into Parquet files: the generated crate, the loop that one writes by hand, dlt, and the bytes alone.
//!
//! `cargo build --release && cargo run --release -p tapwright-bench --bin sync [RECORDS] [LATENCY, such as 20ms]`; with `PYTHON`, such
//! as `target/peers/bin/python` (`pip install 'dlt[parquet]'`), dlt takes part.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use arrow_schema::{DataType, FieldRef, Fields, Schema};
use auth0::load::{Disposition, Folder, Format, Options, load};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde::Deserialize;
use serde_json::value::RawValue;
use tapwright_bench::server::Server;
use tapwright_bench::{by_hand, cpu, table};

/// A way to do it. Each runs in a process of its own.
const WAYS: [&str; 4] = ["bytes alone", "record batches", "by hand: hyper, arrow-json, parquet", "generated crate to Parquet"];

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["way", way, address, folder] => run(way, address, Path::new(folder)),
        rest => {
            let (records, latency) = (rest.first().unwrap_or(&"100000"), rest.get(1).unwrap_or(&"0ms"));
            compare(records, latency)
        }
    }
}

fn compare(records: &str, latency: &str) -> io::Result<()> {
    let mut rows = Vec::new();
    let mut own = None;
    let python = std::env::var_os("PYTHON");
    for way in WAYS.into_iter().map(Some).chain([None]) {
        let folder = std::env::temp_dir().join(format!("tapwright-sync-{}", std::process::id()));
        let server = Server::start(&["--records", records, "--latency", latency])?;
        let mut command = match (way, &python) {
            (Some(way), _) => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args(["way", way, server.address()]).arg(&folder);
                command
            }
            (None, Some(python)) => {
                let mut command = Command::new(python);
                command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/sync.py")).arg(server.address()).arg(&folder);
                command
            }
            (None, None) => continue,
        };
        let (begin, before) = (Instant::now(), cpu::of_children()?);
        let output = command.output()?;
        let (wall, cpu) = (begin.elapsed().as_secs_f64(), cpu::of_children()? - before);
        let name = way.unwrap_or("dlt to Parquet");
        if !output.status.success() {
            return Err(io::Error::other(format!("{name}: {}", String::from_utf8_lossy(&output.stderr))));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let peak: f64 = text.lines().last().and_then(|line| line.trim().parse().ok()).unwrap_or(0.0);
        if way == Some(WAYS[3]) {
            own = Some(cpu);
        }
        if way != Some(WAYS[0]) && way != Some(WAYS[1]) {
            let count = count(&folder)?;
            assert_eq!(count.to_string(), records, "{name} has every record once");
        }
        rows.push((name, cpu, wall, peak / 1024.0));
        let _ = fs::remove_dir_all(&folder);
    }
    let own = own.unwrap_or(f64::NAN);
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(name, cpu, wall, peak)| {
            vec![name.to_owned(), format!("{cpu:.2}"), format!("{:.2}", cpu / own), format!("{wall:.1}"), format!("{peak:.0}")]
        })
        .collect();
    table::print(&[&format!("{records} users, {latency} a page"), "CPU s", "ratio", "wall s", "peak MB"], &rows);
    Ok(())
}

/// Does it one way, and prints the process's peak of resident memory in KiB.
fn run(way: &str, address: &str, folder: &Path) -> io::Result<()> {
    match way {
        "bytes alone" => by_hand::pages(address, |_| Ok(()))?,
        "record batches" => {
            let client = tapwright_bench::client(address).map_err(io::Error::other)?;
            tapwright_bench::wait(async {
                let mut batches = client.users().per_page(100).batches();
                while batches.try_next().await?.is_some() {}
                Ok::<_, auth0::Error>(())
            })
            .map_err(io::Error::other)?;
        }
        "generated crate to Parquet" => synced(address, folder)?,
        _ => naive(address, folder)?,
    }
    println!("{}", tapwright_bench::peak()?);
    Ok(())
}

fn synced(address: &str, folder: &Path) -> io::Result<()> {
    let client = tapwright_bench::client(address).map_err(io::Error::other)?;
    let source = auth0::load::SOURCES.iter().find(|source| source.name() == "users").ok_or(io::ErrorKind::NotFound)?;
    let destination = Arc::new(Folder::open(folder, Format::Parquet).map_err(io::Error::other)?);
    // dlt appends to a folder as well.
    let options = Options { disposition: Some(Disposition::Append), ..Options::default() };
    let loaded = tapwright_bench::wait(load(&client, **source, destination, options, Arc::new(|_| {})));
    loaded.error.map_or(Ok(()), |error| Err(io::Error::other(error)))
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    users: Vec<&'a RawValue>,
}

/// A page is read by `serde_json` as far as its users, and these by `arrow-json`; one page after the other.
fn naive(address: &str, folder: &Path) -> io::Result<()> {
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
    writer.close().map(drop).map_err(io::Error::other)
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

/// How many rows the Parquet files of the table have.
fn count(folder: &Path) -> io::Result<u64> {
    let mut rows = 0;
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "parquet")
                && path.parent().and_then(Path::file_name).is_some_and(|table| table == "users")
            {
                let file = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(&path)?).map_err(io::Error::other)?;
                rows += u64::try_from(file.metadata().file_metadata().num_rows()).unwrap_or(0);
            }
        }
    }
    Ok(rows)
}

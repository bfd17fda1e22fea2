//! Reading samples into the shape that types are inferred from: speed and peak memory by number of records, beside `serde_json`.
//! In recorded traffic each exchange has a list of a hundred records.
//!
//! `cargo run --release -p tapwright-bench --bin sampling`

use std::fmt::Write as _;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::process::Command;

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value, json};
use tapwright::sample::har::Recording;
use tapwright::sample::{DEPTH, Samples};
use tapwright_bench::{cpu, table};

const COUNTS: [usize; 2] = [10_000, 1_000_000];

/// The ways to read, and whether each is of a list or of a record a line.
const READERS: [&str; 5] = ["samples, a list", "samples, NDJSON", "samples, HAR", "serde_json IgnoredAny", "serde_json Value"];

/// How many records an exchange of recorded traffic has.
const PAGE: usize = 100;

/// How often each way is measured; the figures are medians.
const ROUNDS: usize = 5;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => compare(),
        [reader, path] => read(reader, Path::new(path)),
        _ => Err(io::Error::other("takes no arguments")),
    }
}

/// Reads in a process of its own each time, since a peak never goes down again.
fn compare() -> io::Result<()> {
    let folder = std::env::temp_dir().join(format!("tapwright-sampling-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = measure(&folder);
    std::fs::remove_dir_all(&folder)?;
    let rows = measured?;
    let base = rows.iter().find(|(name, _)| *name == READERS[3]).map_or(1.0, |(_, figures)| figures[2]);
    let row = |(name, figures): &(&str, Vec<f64>)| {
        let mut cells = vec![(*name).to_owned()];
        cells.extend([0, 2].map(|at| format!("{:.0}", figures[at])));
        cells.extend([1, 3].map(|at| format!("{:.1}", figures[at])));
        cells.push(format!("{:.2}", figures[2] / base));
        cells
    };
    let head = ["read", "10,000 records, MB/s", "1,000,000 records, MB/s", "peak, MB", "peak, MB", "ratio to IgnoredAny"];
    table::print(&head, &rows.iter().map(row).collect::<Vec<_>>());
    Ok(())
}

/// Speed and peak of each way, for few and for many records.
fn measure(folder: &Path) -> io::Result<Vec<(&'static str, Vec<f64>)>> {
    let mut rows: Vec<(&str, Vec<f64>)> = READERS.iter().map(|name| (*name, Vec::new())).collect();
    for count in COUNTS {
        let [list, lines, traffic] = ["list.json", "lines.ndjson", "traffic.har"].map(|name| folder.join(name));
        generate(&list, count, true)?;
        generate(&lines, count, false)?;
        record_traffic(&traffic, count)?;
        for (name, figures) in &mut rows {
            let path = match *name {
                "samples, NDJSON" => &lines,
                "samples, HAR" => &traffic,
                _ => &list,
            };
            let (mut speeds, mut peaks) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                let output = Command::new(std::env::current_exe()?).arg(*name).arg(path).output()?;
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                let Some((speed, peak)) = text.trim().split_once(' ') else {
                    return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
                };
                speeds.push(speed.parse().map_err(io::Error::other)?);
                peaks.push(peak.parse::<f64>().map_err(io::Error::other)? / 1024.0);
            }
            figures.extend([table::median(speeds), table::median(peaks)]);
        }
    }
    Ok(rows)
}

/// Reads a file, and prints the megabytes a second of CPU time and the peak of resident memory in KiB.
#[expect(clippy::cast_precision_loss, reason = "the size of a file")]
fn read(reader: &str, path: &Path) -> io::Result<()> {
    let size = std::fs::metadata(path)?.len() as f64;
    let start = cpu::of_thread();
    match reader {
        "serde_json IgnoredAny" => {
            let text = std::fs::read(path)?;
            for value in Deserializer::from_slice(&text).into_iter::<IgnoredAny>() {
                black_box(value?);
            }
        }
        "serde_json Value" => {
            let text = std::fs::read(path)?;
            for value in Deserializer::from_slice(&text).into_iter::<Value>() {
                black_box(value?);
            }
        }
        "samples, HAR" => {
            let mut recording = Recording::new(DEPTH);
            recording.read(File::open(path)?).map_err(|bad| io::Error::other(bad.to_string()))?;
            black_box(recording);
        }
        _ => {
            let mut samples = Samples::default();
            samples.read(File::open(path)?).map_err(io::Error::other)?;
            black_box(samples);
        }
    }
    let seconds = cpu::of_thread() - start;
    println!("{} {}", size / 1e6 / seconds, tapwright_bench::peak()?);
    Ok(())
}

/// Writes records of an imagined user list, as one JSON list below `users`, or one a line.
fn generate(path: &Path, count: usize, is_list: bool) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    if is_list {
        write!(file, "{{\"total\": {count}, \"users\": [")?;
    }
    let mut line = String::new();
    for at in 0..count {
        line.clear();
        record(&mut line, at).map_err(io::Error::other)?;
        let end = match (is_list, at + 1 == count) {
            (false, _) => "\n",
            (true, false) => ",",
            (true, true) => "]}",
        };
        file.write_all(line.as_bytes())?;
        file.write_all(end.as_bytes())?;
    }
    file.flush()
}

/// Writes the same records as recorded traffic.
fn record_traffic(path: &Path, count: usize) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(b"{\"log\":{\"entries\":[")?;
    let mut answer = String::new();
    for start in (0..count).step_by(PAGE) {
        answer.clear();
        for at in start..count.min(start + PAGE) {
            answer.push_str(if at == start { "{\"users\":[" } else { "," });
            record(&mut answer, at).map_err(io::Error::other)?;
        }
        answer.push_str("]}");
        let content = json!({"size": answer.len(), "mimeType": "application/json", "text": answer});
        let request = json!({"method": "GET", "url": format!("https://users.example.com/v1/users?from={start}")});
        let entry = json!({"request": request, "response": {"status": 200, "content": content}});
        write!(file, "{}{entry}", if start == 0 { "" } else { "," })?;
    }
    file.write_all(b"]}}")?;
    file.flush()
}

fn record(line: &mut String, at: usize) -> std::fmt::Result {
    let plan = ["free", "team", "enterprise"][at % 3];
    write!(
        line,
        "{{\"user_id\":\"auth0|{at:024x}\",\"email\":\"user{at}@example.com\",\"email_verified\":{},\"name\":\"User Number {at}\",\
         \"created_at\":\"20{:02}-{:02}-{:02}T10:{:02}:00.123Z\",\"logins_count\":{},\"score\":{}.{},\"plan\":\"{plan}\",\
         \"last_ip\":null,\"app_metadata\":{{\"roles\":[\"admin\",\"editor\"],\"quota\":{}}},\
         \"identities\":[{{\"connection\":\"Username-Password\",\"provider\":\"auth0\",\"user_id\":\"{at:024x}\",\"isSocial\":false}}],\
         \"address\":{{\"street\":\"{at} Main Street\",\"city\":\"Springfield\",\"zip\":\"{:05}\",\"country\":\"US\"}}}}",
        at.is_multiple_of(2),
        at % 25,
        at % 12 + 1,
        at % 28 + 1,
        at % 60,
        at % 1000,
        at % 100,
        at % 10,
        at % 7,
        at % 100_000
    )
}

//! Many readers and many partitions at once, over real sockets: 200 clones of a client on one limit, and 10,000 partitions.
//!
//! `cargo run --release -p tapwright-bench --bin load`

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use tapwright::diagnostic::Diagnostics;
use tapwright::mock::{Mock, Options, Running};
use tapwright::source::Sources;
use tapwright_bench::table;

/// How many clones of a client read at once.
const CLONES: [usize; 2] = [20, 200];
/// What `rules` allows in a second.
const ALLOWED: f64 = 400.0;
/// How long they read.
const SPAN: Duration = Duration::from_secs(20);
/// How many channels there are, each of which has members to read.
const PARTITIONS: u64 = 10_000;

fn main() -> io::Result<()> {
    for clones in CLONES {
        limit(clones)?;
        println!();
    }
    partitions()
}

fn mock(options: Options) -> io::Result<Running> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/rules.yaml");
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = tapwright::load(&path, &mut sources, &mut diagnostics).ok_or_else(|| io::Error::other("a bad fixture"))?;
    Mock::start(api, options)
}

fn builder(mock: &Running) -> rules::ClientBuilder {
    rules::Client::builder().client_id("bench").client_secret("bench").base_url(mock.base_url())
}

/// Clones read the same list again and again; the mock turns away what is above the limit of the spec.
fn limit(clones: usize) -> io::Result<()> {
    let mock = mock(Options { records: 70, ..Options::default() })?;
    let client = builder(&mock).build().map_err(io::Error::other)?;
    let took = tapwright_bench::wait(async {
        // The first token is no part of it.
        client.channels().page().await?;
        let start = Instant::now();
        let readers: Vec<_> = (0..clones)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move {
                    while start.elapsed() < SPAN {
                        client.channels().page().await?;
                    }
                    Ok::<(), rules::Error>(())
                })
            })
            .collect();
        for reader in readers {
            reader.await.map_err(|panic| std::panic::resume_unwind(panic.into_panic())).unwrap_or(Ok(()))?;
        }
        Ok::<_, rules::Error>(start.elapsed())
    });
    let (took, stats) = (took.map_err(io::Error::other)?, mock.stats());
    let refused = f64::from(u32::try_from(stats.answers_with(429)).unwrap_or(u32::MAX));
    let sent = f64::from(u32::try_from(stats.requests_of("channels")).unwrap_or(u32::MAX)) - 1.0;
    let possible = ALLOWED * took.as_secs_f64();
    table::print(
        &["clones", "seconds", "requests", "of what is allowed, %", "turned away, %"],
        &[vec![
            clones.to_string(),
            format!("{:.1}", took.as_secs_f64()),
            format!("{sent:.0}"),
            format!("{:.1}", sent / possible * 100.0),
            format!("{:.2}", refused / sent * 100.0),
        ]],
    );
    Ok(())
}

/// One run over all of a list's partitions.
fn partitions() -> io::Result<()> {
    let mock = mock(Options { records: PARTITIONS, children: Some(2), rate_limit: Some(1_000_000), ..Options::default() })?;
    let client = builder(&mock).without_rate_limits().build().map_err(io::Error::other)?;
    let start = Instant::now();
    let run = tapwright_bench::wait(async {
        let (mut items, mut seen, mut largest) = (client.members().items(), HashSet::new(), 0);
        let mut records = 0_u64;
        while let Some(record) = items.try_next().await? {
            records += 1;
            seen.insert(format!("{record:?}"));
            if records.is_multiple_of(1_000) {
                largest = largest.max(items.checkpoint().to_string().len());
            }
        }
        Ok::<_, rules::Error>((records, seen.len(), largest))
    });
    let (records, distinct, largest) = run.map_err(io::Error::other)?;
    table::print(
        &["partitions", "records", "different ones", "largest checkpoint, bytes", "seconds"],
        &[vec![
            PARTITIONS.to_string(),
            records.to_string(),
            distinct.to_string(),
            largest.to_string(),
            format!("{:.1}", start.elapsed().as_secs_f64()),
        ]],
    );
    Ok(())
}

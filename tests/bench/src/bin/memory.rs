//! Peak memory of reading few and many records through `users().items()`.
//!
//! `cargo run --release -p tapwright-bench --bin memory`, or `… -- 10000000` for other numbers of records than a million.

use std::io;
use std::process::Command;

use tapwright_bench::server::Server;
use tapwright_bench::table;

/// What the many are compared with.
const FEW: u64 = 100_000;
const MANY: u64 = 1_000_000;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => compare(MANY),
        [many] => compare(many.parse().map_err(io::Error::other)?),
        [address, driver] => read(address, driver),
        _ => Err(io::Error::other("takes a number of records, or nothing")),
    }
}

/// Reads in a process of its own each time, since a peak never goes down again.
fn compare(many: u64) -> io::Result<()> {
    let mut rows = Vec::new();
    for driver in ["async", "blocking"] {
        let mut peaks = Vec::new();
        for count in [FEW, many] {
            let server = Server::start(&["--records", &count.to_string()])?;
            let output = Command::new(std::env::current_exe()?).args([server.address(), driver]).output()?;
            if !output.status.success() {
                return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
            }
            let text = String::from_utf8_lossy(&output.stdout);
            let (records, peak) = text.trim().split_once(' ').ok_or_else(|| io::Error::other("no figures"))?;
            assert_eq!(records, count.to_string(), "every record is read");
            peaks.push(peak.parse::<f64>().map_err(io::Error::other)?);
        }
        rows.push(vec![
            driver.to_owned(),
            format!("{:.1}", peaks[0] / 1024.0),
            format!("{:.1}", peaks[1] / 1024.0),
            format!("{:.2}", peaks[1] / peaks[0]),
        ]);
    }
    let [few, many] = [FEW, many].map(|count| format!("{count} records, MB"));
    table::print(&["driver", &few, &many, "ratio"], &rows);
    Ok(())
}

/// Reads everything and prints the number of records and the process's peak of resident memory in KiB.
fn read(address: &str, driver: &str) -> io::Result<()> {
    let client = tapwright_bench::client(address).map_err(io::Error::other)?;
    let records = if driver == "blocking" {
        client.users().per_page(100).blocking().items().try_fold(0_u64, |records, user| user.map(|_| records + 1))
    } else {
        tapwright_bench::wait(async {
            let mut users = client.users().per_page(100).items();
            let mut records = 0_u64;
            while users.try_next().await?.is_some() {
                records += 1;
            }
            Ok(records)
        })
    };
    println!("{} {}", records.map_err(io::Error::other)?, tapwright_bench::peak()?);
    Ok(())
}

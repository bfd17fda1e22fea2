//! Peak memory of reading few and many records through `users().items()`.
//!
//! `cargo run --release -p tapwright-bench --bin memory`

use std::io;
use std::process::Command;

use tapwright_bench::server::Server;
use tapwright_bench::table;

const COUNTS: [u64; 2] = [100_000, 1_000_000];

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => compare(),
        [address, driver] => read(address, driver),
        _ => Err(io::Error::other("takes no arguments")),
    }
}

/// Reads in a process of its own each time, since a peak never goes down again.
fn compare() -> io::Result<()> {
    let mut rows = Vec::new();
    for driver in ["async", "blocking"] {
        let mut peaks = Vec::new();
        for count in COUNTS {
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
    table::print(&["driver", "100,000 records, MB", "1,000,000 records, MB", "ratio"], &rows);
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
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    println!("{} {}", records.map_err(io::Error::other)?, peak.trim().trim_end_matches(" kB"));
    Ok(())
}

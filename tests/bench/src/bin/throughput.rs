//! Reads every user of a mock of Auth0 through the generated crate and through loops written by hand with the same HTTP
//! clients and `serde_json`.
//!
//! `cargo build --release && cargo run --release -p tapwright-bench --bin throughput`

use std::io;
use std::time::Instant;

use tapwright_bench::server::Server;
use tapwright_bench::{by_hand, cpu, table, wait};

const RECORDS: u64 = 20_000;
const ROUNDS: usize = 11;
const LATENCY_RECORDS: u64 = 10_000;
const LATENCY_ROUNDS: usize = 3;

/// One way to read all users of the service at an address: how many there were.
type Reader = fn(&str) -> io::Result<u64>;

fn main() -> io::Result<()> {
    let server = Server::start(&["--records", &RECORDS.to_string()])?;
    compare_cpu(
        server.address(),
        &[
            ("async, by hand (hyper, serde_json)", by_hand::asynchronous as Reader),
            ("async, `users().items()`", generated_async),
            ("blocking, by hand (ureq, serde_json)", by_hand::blocking),
            ("blocking, `users().blocking().items()`", generated_blocking),
        ],
    )?;
    drop(server);
    println!();
    let server = Server::start(&["--latency", "20ms", "--records", &LATENCY_RECORDS.to_string()])?;
    compare_wall(
        server.address(),
        &[("one page after the other, by hand", by_hand::asynchronous as Reader), ("`users().items()`", generated_async)],
    )
}

fn generated_async(address: &str) -> io::Result<u64> {
    let client = tapwright_bench::client(address).map_err(io::Error::other)?;
    wait(async {
        let mut users = client.users().per_page(100).items();
        let mut order = by_hand::Order::default();
        while let Some(user) = users.try_next().await.map_err(io::Error::other)? {
            order.next(user.user_id.as_deref())?;
        }
        Ok(order.records())
    })
}

fn generated_blocking(address: &str) -> io::Result<u64> {
    let client = tapwright_bench::client(address).map_err(io::Error::other)?;
    let mut order = by_hand::Order::default();
    for user in client.users().per_page(100).blocking().items() {
        order.next(user.map_err(io::Error::other)?.user_id.as_deref())?;
    }
    Ok(order.records())
}

/// CPU seconds of this process; each reader's ratio is to the one before it in its pair.
fn compare_cpu(address: &str, readers: &[(&str, Reader)]) -> io::Result<()> {
    let mut seconds = vec![Vec::new(); readers.len()];
    for _ in 0..ROUNDS {
        for ((_, read), seconds) in readers.iter().zip(&mut seconds) {
            let before = cpu::of_process();
            assert_eq!(read(address)?, RECORDS);
            seconds.push(cpu::of_process() - before);
        }
    }
    let medians: Vec<f64> = seconds.into_iter().map(table::median).collect();
    let rows: Vec<_> = readers
        .iter()
        .enumerate()
        .map(|(at, (name, _))| {
            let hand = medians[at - at % 2];
            vec![(*name).to_owned(), format!("{:.3}", medians[at]), format!("{:.2}", medians[at] / hand)]
        })
        .collect();
    table::print(&["20,000 users, 100 a page, no latency", "CPU s", "of the loop by hand"], &rows);
    Ok(())
}

fn compare_wall(address: &str, readers: &[(&str, Reader)]) -> io::Result<()> {
    let mut seconds = vec![Vec::new(); readers.len()];
    for _ in 0..LATENCY_ROUNDS {
        for ((_, read), seconds) in readers.iter().zip(&mut seconds) {
            let start = Instant::now();
            assert_eq!(read(address)?, LATENCY_RECORDS);
            seconds.push(start.elapsed().as_secs_f64());
        }
    }
    let medians: Vec<f64> = seconds.into_iter().map(table::median).collect();
    let rows: Vec<_> = readers
        .iter()
        .zip(&medians)
        .map(|((name, _), median)| vec![(*name).to_owned(), format!("{median:.2}"), format!("{:.1}", medians[0] / median)])
        .collect();
    table::print(&["10,000 users, 100 a page, 20 ms latency", "wall s", "times as fast"], &rows);
    Ok(())
}

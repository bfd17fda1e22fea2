//! Decodes pages of users with `serde_json` and with the table codec, into the same types.
//!
//! `cargo run --release -p tapwright-bench --bin codec`

use std::fmt::Debug;
use std::hint::black_box;
use std::io;

use serde::de::DeserializeOwned;
use tapwright_bench::users::{Order, Page, page};
use tapwright_bench::{cpu, table};
use tapwright_runtime::rt::codec::Decode;
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::time::Timestamp;

const PAGES: usize = 16;
const USERS: usize = 100;
const ROUNDS: usize = 31;
/// How often a round decodes all pages, so that it is long against the clock's steps.
const REPEATS: usize = 3;

fn main() -> io::Result<()> {
    let mut rows = Vec::new();
    for (order, name) in [(Order::Declared, "declared order"), (Order::ByName, "keys by name")] {
        let pages: Vec<Vec<u8>> = (0..PAGES).map(|number| page(number, USERS, order)).collect();
        compare::<String>(&format!("String dates, {name}"), &pages, &mut rows)?;
        compare::<Timestamp>(&format!("Timestamp dates, {name}"), &pages, &mut rows)?;
    }
    table::print(&["decode", "MB/s", "ratio"], &rows);
    Ok(())
}

/// One way to decode a page.
type Decoder<D> = (&'static str, fn(&[u8]) -> Page<D>);

fn compare<D: Decode + DeserializeOwned + Debug + PartialEq>(
    title: &str,
    pages: &[Vec<u8>],
    rows: &mut Vec<Vec<String>>,
) -> io::Result<()> {
    let mut decoders: [Decoder<D>; 3] = [
        ("serde_json from_slice", |bytes| serde_json::from_slice(bytes).expect("the page is valid")),
        ("serde_json from_str", |bytes| {
            serde_json::from_str(str::from_utf8(bytes).expect("the page is UTF-8")).expect("the page is valid")
        }),
        ("table codec", |bytes| {
            let mut reader = Reader::from_bytes(bytes).expect("the page is UTF-8");
            let page = reader.read().expect("the page is valid");
            reader.end().expect("nothing follows");
            page
        }),
    ];
    for page in pages {
        let [expected, others @ ..] = decoders.map(|(_, decode)| decode(page));
        assert!(others.iter().all(|other| *other == expected), "the decoders disagree");
    }
    let seconds = cpu::in_turns(ROUNDS, &mut decoders, |(_, decode)| {
        for page in (0..REPEATS).flat_map(|_| pages) {
            black_box(decode(black_box(page)));
        }
    });
    let bytes = u32::try_from(pages.iter().map(Vec::len).sum::<usize>() * REPEATS).map_err(io::Error::other)?;
    let megabytes = f64::from(bytes) / 1e6;
    for ((name, _), own) in decoders.iter().zip(&seconds) {
        let ratio = table::ratio(&seconds[0], own);
        rows.push(vec![
            format!("{name}, {title}"),
            format!("{:.0}", megabytes / table::median(own.clone())),
            format!("{ratio:.2}"),
        ]);
    }
    Ok(())
}

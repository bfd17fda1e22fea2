//! Reads pages of users that are as their schema says, and pages with unknown fields, told and not told of.
//!
//! `cargo run --release -p tapwright-bench --bin drift`

use std::hint::black_box;
use std::io;

use tapwright_bench::users::{Order, User, page};
use tapwright_bench::{cpu, table};
use tapwright_runtime::rt::descriptor::{Columns, Resource, Segment::Key as At};
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::layout::Layout;
use tapwright_runtime::rt::message::{Headers, Response};
use tapwright_runtime::rt::page::{Reading, Sink, read};
use tapwright_runtime::rt::reader::Reader;

const PAGES: usize = 16;
const USERS: usize = 100;
const ROUNDS: usize = 101;

/// A tenth of the members of a user, which get names that the schema does not know.
const RENAMED: [&str; 3] = ["nickname", "locale", "logins_count"];

struct Users(Vec<User<String>>);

impl Sink for Users {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        self.0.push(r.read()?);
        Ok(())
    }

    fn restart(&mut self) {
        self.0.clear();
    }
}

fn main() -> io::Result<()> {
    let plain: Vec<String> = (0..PAGES)
        .map(|number| String::from_utf8(page(number, USERS, Order::Declared)))
        .collect::<Result<_, _>>()
        .map_err(io::Error::other)?;
    let drifted = plain.iter().map(|page| {
        RENAMED.iter().fold(page.clone(), |page, name| page.replace(&format!("\"{name}\":"), &format!("\"{name}2\":")))
    });
    let (plain, drifted) = (responses(plain.iter().cloned()), responses(drifted));
    let mut cases: [(&str, &[Response], Columns); 3] = [
        ("no drift", &plain, Columns::Evolve),
        ("10 % unknown fields, not told (`discard_value`)", &drifted, Columns::DiscardValue),
        ("10 % unknown fields, told (`evolve`)", &drifted, Columns::Evolve),
    ];
    let seconds = cpu::in_turns(ROUNDS, &mut cases, |(_, pages, columns)| read_all(pages, *columns));
    let rows = cases.iter().zip(&seconds).map(|((name, pages, _), own)| {
        let bytes = u32::try_from(pages.iter().map(|page| page.body.len()).sum::<usize>()).map_err(io::Error::other)?;
        let ratio = table::ratio(own, &seconds[0]);
        Ok(vec![(*name).to_owned(), format!("{:.0}", f64::from(bytes) / 1e6 / table::median(own.clone())), format!("{ratio:.3}")])
    });
    table::print(&["read pages", "MB/s", "time"], &rows.collect::<io::Result<Vec<_>>>()?);
    Ok(())
}

fn responses(pages: impl Iterator<Item = String>) -> Vec<Response> {
    pages.map(|page| Response { status: 200, headers: Headers::default(), body: page.into_bytes() }).collect()
}

/// Reads all pages once.
fn read_all(pages: &[Response], columns: Columns) {
    let layout = Layout::of(&Resource { selectors: &[&[At("users")]], columns, ..Resource::LIST });
    for page in pages {
        let mut users = Users(Vec::with_capacity(USERS));
        let read = read(black_box(page), &layout, Reading::default(), &mut users).expect("a page of users");
        assert_eq!(read.records, USERS as u64);
        black_box((users, read));
    }
}

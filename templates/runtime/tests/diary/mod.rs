//! What the tests of walks share: a diary of what a walk asks for and gives.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::sync::Arc;

use tapwright_runtime::rt::args::Args;
use tapwright_runtime::rt::core::Core;
use tapwright_runtime::rt::descriptor::{Resource, Style};
use tapwright_runtime::rt::error::Result;
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::message::{Headers, Response};
use tapwright_runtime::rt::page::Sink;
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::walk::{Taken, Turn, Walk};

use crate::paged::{self, NEXT, ok};

pub const PAGE: Style = Style::PageNumber { param: "page", base: 0 };
pub const OFFSET: Style = Style::Offset { param: "offset", base: 0 };
pub const CURSOR: Style = Style::Cursor { param: "cursor", path: NEXT };
pub const JSON_LINK: Style = Style::JsonLink { path: NEXT };

/// Keeps the texts of the records.
#[derive(Default)]
pub struct Texts(pub Vec<String>);

impl Sink for Texts {
    fn record(&mut self, r: &mut Reader<'_>) -> std::result::Result<(), Fault> {
        self.0.push(r.skip()?.to_owned());
        Ok(())
    }

    fn restart(&mut self) {
        self.0.clear();
    }
}

/// A walk, and a diary of what it asked for and gave.
pub struct Diary {
    pub walk: Walk,
    pub lines: Vec<String>,
}

impl Diary {
    pub fn new(resource: &'static Resource, window: usize) -> Self {
        Self { walk: walk(resource, &Args::default(), window).unwrap(), lines: Vec::new() }
    }

    /// Plans all that can be planned.
    pub fn plan(&mut self) -> &mut Self {
        while let Some(plan) = self.walk.plan() {
            let path = plan.request.url.path_and_query().trim_start_matches("/v1/").to_owned();
            self.lines.push(format!("{}: {path}", plan.ticket));
        }
        self
    }

    pub fn arrive(&mut self, ticket: u64, answer: Response) -> &mut Self {
        self.walk.arrive(ticket, Ok(answer));
        self
    }

    /// Goes on as far as possible.
    pub fn turn(&mut self) -> &mut Self {
        loop {
            let mut texts = Texts::default();
            let line = match self.walk.turn(&mut texts) {
                Ok(Turn::Page(_)) => texts.0.join(" "),
                Ok(Turn::Wait(ticket)) => format!("wait for {ticket:?}"),
                Ok(Turn::Done) => "done".to_owned(),
                Err(error) => format!("{:?} in {}", error.kind(), error.operation()),
            };
            let is_page = line.is_empty() || line.starts_with(|c: char| c == '{' || c.is_ascii_digit());
            self.lines.push(line);
            let cancelled = self.walk.cancelled();
            if !cancelled.is_empty() {
                self.lines.push(format!("cancel {cancelled:?}"));
            }
            if !is_page {
                return self;
            }
        }
    }

    /// What was noted since the last time.
    pub fn told(&mut self) -> String {
        std::mem::take(&mut self.lines).join("; ")
    }
}

pub fn core() -> Arc<Core> {
    paged::Model::new(|_| panic!("nothing is sent")).client()
}

pub fn walk(resource: &'static Resource, args: &Args, window: usize) -> Result<Walk> {
    Walk::new(&core(), resource, args, Headers::default(), window, &Walk::start(resource))
}

pub fn page(rows: &[u32], members: &str) -> Response {
    ok(format!(r#"{{"rows":{rows:?}{members}}}"#))
}

/// A page of records with these ids.
pub fn records(ids: &[u32], members: &str) -> Response {
    let rows: Vec<String> = ids.iter().map(|id| format!(r#"{{"id":{id}}}"#)).collect();
    ok(format!(r#"{{"rows":[{}]{members}}}"#, rows.join(",")))
}

/// The next page of a walk.
pub fn taken(walk: &mut Walk, sink: &mut Texts) -> Taken {
    match walk.turn(sink) {
        Ok(Turn::Page(taken)) => *taken,
        other => panic!("no page: {other:?}"),
    }
}

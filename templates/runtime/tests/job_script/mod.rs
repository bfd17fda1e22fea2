//! What the tests of jobs share: jobs, and a world that answers by a script.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::sync::Arc;

use crate::client::{self, API, START, reply};
use tapwright_runtime::rt::args::Args;
use tapwright_runtime::rt::core::{Core, CoreBuilder};
use tapwright_runtime::rt::csv::Csv;
use tapwright_runtime::rt::descriptor::{Contract, Key, Location, Operation, Resource};
use tapwright_runtime::rt::elements::Elements;
use tapwright_runtime::rt::error::{Error, ErrorKind, Result};
use tapwright_runtime::rt::fault::Fault;
use tapwright_runtime::rt::job::{Hosts, Job};
use tapwright_runtime::rt::job_run::JobRun;
use tapwright_runtime::rt::job_step::{Event, JobSettings, Step};
use tapwright_runtime::rt::json_body::{Object, Text};
use tapwright_runtime::rt::message::{Headers, Response, TransportFault, TransportFaultKind};
use tapwright_runtime::rt::ndjson::NDJSON;
use tapwright_runtime::rt::page::Sink;
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::retry::Now;

pub static RESOURCE: Resource = Resource {
    operation: Operation::post("export", "/exports")
        .params(&[client::param("kind", Location::Body)])
        .json(&Object(&[("kind", Text("{kind}"))])),
    fingerprint: "f1",
    ..Resource::LIST
};

pub const POLL: Operation = Operation::get("export.poll", "/exports/{job.id}");

pub const fn job(resource: &'static Resource) -> Job {
    Job::new(resource, POLL, &[Key("status")], &[Key("url")], &NDJSON)
        .created(&[Key("id")])
        .statuses(&["pending", "processing"], &["completed"], &["failed"])
        .progress(&[Key("percent")])
        .error(&[Key("error"), Key("message")])
        .waits(1_000, 2.0, 5_000, 60_000)
        .hosts(Hosts::Only(&["*.files.example.com", "files.example.org"]))
}

pub static JOB: Job = job(&RESOURCE);
pub static CLEANED: Job = job(&RESOURCE).cleanup(Operation::delete("export.cleanup", "/exports/{job.id}"));
pub static EXISTING: Job = Job { id: None, ..job(&RESOURCE) };
pub static ANYWHERE: Job = job(&RESOURCE).hosts(Hosts::Any);
pub static PACKED: Job = job(&RESOURCE).packed("gzip");
pub static TABLE: Job = Job { format: &Csv::HEADED, ..job(&RESOURCE) };
pub static DOCUMENT: Job = Job { format: &Elements(&[Key("data"), Key("items")]), ..job(&RESOURCE) };
pub static LENIENT: Resource = Resource {
    operation: Operation::post("export", "/exports").json(&Object(&[])),
    contract: Contract::DiscardRow,
    fingerprint: "f1",
    ..Resource::LIST
};
pub static DISCARDING: Job = job(&LENIENT);

/// What the world answers.
pub enum Reply {
    /// To a call.
    Answer(Result<Response>),
    /// To the opening of a download.
    Head(Result<Headers>),
    /// A piece of the body, or its end.
    Piece(Option<Vec<u8>>),
    /// The body breaks off.
    Break,
}

pub fn answer(body: &str) -> Reply {
    Reply::Answer(Ok(reply(200, &[], body)))
}

pub fn refused(status: u16) -> Error {
    Error::new(ErrorKind::Status, "refused").with_response(status, None, b"")
}

pub fn lost() -> Error {
    Error::new(ErrorKind::Timeout, "no response within 2000 ms").unanswered()
}

pub fn head() -> Reply {
    Reply::Head(Ok(Headers::default()))
}

pub fn piece(text: impl AsRef<[u8]>) -> Reply {
    Reply::Piece(Some(text.as_ref().to_vec()))
}

/// Lines that are long enough to be told from another format, and what follows them.
pub fn rows(count: usize, rest: &str) -> String {
    format!("{{\"a\":\"{}\"}}\n", "x".repeat(80)).repeat(count) + rest
}

pub const END: Reply = Reply::Piece(None);
pub const URL: &str = "https://a.files.example.com/f?sig=1";

pub fn created() -> Reply {
    answer(r#"{"id":"j/1","status":"pending"}"#)
}

pub fn status(word: &str) -> Reply {
    answer(&format!(r#"{{"status":"{word}","percent":40}}"#))
}

pub fn completed() -> Reply {
    answer(&format!(r#"{{"status":"completed","url":"{URL}"}}"#))
}

/// Keeps the records as they stand; one that is no object does not fit.
#[derive(Default)]
pub struct Texts(Vec<String>);

impl Sink for Texts {
    fn record(&mut self, r: &mut Reader<'_>) -> Result<(), Fault> {
        let start = r.offset();
        r.object(&mut |r, _| r.skip().map(drop))?;
        assert_eq!(start, 0, "each record is a text of its own");
        self.0.push(format!("{}", r.offset()));
        Ok(())
    }

    fn restart(&mut self) {
        self.0.clear();
    }
}

pub fn core() -> Arc<Core> {
    let builder =
        CoreBuilder::new(&API).input("domain", "t.example.com").input("client_id", "id").input("client_secret", "s3cret");
    builder.build().expect("every input is given")
}

pub fn settings(job: &'static Job) -> JobSettings {
    JobSettings { core: core(), job, args: Args::default(), headers: Headers::default(), id: None, resume: None }
}

/// Runs a job by a script and tells each step as a line.
pub fn run(settings: JobSettings, script: Vec<Reply>) -> (Vec<String>, JobRun) {
    let mut run = JobRun::new(settings);
    let lines = play(&mut run, &mut START.clone(), script, usize::MAX);
    (lines, run)
}

/// Plays until the end, or until so many records were handed out.
pub fn play(run: &mut JobRun, now: &mut Now, script: Vec<Reply>, most: usize) -> Vec<String> {
    let mut script = script.into_iter();
    let (mut lines, mut given) = (Vec::new(), 0);
    let mut sink = Texts::default();
    let mut reply: Option<Reply> = None;
    loop {
        let step = match &mut reply {
            None => run.step(Event::Go, *now, &mut sink),
            Some(Reply::Answer(answer)) => {
                let answer = std::mem::replace(answer, Err(lost()));
                run.step(Event::Answer(answer), *now, &mut sink)
            }
            Some(Reply::Head(head)) => {
                let head = std::mem::replace(head, Err(lost()));
                run.step(Event::Opened(head), *now, &mut sink)
            }
            Some(Reply::Piece(piece)) => run.step(Event::Piece(Ok(piece.as_deref())), *now, &mut sink),
            Some(Reply::Break) => {
                let fault = TransportFault { kind: TransportFaultKind::Broken, message: "broken, with s3cret".to_owned() };
                run.step(Event::Piece(Err(fault)), *now, &mut sink)
            }
        };
        reply = None;
        let told = match step {
            Ok(Step::Call(operation, request)) => {
                reply = script.next();
                let body = String::from_utf8_lossy(&request.body).into_owned();
                let traced =
                    request.headers.iter().filter(|(name, _)| *name == "x-mine").map(|(_, value)| format!(" mine={value}"));
                let traced: String = traced.collect();
                format!("{}: {} {}{traced} {body}", operation.name, request.method.as_str(), request.url).trim_end().to_owned()
            }
            Ok(Step::Download(operation, request)) => {
                reply = script.next();
                let public = request.headers.get("x-tenant").is_none() && request.headers.get("x-mine").is_none();
                format!("download {} authorised={} public={public}", request.url, operation.auth)
            }
            Ok(Step::Sleep(wait)) => {
                now.elapsed += wait;
                now.unix += wait;
                lines.push(format!("sleep {} ms", wait.as_millis()));
                continue;
            }
            Ok(Step::Read) => {
                reply = script.next();
                assert!(reply.is_some(), "the script is over after {lines:#?}");
                continue;
            }
            Ok(Step::Records) => {
                lines.push(format!("{} records", sink.0.len()));
                for _ in sink.0.drain(..) {
                    if given == most {
                        return lines;
                    }
                    run.hand_out();
                    given += 1;
                }
                if given == most {
                    return lines;
                }
                continue;
            }
            Ok(Step::Done) => "done".to_owned(),
            Err(error) => format!("failed {:?} {error}", error.kind()),
        };
        let is_over = reply.is_none() && (told == "done" || told.starts_with("failed"));
        lines.push(told);
        if is_over {
            assert!(script.next().is_none(), "replies are left after {lines:#?}");
            let again = run.step(Event::Go, *now, &mut sink).expect("nothing comes after the end");
            assert!(matches!(again, Step::Done), "nothing comes after the end");
            return lines;
        }
        assert!(reply.is_some(), "the script is over after {lines:#?}");
    }
}

pub const CREATE: &str = "export: POST https://t.example.com/api/v2/exports {}";
pub const ASK: &str = "export.poll: GET https://t.example.com/api/v2/exports/j%2F1";
pub const FETCH: &str = "download https://a.files.example.com/f?sig=1 authorised=false public=true";

pub fn check(job: &'static Job, script: Vec<Reply>, expected: &[&str]) -> JobRun {
    let (lines, run) = run(settings(job), script);
    assert_eq!(lines, expected);
    run
}

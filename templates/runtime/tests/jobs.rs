//! The rules of a job, each as a script: what the world answers, and the steps that are expected. No socket, and no waiting.

mod client;

use std::sync::Arc;
use std::time::Duration;

use client::{API, START, headers, reply};
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

static RESOURCE: Resource = Resource {
    operation: Operation::post("export", "/exports")
        .params(&[client::param("kind", Location::Body)])
        .json(&Object(&[("kind", Text("{kind}"))])),
    fingerprint: "f1",
    ..Resource::LIST
};

const POLL: Operation = Operation::get("export.poll", "/exports/{job.id}");

const fn job(resource: &'static Resource) -> Job {
    Job::new(resource, POLL, &[Key("status")], &[Key("url")], &NDJSON)
        .created(&[Key("id")])
        .statuses(&["pending", "processing"], &["completed"], &["failed"])
        .progress(&[Key("percent")])
        .error(&[Key("error"), Key("message")])
        .waits(1_000, 2.0, 5_000, 60_000)
        .hosts(Hosts::Only(&["*.files.example.com", "files.example.org"]))
}

static JOB: Job = job(&RESOURCE);
static CLEANED: Job = job(&RESOURCE).cleanup(Operation::delete("export.cleanup", "/exports/{job.id}"));
static EXISTING: Job = Job { id: None, ..job(&RESOURCE) };
static ANYWHERE: Job = job(&RESOURCE).hosts(Hosts::Any);
static PACKED: Job = job(&RESOURCE).packed("gzip");
static TABLE: Job = Job { format: &Csv::HEADED, ..job(&RESOURCE) };
static DOCUMENT: Job = Job { format: &Elements(&[Key("data"), Key("items")]), ..job(&RESOURCE) };
static LENIENT: Resource = Resource {
    operation: Operation::post("export", "/exports").json(&Object(&[])),
    contract: Contract::DiscardRow,
    fingerprint: "f1",
    ..Resource::LIST
};
static DISCARDING: Job = job(&LENIENT);

/// What the world answers.
enum Reply {
    /// To a call.
    Answer(Result<Response>),
    /// To the opening of a download.
    Head(Result<Headers>),
    /// A piece of the body, or its end.
    Piece(Option<Vec<u8>>),
    /// The body breaks off.
    Break,
}

fn answer(body: &str) -> Reply {
    Reply::Answer(Ok(reply(200, &[], body)))
}

fn refused(status: u16) -> Error {
    Error::new(ErrorKind::Status, "refused").with_response(status, None, b"")
}

fn lost() -> Error {
    Error::new(ErrorKind::Timeout, "no response within 2000 ms").unanswered()
}

fn head() -> Reply {
    Reply::Head(Ok(Headers::default()))
}

fn piece(text: impl AsRef<[u8]>) -> Reply {
    Reply::Piece(Some(text.as_ref().to_vec()))
}

/// Lines that are long enough to be told from another format, and what follows them.
fn rows(count: usize, rest: &str) -> String {
    format!("{{\"a\":\"{}\"}}\n", "x".repeat(80)).repeat(count) + rest
}

const END: Reply = Reply::Piece(None);
const URL: &str = "https://a.files.example.com/f?sig=1";

fn created() -> Reply {
    answer(r#"{"id":"j/1","status":"pending"}"#)
}

fn status(word: &str) -> Reply {
    answer(&format!(r#"{{"status":"{word}","percent":40}}"#))
}

fn completed() -> Reply {
    answer(&format!(r#"{{"status":"completed","url":"{URL}"}}"#))
}

/// Keeps the records as they stand; one that is no object does not fit.
#[derive(Default)]
struct Texts(Vec<String>);

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

fn core() -> Arc<Core> {
    let builder =
        CoreBuilder::new(&API).input("domain", "t.example.com").input("client_id", "id").input("client_secret", "s3cret");
    builder.build().expect("every input is given")
}

fn settings(job: &'static Job) -> JobSettings {
    JobSettings { core: core(), job, args: Args::default(), headers: Headers::default(), id: None, resume: None }
}

/// Runs a job by a script and tells each step as a line.
fn run(settings: JobSettings, script: Vec<Reply>) -> (Vec<String>, JobRun) {
    let mut run = JobRun::new(settings);
    let lines = play(&mut run, &mut START.clone(), script, usize::MAX);
    (lines, run)
}

/// Plays until the end, or until so many records were handed out.
fn play(run: &mut JobRun, now: &mut Now, script: Vec<Reply>, most: usize) -> Vec<String> {
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

const CREATE: &str = "export: POST https://t.example.com/api/v2/exports {}";
const ASK: &str = "export.poll: GET https://t.example.com/api/v2/exports/j%2F1";
const FETCH: &str = "download https://a.files.example.com/f?sig=1 authorised=false public=true";

fn check(job: &'static Job, script: Vec<Reply>, expected: &[&str]) -> JobRun {
    let (lines, run) = run(settings(job), script);
    assert_eq!(lines, expected);
    run
}

#[test]
fn a_job_is_started_asked_for_and_read() {
    let script =
        vec![created(), status("pending"), status("processing"), completed(), head(), piece(rows(2, "")), piece("{}"), END];
    let run = check(
        &JOB,
        script,
        &[CREATE, "sleep 1000 ms", ASK, "sleep 1000 ms", ASK, "sleep 2000 ms", ASK, FETCH, "2 records", "1 records", "done"],
    );
    assert_eq!((run.id(), run.status(), run.requests()), (Some("j/1"), Some("completed"), 5));
    assert!(run.checkpoint().is_finished());
}

#[test]
fn the_callers_arguments_start_the_job_and_are_sent_with_nothing_else() {
    let mut settings = settings(&CLEANED);
    settings.args.set("kind", "all");
    settings.headers.set("x-mine", "1");
    let (lines, _) = run(settings, vec![created(), completed(), head(), END, answer("")]);
    let expected = [
        "export: POST https://t.example.com/api/v2/exports mine=1 {\"kind\":\"all\"}",
        "sleep 1000 ms",
        &format!("{ASK} mine=1"),
        FETCH,
        "export.cleanup: DELETE https://t.example.com/api/v2/exports/j%2F1 mine=1",
        "done",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn the_wait_grows_to_its_longest_and_the_service_may_ask_for_more() {
    let asked = Reply::Answer(Ok(reply(200, &[("retry-after", "7")], r#"{"status":"pending"}"#)));
    let waits = [1_000, 2_000, 4_000, 5_000, 5_000];
    let mut script = vec![created()];
    script.extend(waits.map(|_| status("pending")));
    script.extend([asked, completed(), head(), END]);
    let mut expected = vec![CREATE.to_owned(), "sleep 1000 ms".to_owned()];
    for wait in waits {
        expected.extend([ASK.to_owned(), format!("sleep {wait} ms")]);
    }
    expected.extend([ASK, "sleep 7000 ms", ASK, FETCH, "done"].map(str::to_owned));
    let (lines, _) = run(settings(&JOB), script);
    assert_eq!(lines, expected);
}

/// The last wait ends with the deadline; then the error says how to go on, and the checkpoint does.
#[test]
fn a_job_that_takes_too_long_can_be_resumed() {
    static SHORT: Job = job(&RESOURCE).waits(1_000, 2.0, 5_000, 2_500);
    let run = check(
        &SHORT,
        vec![created(), status("pending"), status("processing"), status("processing")],
        &[
            CREATE,
            "sleep 1000 ms",
            ASK,
            "sleep 1000 ms",
            ASK,
            "sleep 500 ms",
            ASK,
            "failed Timeout export: the job `j/1` is not completed after 2 s, which is `processing` now (progress 40); it may go on: \
             resume from the checkpoint later",
        ],
    );
    let resume = Some(run.checkpoint());
    let (lines, _) = self::run(JobSettings { resume, ..settings(&SHORT) }, vec![completed(), head(), END]);
    assert_eq!(lines, [ASK, FETCH, "done"]);
}

#[test]
fn every_status_means_what_the_spec_says() {
    let ends = |word: &str, expected: &str| {
        let (lines, _) = run(settings(&JOB), vec![created(), answer(word)]);
        assert_eq!(lines.last().map(String::as_str), Some(expected), "{word}");
    };
    ends(
        r#"{"status":"failed","error":{"message":"no\nroom for s3cret"}}"#,
        "failed Job export: 200 the job `j/1` ended with the status `failed`: no room for ***",
    );
    ends(r#"{"status":"failed"}"#, "failed Job export: 200 the job `j/1` ended with the status `failed`");
    ends(
        r#"{"status":"frozen"}"#,
        "failed Job export: the job `j/1` has the status `frozen`, and the spec knows only `pending`, `processing`, `completed`, \
         `failed`",
    );
    ends("{}", "failed Page export: 200 the answer does not say how the job `j/1` goes");
    ends("<html>", "failed Page export: 200 the answer does not say how the job `j/1` goes");
    for nothing in [r#""url":null"#, r#""url":"""#, r#""other":1"#, r#""url":{}"#] {
        ends(
            &format!(r#"{{"status":"completed",{nothing}}}"#),
            "failed Job export: the job `j/1` is completed, but does not say where its file is",
        );
    }
}

#[test]
fn a_start_whose_answer_is_lost_is_not_repeated() {
    let after = "the request is not repeated, as a job may be running now: if you learn its id, go on with `job`";
    for (error, expected) in [
        (lost(), format!("failed Timeout export: no response within 2000 ms; {after}")),
        (refused(502), format!("failed Status export: 502 refused; {after}")),
        (refused(400), "failed Status export: 400 refused".to_owned()),
        (Error::new(ErrorKind::Transport, "no connection"), "failed Transport export: no connection".to_owned()),
    ] {
        let (lines, run) = run(settings(&JOB), vec![Reply::Answer(Err(error))]);
        assert_eq!(lines, [CREATE, &expected]);
        assert!(!run.checkpoint().is_finished());
    }
    let (lines, _) = run(settings(&JOB), vec![answer(r#"{"name":"x"}"#)]);
    assert!(lines[1].contains("does not name the job, which may be running now"), "{lines:?}");
    // Whoever learns the id goes on with it.
    let known = JobSettings { id: Some("j/1".to_owned()), ..settings(&JOB) };
    let (lines, _) = self::run(known, vec![completed(), head(), piece("{}"), END]);
    assert_eq!(lines, [ASK, FETCH, "1 records", "done"]);
}

#[test]
fn a_job_that_is_there_already_has_to_be_named() {
    let (lines, _) = run(settings(&EXISTING), Vec::new());
    assert_eq!(lines, ["failed Config export: it is read from a job that is there already; name it with `job`"]);
    let named = JobSettings { id: Some("j/1".to_owned()), ..settings(&EXISTING) };
    let (lines, _) = self::run(named, vec![completed(), head(), END]);
    assert_eq!(lines, [ASK, FETCH, "done"]);
}

#[test]
fn a_link_that_has_expired_is_replaced_once() {
    for status in [403, 404, 410] {
        let expired = || Reply::Head(Err(refused(status)));
        let script = vec![created(), completed(), expired(), completed(), head(), piece("{}"), END];
        check(&JOB, script, &[CREATE, "sleep 1000 ms", ASK, FETCH, ASK, FETCH, "1 records", "done"]);
        let script = vec![created(), completed(), expired(), completed(), expired()];
        let failed = format!("failed Status export: {status} refused");
        check(&JOB, script, &[CREATE, "sleep 1000 ms", ASK, FETCH, ASK, FETCH, &failed]);
    }
    let script = vec![created(), completed(), Reply::Head(Err(refused(400)))];
    check(&JOB, script, &[CREATE, "sleep 1000 ms", ASK, FETCH, "failed Status export: 400 refused"]);
}

/// What was given is passed over, and what was not comes once.
#[test]
fn a_download_that_breaks_off_is_taken_up_again() {
    let script =
        vec![created(), completed(), head(), piece(rows(2, "{")), Reply::Break, completed(), head(), piece(rows(2, "{}\n")), END];
    check(&JOB, script, &[CREATE, "sleep 1000 ms", ASK, FETCH, "2 records", "sleep 1000 ms", ASK, FETCH, "1 records", "done"]);
}

#[test]
fn a_download_that_always_breaks_off_is_an_error() {
    let mut script = vec![created(), completed(), head(), Reply::Break];
    let mut expected = vec![CREATE, "sleep 1000 ms", ASK, FETCH];
    for _ in 0..3 {
        script.extend([completed(), head(), Reply::Break]);
        expected.extend(["sleep 1000 ms", ASK, FETCH]);
    }
    expected.push("failed Transport export: broken, with ***");
    check(&JOB, script, &expected);
}

/// A body that ends early without a word is noticed by its form, and taken up like one that breaks off.
#[test]
fn a_file_that_is_cut_off_is_never_a_shorter_file() {
    let packed = gzip("{}\n{}\n");
    for (job, body) in [(&PACKED, packed[..packed.len() - 9].to_vec()), (&JOB, b"{}\n{\"a\":".to_vec())] {
        let mut script = vec![created(), completed()];
        for _ in 0..4 {
            script.extend([head(), Reply::Piece(Some(body.clone())), END, completed()]);
        }
        script.pop();
        let (lines, _) = run(settings(job), script);
        let last = lines.last().expect("an end");
        assert!(last.starts_with("failed Transport export: ") && last.contains("cut off"), "{lines:#?}");
    }
}

fn gzip(text: &str) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

#[test]
fn files_are_unpacked_by_the_spec_or_by_their_header() {
    let encoded = || Reply::Head(Ok(headers(&[("content-encoding", "gzip")])));
    let bytes = |bytes: &[u8]| Reply::Piece(Some(bytes.to_vec()));
    let packed = gzip("{}\n{}");
    let cases: [(&'static Job, Reply, &[u8]); 5] = [
        (&PACKED, head(), &packed),
        (&PACKED, encoded(), &packed),
        (&JOB, encoded(), &packed),
        (&PACKED, head(), b"{}\n{}"),
        (&JOB, head(), b"{}\n{}"),
    ];
    for (job, head, body) in cases {
        let mut script = vec![created(), completed(), head];
        script.extend(body.iter().map(|byte| bytes(&[*byte])));
        script.push(END);
        let mut settings = settings(job);
        settings.id = None;
        let (lines, _) = run(settings, script);
        let records =
            lines.iter().filter_map(|line| line.strip_suffix(" records")).map(|count| count.parse::<u32>().expect("a number"));
        assert_eq!((records.sum::<u32>(), lines.last().map(String::as_str)), (2, Some("done")), "{lines:?}");
    }
}

#[test]
fn tables_and_documents_are_read_as_they_come() {
    let script =
        vec![created(), completed(), head(), piece(format!("a,b\n1,{}\n", "x".repeat(80))), piece("3,4\n5"), piece(",6"), END];
    check(&TABLE, script, &[CREATE, "sleep 1000 ms", ASK, FETCH, "1 records", "1 records", "1 records", "done"]);
    let text = r#"{"data":{"count":2,"items":[{"a":[1]},{"b":"]"}]},"x":{}}"#;
    let script = vec![created(), completed(), head(), piece(&text[..30]), piece(&text[30..]), END];
    check(&DOCUMENT, script, &[CREATE, "sleep 1000 ms", ASK, FETCH, "2 records", "done"]);
}

#[test]
fn several_files_are_one_list_and_a_place_in_it_is_exact() {
    let files = || answer(r#"{"status":"completed","url":["https://a.files.example.com/1","https://a.files.example.com/2"]}"#);
    let fetch = |file: u32| format!("download https://a.files.example.com/{file} authorised=false public=true");
    let script = || vec![created(), files(), head(), piece(rows(1, "{}")), END, head(), piece(rows(2, "{}")), END];
    let (lines, _) = run(settings(&JOB), script());
    let [first, second] = [1, 2].map(fetch);
    let last = ["1 records", "done"];
    assert_eq!(lines[..3], [CREATE, "sleep 1000 ms", ASK]);
    assert_eq!(lines[3..], [&first, "1 records", "1 records", &second, "2 records", last[0], last[1]].map(str::to_owned));
    for given in 0..=5_usize {
        let mut run = JobRun::new(settings(&JOB));
        play(&mut run, &mut START.clone(), script(), given);
        let text = run.checkpoint().to_string();
        assert!(text.contains("j/1"), "{text}");
        let resume = Some(text.parse().expect("a checkpoint is a text"));
        let rest = match given {
            0..=2 => vec![files(), head(), piece(rows(1, "{}")), END, head(), piece(rows(2, "{}")), END],
            _ => vec![files(), head(), piece(rows(2, "{}")), END],
        };
        let (lines, run) = self::run(JobSettings { resume, ..settings(&JOB) }, rest);
        let records =
            lines.iter().filter_map(|line| line.strip_suffix(" records")).map(|count| count.parse::<usize>().expect("a number"));
        assert_eq!(records.sum::<usize>(), 5 - given, "{given}: {lines:#?}");
        assert!(!lines.iter().any(|line| line.starts_with("export: ")), "a second job was started: {lines:#?}");
        assert!(run.checkpoint().is_finished());
    }
}

#[test]
fn a_checkpoint_of_something_else_is_refused() {
    let mut run = JobRun::new(settings(&JOB));
    play(&mut run, &mut START.clone(), vec![created(), completed(), head(), piece(rows(1, "{}"))], 1);
    let mark = run.checkpoint();
    let resumed = |job, id: Option<&str>, kind: Option<&str>, script| {
        let mut settings = JobSettings { resume: Some(mark.clone()), id: id.map(str::to_owned), ..settings(job) };
        if let Some(kind) = kind {
            settings.args.set("kind", kind);
        }
        self::run(settings, script).0.pop().expect("an end")
    };
    let gone = Reply::Answer(Err(refused(404)));
    for (line, expected) in [
        (
            resumed(&JOB, Some("j/2"), None, Vec::new()),
            "failed Checkpoint export: the checkpoint is one of the job `j/1`, not of `j/2`",
        ),
        (resumed(&JOB, None, Some("a"), Vec::new()), "failed Checkpoint export: the checkpoint was made with other arguments"),
        (
            resumed(&JOB, None, None, vec![gone]),
            "failed Job export: 404 the job `j/1` is gone: refused; start another by reading from the beginning",
        ),
        (
            resumed(&JOB, None, None, vec![completed(), head(), END]),
            "failed Checkpoint export: the file has 0 records now, and 1 of it were given before",
        ),
        (
            resumed(&JOB, None, None, vec![answer(r#"{"status":"completed","url":[]}"#)]),
            "failed Checkpoint export: the job `j/1` has 0 files now, and was read up to file 1",
        ),
    ] {
        assert!(line.starts_with(expected), "{line}");
    }
}

#[test]
fn a_job_is_removed_once_it_is_of_no_use_any_more() {
    const REMOVE: &str = "export.cleanup: DELETE https://t.example.com/api/v2/exports/j%2F1";
    let script = || vec![created(), completed(), head(), piece("{}"), END];
    let start = [CREATE, "sleep 1000 ms", ASK];
    // That it fails hides no record.
    let failing = Reply::Answer(Err(refused(500)));
    let run = check(
        &CLEANED,
        script().into_iter().chain([failing]).collect(),
        &[&start[..], &[FETCH, "1 records", REMOVE, "done"]].concat(),
    );
    assert_eq!(run.cleanup_failure().and_then(Error::status), Some(500));
    let failed = answer(r#"{"status":"failed"}"#);
    let run = check(
        &CLEANED,
        vec![created(), failed, Reply::Answer(Err(refused(500)))],
        &[&start[..], &[REMOVE, "failed Job export: 200 the job `j/1` ended with the status `failed`"]].concat(),
    );
    assert!(run.cleanup_failure().is_some());
    // A job that can be resumed stays.
    let script = vec![created(), completed(), Reply::Head(Err(refused(400)))];
    check(&CLEANED, script, &[&start[..], &[FETCH, "failed Status export: 400 refused"]].concat());
}

#[test]
fn files_come_from_allowed_hosts_alone_and_see_no_credentials() {
    let ends = |job, url: &str| {
        let link = answer(&format!(r#"{{"status":"completed","url":"{url}"}}"#));
        let mut settings = settings(job);
        settings.headers.set("x-mine", "1");
        let mut run = JobRun::new(settings);
        let mut sink = Texts::default();
        let mut event = Event::Go;
        let mut answers = vec![created(), link].into_iter();
        loop {
            event = match run.step(event, START, &mut sink) {
                Ok(Step::Call(..)) => match answers.next() {
                    Some(Reply::Answer(answer)) => Event::Answer(answer),
                    _ => panic!("the script is over"),
                },
                Ok(Step::Sleep(_)) => Event::Slept,
                Ok(Step::Download(operation, request)) => {
                    let own = request.headers.get("x-mine").is_some();
                    return format!("{} authorised={} own={own}", request.url, operation.auth);
                }
                Ok(step) => panic!("{step:?}"),
                Err(error) => return error.message().to_owned(),
            };
        }
    };
    let not_allowed = |host: &str| {
        format!(
            "the file can not be downloaded: it is at the host `{host}`, which is not allowed; `allowed_hosts` of the download can allow it"
        )
    };
    for (job, url, expected) in [
        (&JOB, "https://x.files.example.com/a?b", "https://x.files.example.com/a?b authorised=false own=false".to_owned()),
        (&JOB, "https://files.example.org/a", "https://files.example.org/a authorised=false own=false".to_owned()),
        (&JOB, "https://files.example.com/a", not_allowed("files.example.com")),
        (&JOB, "https://evilfiles.example.com/a", not_allowed("evilfiles.example.com")),
        (&JOB, "https://other.example/a", not_allowed("other.example")),
        (&ANYWHERE, "https://other.example/a", "https://other.example/a authorised=false own=false".to_owned()),
        (
            &ANYWHERE,
            "http://other.example/a?token=1",
            "the file can not be downloaded: it is at `http://other.example/a`, without https".to_owned(),
        ),
        (
            &ANYWHERE,
            "http://127.0.0.1:8080/a",
            "the file can not be downloaded: it is at `http://127.0.0.1:8080/a`, without https".to_owned(),
        ),
        (&ANYWHERE, "ftp://other.example/a", "the file can not be downloaded: its address is none".to_owned()),
        // The API's own origin takes the credentials, as they are its own.
        (&JOB, "/api/v2/files/1", "https://t.example.com/api/v2/files/1 authorised=true own=false".to_owned()),
        (&JOB, "https://t.example.com/files/1", "https://t.example.com/files/1 authorised=true own=false".to_owned()),
    ] {
        assert_eq!(ends(job, url), expected, "{url}");
    }
}

#[test]
fn a_record_that_does_not_fit_is_dealt_with_by_the_contract() {
    let body = rows(1, "[1]\n{}\n");
    let script = || vec![created(), completed(), head(), piece(&body), END];
    let (lines, run) = run(settings(&JOB), script().into_iter().take(4).collect());
    let last = lines.last().expect("an end");
    assert!(last.starts_with("failed Decode export: ") && last.contains("line 2"), "{lines:#?}");
    assert!(run.checkpoint().to_string().contains(r#""given":1"#), "{}", run.checkpoint());
    let run = check(&DISCARDING, script(), &[CREATE, "sleep 1000 ms", ASK, FETCH, "2 records", "done"]);
    assert_eq!(run.rejected().count(), 1);
    let (lines, _) = self::run(settings(&JOB), vec![created(), completed(), head(), piece("<html>no file"), END]);
    assert!(lines.last().is_some_and(|line| line.starts_with("failed Page export: ")), "{lines:#?}");
}

#[test]
fn waits_stay_within_their_bounds() {
    let waits = JOB.waits;
    let mut wait = waits.first();
    for expected in [2_000, 4_000, 5_000, 5_000] {
        wait = waits.after(wait);
        assert_eq!(wait, Duration::from_millis(expected));
    }
    let odd = job(&RESOURCE).waits(1_000, f64::NAN, 500, 0).waits;
    assert_eq!(odd.after(Duration::MAX), Duration::from_millis(500));
    let (lines, _) = run(settings(&CLEANED), vec![Reply::Answer(Err(refused(401)))]);
    assert_eq!(lines.len(), 2);
}

//! The rules of a job, each as a script: what the world answers, and the steps that are expected. No socket, and no waiting.

mod client;
mod job_script;

use std::time::Duration;

use client::{START, reply};
use job_script::{
    ANYWHERE, ASK, CLEANED, CREATE, END, EXISTING, FETCH, JOB, RESOURCE, Reply, Texts, answer, check, completed, created, head,
    job, lost, piece, play, refused, rows, run, settings, status,
};
use tapwright_runtime::rt::error::{Error, ErrorKind};
use tapwright_runtime::rt::job::Job;
use tapwright_runtime::rt::job_run::JobRun;
use tapwright_runtime::rt::job_step::{Event, JobSettings, Step};
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

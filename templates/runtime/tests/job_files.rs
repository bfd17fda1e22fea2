//! How the files of a job are read, each rule as a script: unpacked, in rows, through steps, and exactly from where a read stood.

mod client;
mod job_script;

use client::{START, headers};
use job_script::{
    ASK, CREATE, DISCARDING, DOCUMENT, END, FETCH, JOB, PACKED, Reply, TABLE, answer, check, completed, created, head, job,
    piece, play, refused, rows, run, settings,
};
use tapwright_runtime::rt::descriptor::{Contract, Key, Operation, Resource};
use tapwright_runtime::rt::expr::Expr;
use tapwright_runtime::rt::job::Job;
use tapwright_runtime::rt::job_run::JobRun;
use tapwright_runtime::rt::job_step::JobSettings;
use tapwright_runtime::rt::json_body::Object;
use tapwright_runtime::rt::steps::{Explode, Step, Steps};

/// Records without an id are left out; of the others, each item makes one.
static STEPPED: Resource = Resource {
    operation: Operation::post("export", "/exports").json(&Object(&[])),
    steps: Some(&Steps(&[
        Step::Filter(Expr::Not(&Expr::IsNull(&Expr::Path(&[Key("id")])))),
        Step::Explode(Explode { path: &[Key("items")], keep_empty: false, merge: Some("") }),
    ])),
    fingerprint: "f1",
    ..Resource::LIST
};
static STEPPED_JOB: Job = job(&STEPPED);
static LENIENTLY_STEPPED: Resource = Resource { contract: Contract::DiscardRow, ..STEPPED };
static LENIENTLY_STEPPED_JOB: Job = job(&LENIENTLY_STEPPED);
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
        assert_eq!((records(&lines), lines.last().map(String::as_str)), (2, Some("done")), "{lines:?}");
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
        assert_eq!(records(&lines), 5 - given, "{given}: {lines:#?}");
        assert!(!lines.iter().any(|line| line.starts_with("export: ")), "a second job was started: {lines:#?}");
        assert!(run.checkpoint().is_finished());
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

/// A download that is taken up again leaves out no record twice, and counts none twice.
#[test]
fn what_was_left_out_before_a_break_is_told_once() {
    let (first, all) = (rows(1, ""), rows(1, "[1]\n{}\n"));
    let script =
        vec![created(), completed(), head(), piece(first), piece("[1]\n"), Reply::Break, completed(), head(), piece(all), END];
    let settings = settings(&DISCARDING);
    let core = settings.core.clone();
    let (lines, run) = run(settings, script);
    assert_eq!((records(&lines), run.rejected().count()), (2, 1), "{lines:#?}");
    let report = core.drift();
    let of_run: Vec<_> = report.resources().map(|(_, it)| (it.records, it.drift.iter().map(|it| it.count).sum())).collect();
    assert_eq!(of_run, [(3, 1_u64)]);
}

/// How many records the lines of a run tell of.
fn records(lines: &[String]) -> usize {
    lines.iter().filter_map(|line| line.strip_suffix(" records")).map(|count| count.parse::<usize>().expect("a number")).sum()
}

/// Steps make none of a row, or several, and a place may be between two of these.
#[test]
fn what_steps_make_of_a_row_comes_once() {
    let body = concat!(
        r#"{"id":1,"items":[{"k":1},{"k":2}]}"#,
        "\n",
        r#"{"items":[{"k":3}]}"#,
        "\n",
        r#"{"id":2,"items":[{"k":4},{"k":5},{"k":6}]}"#,
    );
    let script = || vec![created(), completed(), head(), piece(body), END];
    for given in 0..=5 {
        let mut run = JobRun::new(settings(&STEPPED_JOB));
        play(&mut run, &mut START.clone(), script(), given);
        let checkpoint = run.checkpoint().to_string();
        let resume = Some(checkpoint.parse().expect("a checkpoint is a text"));
        let (lines, run) = self::run(JobSettings { resume, ..settings(&STEPPED_JOB) }, script().split_off(1));
        assert_eq!((records(&lines), lines.last().map(String::as_str)), (5 - given, Some("done")), "{given}: {checkpoint}");
        assert!(run.checkpoint().is_finished());
    }
}

#[test]
fn a_record_of_a_row_that_does_not_fit_is_dealt_with_by_the_contract() {
    let body = r#"{"id":1,"items":[{"k":1},7,{"k":2}]}"#.to_owned() + "\n";
    let script = || vec![created(), completed(), head(), piece(body.repeat(2)), END];
    let (lines, run) = run(settings(&STEPPED_JOB), script().into_iter().take(4).collect());
    let last = lines.last().expect("an end");
    assert!(last.starts_with("failed Decode export: ") && last.contains("$[0].items[1]"), "{lines:#?}");
    assert_eq!(records(&lines), 1);
    let place = run.checkpoint().places()[0].clone();
    assert_eq!((place.given, place.part), (0, 1), "the next one is that which does not fit");
    let (lines, run) = self::run(settings(&LENIENTLY_STEPPED_JOB), script());
    assert_eq!((records(&lines), run.rejected().count()), (4, 2), "{lines:#?}");
}

//! What a load tells of itself: how far it is, a summary, and a report.
#![cfg(feature = "cli")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::rt::activity::Reading;
use crate::rt::core::Core;
use crate::rt::destination::failed;
use crate::rt::error::Result;
use crate::rt::json_write::ObjectWriter;
use crate::rt::load::Loaded;

/// How much time passes between two looks at the progress, on a terminal and elsewhere.
const EVERY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

/// How many characters of a line a terminal is sure to have room for.
const WIDTH: usize = 79;

/// Shows on standard error how far the resources are: on a terminal a line each that is written anew, and elsewhere lines that
/// follow one another.
pub(crate) struct Board {
    core: Arc<Core>,
    is_terminal: bool,
    shown: Mutex<Shown>,
}

#[derive(Default)]
struct Shown {
    /// The resources that are being read, and since when.
    open: BTreeMap<&'static str, Instant>,
    /// How many lines of the terminal are ours.
    drawn: usize,
}

impl Board {
    pub(crate) fn new(core: Arc<Core>) -> Arc<Self> {
        let is_terminal = io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|kind| kind != "dumb");
        Arc::new(Self { core, is_terminal, shown: Mutex::default() })
    }

    /// Shows it again and again.
    pub(crate) async fn keep_up(self: Arc<Self>) {
        loop {
            tokio::time::sleep(if self.is_terminal { EVERY.0 } else { EVERY.1 }).await;
            self.draw();
        }
    }

    /// Takes in that a resource is being read from now on.
    pub(crate) fn begin(&self, resource: &'static str) {
        self.shown().open.insert(resource, Instant::now());
    }

    /// Takes in that a resource is read.
    pub(crate) fn end(&self, resource: &str) {
        self.shown().open.remove(resource);
        if self.is_terminal {
            self.draw();
        }
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw(&self) {
        let mut shown = self.shown();
        let mut text = String::new();
        if self.is_terminal && shown.drawn > 0 {
            // To the first of our lines, and all away from there.
            let _ = write!(text, "\x1b[{}A\x1b[J", shown.drawn);
        }
        let width = if self.is_terminal { WIDTH } else { usize::MAX };
        let activity = &self.core.activity;
        for (resource, since) in &shown.open {
            let line = status(resource, activity.reading(resource), since.elapsed(), activity.waited());
            text.extend(line.chars().take(width));
            text.push('\n');
        }
        shown.drawn = shown.open.len();
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

/// How far a resource is, in a line. `waited` is the time that all calls of the client have waited.
fn status(resource: &str, reading: Reading, elapsed: Duration, waited: Duration) -> String {
    let Reading { rows, bytes, requests, left } = reading;
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    let rate = rows.saturating_mul(1000) / millis;
    let mut line = format!("{resource}: {rows} rows, {}, {rate} rows/s, {requests} requests", size(bytes));
    if waited.as_secs() > 0 {
        let _ = write!(line, ", waits {}", time(waited));
    }
    if let Some(left) = left.filter(|left| *left > 0 && rate > 0) {
        let _ = write!(line, ", {} left", time(Duration::from_secs(left.div_ceil(rate))));
    }
    line
}

/// Bytes in a unit that suits them.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// Time in units that suit it.
fn time(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..100 => format!("{seconds} s"),
        seconds @ 100..6000 => format!("{} min", seconds / 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A table of what came of it, and the reasons of failures below.
pub(crate) fn summary(all: &[Loaded], elapsed: Duration, waited: Duration) -> Result<()> {
    let width = all.iter().map(|loaded| loaded.resource.len()).max().unwrap_or(0).max("resource".len());
    let mut text = format!("{:width$} {:>12} {:>9} {:>10} {:>9}  result\n", "resource", "rows", "bytes", "requests", "packages");
    for Loaded { resource, rows, bytes, requests, packages, error, .. } in all {
        let result = if error.is_some() { "failed" } else { "ok" };
        let _ = writeln!(text, "{resource:width$} {rows:>12} {:>9} {requests:>10} {packages:>9}  {result}", size(*bytes));
    }
    let rows: u64 = all.iter().map(|loaded| loaded.rows).sum();
    let _ = write!(text, "{rows} rows in {:.1} s", elapsed.as_secs_f64());
    if !waited.is_zero() {
        let _ = write!(text, "; requests waited {:.1} s in all, for limits and before further attempts", waited.as_secs_f64());
    }
    text.push('\n');
    io::stdout().write_all(text.as_bytes()).map_err(failed)?;
    for Loaded { resource, rejected, skipped, gaps, .. } in all {
        for gap in gaps {
            let _ = writeln!(io::stderr(), "warning: {resource}: {gap}");
        }
        if let Some(first) = rejected.kept().first() {
            let count = rejected.count();
            let message = format!(
                "{resource}: {count} values or records left out, see `_rejected`; the first at {}: {}",
                first.path, first.message
            );
            let _ = writeln!(io::stderr(), "note: {message}");
        }
        if skipped.count() > 0 {
            let _ = writeln!(io::stderr(), "note: {resource}: a rule of the spec passed over {} lists", skipped.count());
        }
    }
    for error in all.iter().filter_map(|loaded| loaded.error.as_ref()) {
        let _ = writeln!(io::stderr(), "error: {error}");
    }
    Ok(())
}

/// What came of it, as JSON.
pub(crate) fn report(all: &[Loaded]) -> String {
    let object = |loaded: &Loaded| {
        let object = ObjectWriter::new()
            .string("resource", loaded.resource)
            .raw("rows", &loaded.rows.to_string())
            .raw("bytes", &loaded.bytes.to_string())
            .raw("requests", &loaded.requests.to_string())
            .raw("packages", &loaded.packages.to_string())
            .raw("rejected", &loaded.rejected.count().to_string())
            .raw("skipped", &loaded.skipped.count().to_string())
            .raw("gaps", &loaded.gaps.len().to_string());
        match &loaded.error {
            Some(error) => object.string("failure", error.failure().as_str()).string("error", &error.to_string()).finish(),
            None => object.finish(),
        }
    };
    format!("[{}]\n", all.iter().map(object).collect::<Vec<_>>().join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rt::error::{Error, ErrorKind};
    use crate::rt::fault::{Fault, FaultKind};
    use crate::rt::rejected::RejectedLog;
    use crate::rt::skipped::SkippedLog;

    #[test]
    fn a_report_counts_what_is_not_there() {
        let mut loaded = Loaded {
            resource: "users",
            rows: 3,
            bytes: 40,
            requests: 2,
            packages: 1,
            rejected: RejectedLog::default(),
            skipped: SkippedLog::default(),
            gaps: Vec::new(),
            error: None,
        };
        loaded.rejected.push(7, &Fault::new(FaultKind::Type, 0, "no date"));
        for id in ["1", "2"] {
            let error = Error::new(ErrorKind::Status, "gone");
            loaded.skipped.push("users", vec![("id".to_owned(), id.to_owned())], &error);
        }
        let mut failed = Loaded { resource: "logs", ..loaded.clone() };
        failed.error = Some(Error::new(ErrorKind::Config, "no key"));
        let counts = r#""rows":3,"bytes":40,"requests":2,"packages":1,"rejected":1,"skipped":2,"gaps":0"#;
        let expected = format!(
            "[{{\"resource\":\"users\",{counts}}},\n{{\"resource\":\"logs\",{counts},\"failure\":\"config\",\"error\":\"no key\"}}]\n"
        );
        assert_eq!(report(&[loaded, failed]), expected);
    }

    #[test]
    fn a_line_says_how_far_a_resource_is() {
        let second = Duration::from_secs(1);
        for (waited, left, expected) in [
            (Duration::ZERO, None, ""),
            (second * 3, None, ", waits 3 s"),
            (Duration::ZERO, Some(0), ""),
            (Duration::ZERO, Some(4501), ", 4 s left"),
            (second * 120, Some(15_000_000), ", waits 2 min, 2 h 46 min left"),
        ] {
            let reading = Reading { rows: 3000, bytes: 2_500_000, requests: 30, left };
            let expected = format!("users: 3000 rows, 2500 kB, 1500 rows/s, 30 requests{expected}");
            assert_eq!(status("users", reading, second * 2, waited), expected);
        }
        let none = "users: 0 rows, 0 B, 0 rows/s, 0 requests";
        assert_eq!(status("users", Reading::default(), Duration::ZERO, Duration::ZERO), none);
    }
}

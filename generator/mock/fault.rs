//! What goes wrong, when, and for whom: `503:every=10,burst=3`, `answer:status=200,every=3,on=users,body={"ok":false}`.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Something that goes wrong with some requests. Requests are counted, so the same ones fail on every run.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Every so many requests; for an expiry, after so many uses of a token.
    pub every: u64,
    /// How many requests in a row.
    pub burst: u64,
    /// The resource or operation whose requests it hits; all by default.
    pub on: Option<String>,
    /// The parent's record that they must be for, by the value that the request names it with.
    pub parent: Option<String>,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// An error status, with a `Retry-After` of seconds where one is set.
    Status(u16, Option<String>),
    /// The connection is reset in the middle of the body.
    Reset,
    /// The connection is closed in the middle of the body.
    Truncate,
    /// The body is cut off, and its length says that it is whole.
    Cut,
    /// Nothing comes for a while in the middle of the body.
    Stall(Duration),
    /// Nothing comes for a while before the head.
    Slow(Duration),
    /// A page of HTML with status 200.
    Html,
    /// The token is refused from now on.
    Expire,
    /// This answer.
    Answer {
        /// Its status.
        status: u16,
        /// Its headers.
        headers: Vec<(String, String)>,
        /// Its body.
        body: String,
    },
    /// The body is packed with gzip, whether that was asked for or not.
    Gzip(Packing),
}

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// As it should be.
    Whole,
    /// Its packed bytes end early.
    Cut,
    /// Some of its packed bytes are others.
    Damaged,
    /// It is small, and unpacks to more than a client should read.
    Bomb,
}

/// The faults of a service, with their count of requests.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<(Fault, AtomicU64)>);

impl Faults {
    pub(super) fn new(faults: Vec<Fault>) -> Self {
        Self(faults.into_iter().map(|fault| (fault, AtomicU64::new(0))).collect())
    }

    /// Counts a request of an operation, for a parent's record named by these values, and says what goes wrong with it: of
    /// several faults the first one.
    pub(super) fn next(&self, operation: &str, parents: &[&str]) -> Option<&FaultKind> {
        let mut found = None;
        for (fault, requests) in &self.0 {
            let is_for = |parent: &String| parents.contains(&parent.as_str());
            if fault.on.as_ref().is_none_or(|on| on == operation) && fault.parent.as_ref().is_none_or(is_for) {
                let request = requests.fetch_add(1, Ordering::Relaxed);
                found = found.or_else(|| fault.hits(request).then_some(&fault.kind));
            }
        }
        found
    }

    /// How many times a token can be used.
    pub(super) fn token_uses(&self) -> Option<u64> {
        self.0.iter().find(|(fault, _)| fault.kind == FaultKind::Expire).map(|(fault, _)| fault.every)
    }
}

impl Fault {
    /// Whether it hits a request, counted from 0: the last `burst` of each round.
    fn hits(&self, request: u64) -> bool {
        let quiet = self.every.saturating_sub(1);
        let round = quiet.saturating_add(self.burst);
        self.kind != FaultKind::Expire && request.checked_rem(round).is_some_and(|at| at >= quiet)
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, settings) = text.split_once(':').unwrap_or((text, ""));
        let mut fault = Self { kind: kind(name)?, every: 0, burst: 1, on: None, parent: None };
        // A body may hold anything, and so comes last.
        let (settings, rest) = settings.split_once("body=").unwrap_or((settings, ""));
        if !rest.is_empty() {
            fault.set("body", rest)?;
        }
        for setting in settings.split(',').filter(|setting| !setting.is_empty()) {
            let (key, value) = setting.split_once('=').ok_or_else(|| format!("`{setting}` should be `key=value`"))?;
            fault.set(key, value)?;
        }
        let count = if fault.kind == FaultKind::Expire { "after" } else { "every" };
        if fault.every == 0 {
            return Err(format!("`{name}` needs `{count}=N` with N from 1 on, as in `{name}:{count}=10`"));
        }
        Ok(fault)
    }
}

impl Fault {
    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let count = || value.parse().map_err(|_| format!("`{key}={value}`: expected a whole number"));
        match (key, &mut self.kind) {
            ("every" | "burst", FaultKind::Expire) => return Err("`expire` takes `after=N` alone".to_owned()),
            ("after", FaultKind::Expire) | ("every", _) => self.every = count()?,
            ("burst", _) => self.burst = count()?,
            ("retry-after", FaultKind::Status(_, retry_after)) => *retry_after = Some(value.to_owned()),
            ("on", kind) if *kind != FaultKind::Expire => self.on = Some(value.to_owned()),
            ("parent", kind) if *kind != FaultKind::Expire => self.parent = Some(value.to_owned()),
            ("status", FaultKind::Answer { status, .. }) => {
                let given = value.parse().ok().filter(|status| (200..600).contains(status));
                *status = given.ok_or_else(|| format!("`{value}` is no status"))?;
            }
            ("header", FaultKind::Answer { headers, .. }) => {
                let (name, value) =
                    value.split_once(':').ok_or_else(|| format!("`header={value}` should be `header=name:value`"))?;
                headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            ("body", FaultKind::Answer { body, .. }) => value.clone_into(body),
            ("for", FaultKind::Stall(held) | FaultKind::Slow(held)) => *held = duration(value)?,
            _ => return Err(format!("`{key}` does not belong to this fault")),
        }
        Ok(())
    }
}

fn kind(name: &str) -> Result<FaultKind, String> {
    Ok(match name {
        "reset" => FaultKind::Reset,
        "truncate" => FaultKind::Truncate,
        "cut" => FaultKind::Cut,
        "stall" => FaultKind::Stall(Duration::from_secs(1)),
        "slow" => FaultKind::Slow(Duration::from_secs(1)),
        "html" => FaultKind::Html,
        "expire" => FaultKind::Expire,
        "answer" => FaultKind::Answer { status: 200, headers: Vec::new(), body: String::new() },
        "gzip" => FaultKind::Gzip(Packing::Whole),
        "gzip-cut" => FaultKind::Gzip(Packing::Cut),
        "gzip-damaged" => FaultKind::Gzip(Packing::Damaged),
        "bomb" => FaultKind::Gzip(Packing::Bomb),
        _ => {
            let known = "an error status, `reset`, `truncate`, `cut`, `stall`, `slow`, `html`, `expire`, `answer`, \
                         `gzip`, `gzip-cut`, `gzip-damaged` or `bomb`";
            let status = name.parse().ok().filter(|status| (400..=599).contains(status));
            let status = status.ok_or_else(|| format!("`{name}` is no fault; expected {known}"))?;
            FaultKind::Status(status, (status == 429).then(|| "1".to_owned()))
        }
    })
}

/// Reads `20ms`, `1.5s`, `10m`, `1h` or a number of seconds.
///
/// # Errors
///
/// Says what was expected.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let scale = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return Err(format!("`{unit}` is no unit of time; expected `ms`, `s`, `m` or `h`")),
    };
    let number: f64 = number.parse().map_err(|_| format!("`{text}` is no duration, such as `20ms` or `1h`"))?;
    Duration::try_from_secs_f64(number * scale).map_err(|_| format!("`{text}` is no duration, such as `20ms` or `1h`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read() {
        let cases = [
            ("429:every=5", FaultKind::Status(429, Some("1".to_owned())), 5, 1),
            ("429:every=5,retry-after=0.5", FaultKind::Status(429, Some("0.5".to_owned())), 5, 1),
            ("503:every=10,burst=3", FaultKind::Status(503, None), 10, 3),
            ("reset:every=4", FaultKind::Reset, 4, 1),
            ("truncate:every=4", FaultKind::Truncate, 4, 1),
            ("stall:every=7,for=250ms", FaultKind::Stall(Duration::from_millis(250)), 7, 1),
            ("expire:after=20", FaultKind::Expire, 20, 1),
            ("html:every=9", FaultKind::Html, 9, 1),
            ("gzip-cut:every=2", FaultKind::Gzip(Packing::Cut), 2, 1),
        ];
        for (text, kind, every, burst) in cases {
            assert_eq!(text.parse(), Ok(Fault { kind, every, burst, on: None, parent: None }), "{text}");
        }
    }

    #[test]
    fn answers_are_read_with_their_bodies() {
        let answer = r#"answer:status=403,every=2,on=members,parent=c1,header=retry-after: 1,body={"a":[1,2],"b=":","}"#;
        let headers = vec![("retry-after".to_owned(), "1".to_owned())];
        let kind = FaultKind::Answer { status: 403, headers, body: r#"{"a":[1,2],"b=":","}"#.to_owned() };
        let expected = Fault { kind, every: 2, burst: 1, on: Some("members".to_owned()), parent: Some("c1".to_owned()) };
        assert_eq!(answer.parse(), Ok(expected));
        for text in ["answer:status=99,every=1", "answer:header=x,every=1", "503:every=1,body=x", "expire:after=1,on=x"] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_fault_counts_only_those_it_is_meant_for() {
        let faults = Faults::new(vec!["503:every=2,on=a".parse().unwrap(), "500:every=1,parent=p".parse().unwrap()]);
        let next = |operation, parents: &[&str]| match faults.next(operation, parents) {
            Some(FaultKind::Status(status, _)) => *status,
            _ => 0,
        };
        assert_eq!(
            [next("a", &[]), next("b", &[]), next("b", &["p"]), next("a", &["q"]), next("a", &["p"])],
            [0, 0, 500, 503, 500]
        );
    }

    #[test]
    fn what_is_no_fault_is_refused() {
        for text in
            ["", "flood:every=1", "200:every=1", "429", "429:every=0", "429:every=x", "reset:for=1s,every=1", "expire:every=3"]
        {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_same_requests_fail_on_every_run() {
        let hits = |text: &str| {
            let faults = Faults::new(vec![text.parse().unwrap()]);
            (1..=9).filter(|_| faults.next("a", &[]).is_some()).count()
        };
        assert_eq!(hits("503:every=3"), 3);
        assert_eq!(hits("503:every=3,burst=2"), 4, "requests 3, 4, 7 and 8");
        assert_eq!(hits("503:every=1"), 9);
        assert_eq!(hits("expire:after=1"), 0);
    }

    #[test]
    fn durations_have_units() {
        for (text, millis) in [("20ms", 20), ("1.5s", 1_500), ("2", 2_000), ("10m", 600_000), ("1h", 3_600_000)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "-1s", "1d", "1e400s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}

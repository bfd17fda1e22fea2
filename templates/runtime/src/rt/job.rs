//! A job: the service collects the records in its own time, and gives them as files.
//!
//! A request starts it, others ask how it goes, and in the end there are files to download. [`crate::rt::job_run`] runs one.

use std::time::Duration;

use crate::rt::descriptor::{Operation, Path, Resource};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::origin::Origins;
use crate::rt::rows::Format;
use crate::rt::url::Url;

/// The hole that the id of the job fills.
pub const JOB_ID: &str = "job.id";

/// How a resource is read by a job.
#[derive(Debug)]
pub struct Job {
    /// What is read. Its request starts a job; where jobs are there already, it is the one that asks how a job goes.
    pub resource: &'static Resource,
    /// Where the job's id is in the answer of the request that starts it; none if jobs are there already.
    pub id: Option<Path>,
    /// The request that asks how the job goes.
    pub poll: Operation,
    /// Where its status is in the answer.
    pub status: Path,
    /// What each status means.
    pub statuses: Statuses,
    /// Where it says how far the job has come.
    pub progress: Option<Path>,
    /// Where it says why the job failed.
    pub error: Option<Path>,
    /// How often it is asked.
    pub waits: Waits,
    /// Where the address of the file is in the answer: a text, or a list of texts.
    pub files: Path,
    /// The hosts that files may be at, besides the API's own.
    pub hosts: Hosts,
    /// How the records are written in the file.
    pub format: &'static dyn Format,
    /// What the file itself is packed with, by the name of a content encoding; empty for nothing.
    pub packed: &'static str,
    /// The request that removes the job once it is of no use any more.
    pub cleanup: Option<Operation>,
}

/// What the statuses of a job mean. One that is in none of the lists is an error.
#[derive(Clone, Copy, Debug)]
pub struct Statuses {
    /// The service is at work.
    pub running: &'static [&'static str],
    /// There are files.
    pub completed: &'static [&'static str],
    /// There will be none.
    pub failed: &'static [&'static str],
}

/// What a status means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// The service is at work.
    Running,
    /// There are files.
    Completed,
    /// There will be none.
    Failed,
}

impl Statuses {
    /// What a status means; none if nobody said.
    #[must_use]
    pub fn meaning(&self, status: &str) -> Option<Status> {
        let lists = [(self.running, Status::Running), (self.completed, Status::Completed), (self.failed, Status::Failed)];
        lists.into_iter().find(|(words, _)| words.contains(&status)).map(|(_, meaning)| meaning)
    }

    /// Every status that is known.
    pub fn known(&self) -> impl Iterator<Item = &'static str> {
        self.running.iter().chain(self.completed).chain(self.failed).copied()
    }
}

/// How often a job is asked for, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    /// The wait before the first time.
    pub first_ms: u64,
    /// What a wait is multiplied with for the next one.
    pub factor: f64,
    /// The longest wait.
    pub longest_ms: u64,
    /// How long a run waits for its job in all.
    pub deadline_ms: u64,
}

impl Waits {
    /// The first wait.
    #[must_use]
    pub fn first(&self) -> Duration {
        Duration::from_millis(self.first_ms)
    }

    /// The wait after another one.
    #[must_use]
    pub fn after(&self, wait: Duration) -> Duration {
        let longest = Duration::from_millis(self.longest_ms);
        let next = wait.as_secs_f64() * self.factor.max(1.0);
        Duration::try_from_secs_f64(next).map_or(longest, |next| next.min(longest)).max(self.first().min(longest))
    }

    /// How long a run waits for its job in all.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }
}

/// The hosts that files may be at, besides the API's own.
#[derive(Clone, Copy, Debug)]
pub enum Hosts {
    /// Any.
    Any,
    /// These: `files.example.com`, or `*.example.com` for every host below that one.
    Only(&'static [&'static str]),
}

impl Hosts {
    fn allow(self, host: &str) -> bool {
        let Self::Only(patterns) = self else { return true };
        patterns.iter().any(|pattern| match pattern.strip_prefix("*.") {
            Some(domain) => host
                .len()
                .checked_sub(domain.len())
                .and_then(|at| host.split_at_checked(at))
                .is_some_and(|(below, end)| end.eq_ignore_ascii_case(domain) && below.len() > 1 && below.ends_with('.')),
            None => pattern.eq_ignore_ascii_case(host),
        })
    }
}

impl Job {
    /// A job of NDJSON, JSON or CSV files at any allowed host, none so far; what else a job has is added to it.
    #[must_use]
    pub const fn new(
        resource: &'static Resource,
        poll: Operation,
        status: Path,
        files: Path,
        format: &'static dyn Format,
    ) -> Self {
        Self {
            resource,
            id: None,
            poll,
            status,
            statuses: Statuses { running: &[], completed: &[], failed: &[] },
            progress: None,
            error: None,
            waits: Waits { first_ms: 1_000, factor: 1.5, longest_ms: 30_000, deadline_ms: 3_600_000 },
            files,
            hosts: Hosts::Only(&[]),
            format,
            packed: "",
            cleanup: None,
        }
    }

    /// The resource's request starts a job, and its answer holds the job's id there.
    #[must_use]
    pub const fn created(self, id: Path) -> Self {
        Self { id: Some(id), ..self }
    }

    /// What the statuses mean.
    #[must_use]
    pub const fn statuses(
        self,
        running: &'static [&'static str],
        completed: &'static [&'static str],
        failed: &'static [&'static str],
    ) -> Self {
        Self { statuses: Statuses { running, completed, failed }, ..self }
    }

    /// Where the answer says how far the job has come.
    #[must_use]
    pub const fn progress(self, path: Path) -> Self {
        Self { progress: Some(path), ..self }
    }

    /// Where the answer says why the job failed.
    #[must_use]
    pub const fn error(self, path: Path) -> Self {
        Self { error: Some(path), ..self }
    }

    /// How often the job is asked for, in milliseconds.
    #[must_use]
    pub const fn waits(self, first_ms: u64, factor: f64, longest_ms: u64, deadline_ms: u64) -> Self {
        Self { waits: Waits { first_ms, factor, longest_ms, deadline_ms }, ..self }
    }

    /// The hosts that files may be at, besides the API's own.
    #[must_use]
    pub const fn hosts(self, hosts: Hosts) -> Self {
        Self { hosts, ..self }
    }

    /// What the file itself is packed with.
    #[must_use]
    pub const fn packed(self, encoding: &'static str) -> Self {
        Self { packed: encoding, ..self }
    }

    /// The request that removes the job once it is of no use any more.
    #[must_use]
    pub const fn cleanup(self, operation: Operation) -> Self {
        Self { cleanup: Some(operation), ..self }
    }

    /// The address of a file, if it is one that may be downloaded: at the API's own origin, or at an allowed host with https.
    ///
    /// A client of a service on this machine, as a test has it, may be led to other ports of this machine, and without https.
    pub fn file(&self, origins: &Origins, asked: &Url, link: &str) -> Result<Url> {
        let refuse = |why: &str| Err(Error::new(ErrorKind::Origin, format!("the file can not be downloaded: {why}")));
        let Ok(url) = asked.resolve(link) else { return refuse("its address is none") };
        let url = origins.at_home(url);
        if origins.is_home(&url) || (url.is_loopback() && origins.base().is_loopback()) {
            return Ok(url);
        }
        if !self.hosts.allow(url.host()) {
            let host = url.host();
            return refuse(&format!(
                "it is at the host `{host}`, which is not allowed; `allowed_hosts` of the download can allow it"
            ));
        }
        if !url.is_https() {
            return refuse(&format!("it is at `{}`, without https", url.without_query()));
        }
        Ok(url)
    }
}

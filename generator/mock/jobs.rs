//! Jobs: they are started, take a while, and give files at another origin, whose links expire.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::{Request, body::Bytes};
use serde_json::{Value, json};

use super::{
    packing,
    page::{self, Asked},
    reply::Reply,
    request::{Arguments, place},
};
use crate::model::{Compression, Hole, Job, Operation, ParamValue, Spanned};
use crate::native::template::JOB_ID;

/// How jobs behave.
#[derive(Clone, Debug)]
pub struct JobOptions {
    /// How often a job says that it is at work before it is completed.
    pub polls: u64,
    /// How many files a completed job has.
    pub files: u64,
    /// What the jobs come to in the end, if not to their first status of completion.
    pub outcome: Option<String>,
    /// How often a link can be used.
    pub link_uses: Option<u64>,
    /// How long a link can be used.
    pub link_life: Duration,
    /// Whether the file of a link is at this service's own origin, where it takes credentials.
    pub at_home: bool,
}

impl Default for JobOptions {
    fn default() -> Self {
        Self { polls: 2, files: 1, outcome: None, link_uses: None, link_life: Duration::from_secs(60), at_home: false }
    }
}

/// The path that the addresses of files begin with.
const FILES: &str = "/_files/";

/// Every job that was started.
#[derive(Debug)]
pub(super) struct Jobs {
    options: JobOptions,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    jobs: BTreeMap<String, State>,
    links: Vec<Link>,
}

/// A job.
#[derive(Clone, Copy, Debug)]
struct State {
    /// The number of its resource.
    resource: usize,
    /// How often it was asked for.
    polls: u64,
}

/// A link to a file.
#[derive(Clone, Debug)]
struct Link {
    resource: usize,
    file: u64,
    made: Instant,
    uses: u64,
}

/// A file that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct File {
    /// The number of its resource.
    pub(super) resource: usize,
    /// Its number, and how many there are.
    number: u64,
    count: u64,
}

impl Jobs {
    pub(super) fn new(options: JobOptions) -> Self {
        Self { options, held: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a job.
    pub(super) fn create(&self, resource: usize, job: &Job) -> Reply {
        let Some(path) = &job.id else { return Reply::empty() };
        let mut held = self.held();
        let id = format!("job_{:04}", held.jobs.len() + 1);
        held.jobs.insert(id.clone(), State { resource, polls: 0 });
        let mut answer = json!({ "created_at": "2026-11-21T00:00:00.000Z" });
        place(&mut answer, path, id.into());
        place(&mut answer, &job.status, running(job, 0).into());
        Reply::json(200, answer.to_string())
    }

    /// Says how a job goes. Where nothing starts one, every job is there.
    pub(super) fn poll(&self, resource: usize, job: &Job, id: &str, origin: &str) -> Reply {
        let mut held = self.held();
        if job.id.is_none() && !held.jobs.contains_key(id) {
            held.jobs.insert(id.to_owned(), State { resource, polls: 0 });
        }
        let Some(state) = held.jobs.get_mut(id).filter(|state| state.resource == resource) else { return gone() };
        state.polls += 1;
        let polls = state.polls;
        let mut answer = json!({ "id": id });
        let percent = (polls * 100).checked_div(self.options.polls + 1).unwrap_or(100).min(100);
        if let Some(path) = &job.progress {
            place(&mut answer, path, percent.into());
        }
        // Where no status says that a job is at work, it is done at once.
        if polls <= self.options.polls && !job.running.is_empty() {
            place(&mut answer, &job.status, running(job, polls).into());
            return Reply::json(200, answer.to_string());
        }
        let completed = job.completed.first().map_or("completed", |word| word.as_str());
        let outcome = self.options.outcome.as_deref().unwrap_or(completed);
        place(&mut answer, &job.status, outcome.into());
        if outcome == completed {
            let links: Vec<Value> = (0..self.options.files).map(|file| held.link(resource, file, &self.origin(origin))).collect();
            let one = links.first().filter(|_| links.len() == 1).cloned();
            place(&mut answer, &job.files, one.unwrap_or(Value::Array(links)));
        } else if let Some(path) = &job.error {
            place(&mut answer, path, "The export could not be written".into());
        }
        Reply::json(200, answer.to_string())
    }

    /// Removes a job.
    pub(super) fn remove(&self, id: &str) -> Reply {
        if self.held().jobs.remove(id).is_some() { Reply::empty() } else { gone() }
    }

    /// The file at an address; none if it is no address of a file.
    pub(super) fn file(&self, request: &Request<Bytes>) -> Option<Result<File, Reply>> {
        let number = request.uri().path().strip_prefix(FILES)?;
        Some(self.file_of(number, request))
    }

    fn file_of(&self, number: &str, request: &Request<Bytes>) -> Result<File, Reply> {
        if request.method() != "GET" {
            return Err(Reply::error(405, "method_not_allowed", "Method not allowed"));
        }
        let credentials = ["authorization", "cookie", "x-api-key", "x-auth-token"];
        if !self.options.at_home && credentials.iter().any(|name| request.headers().contains_key(*name)) {
            return Err(Reply::error(400, "InvalidArgument", "Only one auth mechanism allowed"));
        }
        let mut held = self.held();
        let link = number.parse::<usize>().ok().and_then(|number| held.links.get_mut(number));
        let Some(link) = link else { return Err(Reply::error(404, "NoSuchKey", "The specified key does not exist")) };
        link.uses += 1;
        let used_up = self.options.link_uses.is_some_and(|uses| link.uses > uses);
        if used_up || link.made.elapsed() > self.options.link_life {
            return Err(Reply::error(403, "AccessDenied", "Request has expired"));
        }
        Ok(File { resource: link.resource, number: link.file, count: self.options.files })
    }

    /// The origin of files: another name of this host is another origin.
    fn origin(&self, own: &str) -> String {
        if self.options.at_home { own.to_owned() } else { own.replace("127.0.0.1", "localhost") }
    }
}

/// The status of a job at work: the last one of the list once it was asked for.
fn running(job: &Job, polls: u64) -> &str {
    let word = if polls == 0 { job.running.first() } else { job.running.last() };
    word.map_or("running", |word: &Spanned<String>| word.as_str())
}

impl Held {
    /// A new link to a file.
    fn link(&mut self, resource: usize, file: u64, origin: &str) -> Value {
        self.links.push(Link { resource, file, made: Instant::now(), uses: 0 });
        format!("{origin}{FILES}{}?X-Amz-Signature=0123456789abcdef", self.links.len() - 1).into()
    }
}

impl File {
    /// Writes the file: its share of the records.
    pub(super) fn write(self, asked: &Asked<'_>, job: &Job) -> Reply {
        let share = asked.rows.count.div_ceil(self.count.max(1)).max(1);
        let start = self.number.saturating_mul(share).min(asked.rows.count);
        let end = start.saturating_add(share).min(asked.rows.count);
        let reply = page::whole(asked, start..end);
        match job.packed {
            Some(Compression::Gzip) => {
                let headers = vec![("content-type".to_owned(), "application/gzip".to_owned())];
                Reply { headers, body: Bytes::from(packing::gzip(&reply.body)), ..reply }
            }
            _ => reply,
        }
    }
}

fn gone() -> Reply {
    Reply::error(404, "inexistent_job", "The job does not exist")
}

/// The id of the job that a request is about: in its address, or in the parameter that holds nothing else.
pub(super) fn id<'r>(operation: &Operation, holes: &'r [(Hole, String)], arguments: &'r Arguments<'_>) -> &'r str {
    let is_id = |hole: &Hole| hole.name() == JOB_ID;
    if let Some((_, value)) = holes.iter().find(|(hole, _)| is_id(hole)) {
        return value;
    }
    let holds_id = |value: &ParamValue| matches!(value, ParamValue::Fixed(text) if text.holes().any(is_id));
    let param = operation.params.iter().find(|param| holds_id(&param.value));
    param.and_then(|param| arguments.get(&param.name)).unwrap_or_default()
}

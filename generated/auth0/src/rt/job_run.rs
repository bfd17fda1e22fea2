//! A run over a resource that is read by a job, without IO: the job is started, asked how it goes, its files are read record by
//! record, and it is removed.
//!
//! A driver hands in what happened and does what it is told, until it is told [`Step::Done`]. The request that starts a job is
//! never repeated where it may have been processed; a download that breaks off, or whose link has expired, is taken up with a
//! fresh link.
#![cfg(any(feature = "async", feature = "blocking"))]

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::rt::args::Args;
use crate::rt::checkpoint::{Checkpoint, Place};
use crate::rt::core::{Core, set_header};
use crate::rt::descriptor::Operation;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::job::{JOB_ID, Job, Status};
use crate::rt::job_file::{Done, Found, JobFile, Output};
use crate::rt::job_step::{Event, JobSettings, Step};
use crate::rt::job_told::{Told, lost};
use crate::rt::json_write;
use crate::rt::lookup::scalar;
use crate::rt::message::{Headers, Request, Response, TransportFault};
use crate::rt::page::Sink;
use crate::rt::pager::Position;
use crate::rt::reader::{Kind, Reader};
use crate::rt::rejected::RejectedLog;
use crate::rt::retry::Now;
use crate::rt::select::select;
use crate::rt::stream::transport;
use crate::rt::wait;

/// How many records are handed out at a time at most.
const BATCH: usize = 1_000;

/// How often in a row a download that breaks off is taken up again without a record in between.
const BREAKS: u32 = 3;

/// The statuses of a link that has expired.
const EXPIRED: [u16; 3] = [403, 404, 410];

/// A download from the API's own origin.
static DOWNLOAD: Operation = Operation::get("download", "");

/// A download from elsewhere, or one that needs no authorisation.
static BARE_DOWNLOAD: Operation = Operation::get("download", "").without_auth();

/// A run.
pub struct JobRun {
    core: Arc<Core>,
    job: &'static Job,
    args: Args,
    headers: Headers,
    /// The digest of the caller's arguments.
    arguments: u64,
    state: State,
    told: Told,
    /// When waiting for the job ends, since the client was made.
    deadline: Option<Duration>,
    wait: Duration,
    /// The addresses of the files, as they were told last.
    links: Vec<String>,
    /// Whether the link of the file at hand was refreshed since it was opened last.
    refreshed: bool,
    /// How often the download broke off since a record was given.
    breaks: u32,
    place: FilePlace,
    /// How far the file is done with after each record of the batch at hand that is not handed out.
    batch: VecDeque<Done>,
    /// How far it is once all of the batch is handed out.
    read: Done,
    rejected: RejectedLog,
    cleanup_failure: Option<Error>,
    /// Whether everything was read.
    is_finished: bool,
    requests: u64,
    batches: u64,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default)]
struct FilePlace {
    /// The number of the file, from 0.
    file: u64,
    /// How far it is done with.
    given: Done,
    /// How many rows were in the files before it.
    seen: u64,
}

enum State {
    /// Nothing was done yet.
    Start,
    /// It can not begin.
    Failed(Error),
    Creating,
    /// Between two questions.
    Waiting,
    Polling,
    Opening,
    Reading(Box<JobFile>),
    /// The download can not go on after the records at hand.
    Broken(Error),
    /// The job is being removed; what went wrong before, if anything did.
    Cleaning(Option<Error>),
    Over,
}

impl JobRun {
    /// A run with what the caller set. If that can not be, the first step says why.
    #[must_use]
    pub fn new(settings: JobSettings) -> Self {
        let JobSettings { core, job, args, headers, id, resume } = settings;
        let arguments = args.digest();
        let mut run = Self {
            core,
            job,
            args,
            headers,
            arguments,
            state: State::Start,
            told: Told { id, ..Told::default() },
            deadline: None,
            wait: Duration::ZERO,
            links: Vec::new(),
            refreshed: false,
            breaks: 0,
            place: FilePlace::default(),
            batch: VecDeque::new(),
            read: Done::default(),
            rejected: RejectedLog::default(),
            cleanup_failure: None,
            is_finished: false,
            requests: 0,
            batches: 0,
        };
        if let Some(checkpoint) = resume
            && let Err(error) = run.resume(&checkpoint)
        {
            run.state = State::Failed(error);
        }
        run
    }

    fn resume(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        checkpoint.continues(self.job.resource, self.arguments)?;
        let Some(place) = checkpoint.places().first() else {
            (self.state, self.is_finished) = (State::Over, true);
            return Ok(());
        };
        let id = place.bindings.iter().find(|(name, _)| name == JOB_ID);
        let id = id.and_then(|(_, text)| Some(Reader::new(text).str().ok()?.into_owned()));
        if let (Some(set), Some(held)) = (&self.told.id, &id)
            && set != held
        {
            let message = format!("the checkpoint is one of the job `{held}`, not of `{set}`");
            return Err(Error::new(ErrorKind::Checkpoint, message));
        }
        self.told.id = id.or(self.told.id.take());
        if let Position::Page(file) = place.position {
            self.read = Done { rows: place.given, part: place.part };
            self.place = FilePlace { file, given: self.read, seen: place.seen };
        }
        Ok(())
    }

    /// Takes what happened and says what is to be done. Records go into the sink in the very step that says so.
    ///
    /// After an error, as after the end, there is nothing to be done.
    pub fn step(&mut self, event: Event<'_>, now: Now, sink: &mut dyn Sink) -> Result<Step> {
        let step = self.next(event, now, sink).map_err(|error| error.in_operation(self.job.resource.operation.name));
        match &step {
            Ok(Step::Call(..) | Step::Download(..)) => self.requests += 1,
            Ok(Step::Records) => {
                self.batches += 1;
                #[cfg(feature = "cli")]
                self.core.activity.rows(self.job.resource, self.batch.len(), self.requests);
            }
            Ok(Step::Done) | Err(_) => self.state = State::Over,
            Ok(Step::Sleep(_) | Step::Read) => {}
        }
        step
    }

    fn next(&mut self, event: Event<'_>, now: Now, sink: &mut dyn Sink) -> Result<Step> {
        match (std::mem::replace(&mut self.state, State::Over), event) {
            (State::Failed(error), _) => Err(error),
            (State::Broken(error), _) => {
                self.hand_out_batch();
                self.broken(error, now)
            }
            (State::Start, _) => self.begin(now),
            (State::Creating, Event::Answer(answer)) => self.created(answer, now),
            (State::Waiting, _) => self.poll(),
            (State::Polling, Event::Answer(answer)) => self.polled(answer, now),
            (State::Opening, Event::Opened(head)) => self.opened(head, sink, now),
            (State::Reading(file), Event::Piece(piece)) => self.received(file, piece, sink, now),
            (State::Reading(file), _) => {
                self.hand_out_batch();
                self.read(file, sink, now)
            }
            (State::Cleaning(failure), Event::Answer(answer)) => {
                self.cleanup_failure = answer.err();
                self.finished(failure)
            }
            // What else happens is not what was asked for: the driver is at its end.
            _ => Ok(Step::Done),
        }
    }

    fn begin(&mut self, now: Now) -> Result<Step> {
        if self.told.id.is_some() {
            self.expect(now);
            return self.poll();
        }
        if self.job.id.is_none() {
            return Err(Error::new(ErrorKind::Config, "it is read from a job that is there already; name it with `job`"));
        }
        self.state = State::Creating;
        let operation = &self.job.resource.operation;
        let mut request = self.core.prepare(operation, &self.args)?;
        self.dress(&mut request)?;
        Ok(Step::Call(operation, request))
    }

    /// Adds the caller's headers.
    fn dress(&self, request: &mut Request) -> Result<()> {
        self.headers.iter().try_for_each(|(name, value)| set_header(&mut request.headers, name, value.to_owned()))
    }

    /// From here on the time counts.
    fn expect(&mut self, now: Now) {
        self.deadline = Some(now.elapsed.saturating_add(self.job.waits.deadline()));
        self.wait = self.job.waits.first();
    }

    fn created(&mut self, answer: Result<Response>, now: Now) -> Result<Step> {
        let answer = answer.map_err(lost)?;
        let id = self.job.id.and_then(|path| scalar(&answer.body, path));
        let Some(id) = id else { return Err(self.told.nameless(&self.core, &answer)) };
        self.told.id = Some(id);
        self.expect(now);
        self.pause(self.wait, now)
    }

    /// Waits before the next question, but not beyond the deadline.
    fn pause(&mut self, wait: Duration, now: Now) -> Result<Step> {
        let left = self.deadline.map_or(Duration::ZERO, |deadline| deadline.saturating_sub(now.elapsed));
        if left.is_zero() {
            return Err(self.told.too_late(&self.core, self.job.waits.deadline()));
        }
        self.state = State::Waiting;
        Ok(Step::Sleep(wait.min(left)))
    }

    /// A request about the job: its id fills the hole, and so do the caller's arguments.
    fn request(&self, operation: &'static Operation) -> Result<Request> {
        // Where a request starts the job, the caller's arguments are sent with that one alone.
        let mut args = if self.job.id.is_none() { self.args.clone() } else { Args::default() };
        self.args.params().for_each(|(name, value)| args.bind(name, value));
        args.bind(JOB_ID, self.told.id.as_deref().unwrap_or_default());
        let mut request = self.core.prepare(operation, &args)?;
        self.dress(&mut request)?;
        Ok(request)
    }

    fn poll(&mut self) -> Result<Step> {
        self.state = State::Polling;
        let request = self.request(&self.job.poll)?;
        Ok(Step::Call(&self.job.poll, request))
    }

    fn polled(&mut self, answer: Result<Response>, now: Now) -> Result<Step> {
        let answer = answer.map_err(|error| self.told.gone(&self.core, error))?;
        self.told.status = scalar(&answer.body, self.job.status);
        self.told.progress = self.job.progress.and_then(|path| scalar(&answer.body, path));
        let Some(status) = &self.told.status else { return Err(self.told.silent(&self.core, &answer)) };
        match self.job.statuses.meaning(status) {
            Some(Status::Running) => {
                let asked = answer.headers.get("retry-after").and_then(|value| wait::retry_after(value, now.unix));
                let wait = asked.map_or(self.wait, |asked| asked.max(self.wait));
                self.wait = self.job.waits.after(self.wait);
                self.pause(wait, now)
            }
            Some(Status::Completed) => self.completed(&answer),
            Some(Status::Failed) => {
                let said = self.job.error.and_then(|path| scalar(&answer.body, path));
                let error = self.told.failed(&self.core, said.as_deref(), &answer);
                self.clean_up(Some(error))
            }
            None => Err(self.told.unknown(&self.core, self.job.statuses.known())),
        }
    }

    /// The files are there.
    fn completed(&mut self, answer: &Response) -> Result<Step> {
        self.links = self.links(&answer.body)?;
        let count = u64::try_from(self.links.len()).unwrap_or(u64::MAX);
        if self.place.file > count || (self.place.file == count && self.place.given != Done::default()) {
            let name = self.told.name(&self.core);
            let message = format!("{name} has {count} files now, and was read up to file {}", self.place.file + 1);
            return Err(Error::new(ErrorKind::Checkpoint, message));
        }
        self.open()
    }

    /// Opens the file that is next, or ends the run if there is none.
    fn open(&mut self) -> Result<Step> {
        let link = usize::try_from(self.place.file).ok().and_then(|at| self.links.get(at));
        let Some(link) = link else { return self.clean_up(None) };
        let asked = self.request(&self.job.poll)?.url;
        let url = self.job.file(&self.core.policy.origins, &asked, link)?;
        let authorised = self.job.resource.operation.auth && self.core.policy.origins.is_home(&url);
        let operation = if authorised { &DOWNLOAD } else { &BARE_DOWNLOAD };
        self.state = State::Opening;
        // The caller's headers are for the API: one may be a credential.
        let request = self.core.prepare_at(operation, &Args::default(), url)?;
        Ok(Step::Download(operation, request))
    }

    /// The addresses of the files.
    fn links(&self, body: &[u8]) -> Result<Vec<String>> {
        let mut links = Vec::new();
        let mut found = false;
        let mut reader = Reader::from_bytes(body).map_err(|fault| Error::from_fault(ErrorKind::Page, fault))?;
        let read = select(&mut reader, &[self.job.files], &mut |r, _| {
            match r.peek()? {
                Kind::String => links.push(r.str()?.into_owned()),
                Kind::Array => r.array(&mut |r, _| {
                    links.push(r.str()?.into_owned());
                    Ok(())
                })?,
                _ => return Ok(false),
            }
            found = true;
            Ok(true)
        });
        read.map_err(|fault| Error::from_fault(ErrorKind::Page, fault))?;
        if found && links.iter().all(|link| !link.is_empty()) {
            return Ok(links);
        }
        let name = self.told.name(&self.core);
        Err(Error::new(ErrorKind::Job, format!("{name} is completed, but does not say where its file is")))
    }

    fn opened(&mut self, head: Result<Headers>, sink: &mut dyn Sink, now: Now) -> Result<Step> {
        match head {
            Ok(head) => {
                self.refreshed = false;
                let file = Box::new(JobFile::new(self.job, &head, self.place.given)?);
                self.read(file, sink, now)
            }
            // Asking for the job again gives a fresh link.
            Err(error) if error.status().is_some_and(|status| EXPIRED.contains(&status)) && !self.refreshed => {
                self.refreshed = true;
                self.expect(now);
                self.poll()
            }
            Err(error) => Err(error),
        }
    }

    fn received(
        &mut self,
        mut file: Box<JobFile>,
        piece: Result<Option<&[u8]>, TransportFault>,
        sink: &mut dyn Sink,
        now: Now,
    ) -> Result<Step> {
        let pushed = match piece {
            Ok(Some(piece)) => file.push(piece),
            Ok(None) => file.finish(),
            Err(fault) => {
                let error = transport(&TransportFault { message: self.core.mask(&fault.message), ..fault });
                return self.broken(error, now);
            }
        };
        match pushed {
            Ok(()) => self.read(file, sink, now),
            Err(error) => self.broken(error, now),
        }
    }

    /// Reads records until there are enough, or more pieces are needed.
    fn read(&mut self, mut file: Box<JobFile>, sink: &mut dyn Sink, now: Now) -> Result<Step> {
        loop {
            if self.batch.len() >= BATCH {
                self.state = State::Reading(file);
                return Ok(Step::Records);
            }
            let (rejected, inputs) = (&mut self.rejected, &self.core.inputs);
            let found = file.next(Output { sink, marks: &mut self.batch, rejected, inputs });
            self.read = file.done().max(self.place.given);
            if self.batch.is_empty() {
                // Rows of which no record came are done with: a download that breaks off would count them again.
                self.place.given = self.read;
            }
            if self.batch.len() >= BATCH || !matches!(found, Ok(Found::Row)) {
                self.core.note_drift(self.job.resource, &file.take_drift());
            }
            match found {
                Ok(Found::Row) => {}
                Ok(Found::More | Found::End) if !self.batch.is_empty() => {
                    self.state = State::Reading(file);
                    return Ok(Step::Records);
                }
                Ok(Found::More) => {
                    self.state = State::Reading(file);
                    return Ok(Step::Read);
                }
                Ok(Found::End) => return self.next_file(),
                Err(error) if self.batch.is_empty() => return self.broken(error, now),
                Err(error) => {
                    self.state = State::Broken(error);
                    return Ok(Step::Records);
                }
            }
        }
    }

    /// Goes on to the file after this one.
    fn next_file(&mut self) -> Result<Step> {
        let FilePlace { file, seen, .. } = self.place;
        self.place = FilePlace { file: file + 1, given: Done::default(), seen: seen + self.read.rows };
        self.read = Done::default();
        self.breaks = 0;
        self.open()
    }

    /// A download that broke off is taken up again, with a fresh link; anything else that is wrong with it stays so.
    fn broken(&mut self, error: Error, now: Now) -> Result<Step> {
        let is_broken = matches!(error.kind(), ErrorKind::Transport | ErrorKind::Timeout);
        if !is_broken || self.breaks == BREAKS {
            return Err(error);
        }
        self.breaks += 1;
        self.read = self.place.given;
        self.expect(now);
        self.pause(self.wait, now)
    }

    /// Removes the job, if the spec says how. That it fails is noted, and nothing more.
    fn clean_up(&mut self, failure: Option<Error>) -> Result<Step> {
        let Some(operation) = &self.job.cleanup else { return self.finished(failure) };
        match self.request(operation) {
            Ok(request) => {
                self.state = State::Cleaning(failure);
                Ok(Step::Call(operation, request))
            }
            Err(error) => {
                self.cleanup_failure = Some(error);
                self.finished(failure)
            }
        }
    }

    fn finished(&mut self, failure: Option<Error>) -> Result<Step> {
        if let Some(error) = failure {
            return Err(error);
        }
        self.is_finished = true;
        Ok(Step::Done)
    }

    /// Notes that the next record of those at hand was handed out.
    #[inline]
    pub fn hand_out(&mut self) {
        if let Some(given) = self.batch.pop_front() {
            self.breaks = 0;
            self.place.given = if self.batch.is_empty() { self.read } else { given };
        }
    }

    /// Notes that all records at hand were handed out.
    pub fn hand_out_batch(&mut self) {
        if !self.batch.is_empty() {
            self.batch.clear();
            self.breaks = 0;
            self.place.given = self.read;
        }
    }

    /// Where the run stands, exact to the record.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        let FilePlace { file, given, seen } = self.place;
        let places = match &self.told.id {
            _ if self.is_finished => Vec::new(),
            None => vec![Place::at(Position::Start, 0, Vec::new())],
            Some(id) => {
                let mut text = String::new();
                json_write::string(&mut text, id);
                let bindings = vec![(JOB_ID.to_owned(), text)];
                vec![Place { given: given.rows, part: given.part, ..Place::at(Position::Page(file), seen, bindings) }]
            }
        };
        Checkpoint::new(self.job.resource, self.arguments, places, None)
    }

    /// The job's id, once it is known.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.told.id.as_deref()
    }

    /// What the job said of its status last.
    #[must_use]
    pub fn status(&self) -> Option<&str> {
        self.told.status.as_deref()
    }

    /// How far the job has come, in the service's own words.
    #[must_use]
    pub fn progress(&self) -> Option<&str> {
        self.told.progress.as_deref()
    }

    /// Why the job could not be removed.
    #[must_use]
    pub fn cleanup_failure(&self) -> Option<&Error> {
        self.cleanup_failure.as_ref()
    }

    /// The values and records that were left out since they do not fit the schema.
    #[must_use]
    pub fn rejected(&self) -> &RejectedLog {
        &self.rejected
    }

    /// How many requests were made. One that was repeated counts once.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// How many batches of records were read.
    #[must_use]
    pub fn batches(&self) -> u64 {
        self.batches
    }
}

impl fmt::Debug for JobRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobRun")
            .field("operation", &self.job.resource.operation.name)
            .field("id", &self.told.id)
            .field("status", &self.told.status)
            .field("requests", &self.requests)
            .finish_non_exhaustive()
    }
}

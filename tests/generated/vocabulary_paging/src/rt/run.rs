//! One run over a resource: its walk, what was handed out of the page at hand, and where that leaves it.
//!
//! Both drivers are thin loops over a run, and hand its records out through the types of `items` and `blocking_items`.
#![cfg(any(feature = "async", feature = "blocking"))]

use std::fmt;
use std::sync::Arc;

use crate::rt::args::Args;
use crate::rt::checkpoint::{Checkpoint, Place};
use crate::rt::core::Core;
use crate::rt::descriptor::Resource;
use crate::rt::error::{Error, Result};
use crate::rt::message::{Headers, Response};
use crate::rt::page::Sink;
use crate::rt::progress::Progress;
use crate::rt::rejected::RejectedLog;
use crate::rt::skipped::SkippedLog;
use crate::rt::walk::{Plan, Taken, Turn, Walk};

/// What a caller set for a run.
#[derive(Clone)]
pub struct Settings {
    /// The client.
    pub core: Arc<Core>,
    /// What is read.
    pub resource: &'static Resource,
    /// The arguments of its requests.
    pub args: Args,
    /// Headers added to its requests.
    pub headers: Headers,
    /// Where to go on from, in the middle of a run.
    pub resume: Option<Checkpoint>,
    /// The text of the state that an earlier run ended with.
    pub state: Option<String>,
    /// How many pages may be asked for and not be taken yet.
    pub concurrency: usize,
    /// Why the call can not be made.
    pub problem: Option<Error>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("operation", &self.resource.operation.name)
            .field("args", &self.args)
            .field("headers", &self.headers)
            .field("resume", &self.resume)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

/// A run over a resource.
pub struct Run {
    core: Arc<Core>,
    resource: &'static Resource,
    arguments: u64,
    /// None once it is over.
    walk: Option<Walk>,
    /// Why it can not begin.
    failure: Option<Error>,
    /// The place after everything that was handed out before the page at hand.
    place: Vec<Place>,
    page: Option<Taken>,
    /// How many records of the page at hand were handed out.
    given: u64,
    /// How far it was when it ended.
    progress: Option<Box<dyn Progress>>,
    rejected: RejectedLog,
    filtered: u64,
    skipped: SkippedLog,
    pages: u64,
    requests: u64,
}

impl Run {
    /// A run with what the caller set. If that can not be, the first step says why.
    ///
    /// With a `window` of 0 a page is asked for only when it is needed.
    #[must_use]
    pub fn new(settings: Settings, window: usize) -> Self {
        let Settings { core, resource, args, headers, resume, state, problem, .. } = settings;
        let arguments = args.digest();
        let refused = || resume.as_ref()?.continues(resource, arguments).err();
        let refused = problem.or_else(refused);
        let place = resume.as_ref().map_or_else(|| Walk::start(resource), |resume| resume.places().to_vec());
        let begin = || {
            let mut walk = Walk::new(&core, resource, &args, headers, window, &place)?;
            if let Some(progress) = walk.progress_mut() {
                progress.restore(state.as_deref(), resume.as_ref().and_then(Checkpoint::progress))?;
            }
            Ok(walk)
        };
        let (walk, failure) = match refused.map_or_else(begin, Err) {
            Ok(walk) => (Some(walk), None),
            Err(error) => (None, Some(error.in_operation(resource.operation.name))),
        };
        Self {
            core,
            resource,
            arguments,
            walk,
            failure,
            place,
            page: None,
            given: 0,
            progress: None,
            rejected: RejectedLog::default(),
            filtered: 0,
            skipped: SkippedLog::default(),
            pages: 0,
            requests: 0,
        }
    }

    /// A request to send now, if there is one.
    pub fn plan(&mut self) -> Option<Plan> {
        let plan = self.walk.as_mut()?.plan()?;
        self.requests += 1;
        Some(plan)
    }

    /// Takes in the answer to a request.
    pub fn arrive(&mut self, ticket: u64, answer: Result<Response>) {
        if let Some(walk) = &mut self.walk {
            walk.arrive(ticket, answer);
        }
    }

    /// The numbers of requests whose answers are of no use any more.
    pub fn cancelled(&mut self) -> Vec<u64> {
        self.walk.as_mut().map(Walk::cancelled).unwrap_or_default()
    }

    /// Goes on to the next page, whose records go into the sink, now that all of the page at hand are handed out.
    ///
    /// After an error, as after the end, there are no more pages.
    pub fn turn(&mut self, sink: &mut dyn Sink) -> Result<Step> {
        let turn = match (&mut self.walk, self.failure.take()) {
            (_, Some(error)) => Err(error),
            (None, None) => Ok(Turn::Done),
            (Some(walk), None) => walk.turn(sink),
        };
        if let Some(walk) = &mut self.walk {
            self.skipped.append(walk.skipped());
        }
        match turn {
            Ok(Turn::Page(taken)) => {
                self.begin(*taken);
                Ok(Step::Page)
            }
            Ok(Turn::Wait(ticket)) => Ok(Step::Wait(ticket)),
            Ok(Turn::Done) => {
                if self.walk.is_some() {
                    self.finish();
                }
                Ok(Step::Done)
            }
            Err(error) => {
                self.end();
                Err(error)
            }
        }
    }

    fn begin(&mut self, mut taken: Taken) {
        self.commit();
        self.core.note_drift(self.resource, &taken.page.drift);
        #[cfg(feature = "cli")]
        self.core.activity.page(self.resource, &taken, self.requests);
        self.rejected.append(std::mem::take(&mut taken.page.rejected));
        self.filtered += taken.page.filtered;
        self.pages += 1;
        self.given = 0;
        if taken.page.spans.is_empty() && taken.page.rows.is_empty() {
            // Only the cursors of the records, and what a checkpoint knows them by, are looked up in it.
            taken.body = Vec::new();
        }
        self.page = Some(taken);
    }

    /// Nothing is left: there is no place to go on from.
    fn finish(&mut self) {
        self.commit();
        self.end();
        if let Some(progress) = &mut self.progress {
            progress.finish();
        }
        self.page = None;
        self.place = Vec::new();
    }

    /// There is nothing more to read, be it for an error; how far it came is kept.
    fn end(&mut self) {
        self.progress = self.walk.take().and_then(Walk::into_progress);
    }

    /// All of the page at hand was handed out.
    fn commit(&mut self) {
        if let (Some(progress), Some(page)) = (self.walk.as_mut().and_then(Walk::progress_mut), &self.page) {
            progress.commit(page);
        }
    }

    /// How far the run is, apart from the page at hand.
    #[must_use]
    pub fn progress(&self) -> Option<&dyn Progress> {
        match &self.walk {
            Some(walk) => walk.progress(),
            None => self.progress.as_deref().map(|progress| progress as &dyn Progress),
        }
    }

    /// The page at hand, and how many of its records were handed out.
    #[must_use]
    pub fn page_at_hand(&self) -> Option<(&Taken, u64)> {
        self.page.as_ref().map(|page| (page, self.given))
    }

    /// The resource.
    #[must_use]
    pub fn resource(&self) -> &'static Resource {
        self.resource
    }

    /// Notes that the next record of the page at hand was handed out.
    #[inline]
    pub fn hand_out(&mut self) {
        self.given += 1;
    }

    /// Notes that all records of the page at hand were handed out.
    pub fn hand_out_page(&mut self) {
        self.given = self.page.as_ref().map_or(0, |taken| taken.page.records);
    }

    /// How many records the page at hand has; the next one likely has as many.
    #[must_use]
    pub fn page_records(&self) -> usize {
        self.page.as_ref().map_or(0, |taken| usize::try_from(taken.page.records).unwrap_or(0))
    }

    /// Why not all records of the page at hand were read.
    #[must_use]
    pub fn page_failure(&self) -> Option<Error> {
        let error = self.page.as_ref()?.page.failure.clone()?;
        Some(error.in_operation(self.resource.operation.name))
    }

    /// The number of all records, where the page at hand tells it.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.page.as_ref()?.page.facts.total
    }

    /// Where the run stands, exact to the record.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        let progress = self.progress().map(|progress| progress.checkpoint(self.page_at_hand()));
        Checkpoint::new(self.resource, self.arguments, self.places(), self.mark()).with_progress(progress)
    }

    fn places(&self) -> Vec<Place> {
        let Some(taken) = &self.page else { return self.place.clone() };
        if self.given == taken.page.records {
            return taken.after.clone();
        }
        let mut places = taken.here.clone();
        if let Some(last) = places.last_mut() {
            match taken.page.origin_after(self.given) {
                Some(next) => (last.given, last.part) = (next.row, next.part),
                None => last.given += taken.rows_among(self.given),
            }
            last.digest = taken.page.digest_of(last.given, &taken.body);
        }
        places
    }

    /// The greatest incremental cursor of the records handed out.
    #[must_use]
    pub fn mark(&self) -> Option<String> {
        self.progress()?.mark(self.page_at_hand())
    }

    /// The text of the state that a later run starts from, where the resource has an incremental cursor.
    #[must_use]
    pub fn state_text(&self) -> Option<String> {
        Some(self.progress()?.state(self.page_at_hand()))
    }

    /// Where the service had forgotten what an earlier run ended at, in words.
    #[must_use]
    pub fn gaps_told(&self) -> Vec<String> {
        self.progress().map(Progress::gaps).unwrap_or_default()
    }

    /// The values and records that were left out since they do not fit the schema.
    #[must_use]
    pub fn rejected(&self) -> &RejectedLog {
        &self.rejected
    }

    /// How many records steps left out on purpose.
    #[must_use]
    pub fn filtered(&self) -> u64 {
        self.filtered
    }

    /// The lists that were not read to their end, because a rule of the spec says so.
    #[must_use]
    pub fn skipped(&self) -> &SkippedLog {
        &self.skipped
    }

    /// How many pages of the resource itself were read.
    #[must_use]
    pub fn pages_read(&self) -> u64 {
        self.pages
    }

    /// How many requests were made, those for the pages of parents included. One that was repeated counts once.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("operation", &self.resource.operation.name)
            .field("pages", &self.pages)
            .field("requests", &self.requests)
            .field("is_over", &self.walk.is_none())
            .finish_non_exhaustive()
    }
}

/// What a driver does next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// Hand out the records in the sink.
    Page,
    /// Wait for the answer to a request. Without a number it is yet to be planned.
    Wait(Option<u64>),
    /// Nothing.
    Done,
}

/// Gives a type with a driver what it tells about its run.
macro_rules! run_methods {
    ($name:ident $(, $generic:ident)?) => {
        impl<$($generic)?> $name<$($generic)?> {
            /// Where it stands, exact to the record: hand it to `resume` to go on after the last record that was given.
            #[must_use]
            pub fn checkpoint(&self) -> $crate::rt::checkpoint::Checkpoint {
                self.driver.run.checkpoint()
            }

            /// The greatest incremental cursor of the records that were given: hand it to `since` to start a later run there.
            /// Where records do not come in the order of the cursor, that is safe once all of them were given.
            #[must_use]
            pub fn mark(&self) -> Option<String> {
                self.driver.run.mark()
            }

            /// The values and records that were left out since they do not fit the schema.
            #[must_use]
            pub fn rejected(&self) -> &$crate::rt::rejected::RejectedLog {
                self.driver.run.rejected()
            }

            /// How many records steps and hooks left out on purpose, in the pages read so far.
            #[must_use]
            pub fn filtered(&self) -> u64 {
                self.driver.run.filtered()
            }

            /// The lists that were not read to their end, because a rule of the spec says so: of this resource and of its
            /// parents.
            #[must_use]
            pub fn skipped(&self) -> &$crate::rt::skipped::SkippedLog {
                self.driver.run.skipped()
            }

            /// How many pages were read, without those of parents.
            #[must_use]
            pub fn pages_read(&self) -> u64 {
                self.driver.run.pages_read()
            }

            /// How many requests were made, with those for the pages of parents. One that was repeated counts once.
            #[must_use]
            pub fn requests(&self) -> u64 {
                self.driver.run.requests()
            }
        }

        impl<$($generic)?> std::fmt::Debug for $name<$($generic)?> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).field("run", &self.driver.run).finish_non_exhaustive()
            }
        }
    };
}
pub(crate) use run_methods;

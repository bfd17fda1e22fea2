//! What a run of a job is told, and what it tells its driver.
#![cfg(any(feature = "async", feature = "blocking"))]

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::rt::args::Args;
use crate::rt::checkpoint::Checkpoint;
use crate::rt::core::Core;
use crate::rt::descriptor::Operation;
use crate::rt::error::Result;
use crate::rt::job::Job;
use crate::rt::message::{Headers, Request, Response, TransportFault};

/// What a caller set for a run.
#[derive(Clone)]
pub struct JobSettings {
    /// The client.
    pub core: Arc<Core>,
    /// What is read.
    pub job: &'static Job,
    /// The arguments of the request that starts a job.
    pub args: Args,
    /// Headers added to the requests to the API.
    pub headers: Headers,
    /// The job that is read, where it is there already.
    pub id: Option<String>,
    /// Where to go on from.
    pub resume: Option<Checkpoint>,
}

impl fmt::Debug for JobSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobSettings")
            .field("operation", &self.job.resource.operation.name)
            .field("args", &self.args)
            .field("headers", &self.headers)
            .field("id", &self.id)
            .field("resume", &self.resume)
            .finish_non_exhaustive()
    }
}

/// What happened.
#[derive(Debug)]
pub enum Event<'e> {
    /// Nothing: the run begins, or the records that it gave are handed out.
    Go,
    /// The wait that was asked for is over.
    Slept,
    /// The answer to a call.
    Answer(Result<Response>),
    /// The head of a download, whose body follows.
    Opened(Result<Headers>),
    /// A piece of the body, or none at its end.
    Piece(Result<Option<&'e [u8]>, TransportFault>),
}

/// What is to be done.
#[derive(Debug)]
pub enum Step {
    /// Make this call, and hand in the answer.
    Call(&'static Operation, Request),
    /// Wait so long.
    Sleep(Duration),
    /// Make this call, hand in the head of its answer, and keep the body. The body of an earlier one is of no use any more.
    Download(&'static Operation, Request),
    /// Hand in the next piece of the body.
    Read,
    /// Hand out the records in the sink, and go on.
    Records,
    /// The run is over.
    Done,
}

/// Gives a type with a driver what it tells about its run.
macro_rules! job_methods {
    ($name:ident $(, $generic:ident)?) => {
        impl<$($generic)?> $name<$($generic)?> {
            /// Where it stands, exact to the record: hand it to `resume` to go on with the same job, after the last record that
            /// was given. It is of use from the job's start on.
            #[must_use]
            pub fn checkpoint(&self) -> $crate::rt::checkpoint::Checkpoint {
                self.driver.run.checkpoint()
            }

            /// The job's id, once it is known.
            #[must_use]
            pub fn job_id(&self) -> Option<&str> {
                self.driver.run.id()
            }

            /// What the job said of its status last.
            #[must_use]
            pub fn job_status(&self) -> Option<&str> {
                self.driver.run.status()
            }

            /// How far the job has come, in the service's own words.
            #[must_use]
            pub fn progress(&self) -> Option<&str> {
                self.driver.run.progress()
            }

            /// Why the job could not be removed after its records were read, if it could not.
            #[must_use]
            pub fn cleanup_failure(&self) -> Option<&$crate::rt::error::Error> {
                self.driver.run.cleanup_failure()
            }

            /// The values and records that were left out since they do not fit the schema.
            #[must_use]
            pub fn rejected(&self) -> &$crate::rt::rejected::RejectedLog {
                self.driver.run.rejected()
            }

            /// How many batches of records were read.
            #[must_use]
            pub fn pages_read(&self) -> u64 {
                self.driver.run.batches()
            }

            /// How many requests were made. One that was repeated counts once.
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
pub(crate) use job_methods;

//! The records of a job as Arrow record batches.
//!
//! A batch is made of whole parts of its files, of up to 1000 records each, until it has about so many bytes.
#![cfg(all(feature = "arrow", any(feature = "async", feature = "blocking")))]

use crate::rt::batch::Rewrite;
#[cfg(feature = "load")]
use crate::rt::batches::Batch;
#[cfg(feature = "blocking")]
use crate::rt::blocking_job_items;
use crate::rt::checkpoint::Checkpoint;
use crate::rt::columnar::Type;
#[cfg(feature = "load")]
use crate::rt::feed::Feed;
#[cfg(feature = "blocking")]
use crate::rt::gathering::iterator_of_batches;
#[cfg(feature = "async")]
use crate::rt::gathering::stream_of_batches;
use crate::rt::gathering::{Gathered, Gathering, batch_methods};
#[cfg(feature = "load")]
use crate::rt::job::{JOB_ID, Job};
#[cfg(feature = "async")]
use crate::rt::job_items;
use crate::rt::job_run::JobRun;
use crate::rt::job_step::{JobSettings, job_methods};
#[cfg(feature = "load")]
use crate::rt::rejected::RejectedLog;
#[cfg(feature = "load")]
use crate::rt::run::Settings;
#[cfg(feature = "load")]
use crate::rt::skipped::SkippedLog;

impl Gathered for JobRun {
    fn hand_out_all(&mut self) {
        self.hand_out_batch();
    }

    fn checkpoint(&self) -> Checkpoint {
        self.checkpoint()
    }
}

fn gathering(settings: &JobSettings, kind: Type, rewrite: Option<Rewrite>) -> Gathering {
    Gathering::new(settings.job.resource.operation.name, kind, rewrite)
}

/// The records of a job as a stream of Arrow record batches. After an error, as after the end, there are no more.
#[cfg(feature = "async")]
pub struct JobBatches {
    driver: job_items::Driver,
    rows: Gathering,
}

#[cfg(feature = "async")]
impl JobBatches {
    pub(crate) fn new(settings: JobSettings, kind: Type, rewrite: Option<Rewrite>) -> Self {
        let rows = gathering(&settings, kind, rewrite);
        Self { driver: job_items::Driver::new(settings), rows }
    }
}

/// Opens a list that is read by a job: by the one that is named, if one is, and else by one that is started.
#[cfg(feature = "load")]
#[must_use]
pub fn open(settings: Settings, job: &'static Job, kind: Type, rewrite: Option<Rewrite>) -> Box<dyn Feed> {
    let Settings { core, mut args, headers, resume, .. } = settings;
    let id = args.get(JOB_ID).map(str::to_owned);
    args.unset(JOB_ID);
    Box::new(JobBatches::new(JobSettings { core, job, args, headers, id, resume }, kind, rewrite))
}

#[cfg(feature = "load")]
impl Feed for JobBatches {
    fn poll_next(&mut self, cx: &mut std::task::Context<'_>) -> std::task::Poll<Option<crate::rt::error::Result<Batch>>> {
        self.poll_next(cx)
    }

    fn gathering(&mut self) -> &mut Gathering {
        &mut self.rows
    }

    // A job reads what its request asks for, and not on from an earlier run.
    fn gaps(&self) -> Vec<String> {
        Vec::new()
    }

    fn state_text(&self) -> Option<String> {
        None
    }

    fn requests(&self) -> u64 {
        self.requests()
    }

    fn rejected(&self) -> &RejectedLog {
        self.rejected()
    }

    fn skipped(&self) -> SkippedLog {
        SkippedLog::default()
    }
}

/// The records of a job as Arrow record batches, without an async runtime. After an error, as after the end, there are no more.
#[cfg(feature = "blocking")]
pub struct BlockingJobBatches {
    driver: blocking_job_items::Driver,
    rows: Gathering,
}

#[cfg(feature = "blocking")]
impl BlockingJobBatches {
    pub(crate) fn new(settings: JobSettings, kind: Type, rewrite: Option<Rewrite>) -> Self {
        let rows = gathering(&settings, kind, rewrite);
        Self { driver: blocking_job_items::Driver::new(settings), rows }
    }
}

#[cfg(feature = "async")]
stream_of_batches!(JobBatches, poll_batch);
#[cfg(feature = "async")]
job_methods!(JobBatches);
#[cfg(feature = "async")]
batch_methods!(JobBatches);
#[cfg(feature = "blocking")]
iterator_of_batches!(BlockingJobBatches, read_batch);
#[cfg(feature = "blocking")]
job_methods!(BlockingJobBatches);
#[cfg(feature = "blocking")]
batch_methods!(BlockingJobBatches);

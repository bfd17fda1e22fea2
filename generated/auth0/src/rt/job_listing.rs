//! A call that lists the records of a resource which is read by a job.
#![cfg(any(feature = "async", feature = "blocking"))]

use std::fmt;
use std::sync::Arc;

use crate::rt::args::Args;
use crate::rt::batch::Hook;
#[cfg(feature = "blocking")]
use crate::rt::blocking_job_items::{BlockingJobItems, BlockingJobPages};
use crate::rt::checkpoint::Checkpoint;
use crate::rt::codec::{Decode, Key};
#[cfg(feature = "arrow")]
use crate::rt::columnar::Columnar;
use crate::rt::core::Core;
use crate::rt::error::Result;
use crate::rt::job::Job;
#[cfg(all(feature = "arrow", feature = "blocking"))]
use crate::rt::job_batches::BlockingJobBatches;
#[cfg(all(feature = "arrow", feature = "async"))]
use crate::rt::job_batches::JobBatches;
#[cfg(feature = "async")]
use crate::rt::job_items::{JobItems, JobPages};
use crate::rt::job_step::JobSettings;
use crate::rt::message::Headers;

/// A call that lists the records of a job.
#[must_use = "a list call does nothing until `items()` or `pages()` is called"]
pub struct JobListing<T> {
    settings: JobSettings,
    hook: Option<Hook<T>>,
}

impl<T> Clone for JobListing<T> {
    fn clone(&self) -> Self {
        Self { settings: self.settings.clone(), hook: self.hook.clone() }
    }
}

impl<T> fmt::Debug for JobListing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JobListing").field(&self.settings).finish()
    }
}

impl<T: Decode> JobListing<T> {
    /// A call that lists all records.
    pub fn new(core: Arc<Core>, job: &'static Job) -> Self {
        let settings = JobSettings { core, job, args: Args::default(), headers: Headers::default(), id: None, resume: None };
        Self { settings, hook: None }
    }

    /// Has each record pass through a hook before it is given out.
    pub fn hook(mut self, hook: Hook<T>) -> Self {
        self.hook = Some(hook);
        self
    }

    /// The same call for some fields of each record only. A list whose records pass through a hook has none.
    pub fn project<P: Decode>(self, _: &[Key]) -> JobListing<P> {
        JobListing { settings: self.settings, hook: None }
    }

    /// Sets a parameter of the request that starts a job, by its name on the wire.
    pub fn param(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.args.set(name, value);
        self
    }

    /// What the call is given.
    pub fn args(&mut self) -> &mut Args {
        &mut self.settings.args
    }

    /// Adds a header to every request of this call to the API.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.headers.set(name, value);
        self
    }

    /// Reads the files of a job that is there already; none is started.
    pub fn job(mut self, id: impl Into<String>) -> Self {
        self.settings.id = Some(id.into());
        self
    }

    /// Goes on from a checkpoint, at the record after the last one that was given: with the same job, none is started. The
    /// arguments must be those of the call that it was taken of.
    pub fn resume(mut self, checkpoint: Checkpoint) -> Result<Self> {
        checkpoint.belongs_to(self.settings.job.resource)?;
        self.settings.resume = Some(checkpoint);
        Ok(self)
    }

    /// Every record, one after the other.
    #[cfg(feature = "async")]
    #[must_use]
    pub fn items(&self) -> JobItems<T> {
        JobItems::new(self.settings.clone(), self.hook.clone())
    }

    /// Every record, in batches of up to 1000.
    #[cfg(feature = "async")]
    #[must_use]
    pub fn pages(&self) -> JobPages<T> {
        JobPages::new(self.settings.clone(), self.hook.clone())
    }

    /// The same call without an async runtime.
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> BlockingJobListing<T> {
        BlockingJobListing { settings: self.settings, hook: self.hook }
    }
}

#[cfg(all(feature = "arrow", feature = "async"))]
impl<T: Columnar + Decode + 'static> JobListing<T> {
    /// All records as Arrow record batches, of about 8 MiB each.
    #[must_use]
    pub fn batches(&self) -> JobBatches {
        JobBatches::new(self.settings.clone(), T::TYPE, self.hook.clone().map(Hook::rewrite))
    }
}

#[cfg(all(feature = "arrow", feature = "blocking"))]
impl<T: Columnar + Decode + 'static> BlockingJobListing<T> {
    /// All records as Arrow record batches, of about 8 MiB each.
    #[must_use]
    pub fn batches(&self) -> BlockingJobBatches {
        BlockingJobBatches::new(self.settings.clone(), T::TYPE, self.hook.clone().map(Hook::rewrite))
    }
}

/// A call that lists the records of a job, and blocks.
#[cfg(feature = "blocking")]
#[must_use = "a list call does nothing until `items()` or `pages()` is called"]
pub struct BlockingJobListing<T> {
    settings: JobSettings,
    hook: Option<Hook<T>>,
}

#[cfg(feature = "blocking")]
impl<T> fmt::Debug for BlockingJobListing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BlockingJobListing").field(&self.settings).finish()
    }
}

#[cfg(feature = "blocking")]
impl<T: Decode> BlockingJobListing<T> {
    /// Every record, one after the other.
    #[must_use]
    pub fn items(&self) -> BlockingJobItems<T> {
        BlockingJobItems::new(self.settings.clone(), self.hook.clone())
    }

    /// Every record, in batches of up to 1000.
    #[must_use]
    pub fn pages(&self) -> BlockingJobPages<T> {
        BlockingJobPages::new(self.settings.clone(), self.hook.clone())
    }
}

/// Defines the builder of a list that is read by a job: `job_builder!(UsersExport, User, "users_export");` is a newtype around
/// `JobListing<User>` with its methods. What a list can be given besides is added by a further `impl`.
#[doc(hidden)]
#[macro_export]
macro_rules! job_builder {
    ($name:ident, $record:ty, $list:literal) => {
        #[doc = concat!("Reads `", $list, "` by a job of the service: set it up, and end with `items` or `pages`.")]
        #[derive(Clone, Debug)]
        #[must_use]
        pub struct $name($crate::rt::job_listing::JobListing<$record>);

        impl $name {
            /// What its requests and records are: `pin!` holds code to it.
            pub const FINGERPRINT: &'static str = RESOURCE.fingerprint;

            /// Sets a parameter of the request that starts a job, by its name on the wire, also one that the spec does not know.
            pub fn param(self, name: &str, value: impl ::std::convert::Into<::std::string::String>) -> Self {
                Self(self.0.param(name, value))
            }

            /// Adds a header to every request of this call to the API.
            pub fn header(self, name: &str, value: impl ::std::convert::Into<::std::string::String>) -> Self {
                Self(self.0.header(name, value))
            }

            /// Reads the files of a job that is there already; none is started.
            pub fn job(self, id: impl ::std::convert::Into<::std::string::String>) -> Self {
                Self(self.0.job(id))
            }

            /// Goes on from a checkpoint, at the record after the last one that was given: with the same job, none is started.
            /// The arguments must be those of the call that it was taken of.
            pub fn resume(self, checkpoint: $crate::rt::checkpoint::Checkpoint) -> $crate::rt::error::Result<Self> {
                self.0.resume(checkpoint).map(Self)
            }

            /// Every record, one after the other.
            #[cfg(feature = "async")]
            #[must_use]
            pub fn items(&self) -> $crate::rt::job_items::JobItems<$record> {
                self.0.items()
            }

            /// Every record, in batches of up to 1000.
            #[cfg(feature = "async")]
            #[must_use]
            pub fn pages(&self) -> $crate::rt::job_items::JobPages<$record> {
                self.0.pages()
            }

            /// All records as Arrow record batches, of about 8 MiB each: read without a struct in between, but for a hook's.
            #[cfg(all(feature = "arrow", feature = "async"))]
            #[must_use]
            pub fn batches(&self) -> $crate::rt::job_batches::JobBatches {
                self.0.batches()
            }

            /// The same call without an async runtime.
            #[cfg(feature = "blocking")]
            pub fn blocking(self) -> $crate::rt::job_listing::BlockingJobListing<$record> {
                self.0.blocking()
            }
        }
    };
}

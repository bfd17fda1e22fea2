//! A list call: a builder whose last verb chooses the view. `items()` gives records, `pages()` pages, and `page()` or `.await`
//! one page.
#![cfg(any(feature = "async", feature = "blocking"))]

use std::fmt;
use std::sync::Arc;

use crate::rt::args::Args;
#[cfg(all(feature = "arrow", feature = "async"))]
use crate::rt::batches::Batches;
#[cfg(all(feature = "arrow", feature = "blocking"))]
use crate::rt::batches::BlockingBatches;
#[cfg(feature = "blocking")]
use crate::rt::blocking_items::{BlockingItems, BlockingPages};
use crate::rt::checkpoint::Checkpoint;
use crate::rt::codec::{Decode, Key};
#[cfg(feature = "arrow")]
use crate::rt::columnar::Columnar;
use crate::rt::core::Core;
use crate::rt::descriptor::Resource;
use crate::rt::error::{Error, ErrorKind, Result};
#[cfg(feature = "async")]
use crate::rt::items::{Items, Pages};
use crate::rt::message::Headers;
use crate::rt::progress::START;
use crate::rt::run::Settings;
#[cfg(feature = "async")]
use crate::rt::transport::BoxFuture;

pub use crate::rt::batch::{Hook, HookError, Page};

/// How many pages are asked for at once, where the pages to come are known.
const CONCURRENCY: usize = 8;

/// A call that lists the records of a resource.
#[must_use = "a list call does nothing until `items()`, `pages()` or `page()` is called, or it is awaited"]
pub struct Listing<T> {
    pub(crate) settings: Settings,
    hook: Option<Hook<T>>,
}

impl<T> Clone for Listing<T> {
    fn clone(&self) -> Self {
        Self { settings: self.settings.clone(), hook: self.hook.clone() }
    }
}

impl<T> fmt::Debug for Listing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listing").field(&self.settings).finish()
    }
}

impl<T: Decode> Listing<T> {
    /// A call that lists all records.
    pub fn new(core: Arc<Core>, resource: &'static Resource) -> Self {
        let settings = Settings {
            core,
            resource,
            args: Args::default(),
            headers: Headers::default(),
            resume: None,
            state: None,
            concurrency: CONCURRENCY,
            problem: None,
        };
        Self { settings, hook: None }
    }

    /// Has each record pass through a hook before it is given out.
    pub fn hook(mut self, hook: Hook<T>) -> Self {
        self.hook = Some(hook);
        self
    }

    /// The same call for some fields of each record only. Of a service that can be told so, only they are asked for, unless the
    /// caller has named others. A list whose records pass through a hook has none.
    pub fn project<P: Decode>(mut self, keys: &[Key]) -> Listing<P> {
        if let Some(asked) = self.settings.resource.asked
            && self.settings.args.get(asked.param).is_none()
        {
            self.settings.args.set(asked.param, asked.names(keys.iter().map(|key| key.name)));
        }
        Listing { settings: self.settings, hook: None }
    }

    /// Sets a parameter by its name on the wire, also one that the spec does not know.
    pub fn param(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.args.set(name, value);
        self
    }

    /// What the call is given.
    pub fn args(&mut self) -> &mut Args {
        &mut self.settings.args
    }

    /// Adds a header to every request of this call.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.headers.set(name, value);
        self
    }

    /// Goes on from a checkpoint, at the record after the last one that was given. The arguments must be those of the call that
    /// it was taken of.
    pub fn resume(mut self, checkpoint: Checkpoint) -> Result<Self> {
        checkpoint.belongs_to(self.settings.resource)?;
        self.settings.resume = Some(checkpoint);
        Ok(self)
    }

    /// Lists only the records from an incremental cursor on, as `mark` gave it at the end of an earlier run.
    pub fn since(mut self, cursor: impl Into<String>) -> Self {
        match &self.settings.resource.incremental {
            Some(_) => self.settings.args.set(START, cursor),
            None => self.settings.problem = Some(Error::new(ErrorKind::Config, "it has no incremental cursor to start from")),
        }
        self
    }

    /// How many pages are asked for at once, where the pages to come are known; 8 by default. Records come in order all the same.
    pub fn concurrency(mut self, pages: usize) -> Self {
        self.settings.concurrency = pages.max(1);
        self
    }

    /// Every record, one after the other.
    #[cfg(feature = "async")]
    #[must_use]
    pub fn items(&self) -> Items<T> {
        Items::new(self.settings.clone(), self.hook.clone())
    }

    /// Every page, one after the other.
    #[cfg(feature = "async")]
    #[must_use]
    pub fn pages(&self) -> Pages<T> {
        Pages::new(self.settings.clone(), self.hook.clone())
    }

    /// One page: the first, or the one that the checkpoint leads to.
    #[cfg(feature = "async")]
    pub async fn page(&self) -> Result<Page<T>> {
        Pages::one(self.settings.clone(), self.hook.clone()).await
    }

    /// The same call without an async runtime.
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> BlockingListing<T> {
        BlockingListing { settings: self.settings, hook: self.hook }
    }
}

#[cfg(all(feature = "arrow", feature = "async"))]
impl<T: Columnar + Decode + 'static> Listing<T> {
    /// All records as Arrow record batches, of about 8 MiB each.
    #[must_use]
    pub fn batches(&self) -> Batches {
        Batches::new(self.settings.clone(), T::TYPE, self.hook.clone().map(Hook::rewrite))
    }
}

#[cfg(all(feature = "arrow", feature = "blocking"))]
impl<T: Columnar + Decode + 'static> BlockingListing<T> {
    /// All records as Arrow record batches, of about 8 MiB each.
    #[must_use]
    pub fn batches(&self) -> BlockingBatches {
        BlockingBatches::new(self.settings.clone(), T::TYPE, self.hook.clone().map(Hook::rewrite))
    }
}

/// Awaiting a list call gives one page.
#[cfg(feature = "async")]
impl<T: Decode + Send + 'static> IntoFuture for Listing<T> {
    type Output = Result<Page<T>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.page().await })
    }
}

/// A call that lists the records of a resource, and blocks.
#[cfg(feature = "blocking")]
#[must_use = "a list call does nothing until `items()`, `pages()` or `page()` is called"]
pub struct BlockingListing<T> {
    settings: Settings,
    hook: Option<Hook<T>>,
}

#[cfg(feature = "blocking")]
impl<T> fmt::Debug for BlockingListing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BlockingListing").field(&self.settings).finish()
    }
}

#[cfg(feature = "blocking")]
impl<T: Decode> BlockingListing<T> {
    /// Every record, one after the other.
    #[must_use]
    pub fn items(&self) -> BlockingItems<T> {
        BlockingItems::new(self.settings.clone(), self.hook.clone())
    }

    /// Every page, one after the other.
    #[must_use]
    pub fn pages(&self) -> BlockingPages<T> {
        BlockingPages::new(self.settings.clone(), self.hook.clone())
    }

    /// One page: the first, or the one that the checkpoint leads to.
    pub fn page(&self) -> Result<Page<T>> {
        BlockingPages::one(self.settings.clone(), self.hook.clone())
    }
}

/// Defines a list's builder: `list_builder!(Users, User, "users");` is a newtype around `Listing<User>` with its methods. What a
/// list can be given besides is added by a further `impl`.
#[doc(hidden)]
#[macro_export]
macro_rules! list_builder {
    ($name:ident, $record:ty, $list:literal) => {
        #[doc = concat!("Reads `", $list, "`: set it up, and end with `items`, `pages` or `page`.")]
        #[derive(Clone, Debug)]
        #[must_use]
        pub struct $name($crate::rt::listing::Listing<$record>);

        impl $name {
            /// What its requests and records are: `pin!` holds code to it.
            pub const FINGERPRINT: &'static str = RESOURCE.fingerprint;

            /// Sets a parameter by its name on the wire, also one that the spec does not know.
            pub fn param(self, name: &str, value: impl ::std::convert::Into<::std::string::String>) -> Self {
                Self(self.0.param(name, value))
            }

            /// Adds a header to every request of this call.
            pub fn header(self, name: &str, value: impl ::std::convert::Into<::std::string::String>) -> Self {
                Self(self.0.header(name, value))
            }

            /// Goes on from a checkpoint, at the record after the last one that was given. The arguments must be those of the
            /// call that it was taken of.
            pub fn resume(self, checkpoint: $crate::rt::checkpoint::Checkpoint) -> $crate::rt::error::Result<Self> {
                self.0.resume(checkpoint).map(Self)
            }

            /// Lists only the records from an incremental cursor on, as `mark` gave it at the end of an earlier run.
            pub fn since(self, cursor: impl ::std::convert::Into<::std::string::String>) -> Self {
                Self(self.0.since(cursor))
            }

            /// How many pages are asked for at once, where the pages to come are known; 8 by default. Records come in order all
            /// the same.
            pub fn concurrency(self, pages: usize) -> Self {
                Self(self.0.concurrency(pages))
            }

            /// Every record, one after the other.
            #[cfg(feature = "async")]
            #[must_use]
            pub fn items(&self) -> $crate::rt::items::Items<$record> {
                self.0.items()
            }

            /// Every page, one after the other.
            #[cfg(feature = "async")]
            #[must_use]
            pub fn pages(&self) -> $crate::rt::items::Pages<$record> {
                self.0.pages()
            }

            /// One page: the first, or the one that the checkpoint leads to. Awaiting the call itself does the same.
            #[cfg(feature = "async")]
            pub async fn page(&self) -> $crate::rt::error::Result<$crate::rt::listing::Page<$record>> {
                self.0.page().await
            }

            /// All records as Arrow record batches, of about 8 MiB each: read without a struct in between, but for a hook's.
            #[cfg(all(feature = "arrow", feature = "async"))]
            #[must_use]
            pub fn batches(&self) -> $crate::rt::batches::Batches {
                self.0.batches()
            }

            /// The same call without an async runtime.
            #[cfg(feature = "blocking")]
            pub fn blocking(self) -> $crate::rt::listing::BlockingListing<$record> {
                self.0.blocking()
            }
        }

        #[cfg(feature = "async")]
        impl ::std::future::IntoFuture for $name {
            type Output = $crate::rt::error::Result<$crate::rt::listing::Page<$record>>;
            type IntoFuture = $crate::rt::transport::BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                self.0.into_future()
            }
        }
    };
}

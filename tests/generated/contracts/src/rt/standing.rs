//! What an incremental read tells of itself, and how the next one is given it.
#![cfg(any(feature = "async", feature = "blocking"))]

#[cfg(all(feature = "arrow", feature = "async"))]
use crate::rt::batches::Batches;
#[cfg(all(feature = "arrow", feature = "blocking"))]
use crate::rt::batches::BlockingBatches;
#[cfg(feature = "blocking")]
use crate::rt::blocking_items::{BlockingItems, BlockingPages};
use crate::rt::error::Result;
#[cfg(feature = "async")]
use crate::rt::items::{Items, Pages};
use crate::rt::listing::Listing;
use crate::rt::progress::END;
use crate::rt::run::Run;
use crate::rt::state::{Gap, State, refused};
use crate::rt::tracker::Tracker;

impl Run {
    fn tracker(&self) -> Option<&Tracker> {
        self.progress()?.as_any().downcast_ref()
    }

    fn state(&self) -> State {
        match self.tracker() {
            Some(tracker) => tracker.state(self.page_at_hand()),
            None => State { operation: self.resource().operation.name.to_owned(), ..State::default() },
        }
    }

    fn gaps(&self) -> &[Gap] {
        self.tracker().map(Tracker::gaps).unwrap_or_default()
    }
}

impl<T> Listing<T> {
    /// Lists only the records before an incremental cursor.
    pub fn until(mut self, cursor: impl Into<String>) -> Self {
        self.settings.args.set(END, cursor);
        self
    }

    /// Lists what came after an earlier run, as its `state` says. The arguments must be those of that run.
    pub fn continue_from(mut self, state: &State) -> Result<Self> {
        let name = self.settings.resource.operation.name;
        if state.operation() != name {
            return Err(refused(format!("the state is one of `{}`, not of `{name}`", state.operation())));
        }
        self.settings.state = Some(state.to_string());
        Ok(self)
    }
}

macro_rules! state_methods {
    ($name:ident $(, $generic:ident)?; $($feature:literal),+) => {
        #[cfg(all($(feature = $feature),+))]
        impl<$($generic)?> $name<$($generic)?> {
            /// What a later run starts from: hand it to `continue_from`. It is never ahead of the records that were given.
            #[must_use]
            pub fn state(&self) -> State {
                self.driver.run.state()
            }

            /// Where the service had forgotten what the earlier run ended at, so that records may be missing.
            #[must_use]
            pub fn gaps(&self) -> &[Gap] {
                self.driver.run.gaps()
            }
        }
    };
}

state_methods!(Items, T; "async");
state_methods!(Pages, T; "async");
state_methods!(Batches; "arrow", "async");
state_methods!(BlockingItems, T; "blocking");
state_methods!(BlockingPages, T; "blocking");
state_methods!(BlockingBatches; "arrow", "blocking");

/// Adds to a list's builder what an incremental resource has besides: `incremental_builder!(Users);`.
#[doc(hidden)]
#[macro_export]
macro_rules! incremental_builder {
    ($name:ident) => {
        impl $name {
            /// Lists only the records before an incremental cursor.
            pub fn until(self, cursor: impl ::std::convert::Into<::std::string::String>) -> Self {
                Self(self.0.until(cursor))
            }

            /// Lists what came after an earlier run, as its `state` says. The arguments must be those of that run.
            pub fn continue_from(self, state: &$crate::rt::state::State) -> $crate::rt::error::Result<Self> {
                self.0.continue_from(state).map(Self)
            }
        }
    };
}

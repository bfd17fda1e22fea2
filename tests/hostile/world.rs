//! What the tests read, and what they hold it against.

use std::collections::BTreeSet;

use paging::transport::BoxFuture;
use paging::{Client, Error};
use serde_json::Value;
use tapwright::mock::hostile::Stray;
use tapwright::mock::records::Records;
use tapwright::mock::{Local, Running, Stats};
use tapwright::model::Api;

/// A secret that is to be nowhere but in requests to the service.
pub(crate) const SECRET: &str = "canary-7f3a91";

/// The `paging` spec.
pub(crate) fn api() -> Api {
    let text = include_str!("../fixtures/paging.yaml");
    let mut sources = tapwright::source::Sources::default();
    let mut diagnostics = tapwright::diagnostic::Diagnostics::default();
    tapwright::load_text("paging.yaml", text, &mut sources, &mut diagnostics).expect("the fixture is a good spec")
}

/// A hostile service, and clients of it.
pub(crate) trait World {
    /// A client of its own, with nothing remembered.
    fn client(&self) -> Client;

    fn service(&self) -> &dyn Service;
}

/// What a service knows.
pub(crate) trait Service {
    /// The records that it gives.
    fn records(&self) -> &Records;

    /// The numbers of a resource's records that were not there throughout.
    fn passing(&self, resource: &str) -> BTreeSet<u64>;

    /// The names of the scenarios that struck.
    fn struck(&self) -> Vec<&'static str>;

    /// What its other origin was sent.
    fn strays(&self) -> Vec<Stray>;

    /// What it was asked.
    fn stats(&self) -> Stats;
}

macro_rules! services {
    ($($service:ident),+) => {$(
        impl Service for $service {
            fn records(&self) -> &Records {
                self.records()
            }

            fn passing(&self, resource: &str) -> BTreeSet<u64> {
                self.passing(resource)
            }

            fn struck(&self) -> Vec<&'static str> {
                self.struck()
            }

            fn strays(&self) -> Vec<Stray> {
                self.strays()
            }

            fn stats(&self) -> Stats {
                self.stats()
            }
        }
    )+};
}

services!(Local, Running);

/// How a resource is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Async,
    Blocking,
}

/// What a run gave before it ended.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// The keys of the records, in the order in which they came.
    pub(crate) keys: Vec<String>,
    /// Where it stands; none before its first record.
    pub(crate) mark: Option<String>,
    pub(crate) error: Option<Error>,
}

/// A resource of the spec.
pub(crate) struct Resource {
    pub(crate) name: &'static str,
    /// Reads it from a place on, and notes each record as it comes: whoever is stopped midway has all that was given.
    pub(crate) items: for<'a> fn(&'a Client, Option<&'a str>, &'a mut Run) -> BoxFuture<'a, ()>,
    blocking: fn(&Client, Option<&str>, &mut Run),
    /// The names of its parents, the outermost first.
    parents: &'static [&'static str],
}

/// A list from a place on.
macro_rules! from {
    ($listing:expr, $mark:expr) => {
        match $mark {
            Some(mark) => $listing.resume(mark.parse().expect("a checkpoint")).expect("its own checkpoint"),
            None => $listing,
        }
    };
}

macro_rules! resources {
    ($($name:ident below [$($parent:ident),*]),+ $(,)?) => {
        /// All resources of the spec.
        pub(crate) const RESOURCES: &[Resource] = &[$(Resource {
            name: stringify!($name),
            items: |client, mark, run| Box::pin(async move {
                let mut items = from!(client.$name(), mark).items();
                loop {
                    match items.try_next().await {
                        Ok(Some(record)) => run.keys.push(key_of(&record)),
                        Ok(None) => break,
                        Err(error) => {
                            run.error = Some(error);
                            break;
                        }
                    }
                    run.mark = Some(items.checkpoint().to_string());
                }
                run.mark = Some(items.checkpoint().to_string());
            }),
            blocking: |client, mark, run| {
                let mut items = from!(client.$name(), mark).blocking().items();
                for record in &mut items {
                    match record {
                        Ok(record) => run.keys.push(key_of(&record)),
                        Err(error) => run.error = Some(error),
                    }
                }
                run.mark = Some(items.checkpoint().to_string());
            },
            parents: &[$(stringify!($parent)),*],
        }),+];
    };
}

resources!(
    singles below [],
    numbered below [],
    unnumbered below [],
    offsets below [],
    cursors below [],
    tails below [],
    linked below [],
    chained below [],
    members below [cursors],
    badges below [cursors, members],
);

/// Runs a future to its end, without a reactor: nothing here waits for the world outside.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// What tells a record from all others, its parents included.
pub(crate) fn key_of(record: &impl serde::Serialize) -> String {
    let record = serde_json::to_value(record).expect("records are JSON");
    let part = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
    let parts: Vec<String> = ["_cursors_id", "_members_id", "id"].iter().filter_map(|name| part(name)).collect();
    parts.join("/")
}

/// What a run is held against.
pub(crate) struct Oracle {
    /// The keys of the records that were there throughout, in order.
    pub(crate) lasting: Vec<String>,
    /// The keys of all records that there ever were.
    pub(crate) ever: BTreeSet<String>,
}

impl Resource {
    /// Reads it from a place on, to its end or an error.
    pub(crate) fn read(&self, client: &Client, mark: Option<&str>, mode: Mode) -> Run {
        let mut run = Run::default();
        match mode {
            Mode::Async => block_on((self.items)(client, mark, &mut run)),
            Mode::Blocking => (self.blocking)(client, mark, &mut run),
        }
        run
    }

    /// What a run that has ended is held against.
    pub(crate) fn oracle(&self, service: &dyn Service) -> Oracle {
        let mut oracle = Oracle { lasting: Vec::new(), ever: BTreeSet::new() };
        let levels: Vec<&str> = self.parents.iter().copied().chain([self.name]).collect();
        descend(service, &levels, &mut Vec::new(), true, &mut oracle);
        oracle
    }
}

/// Goes through the records below others: `lasts` says whether those were there throughout.
fn descend(service: &dyn Service, levels: &[&str], above: &mut Vec<String>, lasts: bool, oracle: &mut Oracle) {
    let Some((name, below)) = levels.split_first() else {
        let key = above.join("/");
        if lasts {
            oracle.lasting.push(key.clone());
        }
        oracle.ever.insert(key);
        return;
    };
    let (records, passing, parents) = (service.records(), service.passing(name), above.clone());
    let texts: Vec<&str> = parents.iter().map(String::as_str).collect();
    for number in 0..records.count(name, &texts).expect("a resource") {
        let record = records.record(name, number, &texts).expect("a record");
        above.push(record["id"].as_str().expect("an id").to_owned());
        let lasts = lasts && (!parents.is_empty() || !passing.contains(&number));
        descend(service, below, above, lasts, oracle);
        above.pop();
    }
}

//! A service that does its worst, the same on every run of a seed.
//!
//! A seed picks some of the [`SCENARIOS`]; each strikes a few times, then the service behaves. So a client that goes on after an
//! error comes to an end, and what it has then can be held against the records that were there throughout
//! ([`Running::passing`](super::Running::passing)).

mod bytes;
mod page;
mod record;
mod scenario;
mod socket;
mod wire;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use hyper::{Request, body::Bytes};

pub use scenario::{Outcome, SCENARIOS, Scenario, WireFault};
pub(super) use socket::{serve, watch};
pub(super) use world::View;

use super::random::{Random, seed_of};
use super::reply::Reply;
use crate::model::{Field, Resource, Slot, Style};
use scenario::{Act, Change, LoginFault, NextFault, PageFault, RecordFault, Target, Wait};
use world::World;

/// How a service is hostile.
#[derive(Clone, Debug)]
pub struct Hostile {
    /// What it picks, strikes and changes by.
    pub seed: u64,
    /// What it does; if nothing is named, one to four scenarios of the seed's choice.
    pub scenarios: Vec<&'static Scenario>,
    /// How often each scenario strikes.
    pub strikes: u32,
    /// How long it keeps still where it stalls.
    pub stall: Duration,
    /// Whose time it tells.
    pub clock: Clock,
}

impl Hostile {
    /// One to four scenarios of the seed's choice, each of which strikes three times.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, scenarios: Vec::new(), strikes: 3, stall: Duration::from_secs(60), clock: Clock::default() }
    }
}

/// Where the time comes from.
#[derive(Clone)]
pub struct Clock(pub Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(SystemTime::now))
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// What another origin was sent, to which nothing should have been sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// The method, the address and the headers, one a line.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Stray {
    /// Whether it was sent what lets its sender in at the service.
    #[must_use]
    pub fn has_credentials(&self) -> bool {
        self.head.lines().any(|line| line.starts_with("authorization: ") || line.starts_with("cookie: "))
    }
}

/// What was sent, without its query, which may hold a credential.
impl fmt::Display for Stray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.head.lines().next().unwrap_or_default();
        let credentials = if self.has_credentials() { ", with credentials" } else { "" };
        match line.split_once('?') {
            Some((path, _)) => write!(f, "{path}?…{credentials}"),
            None => write!(f, "{line}{credentials}"),
        }
    }
}

/// A hostile service at work.
#[derive(Debug)]
pub(super) struct Storm {
    pub(super) scenarios: Vec<&'static Scenario>,
    pub(super) stall: Duration,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    random: Random,
    /// The origin that is not the service's.
    elsewhere: String,
    /// How often each scenario may strike yet.
    left: Vec<u32>,
    /// The strikes so far.
    struck: Vec<&'static str>,
    strays: Vec<Stray>,
    worlds: BTreeMap<Key, World>,
    /// What leads to the pages of a list, by their first record, for those that go in a circle.
    ways: BTreeMap<Key, BTreeMap<u64, String>>,
    /// The most records of a page from now on.
    most: Option<u64>,
}

/// A list: a resource and its parents.
type Key = (usize, Vec<String>);

/// What is asked for, as far as it matters to what may happen to it.
#[derive(Clone, Copy)]
pub(super) enum Victim<'a> {
    Login,
    Call,
    /// A list, and the fields of its records.
    List(&'a Resource, &'a [Field]),
}

/// What happens to one answer.
#[derive(Clone, Debug)]
pub(super) struct Strike {
    pub(super) act: Act,
    /// The number of its scenario in the storm.
    scenario: usize,
    /// What it depends on besides.
    luck: u64,
    elsewhere: String,
    now: SystemTime,
}

impl Storm {
    pub(super) fn new(hostile: Hostile) -> Self {
        let Hostile { seed, scenarios, strikes, stall, clock } = hostile;
        let mut random = Random::new(seed_of(seed, "storm"));
        let scenarios = if scenarios.is_empty() { picked(&mut random) } else { scenarios };
        let left = scenarios.iter().map(|_| strikes).collect();
        let state = State {
            random,
            elsewhere: "https://elsewhere.example".to_owned(),
            left,
            struck: Vec::new(),
            strays: Vec::new(),
            worlds: BTreeMap::new(),
            ways: BTreeMap::new(),
            most: None,
        };
        Self { scenarios, stall, clock, state: Mutex::new(state) }
    }

    /// Names the origin that is not the service's.
    pub(super) fn set_elsewhere(&self, origin: String) {
        self.state().elsewhere = origin;
    }

    /// Takes down what was sent to another origin.
    pub(super) fn stray(&self, request: &Request<Bytes>) {
        let mut head = format!("{} {}\n", request.method(), request.uri());
        for (name, value) in request.headers() {
            head.extend([name.as_str(), ": ", &String::from_utf8_lossy(value.as_bytes()), "\n"]);
        }
        self.state().strays.push(Stray { head, body: String::from_utf8_lossy(request.body()).into_owned() });
    }

    /// What another origin was sent.
    pub(super) fn strays(&self) -> Vec<Stray> {
        self.state().strays.clone()
    }

    /// The strikes so far, in order.
    pub(super) fn struck(&self) -> Vec<&'static str> {
        self.state().struck.clone()
    }

    /// What happens to the answer to a request, if anything does. About every third request that something can happen to is struck.
    pub(super) fn strike(&self, victim: Victim<'_>) -> Option<Strike> {
        let mut state = self.state();
        let all = self.scenarios.iter().zip(&state.left).enumerate();
        let open = all.filter(|(_, (scenario, left))| **left > 0 && can_strike(scenario.act, victim));
        let open: Vec<usize> = open.map(|(at, _)| at).collect();
        if open.is_empty() || !state.random.one_in(3) {
            return None;
        }
        let at = *state.random.pick(&open)?;
        let scenario = *self.scenarios.get(at)?;
        *state.left.get_mut(at)? -= 1;
        state.struck.push(scenario.name);
        if scenario.act == Act::Page(PageFault::Smaller) {
            state.most = Some(3);
        }
        let (luck, elsewhere) = (state.random.next(), state.elsewhere.clone());
        Some(Strike { act: scenario.act, scenario: at, luck, elsewhere, now: (self.clock.0)() })
    }

    /// Takes a strike back that hit nothing.
    pub(super) fn spare(&self, strike: &Strike) {
        let mut state = self.state();
        if let Some(left) = state.left.get_mut(strike.scenario) {
            *left += 1;
        }
        let name = self.scenarios.get(strike.scenario).map(|scenario| scenario.name);
        if let Some(at) = state.struck.iter().rposition(|struck| Some(*struck) == name) {
            state.struck.remove(at);
        }
    }

    /// The same for one that was to hit a record, where there was none.
    pub(super) fn spare_record(&self, strike: Option<&Strike>) {
        if let Some(strike) = strike.filter(|strike| matches!(strike.act, Act::Record(_))) {
            self.spare(strike);
        }
    }

    /// The most records of a page.
    pub(super) fn most(&self) -> Option<u64> {
        self.state().most
    }

    /// The records of a list as they are now; none where they do not change. A strike may change them first.
    pub(super) fn view(&self, list: (usize, &[&str]), count: u64, resource: &Resource, strike: Option<&Strike>) -> Option<View> {
        if resource.parents().next().is_some() || !self.scenarios.iter().any(|scenario| matches!(scenario.act, Act::World(_))) {
            return None;
        }
        let mut state = self.state();
        let world = state.worlds.entry(key(list)).or_insert_with(|| World::new(count));
        if let Some(Strike { act: Act::World(change), luck, .. }) = strike {
            world.change(*change, &mut Random::new(*luck), is_positional(resource));
        }
        Some(world.view())
    }

    /// Notes how far a list was served.
    pub(super) fn served(&self, list: (usize, &[&str]), end: u64) {
        if let Some(world) = self.state().worlds.get_mut(&key(list)) {
            world.served = world.served.max(end);
        }
    }

    /// Notes what leads to the page from a record on.
    pub(super) fn note_way(&self, list: (usize, &[&str]), start: u64, way: &str) {
        self.state().ways.entry(key(list)).or_default().insert(start, way.to_owned());
    }

    /// What led to the page from a record on.
    pub(super) fn way_to(&self, list: (usize, &[&str]), start: u64) -> Option<String> {
        self.state().ways.get(&key(list))?.get(&start).cloned()
    }

    /// What led to the latest page before a record.
    pub(super) fn way_before(&self, list: (usize, &[&str]), start: u64) -> Option<String> {
        self.state().ways.get(&key(list))?.range(..start).next_back().map(|(_, way)| way.clone())
    }

    /// The numbers of a resource's records that were not there throughout.
    pub(super) fn passing(&self, resource: usize) -> BTreeSet<u64> {
        let state = self.state();
        let worlds = state.worlds.iter().filter(|((held, _), _)| *held == resource);
        worlds.flat_map(|(_, world)| world.passing()).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Strike {
    /// A refusal in the place of the answer.
    pub(super) fn refusal(&self, address: &str) -> Option<Reply> {
        match self.act {
            Act::Refuse(status, wait) => {
                let reply = Reply::error(status, "injected", "An injected fault");
                Some(match wait {
                    Wait::Unsaid => reply,
                    Wait::Text(text) => reply.with("retry-after", text),
                    Wait::Date(seconds) => reply.with("retry-after", http_date(self.now, seconds)),
                })
            }
            Act::Redirect(target) => Some(Reply::empty().with("location", self.target(target, address)).with_status(302)),
            Act::Login(LoginFault::Failing(status)) => Some(Reply::error(status, "injected", "An injected fault")),
            _ => None,
        }
    }

    /// The answer with what is wrong with its bytes; `max` is how many a client reads.
    pub(super) fn body(&self, reply: Reply, max: u64) -> Reply {
        match self.act {
            Act::Body(fault) => bytes::spoil(fault, reply),
            Act::Pack(encoding, packing) => bytes::pack(encoding, packing, reply, max),
            _ => reply,
        }
    }

    /// What is wrong below HTTP.
    pub(super) fn wire(&self) -> Option<WireFault> {
        match self.act {
            Act::Wire(fault) => Some(fault),
            Act::Login(LoginFault::Slow) => Some(WireFault::Drip),
            _ => None,
        }
    }

    pub(super) fn revokes(&self) -> bool {
        self.act == Act::Login(LoginFault::Revoked)
    }

    pub(super) fn shortens(&self) -> bool {
        self.act == Act::Login(LoginFault::ShortLived)
    }

    fn target(&self, target: Target, address: &str) -> String {
        let (origin, path) = split_origin(address);
        match target {
            Target::Itself => address.to_owned(),
            Target::Elsewhere => format!("{}{path}", self.elsewhere),
            Target::Private => "http://169.254.169.254/latest/meta-data/iam".to_owned(),
            Target::Credentials => match origin.split_once("://") {
                Some((scheme, host)) => format!("{scheme}://user:password@{host}{path}"),
                None => address.to_owned(),
            },
            Target::Scheme => "file:///etc/passwd".to_owned(),
        }
    }
}

/// One to four scenarios.
fn picked(random: &mut Random) -> Vec<&'static Scenario> {
    let mut scenarios = Vec::new();
    for _ in 0..=random.below(4) {
        let at = usize::try_from(random.below(SCENARIOS.len() as u64)).unwrap_or(0);
        scenarios.extend(SCENARIOS.get(at));
    }
    scenarios
}

/// Whether something can happen to a request.
fn can_strike(act: Act, victim: Victim<'_>) -> bool {
    let (list, fields) = match victim {
        Victim::List(resource, fields) => (Some(resource), fields),
        Victim::Login | Victim::Call => (None, &[][..]),
    };
    let paging = list.map(|resource| &resource.paging);
    match act {
        Act::Refuse(..) | Act::Wire(_) | Act::Pack(..) => true,
        Act::Login(LoginFault::Revoked) | Act::Body(_) | Act::Redirect(_) => !matches!(victim, Victim::Login),
        Act::Login(_) => matches!(victim, Victim::Login),
        Act::World(_) => list.is_some_and(|resource| resource.parents().next().is_none() && resource.incremental.is_none()),
        Act::Next(NextFault::Repeated | NextFault::Cycle) => paging.is_some_and(|paging| {
            let in_body = matches!(paging.place, Some(Slot::Body(_)));
            (matches!(paging.style, Style::Cursor { .. } | Style::HeaderCursor { .. }) && !in_body)
                || (is_link(&paging.style) && paging.take.is_none())
        }),
        Act::Next(_) => paging.is_some_and(|paging| is_link(&paging.style) && paging.take.is_none()),
        Act::Page(fault) => paging.is_some_and(|paging| page::can_strike(fault, paging)),
        Act::Record(RecordFault::CursorMissing) => list.is_some_and(|resource| record::cursor(resource).is_some()),
        Act::Record(fault @ (RecordFault::KeyMissing | RecordFault::OtherType)) => {
            let field = list.and_then(record::key).and_then(|key| fields.iter().find(|field| field.name.value == key));
            // A key that may be absent is not missed.
            field.is_some_and(|field| field.required || fault == RecordFault::OtherType)
        }
        // Where pages go by how many rows came, one that comes twice is one that the service counts twice.
        Act::Record(RecordFault::Repeated) => paging.is_some_and(|paging| !matches!(paging.style, Style::Offset { .. })),
        Act::Record(_) => list.is_some(),
    }
}

fn is_link(style: &Style) -> bool {
    matches!(style, Style::HeaderLink { .. } | Style::JsonLink { .. })
}

/// Whether pages go by how many records come before them rather than by a record.
fn is_positional(resource: &Resource) -> bool {
    let paging = &resource.paging;
    match paging.style {
        Style::Single | Style::Cursor { .. } | Style::HeaderCursor { .. } | Style::LastRecord { .. } => false,
        Style::HeaderLink { .. } | Style::JsonLink { .. } => paging.take.is_none(),
        Style::PageNumber { .. } | Style::Offset { .. } => true,
    }
}

fn key((resource, parents): (usize, &[&str])) -> Key {
    (resource, parents.iter().map(|parent| (*parent).to_owned()).collect())
}

fn http_date(now: SystemTime, seconds: i64) -> String {
    let now = jiff::Timestamp::try_from(now).unwrap_or_default();
    let moment = now.saturating_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(now);
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The origin of an address, and the rest of it.
fn split_origin(address: &str) -> (&str, &str) {
    let host = address.find("://").map_or(0, |at| at + 3);
    let end = address.get(host..).and_then(|rest| rest.find('/')).map_or(address.len(), |at| host + at);
    address.split_at_checked(end).unwrap_or((address, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_an_origin_and_a_rest() {
        assert_eq!(split_origin("http://127.0.0.1:80/v1/x?page=1"), ("http://127.0.0.1:80", "/v1/x?page=1"));
        assert_eq!(split_origin("http://h"), ("http://h", ""));
        assert_eq!(split_origin("/v1"), ("", "/v1"));
    }

    #[test]
    fn dates_are_those_of_http() {
        assert_eq!(http_date(SystemTime::UNIX_EPOCH, 1), "Thu, 01 Jan 1970 00:00:01 GMT");
    }

    #[test]
    fn a_stray_tells_credentials() {
        let has = |head: &str| Stray { head: head.to_owned(), body: String::new() }.has_credentials();
        assert!(has("GET /a\nauthorization: Bearer t\n") && has("GET /a\nhost: x\ncookie: k=v\n"));
        assert!(!has("GET /authorization: x\naccept: */*\n"));
    }

    #[test]
    fn a_seed_picks_the_same_scenarios() {
        let names = |seed| Storm::new(Hostile::new(seed)).scenarios.iter().map(|scenario| scenario.name).collect::<Vec<_>>();
        assert_eq!(names(7), names(7));
        assert!((0..10).any(|seed| names(seed) != names(7)));
    }
}

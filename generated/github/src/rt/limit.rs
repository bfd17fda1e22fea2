//! Rate limits: requests pass a gate in the order in which they come, each as soon as all the limits that it counts in allow it.
//!
//! Nothing here waits or reads a clock. A request asks, and is told to go, how long to wait, or that others are before it.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use crate::rt::gate::{Admission, Gate};
use crate::rt::message::{Headers, Response};
use crate::rt::meter::{Meter, Room};
use crate::rt::retry::{Now, server_time};
use crate::rt::wait;

/// A limit on requests.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit {
    /// What is counted together.
    pub scope: Scope,
    /// How many pass in a span; 0 for any number.
    pub requests: u32,
    /// The span, in milliseconds.
    pub per_ms: u64,
    /// How many pass at once, where the service fills a bucket with `requests` in each span; 0 where no span has more than
    /// `requests`.
    pub burst: u32,
    /// How many are under way at once; 0 for any number.
    pub concurrency: u32,
    /// The response header that says how many there are; empty for none.
    pub limit_header: &'static str,
    /// The response header that says how many are left, or how many of how many are used; empty for none.
    pub remaining_header: &'static str,
    /// The response header that says when the count starts anew; empty for none.
    pub reset_header: &'static str,
    /// How that is written.
    pub reset_unit: ResetUnit,
}

/// How a reset is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ResetUnit {
    /// As its size and form tell.
    #[default]
    Auto,
    /// Seconds since 1970.
    Epoch,
    /// Milliseconds since 1970.
    EpochMs,
    /// Seconds to go.
    Delta,
    /// Milliseconds to go.
    DeltaMs,
    /// An ISO 8601 moment or an HTTP date.
    Iso,
}

/// What a limit counts together. Later ones are narrower.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// All requests of a client.
    Client,
    /// Those to each host by itself.
    EachHost,
    /// Those of each resource and operation by itself.
    EachResource,
    /// Those of one resource or operation.
    Only(&'static str),
}

impl RateLimit {
    /// A limit that nothing is known of yet.
    #[must_use]
    pub const fn of(scope: Scope) -> Self {
        Self {
            scope,
            requests: 0,
            per_ms: 0,
            burst: 0,
            concurrency: 0,
            limit_header: "",
            remaining_header: "",
            reset_header: "",
            reset_unit: ResetUnit::Auto,
        }
    }

    /// So many pass in each span of so many milliseconds.
    #[must_use]
    pub const fn rate(self, requests: u32, per_ms: u64) -> Self {
        Self { requests, per_ms, ..self }
    }

    /// So many pass at once.
    #[must_use]
    pub const fn burst(self, burst: u32) -> Self {
        Self { burst, ..self }
    }

    /// So many are under way at once.
    #[must_use]
    pub const fn concurrency(self, concurrency: u32) -> Self {
        Self { concurrency, ..self }
    }

    /// The response header that says how many there are.
    #[must_use]
    pub const fn limit_header(self, name: &'static str) -> Self {
        Self { limit_header: name, ..self }
    }

    /// The response header that says how many are left.
    #[must_use]
    pub const fn remaining_header(self, name: &'static str) -> Self {
        Self { remaining_header: name, ..self }
    }

    /// The response header that says when the count starts anew, and how.
    #[must_use]
    pub const fn reset_header(self, name: &'static str, unit: ResetUnit) -> Self {
        Self { reset_header: name, reset_unit: unit, ..self }
    }

    /// The wait until the count starts anew. None if that is past, or is not said.
    fn reset(&self, headers: &Headers, unix: Duration) -> Option<Duration> {
        let value = headers.get(self.reset_header)?.trim();
        let number = || value.parse::<f64>().ok();
        let moment = match self.reset_unit {
            ResetUnit::Auto => return wait::reset(value, unix),
            ResetUnit::Delta => return wait::span(number()?),
            ResetUnit::DeltaMs => return wait::span(number()? / 1000.0),
            ResetUnit::Epoch => wait::span(number()?)?,
            ResetUnit::EpochMs => wait::span(number()? / 1000.0)?,
            ResetUnit::Iso => wait::iso(value).or_else(|| wait::http_date(value))?,
        };
        moment.checked_sub(unix).filter(|wait| !wait.is_zero())
    }
}

/// The gate of a client with rate limits.
pub struct Limiter {
    limits: &'static [RateLimit],
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    meters: Vec<(Key, Meter)>,
    /// Those that wait, in the order in which they came.
    waiting: Vec<Waiting>,
    /// Those that may go, or are under way.
    gone: Vec<Gone>,
    tickets: u64,
    /// The latest moment that was handed in.
    now: Duration,
}

/// What a meter is of: the number of its limit, and what is counted by itself.
#[derive(Eq, PartialEq)]
struct Key {
    limit: usize,
    name: String,
}

struct Waiting {
    ticket: u64,
    weight: u32,
    /// The numbers of its meters, the narrowest last.
    meters: Vec<usize>,
    outcome: Admission,
    waker: Option<Waker>,
}

struct Gone {
    ticket: u64,
    /// Its meters, and what had passed there with it.
    marks: Vec<(usize, u64)>,
}

impl Limiter {
    /// A gate at which nothing has passed yet.
    #[must_use]
    pub fn new(limits: &'static [RateLimit]) -> Self {
        Self { limits, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate for Limiter {
    fn enter(&self, operation: &'static str, host: &str, weight: u32) -> u64 {
        let mut state = self.state();
        let mut meters: Vec<(Scope, usize)> = Vec::with_capacity(self.limits.len());
        for (number, limit) in self.limits.iter().enumerate() {
            let name = match limit.scope {
                Scope::Client => "",
                Scope::EachHost => host,
                Scope::EachResource => operation,
                Scope::Only(name) if name == operation => name,
                Scope::Only(_) => continue,
            };
            meters.push((limit.scope, state.meter(number, name, limit)));
        }
        meters.sort_by_key(|(scope, _)| *scope);
        let meters = meters.into_iter().map(|(_, meter)| meter).collect();
        state.tickets += 1;
        let ticket = state.tickets;
        state.waiting.push(Waiting { ticket, weight, meters, outcome: Admission::Queue, waker: None });
        ticket
    }

    fn ask(&self, ticket: u64, now: Now) -> Admission {
        let mut state = self.state();
        state.advance(now.elapsed);
        state.outcome(ticket)
    }

    fn is_turn(&self, ticket: u64, waker: &Waker) -> bool {
        let mut state = self.state();
        match state.waiting.iter_mut().find(|waiting| waiting.ticket == ticket) {
            Some(waiting) if waiting.outcome == Admission::Queue => {
                waiting.waker = Some(waker.clone());
                false
            }
            _ => true,
        }
    }

    fn observe(&self, ticket: u64, response: &Response, throttled: Option<Duration>, longest: Duration, now: Now) {
        let unix = server_time(&response.headers, now);
        let mut state = self.state();
        let marks = state.gone.iter().find(|gone| gone.ticket == ticket).map(|gone| gone.marks.clone()).unwrap_or_default();
        for (at, mark) in &marks {
            let Some((_, meter)) = state.meters.get_mut(*at) else { continue };
            let limit = meter.limit();
            let (limited, left) =
                (number(&response.headers, limit.limit_header), left(&response.headers, limit.remaining_header));
            if let Some(requests) = limited {
                meter.lower(requests);
            }
            if let Some(left) = left {
                let lasts = limit.reset(&response.headers, unix).map(|lasts| lasts.min(longest));
                meter.tell(left, lasts, *mark, now.elapsed);
            }
        }
        // Which of the limits it was is not said: likely the narrowest.
        if let (Some(wait), Some((narrowest, _))) = (throttled, marks.last())
            && let Some((_, meter)) = state.meters.get_mut(*narrowest)
        {
            meter.pause(wait.min(longest), now.elapsed);
        }
    }

    fn asked_wait(&self, response: &Response, unix: Duration) -> Option<Duration> {
        self.limits.iter().filter_map(|limit| limit.reset(&response.headers, unix)).max()
    }

    fn leave(&self, ticket: u64, now: Option<Now>) {
        let mut state = self.state();
        if let Some(at) = state.gone.iter().position(|gone| gone.ticket == ticket) {
            for (meter, _) in state.gone.swap_remove(at).marks {
                if let Some((_, meter)) = state.meters.get_mut(meter) {
                    meter.answered();
                }
            }
        }
        state.waiting.retain(|waiting| waiting.ticket != ticket);
        // One that is given up tells no time.
        let now = now.map_or(state.now, |now| now.elapsed);
        state.advance(now);
    }
}

impl State {
    /// The number of a meter; it is made when it is asked for first.
    fn meter(&mut self, limit: usize, name: &str, of: &'static RateLimit) -> usize {
        if let Some(at) = self.meters.iter().position(|(key, _)| key.limit == limit && key.name == name) {
            return at;
        }
        self.meters.push((Key { limit, name: name.to_owned() }, Meter::new(of)));
        self.meters.len() - 1
    }

    fn outcome(&self, ticket: u64) -> Admission {
        let waiting = self.waiting.iter().find(|waiting| waiting.ticket == ticket);
        waiting.map_or(Admission::Go, |waiting| waiting.outcome)
    }

    /// Lets pass what can pass, in order. One that waits for a limit holds back those behind it that count in the same one, but
    /// not those that do not: a slow resource holds up no other.
    fn advance(&mut self, now: Duration) {
        self.now = self.now.max(now);
        let now = self.now;
        let mut taken = vec![false; self.meters.len()];
        let mut waiting = Vec::with_capacity(self.waiting.len());
        for mut one in std::mem::take(&mut self.waiting) {
            let outcome = self.look(&one, &mut taken, now);
            let is_news = outcome != Admission::Queue && one.outcome == Admission::Queue;
            one.outcome = outcome;
            if let Some(waker) = one.waker.take_if(|_| is_news) {
                waker.wake();
            }
            if outcome == Admission::Go {
                let pass = |at: &usize| Some((*at, self.meters.get_mut(*at)?.1.pass(one.weight, now)));
                let marks = one.meters.iter().filter_map(pass).collect();
                self.gone.push(Gone { ticket: one.ticket, marks });
            } else {
                waiting.push(one);
            }
        }
        self.waiting = waiting;
    }

    /// Whether one can pass. If not, the limits that it waits for longest are taken; what else it needs, others may use meanwhile.
    fn look(&mut self, one: &Waiting, taken: &mut [bool], now: Duration) -> Admission {
        if one.meters.iter().any(|at| taken.get(*at).is_some_and(|taken| *taken)) {
            return Admission::Queue;
        }
        let rooms: Vec<(usize, Room)> = one
            .meters
            .iter()
            .filter_map(|at| Some((*at, self.meters.get_mut(*at)?.1.room(one.weight, now))))
            .filter(|(_, room)| *room != Room::Now)
            .collect();
        let Some(longest) = rooms.iter().map(|(_, room)| *room).max() else { return Admission::Go };
        for (at, _) in rooms.iter().filter(|(_, room)| *room == longest) {
            if let Some(taken) = taken.get_mut(*at) {
                *taken = true;
            }
        }
        match longest {
            Room::Now => Admission::Go,
            Room::In(wait) => Admission::Wait(wait),
            Room::WhenAnswered => Admission::Queue,
        }
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// A count that a header gives.
fn number(headers: &Headers, name: &str) -> Option<u32> {
    count(headers.get(name)?)
}

/// How many are left: a count, or `10/40` used.
fn left(headers: &Headers, name: &str) -> Option<u32> {
    let value = headers.get(name)?;
    match value.split_once('/') {
        Some((used, all)) => Some(count(all)?.saturating_sub(count(used)?)),
        None => count(value),
    }
}

/// A whole number; what is beyond one is cut off, and below zero nothing is left.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped before")]
fn count(text: &str) -> Option<u32> {
    // Several limits in one header (`100, 100;window=60`): the first is the one in force.
    let text = text.split([',', ';']).next()?.trim();
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
    Some(number.clamp(0.0, f64::from(u32::MAX)) as u32)
}

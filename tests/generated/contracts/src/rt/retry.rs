//! When a call is repeated and how long is waited before: the back-off, the retry budget and the pause until a limit resets.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::rt::descriptor::Retry;
use crate::rt::message::{Headers, Response};
use crate::rt::wait;

/// How many retries a client has to begin with, and at most.
const BUDGET: f64 = 100.0;
/// How much of a retry each success gives back: of a service that fails for ever, one call in five is repeated.
const REFUND: f64 = 0.2;

/// The moment of a step, handed in so that the core itself reads no clock.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Now {
    /// Since the client was made; never goes back.
    pub elapsed: Duration,
    /// Since 1970, by the system's clock.
    pub unix: Duration,
}

/// A key that no other call has: 32 hexadecimal digits.
#[must_use]
pub fn random_key() -> String {
    let half = || RandomState::new().hash_one(0_u8);
    format!("{:016x}{:016x}", half(), half())
}

/// Gives a number from 0 to 1, evenly spread.
pub type Jitter = Box<dyn Fn() -> f64 + Send + Sync>;

/// The jitter of a client outside of tests. The standard library seeds each `RandomState` differently, which is all it takes.
#[must_use]
pub fn random() -> f64 {
    let bits = RandomState::new().hash_one(0_u8);
    f64::from(u32::try_from(bits >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

/// What all calls of a client share about repeating and waiting.
pub struct Pace {
    retry: Retry,
    jitter: Jitter,
    state: Mutex<State>,
}

struct State {
    /// The retries that are left.
    budget: f64,
    /// No call goes out before, since the client was made.
    paused_until: Duration,
}

impl Pace {
    /// With a full budget and no pause.
    #[must_use]
    pub fn new(retry: Retry, jitter: Jitter) -> Self {
        Self { retry, jitter, state: Mutex::new(State { budget: BUDGET, paused_until: Duration::ZERO }) }
    }

    /// The terms of a call: those of its operation, or else of the client.
    #[must_use]
    pub fn terms<'p>(&'p self, own: Option<&'p Retry>) -> Terms<'p> {
        Terms { pace: self, retry: own.unwrap_or(&self.retry) }
    }

    /// Takes a retry from the budget. False if there is none left.
    #[must_use]
    pub fn spend(&self) -> bool {
        let mut state = self.state();
        let left = state.budget >= 1.0;
        if left {
            state.budget -= 1.0;
        }
        left
    }

    /// Notes a success.
    pub fn earn(&self) {
        let mut state = self.state();
        state.budget = (state.budget + REFUND).min(BUDGET);
    }

    /// How long the next call waits for the limit to reset.
    #[must_use]
    pub fn pause(&self, now: Now) -> Option<Duration> {
        self.state().paused_until.checked_sub(now.elapsed).filter(|wait| !wait.is_zero())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When a call is repeated and how long it waits before.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'p> {
    pace: &'p Pace,
    retry: &'p Retry,
}

impl Terms<'_> {
    /// Whether a status is worth another try.
    #[must_use]
    pub fn is_transient(&self, status: u16) -> bool {
        self.retry.statuses.contains(&status)
    }

    /// How many times a call is repeated at most.
    #[must_use]
    pub fn max_retries(&self) -> u32 {
        self.retry.max_retries
    }

    /// The longest wait.
    #[must_use]
    pub fn max_delay(&self) -> Duration {
        Duration::from_millis(self.retry.max_delay_ms)
    }

    /// The wait before the retry that follows `retries` earlier ones: anything from nothing to a bound that grows, so that
    /// clients which failed together do not come back together.
    #[must_use]
    pub fn back_off(&self, retries: u32) -> Duration {
        let factor = self.retry.backoff_factor.max(1.0).powi(i32::try_from(retries).unwrap_or(i32::MAX));
        let bound = (Duration::from_millis(self.retry.base_delay_ms).as_secs_f64() * factor).min(self.max_delay().as_secs_f64());
        Duration::try_from_secs_f64(bound * (self.pace.jitter)().clamp(0.0, 1.0)).unwrap_or(self.max_delay())
    }

    /// The wait that a response asks for.
    ///
    /// `Retry-After` comes first. The reset header counts only where the limit is used up: services send it with every response.
    /// `throttled` says that this one is a refusal because of the limit.
    #[must_use]
    pub fn asked_wait(&self, response: &Response, throttled: bool, now: Now) -> Option<Duration> {
        if !self.retry.respect_retry_after {
            return None;
        }
        let unix = server_time(&response.headers, now);
        let retry_after = response.headers.get("retry-after").and_then(|value| wait::retry_after(value, unix));
        retry_after.or_else(|| {
            let limited = throttled || self.is_used_up(&response.headers);
            if limited { self.reset(&response.headers, unix) } else { None }
        })
    }

    /// Notes what a response says about the limit: if no call is left, the next one waits until the reset, within bounds.
    pub fn observe(&self, response: &Response, now: Now) {
        if !self.retry.respect_retry_after || !self.is_used_up(&response.headers) {
            return;
        }
        if let Some(wait) = self.reset(&response.headers, server_time(&response.headers, now)) {
            let until = now.elapsed.saturating_add(wait.min(self.max_delay()));
            let mut state = self.pace.state();
            state.paused_until = state.paused_until.max(until);
        }
    }

    fn is_used_up(&self, headers: &Headers) -> bool {
        let remaining = headers.get(self.retry.remaining_header).and_then(|value| value.trim().parse::<f64>().ok());
        remaining.is_some_and(|remaining| remaining <= 0.0)
    }

    fn reset(&self, headers: &Headers, unix: Duration) -> Option<Duration> {
        headers.get(self.retry.reset_header).and_then(|value| wait::reset(value, unix))
    }
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace").field("retry", &self.retry).finish_non_exhaustive()
    }
}

/// The time by the server's own clock, where it tells it: moments in its headers are meant by that clock.
#[must_use]
pub fn server_time(headers: &Headers, now: Now) -> Duration {
    headers.get("date").and_then(wait::http_date).unwrap_or(now.unix)
}

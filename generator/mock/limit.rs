//! A limit on the number of requests in a second.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::reply::Reply;

/// What is announced where there is no limit.
const UNLIMITED: u32 = 1_000_000;

/// Counts the requests of each second.
#[derive(Debug)]
pub(super) struct Limiter {
    per_second: Option<u32>,
    second: Mutex<(u64, u32)>,
}

/// How much of a limit is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    limit: u32,
    left: u32,
    reset: u64,
    /// Whether the request is one too many.
    pub(super) exceeded: bool,
}

impl Limiter {
    pub(super) fn new(per_second: Option<u32>) -> Self {
        Self { per_second, second: Mutex::new((0, 0)) }
    }

    /// Counts a request.
    pub(super) fn take(&self) -> Allowance {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let reset = now + 1;
        let Some(limit) = self.per_second else { return Allowance { limit: UNLIMITED, left: UNLIMITED, reset, exceeded: false } };
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        if second.0 != now {
            *second = (now, 0);
        }
        let exceeded = second.1 >= limit;
        second.1 = second.1.saturating_add(1);
        Allowance { limit, left: limit.saturating_sub(second.1), reset, exceeded }
    }
}

impl Allowance {
    /// Adds the headers that announce it.
    pub(super) fn announce(self, reply: Reply, remaining: &str, reset: &str) -> Reply {
        reply
            .with("x-ratelimit-limit", self.limit.to_string())
            .with(remaining, self.left.to_string())
            .with(reset, self.reset.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_kept() {
        let limiter = Limiter::new(Some(3));
        let refused = (0..20).filter(|_| limiter.take().exceeded).count();
        assert!((11..=17).contains(&refused), "within one second or two: {refused}");
        assert!(!Limiter::new(None).take().exceeded);
    }
}

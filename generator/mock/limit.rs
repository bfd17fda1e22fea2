//! Limits on requests: those of the spec, or one on all requests of a second. Each is announced in the headers and the unit that the
//! spec names.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::reply::Reply;
use crate::model::{Api, LimitHeaders, LimitScope, Operation, RateLimit, ResetUnit};

/// What is announced where there is no limit.
const UNLIMITED: u32 = 1_000_000;

/// Counts requests.
#[derive(Debug)]
pub(super) struct Limiter {
    limits: Vec<Limit>,
    counts: Mutex<HashMap<(usize, String), Count>>,
}

#[derive(Debug)]
struct Limit {
    /// The operation that it is of, where it is of one.
    only: Option<String>,
    each_operation: bool,
    requests: u32,
    per: Duration,
    burst: Option<u32>,
    headers: LimitHeaders,
}

/// What was counted so far.
#[derive(Clone, Copy, Debug)]
enum Count {
    /// How many requests came since the span began.
    Span { since: Duration, requests: u32 },
    /// When the bucket is full again.
    Bucket { full_at: Duration },
}

/// How much of each limit is left.
#[derive(Debug)]
pub(super) struct Allowance {
    announced: Vec<(String, String)>,
    /// Where the request is one too many: how long to wait, in seconds.
    pub(super) exceeded: Option<String>,
}

impl Limiter {
    /// The limits of an API, or one of so many requests a second in their place.
    pub(super) fn new(api: &Api, per_second: Option<u32>) -> Self {
        let limits = of_spec(api);
        let limits = match per_second {
            None if !limits.is_empty() => limits,
            per_second => vec![of_a_second(api, per_second.unwrap_or(UNLIMITED))],
        };
        Self { limits, counts: Mutex::default() }
    }

    /// Counts a request of an operation.
    pub(super) fn take(&self, operation: &Operation) -> Allowance {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.take_at(&operation.name, operation.conduct.weight.as_ref().map_or(1, |weight| weight.value), now)
    }

    fn take_at(&self, operation: &str, weight: u32, now: Duration) -> Allowance {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut allowance = Allowance { announced: Vec::new(), exceeded: None };
        for (number, limit) in self.limits.iter().enumerate() {
            if limit.only.as_ref().is_some_and(|only| only != operation) {
                continue;
            }
            let name = if limit.each_operation { operation } else { "" };
            let count = counts.entry((number, name.to_owned())).or_insert_with(|| limit.begin(now));
            let wait = limit.count(count, weight, now);
            allowance.announced.extend(limit.announce(*count, now));
            if let Some(wait) = wait {
                // Milliseconds, rounded up: who comes back then is not too early.
                allowance.exceeded = Some(format!("{:.3}", wait.as_secs_f64() + 0.001));
            }
        }
        allowance
    }
}

fn of_spec(api: &Api) -> Vec<Limit> {
    let of = |limit: &RateLimit, only: Option<&str>| {
        let (requests, per_ms) = limit.rate?;
        Some(Limit {
            only: only.map(str::to_owned),
            each_operation: limit.scope == LimitScope::Resource,
            requests,
            per: Duration::from_millis(per_ms),
            burst: limit.burst,
            headers: limit.headers.clone(),
        })
    };
    let lists = api.resources.iter().map(|resource| &resource.operation);
    let own = lists
        .chain(&api.operations)
        .filter_map(|operation| operation.conduct.rate_limit.as_ref().and_then(|limit| of(limit, Some(&operation.name))));
    api.client.rate_limits.iter().filter_map(|limit| of(limit, None)).chain(own).collect()
}

/// So many requests a second, announced as the API announces its first limit.
fn of_a_second(api: &Api, requests: u32) -> Limit {
    let retry = &api.client.retry;
    let headers = api.client.rate_limits.first().map_or_else(
        || LimitHeaders {
            limit: Some("x-ratelimit-limit".to_owned()),
            remaining: Some(retry.remaining_header.clone().unwrap_or_else(|| "x-ratelimit-remaining".to_owned())),
            reset: Some(retry.reset_header.clone().unwrap_or_else(|| "x-ratelimit-reset".to_owned())),
            unit: ResetUnit::Epoch,
        },
        |limit| limit.headers.clone(),
    );
    Limit { only: None, each_operation: false, requests, per: Duration::from_secs(1), burst: None, headers }
}

impl Limit {
    fn begin(&self, now: Duration) -> Count {
        match self.burst {
            Some(_) => Count::Bucket { full_at: now },
            None => Count::Span { since: now, requests: 0 },
        }
    }

    fn interval(&self) -> Duration {
        self.per / self.requests.max(1)
    }

    /// Counts a request, and says how long it should have waited if it is one too many.
    fn count(&self, count: &mut Count, weight: u32, now: Duration) -> Option<Duration> {
        match count {
            Count::Span { since, requests } => {
                if now.saturating_sub(*since) >= self.per {
                    (*since, *requests) = (now, 0);
                }
                if requests.saturating_add(weight) > self.requests {
                    return Some((*since + self.per).saturating_sub(now));
                }
                *requests += weight;
            }
            Count::Bucket { full_at } => {
                let then = (*full_at).max(now) + self.interval() * weight;
                let early = then.saturating_sub(now + self.interval() * self.burst.unwrap_or(1));
                if !early.is_zero() {
                    return Some(early);
                }
                *full_at = then;
            }
        }
        None
    }

    fn announce(&self, count: Count, now: Duration) -> Vec<(String, String)> {
        let (all, left, reset) = match count {
            Count::Span { since, requests } => {
                (self.requests, self.requests.saturating_sub(requests), (since + self.per).saturating_sub(now))
            }
            Count::Bucket { full_at } => {
                let missing = full_at.saturating_sub(now);
                let used = u32::try_from(missing.as_nanos().div_ceil(self.interval().as_nanos().max(1))).unwrap_or(u32::MAX);
                let all = self.burst.unwrap_or(1);
                (all, all.saturating_sub(used), missing)
            }
        };
        // A bucket has no moment at which it starts anew; services that have one tell how full it is.
        let remaining = match self.burst {
            Some(_) if self.headers.reset.is_none() => format!("{}/{all}", all - left),
            _ => left.to_string(),
        };
        let headers = [
            (&self.headers.limit, all.to_string()),
            (&self.headers.remaining, remaining),
            (&self.headers.reset, written(reset, self.headers.unit, now)),
        ];
        headers.into_iter().filter_map(|(name, value)| Some((name.clone()?, value))).collect()
    }
}

/// A span from now on, in a unit.
fn written(span: Duration, unit: ResetUnit, now: Duration) -> String {
    let at = now + span;
    let seconds = |span: Duration| span.as_millis().div_ceil(1_000).to_string();
    match unit {
        ResetUnit::Auto | ResetUnit::Epoch => seconds(at),
        ResetUnit::EpochMs => at.as_millis().to_string(),
        ResetUnit::Delta => seconds(span),
        ResetUnit::DeltaMs => span.as_millis().to_string(),
        ResetUnit::Iso => {
            let at = i64::try_from(at.as_millis()).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
            at.map(|at| at.to_string()).unwrap_or_default()
        }
    }
}

impl Allowance {
    /// Adds the headers that announce it.
    pub(super) fn announce(self, reply: Reply) -> Reply {
        self.announced.iter().fold(reply, |reply, (name, value)| reply.with(name, value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(burst: Option<u32>, headers: LimitHeaders) -> Limiter {
        let limit = Limit { only: None, each_operation: true, requests: 3, per: Duration::from_secs(1), burst, headers };
        Limiter { limits: vec![limit], counts: Mutex::default() }
    }

    fn headers(unit: ResetUnit) -> LimitHeaders {
        LimitHeaders { limit: Some("l".to_owned()), remaining: Some("r".to_owned()), reset: Some("t".to_owned()), unit }
    }

    #[test]
    fn a_span_has_so_many_requests_of_each_operation() {
        let limiter = limiter(None, headers(ResetUnit::Delta));
        let exceeded = |operation: &str, millis| limiter.take_at(operation, 1, Duration::from_millis(millis)).exceeded;
        assert_eq!([100, 200, 300].map(|at| exceeded("a", at)), [None, None, None]);
        assert_eq!(exceeded("a", 400).as_deref(), Some("0.701"));
        assert_eq!(exceeded("b", 400), None);
        assert_eq!(exceeded("a", 1_100), None);
        assert!(limiter.take_at("b", 3, Duration::from_millis(500)).exceeded.is_some(), "of weight three");
    }

    #[test]
    fn a_bucket_is_filled_evenly() {
        let limiter = limiter(Some(2), headers(ResetUnit::Delta));
        let exceeded = |millis| limiter.take_at("a", 1, Duration::from_millis(millis)).exceeded.is_some();
        assert_eq!([0, 0, 0, 300, 334, 335].map(exceeded), [false, false, true, true, false, true]);
    }

    #[test]
    fn it_is_announced_in_every_unit() {
        let at = Duration::from_millis(1_795_219_200_250);
        let units = [
            (ResetUnit::Epoch, "1795219202"),
            (ResetUnit::EpochMs, "1795219201250"),
            (ResetUnit::Delta, "1"),
            (ResetUnit::DeltaMs, "1000"),
            (ResetUnit::Iso, "2026-11-21T00:00:01.25Z"),
        ];
        for (unit, expected) in units {
            let announced = limiter(None, headers(unit)).take_at("a", 1, at).announced;
            let pairs: Vec<_> = announced.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(pairs, [("l", "3"), ("r", "2"), ("t", expected)], "{unit:?}");
        }
        let full = limiter(Some(40), LimitHeaders { reset: None, ..headers(ResetUnit::Auto) }).take_at("a", 10, at).announced;
        assert_eq!(full[1], ("r".to_owned(), "10/40".to_owned()));
    }
}

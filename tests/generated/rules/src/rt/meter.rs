//! What one rate limit counts, and when it lets the next request pass. All by times that are handed in.

use std::collections::VecDeque;
use std::time::Duration;

use crate::rt::limit::RateLimit;

/// A span is counted in so many parts, so that a large limit needs no more memory than a small one.
const PARTS: u32 = 1_000;
/// Spans are taken a fiftieth longer than the service says: requests do not all take the same time to get there.
const MARGIN: u32 = 50;

/// The count of a rate limit.
#[derive(Debug)]
pub(crate) struct Meter {
    limit: &'static RateLimit,
    /// How many there are, where the service says fewer than the limit.
    lowered: Option<u32>,
    count: Count,
    /// What the service says is left, and until when.
    told: Option<Told>,
    /// Nothing passes before.
    paused_until: Duration,
    under_way: u32,
    /// The weight of all that has passed.
    passed: u64,
    /// What had passed when the request of the latest response did.
    heard: u64,
}

#[derive(Debug)]
enum Count {
    /// No rate.
    Off,
    /// No span of time has more than the limit: what passed in each part of the span, the oldest first.
    Window { parts: VecDeque<(Duration, u32)>, sum: u32 },
    /// A bucket that is filled evenly: the moment at which it is full again.
    Bucket { full_at: Duration },
}

#[derive(Clone, Copy, Debug)]
struct Told {
    left: u32,
    until: Duration,
}

/// When a request can pass, the soonest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Room {
    /// Now.
    Now,
    /// After so long, if nothing else passes before.
    In(Duration),
    /// When another one is answered.
    WhenAnswered,
}

impl Meter {
    pub(crate) fn new(limit: &'static RateLimit) -> Self {
        let count = match limit {
            RateLimit { requests: 0, .. } => Count::Off,
            RateLimit { burst: 0, .. } => Count::Window { parts: VecDeque::new(), sum: 0 },
            _ => Count::Bucket { full_at: Duration::ZERO },
        };
        Self { limit, lowered: None, count, told: None, paused_until: Duration::ZERO, under_way: 0, passed: 0, heard: 0 }
    }

    pub(crate) fn limit(&self) -> &'static RateLimit {
        self.limit
    }

    /// How many pass in a span, by what the service says.
    fn requests(&self) -> u32 {
        self.lowered.unwrap_or(self.limit.requests).min(self.limit.requests)
    }

    fn span(&self) -> Duration {
        Duration::from_millis(self.limit.per_ms)
    }

    /// The time in which a bucket takes one more.
    fn interval(&self) -> Duration {
        self.span() / self.requests().max(1) + Duration::from_nanos(1)
    }

    /// What a request can weigh at most; a heavier one would wait for ever.
    fn within(&self, weight: u32) -> u32 {
        let most = if self.limit.burst > 0 { self.limit.burst } else { self.requests() };
        if matches!(self.count, Count::Off) { weight } else { weight.min(most.max(1)) }
    }

    /// When a request can pass.
    pub(crate) fn room(&mut self, weight: u32, now: Duration) -> Room {
        if self.limit.concurrency > 0 && self.under_way >= self.limit.concurrency {
            return Room::WhenAnswered;
        }
        let weight = self.within(weight);
        let mut free_at = self.paused_until;
        if let Some(told) = self.told {
            if told.until <= now {
                self.told = None;
            } else if told.left < weight {
                free_at = free_at.max(told.until);
            }
        }
        free_at = free_at.max(self.count_allows_at(weight, now));
        match free_at.checked_sub(now) {
            Some(wait) if !wait.is_zero() => Room::In(wait),
            _ => Room::Now,
        }
    }

    /// The moment from which on the count allows it.
    fn count_allows_at(&mut self, weight: u32, now: Duration) -> Duration {
        let (requests, interval, span) = (self.requests(), self.interval(), self.span());
        match &mut self.count {
            Count::Off => now,
            Count::Window { parts, sum } => {
                let leaves_at = |at: Duration| at.saturating_add(span + span / MARGIN);
                while let Some((at, count)) = parts.front().copied()
                    && leaves_at(at) <= now
                {
                    parts.pop_front();
                    *sum = sum.saturating_sub(count);
                }
                let mut too_many = sum.saturating_add(weight).saturating_sub(requests);
                let blocking = parts.iter().take_while(|(_, count)| {
                    let blocks = too_many > 0;
                    too_many = too_many.saturating_sub(*count);
                    blocks
                });
                blocking.last().map_or(now, |(at, _)| leaves_at(*at))
            }
            Count::Bucket { full_at } => full_at.saturating_sub(interval.saturating_mul(self.limit.burst.saturating_sub(weight))),
        }
    }

    /// Notes that a request passes. Its mark tells later what had passed before its response.
    pub(crate) fn pass(&mut self, weight: u32, now: Duration) -> u64 {
        let weight = self.within(weight);
        let (interval, part) = (self.interval(), self.span() / PARTS);
        match &mut self.count {
            Count::Off => {}
            Count::Window { parts, sum } => {
                *sum = sum.saturating_add(weight);
                match parts.back_mut() {
                    Some((at, count)) if *at >= now => *count = count.saturating_add(weight),
                    _ => {
                        // A part counts as passed at its end.
                        let end = if parts.is_empty() { now } else { now.saturating_add(part) };
                        parts.push_back((end, weight));
                    }
                }
            }
            Count::Bucket { full_at } => *full_at = (*full_at).max(now).saturating_add(interval.saturating_mul(weight)),
        }
        if let Some(told) = &mut self.told {
            told.left = told.left.saturating_sub(weight);
        }
        self.under_way += 1;
        self.passed += u64::from(weight);
        self.passed
    }

    /// A request is answered, or given up.
    pub(crate) fn answered(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// Nothing passes for a while.
    pub(crate) fn pause(&mut self, wait: Duration, now: Duration) {
        self.paused_until = self.paused_until.max(now.saturating_add(wait));
    }

    /// Takes in how many the service says there are.
    pub(crate) fn lower(&mut self, requests: u32) {
        self.lowered = Some(requests.max(1));
    }

    /// Takes in how many are left, by the response to the request with this mark, and how long that counts; it is heard of
    /// nothing that passed later.
    pub(crate) fn tell(&mut self, left: u32, lasts: Option<Duration>, mark: u64, now: Duration) {
        if mark < self.heard {
            return;
        }
        self.heard = mark;
        let later = u32::try_from(self.passed.saturating_sub(mark)).unwrap_or(u32::MAX);
        let left = left.saturating_sub(later);
        let (interval, used) = (self.interval(), self.requests().saturating_sub(left));
        match (&mut self.count, lasts) {
            // Whatever was used passed here: the count knows when that leaves, and headers are a second late where they count in seconds.
            (Count::Window { sum, .. }, _) if used <= *sum => self.told = None,
            // What is in the bucket by now.
            (Count::Bucket { full_at }, None) => {
                let missing = self.limit.burst.saturating_sub(left);
                *full_at = (*full_at).max(now.saturating_add(interval.saturating_mul(missing)));
            }
            (_, lasts) => {
                let lasts = lasts.unwrap_or_else(|| self.span());
                self.told = Some(Told { left, until: now.saturating_add(lasts) });
            }
        }
    }
}

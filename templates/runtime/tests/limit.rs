//! Rate limits on a virtual clock: what passes when, in which order, and how what a service says is heeded.

mod client;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};
use std::time::Duration;

use client::{LIST, RETRY, Reply, START, answer, get, policy, reply, run};
use tapwright_runtime::rt::auth::Credentials;
use tapwright_runtime::rt::descriptor::{Operation, Retry};
use tapwright_runtime::rt::exchange::{Event, Exchange, Policy, Step};
use tapwright_runtime::rt::gate::{Admission, Gate};
use tapwright_runtime::rt::limit::{Limiter, RateLimit, ResetUnit, Scope};
use tapwright_runtime::rt::message::{Response, TransportFault, TransportFaultKind};
use tapwright_runtime::rt::retry::Now;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn at(millis: u64) -> Now {
    let elapsed = Duration::from_millis(millis);
    Now { elapsed, unix: START.unix + elapsed }
}

/// Readers that ask for one thing after the other, and what they did, by a clock of their own.
struct World<'a> {
    limiter: Limiter,
    /// How long an answer takes.
    latency: Duration,
    /// What the service says to the request that came at a moment, as its number so many.
    says: Box<dyn FnMut(Duration, usize) -> Response + 'a>,
    /// When each request went out, by which reader.
    sent: Vec<(Duration, usize)>,
    most_under_way: usize,
}

#[derive(Clone, Copy, Debug)]
enum Reader {
    /// Has a ticket, and asks at this moment.
    Asks(u64, Duration),
    /// Has a ticket, and waits to be woken.
    Waits(u64),
    /// Is answered at this moment.
    Reads(u64, Duration, usize),
    Done,
}

impl<'a> World<'a> {
    fn new(limits: &'static [RateLimit], latency: Duration) -> Self {
        Self {
            limiter: Limiter::new(limits),
            latency,
            says: Box::new(|_, _| reply(200, &[], "")),
            sent: Vec::new(),
            most_under_way: 0,
        }
    }

    fn saying(mut self, says: impl FnMut(Duration, usize) -> Response + 'a) -> Self {
        self.says = Box::new(says);
        self
    }

    /// Has readers of some operations read until a moment; `weight` is what each request counts as.
    fn read(&mut self, readers: &[&'static str], weight: u32, until: Duration) {
        let enter = |limiter: &Limiter, reader: usize| limiter.enter(readers[reader], "api.example.com", weight);
        let mut states: Vec<Reader> =
            (0..readers.len()).map(|reader| Reader::Asks(enter(&self.limiter, reader), Duration::ZERO)).collect();
        let waker = Waker::noop();
        let mut now = Duration::ZERO;
        loop {
            for (reader, state) in states.iter_mut().enumerate() {
                match *state {
                    Reader::Waits(ticket) if self.limiter.is_turn(ticket, waker) => *state = Reader::Asks(ticket, now),
                    Reader::Reads(ticket, then, number) if then <= now => {
                        let moment = Now { elapsed: now, unix: START.unix + now };
                        let response = (self.says)(now, number);
                        let throttled =
                            (response.status == 429).then(|| self.limiter.asked_wait(&response, moment.unix).unwrap_or(SECOND));
                        self.limiter.observe(ticket, &response, throttled, Duration::from_secs(3_600), moment);
                        self.limiter.leave(ticket, Some(moment));
                        *state = if now < until { Reader::Asks(enter(&self.limiter, reader), now) } else { Reader::Done };
                    }
                    _ => {}
                }
                if let Reader::Asks(ticket, then) = *state
                    && then <= now
                {
                    *state = match self.limiter.ask(ticket, Now { elapsed: now, unix: START.unix + now }) {
                        Admission::Go => {
                            self.sent.push((now, reader));
                            // Those that are sent first are answered first.
                            let number = u64::try_from(self.sent.len()).unwrap();
                            Reader::Reads(ticket, now + self.latency + Duration::from_nanos(number), self.sent.len())
                        }
                        Admission::Wait(wait) => Reader::Asks(ticket, now + wait),
                        Admission::Queue => Reader::Waits(ticket),
                    };
                }
            }
            let under_way = states.iter().filter(|state| matches!(state, Reader::Reads(..))).count();
            self.most_under_way = self.most_under_way.max(under_way);
            let is_turn = |state: &Reader| matches!(state, Reader::Waits(ticket) if self.limiter.is_turn(*ticket, waker));
            if states.iter().any(is_turn) {
                continue;
            }
            let next = states.iter().filter_map(|state| match state {
                Reader::Asks(_, then) | Reader::Reads(_, then, _) => Some(*then),
                _ => None,
            });
            let Some(next) = next.min().filter(|next| *next < until) else { return };
            now = now.max(next);
        }
    }

    /// The most requests in any span of a length.
    fn most_in(&self, span: Duration) -> usize {
        let from = |(start, (moment, _)): (usize, &(Duration, usize))| {
            self.sent[start..].iter().take_while(|(later, _)| *later < *moment + span).count()
        };
        self.sent.iter().enumerate().map(from).max().unwrap_or(0)
    }
}

#[test]
fn a_limit_is_used_and_never_exceeded() {
    const CLIENT: RateLimit = RateLimit::of(Scope::Client);
    static LIMITS: [[RateLimit; 1]; 6] = [
        [CLIENT.rate(100, 60_000)],
        [CLIENT.rate(1, 1_000)],
        [CLIENT.rate(3, 1_000)],
        [CLIENT.rate(5_000, 3_600_000)],
        [CLIENT.rate(50, 1_000)],
        [CLIENT.rate(7, 10_000)],
    ];
    for limits in &LIMITS {
        let (requests, span) = (limits[0].requests as usize, Duration::from_millis(limits[0].per_ms));
        for readers in [1, 8, 100] {
            let mut world = World::new(limits, span / limits[0].requests / 4);
            let spans = if requests > 1_000 { 2 } else { 10 };
            let until = span * spans;
            world.read(&vec!["users"; readers], 1, until);
            let most = world.most_in(span);
            assert!(most <= requests, "{most} of {requests} in {span:?} with {readers} readers");
            let (sent, possible) = (world.sent.len() * 100, requests * spans as usize * 95);
            assert!(sent >= possible, "{readers} readers send {} in {spans} times {span:?} of {requests}", world.sent.len());
        }
    }
}

#[test]
fn a_bucket_lets_a_burst_pass_and_then_fills_evenly() {
    static LIMITS: [RateLimit; 1] = [RateLimit::of(Scope::Client).rate(2, 1_000).burst(40)];
    let mut world = World::new(&LIMITS, Duration::from_millis(1));
    world.read(&["users"; 50], 1, MINUTE);
    let first = world.sent.iter().filter(|(moment, _)| moment.is_zero()).count();
    assert_eq!(first, 40);
    // No stretch has more than the burst and what flowed in meanwhile.
    for span in [SECOND, SECOND * 5, SECOND * 30] {
        let allowed = 40 + 2 * usize::try_from(span.as_secs()).unwrap();
        assert!(world.most_in(span) <= allowed, "{} in {span:?}", world.most_in(span));
    }
    assert!((40 + 114..=40 + 120).contains(&world.sent.len()), "{}", world.sent.len());
}

/// Two hundred clones of a client at once: what the service allows is used, and not exceeded, by a count of spans and by a bucket.
#[test]
fn two_hundred_readers_use_a_limit_and_keep_to_it() {
    const LIMIT: RateLimit = RateLimit::of(Scope::Client).rate(100, 1_000);
    static LIMITS: [([RateLimit; 1], usize); 3] = [([LIMIT], 0), ([LIMIT.burst(20)], 20), ([LIMIT.concurrency(6)], 0)];
    for (limits, burst) in &LIMITS {
        for latency in [1, 40] {
            let mut world = World::new(limits, Duration::from_millis(latency));
            world.read(&["users"; 200], 1, SECOND * 12);
            let (most, sent) = (world.most_in(SECOND), world.sent.len());
            assert!(most <= 100 + burst, "{most} in a second, {limits:?}");
            assert!((1_140..=1_200 + burst).contains(&sent), "{sent} of 1,200 in twelve seconds, {limits:?}, {latency} ms");
            let mut counts = [0; 200];
            world.sent.iter().for_each(|(_, reader)| counts[*reader] += 1);
            let (fewest, highest) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
            assert!(highest - fewest <= 2, "nobody is passed by: {fewest} to {highest}");
        }
    }
}

/// A service that says in whole seconds when its count starts anew is a second late: where all that it counts passed here, the count
/// that is kept here is the better one.
#[test]
fn a_reset_in_whole_seconds_wastes_none() {
    static LIMITS: [RateLimit; 1] =
        [RateLimit::of(Scope::Client).rate(100, 1_000).remaining_header("left").reset_header("reset", ResetUnit::Delta)];
    let window = Mutex::new((Duration::ZERO, 0_usize));
    let mut world = World::new(&LIMITS, Duration::from_millis(1)).saying(|now, _| {
        let mut window = window.lock().unwrap();
        if now >= window.0 + SECOND {
            *window = (now, 0);
        }
        window.1 += 1;
        let left = 100_usize.saturating_sub(window.1).to_string();
        reply(if window.1 > 100 { 429 } else { 200 }, &[("left", &left), ("reset", "2")], "")
    });
    world.read(&["users"; 20], 1, SECOND * 12);
    let (most, sent) = (world.most_in(SECOND), world.sent.len());
    assert!(most <= 100 && sent >= 1_140, "{most} in a second, {sent} of 1,200 in twelve");
}

#[test]
fn weights_count() {
    static LIMITS: [RateLimit; 1] = [RateLimit::of(Scope::Client).rate(100, 1_000)];
    let count = |weight| {
        let mut world = World::new(&LIMITS, Duration::from_millis(1));
        world.read(&["users"; 8], weight, SECOND * 10);
        (world.most_in(SECOND), world.sent.len())
    };
    let ((most, all), (most_heavy, all_heavy)) = (count(1), count(25));
    assert!(most <= 100 && most_heavy <= 4, "{most}, {most_heavy}");
    assert!(all >= 950 && all_heavy >= 38, "{all}, {all_heavy}");
    let mut free = World::new(&LIMITS, Duration::from_millis(1));
    free.read(&["users"; 8], 0, SECOND);
    assert!(free.sent.len() > 7_900, "what weighs nothing is not limited: {}", free.sent.len());
}

#[test]
fn a_cap_on_concurrency_holds_and_nobody_is_passed_by() {
    static LIMITS: [RateLimit; 1] = [RateLimit::of(Scope::Client).concurrency(4)];
    let mut world = World::new(&LIMITS, Duration::from_millis(10));
    world.read(&["users"; 23], 1, SECOND * 2);
    assert_eq!(world.most_under_way, 4);
    assert!(world.sent.len() >= 4 * 199, "{}", world.sent.len());
    // First come, first served: nobody has a turn before the others had theirs, but for those of the same moment.
    let mut turns: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, reader) in &world.sent {
        *turns.entry(*reader).or_default() += 1;
        let (least, most) = (turns.values().min().copied().unwrap_or(0), turns.values().max().copied().unwrap_or(0));
        assert!(turns.len() < 23 || most - least <= 1, "{turns:?}");
    }
}

#[test]
fn a_slow_resource_holds_up_no_other() {
    static LIMITS: [RateLimit; 2] =
        [RateLimit::of(Scope::Client).rate(100, 1_000), RateLimit::of(Scope::Only("search")).rate(1, 10_000)];
    let mut world = World::new(&LIMITS, Duration::from_millis(5));
    let readers: Vec<&'static str> = std::iter::repeat_n("search", 3).chain(std::iter::repeat_n("users", 10)).collect();
    world.read(&readers, 1, SECOND * 30);
    let searches = world.sent.iter().filter(|(_, reader)| *reader < 3).count();
    let others = world.sent.len() - searches;
    assert_eq!(searches, 3);
    assert!(others >= 2_850, "{others}");
    assert!(world.most_in(SECOND) <= 100);
}

#[test]
fn each_resource_and_each_host_counts_by_itself() {
    static LIMITS: [RateLimit; 2] =
        [RateLimit::of(Scope::EachResource).rate(2, 1_000), RateLimit::of(Scope::EachHost).rate(3, 1_000)];
    let limiter = Limiter::new(&LIMITS);
    let goes = |operation, host| {
        let ticket = limiter.enter(operation, host, 1);
        let goes = limiter.ask(ticket, at(0)) == Admission::Go;
        limiter.leave(ticket, Some(at(0)));
        goes
    };
    assert_eq!([goes("a", "x"), goes("a", "x"), goes("a", "x")], [true, true, false], "two of a resource");
    assert_eq!([goes("b", "x"), goes("b", "x")], [true, false], "three to a host");
    assert_eq!([goes("b", "y"), goes("b", "y")], [true, false], "another host has its own, and the resource had one");
}

/// What a service with a window says that another client uses as well: it leaves `left` of ten.
type Told = (&'static str, RateLimit, fn(left: usize, reset_in: Duration, now: Duration) -> Vec<(&'static str, String)>);

#[test]
fn what_is_left_is_heeded_in_every_unit() {
    const CLIENT: RateLimit = RateLimit::of(Scope::Client).rate(1_000, 10_000).remaining_header("left");
    fn unix(now: Duration, wait: Duration) -> Duration {
        START.unix + now + wait
    }
    static TOLD: [Told; 8] = [
        ("epoch seconds", CLIENT.reset_header("reset", ResetUnit::Epoch), |left, wait, now| {
            vec![("left", left.to_string()), ("reset", unix(now, wait).as_secs_f64().to_string())]
        }),
        ("epoch milliseconds", CLIENT.reset_header("reset", ResetUnit::EpochMs), |left, wait, now| {
            vec![("left", left.to_string()), ("reset", unix(now, wait).as_millis().to_string())]
        }),
        ("seconds to go", CLIENT.reset_header("reset", ResetUnit::Delta), |left, wait, _| {
            vec![("left", left.to_string()), ("reset", wait.as_secs_f64().to_string())]
        }),
        ("milliseconds to go", CLIENT.reset_header("reset", ResetUnit::DeltaMs), |left, wait, _| {
            vec![("left", left.to_string()), ("reset", wait.as_millis().to_string())]
        }),
        ("an ISO moment", CLIENT.reset_header("reset", ResetUnit::Iso), |left, wait, now| {
            let seconds = unix(now, wait).as_secs() - START.unix.as_secs();
            vec![("left", left.to_string()), ("reset", format!("2026-11-21T00:{:02}:{:02}Z", seconds / 60, seconds % 60))]
        }),
        ("by its size, an epoch", CLIENT.reset_header("reset", ResetUnit::Auto), |left, wait, now| {
            vec![("left", left.to_string()), ("reset", unix(now, wait).as_secs().to_string())]
        }),
        ("by its size, milliseconds", CLIENT.reset_header("reset", ResetUnit::Auto), |left, wait, now| {
            vec![("left", left.to_string()), ("reset", unix(now, wait).as_millis().to_string())]
        }),
        ("by its size, a delta", CLIENT.reset_header("reset", ResetUnit::Auto), |left, wait, _| {
            vec![("left", left.to_string()), ("reset", wait.as_secs_f64().ceil().to_string())]
        }),
    ];
    for (name, limit, told) in &TOLD {
        let limits: &'static [RateLimit] = std::slice::from_ref(limit);
        let counts: Mutex<BTreeMap<u64, usize>> = Mutex::default();
        let mut world = World::new(limits, Duration::from_millis(10)).saying(|now, _| {
            // Ten in each span of ten seconds, of which somebody else takes two.
            let mut counts = counts.lock().unwrap();
            let used = counts.entry(now.as_secs() / 10).or_insert(2);
            *used += 1;
            let wait = Duration::from_secs(10 * (now.as_secs() / 10 + 1)).saturating_sub(now);
            let headers = told(10_usize.saturating_sub(*used), wait, now);
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            reply(if *used > 10 { 429 } else { 200 }, &headers, "")
        });
        world.read(&["users"], 1, SECOND * 60);
        let counts: Vec<usize> = counts.lock().unwrap().values().copied().collect();
        assert_eq!(counts, [10; 6], "{name}");
    }
}

#[test]
fn a_fraction_tells_how_full_a_bucket_is() {
    static LIMITS: [RateLimit; 1] = [RateLimit::of(Scope::Client).rate(2, 1_000).burst(40).remaining_header("calls")];
    let limiter = Limiter::new(&LIMITS);
    let ask = |millis| {
        let ticket = limiter.enter("users", "h", 1);
        (ticket, limiter.ask(ticket, at(millis)))
    };
    let (ticket, admission) = ask(0);
    assert_eq!(admission, Admission::Go);
    // Others have used it up but for one.
    limiter.observe(ticket, &reply(200, &[("calls", "39/40")], ""), None, MINUTE, at(100));
    limiter.leave(ticket, Some(at(100)));
    let (ticket, admission) = ask(100);
    assert_eq!(admission, Admission::Go);
    limiter.leave(ticket, Some(at(100)));
    let (_, admission) = ask(100);
    let Admission::Wait(wait) = admission else { panic!("{admission:?}") };
    assert!((499..=501).contains(&wait.as_millis()), "{wait:?}");
}

#[test]
fn a_lower_number_is_kept_to_and_a_higher_one_is_not() {
    static LIMITS: [RateLimit; 1] = [RateLimit::of(Scope::Client).rate(100, 1_000).limit_header("limit")];
    for (announced, expected) in [("10", 10), ("10, 10;w=1", 10), ("500", 100), ("many", 100), ("0", 1)] {
        let mut world = World::new(&LIMITS, Duration::from_millis(1)).saying(|_, _| reply(200, &[("limit", announced)], ""));
        world.read(&["users"], 1, SECOND * 10);
        let later = |(moment, _): &&(Duration, usize)| *moment >= SECOND * 2;
        let later = world.sent.iter().filter(later).count();
        assert!((expected * 8 * 95 / 100..=expected * 8 + expected / 4).contains(&later), "{announced}: {later}");
    }
}

#[test]
fn an_older_answer_tells_nothing_new() {
    static LIMITS: [RateLimit; 1] =
        [RateLimit::of(Scope::Client).rate(100, 1_000).remaining_header("left").reset_header("reset", ResetUnit::Delta)];
    let limiter = Limiter::new(&LIMITS);
    let tickets: Vec<u64> = (0..3).map(|_| limiter.enter("users", "h", 1)).collect();
    assert!(tickets.iter().all(|ticket| limiter.ask(*ticket, at(0)) == Admission::Go));
    let hear = |ticket: usize, left: &str| {
        limiter.observe(tickets[ticket], &reply(200, &[("left", left), ("reset", "5")], ""), None, MINUTE, at(10));
        limiter.leave(tickets[ticket], Some(at(10)));
    };
    // The last request is answered first: nothing is left. The answer to the first one is from before.
    hear(2, "0");
    hear(0, "2");
    let ticket = limiter.enter("users", "h", 1);
    assert_eq!(limiter.ask(ticket, at(10)), Admission::Wait(Duration::from_secs(5)));
    // What is told counts for what was sent before: two that went later are taken off.
    let limiter = Limiter::new(&LIMITS);
    let tickets: Vec<u64> = (0..3).map(|_| limiter.enter("users", "h", 1)).collect();
    assert!(tickets.iter().all(|ticket| limiter.ask(*ticket, at(0)) == Admission::Go));
    limiter.observe(tickets[0], &reply(200, &[("left", "2"), ("reset", "5")], ""), None, MINUTE, at(10));
    let ticket = limiter.enter("users", "h", 1);
    assert_eq!(limiter.ask(ticket, at(10)), Admission::Wait(Duration::from_secs(5)));
}

/// Counts how often it is woken.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn whoever_gives_up_gives_way() {
    static LIMITS: [RateLimit; 1] = [RateLimit::of(Scope::Client).rate(1, 1_000).concurrency(1)];
    let limiter = Limiter::new(&LIMITS);
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));
    let [first, second, third] = [(); 3].map(|()| limiter.enter("users", "h", 1));
    assert_eq!(limiter.ask(first, at(0)), Admission::Go);
    assert_eq!([limiter.ask(second, at(0)), limiter.ask(third, at(0))], [Admission::Queue; 2]);
    assert!(!limiter.is_turn(second, &waker) && !limiter.is_turn(third, &waker));
    limiter.leave(first, Some(at(500)));
    assert_eq!(bell.0.load(Ordering::SeqCst), 1, "the next one alone");
    assert!(matches!(limiter.ask(second, at(500)), Admission::Wait(_)), "its rate is used up");
    limiter.leave(second, None);
    assert_eq!(bell.0.load(Ordering::SeqCst), 2, "the one behind it");
    assert!(limiter.is_turn(third, &waker));
    assert_eq!(limiter.ask(third, at(1_020)), Admission::Go);
}

/// A policy with a gate.
fn gated(limits: &'static [RateLimit]) -> Policy {
    Policy { gate: Some(Arc::new(Limiter::new(limits))), ..policy(RETRY, Credentials::None) }
}

const USERS: &str = "https://api.example.com/v1/users";
const SENT: &str = "GET https://api.example.com/v1/users x-trace-key=trace-canary";

#[test]
fn calls_wait_at_the_gate() {
    static LIMITS: [RateLimit; 1] = [RateLimit::of(Scope::Client).rate(2, 1_000)];
    let policy = gated(&LIMITS);
    let mut now = START;
    let mut call =
        |operation: &Operation| run(&policy, Exchange::new(&policy, operation, get(USERS)), &mut now, vec![answer(200, &[])]);
    assert_eq!(call(&LIST), [SENT, "done 200"]);
    assert_eq!(call(&LIST), [SENT, "done 200"]);
    assert_eq!(call(&LIST.without_auth()).len(), 2, "the limits are those of the authorised calls");
    assert_eq!(call(&LIST), ["sleep 1020 ms", SENT, "done 200"]);
    assert_eq!(call(&LIST.weight(2)), ["sleep 1020 ms", SENT, "done 200"]);
}

/// Requests are counted by the thousandth of a span, at whose end all of them count as passed.
#[test]
fn a_request_counts_until_the_end_of_its_part_of_the_span() {
    static LIMITS: [RateLimit; 1] = [RateLimit::of(Scope::Client).rate(2, 1_000)];
    let limiter = Limiter::new(&LIMITS);
    let mut ask = |millis| {
        let ticket = limiter.enter("users", "api.example.com", 1);
        let admission = limiter.ask(ticket, at(millis));
        limiter.leave(ticket, Some(at(millis)));
        admission
    };
    assert_eq!([0, 500].map(&mut ask), [Admission::Go; 2]);
    assert_eq!(ask(1_019), Admission::Wait(Duration::from_millis(1)));
    assert_eq!(ask(1_020), Admission::Go, "the first was alone in its part");
    assert_eq!(ask(1_200), Admission::Wait(Duration::from_millis(321)), "the second counts a millisecond longer");
}

#[test]
fn a_call_that_is_turned_away_holds_the_others_back() {
    static LIMITS: [RateLimit; 1] =
        [RateLimit::of(Scope::Client).rate(1_000, 1_000).reset_header("x-retry-ms", ResetUnit::DeltaMs)];
    let policy = gated(&LIMITS);
    let mut now = START;
    let limited = answer(429, &[("x-retry-ms", "2500")]);
    let steps = run(&policy, Exchange::new(&policy, &LIST, get(USERS)), &mut now, vec![limited, answer(200, &[])]);
    assert_eq!(steps, [SENT, "sleep 2500 ms", SENT, "done 200"]);

    let mut first = Exchange::new(&policy, &LIST, get(USERS));
    assert!(matches!(first.step(Event::Start, now), Step::Send(_)));
    let limited = reply(429, &[("retry-after", "4")], "");
    assert!(matches!(first.step(Event::Response(limited), now), Step::Sleep(wait) if wait == SECOND * 4));
    let mut second = Exchange::new(&policy, &LIST, get(USERS));
    assert!(matches!(second.step(Event::Start, now), Step::Sleep(wait) if wait == SECOND * 4));
}

#[test]
fn a_dropped_call_frees_its_place() {
    static LIMITS: [RateLimit; 1] = [RateLimit::of(Scope::Client).concurrency(1)];
    let policy = gated(&LIMITS);
    let start = || {
        let mut call = Exchange::new(&policy, &LIST, get(USERS));
        let step = call.step(Event::Start, START);
        (call, step)
    };
    let (first, step) = start();
    assert!(matches!(step, Step::Send(_)));
    let (mut second, step) = start();
    assert!(matches!(step, Step::Queue));
    assert!(!second.is_turn(Waker::noop()));
    drop(first);
    assert!(second.is_turn(Waker::noop()));
    assert!(matches!(second.step(Event::Slept, START), Step::Send(_)));
    // While it waits to repeat its call, another one may go.
    let failed = Event::Response(reply(503, &[], ""));
    assert!(matches!(second.step(failed, START), Step::Sleep(_)));
    let (mut third, step) = start();
    assert!(matches!(step, Step::Send(_)));
    let fault = TransportFault { kind: TransportFaultKind::Broken, message: String::new() };
    assert!(matches!(third.step(Event::Fault(fault), START), Step::Sleep(_)));
    assert!(matches!(start().1, Step::Send(_)));
}

/// What a limit says about its reset is no reason to wait after a failure of another kind.
#[test]
fn a_failure_of_another_kind_does_not_wait_for_the_limit() {
    static LIMITS: [RateLimit; 1] =
        [RateLimit::of(Scope::Client).rate(1_000, 1_000).reset_header("x-retry-ms", ResetUnit::DeltaMs)];
    let policy = gated(&LIMITS);
    let script = vec![answer(503, &[("x-retry-ms", "2500")]), answer(200, &[])];
    let steps = run(&policy, Exchange::new(&policy, &LIST, get(USERS)), &mut START.clone(), script);
    assert_eq!(steps, [SENT, "sleep 100 ms", SENT, "done 200"]);
}

#[test]
fn without_respect_for_waits_limits_are_kept_all_the_same() {
    static LIMITS: [RateLimit; 1] = [RateLimit::of(Scope::Client).rate(1, 1_000)];
    let retry = Retry { respect_retry_after: false, ..RETRY };
    let policy = Policy { gate: Some(Arc::new(Limiter::new(&LIMITS))), ..policy(retry, Credentials::None) };
    let script: Vec<Reply> = vec![answer(503, &[("retry-after", "60")]), answer(200, &[])];
    let steps = run(&policy, Exchange::new(&policy, &LIST, get(USERS)), &mut START.clone(), script);
    assert_eq!(steps, [SENT, "sleep 100 ms", "sleep 920 ms", SENT, "done 200"]);
}

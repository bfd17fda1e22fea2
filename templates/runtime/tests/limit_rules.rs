//! Rate limits, moment by moment: which limit a wait is of, what weighs how much, and what the service's word counts for.

mod client;

use std::task::Waker;
use std::time::Duration;

use client::{START, reply};
use tapwright_runtime::rt::gate::{Admission, Gate};
use tapwright_runtime::rt::limit::{Limiter, RateLimit, ResetUnit, Scope};
use tapwright_runtime::rt::retry::Now;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const CLIENT: RateLimit = RateLimit::of(Scope::Client);
const TOLD: RateLimit = CLIENT.rate(100, 1_000).remaining_header("left").reset_header("reset", ResetUnit::Delta);

fn at(millis: u64) -> Now {
    let elapsed = Duration::from_millis(millis);
    Now { elapsed, unix: START.unix + elapsed }
}

/// A gate, and what is asked of it.
struct Desk(Limiter);

impl Desk {
    fn new<const N: usize>(limits: [RateLimit; N]) -> Self {
        Self(Limiter::new(Box::leak(Box::new(limits))))
    }

    /// A request of an operation that weighs so much, at a moment.
    fn ask(&self, operation: &'static str, weight: u32, millis: u64) -> (u64, Admission) {
        let ticket = self.0.enter(operation, "host", weight);
        (ticket, self.0.ask(ticket, at(millis)))
    }

    /// One that goes at once.
    fn go(&self, operation: &'static str, weight: u32, millis: u64) -> u64 {
        let (ticket, admission) = self.ask(operation, weight, millis);
        assert_eq!(admission, Admission::Go);
        ticket
    }

    /// How many milliseconds one has to wait, which then gives up.
    fn wait(&self, operation: &'static str, weight: u32, millis: u64) -> u128 {
        let (ticket, admission) = self.ask(operation, weight, millis);
        self.0.leave(ticket, Some(at(millis)));
        let Admission::Wait(wait) = admission else { panic!("{admission:?}") };
        wait.as_millis()
    }

    /// A request is answered with headers, and refused for a while.
    fn answer(&self, ticket: u64, headers: &[(&str, &str)], throttled: Option<Duration>, millis: u64) {
        self.0.observe(ticket, &reply(200, headers, ""), throttled, MINUTE, at(millis));
        self.0.leave(ticket, Some(at(millis)));
    }
}

#[test]
fn a_refusal_is_of_the_narrowest_limit() {
    let only = |name| RateLimit::of(Scope::Only(name)).rate(100, 1_000);
    let desk = Desk::new([only("search"), only("users"), CLIENT.rate(100, 1_000)]);
    let (users, search) = (desk.go("users", 1, 0), desk.go("search", 1, 0));
    desk.answer(search, &[], Some(SECOND * 3), 0);
    desk.answer(users, &[], None, 0);
    desk.go("users", 1, 0);
    assert_eq!(desk.wait("search", 1, 0), 3_000);
}

#[test]
fn a_wait_is_no_longer_than_the_longest_delay_and_no_shorter_than_the_one_before() {
    let desk = Desk::new([TOLD]);
    let (one, two) = (desk.go("users", 1, 0), desk.go("users", 1, 0));
    desk.answer(one, &[], Some(SECOND * 3_600), 0);
    desk.answer(two, &[], Some(SECOND), 0);
    assert_eq!(desk.wait("users", 1, 0), 60_000);
    let desk = Desk::new([TOLD]);
    desk.answer(desk.go("users", 1, 0), &[("left", "0"), ("reset", "3600")], None, 0);
    assert_eq!(desk.wait("users", 1, 0), 60_000);
    let desk = Desk::new([TOLD]);
    desk.answer(desk.go("users", 1, 0), &[("left", "0"), ("reset", "5")], Some(SECOND * 10), 0);
    assert_eq!(desk.wait("users", 1, 0), 10_000, "the later of two");
}

#[test]
fn whoever_leaves_frees_its_own_place() {
    let only = |name| RateLimit::of(Scope::Only(name)).concurrency(1);
    let desk = Desk::new([only("users"), only("search")]);
    desk.go("users", 1, 0);
    let search = desk.go("search", 1, 0);
    desk.answer(search, &[], None, 0);
    desk.go("search", 1, 0);
    assert_eq!(desk.ask("users", 1, 0).1, Admission::Queue);
}

#[test]
fn two_limits_of_one_scope_count_by_themselves() {
    let desk = Desk::new([CLIENT.rate(100, 1_000), CLIENT.rate(2, 10_000)]);
    desk.go("users", 1, 0);
    desk.go("users", 1, 0);
    assert_eq!(desk.wait("users", 1, 0), 10_200);
}

#[test]
fn time_does_not_go_back() {
    let desk = Desk::new([CLIENT.rate(1, 1_000)]);
    desk.go("users", 1, 1_000);
    assert_eq!(desk.wait("users", 1, 500), 1_020);
}

#[test]
fn all_that_can_pass_does_and_nobody_overtakes() {
    let desk = Desk::new([CLIENT.rate(5, 1_000), RateLimit::of(Scope::EachResource).rate(100, 1_000)]);
    let tickets = [desk.0.enter("a", "host", 1), desk.0.enter("b", "host", 2)];
    assert_eq!(desk.0.ask(tickets[0], at(0)), Admission::Go);
    assert!(desk.0.is_turn(tickets[1], Waker::noop()), "what was asked for one let the other pass as well");
    assert!(matches!(desk.ask("a", 5, 0).1, Admission::Wait(_)));
    assert_eq!(desk.ask("b", 1, 0).1, Admission::Queue, "there is room for one, but another is before it");
}

#[test]
fn a_bucket_takes_no_more_than_it_holds() {
    for (limit, weight, wait) in [
        // Heavier than the bucket: it takes all of it.
        (CLIENT.rate(2, 1_000).burst(40), 100, 500),
        (CLIENT.rate(10, 1_000).burst(1), 5, 100),
        (CLIENT.rate(1, 1_000).burst(1), 1, 1_000),
    ] {
        let desk = Desk::new([limit]);
        desk.go("users", weight, 0);
        assert_eq!(desk.wait("users", 1, 0), wait, "{limit:?}");
    }
    let desk = Desk::new([CLIENT.rate(1, 1_000).burst(2)]);
    desk.go("users", 1, 10_000);
    desk.go("users", 1, 10_000);
    assert_eq!(desk.wait("users", 1, 10_000), 1_000, "idle time fills it no further than full");
}

#[test]
fn a_bucket_is_never_fuller_than_it_is_here() {
    let desk = Desk::new([CLIENT.rate(2, 1_000).burst(40).remaining_header("calls")]);
    desk.answer(desk.go("users", 40, 0), &[("calls", "1/40")], None, 0);
    assert_eq!(desk.wait("users", 1, 0), 500);
}

#[test]
fn what_is_left_is_used_up_here_as_well() {
    let desk = Desk::new([TOLD]);
    desk.answer(desk.go("users", 1, 0), &[("left", " 2, 2;w=1"), ("reset", " 5 ")], None, 0);
    desk.go("users", 1, 0);
    desk.go("users", 1, 0);
    assert_eq!(desk.wait("users", 1, 0), 5_000);
    desk.go("users", 1, 5_000);
}

#[test]
fn what_only_this_client_used_is_counted_here() {
    let desk = Desk::new([TOLD]);
    desk.answer(desk.go("users", 1, 0), &[("left", "99"), ("reset", "5")], None, 0);
    desk.go("users", 99, 0);
    assert!(desk.wait("users", 1, 0) < 1_100, "the span, not the reset that is told in whole seconds");
}

#[test]
fn an_answer_from_before_is_not_heard() {
    let desk = Desk::new([TOLD]);
    let tickets = [desk.go("users", 1, 0), desk.go("users", 1, 0)];
    desk.answer(tickets[1], &[("left", "90"), ("reset", "5")], None, 0);
    desk.answer(tickets[0], &[("left", "0"), ("reset", "5")], None, 0);
    desk.go("users", 1, 0);
}

#[test]
fn what_is_no_count_says_nothing() {
    let desk = Desk::new([TOLD]);
    desk.answer(desk.go("users", 1, 0), &[("left", "NaN"), ("reset", "5")], None, 0);
    desk.go("users", 1, 0);
    desk.answer(desk.go("users", 0, 0), &[("left", "0"), ("reset", "5")], None, 0);
    assert_eq!(desk.wait("users", 1, 0), 5_000, "what weighs nothing is answered all the same");
}

#[test]
fn where_nothing_is_known_but_what_is_left_that_is_kept_to() {
    let desk = Desk::new([CLIENT.remaining_header("left").reset_header("reset", ResetUnit::Delta)]);
    desk.answer(desk.go("users", 1, 0), &[("left", "3"), ("reset", "5")], None, 0);
    assert_eq!(desk.wait("users", 5, 0), 5_000);
    desk.go("users", 3, 0);
}

#[test]
fn a_reset_that_is_now_is_none() {
    let unix = START.unix.as_secs();
    for (unit, reset, wait) in [
        (ResetUnit::Epoch, unix.to_string(), 1_000),
        (ResetUnit::Epoch, (unix + 7).to_string(), 7_000),
        (ResetUnit::Iso, "Sat, 21 Nov 2026 00:00:07 GMT".to_owned(), 7_000),
    ] {
        let desk = Desk::new([TOLD.reset_header("reset", unit)]);
        desk.answer(desk.go("users", 1, 0), &[("left", "0"), ("reset", &reset)], None, 0);
        assert_eq!(desk.wait("users", 1, 0), wait, "{reset}");
    }
}

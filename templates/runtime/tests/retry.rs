//! Waiting: the forms in which servers ask for it, the back-off, the budget and the pause.

mod client;

use std::time::Duration;

use client::{RETRY, START, reply};
use tapwright_runtime::rt::descriptor::Retry;
use tapwright_runtime::rt::retry::{Now, Pace, random};
use tapwright_runtime::rt::wait;

/// 2026-11-21T00:00:00Z.
const UNIX: Duration = START.unix;

#[test]
fn retry_after_is_seconds_or_a_date() {
    let cases = [
        ("2", Some(2_000)),
        (" 1.5 ", Some(1_500)),
        ("0.25", Some(250)),
        ("0", None),
        ("-1", None),
        ("NaN", None),
        ("inf", None),
        ("1e300", None),
        ("", None),
        ("soon", None),
        ("Sat, 21 Nov 2026 00:00:30 GMT", Some(30_000)),
        ("Saturday, 21-Nov-26 00:00:30 GMT", Some(30_000)),
        ("Fri, 20 Nov 2026 23:59:00 GMT", None),
        ("Sat, 21 Nov 2026 00:00:00 GMT", None),
    ];
    for (value, expected) in cases {
        assert_eq!(wait::retry_after(value, UNIX), expected.map(Duration::from_millis), "{value:?}");
    }
}

#[test]
fn a_reset_is_a_span_or_a_moment() {
    let cases = [
        ("1795219201", Some(1_000)),
        ("1795219200.5", Some(500)),
        ("1795219202000", Some(2_000)),
        ("1795219200", None),
        ("1795219100", None),
        ("17", Some(17_000)),
        (" 17 ", Some(17_000)),
        ("0.5", Some(500)),
        ("0", None),
        ("-4", None),
        ("2026-11-21T00:01Z", Some(60_000)),
        ("2026-11-21T00:00:02.5Z", Some(2_500)),
        ("2026-11-21T02:00:05+02:00", Some(5_000)),
        ("2026-11-20T19:00:05-0500", Some(5_000)),
        ("2026-11-21T05:30:05+05:30", Some(5_000)),
        ("2026-11-21T0:1Z", Some(60_000)),
        ("2026-11-21T00:59Z", Some(3_540_000)),
        ("2026-11-21T24:00Z", Some(86_400_000)),
        ("2026-11-21T25:00Z", None),
        ("2026-11-21T00:60Z", None),
        ("2026-11-21T00:01:02:03Z", None),
        ("2026-11-32T00:00Z", None),
        ("2026-11-21-01T00:01Z", None),
        ("2026-11-+21T00:01Z", None),
        ("20026-11-21T00:01Z", None),
        ("2026-11-20T23:59:59Z", None),
        ("2026-13-21T00:01Z", None),
        ("2026-11-21", None),
        ("2026-11-21T00:01", None),
        ("-2026-11-21T00:01Z", None),
        ("Sat, 21 Nov 2026 00:00:30 GMT", Some(30_000)),
        ("tomorrow", None),
    ];
    for (value, expected) in cases {
        assert_eq!(wait::reset(value, UNIX), expected.map(Duration::from_millis), "{value:?}");
    }
}

#[test]
fn iso_moments_agree_with_the_calendar() {
    // A leap day, the days around it, a century that is none, and one that is.
    let cases = [
        ("2000-02-29T00:00Z", 951_782_400),
        ("2024-03-01T00:00Z", 1_709_251_200),
        ("2100-03-01T00:00Z", 4_107_542_400),
        ("2401-01-01T00:00Z", 13_601_088_000),
    ];
    for (value, seconds) in cases {
        assert_eq!(wait::reset(value, Duration::ZERO), Some(Duration::from_secs(seconds)), "{value}");
    }
    for (month, days) in (1..).zip([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]) {
        let value = format!("1971-{month:02}-01T00:00Z");
        assert_eq!(wait::reset(&value, Duration::ZERO), Some(Duration::from_secs((365 + days) * 86_400)), "{value}");
    }
}

#[test]
fn a_number_is_a_span_or_a_moment_by_its_size() {
    let secs = Duration::from_secs;
    assert_eq!(wait::reset("99999999", secs(99_999_990)), Some(secs(99_999_999)));
    assert_eq!(wait::reset("100000000", secs(99_999_990)), Some(secs(10)));
    assert_eq!(wait::reset("100000000000", secs(99_999_990)), Some(secs(10)));
    assert_eq!(wait::moment("99999999999"), Some(secs(99_999_999_999)));
    assert_eq!(wait::moment(" 100000000000 "), Some(secs(100_000_000)));
    assert_eq!(wait::moment("Sat, 21 Nov 2026 00:00:00 GMT"), Some(UNIX));
    assert_eq!(wait::moment("2026-11-21T00:00"), Some(UNIX));
}

#[test]
fn the_back_off_is_anything_up_to_a_bound_that_grows() {
    let pace = |jitter: f64| Pace::new(Retry { max_delay_ms: 1_000, ..RETRY }, Box::new(move || jitter));
    let waits = |jitter| [0, 1, 2, 3, 4, 400, u32::MAX].map(|retries| pace(jitter).terms(None).back_off(retries).as_millis());
    assert_eq!(waits(1.0), [100, 200, 400, 800, 1_000, 1_000, 1_000]);
    assert_eq!(waits(0.5), [50, 100, 200, 400, 500, 500, 500]);
    assert_eq!(waits(0.0), [0; 7]);
    let shrinking = Pace::new(Retry { backoff_factor: 0.5, ..RETRY }, Box::new(|| 1.0));
    assert_eq!([0, 1, 2].map(|retries| shrinking.terms(None).back_off(retries).as_millis()), [100; 3], "it never shrinks");
}

#[test]
fn the_jitter_is_spread_evenly() {
    let draws: Vec<f64> = (0..10_000).map(|_| random()).collect();
    assert!(draws.iter().all(|draw| (0.0..=1.0).contains(draw)));
    for quarter in 0..4 {
        let from = f64::from(quarter) / 4.0;
        let share = draws.iter().filter(|draw| (from..from + 0.25).contains(*draw)).count();
        assert!((2_200..2_800).contains(&share), "{share} of 10000 are in the quarter from {from}");
    }
}

#[test]
fn a_failing_service_is_not_hammered() {
    let pace = Pace::new(RETRY, Box::new(|| 1.0));
    let granted = |calls: usize| (0..calls).filter(|_| pace.spend()).count();
    assert_eq!(granted(1_000), 100, "a dead service");
    (0..9).for_each(|_| pace.earn());
    assert_eq!(granted(1_000), 1, "a retry for every five successes");
    (0..1_000).for_each(|_| pace.earn());
    assert_eq!(granted(1_000), 100, "it does not pile up");
}

type Pairs = &'static [(&'static str, &'static str)];

#[test]
fn a_used_up_limit_pauses_the_client_until_the_reset() {
    let cases: [(&str, Pairs, Option<u64>); 8] = [
        ("calls are left", &[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "5")], None),
        ("none is left", &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5")], Some(5_000)),
        ("with blanks", &[("x-ratelimit-remaining", " 0 "), ("x-ratelimit-reset", " 5 ")], Some(5_000)),
        ("a moment", &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795219203")], Some(3_000)),
        ("a past moment", &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795219100")], None),
        ("no reset", &[("x-ratelimit-remaining", "0")], None),
        ("bounded", &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "3600")], Some(60_000)),
        // The server's clock is ten seconds ahead of ours.
        (
            "the server's clock",
            &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795219212"), ("date", "Sat, 21 Nov 2026 00:00:10 GMT")],
            Some(2_000),
        ),
    ];
    for (name, headers, expected) in cases {
        let pace = Pace::new(RETRY, Box::new(|| 1.0));
        pace.terms(None).observe(&reply(200, headers, ""), START);
        assert_eq!(pace.pause(START), expected.map(Duration::from_millis), "{name}");
        let later = Now { elapsed: Duration::from_secs(61), ..START };
        assert_eq!(pace.pause(later), None, "{name}: it ends");
    }
    let deaf = Pace::new(Retry { respect_retry_after: false, ..RETRY }, Box::new(|| 1.0));
    deaf.terms(None).observe(&reply(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5")], ""), START);
    assert_eq!(deaf.pause(START), None, "not respected");
}

#[test]
fn the_latest_reset_ends_the_pause() {
    let used_up = |reset| reply(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset)], "");
    let pace = Pace::new(RETRY, Box::new(|| 1.0));
    for (reset, expected) in [("5", 5), ("50", 50), ("7", 50)] {
        pace.terms(None).observe(&used_up(reset), START);
        assert_eq!(pace.pause(START), Some(Duration::from_secs(expected)), "after {reset}");
    }
}

#[test]
fn a_service_without_headers_of_a_limit_has_none() {
    let pace = Pace::new(Retry { remaining_header: "", reset_header: "", ..RETRY }, Box::new(|| 1.0));
    let response = reply(429, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5")], "");
    pace.terms(None).observe(&response, START);
    assert_eq!((pace.pause(START), pace.terms(None).asked_wait(&response, true, START)), (None, None));
}

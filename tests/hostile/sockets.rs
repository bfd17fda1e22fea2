//! The same over sockets: real connections that are reset, stalled and cut, with both transports.

use paging::Client;
use paging::transport::Timeouts;
use tapwright::mock::hostile::{Hostile, SCENARIOS, Scenario};
use tapwright::mock::{Mock, Options, Running};

use crate::alone::once;
use crate::judge::{judge, read};
use crate::storm::in_threads;
use crate::world::{Mode, RESOURCES, Resource, SECRET, Service, World, api};

/// How long clients wait for each stage, in milliseconds; the service keeps still for longer.
const PATIENCE: u64 = 1_500;

/// What can be struck by something is found among these.
const SOME: [&str; 4] = ["cursors", "linked", "numbered", "tails"];

/// How many services run at once: nearly all of their time is spent waiting.
const AT_ONCE: usize = 8;

struct Sockets(Running);

impl Sockets {
    fn new(hostile: Hostile, ipv6: bool) -> Self {
        let options = Options { records: 40, hostile: Some(hostile), ipv6, ..Options::default() };
        Self(Mock::start(api(), options).expect("a loopback port is free"))
    }
}

impl World for Sockets {
    fn client(&self) -> Client {
        let timeouts =
            Timeouts { connect_ms: 5_000, first_byte_ms: PATIENCE, between_bytes_ms: PATIENCE, whole_ms: 5 * PATIENCE };
        let builder = Client::builder().client_id("hostile").client_secret(SECRET).base_url(self.0.base_url());
        builder.timeouts(timeouts).build().expect("every input is given")
    }

    fn service(&self) -> &dyn Service {
        &self.0
    }
}

/// Plays a scenario until it strikes; says whether it did.
fn plays(scenario: &'static Scenario, resource: &Resource, mode: Mode) -> Result<bool, String> {
    for seed in 0..6 {
        let hostile =
            Hostile { scenarios: vec![scenario], strikes: 1, stall: std::time::Duration::from_secs(5), ..Hostile::new(seed) };
        if once(&Sockets::new(hostile, false), scenario, resource, mode)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn every_resource(scenario: &'static Scenario, mode: Mode) -> Option<String> {
    let some = RESOURCES.iter().filter(|resource| SOME.contains(&resource.name));
    for resource in some {
        match plays(scenario, resource, mode) {
            Ok(true) => return None,
            Ok(false) => {}
            Err(problem) => return Some(format!("{} {} {mode:?}: {problem}", scenario.name, resource.name)),
        }
    }
    Some(format!("{} {mode:?} never struck", scenario.name))
}

#[test]
fn every_scenario_over_sockets() {
    let share = |thread: usize| {
        let mine = SCENARIOS.iter().skip(thread).step_by(AT_ONCE);
        mine.flat_map(|scenario| [Mode::Async, Mode::Blocking].map(|mode| every_resource(scenario, mode))).flatten()
    };
    let problems = in_threads(AT_ONCE, |thread| share(thread).collect());
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// A service with an IPv6 address is read as any other is.
#[test]
fn storms_over_ipv6() {
    for (seed, mode) in [(1, Mode::Async), (2, Mode::Blocking)] {
        let scenarios = ["reset-in-body", "token-revoked"].into_iter().filter_map(Scenario::named).collect();
        let world = Sockets::new(Hostile { scenarios, ..Hostile::new(seed) }, true);
        assert!(world.0.base_url().starts_with("http://[::1]:"), "{}", world.0.base_url());
        let resource = &RESOURCES[4];
        let story = read(&world, resource, mode).expect("it comes to an end");
        judge(&world, resource, &story).expect("nothing is lost");
        assert!(!world.0.struck().is_empty());
    }
}

//! A reader that is killed wherever it waits goes on from its last checkpoint, and gives the rest.

use tapwright::mock::hostile::{Hostile, Scenario};

use crate::memory::Memory;
use crate::world::{Mode, RESOURCES, Resource, Run, World, block_on};

/// What goes wrong besides. Each moves no record, so that every one has to come exactly once.
const BESIDES: [&str; 4] = ["reset-in-body", "throttle-seconds", "token-revoked", "unavailable"];

/// Reads until it is killed at the `at`th wait; says whether it came to its end before. Then another reader goes on.
fn killed_at(resource: &Resource, at: u64) -> bool {
    let scenarios = BESIDES.into_iter().filter_map(Scenario::named).collect();
    let world = Memory::new(Hostile { scenarios, strikes: 1, ..Hostile::new(7) }, 10).ending_at(at);
    let mut given = Run::default();
    let client = world.client();
    // What the reader set going dies with it.
    let is_over = block_on(async {
        tokio::select! {
            () = world.end.reached.notified() => false,
            () = (resource.items)(&client, None, &mut given) => true,
        }
    });
    drop(client);
    assert!(given.error.is_none(), "{} killed at {at}: what goes wrong is survived, but {:?}", resource.name, given.error);

    let rest = resource.read(&world.client(), given.mark.as_deref(), Mode::Blocking);
    assert!(rest.error.is_none(), "{} killed at {at}: {:?}", resource.name, rest.error);
    let before = given.keys.len();
    given.keys.extend(rest.keys);
    assert_eq!(given.keys, resource.oracle(world.service()).lasting, "{} killed at {at}, after {before} records", resource.name);
    is_over
}

#[test]
fn a_reader_that_is_killed_at_any_wait_goes_on() {
    for resource in RESOURCES {
        let ends_at = (1..2_000).find(|at| killed_at(resource, *at));
        let waits = ends_at.expect("it comes to its end");
        assert!(waits > 4, "{} waited {waits} times only", resource.name);
    }
}

//! Every scenario by itself, once: it is survived or told, as the table says.

use tapwright::mock::hostile::{Hostile, Outcome, SCENARIOS, Scenario};

use crate::judge::{judge, read};
use crate::memory::Memory;
use crate::world::{Mode, RESOURCES, Resource, World};

/// Seeds are tried until one of them strikes.
const SEEDS: u64 = 8;

/// Plays one scenario to a reader of a resource; says whether it struck. What came of it must be what the table says.
pub(crate) fn once(world: &impl World, scenario: &Scenario, resource: &Resource, mode: Mode) -> Result<bool, String> {
    let story = read(world, resource, mode)?;
    judge(world, resource, &story)?;
    if world.service().struck().is_empty() {
        return Ok(false);
    }
    match (scenario.outcome, story.errors.as_slice()) {
        (Outcome::Survived, [error, ..]) => Err(format!("not survived: {error}")),
        (Outcome::Told(_), []) => Err("not told".to_owned()),
        // Of which kind the errors are was judged above.
        (Outcome::Survived, []) | (Outcome::Told(_), _) => Ok(true),
    }
}

fn alone(scenario: &'static Scenario, resource: &Resource, seed: u64, mode: Mode) -> Result<bool, String> {
    let hostile = Hostile { scenarios: vec![scenario], strikes: 1, ..Hostile::new(seed) };
    once(&Memory::new(hostile, 40), scenario, resource, mode)
}

#[test]
fn every_scenario_alone() {
    let mut problems = Vec::new();
    for scenario in SCENARIOS {
        let mut strikes = 0;
        for resource in RESOURCES {
            for mode in [Mode::Async, Mode::Blocking] {
                for seed in 0..SEEDS {
                    match alone(scenario, resource, seed, mode) {
                        Ok(false) => continue,
                        Ok(true) => strikes += 1,
                        Err(problem) => problems.push(format!("{} {} {mode:?} {seed}: {problem}", scenario.name, resource.name)),
                    }
                    break;
                }
            }
        }
        if strikes == 0 {
            problems.push(format!("{} never struck", scenario.name));
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

//! Records that come, go and change while they are listed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::random::Random;
use super::Change;

/// One in so many records is yet to come when a run begins.
const LATE: u64 = 8;

/// The records of one list.
#[derive(Debug)]
pub(super) struct World {
    /// The numbers of those that are there, in order.
    present: Vec<u64>,
    /// Those that are yet to come.
    late: Vec<u64>,
    /// Those that were not there throughout.
    passing: BTreeSet<u64>,
    /// Whether one of them has gone.
    has_lost: bool,
    /// How often a record has changed.
    versions: BTreeMap<u64, u64>,
    /// How many of those present were served at most.
    pub(super) served: u64,
}

/// The records of a list at a moment.
#[derive(Clone, Debug)]
pub(in crate::mock) struct View {
    /// Their numbers, in order.
    pub(in crate::mock) present: Arc<[u64]>,
    /// How often a record has changed.
    pub(in crate::mock) versions: BTreeMap<u64, u64>,
}

impl World {
    pub(super) fn new(count: u64) -> Self {
        let (late, present): (Vec<u64>, Vec<u64>) = (0..count).partition(|number| number % LATE == LATE / 2);
        let passing = late.iter().copied().collect();
        Self { present, late, passing, has_lost: false, versions: BTreeMap::new(), served: 0 }
    }

    /// Changes something. Where pages go by position, a record that goes moves all behind it by one place, and whoever has read as
    /// far as there would miss one: no client can know. There, only records that nobody was given yet go, and none comes once one has
    /// gone: the total would be what it was, and whoever reads several pages at once could not know either.
    pub(super) fn change(&mut self, change: Change, random: &mut Random, positional: bool) {
        let pick = |random: &mut Random, count: usize| usize::try_from(random.below(count as u64)).unwrap_or(0);
        match change {
            Change::Inserted => {
                if self.late.is_empty() || (positional && self.has_lost) {
                    return;
                }
                let number = self.late.remove(pick(random, self.late.len()));
                let at = self.present.partition_point(|held| *held < number);
                self.present.insert(at, number);
                self.served += u64::from((at as u64) < self.served);
            }
            Change::Deleted => {
                let from = if positional { usize::try_from(self.served).unwrap_or(usize::MAX) } else { 0 };
                let Some(open) = self.present.len().checked_sub(from).filter(|open| *open > 0) else { return };
                let number = self.present.remove(from + pick(random, open));
                self.has_lost = true;
                self.passing.insert(number);
            }
            Change::Updated => {
                let at = pick(random, self.present.len());
                if let Some(number) = self.present.get(at) {
                    *self.versions.entry(*number).or_default() += 1;
                }
            }
        }
    }

    pub(super) fn view(&self) -> View {
        View { present: self.present.as_slice().into(), versions: self.versions.clone() }
    }

    pub(super) fn passing(&self) -> impl Iterator<Item = u64> {
        self.passing.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_served_by_position_does_not_go() {
        let mut world = World::new(40);
        world.served = 30;
        let before: Vec<u64> = world.present[..30].to_vec();
        for luck in 0..20 {
            world.change(Change::Deleted, &mut Random::new(luck), true);
        }
        assert_eq!(world.present, before);
        assert_eq!(world.passing().count(), 10, "five that were late, and five that went");
    }

    #[test]
    fn by_position_none_comes_once_one_has_gone() {
        let mut world = World::new(40);
        world.change(Change::Deleted, &mut Random::new(1), true);
        let present = world.present.clone();
        world.change(Change::Inserted, &mut Random::new(1), true);
        assert_eq!(world.present, present);
        world.change(Change::Inserted, &mut Random::new(1), false);
        assert_eq!(world.present.len(), present.len() + 1);
    }

    #[test]
    fn what_comes_is_in_its_place() {
        let mut world = World::new(40);
        for luck in 0..9 {
            world.change(Change::Inserted, &mut Random::new(luck), true);
        }
        assert_eq!(world.present, (0..40).collect::<Vec<_>>());
    }
}

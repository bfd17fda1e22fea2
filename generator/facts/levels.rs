//! The levels that a resource is read by: everything that it is read for, the outermost first, with what it takes of each.

use crate::model::{Api, Condition, Incremental, List, ParentField, PartitionBy, PartitionValue, Resource};

/// A level above a resource.
#[derive(Clone, Debug)]
pub struct Level<'a> {
    /// Where its rows come from.
    pub source: LevelSource<'a>,
    /// What the levels below take of each record.
    pub bindings: Vec<ParentField>,
    /// What holds for the records that are taken.
    pub conditions: Vec<&'a Condition>,
    /// Of how many levels before it its rows depend on, where those are not all.
    pub shared: Option<usize>,
}

/// Where the rows of a level come from.
#[derive(Clone, Copy, Debug)]
pub enum LevelSource<'a> {
    /// The values of a list.
    List(&'a List),
    /// The records of a resource.
    Records(&'a Resource),
    /// The windows of a resource's incremental run.
    Windows(&'a Incremental),
}

/// The levels above a resource. What two of its parents are both read for is one level.
#[must_use]
pub fn levels<'a>(api: &'a Api, resource: &'a Resource) -> Vec<Level<'a>> {
    let mut levels = Vec::new();
    add(api, resource, &mut levels, 0);
    for at in 0..levels.len() {
        let bindings = match levels.get(at).map(|level: &Level<'_>| level.source) {
            Some(LevelSource::Records(parent)) => bindings(parent, levels.get(at + 1..).unwrap_or_default(), resource),
            _ => Vec::new(),
        };
        if let Some(level) = levels.get_mut(at) {
            level.bindings = bindings;
        }
    }
    levels
}

/// Adds the levels above a resource, and says how many of them it depends on: up to the last that it is read for itself.
fn add<'a>(api: &'a Api, resource: &'a Resource, levels: &mut Vec<Level<'a>>, depth: usize) -> usize {
    let mut reach = 0;
    for by in &resource.partitions {
        let at = match by {
            PartitionBy::List(list) => {
                position(levels, |source| matches!(source, LevelSource::List(other) if other.is_same(list)))
                    .unwrap_or_else(|| push(levels, LevelSource::List(list), None))
            }
            PartitionBy::Parent(link) => {
                // Parents in a circle are an error elsewhere.
                let Some(parent) = api.resource(&link.resource).filter(|_| depth < api.resources.len()) else { continue };
                let name = &parent.operation.name.value;
                let is_it = |source: LevelSource<'_>| matches!(source, LevelSource::Records(other) if other.operation.name.value == *name);
                let at = position(levels, is_it).unwrap_or_else(|| {
                    let reach = add(api, parent, levels, depth + 1);
                    let shared = (reach < levels.len()).then_some(reach);
                    push(levels, LevelSource::Records(parent), shared)
                });
                if let Some(level) = levels.get_mut(at) {
                    level.conditions.extend(&link.conditions);
                }
                at
            }
        };
        reach = reach.max(at + 1);
    }
    // Windows are those of one range, so that nothing comes between them and what is read in them.
    let windows = resource.incremental.as_ref().filter(|incremental| incremental.step.is_some());
    windows.map_or(reach, |incremental| push(levels, LevelSource::Windows(incremental), None) + 1)
}

fn position(levels: &[Level<'_>], is_it: impl Fn(LevelSource<'_>) -> bool) -> Option<usize> {
    levels.iter().position(|level| is_it(level.source))
}

fn push<'a>(levels: &mut Vec<Level<'a>>, source: LevelSource<'a>, shared: Option<usize>) -> usize {
    levels.push(Level { source, bindings: Vec::new(), conditions: Vec::new(), shared });
    levels.len() - 1
}

/// What is taken of a parent's records: by those below it on the way, and by the resource itself.
fn bindings(parent: &Resource, below: &[Level<'_>], resource: &Resource) -> Vec<ParentField> {
    let on_the_way = below.iter().filter_map(|level| match level.source {
        LevelSource::Records(resource) => Some(request_needs(resource)),
        LevelSource::List(_) | LevelSource::Windows(_) => None,
    });
    let mut bindings: Vec<ParentField> = Vec::new();
    for need in on_the_way.flatten().chain(resource.needs()) {
        if let PartitionValue::Parent(field) = need
            && field.resource == *parent.operation.name
            && !bindings.contains(&field)
        {
            bindings.push(field);
        }
    }
    bindings
}

/// What the requests of a parent need; what its records include goes nowhere here.
fn request_needs(resource: &Resource) -> Vec<PartitionValue> {
    let holes = resource.request_templates().flat_map(crate::model::Template::holes);
    holes.filter_map(crate::model::Hole::partition_value).collect()
}

//! What came of a list, held against what a hostile service knows of its records.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::hostile::Scenario;
use super::partition;
use super::records::Rows;
use super::request::lookup;
use super::service::Service;
use crate::facts::{LevelSource, levels};
use crate::model::{Columns, Contract, ListValues, PartitionValue, Path, Resource};

/// What a list is read for once, and whether all of it was there throughout.
#[derive(Clone, Default)]
struct Partition {
    values: Vec<(PartitionValue, String)>,
    passes: bool,
}

/// How often records of a key are there.
#[derive(Default)]
struct Held {
    throughout: u64,
    ever: u64,
    /// How many of them came.
    given: u64,
}

impl Service {
    /// What is wrong with the records that a client was given of a list, in words; nothing where all is well.
    pub(super) fn judge(&self, list: &str, given: &[Value]) -> Vec<String> {
        let mut problems: Vec<String> = self.strays().iter().map(|stray| format!("sent to another origin: {stray}")).collect();
        let Some(resource) = self.api.resource(list) else { return vec![format!("there is no list `{list}`")] };
        let paths = own_key(resource);
        let Some(mut truth) = self.truth(resource, &paths) else { return problems };
        for record in given {
            truth.entry(key_of(record, &paths)).or_default().given += 1;
        }
        let struck = self.struck_by();
        let moves = struck.iter().filter_map(|name| Scenario::named(name)).any(Scenario::may_repeat);
        // A refusal that a rule of the spec takes for the end of a list is one.
        let ends = struck.contains(&"throttle-forbidden") && self.has_rules(resource);
        for (key, held) in &truth {
            if held.ever == 0 {
                problems.push(format!("invented: {key}"));
            } else if held.given < held.throughout && !ends {
                problems.push(format!("lost: {key}"));
            } else if held.given > held.ever && !moves {
                problems.push(format!("given {} times: {key}", held.given));
            }
        }
        problems
    }

    fn has_rules(&self, resource: &Resource) -> bool {
        !resource.operation.conduct.rules.is_empty() || !self.api.client.rules.is_empty()
    }

    /// How many records there are of each key. None where the spec does not say what is given: some records are left out or
    /// changed on their way, or where they begin is not known here.
    fn truth(&self, resource: &Resource, paths: &[Path]) -> Option<BTreeMap<String, Held>> {
        let keeps = resource.contract == Contract::Freeze && matches!(resource.columns, Columns::Evolve | Columns::DiscardValue);
        let begins = resource.incremental.as_ref().is_none_or(|from| from.initial_value.is_none() && from.end_value.is_none());
        if !keeps || !begins || !resource.steps.is_empty() || resource.job.is_some() {
            return None;
        }
        let mut truth: BTreeMap<String, Held> = BTreeMap::new();
        for partition in self.partitions(resource)? {
            let (rows, passing) = self.rows_in(resource, &partition)?;
            for k in 0..rows.count {
                let parts: Option<Vec<String>> =
                    paths.iter().map(|path| rows.key_json(path, k).map(|value| text_of(&value))).collect();
                let held = truth.entry(parts?.join(" ")).or_default();
                held.ever += 1;
                held.throughout += u64::from(!partition.passes && !passing.contains(&k));
            }
        }
        Some(truth)
    }

    /// What a list is read for; none where that comes from elsewhere, or some of it is passed over.
    fn partitions(&self, resource: &Resource) -> Option<Vec<Partition>> {
        let mut partitions = vec![Partition::default()];
        for level in levels(&self.api, resource) {
            if !level.conditions.is_empty() {
                return None;
            }
            let mut below = Vec::new();
            for above in partitions {
                match level.source {
                    LevelSource::Windows(_) => below.push(above),
                    LevelSource::List(list) => {
                        let ListValues::Given(values) = &list.values else { return None };
                        for value in values {
                            let mut partition = above.clone();
                            for (field, text) in list.given().into_iter().zip(value) {
                                partition.values.push((
                                    PartitionValue::List(field),
                                    text.holes().next().is_none().then(|| text.literal_text())?,
                                ));
                            }
                            below.push(partition);
                        }
                    }
                    LevelSource::Records(parent) => {
                        let (rows, passing) = self.rows_in(parent, &above)?;
                        for k in 0..rows.count {
                            let mut partition = above.clone();
                            partition.passes |= passing.contains(&k);
                            for field in &level.bindings {
                                partition.values.push((PartitionValue::Parent(field.clone()), rows.key_text(&field.field, k)?));
                            }
                            below.push(partition);
                        }
                    }
                }
            }
            partitions = below;
        }
        Some(partitions)
    }

    /// The records of a resource in a partition, and the numbers of those that were not there throughout.
    fn rows_in(&self, resource: &Resource, partition: &Partition) -> Option<(Rows<'_>, BTreeSet<u64>)> {
        let name = &resource.operation.name.value;
        let at = self.api.resources.iter().position(|held| held.operation.name.value == *name)?;
        let value =
            |need: &PartitionValue| partition.values.iter().find(|(value, _)| value == need).map(|(_, text)| text.as_str());
        let texts: Option<Vec<&str>> = partition::named(&resource.operation).iter().map(value).collect();
        Some((self.records.rows(at, &texts?)?, self.passing(name)))
    }
}

/// The fields of a resource's key that are its own.
fn own_key(resource: &Resource) -> Vec<Path> {
    let own = resource.primary_key.iter().filter(|key| !key.starts_with('_'));
    own.map(|key| resource.source_of(key)).collect()
}

fn key_of(record: &Value, paths: &[Path]) -> String {
    let parts: Vec<String> = paths.iter().map(|path| lookup(record, path).map(text_of).unwrap_or_default()).collect();
    parts.join(" ")
}

/// A part of a key; a moment and a whole number in one of the ways in which they can be written.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.parse::<Timestamp>().map_or_else(|_| text.clone(), |moment| moment.to_string()),
        other => {
            let text = other.to_string();
            text.strip_suffix(".0").unwrap_or(&text).to_owned()
        }
    }
}

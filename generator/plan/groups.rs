//! The groups of a large crate: its operations in modules, and each of them a cargo feature.

use std::collections::{BTreeMap, BTreeSet};

use super::runtime;
use crate::facts;
use crate::model::{Api, Operation, TemplatePart};
use crate::names;

/// A crate of more operations than this is large: to compile what one does not call takes minutes.
const LARGE: usize = 200;

/// How many groups a crate has at most. A longer list of features helps nobody.
const MOST: usize = 60;

/// The group of what has no better one.
const OTHER: &str = "other";

/// A part of a large crate.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its cargo feature.
    pub feature: String,
    /// Its module.
    pub module: String,
    /// The features of the groups whose lists its own are read for.
    pub needs: Vec<String>,
}

/// The groups of a crate, by name, and which of them each operation is in. A small crate has none.
#[derive(Debug, Default)]
pub(super) struct Groups {
    pub(super) all: Vec<Group>,
    resources: Vec<usize>,
    operations: Vec<usize>,
}

impl Groups {
    pub(super) fn of(api: &Api) -> Self {
        if operations(api).count() <= LARGE {
            return Self::default();
        }
        let reserved: BTreeSet<&str> = runtime::reserved().collect();
        let by_tag = operations(api).map(|operation| operation.group.clone().unwrap_or_else(|| word(operation)));
        // One tag for everything says nothing.
        let by_path = operations(api).map(word);
        let features = [by_tag.collect(), by_path.collect()]
            .into_iter()
            .map(|titles: Vec<String>| gather(titles.iter().map(|title| names::feature(title, &reserved)).collect()));
        let Some(features) = features.into_iter().find(|features| features.iter().any(|other| Some(other) != features.first()))
        else {
            return Self::default();
        };
        let all: BTreeSet<&str> = features.iter().map(String::as_str).collect();
        let at: BTreeMap<&str, usize> = all.iter().enumerate().map(|(at, feature)| (*feature, at)).collect();
        let mut resources: Vec<usize> = features.iter().filter_map(|feature| at.get(feature.as_str()).copied()).collect();
        let operations = resources.split_off(api.resources.len());
        let needs = needs(api, &resources, all.len());
        let group = |(feature, needs): (&&str, BTreeSet<usize>)| Group {
            feature: (*feature).to_owned(),
            module: names::module(feature),
            needs: needs.into_iter().filter_map(|at| all.iter().nth(at)).map(|feature| (*feature).to_owned()).collect(),
        };
        Self { all: all.iter().zip(needs).map(group).collect(), resources, operations }
    }

    /// The group of a list.
    pub(super) fn of_list(&self, at: usize) -> Option<usize> {
        self.resources.get(at).copied()
    }

    /// The group of another operation.
    pub(super) fn of_call(&self, at: usize) -> Option<usize> {
        self.operations.get(at).copied()
    }

    /// The names that are taken in the folders of operations and models.
    pub(super) fn modules(&self) -> Vec<&str> {
        self.all.iter().map(|group| group.module.as_str()).collect()
    }

    /// The groups that reach each type, by its id; none where all do.
    pub(super) fn of_types(&self, api: &Api) -> Vec<Vec<usize>> {
        let mut sets: Vec<Vec<&Operation>> = vec![Vec::new(); self.all.len()];
        let places = self.resources.iter().chain(&self.operations);
        for (operation, at) in operations(api).zip(places) {
            sets[*at].push(operation);
        }
        // The trait of hooks names their records, and is no part of a group.
        for resource in api.resources.iter().filter(|resource| resource.hook().is_some()) {
            for set in &mut sets {
                set.push(&resource.operation);
            }
        }
        let reached = facts::reached(api, &sets).into_iter();
        reached.map(|groups| if groups.len() < sets.len() { groups.into_iter().collect() } else { Vec::new() }).collect()
    }
}

/// Every operation, the lists first.
fn operations(api: &Api) -> impl Iterator<Item = &Operation> {
    api.resources.iter().map(|resource| &resource.operation).chain(&api.operations)
}

/// The first word of an operation's path that is not about versions.
fn word(operation: &Operation) -> String {
    // A hole is a segment that says nothing.
    let path: String =
        operation.path.parts.iter().map(|part| if let TemplatePart::Literal(text) = part { text } else { "" }).collect();
    let path = path.split_once("://").map_or(&*path, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let words = path.split('/').filter_map(|segment| segment.split(['.', '?']).find(|word| !word.is_empty()));
    words.into_iter().find(|word| !is_version(word)).unwrap_or(OTHER).to_owned()
}

/// Whether the segment of a path says which version of an API it is about, and nothing of what is called.
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix(['v', 'V']).unwrap_or(segment);
    matches!(segment, "api" | "rest") || number.chars().all(|c| c.is_ascii_digit() || c == '-')
}

/// Puts the smallest groups together where there are too many.
fn gather(mut features: Vec<String>) -> Vec<String> {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for feature in &features {
        *sizes.entry(feature).or_default() += 1;
    }
    if sizes.len() <= MOST {
        return features;
    }
    let mut by_size: Vec<(&str, usize)> = sizes.into_iter().filter(|(feature, _)| *feature != OTHER).collect();
    by_size.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let small: BTreeSet<String> = by_size.into_iter().skip(MOST - 1).map(|(feature, _)| feature.to_owned()).collect();
    for feature in features.iter_mut().filter(|feature| small.contains(*feature)) {
        OTHER.clone_into(feature);
    }
    features
}

/// The groups whose lists the lists of each group are read for.
fn needs(api: &Api, resources: &[usize], count: usize) -> Vec<BTreeSet<usize>> {
    let by_name: BTreeMap<&str, usize> =
        api.resources.iter().zip(resources).map(|(resource, at)| (resource.operation.name.as_str(), *at)).collect();
    let mut needs = vec![BTreeSet::new(); count];
    for (resource, at) in api.resources.iter().zip(resources) {
        let parents = resource.parents().filter_map(|parent| by_name.get(parent.resource.as_str()).copied());
        needs[*at].extend(parents.filter(|parent| parent != at));
    }
    needs
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::Sources;

    /// An API of some lists, and of a call for each path.
    fn api(lists: &str, paths: impl IntoIterator<Item = String>) -> Api {
        let mut spec = format!(
            "name: test\nconfig: {{id: {{type: string}}}}\nclient: {{base_url: 'https://test.example', headers: {{x-id: '{{id}}'}}}}\nresources: [{lists}]\noperations:\n"
        );
        for (at, path) in paths.into_iter().enumerate() {
            writeln!(spec, "  - {{name: call_{at}, endpoint: {{path: '{path}'}}}}").expect("a text can be written to");
        }
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let api = crate::load_text("test.yaml", &spec, &mut sources, &mut diagnostics);
        api.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false)))
    }

    fn features(groups: &Groups) -> Vec<&str> {
        groups.all.iter().map(|group| group.feature.as_str()).collect()
    }

    #[test]
    fn only_a_large_crate_of_several_parts_has_groups() {
        let halves = |count: usize| api("", (0..count).map(|at| format!("/{}/{at}", ["a", "b"][at % 2])));
        assert!(Groups::of(&halves(LARGE)).all.is_empty());
        assert_eq!(features(&Groups::of(&halves(LARGE + 1))), ["a", "b"]);
        assert!(Groups::of(&api("", (0..=LARGE).map(|at| format!("/v1/a/{at}")))).all.is_empty());
    }

    #[test]
    fn one_tag_for_everything_says_nothing() {
        let mut api = api("", (0..=LARGE).map(|at| format!("/{}/{at}", ["a", "b"][at % 2])));
        for operation in &mut api.operations {
            operation.group = Some("All of it".to_owned());
        }
        assert_eq!(features(&Groups::of(&api)), ["a", "b"]);
        api.operations[0].group = Some("The first".to_owned());
        assert_eq!(features(&Groups::of(&api)), ["all-of-it", "the-first"]);
    }

    #[test]
    fn the_smallest_of_too_many_groups_are_put_together() {
        // Of each letter's group there are five calls, of those with a number one each.
        let letters = ('a'..='z').flat_map(|letter| (0..5).map(move |at| format!("/{letter}/{at}")));
        let numbers = (0..90).map(|at| format!("/n{at:02}"));
        let api = api("", letters.chain(numbers));
        let groups = Groups::of(&api);
        assert_eq!(groups.all.len(), MOST);
        assert!(features(&groups).contains(&"z") && features(&groups).contains(&"n00"));
        let last = groups.of_call(api.operations.len() - 1).expect("each call has a group");
        assert_eq!(groups.all[last].feature, OTHER);
    }

    #[test]
    fn a_group_takes_no_name_of_the_runtime() {
        let words = ["serde", "blocking", "default", "tokio", "type"];
        let groups = Groups::of(&api("", (0..=LARGE).map(|at| format!("/{}/{at}", words[at % words.len()]))));
        assert_eq!(features(&groups), ["blocking-api", "default-api", "serde-api", "tokio-api", "type"]);
        assert_eq!(groups.modules(), ["blocking_api", "default_api", "serde_api", "tokio_api", "type_"]);
    }

    #[test]
    fn a_group_needs_those_whose_records_its_lists_are_read_for() {
        let lists = "{name: owners, endpoint: {path: /owners}}, \
                     {name: owners_of, endpoint: {path: '/owners/{resources.owners.id}/all'}}, \
                     {name: pets, endpoint: {path: '/pets/{resources.owners.id}'}}";
        let api = api(lists, (0..LARGE).map(|at| format!("/calls/{at}")));
        let groups = Groups::of(&api);
        let needs: Vec<_> = groups.all.iter().map(|group| (group.feature.as_str(), group.needs.join(" "))).collect();
        assert_eq!(needs, [("calls", String::new()), ("owners", String::new()), ("pets", "owners".to_owned())]);
        let plan = crate::plan::plan(&api);
        assert_eq!(plan.lists[2].modules["owners"], "crate::resources::owners::owners_2");
        assert_eq!(plan.lists[1].modules["owners"], "super::owners_2");
    }

    #[test]
    fn a_path_is_named_by_its_first_word() {
        for (path, expected) in [
            ("/users/{id}", "users"),
            ("/api/v2/users.json", "users"),
            ("/2010-04-01/{id}/calls", "calls"),
            ("/chat.postMessage", "chat"),
            ("https://files.test.example/v1/uploads", "uploads"),
            ("/", "other"),
        ] {
            assert_eq!(word(&api("", [path.to_owned()]).operations[0]), expected, "{path}");
        }
    }
}

//! What changes about the groups of a large crate, for programs that turn default features off and name those they need.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, breaking, safe};
use super::side::{Side, Sides};
use crate::plan::{Call, Module};

/// How many types are told by name.
const SHOWN: usize = 5;

/// The changes of groups, and of what is in them.
pub(super) fn changes(cx: &Sides<'_>) -> Vec<Change> {
    let [old, new] = [&cx.old, &cx.new].map(features);
    let mut changes = Vec::new();
    for feature in old.difference(&new) {
        let rust = breaking(format!("there is no feature `{feature}` any more"));
        changes.push(Change::new(path(feature), "the group is gone").rust(rust));
    }
    for feature in new.difference(&old) {
        let rust = if old.is_empty() {
            breaking("without default features, what is in a group is left out")
        } else {
            safe("the feature is new")
        };
        changes.push(Change::new(path(feature), "the group is new").rust(rust));
    }
    changes.extend(needs(cx));
    changes.extend(types(cx));
    changes.extend(moved(cx));
    changes
}

fn path(feature: &str) -> String {
    format!("features.{feature}")
}

fn features<'a>(side: &'a Side<'_>) -> BTreeSet<&'a str> {
    side.plan.groups.iter().map(|group| group.feature.as_str()).collect()
}

/// The features with each of which alone one of some groups is there, as it is one of these or needs one.
fn with<'a>(side: &'a Side<'_>, groups: &BTreeSet<&str>) -> BTreeSet<&'a str> {
    let mut found: BTreeSet<&str> = features(side).into_iter().filter(|feature| groups.contains(feature)).collect();
    loop {
        let needs = |needs: &[String]| needs.iter().any(|feature| found.contains(feature.as_str()));
        let more: Vec<&str> = side.plan.groups.iter().filter(|group| needs(&group.needs)).map(|it| it.feature.as_str()).collect();
        let before = found.len();
        found.extend(more);
        if found.len() == before {
            return found;
        }
    }
}

/// The features that had something with them and are still there, but have it no more.
fn lost<'a>(cx: &'a Sides<'_>, old: &BTreeSet<&str>, new: &BTreeSet<&str>) -> Vec<&'a str> {
    let (before, after, there) = (with(&cx.old, old), with(&cx.new, new), features(&cx.new));
    before.into_iter().filter(|feature| !after.contains(feature) && there.contains(feature)).collect()
}

/// Groups that another one needs no more, and so does not bring along.
fn needs(cx: &Sides<'_>) -> Vec<Change> {
    let (old, new) = (features(&cx.old), features(&cx.new));
    let mut changes = Vec::new();
    for needed in old.intersection(&new) {
        let group = BTreeSet::from([*needed]);
        for feature in lost(cx, &group, &group) {
            let what = format!("the group `{needed}` does not come with it any more");
            changes.push(Change::new(path(feature), what).rust(breaking(format!("with `{feature}` alone that is left out"))));
        }
    }
    changes
}

/// Operations that are in another group now.
fn moved(cx: &Sides<'_>) -> Vec<Change> {
    let lists = cx.lists().map(|(old, new)| (&old.call, &new.call));
    let change = |(old_call, new_call): (&Call<'_>, &Call<'_>)| {
        let [old, new] = [cx.old.plan.group(old_call)?, cx.new.plan.group(new_call)?].map(|group| group.feature.as_str());
        let lost = lost(cx, &BTreeSet::from([old]), &BTreeSet::from([new]));
        let rust = breaking(format!("with {} alone it is left out", quoted(&lost, " or ")));
        let what = format!("it is in the group `{new}`, and was in `{old}`");
        (old != new && !lost.is_empty()).then(|| Change::new(new_call.spec.name.as_str(), what).rust(rust))
    };
    lists.chain(cx.calls()).filter_map(change).collect()
}

/// Types that some features do not have with them any more, feature by feature: a type is there with the groups that reach it.
fn types(cx: &Sides<'_>) -> Vec<Change> {
    if cx.old.plan.groups.is_empty() || cx.new.plan.groups.is_empty() {
        return Vec::new();
    }
    let after = types_of(&cx.new);
    let mut left_out: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut grouped: Vec<&str> = Vec::new();
    for (name, old) in types_of(&cx.old) {
        let name = cx.renamed.get(name).map_or(name, String::as_str);
        let Some(new) = after.get(name).filter(|new| !new.is_empty()) else { continue };
        if old.is_empty() {
            grouped.push(name);
        }
        for feature in lost(cx, &old, new) {
            left_out.entry(feature).or_default().push(name);
        }
    }
    let mut changes = Vec::new();
    if !grouped.is_empty() {
        let rust = breaking("with other features alone there are no such types");
        changes.push(
            Change::new("features", format!("types that come with some groups alone now: {}", quoted(&grouped, " and ")))
                .rust(rust),
        );
    }
    for (feature, names) in left_out {
        let what = format!("types that do not come with it any more: {}", quoted(&names, " and "));
        let rust = breaking(format!("with `{feature}` alone there are no such types"));
        changes.push(Change::new(path(feature), what).rust(rust));
    }
    changes
}

/// The names of types, each with the features of which any brings it; none where it is always there.
fn types_of<'a>(side: &'a Side<'_>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let of_module = |module: &'a Module| {
        let features: BTreeSet<&str> = side.plan.features(module).into_iter().collect();
        module.items.iter().map(move |item| (item.name.as_str(), features.clone()))
    };
    side.plan.models.iter().flat_map(of_module).collect()
}

/// Names in code, those beyond some as a number.
fn quoted(names: &[&str], word: &str) -> String {
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    let last = shown.pop().unwrap_or_default();
    if shown.is_empty() { last } else { shown.join(", ") + word + &last }
}

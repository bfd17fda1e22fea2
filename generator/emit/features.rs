//! What texts say of the features of a large crate. A small one has no groups, and needs none of this.

use std::collections::BTreeSet;

use super::render::quoted;
use crate::plan::{Call, Crate, Group};

/// What the manifest says of a group.
pub(super) fn needs(group: &Group) -> String {
    quoted(&group.needs.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What the README says of a group.
pub(super) fn row(plan: &Crate<'_>, group: &Group) -> Vec<String> {
    let is_in = |call: &&Call<'_>| plan.group(call).is_some_and(|of| of.feature == group.feature);
    let lists = plan.lists.iter().map(|list| &list.call).filter(is_in).count();
    let calls = plan.calls.iter().filter(is_in).count();
    let needs: Vec<String> = group.needs.iter().map(|feature| format!("`{feature}`")).collect();
    vec![format!("`{}`", group.feature), lists.to_string(), calls.to_string(), needs.join(", ")]
}

/// The features of the groups that calls are in.
pub(super) fn of_calls<'a>(plan: &'a Crate<'_>, calls: impl IntoIterator<Item = &'a Call<'a>>) -> Vec<&'a str> {
    let features: BTreeSet<&str> =
        calls.into_iter().filter_map(|call| plan.group(call)).map(|group| group.feature.as_str()).collect();
    features.into_iter().collect()
}

/// The features that an example of these calls needs.
pub(super) fn example<'a>(plan: &'a Crate<'_>, calls: impl IntoIterator<Item = &'a Call<'a>>) -> Vec<&'a str> {
    std::iter::once("async").chain(of_calls(plan, calls)).collect()
}

/// The condition that a feature and these are on.
pub(super) fn all(feature: &str, others: &[&str]) -> String {
    let condition = is_on(feature);
    if others.is_empty() {
        return condition;
    }
    let others: Vec<String> = others.iter().map(|feature| is_on(feature)).collect();
    format!("all({condition}, {})", others.join(", "))
}

/// The condition under which a type of records is there; none where it always is.
pub(super) fn of_model(plan: &Crate<'_>, name: &str) -> Option<String> {
    let module = plan.models.iter().find(|module| module.items.iter().any(|item| item.name == name))?;
    let features = plan.features(module);
    match features.as_slice() {
        [] => None,
        [feature] => Some(is_on(feature)),
        _ => Some(format!("any({})", features.into_iter().map(is_on).collect::<Vec<_>>().join(", "))),
    }
}

fn is_on(feature: &str) -> String {
    format!("feature = \"{feature}\"")
}

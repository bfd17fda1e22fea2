//! Parents: whose records fill the parameters of a path.

use std::collections::HashMap;

use super::key::{hole, shape};
use super::schema::View;
use super::words::{Name, singular};
use super::{Choice, Parent};

/// What a resource gives to those below it.
pub(super) struct Place<'a, 'd> {
    pub(super) name: &'a str,
    pub(super) path: &'d str,
    pub(super) key: &'a [String],
    pub(super) record: &'a View<'d>,
    /// Whether it takes something that only its caller can give, besides the parameters of its path.
    pub(super) needs_caller: bool,
    /// How sure it is that it lists what it says.
    pub(super) confidence: f32,
}

/// The parents of each resource: those that fill all of its path, so that it can be read by itself. A parent's path is shorter than
/// its child's, so there are no cycles.
pub(super) fn parents(places: &[Place<'_, '_>]) -> Vec<Vec<Choice<Parent>>> {
    let mut by_path: HashMap<String, usize> = HashMap::new();
    for (at, place) in places.iter().enumerate() {
        by_path.entry(shape(steps(place.path).into_iter())).or_insert(at);
    }
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by_key(|at| steps(places[*at].path).len());
    let mut found: Vec<Vec<Choice<Parent>>> = vec![Vec::new(); places.len()];
    let mut stands_alone = vec![false; places.len()];
    for at in order {
        let place = &places[at];
        let steps = steps(place.path);
        let holes: Vec<usize> = (0..steps.len()).filter(|step| hole(steps[*step]).is_some()).collect();
        let mut chain = Vec::new();
        for step in &holes {
            let above = shape(steps[..*step].iter().copied());
            let parent = by_path.get(&above).copied().filter(|parent| *parent != at && stands_alone[*parent]);
            let Some(choice) = parent.and_then(|parent| filled(steps[*step], &places[parent])) else { break };
            chain.push(choice);
        }
        // The record of the nearest parent brings what its own parents gave, but only where the path says so again.
        let is_whole = chain.len() == holes.len() && holes.len() <= 1;
        stands_alone[at] = is_whole && !place.needs_caller;
        if is_whole {
            found[at] = chain;
        }
    }
    found
}

fn steps(path: &str) -> Vec<&str> {
    path.split('/').filter(|step| !step.is_empty()).collect()
}

/// The field of a parent's record that fills a parameter.
fn filled(step: &str, parent: &Place<'_, '_>) -> Option<Choice<Parent>> {
    // `{id}.json` is no parameter alone.
    let name = hole(step).filter(|name| step.len() == name.len() + 2)?;
    let param = Name::new(name);
    let noun = steps(parent.path).last().map(|last| Name::new(last)).unwrap_or_default();
    let noun = Name::new(&noun.words.iter().map(|word| singular(word)).collect::<Vec<_>>().join("_"));
    let same = parent.record.properties.iter().find(|field| Name::new(field.name).flat == param.flat);
    let (field, confidence): (&str, f32) = match (same, parent.key) {
        (Some(field), [key]) if key == field.name => (field.name, 0.96),
        (None, [key]) if param.flat == noun.flat + &Name::new(key).flat || param.is("id") && Name::new(key).is("id") => {
            (key.as_str(), 0.94)
        }
        _ => return None,
    };
    let reason = format!("`{{{name}}}` is the `{field}` of `{}`", parent.name);
    let value = Parent { param: name.to_owned(), resource: parent.name.to_owned(), field: field.to_owned() };
    Some(Choice { value, confidence: confidence.min(parent.confidence), reason })
}

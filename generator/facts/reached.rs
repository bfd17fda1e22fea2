//! Which operations reach a type: where only some of them are compiled, what they do not reach is left out.

use std::collections::{BTreeMap, BTreeSet};

use super::used::{types_of, used};
use crate::model::{Api, Operation, Type, TypeId};

/// Which of these sets of operations reach each type, by its id.
///
/// A schema and its inline types are one file, so what reaches one of them reaches them all, and whatever is inside them.
#[must_use]
pub fn reached(api: &Api, sets: &[Vec<&Operation>]) -> Vec<BTreeSet<usize>> {
    let used = used(api);
    let mut files: BTreeMap<&str, Vec<TypeId>> = BTreeMap::new();
    for (id, def) in api.types.iter().filter(|(id, _)| used[id.0 as usize]) {
        files.entry(def.schema()).or_default().push(id);
    }
    let mut reached = vec![BTreeSet::new(); api.types.len()];
    for (set, operations) in sets.iter().enumerate() {
        let mut open: Vec<TypeId> = operations.iter().flat_map(|operation| types_of(operation)).filter_map(Type::named).collect();
        while let Some(id) = open.pop() {
            if reached[id.0 as usize].insert(set) {
                open.extend(api.types.parts(id).into_iter().filter_map(Type::named));
                open.extend(files.get(api.types.get(id).schema()).into_iter().flatten());
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::Sources;

    const SPEC: &str = "
name: test
client: {base_url: 'https://test.example'}
operations:
  - {name: a, endpoint: {path: /a}, response: A}
  - {name: b, endpoint: {path: /b}, response: array of B}
schemas:
  A: {both: Both, inline: {fields: {deep: Deep}}}
  B: {both: map of Both}
  Both: {id: string}
  Deep: {id: string}
";

    #[test]
    fn a_type_is_reached_through_others_and_their_inline_types() {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let api = crate::load_text("test.yaml", SPEC, &mut sources, &mut diagnostics);
        let api = api.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false)));
        let sets: Vec<Vec<&Operation>> = api.operations.iter().map(|operation| vec![operation]).collect();
        let reached = reached(&api, &sets);
        for (name, expected) in [("A", &[0][..]), ("B", &[1]), ("Both", &[0, 1]), ("Deep", &[0])] {
            let (id, _) = api.types.iter().find(|(_, def)| *def.path.value == [name.to_owned()]).expect("a schema");
            assert_eq!(reached[id.0 as usize].iter().copied().collect::<Vec<_>>(), expected, "{name}");
        }
    }
}

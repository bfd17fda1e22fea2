//! Which types hold themselves, directly or through others, and so need a box.
//!
//! Two types need a box between them exactly if they are in one strongly connected component of the graph whose edges are "has
//! a value of the other type inside". Lists and maps are no edges: their elements are on the heap already.

use crate::model::{Type, TypeId, TypeKind, Types};

/// The component of each type, by its id. A type that does not hold itself shares its component with no type, itself included:
/// its number is then asked for only by types that it is no part of.
pub(super) fn components(types: &Types) -> Vec<usize> {
    strongly_connected(&types.iter().map(|(id, _)| held(types, id)).collect::<Vec<_>>())
}

/// The same where nothing counts but unions that hold unions. Structs have boxes around them wherever they are in a circle, so
/// these are the circles that are left.
pub(super) fn components_of_unions(types: &Types) -> Vec<usize> {
    let is_union = |id: TypeId| matches!(types.get(id).kind, TypeKind::Union(_));
    let held = |id| held(types, id).into_iter().filter(|at| is_union(TypeId(u32::try_from(*at).unwrap_or(u32::MAX))));
    let edges: Vec<Vec<usize>> = types.iter().map(|(id, _)| if is_union(id) { held(id).collect() } else { Vec::new() }).collect();
    strongly_connected(&edges)
}

/// The types whose values stand inside a value of a type. What a struct keeps besides its fields is in a map.
fn held(types: &Types, id: TypeId) -> Vec<usize> {
    let direct = |ty: &Type| match ty {
        Type::Named(TypeId(id)) => Some(*id as usize),
        _ => None,
    };
    match &types.get(id).kind {
        TypeKind::Struct(fields) => fields.iter().filter_map(|field| direct(&field.ty)).collect(),
        TypeKind::Enum(_) => Vec::new(),
        TypeKind::Union(variants) => variants.iter().filter_map(direct).collect(),
    }
}

/// The strongly connected component of each node, by the nodes that each leads to. Those of components that a component leads to have
/// lower numbers.
pub(crate) fn strongly_connected(edges: &[Vec<usize>]) -> Vec<usize> {
    Search {
        edges,
        index: vec![None; edges.len()],
        low: vec![0; edges.len()],
        stack: Vec::new(),
        component: vec![OPEN; edges.len()],
        found: OPEN,
    }
    .run()
}

/// The component of a type that is in none yet.
const OPEN: usize = 0;

/// Tarjan's algorithm, with its own stack of open nodes in place of recursion: a chain of types may be long.
struct Search<'a> {
    edges: &'a [Vec<usize>],
    index: Vec<Option<usize>>,
    low: Vec<usize>,
    stack: Vec<usize>,
    component: Vec<usize>,
    found: usize,
}

impl Search<'_> {
    fn run(mut self) -> Vec<usize> {
        let mut next_index = 0;
        for root in 0..self.edges.len() {
            if self.index[root].is_some() {
                continue;
            }
            // A node, and which of its edges is followed next.
            let mut open = vec![(root, 0)];
            while let Some((node, edge)) = open.pop() {
                if edge == 0 {
                    self.index[node] = Some(next_index);
                    self.low[node] = next_index;
                    next_index += 1;
                    self.stack.push(node);
                }
                match self.edges[node].get(edge).copied() {
                    Some(to) => {
                        open.push((node, edge + 1));
                        match self.index[to] {
                            None => open.push((to, 0)),
                            Some(index) if self.component[to] == OPEN => self.low[node] = self.low[node].min(index),
                            Some(_) => {}
                        }
                    }
                    None => self.close(node, open.last().map(|(parent, _)| *parent)),
                }
            }
        }
        self.component
    }

    /// All that a node leads to is known: it is the root of a component, or its parent's component is its own.
    fn close(&mut self, node: usize, parent: Option<usize>) {
        if Some(self.low[node]) == self.index[node] {
            self.found += 1;
            while let Some(member) = self.stack.pop() {
                self.component[member] = self.found;
                if member == node {
                    break;
                }
            }
        }
        if let Some(parent) = parent {
            self.low[parent] = self.low[parent].min(self.low[node]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{named, structs};

    #[test]
    fn only_types_of_one_cycle_share_a_component() {
        // 0 -> 1 -> 2 -> 0 is a cycle; 3 holds 0 but is not held; 4 holds itself; 5 holds itself through a list only.
        let list = Type::Array(Box::new(named(5)));
        let types = structs(&[&[named(1)], &[named(2)], &[named(0), named(4)], &[named(0)], &[named(4)], &[list]]);
        let component = components(&types);
        assert_eq!(component[0], component[1]);
        assert_eq!(component[0], component[2]);
        for (a, b) in [(0, 3), (0, 4), (3, 4), (4, 5)] {
            assert_ne!(component[a], component[b], "{a} and {b}");
        }
    }

    #[test]
    fn a_circle_of_unions_is_one_without_structs() {
        // 0 and 1 are unions that hold each other; 2 is one that holds itself through the struct 3 only.
        let mut types = structs(&[&[], &[], &[], &[named(2)]]);
        for (id, variants) in [(0, vec![named(1)]), (1, vec![named(3), named(0)]), (2, vec![named(3)])] {
            types.get_mut(TypeId(id)).kind = TypeKind::Union(variants);
        }
        let unions = components_of_unions(&types);
        assert_eq!(unions[0], unions[1]);
        assert_ne!(unions[0], unions[2]);
    }

    #[test]
    fn a_low_link_found_late_reaches_the_root() {
        // 0 -> 1 -> 2 -> 1, and 2 -> 0 after it.
        let types = structs(&[&[named(1)], &[named(2)], &[named(1), named(0)]]);
        let component = components(&types);
        assert!(component.iter().all(|c| *c == component[0]), "{component:?}");
    }

    #[test]
    fn a_long_chain_does_not_exhaust_the_stack() {
        let count = 20_000;
        let fields: Vec<Vec<Type>> = (0..count).map(|at| if at + 1 < count { vec![named(at + 1)] } else { Vec::new() }).collect();
        let fields: Vec<&[Type]> = fields.iter().map(Vec::as_slice).collect();
        assert_eq!(components(&structs(&fields)).len(), count as usize);
    }
}

//! Which type of the old version stands where which type of the new one does, and what reaches them.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::mem::discriminant;

use indexmap::IndexMap;

use super::side::Sides;
use crate::model::{Body, Field, Operation, Type, TypeDef, TypeId, TypeKind};
use crate::plan::{Call, List};

/// Types that stand at one place, and how they are come by.
pub(super) type Pairs = IndexMap<(TypeId, TypeId), Reach>;

/// How two types are come by.
#[derive(Debug)]
pub(super) struct Reach {
    /// The first way to them.
    pub path: String,
    /// Whether the service sends values of them.
    pub received: bool,
    /// The resources whose records hold them.
    pub tables: BTreeSet<String>,
    /// The resources whose digest they are part of.
    pub digests: BTreeSet<String>,
}

/// Where both versions have a type.
struct Root<'a> {
    path: String,
    old: &'a Type,
    new: &'a Type,
    received: bool,
    /// The resource whose records these are.
    table: Option<&'a str>,
    /// The resource whose digest they are part of.
    digest: Option<&'a str>,
}

/// All pairs of types, those of resources first.
pub(super) fn pairs(cx: &Sides<'_>) -> Pairs {
    let mut pairs = Pairs::new();
    for (old, new) in cx.lists() {
        walk_all(cx, &list_roots(old, new), &mut pairs);
    }
    for (old, new) in cx.calls() {
        walk_all(cx, &call_roots(&new.spec.name, old, new), &mut pairs);
    }
    pairs
}

fn list_roots<'a>(old: &'a List<'_>, new: &'a List<'_>) -> Vec<Root<'a>> {
    let name = new.spec.operation.name.as_str();
    let mut roots = Vec::new();
    let root = |old, new, table, digest| Root { path: name.to_owned(), old, new, received: true, table, digest };
    if let (Some(old), Some(new)) = (&old.spec.operation.response, &new.spec.operation.response) {
        roots.push(root(old, new, Some(name), Some(name)));
    }
    let has_steps = !old.spec.steps.is_empty() || !new.spec.steps.is_empty();
    roots.push(root(&old.spec.source, &new.spec.source, None, has_steps.then_some(name)));
    roots.extend(given_roots(name, &old.spec.operation, &new.spec.operation));
    roots
}

fn call_roots<'a>(name: &str, old: &Call<'a>, new: &Call<'a>) -> Vec<Root<'a>> {
    let mut roots = Vec::new();
    if let (Some(old), Some(new)) = (&old.spec.response, &new.spec.response) {
        roots.push(Root { path: name.to_owned(), old, new, received: true, table: None, digest: None });
    }
    roots.extend(given_roots(name, old.spec, new.spec));
    roots
}

/// What an operation is given, and how it fails.
fn given_roots<'a>(name: &str, old: &'a Operation, new: &'a Operation) -> Vec<Root<'a>> {
    let mut roots = Vec::new();
    let mut add = |path: String, old, new, received| roots.push(Root { path, old, new, received, table: None, digest: None });
    for param in &new.params {
        let same = old.params.iter().find(|held| held.name.value == param.name.value && held.location == param.location);
        if let (Some(new), Some(old)) = (param.ty(), same.and_then(|held| held.ty())) {
            add(format!("{name}({})", *param.name), old, new, false);
        }
    }
    if let (Body::Given(old), Body::Given(new)) = (&old.body, &new.body) {
        add(format!("{name}(body)"), &old.ty, &new.ty, false);
    }
    for (status, new) in &new.failures {
        if let Some((_, old)) = old.failures.iter().find(|(held, _)| held == status) {
            add(format!("{name}({status})"), old, new, true);
        }
    }
    roots
}

fn walk_all(cx: &Sides<'_>, roots: &[Root<'_>], pairs: &mut Pairs) {
    for root in roots {
        walk(cx, root, pairs);
    }
}

/// Two types and the way to them.
type Place<'a> = (&'a Type, &'a Type, String);

/// Follows two types as far as they are alike.
fn walk(cx: &Sides<'_>, root: &Root<'_>, pairs: &mut Pairs) {
    let mut seen = HashSet::new();
    let mut open: VecDeque<Place<'_>> = VecDeque::from([(root.old, root.new, root.path.clone())]);
    while let Some((old, new, path)) = open.pop_front() {
        match (old, new) {
            (Type::Array(old), Type::Array(new)) => open.push_back((old, new, format!("{path}[]"))),
            (Type::Map(old), Type::Map(new)) => open.push_back((old, new, format!("{path}.*"))),
            (Type::Named(old), Type::Named(new)) if seen.insert((*old, *new)) => {
                note(pairs, (*old, *new), &path, root);
                let (old, new) = (cx.old.api.types.get(*old), cx.new.api.types.get(*new));
                match (&old.kind, &new.kind) {
                    (TypeKind::Struct(_), TypeKind::Struct(_)) => open.extend(members(old, new, &path)),
                    (TypeKind::Union(old), TypeKind::Union(new)) => open.extend(variants(cx, old, new, &path)),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// The types of the members that two structs share.
fn members<'a>(old: &'a TypeDef, new: &'a TypeDef, path: &str) -> Vec<Place<'a>> {
    let fields = |def: &'a TypeDef| match &def.kind {
        TypeKind::Struct(fields) => fields.as_slice(),
        _ => &[],
    };
    let before = |field: &Field| fields(old).iter().find(|held| held.name.value == field.name.value);
    let shared = fields(new).iter().filter_map(|field| Some((&before(field)?.ty, &field.ty, format!("{path}.{}", *field.name))));
    let rest = old.rest.iter().zip(&new.rest).map(|(old, new)| (old, new, format!("{path}.*")));
    shared.chain(rest).collect()
}

/// The types that are in two unions: named ones by their names, others by their kinds.
fn variants<'a>(cx: &Sides<'_>, old: &'a [Type], new: &'a [Type], path: &str) -> Vec<Place<'a>> {
    let is_same = |old: &Type, new: &Type| match (old, new) {
        (Type::Named(old), Type::Named(new)) => cx.old.api.types.get(*old).path.value == cx.new.api.types.get(*new).path.value,
        _ => discriminant(old) == discriminant(new),
    };
    let pair = |variant: &'a Type| Some((old.iter().find(|held| is_same(held, variant))?, variant, path.to_owned()));
    new.iter().filter_map(pair).collect()
}

fn note(pairs: &mut Pairs, pair: (TypeId, TypeId), path: &str, root: &Root<'_>) {
    let empty = || Reach { path: path.to_owned(), received: false, tables: BTreeSet::new(), digests: BTreeSet::new() };
    let reach = pairs.entry(pair).or_insert_with(empty);
    reach.received |= root.received;
    reach.tables.extend(root.table.map(str::to_owned));
    reach.digests.extend(root.digest.map(str::to_owned));
}

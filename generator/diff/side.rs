//! The two versions of an API beside each other, each with its plan.

use std::collections::{BTreeMap, BTreeSet};

use super::pairs::Pairs;
use crate::facts::LevelSource;
use crate::fingerprint;
use crate::model::{Api, TypeId};
use crate::plan::{self, Call, Crate, Item, List, RustType};

/// A version of an API.
pub(super) struct Side<'a> {
    pub api: &'a Api,
    pub plan: Crate<'a>,
    /// The module of each type that is used, and its place there.
    places: BTreeMap<TypeId, (usize, usize)>,
}

impl<'a> Side<'a> {
    fn new(api: &'a Api) -> Self {
        let plan = plan::plan(api);
        let modules = plan.models.iter().enumerate();
        let places = modules.flat_map(|(at, module)| module.items.iter().enumerate().map(move |(n, item)| (item.id, (at, n))));
        Self { api, places: places.collect(), plan }
    }

    /// What a type becomes, if an operation uses it.
    pub fn item(&self, id: TypeId) -> Option<&Item> {
        let (module, at) = self.places.get(&id)?;
        self.plan.models.get(*module)?.items.get(*at)
    }

    fn type_names(&self) -> BTreeSet<&str> {
        self.plan.models.iter().flat_map(|module| &module.items).map(|item| item.name.as_str()).collect()
    }

    fn list_names(&self) -> Vec<&str> {
        self.plan.lists.iter().map(|list| list.spec.operation.name.as_str()).collect()
    }

    fn call_names(&self) -> Vec<&str> {
        self.plan.calls.iter().map(|call| call.spec.name.as_str()).collect()
    }
}

/// The two versions, and what of one is what of the other.
pub(super) struct Sides<'a> {
    pub old: Side<'a>,
    pub new: Side<'a>,
    /// The types that have another name now.
    pub renamed: BTreeMap<String, String>,
    lists: Matches,
    calls: Matches,
}

/// Which of the old ones is which of the new ones, by their numbers.
pub(super) struct Matches {
    pub both: Vec<(usize, usize)>,
    pub removed: Vec<usize>,
    pub added: Vec<usize>,
}

impl<'a> Sides<'a> {
    pub fn new(old: &'a Api, new: &'a Api) -> Self {
        let (old, new) = (Side::new(old), Side::new(new));
        let digest = |list: &List<'_>| list.fingerprint.clone();
        let digests = |side: &Side<'_>| side.plan.lists.iter().map(digest).collect::<Vec<_>>();
        let lists = matches((&old.list_names(), &digests(&old)), (&new.list_names(), &digests(&new)));
        let digests =
            |side: &Side<'_>| side.plan.calls.iter().map(|call| fingerprint::operation(side.api, call.spec)).collect::<Vec<_>>();
        let calls = matches((&old.call_names(), &digests(&old)), (&new.call_names(), &digests(&new)));
        Self { old, new, renamed: BTreeMap::new(), lists, calls }
    }

    /// A type of which only the name differs has another name and nothing else.
    pub fn find_renamed_types(&mut self, pairs: &Pairs) {
        let (old_names, new_names) = (self.old.type_names(), self.new.type_names());
        let names = pairs.iter().filter_map(|((old, new), _)| Some((&self.old.item(*old)?.name, &self.new.item(*new)?.name)));
        let is_renamed = |(old, new): &(&String, &String)| !new_names.contains(old.as_str()) && !old_names.contains(new.as_str());
        let mut renamed: BTreeMap<String, String> = BTreeMap::new();
        for (old, new) in names.filter(is_renamed) {
            renamed.entry(old.clone()).or_insert_with(|| new.clone());
        }
        self.renamed = renamed;
    }

    /// The resources that both versions have.
    pub fn lists(&self) -> impl Iterator<Item = (&List<'a>, &List<'a>)> {
        self.lists.both.iter().filter_map(|(old, new)| Some((self.old.plan.lists.get(*old)?, self.new.plan.lists.get(*new)?)))
    }

    /// The resources that one version has.
    pub fn lone_lists(&self) -> (impl Iterator<Item = &List<'a>>, impl Iterator<Item = &List<'a>>) {
        let removed = self.lists.removed.iter().filter_map(|at| self.old.plan.lists.get(*at));
        (removed, self.lists.added.iter().filter_map(|at| self.new.plan.lists.get(*at)))
    }

    /// The operations that both versions have.
    pub fn calls(&self) -> impl Iterator<Item = (&Call<'a>, &Call<'a>)> {
        self.calls.both.iter().filter_map(|(old, new)| Some((self.old.plan.calls.get(*old)?, self.new.plan.calls.get(*new)?)))
    }

    /// The operations that one version has.
    pub fn lone_calls(&self) -> (impl Iterator<Item = &Call<'a>>, impl Iterator<Item = &Call<'a>>) {
        let removed = self.calls.removed.iter().filter_map(|at| self.old.plan.calls.get(*at));
        (removed, self.calls.added.iter().filter_map(|at| self.new.plan.calls.get(*at)))
    }

    /// A resource and those that are read for its records: a checkpoint of any of them knows its digest.
    pub fn read_for(&self, name: &str) -> Vec<String> {
        let is_parent = |list: &&List<'_>| {
            let mut sources = list.levels.iter().map(|level| level.source);
            sources.any(|source| matches!(source, LevelSource::Records(parent) if *parent.operation.name == name))
        };
        let children = self.new.plan.lists.iter().filter(is_parent).map(|list| list.spec.operation.name.value.clone());
        let mut names = vec![name.to_owned()];
        names.extend(children.filter(|child| child != name));
        names
    }

    /// A type of the old crate with the names that types have now.
    pub fn renamed(&self, ty: &RustType) -> RustType {
        let inside = |inner: &RustType| Box::new(self.renamed(inner));
        match ty {
            RustType::Model(name) => RustType::Model(self.renamed.get(name).unwrap_or(name).clone()),
            RustType::Option(inner) => RustType::Option(inside(inner)),
            RustType::List(inner) => RustType::List(inside(inner)),
            RustType::Map(inner) => RustType::Map(inside(inner)),
            RustType::Boxed(inner) => RustType::Boxed(inside(inner)),
            RustType::Maybe(inner) => RustType::Maybe(inside(inner)),
            plain => plain.clone(),
        }
    }
}

/// What has the same name is the same; else what alone has the same digest is.
fn matches((old, old_digests): (&[&str], &[String]), (new, new_digests): (&[&str], &[String])) -> Matches {
    let at: BTreeMap<&str, usize> = new.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let held: BTreeSet<&str> = old.iter().copied().collect();
    let mut added: Vec<usize> = (0..new.len()).filter(|at| !held.contains(new[*at])).collect();
    let mut matches = Matches { both: Vec::new(), removed: Vec::new(), added: Vec::new() };
    for (place, name) in old.iter().enumerate() {
        if let Some(at) = at.get(name) {
            matches.both.push((place, *at));
            continue;
        }
        let same: Vec<usize> = added.iter().copied().filter(|at| new_digests[*at] == old_digests[place]).collect();
        let [only] = same.as_slice() else {
            matches.removed.push(place);
            continue;
        };
        added.retain(|at| at != only);
        matches.both.push((place, *only));
    }
    matches.added = added;
    matches
}

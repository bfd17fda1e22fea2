//! A crate as plain data: what it holds, under which Rust names, with which documentation. Emission only spells it out.

mod cells;
mod docs;
mod groups;
mod models;
mod operations;
mod projections;
mod runtime;
mod types;

pub use cells::Cell;
pub use docs::{Docs, cell, first_sentence, one_line};
pub use groups::Group;
pub use models::{EnumValue, Item, ItemKind, Module, Presence, Record, RecordField, Rest, Tabled, Union, UnionTag, UnionVariant};
pub use operations::{Argument, AskedFields, Call, Form, Hook, Input, List, reading_facts, step_facts};
pub use projections::{MOST_FIELDS, Unprojected};
pub use runtime::{Runtime, RuntimeFile};
pub use types::RustType;

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::Facts;
use crate::fingerprint;
use crate::model::{Api, TypeId};
use crate::names;
use groups::Groups;

/// A crate.
#[derive(Debug)]
pub struct Crate<'a> {
    /// What it is made from.
    pub api: &'a Api,
    /// The name of its package.
    pub package: String,
    /// Its name in code.
    pub library: String,
    /// Its version.
    pub version: String,
    /// What people call the service.
    pub title: String,
    /// What a user of the connector gives.
    pub inputs: Vec<Input<'a>>,
    /// The operations that list records.
    pub lists: Vec<List<'a>>,
    /// The other operations.
    pub calls: Vec<Call<'a>>,
    /// What a program may do with records.
    pub hooks: Vec<Hook>,
    /// The types of records.
    pub models: Vec<Module>,
    /// The parts of a large crate; a small one has none.
    pub groups: Vec<Group>,
    /// The digest of each schema.
    pub schemas: BTreeMap<String, String>,
}

impl Crate<'_> {
    /// The group of a call or a list, in a large crate.
    #[must_use]
    pub fn group(&self, call: &Call<'_>) -> Option<&Group> {
        self.groups.get(call.group?)
    }

    /// The group that alone reaches a module of models.
    #[must_use]
    pub fn owner(&self, module: &Module) -> Option<&Group> {
        match module.groups.as_slice() {
            [only] => self.groups.get(*only),
            _ => None,
        }
    }

    /// The features of which any brings a module of models; none where it is always there.
    #[must_use]
    pub fn features(&self, module: &Module) -> Vec<&str> {
        module.groups.iter().filter_map(|at| self.groups.get(*at)).map(|group| group.feature.as_str()).collect()
    }

    /// The types of the runtime that fields, arguments and answers have: the file they are in, and their names.
    #[must_use]
    pub fn value_types(&self) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
        let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        let calls = self.lists.iter().map(|list| &list.call).chain(&self.calls);
        let arguments = calls.clone().flat_map(|call| call.arguments.iter().map(|argument| &argument.ty));
        let setters = calls.clone().flat_map(|call| call.setters.iter().map(|setter| &setter.ty));
        let answers = calls.map(|call| &call.response);
        let parts = self.models.iter().flat_map(|module| &module.items).flat_map(Item::types);
        for ty in arguments.chain(setters).chain(answers).chain(parts) {
            match ty.innermost() {
                RustType::Value(name) => found.entry("value").or_default().insert(*name),
                RustType::Time(name) => found.entry("time").or_default().insert(*name),
                _ => false,
            };
        }
        found
    }
}

/// What every part of a plan is made from.
struct Context<'a> {
    api: &'a Api,
    facts: Facts,
    /// The name of each type, by its id.
    type_names: Vec<String>,
    /// The module of each schema that is used, by its name.
    modules: BTreeMap<&'a str, String>,
    groups: Groups,
}

impl<'a> Context<'a> {
    fn new(api: &'a Api) -> Self {
        let facts = Facts::of(api);
        // What nothing uses takes no name away.
        let used: Vec<_> = api.types.iter().filter(|(id, _)| facts.is_used(*id)).collect();
        let specs: Vec<String> = used.iter().map(|(_, def)| def.path.join(" ")).collect();
        let names = used.iter().zip(&specs).map(|((_, def), spec)| (spec.as_str(), names::type_name(&def.path)));
        let mut type_names = vec![String::new(); api.types.len()];
        for ((id, _), name) in used.iter().zip(names::distinct(&[], names)) {
            type_names[id.0 as usize] = name;
        }
        let mut seen = BTreeSet::new();
        let roots: Vec<&str> = used.iter().map(|(_, def)| def.schema()).filter(|root| seen.insert(*root)).collect();
        let groups = Groups::of(api);
        let modules = names::distinct(&groups.modules(), roots.iter().map(|root| (*root, names::module(root))));
        Self { api, facts, type_names, modules: roots.into_iter().zip(modules).collect(), groups }
    }

    /// The name of a type that is used.
    fn type_name(&self, id: TypeId) -> &str {
        &self.type_names[id.0 as usize]
    }
}

/// Plans the crate of an API.
#[must_use]
pub fn plan(api: &Api) -> Crate<'_> {
    let cx = Context::new(api);
    let package = names::package(&api.name);
    let mut lists: Vec<List<'_>> = api.resources.iter().map(|resource| operations::list(&cx, resource)).collect();
    let mut calls: Vec<Call<'_>> = api.operations.iter().map(|operation| operations::call(&cx, operation)).collect();
    for (at, list) in lists.iter_mut().enumerate() {
        list.call.group = cx.groups.of_list(at);
    }
    for (at, call) in calls.iter_mut().enumerate() {
        call.group = cx.groups.of_call(at);
    }
    operations::rename_all(&cx.groups, &mut lists, &mut calls);
    let schemas = schemas(&cx);
    let mut models = models::modules(&cx, &schemas);
    projections::mark(&mut lists, &mut models);
    Crate {
        library: names::library(&package),
        package,
        version: api.version().to_owned(),
        title: api.title.clone().unwrap_or_else(|| api.name.value.clone()),
        inputs: operations::inputs(api),
        hooks: operations::hooks(&lists),
        lists,
        calls,
        models,
        schemas,
        groups: cx.groups.all,
        api,
    }
}

/// The digest of each schema that is used; that of an inline type counts for the one it is in.
fn schemas(cx: &Context<'_>) -> BTreeMap<String, String> {
    let used = cx.api.types.iter().filter(|(id, def)| cx.facts.is_used(*id) && def.path.len() == 1);
    used.map(|(id, def)| (def.schema().to_owned(), fingerprint::named_type(&cx.api.types, id))).collect()
}

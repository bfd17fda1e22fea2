//! The records that a service holds: as many as wanted, the same on every run, none of them kept.
//!
//! Record `k` of a resource depends on the seed, the resource, the parent and `k` alone. It is made by filling its keys into one
//! of a few hundred moulds, so a page costs little more than copying its bytes, and a million records no memory.

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::{
    hostile::View,
    keys::{COUNTER, Key, Owner},
    partition,
    random::seed_of,
    values::Mould,
};
use crate::facts::{LevelSource, levels};
use crate::model::{
    Api, CursorFormat, Field, Hole, ListField, ListValues, ParentField, PartitionValue, Path, Resource, Scalar, Segment, Spanned,
    Style, Template, Type, TypeDef, TypeKind, Types,
};
use crate::source::Span;

/// How many records of a resource differ in more than their keys.
const MOULDS: u64 = 512;

/// A resource of one page has no more records than this: a service that had more would page.
const ONE_PAGE: u64 = 100;

/// The records of every resource of an API.
#[derive(Debug)]
pub struct Records {
    api: Arc<Api>,
    types: Types,
    sets: Vec<Set>,
    count: u64,
    children: Option<u64>,
    seed: u64,
}

/// What the records of one resource are made from.
#[derive(Debug)]
struct Set {
    ty: Type,
    keys: Vec<Key>,
    left_out: Vec<String>,
    moulds: Vec<OnceLock<Mould>>,
    seed: u64,
}

/// The records of one resource and one parent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a> {
    records: &'a Records,
    set: &'a Set,
    owner: Owner,
    /// How many there are.
    pub(super) count: u64,
    /// The first of them, of all that there are; the last one where the order is the other way round.
    from: u64,
    is_reversed: bool,
    /// Which of them there are, where they come and go.
    view: Option<&'a View>,
}

/// Record `k` of a resource with the default seed.
///
/// `parent` holds the values of the parents' fields and of the lists that the resource's path needs, in the order of the path,
/// and then those that its parameters need; it is empty for a resource that is read once. Those who want many records keep a
/// [`Records`].
#[must_use]
pub fn record(api: &Api, resource: &str, k: u64, parent: &[&str]) -> Option<Value> {
    Records::new(Arc::new(api.clone()), 0, None, 0).record(resource, k, parent)
}

impl Records {
    /// `count` records of each resource; of a child, `children` for each parent, or a few.
    #[must_use]
    pub fn new(api: Arc<Api>, count: u64, children: Option<u64>, seed: u64) -> Self {
        let mut types = api.types.clone();
        let sets = api.resources.iter().map(|resource| Set::new(&api, &mut types, resource, seed)).collect();
        Self { api, types, sets, count, children, seed }
    }

    /// The same, with so many records in a row that have the same incremental cursor.
    #[must_use]
    pub fn with_ties(mut self, ties: u64) -> Self {
        for (set, resource) in self.sets.iter_mut().zip(&self.api.resources) {
            set.tie(resource, ties.max(1));
        }
        self
    }

    /// Record `k` of a resource, whether or not the service has so many.
    #[must_use]
    pub fn record(&self, resource: &str, k: u64, parent: &[&str]) -> Option<Value> {
        let rows = self.rows(self.index(resource)?, parent)?;
        let mut text = String::new();
        rows.write(&mut text, k);
        serde_json::from_str(&text).ok()
    }

    /// How many records a resource has.
    #[must_use]
    pub fn count(&self, resource: &str, parent: &[&str]) -> Option<u64> {
        Some(self.rows(self.index(resource)?, parent)?.count)
    }

    fn index(&self, resource: &str) -> Option<usize> {
        self.api.resources.iter().position(|held| held.operation.name.value == resource)
    }

    pub(super) fn rows(&self, index: usize, parent: &[&str]) -> Option<Rows<'_>> {
        let (set, resource) = (self.sets.get(index)?, self.api.resources.get(index)?);
        let owner = owner(self.seed, parent);
        let several = match self.children {
            _ if resource.parents().next().is_none() => self.count,
            Some(children) => children,
            // Some parents have no children.
            None => self.count.min((owner.0 >> 8) % 6),
        };
        let count = if matches!(resource.paging.style, Style::Single) && resource.job.is_none() {
            several.min(ONE_PAGE)
        } else {
            several
        };
        Some(Rows { records: self, set, owner, count, from: 0, is_reversed: false, view: None })
    }

    /// Whether each of the partition's values that a request names is there: level by level, from the outermost on.
    pub(super) fn has_partition(&self, resource: &Resource, values: &[(PartitionValue, String)]) -> bool {
        let mut above: Vec<(&PartitionValue, &str)> = Vec::new();
        values.iter().all(|(value, text)| {
            let is_there = match value {
                PartitionValue::List(field) => self.is_listed(resource, field, text),
                PartitionValue::Parent(field) => self.has_parent(field, &above, text),
            };
            above.push((value, text));
            is_there
        })
    }

    /// Whether a parent's record is there. Where a request does not name all that lies above it, nobody knows.
    fn has_parent(&self, field: &ParentField, above: &[(&PartitionValue, &str)], text: &str) -> bool {
        let Some(index) = self.index(&field.resource) else { return false };
        let needs = self.api.resources.get(index).map(|parent| partition::named(&parent.operation)).unwrap_or_default();
        let find = |need: &PartitionValue| above.iter().find(|(value, _)| *value == need).map(|(_, text)| *text);
        let Some(own): Option<Vec<&str>> = needs.iter().map(find).collect() else { return true };
        let rows = self.rows(index, &own);
        rows.and_then(|rows| Some((rows, rows.key(&field.field)?)))
            .is_none_or(|(rows, key)| key.find(rows.owner, rows.count, text).is_some())
    }

    /// Whether a text is among the values of a list. What an input gives is not known here.
    fn is_listed(&self, resource: &Resource, field: &ListField, text: &str) -> bool {
        let levels = levels(&self.api, resource);
        let mut lists = levels.iter().filter_map(|level| match level.source {
            LevelSource::List(list) => Some(list),
            LevelSource::Records(_) | LevelSource::Windows(_) => None,
        });
        let Some(list) = lists.find(|list| *list.name == field.list) else { return false };
        let ListValues::Given(values) = &list.values else { return true };
        let at = field.field.as_ref().and_then(|field| list.fields.iter().position(|known| known == field)).unwrap_or(0);
        let mut templates = values.iter().filter_map(|value| value.get(at));
        templates.any(|template| template.holes().next().is_some() || template.literal_text() == text)
    }
}

impl<'a> Rows<'a> {
    /// The records from one to another one, or the other way round.
    pub(super) fn between(self, from: u64, to: u64, is_reversed: bool) -> Self {
        Self { count: to - from, from, is_reversed, ..self }
    }

    /// Those of them that a view shows.
    pub(super) fn seen_by(self, view: &'a View) -> Self {
        Self { count: view.present.len() as u64, view: Some(view), ..self }
    }

    /// What a cursor to record `k` names it by.
    pub(super) fn number_at(&self, k: u64) -> u64 {
        match self.view {
            Some(view) => number_in(view, k),
            None => k,
        }
    }

    /// The record that a cursor names, or the next one where it is gone.
    pub(super) fn place_of(&self, number: u64) -> u64 {
        self.view.map_or(number, |view| view.present.partition_point(|held| *held < number) as u64)
    }

    /// The number after the last of them, of all that there are.
    pub(super) fn end(&self) -> u64 {
        self.from + self.count
    }

    /// The number of a record, of all that there are.
    fn number(&self, k: u64) -> u64 {
        let k = if self.is_reversed { self.end().saturating_sub(k + 1) } else { self.from.saturating_add(k) };
        self.view.map_or(k, |view| number_in(view, k))
    }

    /// The record after the one that a cursor names, or where it would stand.
    pub(super) fn after(&self, path: &Path, cursor: &str) -> u64 {
        let Some(key) = self.key(path) else { return self.count };
        if self.is_reversed {
            return self.end() - key.first_at_least(self.owner, self.end(), cursor).clamp(self.from, self.end());
        }
        if self.view.is_some() {
            return self.place_of(key.first_past(self.owner, self.number(self.count), cursor));
        }
        key.first_past(self.owner, self.end(), cursor).saturating_sub(self.from)
    }

    /// Appends record `k`.
    pub(super) fn write(&self, out: &mut String, k: u64) {
        let k = self.number(k);
        let moulds = self.set.moulds.len() as u64;
        let version = self.view.and_then(|view| view.versions.get(&k)).copied().unwrap_or(0);
        let slot = k.wrapping_add(self.owner.0).wrapping_add(version).checked_rem(moulds).unwrap_or(0);
        let Some(cell) = usize::try_from(slot).ok().and_then(|slot| self.set.moulds.get(slot)) else { return };
        let mould = cell.get_or_init(|| {
            let seed = self.set.seed.wrapping_add(slot);
            Mould::new(&self.records.types, &self.set.ty, &self.set.keys, &self.set.left_out, seed)
        });
        mould.fill(out, |out, key| {
            if let Some(key) = self.set.keys.get(key) {
                key.write(out, self.owner, k);
            }
        });
    }

    /// The value of a key of record `k`.
    pub(super) fn key_text(&self, path: &Path, k: u64) -> Option<String> {
        self.key(path).map(|key| key.text(self.owner, self.number(k)))
    }

    /// The value of a key of record `k`, as it is in the record.
    pub(super) fn key_json(&self, path: &Path, k: u64) -> Option<Value> {
        let mut text = String::new();
        self.key(path)?.write(&mut text, self.owner, self.number(k));
        serde_json::from_str(&text).ok()
    }

    /// The first record whose key is not below a value.
    pub(super) fn first_at_least(&self, path: &Path, value: &str) -> Option<u64> {
        self.key(path).map(|key| key.first_at_least(self.owner, self.count, value))
    }

    /// The first record whose key is above a value.
    pub(super) fn first_past(&self, path: &Path, value: &str) -> Option<u64> {
        self.key(path).map(|key| key.first_past(self.owner, self.count, value))
    }

    fn key(&self, path: &Path) -> Option<&'a Key> {
        let path = keys_of(path)?;
        self.set.keys.iter().find(|key| key.path == path)
    }
}

/// The number of the record at a place, or the one after the last.
fn number_in(view: &View, k: u64) -> u64 {
    let held = usize::try_from(k).ok().and_then(|k| view.present.get(k)).copied();
    held.unwrap_or_else(|| view.present.last().map_or(0, |last| last + 1))
}

impl Set {
    fn new(api: &Api, types: &mut Types, resource: &Resource, seed: u64) -> Self {
        let name = &resource.operation.name.value;
        let paths = key_paths(api, resource);
        let ty = match &resource.source {
            Type::Json => bare_record(types, resource, &paths),
            ty => ty.clone(),
        };
        let cursor =
            resource.incremental.as_ref().and_then(|incremental| Some((keys_of(&incremental.cursor)?, &incremental.format)));
        let left_out = resource.include.iter().map(included_name).collect();
        let keys = paths
            .into_iter()
            .filter_map(|path| {
                let ty = type_at(types, &ty, &path)?;
                let key = Key::new(types, name, path, &ty)?;
                Some(match &cursor {
                    Some((path, format)) if *path == key.path => key.for_cursor(format),
                    _ => key,
                })
            })
            .collect();
        let moulds = (0..MOULDS).map(|_| OnceLock::new()).collect();
        Self { ty, keys, left_out, moulds, seed: seed_of(seed, name) }
    }
}

impl Set {
    /// Gives several records in a row the same incremental cursor, unless that tells records apart.
    fn tie(&mut self, resource: &Resource, ties: u64) {
        let Some(cursor) = resource.incremental.as_ref().and_then(|incremental| keys_of(&incremental.cursor)) else { return };
        let pages_by_it =
            matches!(&resource.paging.style, Style::LastRecord { field, .. } if keys_of(field).as_ref() == Some(&cursor));
        let is_key = resource.primary_key.iter().any(|key| cursor.as_slice() == std::slice::from_ref(&key.value));
        for key in self.keys.iter_mut().filter(|key| key.path == cursor && !pages_by_it && !is_key) {
            key.ties = ties;
        }
    }
}

/// The fields of a resource's records that must differ from record to record.
fn key_paths(api: &Api, resource: &Resource) -> Vec<Vec<String>> {
    let name = &resource.operation.name.value;
    // A list is part of a key where a step takes it apart; what the service sends is then any list.
    let is_list = |path: &[String]| matches!(type_at(&api.types, &resource.source, path), Some(Type::Array(_)));
    let own = resource.primary_key.iter().filter_map(|key| keys_of(&resource.source_of(key)));
    let mut paths: Vec<Vec<String>> = own.filter(|path| !is_list(path)).collect();
    if let Style::LastRecord { field, .. } = &resource.paging.style {
        paths.extend(keys_of(field));
    }
    paths.extend(
        resource.incremental.iter().filter_map(|incremental| keys_of(&incremental.cursor)).filter(|path| !path.is_empty()),
    );
    let needs = api.resources.iter().flat_map(Resource::templates).flat_map(Template::holes).filter_map(Hole::partition_value);
    paths.extend(needs.filter_map(|need| match need {
        PartitionValue::Parent(field) if field.resource == *name => keys_of(&field.field),
        _ => None,
    }));
    paths.push(vec![COUNTER.to_owned()]);
    let mut seen = std::collections::BTreeSet::new();
    paths.retain(|path| seen.insert(path.clone()));
    paths
}

/// The type at a path of a type; the counter is one where it is a number.
fn type_at(types: &Types, ty: &Type, path: &[String]) -> Option<Type> {
    let Some((step, rest)) = path.split_first() else { return Some(ty.clone()) };
    let field = types.fields(ty)?.iter().find(|field| field.name.value == *step)?;
    let found = type_at(types, &field.ty, rest)?;
    (step != COUNTER || found == Type::Scalar(Scalar::Integer)).then_some(found)
}

/// The record of a resource without a schema: its keys, a name and two moments.
fn bare_record(types: &mut Types, resource: &Resource, paths: &[Vec<String>]) -> Type {
    let cursor =
        resource.incremental.as_ref().and_then(|incremental| Some((keys_of(&incremental.cursor)?, incremental.format.clone())));
    let leaf = |path: &[String]| match &cursor {
        Some((at, CursorFormat::Number | CursorFormat::Epoch | CursorFormat::EpochMs)) if at == path => {
            Type::Scalar(Scalar::Integer)
        }
        Some((at, CursorFormat::Iso)) if at == path => Type::Scalar(Scalar::DateTime),
        Some((at, CursorFormat::Date)) if at == path => Type::Scalar(Scalar::Date),
        _ => Type::Scalar(Scalar::String),
    };
    let usual = ["id", "name", "description", "created_at"].map(|name| vec![name.to_owned()]);
    let mut all: Vec<Vec<String>> =
        paths.iter().filter(|path| path.first().is_some_and(|name| name != COUNTER)).cloned().collect();
    all.extend(usual.into_iter().filter(|path| !paths.iter().any(|held| held.first() == path.first())));
    struct_of(types, &mut Vec::new(), &all, &leaf)
}

fn struct_of(types: &mut Types, prefix: &mut Vec<String>, paths: &[Vec<String>], leaf: &dyn Fn(&[String]) -> Type) -> Type {
    let mut fields: Vec<Field> = Vec::new();
    for step in paths.iter().filter_map(|path| path.first()) {
        if fields.iter().any(|field| field.name.value == *step) {
            continue;
        }
        let below: Vec<Vec<String>> = paths
            .iter()
            .filter(|path| path.first() == Some(step))
            .filter_map(|path| path.get(1..))
            .filter(|rest| !rest.is_empty())
            .map(<[String]>::to_vec)
            .collect();
        prefix.push(step.clone());
        let ty = if below.is_empty() { leaf(prefix) } else { struct_of(types, prefix, &below, leaf) };
        prefix.pop();
        fields.push(Field {
            name: Spanned::new(step.clone(), Span::default()),
            description: None,
            ty,
            required: true,
            nullable: false,
            distinct: false,
            sensitive: false,
            lenient: false,
            deprecated: false,
        });
    }
    let path = Spanned::new(prefix.clone(), Span::default());
    Type::Named(types.add(TypeDef::new(path, None, TypeKind::Struct(fields))))
}

/// The field that a value of the partition at hand becomes.
fn included_name(value: &PartitionValue) -> String {
    match value {
        PartitionValue::Parent(ParentField { resource, field }) => {
            format!("_{resource}_{}", keys_of(field).unwrap_or_default().join("_"))
        }
        PartitionValue::List(_) => format!("_{}", value.name().replace('.', "_")),
    }
}

/// A path of keys alone.
fn keys_of(path: &Path) -> Option<Vec<String>> {
    let step = |segment: &Segment| match segment {
        Segment::Key(key) => Some(key.clone()),
        Segment::Index(_) => None,
    };
    path.0.iter().map(step).collect()
}

fn owner(seed: u64, parent: &[&str]) -> Owner {
    if parent.is_empty() {
        return Owner(0);
    }
    let hash = parent.iter().fold(seed, |seed, value| seed_of(seed, value));
    Owner((hash >> 24) | 1)
}

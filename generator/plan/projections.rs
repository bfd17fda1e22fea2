//! Which records a projection can be made of, and what lists and the types within them are in tables.

use std::collections::{BTreeMap, BTreeSet};

use super::{Item, ItemKind, List, Module, Tabled};

/// Why no projection can be made of a list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unprojected {
    /// Its records pass through a hook, which takes them whole.
    Hooked,
    /// Its records have more fields than there is room for.
    Wide,
    /// Its records have no fields that are known.
    Fieldless,
}

/// Marks the records of lists, and those within them. What passes through a hook has to be whole, and is in a table all the same.
pub(super) fn mark(lists: &mut [List<'_>], modules: &mut [Module]) {
    let records: BTreeMap<&str, Vec<&str>> =
        modules.iter().flat_map(|module| &module.items).filter_map(|item| Some((item.name.as_str(), inside(item)?))).collect();
    let digests: BTreeMap<&str, &str> =
        modules.iter().flat_map(|module| &module.items).map(|item| (item.name.as_str(), item.fingerprint.as_str())).collect();
    let is_wide = |item: &&Item| matches!(&item.kind, ItemKind::Record(record) if record.fields.len() > MOST_FIELDS);
    let items = modules.iter().flat_map(|module| &module.items);
    let wide: BTreeSet<&str> = items.filter(is_wide).map(|item| item.name.as_str()).collect();
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut listed: Vec<String> = Vec::new();
    for list in lists {
        let digest = |name: &str| digests.get(name).copied().unwrap_or_default().to_owned();
        let found_of = |name: Option<&str>| match name {
            _ if list.hook.is_some() => Err(Unprojected::Hooked),
            Some(name) if records.contains_key(name) => Ok((name.to_owned(), digest(name))),
            Some(name) if wide.contains(name) => Err(Unprojected::Wide),
            _ => Err(Unprojected::Fieldless),
        };
        let record = list.call.response.model();
        list.projected = found_of(record);
        listed.extend(record.map(str::to_owned));
        let record = record.filter(|name| records.contains_key(name));
        let mut open: Vec<&str> = record.into_iter().collect();
        while let Some(name) = open.pop() {
            if let Some(inside) = records.get(name)
                && found.insert(name.to_owned())
            {
                open.extend(inside);
            }
        }
    }
    let within = found.iter().filter_map(|name| records.get(name.as_str())).flatten().copied();
    let listed = listed.iter().map(String::as_str);
    let columns: BTreeSet<String> = within.chain(listed).map(str::to_owned).collect();
    for item in modules.iter_mut().flat_map(|module| &mut module.items) {
        item.tabled = match item.kind {
            _ if found.contains(&item.name) => Tabled::Record,
            ItemKind::Record(_) | ItemKind::Union(_) if columns.contains(&item.name) => Tabled::Json,
            _ => Tabled::Plain,
        };
        if let ItemKind::Record(record) = &mut item.kind {
            for field in &mut record.fields {
                field.has_projected = field.ty.innermost().model().is_some_and(|name| found.contains(name));
            }
        }
    }
}

/// How many fields the runtime's `Types` of `Types` have room for.
pub const MOST_FIELDS: usize = 32 * 32;

/// The types that the fields of a record are made of; none for what is no record, one without fields, or one with too many.
fn inside(item: &Item) -> Option<Vec<&str>> {
    match &item.kind {
        ItemKind::Record(record) if (1..=MOST_FIELDS).contains(&record.fields.len()) => {
            Some(record.fields.iter().filter_map(|field| field.ty.innermost().model()).collect())
        }
        _ => None,
    }
}

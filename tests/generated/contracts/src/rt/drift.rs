//! Drift: where the records that were read are not as the schemas say. All clones of a client count together.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::rt::descriptor::Resource;
use crate::rt::json_write::{self, ObjectWriter};
use crate::rt::secret::Secrets;
use crate::rt::tally::{Counted, OTHER, PATHS, Tally, VALUES};

pub use crate::rt::tally::{DriftKind, JsonTypes};

/// What a client has counted so far.
///
/// It holds no values but those of enums, and none of these where the field is sensitive.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Drift {
    connector: String,
    resources: BTreeMap<String, ResourceDrift>,
}

/// What was counted of a resource.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ResourceDrift {
    /// The fingerprint of its schema.
    pub fingerprint: String,
    /// How many records were read, those that do not fit included.
    pub records: u64,
    /// What is not as the schema says, by path.
    pub drift: Vec<DriftEntry>,
}

/// What was counted of one kind at one path.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct DriftEntry {
    /// The path from the record on, such as `identities[].provider`. `*` stands for any member of an object whose keys are data,
    /// `$` for the record itself, and `(other)` for all paths past the first 256.
    pub path: String,
    /// In which way it is not as the schema says.
    pub kind: DriftKind,
    /// How often.
    pub count: u64,
    /// The types of the values that were found, by the names of JSON Schema; `absent` is no value at all.
    pub types: Vec<&'static str>,
    /// Some of the new values of an enum, at most 8.
    pub values: Vec<String>,
}

impl Drift {
    /// The resources that were read, by name.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &ResourceDrift)> {
        self.resources.iter().map(|(name, resource)| (name.as_str(), resource))
    }

    /// Whether everything was as the schemas say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources.values().all(|resource| resource.drift.is_empty())
    }

    /// The report as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let resources = self.resources.iter();
        let resources = resources.fold(ObjectWriter::new(), |object, (name, resource)| object.raw(name, &resource.to_json()));
        ObjectWriter::new().string("connector", &self.connector).raw("resources", &resources.finish()).finish()
    }
}

impl ResourceDrift {
    fn to_json(&self) -> String {
        let object = ObjectWriter::new().string("fingerprint", &self.fingerprint).raw("records", &self.records.to_string());
        object.raw("drift", &array(self.drift.iter().map(DriftEntry::to_json))).finish()
    }
}

impl DriftEntry {
    fn to_json(&self) -> String {
        ObjectWriter::new()
            .string("path", &self.path)
            .string("kind", self.kind.as_str())
            .raw("count", &self.count.to_string())
            .raw("types", &array(self.types.iter().map(|name| string(name))))
            .raw("values", &array(self.values.iter().map(|value| string(value))))
            .finish()
    }
}

fn array(elements: impl Iterator<Item = String>) -> String {
    format!("[{}]", elements.collect::<Vec<_>>().join(","))
}

fn string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json_write::string(&mut json, text);
    json
}

/// A table of what is not as the schemas say.
impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["resource", "path", "kind", "count", "of", "found"].map(str::to_owned);
        let rows =
            self.resources.iter().flat_map(|(name, resource)| resource.drift.iter().map(move |entry| (name, resource, entry)));
        let rows = rows.map(|(name, resource, entry)| {
            let found = if entry.values.is_empty() { entry.types.join(", ") } else { entry.values.join(", ") };
            let (kind, records) = (entry.kind.as_str().to_owned(), resource.records.to_string());
            // A name of the service's could hold anything.
            [name.clone(), entry.path.clone(), kind, entry.count.to_string(), records, found]
                .map(|cell| cell.replace(char::is_control, " "))
        });
        let table: Vec<[String; 6]> = std::iter::once(head).chain(rows).collect();
        if table.len() == 1 {
            return f.write_str("no drift");
        }
        let mut widths = [0; 6];
        for row in &table {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for (at, row) in table.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            f.write_str(cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// What the clones of a client have counted together.
#[derive(Debug, Default)]
pub struct DriftLog(Mutex<BTreeMap<&'static str, Entries>>);

/// What was counted of a resource, by path and kind.
#[derive(Debug, Default)]
struct Entries {
    fingerprint: &'static str,
    records: u64,
    counted: BTreeMap<(String, DriftKind), Entry>,
}

#[derive(Debug, Default)]
struct Entry {
    count: u64,
    types: JsonTypes,
    values: Vec<String>,
}

impl DriftLog {
    /// Adds what was counted in a part of a resource. No text of the service that holds a secret of the client is kept.
    pub fn add(&self, resource: &Resource, tally: &Tally, secrets: &Secrets) {
        let mut log = self.lock();
        let held = log.entry(resource.operation.name).or_default();
        held.fingerprint = resource.fingerprint;
        held.records += tally.records;
        for counted in tally.counted(|text| secrets.mask(text) == text) {
            held.add(counted);
        }
    }

    /// What was counted so far.
    #[must_use]
    pub fn report(&self, connector: &str) -> Drift {
        report(&self.lock(), connector)
    }

    /// What was counted so far; counting begins anew.
    #[must_use]
    pub fn take(&self, connector: &str) -> Drift {
        report(&std::mem::take(&mut *self.lock()), connector)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Entries>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn add(&mut self, counted: Counted) {
        let Counted { path, kind, count, types, values } = counted;
        let is_full = self.counted.len() >= usize::from(PATHS);
        let mut key = (path, kind);
        if is_full && !self.counted.contains_key(&key) {
            OTHER.clone_into(&mut key.0);
        }
        let entry = self.counted.entry(key).or_default();
        entry.count += count;
        entry.types = entry.types.and(types);
        for value in values {
            if entry.values.len() < VALUES && !entry.values.contains(&value) {
                entry.values.push(value);
            }
        }
    }
}

fn report(log: &BTreeMap<&'static str, Entries>, connector: &str) -> Drift {
    let resources = log.iter().map(|(name, held)| {
        let drift = held.counted.iter().map(|((path, kind), entry)| DriftEntry {
            path: path.clone(),
            kind: *kind,
            count: entry.count,
            types: entry.types.names().collect(),
            values: entry.values.clone(),
        });
        let resource = ResourceDrift { fingerprint: held.fingerprint.to_owned(), records: held.records, drift: drift.collect() };
        ((*name).to_owned(), resource)
    });
    Drift { connector: connector.to_owned(), resources: resources.collect() }
}

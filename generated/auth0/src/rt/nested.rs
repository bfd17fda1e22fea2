//! Records within records, laid out for tables: as Arrow's lists and structs, as tables of their own, or as JSON.
//!
//! Tables of their own are those of dlt: what is within a record by its own name are columns (`app_metadata__plan`), and each list is a
//! table (`users__identities`), whose rows name the row that they are in.
#![cfg(feature = "load")]

use std::collections::BTreeSet;
use std::iter::repeat_n;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, StringArray};
use arrow_schema::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};

use crate::rt::destination::{Table, failed};
use crate::rt::error::Result;
use crate::rt::naming;
use crate::rt::versions::{self, Versions};

/// The column that tells by which load package a row came.
pub const LOAD_ID: &str = "_dlt_load_id";

/// The column that tells a row from all others.
pub const ROW_ID: &str = "_dlt_id";

/// The column of a list's rows that names the record that they are in.
pub const ROOT_ID: &str = "_dlt_root_id";

/// The column of a list's rows that names the row that they are in.
const PARENT_ID: &str = "_dlt_parent_id";

/// The column of a list's rows that tells their places in it.
const LIST_INDEX: &str = "_dlt_list_idx";

/// How records and lists within records are laid out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Nested {
    /// As structs and lists of Arrow, under the service's own names.
    Arrow,
    /// As columns and as tables of their own, named as dlt names them.
    Tables,
    /// As texts of JSON, in columns that are named as dlt names them.
    Json,
}

/// The tables of a resource.
#[derive(Debug)]
pub(crate) struct Layout {
    parts: Vec<Part>,
    /// Whether there is one table, whose columns are those of the records.
    is_plain: bool,
    /// How many characters a name has at most.
    longest: usize,
    /// What tells versions of records, where they stay.
    versions: Option<Versions>,
}

/// A table, and where its columns are found.
#[derive(Debug)]
struct Part {
    table: Table,
    /// Where each column is: the index of a column, and of a field within it, and so on.
    columns: Vec<Vec<usize>>,
    /// Where each list is, and the table that it is.
    lists: Vec<(Vec<usize>, usize)>,
    /// How many rows there were in the package that is being laid out.
    rows: u64,
}

/// What the rows of a table are told by, beside their own ids.
enum Origin {
    /// Those of records: the load package that they came by; and where versions are told, when they are valid, and what they are called.
    Load { valid: Vec<ArrayRef>, load_ids: ArrayRef, ids: Option<ArrayRef> },
    /// Those of lists: the rows that they are in, and their places there.
    List { roots: ArrayRef, parents: ArrayRef, indexes: ArrayRef },
}

impl Layout {
    /// That of records with these columns.
    pub(crate) fn new(
        resource: &str,
        schema: &Schema,
        nested: Nested,
        longest: usize,
        versions: Option<Versions>,
    ) -> Result<Self> {
        let mut layout = Self { parts: Vec::new(), is_plain: nested == Nested::Arrow, longest, versions };
        if layout.is_plain {
            let fields = schema.fields().iter().cloned().chain(layout.validity()).chain([own(LOAD_ID, DataType::Utf8)]);
            let fields = fields.chain(layout.versions.is_some().then(|| own(ROW_ID, DataType::Utf8)));
            let table = Table { name: resource.to_owned(), schema: Arc::new(Schema::new(fields.collect::<Fields>())) };
            layout.parts.push(Part { table, columns: Vec::new(), lists: Vec::new(), rows: 0 });
            return Ok(layout);
        }
        layout.add(&[resource], schema.fields())?;
        match twice(layout.parts.iter().map(|part| part.table.name.as_str())) {
            Some(name) => Err(collision(resource, "tables", name)),
            None => Ok(layout),
        }
    }

    /// Adds the table of the records at a path, and those of the lists within them.
    fn add(&mut self, path: &[&str], fields: &Fields) -> Result<usize> {
        let at = self.parts.len();
        let table = Table { name: naming::path(path.iter().copied(), self.longest), schema: Arc::new(Schema::empty()) };
        self.parts.push(Part { table, columns: Vec::new(), lists: Vec::new(), rows: 0 });
        let (mut columns, mut lists) = (Vec::new(), Vec::new());
        leaves(fields, &mut Vec::new(), &mut Vec::new(), &mut |place, names, field| match field.data_type() {
            DataType::List(element) => lists.push((place.to_vec(), names.to_vec(), Arc::clone(element))),
            _ => columns.push((place.to_vec(), names.to_vec(), Arc::clone(field))),
        });
        let mut named: Vec<FieldRef> = Vec::new();
        for (_, names, field) in &columns {
            let name = naming::path(names.iter().map(String::as_str), self.longest);
            // What is within a record that is not there is null.
            named.push(Arc::new(field.as_ref().clone().with_name(name).with_nullable(true)));
        }
        if at == 0 {
            named.extend(self.validity());
        }
        named.extend(if at == 0 { ids_of_records() } else { ids_of_lists() });
        if let Some(name) = twice(named.iter().map(|field| field.name().as_str())) {
            return Err(collision(&path.join("."), "columns", name));
        }
        let mut children = Vec::new();
        for (place, names, element) in lists {
            let inner: Vec<&str> = path.iter().copied().chain(names.iter().map(String::as_str)).collect();
            children.push((place, self.add(&inner, &elements(&element))?));
        }
        let Some(part) = self.parts.get_mut(at) else { return Ok(at) };
        part.table.schema = Arc::new(Schema::new(named));
        part.columns = columns.into_iter().map(|(place, ..)| place).collect();
        part.lists = children;
        Ok(at)
    }

    /// The columns that say when records were valid.
    fn validity(&self) -> impl Iterator<Item = FieldRef> + use<> {
        self.versions.as_ref().map(Versions::fields).into_iter().flatten()
    }

    /// The tables: that of the records first.
    pub(crate) fn tables(&self) -> Vec<Table> {
        self.parts.iter().map(|part| part.table.clone()).collect()
    }

    /// The name of the column that a key is in.
    pub(crate) fn key(&self, name: &str) -> String {
        if self.is_plain { name.to_owned() } else { naming::path(name.split('.'), self.longest) }
    }

    /// A package begins.
    pub(crate) fn begin_package(&mut self) {
        for part in &mut self.parts {
            part.rows = 0;
        }
    }

    /// The rows of each table that records are.
    pub(crate) fn rows(&mut self, records: &RecordBatch, load_id: &str) -> Result<Vec<RecordBatch>> {
        let load_ids: ArrayRef = Arc::new(StringArray::from_iter_values(repeat_n(load_id, records.num_rows())));
        let (mut valid, mut ids): (Vec<ArrayRef>, Option<ArrayRef>) = (Vec::new(), None);
        if let Some(versions) = &self.versions {
            valid.extend(versions.validity(records.num_rows()));
            ids = Some(Arc::new(versions.ids(records)?));
        }
        if let [part] = self.parts.as_slice()
            && self.is_plain
        {
            let columns = records.columns().iter().cloned().chain(valid).chain([load_ids]).chain(ids);
            return Ok(vec![batch(&part.table.schema, columns.collect())?]);
        }
        let mut all = Vec::with_capacity(self.parts.len());
        self.fill(0, records.columns(), load_id, Origin::Load { valid, load_ids, ids }, &mut all)?;
        Ok(all)
    }

    /// Lays out the rows of a table, and those of the lists within them, in the order of the tables.
    fn fill(&mut self, at: usize, columns: &[ArrayRef], load_id: &str, origin: Origin, all: &mut Vec<RecordBatch>) -> Result<()> {
        let count = origin.len();
        let is_versioned = self.versions.is_some();
        let Some(part) = self.parts.get_mut(at) else { return Ok(()) };
        let ids: ArrayRef = match &origin {
            Origin::Load { ids: Some(ids), .. } => Arc::clone(ids),
            Origin::List { parents, indexes, .. } if is_versioned => {
                Arc::new(versions::ids_within(parents.as_string(), &part.table.name, indexes.as_primitive()))
            }
            _ => Arc::new(row_ids(load_id, part.rows, count)),
        };
        part.rows += count as u64;
        let mut filled: Vec<ArrayRef> = part.columns.iter().filter_map(|place| find(columns, place)).collect();
        let roots = match origin {
            Origin::Load { valid, load_ids, .. } => {
                filled.extend(valid);
                filled.push(load_ids);
                Arc::clone(&ids)
            }
            Origin::List { roots, parents, indexes } => {
                filled.extend([Arc::clone(&roots), parents, indexes]);
                roots
            }
        };
        filled.push(Arc::clone(&ids));
        all.push(batch(&part.table.schema, filled)?);
        for (place, child) in part.lists.clone() {
            let Some(list) = find(columns, &place) else { continue };
            let list = list.as_list::<i32>();
            let offsets = list.value_offsets();
            let (start, end) = (index(offsets[0]), index(offsets[list.len()]));
            let values = list.values().slice(start, end - start);
            let origin = Origin::of_list(offsets, &ids, &roots);
            let columns = match values.data_type() {
                DataType::Struct(_) => values.as_struct().columns().to_vec(),
                _ => vec![Arc::clone(&values)],
            };
            self.fill(child, &columns, load_id, origin, all)?;
        }
        Ok(())
    }
}

impl Origin {
    fn len(&self) -> usize {
        match self {
            Self::Load { load_ids: ids, .. } | Self::List { roots: ids, .. } => ids.len(),
        }
    }

    /// That of the elements of lists between these offsets, in rows with these ids.
    fn of_list(offsets: &[i32], ids: &ArrayRef, roots: &ArrayRef) -> Self {
        let counts = || offsets.windows(2).map(|pair| index(pair[1] - pair[0]));
        let repeated = |ids: &ArrayRef| -> ArrayRef {
            let each = counts().zip(ids.as_string::<i32>()).flat_map(|(count, id)| repeat_n(id, count));
            Arc::new(each.collect::<StringArray>())
        };
        let indexes = counts().flat_map(|count| 0..i64::try_from(count).unwrap_or(i64::MAX));
        let indexes = Arc::new(Int64Array::from_iter_values(indexes));
        Self::List { roots: repeated(roots), parents: repeated(ids), indexes }
    }
}

/// The columns of our own that the table of the records has.
fn ids_of_records() -> Vec<FieldRef> {
    vec![own(LOAD_ID, DataType::Utf8), own(ROW_ID, DataType::Utf8)]
}

/// The columns of our own that the table of a list has.
fn ids_of_lists() -> Vec<FieldRef> {
    let [root, parent, row] = [ROOT_ID, PARENT_ID, ROW_ID].map(|name| own(name, DataType::Utf8));
    vec![root, parent, own(LIST_INDEX, DataType::Int64), row]
}

/// A name that is there twice.
fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    names.into_iter().find(|name| !seen.insert(*name))
}

fn own(name: &str, kind: DataType) -> FieldRef {
    Arc::new(Field::new(name, kind, false))
}

fn collision(place: &str, what: &str, name: &str) -> crate::rt::error::Error {
    failed(format!(
        "two {what} of `{place}` would be named `{name}`: load with `--nested arrow`, which keeps the service's names"
    ))
}

fn batch(schema: &SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    let rows = columns.first().map_or(0, Array::len);
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(failed)
}

/// Calls for each field that is no struct, with its place and its names.
fn leaves(
    fields: &Fields,
    place: &mut Vec<usize>,
    names: &mut Vec<String>,
    each: &mut impl FnMut(&[usize], &[String], &FieldRef),
) {
    for (at, field) in fields.iter().enumerate() {
        place.push(at);
        names.push(field.name().clone());
        match field.data_type() {
            DataType::Struct(inner) => leaves(inner, place, names, each),
            _ => each(place, names, field),
        }
        place.pop();
        names.pop();
    }
}

/// The columns of a list's elements.
fn elements(element: &FieldRef) -> Fields {
    match element.data_type() {
        DataType::Struct(fields) => fields.clone(),
        DataType::List(_) => [element.as_ref().clone().with_name("list")].into_iter().collect(),
        _ => [element.as_ref().clone().with_name("value")].into_iter().collect(),
    }
}

fn find(columns: &[ArrayRef], place: &[usize]) -> Option<ArrayRef> {
    let (first, rest) = place.split_first()?;
    let column = columns.get(*first)?;
    if rest.is_empty() { Some(Arc::clone(column)) } else { find(column.as_struct().columns(), rest) }
}

fn index(offset: i32) -> usize {
    usize::try_from(offset).unwrap_or(0)
}

/// Ids of rows, of 14 letters: 52 bits tell the load package, which is a time in microseconds, and 32 bits the row in it.
fn row_ids(load_id: &str, before: u64, count: usize) -> StringArray {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let package = load_id
        .bytes()
        .filter(u8::is_ascii_digit)
        .fold(0_u64, |id, digit| id.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')));
    let id = |row: u64| {
        let bits = u128::from(package & ((1 << 52) - 1)) << 32 | u128::from(row & u64::from(u32::MAX));
        let letter = |at: u32| char::from(LETTERS[(bits >> (78 - 6 * at) & 63) as usize]);
        (0..14).map(letter).collect::<String>()
    };
    StringArray::from_iter_values((before..).take(count).map(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_by_package_and_row() {
        let mut seen = BTreeSet::new();
        for (load_id, before) in [("1763784000.000001", 0), ("1763784000.000001", 500), ("1763784000.000002", 0)] {
            for id in row_ids(load_id, before, 500).iter().flatten() {
                assert_eq!(id.len(), 14);
                assert!(seen.insert(id.to_owned()), "{id} is there twice");
            }
        }
    }
}

//! A folder of files as the destination of loads: a folder for each table, and beside them the manifest.
//!
//! Files are written below `_staging`, and moved to their tables once the manifest names them. It is the manifest that commits: after
//! a crash what it names is moved, and what it does not name is removed. It is changed before that is done, so that another program that
//! may still be writing what is removed can not commit it any more.
#![cfg(feature = "load")]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::rt::destination::{Capabilities, Destination, Disposition, Holding, Lacking, Progress, Table, Target, Writer, failed};
use crate::rt::error::{Error, Result};
use crate::rt::folder_versions::take_versions;
use crate::rt::keys::{KeySet, Keys, Merging, Struck, filtered};
use crate::rt::manifest::{self, Manifest};
use crate::rt::nested::Nested;
use crate::rt::store::{Disk, OPEN, Store, Version, raced};
use crate::rt::table_file::{Format, TableFile};

/// The manifest's name.
const MANIFEST: &str = "_tapwright.json";

/// The folder of files that are not those of a table yet.
const STAGING: &str = "_staging";

/// The folder of what was left out: a folder of JSON lines for each resource, which the manifest has as a table.
const REJECTED: &str = "_rejected";

/// About how many bytes of rows are committed at a time: few files are read faster than many.
const PACKAGE: usize = 64 << 20;

/// How long the name of a folder is at most, on most systems.
const NAME: usize = 255;

/// A folder of files.
#[derive(Debug)]
pub struct Folder(Arc<Held>);

#[derive(Debug)]
pub(crate) struct Held {
    store: Box<dyn Store>,
    format: Format,
    known: Mutex<Known>,
}

/// What is known of the manifest.
#[derive(Debug)]
struct Known {
    manifest: Manifest,
    version: Option<Version>,
}

impl Folder {
    /// The folder at a path, which is made if there is none. What a crash left undone is done first.
    pub fn open(root: impl Into<PathBuf>, format: Format) -> Result<Self> {
        Self::within(Box::new(Disk::open(root.into())?), format)
    }

    /// The folder that a store is.
    pub(crate) fn within(store: Box<dyn Store>, format: Format) -> Result<Self> {
        let known = Known::read(store.as_ref())?;
        for (table, files) in known.manifest.tables.iter().filter(|(table, _)| !is_rejected(table)) {
            if files
                .live
                .iter()
                .chain(&files.staged)
                .any(|file| Path::new(&file.name).extension() != Some(format.extension().as_ref()))
            {
                let message = format!("the files of `{table}` are not {} files: load into another folder", format.extension());
                return Err(failed(message));
            }
        }
        let names: Vec<String> = known.manifest.tables.keys().cloned().collect();
        let held = Held { store, format, known: Mutex::new(known) };
        for table in names {
            // What is left over may be what another program is writing.
            held.settle(&table)?;
        }
        Ok(Self(Arc::new(held)))
    }

    /// What it holds.
    #[must_use]
    pub fn manifest(&self) -> Manifest {
        self.0.known().manifest.clone()
    }
}

impl Known {
    fn read(store: &dyn Store) -> Result<Self> {
        let Some((text, version)) = store.read(MANIFEST)? else {
            return Ok(Self { manifest: Manifest::default(), version: None });
        };
        let manifest = Manifest::read(&text).map_err(|fault| failed(format!("{}: {fault}", store.shown(MANIFEST))))?;
        Ok(Self { manifest, version: Some(version) })
    }
}

pub(crate) fn staging(table: &str) -> String {
    format!("{STAGING}/{table}")
}

impl Held {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file in a folder, to be read.
    pub(crate) fn open(&self, folder: &str, file: &manifest::File) -> Result<Opened> {
        let name = format!("{folder}/{}", file.name);
        Ok(Opened { file: self.store.open(&name)?, place: self.store.shown(&name) })
    }

    /// Puts a file that was written under the name of a load package, or of a part of one; there are no files without rows.
    fn put(&self, table: &str, written: TableFile, name: &str, load_id: &str) -> Result<Option<manifest::File>> {
        let name = format!("{name}.{}", self.format(table).extension());
        let (rows, file) = written.close()?;
        self.store.put(file, &staging(table), &name)?;
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        Ok((rows > 0).then(|| manifest::File { name, rows, load_id: load_id.to_owned() }))
    }

    /// Writes a file of a table anew, under another name; nothing if no row is left.
    pub(crate) fn rewrite(
        &self,
        table: &str,
        (from, old): (&Opened, &manifest::File),
        schema: &SchemaRef,
        name: &str,
        each: &mut dyn FnMut(RecordBatch) -> Result<RecordBatch>,
    ) -> Result<Option<manifest::File>> {
        let mut file = TableFile::create(self.store.create(&staging(table))?, self.format, schema)?;
        for rows in from.all()? {
            file.write(&each(rows?)?)?;
        }
        self.put(table, file, name, &old.load_id)
    }

    /// Changes what the folder holds, in one step.
    fn change(&self, change: impl FnOnce(&mut Manifest) -> Result<()>) -> Result<()> {
        let mut known = self.known();
        let mut next = known.manifest.clone();
        change(&mut next)?;
        next.serial += 1;
        let Some(version) = self.store.replace(MANIFEST, &next.write(), known.version.as_ref())? else {
            return Err(raced(&self.store.shown("")));
        };
        *known = Known { manifest: next, version: Some(version) };
        Ok(())
    }

    /// Moves the files of a table to their places; gives those that are none of it.
    fn settle(&self, table: &str) -> Result<Vec<String>> {
        let files = self.known().manifest.tables.get(table).cloned().unwrap_or_default();
        let staging = staging(table);
        let (live, staged) = (names(&files.live), names(&files.staged));
        let mut waiting = self.store.list(&staging)?;
        waiting.retain(|name| is_ours(name, self.format(table)) || name.starts_with(OPEN));
        let arrived: Vec<&str> = waiting.iter().map(String::as_str).filter(|name| live.contains(name)).collect();
        if !arrived.is_empty() {
            self.store.relocate(&arrived, &staging, table)?;
        }
        let found = self.ours(table, self.format(table))?;
        if let Some(gone) = live.iter().find(|name| !found.contains(**name)) {
            if Known::read(self.store.as_ref())?.version != self.known().version {
                return Err(raced(&self.store.shown("")));
            }
            let place = self.store.shown(&format!("{table}/{gone}"));
            return Err(failed(format!("{place}: the file is gone, and the manifest names it")));
        }
        let is_left = |name: &&String| !live.contains(name.as_str());
        let replaced = found.iter().filter(is_left).map(|name| format!("{table}/{name}"));
        let left = waiting.iter().filter(is_left).filter(|name| !staged.contains(name.as_str()));
        Ok(replaced.chain(left.map(|name| format!("{staging}/{name}"))).collect())
    }

    /// Removes what is left over of tables. Another program may still be writing it, and can not commit it then.
    fn clear<'a>(&self, tables: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let mut left = Vec::new();
        for table in tables {
            left.extend(self.settle(table)?);
        }
        if left.is_empty() {
            return Ok(());
        }
        self.change(|_| Ok(()))?;
        self.remove(&left)
    }

    fn remove(&self, files: &[String]) -> Result<()> {
        files.iter().try_for_each(|file| self.store.remove(file))
    }

    /// The files of a folder that have names as ours.
    fn ours(&self, folder: &str, format: Format) -> Result<BTreeSet<String>> {
        let mut names = self.store.list(folder)?;
        names.retain(|name| is_ours(name, format));
        Ok(names)
    }

    /// The form of a table's files.
    fn format(&self, table: &str) -> Format {
        if is_rejected(table) { Format::Jsonl } else { self.format }
    }
}

/// Whether a table of the manifest is one of what was left out.
fn is_rejected(table: &str) -> bool {
    table.strip_prefix(REJECTED).is_some_and(|rest| rest.starts_with('/'))
}

fn names(files: &[manifest::File]) -> BTreeSet<&str> {
    files.iter().map(|file| file.name.as_str()).collect()
}

/// The columns of a table, with their types.
fn columns(schema: &SchemaRef) -> BTreeMap<String, String> {
    schema.fields().iter().map(|field| (field.name().clone(), field.data_type().to_string())).collect()
}

/// Whether a name is one that the writer gives: a load id, and a number where there are several.
fn is_ours(name: &str, format: Format) -> bool {
    let stem = name.strip_suffix(format.extension()).and_then(|stem| stem.strip_suffix('.'));
    stem.is_some_and(|stem| !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-')))
}

impl Destination for Folder {
    fn capabilities(&self) -> Capabilities {
        let nested = if self.0.format == Format::Csv { Nested::Tables } else { Nested::Arrow };
        Capabilities { nested, package_bytes: PACKAGE, max_identifier_length: NAME }
    }

    fn progress(&self, resource: &str) -> Result<Progress> {
        Ok(self.0.known().manifest.resources.get(resource).cloned().unwrap_or_default())
    }

    fn set_progress(&self, resource: &str, progress: Option<&Progress>) -> Result<()> {
        self.0.change(|manifest| {
            match progress {
                Some(progress) => manifest.resources.insert(resource.to_owned(), progress.clone()),
                None => manifest.resources.remove(resource),
            };
            Ok(())
        })
    }

    fn holdings(&self) -> Result<Vec<Holding>> {
        let manifest = self.manifest();
        let rows = |files: &[manifest::File]| files.iter().map(|file| u64::try_from(file.rows).unwrap_or(0)).sum();
        let holding = |(table, files): (&String, &manifest::Files)| Holding {
            table: table.clone(),
            rows: rows(&files.live),
            staged: rows(&files.staged),
            last_load: files.live.iter().map(|file| file.load_id.clone()).max(),
            progress: manifest.resources.get(table).cloned(),
        };
        Ok(manifest.tables.iter().filter(|(table, _)| !is_rejected(table)).map(holding).collect())
    }

    /// What the last file of each table lacks.
    fn lacking(&self, target: &Target) -> Result<Vec<Lacking>> {
        let known = self.0.known();
        let mut lacking = Vec::new();
        for Table { name, schema } in &target.tables {
            let Some(files) = known.manifest.tables.get(name).filter(|files| !files.columns.is_empty()) else { continue };
            for field in schema.fields() {
                let found = files.columns.get(field.name()).cloned();
                if found != Some(field.data_type().to_string()) {
                    lacking.push(Lacking { table: name.clone(), column: field.name().clone(), found });
                }
            }
        }
        Ok(lacking)
    }

    fn writer(&self, target: &Target, anew: bool) -> Result<Box<dyn Writer>> {
        for Table { name, .. } in &target.tables {
            if name.is_empty() || name.starts_with(['.', '_']) || name.contains(['/', '\\', '\0']) {
                return Err(failed(format!("`{name}` can not be the name of a folder")));
            }
            if anew && let Some(files) = self.0.known().manifest.tables.get_mut(name) {
                files.staged.clear();
            }
        }
        self.0.clear(target.tables.iter().map(|table| table.name.as_str()))?;
        let merges = target.disposition.merges();
        let merging = match self.0.format {
            Format::Parquet => merges.then(|| Merging::new(target)).transpose()?.map(Arc::new),
            _ if merges || target.disposition == Disposition::Scd2 => {
                let message = "is merged with what is there, which only Parquet files and databases can be: load to `parquet:`";
                return Err(failed(format!("`{}` {message}", target.resource)));
            }
            _ => None,
        };
        let open = target.tables.iter().map(|_| None).collect();
        Ok(Box::new(FolderWriter {
            held: Arc::clone(&self.0),
            target: target.clone(),
            merging,
            gathered: Vec::new(),
            open,
            rejected: None,
            rows: 0,
        }))
    }
}

/// Writes the files of a resource's tables.
struct FolderWriter {
    held: Arc<Held>,
    target: Target,
    merging: Option<Arc<Merging>>,
    /// The rows that are held back until it is known which of them count.
    gathered: Vec<Vec<RecordBatch>>,
    /// The file of each table that is being written.
    open: Vec<Option<TableFile>>,
    /// That of what was left out.
    rejected: Option<TableFile>,
    /// How many records there were in this run.
    rows: u64,
}

impl FolderWriter {
    fn append(&mut self, tables: &[RecordBatch]) -> Result<()> {
        for ((rows, open), table) in tables.iter().zip(&mut self.open).zip(&self.target.tables) {
            if rows.num_rows() == 0 {
                continue;
            }
            if open.is_none() {
                let file = self.held.store.create(&staging(&table.name))?;
                *open = Some(TableFile::create(file, self.held.format, &table.schema)?);
            }
            if let Some(file) = open {
                file.write(rows)?;
            }
        }
        Ok(())
    }

    /// Ends the files that are being written.
    fn close(&mut self, load_id: &str) -> Result<Vec<Option<manifest::File>>> {
        let close = |(open, table): (&mut Option<TableFile>, &Table)| match open.take() {
            Some(file) => self.held.put(&table.name, file, load_id, load_id),
            None => Ok(None),
        };
        self.open.iter_mut().zip(&self.target.tables).map(close).collect()
    }

    /// What the manifest calls the table of what was left out.
    fn rejected(&self) -> String {
        format!("{REJECTED}/{}", self.target.resource)
    }

    /// The rows that go when these come, of which those are left that count.
    fn meet<'a>(&self, merging: &'a Merging, gathered: &mut [Vec<RecordBatch>], is_last: bool) -> Result<Vec<Struck<'a>>> {
        let newcomers = merging.one_of_each(gathered)?;
        let mut staying = KeySet::new();
        if let Some((key, rank)) = merging.staying() {
            let names: Vec<&str> = key.names().chain(rank.into_iter().flat_map(Keys::names)).collect();
            self.read(&names, rank.is_some(), &mut |rows| merging.note_staying(rows, &newcomers, &mut staying))?;
            merging.leave_out(gathered, key, &staying)?;
        }
        let keys = newcomers.into_keys().filter(|key| !staying.contains(key)).collect();
        let mut struck = merging.struck(keys, gathered)?;
        if let Some((by, deleted)) = merging.swept().filter(|_| is_last) {
            let (names, mut keys) = (by.names().chain([deleted]).collect::<Vec<_>>(), KeySet::new());
            self.read(&names, true, &mut |rows| merging.note_deleted(rows, &mut keys))?;
            struck.push(Struck { by, keys: Cow::Owned(keys), spares_run: false });
        }
        merging.leave_out_deleted(gathered, is_last)?;
        Ok(struck)
    }

    /// Reads some columns of the records that are there, or of those of the run.
    fn read(&self, names: &[&str], is_of_run: bool, each: &mut dyn FnMut(&RecordBatch) -> Result<()>) -> Result<()> {
        let Some(table) = self.target.tables.first() else { return Ok(()) };
        let files = self.held.known().manifest.tables.get(&table.name).cloned().unwrap_or_default();
        for file in files.live.iter().filter(|file| !is_of_run || file.load_id >= self.target.begun) {
            for rows in self.held.open(&table.name, file)?.columns(names.iter().copied())? {
                each(&rows?)?;
            }
        }
        Ok(())
    }

    /// Takes rows out of the tables, and what is within them; new files are named so.
    fn without(&self, manifest: &mut Manifest, struck: &Struck<'_>, name: &str) -> Result<()> {
        let (Some((records, lists)), Some(merging)) = (self.target.tables.split_first(), &self.merging) else { return Ok(()) };
        let mut dropped = KeySet::new();
        let mut told = |rows: &RecordBatch, kept: &[bool]| merging.id.note_dropped(rows, kept, &mut dropped);
        self.strike(manifest, &records.name, struck, name, &mut told)?;
        for (list, by) in lists.iter().zip(&merging.roots).filter(|_| !dropped.is_empty()) {
            let within = Struck { by, keys: Cow::Borrowed(&dropped), spares_run: struck.spares_run };
            self.strike(manifest, &list.name, &within, name, &mut |_, _| Ok(()))?;
        }
        Ok(())
    }

    /// Writes the files of a table anew that have such rows; `told` is given the rows of these files, and which are kept.
    fn strike(
        &self,
        manifest: &mut Manifest,
        table: &str,
        struck: &Struck<'_>,
        name: &str,
        told: &mut dyn FnMut(&RecordBatch, &[bool]) -> Result<()>,
    ) -> Result<()> {
        let Some(files) = manifest.tables.get_mut(table) else { return Ok(()) };
        let (staging, mut kept) = (staging(table), Vec::new());
        let staged = self.held.ours(&staging, self.held.format)?;
        for (at, file) in files.live.iter().enumerate() {
            // A file that was written anew in this step is not in its place yet.
            let folder = if staged.contains(&file.name) { &staging } else { table };
            let is_of_run = file.load_id >= self.target.begun;
            if is_of_run && struck.spares_run {
                kept.push(file.clone());
                continue;
            }
            let from = self.held.open(folder, file)?;
            if !has_any(&from, &struck.keys, struck.by)? {
                kept.push(file.clone());
                continue;
            }
            kept.extend(self.held.rewrite(table, (&from, file), &from.schema()?, &format!("{name}-{at}"), &mut |rows| {
                let kept = struck.by.others(&rows, &struck.keys)?;
                told(&rows, &kept)?;
                filtered(&rows, kept)
            })?);
        }
        files.live = kept;
        Ok(())
    }
}

/// A file that is read, and its place.
pub(crate) struct Opened {
    file: File,
    place: String,
}

impl Opened {
    fn failed(&self, error: impl std::fmt::Display) -> Error {
        failed(format!("{}: {error}", self.place))
    }

    fn builder(&self) -> Result<ParquetRecordBatchReaderBuilder<File>> {
        let file = self.file.try_clone().map_err(|error| self.failed(error))?;
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| self.failed(error))
    }

    pub(crate) fn schema(&self) -> Result<SchemaRef> {
        Ok(Arc::clone(self.builder()?.schema()))
    }

    /// Reads all of its columns.
    fn all(&self) -> Result<impl Iterator<Item = Result<RecordBatch>>> {
        self.read(self.builder()?)
    }

    /// Reads some of them.
    pub(crate) fn columns<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<impl Iterator<Item = Result<RecordBatch>>> {
        let builder = self.builder()?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), names);
        self.read(builder.with_projection(mask))
    }

    fn read(&self, builder: ParquetRecordBatchReaderBuilder<File>) -> Result<impl Iterator<Item = Result<RecordBatch>>> {
        let (reader, place) = (builder.build().map_err(|error| self.failed(error))?, self.place.clone());
        Ok(reader.map(move |rows| rows.map_err(|error| failed(format!("{place}: {error}")))))
    }
}

/// Whether a file has a row with one of these keys. Only the columns of the key are read.
fn has_any(from: &Opened, keys: &KeySet, by: &Keys) -> Result<bool> {
    for rows in from.columns(by.names())? {
        if by.has_any(&rows?, keys)? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Writer for FolderWriter {
    fn write(&mut self, rows: Vec<RecordBatch>) -> Result<()> {
        let count = rows.first().map_or(0, RecordBatch::num_rows) as u64;
        if let (Some(merging), Some(records)) = (&self.merging, rows.first()) {
            merging.check(records, self.rows)?;
            self.gathered.push(rows);
        } else {
            self.append(&rows)?;
        }
        self.rows += count;
        Ok(())
    }

    fn reject(&mut self, rows: RecordBatch) -> Result<()> {
        if self.rejected.is_none() {
            let table = self.rejected();
            self.held.clear([table.as_str()])?;
            let file = self.held.store.create(&staging(&table))?;
            self.rejected = Some(TableFile::create(file, Format::Jsonl, &rows.schema())?);
        }
        self.rejected.as_mut().map_or(Ok(()), |file| file.write(&rows))
    }

    fn commit(&mut self, load_id: &str, progress: &Progress, is_last: bool) -> Result<()> {
        let mut gathered = std::mem::take(&mut self.gathered);
        let merging = self.merging.clone();
        let struck = match &merging {
            Some(merging) => self.meet(merging, &mut gathered, is_last)?,
            None => Vec::new(),
        };
        for tables in &gathered {
            self.append(tables)?;
        }
        let files = self.close(load_id)?;
        let table = self.rejected();
        let rejected = match self.rejected.take() {
            Some(file) => self.held.put(&table, file, load_id, load_id)?.map(|file| (table, file)),
            None => None,
        };
        self.held.change(|manifest| {
            for (at, struck) in struck.iter().enumerate() {
                self.without(manifest, struck, &format!("{load_id}-{at}"))?;
            }
            for (table, file) in self.target.tables.iter().zip(files) {
                let files = manifest.tables.entry(table.name.clone()).or_default();
                let waits = matches!(self.target.disposition, Disposition::Replace | Disposition::Scd2);
                let is_new = file.is_some();
                if waits {
                    files.staged.extend(file);
                } else {
                    files.live.extend(file);
                }
                // Those of files that wait are the table's once they are.
                let is_seen = if waits { is_last && !files.staged.is_empty() } else { is_new };
                if is_seen {
                    files.columns = columns(&table.schema);
                }
                if is_last && self.target.disposition == Disposition::Replace {
                    files.live = std::mem::take(&mut files.staged);
                }
            }
            if is_last && self.target.disposition == Disposition::Scd2 {
                take_versions(&self.held, &self.target, manifest, load_id)?;
            }
            if let Some((table, file)) = &rejected {
                manifest.tables.entry(table.clone()).or_default().live.push(file.clone());
            }
            manifest.resources.insert(self.target.resource.clone(), progress.clone());
            Ok(())
        })?;
        let tables = self.target.tables.iter().map(|table| table.name.as_str());
        let changed: Vec<&str> = tables.chain(rejected.iter().map(|(table, _)| table.as_str())).collect();
        changed.iter().try_for_each(|table| self.held.remove(&self.held.settle(table)?))
    }
}

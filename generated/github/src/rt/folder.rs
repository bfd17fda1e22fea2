//! A folder of files as the destination of loads: a folder for each table, and beside them the manifest.
//!
//! Files are written below `_staging`, and moved to their tables once the manifest names them. It is the manifest that commits: after
//! a crash what it names is moved, and what it does not name is removed.
#![cfg(feature = "load")]

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::Field;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::rt::destination::{Capabilities, Destination, Disposition, Holding, Lacking, Progress, Table, Target, Writer, failed};
use crate::rt::error::Result;
use crate::rt::keys::{KeySet, Keys, Merging, Struck, filtered};
use crate::rt::manifest::{self, Manifest};
use crate::rt::nested::Nested;
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
struct Held {
    root: PathBuf,
    format: Format,
    manifest: Mutex<Manifest>,
}

impl Folder {
    /// The folder at a path, which is made if there is none. What a crash left is put in order first.
    pub fn open(root: impl Into<PathBuf>, format: Format) -> Result<Self> {
        let root = root.into();
        fs::create_dir_all(&root).map_err(|error| at(&root, error))?;
        let manifest = read(&root)?;
        for (table, files) in manifest.tables.iter().filter(|(table, _)| !is_rejected(table)) {
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
        let held = Held { root, format, manifest: Mutex::new(manifest) };
        let names: Vec<String> = held.manifest().tables.keys().cloned().collect();
        for table in names {
            held.settle(&table)?;
        }
        Ok(Self(Arc::new(held)))
    }

    /// What it holds.
    #[must_use]
    pub fn manifest(&self) -> Manifest {
        self.0.manifest().clone()
    }
}

fn read(root: &Path) -> Result<Manifest> {
    let path = root.join(MANIFEST);
    match fs::read_to_string(&path) {
        Ok(text) => Manifest::read(&text).map_err(|fault| failed(format!("{}: {fault}", path.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Manifest::default()),
        Err(error) => Err(at(&path, error)),
    }
}

fn at(path: &Path, error: impl std::fmt::Display) -> crate::rt::error::Error {
    failed(format!("{}: {error}", path.display()))
}

impl Held {
    fn manifest(&self) -> MutexGuard<'_, Manifest> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what the folder holds, in one step.
    fn change(&self, change: impl FnOnce(&mut Manifest) -> Result<()>) -> Result<()> {
        let mut manifest = self.manifest();
        if read(&self.root)?.serial != manifest.serial {
            return Err(failed(format!("{}: another program loads into it at the same time", self.root.display())));
        }
        let mut next = manifest.clone();
        change(&mut next)?;
        next.serial += 1;
        let (path, new) = (self.root.join(MANIFEST), self.root.join(format!("{MANIFEST}.new")));
        let write = || {
            let mut file = File::create(&new)?;
            file.write_all(next.write().as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            sync(&self.root)
        };
        write().map_err(|error| at(&path, error))?;
        *manifest = next;
        Ok(())
    }

    fn staging(&self, table: &str) -> PathBuf {
        self.root.join(STAGING).join(table)
    }

    /// Moves the files of a table to their places, and removes those that are none of it.
    fn settle(&self, table: &str) -> Result<()> {
        let files = self.manifest().tables.get(table).cloned().unwrap_or_default();
        let (staging, folder) = (self.staging(table), self.root.join(table));
        fs::create_dir_all(&staging).map_err(|error| at(&staging, error))?;
        fs::create_dir_all(&folder).map_err(|error| at(&folder, error))?;
        let (live, staged) = (names(&files.live), names(&files.staged));
        let format = if is_rejected(table) { Format::Jsonl } else { self.format };
        for name in ours(&staging, format)? {
            let path = staging.join(&name);
            if live.contains(name.as_str()) {
                fs::rename(&path, folder.join(&name)).map_err(|error| at(&path, error))?;
            } else if !staged.contains(name.as_str()) {
                fs::remove_file(&path).map_err(|error| at(&path, error))?;
            }
        }
        sync(&folder).map_err(|error| at(&folder, error))?;
        let found = ours(&folder, format)?;
        for name in found.iter().filter(|name| !live.contains(name.as_str())) {
            fs::remove_file(folder.join(name)).map_err(|error| at(&folder.join(name), error))?;
        }
        match live.iter().find(|name| !found.contains(**name)) {
            Some(gone) => Err(failed(format!("{}: the file is gone, and the manifest names it", folder.join(gone).display()))),
            None => Ok(()),
        }
    }
}

/// The files of a folder that have names as ours.
fn ours(folder: &Path, format: Format) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(|error| at(folder, error))? {
        let name = entry.map_err(|error| at(folder, error))?.file_name();
        names.extend(name.to_str().filter(|name| is_ours(name, format)).map(str::to_owned));
    }
    Ok(names)
}

/// Whether a table of the manifest is one of what was left out.
fn is_rejected(table: &str) -> bool {
    table.strip_prefix(REJECTED).is_some_and(|rest| rest.starts_with('/'))
}

fn names(files: &[manifest::File]) -> BTreeSet<&str> {
    files.iter().map(|file| file.name.as_str()).collect()
}

/// Whether a name is one that the writer gives: a load id, and a number where there are several.
fn is_ours(name: &str, format: Format) -> bool {
    let stem = name.strip_suffix(format.extension()).and_then(|stem| stem.strip_suffix('.'));
    stem.is_some_and(|stem| !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-')))
}

/// Waits until the disk has the entries of a folder.
fn sync(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

impl Destination for Folder {
    fn capabilities(&self) -> Capabilities {
        let nested = if self.0.format == Format::Csv { Nested::Tables } else { Nested::Arrow };
        Capabilities { nested, package_bytes: PACKAGE, max_identifier_length: NAME }
    }

    fn progress(&self, resource: &str) -> Result<Progress> {
        Ok(self.0.manifest().resources.get(resource).cloned().unwrap_or_default())
    }

    fn reset(&self, resource: &str) -> Result<()> {
        self.0.change(|manifest| {
            manifest.resources.remove(resource);
            Ok(())
        })
    }

    fn holdings(&self) -> Result<Vec<Holding>> {
        let manifest = self.0.manifest();
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

    /// What the last Parquet file of each table has for columns. Those of the other formats tell no types.
    fn lacking(&self, target: &Target) -> Result<Vec<Lacking>> {
        let mut lacking = Vec::new();
        for Table { name, schema } in target.tables.iter().filter(|_| self.0.format == Format::Parquet) {
            let last = self.0.manifest().tables.get(name).and_then(|files| files.live.last().cloned());
            let Some(file) = last else { continue };
            let there = Arc::clone(builder(&self.0.root.join(name).join(&file.name))?.schema());
            for field in schema.fields() {
                let found = there.field_with_name(field.name()).ok().map(Field::data_type);
                if found != Some(field.data_type()) {
                    let found = found.map(ToString::to_string);
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
            if anew && let Some(files) = self.0.manifest().tables.get_mut(name) {
                files.staged.clear();
            }
            self.0.settle(name)?;
        }
        let merging = match (target.disposition, self.0.format) {
            (Disposition::Merge, Format::Parquet) => Some(Merging::new(target)?),
            (Disposition::Merge, _) => {
                let message = "is merged by its key, which only Parquet files and databases can be: load to `parquet:`";
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
    merging: Option<Merging>,
    /// The rows that are held back until it is known which of them are the last of their keys.
    gathered: Vec<Vec<RecordBatch>>,
    /// The file of each table that is being written.
    open: Vec<Option<(PathBuf, TableFile)>>,
    /// That of what was left out.
    rejected: Option<(PathBuf, TableFile)>,
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
                let path = self.held.staging(&table.name).join("open");
                *open = Some((path.clone(), TableFile::create(&path, self.held.format, &table.schema)?));
            }
            if let Some((_, file)) = open {
                file.write(rows)?;
            }
        }
        Ok(())
    }

    /// Ends the files that are being written.
    fn close(&mut self, load_id: &str) -> Result<Vec<Option<manifest::File>>> {
        self.open.iter_mut().map(|open| close(open, load_id, self.held.format)).collect()
    }

    /// What the manifest calls the table of what was left out.
    fn rejected(&self) -> String {
        format!("{REJECTED}/{}", self.target.resource)
    }

    /// Takes rows out of the tables, and what is within them; new files are named so.
    fn without(&self, manifest: &mut Manifest, struck: &Struck<'_>, merging: &Merging, name: &str) -> Result<()> {
        let Some((records, lists)) = self.target.tables.split_first() else { return Ok(()) };
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
        let mut kept = Vec::new();
        for (at, file) in files.live.iter().enumerate() {
            // A file that was written anew in this step is not in its place yet.
            let staged = self.held.staging(table).join(&file.name);
            let path = if staged.exists() { staged } else { self.held.root.join(table).join(&file.name) };
            let is_of_run = file.load_id >= self.target.begun;
            if is_of_run && struck.spares_run || !has_any(&path, &struck.keys, struck.by)? {
                kept.push(file.clone());
                continue;
            }
            let name = format!("{name}-{at}.{}", self.held.format.extension());
            let rows = rewrite(&path, &self.held.staging(table).join(&name), &struck.keys, struck.by, told)?;
            if rows > 0 {
                let rows = i64::try_from(rows).unwrap_or(i64::MAX);
                kept.push(manifest::File { name, rows, load_id: file.load_id.clone() });
            }
        }
        files.live = kept;
        Ok(())
    }
}

/// Ends a file that is being written, if there is one, and gives it its name.
fn close(open: &mut Option<(PathBuf, TableFile)>, load_id: &str, format: Format) -> Result<Option<manifest::File>> {
    let Some((path, file)) = open.take() else { return Ok(None) };
    let rows = i64::try_from(file.close()?).unwrap_or(i64::MAX);
    let name = format!("{load_id}.{}", format.extension());
    fs::rename(&path, path.with_file_name(&name)).map_err(|error| at(&path, error))?;
    Ok(Some(manifest::File { name, rows, load_id: load_id.to_owned() }))
}

/// Whether a file has a row with one of these keys. Only the columns of the key are read.
fn has_any(path: &Path, keys: &KeySet, by: &Keys) -> Result<bool> {
    let builder = builder(path)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), by.names());
    for batch in builder.with_projection(mask).build().map_err(|error| at(path, error))? {
        if by.has_any(&batch.map_err(|error| at(path, error))?, keys)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes a file anew without the rows of these keys; how many rows it has then.
fn rewrite(
    from: &Path,
    to: &Path,
    keys: &KeySet,
    by: &Keys,
    told: &mut dyn FnMut(&RecordBatch, &[bool]) -> Result<()>,
) -> Result<u64> {
    let builder = builder(from)?;
    let mut file = TableFile::create(to, Format::Parquet, builder.schema())?;
    for batch in builder.build().map_err(|error| at(from, error))? {
        let batch = batch.map_err(|error| at(from, error))?;
        let kept = by.others(&batch, keys)?;
        told(&batch, &kept)?;
        file.write(&filtered(&batch, kept)?)?;
    }
    file.close()
}

fn builder(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(path).map_err(|error| at(path, error))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| at(path, error))
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
            self.held.settle(&table)?;
            let path = self.held.staging(&table).join("open");
            self.rejected = Some((path.clone(), TableFile::create(&path, Format::Jsonl, &rows.schema())?));
        }
        self.rejected.as_mut().map_or(Ok(()), |(_, file)| file.write(&rows))
    }

    fn commit(&mut self, load_id: &str, progress: &Progress, is_last: bool) -> Result<()> {
        let mut gathered = std::mem::take(&mut self.gathered);
        let keys = self.merging.as_ref().map(|merging| merging.last_of_each(&mut gathered)).transpose()?.unwrap_or_default();
        for tables in &gathered {
            self.append(tables)?;
        }
        let files = self.close(load_id)?;
        let rejected = close(&mut self.rejected, load_id, Format::Jsonl)?.map(|file| (self.rejected(), file));
        self.held.change(|manifest| {
            if let Some(merging) = &self.merging {
                for (at, struck) in merging.struck(keys, &gathered)?.iter().enumerate() {
                    self.without(manifest, struck, merging, &format!("{load_id}-{at}"))?;
                }
            }
            for (table, file) in self.target.tables.iter().zip(files) {
                let files = manifest.tables.entry(table.name.clone()).or_default();
                if self.target.disposition != Disposition::Replace {
                    files.live.extend(file);
                    continue;
                }
                files.staged.extend(file);
                if is_last {
                    files.live = std::mem::take(&mut files.staged);
                }
            }
            if let Some((table, file)) = &rejected {
                manifest.tables.entry(table.clone()).or_default().live.push(file.clone());
            }
            manifest.resources.insert(self.target.resource.clone(), progress.clone());
            Ok(())
        })?;
        rejected.iter().try_for_each(|(table, _)| self.held.settle(table))?;
        self.target.tables.iter().try_for_each(|table| self.held.settle(&table.name))
    }
}

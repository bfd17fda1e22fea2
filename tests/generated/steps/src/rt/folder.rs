//! A folder of files as the destination of loads: a folder for each table, and beside them the manifest.
//!
//! Files are written below `_staging`, and moved to their tables once the manifest names them. It is the manifest that commits: after
//! a crash what it names is moved, and what it does not name is removed.
#![cfg(feature = "load")]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::rt::error::Result;
use crate::rt::keys::{KeySet, Keys};
use crate::rt::load::{Destination, Disposition, Progress, Table, Writer, failed};
use crate::rt::manifest::{self, Manifest};
use crate::rt::table_file::{Format, TableFile};

/// The manifest's name.
const MANIFEST: &str = "_tapwright.json";

/// The folder of files that are not those of a table yet.
const STAGING: &str = "_staging";

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
        for (table, files) in &manifest.tables {
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

    /// Forgets how far a resource is, so that the next load reads it from the start; its rows stay until then.
    pub fn reset(&self, resource: &str) -> Result<()> {
        self.0.change(|manifest| {
            manifest.resources.remove(resource);
            Ok(())
        })
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
        for name in self.ours(&staging)? {
            let path = staging.join(&name);
            if live.contains(name.as_str()) {
                fs::rename(&path, folder.join(&name)).map_err(|error| at(&path, error))?;
            } else if !staged.contains(name.as_str()) {
                fs::remove_file(&path).map_err(|error| at(&path, error))?;
            }
        }
        sync(&folder).map_err(|error| at(&folder, error))?;
        let found = self.ours(&folder)?;
        for name in found.iter().filter(|name| !live.contains(name.as_str())) {
            fs::remove_file(folder.join(name)).map_err(|error| at(&folder.join(name), error))?;
        }
        match live.iter().find(|name| !found.contains(**name)) {
            Some(gone) => Err(failed(format!("{}: the file is gone, and the manifest names it", folder.join(gone).display()))),
            None => Ok(()),
        }
    }

    /// The files of a folder that have names as ours.
    fn ours(&self, folder: &Path) -> Result<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(folder).map_err(|error| at(folder, error))? {
            let name = entry.map_err(|error| at(folder, error))?.file_name();
            names.extend(name.to_str().filter(|name| is_ours(name, self.format)).map(str::to_owned));
        }
        Ok(names)
    }
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
    fn progress(&self, resource: &str) -> Result<Progress> {
        Ok(self.0.manifest().resources.get(resource).cloned().unwrap_or_default())
    }

    fn writer(&self, table: &Table, anew: bool) -> Result<Box<dyn Writer>> {
        let is_name = !table.name.is_empty() && !table.name.starts_with(['.', '_']) && !table.name.contains(['/', '\\', '\0']);
        if !is_name {
            return Err(failed(format!("`{}` can not be the name of a folder", table.name)));
        }
        if anew && let Some(files) = self.0.manifest().tables.get_mut(&table.name) {
            files.staged.clear();
        }
        self.0.settle(&table.name)?;
        let merging = match (table.disposition, self.0.format) {
            (Disposition::Merge, Format::Parquet) => {
                Some(Merging { keys: Keys::new(&table.schema, &table.key)?, open: Vec::new() })
            }
            (Disposition::Merge, _) => {
                return Err(failed(format!(
                    "`{}` is merged by its key, which only Parquet files can be: load to `parquet:`",
                    table.name
                )));
            }
            _ => None,
        };
        Ok(Box::new(FolderWriter { held: Arc::clone(&self.0), table: table.clone(), merging, open: None, rows: 0 }))
    }
}

/// Writes the files of a table.
struct FolderWriter {
    held: Arc<Held>,
    table: Table,
    merging: Option<Merging>,
    /// The file that is being written.
    open: Option<(PathBuf, TableFile)>,
    /// How many rows there were in this run.
    rows: u64,
}

/// Rows that are held back until it is known which of them are the last of their keys.
struct Merging {
    keys: Keys,
    open: Vec<RecordBatch>,
}

impl FolderWriter {
    fn append(&mut self, rows: &RecordBatch) -> Result<()> {
        if let Some((_, file)) = &mut self.open {
            return file.write(rows);
        }
        let path = self.held.staging(&self.table.name).join("open");
        let file = TableFile::create(&path, self.held.format, &self.table.schema)?;
        let (_, file) = self.open.insert((path, file));
        file.write(rows)
    }

    /// Ends the file that is being written.
    fn close(&mut self, load_id: &str) -> Result<Option<manifest::File>> {
        let Some((path, file)) = self.open.take() else { return Ok(None) };
        let rows = i64::try_from(file.close()?).unwrap_or(i64::MAX);
        let name = format!("{load_id}.{}", self.held.format.extension());
        fs::rename(&path, path.with_file_name(&name)).map_err(|error| at(&path, error))?;
        Ok(Some(manifest::File { name, rows, load_id: load_id.to_owned() }))
    }

    /// The files of the table without the rows of these keys: those that had none of them stay as they are.
    fn without(&self, files: &[manifest::File], keys: &KeySet, merging: &Keys, load_id: &str) -> Result<Vec<manifest::File>> {
        let mut kept = Vec::new();
        for (at, file) in files.iter().enumerate() {
            let path = self.held.root.join(&self.table.name).join(&file.name);
            if !has_any(&path, keys, merging, &self.table.key)? {
                kept.push(file.clone());
                continue;
            }
            let name = format!("{load_id}-{at}.{}", self.held.format.extension());
            let rows = rewrite(&path, &self.held.staging(&self.table.name).join(&name), keys, merging)?;
            if rows > 0 {
                let rows = i64::try_from(rows).unwrap_or(i64::MAX);
                kept.push(manifest::File { name, rows, load_id: file.load_id.clone() });
            }
        }
        Ok(kept)
    }
}

/// Whether a file has a row with one of these keys. Only the columns of the key are read.
fn has_any(path: &Path, keys: &KeySet, merging: &Keys, names: &[String]) -> Result<bool> {
    let builder = builder(path)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().map(String::as_str));
    for batch in builder.with_projection(mask).build().map_err(|error| at(path, error))? {
        if merging.has_any(&batch.map_err(|error| at(path, error))?, keys)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes a file anew without the rows of these keys; how many rows it has then.
fn rewrite(from: &Path, to: &Path, keys: &KeySet, merging: &Keys) -> Result<u64> {
    let builder = builder(from)?;
    let mut file = TableFile::create(to, Format::Parquet, builder.schema())?;
    for batch in builder.build().map_err(|error| at(from, error))? {
        let batch = batch.map_err(|error| at(from, error))?;
        file.write(&merging.without(&batch, keys)?)?;
    }
    file.close()
}

fn builder(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(path).map_err(|error| at(path, error))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| at(path, error))
}

impl Writer for FolderWriter {
    fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        if let Some(merging) = &mut self.merging {
            merging.keys.check(rows, self.rows)?;
            merging.open.push(rows.clone());
        } else {
            self.append(rows)?;
        }
        self.rows += rows.num_rows() as u64;
        Ok(())
    }

    fn commit(&mut self, load_id: &str, progress: &Progress, is_last: bool) -> Result<()> {
        let open = self.merging.as_mut().map(|merging| std::mem::take(&mut merging.open)).unwrap_or_default();
        let mut keys = KeySet::new();
        if let Some(merging) = &self.merging {
            let (last, found) = merging.keys.last_of_each(&open)?;
            keys = found;
            for rows in &last {
                self.append(rows)?;
            }
        }
        let file = self.close(load_id)?;
        let held = Arc::clone(&self.held);
        held.change(|manifest| {
            let files = manifest.tables.entry(self.table.name.clone()).or_default();
            if let Some(merging) = self.merging.as_ref().filter(|_| !keys.is_empty()) {
                files.live = self.without(&files.live, &keys, &merging.keys, load_id)?;
            }
            if self.table.disposition == Disposition::Replace {
                files.staged.extend(file);
                if is_last {
                    files.live = std::mem::take(&mut files.staged);
                }
            } else {
                files.live.extend(file);
            }
            manifest.resources.insert(self.table.name.clone(), progress.clone());
            Ok(())
        })?;
        self.held.settle(&self.table.name)
    }
}

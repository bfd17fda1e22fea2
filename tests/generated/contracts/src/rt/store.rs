//! Where the files of a folder are: on a disk, or in a store of objects.
#![cfg(feature = "load")]

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::rt::destination::failed;
use crate::rt::error::{Error, Result};

/// What the name of a file that is being written begins with.
pub(crate) const OPEN: &str = "open-";

/// A place of files. Their names are relative to it, with slashes.
pub(crate) trait Store: fmt::Debug + Send + Sync {
    /// A file or a folder, as messages name it.
    fn shown(&self, name: &str) -> String;

    /// The text of a small file, and its version; nothing if there is no such file.
    fn read(&self, name: &str) -> Result<Option<(String, Version)>>;

    /// Puts a text in the place of that of a version, in one step; gives the new version. Gives nothing, and changes nothing, if the file
    /// has another version by now.
    fn replace(&self, name: &str, text: &str, version: Option<&Version>) -> Result<Option<Version>>;

    /// The names of a folder's files. A disk has the folder from then on.
    fn list(&self, folder: &str) -> Result<BTreeSet<String>>;

    /// An empty file, to be written and then put into the folder; there is one at a time.
    fn create(&self, folder: &str) -> Result<File>;

    /// Puts the file that was created for a folder there under a name, for good.
    fn put(&self, file: File, folder: &str, name: &str) -> Result<()>;

    /// A file that can be read anywhere in it.
    fn open(&self, name: &str) -> Result<File>;

    /// Moves files from one folder to another, for good. Those that are not there any more are passed over.
    fn relocate(&self, names: &[&str], from: &str, to: &str) -> Result<()>;

    /// Removes a file.
    fn remove(&self, name: &str) -> Result<()>;
}

/// What tells a text from those that were in its place before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Version {
    /// Its tag, which on a disk is the text itself.
    pub(crate) tag: Option<String>,
    /// Its number, where the store counts.
    pub(crate) number: Option<String>,
}

/// A folder of a disk.
#[derive(Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    /// The name of what is being written, which is no other program's.
    open: String,
}

impl Disk {
    /// The folder at a path, which is made if there is none.
    pub(crate) fn open(root: PathBuf) -> Result<Self> {
        fs::create_dir_all(&root).map_err(|error| at(&root, error))?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self { root, open: format!("{OPEN}{}-{}", std::process::id(), now.as_nanos()) })
    }
}

/// The error of a place that another program has changed meanwhile.
pub(crate) fn raced(place: &str) -> Error {
    failed(format!("{place}: another program loads into it at the same time"))
}

fn at(path: &Path, error: impl fmt::Display) -> Error {
    failed(format!("{}: {error}", path.display()))
}

/// Waits until the disk has the entries of a folder.
fn sync(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

impl Store for Disk {
    fn shown(&self, name: &str) -> String {
        self.root.join(name).display().to_string()
    }

    fn read(&self, name: &str) -> Result<Option<(String, Version)>> {
        let path = self.root.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some((text.clone(), Version { tag: Some(text), number: None }))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at(&path, error)),
        }
    }

    fn replace(&self, name: &str, text: &str, version: Option<&Version>) -> Result<Option<Version>> {
        if self.read(name)?.map(|(_, version)| version).as_ref() != version {
            return Ok(None);
        }
        let (path, new) = (self.root.join(name), self.root.join(format!("{name}.new")));
        let write = || {
            let mut file = File::create(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            sync(&self.root)
        };
        write().map_err(|error| at(&path, error))?;
        Ok(Some(Version { tag: Some(text.to_owned()), number: None }))
    }

    fn list(&self, folder: &str) -> Result<BTreeSet<String>> {
        let path = self.root.join(folder);
        fs::create_dir_all(&path).map_err(|error| at(&path, error))?;
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(&path).map_err(|error| at(&path, error))? {
            let name = entry.map_err(|error| at(&path, error))?.file_name();
            names.extend(name.to_str().map(str::to_owned));
        }
        Ok(names)
    }

    fn create(&self, folder: &str) -> Result<File> {
        let path = self.root.join(folder).join(&self.open);
        File::create(&path).map_err(|error| at(&path, error))
    }

    fn put(&self, file: File, folder: &str, name: &str) -> Result<()> {
        let path = self.root.join(folder).join(name);
        let put = || {
            file.sync_all()?;
            fs::rename(path.with_file_name(&self.open), &path)
        };
        put().map_err(|error| match error.kind() {
            // Nobody else has a reason to remove what is being written.
            ErrorKind::NotFound => raced(&self.shown("")),
            _ => at(&path, error),
        })
    }

    fn open(&self, name: &str) -> Result<File> {
        let path = self.root.join(name);
        File::open(&path).map_err(|error| at(&path, error))
    }

    fn relocate(&self, names: &[&str], from: &str, to: &str) -> Result<()> {
        let (from, to) = (self.root.join(from), self.root.join(to));
        fs::create_dir_all(&to).map_err(|error| at(&to, error))?;
        for name in names {
            match fs::rename(from.join(name), to.join(name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(at(&from.join(name), error)),
                _ => {}
            }
        }
        sync(&to).map_err(|error| at(&to, error))
    }

    fn remove(&self, name: &str) -> Result<()> {
        let path = self.root.join(name);
        fs::remove_file(&path).map_err(|error| at(&path, error))
    }
}

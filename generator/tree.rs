//! A crate's files in memory, and their way to the disk.
//!
//! Only what changed is written, each file at once or not at all. What an earlier run wrote and this one does not is removed. A
//! file that no run wrote is never touched, and neither is one that was written for the user to go on with.

mod compare;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

pub use compare::{Cause, Difference};

use crate::lock::{self, Lock};

/// The files of a crate, by their paths below its folder, with `/` between the parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    files: BTreeMap<String, Vec<u8>>,
    /// Those that are written where there is none, and are the user's from then on.
    once: BTreeSet<String>,
}

/// What [`Tree::write`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The files that were written because they were new or had changed.
    pub written: Vec<String>,
    /// The files that were removed because the crate no longer has them.
    pub removed: Vec<String>,
    /// The files that the crate no longer has, but which someone has changed since: they were left.
    pub kept: Vec<String>,
    /// How many files were as they should be.
    pub unchanged: usize,
}

/// Why a tree was not written.
#[derive(Debug)]
pub enum WriteError {
    /// These files are in the way: other hands wrote them.
    InTheWay(Vec<PathBuf>),
    /// A path leads out of the crate's folder, through `..` or through a link.
    Outside(PathBuf),
    /// The file system refused.
    Io(PathBuf, io::Error),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InTheWay(paths) => {
                f.write_str("not written, because these files were not made by `gen`:")?;
                paths.iter().try_for_each(|path| write!(f, "\n  {}", path.display()))
            }
            Self::Outside(path) => write!(f, "not written, because {} leads out of the crate's folder", path.display()),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            _ => None,
        }
    }
}

impl Tree {
    /// Adds a file.
    pub fn add(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), content.into());
    }

    /// Adds a file that is written where there is none, and never changed: it is the user's.
    pub fn add_once(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        let path = path.into();
        self.once.insert(path.clone());
        self.add(path, content);
    }

    /// A file's content.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// Every file, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, content)| (path.as_str(), content.as_slice()))
    }

    /// Writes the tree into a folder, which is made if it is not there. Nothing is written if any file is in the way.
    pub fn write(&self, folder: &Path) -> Result<Report, WriteError> {
        match (folder.symlink_metadata(), draft_of(folder)) {
            (Err(error), Some(draft)) if error.kind() == io::ErrorKind::NotFound => self.write_new(folder, &draft),
            _ => self.write_into(folder),
        }
    }

    /// Writes a folder that is not there yet beside its place and moves it there: whole, and with one move for all files.
    fn write_new(&self, folder: &Path, draft: &Path) -> Result<Report, WriteError> {
        let mut below = Below::new(draft);
        let written = self.iter().try_for_each(|(path, content)| below.put(path, content));
        let moved = written.and_then(|()| fs::rename(draft, folder).map_err(|error| WriteError::Io(folder.to_owned(), error)));
        if moved.is_err() {
            // The first error is the one to report.
            let _ = fs::remove_dir_all(draft);
        }
        let written = self.iter().map(|(path, _)| path.to_owned()).collect();
        moved.map(|()| Report { written, ..Report::default() })
    }

    fn write_into(&self, folder: &Path) -> Result<Report, WriteError> {
        let mut below = Below::new(folder);
        let old = below.lock()?;
        let mut changed = Vec::new();
        let mut in_the_way = Vec::new();
        for (path, content) in self.iter() {
            match below.read(path)? {
                Some(found) if found == content || self.once.contains(path) => {}
                Some(_) if path != lock::FILE && !old.files.contains_key(path) => in_the_way.push(folder.join(path)),
                _ => changed.push((path, content)),
            }
        }
        if !in_the_way.is_empty() {
            return Err(WriteError::InTheWay(in_the_way));
        }
        let mut report = Report { unchanged: self.files.len() - changed.len(), ..Report::default() };
        self.remove_stale(&mut below, &old, &mut report)?;
        // The lock goes last: if the run is cut short, the old one still names every file that was ours before.
        changed.sort_by_key(|(path, ..)| *path == lock::FILE);
        for (path, content) in changed {
            below.write(path, content)?;
            report.written.push(path.to_owned());
        }
        Ok(report)
    }

    /// The files that an earlier run wrote and this one does not.
    fn stale(&self, old: &Lock) -> Vec<String> {
        old.files.keys().chain(old.own.keys()).filter(|path| !self.files.contains_key(*path)).cloned().collect()
    }

    fn remove_stale(&self, below: &mut Below<'_>, old: &Lock, report: &mut Report) -> Result<(), WriteError> {
        for path in self.stale(old) {
            let Some(found) = below.read(&path)? else { continue };
            if Some(&lock::digest(&found)) != old.files.get(&path).or_else(|| old.own.get(&path)) {
                report.kept.push(path);
                continue;
            }
            below.remove(&path)?;
            report.removed.push(path);
        }
        Ok(())
    }
}

/// The way to the files below a folder. What it learns of the folders between is kept, so that each is looked at once.
struct Below<'f> {
    folder: &'f Path,
    /// Whether a folder is there.
    folders: HashMap<PathBuf, bool>,
}

impl<'f> Below<'f> {
    fn new(folder: &'f Path) -> Self {
        Self { folder, folders: HashMap::new() }
    }

    fn lock(&mut self) -> Result<Lock, WriteError> {
        let text = self.read(lock::FILE)?.unwrap_or_default();
        Ok(Lock::parse(&String::from_utf8_lossy(&text)))
    }

    /// A file's content; none where there is no file.
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, WriteError> {
        let place = self.place(path)?;
        if !self.holds(&place) {
            return Ok(None);
        }
        match fs::read(&place) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(WriteError::Io(place, error)),
        }
    }

    /// Writes a file beside its place and moves it there, so that nobody ever sees half of it.
    fn write(&mut self, path: &str, content: &[u8]) -> Result<(), WriteError> {
        let place = self.place(path)?;
        let written = self.make_parent(&place).and_then(|()| write_file(&place, content));
        written.map_err(|error| WriteError::Io(place, error))
    }

    /// Writes a file where nobody looks yet.
    fn put(&mut self, path: &str, content: &[u8]) -> Result<(), WriteError> {
        let place = self.place(path)?;
        let written = self.make_parent(&place).and_then(|()| fs::write(&place, content));
        written.map_err(|error| WriteError::Io(place, error))
    }

    /// Removes a file, and the folders that it leaves empty.
    fn remove(&mut self, path: &str) -> Result<(), WriteError> {
        let place = self.place(path)?;
        fs::remove_file(&place).map_err(|error| WriteError::Io(place.clone(), error))?;
        for parent in place.ancestors().skip(1).take_while(|parent| *parent != self.folder) {
            // A folder that holds something else is not removed, which is the point.
            if fs::remove_dir(parent).is_err() {
                break;
            }
            self.folders.insert(parent.to_owned(), false);
        }
        Ok(())
    }

    /// Where a file of the tree, or of an old lock, is. A path that leads out of the folder is refused, also one through a link.
    fn place(&mut self, path: &str) -> Result<PathBuf, WriteError> {
        let mut place = self.folder.to_owned();
        let mut parts = Path::new(path).components().peekable();
        while let Some(part) = parts.next() {
            let Component::Normal(name) = part else { return Err(WriteError::Outside(self.folder.join(path))) };
            place.push(name);
            if parts.peek().is_some() {
                self.pass(&place)?;
            }
        }
        if place == self.folder || path.contains('\\') {
            return Err(WriteError::Outside(place));
        }
        Ok(place)
    }

    /// Looks at a folder on the way, once.
    fn pass(&mut self, between: &Path) -> Result<(), WriteError> {
        if !self.folders.contains_key(between) {
            let found = fs::symlink_metadata(between);
            if found.as_ref().is_ok_and(fs::Metadata::is_symlink) {
                return Err(WriteError::Outside(between.to_owned()));
            }
            let is_missing = found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
            self.folders.insert(between.to_owned(), !is_missing);
        }
        Ok(())
    }

    /// Whether the folder of a file is there.
    fn holds(&mut self, place: &Path) -> bool {
        let Some(parent) = place.parent() else { return false };
        if let Some(there) = self.folders.get(parent) {
            return *there;
        }
        // What can not be looked at is for the reading to report.
        let there = parent.try_exists().unwrap_or(true);
        self.folders.insert(parent.to_owned(), there);
        there
    }

    fn make_parent(&mut self, place: &Path) -> io::Result<()> {
        match place.parent() {
            Some(parent) if !self.holds(place) => {
                fs::create_dir_all(parent)?;
                self.folders.insert(parent.to_owned(), true);
            }
            _ => {}
        }
        Ok(())
    }
}

fn write_file(place: &Path, content: &[u8]) -> io::Result<()> {
    let Some(draft) = draft_of(place) else { return Err(io::ErrorKind::InvalidInput.into()) };
    let written = fs::File::create(&draft).and_then(|mut file| file.write_all(content)).and_then(|()| fs::rename(&draft, place));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&draft);
    }
    written
}

/// Where something is written before it is moved to its place.
fn draft_of(place: &Path) -> Option<PathBuf> {
    let name = place.file_name()?;
    Some(place.with_file_name(format!(".{}.{}.draft", name.to_string_lossy(), std::process::id())))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn tree(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        let mut lock = Lock::default();
        for (path, content) in files {
            tree.add(*path, *content);
            lock.files.insert((*path).to_owned(), lock::digest(content.as_bytes()));
        }
        tree.add(lock::FILE, lock.to_text());
        tree
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names = Vec::new();
        let mut open = vec![folder.to_owned()];
        while let Some(next) = open.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path.clone());
                }
                names.push(path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/"));
            }
        }
        names.sort();
        names
    }

    #[test]
    fn only_what_changed_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let first = tree(&[("src/lib.rs", "1"), ("README.md", "2")]);
        let report = first.write(folder.path()).unwrap();
        assert_eq!(report.written, ["README.md", "src/lib.rs", "connector.lock"]);
        let before = fs::metadata(folder.path().join("README.md")).unwrap().modified().unwrap();

        let second = tree(&[("src/lib.rs", "changed"), ("README.md", "2")]);
        let report = second.write(folder.path()).unwrap();
        assert_eq!((report.written, report.unchanged), (vec!["src/lib.rs".to_owned(), "connector.lock".to_owned()], 1));
        assert_eq!(fs::metadata(folder.path().join("README.md")).unwrap().modified().unwrap(), before);
        assert_eq!(names(folder.path()), ["README.md", "connector.lock", "src", "src/lib.rs"]);
        assert_eq!(second.write(folder.path()).unwrap(), Report { unchanged: 3, ..Report::default() });
    }

    #[test]
    fn a_new_folder_comes_whole_or_not_at_all() {
        let around = tempfile::tempdir().unwrap();
        let folder = around.path().join("deep/new");
        let report = tree(&[("src/lib.rs", "1"), ("README.md", "2")]).write(&folder).unwrap();
        assert_eq!(report.written, ["README.md", "connector.lock", "src/lib.rs"]);
        assert_eq!(
            names(around.path()),
            ["deep", "deep/new", "deep/new/README.md", "deep/new/connector.lock", "deep/new/src", "deep/new/src/lib.rs"]
        );

        // A file that would have to be a folder as well.
        let other = around.path().join("deep/other");
        assert!(matches!(tree(&[("src", "1"), ("src/lib.rs", "2")]).write(&other), Err(WriteError::Io(..))));
        assert!(!other.exists());
        assert_eq!(fs::read_dir(around.path().join("deep")).unwrap().count(), 1, "no draft is left");
    }

    /// A tree with a file that is the user's once it is there.
    fn tree_with_hooks(skeleton: &str) -> Tree {
        let mut tree = tree(&[]);
        let mut lock = Lock::default();
        lock.own.insert("src/hooks.rs".to_owned(), lock::digest(skeleton.as_bytes()));
        tree.add_once("src/hooks.rs", skeleton);
        tree.add(lock::FILE, lock.to_text());
        tree
    }

    #[test]
    fn a_file_of_the_users_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let hooks = folder.path().join("src/hooks.rs");
        let first = tree_with_hooks("skeleton");
        let missing = first.compare(folder.path()).unwrap();
        assert_eq!(
            missing.iter().map(|difference| difference.path.as_str()).collect::<Vec<_>>(),
            ["connector.lock", "src/hooks.rs"]
        );
        first.write(folder.path()).unwrap();
        assert_eq!(fs::read_to_string(&hooks).unwrap(), "skeleton");
        // What the user makes of it is neither a difference nor changed, also when the skeleton is another one.
        fs::write(&hooks, "by hand").unwrap();
        assert_eq!(first.compare(folder.path()).unwrap(), []);
        let second = tree_with_hooks("another skeleton");
        assert_eq!(second.write(folder.path()).unwrap().written, ["connector.lock"]);
        assert_eq!(fs::read_to_string(&hooks).unwrap(), "by hand");
        assert_eq!(second.compare(folder.path()).unwrap(), []);
    }

    #[test]
    fn a_file_of_the_users_is_removed_only_if_it_is_as_it_was_written() {
        for (content, removed, kept) in [("skeleton", vec!["src/hooks.rs"], vec![]), ("by hand", vec![], vec!["src/hooks.rs"])] {
            let folder = tempfile::tempdir().unwrap();
            tree_with_hooks("skeleton").write(folder.path()).unwrap();
            fs::write(folder.path().join("src/hooks.rs"), content).unwrap();
            let differences = tree(&[]).compare(folder.path()).unwrap();
            assert_eq!(differences.iter().any(|difference| difference.path == "src/hooks.rs"), content == "skeleton");
            let report = tree(&[]).write(folder.path()).unwrap();
            assert_eq!(report.removed, removed);
            assert_eq!(report.kept, kept);
        }
    }

    #[test]
    fn what_is_no_longer_written_is_removed_and_the_rest_is_left() {
        let folder = tempfile::tempdir().unwrap();
        tree(&[("src/models/user.rs", "1"), ("src/old.rs", "2"), ("src/mine.rs", "3")]).write(folder.path()).unwrap();
        fs::write(folder.path().join("src/notes.txt"), "by hand").unwrap();
        fs::write(folder.path().join("src/mine.rs"), "changed by hand").unwrap();
        let report = tree(&[]).write(folder.path()).unwrap();
        assert_eq!(report.removed, ["src/models/user.rs", "src/old.rs"]);
        assert_eq!(report.kept, ["src/mine.rs"]);
        assert_eq!(names(folder.path()), ["connector.lock", "src", "src/mine.rs", "src/notes.txt"]);
    }

    #[test]
    fn a_file_of_other_hands_is_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("README.md"), "by hand").unwrap();
        fs::write(folder.path().join("LICENSE"), "same").unwrap();
        let tree = tree(&[("LICENSE", "same"), ("README.md", "generated"), ("a.rs", "new")]);
        let error = tree.write(folder.path()).unwrap_err();
        assert!(matches!(&error, WriteError::InTheWay(paths) if *paths == [folder.path().join("README.md")]), "{error}");
        assert_eq!(names(folder.path()), ["LICENSE", "README.md"], "nothing was written");
        assert_eq!(fs::read(folder.path().join("README.md")).unwrap(), b"by hand");
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        for path in ["../evil", "/etc/evil", "a/../../evil", "", ".", "..", "a\\..\\..\\evil"] {
            let mut tree = Tree::default();
            tree.add(path, "x");
            assert!(matches!(tree.write(&inner), Err(WriteError::Outside(_))), "{path:?}");
        }
        // A lock may have been edited, too.
        let victim = folder.path().join("victim");
        fs::write(&victim, "x").unwrap();
        fs::create_dir(&inner).unwrap();
        let files = [("../victim".to_owned(), lock::digest(b"x"))].into();
        fs::write(inner.join(lock::FILE), Lock { files, ..Lock::default() }.to_text()).unwrap();
        assert!(matches!(tree(&[]).write(&inner), Err(WriteError::Outside(_))));
        assert!(victim.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(other.path(), folder.path().join("src")).unwrap();
        assert!(matches!(tree(&[("src/lib.rs", "1")]).write(folder.path()), Err(WriteError::Outside(_))));
        assert_eq!(names(other.path()), [""; 0]);
    }
}

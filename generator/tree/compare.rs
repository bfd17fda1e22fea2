//! What a folder holds against what a tree says, and how the difference came about.

use std::path::Path;

use super::{Below, Tree, WriteError};
use crate::lock::{self, Lock};

/// A file on the disk that is not what the tree says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its path.
    pub path: String,
    /// What the tree says; none for a file that should not be there.
    pub expected: Option<Vec<u8>>,
    /// What is on the disk; none for a file that is missing.
    pub found: Option<Vec<u8>>,
    /// How that came about.
    pub cause: Cause,
}

/// Why a file on the disk is not what the tree says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It is not there.
    Missing,
    /// It is as an earlier run wrote it, from another spec or by another generator.
    OutOfDate,
    /// An earlier run wrote it, and this one would remove it.
    Leftover,
    /// It is not as any run wrote it.
    Edited,
    /// No run wrote it, and it is where a file should be.
    InTheWay,
}

impl Tree {
    /// What a folder holds that the tree does not say, and the reverse. Files that no run wrote are no difference.
    pub fn compare(&self, folder: &Path) -> Result<Vec<Difference>, WriteError> {
        let mut below = Below::new(folder);
        let old = below.lock()?;
        let mut differences = Vec::new();
        for (path, content) in self.iter() {
            let found = below.read(path)?;
            let is_users = found.is_some() && self.once.contains(path);
            if found.as_deref() != Some(content) && !is_users {
                let cause = cause(&old, path, found.as_deref());
                differences.push(Difference { path: path.to_owned(), expected: Some(content.to_owned()), found, cause });
            }
        }
        for path in self.stale(&old) {
            let found = below.read(&path)?;
            // What the user has made of a file is left to the user.
            let is_users = found.as_ref().is_some_and(|found| old.own.get(&path).is_some_and(|own| *own != lock::digest(found)));
            if found.is_some() && !is_users {
                let is_as_written = old.own.contains_key(&path) || cause(&old, &path, found.as_deref()) == Cause::OutOfDate;
                let cause = if is_as_written { Cause::Leftover } else { Cause::Edited };
                differences.push(Difference { path, expected: None, found, cause });
            }
        }
        if self.is_lock_edited(&old, &differences) {
            differences
                .iter_mut()
                .filter(|one| one.path == lock::FILE && one.found.is_some())
                .for_each(|one| one.cause = Cause::Edited);
        }
        Ok(differences)
    }

    /// Whether no run can have written the lock: it is not in the form that runs write, does not know a file that is as it should
    /// be, or is the only file that differs.
    fn is_lock_edited(&self, old: &Lock, differences: &[Difference]) -> bool {
        let differs = |path: &str| differences.iter().any(|one| one.path == path);
        let is_unknown = |(path, content): (&str, &[u8])| {
            path != lock::FILE
                && !self.once.contains(path)
                && !differs(path)
                && old.files.get(path) != Some(&lock::digest(content))
        };
        let found = differences.iter().find(|one| one.path == lock::FILE).and_then(|one| one.found.as_deref());
        found.is_some_and(|text| old.to_text().as_bytes() != text) || differences.len() == 1 || self.iter().any(is_unknown)
    }
}

/// Why a file is not as it should be, by what the lock says of it.
fn cause(old: &Lock, path: &str, found: Option<&[u8]>) -> Cause {
    match (found, old.files.get(path).or_else(|| old.own.get(path))) {
        (None, _) => Cause::Missing,
        (Some(_), _) if path == lock::FILE => Cause::OutOfDate,
        (Some(found), Some(written)) if *written == lock::digest(found) => Cause::OutOfDate,
        (Some(_), Some(_)) => Cause::Edited,
        (Some(_), None) => Cause::InTheWay,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::tests::tree;
    use super::*;

    #[test]
    fn differences_are_changed_missing_and_stale_files() {
        let folder = tempfile::tempdir().unwrap();
        tree(&[("a", "1"), ("b", "2"), ("c", "3"), ("same", "4")]).write(folder.path()).unwrap();
        fs::remove_file(folder.path().join("b")).unwrap();
        fs::write(folder.path().join("other"), "by hand").unwrap();
        let differences = tree(&[("a", "changed"), ("b", "2"), ("same", "4")]).compare(folder.path()).unwrap();
        let shown: Vec<_> = differences.iter().map(|d| (d.path.as_str(), d.expected.is_some(), d.found.is_some())).collect();
        assert_eq!(shown, [("a", true, true), ("b", true, false), ("connector.lock", true, true), ("c", false, true)]);
    }

    /// What is done to files: their new texts, or none for one that is removed.
    type Edits = [(&'static str, Option<String>)];

    #[test]
    fn the_lock_tells_an_edit_from_an_old_run() {
        use Cause::{Edited, InTheWay, Leftover, Missing, OutOfDate};
        let written = [("a", "1"), ("b", "2"), ("c", "3")];
        let expected = tree(&[("a", "1"), ("b", "new"), ("d", "4")]);
        let lock = |edit: fn(String) -> String| {
            let text = String::from_utf8(tree(&written).get(lock::FILE).unwrap().to_vec()).unwrap();
            Some(edit(text))
        };
        let one = |path, text: &str| (path, Some(text.to_owned()));
        let cases: &[(&Edits, &[(&str, Cause)])] = &[
            (&[], &[("b", OutOfDate), ("connector.lock", OutOfDate), ("d", Missing), ("c", Leftover)]),
            (&[one("b", "x")], &[("b", Edited), ("connector.lock", OutOfDate), ("d", Missing), ("c", Leftover)]),
            (
                &[one("a", "x")],
                &[("a", Edited), ("b", OutOfDate), ("connector.lock", OutOfDate), ("d", Missing), ("c", Leftover)],
            ),
            (&[one("c", "x")], &[("b", OutOfDate), ("connector.lock", OutOfDate), ("d", Missing), ("c", Edited)]),
            (&[one("d", "x")], &[("b", OutOfDate), ("connector.lock", OutOfDate), ("d", InTheWay), ("c", Leftover)]),
            (&[("c", None)], &[("b", OutOfDate), ("connector.lock", OutOfDate), ("d", Missing)]),
            (
                &[(lock::FILE, lock(|text| text + "# by hand\n"))],
                &[("b", OutOfDate), ("connector.lock", Edited), ("d", Missing), ("c", Leftover)],
            ),
            (
                // The digest of `a`, which is as it should be.
                &[(lock::FILE, lock(|text| text.replace("\"6b86", "\"0000")))],
                &[("b", OutOfDate), ("connector.lock", Edited), ("d", Missing), ("c", Leftover)],
            ),
        ];
        for (edits, causes) in cases {
            let folder = tempfile::tempdir().unwrap();
            tree(&written).write(folder.path()).unwrap();
            for (path, text) in *edits {
                let path = folder.path().join(path);
                text.as_ref().map_or_else(|| fs::remove_file(&path), |text| fs::write(&path, text)).unwrap();
            }
            let found = expected.compare(folder.path()).unwrap();
            assert_eq!(found.iter().map(|one| (one.path.as_str(), one.cause)).collect::<Vec<_>>(), *causes, "{edits:?}");
        }
        // Nothing but the lock differs: whoever wrote it would have written the rest as well.
        let folder = tempfile::tempdir().unwrap();
        expected.write(folder.path()).unwrap();
        fs::write(folder.path().join(lock::FILE), Lock::default().to_text()).unwrap();
        assert_eq!(expected.compare(folder.path()).unwrap()[0].cause, Edited);
    }
}

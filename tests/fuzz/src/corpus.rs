//! What inputs are made from: files of the project.

use std::fs;
use std::path::{Path, PathBuf};

/// Larger files make slow cases.
const LARGEST: u64 = 8 << 10;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files in some folders, without those below, by their endings and in the order of their names.
pub(crate) fn files(folders: &[&str], extensions: &[&str]) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
        paths.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    paths.retain(|path| {
        let fits = path.extension().is_some_and(|own| extensions.iter().any(|extension| own == *extension));
        fits && path.metadata().is_ok_and(|file| file.len() <= LARGEST)
    });
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a file")).collect()
}

/// The same files as trees, those that are ones.
pub(crate) fn trees(files: &[Vec<u8>]) -> Vec<serde_json::Value> {
    files.iter().filter_map(|file| serde_yaml::from_slice(file).ok()).collect()
}

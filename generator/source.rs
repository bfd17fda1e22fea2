//! Source files, and the way from a byte to a line and a column.

use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Names a file of [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A piece of a source file: bytes `start..end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// Whether it is of something that no spec holds: a document's, which its front end has seen to.
    #[must_use]
    pub fn is_nowhere(self) -> bool {
        self == Self::default()
    }
}

/// The files that were read, under the names they are shown with.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
    reader: Reader,
}

/// What gives the text of a file.
type Read = dyn Fn(&Path) -> io::Result<String> + Send + Sync;

#[derive(Clone)]
struct Reader(Arc<Read>);

/// The disk.
impl Default for Reader {
    fn default() -> Self {
        Self(Arc::new(|path| std::fs::read_to_string(path)))
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}

#[derive(Clone, Debug)]
struct SourceFile {
    path: PathBuf,
    text: String,
    /// The byte at which each line starts.
    lines: Vec<usize>,
}

impl Sources {
    /// No files yet. Those that are referred to are read by this, rather than from the disk: from a revision, say.
    #[must_use]
    pub fn with_reader(read: impl Fn(&Path) -> io::Result<String> + Send + Sync + 'static) -> Self {
        Self { files: Vec::new(), reader: Reader(Arc::new(read)) }
    }

    /// The text of a file that is not among them yet.
    pub fn read(&self, path: &Path) -> io::Result<String> {
        (self.reader.0)(path)
    }

    /// Adds a file. A path is kept as it is given, since that is how it is shown.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> FileId {
        let text = text.into();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        self.files.push(SourceFile { path: path.into(), text, lines });
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// Whether no file was added after this one.
    #[must_use]
    pub fn is_last(&self, file: FileId) -> bool {
        file.0 as usize + 1 == self.files.len()
    }

    /// The path of a file.
    #[must_use]
    pub fn path(&self, file: FileId) -> &Path {
        &self.files[file.0 as usize].path
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, file: FileId) -> &str {
        &self.files[file.0 as usize].text
    }

    /// The line and column of a byte, both from 1; columns count characters.
    #[must_use]
    pub fn line_column(&self, file: FileId, byte: u32) -> (usize, usize) {
        let held = &self.files[file.0 as usize];
        let byte = (byte as usize).min(held.text.len());
        let line = held.lines.partition_point(|start| *start <= byte) - 1;
        let column = held.text.get(held.lines[line]..byte).map_or(0, |before| before.chars().count());
        (line + 1, column + 1)
    }

    /// The byte at a line and at a column that counts bytes, both from 1; the nearest before it that begins a character.
    #[must_use]
    pub fn byte_at(&self, file: FileId, line: usize, column: usize) -> u32 {
        let held = &self.files[file.0 as usize];
        let start = line.checked_sub(1).and_then(|line| held.lines.get(line)).copied().unwrap_or(0);
        let byte = start.saturating_add(column.saturating_sub(1)).min(held.text.len());
        u32::try_from(floor(&held.text, byte)).unwrap_or(u32::MAX)
    }
}

/// The last place at or before this one that begins a character.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// A path without `.` and, where it has them, without `..`.
#[must_use]
pub fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(tidy.components().next_back(), Some(Component::Normal(_))) => {
                tidy.pop();
            }
            other => tidy.push(other),
        }
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_has_a_line_and_a_column() {
        let mut sources = Sources::default();
        let file = sources.add("spec.yaml", "name: x\nté: 1\n");
        for (byte, expected) in [(0, (1, 1)), (6, (1, 7)), (7, (1, 8)), (8, (2, 1)), (11, (2, 3)), (99, (3, 1))] {
            assert_eq!(sources.line_column(file, byte), expected, "byte {byte}");
        }
        for ((line, column), expected) in [((1, 1), 0), ((2, 1), 8), ((2, 3), 9), ((2, 99), 15), ((9, 1), 0), ((0, 0), 0)] {
            assert_eq!(sources.byte_at(file, line, column), expected, "line {line}, column {column}");
        }
    }
}

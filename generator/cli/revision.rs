//! Files as a revision of git has them.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use tapwright::source::{Sources, tidy};

/// A file that an argument names: on the disk, or `REV:PATH` in a revision of git.
#[derive(Debug)]
pub(crate) struct Origin {
    /// The file, below the root of the repository if there is a revision.
    pub(crate) path: PathBuf,
    revision: Option<String>,
}

impl Origin {
    /// What an argument names. A file that is there is meant before a revision is.
    pub(crate) fn of(argument: &str) -> Self {
        let plain = Self { path: PathBuf::from(argument), revision: None };
        match argument.split_once(':') {
            Some((revision, path)) if !revision.is_empty() && !path.is_empty() && !plain.path.exists() => {
                Self { path: tidy(Path::new(path)), revision: Some(revision.to_owned()) }
            }
            _ => plain,
        }
    }

    /// Sources that read what the file refers to from where it is itself.
    pub(crate) fn sources(&self) -> Sources {
        match self.revision.clone() {
            Some(revision) => Sources::with_reader(move |path| show(&revision, path)),
            None => Sources::default(),
        }
    }
}

/// A file's text in a revision.
fn show(revision: &str, path: &Path) -> io::Result<String> {
    // Paths in a revision have slashes, whatever the system's are.
    let parts: Vec<_> = tidy(path).iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let object = format!("{revision}:{}", parts.join("/"));
    let output = Command::new("git").args(["cat-file", "blob", &object]).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("`git cat-file blob {object}` failed: {}", said.trim())));
    }
    String::from_utf8(output.stdout).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

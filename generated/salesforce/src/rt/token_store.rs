//! Where refresh tokens are kept: in memory, or in a file that survives the program.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::rt::descriptor::Segment;
use crate::rt::json_write::ObjectWriter;
use crate::rt::lookup::scalar;

pub use crate::rt::secret::{ExposeSecret, SecretString};
pub use crate::rt::token::TokenStore;

/// Keeps a refresh token as long as the program runs.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Option<SecretString>>);

impl MemoryStore {
    /// With a refresh token to begin with, if there is one.
    #[must_use]
    pub fn new(refresh_token: Option<SecretString>) -> Self {
        Self(Mutex::new(refresh_token))
    }
}

impl TokenStore for MemoryStore {
    fn load(&self) -> io::Result<Option<SecretString>> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn save(&self, refresh_token: &SecretString) -> io::Result<()> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(refresh_token.clone());
        Ok(())
    }
}

/// Keeps a refresh token in a file, `{"refresh_token":"…"}`, that nobody but its owner may read (mode 0600 where there are modes).
///
/// The file is replaced as a whole, so that another program sees the old token or the new one, and nothing in between.
pub struct FileStore(PathBuf);

/// Tells the temporary files of one program apart.
static COUNT: AtomicU64 = AtomicU64::new(0);

impl FileStore {
    /// In this file, which need not be there yet; its folder is made when something is saved.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file beside it that is there in no other program's hands.
    fn beside(&self) -> PathBuf {
        let mut name = self.0.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.{}.tmp", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        self.0.with_file_name(name)
    }
}

impl TokenStore for FileStore {
    fn load(&self) -> io::Result<Option<SecretString>> {
        let text = match fs::read(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "it holds no refresh token");
        scalar(&text, &[Segment::Key("refresh_token")]).map(|token| Some(token.into())).ok_or_else(broken)
    }

    fn save(&self, refresh_token: &SecretString) -> io::Result<()> {
        let folder = self.0.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            fs::create_dir_all(folder)?;
        }
        let text = ObjectWriter::new().string("refresh_token", refresh_token.expose_secret()).finish() + "\n";
        let beside = self.beside();
        let written = write_new(&beside, text.as_bytes()).and_then(|()| fs::rename(&beside, &self.0));
        if let Err(error) = written {
            // The error that counts is the one above.
            let _ = fs::remove_file(&beside);
            return Err(error);
        }
        // Without this the name could be lost with the power; not every file system has it.
        if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

/// Writes a file that is not there yet, for its owner alone, and sees to it that it is on the disk.
fn write_new(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileStore").field(&self.0).finish()
    }
}

//! Folders in stores of objects: Amazon S3 and what speaks as it does, Google Cloud Storage, and Azure Blob Storage.
//!
//! The manifest is replaced by a request that says which version it replaces, so the store itself sees to it that of two programs one is
//! refused. Files are written to the disk first and sent in parts, so that memory does not grow with them.
#![cfg(feature = "object-store")]

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, UpdateVersion, WriteMultipart};
use tokio::runtime::Runtime;

use crate::rt::destination::failed;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::object_client::{client, told};
use crate::rt::store::{Store, Version};

/// How many bytes of a file are sent or fetched at a time. S3 takes ten thousand parts of a file.
const PART: usize = 8 << 20;

/// How many parts of a file are sent at once.
const PARTS: usize = 4;

/// How long a store may take to copy a file within itself.
const COPY: Duration = Duration::from_secs(600);

/// How long to wait before looking again whether it has.
const LOOK: Duration = Duration::from_millis(200);

/// A folder in a bucket.
pub(crate) struct Bucket {
    store: Arc<dyn ObjectStore>,
    /// Where it is, as messages have it.
    address: String,
    prefix: Path,
    /// Its requests are carried out here: those who load wait for them as for a disk, on threads of any kind.
    runtime: Option<Runtime>,
}

impl Bucket {
    /// The folder at `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`. All else is the environment's to say.
    pub(crate) fn open(address: &str) -> Result<Self> {
        let config = |message: &str| Error::new(ErrorKind::Config, message);
        let (scheme, place) = address.split_once("://").unwrap_or_default();
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if bucket.is_empty() || !bucket.bytes().all(is_name) || prefix.contains(['?', '#']) {
            return Err(config(
                "the address of a bucket is `s3://BUCKET/PREFIX`; credentials and settings come from the environment",
            ));
        }
        let prefix = Path::parse(prefix.trim_end_matches('/')).map_err(|_| config("the bucket's prefix is no path"))?;
        Self::over(client(scheme, bucket)?, format!("{scheme}://{bucket}"), prefix)
    }

    /// The folder of a prefix in a store.
    fn over(store: Arc<dyn ObjectStore>, bucket: String, prefix: Path) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("objects").enable_all().build();
        let address = if prefix.is_root() { bucket } else { format!("{bucket}/{prefix}") };
        Ok(Self { store, address, prefix, runtime: Some(runtime.map_err(failed)?) })
    }

    fn at(&self, name: &str) -> (Arc<dyn ObjectStore>, Path) {
        (Arc::clone(&self.store), name.split('/').fold(self.prefix.clone(), Path::join))
    }

    /// Waits for requests; errors are about the file of that name.
    fn wait<T: Send + 'static>(
        &self,
        name: &str,
        requests: impl Future<Output = object_store::Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.carry_out(requests)?.map_err(|error| self.failed(name, &error))
    }

    fn carry_out<T: Send + 'static>(&self, requests: impl Future<Output = T> + Send + 'static) -> Result<T> {
        let (done, result) = mpsc::channel();
        let Some(runtime) = &self.runtime else { return Err(failed("the store is closed")) };
        runtime.spawn(async move { done.send(requests.await) });
        result.recv().map_err(|_| failed(format!("{}: the requests stopped", self.address)))
    }

    fn failed(&self, name: &str, error: &object_store::Error) -> Error {
        failed(format!("{}: {}", self.shown(name), told(error)))
    }

    fn refuses(&self, why: &str) -> Error {
        let message = "the store does not put objects on a condition (`If-Match`), without which two loads at the same time would not be \
                       noticed: load into another one";
        failed(format!("{}: {message} ({why})", self.address))
    }

    /// Makes the manifest where there must be none yet.
    fn make(&self, name: &str, text: &str) -> Result<object_store::Result<Version>> {
        let ((store, path), payload) = (self.at(name), PutPayload::from(text.to_owned()));
        self.carry_out(async move {
            let made = store.put_opts(&path, payload.clone(), PutMode::Create.into()).await?;
            // There is one now. A store that makes it again would not notice other programs either.
            match store.put_opts(&path, payload, PutMode::Create.into()).await {
                Err(object_store::Error::AlreadyExists { .. }) => Ok(version(made.e_tag, made.version)),
                Err(error) => Err(error),
                Ok(_) => {
                    // The next load is to find out as well.
                    store.delete(&path).await?;
                    Err(unconditional("it puts an object where there is one although it is told not to"))
                }
            }
        })
    }

    fn update(&self, name: &str, text: &str, old: &Version) -> Result<object_store::Result<Version>> {
        let ((store, path), payload) = (self.at(name), PutPayload::from(text.to_owned()));
        let old = UpdateVersion { e_tag: old.tag.clone(), version: old.number.clone() };
        self.carry_out(async move {
            let made = store.put_opts(&path, payload, PutMode::Update(old).into()).await?;
            Ok(version(made.e_tag, made.version))
        })
    }
}

/// Shows where it is, and nothing of its credentials.
impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bucket").field(&self.address).finish()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        // A thread that does async work may not wait for it to end.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn version(tag: Option<String>, number: Option<String>) -> Version {
    Version { tag, number }
}

/// Sends a file; one of several parts is there once it is whole.
async fn send(store: Arc<dyn ObjectStore>, path: Path, mut file: File) -> object_store::Result<()> {
    file.rewind().map_err(unread)?;
    let first = next_part(&mut file)?;
    if first.len() < PART {
        return store.put(&path, first.into()).await.map(drop);
    }
    let mut upload = WriteMultipart::new_with_chunk_size(store.put_multipart(&path).await?, PART);
    match send_parts(&mut upload, first, &mut file).await {
        Ok(()) => upload.finish().await.map(drop),
        Err(error) => {
            // The first error says more than that of tidying up.
            let _ = upload.abort().await;
            Err(error)
        }
    }
}

async fn send_parts(upload: &mut WriteMultipart, first: Vec<u8>, file: &mut File) -> object_store::Result<()> {
    let mut part = first;
    while !part.is_empty() {
        upload.wait_for_capacity(PARTS).await?;
        upload.put(part.into());
        part = next_part(file)?;
    }
    Ok(())
}

fn next_part(file: &mut File) -> object_store::Result<Vec<u8>> {
    let mut part = Vec::new();
    file.take(PART as u64).read_to_end(&mut part).map_err(unread)?;
    Ok(part)
}

/// Fetches an object into a file that goes when it is closed.
async fn fetch(store: Arc<dyn ObjectStore>, path: Path) -> object_store::Result<File> {
    let mut file = tempfile::tempfile().map_err(unread)?;
    let size = store.head(&path).await?.size;
    let mut at = 0;
    while at < size {
        let end = size.min(at + PART as u64);
        file.write_all(&store.get_range(&path, at..end).await?).map_err(unread)?;
        at = end;
    }
    Ok(file)
}

/// Moves an object. Azure may copy it later than it is asked to, and not at all if it is gone by then: the target is empty until it is whole.
async fn relocate(store: Arc<dyn ObjectStore>, source: Path, target: Path) -> object_store::Result<()> {
    use object_store::Error as E;
    let size = match store.head(&source).await {
        Err(E::NotFound { .. }) => return Ok(()),
        head => head?.size,
    };
    match store.copy(&source, &target).await {
        // It is being copied already, for a program that did not wait for it.
        Ok(()) | Err(E::AlreadyExists { .. }) => {}
        Err(E::NotFound { .. }) => return Ok(()),
        Err(error) => return Err(error),
    }
    let begun = Instant::now();
    while store.head(&target).await?.size != size {
        if begun.elapsed() > COPY {
            let source = format!("it is not copied after {} s", COPY.as_secs()).into();
            return Err(E::Generic { store: "copy", source });
        }
        tokio::time::sleep(LOOK).await;
    }
    gone(store.delete(&source).await)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what an error is mapped by")]
fn unread(error: std::io::Error) -> object_store::Error {
    object_store::Error::Generic { store: "disk", source: format!("the temporary file: {error}").into() }
}

fn unconditional(why: &str) -> object_store::Error {
    object_store::Error::NotSupported { source: why.into() }
}

impl Store for Bucket {
    fn shown(&self, name: &str) -> String {
        if name.is_empty() { self.address.clone() } else { format!("{}/{name}", self.address) }
    }

    fn read(&self, name: &str) -> Result<Option<(String, Version)>> {
        let (store, path) = self.at(name);
        let found = self.wait(name, async move {
            let found = match store.get(&path).await {
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                found => found?,
            };
            let version = version(found.meta.e_tag.clone(), found.meta.version.clone());
            Ok(Some((found.bytes().await?, version)))
        })?;
        let Some((bytes, version)) = found else { return Ok(None) };
        let text = String::from_utf8(bytes.into()).map_err(|error| failed(format!("{}: {error}", self.shown(name))))?;
        Ok(Some((text, version)))
    }

    fn replace(&self, name: &str, text: &str, old: Option<&Version>) -> Result<Option<Version>> {
        use object_store::Error as E;
        let error = match old.map_or_else(|| self.make(name, text), |old| self.update(name, text, old))? {
            Ok(version) => return Ok(Some(version)),
            Err(error) => error,
        };
        if !matches!(error, E::NotSupported { .. }) {
            match self.read(name) {
                // It is there although its answer was lost, and what was sent once more was refused for that.
                Ok(Some((held, version))) if held == text => return Ok(Some(version)),
                // Another program was faster. The store may have told of that only that it is asked too often.
                Ok(Some((_, version))) if old != Some(&version) => return Ok(None),
                _ => {}
            }
        }
        match error {
            E::AlreadyExists { .. } | E::Precondition { .. } => Ok(None),
            E::NotImplemented { .. } | E::NotSupported { .. } => Err(self.refuses(&told(&error))),
            error if told(&error).contains("NotImplemented") => Err(self.refuses(&told(&error))),
            error => Err(self.failed(name, &error)),
        }
    }

    fn list(&self, folder: &str) -> Result<BTreeSet<String>> {
        let (store, path) = self.at(folder);
        let listed = self.wait(folder, async move { store.list_with_delimiter(Some(&path)).await })?;
        Ok(listed.objects.iter().filter_map(|object| object.location.filename()).map(str::to_owned).collect())
    }

    fn create(&self, _folder: &str) -> Result<File> {
        tempfile::tempfile().map_err(|error| failed(format!("a temporary file: {error}")))
    }

    fn put(&self, file: File, folder: &str, name: &str) -> Result<()> {
        let name = format!("{folder}/{name}");
        let (store, path) = self.at(&name);
        self.wait(&name, send(store, path, file))
    }

    fn open(&self, name: &str) -> Result<File> {
        let (store, path) = self.at(name);
        self.wait(name, fetch(store, path))
    }

    fn relocate(&self, names: &[&str], from: &str, to: &str) -> Result<()> {
        for name in names {
            let ((store, source), (_, target)) = (self.at(&format!("{from}/{name}")), self.at(&format!("{to}/{name}")));
            self.wait(&format!("{from}/{name}"), relocate(store, source, target))?;
        }
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<()> {
        let (store, path) = self.at(name);
        self.wait(name, async move { gone(store.delete(&path).await) })
    }
}

/// What is gone already is removed as well.
fn gone(removed: object_store::Result<()>) -> object_store::Result<()> {
    match removed {
        Err(object_store::Error::NotFound { .. }) => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use arrow_array::cast::AsArray as _;
    use arrow_array::types::Int64Type;
    use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use object_store::memory::InMemory;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;
    use crate::rt::destination::{Destination as _, Disposition, Progress, Table, Target, Writer};
    use crate::rt::folder::Folder;
    use crate::rt::store::Disk;
    use crate::rt::table_file::Format;

    /// A place that may be opened several times.
    enum Place {
        Disk(tempfile::TempDir),
        Bucket(Arc<InMemory>),
    }

    /// A folder is the same wherever it is.
    fn places() -> [Place; 2] {
        [Place::Disk(tempfile::tempdir().expect("a folder")), Place::Bucket(Arc::new(InMemory::new()))]
    }

    impl Place {
        fn store(&self) -> Box<dyn Store> {
            match self {
                Self::Disk(folder) => Box::new(Disk::open(folder.path().to_owned()).expect("it is a folder")),
                Self::Bucket(store) => {
                    let store = Arc::clone(store) as Arc<dyn ObjectStore>;
                    Box::new(Bucket::over(store, "s3://bucket".to_owned(), Path::from("some/where")).expect("a thread"))
                }
            }
        }

        fn folder(&self) -> Folder {
            Folder::within(self.store(), Format::Parquet).expect("it is a folder")
        }

        /// What the files of the table have.
        fn rows(&self) -> BTreeMap<i64, String> {
            let store = self.store();
            let mut rows = BTreeMap::new();
            for name in store.list("users").expect("it has names") {
                let file = store.open(&format!("users/{name}")).expect("it is there");
                for batch in ParquetRecordBatchReaderBuilder::try_new(file)
                    .and_then(ParquetRecordBatchReaderBuilder::build)
                    .expect("it is Parquet")
                {
                    let batch = batch.expect("it is whole");
                    let (ids, names) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_string::<i32>());
                    for (id, name) in ids.values().iter().zip(names) {
                        assert!(rows.insert(*id, name.unwrap_or_default().to_owned()).is_none(), "{id} is there twice");
                    }
                }
            }
            rows
        }
    }

    fn batch(rows: &[(i64, &str)]) -> RecordBatch {
        let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.iter().map(|(id, _)| *id)));
        let names: ArrayRef = Arc::new(StringArray::from_iter_values(rows.iter().map(|(_, name)| *name)));
        RecordBatch::try_from_iter([("id", ids), ("name", names)]).expect("columns of one length")
    }

    fn writer(folder: &Folder, disposition: Disposition) -> Result<Box<dyn Writer>> {
        let tables = vec![Table { name: "users".to_owned(), schema: batch(&[]).schema() }];
        let (resource, key) = ("users".to_owned(), vec!["id".to_owned()]);
        let target = Target {
            resource,
            fingerprint: String::new(),
            disposition,
            recreates: false,
            key,
            merge_key: Vec::new(),
            hard_delete: None,
            dedup_sort: None,
            valid_to: String::new(),
            begun: "1.0".to_owned(),
            tables,
        };
        folder.writer(&target, false)
    }

    fn progress(state: &str) -> Progress {
        Progress { state: Some(state.to_owned()), ..Progress::default() }
    }

    fn load(folder: &Folder, disposition: Disposition, id: &str, rows: &[(i64, &str)], is_last: bool) -> Result<()> {
        let mut writer = writer(folder, disposition)?;
        writer.write(vec![batch(rows)])?;
        writer.commit(id, &progress(id), is_last)
    }

    fn of(rows: &[(i64, &str)]) -> BTreeMap<i64, String> {
        rows.iter().map(|(id, name)| (*id, (*name).to_owned())).collect()
    }

    #[test]
    fn rows_and_progress_are_committed_together() {
        for place in places() {
            let folder = place.folder();
            let mut dropped = writer(&folder, Disposition::Append).expect("it can be written to");
            dropped.write(vec![batch(&[(9, "never")])]).expect("it takes rows");
            drop(dropped);
            load(&folder, Disposition::Append, "2.5", &[(1, "a"), (2, "b")], true).expect("it is committed");
            load(&folder, Disposition::Append, "3.5", &[(3, "c")], true).expect("it is committed");
            assert_eq!(place.rows(), of(&[(1, "a"), (2, "b"), (3, "c")]));
            let seen = place.folder();
            assert_eq!(seen.progress("users").expect("it is known"), progress("3.5"));
            assert_eq!(seen.holdings().expect("they are known").first().map(|held| held.rows), Some(3));
            let staged = place.store().list("_staging/users").expect("it has names");
            assert!(staged.is_empty(), "{staged:?}");
        }
    }

    #[test]
    fn rows_are_replaced_once_all_others_are_there() {
        for place in places() {
            load(&place.folder(), Disposition::Replace, "2.5", &[(1, "a"), (2, "b")], true).expect("it is committed");
            load(&place.folder(), Disposition::Replace, "3.5", &[(3, "c")], false).expect("it is committed");
            assert_eq!(place.rows(), of(&[(1, "a"), (2, "b")]));
            load(&place.folder(), Disposition::Replace, "4.5", &[(4, "d")], true).expect("it is committed");
            assert_eq!(place.rows(), of(&[(3, "c"), (4, "d")]));
        }
    }

    #[test]
    fn rows_of_the_same_key_are_merged() {
        for place in places() {
            load(&place.folder(), Disposition::Merge, "2.5", &[(1, "a"), (2, "b")], true).expect("it is committed");
            load(&place.folder(), Disposition::Merge, "3.5", &[(2, "B"), (3, "c")], true).expect("it is committed");
            assert_eq!(place.rows(), of(&[(1, "a"), (2, "B"), (3, "c")]));
        }
    }

    #[test]
    fn what_a_crash_left_undone_is_done() {
        for place in places() {
            load(&place.folder(), Disposition::Append, "2.5", &[(1, "a")], true).expect("it is committed");
            // As after a crash between the manifest and the moves.
            place.store().relocate(&["2.5.parquet"], "users", "_staging/users").expect("it is moved");
            assert_eq!(place.rows(), of(&[]));
            drop(place.folder());
            assert_eq!(place.rows(), of(&[(1, "a")]));
            place.store().remove("users/2.5.parquet").expect("it is there");
            let gone = Folder::within(place.store(), Format::Parquet).expect_err("a file is gone").to_string();
            assert!(gone.contains("2.5.parquet: the file is gone"), "{gone}");
        }
    }

    #[test]
    fn what_is_left_over_is_removed_and_can_not_be_committed_any_more() {
        for place in places() {
            let store = place.store();
            let late = place.folder();
            load(&late, Disposition::Append, "2.5", &[(1, "a")], true).expect("it is committed");
            let mut writing = writer(&late, Disposition::Append).expect("it can be written to");
            writing.write(vec![batch(&[(2, "b")])]).expect("it takes rows");
            // As if it had been stopped before its commit.
            let file = store.create("_staging/users").expect("a file");
            store.put(file, "_staging/users", "3.5.parquet").expect("it is put there");
            let staged = || store.list("_staging/users").expect("it has names").contains("3.5.parquet");
            let other = place.folder();
            assert!(staged(), "who only looks removes nothing");
            drop(writer(&other, Disposition::Append).expect("it can be written to"));
            assert!(!staged(), "who writes removes what it does not know");
            let error = writing.commit("4.5", &progress("4.5"), true).expect_err("what it wrote may be gone").to_string();
            assert!(error.contains("another program loads into it at the same time"), "{error}");
            assert_eq!(place.folder().progress("users").expect("it is known"), progress("2.5"));
            assert_eq!(place.rows(), of(&[(1, "a")]));
        }
    }

    #[test]
    fn of_two_programs_one_is_refused() {
        for place in places() {
            // Both find nothing, and then both find something.
            for id in ["2.5", "3.5"] {
                let (one, two) = (place.folder(), place.folder());
                load(&one, Disposition::Append, id, &[(1, id)], true).expect("it is committed");
                let error = load(&two, Disposition::Append, "9.5", &[(2, "b")], true).expect_err("it is late").to_string();
                assert!(error.contains("at the same time"), "{error}");
                assert_eq!(place.folder().progress("users").expect("it is known"), progress(id));
                load(&place.folder(), Disposition::Replace, "4.5", &[], true).expect("it is committed");
            }
        }
    }

    #[test]
    fn files_of_several_parts_are_the_same_afterwards() {
        let place = Place::Bucket(Arc::new(InMemory::new()));
        let store = place.store();
        for size in [0, 1, PART - 1, PART, PART + 1, 2 * PART + 7] {
            let bytes: Vec<u8> = (0..size).map(|at| u8::try_from(at % 251).unwrap_or_default()).collect();
            let mut file = store.create("a").expect("a file");
            file.write_all(&bytes).expect("it is written");
            store.put(file, "a", "b").expect("it is sent");
            let mut file = store.open("a/b").expect("it is fetched");
            file.rewind().expect("it is a file");
            let mut fetched = Vec::new();
            file.read_to_end(&mut fetched).expect("it is read");
            assert!(fetched == bytes, "{size} bytes");
        }
    }

    #[tokio::test]
    async fn it_may_be_used_where_other_async_work_is_done() {
        let place = Place::Bucket(Arc::new(InMemory::new()));
        load(&place.folder(), Disposition::Append, "2.5", &[(1, "a")], true).expect("it is committed");
        assert_eq!(place.rows(), of(&[(1, "a")]));
    }

    #[test]
    fn an_address_has_no_more_than_a_bucket_and_a_prefix() {
        for address in
            ["s3://", "s3://key:secret@bucket/x", "s3://bucket/x?secret=1", "ftp://bucket/x", "s3://bucket/x//y", "az://a b/x"]
        {
            let error = Bucket::open(address).expect_err(address);
            assert!(error.kind() == ErrorKind::Config && !error.to_string().contains("secret"), "{address}: {error}");
        }
        let bucket = Bucket::open("s3://bucket/some/prefix/").expect("it is a good one");
        assert_eq!(bucket.shown("users/1.parquet"), "s3://bucket/some/prefix/users/1.parquet");
        assert_eq!(Bucket::open("s3://bucket").expect("it is a good one").shown(""), "s3://bucket");
    }
}

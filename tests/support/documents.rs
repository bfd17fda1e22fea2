//! The documents of the corpus beside the project.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use tapwright::diagnostic::Diagnostics;
use tapwright::model::Api;
use tapwright::source::Sources;
use tapwright::tree::Tree;
use tapwright::{EmitOptions, LoadOptions};

/// A document of the corpus.
#[derive(Debug)]
pub struct Document {
    /// Its path within the corpus.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

impl Document {
    /// Its name as one of a crate.
    pub fn slug(&self) -> String {
        let stem = self.name.rsplit_once('.').map_or(self.name.as_str(), |(stem, _)| stem);
        let slug: String = stem.to_ascii_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if slug.starts_with(|c: char| c.is_ascii_digit()) { format!("api_{slug}") } else { slug }
    }
}

/// The documents, by name. Without the corpus the test named here is skipped, but not where CI runs.
pub fn all(test: &str) -> Option<Vec<Document>> {
    folder("openapi", test).map(|folder| within(&folder))
}

/// The documents in a folder, by name.
pub fn within(folder: &Path) -> Vec<Document> {
    let mut documents = Vec::new();
    collect(folder, folder, &mut documents);
    documents.sort_by(|a, b| a.name.cmp(&b.name));
    documents
}

/// A folder of the corpus.
pub fn folder(name: &str, test: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The benchmarks lie deeper in the project than the tests do.
    let folder = root.ancestors().map(|above| above.join("shared/corpus").join(name)).find(|folder| folder.is_dir());
    if folder.is_none() {
        assert!(std::env::var_os("CI").is_none(), "CI must have the corpus beside {}", root.display());
        // Not by `println!`, which is shown for tests that fail alone.
        let _ = std::io::stderr().write_all(format!("skipped: {test} (no corpus beside {})\n", root.display()).as_bytes());
    }
    folder
}

fn collect(folder: &Path, root: &Path, documents: &mut Vec<Document>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, root, documents);
        } else if path.extension().is_some_and(|extension| ["json", "yaml", "yml"].iter().any(|known| extension == *known)) {
            let name = path.strip_prefix(root).expect("it is below").to_string_lossy().into_owned();
            documents.push(Document { name, path });
        }
    }
}

/// The crate of a document, or what is wrong with it.
pub fn compile(document: &Document) -> Result<Tree, String> {
    emit(document, &load(document)?)
}

/// What a document describes, or what is wrong with it.
pub fn load(document: &Document) -> Result<Api, String> {
    let text = std::fs::read_to_string(&document.path).map_err(|error| error.to_string())?;
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = tapwright::load_text_with(&document.path, &text, &LoadOptions::default(), &mut sources, &mut diagnostics);
    match api {
        Some(api) if !diagnostics.has_errors() => Ok(api),
        _ => Err(diagnostics.render(&sources, false)),
    }
}

/// The crate of what a document describes.
pub fn emit(document: &Document, api: &Api) -> Result<Tree, String> {
    let name = document.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut diagnostics = Diagnostics::default();
    let tree = tapwright::emit(api, &EmitOptions { spec: name }, &mut diagnostics);
    if diagnostics.has_errors() { Err(diagnostics.render(&Sources::default(), false)) } else { Ok(tree) }
}

/// Makes one workspace of all crates in a folder, each named as its folder is.
pub fn workspace(folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        let Ok(manifest) = std::fs::read_to_string(path.join("Cargo.toml")) else { continue };
        let slug = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let renamed: Vec<String> = manifest
            .lines()
            .map(|line| if line.starts_with("name = ") { format!("name = \"{slug}\"") } else { line.to_owned() })
            // Examples and tests name the crate; only libraries are compiled here.
            .take_while(|line| line != "[[example]]")
            .collect();
        std::fs::write(path.join("Cargo.toml"), renamed.join("\n") + "\n").expect("a writable manifest");
        for left_out in ["examples", "tests"] {
            let _ = std::fs::remove_dir_all(path.join(left_out));
        }
    }
    std::fs::write(folder.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n").expect("a writable folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lock =
        root.ancestors().map(|above| above.join("Cargo.lock")).find(|lock| lock.is_file()).expect("the lock of the project");
    std::fs::copy(lock, folder.join("Cargo.lock")).expect("the lock can be copied");
}

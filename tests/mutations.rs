//! No edit passes in silence: whatever is changed in a spec, in generated code or in a lock, somebody says so.
//!
//! Edits are drawn from seeds. An edit of a spec changes what it says, not only how it is written; `gen` refuses the spec then, or gives
//! another crate. An edit of a file in a crate is any.

#[path = "support/seed.rs"]
mod seed;

use std::fs;
use std::path::{Path, PathBuf};

use seed::Seed;
use serde_yaml::Value;
use tapwright::EmitOptions;
use tapwright::diagnostic::Diagnostics;
use tapwright::source::Sources;
use tapwright::tree::Tree;

/// How many edits are made, of each kind.
const EDITS: u64 = 100;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The specs that are shipped.
fn specs() -> Vec<PathBuf> {
    let mut specs: Vec<PathBuf> =
        fs::read_dir(root().join("specs")).expect("specs").map(|entry| entry.expect("a file").path()).collect();
    specs.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    specs.sort();
    specs
}

/// The crate of a spec, or none where it is refused.
fn compile(path: &Path, text: &str) -> Option<Tree> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = tapwright::load_text(path, text, &mut sources, &mut diagnostics)?;
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    Some(tapwright::emit(&api, &EmitOptions { spec: name }, &mut diagnostics))
}

/// Changes one line of a text, and says how.
fn edit(text: &str, seed: &mut Seed) -> (String, String) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = seed.below(lines.len());
    let line = lines[at].clone();
    let what = match seed.below(4) {
        0 => {
            lines.remove(at);
            "removed"
        }
        1 => {
            lines.insert(at, line.clone());
            "twice"
        }
        2 if at + 1 < lines.len() => {
            lines.swap(at, at + 1);
            "swapped with the next"
        }
        _ => {
            let letters: Vec<usize> = line.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()).map(|(at, _)| at).collect();
            if letters.is_empty() {
                lines.remove(at);
                "removed"
            } else {
                let letter = letters[seed.below(letters.len())];
                let other = if line.as_bytes()[letter] == b'7' { "8" } else { "7" };
                lines[at].replace_range(letter..=letter, other);
                "a letter changed"
            }
        }
    };
    (format!("line {} {what}: {line}", at + 1), lines.join("\n") + "\n")
}

/// What a spec says, whatever its layout; none where it is no YAML.
fn meaning(text: &str) -> Option<Value> {
    let mut value: Value = serde_yaml::from_str(text).ok()?;
    value.apply_merge().ok()?;
    Some(value)
}

#[test]
fn edits_of_specs_are_noticed() {
    let specs: Vec<(PathBuf, String, Tree)> = specs()
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a spec");
            let tree = compile(&path, &text).expect("a good spec");
            (path, text, tree)
        })
        .collect();
    let mut silent = Vec::new();
    let (mut made, mut seed) = (0, Seed(1));
    while made < EDITS {
        let (path, text, tree) = &specs[seed.below(specs.len())];
        let (what, edited) = edit(text, &mut seed);
        if meaning(&edited).is_some_and(|edited| Some(edited) == meaning(text)) {
            continue;
        }
        made += 1;
        if compile(path, &edited).is_some_and(|edited| edited.iter().eq(tree.iter())) {
            silent.push(format!("{}: {what}", path.display()));
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn edits_of_crates_are_noticed() {
    let spec = root().join("specs/auth0.yaml");
    let tree = compile(&spec, &fs::read_to_string(&spec).expect("a spec")).expect("a good spec");
    let folder = tempfile::tempdir().expect("a folder");
    tree.write(folder.path()).expect("it can be written");
    assert!(tree.compare(folder.path()).expect("a readable folder").is_empty());
    let files: Vec<(&str, String)> =
        tree.iter().map(|(path, text)| (path, String::from_utf8(text.to_vec()).expect("a text"))).collect();
    let lock = files.iter().position(|(path, _)| *path == "connector.lock").expect("a lock");
    let mut silent = Vec::new();
    let (mut made, mut seed) = (0, Seed(2));
    while made < EDITS {
        // One in four is of the lock.
        let (path, text) = &files[if seed.below(4) == 0 { lock } else { seed.below(files.len()) }];
        let (what, edited) = edit(text, &mut seed);
        if edited == *text {
            continue;
        }
        made += 1;
        fs::write(folder.path().join(path), &edited).expect("a writable file");
        let differences = tree.compare(folder.path()).expect("a readable folder");
        if !differences.iter().any(|difference| difference.path == *path) {
            silent.push(format!("{path}: {what}"));
        }
        fs::write(folder.path().join(path), text).expect("a writable file");
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

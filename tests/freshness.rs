//! The committed crates are what their specs give.

use std::path::{Path, PathBuf};

use tapwright::EmitOptions;
use tapwright::diagnostic::Diagnostics;
use tapwright::source::Sources;

/// Every spec whose crate is committed, with the crate's folder.
fn committed() -> Vec<(PathBuf, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shipped = specs(&root.join("specs")).into_iter().map(|spec| {
        let folder = root.join("generated").join(spec.file_stem().expect("a spec has a name"));
        (spec, folder)
    });
    let fixtures = folders(&root.join("tests/generated")).into_iter().map(|folder| {
        let name = file_name(&folder);
        let fixture = |within: &str| root.join(within).join(&name).with_extension("yaml");
        let spec = ["tests/fixtures", "tests/fixtures/documents"].map(fixture).into_iter().find(|path| path.is_file());
        (spec.unwrap_or_else(|| panic!("no spec of {name}")), folder)
    });
    shipped.chain(fixtures).collect()
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(of).expect("the folder of test crates is there").map(|entry| entry.expect("it can be read"));
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn file_name(path: &Path) -> String {
    path.file_name().expect("a spec has a name").to_string_lossy().into_owned()
}

fn specs(folder: &Path) -> Vec<PathBuf> {
    let mut specs: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of specs is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    specs.sort();
    specs
}

#[test]
fn committed_crates_are_fresh() {
    let committed = committed();
    assert!(committed.len() >= 4, "the shipped specs are gone: {committed:?}");
    let mut stale = Vec::new();
    for (spec, folder) in committed {
        let mut sources = Sources::default();
        let mut diagnostics = Diagnostics::default();
        let api = tapwright::load(&spec, &mut sources, &mut diagnostics);
        assert!(
            diagnostics.is_empty(),
            "a shipped spec has neither errors nor warnings:\n{}",
            diagnostics.render(&sources, false)
        );
        let tree =
            tapwright::emit(&api.expect("a spec without errors"), &EmitOptions { spec: file_name(&spec) }, &mut diagnostics);
        let differences = tree.compare(&folder).expect("the crate can be read");
        if !differences.is_empty() {
            let paths: Vec<_> = differences.into_iter().map(|difference| difference.path).collect();
            stale.push(format!(
                "{}: {}\n  cargo run -- --spec {} --out {}",
                folder.display(),
                paths.join(", "),
                spec.display(),
                folder.display()
            ));
        }
    }
    assert!(stale.is_empty(), "these crates are not what their specs give; run:\n{}", stale.join("\n"));
}

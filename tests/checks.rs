//! Each row of `docs/checks.md` names a test, and each of these tests is there.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The last cell of each row of the first table: `` `diff`: `a_test`, `another` ``.
fn rows(text: &str) -> Vec<String> {
    let rows = text.lines().skip_while(|line| !line.starts_with("|---")).skip(1).take_while(|line| line.starts_with('|'));
    let cell = |row: &str| row.trim_end_matches('|').rsplit_once(" | ").map(|(_, cell)| cell.trim().to_owned());
    rows.map(|row| cell(row).unwrap_or_else(|| panic!("no cells: {row}"))).collect()
}

/// The files of a suite of tests: one of its name, and those in a folder of its name.
fn files(tests: &Path, suite: &str) -> Vec<PathBuf> {
    let mut files = vec![tests.join(format!("{suite}.rs"))];
    let folder = fs::read_dir(tests.join(suite)).into_iter().flatten();
    files.extend(folder.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "rs")));
    files.retain(|path| path.is_file());
    files
}

/// Which of the tests that a cell names are not there.
fn missing(cell: &str) -> Vec<String> {
    let tests = root().join(if cell.starts_with("runtime ") { "templates/runtime/tests" } else { "tests" });
    let mut names = cell.split('`').skip(1).step_by(2);
    let suite = names.next().unwrap_or_default();
    let files = files(&tests, suite);
    let code: String = files.iter().map(|path| fs::read_to_string(path).expect("a readable test")).collect();
    if files.is_empty() {
        return vec![format!("the suite of {cell}")];
    }
    let is_there = |name: &&str| {
        let is_file = Path::new(name).extension().is_some();
        if is_file { tests.join(suite).join(name).is_file() } else { code.contains(&format!("fn {name}(")) }
    };
    names.filter(|name| !is_there(name)).map(|name| format!("{name} of {suite}")).collect()
}

#[test]
fn every_row_has_a_test() {
    let text = fs::read_to_string(root().join("docs/checks.md")).expect("the table");
    let rows = rows(&text);
    assert!(rows.len() >= 35, "{} rows", rows.len());
    assert_ne!(rows[0], "\"", "the first row has a test of its own");
    let missing: Vec<String> = rows.iter().filter(|cell| *cell != "\"").flat_map(|cell| missing(cell)).collect();
    assert_eq!(missing, [""; 0]);
    assert_eq!(of_absent_tests(), ["no_such_test of diff", "no_such_file.rs of projections"]);
}

/// What is not there is noticed.
fn of_absent_tests() -> Vec<String> {
    ["`diff`: `groups_are_features`, `no_such_test`", "`projections`: `no_such_file.rs`"].into_iter().flat_map(missing).collect()
}

//! Each row of `docs/checks.md` names a test, and each of these tests is there.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The cells of each row of the first table.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().skip_while(|line| !line.starts_with("|---")).skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

/// The files of a suite of tests: one of its name, and those in a folder of its name.
fn files(tests: &Path, suite: &str) -> Vec<PathBuf> {
    let mut files = vec![tests.join(format!("{suite}.rs"))];
    let folder = fs::read_dir(tests.join(suite)).into_iter().flatten();
    files.extend(folder.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "rs")));
    files.retain(|path| path.is_file());
    files
}

/// Where the suite of a cell is, and the names in the cell: its own, and those of its tests.
fn suite(cell: &str) -> (PathBuf, impl Iterator<Item = &str>) {
    let tests = root().join(if cell.starts_with("runtime ") { "templates/runtime/tests" } else { "tests" });
    (tests, cell.split('`').skip(1).step_by(2))
}

/// Which of the tests that a cell names are not there.
fn missing(cell: &str) -> Vec<String> {
    let (tests, mut names) = suite(cell);
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

/// The last cell of each row; `"` is that of the row above.
fn tests<'a>(rows: &[Vec<&'a str>]) -> Vec<&'a str> {
    let mut above = "";
    let cells = rows.iter().map(|cells| match cells.last() {
        Some(cell) if *cell != "\"" => {
            above = cell;
            above
        }
        _ => above,
    });
    cells.collect()
}

/// What is in code in a message, without what `…` stands for.
fn said(message: &str) -> Vec<&str> {
    let mut said = Vec::new();
    let mut rest = message;
    while let Some(start) = rest.find('`') {
        let quotes = if rest[start..].starts_with("``") { "``" } else { "`" };
        let (code, after) = rest[start + quotes.len()..].split_once(quotes).unwrap_or_else(|| panic!("no end: {message}"));
        said.extend(code.split('…').map(str::trim).filter(|part| !part.is_empty()));
        rest = after;
    }
    said
}

/// All that is written in a suite of tests and its snapshots, with one space for any.
fn written(cell: &str) -> String {
    let (tests, mut names) = suite(cell);
    let suite = names.next().unwrap_or_default();
    let mut text = String::new();
    let mut waiting = vec![tests.join(suite), tests.join(format!("{suite}.rs"))];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(path).expect("a readable folder").flatten().map(|entry| entry.path()));
        } else if path.is_file() && path.extension().is_some_and(|it| ["rs", "snap", "stderr"].map(OsStr::new).contains(&it)) {
            text.push_str(&fs::read_to_string(path).expect("a readable test"));
        }
    }
    text.replace("\\\"", "\"").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the table says that somebody is told is what a test of that row's suite holds.
#[test]
fn every_message_is_one_that_tests_hold() {
    let text = fs::read_to_string(root().join("docs/checks.md")).expect("the table");
    let rows = rows(&text);
    let mut strange = Vec::new();
    for (cells, test) in rows.iter().zip(tests(&rows)) {
        let written = written(test);
        strange.extend(said(cells[cells.len() - 2]).into_iter().filter(|said| !written.contains(said)).map(|said| (test, said)));
    }
    assert_eq!(strange, []);
    assert_eq!(said("`` a `b`… c ``, d; `e`"), ["a `b`", "c", "e"]);
}

#[test]
fn every_row_has_a_test() {
    let text = fs::read_to_string(root().join("docs/checks.md")).expect("the table");
    let tests = tests(&rows(&text));
    assert!(tests.len() >= 35, "{} rows", tests.len());
    let missing: Vec<String> = tests.iter().flat_map(|cell| missing(cell)).collect();
    assert_eq!(missing, [""; 0]);
    assert_eq!(of_absent_tests(), ["no_such_test of diff", "no_such_file.rs of projections"]);
}

/// What is not there is noticed.
fn of_absent_tests() -> Vec<String> {
    ["`diff`: `groups_are_features`, `no_such_test`", "`projections`: `no_such_file.rs`"].into_iter().flat_map(missing).collect()
}

//! `gen fmt` changes how a spec looks, and nothing else: for every spec that the project has.

use std::path::{Path, PathBuf};

use serde_yaml::Value;
use tapwright::layout::format;

/// The specs that the project ships, and those of tests.
fn specs() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut specs = Vec::new();
    for folder in ["specs", "tests/fixtures", "generator/reference"] {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder").map(|entry| entry.expect("an entry").path());
        specs.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")));
    }
    specs.sort();
    specs
}

fn read(text: &str) -> Value {
    let mut value: Value = serde_yaml::from_str(text).expect("YAML");
    value.apply_merge().expect("maps to merge");
    value
}

/// Every comment: lines of their own, and what follows a value.
fn comments(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            let at = if line.trim_start().starts_with('#') { line.find('#') } else { line.find(" #") };
            at.and_then(|at| line.get(at..)).map(str::trim)
        })
        .collect();
    found.sort_unstable();
    found
}

fn check(name: &str, text: &str) {
    let formatted = format(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(read(text), read(&formatted), "{name} says something else");
    assert_eq!(format(&formatted).as_deref(), Ok(formatted.as_str()), "{name} is not formatted by formatting");
    assert_eq!(comments(text), comments(&formatted), "{name} has other comments");
}

#[test]
fn every_spec_says_the_same_afterwards() {
    let specs = specs();
    assert!(specs.len() > 20, "{} specs", specs.len());
    for path in specs {
        check(&path.display().to_string(), &std::fs::read_to_string(&path).expect("a spec"));
    }
}

/// The same with four spaces a level, and with keys in the opposite order.
#[test]
fn other_layouts_lead_to_the_same_one() {
    for path in specs() {
        let text = std::fs::read_to_string(&path).expect("a spec");
        let blanks = |line: &str| " ".repeat(line.len() - line.trim_start().len());
        let wide: String = text.lines().flat_map(|line| [blanks(line), line.to_owned(), "\n".to_owned()]).collect();
        // Texts over several lines may mean something else with other blanks.
        if serde_yaml::from_str::<Value>(&wide).is_ok_and(|value| value == serde_yaml::from_str::<Value>(&text).expect("YAML")) {
            check(&format!("{} with wide levels", path.display()), &wide);
        }
        let Value::Mapping(map) = read(&text) else { panic!("{} is no map", path.display()) };
        let mut members: Vec<_> = map.into_iter().collect();
        members.reverse();
        let turned: serde_yaml::Mapping = members.into_iter().collect();
        check(&format!("{} turned about", path.display()), &serde_yaml::to_string(&turned).expect("YAML"));
    }
}

/// Each example of the reference, as the value of its key.
#[test]
fn examples_of_the_reference_say_the_same_afterwards() {
    let reference = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/spec.md")).expect("the reference");
    let mut checked = 0;
    for row in reference.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let (Some(key), Some(example)) = (cells.first(), cells.get(3)) else { continue };
        let key = key.split('`').nth(1).expect("a key in backticks");
        let example = example.trim_matches(['`', ' ', '|']).replace("\\|", "|");
        let text = format!("{key}: {example}\n# The end.\n");
        if !example.is_empty() && serde_yaml::from_str::<Value>(&text).is_ok() {
            check(key, &text);
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked} examples");
}

//! The JSON Schema of the language accepts what the generator accepts.

use std::path::{Path, PathBuf};

use tapwright::diagnostic::Diagnostics;
use tapwright::json_schema::json_schema;
use tapwright::source::Sources;

fn yaml_files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files
}

fn value(path: &Path) -> serde_json::Value {
    let text = std::fs::read_to_string(path).expect("a readable spec");
    let mut value: serde_yaml::Value = serde_yaml::from_str(&text).expect("YAML");
    value.apply_merge().expect("merge keys");
    serde_json::to_value(value).expect("a JSON value")
}

#[test]
fn it_accepts_every_good_spec() {
    let validator = jsonschema::validator_for(&json_schema()).expect("a JSON Schema");
    let files: Vec<PathBuf> = ["specs", "tests/fixtures", "tests/fixtures/seeds"].into_iter().flat_map(yaml_files).collect();
    assert!(files.len() >= 4);
    for path in files {
        let errors: Vec<String> =
            validator.iter_errors(&value(&path)).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(errors, [""; 0], "{}", path.display());
    }
}

/// An error of form is refused by both; what else can be wrong, a JSON Schema cannot say.
#[test]
fn it_refuses_errors_of_form() {
    let validator = jsonschema::validator_for(&json_schema()).expect("a JSON Schema");
    let of_form = ["TW011", "TW012", "TW013", "TW016", "TW017", "TW018", "TW019", "TW021", "TW022", "TW023"];
    let mut seen = 0;
    for path in yaml_files("tests/diagnostics") {
        let mut diagnostics = Diagnostics::default();
        tapwright::load(&path, &mut Sources::default(), &mut diagnostics);
        if diagnostics.iter().any(|diagnostic| of_form.contains(&diagnostic.code.id().as_str())) {
            assert!(!validator.is_valid(&value(&path)), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 10, "only {seen} specs have an error of form");
}

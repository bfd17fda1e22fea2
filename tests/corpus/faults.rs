//! Documents that can not be read, or only after repair: an error with its place, or a crate with a warning; never a panic.

use tapwright::diagnostic::{Diagnostics, Severity};
use tapwright::source::Sources;
use tapwright::{EmitOptions, LoadOptions};

use crate::documents;

/// What becomes of each, and the code that says why.
const EXPECTED: &[(&str, Option<Severity>, &str)] = &[
    ("duplicate-keys-2.0.yaml", Some(Severity::Warning), "TW253"),
    ("duplicate-status-codes.yaml", Some(Severity::Warning), "TW253"),
    // A cookie in Swagger: later versions have it, and it is read as theirs.
    ("invalid-parameter-location.yaml", None, ""),
    ("invalid-security-scheme.yaml", Some(Severity::Warning), "TW249"),
    ("missing-ref-2.0.yaml", Some(Severity::Warning), "TW232"),
    ("missing-value.json", Some(Severity::Error), "TW225"),
    // Numbers where texts are expected can be read as the texts that they are.
    ("numeric-info-version.yaml", None, ""),
    ("python-tuple-tag.yaml", None, ""),
    // A schema that says nothing is one of any value.
    ("schema-not-an-object.yaml", None, ""),
    ("tab-in-block-scalar.yaml", Some(Severity::Error), "TW009"),
    ("trailing-comma.json", Some(Severity::Error), "TW225"),
    ("wrong-indentation.yaml", Some(Severity::Error), "TW009"),
];

#[test]
fn malformed_documents_are_refused_or_repaired() {
    let Some(folder) = documents::folder("malformed", "malformed_documents_are_refused_or_repaired") else { return };
    for (name, expected, code) in EXPECTED {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let api = tapwright::load_text_with(&path, &text, &LoadOptions::default(), &mut sources, &mut diagnostics);
        let shown = diagnostics.render(&sources, false);
        let gravest = diagnostics.iter().map(|found| found.severity).max_by_key(|severity| *severity == Severity::Error);
        assert_eq!(gravest, *expected, "{name}\n{shown}");
        if let Some(severity) = expected {
            let found = diagnostics.iter().find(|found| found.severity == *severity && found.code.id() == *code);
            let found = found.unwrap_or_else(|| panic!("{name}: no {code}\n{shown}"));
            let (line, _) = sources.line_column(found.labels[0].span.file, found.labels[0].span.start);
            assert!(line > 1, "{name}: {code} has no place\n{shown}");
        }
        assert_eq!(api.is_some(), *expected != Some(Severity::Error), "{name}\n{shown}");
        if let Some(api) = api {
            let tree = tapwright::emit(&api, &EmitOptions { spec: (*name).to_owned() }, &mut diagnostics);
            assert!(tree.get("src/lib.rs").is_some(), "{name}");
        }
    }
}

/// Whatever is cut off or changed in a document, the generator ends, and does not panic.
#[test]
fn mutilated_documents_are_no_danger() {
    let text = include_str!("../fixtures/documents/museum.yaml");
    let mut count = 0;
    let mut read = |text: &str| {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let api = tapwright::load_text("museum.yaml", text, &mut sources, &mut diagnostics);
        // To write a crate takes longer than all that can go wrong before.
        count += 1;
        if let Some(api) = api.filter(|_| count % 16 == 0) {
            tapwright::emit(&api, &EmitOptions { spec: "museum.yaml".to_owned() }, &mut diagnostics);
        }
        assert!(!diagnostics.iter().any(|found| found.code.id() == "TW999"), "{}", diagnostics.render(&sources, false));
    };
    let lines: Vec<&str> = text.lines().collect();
    for cut in 0..lines.len() {
        read(&lines[..cut].join("\n"));
        let without: Vec<&str> = lines.iter().enumerate().filter(|(at, _)| *at != cut).map(|(_, line)| *line).collect();
        read(&without.join("\n"));
        // A value becomes a list, and a key loses its value.
        for replacement in ["[]", "null", "{a: {$ref: '#/paths'}}", "-1"] {
            if let Some((key, _)) = lines[cut].split_once(": ") {
                let mut changed = lines.clone();
                let line = format!("{key}: {replacement}");
                changed[cut] = &line;
                read(&changed.join("\n"));
            }
        }
    }
}

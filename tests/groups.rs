//! A large crate compiles whatever part of it is asked for, without a warning.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use tapwright::EmitOptions;
use tapwright::diagnostic::Diagnostics;
use tapwright::source::Sources;
use tapwright::tree::Tree;

/// Lists, one of them read for another in another group, and schemas that one, two and all groups reach.
const SPEC: &str = "
name: large
client: {base_url: 'https://test.example'}
resources:
  - {name: owners, schema: Owner, endpoint: {path: /owners}}
  - {name: pets, schema: Pet, endpoint: {path: '/pets/{resources.owners.id}'}}
  - {name: visits, schema: Visit, endpoint: {path: '/visits/{resources.pets.id}'}, processing_steps: [{hook: seen}]}
schemas:
  Owner: {id: string, address: Address}
  Pet: {id: string, serde: {fields: {owner: Owner, kind: {type: string, enum: [cat, dog]}}}}
  Visit: {id: string, place: Address}
  Address: {lines: array of string}
  Bill: {id: string, payer: Owner, of: Visit}
  Error: {message: string}
operations:
";

/// The crate of a spec of the lists above and 240 calls.
fn large() -> Tree {
    let mut spec = SPEC.to_owned();
    for at in 0..240 {
        let (group, schema) = [("serde", "Bill"), ("pets", "Error"), ("owners", "Error"), ("visits", "Error")][at % 4];
        writeln!(spec, "  - {{name: {group}_{at}, endpoint: {{path: /{group}/{at}}}, response: {schema}}}").expect("a text");
    }
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = tapwright::load_text("large.yaml", &spec, &mut sources, &mut diagnostics);
    let api = api.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false)));
    tapwright::emit(&api, &EmitOptions { spec: "large.yaml".to_owned() }, &mut diagnostics)
}

#[test]
fn a_large_crate_is_made_of_groups() {
    let tree = large();
    let text = |path| String::from_utf8_lossy(tree.get(path).unwrap_or_else(|| panic!("no {path}"))).into_owned();
    let manifest = text("Cargo.toml");
    for line in [
        r#"default = ["async", "owners", "pets", "serde-api", "visits"]"#,
        "owners = []",
        r#"pets = ["owners"]"#,
        "serde-api = []",
        r#"visits = ["pets"]"#,
    ] {
        assert!(manifest.lines().any(|held| held == line), "{line}:\n{manifest}");
    }
    let models = text("src/models/mod.rs");
    for (line, why) in [
        ("mod visit;", "a hook names its records, and is part of no group"),
        ("mod address;", "it is in a record of a hook"),
        (r#"part!(error, "owners", "pets", "visits");"#, "calls of three groups answer with it"),
        (r#"part!(owner, "owners", "pets", "serde-api");"#, "a bill holds one as well"),
        (r#"part!(serde_api, "serde-api");"#, "bills are of that group alone"),
    ] {
        assert!(models.lines().any(|held| held == line), "`{line}`, since {why}:\n{models}");
    }
    assert!(tree.get("src/models/serde_api/bill.rs").is_some());
    assert!(text("README.md").contains("| `visits` | 1 | 60 | `pets` |"));
}

#[test]
fn each_part_of_a_large_crate_compiles() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a folder");
    large().write(folder.path()).expect("it can be written");
    std::fs::copy(root.join("Cargo.lock"), folder.path().join("Cargo.lock")).expect("the lock can be copied");
    for features in
        ["", "async", "pets", "async,visits", "async,blocking,serde,serde-api", "async,blocking,owners,pets,serde-api,visits"]
    {
        let output = Command::new(env!("CARGO"))
            .args(["check", "--quiet", "--offline", "--all-targets", "--no-default-features", "--features", features])
            .current_dir(folder.path())
            .env("CARGO_TARGET_DIR", root.join("target/standalone"))
            .env("RUSTFLAGS", "--deny warnings")
            .output()
            .expect("cargo can be run");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "with features `{features}`:\n{errors}");
    }
}

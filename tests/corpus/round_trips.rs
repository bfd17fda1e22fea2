//! Values made from the schemas of documents go through the types of their crates: what is read and written again is the same.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use tapwright::mock;
use tapwright::model::{Api, Body, Encoding, Given, Operation, Payload, Type};
use tapwright::plan::{RustType, plan};

use super::documents::{self, Document, emit, load, workspace};
use super::root;

/// Documents of all kinds whose crates are compiled for this.
const DOCUMENTS: &[&str] = &[
    "hardcases/allof-discriminator-recursive-3.0.yaml",
    "hardcases/oneof-polymorphism-and-inheritance-3.1.yaml",
    "hardcases/rust-server-3.0.yaml",
    "hardcases/schema-types-3.1.json",
    "box/openapi.json",
    "klaviyo/images.json",
];

/// How many schemas of each document are tried, where it has so many.
const SCHEMAS: usize = 40;

/// How many values are made of each.
const VALUES: u64 = 3;

/// What reads each value, writes it and compares: members that are null count as absent,
/// and numbers and moments by what they are.
const PROGRAM: &str = r#"
use serde_json::Value;

fn plain(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key, plain(value))).collect())
        }
        Value::Array(elements) => Value::Array(elements.into_iter().map(plain).collect()),
        // A moment is the same whether or not its fraction ends with zeros.
        Value::String(text) if text.ends_with('Z') && text.contains('.') => text.trim_end_matches(['Z', '0']).into(),
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        other => other,
    }
}

fn compare(name: &str, text: &str, result: Result<String, String>) -> bool {
    let parsed = |text: &str| plain(serde_json::from_str(text).expect("JSON"));
    match result {
        Ok(written) if parsed(&written) == parsed(text) => return true,
        Ok(written) => eprintln!("{name}: {text}\nbecame {written}"),
        Err(why) => eprintln!("{name}: {text}\n{why}"),
    }
    false
}

macro_rules! check {
    ($library:ident, $name:ident, $text:literal) => {{
        let mut reader = $library::rt::reader::Reader::new($text);
        reader.closed(true);
        let read = reader.read::<$library::models::$name>();
        let written = read.map(|value| $library::rt::encode::to_json(&value)).map_err(|fault| fault.to_string());
        compare(concat!(stringify!($library), " ", stringify!($name)), $text, written)
    }};
}
"#;

#[test]
fn values_of_schemas_are_read_and_written_again() {
    let Some(documents) = documents::all("values_of_schemas_are_read_and_written_again") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (mut manifest, mut calls) = (String::new(), String::new());
    for name in DOCUMENTS {
        let document = documents.iter().find(|document| document.name == *name).unwrap_or_else(|| panic!("no {name}"));
        let library = document.slug();
        let _ = writeln!(manifest, "{library} = {{ path = \"../{library}\", default-features = false }}");
        calls.extend(write(document, folder.path()).into_iter().map(|call| format!("        check!({library}, {call}),\n")));
    }
    let main =
        format!("{PROGRAM}\nfn main() {{\n    let good = [\n{calls}    ];\n    assert!(good.iter().all(|good| *good));\n}}\n");
    let program = folder.path().join("round-trips");
    std::fs::create_dir_all(program.join("src")).expect("a writable folder");
    std::fs::write(program.join("src/main.rs"), main).expect("a writable folder");
    let manifest = format!(
        "[package]\nname = \"round-trips\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nserde_json = \"1\"\n{manifest}"
    );
    std::fs::write(program.join("Cargo.toml"), manifest).expect("a writable folder");
    workspace(folder.path());
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--offline", "--package", "round-trips"])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", root().join("target/corpus"))
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .output()
        .expect("cargo can be run");
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}", shown.lines().take(60).collect::<Vec<_>>().join("\n"));
}

/// Writes a crate in which all types are sent as well as received, and gives the types that are tried: the name of each, and a
/// value.
fn write(document: &Document, folder: &Path) -> Vec<String> {
    let mut api = load(document).unwrap_or_else(|errors| panic!("{}: {errors}", document.name));
    let types: Vec<Type> = api.types.iter().map(|(id, _)| Type::Named(id)).collect();
    let template = api.operations.first().or(api.resources.first().map(|resource| &resource.operation)).cloned();
    let template = template.expect("a document with an operation");
    let echoes = types.iter().enumerate().map(|(at, ty)| echo(&template, at, ty));
    api.operations.extend(echoes.collect::<Vec<_>>());
    let tree = emit(document, &api).unwrap_or_else(|errors| panic!("{}: {errors}", document.name));
    tree.write(&folder.join(document.slug())).expect("it can be written");
    let tried = sample(&api, &types);
    let wanted = 20.min(types.len());
    assert!(tried.len() >= wanted, "{}: {} of {} types", document.name, tried.len(), types.len());
    tried
}

/// An operation that sends and receives a type.
fn echo(template: &Operation, at: usize, ty: &Type) -> Operation {
    let mut operation = template.clone();
    operation.name.value = format!("round trip {at}");
    operation.params = Vec::new();
    operation.body = Body::Given(Given {
        ty: ty.clone(),
        required: true,
        encoding: Encoding::Json,
        media_type: "application/json".to_owned(),
        description: None,
    });
    (operation.response, operation.answer, operation.nullable) = (Some(ty.clone()), Payload::Json, false);
    operation
}

/// Some of the types, spread over the document.
fn sample(api: &Api, types: &[Type]) -> Vec<String> {
    let plan = plan(api);
    let step = types.len().div_ceil(SCHEMAS).max(1);
    let mut tried = Vec::new();
    for (at, ty) in types.iter().enumerate().step_by(step) {
        let name = format!("round trip {at}");
        let call = plan.calls.iter().find(|call| call.spec.name.value == name).expect("it was added");
        let RustType::Model(name) = &call.response else { panic!("{name} is no type") };
        for seed in 0..VALUES {
            tried.push(format!("{name}, r####\"{}\"####", mock::value(&api.types, ty, seed)));
        }
    }
    tried
}

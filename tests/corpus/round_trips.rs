//! Values made from the schemas of documents go through the types of their crates: what is read and written again is the same.
//! And the examples that documents give of their schemas are read.
//!
//! With `CORPUS=all` in the environment that is done for every document, which takes a quarter of an hour.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
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

/// How many of a hundred examples have to be of their schema: real ones hold texts for numbers, and moments without a zone.
const GOOD_EXAMPLES: usize = 90;

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
        // A moment is the same whether or not its fraction ends with zeros, or is zero.
        Value::String(text) => match text.strip_suffix('Z') {
            Some(moment) if moment.contains('.') => moment.trim_end_matches('0').trim_end_matches('.').into(),
            Some(moment) => moment.into(),
            None => text.into(),
        },
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

macro_rules! example {
    ($library:ident, $name:ident, $text:literal) => {{
        let read = $library::rt::reader::Reader::new($text).read::<$library::models::$name>();
        read.map(drop).map_err(|fault| eprintln!("{} {}: {}\n{fault}", stringify!($library), stringify!($name), $text)).is_ok()
    }};
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
    let (mut manifest, mut values, mut examples) = (String::new(), String::new(), String::new());
    for document in chosen(&documents) {
        let library = document.slug();
        let tried = write(document, folder.path());
        if tried.values.is_empty() {
            continue;
        }
        let _ = writeln!(manifest, "{library} = {{ path = \"../{library}\" }}");
        values.extend(tried.values.iter().map(|value| format!("    || check!({library}, {value}),\n")));
        examples.extend(tried.examples.iter().map(|example| format!("    || example!({library}, {example}),\n")));
    }
    // A function each: together they would take more of the stack than there is.
    let main = format!(
        "{PROGRAM}\nconst VALUES: &[fn() -> bool] = &[\n{values}];\n\nconst EXAMPLES: &[fn() -> bool] = &[\n{examples}];\n\n\
         fn main() {{\n    let count = |checks: &[fn() -> bool]| checks.iter().filter(|check| check()).count();\n    \
         let (good, fit) = (count(VALUES), count(EXAMPLES));\n    \
         eprintln!(\"{{good}} of {{}} values stay as they are, {{fit}} of {{}} examples fit\", VALUES.len(), EXAMPLES.len());\n    \
         assert_eq!(good, VALUES.len(), \"values changed\");\n    \
         assert!(fit * 100 >= EXAMPLES.len() * {GOOD_EXAMPLES}, \"examples are not read\");\n}}\n"
    );
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
    println!("{shown}");
    assert!(output.status.success(), "{}", shown.lines().take(60).collect::<Vec<_>>().join("\n"));
}

/// The documents that are tried.
fn chosen(documents: &[Document]) -> Vec<&Document> {
    if std::env::var_os("CORPUS").is_some_and(|which| which == "all") {
        return documents.iter().collect();
    }
    let find = |name: &&str| documents.iter().find(|document| document.name == **name).unwrap_or_else(|| panic!("no {name}"));
    DOCUMENTS.iter().map(find).collect()
}

/// What is tried of a document: the name of each type and a text, as arguments of a macro.
struct Tried {
    values: Vec<String>,
    examples: Vec<String>,
}

/// Writes a crate in which all types are sent as well as received, and gives what is tried.
fn write(document: &Document, folder: &Path) -> Tried {
    let mut api = load(document).unwrap_or_else(|errors| panic!("{}: {errors}", document.name));
    let types: Vec<Type> = api.types.iter().map(|(id, _)| Type::Named(id)).collect();
    let Some(template) = api.operations.first().or(api.resources.first().map(|resource| &resource.operation)).cloned() else {
        return Tried { values: Vec::new(), examples: Vec::new() };
    };
    let echoes = types.iter().enumerate().map(|(at, ty)| echo(&template, at, ty));
    api.operations.extend(echoes.collect::<Vec<_>>());
    let tree = emit(document, &api).unwrap_or_else(|errors| panic!("{}: {errors}", document.name));
    tree.write(&folder.join(document.slug())).expect("it can be written");
    let names = names(&api, &types);
    let values = sample(&api, &types, &names);
    let wanted = 20.min(types.len());
    assert!(values.len() >= wanted, "{}: {} of {} types", document.name, values.len(), types.len());
    Tried { values, examples: examples(document, &api, &names) }
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

/// The names of types in Rust, by their place among all.
fn names(api: &Api, types: &[Type]) -> Vec<String> {
    let plan = plan(api);
    let calls: HashMap<&str, _> = plan.calls.iter().map(|call| (call.spec.name.value.as_str(), call)).collect();
    let name = |at: usize| match &calls[format!("round trip {at}").as_str()].response {
        RustType::Model(name) => name.clone(),
        other => panic!("{other:?} is no type of the document"),
    };
    (0..types.len()).map(name).collect()
}

/// Values of some of the types, spread over the document.
fn sample(api: &Api, types: &[Type], names: &[String]) -> Vec<String> {
    let step = types.len().div_ceil(SCHEMAS).max(1);
    let some = types.iter().zip(names).step_by(step);
    let values = some.flat_map(|(ty, name)| (0..VALUES).map(move |seed| (name, mock::value(&api.types, ty, seed))));
    values.map(|(name, value)| format!("{name}, r####\"{value}\"####")).collect()
}

/// The examples that a document gives of its schemas.
fn examples(document: &Document, api: &Api, names: &[String]) -> Vec<String> {
    let text = std::fs::read_to_string(&document.path).expect("a readable document");
    let Ok(root) = serde_yaml::from_str::<Value>(&text) else { return Vec::new() };
    let schemas = root.pointer("/components/schemas").or(root.get("definitions")).and_then(Value::as_object);
    let by_schema: HashMap<&str, &String> = api
        .types
        .iter()
        .zip(names)
        .filter_map(|((_, def), name)| match def.path.value.as_slice() {
            [schema] => Some((schema.as_str(), name)),
            _ => None,
        })
        .collect();
    let given = schemas.into_iter().flatten().filter_map(|(schema, body)| {
        // Some tools write a null where they have none.
        let example = body.get("example").or(body.pointer("/examples/0")).filter(|example| !example.is_null())?;
        Some((by_schema.get(schema.as_str())?, example))
    });
    given.map(|(name, example)| format!("{name}, r####\"{example}\"####")).collect()
}

//! Documents that are real ones but for odd names, schemas that lead to themselves, and whatever else people write: their crates compile.
//!
//! What is changed is drawn from seeds. More of them: `TWISTS=500 cargo test --test corpus twisted -- --nocapture`.

use std::fs;

use serde_json::{Value, json};

use crate::documents::{self, Document, compile};
use crate::seed::Seed;

/// How many documents are made, unless `TWISTS` says otherwise.
const COUNT: u64 = 24;

/// Larger documents are left alone: their crates take long to compile.
const LARGEST: u64 = 100_000;

/// Names that mean something to Rust, to the runtime or to generated code, and names that are hardly any.
const NAMES: &[&str] = &[
    "type",
    "self",
    "Self",
    "crate",
    "super",
    "async",
    "gen",
    "try",
    "union",
    "r#x",
    "Option",
    "Result",
    "String",
    "Vec",
    "Box",
    "Some",
    "None",
    "Ok",
    "Err",
    "Default",
    "Debug",
    "Clone",
    "From",
    "Into",
    "Iterator",
    "Future",
    "Send",
    "str",
    "u8",
    "bool",
    "std",
    "core",
    "alloc",
    "fmt",
    "Client",
    "Error",
    "Page",
    "Call",
    "Key",
    "Record",
    "Fields",
    "Reader",
    "Writer",
    "Maybe",
    "Json",
    "Operation",
    "Resource",
    "Param",
    "OPERATION",
    "KEYS",
    "models",
    "operations",
    "resources",
    "rt",
    "client",
    "builder",
    "default",
    "clone",
    "items",
    "pages",
    "page",
    "param",
    "header",
    "blocking",
    "batches",
    "since",
    "resume",
    "new",
    "project",
    "Other",
    "other",
    "Unknown",
    "1x",
    "",
    " ",
    "_",
    "__",
    "ü",
    "日本",
    "a-b",
    "a_b",
    "A B",
    "a.b",
    "a[b]",
    "a/b",
    "$ref",
    "@id",
    "+1",
    "-1",
    "id",
    "ID",
    "iD",
    "set",
    "index",
    "secret",
    "kind",
    "x{}y",
    "text",
    "to_json",
    "call",
    "hook",
    "body",
    "value",
    "args",
    "w",
    "r",
    "encode",
    "ʿilm",
    "сode",
    "\"",
    "\\",
    "*/",
    "//",
    "#",
];

/// Prose that is more than prose.
const TEXTS: &[&str] = &[
    "a\rb\u{0}\u{7}\u{1b}[31m",
    "```\n\r{\r```",
    "``` open",
    "\u{202e}turned\u{2066}",
    "*/ /* // \\ \" \"# {} {{ %}",
    "<script>[x](y) [`Vec<T>`]: `",
    "    indented\n\tby a tab",
    "\u{feff}\u{200b}\u{2028}",
    "",
];

/// A change of a document.
type Twist = fn(&mut Value, &mut Seed) -> Option<()>;

const TWISTS: &[Twist] = &[
    |document, seed| {
        let name = name(seed);
        rename_schema(document, seed, name)
    },
    |document, seed| {
        let name = name(seed);
        rename_member(document, seed, |at, value| at.ends_with("/properties") && value.is_object(), name)
    },
    |document, seed| set(document, seed, is_parameter, "name", |seed| json!(name(seed))),
    |document, seed| set(document, seed, is_operation, "operationId", |seed| json!(name(seed))),
    |document, seed| {
        let key = *seed.pick(&["description", "title", "summary", "example"])?;
        let text = *seed.pick(TEXTS)?;
        pick(document, seed, |at, value| at.matches('/').count() > 1 && value.is_object() && !at.ends_with("/properties"))?
            .as_object_mut()?
            .insert(key.to_owned(), json!(text));
        Some(())
    },
    |document, seed| set(document, seed, is_parameter, "required", |seed| json!(seed.below(3) > 0)),
    |document, seed| {
        set(document, seed, is_schema, "type", |seed| {
            let types = [
                json!("string"),
                json!("integer"),
                json!("number"),
                json!("boolean"),
                json!("object"),
                json!("array"),
                json!("null"),
                json!(["string", "null"]),
                json!(["integer", "string"]),
                json!(["array", "object", "null"]),
                json!("file"),
                json!(5),
            ];
            seed.pick(&types).cloned().unwrap_or_default()
        })
    },
    |document, seed| {
        set(document, seed, is_schema, "format", |seed| {
            let formats = ["date", "date-time", "int32", "uint64", "uuid", "byte", "binary", "decimal", "uri", "password", ""];
            json!(seed.pick(&formats))
        })
    },
    |document, seed| {
        set(document, seed, is_schema, "enum", |seed| {
            let values = [
                json!([]),
                json!(["a"]),
                json!(["a", "A", "a "]),
                json!(["", " ", "-", "+"]),
                json!([1, 2, 3]),
                json!([1.5, "x", null]),
                json!([null]),
                json!([true, false]),
                json!(NAMES),
                json!(["1", "01", "1.0"]),
                json!([0, -1, i64::MAX]),
            ];
            seed.pick(&values).cloned().unwrap_or_default()
        })
    },
    |document, seed| {
        set(document, seed, is_schema, "default", |seed| {
            let values =
                [json!(null), json!(""), json!(-1), json!(1.5), json!(true), json!([1]), json!({"a": 1}), json!(u64::MAX)];
            seed.pick(&values).cloned().unwrap_or_default()
        })
    },
    |document, seed| set(document, seed, is_schema, "nullable", |seed| json!(seed.below(2) == 0)),
    // Schemas that are made of others, which may be those around them.
    |document, seed| {
        let reference = reference(document, seed)?;
        let others = [
            json!({"type": "null"}),
            json!({"type": "string"}),
            json!({"type": "object"}),
            json!({"type": "array", "items": {}}),
        ];
        let other = seed.pick(&others).cloned();
        let key = *seed.pick(&["allOf", "oneOf", "anyOf"])?;
        let schema = pick(document, seed, is_schema)?;
        let parts: Vec<Value> = [schema.clone(), reference].into_iter().chain(other.filter(|_| seed.below(2) == 0)).collect();
        *schema = json!({key: parts});
        Some(())
    },
    |document, seed| {
        let reference = reference(document, seed)?;
        let key = *seed.pick(&["allOf", "oneOf", "anyOf"])?;
        let schema = pick(document, seed, |at, value| is_schema(at, value) && value.get("properties").is_some())?;
        schema.as_object_mut()?.insert(key.to_owned(), json!([reference]));
        Some(())
    },
    |document, seed| {
        let reference = reference(document, seed)?;
        *pick(document, seed, is_schema)? = reference;
        Some(())
    },
    |document, seed| {
        let reference = reference(document, seed)?;
        let values = [json!(true), json!(false), json!({}), json!({"type": "array", "items": reference}), reference.clone()];
        let value = seed.pick(&values).cloned()?;
        pick(document, seed, is_schema)?.as_object_mut()?.insert("additionalProperties".to_owned(), value);
        Some(())
    },
    // Requests and answers.
    |document, seed| {
        let status = *seed.pick(&["default", "200", "2XX", "204", "404", "4XX", "x-foo", "600"])?;
        rename_member(document, seed, |at, value| at.ends_with("/responses") && value.is_object(), status)
    },
    |document, seed| {
        let types = [
            "application/json",
            "text/plain",
            "multipart/form-data",
            "application/x-www-form-urlencoded",
            "*/*",
            "text/event-stream",
            "application/octet-stream",
            "application/vnd.x+json; v=1",
            "application/xml",
            "application/x-ndjson",
            "nonsense",
        ];
        let media = *seed.pick(&types)?;
        rename_member(document, seed, |at, value| at.ends_with("/content") && value.is_object(), media)
    },
    |document, seed| {
        set(document, seed, is_parameter, "style", |seed| {
            json!(seed.pick(&["form", "simple", "label", "matrix", "deepObject", "spaceDelimited", "pipeDelimited", "odd"]))
        })
    },
    |document, seed| set(document, seed, is_parameter, "in", |seed| json!(seed.pick(&["query", "header", "cookie", "path"]))),
    // Anything is gone, is something else, or is there once more.
    |document, seed| {
        let (parent, key) = pick_place(document, seed, |at, _| at.matches('/').count() > 1)?.rsplit_once('/').map(owned)?;
        match document.pointer_mut(&parent)? {
            Value::Object(members) => drop(members.remove(&key.replace("~1", "/").replace("~0", "~"))),
            Value::Array(elements) => drop(elements.pop()),
            _ => {}
        }
        Some(())
    },
    |document, seed| {
        let values = [json!(null), json!(""), json!(0), json!([]), json!({}), json!(true), json!("x")];
        *pick(document, seed, |at, _| at.matches('/').count() > 1)? = seed.pick(&values).cloned()?;
        Some(())
    },
    |document, seed| {
        let value = pick(document, seed, |at, value| at.matches('/').count() > 1 && value.is_object())?.clone();
        *pick(document, seed, |at, value| at.matches('/').count() > 1 && value.is_object())? = value;
        Some(())
    },
];

fn owned((one, two): (&str, &str)) -> (String, String) {
    (one.to_owned(), two.to_owned())
}

fn name(seed: &mut Seed) -> &'static str {
    seed.pick(NAMES).copied().unwrap_or_default()
}

fn is_schema(at: &str, value: &Value) -> bool {
    let is_one = ["type", "$ref", "properties", "allOf", "oneOf"].iter().any(|key| value.get(key).is_some());
    is_one && ["/schemas/", "/schema", "/definitions/"].iter().any(|part| at.contains(part))
}

fn is_parameter(_: &str, value: &Value) -> bool {
    value.get("in").is_some_and(|place| place.is_string() && place != "path") && value.get("name").is_some()
}

fn is_operation(_: &str, value: &Value) -> bool {
    value.get("responses").is_some()
}

/// Where the named schemas are.
fn home(document: &Value) -> &'static str {
    if document.get("swagger").is_some() { "/definitions" } else { "/components/schemas" }
}

/// A reference to one of the schemas, or to none.
fn reference(document: &Value, seed: &mut Seed) -> Option<Value> {
    let home = home(document);
    let names: Vec<&String> = document.pointer(home)?.as_object()?.keys().collect();
    let name = if seed.below(10) == 0 { "Missing" } else { seed.pick(&names)? };
    Some(json!({"$ref": format!("#{home}/{}", escaped(name))}))
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The places of the values that are asked for.
fn places(value: &Value, at: &str, is_one: fn(&str, &Value) -> bool, found: &mut Vec<String>) {
    if is_one(at, value) {
        found.push(at.to_owned());
    }
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| places(value, &format!("{at}/{}", escaped(key)), is_one, found));
        }
        Value::Array(elements) => {
            elements.iter().enumerate().for_each(|(index, value)| places(value, &format!("{at}/{index}"), is_one, found));
        }
        _ => {}
    }
}

fn pick_place(document: &Value, seed: &mut Seed, is_one: fn(&str, &Value) -> bool) -> Option<String> {
    let mut found = Vec::new();
    places(document, "", is_one, &mut found);
    seed.pick(&found).cloned()
}

fn pick<'v>(document: &'v mut Value, seed: &mut Seed, is_one: fn(&str, &Value) -> bool) -> Option<&'v mut Value> {
    let place = pick_place(document, seed, is_one)?;
    document.pointer_mut(&place)
}

/// Gives one of some objects a member.
fn set(
    document: &mut Value,
    seed: &mut Seed,
    is_one: fn(&str, &Value) -> bool,
    key: &str,
    value: fn(&mut Seed) -> Value,
) -> Option<()> {
    let object = pick(document, seed, is_one)?.as_object_mut()?;
    object.insert(key.to_owned(), value(seed));
    Some(())
}

/// Gives a member of one of some objects another name.
fn rename_member(document: &mut Value, seed: &mut Seed, is_one: fn(&str, &Value) -> bool, to: &str) -> Option<()> {
    let members = pick(document, seed, is_one)?.as_object_mut()?;
    let names: Vec<String> = members.keys().cloned().collect();
    let value = members.remove(seed.pick(&names)?)?;
    members.insert(to.to_owned(), value);
    Some(())
}

/// Gives a schema another name, also where it is referred to.
fn rename_schema(document: &mut Value, seed: &mut Seed, to: &str) -> Option<()> {
    let home = home(document);
    let schemas = document.pointer_mut(home)?.as_object_mut()?;
    let names: Vec<String> = schemas.keys().cloned().collect();
    let from = seed.pick(&names).filter(|_| !schemas.contains_key(to))?;
    let schema = schemas.remove(from)?;
    schemas.insert(to.to_owned(), schema);
    let [from, to] = [from, to].map(|name| format!("#{home}/{}", escaped(name)));
    let mut found = Vec::new();
    places(document, "", |at, value| at.ends_with("/$ref") && value.is_string(), &mut found);
    for place in found {
        let held = document.pointer_mut(&place)?;
        if *held == from.as_str() {
            *held = json!(to);
        }
    }
    Some(())
}

#[test]
fn twisted_documents_become_crates_that_compile() {
    let Some(documents) = documents::all("twisted_documents_become_crates_that_compile") else { return };
    let count = std::env::var("TWISTS").ok().and_then(|count| count.parse().ok()).unwrap_or(COUNT);
    let is_small = |document: &&Document| fs::metadata(&document.path).is_ok_and(|data| data.len() < LARGEST);
    let read = |document: &Document| {
        let text = fs::read_to_string(&document.path).ok()?;
        serde_json::from_str(&text).ok().or_else(|| serde_yaml::from_str(&text).ok())
    };
    let whole: Vec<Value> = documents.iter().filter(is_small).filter_map(read).collect();
    assert!(whole.len() > 50, "{} documents", whole.len());
    let folder = tempfile::tempdir().expect("a folder");
    let crates = folder.path().join("crates");
    for number in 0..count {
        let mut seed = Seed(number);
        let mut document = seed.pick(&whole).expect("there are some").clone();
        for _ in 0..5 + seed.below(35) {
            let twist = seed.pick(TWISTS).expect("there are some");
            // Not every document has what is to be changed.
            let _ = twist(&mut document, &mut seed);
        }
        let name = format!("twist_{number}.json");
        let path = folder.path().join(&name);
        fs::write(&path, document.to_string()).expect("a writable folder");
        match compile(&Document { name, path }) {
            Ok(tree) => drop(tree.write(&crates.join(format!("twist_{number}"))).expect("it can be written")),
            // What can not be used is refused, but never for a fault of the generator.
            Err(errors) => assert!(!errors.contains("TW999"), "{number}: {errors}"),
        }
    }
    let made = fs::read_dir(&crates).expect("there are crates").count();
    println!("{made} of {count} documents are crates");
    assert!(made as u64 * 2 > count, "only {made} of {count} documents are crates");
    super::check(&crates, &["--features", "blocking,load,serde"]);
}

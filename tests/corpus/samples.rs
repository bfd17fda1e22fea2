//! What is inferred from recorded answers is a good spec, and takes each of those answers.

use std::path::Path;

use serde_json::Value;
use tapwright::diagnostic::Diagnostics;
use tapwright::learn::compare::compare;
use tapwright::model::{self, Field, Scalar, Segment, Type, TypeKind, Types};
use tapwright::sample::har::Recording;
use tapwright::sample::judge::{Form, Judged, judge};
use tapwright::sample::shape::Shape;
use tapwright::sample::{DEPTH, Samples, select, write};
use tapwright::source::Sources;

#[test]
fn schemas_of_recorded_answers_take_each_of_them() {
    let Some(folder) = super::documents::folder("responses", "schemas_of_recorded_answers_take_each_of_them") else { return };
    let mut checked = 0;
    for api in folders(&folder) {
        let mut answers = Vec::new();
        for file in files(&api) {
            for exchange in file["exchanges"].as_array().expect("exchanges") {
                let (request, body) = (&exchange["request"], &exchange["response"]["body"]);
                if body.is_object() || body.is_array() {
                    answers.push((text(&request["method"]), text(&request["url"]), body.clone()));
                }
            }
        }
        checked += check(&answers);
    }
    assert!(checked > 140, "only {checked} answers");
}

#[test]
fn schemas_of_auth0_s_traffic_take_each_answer() {
    let Some(folder) = super::documents::folder("auth0_recordings", "schemas_of_auth0_s_traffic_take_each_answer") else {
        return;
    };
    let mut answers = Vec::new();
    for file in files(&folder) {
        for exchange in file["interactions"].as_array().expect("interactions") {
            let (request, response) = (&exchange["request"], &exchange["response"]);
            if let Ok(body) = serde_json::from_str::<Value>(&text(&response["body"])) {
                answers.push((text(&request["method"]), text(&request["url"]), body));
            }
        }
    }
    let checked = check(&answers);
    assert!(checked > 150, "only {checked} answers");
}

/// Infers a schema for each method and path, and holds every answer to it: as a whole, and its records.
fn check(answers: &[(String, String, Value)]) -> usize {
    let mut recording = Recording::new(DEPTH);
    let mut kept: Vec<(usize, &Value)> = Vec::new();
    for (method, url, body) in answers {
        let before: Vec<u64> = recording.calls.values().map(|samples| samples.shape.count()).collect();
        recording.add(method, url, body.to_string().as_bytes()).expect("a sample");
        let changed = recording.calls.values().enumerate().find(|(at, samples)| before.get(*at) != Some(&samples.shape.count()));
        kept.push((changed.expect("one has grown").0, body));
    }
    for (at, ((method, path), samples)) in recording.calls.iter().enumerate() {
        let bodies: Vec<&Value> = kept.iter().filter(|(call, _)| *call == at).map(|(_, body)| *body).collect();
        let what = format!("{method} {path}");
        accepts_all(&what, &samples.shape, &bodies);
        if let Ok((place, shape)) = select::records(&samples.shape) {
            let records: Vec<&Value> = bodies.iter().flat_map(|body| records(body, &place)).collect();
            accepts_all(&format!("{what} records"), shape, &records);
        }
    }
    answers.len()
}

fn records<'v>(body: &'v Value, place: &model::Path) -> Vec<&'v Value> {
    let mut found = body;
    for segment in &place.0 {
        let Segment::Key(key) = segment else { panic!("no index was selected") };
        let Some(next) = found.get(key) else { return Vec::new() };
        found = next;
    }
    found.as_array().map_or_else(|| vec![found], |items| items.iter().collect())
}

/// Each value fits the schema, and held against it the samples show no drift.
fn accepts_all(what: &str, shape: &Shape, values: &[&Value]) {
    // Only an object is a schema of records.
    let held = Judged { form: Form::Object(vec![("held".to_owned(), judge(shape))]), ..judge(&Samples::default().shape) };
    let spec = format!(
        "name: sampled\nclient: {{base_url: https://api.example.com}}\nresources:\n  - name: records\n    \
         endpoint: {{path: /records, paginator: single_page}}\n    schema: Sampled\n{}",
        write::section(&[("Sampled".to_owned(), held)])
    );
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = tapwright::load_text("sampled.yaml", &spec, &mut sources, &mut diagnostics);
    let Some(api) = api else { panic!("{what}:\n{}\n{spec}", diagnostics.render(&sources, false)) };
    assert!(diagnostics.is_empty(), "{what}:\n{}", diagnostics.render(&sources, false));
    let fields = api.types.fields(&api.resources[0].source).expect("an object");
    assert_eq!(compare(&api.types, &fields[0].ty, shape), [], "{what}\n{spec}");
    for value in values {
        if let Err(reason) = accepts_field(&api.types, &fields[0], Some(value)) {
            panic!("{what}: {reason}\n{spec}");
        }
    }
}

fn accepts_field(types: &Types, field: &Field, value: Option<&Value>) -> Result<(), String> {
    match value {
        None if field.required => Err(format!("{}: absent", *field.name)),
        Some(Value::Null) if !field.nullable => Err(format!("{}: null", *field.name)),
        None | Some(Value::Null) => Ok(()),
        Some(value) => accepts(types, &field.ty, field.lenient, value).map_err(|reason| format!("{}.{reason}", *field.name)),
    }
}

fn accepts(types: &Types, ty: &Type, lenient: bool, value: &Value) -> Result<(), String> {
    let is_good = match ty {
        Type::Json => true,
        Type::Array(element) => {
            for value in value.as_array().ok_or_else(|| format!("{value} is no array"))? {
                accepts(types, element, false, value)?;
            }
            true
        }
        Type::Map(values) => {
            for value in value.as_object().ok_or_else(|| format!("{value} is no map"))?.values() {
                accepts(types, values, false, value)?;
            }
            true
        }
        Type::Scalar(scalar) => accepts_scalar(*scalar, lenient, value),
        Type::Named(id) => match &types.get(*id).kind {
            TypeKind::Enum(_) => value.is_string(),
            TypeKind::Union(variants) => variants.iter().any(|variant| accepts(types, variant, false, value).is_ok()),
            TypeKind::Struct(fields) => {
                let object = value.as_object().ok_or_else(|| format!("{value} is no object"))?;
                for field in fields {
                    accepts_field(types, field, object.get(&*field.name))?;
                }
                true
            }
        },
    };
    if is_good { Ok(()) } else { Err(format!("{value} is not {ty:?}")) }
}

fn accepts_scalar(scalar: Scalar, lenient: bool, value: &Value) -> bool {
    let text = value.as_str();
    match scalar {
        Scalar::String => text.is_some(),
        Scalar::Integer => value.is_i64() || (lenient && text.is_some_and(|text| text.parse::<i64>().is_ok())),
        Scalar::Number => value.is_number(),
        Scalar::Decimal => value.is_number() || text.is_some_and(|text| text.parse::<f64>().is_ok()),
        Scalar::Boolean => value.is_boolean() || (lenient && matches!(text, Some("true" | "false"))),
        Scalar::DateTime => text.is_some_and(|text| {
            text.parse::<jiff::Timestamp>().is_ok() || (lenient && text.parse::<jiff::civil::DateTime>().is_ok())
        }),
        Scalar::Date => text.is_some_and(|text| text.parse::<jiff::civil::Date>().is_ok()),
        Scalar::Time => text.is_some_and(|text| text.parse::<jiff::civil::Time>().is_ok()),
        Scalar::Uuid => text.is_some_and(|text| text.len() == 36),
        Scalar::Binary => false,
    }
}

fn folders(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The JSON files of a folder.
fn files(folder: &Path) -> Vec<Value> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect();
    paths.sort();
    paths.iter().map(|path| serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

//! What `gen infer` and `gen learn` read: sample responses, recorded traffic and drift reports. What comes of them is a spec.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;
use tapwright::diagnostic::Severity;
use tapwright::learn::{Root, report};
use tapwright::sample::har::Recording;
use tapwright::sample::judge::judge;
use tapwright::sample::shape::Shape;
use tapwright::sample::{DEPTH, Samples, schema_name, select, write};

use crate::random::Random;
use crate::run::{MAIN, Target};
use crate::specs;

const SAMPLES: &[&str] = &[
    r#"{"data":[{"id":1,"email":"a@b.example","created_at":"2026-11-21T00:00:00Z","tags":["a","b"],"price":"1.50","extra":null}],"total":1}"#,
    r#"[{"id":"0b5e7c1a-9e4b-4a52-b8f0-0d5b6d1c2f3a","kind":"user","a":{"x":1}},{"kind":"bot","a":{"y":[1,2.5]},"odd key":true}]"#,
    "{\"id\":1,\"by\":{\"2026-11-21\":1,\"2026-11-22\":2,\"2026-11-23\":null}}\n{\"id\":18446744073709551616,\"by\":{}}\n",
    r#"{"log":{"entries":[{"request":{"method":"GET","url":"https://a.example/v1/users/17?x=1"},"response":{"status":200,"content":{"mimeType":"application/json","text":"{\"data\":[{\"id\":1}]}"}}},{"request":{"method":"GET","url":"https://a.example/v1/items"},"response":{"status":200,"content":{"mimeType":"application/json","encoding":"base64","text":"W3siaWQiOiJhIn1d"}}}]}}"#,
];
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\u0000",
    "\\ud800",
    "\\",
    "null",
    "true",
    "1",
    "-0",
    "1e999",
    "\"\"",
    "\"a\":",
    "\"type\":",
    "\"self\":",
    "\"2026-11-21\"",
    "\"2026-11-21T00:00:00Z\"",
    "\"1.50\"",
    "\n",
    "\r\n",
    " ",
    "\u{feff}",
    "ü",
    "\0",
    "\"$ref\":",
    "\"a.b\":",
    "\"\u{1f600}\":",
    "[[[[",
    "{\"a\":{\"a\":{\"a\":",
];

fn trees(texts: &[&str]) -> Vec<Value> {
    texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect()
}

fn made(random: &mut Random, texts: &[&str], trees: &[Value]) -> Vec<u8> {
    let mut text = random.pick(texts).as_bytes().to_vec();
    if !random.once_in(3) {
        let mut tree = random.pick(trees).clone();
        random.change_tree(&mut tree, trees);
        text = tree.to_string().into_bytes();
    }
    if random.once_in(2) {
        let other = random.pick(texts).as_bytes();
        random.change(&mut text, WORDS, other);
    }
    text
}

fn make_samples(random: &mut Random) -> Vec<u8> {
    static TREES: LazyLock<Vec<Value>> = LazyLock::new(|| trees(SAMPLES));
    made(random, SAMPLES, &TREES)
}

fn check_samples(input: &[u8]) {
    let mut random = Random::of(input);
    let mut samples = Samples::new(if random.once_in(2) { DEPTH } else { random.below(300) });
    if samples.read(input).is_ok() {
        let shape = select::records(&samples.shape).map_or(&samples.shape, |(_, shape)| shape);
        is_a_spec("Record", shape);
    }
    let mut recording = Recording::new(DEPTH);
    if recording.read(input).is_ok() {
        for (name, samples) in recording.names().iter().zip(recording.calls.values()) {
            is_a_spec(&schema_name(name), &samples.shape);
        }
    }
}

/// Whatever samples there are, what is inferred of them is a section of a spec without errors.
fn is_a_spec(name: &str, shape: &Shape) {
    let section = write::section(&[(name.to_owned(), judge(shape))]);
    let spec =
        format!("client: {{base_url: https://api.example.com}}\nresources:\n  - {{name: records, schema: {name}}}\n{section}");
    // Samples without an object are no records, and that is said.
    if shape.kinds().iter().all(|kind| matches!(kind, tapwright::sample::shape::Kind::Object)) {
        let (_, said) = specs::load_with("spec.yaml", &spec);
        // Two names that differ in signs alone are one in Rust; which of them gets another name is for a person to say.
        let error = said.iter().find(|one| one.severity == Severity::Error && !one.message.contains("would both be"));
        assert!(error.is_none(), "{error:?}:\n{spec}");
    }
}

#[test]
fn infer() {
    Target { name: "infer", cases: 600, memory: (32 << 20, 16 << 10), stack: MAIN, make: make_samples, check: check_samples }
        .run();
}

const SPEC: &str = "name: acme
client: {base_url: https://api.example.com}
resources:
  - name: users # a comment
    schema: User
schemas:
  User:
    fields:
      id: {type: integer, required: true}
      kind: {enum: [a, b]}
      tags: array of string
      profile:
        fields: {email: string}
      by: map of integer
";

const REPORTS: &[&str] = &[
    r#"{"connector":"acme","resources":{"users":{"records":10,"drift":[{"path":"x","kind":"unknown_field","count":12,"types":["string","null"],"values":["a"]},{"path":"kind","kind":"new_enum_value","count":1,"types":["string"],"values":["c","d e"]},{"path":"profile.email","kind":"null","count":2,"types":["null"]}]}}}"#,
    r#"{"connector":"acme","resources":{"users":{"drift":[{"path":"tags[]","kind":"mismatch","types":["integer"]},{"path":"by.*","kind":"mismatch","types":["number"]},{"path":"id","kind":"absent","types":["absent"]},{"path":"profile['odd key']","kind":"unknown_field","types":["object"]},{"path":"$","kind":"mismatch","types":["array"]}]},"other":{"drift":[]}}}"#,
];
const DRIFT: &[&str] = &[
    "unknown_field",
    "new_enum_value",
    "null",
    "absent",
    "mismatch",
    "string",
    "integer",
    "number",
    "boolean",
    "object",
    "array",
    "users",
    "[]",
    ".*",
    "['",
    "']",
    "[\\\"",
    "\\\"]",
    "$",
    ".",
    "profile",
    "tags[]",
    "type",
    "null",
    "\\n",
    "\\u0000",
    "#",
    ": ",
    "{",
    "}",
    "- ",
    "ü",
    "\\ud83d\\ude00",
    "~",
    "(other)",
];

fn make_report(random: &mut Random) -> Vec<u8> {
    static TREES: LazyLock<Vec<Value>> = LazyLock::new(|| {
        let words =
            DRIFT.iter().map(|word| Value::from(serde_json::from_str(&format!("\"{word}\"")).unwrap_or((*word).to_owned())));
        trees(REPORTS).into_iter().chain([words.collect()]).collect()
    });
    let mut text = random.pick(REPORTS).as_bytes().to_vec();
    if !random.once_in(3) {
        let mut tree = random.pick(&TREES[..2]).clone();
        random.change_tree(&mut tree, &TREES);
        text = tree.to_string().into_bytes();
    }
    if random.once_in(2) {
        random.change(&mut text, DRIFT, REPORTS[0].as_bytes());
    }
    text
}

/// Whatever a report says, the spec stays a spec.
fn check_report(input: &[u8]) {
    let Ok(report) = report::read(&String::from_utf8_lossy(input)) else { return };
    let learnt = tapwright::learn::learn(Path::new("spec.yaml"), SPEC, &report.resources);
    for outcome in &learnt.outcomes {
        let _ = tapwright::learn::shown(&outcome.drift.path);
        assert!(matches!(&outcome.root, Root::Resource(_)), "a report is about resources");
    }
    assert!(specs::load("spec.yaml", &learnt.text).is_some(), "{}", learnt.text);
    assert!(learnt.text.contains("# a comment"), "{}", learnt.text);
}

#[test]
fn learn() {
    Target { name: "learn", cases: 300, memory: (32 << 20, 16 << 10), stack: MAIN, make: make_report, check: check_report }.run();
}

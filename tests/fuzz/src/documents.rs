//! OpenAPI documents: what is said of any of them can be shown, and what loads is emitted.

use std::sync::LazyLock;

use crate::corpus::{files, trees};
use crate::random::Random;
use crate::run::{MAIN, Target};
use crate::specs;

const WORDS: &[&str] = &[
    "\"$ref\": \"#/components/schemas/A\"",
    "$ref: '#/paths/~1a'",
    "$ref: other.yaml#/a",
    "$ref: https://a.example/b",
    "openapi: 3.1.0",
    "swagger: '2.0'",
    "\"allOf\": [",
    "oneOf: ",
    "anyOf: ",
    "discriminator: ",
    "additionalProperties: ",
    "nullable: true",
    "type: [string, 'null']",
    "format: date-time",
    "\"parameters\": ",
    "in: path",
    "required: true",
    "{id}",
    "schema: ",
    "enum: ",
    "pattern: '('",
    "default: ",
    "items: ",
    "properties: ",
    "security: ",
    "servers: ",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\n",
    "\n  ",
    "'",
    "\"",
    "\\",
    "- ",
    "null",
    "ü",
    "\0",
    "~0",
    "~1",
    "%7B",
    "application/json: ",
];

static DOCUMENTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folders = ["tests/fixtures/documents", "tests/fixtures/documents/split", "tests/diagnostics"];
    let documents = files(&folders, &["yaml", "json"]).into_iter();
    documents.filter(|text| tapwright::openapi::sniff(&String::from_utf8_lossy(text))).collect()
});
static TREES: LazyLock<Vec<serde_json::Value>> = LazyLock::new(|| trees(&DOCUMENTS));

fn make(random: &mut Random) -> Vec<u8> {
    let mut text = random.pick(&DOCUMENTS).clone();
    if !random.once_in(3) {
        let mut tree = random.pick(&TREES).clone();
        random.change_tree(&mut tree, &TREES);
        text = if random.once_in(2) { tree.to_string() } else { serde_yaml::to_string(&tree).unwrap_or_default() }.into_bytes();
    }
    if random.once_in(3) {
        let other = random.pick(&DOCUMENTS);
        random.change(&mut text, WORDS, other);
    }
    text
}

fn check(input: &[u8]) {
    let Some(api) = specs::load("document.yaml", &String::from_utf8_lossy(input)) else { return };
    if Random::of(input).once_in(8) {
        specs::write(&api);
    }
}

#[test]
fn openapi() {
    Target { name: "openapi", cases: 120, memory: (64 << 20, 4 << 10), stack: MAIN, make, check }.run();
}

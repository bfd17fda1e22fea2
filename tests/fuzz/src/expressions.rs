//! Expressions: an error names bytes of the text, and what is well-formed is checked as a part of a spec.

use crate::random::Random;
use crate::run::{MAIN, Target};
use crate::specs;

/// What expressions are made of.
const WORDS: &[&str] = &[
    "a",
    "tags",
    "profile",
    "email",
    "$",
    ".",
    "[",
    "]",
    "(",
    ")",
    ",",
    "0",
    "1",
    "-",
    "+",
    "*",
    "/",
    "9e9",
    "'x'",
    "\"",
    "'",
    "\\",
    "and",
    "or",
    "not",
    "in",
    "is",
    "null",
    "true",
    "==",
    "!=",
    "<",
    ">=",
    "=",
    "&&",
    "if(",
    "concat(",
    "round(",
    "coalesce(",
    "contains(",
    "date(",
    "split(",
    "ü",
    "\u{0}",
    "{",
    "%",
    " ",
    " ",
    "not not ",
    "a.b",
    "[0]",
    "is not null",
    "not in ['x', 1]",
];

const NESTED: &[&str] = &["(", "not ", "-", "[", "if(", "a[", "a+", "f(a,", "a.", "'", "a and ", "a == "];

fn make(random: &mut Random) -> Vec<u8> {
    if random.once_in(100) {
        return random.pick(NESTED).repeat(1 + random.below(20_000)).into_bytes();
    }
    let mut text = random.sentence(WORDS, 14);
    if random.once_in(3) {
        random.change(&mut text, WORDS, b"if(profile.email is not null and 'x' in tags, round(a * 1.5, 2), coalesce(a, 0))");
    }
    text
}

fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Err(error) = tapwright::expression::parse(&text) {
        assert!(error.start <= error.end && error.end <= text.len(), "{error:?}");
        assert!(text.is_char_boundary(error.start) && text.is_char_boundary(error.end), "{error:?}");
    }
    let quoted = serde_json::Value::from(&*text);
    let step = if Random::of(input).once_in(2) { format!("filter: {quoted}") } else { format!("set: {{x: {quoted}}}") };
    let head = "client: {base_url: https://api.example.com}\nresources:\n  - name: users\n    schema: {a: integer, tags: array of string, profile: {fields: {email: string}}}\n    processing_steps:\n";
    if let Some(api) = specs::load("spec.yaml", &format!("{head}      - {step}\n"))
        && Random::of(input).once_in(40)
    {
        specs::write(&api);
    }
}

#[test]
fn expression() {
    Target { name: "expression", cases: 500, memory: (16 << 20, 2 << 10), stack: MAIN, make, check }.run();
}

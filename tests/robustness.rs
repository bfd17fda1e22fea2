//! No text makes the front end panic: truncated and mutated specs.

use std::path::Path;

use tapwright::diagnostic::Diagnostics;
use tapwright::source::Sources;

/// Loads a text and shows what is said about it, as text and for tools.
fn load(text: &str) {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let api = tapwright::load_text("tests/fixtures/spec.yaml", text, &mut sources, &mut diagnostics);
    assert_eq!(api.is_some(), !diagnostics.has_errors());
    // A layout is checked by reading it again, so that not every text is laid out.
    if text.len().is_multiple_of(37)
        && let Ok(formatted) = tapwright::layout::format(text)
    {
        assert!(tapwright::layout::format(&formatted).is_ok(), "{formatted}");
    }
    // Showing costs more than reading; the same few codes need not be shown for every text.
    if text.len().is_multiple_of(5) {
        assert!(!diagnostics.render(&sources, false).contains("{0}"));
        assert_eq!(diagnostics.to_json(&sources).as_array().map(Vec::len), Some(diagnostics.len()));
    }
}

fn spec(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)).expect(name)
}

const SPECS: [&str; 4] =
    ["fixtures/every_key.yaml", "fixtures/seeds/third.yaml", "diagnostics/many.yaml", "diagnostics/parent_cycle.yaml"];

/// What YAML gives a meaning to.
const SIGNS: &[u8] = b"{}[]:#&*!|>'\"%@`,- \t\n\0\\<";

#[test]
fn every_beginning_of_a_spec() {
    for name in SPECS {
        let text = spec(name);
        for (end, _) in text.char_indices() {
            load(&text[..end]);
        }
    }
}

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
    "ü",
    "\u{0}",
    "{",
    "%",
];

#[test]
fn expressions_of_any_words() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let head = "client: {base_url: https://api.example.com}\nresources:\n  - name: users\n    schema: {a: integer, tags: array of string, profile: {fields: {email: string}}}\n    processing_steps:\n";
    for _ in 0..3_000 {
        let words: Vec<&str> = (0..random.below(12)).map(|_| WORDS[random.below(WORDS.len())]).collect();
        let text = words.join(["", " "][random.below(2)]);
        if let Err(error) = tapwright::expression::parse(&text) {
            assert!(error.start <= error.end && error.end <= text.len(), "{text:?}: {error:?}");
            assert!(text.is_char_boundary(error.start) && text.is_char_boundary(error.end), "{text:?}: {error:?}");
        }
        let quoted = serde_json::Value::from(text.as_str());
        let step = [format!("      - filter: {quoted}\n"), format!("      - set: {{x: {quoted}}}\n")];
        load(&format!("{head}{}", step[random.below(2)]));
    }
    for nested in ["(", "not ", "-", "[", "if(", "a[", "a+", "f(a,", "a.", "'"] {
        load(&format!("{head}      - filter: {}\n", serde_json::Value::from(nested.repeat(20_000))));
    }
}

#[test]
fn specs_with_changed_bytes() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for name in SPECS {
        let bytes = spec(name).into_bytes();
        for _ in 0..300 {
            let mut changed = bytes.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(changed.len());
                match random.below(4) {
                    0 => drop(changed.remove(at)),
                    1 => changed[at] = SIGNS[random.below(SIGNS.len())],
                    2 => changed.insert(at, changed[random.below(changed.len())]),
                    _ => changed[at] ^= 1 << random.below(8),
                }
            }
            load(&String::from_utf8_lossy(&changed));
        }
    }
}

#[test]
fn specs_with_lines_that_changed_places() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for name in SPECS {
        let text = spec(name);
        let lines: Vec<&str> = text.lines().collect();
        for _ in 0..200 {
            let mut changed = lines.clone();
            let (a, b) = (random.below(changed.len()), random.below(changed.len()));
            changed.swap(a, b);
            changed.remove(random.below(changed.len()));
            load(&changed.join("\n"));
        }
    }
}

#[test]
fn texts_that_are_no_specs() {
    for text in [
        "\u{feff}name: api",
        "- - - -",
        "? ? ?",
        "&a *a",
        "<<: *a",
        "%YAML 9.9\n---\n",
        "\0",
        "!!binary x",
        "{\"a\": \"\\ud800\"}",
        "a: |\n",
        "---\n...\n---\n",
    ] {
        load(text);
    }
    load(&"[".repeat(100_000));
    load(&"- ".repeat(10_000));
    load(&"a: &a\n ".repeat(5_000));
    load(&"{a: ".repeat(10_000));
}

/// A small generator of numbers that are always the same (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("a small number")
    }
}

//! Specs: whatever the text, it is an API or there are errors, and both can be shown. What loads is emitted; what is laid out
//! means what it meant.

use std::sync::LazyLock;

use tapwright::diagnostic::{Diagnostic, Diagnostics};
use tapwright::model::Api;
use tapwright::source::Sources;
use tapwright::{EmitOptions, emit, layout};

use crate::corpus::{files, trees};
use crate::random::Random;
use crate::run::{MAIN, Target};

/// What YAML and the language give a meaning to.
const WORDS: &[&str] = &[
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "&a ",
    "*a",
    "<<: *a",
    "!!str ",
    "!x ",
    "|\n",
    ">-\n",
    "'",
    "\"",
    "\\",
    "#",
    "? ",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "\t",
    "{",
    "}",
    "[",
    "]",
    ",",
    "{}",
    "[]",
    "null",
    "~",
    "on",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "ü",
    "\0",
    "@",
    "`",
    "name: ",
    "schema: ",
    "schemas: ",
    "resources: ",
    "client: ",
    "paginator: ",
    "type: ",
    "fields: ",
    "array of ",
    "map of ",
    "optional ",
    "{resources.users.id}",
    "{client.",
    "$ref: ",
    "processing_steps: ",
    "incremental: ",
    "endpoint: ",
    "params: ",
    "auth: ",
    "openapi: ",
    "one_of: ",
    "enum: ",
    "decimal",
    "timestamp",
    "integer",
    "User",
    "users",
    "/users",
    "3600",
    "1h",
    "100/60s",
];

static SPECS: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| files(&["tests/fixtures", "tests/fixtures/seeds", "tests/diagnostics"], &["yaml"]));
static TREES: LazyLock<Vec<serde_json::Value>> = LazyLock::new(|| trees(&SPECS));

pub(crate) fn make(random: &mut Random) -> Vec<u8> {
    let mut text = random.pick(&SPECS).clone();
    if random.once_in(2) {
        let mut tree = random.pick(&TREES).clone();
        random.change_tree(&mut tree, &TREES);
        text = if random.once_in(4) { tree.to_string() } else { serde_yaml::to_string(&tree).unwrap_or_default() }.into_bytes();
    }
    if random.once_in(2) {
        let other = random.pick(&SPECS);
        random.change(&mut text, WORDS, other);
    }
    text
}

/// Loads a text, with no file beside it, and shows what is said about it.
pub(crate) fn load(name: &str, text: &str) -> Option<Api> {
    load_with(name, text).0
}

/// The same, with what is said.
pub(crate) fn load_with(name: &str, text: &str) -> (Option<Api>, Vec<Diagnostic>) {
    let mut sources = Sources::with_reader(|_| Err(std::io::ErrorKind::NotFound.into()));
    let mut diagnostics = Diagnostics::default();
    let api = tapwright::load_text(name, text, &mut sources, &mut diagnostics);
    assert_eq!(api.is_some(), !diagnostics.has_errors(), "an API, or errors");
    let has_hole = |text: &str| text.contains("{0}");
    assert!(has_hole(text) || !has_hole(&diagnostics.render(&sources, false)), "every hole of a message is filled");
    assert_eq!(diagnostics.to_json(&sources).as_array().map(Vec::len), Some(diagnostics.len()));
    (api, diagnostics.iter().cloned().collect())
}

/// Emits the crate of an API.
pub(crate) fn write(api: &Api) {
    let mut diagnostics = Diagnostics::default();
    let tree = emit(api, &EmitOptions { spec: "spec.yaml".to_owned() }, &mut diagnostics);
    let said: Vec<&str> = diagnostics.iter().map(|one| one.message.as_str()).collect();
    assert!(!diagnostics.has_errors(), "what loads is emitted: {said:?}");
    assert!(tree.iter().next().is_some());
}

fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let Some(api) = load("spec.yaml", &text) else { return };
    // An emitted crate is some hundred times the work of a spec that is read.
    if Random::of(input).once_in(8) {
        write(&api);
    }
}

/// Aliases of aliases are followed up to a bound, which takes some two hundred megabytes.
#[test]
fn spec() {
    Target { name: "spec", cases: 150, memory: (256 << 20, 4 << 10), stack: MAIN, make, check }.run();
}

fn check_layout(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let formatted = match layout::format(&text) {
        Ok(formatted) => formatted,
        Err(reason) => {
            assert_ne!(reason, layout::Unformatted::Changed, "it would mean something else");
            return;
        }
    };
    assert_eq!(layout::format(&formatted).as_ref(), Ok(&formatted), "a layout is a layout of itself");
    let loads = |text: &str| load("spec.yaml", text).is_some();
    assert_eq!(loads(&text), loads(&formatted), "it means what it meant:\n{formatted}");
}

#[test]
fn fmt() {
    Target { name: "fmt", cases: 100, memory: (64 << 20, 4 << 10), stack: MAIN, make, check: check_layout }.run();
}

//! The instrument itself: which mutants a source has, and that a weak test is told from one that is not.

use std::collections::HashSet;
use std::time::Duration;

use crate::mutate::{Key, mutate};
use crate::scratch::Files;
use crate::subject::Subject;
use crate::suite::Suite;
use crate::trial::{Outcome, trial};

/// The changes that a function's body offers, whose text is given.
fn changes(body: &str) -> Vec<String> {
    let (text, mutants) =
        mutate("f.rs", &format!("fn f(a: u64, b: u64) -> Step {{ {body} }}"), 0, &HashSet::new()).expect("Rust");
    syn::parse_file(&text).expect("Rust with mutants is Rust");
    mutants.into_iter().map(|mutant| mutant.key.change).collect()
}

#[test]
fn what_can_be_a_mistake_is_one() {
    for (body, expected) in [
        ("a < b", &["`a < b` to `a <= b`", "`a < b` to `a >= b`"][..]),
        ("a + 1", &["`1` to `2`", "`a + 1` to `a - 1`"]),
        ("a && !b", &["`!b` to `b`", "`a && !b` to `a`", "`a && !b` to `!b`"]),
        ("a.min(b)", &["`a.min(b)` to `a`", "`a.min(b)` to `b`"]),
        ("a.go()?; b", &["without `a.go()?;`"]),
        ("a += b; b", &["`a += b` to `a -= b`", "without `a += b;`"]),
        ("if a { b } else { c }", &["`a` to `true`", "`a` to `false`"]),
        ("if let Some(x) = a && x { b }", &["`x` to `true`", "`x` to `false`", "`if let Some(x) = a && x` to `if false`"]),
        ("match a { 1 => b, _ => c }", &["without the arm `1`"]),
        ("match a { 1 if b => b, 2 => c }", &["`b` to `true`", "`b` to `false`"]),
        ("a.filter(|x| x.c())", &["`x.c()` to `true`", "`x.c()` to `false`", "`a.filter(|x| x.c())` to `a`"]),
        // Names, texts, types and what a macro is given stay as they are.
        ("let x: [u8; 4] = y; println!(\"{}\", 1); \"text\"", &[]),
    ] {
        assert_eq!(changes(body), expected, "{body}");
    }
}

#[test]
fn whole_functions_are_changed_by_what_they_return() {
    let source = "fn f() -> Result<()> { g() } fn h() {} const fn i() -> bool { 1 < 2 } impl A { fn j(&self) -> bool { self.k } } fn l() -> Option<u8> { None }";
    let (_, mutants) = mutate("f.rs", source, 10, &HashSet::from([12])).expect("Rust");
    let lines: Vec<_> = mutants.iter().map(|mutant| (mutant.id, mutant.key.line())).collect();
    let expected = [(11, "f.rs f: the whole to `Ok(())`"), (13, "f.rs A::j: the whole to `false`")];
    assert_eq!(lines, expected.map(|(id, line)| (id, line.to_owned())));
}

/// A function with a bound that the test does not look at, and with one that it does; a third that is no test's business; and text that the
/// compiler takes in one way only.
const SOURCE: &str = "
pub fn capped(size: u64) -> u64 {
    if size > 100 { 100 } else { size }
}

pub fn unseen() -> bool {
    false
}

pub fn joined(head: String, tail: &str) -> String {
    head + tail
}
";

const TEST: &str = "
use tiny::rt::bound::{capped, joined};

#[test]
fn sizes_are_capped() {
    assert_eq!(capped(200), 100);
    assert_eq!(capped(7), 7);
    assert_eq!(joined(String::from(\"a\"), \"b\"), \"ab\");
}
";

#[test]
fn a_weak_test_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().canonicalize().expect("its path");
    let files = [
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"tiny\"]\n"),
        ("tiny/Cargo.toml", "[package]\nname = \"tiny\"\nedition = \"2024\"\n"),
        ("tiny/src/lib.rs", "pub mod rt;\n"),
        ("tiny/src/rt/mod.rs", "pub mod bound;\n"),
        ("tiny/src/rt/bound.rs", SOURCE),
        ("tiny/tests/bound.rs", TEST),
    ];
    let subject = Subject {
        files: files.map(|(path, text)| (path.into(), text.into())).into_iter().collect::<Files>(),
        places: vec!["tiny/src/rt".into()],
        names: &["bound"],
        packages: &["tiny"],
        unit: "tiny",
    };
    let (programs, mutants) = subject.build(&folder.join("workspace"), &folder.join("target")).expect("it builds");
    let suites: Vec<Suite> =
        programs.iter().flat_map(|program| Suite::of(program, Duration::from_secs(600), &folder).expect("it passes")).collect();
    let mut lines = Vec::new();
    let mut told = |key: &Key, outcome| {
        lines.push(match outcome {
            Outcome::Killed { by, unit, hung } => format!("{} / killed by {by}, {unit}, {hung}", key.line()),
            other => format!("{} / {other:?}", key.line()),
        });
        Ok(())
    };
    trial(&mutants, &suites, 2, &mut told).expect("it runs");
    lines.sort();
    assert_eq!(
        lines,
        [
            "bound.rs capped #2: `100` to `101` / killed by bound, true, false",
            "bound.rs capped: `100` to `101` / Survived",
            "bound.rs capped: `size > 100` to `false` / killed by bound, true, false",
            "bound.rs capped: `size > 100` to `size <= 100` / killed by bound, true, false",
            "bound.rs capped: `size > 100` to `size >= 100` / Survived",
            "bound.rs capped: `size > 100` to `true` / killed by bound, true, false",
            "bound.rs capped: the whole to `0` / killed by bound, true, false",
            "bound.rs capped: the whole to `1` / killed by bound, true, false",
            "bound.rs joined: the whole to `String::new()` / killed by bound, true, false",
            "bound.rs unseen: `false` to `true` / Unreached",
            "bound.rs unseen: the whole to `true` / Unreached",
        ],
    );
}

//! The verdicts of `gen diff` on the Rust API, held against those of the compiler and of cargo-semver-checks.
//!
//! Each pair of crates is compiled, which takes minutes, so both tests run when they are asked for:
//! `cargo test --test rust_api -- --ignored`. The second needs `cargo install cargo-semver-checks --locked`; where that is not
//! installed it says that it is skipped, but fails in CI.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tapwright::EmitOptions;
use tapwright::diagnostic::Diagnostics;
use tapwright::diff::{Verdict, diff};
use tapwright::model::Api;
use tapwright::source::Sources;

#[expect(dead_code, reason = "the other levels have no oracle here")]
#[path = "diff/cases.rs"]
mod cases;

use cases::{CASES, Case};

/// A case, what code that uses the old crate may look like, and what keeps cargo-semver-checks from seeing that it breaks.
struct Pair {
    name: &'static str,
    code: &'static str,
    unseen: Option<&'static str>,
}

const fn pair(name: &'static str, code: &'static str) -> Pair {
    Pair { name, code, unseen: None }
}

const fn unseen(name: &'static str, code: &'static str, why: &'static str) -> Pair {
    Pair { name, code, unseen: Some(why) }
}

/// It has no lint that compares the types of fields or of what methods take and give.
const TYPES: &str = "it does not compare types";

const PAIRS: &[Pair] = &[
    pair("a field is new", "pub fn f(user: &shop::models::User) -> Option<i64> { user.age }"),
    pair("a field is gone", "pub fn f(user: &shop::models::User) -> Option<&String> { user.nick.as_ref() }"),
    unseen("a field becomes optional", "pub fn f(user: &shop::models::User) -> &String { &user.email }", TYPES),
    unseen("a field becomes required", "pub fn f(user: &shop::models::User) -> Option<&String> { user.email.as_ref() }", TYPES),
    unseen("a number becomes wider", "pub fn f(user: &shop::models::User) -> Option<i64> { user.age }", TYPES),
    pair("a field becomes lenient", "pub fn f(order: &shop::models::Order) -> Option<&String> { order.note.as_ref() }"),
    pair("a field takes `Eq` away", "pub fn f(user: &shop::models::User) -> impl Eq + use<> { user.clone() }"),
    pair(
        "a value is new",
        "pub fn f(state: &shop::models::UserState) -> u8 { match state { shop::models::UserState::Active => 1, _ => 2 } }",
    ),
    pair("a value is gone", "pub fn f() -> shop::models::UserState { shop::models::UserState::Blocked }"),
    pair(
        "a union has one type more",
        "pub fn f(c: &shop::models::UserContact) -> u8 { match c { shop::models::UserContact::String(_) => 1, _ => 2 } }",
    ),
    pair("a type is renamed", "pub fn f(order: &shop::models::Order) -> Option<i64> { order.id }"),
    pair("a resource is new", "pub fn f(client: &shop::Client) { client.users(); }"),
    pair("a resource is gone", "pub fn f(client: &shop::Client) { client.items(); }"),
    pair("a resource is renamed", "pub fn f(client: &shop::Client) { client.orders(); }"),
    pair("the key differs", "pub fn f(client: &shop::Client) { client.users(); }"),
    pair("a selector differs", "pub fn f(client: &shop::Client) { client.users(); }"),
    pair("a parameter is new", "pub fn f(client: &shop::Client) { client.users().state(\"active\"); }"),
    pair("a parameter is gone", "pub fn f(client: &shop::Client) { client.users().state(\"active\"); }"),
    pair("a parameter must be given", "pub fn f(client: &shop::Client) { client.get_user(\"7\"); }"),
    unseen("a parameter has another type", "pub fn f(client: &shop::Client) { client.get_user(\"7\").fields(\"a\"); }", TYPES),
    pair("a parameter is renamed", "pub fn f(client: &shop::Client) { client.get_user(\"7\"); }"),
    unseen(
        "an operation answers otherwise",
        "pub async fn f(client: &shop::Client) -> Option<i64> { client.get_user(\"7\").await.ok()?.age }",
        TYPES,
    ),
    pair("an input is gone", "pub fn f() { shop::Client::builder().tenant(\"a\"); }"),
    unseen("an input has another kind", "pub fn f() { shop::Client::builder().pages(7); }", TYPES),
    pair(
        "it is not read incrementally any more",
        "pub fn f(client: &shop::Client, state: &shop::State) { let _ = client.users().continue_from(state); }",
    ),
    pair(
        "a struct that is sent has a new field",
        "pub fn f() -> shop::models::Item { shop::models::Item { sku: String::new(), size: None } }",
    ),
    pair(
        "a struct is not sent any more",
        "pub fn f() -> shop::models::Item { shop::models::Item { sku: String::new(), size: None } }",
    ),
];

fn load(text: &str) -> Api {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = tapwright::load_text("shop.yaml", text, &mut sources, &mut diagnostics);
    api.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false)))
}

fn case(name: &str) -> &'static Case {
    CASES.iter().find(|case| case.name == name).unwrap_or_else(|| panic!("there is no case `{name}`"))
}

/// Whether `gen diff` says that code breaks.
fn breaks(case: &Case) -> bool {
    diff(&load(&case.before()), &load(&case.after())).iter().any(|change| change.rust.verdict == Verdict::Breaking)
}

/// A folder for pairs of crates, and one for what cargo builds of them, which is kept between runs.
struct Workshop {
    scratch: tempfile::TempDir,
    target: PathBuf,
}

impl Workshop {
    fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { scratch: tempfile::tempdir().unwrap(), target: root.join("target/standalone") }
    }

    /// Writes the crate of a spec, and gives its folder.
    fn generate(&self, side: &str, text: &str) -> PathBuf {
        let folder = self.scratch.path().join(side);
        let _ = fs::remove_dir_all(&folder);
        let tree = tapwright::emit(&load(text), &EmitOptions { spec: "shop.yaml".to_owned() }, &mut Diagnostics::default());
        tree.write(&folder).unwrap();
        lock(&folder);
        folder
    }

    fn cargo(&self, folder: &Path, arguments: &[&str]) -> Output {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(arguments).current_dir(folder).env("CARGO_TARGET_DIR", &self.target).env("CARGO_INCREMENTAL", "0");
        // For rustdoc's JSON, which cargo-semver-checks reads.
        cargo.env("RUSTC_BOOTSTRAP", "1").env_remove("RUSTFLAGS").output().unwrap()
    }

    /// Whether code compiles that uses a crate, and what the compiler says otherwise.
    fn compiles(&self, uses: &Path, package: &str, code: &str) -> Result<(), String> {
        let folder = self.scratch.path().join("user");
        fs::create_dir_all(folder.join("src")).unwrap();
        let manifest = format!(
            "[package]\nname = \"user\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             shop = {{ package = \"{package}\", path = {:?} }}\n",
            uses.display().to_string()
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        fs::write(folder.join("src/lib.rs"), code).unwrap();
        lock(&folder);
        let output = self.cargo(&folder, &["check", "--quiet", "--offline"]);
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    }

    /// What rustdoc says of a crate, in a file of its own.
    fn rustdoc(&self, folder: &Path, side: &str) -> PathBuf {
        let arguments = ["rustdoc", "--quiet", "--offline", "--lib", "--", "-Zunstable-options", "--output-format", "json"];
        let output = self.cargo(folder, &[&arguments[..], &["--document-hidden-items", "--cap-lints", "allow"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let json = self.scratch.path().join(format!("{side}.json"));
        fs::copy(self.target.join("doc/shop.json"), &json).unwrap();
        json
    }
}

/// The versions that this repository is tested with; cargo drops what is not needed.
fn lock(folder: &Path) {
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

#[test]
#[ignore = "compiles some fifty crates"]
fn the_compiler_agrees() {
    let workshop = Workshop::new();
    let mut wrong = Vec::new();
    for Pair { name, code, .. } in PAIRS {
        let case = case(name);
        let (old, new) = (workshop.generate("old", &case.before()), workshop.generate("new", &case.after()));
        if let Err(said) = workshop.compiles(&old, "shop", code) {
            wrong.push(format!("{name}: the code is none that uses the old crate\n{said}"));
        }
        let compiles = workshop.compiles(&new, "shop", code);
        if compiles.is_err() != breaks(case) {
            wrong.push(format!("{name}: said to break: {}, and {compiles:?}", breaks(case)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs cargo-semver-checks, and compiles some fifty crates"]
fn cargo_semver_checks_agrees() {
    let is_there = Command::new("cargo-semver-checks").args(["semver-checks", "--version"]).output().is_ok();
    if !is_there {
        assert!(std::env::var_os("CI").is_none(), "cargo-semver-checks is not installed");
        // Past the harness, which keeps what passing tests say to itself.
        let _ = std::io::stderr().write_all(b"skipped: cargo_semver_checks_agrees (cargo-semver-checks is not installed)\n");
        return;
    }
    let workshop = Workshop::new();
    let mut wrong = Vec::new();
    for Pair { name, unseen, .. } in PAIRS {
        let case = case(name);
        let [old, new] = [("old", case.before()), ("new", case.after())]
            .map(|(side, text)| workshop.rustdoc(&workshop.generate(side, &text), side));
        let output = Command::new("cargo-semver-checks")
            .args(["semver-checks", "--release-type", "minor", "--baseline-rustdoc"])
            .arg(&old)
            .arg("--current-rustdoc")
            .arg(&new)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let found = match output.status.code() {
            Some(0) => false,
            // This is no verdict.
            Some(101) | None => panic!("{name}: {said}"),
            Some(_) => true,
        };
        if found != (breaks(case) && unseen.is_none()) {
            wrong.push(format!("{name}: said to break: {}\n{said}", breaks(case)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

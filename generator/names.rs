//! The only maker of Rust identifiers.
//!
//! Every name of a spec becomes an identifier here, by these rules:
//!
//! - Words are found by case and by any character that an identifier can not hold; heck writes them in the case that Rust wants.
//! - Letters of any script are kept, except in the names of modules, which are file names and so ASCII.
//! - A name that would begin with a digit gets an `n` before it; the sign of a number is spelled out (`+1` is `Plus1`), and so are
//!   the operators of filters (`DateSent>` is `date_sent_greater`).
//! - A name without a letter or a digit is spelled out character by character; an empty one is `empty`.
//! - Two names of one scope that would be the same identifier get numbers: `id`, `id_2`.
//! - A keyword, and a name that the builder or the enum around it has already, gets an underscore after it.
//!
//! A name that is spelled differently on the wire is kept beside the identifier; nothing is ever computed back.

use std::collections::BTreeSet;

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use unicode_ident::{is_xid_continue, is_xid_start};

use crate::lock;
use crate::model::{Scalar, Type, TypeId};

/// Strict and reserved words of edition 2024; `Self` is the only one among the names of types.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type",
    "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Names that a package can not have, or that would hide a crate which the package needs.
const NO_PACKAGES: &[&str] = &[
    "alloc",
    "base64",
    "build",
    "core",
    "deps",
    "examples",
    "futures-core",
    "hmac",
    "http-body-util",
    "httpdate",
    "hyper",
    "hyper-rustls",
    "hyper-util",
    "incremental",
    "jiff",
    "proc-macro",
    "ring",
    "secrecy",
    "serde",
    "sha2",
    "std",
    "test",
    "tokio",
    "tower-service",
    "ureq",
];

/// How long the name of a file may be. Most systems take 255 characters, with the folders before it often no more than that either.
const LONGEST_FILE: usize = 100;

/// What a setter is a method of, and so which names it can not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builder {
    /// The client: its methods are the resources and operations.
    Client,
    /// The builder of a client: its setters are the inputs.
    Inputs,
    /// The builder of a list or a call: its setters are the arguments.
    Call,
}

impl Builder {
    /// The methods it has whatever the spec says.
    fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Client => {
                &["api", "builder", "clone", "core", "drift", "fmt", "from_env", "login", "login_blocking", "new", "take_drift"]
            }
            Self::Inputs => &[
                "base_url",
                "blocking_transport",
                "build",
                "clock",
                "fmt",
                "from_env",
                "hooks",
                "timeouts",
                "token_store",
                "transport",
            ],
            Self::Call => &[
                "batches",
                "blocking",
                "clone",
                "concurrency",
                "continue_from",
                "fmt",
                "header",
                "into_future",
                "items",
                "job",
                "new",
                "page",
                "pages",
                "param",
                "project",
                "resume",
                "send",
                "since",
                "until",
            ],
        }
    }
}

/// The name of a type: `["User", "identity"]` is `UserIdentity`.
#[must_use]
pub fn type_name<S: AsRef<str>>(path: &[S]) -> String {
    let parts: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
    variant(&parts.join(" "))
}

/// The name of an enum's variant.
#[must_use]
pub fn variant(text: &str) -> String {
    let mut name = String::new();
    for word in words(text).split(' ').filter(|word| !word.is_empty()) {
        let camel = word.to_upper_camel_case();
        // `1.2` is `N1_2`, lest it be the same as `12`.
        if name.ends_with(|c: char| c.is_ascii_digit()) && camel.starts_with(|c: char| c.is_ascii_digit()) {
            name.push('_');
        }
        name.push_str(&camel);
    }
    identifier(name, "N")
}

/// The name of a value of an enum of texts, which has a variant for all other values already.
#[must_use]
pub fn enum_variant(text: &str) -> String {
    let mut name = variant(text);
    if name == OTHER {
        name.push('_');
    }
    name
}

/// The variant for what a spec does not name.
pub const OTHER: &str = "Other";

/// Makes identifiers of one scope differ. One that is a name of the spec as it stands keeps it; of others, the first.
pub fn distinct<'a>(reserved: &[&str], names: impl IntoIterator<Item = (&'a str, String)>) -> Vec<String> {
    let names: Vec<(&str, String)> = names.into_iter().collect();
    let mut taken: BTreeSet<String> = reserved.iter().map(|name| (*name).to_owned()).collect();
    let kept: Vec<bool> = names.iter().map(|(spec, name)| spec == name && taken.insert(name.clone())).collect();
    let free = |name: String, taken: &mut BTreeSet<String>| {
        if taken.insert(name.clone()) {
            return name;
        }
        // Types and variants have no underscore in their names, but between digits.
        let (base, is_joined) = if name.starts_with(char::is_uppercase) {
            let base = name.trim_end_matches('_');
            (base, !base.ends_with(|c: char| c.is_ascii_digit()))
        } else {
            (name.as_str(), name.ends_with('_'))
        };
        let joint = if is_joined { "" } else { "_" };
        let numbered = (2_u64..).map(|number| format!("{base}{joint}{number}"));
        numbered.into_iter().find(|name| taken.insert(name.clone())).unwrap_or(name)
    };
    names.into_iter().zip(kept).map(|((_, name), kept)| if kept { name } else { free(name, &mut taken) }).collect()
}

/// The name of a field, a method or an argument.
#[must_use]
pub fn value(text: &str) -> String {
    identifier(words(text).to_snake_case(), "n")
}

/// The name of a module, which is a file's as well: ASCII, since a file is not found otherwise, and no longer than a file's may be.
#[must_use]
pub fn module(text: &str) -> String {
    let mut ascii = escape(&words(text).to_snake_case());
    if ascii.len() > LONGEST_FILE {
        let whole = lock::digest(ascii.as_bytes());
        ascii.truncate(LONGEST_FILE);
        ascii.truncate(ascii.trim_end_matches('_').len());
        // Others may begin in the same way.
        ascii.extend(["_"].into_iter().chain(whole.get(..8)));
    }
    identifier(ascii, "n")
}

/// The name of a setter or an accessor: a [`value`] that is none of the methods that are there already.
#[must_use]
pub fn method(builder: Builder, text: &str) -> String {
    let mut name = value(text);
    if builder.methods().contains(&name.as_str()) {
        name.push('_');
    }
    name
}

/// The name of a package.
#[must_use]
pub fn package(text: &str) -> String {
    let mut name: String =
        escape(text).to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    while name.contains("--") {
        name = name.replace("--", "-");
    }
    name = name.trim_matches(['-', '_']).to_owned();
    if name.is_empty() {
        return "connector".to_owned();
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert_str(0, "api-");
    }
    if KEYWORDS.contains(&name.as_str()) || NO_PACKAGES.contains(&name.replace('_', "-").as_str()) {
        name.push_str("-api");
    }
    name
}

/// The name of a cargo feature that is none of those that are there already.
#[must_use]
pub fn feature(text: &str, reserved: &BTreeSet<&str>) -> String {
    let mut name = module(text).trim_end_matches('_').replace('_', "-");
    if reserved.contains(name.as_str()) {
        name.push_str("-api");
    }
    name
}

/// The name of a package in code.
#[must_use]
pub fn library(package: &str) -> String {
    package.replace('-', "_")
}

/// The example of a crate, by what it does. Cargo wants the examples of a workspace's members to have names of their own.
#[must_use]
pub fn example(verb: &str, library: &str) -> String {
    format!("{verb}_{library}")
}

/// The environment variable of an input.
#[must_use]
pub fn environment(connector: &str, input: &str) -> String {
    let shout = |text: &str| escape(&words(text)).to_shouty_snake_case();
    format!("{}__{}", shout(connector), shout(input))
}

/// The variant of a union for one of its types, such as `String`, `IntegerList` or `UserIdentity`. `named` gives the names of types.
#[must_use]
pub fn union_variant(named: &dyn Fn(TypeId) -> String, ty: &Type) -> String {
    match ty {
        Type::Scalar(scalar) => match scalar {
            Scalar::String => "String",
            Scalar::Integer => "Integer",
            Scalar::Number => "Number",
            Scalar::Decimal => "Decimal",
            Scalar::Boolean => "Boolean",
            Scalar::DateTime => "Timestamp",
            Scalar::Date => "Date",
            Scalar::Time => "Time",
            Scalar::Uuid => "Uuid",
            Scalar::Binary => "Binary",
        }
        .to_owned(),
        Type::Json => "Json".to_owned(),
        Type::Array(element) => union_variant(named, element) + "List",
        Type::Map(value) => union_variant(named, value) + "Map",
        Type::Named(id) => named(*id),
    }
}

/// Leaves of a text what an identifier can hold, in words.
fn words(text: &str) -> String {
    let text = text.trim();
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => ("plus ", rest),
        None => text.strip_prefix('-').map_or(("", text), |rest| ("minus ", rest)),
    };
    let signed = !sign.is_empty() && rest.starts_with(|c: char| c.is_ascii_digit());
    let mut words = if signed { sign.to_owned() } else { String::new() };
    for c in rest.chars().filter(|c| *c != '\'') {
        match c {
            // A filter carries its operator so: `DateSent>` beside `DateSent`.
            '<' | '>' if text.contains(char::is_alphanumeric) => words.extend([" ", &spelled(c), " "]),
            c if is_xid_continue(c) && c != '_' => words.push(c),
            _ => words.push(' '),
        }
    }
    if words.chars().any(char::is_alphanumeric) {
        words
    } else if text.is_empty() {
        "empty".to_owned()
    } else {
        text.chars().map(spelled).collect::<Vec<_>>().join(" ")
    }
}

/// A character in words.
fn spelled(c: char) -> String {
    let word = match c {
        ' ' => "space",
        '_' => "underscore",
        '*' => "asterisk",
        '.' => "dot",
        ',' => "comma",
        '-' => "minus",
        '+' => "plus",
        '/' => "slash",
        '%' => "percent",
        '$' => "dollar",
        '#' => "hash",
        '@' => "at",
        '&' => "and",
        '|' => "or",
        '!' => "not",
        '?' => "question",
        '=' => "equal",
        '<' => "less",
        '>' => "greater",
        _ => return format!("u{:x}", u32::from(c)),
    };
    word.to_owned()
}

/// Writes every character beyond ASCII by its number.
fn escape(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii() { c.to_string() } else { format!("u{:x}", u32::from(c)) }).collect()
}

/// The last step to an identifier: its first character, and keywords.
fn identifier(mut name: String, prefix: &str) -> String {
    name.retain(is_xid_continue);
    if !name.starts_with(is_xid_start) {
        name.insert_str(0, prefix);
    }
    if KEYWORDS.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spec name, type or variant, field or method, module.
    const NAMES: &[(&str, &str, &str, &str)] = &[
        ("user_id", "UserId", "user_id", "user_id"),
        ("clientID", "ClientId", "client_id", "client_id"),
        ("XMLHttpRequest", "XmlHttpRequest", "xml_http_request", "xml_http_request"),
        ("organization-members", "OrganizationMembers", "organization_members", "organization_members"),
        ("_id", "Id", "id", "id"),
        ("@type", "Type", "type_", "type_"),
        ("type", "Type", "type_", "type_"),
        ("self", "Self_", "self_", "self_"),
        ("gen", "Gen", "gen_", "gen_"),
        ("3d_model", "N3dModel", "n3d_model", "n3d_model"),
        ("2024-01", "N2024_01", "n2024_01", "n2024_01"),
        ("v1.2", "V1_2", "v1_2", "v1_2"),
        ("+1", "Plus1", "plus_1", "plus_1"),
        ("-1", "Minus1", "minus_1", "minus_1"),
        ("-x", "X", "x", "x"),
        ("größe", "Größe", "größe", "gruf6udfe"),
        ("名前", "名前", "名前", "u540du524d"),
        ("user's name", "UsersName", "users_name", "users_name"),
        ("*", "Asterisk", "asterisk", "asterisk"),
        ("<=", "LessEqual", "less_equal", "less_equal"),
        ("…", "U2026", "u2026", "u2026"),
        ("___", "UnderscoreUnderscoreUnderscore", "underscore_underscore_underscore", "underscore_underscore_underscore"),
        ("", "Empty", "empty", "empty"),
        ("  padded ", "Padded", "padded", "padded"),
        ("DateSent>", "DateSentGreater", "date_sent_greater", "date_sent_greater"),
        ("a<b", "ALessB", "a_less_b", "a_less_b"),
    ];

    #[test]
    fn what_the_runtime_gives_each_builder_is_reserved() {
        let macros = [
            ("list_builder", include_str!("../templates/runtime/src/rt/listing.rs")),
            ("job_builder", include_str!("../templates/runtime/src/rt/job_listing.rs")),
            ("call_builder", include_str!("../templates/runtime/src/rt/call.rs")),
            ("incremental_builder", include_str!("../templates/runtime/src/rt/standing.rs")),
            ("projected", include_str!("../templates/runtime/src/rt/project.rs")),
        ];
        for (name, text) in macros {
            let (_, body) = text.split_once(&format!("macro_rules! {name} {{")).unwrap();
            let (body, _) = body.split_once("\n}\n").unwrap();
            let methods: Vec<&str> =
                body.split("pub ").skip(1).filter_map(|item| item.split_once("fn ")).map(|(_, rest)| rest).collect();
            assert!(!methods.is_empty(), "{name}");
            for method in methods {
                let method = method.split(['(', '<']).next().unwrap();
                assert!(Builder::Call.methods().contains(&method), "`{method}` of {name}");
            }
        }
    }

    #[test]
    fn spec_names_become_identifiers() {
        for (text, camel, snake, file) in NAMES {
            assert_eq!(variant(text), *camel, "{text:?} as a type");
            assert_eq!(value(text), *snake, "{text:?} as a field");
            assert_eq!(module(text), *file, "{text:?} as a module");
        }
    }

    #[test]
    fn every_text_gives_an_identifier() {
        let odd = ["\u{0}", "a\u{200d}b", "\u{301}", "९", "ⅳ", "ŉ", "🦀", "a\nb", "r#type", "ª", "İ", "ǅ", "\u{e0100}x", "・"];
        for text in odd.iter().copied().chain(NAMES.iter().map(|(text, ..)| *text)).chain(KEYWORDS.iter().copied()) {
            for name in [variant(text), value(text), module(text), method(Builder::Call, text)] {
                assert!(syn::parse_str::<syn::Ident>(&name).is_ok(), "{text:?} became {name:?}");
            }
            assert!(module(text).is_ascii(), "{text:?}");
        }
    }

    #[test]
    fn methods_that_are_there_already_are_left_alone() {
        for builder in [Builder::Client, Builder::Inputs, Builder::Call] {
            for name in builder.methods() {
                assert_eq!(method(builder, name), format!("{name}_"), "{builder:?}");
            }
        }
        assert_eq!(method(Builder::Client, "items"), "items");
    }

    #[test]
    fn features_are_ones_that_cargo_takes() {
        let reserved = ["serde"].into();
        for (text, expected) in [
            ("issues", "issues"),
            ("Code scanning", "code-scanning"),
            ("serde", "serde-api"),
            ("type", "type"),
            ("3D", "n3d"),
            ("käse", "kue4se"),
            ("", "empty"),
        ] {
            assert_eq!(feature(text, &reserved), expected);
        }
    }

    #[test]
    fn packages_are_ones_that_cargo_takes() {
        for (text, expected) in [
            ("auth0", "auth0"),
            ("My API!", "my-api"),
            ("3scale", "api-3scale"),
            ("type", "type-api"),
            ("hyper_util", "hyper_util-api"),
            ("käse", "kue4se"),
            ("--", "connector"),
        ] {
            assert_eq!(package(text), expected);
        }
        assert_eq!(library("my-api"), "my_api");
        assert_eq!(environment("my-api", "clientId"), "MY_API__CLIENT_ID");
    }

    #[test]
    fn names_of_one_scope_differ() {
        let of = |reserved: &[&str], specs: &[&str], name: fn(&str) -> String| {
            distinct(reserved, specs.iter().map(|spec| (*spec, name(spec))))
        };
        assert_eq!(of(&[], &["_id", "id", "@id", "id_2"], value), ["id_3", "id", "id_4", "id_2"]);
        assert_eq!(of(&["body"], &["body", "Body"], value), ["body_2", "body_3"]);
        assert_eq!(of(&["Other"], &["asc", "ASC", "Other", "v1", "V1"], variant), ["Asc", "Asc2", "Other2", "V1_2", "V1"]);
        assert_eq!(of(&["Other"], &["self", "Self", "other"], variant), ["Self_", "Self2", "Other2"]);
        assert_eq!(of(&["Other"], &["other", "Other"], enum_variant), ["Other_", "Other2"]);
    }

    #[test]
    fn the_name_of_a_file_is_not_too_long() {
        let [one, two] = ["one", "two"].map(|end| module(&format!("{}-{end}", "名前".repeat(60))));
        assert!(one.len() < 120 && one.starts_with("u540du524d"), "{one}");
        assert_ne!(one, two);
        assert_eq!(module(&"x".repeat(100)), "x".repeat(100));
        let apart = module(&format!("{} yz", "x".repeat(99)));
        assert!(apart.starts_with("xx") && !apart.contains("__"), "{apart}: no snake case");
    }

    #[test]
    fn a_path_becomes_one_type_name() {
        assert_eq!(type_name(&["User", "identity", "user_id"]), "UserIdentityUserId");
        assert_eq!(type_name(&["ja3", "4"]), "Ja3_4");
    }
}

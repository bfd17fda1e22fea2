//! The runtime's files and dependencies: what a crate needs of them.
//!
//! There is no list of who needs what: a file needs those that it names `crate::rt::…`, and the dependencies whose names its
//! paths begin with. The runtime's own manifest says in which versions.

use std::collections::{BTreeMap, BTreeSet};

use crate::names::library;

/// A file of the runtime.
#[derive(Clone, Copy, Debug)]
pub struct RuntimeFile {
    /// Its module.
    pub name: &'static str,
    /// Its text, which is copied as it is.
    pub text: &'static str,
}

macro_rules! embedded {
    ($($name:literal)*) => {
        &[$(RuntimeFile { name: $name, text: include_str!(concat!("../../templates/runtime/src/rt/", $name, ".rs")) }),*]
    };
}

/// Every file of the runtime but `mod.rs`.
const FILES: &[RuntimeFile] = embedded! {
    "activity"
    "admission"
    "args"
    "asked"
    "auth"
    "batch"
    "batches"
    "blocking_driver"
    "blocking_items"
    "blocking_job_items"
    "body"
    "brotli"
    "builder"
    "calendar"
    "call"
    "carry"
    "cast"
    "cells"
    "checkpoint"
    "choice"
    "cli"
    "cli_config"
    "cli_plan"
    "cli_read"
    "cli_report"
    "cli_state"
    "cli_sync"
    "codec"
    "columnar"
    "columns"
    "condition"
    "content"
    "copy"
    "core"
    "csv"
    "cursor"
    "database"
    "descriptor"
    "destination"
    "destinations"
    "digest"
    "document"
    "download"
    "drift"
    "driver"
    "duckdb"
    "elements"
    "encode"
    "error"
    "exchange"
    "expr"
    "expr_date"
    "expr_decimal"
    "expr_number"
    "expr_text"
    "facts"
    "fault"
    "feed"
    "file"
    "folder"
    "folder_versions"
    "form"
    "gate"
    "gathering"
    "hash"
    "hyper"
    "incremental"
    "inputs"
    "items"
    "job"
    "job_batches"
    "job_file"
    "job_items"
    "job_listing"
    "job_run"
    "job_step"
    "job_told"
    "json_body"
    "json_write"
    "jwt"
    "kept"
    "keys"
    "known"
    "layout"
    "level"
    "limit"
    "link_header"
    "link_param"
    "list"
    "listing"
    "load"
    "login"
    "lookup"
    "manifest"
    "maybe"
    "message"
    "meter"
    "multipart"
    "naming"
    "ndjson"
    "nested"
    "notes"
    "oauth2"
    "object_client"
    "object_http"
    "object_store"
    "one_of"
    "open_enum"
    "origin"
    "page"
    "pager"
    "paging"
    "partition"
    "partition_by"
    "pattern"
    "pin"
    "postgres"
    "problem"
    "progress"
    "project"
    "reader"
    "record"
    "redacted"
    "refresh"
    "rejected"
    "rejects"
    "retry"
    "rows"
    "rules"
    "run"
    "scan"
    "secret"
    "select"
    "sent"
    "sequence"
    "session"
    "sieve"
    "skipped"
    "sql"
    "sqlite"
    "standing"
    "state"
    "steps"
    "store"
    "stream"
    "table_file"
    "tally"
    "template"
    "time"
    "token"
    "token_store"
    "trace"
    "tracker"
    "transport"
    "tree"
    "units"
    "ureq"
    "url"
    "value"
    "verdict"
    "versions"
    "wait"
    "walk"
    "window"
    "zstd"
};

/// The runtime's manifest.
const MANIFEST: &str = include_str!("../../templates/runtime/Cargo.toml");

/// What a crate needs of the runtime.
#[derive(Clone, Debug)]
pub struct Runtime {
    /// The files, by name.
    pub files: Vec<RuntimeFile>,
    /// The lines of `[dependencies]`.
    pub dependencies: Vec<&'static str>,
    /// What each feature turns on.
    pub features: Vec<(&'static str, Vec<&'static str>)>,
}

impl Runtime {
    /// What these texts need.
    #[must_use]
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let packages: BTreeMap<String, &'static str> = section("dependencies").map(|(name, _)| (library(name), name)).collect();
        let mut needed = BTreeSet::new();
        let mut dependencies: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = texts.into_iter().collect();
        while let Some(text) = open.pop() {
            dependencies.extend(first_names(text, |name| packages.contains_key(name)).filter_map(|name| packages.get(name)));
            for file in named_files(text) {
                if needed.insert(file.name) {
                    open.push(file.text);
                }
            }
        }
        let features = section("features").filter(|(name, _)| *name != "default").map(|(name, line)| {
            let parts = line.split('"').skip(1).step_by(2);
            let held = |part: &&str| {
                let dependency = part.strip_prefix("dep:").or(part.split('/').next()).unwrap_or(part);
                dependencies.contains(dependency) || section("features").any(|(feature, _)| feature == *part)
            };
            (name, parts.filter(held).collect())
        });
        Self {
            files: FILES.iter().filter(|file| needed.contains(file.name)).copied().collect(),
            features: features.collect(),
            dependencies: section("dependencies").filter(|(name, _)| dependencies.contains(name)).map(|(_, line)| line).collect(),
        }
    }

    /// Whether a file is among them.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.files.iter().any(|file| file.name == name)
    }
}

/// The names that features and dependencies of the runtime have, and the feature of the tests.
pub(super) fn reserved() -> impl Iterator<Item = &'static str> {
    section("features").chain(section("dependencies")).map(|(name, _)| name).chain(["hostile"])
}

/// The files of the runtime that a text names.
fn named_files(text: &str) -> impl Iterator<Item = &'static RuntimeFile> {
    separators(text).filter(|at| text[..*at].ends_with("crate")).filter_map(|at| {
        let rest = text[at..].strip_prefix("::rt::")?;
        let end = rest.bytes().position(|byte| !is_part_of_name(byte)).unwrap_or(rest.len());
        FILES.iter().find(|file| file.name == &rest[..end])
    })
}

/// The crates among these that paths of a text, outside its comments, begin with.
fn first_names(text: &str, is_crate: impl Fn(&str) -> bool) -> impl Iterator<Item = &str> {
    separators(text).filter_map(move |at| {
        let before = &text[..at];
        let start = before.bytes().rposition(|byte| !is_part_of_name(byte)).map_or(0, |end| end + 1);
        let (rest, name) = before.split_at(start);
        let goes_on = rest.strip_suffix("::").is_some_and(|outer| outer.bytes().next_back().is_some_and(is_part_of_name));
        let line = || rest[rest.rfind('\n').map_or(0, |end| end + 1)..].trim_start();
        (!goes_on && is_crate(name) && !line().starts_with("//")).then_some(name)
    })
}

/// Where `::` stands in a text.
fn separators(text: &str) -> impl Iterator<Item = usize> {
    memchr::memmem::find_iter(text.as_bytes(), "::")
}

/// Whether a byte is one of a name; those of letters that are not ASCII are.
fn is_part_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// The lines of a section of the manifest, with the keys they begin with.
fn section(name: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let head = format!("[{name}]");
    let lines = MANIFEST.lines().skip_while(move |line| *line != head).skip(1).take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| Some((line.split_once('=')?.0.trim(), line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_runtime_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/runtime/src/rt");
        let mut found: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .filter(|name| name != "mod")
            .collect();
        found.sort();
        let held: Vec<&str> = FILES.iter().map(|file| file.name).collect();
        assert_eq!(held, found, "the list in {}", file!());
    }

    #[test]
    fn every_file_that_is_named_is_there() {
        for file in FILES {
            for rest in file.text.split("crate::rt::").skip(1) {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                let name = &rest[..end];
                assert!(name.is_empty() || FILES.iter().any(|held| held.name == name), "{} names `{name}`", file.name);
            }
        }
    }

    #[test]
    fn every_dependency_is_one_that_some_file_uses() {
        for (name, _) in section("dependencies") {
            assert!(
                FILES.iter().any(|file| first_names(file.text, |used| used == library(name)).next().is_some()),
                "no file uses `{name}`"
            );
        }
    }

    #[test]
    fn a_crate_is_seen_where_a_path_begins_with_it() {
        for (text, expected) in [
            ("use jiff::Timestamp;", true),
            ("derive(serde::Serialize)", false),
            ("let x = ::jiff::civil::date(1, 2, 3);", true),
            ("use crate::rt::jiff::Timestamp;", false),
            ("use my_jiff::Timestamp;", false),
            ("// jiff::Timestamp", false),
        ] {
            assert_eq!(first_names(text, |name| name == "jiff").next().is_some(), expected, "{text}");
        }
    }

    #[test]
    fn only_what_is_used_is_taken() {
        let runtime = Runtime::of(["use crate::rt::fault::Fault;"]);
        assert_eq!(runtime.files.iter().map(|file| file.name).collect::<Vec<_>>(), ["fault"]);
        assert!(runtime.dependencies.is_empty(), "{:?}", runtime.dependencies);
        let runtime = Runtime::of(["use crate::rt::time::Timestamp;"]);
        assert!(runtime.has("reader") && !runtime.has("value"));
        assert!(runtime.dependencies.iter().any(|line| line.starts_with("jiff = ")));
    }
}

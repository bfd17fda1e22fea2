//! The reference of the language as Markdown, a view of its one table.

#[cfg(test)]
mod examples;

use std::fmt::Write as _;

use crate::native::language::{FIELD, Key, Kind, SCHEMA, SPEC, Section, Tagged, Word};

/// What stands before the sections: how a spec is written, and what every text in it may hold.
const INTRODUCTION: &str = include_str!("introduction.md");

/// The reference of the language, as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut writer = Writer::default();
    writer.open.push(Part::Section(&SPEC));
    let mut text = INTRODUCTION.to_owned();
    while let Some(part) = writer.open.pop() {
        let (held, written) = (writer.open.len(), writer.part(&part));
        // What a part refers to follows it, in the order in which it does.
        writer.open[held..].reverse();
        text.push_str(&written);
    }
    text
}

/// What has a heading of its own.
enum Part {
    Section(&'static Section),
    /// A section that the key `type` chooses, with the type's spellings.
    Variant(&'static Section, String),
    Tagged(&'static Tagged),
}

/// Writes each part once; parts refer to each other.
#[derive(Default)]
struct Writer {
    open: Vec<Part>,
    met: Vec<&'static str>,
}

impl Writer {
    fn part(&mut self, part: &Part) -> String {
        match part {
            Part::Section(section) => self.section(section, 2, ""),
            Part::Variant(section, types) => self.section(section, 3, types),
            Part::Tagged(tagged) => self.tagged(tagged),
        }
    }

    fn section(&mut self, section: &'static Section, level: usize, types: &str) -> String {
        let mut text = format!("\n{} {}\n\n{}{}\n", "#".repeat(level), capitalised(section.name), types, cell(section.doc));
        if !section.keys.is_empty() {
            text.push_str("\n| key | takes | meaning | example |\n|---|---|---|---|\n");
        }
        for key in section.keys {
            let _ = writeln!(text, "{}", self.row(key));
        }
        text
    }

    fn row(&mut self, key: &'static Key) -> String {
        let required = if key.required { " **required**" } else { "" };
        let aliases: Vec<String> = key.aliases.iter().map(|alias| format!("`{alias}`")).collect();
        let aliases = if aliases.is_empty() { String::new() } else { format!(" (also {})", aliases.join(", ")) };
        let example = key.sample().map(|example| format!("`{}`", cell(&example))).unwrap_or_default();
        format!("| `{}`{aliases}{required} | {} | {} | {example} |", key.name, self.takes(&key.kind), cell(key.doc))
    }

    fn tagged(&mut self, tagged: &'static Tagged) -> String {
        let mut text = format!("\n## {}\n\nThe key `type` says which of these it is", capitalised(tagged.name));
        if let Some(default) = tagged.default {
            let _ = write!(text, "; `{default}` where it is absent");
        }
        text.push_str(if tagged.shorthand { ". A type alone may stand in place of the map.\n\n" } else { ".\n\n" });
        for variant in tagged.variants {
            let _ = writeln!(text, "- `{}`: {}", variant.name, cell(variant.section.doc));
        }
        // Several types may have one section.
        let mut sections: Vec<(&'static Section, Vec<&str>)> = Vec::new();
        for variant in tagged.variants {
            let names = std::iter::once(variant.name).chain(variant.aliases.iter().copied());
            match sections.iter_mut().find(|(section, _)| section.name == variant.section.name) {
                Some((_, all)) => all.extend(names),
                None => sections.push((variant.section, names.collect())),
            }
        }
        for (section, names) in sections.into_iter().filter(|(section, _)| !section.keys.is_empty()) {
            let types = format!("`type: {}`. ", names.join("`, `"));
            self.later(section.name, || Part::Variant(section, types));
        }
        text
    }

    /// What a key takes, in words.
    fn takes(&mut self, kind: &'static Kind) -> String {
        match kind {
            Kind::Text => "text".to_owned(),
            Kind::Count => "whole number".to_owned(),
            Kind::Number => "number".to_owned(),
            Kind::Boolean => "`true` or `false`".to_owned(),
            Kind::Duration => "duration".to_owned(),
            Kind::Size => "size".to_owned(),
            Kind::Word(words) => words.iter().map(word).collect::<Vec<_>>().join(", "),
            Kind::List(element) => format!("list of {}", self.takes(element)),
            Kind::Map(values) => format!("map of {}", self.takes(values)),
            Kind::Section(section) => {
                self.later(section.name, || Part::Section(section));
                link(section.name)
            }
            Kind::Tagged(tagged) => {
                self.later(tagged.name, || Part::Tagged(tagged));
                link(tagged.name)
            }
            Kind::Schema => {
                self.later(SCHEMA.name, || Part::Section(&SCHEMA));
                self.later(FIELD.name, || Part::Section(&FIELD));
                link(SCHEMA.name)
            }
            Kind::Either(kinds) => kinds.iter().map(|kind| self.takes(kind)).collect::<Vec<_>>().join(" or "),
            Kind::Json => "JSON".to_owned(),
            Kind::Empty(_) => "an empty list".to_owned(),
            Kind::Ignored(_) => "anything".to_owned(),
            Kind::Python(_) => "nothing".to_owned(),
        }
    }

    fn later(&mut self, name: &'static str, part: impl FnOnce() -> Part) {
        if name != SPEC.name && !self.met.contains(&name) {
            self.met.push(name);
            self.open.push(part());
        }
    }
}

fn word(word: &Word) -> String {
    let aliases: Vec<String> = word.aliases.iter().map(|alias| format!("`{alias}`")).collect();
    if aliases.is_empty() { format!("`{}`", word.name) } else { format!("`{}` (also {})", word.name, aliases.join(", ")) }
}

/// A link to a heading, by the rules of the places that show Markdown: lower case, spaces to dashes, no other signs.
fn link(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect();
    format!("[{name}](#{anchor})")
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_leads_to_a_heading() {
        let text = markdown();
        let anchors: Vec<String> = text
            .lines()
            .filter_map(|line| Some(link(line.strip_prefix("##")?.trim_start_matches('#').trim())))
            .filter_map(|link| Some(link.split_once("](")?.1.to_owned()))
            .collect();
        for target in text.split("](#").skip(1) {
            let target = target.split_inclusive(')').next().unwrap_or_default();
            assert!(anchors.contains(&format!("#{target}")), "nothing is called #{target}");
        }
    }

    #[test]
    fn the_committed_reference_is_this_one() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/spec.md");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == markdown(), "docs/spec.md is out of date; run\n  cargo run -- reference > docs/spec.md");
    }
}

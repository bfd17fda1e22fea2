//! The decisions as a table, for people.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{Decisions, From, Paginator, Resource, yaml};
use crate::model::Path;

/// A column is no wider than this; what is longer pushes the rest of its row aside.
const WIDEST: usize = 48;

/// A line of a table, and what is said below it.
pub(super) struct Line {
    pub(super) cells: [String; 6],
    pub(super) notes: Vec<String>,
}

/// Values, each on a line of its own.
pub(super) fn lines(values: impl Iterator<Item = Value>) -> String {
    values.fold(String::new(), |mut text, value| {
        let _ = writeln!(text, "{value}");
        text
    })
}

/// A table with a headline, its columns one below the other.
pub(super) fn layout(lines: &[Line]) -> String {
    let headline = ["operation", "resource", "records", "key", "pages", "confidence"].map(str::to_owned);
    let rows = || std::iter::once(&headline).chain(lines.iter().map(|line| &line.cells));
    let width = |column: usize| rows().map(|row| row[column].chars().count()).filter(|width| *width <= WIDEST).max().unwrap_or(0);
    let widths: Vec<usize> = (0..headline.len()).map(width).collect();
    let aligned = |row: &[String; 6]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    };
    let mut text = aligned(&headline);
    for line in lines {
        text += &aligned(&line.cells);
        text.extend(line.notes.iter().map(|note| format!("    {note}\n")));
    }
    text
}

impl Decisions {
    /// The resources, then the operations that look like lists and stay calls, each with the reasons below it.
    #[must_use]
    pub fn to_table(&self) -> String {
        let lines: Vec<Line> =
            self.resources.iter().map(|resource| Line { cells: row(resource), notes: reasons(resource) }).collect();
        let mut text = layout(&lines);
        if !self.left.is_empty() {
            text += "\nThese look like lists, and stay calls:\n";
            for left in &self.left {
                let _ = writeln!(text, "{} {}\n    {}", left.method.as_str(), left.path, left.reason);
            }
        }
        let _ = writeln!(
            text,
            "\n{} resources, {} operations that look like lists and stay calls",
            self.resources.len(),
            self.left.len()
        );
        text
    }

    /// The same for programs: one object a line.
    #[must_use]
    pub fn to_json_lines(&self) -> String {
        let resources = self.resources.iter().map(object);
        let left = self.left.iter().map(|left| {
            json!({
                "operation": format!("{} {}", left.method.as_str(), left.path),
                "left": left.reason,
                "confidence": round(left.confidence),
            })
        });
        lines(resources.chain(left))
    }
}

fn row(resource: &Resource) -> [String; 6] {
    [
        format!("{} {}", resource.method.as_str(), resource.path),
        resource.name.clone(),
        selectors(&resource.selector.value).join(", "),
        resource.key.as_ref().map(|key| key.value.join(", ")).unwrap_or_default(),
        pages(&resource.paginator.value),
        format!("{:.2}", resource.confidence()),
    ]
}

fn selectors(paths: &[Path]) -> Vec<String> {
    paths.iter().map(yaml::path).collect()
}

/// A paginator in a few words: its style, what it sends and where that comes from.
fn pages(paginator: &Paginator) -> String {
    let slot = paginator.slot.as_ref().map(|slot| format!(" {slot}")).unwrap_or_default();
    let from = source(paginator).map(|from| format!(" <- {from}")).unwrap_or_default();
    format!("{}{slot}{from}", paginator.style.word())
}

/// Where what leads to the next page comes from.
fn source(paginator: &Paginator) -> Option<String> {
    match &paginator.from {
        From::Page(path) | From::Record(path) => Some(yaml::path(path)),
        From::Header(name) => Some(name.clone()),
        From::Nothing => None,
    }
}

fn reasons(resource: &Resource) -> Vec<String> {
    let mut reasons = vec![
        format!("records: {} ({:.2})", resource.selector.reason, resource.selector.confidence),
        format!("pages: {} ({:.2})", resource.paginator.reason, resource.paginator.confidence),
    ];
    reasons.extend(resource.key.as_ref().map(|key| format!("key: {} ({:.2})", key.reason, key.confidence)));
    reasons.extend(resource.parents.iter().map(|parent| format!("parent: {} ({:.2})", parent.reason, parent.confidence)));
    reasons.extend(resource.incremental.as_ref().map(|it| format!("incremental: {} ({:.2})", it.reason, it.confidence)));
    reasons
}

fn object(resource: &Resource) -> Value {
    let paginator = &resource.paginator.value;
    let stop = &paginator.stop;
    let place = |path: &Option<Path>| path.as_ref().map(yaml::path);
    json!({
        "operation": format!("{} {}", resource.method.as_str(), resource.path),
        "resource": resource.name,
        "selector": selectors(&resource.selector.value),
        "key": resource.key.as_ref().map(|key| key.value.clone()).unwrap_or_default(),
        "paginator": {
            "style": paginator.style.word(),
            "param": paginator.slot.as_ref().map(ToString::to_string),
            "from": source(paginator),
            "first": paginator.first,
            "size": paginator.size.as_ref().map(|size| size.slot.to_string()),
            "total": place(&stop.total),
            "total_pages": place(&stop.total_pages),
            "has_more": place(&stop.has_more),
            "is_last": place(&stop.is_last),
            "confidence": round(resource.paginator.confidence),
        },
        "parents": resource.parents.iter().map(|it| format!("{}.{}", it.value.resource, it.value.field)).collect::<Vec<_>>(),
        "incremental": resource.incremental.as_ref().map(|it| json!({"field": it.value.field, "start": it.value.start, "end": it.value.end})),
        "confidence": round(resource.confidence()),
        "reasons": reasons(resource),
    })
}

/// Two digits are what a confidence is worth.
fn round(confidence: f32) -> f64 {
    (f64::from(confidence) * 100.0).round() / 100.0
}

//! The decisions as a table, for people.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{Decisions, From, Paginator, Resource, yaml};
use crate::model::Path;

/// A column is no wider than this; what is longer pushes the rest of its row aside.
const WIDEST: usize = 48;

impl Decisions {
    /// The resources, then the operations that look like lists and stay calls, each with the reasons below it.
    #[must_use]
    pub fn to_table(&self) -> String {
        let mut rows = vec![["operation", "resource", "records", "key", "pages", "confidence"].map(str::to_owned)];
        rows.extend(self.resources.iter().map(row));
        let width = |column: usize| {
            rows.iter().map(|row| row[column].chars().count()).filter(|width| *width <= WIDEST).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..6).map(width).collect();
        let mut text = String::new();
        for (at, row) in rows.iter().enumerate() {
            let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            let _ = writeln!(text, "{}", cells.join("  ").trim_end());
            if let Some(resource) = at.checked_sub(1).and_then(|at| self.resources.get(at)) {
                for reason in reasons(resource) {
                    let _ = writeln!(text, "    {reason}");
                }
            }
        }
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
        resources.chain(left).map(|line| format!("{line}\n")).collect()
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
    let mut text = paginator.style.word().to_owned();
    if let Some(slot) = &paginator.slot {
        text += &format!(" {slot}");
    }
    match &paginator.from {
        From::Page(path) | From::Record(path) => text += &format!(" <- {}", yaml::path(path)),
        From::Header(name) => text += &format!(" <- {name}"),
        From::Nothing => {}
    }
    text
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
            "from": match &paginator.from {
                From::Page(path) | From::Record(path) => Some(yaml::path(path)),
                From::Header(name) => Some(name.clone()),
                From::Nothing => None,
            },
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

//! A diff as people and tools read it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Bump, Change, Effect, Level, Release, Verdict, diff, diff_locks};
use crate::lock::Lock;
use crate::model::Api;

/// What changes between two versions, and what it asks of the version.
#[derive(Clone, Debug)]
pub struct Report {
    /// What people call the API.
    pub name: String,
    /// The changes, in the order of the spec.
    pub changes: Vec<Change>,
    /// The versions, where both sides name one.
    pub release: Option<Release>,
    /// Whether no more than digests were compared.
    pub is_digests: bool,
}

impl Report {
    /// What changes between two versions of an API.
    #[must_use]
    pub fn of_specs(old: &Api, new: &Api) -> Self {
        let changes = diff(old, new);
        let bump = changes.iter().map(Change::bump).max().unwrap_or_default();
        let release = Release::new(old.version(), new.version(), bump);
        Self { name: new.name.value.clone(), changes, release, is_digests: false }
    }

    /// What two locks tell of the changes of an API.
    #[must_use]
    pub fn of_locks(name: &str, old: &Lock, new: &Lock) -> Self {
        Self { name: name.to_owned(), changes: diff_locks(old, new), release: None, is_digests: true }
    }

    /// By how much a version has to grow, before the rules for versions below 1.0.
    #[must_use]
    pub fn bump(&self) -> Bump {
        self.changes.iter().map(Change::bump).max().unwrap_or_default()
    }

    /// The report for a pull request.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = format!("### `{}`: {}\n\n{}\n", self.name, self.count(), self.summary());
        if self.changes.is_empty() {
            return text;
        }
        let titles = Level::ALL.map(Level::title).join(" | ");
        // Writing to a `String` can not fail.
        let _ = writeln!(text, "\n| where | what | {titles} |\n|---|---|---|---|---|---|");
        for change in self.sorted() {
            let cells = Level::ALL.map(|level| cell(&change.effect(level)));
            let _ = writeln!(text, "| `{}` | {} | {} |", escape(&change.path), escape(&change.what), cells.join(" | "));
        }
        text
    }

    /// The report for a terminal.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for change in self.sorted() {
            let _ = writeln!(text, "{}: {}", change.path, change.what);
            for level in Level::ALL {
                let Effect { verdict, reason } = change.effect(level);
                if verdict != Verdict::None {
                    let _ = writeln!(text, "  {:<9} {:<9} {reason}", level.title(), verdict.as_str());
                }
            }
        }
        let _ = writeln!(text, "{}: {}. {}", self.name, self.count(), self.summary());
        text
    }

    /// The report for tools: a JSON object a change, and one that sums up.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut lines: Vec<String> = self.changes.iter().map(|change| object(change).to_string()).collect();
        let release = self.release.as_ref();
        let summary = json!({
            "summary": {
                "name": self.name,
                "changes": self.changes.len(),
                "breaking": self.breaking(),
                "bump": release.map_or(self.bump(), |release| release.bump).as_str(),
                "old": release.map(|release| release.old.to_string()),
                "new": release.map(|release| release.new.to_string()),
                "needed": release.map(|release| release.needed.to_string()),
                "declared": release.map(Release::is_declared),
                "digests_only": self.is_digests,
            }
        });
        lines.push(summary.to_string());
        lines.join("\n") + "\n"
    }

    /// What is to be known first: what breaks, before all else.
    fn sorted(&self) -> Vec<&Change> {
        let mut changes: Vec<&Change> = self.changes.iter().collect();
        changes.sort_by_key(|change| (std::cmp::Reverse(change.bump()), !change.is_breaking()));
        changes
    }

    fn breaking(&self) -> usize {
        self.changes.iter().filter(|change| change.bump() == Bump::Major).count()
    }

    fn count(&self) -> String {
        match (self.changes.len(), self.breaking()) {
            (0, _) => "no changes".to_owned(),
            (1, 0) => "1 change".to_owned(),
            (1, _) => "1 change, which breaks".to_owned(),
            (all, 0) => format!("{all} changes"),
            (all, breaking) => format!("{all} changes, {breaking} of which break"),
        }
    }

    fn summary(&self) -> String {
        if self.is_digests {
            return "A lock has digests alone: what differs is known, how it differs is not, and neither is what the version has \
                    to be."
                .to_owned();
        }
        let Some(release) = &self.release else { return format!("The bump needed is {}.", self.bump().as_str()) };
        let Release { old, new, needed, bump } = release;
        match (bump, release.is_declared()) {
            (Bump::None, _) => format!("{old} to {new}: no bump is needed."),
            (bump, true) => format!("{old} to {new}: the bump needed is {}, to {needed} or more.", bump.as_str()),
            (bump, false) => format!("{old} to {new} is too little: the bump needed is {}, to {needed} or more.", bump.as_str()),
        }
    }
}

fn object(change: &Change) -> Value {
    let mut object = json!({ "path": change.path, "what": change.what, "bump": change.bump().as_str() });
    for level in Level::ALL {
        let Effect { verdict, reason } = change.effect(level);
        object[level.key()] = json!({ "verdict": verdict.as_str(), "reason": reason });
    }
    object["checkpoints"] = json!(change.checkpoints);
    object["states"] = json!(change.states);
    object
}

/// An effect in a table. Words carry the verdict, not colours.
fn cell(effect: &Effect) -> String {
    match effect.verdict {
        Verdict::None => "–".to_owned(),
        Verdict::Breaking => format!("**breaking**: {}", escape(&effect.reason)),
        verdict => format!("{}: {}", verdict.as_str(), escape(&effect.reason)),
    }
}

/// A text in a table's cell.
fn escape(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

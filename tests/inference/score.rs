//! How well what is worked out of a document agrees with what people say of it.

use std::fmt;
use std::ops::AddAssign;

use tapwright::infer::{Decisions, From, HIGH, Resource, Style};
use tapwright::model::{Path, Segment};

use crate::labels::{Label, Labels, Paginator};

/// How often something was said, and rightly, and how often there was something to say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Share {
    pub right: usize,
    pub said: usize,
    pub all: usize,
}

impl Share {
    pub fn precision(&self) -> f64 {
        share(self.right, self.said)
    }

    pub fn recall(&self) -> f64 {
        share(self.right, self.all)
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are not that many operations")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

impl AddAssign for Share {
    fn add_assign(&mut self, other: Self) {
        self.right += other.right;
        self.said += other.said;
        self.all += other.all;
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:4}/{:4} {:5.1} {:5.1}", self.right, self.said, 100.0 * self.precision(), 100.0 * self.recall())
    }
}

/// How a document was read.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// Lists, with where their records are.
    pub lists: Share,
    pub keys: Share,
    pub paginators: Share,
    /// Lists of which nothing that was said is wrong.
    pub whole: Share,
    /// What is wrong, in words.
    pub faults: Vec<String>,
    /// Paginators that are wrong, and said to be sure.
    pub sure_faults: Vec<String>,
}

impl Score {
    /// Compares decisions with labels.
    pub fn new(labels: &Labels, decisions: &Decisions) -> Self {
        let mut score = Self::default();
        for resource in &decisions.resources {
            let operation = format!("{} {}", resource.method.as_str(), resource.path);
            match labels.operations.get(&operation) {
                Some(label) => score.add(&operation, label, resource),
                None if labels.counts(&operation) => {
                    score.lists.said += 1;
                    score.whole.said += 1;
                    score.faults.push(format!("{operation}: no list ({:.2})", resource.confidence()));
                }
                None => {}
            }
        }
        for label in labels.operations.values().filter(|label| label.is_told()) {
            score.lists.all += 1;
            score.keys.all += usize::from(!label.key.is_empty());
            score.paginators.all += 1;
            score.whole.all += 1;
        }
        let is_missing = |operation: &&String| {
            !decisions.resources.iter().any(|it| format!("{} {}", it.method.as_str(), it.path) == **operation)
        };
        for (operation, _) in labels.operations.iter().filter(|(name, label)| label.is_told() && is_missing(name)) {
            let left = decisions.left.iter().find(|it| format!("{} {}", it.method.as_str(), it.path) == *operation);
            let reason = left.map_or("nothing was seen", |left| &left.reason);
            score.faults.push(format!("{operation}: missing ({reason})"));
        }
        score
    }

    fn add(&mut self, operation: &str, label: &Label, resource: &Resource) {
        let faults = self.faults.len();
        self.compare(operation, label, resource);
        self.whole.said += 1;
        self.whole.right += usize::from(self.faults.len() == faults);
    }

    fn compare(&mut self, operation: &str, label: &Label, resource: &Resource) {
        let mut fault = |what: &str, found: String, expected: String| {
            self.faults.push(format!("{operation}: {what} {found} instead of {expected} ({:.2})", resource.confidence()));
        };
        let selectors: Vec<String> = resource.selector.value.iter().map(plain).collect();
        self.lists.said += 1;
        if selectors.contains(&label.selector) {
            self.lists.right += 1;
        } else {
            fault("selector", selectors.join(", "), label.selector.clone());
        }
        if let Some(key) = &resource.key {
            self.keys.said += 1;
            if key.value.iter().all(|field| label.key.contains(field)) {
                self.keys.right += 1;
            } else {
                fault("key", key.value.join(", "), label.key.join(", "));
            }
        }
        self.paginators.said += 1;
        if label.paginators().any(|right| agrees(right, resource)) {
            self.paginators.right += 1;
        } else {
            let found = &resource.paginator.value;
            let found = format!("{} {:?} {:?}", found.style.word(), found.slot, found.from);
            let said = format!("{operation}: paginator {found} instead of {:?} ({:.2})", label.paginator, resource.confidence());
            if resource.confidence() >= HIGH {
                self.sure_faults.push(said.clone());
            }
            self.faults.push(said);
        }
    }
}

impl AddAssign<&Score> for Score {
    fn add_assign(&mut self, other: &Score) {
        self.lists += other.lists;
        self.keys += other.keys;
        self.paginators += other.paginators;
        self.whole += other.whole;
        self.faults.extend_from_slice(&other.faults);
        self.sure_faults.extend_from_slice(&other.sure_faults);
    }
}

/// A place as labels write it: the keys, with dots between them.
fn plain(path: &Path) -> String {
    let step = |segment: &Segment| match segment {
        Segment::Key(key) => key.clone(),
        Segment::Index(index) => index.to_string(),
    };
    if path.0.is_empty() { "$".to_owned() } else { path.0.iter().map(step).collect::<Vec<_>>().join(".") }
}

/// Whether a paginator is what people say it is. What they leave out and is said all the same does not count.
fn agrees(right: &Paginator, resource: &Resource) -> bool {
    let found = &resource.paginator.value;
    let style = if found.style == Style::SinglePage { "none" } else { found.style.word() };
    let from = match &found.from {
        From::Nothing => None,
        From::Page(path) | From::Record(path) => Some(plain(path)),
        From::Header(name) => Some(name.clone()),
    };
    let same = |right: &Option<String>, found: Option<String>| match (right, found) {
        (Some(right), Some(found)) => *right == found,
        _ => true,
    };
    let stop = &found.stop;
    right.style == style
        && same(&right.param, found.slot.as_ref().map(ToString::to_string))
        && (same(&right.from, from))
        && same(&right.size, found.size.as_ref().map(|size| size.slot.to_string()))
        && same(&right.total, stop.total.as_ref().map(plain))
        && same(&right.total_pages, stop.total_pages.as_ref().map(plain))
        && same(&right.more, stop.has_more.as_ref().map(plain))
}

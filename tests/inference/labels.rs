//! What people say of the lists in real documents, written down before the inference was asked.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A document as people read it.
#[derive(Debug, Deserialize)]
pub struct Labels {
    /// Whether only some of its lists are labelled; otherwise all are.
    sample: bool,
    note: String,
    /// Its lists, by method and path.
    pub operations: BTreeMap<String, Label>,
    /// Operations that are no lists: in a sample those that count, otherwise some of them.
    not_lists: Vec<String>,
}

/// A list.
#[derive(Debug, Deserialize)]
pub struct Label {
    pub selector: String,
    /// The fields that tell records apart; where it names several, some of them may do.
    pub key: Vec<String>,
    pub paginator: Paginator,
    /// What is right as well.
    #[serde(default)]
    pub also: Vec<Paginator>,
}

/// A way from one page to the next; `unknown` where the document does not tell.
#[derive(Debug, Deserialize)]
pub struct Paginator {
    pub style: String,
    pub param: Option<String>,
    pub from: Option<String>,
    pub size: Option<String>,
    pub total: Option<String>,
    pub total_pages: Option<String>,
    pub more: Option<String>,
}

impl Labels {
    /// Whether it counts what is said of this operation.
    pub fn counts(&self, operation: &str) -> bool {
        let is_labelled = self.operations.contains_key(operation);
        let is_known = is_labelled || self.not_lists.iter().any(|other| other == operation);
        // What the note names and nobody labelled is in doubt.
        is_known || !self.sample && !self.is_in_doubt(operation)
    }

    fn is_in_doubt(&self, operation: &str) -> bool {
        self.note.match_indices(operation).any(|(at, _)| {
            let rest = &self.note[at + operation.len()..];
            rest.is_empty() || rest.starts_with([' ', ';', ',', '.', ')'])
        })
    }
}

impl Label {
    /// All ways that are right.
    pub fn paginators(&self) -> impl Iterator<Item = &Paginator> {
        std::iter::once(&self.paginator).chain(&self.also)
    }

    /// Whether anybody could tell from the document how the list pages.
    pub fn is_told(&self) -> bool {
        self.paginator.style != "unknown"
    }
}

/// The labels, by the names of the documents.
pub fn read() -> BTreeMap<String, Labels> {
    serde_json::from_str(include_str!("../labels/labels.json")).expect("the labels are well-formed")
}

/// Whether a document is held out: rules are made without a look at it.
pub fn is_held_out(name: &str) -> bool {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (hash >> 32) % 3 == 0
}

//! Which keys a map may have, and in which order: the language's table, looked at by form alone.

use crate::native::language::{Kind, Section};
use crate::native::shape::FIELDS;

/// The order of the keys of a map.
#[derive(Clone, Copy)]
pub(super) struct Order {
    pub(super) section: &'static Section,
    /// Whether `type` comes before them.
    pub(super) has_type: bool,
}

impl Order {
    /// The place of a key; unknown ones come last, in the order of the text.
    pub(super) fn rank(self, key: &str) -> usize {
        match key {
            "<<" => 0,
            "type" if self.has_type => 1,
            _ => self.section.keys.iter().position(|known| known.is(key)).map_or(usize::MAX, |at| at + 2),
        }
    }

    pub(super) fn kind(self, key: &str) -> Option<&'static Kind> {
        self.section.key(key).map(|key| &key.kind)
    }
}

/// Whether a kind takes a map.
pub(super) fn takes_maps(kind: &Kind) -> bool {
    match kind {
        Kind::Map(_) | Kind::Section(_) | Kind::Tagged(_) | Kind::Schema => true,
        Kind::Either(kinds) => kinds.iter().any(takes_maps),
        _ => false,
    }
}

/// The kind of the values of a map with free keys.
pub(super) fn values(kind: &'static Kind) -> Option<&'static Kind> {
    match kind {
        Kind::Map(values) => Some(values),
        Kind::Schema => match &FIELDS {
            Kind::Map(values) => Some(values),
            _ => None,
        },
        Kind::Either(kinds) => kinds.iter().find(|kind| takes_maps(kind)).and_then(values),
        _ => None,
    }
}

/// The kind of the elements of a list.
pub(super) fn elements(kind: &'static Kind) -> Option<&'static Kind> {
    match kind {
        Kind::List(element) => Some(element),
        Kind::Either(kinds) => kinds.iter().find_map(elements),
        _ => None,
    }
}

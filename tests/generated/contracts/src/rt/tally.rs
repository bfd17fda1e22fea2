//! What was counted of records that are not as their schema says, path by path, and within bounds.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::rt::fault::{Fault, FaultKind, Step};
use crate::rt::json_write;

/// How many paths are told apart; all others count as one.
pub const PATHS: u16 = 256;

/// How many values of an enum are kept for a path.
pub const VALUES: usize = 8;

/// Names and values of more bytes than this are not kept.
pub const TEXT: usize = 64;

/// The path that stands for all others.
pub const OTHER: &str = "(other)";

/// The path of a record itself.
const ROOT: &str = "$";

/// A step into an array.
pub const ELEMENTS: &str = "[]";

/// A step to any member of an object whose keys are data.
pub const ANY: &str = "*";

/// In which way a record is not as its schema says.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum DriftKind {
    /// A field that the schema does not know.
    UnknownField,
    /// A value of an enum that the schema does not list.
    NewEnumValue,
    /// A null, or nothing, where the schema says that there is a value.
    Null,
    /// A value of another type.
    Mismatch,
}

impl DriftKind {
    /// All of them, in the order of their discriminants.
    const ALL: [Self; 4] = [Self::UnknownField, Self::NewEnumValue, Self::Null, Self::Mismatch];

    /// Its name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownField => "unknown_field",
            Self::NewEnumValue => "new_enum_value",
            Self::Null => "null",
            Self::Mismatch => "mismatch",
        }
    }
}

/// The types of JSON values, by the names that JSON Schema has for them; `absent` stands for no value at all.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct JsonTypes(u8);

impl JsonTypes {
    const NAMES: [&'static str; 8] = ["null", "boolean", "integer", "number", "string", "array", "object", "absent"];
    /// `null`.
    pub const NULL: Self = Self(1);
    /// A string.
    pub const STRING: Self = Self(1 << 4);
    /// No value.
    pub const ABSENT: Self = Self(1 << 7);

    /// The type of the value that a text begins with; none if it begins with no value.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let bit = match text.first() {
            Some(b'n') => 0,
            Some(b't' | b'f') => 1,
            Some(b'-' | b'0'..=b'9') => {
                let rest = text.iter().find(|byte| !matches!(byte, b'-' | b'0'..=b'9'));
                2 + u8::from(matches!(rest, Some(b'.' | b'e' | b'E')))
            }
            Some(b'"') => 4,
            Some(b'[') => 5,
            Some(b'{') => 6,
            _ => return Self::default(),
        };
        Self(1 << bit)
    }

    /// These and others.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Their names.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().enumerate().filter(move |(bit, _)| self.0 >> bit & 1 == 1).map(|(_, name)| name)
    }
}

/// What was counted, path by path.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many records were read, those that do not fit included.
    pub records: u64,
    places: Vec<Place>,
    /// The place that was looked up last: services keep to an order.
    last: u16,
}

/// A path, and what was counted there.
#[derive(Clone, Debug, Default)]
struct Place {
    parent: u16,
    name: Box<str>,
    children: BTreeMap<Box<str>, u16>,
    counts: [u64; 4],
    types: [JsonTypes; 4],
    values: Vec<String>,
}

/// What was counted of one kind at one path.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The path, such as `identities[].provider`.
    pub path: String,
    /// The kind.
    pub kind: DriftKind,
    /// How often.
    pub count: u64,
    /// The types of the values.
    pub types: JsonTypes,
    /// Some of the values, where they may be shown.
    pub values: Vec<String>,
}

impl Tally {
    /// Counts a fault in the text of a record, which is empty where nobody has it.
    #[cold]
    pub fn note(&mut self, fault: &Fault, text: &str) {
        let root = self.root();
        if let Some((place, kind, types)) = self.unfit(root, fault, text) {
            self.count(place, kind, types, None);
        }
    }

    /// What a fault within the value at a place is: where, of which kind, and the type that was found.
    pub fn unfit(&mut self, place: u16, fault: &Fault, text: &str) -> Option<(u16, DriftKind, JsonTypes)> {
        let found = JsonTypes::of(text.as_bytes().get(fault.offset()..).unwrap_or_default());
        let (kind, types) = match fault.kind() {
            FaultKind::Type | FaultKind::Missing if found == JsonTypes::NULL => (DriftKind::Null, found),
            FaultKind::Type => (DriftKind::Mismatch, found),
            FaultKind::Missing => (DriftKind::Null, JsonTypes::ABSENT),
            FaultKind::Syntax | FaultKind::Unknown | FaultKind::Refused => return None,
        };
        let place = fault.steps().fold(place, |place, step| match step {
            Step::Key(Cow::Borrowed(key)) => self.child(place, key),
            // Not a key of the schema, but one of the data.
            Step::Key(Cow::Owned(_)) => self.child(place, ANY),
            Step::Index(_) => self.child(place, ELEMENTS),
        });
        Some((place, kind, types))
    }

    /// The place of a record itself.
    pub fn root(&mut self) -> u16 {
        if self.places.is_empty() {
            self.places.push(Place::default());
        }
        0
    }

    /// The place one step further.
    pub fn child(&mut self, parent: u16, name: &str) -> u16 {
        if parent == PATHS {
            return PATHS;
        }
        let next = if usize::from(self.last) + 1 < self.places.len() { self.last + 1 } else { 1 };
        let is_next = |place: &Place| place.parent == parent && *place.name == *name;
        let known = if self.places.get(usize::from(next)).is_some_and(is_next) {
            Some(next)
        } else {
            self.places.get(usize::from(parent)).and_then(|place| place.children.get(name).copied())
        };
        self.last = known.unwrap_or_else(|| self.add(parent, name));
        self.last
    }

    fn add(&mut self, parent: u16, name: &str) -> u16 {
        let len = u16::try_from(self.places.len()).unwrap_or(u16::MAX).min(PATHS + 1);
        if len > PATHS {
            return PATHS;
        }
        self.places.push(Place { parent, name: name.into(), ..Place::default() });
        // The last place is that of all others.
        if len < PATHS
            && let Some(parent) = self.places.get_mut(usize::from(parent))
        {
            parent.children.insert(name.into(), len);
        }
        len
    }

    /// Counts one.
    pub fn count(&mut self, place: u16, kind: DriftKind, types: JsonTypes, value: Option<&str>) {
        let Some(place) = self.places.get_mut(usize::from(place)) else { return };
        let Some((count, held)) = place.counts.get_mut(kind as usize).zip(place.types.get_mut(kind as usize)) else { return };
        *count += 1;
        *held = held.and(types);
        if let Some(value) = value
            && place.values.len() < VALUES
            && !place.values.iter().any(|held| held == value)
        {
            place.values.push(value.to_owned());
        }
    }

    /// The path of a place, or of one step further.
    #[must_use]
    pub fn path(&self, place: u16, further: Option<&str>) -> String {
        if place == PATHS {
            return OTHER.to_owned();
        }
        let mut names: Vec<&str> = further.into_iter().collect();
        let mut at = place;
        while at > 0
            && let Some(place) = self.places.get(usize::from(at))
        {
            names.push(&place.name);
            at = place.parent;
        }
        if names.is_empty() {
            return ROOT.to_owned();
        }
        names.iter().rev().fold(String::new(), |mut path, name| {
            match *name {
                ELEMENTS => path.push_str(ELEMENTS),
                name if name == ANY || is_plain(name) => {
                    path.push_str(if path.is_empty() { "" } else { "." });
                    path.push_str(name);
                }
                name => {
                    path.push('[');
                    json_write::string(&mut path, name);
                    path.push(']');
                }
            }
            path
        })
    }

    /// What was counted, with those names and values of the service alone that may be shown.
    pub fn counted<'t>(&'t self, is_shown: impl Fn(&str) -> bool + 't) -> impl Iterator<Item = Counted> + 't {
        let places = self.places.iter().zip(0..).flat_map(|(place, at)| DriftKind::ALL.map(|kind| (at, place, kind)));
        places.filter_map(move |(at, place, kind)| {
            let count = *place.counts.get(kind as usize).filter(|count| **count > 0)?;
            let types = *place.types.get(kind as usize)?;
            let is_hidden = kind == DriftKind::UnknownField && at != PATHS && !is_shown(&place.name);
            let path = if is_hidden { self.path(place.parent, Some(ANY)) } else { self.path(at, None) };
            let values = if kind == DriftKind::NewEnumValue { place.values.as_slice() } else { &[] };
            let values = values.iter().filter(|value| is_shown(value)).cloned().collect();
            Some(Counted { path, kind, count, types, values })
        })
    }
}

/// Whether a name can stand in a path as it is.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@'))
}

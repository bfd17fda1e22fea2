//! What the values at one place of the samples had in common: counts, and a bounded sketch of the texts.

use indexmap::IndexMap;

use super::evidence::{Numbers, Texts};

/// An object of more different keys than this is a map.
const MAX_KEYS: usize = 2048;

/// The values at one place.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// How many were null.
    pub nulls: u64,
    /// How many were `true` or `false`.
    pub booleans: u64,
    /// The numbers.
    pub numbers: Option<Box<Numbers>>,
    /// The texts.
    pub texts: Option<Box<Texts>>,
    /// The arrays.
    pub lists: Option<Box<Lists>>,
    /// The objects.
    pub objects: Option<Box<Objects>>,
    /// How many were not looked into, because they were too deep or too many.
    pub unseen: u64,
}

/// The arrays at one place.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// How many there were.
    pub count: u64,
    /// Their elements.
    pub element: Shape,
}

/// The objects at one place.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// How many there were.
    pub count: u64,
    /// Their members by key, in the order in which keys were met. Empty once they proved to be maps.
    pub fields: IndexMap<Box<str>, Member>,
    /// The values of all keys, where these vary.
    pub values: Option<Box<Shape>>,
}

/// The member of an object.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// How many objects had it.
    pub present: u64,
    /// The object that had it last, so that a key that stands twice counts once.
    pub last: u64,
    /// Its values.
    pub shape: Shape,
}

/// The kinds of values that a place had, null aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A text.
    Text,
    /// An array.
    List,
    /// An object.
    Object,
}

impl Shape {
    /// The kinds of its values, null aside.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        let found = [
            (self.booleans > 0, Kind::Boolean),
            (self.numbers.is_some(), Kind::Number),
            (self.texts.is_some(), Kind::Text),
            (self.lists.is_some(), Kind::List),
            (self.objects.is_some(), Kind::Object),
        ];
        found.into_iter().filter(|(is_found, _)| *is_found).map(|(_, kind)| kind).collect()
    }

    /// How many values there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.nulls
            + self.unseen
            + self.booleans
            + self.numbers.as_ref().map_or(0, |it| it.count)
            + self.texts.as_ref().map_or(0, |it| it.count)
            + self.lists.as_ref().map_or(0, |it| it.count)
            + self.objects.as_ref().map_or(0, |it| it.count)
    }

    /// The shape of a member, where values are objects with fields.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Shape> {
        self.objects.as_ref()?.fields.get(key).map(|member| &member.shape)
    }

    /// Adds what another place has shown.
    pub fn merge(&mut self, other: Self) {
        self.nulls += other.nulls;
        self.booleans += other.booleans;
        self.unseen += other.unseen;
        let Self { numbers, texts, lists, objects, .. } = other;
        join(&mut self.numbers, numbers, |own, other| own.merge(&other));
        join(&mut self.texts, texts, Texts::merge);
        join(&mut self.lists, lists, |own, other| {
            own.count += other.count;
            own.element.merge(other.element);
        });
        join(&mut self.objects, objects, Objects::merge);
    }
}

fn join<T>(own: &mut Option<Box<T>>, other: Option<Box<T>>, merge: impl FnOnce(&mut T, T)) {
    match (own.as_mut(), other) {
        (Some(own), Some(other)) => merge(own, *other),
        (None, other) => *own = other,
        (Some(_), None) => {}
    }
}

impl Objects {
    /// The number of a key; a new one is added. None where keys vary, so that they are not told apart.
    pub(super) fn position(&mut self, key: &str, expected: usize) -> Option<(usize, bool)> {
        if self.values.is_some() {
            return None;
        }
        if self.fields.get_index(expected).is_some_and(|(known, _)| **known == *key) {
            return Some((expected, false));
        }
        if let Some(at) = self.fields.get_index_of(key) {
            return Some((at, false));
        }
        if self.fields.len() >= MAX_KEYS || (self.fields.len() >= 256 && self.fields.len().is_power_of_two() && self.varies()) {
            self.collapse();
            return None;
        }
        self.fields.insert(key.into(), Member::default());
        Some((self.fields.len() - 1, true))
    }

    /// Takes all members for the values of a map.
    pub(crate) fn collapse(&mut self) {
        let mut values = self.values.take().unwrap_or_default();
        for (_, member) in std::mem::take(&mut self.fields) {
            values.merge(member.shape);
        }
        self.values = Some(values);
    }

    /// Whether the keys are data and not names: all look like ids, or there are many, few objects have the same, and their values
    /// are of one kind.
    #[must_use]
    pub fn varies(&self) -> bool {
        const MANY: usize = 16;
        if self.fields.is_empty() {
            return false;
        }
        if self.fields.keys().all(|key| is_id(key)) {
            return true;
        }
        if self.fields.len() < MANY || self.count < 4 {
            return false;
        }
        let present: u64 = self.fields.values().map(|member| member.present).sum();
        let is_sparse = present * 4 < self.count * self.fields.len() as u64;
        let mut kinds = self.fields.values().map(|member| member.shape.kinds()).filter(|kinds| !kinds.is_empty());
        let first = kinds.next();
        is_sparse && kinds.all(|kinds| first.as_ref() == Some(&kinds))
    }

    fn merge(&mut self, mut other: Self) {
        if self.values.is_some() || other.values.is_some() {
            self.collapse();
            other.collapse();
        }
        self.count += other.count;
        if let (Some(own), Some(values)) = (&mut self.values, other.values) {
            own.merge(*values);
        }
        for (key, member) in other.fields {
            let own = self.fields.entry(key).or_default();
            own.present += member.present;
            own.shape.merge(member.shape);
        }
        if self.fields.len() > MAX_KEYS {
            self.collapse();
        }
    }
}

/// Whether a text is an id rather than a name: a number, a UUID, a long row of digits and letters, an address.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_uuid = text.len() == 36 && is_hex(&text.replace('-', "")) && text.matches('-').count() == 4;
    let is_date = text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
    let is_row = |least: usize| text.len() >= least && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_of_both_cases =
        text.bytes().any(|byte| byte.is_ascii_uppercase()) && text.bytes().any(|byte| byte.is_ascii_lowercase());
    let is_mixed = text.len() >= 16
        && (digits >= 3 || (digits == 2 && is_of_both_cases))
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_number
        || is_uuid
        || is_date
        || (has_digit && is_row(8) && is_hex(text))
        || is_mixed
        || text.contains(['@', '|'])
        || text.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_names() {
        for id in [
            "12",
            "5f3a9c01",
            "9f8d1a1e-3f62-4b1e-9e3c-2b1f6f0c9a11",
            "2024-01-31",
            "a@example.com",
            "auth0|5f",
            "ch_3MqLiJLkdIwHu7ixUEgbFdYF",
            "https://a.example",
        ] {
            assert!(is_id(id), "{id}");
        }
        for name in ["", "id", "users", "address_line_1", "deadbeef", "isPrimaryEmailVerified", "v2"] {
            assert!(!is_id(name), "{name}");
        }
    }
}

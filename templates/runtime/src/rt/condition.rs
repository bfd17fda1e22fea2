//! Conditions on the records of a parent: which of them its children are read for.

use crate::rt::descriptor::Path;
use crate::rt::facts::scalar;
use crate::rt::partition_by::Filter;
use crate::rt::reader::Reader;

/// Conditions that must all hold.
#[derive(Debug)]
pub struct Where(pub &'static [Condition]);

/// A condition on a field of a record.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    path: Path,
    test: Test,
}

#[derive(Clone, Copy, Debug)]
enum Test {
    In(&'static [&'static str]),
    NotIn(&'static [&'static str]),
    Null,
    NotNull,
}

impl Condition {
    /// The field is one of these values.
    #[must_use]
    pub const fn is_in(path: Path, values: &'static [&'static str]) -> Self {
        Self { path, test: Test::In(values) }
    }

    /// The field is none of these values; one that is null or missing is none of them.
    #[must_use]
    pub const fn is_not_in(path: Path, values: &'static [&'static str]) -> Self {
        Self { path, test: Test::NotIn(values) }
    }

    /// The field is null or missing.
    #[must_use]
    pub const fn is_null(path: Path) -> Self {
        Self { path, test: Test::Null }
    }

    /// The field is there, and not null.
    #[must_use]
    pub const fn is_not_null(path: Path) -> Self {
        Self { path, test: Test::NotNull }
    }

    fn holds(&self, json: &str) -> bool {
        let is_any = |values: &[&str]| values.iter().any(|value| is(json, value));
        match self.test {
            Test::In(values) => is_any(values),
            Test::NotIn(values) => !is_any(values),
            Test::Null => json == "null",
            Test::NotNull => json != "null",
        }
    }
}

impl Filter for Where {
    fn paths(&self) -> Vec<Path> {
        self.0.iter().map(|condition| condition.path).collect()
    }

    fn takes(&self, values: &[(String, String)]) -> bool {
        self.0.iter().zip(values).all(|(condition, (_, json))| condition.holds(json))
    }
}

/// Whether a JSON text is a value. Numbers are the same however they are written.
fn is(json: &str, value: &str) -> bool {
    let Ok(Some(text)) = scalar(&mut Reader::new(json)) else { return false };
    let number = |text: &str| text.parse::<f64>().ok().filter(|_| !json.starts_with('"'));
    text == value || number(&text).zip(number(value)).is_some_and(|(a, b)| a.total_cmp(&b).is_eq())
}

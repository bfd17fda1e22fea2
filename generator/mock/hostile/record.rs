//! What is wrong with a record.

use serde_json::Value;

use super::Strike;
use super::scenario::{Act, RecordFault};
use crate::model::{Path, Resource, Segment, Style};

/// The levels of a value that no reader should follow.
const BOTTOMLESS: usize = 100_000;

/// The first part of a resource's key that is a member of the record itself, as the service sends it.
pub(super) fn key(resource: &Resource) -> Option<&str> {
    resource.primary_key.iter().map(|key| key.value.as_str()).find(|key| !key.starts_with('_'))
}

impl Strike {
    /// Spoils the record that a text ends with, which is the `at`th of `count`. One record of the page is hit.
    pub(in crate::mock) fn record(&self, text: &mut String, start: usize, (at, count): (u64, u64), resource: &Resource) {
        let Act::Record(fault) = self.act else { return };
        let is_hit = match fault {
            RecordFault::CursorMissing => at + 1 == count,
            _ => at == self.luck.checked_rem(count).unwrap_or(0),
        };
        if !is_hit {
            return;
        }
        let record = text.split_off(start);
        text.push_str(&spoilt(fault, &record, resource).unwrap_or(record));
    }
}

/// What pages, or later runs, go by in a record.
pub(super) fn cursor(resource: &Resource) -> Option<&Path> {
    match &resource.paging.style {
        Style::LastRecord { field, .. } => Some(field),
        _ => resource.incremental.as_ref().map(|incremental| &incremental.cursor.value).filter(|path| !path.0.is_empty()),
    }
}

fn spoilt(fault: RecordFault, record: &str, resource: &Resource) -> Option<String> {
    Some(match fault {
        RecordFault::Repeated => format!("{record},{record}"),
        RecordFault::KeyMissing => edited(record, |members| drop(key(resource).and_then(|key| members.shift_remove(key))))?,
        RecordFault::OtherType => edited(record, |members| {
            if let Some(value) = key(resource).and_then(|key| members.get_mut(key)) {
                *value = serde_json::json!({ "was": value.take() });
            }
        })?,
        RecordFault::CursorMissing => {
            let field = first_key(cursor(resource)?)?;
            edited(record, |members| drop(members.shift_remove(field)))?
        }
        RecordFault::Added => with_member(record, r#""x_added":{"since":"today","by":[1,null,"two"]}"#)?,
        RecordFault::BigNumber => with_member(record, r#""x_big":[123456789012345678901234567890,-9e999,1e-999]"#)?,
        RecordFault::TwiceKeyed => with_member(record, r#""x_twice":1,"x_twice":{"x":1,"x":2}"#)?,
        RecordFault::Deep => with_member(record, &format!(r#""x_deep":{}1{}"#, "[".repeat(100), "]".repeat(100)))?,
        RecordFault::Bottomless => {
            with_member(record, &format!(r#""x_deep":{}1{}"#, "[".repeat(BOTTOMLESS), "]".repeat(BOTTOMLESS)))?
        }
        RecordFault::Huge => with_member(record, &format!(r#""x_huge":"{}""#, "wide \\u00e9 ".repeat(200_000)))?,
    })
}

/// A record with one more member, which comes first.
fn with_member(record: &str, member: &str) -> Option<String> {
    let rest = record.strip_prefix('{')?;
    let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
    Some(format!("{{{member}{comma}{rest}"))
}

fn edited(record: &str, edit: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Option<String> {
    let Value::Object(mut members) = serde_json::from_str(record).ok()? else { return None };
    edit(&mut members);
    Some(Value::Object(members).to_string())
}

fn first_key(path: &Path) -> Option<&str> {
    match path.0.first()? {
        Segment::Key(key) => Some(key),
        Segment::Index(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_comes_first() {
        assert_eq!(with_member("{}", r#""a":1"#).as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(with_member(r#"{"b":2}"#, r#""a":1"#).as_deref(), Some(r#"{"a":1,"b":2}"#));
        assert_eq!(with_member("7", r#""a":1"#), None);
    }
}

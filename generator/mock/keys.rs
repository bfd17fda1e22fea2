//! Values that tell records apart: they grow with the record's number, so that a cursor can be found again.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::incremental::by_pattern;
use crate::model::{CursorFormat, Scalar, Type, TypeKind, Types};

/// The moment of record 0: 2024-01-01T00:00:00Z.
const EPOCH: i64 = 1_704_067_200;

/// A whole number of this name counts records, so that people and tests see their order.
pub(super) const COUNTER: &str = "seq";

/// The records of one parent, by 40 bits that stand for it; 0 for those without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Owner(pub(super) u64);

/// A field whose value is another one in each record.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// Where it is in the record.
    pub(super) path: Vec<String>,
    form: Form,
    /// How many records in a row share a value.
    pub(super) ties: u64,
    /// Whether the value is the only element of an array.
    in_array: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Text {
        before: String,
        after: &'static str,
    },
    Integer,
    /// Counts the parent's records from 0.
    Count,
    Moment,
    /// A moment by a pattern of `strftime`.
    Pattern(String),
    Day,
    Uuid,
}

impl Key {
    /// The key at a path of a resource's records, where its type can hold one.
    pub(super) fn new(types: &Types, resource: &str, path: Vec<String>, ty: &Type) -> Option<Self> {
        let name = path.last()?;
        let (ty, in_array) = if let Type::Array(element) = ty { (&**element, true) } else { (ty, false) };
        let form = form(types, resource, name, ty)?;
        Some(Self { path, form, ties: 1, in_array })
    }

    /// The same, where it is an incremental cursor: a text is written as the spec says.
    pub(super) fn for_cursor(mut self, format: &CursorFormat) -> Self {
        if matches!(self.form, Form::Text { .. }) {
            self.form = match format {
                CursorFormat::Iso => Form::Moment,
                CursorFormat::Date => Form::Day,
                CursorFormat::Pattern(pattern) => Form::Pattern(pattern.replace("%L", "%3f")),
                CursorFormat::Epoch => Form::Pattern("%s".to_owned()),
                CursorFormat::EpochMs | CursorFormat::Number | CursorFormat::Text => return self,
            };
        }
        self
    }

    /// Appends the value as JSON.
    pub(super) fn write(&self, out: &mut String, owner: Owner, k: u64) {
        let quote = if matches!(self.form, Form::Integer | Form::Count) { "" } else { "\"" };
        let (open, close) = if self.in_array { ("[", "]") } else { ("", "") };
        out.push_str(open);
        out.push_str(quote);
        self.write_text(out, owner, k);
        out.push_str(quote);
        out.push_str(close);
    }

    /// The value as it stands in an address.
    pub(super) fn text(&self, owner: Owner, k: u64) -> String {
        let mut text = String::new();
        self.write_text(&mut text, owner, k);
        text
    }

    /// The first of `count` records whose value is not below `value`.
    pub(super) fn first_at_least(&self, owner: Owner, count: u64, value: &str) -> u64 {
        self.first(owner, count, |key, held| key.compare(held, value) == Ordering::Less)
    }

    /// The first of `count` records whose value is above `value`.
    pub(super) fn first_past(&self, owner: Owner, count: u64, value: &str) -> u64 {
        self.first(owner, count, |key, held| key.compare(held, value) != Ordering::Greater)
    }

    /// The first of `count` records that is not among those at the start for which something holds.
    fn first(&self, owner: Owner, count: u64, holds: impl Fn(&Self, &str) -> bool) -> u64 {
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(self, &self.text(owner, middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The number of the record that has this value.
    pub(super) fn find(&self, owner: Owner, count: u64, value: &str) -> Option<u64> {
        let k = self.first_at_least(owner, count, value);
        (k < count && self.compare(&self.text(owner, k), value) == Ordering::Equal).then_some(k)
    }

    /// No value holds a character that JSON escapes.
    fn write_text(&self, out: &mut String, owner: Owner, k: u64) {
        let Owner(parent) = owner;
        let k = k.checked_div(self.ties).unwrap_or(k);
        let seconds = i64::try_from(k).unwrap_or(i64::MAX);
        let text = match &self.form {
            Form::Text { before, after } if parent == 0 => format!("{before}{k:010}{after}"),
            Form::Text { before, after } => format!("{before}{parent:010x}-{k:010}{after}"),
            Form::Integer => (parent * 1_000_000 + k + 1).to_string(),
            Form::Count => k.to_string(),
            Form::Moment => format!("{:.3}", moment_of(seconds)),
            Form::Pattern(pattern) => moment_of(seconds).strftime(pattern).to_string(),
            Form::Day => {
                Date::constant(2000, 1, 1).saturating_add(SignedDuration::from_hours(seconds.saturating_mul(24))).to_string()
            }
            Form::Uuid => format!("{k:08x}-0000-4000-8000-{parent:012x}"),
        };
        out.push_str(&text);
    }

    fn compare(&self, held: &str, value: &str) -> Ordering {
        let ordered = match &self.form {
            Form::Integer | Form::Count => number(held).zip(number(value)).map(|(held, value)| held.cmp(&value)),
            Form::Moment => moment(held).zip(moment(value)).map(|(held, value)| held.cmp(&value)),
            Form::Pattern(pattern) => {
                let read = |text| by_pattern(pattern, text).or_else(|| moment(text));
                read(held).zip(read(value)).map(|(held, value)| held.cmp(&value))
            }
            _ => None,
        };
        ordered.unwrap_or_else(|| held.cmp(value))
    }
}

fn form(types: &Types, resource: &str, name: &str, ty: &Type) -> Option<Form> {
    match ty {
        Type::Scalar(Scalar::String) | Type::Json => Some(text_form(resource, name)),
        Type::Scalar(Scalar::Integer) if name == COUNTER => Some(Form::Count),
        Type::Scalar(Scalar::Integer | Scalar::Number | Scalar::Decimal) => Some(Form::Integer),
        Type::Scalar(Scalar::DateTime) => Some(Form::Moment),
        Type::Scalar(Scalar::Date) => Some(Form::Day),
        Type::Scalar(Scalar::Uuid) => Some(Form::Uuid),
        Type::Named(id) => match &types.get(*id).kind {
            TypeKind::Union(variants) => variants.iter().find_map(|variant| form(types, resource, name, variant)),
            // An enum that pages or children go by is open: any text is a value.
            TypeKind::Enum(_) => Some(text_form(resource, name)),
            TypeKind::Struct(_) => None,
        },
        Type::Scalar(Scalar::Boolean | Scalar::Time | Scalar::Binary) | Type::Array(_) | Type::Map(_) => None,
    }
}

/// `user|…` for `user_id`, `organization_…` for the `id` of `organizations`, addresses for addresses.
fn text_form(resource: &str, name: &str) -> Form {
    let lower = name.to_ascii_lowercase();
    let noun = resource.strip_suffix('s').unwrap_or(resource);
    let (before, after) = match lower.as_str() {
        "id" | "_id" => (format!("{noun}_"), ""),
        _ if lower.contains("email") => (format!("{noun}."), "@example.com"),
        _ if lower.ends_with("url") || lower.ends_with("uri") => (format!("https://example.com/{resource}/"), ""),
        _ if lower.ends_with("_at") || lower.ends_with("date") => return Form::Moment,
        // The bar is what must be encoded in a path, as in the ids of real services.
        _ => lower.strip_suffix("_id").map_or_else(|| (format!("{name}-"), ""), |stem| (format!("{stem}|"), "")),
    };
    let plain = |c: &char| c.is_ascii_alphanumeric() || "_-|.:/".contains(*c);
    Form::Text { before: before.chars().filter(plain).collect(), after }
}

fn moment_of(seconds: i64) -> Timestamp {
    Timestamp::from_second(EPOCH.saturating_add(seconds)).unwrap_or(Timestamp::MAX)
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// RFC 3339, or seconds or milliseconds since 1970.
fn moment(text: &str) -> Option<Timestamp> {
    match text.parse::<i64>() {
        Ok(number) if number.abs() > 100_000_000_000 => Timestamp::from_millisecond(number).ok(),
        Ok(number) => Timestamp::from_second(number).ok(),
        Err(_) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, scalar: Scalar) -> Key {
        Key::new(&Types::default(), "users", vec![name.to_owned()], &Type::Scalar(scalar)).unwrap()
    }

    #[test]
    fn values_look_like_their_names() {
        let cases = [
            ("id", Scalar::String, Owner(0), "user_0000000007"),
            ("user_id", Scalar::String, Owner(0), "user|0000000007"),
            ("id", Scalar::String, Owner(0xab), "user_00000000ab-0000000007"),
            ("email", Scalar::String, Owner(0), "user.0000000007@example.com"),
            ("slug", Scalar::String, Owner(0), "slug-0000000007"),
            ("id", Scalar::Integer, Owner(0), "8"),
            ("id", Scalar::Integer, Owner(2), "2000008"),
            ("seq", Scalar::Integer, Owner(2), "7"),
            ("created_at", Scalar::DateTime, Owner(0), "2024-01-01T00:00:07.000Z"),
            ("date", Scalar::Date, Owner(0), "2000-01-08"),
            ("id", Scalar::Uuid, Owner(0), "00000007-0000-4000-8000-000000000000"),
        ];
        for (name, scalar, owner, expected) in cases {
            assert_eq!(key(name, scalar).text(owner, 7), expected);
        }
    }

    #[test]
    fn every_value_is_found_again() {
        for scalar in [Scalar::String, Scalar::Integer, Scalar::DateTime, Scalar::Date, Scalar::Uuid] {
            for owner in [Owner(0), Owner(0xff_feed_beef)] {
                let key = key("id", scalar);
                for k in [0, 1, 9, 10, 99, 12_345, 99_999] {
                    assert_eq!(key.find(owner, 100_000, &key.text(owner, k)), Some(k), "{scalar:?}");
                }
                assert_eq!(key.find(owner, 5, &key.text(owner, 5)), None, "past the end");
            }
        }
    }

    #[test]
    fn a_cursor_is_written_as_the_spec_says() {
        for (format, expected) in [
            (CursorFormat::Iso, "2024-01-01T00:01:05.000Z"),
            (CursorFormat::Epoch, "1704067265"),
            (CursorFormat::Pattern("%Y-%m-%dT%H:%M:%S.%L%z".to_owned()), "2024-01-01T00:01:05.000+0000"),
            (CursorFormat::Text, "changed-0000000065"),
        ] {
            let key = key("changed", Scalar::String).for_cursor(&format);
            assert_eq!(key.text(Owner(0), 65), expected);
            assert_eq!(key.find(Owner(0), 100, expected), Some(65), "{expected}");
        }
        let key = key("changed", Scalar::String).for_cursor(&CursorFormat::Pattern("%d.%m.%Y %H:%M:%S".to_owned()));
        assert_eq!(key.first_past(Owner(0), 10_000_000, "31.01.2024 23:59:59"), 31 * 86_400, "as moments, not as texts");
    }

    #[test]
    fn a_value_in_between_leads_to_the_next_record() {
        let moments = key("created_at", Scalar::DateTime);
        for (value, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2024-01-01T00:00:02.5Z", 3),
            ("2024-01-01T01:00:03+01:00", 3),
            ("1704067204", 4),
            ("1704067204000", 4),
            ("2024-01-01", 0),
            ("2031-01-01T00:00:00Z", 10),
        ] {
            assert_eq!(moments.first_at_least(Owner(0), 10, value), expected, "{value}");
        }
    }
}

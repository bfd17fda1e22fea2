//! What numbers and texts have shown so far, in bounded room.

/// More different texts than this are not told apart.
const MAX_VALUES: usize = 32;

/// A longer text is no value of an enum.
const MAX_LENGTH: usize = 48;

/// The numbers at one place.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// How many there were.
    pub count: u64,
    /// How many of them were whole and fit into 64 bits.
    pub whole: u64,
    /// How many have more digits than a float keeps.
    pub exact: u64,
    /// The least of the whole ones.
    pub least: i64,
    /// The greatest of the whole ones.
    pub greatest: i64,
}

/// The texts at one place.
#[derive(Clone, Debug)]
pub struct Texts {
    /// How many there were.
    pub count: u64,
    /// What all of them are, besides texts.
    pub forms: Forms,
    /// The different ones and how often each came, while there are few.
    pub values: Vec<(Box<str>, u64)>,
    /// Whether there were more than are kept.
    pub is_many: bool,
}

/// Whether a text is of a form.
type Check = fn(&str) -> bool;

/// A set of forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forms(u8);

impl Forms {
    /// A moment of RFC 3339, with its zone.
    pub const DATE_TIME: Self = Self(1);
    /// A moment in a neighbouring form: without a zone, or with a space for the `T`.
    pub const MOMENT: Self = Self(2);
    /// A date.
    pub const DATE: Self = Self(4);
    /// A time of day.
    pub const TIME: Self = Self(8);
    /// A UUID with hyphens.
    pub const UUID: Self = Self(16);
    /// A number with a fraction.
    pub const DECIMAL: Self = Self(32);
    /// A whole number of 64 bits.
    pub const INTEGER: Self = Self(64);
    /// `true` or `false`.
    pub const BOOLEAN: Self = Self(128);

    const ALL: Self = Self(u8::MAX);

    /// Whether a form is in it.
    #[must_use]
    pub fn has(self, form: Self) -> bool {
        self.0 & form.0 != 0
    }

    fn without(self, form: Self) -> Self {
        Self(self.0 & !form.0)
    }
}

impl Numbers {
    pub(super) fn take(&mut self, text: &str) {
        self.count += 1;
        let is_written_whole = !text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
        match text.parse::<i64>() {
            Ok(value) if is_written_whole => {
                self.least = if self.whole == 0 { value } else { self.least.min(value) };
                self.greatest = if self.whole == 0 { value } else { self.greatest.max(value) };
                self.whole += 1;
            }
            _ => self.exact += u64::from(text.bytes().filter(u8::is_ascii_digit).count() > 17),
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if other.whole > 0 {
            self.least = if self.whole == 0 { other.least } else { self.least.min(other.least) };
            self.greatest = if self.whole == 0 { other.greatest } else { self.greatest.max(other.greatest) };
        }
        self.count += other.count;
        self.whole += other.whole;
        self.exact += other.exact;
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self { count: 0, forms: Forms::ALL, values: Vec::new(), is_many: false }
    }
}

impl Texts {
    pub(crate) fn take(&mut self, text: &str) {
        self.count += 1;
        if self.forms.0 != 0 {
            self.narrow(text);
        }
        if !self.is_many {
            self.note(text, 1);
        }
    }

    fn narrow(&mut self, text: &str) {
        // Most texts begin with a letter and are none of these.
        let has_digit_first = text.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || byte == b'-');
        let checks: [(Forms, Check); 8] = [
            (Forms::DATE_TIME, is_date_time),
            (Forms::MOMENT, is_moment),
            (Forms::DATE, is_date),
            (Forms::TIME, is_time),
            (Forms::DECIMAL, is_decimal),
            (Forms::INTEGER, |text| text.parse::<i64>().is_ok_and(|value| value.to_string() == text)),
            (Forms::UUID, is_uuid),
            (Forms::BOOLEAN, |text| matches!(text, "true" | "false")),
        ];
        for (form, is_of) in checks {
            let may_be = has_digit_first || form == Forms::UUID || form == Forms::BOOLEAN;
            if self.forms.has(form) && !(may_be && is_of(text)) {
                self.forms = self.forms.without(form);
            }
        }
    }

    fn note(&mut self, text: &str, count: u64) {
        if let Some((_, known)) = self.values.iter_mut().find(|(value, _)| **value == *text) {
            *known += count;
        } else if self.values.len() == MAX_VALUES || text.len() > MAX_LENGTH {
            self.is_many = true;
            self.values = Vec::new();
        } else {
            self.values.push((text.into(), count));
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.forms = Forms(self.forms.0 & other.forms.0);
        self.is_many |= other.is_many;
        for (value, count) in other.values {
            if !self.is_many {
                self.note(&value, count);
            }
        }
        if self.is_many {
            self.values = Vec::new();
        }
    }
}

/// The form that most services send is told without a parser; all others are jiff's to read.
fn is_date_time(text: &str) -> bool {
    is_common(text.as_bytes()) || (text.len() >= 17 && text.parse::<jiff::Timestamp>().is_ok())
}

/// `2025-01-31T23:59:59.123Z`; days that not every month has are left to the parser.
fn is_common(text: &[u8]) -> bool {
    let Some((head, tail)) = text.split_first_chunk::<19>() else { return false };
    let digits = |at: usize| {
        let (tens, ones) = (head[at].wrapping_sub(b'0'), head[at + 1].wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| tens * 10 + ones)
    };
    let within = |at: usize, least: u8, most: u8| digits(at).is_some_and(|value| (least..=most).contains(&value));
    let has_signs = head[4] == b'-' && head[7] == b'-' && head[10] == b'T' && head[13] == b':' && head[16] == b':';
    let has_end = match tail {
        [b'Z'] => true,
        [b'.', fraction @ .., b'Z'] => (1..=9).contains(&fraction.len()) && fraction.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    has_signs
        && has_end
        && within(0, 0, 99)
        && within(2, 0, 99)
        && within(5, 1, 12)
        && within(8, 1, 28)
        && within(11, 0, 23)
        && within(14, 0, 59)
        && within(17, 0, 59)
}

/// What `lenient` takes besides: a moment without a zone. Of dates and counts alone nobody can tell that they are moments.
fn is_moment(text: &str) -> bool {
    text.len() >= 16 && (is_date_time(text) || text.parse::<jiff::civil::DateTime>().is_ok_and(|_| !text.contains('[')))
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.as_bytes()[4] == b'-' && text.parse::<jiff::civil::Date>().is_ok()
}

fn is_time(text: &str) -> bool {
    text.len() >= 5 && text.as_bytes()[2] == b':' && text.parse::<jiff::civil::Time>().is_ok()
}

fn is_uuid(text: &str) -> bool {
    let is_right = |(at, byte): (usize, u8)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() };
    text.len() == 36 && text.bytes().enumerate().all(is_right)
}

/// A number with a fraction, such as an amount. A version such as `1.2` is one as well, which is why evidence is asked for.
fn is_decimal(text: &str) -> bool {
    let Some((whole, fraction)) = text.strip_prefix('-').unwrap_or(text).split_once('.') else { return false };
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits(whole) && are_digits(fraction) && (whole.len() == 1 || !whole.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(values: &[&str]) -> Vec<&'static str> {
        let mut texts = Texts::default();
        for value in values {
            texts.take(value);
        }
        let names = [
            (Forms::DATE_TIME, "date-time"),
            (Forms::MOMENT, "moment"),
            (Forms::DATE, "date"),
            (Forms::TIME, "time"),
            (Forms::UUID, "uuid"),
            (Forms::DECIMAL, "decimal"),
            (Forms::INTEGER, "integer"),
            (Forms::BOOLEAN, "boolean"),
        ];
        names.into_iter().filter(|(form, _)| texts.forms.has(*form)).map(|(_, name)| name).collect()
    }

    #[test]
    fn forms_of_texts() {
        for (values, expected) in [
            (&["2024-02-29T10:00:00Z", "2024-01-31T10:00:00.123+02:00"][..], &["date-time", "moment"][..]),
            (&["2023-02-30T10:00:00Z"], &[]),
            (&["2024-02-29T10:00:00", "2024-01-31 10:00:00"], &["moment"]),
            (&["2024-02-29", "2024-12-01"], &["date"]),
            (&["2024-02-31"], &[]),
            (&["23:59", "10:00:01.5"], &["time"]),
            (&["9f8d1a1e-3f62-4b1e-9e3c-2b1f6f0c9a11"], &["uuid"]),
            (&["12.50", "-0.5"], &["decimal"]),
            (&["12", "-3"], &["integer"]),
            (&["012"], &[]),
            (&["true", "false"], &["boolean"]),
            (&["12.50", ""], &[]),
            (&["plain"], &[]),
        ] {
            assert_eq!(forms(values), expected, "{values:?}");
        }
    }

    #[test]
    fn few_values_are_kept_and_many_are_not() {
        let mut texts = Texts::default();
        for at in 0..100 {
            texts.take(["a", "b", "c"][at % 3]);
        }
        assert_eq!(texts.values.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [34, 33, 33]);
        for at in 0..100 {
            texts.take(&at.to_string());
        }
        assert!(texts.is_many && texts.values.is_empty() && texts.count == 200);
    }

    #[test]
    fn numbers_keep_their_range() {
        let mut numbers = Numbers::default();
        for text in ["5", "-3", "1.5", "1e3", "123456789012345678901"] {
            numbers.take(text);
        }
        assert_eq!((numbers.count, numbers.whole, numbers.exact, numbers.least, numbers.greatest), (5, 2, 1, -3, 5));
    }
}

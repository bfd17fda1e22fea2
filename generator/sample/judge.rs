//! What counts mean: the type that a schema says for a place.

use std::collections::HashSet;

use crate::infer::words::Name;
use crate::names;
use crate::resolve::singular;

use super::evidence::{Forms, Numbers, Texts};
use super::shape::{Kind, Objects, Shape, is_id};

/// From so many objects on, a member that all of them have is taken to be always there.
const SURE: u64 = 20;

/// How often the values of an enum must come, one with another.
const REPEATS: u64 = 5;

/// Keys of more bytes than this name no field.
const LONGEST_NAME: usize = 100;

/// More kinds of values than this at one place are any JSON.
const MAX_KINDS: usize = 3;

/// A field, or what an array or a map holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts about a field")]
pub struct Judged {
    /// Its type.
    pub form: Form,
    /// Whether the key is always there.
    pub required: bool,
    /// Whether the value may be null.
    pub nullable: bool,
    /// Whether neighbouring forms come as well.
    pub lenient: bool,
    /// Whether its name is that of a secret.
    pub sensitive: bool,
    /// What the type does not say.
    pub note: Option<String>,
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A word of the language.
    Word(&'static str),
    /// One of these texts, or another.
    Enum(Vec<String>),
    /// A list.
    Array(Box<Judged>),
    /// An object with free keys.
    Map(Box<Judged>),
    /// An object with known keys.
    Object(Vec<(String, Judged)>),
    /// One of several.
    Union(Vec<Judged>),
}

impl Judged {
    pub(crate) fn of(form: Form) -> Self {
        Self { form, required: false, nullable: true, lenient: false, sensitive: false, note: None }
    }

    pub(crate) fn word(word: &'static str) -> Self {
        Self::of(Form::Word(word))
    }
}

/// The type of the values at a place.
#[must_use]
pub fn judge(shape: &Shape) -> Judged {
    named("", shape)
}

/// The type of a field.
#[must_use]
pub fn named(name: &str, shape: &Shape) -> Judged {
    let kinds = shape.kinds();
    if shape.unseen > 0 || kinds.is_empty() || kinds.len() > MAX_KINDS {
        return Judged::word("json");
    }
    if let Some(judged) = lenient(shape, &kinds) {
        return judged;
    }
    let mut judged: Vec<Judged> = kinds.iter().map(|kind| of_kind(name, shape, *kind)).collect();
    let one = if judged.len() == 1 { judged.pop() } else { None };
    let mut judged = one.unwrap_or_else(|| union(judged));
    judged.sensitive = is_secret(name) && matches!(judged.form, Form::Word("string"));
    judged
}

/// Several kinds at one place. A type that can not be told from another by the JSON that comes is no part of a union.
fn union(variants: Vec<Judged>) -> Judged {
    let is_clear = variants.iter().all(|variant| variant.form != Form::Word("json"));
    if is_clear { Judged::of(Form::Union(variants)) } else { Judged::word("json") }
}

/// One type that takes the texts beside its own values, where texts hold the same.
fn lenient(shape: &Shape, kinds: &[Kind]) -> Option<Judged> {
    let texts = shape.texts.as_ref()?;
    let word = match kinds {
        [Kind::Boolean, Kind::Text] if texts.forms.has(Forms::BOOLEAN) => "boolean",
        [Kind::Number, Kind::Text] => {
            let numbers = shape.numbers.as_ref()?;
            if numbers.whole == numbers.count && texts.forms.has(Forms::INTEGER) {
                "integer"
            } else if texts.forms.has(Forms::DECIMAL) {
                // It takes both anyway.
                return Some(Judged::word("decimal"));
            } else {
                return None;
            }
        }
        _ => return None,
    };
    Some(Judged { lenient: true, ..Judged::word(word) })
}

fn of_kind(name: &str, shape: &Shape, kind: Kind) -> Judged {
    match kind {
        Kind::Boolean => Judged::word("boolean"),
        Kind::Number => shape.numbers.as_ref().map_or_else(|| Judged::word("number"), |numbers| number(name, numbers)),
        Kind::Text => shape.texts.as_ref().map_or_else(|| Judged::word("string"), |texts| text(name, texts)),
        Kind::List => {
            let element = shape.lists.as_ref().map(|lists| &lists.element);
            Judged::of(Form::Array(Box::new(element.map_or_else(|| Judged::word("json"), |it| part(name, it)))))
        }
        Kind::Object => shape.objects.as_ref().map_or_else(|| Judged::word("json"), |objects| object(objects)),
    }
}

/// What an array or a map holds. The language has no null there but in `json`.
fn part(name: &str, shape: &Shape) -> Judged {
    if shape.nulls > 0 { Judged::word("json") } else { Judged { sensitive: false, ..named(name, shape) } }
}

fn number(name: &str, numbers: &Numbers) -> Judged {
    if numbers.whole < numbers.count {
        return Judged::word(if numbers.exact > 0 { "decimal" } else { "number" });
    }
    let note = epoch(name, numbers).map(|unit| format!("{unit} since 1970, by its size and name."));
    Judged { note, ..Judged::word("integer") }
}

/// The unit of a count since 1970: the name is one of a moment, and all values lie between the years 2001 and 2100.
pub(crate) fn epoch(name: &str, numbers: &Numbers) -> Option<&'static str> {
    const SECONDS: std::ops::RangeInclusive<i64> = 1_000_000_000..=4_102_444_800;
    let lies_within = |unit: i64| SECONDS.contains(&(numbers.least / unit)) && SECONDS.contains(&(numbers.greatest / unit));
    let units = [(1, "Seconds"), (1000, "Milliseconds")];
    is_moment(name).then(|| units.into_iter().find(|(unit, _)| lies_within(*unit)).map(|(_, name)| name)).flatten()
}

/// Whether a name is one of a moment.
pub(crate) fn is_moment(name: &str) -> bool {
    let name = Name::new(name);
    name.words.last().is_some_and(|last| matches!(last.as_str(), "at" | "on"))
        || name.has(
            "date time timestamp created updated modified expires expiry ts start end started ended seen login when since until",
        )
        || name.flat.ends_with("time")
        || name.flat.ends_with("date")
}

fn text(name: &str, texts: &Texts) -> Judged {
    let forms = texts.forms;
    let is_amount =
        || texts.count >= 3 && Name::new(name).has("amount price total balance cost fee tax rate sum value subtotal discount");
    let word = if forms.has(Forms::DATE_TIME) {
        "date-time"
    } else if forms.has(Forms::MOMENT) {
        return Judged { lenient: true, ..Judged::word("date-time") };
    } else if forms.has(Forms::DATE) {
        "date"
    } else if forms.has(Forms::TIME) && is_moment(name) {
        "time"
    } else if forms.has(Forms::UUID) {
        "uuid"
    } else if forms.has(Forms::DECIMAL) && is_amount() {
        "decimal"
    } else {
        return few(texts).map_or_else(|| Judged::word("string"), |values| Judged::of(Form::Enum(values)));
    };
    Judged::word(word)
}

/// The values of a text that is one of few words, each of which comes again and again.
fn few(texts: &Texts) -> Option<Vec<String>> {
    let is_word = |value: &str| {
        let has_letter = value.bytes().any(|byte| byte.is_ascii_alphabetic());
        let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':'));
        has_letter && is_plain && !is_id(value)
    };
    let count = texts.values.len() as u64;
    // Between many values those that came once or twice may be anything.
    let is_repeated = texts.count >= SURE && texts.count >= count * REPEATS && texts.values.iter().all(|(_, times)| *times > 1);
    let is_enum = !texts.is_many && count > 1 && is_repeated && texts.values.iter().all(|(value, _)| is_word(value));
    let mut values: Vec<String> = is_enum.then(|| texts.values.iter().map(|(value, _)| value.to_string()).collect())?;
    values.sort();
    let variants: HashSet<String> = values.iter().map(|value| names::enum_variant(value)).collect();
    (variants.len() == values.len()).then_some(values)
}

fn object(objects: &Objects) -> Judged {
    if let Some(values) = &objects.values {
        return Judged::of(Form::Map(Box::new(part("", values))));
    }
    if objects.varies() {
        let mut map = objects.clone();
        map.collapse();
        return object(&map);
    }
    let (mut taken, mut types) = (HashSet::new(), HashSet::new());
    let mut fields = Vec::new();
    for (key, member) in &objects.fields {
        // Of two keys that are one name in Rust the first is a field; members without a field are passed over.
        // A longer key is data, and YAML has no such keys on a line.
        if key.len() > LONGEST_NAME || !taken.insert(names::value(key)) {
            continue;
        }
        let mut judged = named(key, &member.shape);
        // An element of `keys` and a `key` would be types of one name.
        if let Some(name) = type_name(key, &judged)
            && !types.insert(name)
        {
            judged = Judged::word("json");
        }
        let is_sure = objects.count >= SURE;
        let required = is_sure && member.present >= objects.count;
        let nullable = member.shape.nulls > 0 || !required || judged.form == Form::Word("json");
        fields.push((key.to_string(), Judged { required, nullable, ..judged }));
    }
    if fields.is_empty() { Judged::word("json") } else { Judged::of(Form::Object(fields)) }
}

/// The name that the resolver gives to the type of a field, where it has one of its own.
fn type_name(key: &str, judged: &Judged) -> Option<String> {
    match &judged.form {
        Form::Word(_) => None,
        Form::Enum(_) | Form::Object(_) | Form::Union(_) => Some(names::type_name(&[key])),
        Form::Array(part) | Form::Map(part) => type_name(&singular(key).unwrap_or_else(|| format!("{key}_item")), part),
    }
}

/// Whether a name is one of a secret. Tokens of paging and names of keys are none.
pub(crate) fn is_secret(name: &str) -> bool {
    let words = Name::new(name);
    if words.has("id ids type name hint url uri endpoint expires expiry expiration lifetime count created updated at page next prev \
                  previous sync cursor continuation method algorithm alg policy enabled length public last has is max min reset history strength") {
        return false;
    }
    words.has("password passwd passphrase secret secrets credential")
        || words.flat.ends_with("apikey")
        || words.flat.ends_with("privatekey")
        || words.flat.ends_with("accesskey")
        || (words.words.last().is_some_and(|last| last == "token"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Samples;
    use crate::sample::write::field;

    fn judged(name: &str, values: &[&str]) -> String {
        let mut samples = Samples::default();
        samples.read(values.join("\n").as_bytes()).unwrap();
        field(name, &named(name, &samples.shape), 0).trim_end().to_owned()
    }

    #[test]
    fn types_follow_the_evidence() {
        let few: Vec<&str> = ["\"paid\"", "\"open\""].repeat(12);
        for (name, values, expected) in [
            ("size", &["1", "2"][..], "size: integer"),
            ("size", &["1", "2.5"], "size: number"),
            ("size", &["123456789012345678901"], "size: decimal"),
            ("size", &["null"], "size: json"),
            ("is_on", &["true", "\"false\""], "is_on: {type: boolean, lenient: true}"),
            ("size", &["1", "\"2\""], "size: {type: integer, lenient: true}"),
            ("total", &["1.5", "\"2.50\""], "total: decimal"),
            ("price", &["\"1.50\"", "\"2.50\"", "\"3.00\""], "price: decimal"),
            ("version", &["\"1.50\"", "\"2.50\"", "\"3.00\""], "version: string"),
            ("v", &["1", "\"x\""], "v: integer | string"),
            ("v", &["1", "\"x\"", "true", "[]"], "v: json"),
            ("v", &["[1]", "[]"], "v: array of integer"),
            ("v", &["[1, null]"], "v: array of json"),
            ("v", &["[]"], "v: array of json"),
            ("v", &["{}"], "v: json"),
            ("at", &["\"2024-01-31T10:00:00Z\""], "at: date-time"),
            ("at", &["\"2024-01-31 10:00:00\""], "at: {type: date-time, lenient: true}"),
            ("day", &["\"2024-01-31\""], "day: date"),
            ("starts_at", &["\"10:30\""], "starts_at: time"),
            ("ratio", &["\"10:30\""], "ratio: string"),
            ("id", &["\"9f8d1a1e-3f62-4b1e-9e3c-2b1f6f0c9a11\""], "id: uuid"),
            ("created", &["1700000000"], "created: {type: integer, description: \"Seconds since 1970, by its size and name.\"}"),
            ("size", &["1700000000"], "size: integer"),
            ("status", &few, "status: {enum: [open, paid]}"),
            ("status", &few[..4], "status: string"),
            ("client_secret", &["\"x\""], "client_secret: {type: string, sensitive: true}"),
            ("next_page_token", &["\"x\""], "next_page_token: string"),
            ("rates", &["{\"2024-01-31\": 1.5}"], "rates: map of number"),
            ("one", &["{\"a\": 1}", "\"x\""], "one:\n  any_of:\n    - string\n    - fields:\n        a: integer"),
            ("many", &["[{\"a\": 1}]"], "many:\n  items:\n    fields:\n      a: integer"),
        ] {
            assert_eq!(judged(name, values), expected, "{values:?}");
        }
    }

    #[test]
    fn presence_needs_evidence() {
        let rows: Vec<String> = (0..20).map(|at| format!("{{\"id\": {at}, \"name\": null, \"rare\": 1}}")).collect();
        let mut rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        assert_eq!(judged("v", &rows[..3]), "v:\n  fields:\n    id: integer\n    name: json\n    rare: integer");
        rows.push("{\"id\": 1, \"name\": \"x\"}");
        let expected = "v:\n  fields:\n    id: {type: integer, required: true, nullable: false}\n    \
                        name: {type: string, required: true}\n    rare: integer";
        assert_eq!(judged("v", &rows), expected);
    }

    #[test]
    fn objects_with_keys_that_vary_are_maps() {
        let rows: Vec<String> = (0..40).map(|at| format!("{{\"key{at}\": {{\"size\": {at}}}}}")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        assert_eq!(
            judged("v", &rows),
            "v:\n  values:\n    fields:\n      size: {type: integer, required: true, nullable: false}"
        );
    }

    #[test]
    fn one_name_in_rust_is_one_type() {
        let expected = "v:\n  fields:\n    keys:\n      items:\n        fields:\n          a: integer\n    key: json";
        assert_eq!(judged("v", &["{\"keys\": [{\"a\": 1}], \"key\": {\"b\": 1}}"]), expected);
    }

    #[test]
    fn one_name_in_rust_is_one_field() {
        assert_eq!(judged("v", &["{\"a-b\": 1, \"a_b\": \"x\"}"]), "v:\n  fields:\n    a-b: integer");
    }
}

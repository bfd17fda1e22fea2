//! JSON values that fit a type, written as text.

use base64::Engine;
use jiff::{SignedDuration, Timestamp, civil};

use super::{keys::Key, random::Random, words};
use crate::model::{Field, Scalar, Tag, Type, TypeDef, TypeKind, Types};

/// Structs within structs beyond this depth leave out what they can.
const DEPTH: usize = 5;

/// A value that is deeper has no end.
const ENDLESS: usize = 20;

/// How long a value becomes before it leaves out what it can, in bytes.
const LONG: usize = 1 << 16;

/// A value that is longer has no end that anybody lives to see.
const ENDLESS_TEXT: usize = 1 << 20;

/// A value of a type, the same for the same seed.
#[must_use]
pub fn value(types: &Types, ty: &Type, seed: u64) -> serde_json::Value {
    serde_json::from_str(&Mould::new(types, ty, &[], &[], seed).text).unwrap_or_default()
}

/// The text of a record with holes where its keys go.
#[derive(Debug, Default)]
pub(super) struct Mould {
    text: String,
    /// Each hole's place in the text and the number of its key, in order.
    holes: Vec<(usize, usize)>,
}

impl Mould {
    /// A record of a type. It is the same for the same seed, and has a hole for each of `keys`.
    pub(super) fn new(types: &Types, ty: &Type, keys: &[Key], left_out: &[String], seed: u64) -> Self {
        let mut writer = Writer {
            types,
            keys,
            left_out,
            random: Random::new(seed),
            mould: Self::default(),
            path: Vec::new(),
            unions: 0,
            tag: None,
        };
        writer.value(ty, None);
        writer.mould
    }

    /// Appends the record; `fill` writes a key's value.
    pub(super) fn fill(&self, out: &mut String, mut fill: impl FnMut(&mut String, usize)) {
        let mut from = 0;
        for (at, key) in &self.holes {
            out.push_str(self.text.get(from..*at).unwrap_or_default());
            fill(out, *key);
            from = *at;
        }
        out.push_str(self.text.get(from..).unwrap_or_default());
    }
}

struct Writer<'a> {
    types: &'a Types,
    keys: &'a [Key],
    /// Fields of the record itself that the service does not send.
    left_out: &'a [String],
    random: Random,
    mould: Mould,
    /// The keys that lead to the value being written; within lists and maps nothing is a key.
    path: Vec<String>,
    /// How many unions the value being written is one of.
    unions: usize,
    /// The member that the next object has, and its value.
    tag: Option<(String, String)>,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) {
        self.mould.text.push_str(text);
    }

    fn string(&mut self, text: &str) {
        self.push(&serde_json::Value::from(text).to_string());
    }

    fn value(&mut self, ty: &Type, field: Option<&Field>) {
        if self.path.len() + self.unions > ENDLESS || self.mould.text.len() > ENDLESS_TEXT {
            self.push("null");
            return;
        }
        match ty {
            Type::Scalar(scalar) => self.scalar(*scalar, field),
            Type::Json => self.json(field),
            Type::Array(element) => self.list(element, field),
            Type::Map(value) => self.map(value, field),
            Type::Named(id) => {
                let types = self.types;
                let def = types.get(*id);
                match &def.kind {
                    TypeKind::Struct(fields) => self.object(fields),
                    TypeKind::Enum(values) => {
                        let value = self.random.pick(values).map(|value| value.value.clone()).unwrap_or_default();
                        self.string(&value);
                    }
                    TypeKind::Union(variants) => self.union(def, variants, field),
                }
            }
        }
    }

    /// A value of one of several types: of a plain one where the value is deep already.
    fn union(&mut self, def: &TypeDef, variants: &[Type], field: Option<&Field>) {
        let is_wanted = |at: &usize| variants.get(*at).is_some_and(|ty| !self.is_full() || !self.is_composite(ty));
        let wanted: Vec<usize> = (0..variants.len()).filter(is_wanted).collect();
        let at = self.random.pick(&wanted).copied().unwrap_or_default();
        let tag = def.tag.as_ref().and_then(|Tag { key, values }| {
            let (value, _) = values.iter().find(|(_, stands_for)| *stands_for == at)?;
            Some((key.clone(), value.clone()))
        });
        self.tag = tag.or(self.tag.take());
        self.unions += 1;
        match variants.get(at) {
            Some(variant) => self.value(variant, field),
            None => self.push("null"),
        }
        self.unions -= 1;
        self.tag = None;
    }

    /// Whether a value is so deep or long that what can be left out is.
    fn is_full(&self) -> bool {
        self.path.len() > DEPTH || self.mould.text.len() > LONG
    }

    fn object(&mut self, fields: &[Field]) {
        self.push("{");
        let mut first = true;
        let tag = self.tag.take();
        if let Some((key, value)) = &tag {
            first = false;
            self.string(key);
            self.push(":");
            self.string(value);
        }
        for field in fields.iter().filter(|field| tag.as_ref().is_none_or(|(key, _)| *key != field.name.value)) {
            if self.path.is_empty() && self.left_out.contains(&field.name.value) {
                continue;
            }
            self.path.push(field.name.value.clone());
            let keys = self.keys;
            let key = keys.iter().position(|key| key.path == self.path);
            let leads_to_key = keys.iter().any(|key| key.path.starts_with(&self.path));
            if leads_to_key || !self.is_absent(field) {
                if !first {
                    self.push(",");
                }
                first = false;
                self.string(&field.name);
                self.push(":");
                match key {
                    Some(key) => self.mould.holes.push((self.mould.text.len(), key)),
                    None if !leads_to_key && self.is_null(field) => self.push("null"),
                    None => self.value(&field.ty, Some(field)),
                }
            }
            self.path.pop();
        }
        self.push("}");
    }

    fn is_absent(&mut self, field: &Field) -> bool {
        let now_and_then = self.random.one_in(16);
        !field.required && (now_and_then || (self.is_full() && self.is_composite(&field.ty)))
    }

    /// A required field is never null: decoders take that for a missing one.
    fn is_null(&mut self, field: &Field) -> bool {
        let now_and_then = self.random.one_in(16);
        field.nullable && !field.required && now_and_then
    }

    fn is_composite(&self, ty: &Type) -> bool {
        match ty {
            Type::Array(_) | Type::Map(_) => true,
            Type::Named(id) => !matches!(self.types.get(*id).kind, TypeKind::Enum(_)),
            Type::Scalar(_) | Type::Json => false,
        }
    }

    fn list(&mut self, element: &Type, field: Option<&Field>) {
        let count = self.count(element);
        self.push("[");
        for at in 0..count {
            self.separate(at);
            self.element(element, field);
        }
        self.push("]");
    }

    fn map(&mut self, value: &Type, field: Option<&Field>) {
        let count = self.count(value);
        self.push("{");
        for at in 0..count {
            self.separate(at);
            let key = format!("key_{at}");
            self.string(&key);
            self.push(":");
            self.element(value, field);
        }
        self.push("}");
    }

    fn separate(&mut self, at: u64) {
        if at > 0 {
            self.push(",");
        }
    }

    /// Nothing within a list or map is a key; the step in the path keeps it from looking like one.
    fn element(&mut self, ty: &Type, field: Option<&Field>) {
        self.path.push("[]".to_owned());
        self.value(ty, field);
        self.path.pop();
    }

    /// How many elements a list has: none where it is deep inside, so that types within themselves come to an end.
    fn count(&mut self, element: &Type) -> u64 {
        let count = self.random.below(4);
        if self.is_full() && self.is_composite(element) { 0 } else { count }
    }

    fn scalar(&mut self, scalar: Scalar, field: Option<&Field>) {
        let name = field.map_or("value", |field| field.name.as_str());
        let sensitive = field.is_some_and(|field| field.sensitive);
        let lenient = field.is_some_and(|field| field.lenient) && self.random.one_in(4);
        let random = &mut self.random;
        match scalar {
            Scalar::String => {
                let text = if sensitive { words::secret(random, name) } else { words::text(random, name) };
                self.string(&text);
            }
            Scalar::Integer => {
                let number = random.below(100_000).to_string();
                self.plain_or_text(&number, lenient);
            }
            Scalar::Number => {
                let number = format!("{}.{}", random.below(1_000), random.below(1_000));
                self.plain_or_text(&number, lenient);
            }
            Scalar::Decimal => {
                let number = format!("{}.{:02}", random.below(1_000_000), random.below(100));
                self.push(&number);
            }
            Scalar::Boolean => {
                let flag = if random.one_in(2) { "true" } else { "false" };
                self.plain_or_text(flag, lenient);
            }
            Scalar::DateTime => {
                let text = moment(random);
                self.string(&text);
            }
            Scalar::Date => {
                let text = timestamp(random).to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
                self.string(&text);
            }
            Scalar::Time => {
                let text = civil::Time::midnight().wrapping_add(seconds(random, 86_400)).to_string();
                self.string(&text);
            }
            Scalar::Uuid => {
                let (high, low) = (random.next(), random.next());
                let text = format!(
                    "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
                    high >> 32,
                    (high >> 16) & 0xffff,
                    high & 0xfff,
                    low >> 52,
                    low & 0xffff_ffff_ffff
                );
                self.string(&text);
            }
            Scalar::Binary => {
                let text = base64::engine::general_purpose::STANDARD.encode(random.next().to_be_bytes());
                self.string(&text);
            }
        }
    }

    fn plain_or_text(&mut self, value: &str, as_text: bool) {
        if as_text {
            self.string(value);
        } else {
            self.push(value);
        }
    }

    /// A value of a free form: of every kind of JSON now and then, mostly an object.
    fn json(&mut self, field: Option<&Field>) {
        let name = field.map_or("value", |field| field.name.as_str());
        let sensitive = field.is_some_and(|field| field.sensitive);
        let random = &mut self.random;
        let word = if sensitive { words::secret(random, name) } else { words::text(random, "value") };
        let value = match random.below(8) {
            0 => serde_json::json!({}),
            1 => serde_json::json!({ "tags": [word, null, true], "nested": { "level": 2, "ratio": -1.5e-3 } }),
            _ => serde_json::json!({ "plan": word, "seats": random.below(1_000) }),
        };
        self.push(&value.to_string());
    }
}

/// A moment of 2023 as services write it.
pub(super) fn moment(random: &mut Random) -> String {
    format!("{:.3}", timestamp(random))
}

fn timestamp(random: &mut Random) -> Timestamp {
    let start = Timestamp::constant(1_672_531_200, 0);
    start.saturating_add(seconds(random, 31_536_000)).unwrap_or(start)
}

fn seconds(random: &mut Random, below: u64) -> SignedDuration {
    SignedDuration::from_millis(i64::try_from(random.below(below * 1_000)).unwrap_or_default())
}

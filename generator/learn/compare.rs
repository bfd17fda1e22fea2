//! Samples held against a schema: what they have that it does not allow.

use crate::model::{Field, Scalar, Type, TypeKind, Types};
use crate::sample::judge::named;
use crate::sample::shape::{Kind as Seen, Shape};
use crate::sample::{Forms, Texts};

use super::{Drift, Kind, Step};

/// How many samples of texts are given.
const SHOWN: usize = 5;

/// What samples of a type show.
#[must_use]
pub fn compare(types: &Types, ty: &Type, shape: &Shape) -> Vec<Drift> {
    let mut comparison = Comparison { types, found: Vec::new() };
    comparison.compare(ty, false, shape, &[]);
    comparison.found
}

struct Comparison<'a> {
    types: &'a Types,
    found: Vec<Drift>,
}

impl Comparison<'_> {
    fn compare(&mut self, ty: &Type, lenient: bool, shape: &Shape, path: &[Step]) {
        match ty {
            Type::Json => {}
            Type::Scalar(scalar) => self.scalar(*scalar, lenient, shape, path),
            Type::Array(element) => {
                self.only(shape, path, &[Seen::List]);
                if let Some(lists) = &shape.lists {
                    self.part(element, &lists.element, &with(path, Step::Element));
                }
            }
            Type::Map(values) => {
                self.only(shape, path, &[Seen::Object]);
                if let Some(objects) = &shape.objects {
                    let mut objects = objects.clone();
                    objects.collapse();
                    self.part(values, &objects.values.unwrap_or_default(), &with(path, Step::Value));
                }
            }
            Type::Named(id) => match &self.types.get(*id).kind {
                TypeKind::Struct(fields) => {
                    self.only(shape, path, &[Seen::Object]);
                    let is_open = self.types.get(*id).rest.is_some();
                    self.object(fields, is_open, shape, path);
                }
                TypeKind::Enum(values) => {
                    self.only(shape, path, &[Seen::Text]);
                    let known: Vec<&str> = values.iter().map(|value| value.value.as_str()).collect();
                    self.values(&known, shape, path);
                }
                // Which of its types a value is meant to be, nobody can tell.
                TypeKind::Union(_) => {}
            },
        }
    }

    /// What an array or a map holds, in which there is no null.
    fn part(&mut self, ty: &Type, shape: &Shape, path: &[Step]) {
        if shape.nulls > 0 && *ty != Type::Json {
            self.add(path, Kind::Null, shape.nulls, &["null"], Vec::new());
        }
        self.compare(ty, false, shape, path);
    }

    fn object(&mut self, fields: &[Field], is_open: bool, shape: &Shape, path: &[Step]) {
        let Some(objects) = &shape.objects else { return };
        for field in fields {
            let path = with(path, Step::Key(field.name.value.clone()));
            let member = objects.fields.get(field.name.as_str());
            let present = member.map_or(0, |member| member.present);
            if field.required && present < objects.count && objects.values.is_none() {
                self.add(&path, Kind::Absent, objects.count - present, &[], Vec::new());
            }
            let Some(member) = member else { continue };
            if member.shape.nulls > 0 && !field.nullable {
                self.add(&path, Kind::Null, member.shape.nulls, &["null"], Vec::new());
            }
            self.compare(&field.ty, field.lenient, &member.shape, &path);
        }
        let unknown = objects.fields.iter().filter(|(key, _)| fields.iter().all(|field| *field.name.value != ***key));
        for (key, member) in unknown.filter(|_| !is_open) {
            let path = with(path, Step::Key(key.to_string()));
            let judged = named(key, &member.shape);
            let types = types_of(&member.shape);
            let types: Vec<&str> = types.iter().map(String::as_str).collect();
            self.add(&path, Kind::UnknownField, member.present, &types, Vec::new());
            if let Some(last) = self.found.last_mut() {
                last.judged = Some(judged);
            }
        }
    }

    fn values(&mut self, known: &[&str], shape: &Shape, path: &[Step]) {
        let Some(texts) = &shape.texts else { return };
        let new: Vec<&(Box<str>, u64)> = texts.values.iter().filter(|(value, _)| !known.contains(&&**value)).collect();
        let count = new.iter().map(|(_, count)| count).sum();
        if count > 0 {
            let values = new.iter().map(|(value, _)| value.to_string()).collect();
            self.add(path, Kind::NewEnumValue, count, &["string"], values);
        }
    }

    fn scalar(&mut self, scalar: Scalar, lenient: bool, shape: &Shape, path: &[Step]) {
        let kinds: &[Seen] = match (scalar, lenient) {
            (Scalar::Decimal, _)
            | (Scalar::Integer | Scalar::Number | Scalar::String | Scalar::DateTime | Scalar::Date, true) => {
                &[Seen::Number, Seen::Text]
            }
            (Scalar::Boolean, true) => &[Seen::Boolean, Seen::Text],
            (Scalar::Integer | Scalar::Number, false) => &[Seen::Number],
            (Scalar::Boolean, false) => &[Seen::Boolean],
            _ => &[Seen::Text],
        };
        self.only(shape, path, kinds);
        if let Some(numbers) = &shape.numbers
            && scalar == Scalar::Integer
            && numbers.whole < numbers.count
        {
            self.add(path, Kind::Mismatch, numbers.count - numbers.whole, &["number"], Vec::new());
        }
        if let Some(texts) = shape.texts.as_ref().filter(|texts| kinds.contains(&Seen::Text) && !takes(scalar, lenient, texts)) {
            self.add(path, Kind::Mismatch, texts.count, &["string"], samples(texts));
        }
    }

    /// Values of other kinds do not fit.
    fn only(&mut self, shape: &Shape, path: &[Step], kinds: &[Seen]) {
        let others: Vec<Seen> = shape.kinds().into_iter().filter(|kind| !kinds.contains(kind)).collect();
        if others.is_empty() {
            return;
        }
        let count = others.iter().map(|kind| count(shape, *kind)).sum();
        let types: Vec<&str> = others.iter().map(|kind| word(shape, *kind)).collect();
        let values =
            shape.texts.as_ref().filter(|_| others.contains(&Seen::Text)).map(|texts| samples(texts)).unwrap_or_default();
        self.add(path, Kind::Mismatch, count, &types, values);
    }

    fn add(&mut self, path: &[Step], kind: Kind, count: u64, types: &[&str], values: Vec<String>) {
        let types = types.iter().map(|&word| word.to_owned()).collect();
        self.found.push(Drift { path: path.to_vec(), kind, count, types, values, judged: None });
    }
}

/// Whether texts are what a type takes.
fn takes(scalar: Scalar, lenient: bool, texts: &Texts) -> bool {
    let forms = texts.forms;
    match scalar {
        Scalar::String | Scalar::Binary => true,
        Scalar::DateTime => forms.has(Forms::DATE_TIME) || (lenient && (forms.has(Forms::MOMENT) || forms.has(Forms::DATE))),
        Scalar::Date => forms.has(Forms::DATE) || forms.has(Forms::DATE_TIME) || (lenient && forms.has(Forms::MOMENT)),
        Scalar::Time => forms.has(Forms::TIME),
        Scalar::Uuid => forms.has(Forms::UUID),
        Scalar::Decimal | Scalar::Number => forms.has(Forms::DECIMAL) || forms.has(Forms::INTEGER),
        Scalar::Integer => forms.has(Forms::INTEGER),
        Scalar::Boolean => forms.has(Forms::BOOLEAN),
    }
}

fn samples(texts: &Texts) -> Vec<String> {
    texts.values.iter().take(SHOWN).map(|(value, _)| value.to_string()).collect()
}

fn count(shape: &Shape, kind: Seen) -> u64 {
    match kind {
        Seen::Boolean => shape.booleans,
        Seen::Number => shape.numbers.as_ref().map_or(0, |it| it.count),
        Seen::Text => shape.texts.as_ref().map_or(0, |it| it.count),
        Seen::List => shape.lists.as_ref().map_or(0, |it| it.count),
        Seen::Object => shape.objects.as_ref().map_or(0, |it| it.count),
    }
}

fn word(shape: &Shape, kind: Seen) -> &'static str {
    match kind {
        Seen::Boolean => "boolean",
        Seen::Number if shape.numbers.as_ref().is_some_and(|it| it.whole == it.count) => "integer",
        Seen::Number => "number",
        Seen::Text => "string",
        Seen::List => "array",
        Seen::Object => "object",
    }
}

fn types_of(shape: &Shape) -> Vec<String> {
    let mut types: Vec<String> = shape.kinds().into_iter().map(|kind| word(shape, kind).to_owned()).collect();
    types.extend((shape.nulls > 0).then(|| "null".to_owned()));
    types
}

fn with(path: &[Step], step: Step) -> Vec<Step> {
    path.iter().cloned().chain([step]).collect()
}

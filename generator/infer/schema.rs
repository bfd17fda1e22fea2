//! Schemas as the inference looks at them: references followed, `allOf` merged, null left out.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

use crate::openapi::{Document, reference};

/// How many first alternatives are followed to a record.
const MAX_DEPTH: usize = 12;

/// The types that a value may have, null aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const STRING: Self = Self(1);
    pub(super) const INTEGER: Self = Self(2);
    pub(super) const NUMBER: Self = Self(4);
    pub(super) const BOOLEAN: Self = Self(8);
    pub(super) const OBJECT: Self = Self(16);
    pub(super) const ARRAY: Self = Self(32);

    pub(super) fn has(self, kind: Self) -> bool {
        self.0 & kind.0 != 0
    }

    /// Whether nothing is said.
    pub(super) fn is_unknown(self) -> bool {
        self.0 == 0
    }

    /// Whether it may be this, as far as is known.
    pub(super) fn may_be(self, kind: Self) -> bool {
        self.is_unknown() || self.has(kind)
    }

    pub(super) fn is_number(self) -> bool {
        self.has(Self::INTEGER) || self.has(Self::NUMBER)
    }

    /// Whether it is a plain value and nothing else.
    pub(super) fn is_scalar(self) -> bool {
        !self.is_unknown() && !self.has(Self::OBJECT) && !self.has(Self::ARRAY)
    }

    fn add(&mut self, kind: Self) {
        self.0 |= kind.0;
    }

    fn of(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "string" => Self::STRING,
            "integer" | "int" | "long" => Self::INTEGER,
            "number" | "float" | "double" => Self::NUMBER,
            "boolean" | "bool" => Self::BOOLEAN,
            "object" => Self::OBJECT,
            "array" | "list" => Self::ARRAY,
            _ => Self::default(),
        }
    }
}

/// A member of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Property<'d> {
    pub(super) name: &'d str,
    pub(super) schema: &'d Value,
    pub(super) required: bool,
}

/// What a schema says, all in one place.
#[derive(Debug, Default)]
pub(super) struct View<'d> {
    pub(super) kinds: Kinds,
    /// Whether null is among its values.
    pub(super) nullable: bool,
    pub(super) properties: Vec<Property<'d>>,
    pub(super) items: Option<&'d Value>,
    /// What it may be one of, where that is more than one thing.
    pub(super) variants: Vec<&'d Value>,
    /// Whether those are written as the elements of an array.
    pub(super) is_row: bool,
    /// The name of the schema that was referred to.
    pub(super) name: Option<&'d str>,
    pub(super) format: Option<&'d str>,
    pub(super) description: Option<&'d str>,
    pub(super) default: Option<&'d Value>,
    pub(super) example: Option<&'d Value>,
    pub(super) minimum: Option<i64>,
    pub(super) maximum: Option<i64>,
    /// The values that it may have, where they are listed.
    pub(super) values: Option<&'d [Value]>,
    required: Vec<&'d str>,
}

impl<'d> View<'d> {
    pub(super) fn property(&self, name: &str) -> Option<&Property<'d>> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// The description and what is given as an example, in small letters.
    pub(super) fn prose(&self) -> String {
        let example = self.example.and_then(Value::as_str).unwrap_or_default();
        format!("{} {example}", self.description.unwrap_or_default()).to_lowercase()
    }
}

/// The schemas of a document, each looked at once.
#[derive(Debug)]
pub(super) struct Schemas<'d> {
    document: &'d Document,
    seen: RefCell<HashMap<*const Value, Rc<View<'d>>>>,
    /// The types of alternatives.
    kinds: RefCell<HashMap<*const Value, Kinds>>,
}

impl<'d> Schemas<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        Self { document, seen: RefCell::default(), kinds: RefCell::default() }
    }

    pub(super) fn view(&self, schema: &'d Value) -> Rc<View<'d>> {
        let place = std::ptr::from_ref(schema);
        if let Some(view) = self.seen.borrow().get(&place) {
            return Rc::clone(view);
        }
        let mut view = View::default();
        self.absorb(schema, &mut view, &mut HashSet::new());
        let required = std::mem::take(&mut view.required);
        for property in &mut view.properties {
            property.required = required.contains(&property.name);
        }
        let view = Rc::new(view);
        self.seen.borrow_mut().insert(place, Rc::clone(&view));
        view
    }

    /// The schema of the elements, where it is a list in one of its forms.
    pub(super) fn items(&self, view: &View<'d>) -> Option<&'d Value> {
        view.items.or_else(|| view.variants.iter().find_map(|variant| self.view(variant).items))
    }

    /// A view with the members of its variants: those of a record that comes in several forms. A member that one of them lacks is
    /// not required.
    pub(super) fn record(&self, schema: &'d Value) -> Rc<View<'d>> {
        let view = self.view(schema);
        if view.variants.is_empty() {
            return view;
        }
        let forms: Vec<Rc<View<'d>>> = view.variants.iter().map(|variant| self.record_form(variant, 0)).collect();
        let mut merged = View { kinds: view.kinds, name: view.name, properties: view.properties.clone(), ..View::default() };
        for form in &forms {
            merged.kinds.0 |= form.kinds.0;
            for property in &form.properties {
                let everywhere = forms.iter().all(|form| form.property(property.name).is_some_and(|it| it.required));
                if merged.property(property.name).is_none() {
                    merged.properties.push(Property { required: everywhere, ..*property });
                }
            }
        }
        Rc::new(merged)
    }

    fn record_form(&self, schema: &'d Value, depth: usize) -> Rc<View<'d>> {
        let view = self.view(schema);
        match view.variants.first() {
            Some(first) if view.properties.is_empty() && depth < MAX_DEPTH => self.record_form(first, depth + 1),
            _ => view,
        }
    }

    /// Adds what a schema says; `seen` has what was added already, to which a schema may lead by many ways.
    fn absorb(&self, schema: &'d Value, view: &mut View<'d>, seen: &mut HashSet<*const Value>) {
        if !schema.is_object() || !seen.insert(std::ptr::from_ref(schema)) {
            return;
        }
        facts(schema, view);
        if let Some(reference) = reference(schema) {
            view.name = view.name.or_else(|| reference.rsplit('/').next());
            if let Some(target) = self.document.resolve(schema) {
                self.absorb(target, view, seen);
            }
        }
        let list = |key: &str| schema.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for part in list("allOf") {
            self.absorb(part, view, seen);
        }
        for key in ["oneOf", "anyOf"] {
            let all = list(key);
            let some: Vec<&Value> = all.iter().filter(|variant| !self.is_null(variant)).collect();
            view.nullable |= some.len() < all.len();
            match some.as_slice() {
                [only] => self.absorb(only, view, seen),
                several => {
                    for variant in several {
                        let kinds = self.kinds(variant);
                        view.kinds.add(kinds);
                    }
                    // Of plain values only the types matter.
                    if view.kinds.has(Kinds::OBJECT) || view.kinds.has(Kinds::ARRAY) {
                        view.variants.extend(several);
                    }
                }
            }
        }
    }

    fn is_null(&self, schema: &'d Value) -> bool {
        let schema = self.document.resolve(schema).unwrap_or(schema);
        schema.get("type").and_then(Value::as_str) == Some("null")
    }

    fn kinds(&self, schema: &'d Value) -> Kinds {
        let place = std::ptr::from_ref(schema);
        if let Some(kinds) = self.kinds.borrow().get(&place) {
            return *kinds;
        }
        // It adds nothing to itself.
        self.kinds.borrow_mut().insert(place, Kinds::default());
        let mut view = View::default();
        self.absorb(schema, &mut view, &mut HashSet::new());
        self.kinds.borrow_mut().insert(place, view.kinds);
        view.kinds
    }
}

/// Adds what a schema says itself.
fn facts<'d>(schema: &'d Value, view: &mut View<'d>) {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    match schema.get("type") {
        Some(Value::String(word)) => view.kinds.add(Kinds::of(word)),
        Some(Value::Array(words)) => {
            for word in words.iter().filter_map(Value::as_str) {
                view.nullable |= word == "null";
                view.kinds.add(Kinds::of(word));
            }
        }
        _ => {}
    }
    view.nullable |= schema.get("nullable").and_then(Value::as_bool) == Some(true);
    if let Some(Value::Object(properties)) = schema.get("properties") {
        view.kinds.add(Kinds::OBJECT);
        for (name, schema) in properties {
            if view.property(name).is_none() {
                view.properties.push(Property { name, schema, required: false });
            }
        }
    }
    if schema.get("additionalProperties").is_some_and(|it| it.is_object() || it == true) {
        view.kinds.add(Kinds::OBJECT);
    }
    match schema.get("items") {
        // A row of schemas that is not said to be an array is used for what the value may be one of.
        Some(Value::Array(forms)) if schema.get("type").is_none() => {
            view.is_row = true;
            view.kinds.add(Kinds::OBJECT);
            view.variants.extend(forms);
        }
        Some(items) => {
            view.kinds.add(Kinds::ARRAY);
            view.items = view.items.or(Some(items));
        }
        None => {}
    }
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    view.required.extend(required.filter_map(Value::as_str));
    view.format = view.format.or_else(|| text("format"));
    view.description = view.description.or_else(|| text("description")).or_else(|| text("title"));
    view.default = view.default.or_else(|| schema.get("default"));
    let examples = || schema.get("examples").and_then(Value::as_array).and_then(|list| list.first());
    view.example = view.example.or_else(|| schema.get("example")).or_else(examples);
    let number = |key: &str| schema.get(key).and_then(whole);
    view.minimum = view.minimum.or_else(|| number("minimum"));
    view.maximum = view.maximum.or_else(|| number("maximum"));
    if let Some(Value::Array(values)) = schema.get("enum") {
        view.values = view.values.or(Some(values));
        if view.kinds.is_unknown() && values.iter().all(Value::is_string) {
            view.kinds.add(Kinds::STRING);
        }
    }
}

/// A whole number, also where it is written as a text or with a fraction of nothing.
pub(super) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 1e15)?;
            format!("{float:.0}").parse().ok()
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

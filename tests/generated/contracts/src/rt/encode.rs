//! How Rust types are written as JSON.
//!
//! One writer does it all, and it is not generic: a generated record is one call of it with a row of its fields. So what is sent
//! costs the compiler next to nothing.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use crate::rt::json_write;
use crate::rt::record::{Key, Presence};

/// A type that can be written as JSON.
pub trait Encode {
    /// Writes the value.
    fn encode(&self, w: &mut Writer);

    /// Whether there is no value, so that a member is left out.
    fn is_absent(&self) -> bool {
        false
    }
}

/// A value as JSON text.
pub fn to_json(value: &dyn Encode) -> String {
    let mut w = Writer::default();
    value.encode(&mut w);
    w.out
}

/// Writes JSON text.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    /// The member that the next record must have, and its value.
    tag: Option<(&'static str, &'static str)>,
}

impl Writer {
    /// Writes JSON text as it is.
    pub fn raw(&mut self, json: &str) {
        self.out.push_str(json);
    }

    /// Writes a string.
    pub fn string(&mut self, text: &str) {
        json_write::string(&mut self.out, text);
    }

    /// Writes a number, a date or the like, which needs no escapes.
    pub fn display(&mut self, value: &dyn fmt::Display) {
        // Writing to a `String` can not fail.
        let _ = write!(self.out, "{value}");
    }

    /// Writes a value as a string that needs no escapes.
    pub fn quoted(&mut self, value: &dyn fmt::Display) {
        let _ = write!(self.out, "\"{value}\"");
    }

    /// Writes a list.
    pub fn array(&mut self, elements: &mut dyn Iterator<Item = &dyn Encode>) {
        self.out.push('[');
        let start = self.out.len();
        for element in elements {
            self.separate(start);
            element.encode(self);
        }
        self.out.push(']');
    }

    /// Writes an object with free keys. Members without a value are left out.
    pub fn object<'v>(&mut self, members: &mut dyn Iterator<Item = (&'v str, &'v dyn Encode)>) {
        self.out.push('{');
        let start = self.out.len();
        self.members(start, members);
        self.out.push('}');
    }

    /// Writes a record: its keys, and the values of its fields in their order.
    pub fn record(&mut self, keys: &[Key], fields: &[&dyn Encode]) {
        self.record_and_rest(keys, fields, &mut std::iter::empty());
    }

    /// Writes a record that has further members.
    pub fn record_and_rest<'v>(
        &mut self,
        keys: &[Key],
        fields: &[&dyn Encode],
        rest: &mut dyn Iterator<Item = (&'v str, &'v dyn Encode)>,
    ) {
        let mut tag = self.tag.take();
        self.out.push('{');
        let start = self.out.len();
        for (key, field) in keys.iter().zip(fields) {
            let is_tag = tag.is_some_and(|(name, _)| name == key.name);
            if field.is_absent() && key.presence != Presence::Nullable && !is_tag {
                continue;
            }
            self.key(start, key.name);
            let value = self.out.len();
            field.encode(self);
            if is_tag
                && let Some((_, text)) = tag.take()
                && matches!(self.out.get(value..), Some("null" | "\"\""))
            {
                self.out.truncate(value);
                self.string(text);
            }
        }
        if let Some((name, text)) = tag {
            self.key(start, name);
            self.string(text);
        }
        self.members(start, rest);
        self.out.push('}');
    }

    /// Writes a value whose outermost record says by a member which of several types it is. What the record has there already
    /// stays, unless it is nothing.
    pub fn tagged(&mut self, name: &'static str, text: &'static str, value: &dyn Encode) {
        self.tag = Some((name, text));
        value.encode(self);
        self.tag = None;
    }

    fn members<'v>(&mut self, start: usize, members: &mut dyn Iterator<Item = (&'v str, &'v dyn Encode)>) {
        for (name, value) in members.filter(|(_, value)| !value.is_absent()) {
            self.key(start, name);
            value.encode(self);
        }
    }

    fn key(&mut self, start: usize, name: &str) {
        self.separate(start);
        json_write::string(&mut self.out, name);
        self.out.push(':');
    }

    fn separate(&mut self, start: usize) {
        if self.out.len() > start {
            self.out.push(',');
        }
    }
}

/// The members of a map, as a [`Writer`] takes them.
pub fn members<T: Encode>(map: &BTreeMap<String, T>) -> impl Iterator<Item = (&str, &dyn Encode)> {
    map.iter().map(|(key, value)| (key.as_str(), value as &dyn Encode))
}

impl Encode for str {
    fn encode(&self, w: &mut Writer) {
        w.string(self);
    }
}

impl Encode for String {
    fn encode(&self, w: &mut Writer) {
        w.string(self);
    }
}

impl Encode for bool {
    fn encode(&self, w: &mut Writer) {
        w.raw(if *self { "true" } else { "false" });
    }
}

impl Encode for i64 {
    fn encode(&self, w: &mut Writer) {
        w.display(self);
    }
}

/// JSON has neither infinities nor what is no number: they are null.
impl Encode for f64 {
    fn encode(&self, w: &mut Writer) {
        if self.is_finite() { w.display(self) } else { w.raw("null") }
    }
}

/// `None` is null, and a member that is left out.
impl<T: Encode> Encode for Option<T> {
    fn encode(&self, w: &mut Writer) {
        match self {
            Some(value) => value.encode(w),
            None => w.raw("null"),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Encode> Encode for [T] {
    fn encode(&self, w: &mut Writer) {
        w.array(&mut self.iter().map(|element| element as &dyn Encode));
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, w: &mut Writer) {
        self.as_slice().encode(w);
    }
}

impl<T: Encode> Encode for BTreeMap<String, T> {
    fn encode(&self, w: &mut Writer) {
        w.object(&mut members(self));
    }
}

impl<T: Encode + ?Sized> Encode for Box<T> {
    fn encode(&self, w: &mut Writer) {
        (**self).encode(w);
    }

    fn is_absent(&self) -> bool {
        (**self).is_absent()
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self, w: &mut Writer) {
        (**self).encode(w);
    }

    fn is_absent(&self) -> bool {
        (**self).is_absent()
    }
}

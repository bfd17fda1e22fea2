//! A value of the spec together with its place: what `serde_yaml` read, paired with what the event pass saw.

use serde_yaml::Value;

use super::places::{Form, PlaceId, Places};
use crate::codes::Code;
use crate::diagnostic::Diagnostics;
use crate::model::Spanned;
use crate::source::Span;

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// What to underline: a scalar itself, the key of a map or list.
    pub span: Span,
    /// The value.
    pub content: Content,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// Nothing, or `null`.
    Null,
    /// Something that did not fit and was reported; it reads as nothing.
    Refused,
    /// A text, number or truth value.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the text.
    Map(Vec<Member>),
}

/// A text, number or truth value.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// Its text, as it was written.
    pub text: String,
    /// The byte at which that text stands literally, where it does.
    pub at: Option<u32>,
    /// What YAML takes it for.
    pub kind: ScalarKind,
}

/// What YAML takes a scalar for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarKind {
    /// Text.
    Text,
    /// A number without a fraction.
    Integer,
    /// Any other number.
    Number,
    /// `true` or `false`.
    Boolean,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Member {
    /// The key.
    pub key: String,
    /// Its place.
    pub span: Span,
    /// Its value.
    pub node: Node,
}

impl Node {
    /// Pairs values and places. Where the two readers disagree, the nearest place around is taken.
    pub fn pair(value: &Value, places: &Places, whole: Span, diagnostics: &mut Diagnostics) -> Self {
        Pairing { places, diagnostics }.node(value, places.root(), whole)
    }

    /// A map that the spec does not hold but means.
    pub fn map(span: Span, members: Vec<Member>) -> Self {
        Self { span, content: Content::Map(members) }
    }

    /// A text that stands in a key.
    pub fn text_at(text: &str, span: Span) -> Self {
        Self { span, content: Content::Scalar(Scalar { text: text.to_owned(), at: None, kind: ScalarKind::Text }) }
    }

    /// Whether it says nothing, be it that it was refused.
    pub fn is_null(&self) -> bool {
        matches!(self.content, Content::Null | Content::Refused)
    }

    /// Whether something stood here that was reported, so that nothing needs to be said about its absence.
    pub fn is_refused(&self) -> bool {
        matches!(self.content, Content::Refused)
    }

    /// Whether nothing stands at a key.
    pub fn lacks(&self, key: &str) -> bool {
        self.member(key).is_none_or(|member| matches!(member.node.content, Content::Null))
    }

    /// The value of a key; a null is none.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.member(key).map(|member| &member.node).filter(|node| !node.is_null())
    }

    /// A key and its value; the value may be null.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.key == key)
    }

    /// The keys and values of a map; none for anything else.
    pub fn members(&self) -> &[Member] {
        match &self.content {
            Content::Map(members) => members,
            _ => &[],
        }
    }

    /// The elements of a list; none for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// The elements of a list, or the one value that stands in place of a list.
    pub fn one_or_many(&self) -> &[Node] {
        match &self.content {
            Content::List(items) => items,
            Content::Null | Content::Refused => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The scalar, if it is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.content {
            Content::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    /// The text of a scalar and its place.
    pub fn spanned(&self) -> Option<Spanned<String>> {
        self.text().map(|text| Spanned::new(text.to_owned(), self.span))
    }

    /// A truth value.
    pub fn boolean(&self) -> Option<bool> {
        self.scalar().filter(|scalar| scalar.kind == ScalarKind::Boolean).map(|scalar| scalar.text.eq_ignore_ascii_case("true"))
    }

    /// The place of a part of a scalar's text, as near as it is known.
    pub fn part(&self, start: usize, end: usize) -> Span {
        let offset = |by: usize| self.scalar()?.at?.checked_add(u32::try_from(by).ok()?);
        match (offset(start), offset(end)) {
            (Some(start), Some(end)) => Span { start, end, ..self.span },
            _ => self.span,
        }
    }

    /// The text of a key's value, copied.
    pub fn text_of(&self, key: &str) -> Option<String> {
        self.get(key).and_then(Node::text).map(str::to_owned)
    }

    /// The truth value of a key.
    pub fn boolean_of(&self, key: &str) -> Option<bool> {
        self.get(key).and_then(Node::boolean)
    }
}

struct Pairing<'a> {
    places: &'a Places,
    diagnostics: &'a mut Diagnostics,
}

impl Pairing<'_> {
    fn node(&mut self, value: &Value, place: Option<PlaceId>, around: Span) -> Node {
        let place = place.and_then(|id| self.places.get(id).map(|place| (id, place)));
        let span = place.map_or(around, |(_, place)| place.span);
        let content = match value {
            Value::Null => Content::Null,
            Value::Bool(truth) => Content::Scalar(self.scalar(truth.to_string(), place.map(|(id, _)| id), ScalarKind::Boolean)),
            Value::Number(number) => {
                let kind = if number.is_f64() { ScalarKind::Number } else { ScalarKind::Integer };
                Content::Scalar(self.scalar(number.to_string(), place.map(|(id, _)| id), kind))
            }
            Value::String(text) => Content::Scalar(self.scalar(text.clone(), place.map(|(id, _)| id), ScalarKind::Text)),
            Value::Sequence(items) => Content::List(self.items(items, place.map(|(id, _)| id), span)),
            Value::Mapping(map) => Content::Map(self.members(map, place.map(|(id, _)| id), span)),
            Value::Tagged(tagged) => {
                self.diagnostics.report(Code::Tag, span, &[&tagged.tag.to_string()]);
                return self.node(&tagged.value, place.map(|(id, _)| id), around);
            }
        };
        Node { span, content }
    }

    fn scalar(&self, read: String, place: Option<PlaceId>, kind: ScalarKind) -> Scalar {
        match place.and_then(|id| self.places.get(id)).map(|place| &place.form) {
            Some(Form::Scalar { text, at }) => Scalar { text: text.clone(), at: *at, kind },
            _ => Scalar { text: read, at: None, kind },
        }
    }

    fn items(&mut self, items: &[Value], place: Option<PlaceId>, around: Span) -> Vec<Node> {
        let places = match place.and_then(|id| self.places.get(id)).map(|place| &place.form) {
            Some(Form::List(places)) => places.as_slice(),
            _ => &[],
        };
        items.iter().enumerate().map(|(at, item)| self.node(item, places.get(at).copied(), around)).collect()
    }

    fn members(&mut self, map: &serde_yaml::Mapping, place: Option<PlaceId>, around: Span) -> Vec<Member> {
        let mut members = Vec::with_capacity(map.len());
        for (key, value) in map {
            let Some(key) = key_text(key) else {
                self.diagnostics.report(Code::KeyNotText, around, &[]);
                continue;
            };
            let entry = place.and_then(|id| self.places.entry(id, &key));
            let span = entry.map_or(around, |entry| entry.span);
            let mut node = self.node(value, entry.map(|entry| entry.value), span);
            if !matches!(node.content, Content::Scalar(_)) {
                // Many lines are shown by the key that leads to them.
                node.span = span;
            }
            members.push(Member { key, span, node });
        }
        // Merging moves keys about.
        members.sort_by_key(|member| member.span);
        members
    }
}

/// A key as text. A number keeps YAML's canonical form, which for the keys of this language (`200:`) is the written one.
fn key_text(key: &Value) -> Option<String> {
    match key {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null => Some("null".to_owned()),
        _ => None,
    }
}

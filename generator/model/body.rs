//! The bodies of requests.

use super::{Path, Segment, Template, TemplatePart, Type};

/// How the body of a request is written.
#[derive(Clone, Debug)]
pub enum Body {
    /// The parameters in the body, as a form; no body where there are none.
    Form,
    /// A JSON document.
    Json(Json),
    /// A value that the caller gives.
    Given(Given),
}

/// A body that the caller gives.
#[derive(Clone, Debug)]
pub struct Given {
    /// Its type.
    pub ty: Type,
    /// Whether a call without it is refused; it is positional then.
    pub required: bool,
    /// How it is written.
    pub encoding: Encoding,
    /// Its media type, as it is sent.
    pub media_type: String,
    /// What it is, for people.
    pub description: Option<String>,
}

/// How a value becomes a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As JSON.
    Json,
    /// The members of an object as a form; members of members in brackets.
    Form,
    /// The members of an object as the parts of a multipart body.
    Multipart {
        /// The members that are files: base64 in the value, bytes in the part.
        files: Vec<String>,
    },
    /// A text, as it is.
    Text,
    /// Bytes, as they are.
    Bytes,
}

/// A value of a JSON document. One whose holes all lack a value is left out of the object or array around it.
#[derive(Clone, Debug)]
pub enum Json {
    /// A number, a truth value or a null, as JSON text.
    Literal(String),
    /// A text with holes.
    Text(Template),
    /// A hole that takes a number.
    Number(Template),
    /// A hole that takes a truth value.
    Boolean(Template),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Every text with holes.
    pub fn templates(&self) -> Vec<&Template> {
        self.texts().into_iter().map(|(_, text)| text).collect()
    }

    /// Every text with holes, and where it is.
    pub fn texts(&self) -> Vec<(Path, &Template)> {
        self.leaves().into_iter().filter_map(|(path, leaf)| Some((path, leaf.template()?))).collect()
    }

    /// The value at a place, or the last one on the way there with what is left of the way.
    pub fn at<'a>(&self, path: &'a [Segment]) -> (&Self, &'a [Segment]) {
        let Some((segment, rest)) = path.split_first() else { return (self, path) };
        let inner = match (segment, self) {
            (Segment::Key(key), Self::Object(members)) => members.iter().find(|(held, _)| held == key).map(|(_, value)| value),
            (Segment::Index(index), Self::Array(elements)) => elements.get(*index),
            _ => None,
        };
        inner.map_or((self, path), |inner| inner.at(rest))
    }

    /// Makes numbers of the texts that are nothing but a bound of an incremental run.
    pub fn bounds_are_numbers(&mut self) {
        match self {
            Self::Text(text) if matches!(text.parts.as_slice(), [TemplatePart::Hole(hole)] if hole.is_bound()) => {
                *self = Self::Number(std::mem::take(text));
            }
            Self::Array(elements) => elements.iter_mut().for_each(Self::bounds_are_numbers),
            Self::Object(members) => members.iter_mut().for_each(|(_, value)| value.bounds_are_numbers()),
            _ => {}
        }
    }

    fn template(&self) -> Option<&Template> {
        match self {
            Self::Text(template) | Self::Number(template) | Self::Boolean(template) => Some(template),
            Self::Literal(_) | Self::Array(_) | Self::Object(_) => None,
        }
    }

    /// Every value that is neither an object nor an array, and where it is.
    fn leaves(&self) -> Vec<(Path, &Self)> {
        let inner: Vec<(Segment, &Self)> = match self {
            Self::Array(elements) => elements.iter().enumerate().map(|(at, element)| (Segment::Index(at), element)).collect(),
            Self::Object(members) => members.iter().map(|(key, value)| (Segment::Key(key.clone()), value)).collect(),
            leaf => return vec![(Path::default(), leaf)],
        };
        let mut leaves = Vec::new();
        for (segment, value) in inner {
            for (mut path, leaf) in value.leaves() {
                path.0.insert(0, segment.clone());
                leaves.push((path, leaf));
            }
        }
        leaves
    }
}

//! Request bodies: forms, flat JSON objects of texts, JSON documents, and what the caller gives.

use std::fmt;

use crate::rt::descriptor::{BodyEncoding, Path};
use crate::rt::error::Result;
use crate::rt::json_write::ObjectWriter;
use crate::rt::url::encoded;

/// How the body of an operation is written.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// Its parameters in the body, as a form; no body where none has a value.
    Form,
    /// A JSON document.
    Json(&'static dyn Document),
    /// What the caller gives; no body where nothing is given.
    Given(Given),
}

/// How a body that the caller gives is sent.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// Its media type.
    pub media_type: &'static str,
    /// What writes it, where it is not sent as it is given.
    pub render: Option<&'static dyn Render>,
}

/// Writes a body of a kind that is no JSON.
pub trait Render: fmt::Debug + Sync {
    /// The body of a value, which is given as JSON.
    fn render(&self, json: &[u8]) -> Result<Rendered>;
}

/// A body that was written.
#[derive(Debug)]
pub struct Rendered {
    /// The body.
    pub bytes: Vec<u8>,
    /// What the media type says besides, such as `; boundary=…`.
    pub parameters: String,
}

/// A JSON document that is written for each request.
pub trait Document: fmt::Debug + Sync {
    /// Its text. `value` gives what fills a hole; `placed` are further values: their places, and their JSON texts.
    fn text(&self, value: &Lookup<'_>, placed: &[(Path, String)]) -> Result<String>;

    /// Whether a hole of this name is in it.
    fn refers_to(&self, name: &str) -> bool;
}

/// Gives the value of a hole, if it has one.
pub type Lookup<'a> = dyn Fn(&str) -> Result<Option<String>> + 'a;

/// A body's media type and text.
pub fn encode<'a>(encoding: BodyEncoding, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> (&'static str, String) {
    let fields = fields.into_iter();
    match encoding {
        BodyEncoding::Form => {
            let pairs: Vec<_> = fields.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
            ("application/x-www-form-urlencoded", pairs.join("&"))
        }
        BodyEncoding::Json => {
            let object = fields.fold(ObjectWriter::new(), |object, (name, value)| object.string(name, value));
            ("application/json", object.finish())
        }
    }
}

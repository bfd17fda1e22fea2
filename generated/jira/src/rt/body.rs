//! Request bodies: forms, flat JSON objects of texts, and JSON documents.

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

//! Request bodies: flat lists of texts, as a form or as JSON.

use crate::rt::descriptor::BodyEncoding;
use crate::rt::json_write::ObjectWriter;
use crate::rt::url::encoded;

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

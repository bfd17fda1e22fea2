//! What a request asks for, whichever way it says so.

use hyper::{Request, body::Bytes, header};
use serde_json::Value;

use crate::model::Path;
use crate::model::Segment;

/// Names and values, decoded, in the order they came.
pub(super) type Pairs = Vec<(String, String)>;

/// The arguments of a request: those of its address, then those of its body, then its headers.
#[derive(Debug)]
pub(super) struct Arguments<'a> {
    request: &'a Request<Bytes>,
    pub(super) query: Pairs,
    pub(super) body: Pairs,
    /// The body, where it is JSON.
    pub(super) json: Value,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(request: &'a Request<Bytes>) -> Self {
        let query = request.uri().query().map(pairs).unwrap_or_default();
        let json = serde_json::from_slice(request.body()).ok().filter(|_| is_json(request)).unwrap_or_default();
        Self { request, query, body: body(request).unwrap_or_default(), json }
    }

    /// Whether the body is JSON.
    pub(super) fn has_json(&self) -> bool {
        serde_json::from_slice::<serde::de::IgnoredAny>(self.request.body()).is_ok()
    }

    /// The first value of a name in the query.
    pub(super) fn in_query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }

    /// The value of a header.
    pub(super) fn in_header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name)?.to_str().ok()
    }

    /// The first value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let held = self.query.iter().chain(&self.body).find(|(held, _)| held == name).map(|(_, value)| value.as_str());
        held.or_else(|| self.in_header(name))
    }
}

/// The fields of a body, a form or a flat JSON object; none where it is neither or contradicts its `Content-Type`.
pub(super) fn body(request: &Request<Bytes>) -> Option<Pairs> {
    let text = std::str::from_utf8(request.body()).ok()?;
    let media_type = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    match media_type.split(';').next()?.trim() {
        "application/x-www-form-urlencoded" => Some(pairs(text)),
        "application/json" => {
            let Value::Object(members) = serde_json::from_str(text).ok()? else { return None };
            let text = |value: Value| if let Value::String(text) = value { text } else { value.to_string() };
            Some(members.into_iter().map(|(name, value)| (name, text(value))).collect())
        }
        _ => None,
    }
}

/// Whether a body says that it is JSON, of whatever vendor.
fn is_json(request: &Request<Bytes>) -> bool {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    media_type == "application/json" || media_type.ends_with("+json")
}

/// The value at a place of a document.
pub(super) fn lookup<'v>(document: &'v Value, path: &Path) -> Option<&'v Value> {
    path.0.iter().try_fold(document, |value, segment| match segment {
        Segment::Key(key) => value.get(key),
        Segment::Index(index) => value.get(index),
    })
}

/// The text of a plain value.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Splits a query or a form.
pub(super) fn pairs(text: &str) -> Pairs {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
    };
    text.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// Undoes percent-encoding.
pub(super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Percent-encodes all but letters, digits and `-._~`.
pub(super) fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// A query with one parameter set to another value; the rest stays as it was sent.
pub(super) fn with_parameter(query: Option<&str>, name: &str, value: &str) -> String {
    let kept = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let kept = kept.filter(|pair| decode(pair.split('=').next().unwrap_or_default()) != name);
    let mut parts: Vec<String> = kept.map(str::to_owned).collect();
    parts.push(format!("{}={}", encode(name), encode(value)));
    parts.join("&")
}

/// Puts a value at a place of a document, making the objects and arrays that lead there.
pub(super) fn place(document: &mut Value, path: &Path, value: Value) {
    let mut at = document;
    for segment in &path.0 {
        at = match segment {
            Segment::Key(key) => {
                if !at.is_object() {
                    *at = Value::Object(serde_json::Map::new());
                }
                let Value::Object(members) = at else { return };
                members.entry(key.clone()).or_insert(Value::Null)
            }
            Segment::Index(index) => {
                if !at.is_array() {
                    *at = Value::Array(Vec::new());
                }
                let Value::Array(elements) = at else { return };
                if elements.len() <= *index {
                    elements.resize(index.saturating_add(1).min(64), Value::Null);
                }
                let Some(element) = elements.get_mut(*index) else { return };
                element
            }
        };
    }
    *at = value;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_and_decoding_are_inverse() {
        for text in ["", "user|0001", "a b+c%", "ü*~/?&=", "100%"] {
            assert_eq!(decode(&encode(text)), text);
        }
        assert_eq!(decode("%zz%2"), "%zz%2", "what is no escape stays");
    }

    #[test]
    fn a_parameter_is_replaced_and_the_rest_kept() {
        assert_eq!(with_parameter(Some("q=a%2Cb&page=1"), "page", "2"), "q=a%2Cb&page=2");
        assert_eq!(with_parameter(None, "page", "2"), "page=2");
    }

    #[test]
    fn bodies_are_read_by_their_media_type() {
        for (media_type, text, expected) in [
            ("application/x-www-form-urlencoded", "a=1&b=x+y", Some(vec![("a", "1"), ("b", "x y")])),
            ("application/json; charset=utf-8", r#"{"a":1,"b":"x y"}"#, Some(vec![("a", "1"), ("b", "x y")])),
            ("application/json", "a=1", None),
            ("text/plain", "a=1", None),
        ] {
            let request = Request::builder().header("content-type", media_type).body(Bytes::from(text)).unwrap();
            let expected = expected.map(|pairs| pairs.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect::<Pairs>());
            assert_eq!(body(&request), expected, "{media_type} {text}");
        }
    }

    #[test]
    fn values_are_placed_where_a_path_says() {
        let mut document = Value::Null;
        let path = |keys: &[&str]| Path(keys.iter().map(|key| Segment::Key((*key).to_owned())).collect());
        place(&mut document, &path(&["page", "total"]), 3.into());
        place(&mut document, &path(&["page", "items"]), Value::Array(Vec::new()));
        place(&mut document, &Path(vec![Segment::Key("links".into()), Segment::Index(1)]), "x".into());
        assert_eq!(document, serde_json::json!({ "page": { "total": 3, "items": [] }, "links": [null, "x"] }));
    }
}

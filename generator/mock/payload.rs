//! What a request must hold: parameters that are required, and the body that the spec says.

use serde_json::Value;

use super::{
    partition::body_texts,
    request::{Arguments, lookup},
};
use crate::model::{
    Body, Encoding, Given, Hole, Json, Location, Operation, Param, ParamStyle, ParamValue, Path, Resource, Segment, Template,
};

/// Holds a body to its document or its media type. The error is the place that does not fit.
pub(super) fn check(operation: &Operation, resource: Option<&Resource>, arguments: &Arguments) -> Result<(), Path> {
    let document = match &operation.body {
        Body::Form => return Ok(()),
        Body::Json(document) => document,
        Body::Given(given) if is_given(given, arguments) => return Ok(()),
        Body::Given(_) => return Err(Path::default()),
    };
    let carry = resource.map(|resource| resource.paging.carry.as_slice()).unwrap_or_default();
    let carried: Vec<&Path> = carry.iter().map(|(to, _)| &to.value).collect();
    fits(document, Some(&arguments.json), &mut Vec::new(), &carried)
}

/// Whether a body that callers give is there if it must be, and of its media type.
fn is_given(given: &Given, arguments: &Arguments) -> bool {
    let Some(media_type) = arguments.in_header("content-type") else { return !given.required };
    let essence = |media_type: &str| media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence(media_type) == essence(&given.media_type) && (given.encoding != Encoding::Json || arguments.has_json())
}

/// A parameter that must be sent and was not.
pub(super) fn missing<'a>(operation: &'a Operation, arguments: &Arguments) -> Option<&'a str> {
    let required = operation.params.iter().filter(|param| {
        let required = match &param.value {
            ParamValue::Fixed(_) => false,
            ParamValue::Argument { required, default, .. } => *required && default.is_none(),
        };
        required && param.location != Location::Path
    });
    let in_body = body_texts(operation);
    let is_given = |param: &Param| {
        let fills = |text: &Template| text.holes().any(|hole| matches!(hole, Hole::Argument(name) if *name == *param.name));
        match in_body.iter().find(|(_, text)| fills(text)) {
            Some((path, _)) => lookup(&arguments.json, path).is_some(),
            None => is_sent(param, arguments),
        }
    };
    required.into_iter().find(|param| !is_given(param)).map(|param| param.name.as_str())
}

/// Whether a parameter, or a part of it, is there.
fn is_sent(param: &Param, arguments: &Arguments) -> bool {
    let name = param.name.as_str();
    match (&param.style, param.location) {
        // Its members go by names of their own, which it may have none of.
        (ParamStyle::Members, _) => true,
        (ParamStyle::Brackets, _) => {
            let mut names = arguments.query.iter().map(|(held, _)| held);
            names.any(|held| held.strip_prefix(name).is_some_and(|rest| rest.starts_with('[')))
        }
        (_, Location::Cookie) => {
            let cookies = arguments.in_header("cookie").unwrap_or_default();
            cookies.split("; ").any(|cookie| cookie.split_once('=').is_some_and(|(held, _)| held == name))
        }
        _ => arguments.get(name).is_some(),
    }
}

/// Holds a body to its document: what is fixed is there, and what a caller gives has its type. The error is the place.
fn fits(document: &Json, value: Option<&Value>, place: &mut Vec<Segment>, carried: &[&Path]) -> Result<(), Path> {
    // What a page before gave stands in place of what the first request sends.
    if carried.iter().any(|path| path.0 == *place) {
        return Ok(());
    }
    let is_good = match (document, value) {
        (Json::Literal(text), value) => serde_json::from_str::<Value>(text).ok().as_ref() == value,
        (Json::Text(template), value) if template.holes().next().is_none() => {
            value.and_then(Value::as_str) == Some(template.literal_text().as_str())
        }
        // What has no value is left out.
        (Json::Text(_) | Json::Number(_) | Json::Boolean(_), None) => true,
        (Json::Text(_), Some(value)) => value.is_string(),
        (Json::Number(_), Some(value)) => value.is_number(),
        (Json::Boolean(_), Some(value)) => value.is_boolean(),
        (Json::Array(elements), Some(Value::Array(values))) => {
            // Elements that are left out shift the others.
            for (at, (element, value)) in elements.iter().zip(values).enumerate().filter(|_| elements.len() == values.len()) {
                place.push(Segment::Index(at));
                fits(element, Some(value), place, carried)?;
                place.pop();
            }
            true
        }
        (Json::Object(members), Some(Value::Object(values))) => {
            for (key, member) in members {
                place.push(Segment::Key(key.clone()));
                fits(member, values.get(key), place, carried)?;
                place.pop();
            }
            true
        }
        (Json::Array(_) | Json::Object(_), _) => false,
    };
    if is_good { Ok(()) } else { Err(Path(place.clone())) }
}

//! What an error response says: the service's code and message, and the id of the request, in the spellings that services use.

use crate::rt::descriptor::Path;
use crate::rt::descriptor::Segment::{Index, Key};
use crate::rt::error::{Error, ErrorKind};
use crate::rt::lookup::scalar;
use crate::rt::message::{Headers, Response};

/// Where services put their code, the most telling first.
const CODES: &[Path] = &[
    &[Key("errorCode")],
    &[Key("error"), Key("code")],
    &[Key("code")],
    &[Key("error")],
    &[Key("errors"), Index(0), Key("code")],
    &[Index(0), Key("errorCode")],
];

/// Where services put their message, the most telling first.
const MESSAGES: &[Path] = &[
    &[Key("message")],
    &[Key("error_description")],
    &[Key("error"), Key("message")],
    &[Key("developerMessage")],
    &[Key("detail")],
    &[Key("errors"), Index(0), Key("message")],
    &[Key("errors"), Index(0), Key("detail")],
    &[Index(0), Key("message")],
    &[Key("error")],
    &[Key("title")],
];

/// Where services put the id of a request.
const REQUEST_IDS: &[&str] =
    &["x-request-id", "request-id", "x-auth0-requestid", "x-amzn-requestid", "x-correlation-id", "cf-ray"];

/// How much of a message is kept, in characters.
const MESSAGE_LENGTH: usize = 300;

/// The error for a response. `mask` takes out the secrets that a service may send back.
#[must_use]
pub fn error(kind: ErrorKind, response: &Response, mask: &dyn Fn(&str) -> String) -> Error {
    let body = mask(&String::from_utf8_lossy(&response.body));
    let json = body.as_bytes();
    let code = CODES.iter().find_map(|path| scalar(json, path)).map(|code| one_line(&code));
    let message =
        MESSAGES.iter().find_map(|path| scalar(json, path)).map_or_else(|| reason(response.status), |text| one_line(&text));
    let request_id = request_id(&response.headers).map(|id| one_line(&mask(id)));
    Error::new(kind, message).with_response(response.status, request_id.as_deref(), json).with_code(code)
}

/// The service's id of a request.
#[must_use]
pub fn request_id(headers: &Headers) -> Option<&str> {
    REQUEST_IDS.iter().find_map(|name| headers.get(name)).filter(|id| !id.is_empty())
}

/// Fit for one line of a log.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut line: String = text.chars().take(MESSAGE_LENGTH).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MESSAGE_LENGTH).is_some() {
        line.push('…');
    }
    line
}

/// What a status means, where the service says nothing.
fn reason(status: u16) -> String {
    let reason = match status {
        200..=299 => "the response is a refusal, as a rule of the spec tells",
        300..=399 => "a redirect that can not be followed",
        400 => "bad request",
        401 => "not authorised",
        403 => "forbidden",
        404 => "not found",
        408 | 504 => "the service was too slow",
        409 => "conflict",
        410 => "gone",
        413 | 414 => "the request is too large",
        429 => "too many requests",
        402..=499 => "the service refuses the request",
        503 => "the service is not available",
        _ => "the service failed",
    };
    reason.to_owned()
}

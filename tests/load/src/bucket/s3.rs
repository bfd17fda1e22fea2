//! The language of S3, which Google's store speaks with other words.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::http::decoded;
use super::{ACCOUNT, Conditions, Object, Request, Response, State, empty, fails, xml};

/// What the two say differently.
pub(super) struct Dialect {
    /// Whether a request is one of the known account.
    is_known: fn(&Request) -> bool,
    /// Whether the object at the place of a request, if there is one, is the one that it is to replace; nothing if it does not ask.
    is_expected: fn(&Request, Option<&Object>) -> Option<bool>,
    /// The header by which answers number objects.
    number: Option<&'static str>,
    /// The header that names what is to be copied.
    source: &'static str,
    /// How long after an object was put there may be another one in its place.
    pause: Duration,
    /// What is answered to who deletes what is not there.
    unknown: u16,
}

pub(super) const AMAZON: Dialect = Dialect {
    is_known: |request| {
        let credential = format!("Credential={ACCOUNT}/");
        request.header("authorization").is_some_and(|text| text.contains(&credential))
    },
    is_expected: |request, held| {
        let (old, none) = (request.header("if-match"), request.header("if-none-match"));
        let is_old = old.map(|old| held.is_some_and(|held| tag(held.number) == old));
        is_old.or_else(|| none.map(|_| held.is_none()))
    },
    number: None,
    source: "x-amz-copy-source",
    pause: Duration::ZERO,
    unknown: 204,
};

pub(super) const GOOGLE: Dialect = Dialect {
    is_known: |request| {
        let token = request.header("authorization").and_then(|text| text.strip_prefix("Bearer "));
        let claims = token.and_then(|token| BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok());
        let claims = claims.and_then(|claims| serde_json::from_slice::<serde_json::Value>(&claims).ok());
        claims.is_some_and(|claims| claims["iss"].as_str().is_some_and(|name| name.starts_with(&format!("{ACCOUNT}@"))))
    },
    is_expected: |request, held| {
        request.header("x-goog-if-generation-match").map(|old| held.map_or(0, |held| held.number).to_string() == old)
    },
    number: Some("x-goog-generation"),
    source: "x-goog-copy-source",
    pause: Duration::from_secs(1),
    unknown: 404,
};

fn tag(number: u64) -> String {
    format!("\"tag-{number}\"")
}

impl Dialect {
    fn headers(&self, number: u64) -> Vec<(&'static str, String)> {
        let number = |name| (name, number.to_string());
        self.number.map(number).into_iter().collect()
    }

    fn tagged(&self, number: u64) -> Vec<(&'static str, String)> {
        [vec![("etag", tag(number))], self.headers(number)].concat()
    }
}

pub(super) fn answer(state: &mut State, request: &Request, dialect: &Dialect, conditions: Conditions) -> Response {
    if !(dialect.is_known)(request) {
        return fails(403, "InvalidAccessKeyId", request);
    }
    match (request.method.as_str(), request.query("uploadId")) {
        ("GET", _) if request.query("list-type").is_some() => list(state, request),
        ("GET" | "HEAD", _) => {
            state.get(request, |object| dialect.tagged(object.number)).unwrap_or_else(|| fails(404, "NoSuchKey", request))
        }
        ("PUT", Some(id)) => match state.uploads.get_mut(id) {
            Some(parts) => {
                let part = request.query("partNumber").unwrap_or_default();
                parts.insert(format!("{part:0>5}"), request.body.clone());
                empty(200, vec![("etag", format!("\"{id}-{part}\""))])
            }
            None => fails(404, "NoSuchUpload", request),
        },
        ("PUT", None) => put(state, request, dialect, conditions),
        ("POST", None) if request.query("uploads").is_some() => {
            let id = format!("upload-{}", state.next());
            state.uploads.insert(id.clone(), BTreeMap::new());
            xml(200, format!("<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"))
        }
        ("POST", Some(id)) => match state.uploads.remove(id) {
            Some(parts) => {
                state.in_parts += 1;
                let number = state.keep(&request.path, parts.into_values().flatten().collect());
                let tag = tag(number);
                let body = format!("<CompleteMultipartUploadResult><ETag>{tag}</ETag></CompleteMultipartUploadResult>");
                Response { headers: dialect.headers(number), ..xml(200, body) }
            }
            None => fails(404, "NoSuchUpload", request),
        },
        ("POST", None) if request.query("delete").is_some() => delete(state, request),
        ("DELETE", Some(id)) => {
            state.uploads.remove(id);
            empty(204, Vec::new())
        }
        ("DELETE", None) => match state.objects.remove(&request.path) {
            None if dialect.unknown == 404 => fails(404, "NoSuchKey", request),
            _ => empty(204, Vec::new()),
        },
        _ => fails(405, "MethodNotAllowed", request),
    }
}

fn put(state: &mut State, request: &Request, dialect: &Dialect, conditions: Conditions) -> Response {
    let held = state.objects.get(&request.path);
    if held.is_some_and(|held| held.put.elapsed() < dialect.pause) {
        return fails(429, "SlowDown", request);
    }
    match ((dialect.is_expected)(request, held), conditions) {
        (Some(_), Conditions::Refused) => return fails(501, "NotImplemented", request),
        (Some(false), Conditions::Heeded) => return fails(412, "PreconditionFailed", request),
        _ => {}
    }
    let Some(source) = request.header(dialect.source) else {
        let number = state.keep(&request.path, request.body.clone());
        return empty(200, dialect.tagged(number));
    };
    let Some(bytes) = state.objects.get(decoded(source).trim_start_matches('/')).map(|object| object.bytes.clone()) else {
        return fails(404, "NoSuchKey", request);
    };
    let tag = tag(state.keep(&request.path, bytes));
    xml(200, format!("<CopyObjectResult><ETag>{tag}</ETag></CopyObjectResult>"))
}

fn list(state: &State, request: &Request) -> Response {
    let of = |name: &str| request.query(name).unwrap_or_default();
    let (listed, last) = state.list(&request.path, of("prefix"), of("delimiter"), of("continuation-token"));
    let mut body = "<ListBucketResult>".to_owned();
    for (key, object) in listed {
        let (size, tag) = (object.bytes.len(), tag(object.number));
        let _ = write!(
            body,
            "<Contents><Key>{key}</Key><LastModified>2026-11-22T08:00:00.000Z</LastModified><ETag>{tag}</ETag><Size>{size}</Size></Contents>"
        );
    }
    if let Some(last) = last {
        let _ = write!(body, "<IsTruncated>true</IsTruncated><NextContinuationToken>{last}</NextContinuationToken>");
    }
    xml(200, body + "</ListBucketResult>")
}

fn delete(state: &mut State, request: &Request) -> Response {
    let text = String::from_utf8_lossy(&request.body);
    let mut body = "<DeleteResult>".to_owned();
    for key in text.split("<Key>").skip(1).filter_map(|rest| rest.split('<').next()) {
        state.objects.remove(&format!("{}/{key}", request.path.trim_end_matches('/')));
        let _ = write!(body, "<Deleted><Key>{key}</Key></Deleted>");
    }
    xml(200, body + "</DeleteResult>")
}

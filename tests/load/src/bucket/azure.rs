//! The language of Azure's store. It copies later than it is asked to, as the real one may, and checks what requests are signed with.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::http::decoded;
use super::{ACCOUNT, Conditions, Request, Response, SECRET, State, empty, fails, xml};

/// The headers without a prefix that are signed, in this order.
const SIGNED: [&str; 11] = [
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
];

pub(super) fn answer(state: &mut State, request: &Request, conditions: Conditions) -> Response {
    if request.header("authorization") != Some(signed(request).as_str()) {
        return fails(403, "AuthenticationFailed", request);
    }
    match (request.method.as_str(), request.query("comp")) {
        ("GET", Some("list")) => list(state, request),
        ("GET" | "HEAD", None) => {
            state.copy_late(&request.path);
            state.get(request, |object| vec![("etag", tag(object.number))]).unwrap_or_else(|| fails(404, "BlobNotFound", request))
        }
        ("PUT", Some("block")) => {
            let block = request.query("blockid").unwrap_or_default();
            state.uploads.entry(request.path.clone()).or_default().insert(block.to_owned(), request.body.clone());
            empty(201, vec![("etag", tag(0))])
        }
        ("PUT", Some("blocklist")) => put_blocks(state, request),
        ("PUT", None) if request.header("x-ms-copy-source").is_some() => copy(state, request),
        ("PUT", None) => put(state, request, conditions),
        ("POST", Some("batch")) => delete(state, request),
        _ => fails(405, "UnsupportedHttpVerb", request),
    }
}

fn tag(number: u64) -> String {
    format!("\"0x{number:X}\"")
}

/// What the request of the known account says of itself.
fn signed(request: &Request) -> String {
    let mut text = request.method.clone();
    for name in SIGNED {
        let value = request.header(name).filter(|value| !(name == "content-length" && *value == "0"));
        let _ = write!(text, "\n{}", value.unwrap_or_default());
    }
    let mut own: Vec<_> = request.headers.iter().filter(|(name, _)| name.starts_with("x-ms")).collect();
    own.sort_unstable();
    for (name, value) in own {
        let _ = write!(text, "\n{name}:{value}");
    }
    let path = request.target.split('?').next().unwrap_or_default();
    let _ = write!(text, "\n/{ACCOUNT}{path}");
    for (name, value) in request.parameters() {
        let _ = write!(text, "\n{name}:{value}");
    }
    let mut code = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key may have any length");
    code.update(text.as_bytes());
    format!("SharedKey {ACCOUNT}:{}", BASE64_STANDARD.encode(code.finalize().into_bytes()))
}

impl State {
    /// Copies what is still to be copied, for who looks the next time. What is not there any more by then stays empty.
    fn copy_late(&mut self, target: &str) {
        let Some(source) = self.copies.get(target) else { return };
        if let Some(bytes) = self.objects.get(source).map(|object| object.bytes.clone()) {
            self.keep(target, bytes);
        }
        self.copies.remove(target);
    }
}

fn copy(state: &mut State, request: &Request) -> Response {
    if state.copies.contains_key(&request.path) {
        return fails(409, "PendingCopyOperation", request);
    }
    // It is a whole address.
    let source = request.header("x-ms-copy-source").and_then(|source| source.splitn(4, '/').nth(3));
    let source = decoded(source.unwrap_or_default());
    if !state.objects.contains_key(&source) {
        return fails(404, "BlobNotFound", request);
    }
    let number = state.keep(&request.path, Vec::new());
    state.copies.insert(request.path.clone(), source);
    empty(202, vec![("etag", tag(number)), ("x-ms-copy-status", "pending".to_owned())])
}

fn put(state: &mut State, request: &Request, conditions: Conditions) -> Response {
    if request.header("x-ms-blob-type") != Some("BlockBlob") {
        return fails(400, "InvalidHeaderValue", request);
    }
    let held = state.objects.get(&request.path).map(|object| tag(object.number));
    let (old, none) = (request.header("if-match"), request.header("if-none-match"));
    match conditions {
        Conditions::Refused if old.or(none).is_some() => return fails(501, "NotImplemented", request),
        Conditions::Heeded if old.is_some_and(|old| held.as_deref() != Some(old)) => {
            return fails(412, "ConditionNotMet", request);
        }
        Conditions::Heeded if none.is_some() && held.is_some() => return fails(409, "BlobAlreadyExists", request),
        _ => {}
    }
    let number = state.keep(&request.path, request.body.clone());
    empty(201, vec![("etag", tag(number))])
}

/// Makes an object of the blocks that are named.
fn put_blocks(state: &mut State, request: &Request) -> Response {
    let mut blocks = state.uploads.remove(&request.path).unwrap_or_default();
    let text = String::from_utf8_lossy(&request.body);
    let names = text.split("<Uncommitted>").skip(1).filter_map(|rest| rest.split('<').next());
    let Some(bytes) = names.map(|name| blocks.remove(name)).collect::<Option<Vec<_>>>() else {
        return fails(400, "InvalidBlockList", request);
    };
    state.in_parts += 1;
    let number = state.keep(&request.path, bytes.concat());
    empty(201, vec![("etag", tag(number))])
}

fn list(state: &State, request: &Request) -> Response {
    let of = |name: &str| request.query(name).unwrap_or_default();
    let (listed, last) = state.list(&request.path, of("prefix"), of("delimiter"), of("marker"));
    let mut body = "<EnumerationResults><Blobs>".to_owned();
    for (key, object) in listed {
        let (size, tag) = (object.bytes.len(), tag(object.number));
        let _ = write!(
            body,
            "<Blob><Name>{key}</Name><Properties><Last-Modified>Sun, 22 Nov 2026 08:00:00 GMT</Last-Modified><Etag>{tag}</Etag>\
             <Content-Length>{size}</Content-Length><Content-Type>application/octet-stream</Content-Type></Properties></Blob>"
        );
    }
    let _ = write!(body, "</Blobs><NextMarker>{}</NextMarker></EnumerationResults>", last.unwrap_or_default());
    xml(200, body)
}

/// Deletes what the parts of a request name, each of which is a request of its own.
fn delete(state: &mut State, request: &Request) -> Response {
    let text = String::from_utf8_lossy(&request.body);
    let mut body = String::new();
    for (at, target) in text.split("DELETE /").skip(1).filter_map(|rest| rest.split(' ').next()).enumerate() {
        let status = if state.objects.remove(&decoded(target)).is_some() { "202 Accepted" } else { "404 Not Found" };
        let _ =
            write!(body, "--batch\r\nContent-Type: application/http\r\nContent-ID: {at}\r\n\r\nHTTP/1.1 {status}\r\n\r\n\r\n");
    }
    body.push_str("--batch--\r\n");
    Response {
        status: 202,
        headers: vec![("content-type", "multipart/mixed; boundary=batch".to_owned())],
        body: body.into_bytes(),
    }
}

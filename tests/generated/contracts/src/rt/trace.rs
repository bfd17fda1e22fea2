//! Spans of `tracing`, with the names that OpenTelemetry gives to requests of HTTP clients.
#![cfg(feature = "tracing")]

use tracing::field::Empty;
use tracing::{Span, info_span};

use crate::rt::message::{Request, Response, TransportFault};
use crate::rt::secret::Secrets;

/// The span of one attempt of a call. No query is in it, which may hold a key or a cursor.
#[must_use]
pub fn request(operation: &str, request: &Request, secrets: &Secrets) -> Span {
    let method = request.method.as_str();
    let url = secrets.mask(&request.url.without_query());
    info_span!(
        "request",
        otel.name = method,
        otel.kind = "client",
        operation,
        http.request.method = method,
        url.full = url,
        server.address = request.url.host(),
        server.port = request.url.port(),
        http.response.status_code = Empty,
        error.type = Empty,
    )
}

/// Notes in the span of an attempt what came of it.
pub fn answered(span: &Span, answer: &Result<Response, TransportFault>) {
    match answer {
        Ok(response) => {
            span.record("http.response.status_code", response.status);
            if response.status >= 400 {
                span.record("error.type", response.status.to_string());
            }
        }
        Err(fault) => {
            span.record("error.type", format!("{:?}", fault.kind));
        }
    }
}

/// The span of loading a resource.
#[cfg(feature = "load")]
#[must_use]
pub fn load(resource: &str) -> Span {
    info_span!("load", resource)
}

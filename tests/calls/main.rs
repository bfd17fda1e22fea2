//! End to end: a crate of an OpenAPI document says what the document says, byte by byte, and reads what comes back.
//!
//! The crate is `tests/generated/calls`, compiled from `tests/fixtures/documents/calls.yaml`.

mod bodies;
mod mock;
#[path = "../support/one_answer.rs"]
mod one_answer;
mod params;
mod server;
mod types;

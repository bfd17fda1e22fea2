//! End to end: records as JSON, NDJSON and CSV, plain and packed, over sockets.
//!
//! The crate is `tests/generated/decoders`, compiled from `tests/fixtures/decoders.yaml`: one resource for each way to write
//! records.

mod bodies;
mod faults;
mod records;
mod support;

//! End to end: generated crates talk over sockets to a server that behaves as the spec says.
//!
//! The crate is `tests/generated/paging`, compiled from `tests/fixtures/paging.yaml`: one resource for each way of paging.

mod faults;
mod paging;
mod resume;
mod support;

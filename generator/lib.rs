//! Tapwright compiles the description of an HTTP API into a standalone, strongly typed Rust crate.
//!
//! The pipeline, stage by stage: see `ARCHITECTURE.md`.

#![forbid(unsafe_code)]

pub mod mock;
pub mod model;
pub mod source;

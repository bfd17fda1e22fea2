//! Tapwright compiles the description of an HTTP API into a standalone, strongly typed Rust crate.
//!
//! The pipeline, stage by stage: see `ARCHITECTURE.md`.

#![forbid(unsafe_code)]

pub mod emit;
pub mod facts;
pub mod fingerprint;
pub mod format;
pub mod lock;
pub mod model;
pub mod names;
pub mod plan;
pub mod source;
pub mod tree;

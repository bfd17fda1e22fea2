//! The runtime of the crates that Tapwright generates.
//!
//! Everything under `src/rt/` is copied byte for byte into generated crates, which is why the files there name one another
//! `crate::rt::…`. This crate exists so that they are ordinary Rust: formatted, linted and tested like the rest. Its tests live
//! outside `src/rt/`, so that they are not copied.

#![forbid(unsafe_code)]

pub mod rt;

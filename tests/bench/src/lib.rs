//! What the benchmark programs share: a CPU clock, medians, Markdown tables, and pages of users to read.
//!
//! CPU seconds are compared rather than wall time, and ratios rather than seconds, so that a busy machine does little harm.

#![forbid(unsafe_code)]

pub mod cpu;
pub mod table;
pub mod users;

//! End to end: the crate of `tests/fixtures/steps.yaml` changes records on their way. What is expected is computed here, by hand,
//! from what the server sends.

mod contracts;
mod fields;
mod hooks;
mod resume;
mod support;

//! Whatever reads what others wrote is given inputs that are nearly right: no panic, no hang, no memory without bounds, and what
//! else must hold for any input.
//!
//! One file has one kind of input. `docs/fuzzing.md` says how to run this for long, and what becomes of a finding.

mod corpus;
mod random;
mod run;

mod addresses;
mod documents;
mod encodings;
mod expressions;
mod headers;
mod pages;
mod rows;
mod samples;
mod saved;
mod specs;

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

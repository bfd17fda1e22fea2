//! The command `gen`: reads arguments, calls the library, shows what it says.

#![forbid(unsafe_code)]

mod cli;

use std::process::ExitCode;

/// Tokens and syntax trees are many small pieces: a third of a run went into allocating them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}

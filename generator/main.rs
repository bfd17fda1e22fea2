//! The command `gen`: reads arguments, calls the library, shows what it says.

#![forbid(unsafe_code)]

mod cli;

use std::process::ExitCode;

/// Tokens and syntax trees are many small pieces: a third of a run went into allocating them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The stack of a command, in bytes; what is not used of it costs nothing. Types that refer to one another are followed by functions
/// that call themselves, and large documents have chains of thousands.
const STACK: usize = 256 << 20;

fn main() -> ExitCode {
    let command = std::thread::Builder::new().name("gen".to_owned()).stack_size(STACK).spawn(cli::run);
    command.map_or_else(|_| cli::run(), |command| command.join().unwrap_or(ExitCode::FAILURE))
}

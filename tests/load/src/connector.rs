//! The program of the auth0 crate, for its tests.

fn main() -> std::process::ExitCode {
    auth0::cli::main()
}

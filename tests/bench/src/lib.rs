//! What the benchmark programs share: a CPU clock, medians, Markdown tables, and pages of users to read.
//!
//! CPU seconds are compared rather than wall time, and ratios rather than seconds, so that a busy machine does little harm.

#![forbid(unsafe_code)]

pub mod by_hand;
pub mod compiler;
pub mod cpu;
pub mod server;
pub mod table;
pub mod users;

/// A client of the generated crate for a mock at an address.
pub fn client(address: &str) -> auth0::Result<auth0::Client> {
    auth0::Client::builder().domain("127.0.0.1").client_id("bench").client_secret("bench").base_url(address).build()
}

/// The peak of this process's resident memory, in KiB; 0 where the system is not Linux's.
pub fn peak() -> std::io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    Ok(peak.and_then(|peak| peak.parse().ok()).unwrap_or(0))
}

/// Runs a future to its end, on one thread: CPU time is compared, and hopping between threads is none of the readers' work.
///
/// # Panics
///
/// Where the system has no thread or file descriptor left.
pub fn wait<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("the runtime needs no more than a thread").block_on(future)
}

//! A mock of Auth0 in a process of its own, so that its CPU time is not the reader's.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The process; ends when dropped.
pub struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Starts `gen mock` for Auth0 with further arguments. Wants `cargo build --release` first.
    pub fn start(arguments: &[&str]) -> io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut process = Command::new(std::env::current_exe()?.with_file_name("gen"))
            .args(["mock", "--port", "0", "--spec"])
            .arg(root.join("specs/auth0.yaml"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| io::Error::new(error.kind(), format!("run `cargo build --release` first: {error}")))?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let Some(origin) = line.split_whitespace().last() else {
            return Err(io::Error::other("the mock says no address; is `gen` as new as the spec? Run `cargo build --release`"));
        };
        let address = format!("{origin}/api/v2");
        Ok(Self { process, address })
    }

    /// The API's base URL, such as `http://127.0.0.1:4010/api/v2`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already; then there is nothing to stop.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

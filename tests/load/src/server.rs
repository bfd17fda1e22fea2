//! A `PostgreSQL` server of its own, for as long as the tests run.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Runs a server until nobody writes to the standard input any more, which is when the tests have ended, however that was; then its
/// folder goes.
const WATCH: &str = r#"exec 3<&0; "$@" < /dev/null & cat <&3 > /dev/null; kill -INT $!; wait; rm -rf "$0""#;

/// An account without rights: the server does not run as the one that has all.
const NOBODY: u32 = 65_534;

/// A server.
pub struct Server {
    port: u16,
    databases: AtomicUsize,
    // Its standard input is open as long as the tests run.
    _watch: Child,
}

impl Server {
    /// The one of this process; none where `PostgreSQL` is not installed, which in CI is a failure.
    ///
    /// # Panics
    ///
    /// Where it is installed and does not start.
    pub fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        SERVER
            .get_or_init(|| {
                let found = programs();
                if found.is_none() {
                    assert!(std::env::var_os("CI").is_none(), "PostgreSQL has to be installed in CI");
                    println!("skipped: PostgreSQL is not installed");
                }
                found.map(|programs| Self::start(&programs))
            })
            .as_ref()
    }

    fn start(programs: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder").keep();
        let data = folder.join("data");
        let as_root = is_root(&folder);
        if as_root {
            std::os::unix::fs::chown(&folder, Some(NOBODY), Some(NOBODY)).expect("root may give it away");
        }
        let command = |program: &Path| {
            let mut command = Command::new(program);
            if as_root {
                std::os::unix::process::CommandExt::uid(&mut command, NOBODY);
                std::os::unix::process::CommandExt::gid(&mut command, NOBODY);
            }
            command.current_dir(&folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let made = command(&programs.join("initdb"))
            .args(["--auth=trust", "--username=tester", "--encoding=UTF8", "--no-locale", "--no-sync", "-D"])
            .arg(&data)
            .status();
        assert!(made.is_ok_and(|status| status.success()), "initdb makes a cluster");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        let watch = command(Path::new("sh"))
            .args(["-c", WATCH])
            .arg(&folder)
            .arg(programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
            .arg("-k")
            .arg(&folder)
            .stdin(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let server = Self { port, databases: AtomicUsize::new(0), _watch: watch };
        let patience = Instant::now() + Duration::from_secs(60);
        while postgres::Client::connect(&server.address("postgres"), postgres::NoTls).is_err() {
            assert!(Instant::now() < patience, "the server answers within a minute");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn address(&self, database: &str) -> String {
        format!("postgres://tester@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// The address of a new database.
    ///
    /// # Panics
    ///
    /// Where the server does not make it.
    pub fn database(&self) -> String {
        let name = format!("test_{}_{}", std::process::id(), self.databases.fetch_add(1, Ordering::Relaxed));
        let mut client = postgres::Client::connect(&self.address("postgres"), postgres::NoTls).expect("the server answers");
        client.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database");
        self.address(&name)
    }
}

/// Whether files that this process makes are root's.
fn is_root(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(folder).is_ok_and(|folder| folder.uid() == 0)
}

/// The folder of the server's programs: that of the path, or the newest of Debian's.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let mut all: Vec<PathBuf> = debian.collect();
    all.sort();
    std::env::split_paths(&path)
        .chain(all.into_iter().rev())
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

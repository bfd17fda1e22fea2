//! A service on the loopback address that behaves as an API says it does, so that everyone can try a connector without an
//! account, and tests have something to read from.
//!
//! It issues tokens and checks them, pages in the API's way, keeps to a limit, and gives deterministic records that fit the
//! schemas ([`records`]). On request things go wrong, always with the same requests ([`Fault`]).
//!
//! ```no_run
//! # fn api() -> tapwright::model::Api { unimplemented!() }
//! use tapwright::mock::{Mock, Options};
//!
//! let running = Mock::start(api(), Options { records: 250, ..Options::default() })?;
//! println!("{}", running.base_url());
//! # std::io::Result::Ok(())
//! ```

mod auth;
mod body;
mod fault;
pub mod hostile;
mod incremental;
mod jobs;
mod judge;
mod jwt;
mod keys;
mod limit;
mod local;
mod login;
mod packing;
mod page;
mod partition;
mod payload;
mod position;
mod random;
pub mod records;
mod reply;
mod request;
mod route;
mod server;
mod service;
mod stats;
mod table;
mod tokens;
mod values;
mod words;

pub use values::value;

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

pub use fault::{Fault, FaultKind, Packing, duration};
pub use jobs::JobOptions;
pub use local::{Delivery, Local};
pub use stats::Stats;

use crate::model::Api;
use hostile::{Hostile, Stray};
use service::Service;

/// How the service behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port; 0 takes a free one.
    pub port: u16,
    /// Whether it listens on `::1` rather than on `127.0.0.1`.
    pub ipv6: bool,
    /// How many records each resource without a parent has. A resource of one page has at most 100.
    pub records: u64,
    /// How many records a child has for each parent's record; by default up to five, for some parents none.
    pub children: Option<u64>,
    /// What the records depend on.
    pub seed: u64,
    /// How long each answer is held back.
    pub latency: Duration,
    /// How many requests a second are answered; any number by default.
    pub rate_limit: Option<u32>,
    /// Whether answers are packed with gzip for clients that ask for it.
    pub gzip: bool,
    /// How jobs behave.
    pub jobs: JobOptions,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// How many records in a row have the same incremental cursor.
    pub ties: u64,
    /// How many of the first records are too old for an incremental run to start from.
    pub forgotten: u64,
    /// How it is hostile; not at all by default.
    pub hostile: Option<Hostile>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            ipv6: false,
            records: 1_000,
            children: None,
            seed: 0,
            latency: Duration::ZERO,
            rate_limit: None,
            ties: 1,
            forgotten: 0,
            gzip: false,
            jobs: JobOptions::default(),
            faults: Vec::new(),
            hostile: None,
        }
    }
}

/// Starts services.
#[derive(Clone, Copy, Debug)]
pub struct Mock;

/// A service that runs until this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    service: Arc<Service>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Mock {
    /// Starts a service on the loopback address, on a thread and runtime of its own.
    ///
    /// # Errors
    ///
    /// Where the port is taken, or there is no thread to be had.
    pub fn start(api: Api, options: Options) -> io::Result<Running> {
        let address: IpAddr = if options.ipv6 { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
        let listener = std::net::TcpListener::bind((address, options.port))?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let latency = options.latency;
        let service = Arc::new(Service::new(api, options));
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&service);
        let elsewhere = watcher(&service)?;
        let thread = std::thread::Builder::new().name("mock".to_owned()).spawn(move || {
            runtime.block_on(async {
                // It was bound above, so only a lack of file descriptors can come in between.
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                let Some(elsewhere) = elsewhere else { return server::serve(listener, served, latency, stopped).await };
                if let Ok(elsewhere) = tokio::net::TcpListener::from_std(elsewhere) {
                    tokio::spawn(hostile::watch(elsewhere, Arc::clone(&served)));
                }
                hostile::serve(listener, served, latency, stopped).await;
            });
        })?;
        Ok(Running { addr, service, stop: Some(stop), thread: Some(thread) })
    }
}

/// The listener of a hostile service's other origin.
fn watcher(service: &Service) -> io::Result<Option<std::net::TcpListener>> {
    let Some(storm) = service.storm() else { return Ok(None) };
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    storm.set_elsewhere(format!("http://{}", listener.local_addr()?));
    Ok(Some(listener))
}

impl Running {
    /// What a client takes for the API's base URL.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}{}", self.addr, self.service.base_path())
    }

    /// What the service was asked so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.service.counter.held()
    }

    /// The records that it gives.
    #[must_use]
    pub fn records(&self) -> &records::Records {
        &self.service.records
    }

    /// What a hostile service's other origin was sent.
    #[must_use]
    pub fn strays(&self) -> Vec<Stray> {
        self.service.strays()
    }

    /// The names of the scenarios that struck, in order.
    #[must_use]
    pub fn struck(&self) -> Vec<&'static str> {
        self.service.struck_by()
    }

    /// The numbers of a resource's records that were not there throughout.
    #[must_use]
    pub fn passing(&self, resource: &str) -> BTreeSet<u64> {
        self.service.passing(resource)
    }

    /// What is wrong with the records that a client was given of a list, in words; nothing where all is well.
    #[must_use]
    pub fn judge(&self, list: &str, given: &[serde_json::Value]) -> Vec<String> {
        self.service.judge(list, given)
    }

    /// Stops the service and says what it was asked.
    pub fn stop(mut self) -> Stats {
        self.halt();
        self.stats()
    }

    fn halt(&mut self) {
        // Whoever waits for the sender wakes up when it is dropped.
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the service is shown by its thread; there is nothing to add here.
            let _ = thread.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.halt();
    }
}

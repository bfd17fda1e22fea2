//! The transport of blocking calls: ureq, without a runtime.
#![cfg(feature = "blocking")]

use std::fmt;
use std::io::Read;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::{AutoHeaderValue, Config};
use ureq::http::uri::{Authority, Scheme};
use ureq::http::{Request as HttpRequest, Response as HttpResponse, Uri};
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport as Connection,
};
use ureq::{Agent, Body, Timeout};

use crate::rt::descriptor::{Method, Timeouts};
use crate::rt::message::{Headers, Limits, Request, Response, TransportFault, TransportFaultKind, too_large};
use crate::rt::transport::{BlockingPieces, BlockingTransport, Opened, limit, room};

/// How long a host is believed to be where it was found.
const ADDRESS_LIFE: Duration = Duration::from_secs(30);

/// Sends requests with ureq: HTTP/1.1, connections kept, no proxy, no redirects.
pub struct UreqTransport {
    agent: Agent,
}

impl UreqTransport {
    /// With the webpki roots and ring.
    #[must_use]
    pub fn new() -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = Agent::config_builder()
            .tls_config(TlsConfig::builder().unversioned_rustls_crypto_provider(provider).build())
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .no_delay(true)
            .allow_non_standard_methods(true)
            // What a body is packed with is undone above the transports, in one way for all.
            .accept_encoding(AutoHeaderValue::None)
            .build();
        Self { agent: Agent::with_parts(config, Staged::<DefaultConnector>::default(), Addresses::default()) }
    }

    fn head(&self, request: &Request, timeouts: &Timeouts) -> Result<(u16, Headers, Body), TransportFault> {
        let response = self.call(request, timeouts).map_err(|error| fault(&error, timeouts))?;
        let (head, body) = response.into_parts();
        let mut headers = Headers::default();
        for (name, value) in &head.headers {
            headers.push(name.as_str(), String::from_utf8_lossy(value.as_bytes()));
        }
        Ok((head.status.as_u16(), headers, body))
    }

    fn call(&self, request: &Request, timeouts: &Timeouts) -> Result<HttpResponse<Body>, ureq::Error> {
        let head = HttpRequest::builder().method(request.method.as_str()).uri(request.url.as_str());
        let head = request.headers.iter().fold(head, |head, (name, value)| head.header(name, value)).body(())?;
        let head = self
            .agent
            .configure_request(head)
            .timeout_connect(limit(timeouts.connect_ms))
            .timeout_recv_response(limit(timeouts.first_byte_ms))
            .timeout_per_read(limit(timeouts.between_bytes_ms))
            .timeout_global(limit(timeouts.whole_ms))
            .build();
        // These have a body even where nothing is in it; on others its length of none would be odd.
        let has_body = matches!(request.method, Method::Post | Method::Put | Method::Patch) || !request.body.is_empty();
        if has_body { self.agent.run(head.map(|()| request.body.as_slice())) } else { self.agent.run(head) }
    }
}

impl Default for UreqTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl BlockingTransport for UreqTransport {
    fn send(&self, request: Request, limits: Limits) -> Result<Response, TransportFault> {
        let (status, headers, body) = self.head(&request, &limits.timeouts)?;
        Ok(Response { status, headers, body: collect(body, &limits)? })
    }

    fn open(&self, request: Request, limits: Limits) -> Result<Opened<Box<dyn BlockingPieces>>, TransportFault> {
        // What ureq calls the whole of a call has the body in it.
        let timeouts = Timeouts { whole_ms: 0, ..limits.timeouts };
        let (status, headers, body) = self.head(&request, &timeouts)?;
        let pieces = UreqPieces { reader: Box::new(body.into_reader()), timeouts };
        Ok(Opened { status, headers, pieces: Box::new(pieces) })
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// Reads a body to its end.
fn collect(body: Body, limits: &Limits) -> Result<Vec<u8>, TransportFault> {
    let max = limits.max_response_bytes;
    let mut bytes = Vec::with_capacity(room(body.content_length().unwrap_or_default(), max)?);
    // One byte more than allowed tells a body that is too large from one that just fits.
    let mut reader = body.into_reader().take(max.saturating_add(1));
    reader.read_to_end(&mut bytes).map_err(|error| fault(&ureq::Error::from(error), &limits.timeouts))?;
    if bytes.len() as u64 > max { Err(too_large(max)) } else { Ok(bytes) }
}

/// How much of a body is read at a time, in bytes.
const PIECE: usize = 64 << 10;

/// A body that is read piece by piece.
struct UreqPieces {
    reader: Box<dyn Read + Send>,
    timeouts: Timeouts,
}

impl BlockingPieces for UreqPieces {
    fn piece(&mut self) -> Result<Option<Vec<u8>>, TransportFault> {
        let mut piece = vec![0; PIECE];
        let count = self.reader.read(&mut piece).map_err(|error| fault(&ureq::Error::from(error), &self.timeouts))?;
        piece.truncate(count);
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }
}

fn fault(error: &ureq::Error, timeouts: &Timeouts) -> TransportFault {
    use ureq::Error as E;
    let (kind, message) = match error {
        E::Timeout(stage @ (Timeout::Connect | Timeout::Resolve)) => {
            (TransportFaultKind::ConnectTimeout, format!("no connection within {} ms ({stage})", timeouts.connect_ms))
        }
        E::Timeout(Timeout::RecvResponse) => {
            (TransportFaultKind::Timeout, format!("no response within {} ms", timeouts.first_byte_ms))
        }
        E::Timeout(Timeout::PerRead) => {
            (TransportFaultKind::Timeout, format!("no more of the body within {} ms", timeouts.between_bytes_ms))
        }
        E::Timeout(stage) => (TransportFaultKind::Timeout, format!("the attempt took too long ({stage})")),
        E::Other(cause) if cause.is::<NoConnection>() => (TransportFaultKind::Connect, cause.to_string()),
        E::Http(_) | E::BadUri(_) => (TransportFaultKind::Invalid, "the request can not be sent".to_owned()),
        other => (TransportFaultKind::Broken, other.to_string()),
    };
    TransportFault { kind, message }
}

/// Why there is no connection. Everything that fails before one is there is wrapped in it: the request was surely not sent.
#[derive(Debug)]
struct NoConnection(ureq::Error);

impl NoConnection {
    fn wrap(error: ureq::Error) -> ureq::Error {
        match error {
            ureq::Error::Timeout(stage) => ureq::Error::Timeout(stage),
            other => ureq::Error::Other(Box::new(Self(other))),
        }
    }
}

impl fmt::Display for NoConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no connection: {}", self.0)
    }
}

impl std::error::Error for NoConnection {}

/// ureq's resolver, with what it found kept for a while: it is asked for each request, also where a connection is open, and takes
/// a thread to look a name up in time.
#[derive(Debug, Default)]
struct Addresses {
    resolver: DefaultResolver,
    latest: Mutex<Option<Found>>,
}

/// Where a host was.
#[derive(Debug)]
struct Found {
    scheme: Option<Scheme>,
    authority: Option<Authority>,
    addresses: Vec<SocketAddr>,
    at: Instant,
}

impl Found {
    fn is_of(&self, uri: &Uri) -> bool {
        self.authority.as_ref() == uri.authority() && self.scheme.as_ref() == uri.scheme() && self.at.elapsed() < ADDRESS_LIFE
    }
}

impl Resolver for Addresses {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let latest = || self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = latest().as_ref().filter(|found| found.is_of(uri)) {
            let mut addresses = self.empty();
            found.addresses.iter().for_each(|address| addresses.push(*address));
            return Ok(addresses);
        }
        let addresses = self.resolver.resolve(uri, config, timeout).map_err(NoConnection::wrap)?;
        let (scheme, authority) = (uri.scheme().cloned(), uri.authority().cloned());
        *latest() = Some(Found { scheme, authority, addresses: addresses.to_vec(), at: Instant::now() });
        Ok(addresses)
    }
}

/// ureq's connector, with failures told from those of a connection that was there.
#[derive(Debug, Default)]
struct Staged<T>(T);

impl Connector for Staged<DefaultConnector> {
    type Out = StagedConnection<Box<dyn Connection>>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<()>) -> Result<Option<Self::Out>, ureq::Error> {
        let connection = self.0.connect(details, chained).map_err(NoConnection::wrap)?;
        Ok(connection.map(|inner| StagedConnection { inner, answered: false }))
    }
}

/// Lets ureq's timeout per read begin with the response's first byte: until then the timeout for the response's head holds.
#[derive(Debug)]
struct StagedConnection<C> {
    inner: C,
    /// Whether something came since the last request was sent.
    answered: bool,
}

impl<C: Connection> Connection for StagedConnection<C> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.answered = false;
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, mut timeout: NextTimeout) -> Result<bool, ureq::Error> {
        if !self.answered {
            timeout.per_read = None;
        }
        let progress = self.inner.await_input(timeout)?;
        self.answered |= progress;
        Ok(progress)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

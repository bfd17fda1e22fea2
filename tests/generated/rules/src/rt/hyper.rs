//! The transport of asynchronous calls: hyper's pooled client over rustls.
#![cfg(feature = "async")]

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::response::Parts;
use hyper::{Method, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::{Instant, Sleep};
use tower_service::Service;

use crate::rt::descriptor::Timeouts;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::message::{Headers, Limits, Request, Response, TransportFault, TransportFaultKind, too_large};
use crate::rt::transport::{BoxFuture, Opened, Pieces, Transport, limit, room};

/// A request as hyper sends it.
pub(crate) type Sent = hyper::Request<Full<Bytes>>;

/// Sends requests with hyper: HTTP/1.1 or HTTP/2 as the server offers, connections kept, no proxy, no redirects.
pub struct HyperTransport {
    client: Client<Connector, Full<Bytes>>,
}

impl HyperTransport {
    /// With the webpki roots and ring. The timeout of a connection is fixed here, as one may serve several requests.
    pub fn new(timeouts: &Timeouts) -> Result<Self> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let https = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(|error| Error::new(ErrorKind::Config, format!("TLS can not be set up: {error}")))?
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .wrap_connector(tcp);
        let connector = Connector { https, limit: limit(timeouts.connect_ms) };
        let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Ok(Self { client })
    }

    async fn head(&self, request: Sent, first_byte_ms: u64, clock: &Stages) -> Result<(Parts, Incoming), TransportFault> {
        let sent = self.client.request(request);
        let response = clock.within(first_byte_ms, "no response", sent).await?.map_err(|error| fault(&error))?;
        Ok(response.into_parts())
    }

    /// Sends a request and reads the response to its end, both in hyper's own types.
    pub(crate) async fn exchange(&self, request: Sent, limits: Limits) -> Result<(Parts, Vec<u8>), TransportFault> {
        let clock = Stages::new(&limits);
        let (head, body) = self.head(request, limits.timeouts.first_byte_ms, &clock).await?;
        let body = collect(body, limits, &clock).await?;
        Ok((head, body))
    }
}

impl Transport for HyperTransport {
    fn send(&self, request: Request, limits: Limits) -> BoxFuture<'_, Result<Response, TransportFault>> {
        Box::pin(async move {
            let (head, body) = self.exchange(convert(request)?, limits).await?;
            Ok(Response { status: head.status.as_u16(), headers: headers(&head), body })
        })
    }

    fn open(&self, request: Request, limits: Limits) -> BoxFuture<'_, Result<Opened<Box<dyn Pieces>>, TransportFault>> {
        Box::pin(async move {
            let (head, body) = self.head(convert(request)?, limits.timeouts.first_byte_ms, &Stages::new(&limits)).await?;
            let pieces = HyperPieces { body, between_ms: limits.timeouts.between_bytes_ms, patience: None };
            Ok(Opened { status: head.status.as_u16(), headers: headers(&head), pieces: Box::new(pieces) as Box<dyn Pieces> })
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Reads a body to its end.
async fn collect(mut body: Incoming, limits: Limits, clock: &Stages) -> Result<Vec<u8>, TransportFault> {
    let max = limits.max_response_bytes;
    let mut bytes = Vec::with_capacity(room(body.size_hint().lower(), max)?);
    while let Some(frame) = clock.within(limits.timeouts.between_bytes_ms, "no more of the body", body.frame()).await? {
        let frame = frame.map_err(|error| broken(&error))?;
        if let Some(data) = frame.data_ref() {
            if (bytes.len() + data.len()) as u64 > max {
                return Err(too_large(max));
            }
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes)
}

fn broken(error: &hyper::Error) -> TransportFault {
    let message = format!("the connection broke in the body: {}", causes(error));
    TransportFault { kind: TransportFaultKind::Broken, message }
}

/// A body that is read piece by piece.
struct HyperPieces {
    body: Incoming,
    between_ms: u64,
    /// Runs while a piece is waited for.
    patience: Option<Pin<Box<Sleep>>>,
}

impl Pieces for HyperPieces {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Vec<u8>>, TransportFault>> {
        while let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.patience = None;
            match frame.transpose().map_err(|error| broken(&error))? {
                None => return Poll::Ready(Ok(None)),
                Some(frame) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Ok(Some(data.into())));
                    }
                }
            }
        }
        let Some(limit) = limit(self.between_ms) else { return Poll::Pending };
        let patience = self.patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        patience.as_mut().poll(cx).map(|()| {
            let message = format!("no more of the body within {} ms", self.between_ms);
            Err(TransportFault { kind: TransportFaultKind::Timeout, message })
        })
    }
}

/// The time an attempt has left, for each of its stages.
struct Stages {
    /// When the attempt as a whole ends.
    end: Option<Instant>,
}

impl Stages {
    /// An attempt that begins now.
    fn new(limits: &Limits) -> Self {
        Self { end: limit(limits.timeouts.whole_ms).map(|whole| Instant::now() + whole) }
    }

    /// Runs a stage within its own limit, in milliseconds, and within the attempt's.
    async fn within<T>(&self, stage_ms: u64, what: &str, stage: impl Future<Output = T>) -> Result<T, TransportFault> {
        let stage_end = limit(stage_ms).map(|stage| Instant::now() + stage);
        let Some(end) = self.end.into_iter().chain(stage_end).min() else { return Ok(stage.await) };
        tokio::time::timeout_at(end, stage).await.map_err(|_| TransportFault {
            kind: TransportFaultKind::Timeout,
            message: match stage_end {
                Some(stage_end) if stage_end == end => format!("{what} within {stage_ms} ms"),
                _ => format!("{what} within the time of the whole attempt"),
            },
        })
    }
}

fn convert(request: Request) -> Result<Sent, TransportFault> {
    let invalid = |what: &str| TransportFault { kind: TransportFaultKind::Invalid, message: format!("{what} can not be sent") };
    let mut converted = hyper::Request::new(Full::new(Bytes::from(request.body)));
    *converted.method_mut() = Method::try_from(request.method.as_str()).map_err(|_| invalid("the method"))?;
    *converted.uri_mut() = Uri::try_from(request.url.as_str()).map_err(|_| invalid("the address"))?;
    for (name, value) in request.headers {
        let value = HeaderValue::try_from(value).map_err(|_| invalid(&format!("the header `{name}`")))?;
        let name = HeaderName::try_from(name).map_err(|_| invalid("a header's name"))?;
        converted.headers_mut().append(name, value);
    }
    Ok(converted)
}

fn headers(head: &Parts) -> Headers {
    let mut headers = Headers::default();
    for (name, value) in &head.headers {
        headers.push(name.as_str(), String::from_utf8_lossy(value.as_bytes()));
    }
    headers
}

fn fault(error: &hyper_util::client::legacy::Error) -> TransportFault {
    let kind = match (error.is_connect(), timed_out(error)) {
        (true, true) => TransportFaultKind::ConnectTimeout,
        (true, false) => TransportFaultKind::Connect,
        (false, _) => TransportFaultKind::Broken,
    };
    TransportFault { kind, message: causes(error) }
}

/// An error with what led to it: hyper keeps the telling part below.
fn causes(error: &(dyn StdError + 'static)) -> String {
    chain(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn timed_out(error: &(dyn StdError + 'static)) -> bool {
    chain(error).any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut))
}

fn chain<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// hyper-rustls's connector with a limit on the whole of it: name, TCP and TLS.
#[derive(Clone)]
struct Connector {
    https: HttpsConnector<HttpConnector>,
    limit: Option<Duration>,
}

impl Service<Uri> for Connector {
    type Response = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
    type Error = <HttpsConnector<HttpConnector> as Service<Uri>>::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.https.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.https.call(uri);
        let Some(limit) = self.limit else { return connecting };
        Box::pin(async move {
            let timed_out = || io::Error::new(io::ErrorKind::TimedOut, format!("no connection within {} ms", limit.as_millis()));
            tokio::time::timeout(limit, connecting).await.map_err(|_| timed_out())?
        })
    }
}

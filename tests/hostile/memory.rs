//! The hostile service without a socket, and a clock that only waits move on: hours pass in no time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::body::Bytes;
use paging::Client;
use paging::transport::{
    BlockingTransport, BoxFuture, Headers, Limits, Now, Request, Response, Transport, TransportFault, TransportFaultKind,
};
use tapwright::mock::hostile::{Clock, Hostile, WireFault};
use tapwright::mock::{Delivery, Local, Options};
use tokio::sync::Notify;

use crate::world::{SECRET, Service, World, api};

/// 2026-01-01, when every run begins.
const BEGIN: u64 = 1_767_225_600_000;

/// What a request takes.
const TRIP: Duration = Duration::from_millis(5);

/// Milliseconds since a run began.
#[derive(Clone, Default)]
pub(crate) struct Time(Arc<AtomicU64>);

impl Time {
    fn pass(&self, time: Duration) {
        self.0.fetch_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn now(&self) -> Now {
        Now { elapsed: self.elapsed(), unix: Duration::from_millis(BEGIN) + self.elapsed() }
    }

    fn clock(&self) -> Clock {
        let time = self.clone();
        Clock(Arc::new(move || -> SystemTime { UNIX_EPOCH + time.now().unix }))
    }
}

/// A service and the time that it goes by.
pub(crate) struct Memory {
    pub(crate) local: Arc<Local>,
    time: Time,
    /// Where readers die.
    pub(crate) end: Arc<End>,
}

/// The wait at which a reader dies, counted from 1; none if it lives.
#[derive(Default)]
pub(crate) struct End {
    at: Option<u64>,
    waits: AtomicU64,
    /// Told when it is reached.
    pub(crate) reached: Notify,
}

impl End {
    /// Gives way once. At the end it is never over: whoever waits for it can only be dropped.
    async fn wait(&self) {
        if Some(self.waits.fetch_add(1, Ordering::Relaxed) + 1) == self.at {
            self.reached.notify_one();
            std::future::pending::<()>().await;
        }
        tokio::task::yield_now().await;
    }
}

impl Memory {
    pub(crate) fn new(hostile: Hostile, records: u64) -> Self {
        let time = Time::default();
        let hostile = Hostile { clock: time.clock(), ..hostile };
        let options = Options { records, hostile: Some(hostile), ..Options::default() };
        Self { local: Arc::new(Local::new(api(), options)), time, end: Arc::default() }
    }

    /// The same, where a reader dies at a wait.
    pub(crate) fn ending_at(self, wait: u64) -> Self {
        Self { end: Arc::new(End { at: Some(wait), ..End::default() }), ..self }
    }
}

impl World for Memory {
    fn client(&self) -> Client {
        let link = || Arc::new(Link { local: Arc::clone(&self.local), time: self.time.clone(), end: Arc::clone(&self.end) });
        let time = self.time.clone();
        let builder = Client::builder().client_id("hostile").client_secret(SECRET).base_url(self.local.base_url());
        let builder = builder.transport(link()).blocking_transport(link()).clock(move || time.now());
        builder.build().expect("every input is given")
    }

    fn service(&self) -> &dyn Service {
        &*self.local
    }
}

/// What takes requests to the service.
struct Link {
    local: Arc<Local>,
    time: Time,
    end: Arc<End>,
}

impl Link {
    fn carry(&self, request: &Request, limits: &Limits) -> Result<Response, TransportFault> {
        self.time.pass(TRIP);
        let mut message = hyper::Request::builder().method(request.method.as_str()).uri(request.url.as_str());
        for (name, value) in request.headers.iter() {
            message = message.header(name, value);
        }
        let message = message.body(Bytes::from(request.body.clone())).expect("the client's requests are HTTP");
        let Delivery { status, headers, body, wire } = self.local.answer(&message);
        let fault = |kind, message: &str| Err(TransportFault { kind, message: message.to_owned() });
        match wire {
            Some(WireFault::Refused) => return fault(TransportFaultKind::Connect, "refused"),
            Some(WireFault::StallBeforeHead | WireFault::StallInHead) => {
                self.time.pass(Duration::from_millis(limits.timeouts.first_byte_ms));
                return fault(TransportFaultKind::Timeout, "no head in time");
            }
            Some(WireFault::StallInBody) => {
                self.time.pass(Duration::from_millis(limits.timeouts.between_bytes_ms));
                return fault(TransportFaultKind::Timeout, "no body in time");
            }
            Some(
                WireFault::ResetEarly
                | WireFault::ResetInBody
                | WireFault::HalfClosed
                | WireFault::BrokenChunk
                | WireFault::HeaderFlood,
            ) => return fault(TransportFaultKind::Broken, "broken off"),
            Some(WireFault::HugeLength) => return fault(TransportFaultKind::TooLarge, "too large"),
            Some(WireFault::Drip) => self.time.pass(Duration::from_secs(3)),
            _ => {}
        }
        let mut held = Headers::default();
        for (name, value) in headers {
            held.push(&name, value);
        }
        Ok(Response { status, headers: held, body: body.to_vec() })
    }
}

impl BlockingTransport for Link {
    fn send(&self, request: Request, limits: Limits) -> Result<Response, TransportFault> {
        self.carry(&request, &limits)
    }

    fn sleep(&self, duration: Duration) {
        self.time.pass(duration);
    }
}

impl Transport for Link {
    /// Gives way before the service has the request, and once more before the client has the answer: whoever stops there stops at
    /// every place that a real network has.
    fn send(&self, request: Request, limits: Limits) -> BoxFuture<'_, Result<Response, TransportFault>> {
        Box::pin(async move {
            self.end.wait().await;
            let answer = self.carry(&request, &limits);
            self.end.wait().await;
            answer
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.end.wait().await;
            self.time.pass(duration);
        })
    }
}

//! Runs exchanges on the calling thread.
#![cfg(feature = "blocking")]

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};
use std::thread::{self, Thread};

use crate::rt::content;
use crate::rt::core::Core;
use crate::rt::descriptor::Operation;
use crate::rt::error::Result;
use crate::rt::exchange::{Event, Exchange, Step};
use crate::rt::message::{Request, Response};
use crate::rt::token::{Claim, FetchEvent, FetchStep, Token, TokenSource};
use crate::rt::transport::BlockingTransport;
use crate::rt::ureq::UreqTransport;

/// The means of blocking calls.
pub struct BlockingDriver {
    transport: Arc<dyn BlockingTransport>,
    /// Held by the one caller that fetches a token; the others wait for it.
    turn: Mutex<()>,
}

impl BlockingDriver {
    /// With a transport, or else with ureq.
    #[must_use]
    pub fn new(transport: Option<Arc<dyn BlockingTransport>>) -> Self {
        Self { transport: transport.unwrap_or_else(|| Arc::new(UreqTransport::new())), turn: Mutex::default() }
    }

    /// What sends the requests.
    #[must_use]
    pub fn transport(&self) -> &dyn BlockingTransport {
        self.transport.as_ref()
    }
}

/// Wakes a thread that waits for its turn.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Core {
    /// Makes a call: attempts, waits, tokens and redirects included.
    pub fn execute_blocking(&self, operation: &'static Operation, request: Request) -> Result<Response> {
        self.run_blocking(Exchange::new(&self.policy, operation, request), operation.packed)
    }

    /// `packed` names what the answer itself is packed with.
    fn run_blocking(&self, mut exchange: Exchange<'_>, packed: &str) -> Result<Response> {
        let mut event = Event::Start;
        loop {
            event = match exchange.step(event, self.now()) {
                Step::Send(request) => {
                    #[cfg(feature = "tracing")]
                    let span = crate::rt::trace::request(exchange.operation(), &request, &self.policy.secrets);
                    #[cfg(feature = "tracing")]
                    let entered = span.enter();
                    let sent = self.blocking_driver.transport.send(request, self.limits);
                    #[cfg(feature = "tracing")]
                    {
                        drop(entered);
                        crate::rt::trace::answered(&span, &sent);
                    }
                    match sent.and_then(|response| content::decode(response, packed, self.limits.max_response_bytes)) {
                        Ok(response) => Event::Response(response),
                        Err(fault) => Event::Fault(fault),
                    }
                }
                Step::Sleep(duration) => {
                    self.blocking_driver.transport.sleep(duration);
                    Event::Slept
                }
                Step::Queue => turn_of(&exchange),
                Step::Token { refused } => Event::Token(self.token_blocking(refused)),
                Step::Done(result) => return result,
            };
        }
    }

    /// The held token, or else a new one. However many callers ask, one fetches.
    pub(crate) fn token_blocking(&self, refused: Option<u64>) -> Result<Token> {
        let source = self.token_source()?;
        match source.claim(refused, self.now()) {
            Claim::Held(token) => Ok(token),
            Claim::Fetch { since } => self.fetch_token_blocking(source, since),
        }
    }

    fn fetch_token_blocking(&self, source: &TokenSource, since: u64) -> Result<Token> {
        let _turn = self.blocking_driver.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(outcome) = source.fetched_since(since) {
            return outcome;
        }
        self.fetch_blocking(source, FetchEvent::Start)
    }

    /// Makes a fetch, whose turn it is.
    fn fetch_blocking(&self, source: &TokenSource, mut event: FetchEvent) -> Result<Token> {
        let mut fetch = source.fetch(&self.policy.secrets, &self.headers, self.now());
        loop {
            event = match fetch.step(event, self.now()) {
                FetchStep::Send(request) => FetchEvent::Answer(self.run_blocking(Exchange::for_token(&self.policy, request), "")),
                FetchStep::Sleep(duration) => {
                    self.blocking_driver.transport.sleep(duration);
                    FetchEvent::Slept
                }
                FetchStep::Done(outcome) => return outcome,
            };
        }
    }

    /// Trades the code of a user who has logged in for tokens.
    pub fn redeem_blocking(&self, code: Vec<(&'static str, String)>) -> Result<()> {
        let _turn = self.blocking_driver.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.fetch_blocking(self.token_source()?, FetchEvent::Redeem(code)).map(drop)
    }
}

/// Waits until it is a call's turn.
pub(crate) fn turn_of(exchange: &Exchange<'_>) -> Event {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    while !exchange.is_turn(&waker) {
        thread::park();
    }
    Event::Slept
}

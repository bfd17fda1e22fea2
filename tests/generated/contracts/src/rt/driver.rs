//! Runs exchanges asynchronously.
#![cfg(feature = "async")]

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::Mutex;

use crate::rt::content;
use crate::rt::core::Core;
use crate::rt::descriptor::{Operation, Timeouts};
use crate::rt::error::Result;
use crate::rt::exchange::{Event, Exchange, Step};
use crate::rt::hyper::HyperTransport;
use crate::rt::message::{Request, Response};
use crate::rt::token::{Claim, FetchEvent, FetchStep, Token, TokenSource};
use crate::rt::transport::{BoxFuture, Transport};

/// The means of asynchronous calls.
pub struct Driver {
    transport: Arc<dyn Transport>,
    /// Held by the one caller that fetches a token; the others wait for it.
    turn: Mutex<()>,
}

impl Driver {
    /// With a transport, or else with hyper.
    pub fn new(transport: Option<Arc<dyn Transport>>, timeouts: &Timeouts) -> Result<Self> {
        let transport = match transport {
            Some(transport) => transport,
            None => Arc::new(HyperTransport::new(timeouts)?),
        };
        Ok(Self { transport, turn: Mutex::default() })
    }

    /// What sends the requests.
    #[must_use]
    pub fn transport(&self) -> &dyn Transport {
        self.transport.as_ref()
    }
}

impl Core {
    /// Makes a call: attempts, waits, tokens and redirects included.
    pub fn execute(self: &Arc<Self>, operation: &'static Operation, request: Request) -> BoxFuture<'static, Result<Response>> {
        let core = Arc::clone(self);
        let call = async move { core.run(Exchange::new(&core.policy, operation, request), operation.packed).await };
        // It may run as a task of its own, and belongs to what it is made for all the same.
        #[cfg(feature = "tracing")]
        let call = tracing::Instrument::in_current_span(call);
        Box::pin(call)
    }

    /// `packed` names what the answer itself is packed with.
    async fn run(&self, mut exchange: Exchange<'_>, packed: &str) -> Result<Response> {
        let mut event = Event::Start;
        loop {
            event = match exchange.step(event, self.now()) {
                Step::Send(request) => {
                    #[cfg(feature = "tracing")]
                    let span = crate::rt::trace::request(exchange.operation(), &request, &self.policy.secrets);
                    let sending = self.driver.transport.send(request, self.limits);
                    #[cfg(feature = "tracing")]
                    let sending = tracing::Instrument::instrument(sending, span.clone());
                    let sent = sending.await;
                    #[cfg(feature = "tracing")]
                    crate::rt::trace::answered(&span, &sent);
                    match sent.and_then(|response| content::decode(response, packed, self.limits.max_response_bytes)) {
                        Ok(response) => Event::Response(response),
                        Err(fault) => Event::Fault(fault),
                    }
                }
                Step::Sleep(duration) => {
                    self.driver.transport.sleep(duration).await;
                    #[cfg(feature = "cli")]
                    self.activity.wait(duration);
                    Event::Slept
                }
                Step::Queue => {
                    #[cfg(feature = "cli")]
                    let begin = std::time::Instant::now();
                    let event = turn_of(&exchange).await;
                    #[cfg(feature = "cli")]
                    self.activity.wait(begin.elapsed());
                    event
                }
                Step::Token { refused } => Event::Token(self.token(refused).await),
                Step::Done(result) => return result,
            };
        }
    }

    /// The held token, or else a new one. However many callers ask, one fetches.
    pub(crate) async fn token(&self, refused: Option<u64>) -> Result<Token> {
        let source = self.token_source()?;
        match source.claim(refused, self.now()) {
            Claim::Held(token) => Ok(token),
            Claim::Fetch { since } => self.fetch_token(source, since).await,
        }
    }

    /// Boxed, because it makes a call of its own.
    fn fetch_token<'a>(&'a self, source: &'a TokenSource, since: u64) -> BoxFuture<'a, Result<Token>> {
        Box::pin(async move {
            // A caller that is dropped gives its turn up, and the next one fetches.
            let _turn = self.driver.turn.lock().await;
            if let Some(outcome) = source.fetched_since(since) {
                return outcome;
            }
            self.fetch(source, FetchEvent::Start).await
        })
    }

    /// Makes a fetch, whose turn it is.
    async fn fetch(&self, source: &TokenSource, mut event: FetchEvent) -> Result<Token> {
        let mut fetch = source.fetch(&self.policy.secrets, &self.headers, self.now());
        loop {
            event = match fetch.step(event, self.now()) {
                FetchStep::Send(request) => FetchEvent::Answer(self.run(Exchange::for_token(&self.policy, request), "").await),
                FetchStep::Sleep(duration) => {
                    self.driver.transport.sleep(duration).await;
                    FetchEvent::Slept
                }
                FetchStep::Done(outcome) => return outcome,
            };
        }
    }

    /// Trades the code of a user who has logged in for tokens.
    pub fn redeem<'a>(&'a self, code: Vec<(&'static str, String)>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let _turn = self.driver.turn.lock().await;
            self.fetch(self.token_source()?, FetchEvent::Redeem(code)).await.map(drop)
        })
    }
}

/// Waits until it is a call's turn.
pub(crate) async fn turn_of(exchange: &Exchange<'_>) -> Event {
    poll_fn(|cx| if exchange.is_turn(cx.waker()) { Poll::Ready(()) } else { Poll::Pending }).await;
    Event::Slept
}

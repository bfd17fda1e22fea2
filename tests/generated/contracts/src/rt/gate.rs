//! Where a client with rate limits holds its requests back: what the core knows of them.

use std::fmt;
use std::task::Waker;
use std::time::Duration;

use crate::rt::message::Response;
use crate::rt::retry::Now;

/// Lets requests pass in the order in which they came, as the limits allow. All clones of a client share it.
pub trait Gate: fmt::Debug + Send + Sync {
    /// Queues a request of an operation to a host; it counts as so many. What comes back names it from now on.
    fn enter(&self, operation: &'static str, host: &str, weight: u32) -> u64;

    /// Asks whether it may be sent.
    fn ask(&self, ticket: u64, now: Now) -> Admission;

    /// Whether it is worth asking again after [`Admission::Queue`]. If not, the waker is called when it is.
    fn is_turn(&self, ticket: u64, waker: &Waker) -> bool;

    /// Takes in what its response says about the limits. `throttled` is the wait that the service asks for where it turned the
    /// request away, and `longest` the longest wait of this client.
    fn observe(&self, ticket: u64, response: &Response, throttled: Option<Duration>, longest: Duration, now: Now);

    /// The wait that a response asks for in the headers that the limits name.
    fn asked_wait(&self, response: &Response, unix: Duration) -> Option<Duration>;

    /// It is answered, or nobody waits for it any more.
    fn leave(&self, ticket: u64, now: Option<Now>);
}

/// Whether a request may be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Admission {
    /// Now.
    Go,
    /// Not before so long; then ask again.
    Wait(Duration),
    /// Only when others have gone or are answered; then ask again.
    Queue,
}

/// A request's place at a gate. It is given up when this is dropped.
#[derive(Debug)]
pub struct Pass<'p> {
    gate: Option<&'p dyn Gate>,
    ticket: Option<u64>,
}

impl<'p> Pass<'p> {
    /// A pass for a gate, if there is one.
    #[must_use]
    pub fn new(gate: Option<&'p dyn Gate>) -> Self {
        Self { gate, ticket: None }
    }

    /// Whether there is a gate.
    #[must_use]
    pub fn is_gated(&self) -> bool {
        self.gate.is_some()
    }

    /// Asks whether a request may be sent; queues it first, if it is not yet.
    pub fn ask(&mut self, operation: &'static str, host: &str, weight: u32, now: Now) -> Admission {
        let Some(gate) = self.gate else { return Admission::Go };
        let ticket = *self.ticket.get_or_insert_with(|| gate.enter(operation, host, weight));
        gate.ask(ticket, now)
    }

    /// Whether it is worth asking again; else the waker is called when it is.
    pub fn is_turn(&self, waker: &Waker) -> bool {
        self.gate.zip(self.ticket).is_none_or(|(gate, ticket)| gate.is_turn(ticket, waker))
    }

    /// The wait that a response asks for in the headers that the limits name.
    #[must_use]
    pub fn asked_wait(&self, response: &Response, unix: Duration) -> Option<Duration> {
        self.gate?.asked_wait(response, unix)
    }

    /// Takes in what the response says, and leaves.
    pub fn answered(&mut self, response: &Response, throttled: Option<Duration>, longest: Duration, now: Now) {
        if let Some((gate, ticket)) = self.gate.zip(self.ticket) {
            gate.observe(ticket, response, throttled, longest, now);
        }
        self.leave(Some(now));
    }

    /// Gives the place up.
    pub fn leave(&mut self, now: Option<Now>) {
        if let Some((gate, ticket)) = self.gate.zip(self.ticket.take()) {
            gate.leave(ticket, now);
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.leave(None);
    }
}

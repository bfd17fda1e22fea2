//! A response's body, which may break off on the way.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::Sleep;

use super::fault::FaultKind;

/// How long the first half of a body that breaks off has to reach the other side.
const HEAD_START: Duration = Duration::from_millis(5);

/// A body in at most two pieces.
pub(super) struct Response {
    first: Bytes,
    wait: Option<Pin<Box<Sleep>>>,
    then: Then,
    /// The length that is announced.
    length: u64,
}

/// What comes after the first piece.
enum Then {
    End,
    Rest(Bytes),
    Break,
}

impl Response {
    /// A body with a fault. A reset is told to the connection by `reset`.
    pub(super) fn new(body: Bytes, fault: Option<&FaultKind>, reset: &Arc<AtomicBool>) -> Self {
        let length = body.len() as u64;
        let (first, second) = (body.slice(..body.len() / 2), body.slice(body.len() / 2..));
        let sleep = |time| Some(Box::pin(tokio::time::sleep(time)));
        match fault {
            Some(FaultKind::Reset) => {
                reset.store(true, Ordering::Relaxed);
                Self { first, wait: sleep(HEAD_START), then: Then::Break, length }
            }
            Some(FaultKind::Truncate) => Self { first, wait: sleep(HEAD_START), then: Then::Break, length },
            Some(FaultKind::Cut) => Self { length: first.len() as u64, first, wait: None, then: Then::End },
            Some(FaultKind::Stall(time)) => Self { first, wait: sleep(*time), then: Then::Rest(second), length },
            _ => Self { first: body, wait: None, then: Then::End, length },
        }
    }
}

impl Body for Response {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !self.first.is_empty() {
            let first = std::mem::take(&mut self.first);
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if let Some(sleep) = &mut self.wait {
            std::task::ready!(sleep.as_mut().poll(context));
            self.wait = None;
        }
        Poll::Ready(match std::mem::replace(&mut self.then, Then::End) {
            Then::End => None,
            Then::Rest(rest) => Some(Ok(Frame::data(rest))),
            Then::Break => Some(Err(io::Error::other("broken off on purpose"))),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_empty() && matches!(self.then, Then::End)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

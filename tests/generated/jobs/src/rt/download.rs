//! Downloads: calls of which the head is read as that of any other, and the body piece by piece.
#![cfg(any(feature = "async", feature = "blocking"))]

use std::sync::{Mutex, PoisonError};

use crate::rt::descriptor::{Operation, Timeouts};
use crate::rt::error::Result;
use crate::rt::exchange::Exchange;
use crate::rt::message::{Headers, Limits, Request, Response};

/// How much is read of a body that only explains a failure.
const EXPLANATION: usize = 16 << 10;

/// What a download keeps to: it may take as long as it goes on.
fn limits(limits: Limits) -> Limits {
    Limits { timeouts: Timeouts { whole_ms: 0, ..limits.timeouts }, ..limits }
}

/// Whether a response is one whose body is wanted.
fn is_wanted(status: u16) -> bool {
    (200..300).contains(&status)
}

/// A transport that leaves the bodies of good responses unread, and keeps the last one.
struct Opening<'t, T: ?Sized, B: ?Sized> {
    transport: &'t T,
    body: Mutex<Option<Box<B>>>,
}

impl<'t, T: ?Sized, B: ?Sized> Opening<'t, T, B> {
    fn new(transport: &'t T) -> Self {
        Self { transport, body: Mutex::new(None) }
    }

    fn keep(&self, body: Box<B>) {
        *self.body.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
    }

    fn into_body(self) -> Option<Box<B>> {
        self.body.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(feature = "async")]
pub(crate) mod asynchronous {
    use super::{EXPLANATION, Exchange, Headers, Limits, Opening, Operation, Request, Response, Result, is_wanted, limits};
    use crate::rt::core::Core;
    use crate::rt::message::TransportFault;
    use crate::rt::transport::{BoxFuture, Pieces, Transport};
    use std::time::Duration;

    impl Transport for Opening<'_, dyn Transport, dyn Pieces> {
        fn send(&self, request: Request, max: Limits) -> BoxFuture<'_, Result<Response, TransportFault>> {
            Box::pin(async move {
                let mut opened = self.transport.open(request, limits(max)).await?;
                let mut body = Vec::new();
                if is_wanted(opened.status) {
                    self.keep(opened.body);
                } else {
                    while body.len() < EXPLANATION
                        && let Some(piece) = opened.body.next().await?
                    {
                        body.extend(piece);
                    }
                }
                Ok(Response { status: opened.status, headers: opened.headers, body })
            })
        }

        fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
            self.transport.sleep(duration)
        }
    }

    /// Makes a call up to the head of its answer.
    pub(crate) async fn open(core: &Core, operation: &Operation, request: Request) -> Result<(Headers, Option<Box<dyn Pieces>>)> {
        let opening = Opening::<dyn Transport, dyn Pieces>::new(&*core.driver.transport);
        let head = core.run_over(&opening, Exchange::new(&core.policy, operation, request), "").await?;
        Ok((head.headers, opening.into_body()))
    }
}

#[cfg(feature = "blocking")]
pub(crate) mod blocking {
    use super::{EXPLANATION, Exchange, Headers, Limits, Opening, Operation, Request, Response, Result, is_wanted, limits};
    use crate::rt::core::Core;
    use crate::rt::message::TransportFault;
    use crate::rt::transport::{BlockingPieces, BlockingTransport};
    use std::time::Duration;

    impl BlockingTransport for Opening<'_, dyn BlockingTransport, dyn BlockingPieces> {
        fn send(&self, request: Request, max: Limits) -> Result<Response, TransportFault> {
            let mut opened = self.transport.open(request, limits(max))?;
            let mut body = Vec::new();
            if is_wanted(opened.status) {
                self.keep(opened.body);
            } else {
                while body.len() < EXPLANATION
                    && let Some(piece) = opened.body.next()?
                {
                    body.extend(piece);
                }
            }
            Ok(Response { status: opened.status, headers: opened.headers, body })
        }

        fn sleep(&self, duration: Duration) {
            self.transport.sleep(duration);
        }
    }

    /// Makes a call up to the head of its answer, on this thread.
    pub(crate) fn open(core: &Core, operation: &Operation, request: Request) -> Result<(Headers, Option<Box<dyn BlockingPieces>>)> {
        let opening = Opening::<dyn BlockingTransport, dyn BlockingPieces>::new(&*core.blocking_driver.transport);
        let head = core.run_blocking_over(&opening, Exchange::new(&core.policy, operation, request), "")?;
        Ok((head.headers, opening.into_body()))
    }
}

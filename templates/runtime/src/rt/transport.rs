//! What a driver needs of the world: to send one request and to wait.
#![cfg(any(feature = "async", feature = "blocking"))]

use std::time::Duration;

use crate::rt::message::{Limits, Request, Response, TransportFault};

/// A boxed future.
#[cfg(feature = "async")]
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends requests of asynchronous calls.
///
/// It follows no redirects, repeats nothing and adds no header but those that frame the message: the core decides all that.
#[cfg(feature = "async")]
pub trait Transport: Send + Sync {
    /// Sends a request and reads the response to its end, within the limits.
    fn send(&self, request: Request, limits: Limits) -> BoxFuture<'_, Result<Response, TransportFault>>;

    /// Waits.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// Sends requests of blocking calls. The same rules as for asynchronous ones hold.
#[cfg(feature = "blocking")]
pub trait BlockingTransport: Send + Sync {
    /// Sends a request and reads the response to its end, within the limits.
    fn send(&self, request: Request, limits: Limits) -> Result<Response, TransportFault>;

    /// Waits.
    fn sleep(&self, duration: Duration);
}

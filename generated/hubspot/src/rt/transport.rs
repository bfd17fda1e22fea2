//! What a driver needs of the world: to send one request and to wait.
#![cfg(any(feature = "async", feature = "blocking"))]

use std::time::Duration;

use crate::rt::message::{Limits, Request, Response, TransportFault, too_large};

/// How much room is made for a body because its head announces it; a larger one grows as it comes.
const MOST_ROOM: u64 = 8 << 20;

/// The room to make for a body, or the fault if its head announces one that is too large.
pub fn room(announced: u64, max: u64) -> Result<usize, TransportFault> {
    if announced > max {
        return Err(too_large(max));
    }
    Ok(usize::try_from(announced.min(MOST_ROOM)).unwrap_or_default())
}

/// A limit in milliseconds as a duration. None is without limit, which one of more than a year is as well: clocks can overflow.
#[must_use]
pub fn limit(ms: u64) -> Option<Duration> {
    const YEAR: u64 = 365 * 24 * 3600 * 1000;
    (1..YEAR).contains(&ms).then(|| Duration::from_millis(ms))
}

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

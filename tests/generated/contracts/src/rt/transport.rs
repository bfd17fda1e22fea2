//! What a driver needs of the world: to send one request and to wait.
#![cfg(any(feature = "async", feature = "blocking"))]

#[cfg(feature = "async")]
use std::task::{Context, Poll};
use std::time::Duration;

use crate::rt::message::{Headers, Limits, Request, Response, TransportFault, too_large};

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

    /// Sends a request and hands over the response while its body still comes. The whole body's limits do not hold for it; those
    /// for each stage do.
    ///
    /// A transport that does not say otherwise reads it to its end.
    fn open(&self, request: Request, limits: Limits) -> BoxFuture<'_, Result<Opened<Box<dyn Pieces>>, TransportFault>> {
        Box::pin(async move {
            let Response { status, headers, body } = self.send(request, limits).await?;
            Ok(Opened { status, headers, pieces: Box::new(Some(body)) as Box<dyn Pieces> })
        })
    }

    /// Waits.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// The pieces of a body, of which none is asked for before the one before it is used.
#[cfg(feature = "async")]
pub trait Pieces: Send {
    /// The next piece; none at the end.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Vec<u8>>, TransportFault>>;
}

/// A body that is one piece.
#[cfg(feature = "async")]
impl Pieces for Option<Vec<u8>> {
    fn poll_piece(&mut self, _: &mut Context<'_>) -> Poll<Result<Option<Vec<u8>>, TransportFault>> {
        Poll::Ready(Ok(self.take()))
    }
}

/// Sends requests of blocking calls. The same rules as for asynchronous ones hold.
#[cfg(feature = "blocking")]
pub trait BlockingTransport: Send + Sync {
    /// Sends a request and reads the response to its end, within the limits.
    fn send(&self, request: Request, limits: Limits) -> Result<Response, TransportFault>;

    /// Sends a request and hands over the response while its body still comes, as for asynchronous calls.
    fn open(&self, request: Request, limits: Limits) -> Result<Opened<Box<dyn BlockingPieces>>, TransportFault> {
        let Response { status, headers, body } = self.send(request, limits)?;
        Ok(Opened { status, headers, pieces: Box::new(Some(body)) })
    }

    /// Waits.
    fn sleep(&self, duration: Duration);
}

/// The pieces of a body, each read when it is asked for.
#[cfg(feature = "blocking")]
pub trait BlockingPieces: Send {
    /// The next piece; none at the end.
    fn piece(&mut self) -> Result<Option<Vec<u8>>, TransportFault>;
}

/// A body that is one piece.
#[cfg(feature = "blocking")]
impl BlockingPieces for Option<Vec<u8>> {
    fn piece(&mut self) -> Result<Option<Vec<u8>>, TransportFault> {
        Ok(self.take())
    }
}

/// A response whose body still comes.
#[derive(Debug)]
pub struct Opened<B> {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub pieces: B,
}

//! Calls whose answer is read piece by piece: files that are too large to be held.
//!
//! All the rules of a call hold up to the head of its answer: attempts, waits, tokens and redirects. A body that breaks off
//! afterwards is an error, since part of it was handed out already.
#![cfg(any(feature = "async", feature = "blocking"))]

use crate::rt::content;
use crate::rt::core::Core;
use crate::rt::descriptor::Operation;
use crate::rt::error::Result;
use crate::rt::exchange::{Event, Exchange, Step};
use crate::rt::message::{Headers, Request, Response, TransportFault, too_large};

#[cfg(feature = "blocking")]
use crate::rt::transport::BlockingPieces;
#[cfg(feature = "async")]
use crate::rt::transport::Pieces;

/// An answer whose body is still to be read.
#[derive(Debug)]
pub struct Download<B> {
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub pieces: B,
}

#[cfg(feature = "async")]
impl Core {
    /// Makes a call, up to the head of its answer.
    pub async fn download(&self, operation: &'static Operation, request: Request) -> Result<Download<Box<dyn Pieces>>> {
        let mut exchange = Exchange::new(&self.policy, operation, request);
        let mut event = Event::Start;
        let mut body = None;
        loop {
            event = match exchange.step(event, self.now()) {
                Step::Send(request) => match self.open(request).await {
                    Ok((response, pieces)) => {
                        body = pieces;
                        Event::Response(response)
                    }
                    Err(fault) => Event::Fault(fault),
                },
                Step::Sleep(duration) => {
                    self.driver.transport().sleep(duration).await;
                    Event::Slept
                }
                Step::Queue => crate::rt::driver::turn_of(&exchange).await,
                Step::Token { refused } => Event::Token(self.token(refused).await),
                Step::Done(result) => {
                    let Response { headers, .. } = result?;
                    return Ok(Download { headers, pieces: body.unwrap_or_else(|| Box::new(Nothing)) });
                }
            };
        }
    }

    /// Sends a request. The body of a failure is read at once: it is part of what the call goes by.
    async fn open(&self, request: Request) -> Result<(Response, Option<Box<dyn Pieces>>), TransportFault> {
        let mut opened = self.driver.transport().open(request, self.limits).await?;
        let mut response = Response { status: opened.status, headers: opened.headers, body: Vec::new() };
        if (200..300).contains(&response.status) {
            return Ok((response, Some(opened.pieces)));
        }
        let max = self.limits.max_response_bytes;
        while let Some(piece) = std::future::poll_fn(|cx| opened.pieces.poll_piece(cx)).await? {
            append(&mut response.body, &piece, max)?;
        }
        content::decode(response, "", max).map(|response| (response, None))
    }
}

#[cfg(feature = "blocking")]
impl Core {
    /// Makes a call on this thread, up to the head of its answer.
    pub fn download_blocking(
        &self,
        operation: &'static Operation,
        request: Request,
    ) -> Result<Download<Box<dyn BlockingPieces>>> {
        let mut exchange = Exchange::new(&self.policy, operation, request);
        let mut event = Event::Start;
        let mut body = None;
        loop {
            event = match exchange.step(event, self.now()) {
                Step::Send(request) => match self.open_blocking(request) {
                    Ok((response, pieces)) => {
                        body = pieces;
                        Event::Response(response)
                    }
                    Err(fault) => Event::Fault(fault),
                },
                Step::Sleep(duration) => {
                    self.blocking_driver.transport().sleep(duration);
                    Event::Slept
                }
                Step::Queue => crate::rt::blocking_driver::turn_of(&exchange),
                Step::Token { refused } => Event::Token(self.token_blocking(refused)),
                Step::Done(result) => {
                    let Response { headers, .. } = result?;
                    return Ok(Download { headers, pieces: body.unwrap_or_else(|| Box::new(Nothing)) });
                }
            };
        }
    }

    fn open_blocking(&self, request: Request) -> Result<(Response, Option<Box<dyn BlockingPieces>>), TransportFault> {
        let mut opened = self.blocking_driver.transport().open(request, self.limits)?;
        let mut response = Response { status: opened.status, headers: opened.headers, body: Vec::new() };
        if (200..300).contains(&response.status) {
            return Ok((response, Some(opened.pieces)));
        }
        let max = self.limits.max_response_bytes;
        while let Some(piece) = opened.pieces.piece()? {
            append(&mut response.body, &piece, max)?;
        }
        content::decode(response, "", max).map(|response| (response, None))
    }
}

fn append(body: &mut Vec<u8>, piece: &[u8], max: u64) -> Result<(), TransportFault> {
    if (body.len() + piece.len()) as u64 > max {
        return Err(too_large(max));
    }
    body.extend_from_slice(piece);
    Ok(())
}

/// The body of an answer that has none.
struct Nothing;

#[cfg(feature = "async")]
impl Pieces for Nothing {
    fn poll_piece(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<Option<Vec<u8>>, TransportFault>> {
        std::task::Poll::Ready(Ok(None))
    }
}

#[cfg(feature = "blocking")]
impl BlockingPieces for Nothing {
    fn piece(&mut self) -> Result<Option<Vec<u8>>, TransportFault> {
        Ok(None)
    }
}

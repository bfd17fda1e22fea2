//! The sockets: a listener on the loopback address and a task for each connection.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::{
    Request,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::{
    body::Response,
    fault::FaultKind,
    reply::Reply,
    service::{Answer, Service},
};

/// No request of a client is larger.
const LARGEST_REQUEST: usize = 1 << 20;

/// Serves until `stop` is done; every connection ends with it.
pub(super) async fn serve(listener: TcpListener, service: Arc<Service>, latency: Duration, stop: impl Future) {
    let accept = async {
        loop {
            // A failed accept is the client's trouble, or that of too many open files, which passes.
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            tokio::spawn(connection(stream, Arc::clone(&service), latency));
        }
    };
    tokio::select! {
        () = accept => {}
        _ = stop => {}
    }
}

async fn connection(stream: TcpStream, service: Arc<Service>, latency: Duration) {
    let Ok(local) = stream.local_addr() else { return };
    // Answers are written in one piece; waiting for more only delays them.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let line = Line { stream, reset: Arc::clone(&reset) };
    let answers = service_fn(move |request| {
        let (service, reset) = (Arc::clone(&service), Arc::clone(&reset));
        async move { Ok::<_, Infallible>(respond(request, &service, local, latency, &reset).await) }
    });
    // A connection ends with an error where a fault breaks it off or the client leaves: both are fine here.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(line), answers).await;
}

async fn respond(
    request: Request<Incoming>,
    service: &Service,
    local: SocketAddr,
    latency: Duration,
    reset: &Arc<AtomicBool>,
) -> hyper::Response<Response> {
    let (head, body) = request.into_parts();
    let Answer { reply, fault, .. } = match Limited::new(body, LARGEST_REQUEST).collect().await {
        Ok(body) => service.answer(&Request::from_parts(head, body.to_bytes()), &format!("http://{local}")),
        Err(_) => Reply::error(413, "too_large", "The request is too large").into(),
    };
    let slow = if let Some(FaultKind::Slow(time)) = &fault { *time } else { Duration::ZERO };
    if !(latency + slow).is_zero() {
        tokio::time::sleep(latency + slow).await;
    }
    response(reply, fault.as_ref(), reset)
}

fn response(reply: Reply, fault: Option<&FaultKind>, reset: &Arc<AtomicBool>) -> hyper::Response<Response> {
    let mut builder = hyper::Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        builder = builder.header(name, value);
    }
    let body = Response::new(reply.body, fault, reset);
    builder.body(body).unwrap_or_else(|_| hyper::Response::new(Response::new(Bytes::new(), None, reset)))
}

/// A connection that can end with a reset rather than with an orderly close.
struct Line {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // Without this the other side sees an orderly close, which is the fault `truncate`.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

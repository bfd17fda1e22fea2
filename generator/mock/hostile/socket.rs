//! The sockets of a hostile service. It speaks HTTP/1.1 by hand, since no library would speak it so badly.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::{Request, body::Bytes};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::super::reply::Reply;
use super::super::service::{Answer, Service};
use super::scenario::WireFault;
use super::wire::{Move, moves};

/// No head of a client's request is longer.
const LARGEST_HEAD: usize = 64 << 10;

/// No body of a client's request is longer.
const LARGEST_BODY: usize = 1 << 20;

/// Serves until `stop` is done; every connection ends with it.
pub(in crate::mock) async fn serve(listener: TcpListener, service: Arc<Service>, latency: Duration, stop: impl Future) {
    let accept = async {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            let service = Arc::clone(&service);
            tokio::spawn(async move {
                // Whoever leaves early is right to do so.
                let _ = connection(stream, &service, latency).await;
            });
        }
    };
    tokio::select! {
        () = accept => {}
        _ = stop => {}
    }
}

/// The other origin: takes down what it is sent, and answers with a page that nobody should read.
pub(in crate::mock) async fn watch(listener: TcpListener, service: Arc<Service>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            let mut buffer = Vec::new();
            if let Ok(Some(request)) = read(&mut stream, &mut buffer).await {
                service.stray(&request);
                let _ = act(&mut stream, moves(&Reply::json(200, "[]"), false, None), Duration::ZERO).await;
            }
        });
    }
}

async fn connection(mut stream: TcpStream, service: &Service, latency: Duration) -> io::Result<()> {
    let origin = format!("http://{}", stream.local_addr()?);
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer).await? {
        let Answer { reply, wire, .. } = service.answer(&request, &origin);
        tokio::time::sleep(latency).await;
        let closes = matches!(wire, Some(WireFault::Refused));
        if !act(&mut stream, moves(&reply, request.method() == hyper::Method::HEAD, wire), service.stall()).await? || closes {
            break;
        }
    }
    Ok(())
}

/// Does what is to be done; says whether the connection is still open.
async fn act(stream: &mut TcpStream, moves: Vec<Move>, stall: Duration) -> io::Result<bool> {
    for step in moves {
        match step {
            Move::Send(bytes) => stream.write_all(&bytes).await?,
            Move::Wait(time) => tokio::time::sleep(time).await,
            Move::Stall => tokio::time::sleep(stall).await,
            Move::Close => return stream.shutdown().await.map(|()| false),
            Move::Reset => return stream.set_zero_linger().map(|()| false),
        }
    }
    Ok(true)
}

/// The next request; none at the end of the connection, and none where it is no HTTP.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Request<Bytes>>> {
    let (request, length, end) = loop {
        if let Some(head) = head(buffer) {
            break head;
        }
        if buffer.len() > LARGEST_HEAD || stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    if length > LARGEST_BODY {
        return Ok(None);
    }
    while buffer.len() < end + length {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    let rest = buffer.split_off(end + length);
    let body = buffer.split_off(end);
    *buffer = rest;
    Ok(Some(request.map(|()| Bytes::from(body))))
}

/// The head at the start of some bytes, the length of its body, and where it ends.
fn head(bytes: &[u8]) -> Option<(Request<()>, usize, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(end) = head.parse(bytes).ok()? else { return None };
    let mut request = Request::builder().method(head.method?).uri(head.path?);
    let mut length = 0;
    for header in head.headers {
        if header.name.eq_ignore_ascii_case("content-length") {
            length = std::str::from_utf8(header.value).ok()?.parse().ok()?;
        }
        request = request.header(header.name, header.value);
    }
    Some((request.body(()).ok()?, length, end))
}

#[cfg(test)]
mod tests {
    use super::head;

    #[test]
    fn a_request_is_read_once_its_head_is_there() {
        assert!(head(b"GET /a HTTP/1.1\r\nhost: x\r\n").is_none());
        let (request, length, end) = head(b"POST /a?b=c HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc").expect("a head");
        assert_eq!((request.uri().query(), length, end), (Some("b=c"), 3, 43));
    }
}

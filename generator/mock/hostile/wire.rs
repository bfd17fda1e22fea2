//! Answers as they go over a socket: HTTP/1.1, and what goes wrong with it.

use std::time::Duration;

use super::super::reply::Reply;
use super::scenario::WireFault;

/// How long the two halves of something that comes in pieces are apart.
const APART: Duration = Duration::from_millis(2);

/// How many pieces a dripping body has.
const DROPS: usize = 20;

/// One thing that a connection does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Move {
    Send(Vec<u8>),
    Wait(Duration),
    /// Nothing, for as long as the service keeps still.
    Stall,
    Reset,
    Close,
}

/// What a connection does to answer a request. It stays open where the last move is to send.
pub(super) fn moves(reply: &Reply, is_head: bool, fault: Option<WireFault>) -> Vec<Move> {
    let body: &[u8] = if is_head { b"" } else { &reply.body };
    let head = |version: &str, framing: &str| head(reply, version, framing);
    let plain = || head("1.1", &format!("content-length: {}\r\n", reply.body.len()));
    let (first, second) = body.split_at(body.len() / 2);
    let send = |parts: &[&[u8]]| Move::Send(parts.concat());
    let Some(fault) = fault else { return vec![send(&[plain().as_bytes(), body])] };
    match fault {
        WireFault::Refused | WireFault::ResetEarly => vec![Move::Reset],
        WireFault::ResetInBody => vec![send(&[plain().as_bytes(), first]), Move::Wait(APART), Move::Reset],
        WireFault::HalfClosed => vec![send(&[plain().as_bytes(), first]), Move::Wait(APART), Move::Close],
        WireFault::StallBeforeHead => vec![Move::Stall, Move::Close],
        WireFault::StallInHead => vec![send(&[b"HTTP/1.1 200 OK\r\ncontent-type: appl"]), Move::Stall, Move::Close],
        WireFault::StallInBody => vec![send(&[plain().as_bytes(), first]), Move::Stall, Move::Close],
        WireFault::Drip => drops(&plain(), body),
        WireFault::Http10 => vec![send(&[head("1.0", "").as_bytes(), body]), Move::Close],
        WireFault::KeepAliveCut => vec![send(&[plain().as_bytes(), body]), Move::Close],
        WireFault::OddChunks => {
            let head = head("1.1", "transfer-encoding: chunked\r\ntrailer: x-checksum\r\n");
            vec![send(&[head.as_bytes(), &odd_chunks(body), b"0;last=\"yes\"\r\nx-checksum: 0\r\n\r\n"])]
        }
        WireFault::BrokenChunk => {
            let head = head("1.1", "transfer-encoding: chunked\r\n");
            let chunk = format!("{:x}\r\n", first.len());
            vec![send(&[head.as_bytes(), chunk.as_bytes(), first, b"\r\nseven\r\n", second]), Move::Wait(APART), Move::Close]
        }
        WireFault::Interim => {
            let hints = b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n";
            vec![send(&[hints, plain().as_bytes(), body])]
        }
        WireFault::ManyHeaders => vec![send(&[with_headers(&plain(), 60).as_bytes(), body])],
        WireFault::HeaderFlood => vec![send(&[with_headers(&plain(), 20_000).as_bytes(), body]), Move::Close],
        WireFault::HugeLength => {
            let head = head("1.1", "content-length: 9000000000000\r\n");
            vec![send(&[head.as_bytes(), body]), Move::Wait(APART), Move::Close]
        }
    }
}

fn head(reply: &Reply, version: &str, framing: &str) -> String {
    let reason = hyper::StatusCode::from_u16(reply.status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Odd");
    let mut head = format!("HTTP/{version} {} {reason}\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    // A 204 has no body, and nothing that says how long it is.
    let framing = if reply.status == 204 { "" } else { framing };
    head + framing + "\r\n"
}

/// A head with so many headers more.
fn with_headers(head: &str, count: usize) -> String {
    let value = "flood ".repeat(8);
    let headers = (0..count).map(|at| format!("x-flood-{at}: {value}\r\n")).collect::<Vec<_>>().concat();
    match head.strip_suffix("\r\n") {
        Some(open) => format!("{open}{headers}\r\n"),
        None => head.to_owned(),
    }
}

fn drops(head: &str, body: &[u8]) -> Vec<Move> {
    let all = [head.as_bytes(), body].concat();
    let drops = all.chunks((all.len() / DROPS).max(1));
    drops.flat_map(|drop| [Move::Wait(APART), Move::Send(drop.to_vec())]).collect()
}

/// Chunks of odd sizes, with upper case, leading zeros and extensions.
fn odd_chunks(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() * 2);
    let mut rest = body;
    for size in [1, 10, 3, 171, 1].into_iter().cycle() {
        let Some((chunk, after)) = rest.split_at_checked(size.min(rest.len())).filter(|(chunk, _)| !chunk.is_empty()) else {
            break;
        };
        out.extend_from_slice(format!("00{:X};name=value\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply() -> Reply {
        Reply::json(200, "[1,2,3,4]")
    }

    #[test]
    fn an_answer_without_a_fault_says_how_long_it_is() {
        let moves = moves(&reply(), false, None);
        let [Move::Send(bytes)] = moves.as_slice() else { panic!("{moves:?}") };
        let text = String::from_utf8_lossy(bytes);
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with("content-length: 9\r\n\r\n[1,2,3,4]"), "{text}");
    }

    #[test]
    fn chunks_add_up() {
        let chunks = odd_chunks(b"0123456789abcd");
        assert_eq!(
            String::from_utf8_lossy(&chunks),
            "001;name=value\r\n0\r\n00A;name=value\r\n123456789a\r\n003;name=value\r\nbcd\r\n"
        );
    }

    #[test]
    fn half_a_body_is_half_a_body() {
        let moves = moves(&reply(), false, Some(WireFault::ResetInBody));
        assert!(matches!(&moves[..], [Move::Send(bytes), Move::Wait(_), Move::Reset] if bytes.ends_with(b"\r\n\r\n[1,2")));
    }
}

//! Packed answers: gzip where it is asked for, and gzip that goes wrong.

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::{HeaderMap, body::Bytes, header::ACCEPT_ENCODING};

use super::{fault::Packing, reply::Reply};

/// How much more the bomb unpacks to than a client should read, in bytes.
const TOO_MUCH: u64 = 1 << 20;

/// Whether a request asks for gzip.
pub(super) fn is_asked_for(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|name| name.split(';').next().is_some_and(|name| name.trim() == "gzip"))
}

/// An answer, packed; `max` is how many bytes a client reads.
pub(super) fn pack(reply: Reply, packing: Packing, max: u64) -> Reply {
    let mut packed = match packing {
        Packing::Bomb => blanks(max.saturating_add(TOO_MUCH)),
        _ => gzip(&reply.body),
    };
    let middle = packed.len() / 2;
    match packing {
        Packing::Cut => packed.truncate(middle),
        Packing::Damaged => packed.iter_mut().skip(middle).take(4).for_each(|byte| *byte ^= 0xff),
        Packing::Whole | Packing::Bomb => {}
    }
    Reply { body: Bytes::from(packed), ..reply }.with("content-encoding", "gzip")
}

/// Packs bytes.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Memory takes whatever is written to it.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// A body of blanks, which is never in memory as a whole. The last one is kept: to make it takes a slow machine longer than clients
/// wait for an answer.
fn blanks(length: u64) -> Vec<u8> {
    static PIECE: [u8; 64 << 10] = [b' '; 64 << 10];
    static LAST: Mutex<(u64, Vec<u8>)> = Mutex::new((0, Vec::new()));
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.0 == length {
        return last.1.clone();
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..length / PIECE.len() as u64 {
        let _ = encoder.write_all(&PIECE);
    }
    *last = (length, encoder.finish().unwrap_or_default());
    last.1.clone()
}

//! Content encodings (RFC 9110, section 8.4): what a body was packed with is undone here, above every transport.
//!
//! Whatever the size of a body says, no more is allocated than what may be read: what unpacks to more is refused while it is
//! unpacked. A body that ends early or is damaged is a fault, never a shorter body.

use std::fmt;

use flate2::{Decompress, FlushDecompress, Status};

use crate::rt::message::{Headers, Response, TransportFault, TransportFaultKind, too_large};

/// More encodings in a row are no honest body.
const MOST_ENCODINGS: usize = 4;

/// The least room that is made at a time, in bytes.
const BLOCK: usize = 16 << 10;

/// How much larger than packed a body is taken to be; more room is made where it is larger still.
const USUAL_RATIO: usize = 8;

/// Undoes one encoding, piece by piece.
pub trait Unpack: Send {
    /// Takes bytes, appends what they stand for as far as it fits into the output's spare capacity, and answers how many it took.
    /// Where there is spare capacity left, it needs more bytes to go on.
    fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<usize, Damaged>;

    /// Whether the bytes may end here.
    fn is_complete(&self) -> bool;
}

/// Packed bytes that are none of their encoding, with the encoding's name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Damaged(pub &'static str);

/// Something that undoes the encoding of a name; none where there is nothing to undo.
pub fn unpacker(name: &str) -> Result<Option<Box<dyn Unpack>>, TransportFault> {
    Ok(Some(match name.to_ascii_lowercase().as_str() {
        "" | "identity" => return Ok(None),
        "gzip" | "x-gzip" => Box::new(Flate { name: "gzip", ..Flate::default() }),
        "deflate" => Box::new(Flate { name: "deflate", ..Flate::default() }),
        #[cfg(feature = "zstd")]
        "zstd" => Box::new(crate::rt::zstd::Zstd::default()),
        #[cfg(feature = "br")]
        "br" => Box::new(crate::rt::brotli::Brotli::default()),
        #[cfg(not(feature = "zstd"))]
        "zstd" => return Err(feature_off("zstd")),
        #[cfg(not(feature = "br"))]
        "br" => return Err(feature_off("br")),
        other => return Err(unreadable(format!("the body is packed with `{}`, which is not supported", other.escape_default()))),
    }))
}

/// Whether the encoding of a name can be undone with the features that are on.
#[must_use]
pub fn is_supported(name: &str) -> bool {
    unpacker(name).is_ok()
}

/// What undoes the encodings that a head names, the last one that was applied first.
pub fn unpackers(headers: &Headers) -> Result<Vec<Box<dyn Unpack>>, TransportFault> {
    let names = headers.all("content-encoding").flat_map(|value| value.split(','));
    let mut unpackers = Vec::new();
    for name in names {
        unpackers.extend(unpacker(name.trim())?);
    }
    if unpackers.len() > MOST_ENCODINGS {
        return Err(unreadable(format!("the body is packed more than {MOST_ENCODINGS} times")));
    }
    unpackers.reverse();
    Ok(unpackers)
}

/// Undoes the encodings of a response, and then what its content itself is packed with, as a file may be: `packed` names that, or
/// nothing. The body is at most `max` bytes after each of them.
///
/// The body of a failure only explains its status: where it can not be read, it is left out.
pub fn decode(mut response: Response, packed: &str, max: u64) -> Result<Response, TransportFault> {
    if response.body.is_empty() || packed.is_empty() && response.headers.get("content-encoding").is_none() {
        return Ok(response);
    }
    let body = std::mem::take(&mut response.body);
    match unpack_all(body, &response.headers, packed, max) {
        Ok(body) => response.body = body,
        Err(_) if !(200..300).contains(&response.status) => {}
        Err(fault) => return Err(fault),
    }
    response.headers.remove("content-encoding");
    response.headers.remove("content-length");
    Ok(response)
}

fn unpack_all(body: Vec<u8>, headers: &Headers, packed: &str, max: u64) -> Result<Vec<u8>, TransportFault> {
    let mut body = unpackers(headers)?.iter_mut().try_fold(body, |body, unpacker| unpack(unpacker.as_mut(), &body, max))?;
    if seems_packed(&body, packed)
        && let Some(mut unpacker) = unpacker(packed)?
    {
        body = unpack(unpacker.as_mut(), &body, max)?;
    }
    Ok(body)
}

/// Whether a content that should be packed is so. Services that put files behind a cache send them either way.
#[must_use]
pub fn seems_packed(start: &[u8], packed: &str) -> bool {
    match packed {
        "gzip" => start.starts_with(&[0x1f, 0x8b]),
        "zstd" => start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]),
        _ => false,
    }
}

/// Undoes one encoding of a whole body.
pub fn unpack(unpacker: &mut dyn Unpack, packed: &[u8], max: u64) -> Result<Vec<u8>, TransportFault> {
    let max_len = usize::try_from(max).unwrap_or(usize::MAX);
    let mut out = Vec::new();
    let mut rest = packed;
    loop {
        if out.len() == out.capacity() {
            // Twice as much each time; one byte more than allowed tells a body that is too large from one that just fits.
            let wanted = if out.is_empty() { packed.len().saturating_mul(USUAL_RATIO) } else { out.len() };
            out.reserve_exact(wanted.max(BLOCK).min(max_len.saturating_sub(out.len()).saturating_add(1)));
        }
        let before = out.len();
        let taken = unpacker.push(rest, &mut out).map_err(damaged)?;
        rest = rest.get(taken..).unwrap_or_default();
        if out.len() > max_len {
            return Err(too_large(max));
        }
        if taken == 0 && out.len() == before {
            break;
        }
    }
    if rest.is_empty() && unpacker.is_complete() { Ok(out) } else { Err(cut_off()) }
}

/// The fault of a body whose packed bytes make no sense.
#[must_use]
pub fn damaged(Damaged(name): Damaged) -> TransportFault {
    let message = format!("the body is damaged: it is no {name}, although the service says so");
    TransportFault { kind: TransportFaultKind::Broken, message }
}

/// The fault of a body whose packed bytes end early.
#[must_use]
pub fn cut_off() -> TransportFault {
    TransportFault { kind: TransportFaultKind::Broken, message: "the body is cut off: its packed bytes end early".to_owned() }
}

#[cfg(not(all(feature = "br", feature = "zstd")))]
fn feature_off(name: &str) -> TransportFault {
    unreadable(format!("the body is packed with `{name}`: turn on this crate's feature `{name}` to read it"))
}

fn unreadable(message: String) -> TransportFault {
    TransportFault { kind: TransportFaultKind::Invalid, message }
}

/// Gzip (RFC 1952), any number of members in a row, and the `deflate` of HTTP: zlib (RFC 1950), or as some services mean it,
/// bare DEFLATE.
#[derive(Default)]
struct Flate {
    name: &'static str,
    /// The member under way.
    member: Option<Decompress>,
    /// Whether a member has come to its end.
    ended: bool,
}

impl Flate {
    fn begin(&self, first: u8) -> Decompress {
        /// The largest window, which reads all smaller ones.
        const WINDOW: u8 = 15;
        if self.name == "gzip" {
            Decompress::new_gzip(WINDOW)
        } else {
            // The low half of zlib's first byte says DEFLATE; a bare one would begin with padding that is not zero.
            Decompress::new(first & 0x0f == 8)
        }
    }
}

impl Unpack for Flate {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<usize, Damaged> {
        let mut member = match (self.member.take(), bytes.first()) {
            (Some(member), _) => member,
            (None, None) => return Ok(0),
            // Only gzip files can be appended to one another.
            (None, Some(_)) if self.ended && self.name != "gzip" => return Err(Damaged(self.name)),
            (None, Some(first)) => self.begin(*first),
        };
        let before = member.total_in();
        let status = member.decompress_vec(bytes, out, FlushDecompress::None).map_err(|_| Damaged(self.name))?;
        let taken = usize::try_from(member.total_in() - before).unwrap_or(usize::MAX);
        self.ended = status == Status::StreamEnd;
        self.member = Some(member).filter(|_| !self.ended);
        Ok(taken)
    }

    fn is_complete(&self) -> bool {
        self.ended
    }
}

impl fmt::Debug for dyn Unpack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpack").field("is_complete", &self.is_complete()).finish()
    }
}

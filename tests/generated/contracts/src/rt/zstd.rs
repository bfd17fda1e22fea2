//! The content encoding `zstd`: Zstandard (RFC 8878), any number of frames in a row.
//!
//! The decoder takes whole blocks, and as many of them as it is handed; each may stand for 128 KiB. So it is handed one at a time,
//! once that has come in full, and nothing more before what it stands for is taken.
#![cfg(feature = "zstd")]

use std::io::Read as _;

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::rt::content::{Damaged, Unpack};

/// The largest window that a content encoding may need (RFC 9659).
const LARGEST_WINDOW: u64 = 8 << 20;

/// The bit of a frame's descriptor, its fifth byte, that promises a checksum.
const CHECKSUM: u8 = 1 << 2;

/// Undoes Zstandard.
pub struct Zstd {
    decoder: FrameDecoder,
    /// Bytes that came and are no whole head or block yet.
    held: Vec<u8>,
    place: Place,
    /// Whether the frame under way ends with a checksum.
    checksum: bool,
}

/// Where in its frames a decoder is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// Before the first frame.
    Start,
    /// At the head of a frame, after another one.
    Between,
    /// At the head of a block.
    Block,
    /// In a frame that is skipped, with so many bytes left.
    Skip(usize),
}

impl Default for Zstd {
    fn default() -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(LARGEST_WINDOW);
        Self { decoder, held: Vec::new(), place: Place::Start, checksum: false }
    }
}

impl Unpack for Zstd {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<usize, Damaged> {
        let mut taken = 0;
        loop {
            self.drain(out)?;
            if self.decoder.can_collect() > 0 {
                return Ok(taken);
            }
            let rest = bytes.get(taken..).unwrap_or_default();
            let needed = self.needed().saturating_sub(self.held.len());
            if needed == 0 {
                self.advance()?;
            } else if rest.is_empty() {
                return Ok(taken);
            } else {
                taken += self.take(rest.get(..needed).unwrap_or(rest));
            }
        }
    }

    fn is_complete(&self) -> bool {
        self.place == Place::Between && self.held.is_empty() && self.decoder.can_collect() == 0
    }
}

impl Zstd {
    /// Moves what was decoded to the output, as far as it fits.
    fn drain(&mut self, out: &mut Vec<u8>) -> Result<(), Damaged> {
        let start = out.len();
        let count = self.decoder.can_collect().min(out.capacity() - start);
        if count > 0 {
            out.resize(start + count, 0);
            self.decoder.read_exact(out.get_mut(start..).unwrap_or_default()).map_err(|_| DAMAGED)?;
        }
        if self.place == Place::Between && self.decoder.can_collect() == 0 && self.checksum {
            self.checksum = false;
            if self.decoder.get_checksum_from_data() != self.decoder.get_calculated_checksum() {
                return Err(DAMAGED);
            }
        }
        Ok(())
    }

    /// Holds bytes, unless they are skipped.
    fn take(&mut self, bytes: &[u8]) -> usize {
        match &mut self.place {
            Place::Skip(left) => *left -= bytes.len(),
            _ => self.held.extend_from_slice(bytes),
        }
        bytes.len()
    }

    /// How many bytes must be held to go on.
    fn needed(&self) -> usize {
        match self.place {
            Place::Start | Place::Between => head_len(&self.held),
            Place::Block => self.block_len(),
            Place::Skip(left) => left,
        }
    }

    /// The length of the block that is held, or of as much of it as is needed to tell.
    fn block_len(&self) -> usize {
        let [a, b, c, ..] = *self.held.as_slice() else { return 3 };
        let head = u32::from_le_bytes([a, b, c, 0]);
        let is_last = head & 1 == 1;
        // One byte that stands for many, or as many as it says.
        let content = if head >> 1 & 3 == 1 { 1 } else { usize::try_from(head >> 3).unwrap_or(usize::MAX) };
        3 + content + if is_last && self.checksum { 4 } else { 0 }
    }

    /// Hands what is held to the decoder: a head, a block or what is skipped.
    fn advance(&mut self) -> Result<(), Damaged> {
        let held = std::mem::take(&mut self.held);
        match self.place {
            Place::Start | Place::Between => match self.decoder.init(held.as_slice()) {
                Ok(()) => {
                    self.checksum = held.get(4).is_some_and(|descriptor| descriptor & CHECKSUM != 0);
                    self.place = Place::Block;
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    self.place = Place::Skip(usize::try_from(length).unwrap_or(usize::MAX));
                }
                Err(_) => return Err(DAMAGED),
            },
            Place::Block => {
                let ended = self.decoder.decode_blocks(held.as_slice(), BlockDecodingStrategy::UptoBlocks(1));
                if ended.map_err(|_| DAMAGED)? {
                    self.place = Place::Between;
                }
            }
            Place::Skip(_) => self.place = Place::Between,
        }
        Ok(())
    }
}

const DAMAGED: Damaged = Damaged("Zstandard");

/// The length of the head that is held, or of as much of it as is needed to tell.
fn head_len(held: &[u8]) -> usize {
    let [m0, m1, m2, m3, rest @ ..] = held else { return 4 };
    // The magic numbers of frames that are skipped; the length follows.
    if let 0x184d_2a50..=0x184d_2a5f = u32::from_le_bytes([*m0, *m1, *m2, *m3]) {
        return 8;
    }
    let Some(descriptor) = rest.first() else { return 5 };
    let single_segment = descriptor & 1 << 5 != 0;
    let dictionary = match descriptor & 3 {
        3 => 4,
        id => usize::from(id),
    };
    let size = match descriptor >> 6 {
        0 => usize::from(single_segment),
        size => 1 << size,
    };
    5 + usize::from(!single_segment) + dictionary + size
}

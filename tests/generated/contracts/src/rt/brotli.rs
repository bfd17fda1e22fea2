//! The content encoding `br`: Brotli (RFC 7932).
#![cfg(feature = "br")]

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use crate::rt::content::{Damaged, Unpack};

/// Undoes Brotli.
pub struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    ended: bool,
}

impl Default for Brotli {
    fn default() -> Self {
        let state = BrotliState::new_strict(StandardAlloc::default(), StandardAlloc::default(), StandardAlloc::default());
        Self { state, ended: false }
    }
}

impl Unpack for Brotli {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<usize, Damaged> {
        if self.ended {
            return if bytes.is_empty() { Ok(0) } else { Err(Damaged("Brotli")) };
        }
        let (mut left, mut taken) = (bytes.len(), 0);
        let mut end = out.len();
        out.resize(out.capacity(), 0);
        let mut room = out.len() - end;
        let result = BrotliDecompressStream(&mut left, &mut taken, bytes, &mut room, &mut end, out, &mut 0, &mut self.state);
        out.truncate(end);
        match result {
            BrotliResult::ResultFailure => return Err(Damaged("Brotli")),
            BrotliResult::ResultSuccess => self.ended = true,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
        }
        Ok(taken)
    }

    fn is_complete(&self) -> bool {
        self.ended
    }
}

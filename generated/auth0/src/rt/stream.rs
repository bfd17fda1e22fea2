//! The rows of a body that is too large to be held, without IO: pieces go in, rows come out, in memory of a constant size.
//!
//! What the pieces are packed with is undone a block at a time, and only when the rows so far are taken. So a small piece that
//! stands for a large text takes no more room than any other.

use crate::rt::content::{Unpack, cut_off, damaged};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::Fault;
use crate::rt::message::{TransportFault, TransportFaultKind};
use crate::rt::rows::{Format, PRELUDE, Row, Rows, prelude};

/// How much is unpacked at a time, in bytes.
const BLOCK: usize = 64 << 10;

/// What a stream of rows is held to.
#[derive(Clone, Copy, Debug)]
pub struct StreamLimits {
    /// The largest row, in bytes.
    pub record_bytes: u64,
    /// The largest body after unpacking, in bytes; none is without limit.
    pub total_bytes: Option<u64>,
}

impl StreamLimits {
    /// Rows of up to 64 MiB, any number of them.
    pub const FILE: Self = Self { record_bytes: 64 << 20, total_bytes: None };
}

/// What a stream says to a look for the next row.
#[derive(Debug)]
pub enum Next<'a> {
    /// A row.
    Row(Row<'a>),
    /// More pieces are needed.
    More,
    /// There are no more rows.
    End,
}

/// Unpacks pieces of a body and finds its rows.
pub struct StreamDecoder {
    format: &'static dyn Format,
    limits: StreamLimits,
    /// What undoes the encodings, the last one that was applied first; each reads of the buffer of its number, and writes to the
    /// next one.
    unpackers: Vec<Box<dyn Unpack>>,
    buffers: Vec<Buffer>,
    /// None until enough came to tell where the first row begins.
    rows: Option<Box<dyn Rows>>,
    /// How much of the last buffer the row stands in that was given last.
    given: usize,
    /// How much came out of the last unpacker.
    total: u64,
    /// Whether all pieces came, and whether all of them were unpacked.
    finished: bool,
    drained: bool,
}

/// Bytes of which some were taken.
#[derive(Debug, Default)]
struct Buffer {
    bytes: Vec<u8>,
    taken: usize,
}

impl Buffer {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.taken..).unwrap_or_default()
    }

    fn take(&mut self, count: usize) {
        self.taken += count;
        if self.taken >= self.bytes.len() {
            self.bytes.clear();
            self.taken = 0;
        }
    }

    /// Makes room for more, at the place of what was taken if that is much.
    fn make_room(&mut self, room: usize) {
        if self.taken > self.bytes.len() / 2 {
            self.bytes.drain(..self.taken);
            self.taken = 0;
        }
        if self.bytes.capacity() - self.bytes.len() < room {
            self.bytes.reserve(room);
        }
    }
}

impl StreamDecoder {
    /// A stream of rows. The unpackers undo what the pieces are packed with, the last one that was applied first.
    #[must_use]
    pub fn new(format: &'static dyn Format, unpackers: Vec<Box<dyn Unpack>>, limits: StreamLimits) -> Self {
        let buffers = (0..=unpackers.len()).map(|_| Buffer::default()).collect();
        Self { format, limits, unpackers, buffers, rows: None, given: 0, total: 0, finished: false, drained: false }
    }

    /// Hands over a piece. It is kept until it is taken, so the next one should wait until `next_row` asks for it.
    pub fn push(&mut self, piece: &[u8]) {
        if self.unpackers.is_empty() {
            self.total += piece.len() as u64;
        }
        if let Some(buffer) = self.buffers.first_mut() {
            buffer.make_room(piece.len());
            buffer.bytes.extend_from_slice(piece);
        }
    }

    /// Says that all pieces came.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// Looks for the next row.
    pub fn next_row(&mut self) -> Result<Next<'_>> {
        let given = std::mem::take(&mut self.given);
        if let Some(buffer) = self.buffers.last_mut() {
            buffer.take(given);
        }
        while !self.find()? {
            if self.unpack()? {
                continue;
            }
            if !self.finished {
                return Ok(Next::More);
            }
            if self.drained {
                return Ok(Next::End);
            }
            self.check_whole()?;
            self.drained = true;
        }
        let (Some(rows), Some(buffer)) = (&self.rows, self.buffers.last()) else { return Ok(Next::End) };
        Ok(Next::Row(rows.row(buffer.rest())))
    }

    /// Looks for a row in what is unpacked. It stays in the buffer until the next look.
    fn find(&mut self) -> Result<bool> {
        let Some(buffer) = self.buffers.last_mut() else { return Ok(false) };
        if self.limits.total_bytes.is_some_and(|most| self.total > most) {
            return Err(too_large("the body", self.limits.total_bytes.unwrap_or_default()));
        }
        let rows = match &mut self.rows {
            Some(rows) => rows,
            None if buffer.rest().len() < PRELUDE && !self.drained => return Ok(false),
            None => {
                if buffer.rest().is_empty() && !self.format.may_be_empty() {
                    return Err(Error::new(ErrorKind::Page, "the body is empty"));
                }
                let mark = prelude(self.format, buffer.rest()).map_err(|why| Error::new(ErrorKind::Page, why))?;
                buffer.take(mark);
                self.rows.insert(self.format.rows(mark as u64))
            }
        };
        let advance = rows.advance(buffer.rest(), self.drained).map_err(|fault| no_rows(self.format, fault))?;
        if advance.found {
            self.given = advance.taken;
            return Ok(true);
        }
        buffer.take(advance.taken);
        if (buffer.rest().len() + rows.held()) as u64 > self.limits.record_bytes {
            return Err(too_large("a record", self.limits.record_bytes));
        }
        Ok(false)
    }

    /// Unpacks a block, as near to the rows as there is something to unpack. Says whether it did anything.
    fn unpack(&mut self) -> Result<bool> {
        for (at, unpacker) in self.unpackers.iter_mut().enumerate().rev() {
            let Some((upper, lower)) = self.buffers.split_at_mut_checked(at + 1) else { return Ok(false) };
            let (Some(packed), Some(out)) = (upper.last_mut(), lower.first_mut()) else { return Ok(false) };
            out.make_room(BLOCK);
            let before = out.bytes.len();
            let taken = unpacker.push(packed.rest(), &mut out.bytes).map_err(|why| transport(&damaged(why)))?;
            let unpacked = out.bytes.len() - before;
            packed.take(taken);
            if lower.len() == 1 {
                self.total += unpacked as u64;
            }
            if taken > 0 || unpacked > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Refuses packed pieces that do not come to their own end.
    fn check_whole(&self) -> Result<()> {
        let is_taken = self.buffers.iter().take(self.unpackers.len()).all(|buffer| buffer.rest().is_empty());
        let is_whole = is_taken && self.unpackers.iter().all(|unpacker| unpacker.is_complete());
        if is_whole { Ok(()) } else { Err(transport(&cut_off())) }
    }
}

/// A fault below the rows as an error.
#[must_use]
pub fn transport(fault: &TransportFault) -> Error {
    let kind = match fault.kind {
        TransportFaultKind::Timeout | TransportFaultKind::ConnectTimeout => ErrorKind::Timeout,
        TransportFaultKind::TooLarge => ErrorKind::TooLarge,
        TransportFaultKind::Invalid => ErrorKind::Config,
        _ => ErrorKind::Transport,
    };
    Error::new(kind, fault.message.clone())
}

#[cold]
fn no_rows(format: &dyn Format, fault: Fault) -> Error {
    let message = format!("the body is no {}, or cut off: {fault}", format.name());
    Error::from_fault(ErrorKind::Page, fault).with_message(message)
}

#[cold]
fn too_large(what: &str, most: u64) -> Error {
    Error::new(ErrorKind::TooLarge, format!("{what} is larger than {most} bytes"))
}

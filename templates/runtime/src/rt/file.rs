//! The records of a file that is read piece by piece, in memory of a constant size.
#![cfg(any(feature = "async", feature = "blocking"))]

use std::fmt;
#[cfg(feature = "async")]
use std::future::poll_fn;
#[cfg(feature = "async")]
use std::pin::Pin;
#[cfg(feature = "async")]
use std::task::{Context, Poll, ready};

#[cfg(feature = "async")]
use futures_core::Stream;

use crate::rt::codec::Decode;
use crate::rt::content::{Damaged, Unpack, seems_packed, unpacker, unpackers};
use crate::rt::descriptor::Contract;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::message::Headers;
use crate::rt::reader::Reader;
use crate::rt::rejected::RejectedLog;
use crate::rt::rows::{Format, Row, RowReader};
use crate::rt::stream::{Next, StreamDecoder, StreamLimits, transport};

/// How the records of a file are written, and what becomes of those that do not fit.
#[derive(Clone, Copy, Debug)]
pub struct FileLayout {
    /// What the records are written as.
    pub format: &'static dyn Format,
    /// What the file is packed with, by the name of a content encoding; empty for nothing. One that comes plain is read as well.
    pub packed: &'static str,
    /// What happens to a record that does not fit its schema.
    pub contract: Contract,
    /// How large the file and its records may be.
    pub limits: StreamLimits,
}

/// Reads the records of a file, without IO.
struct FileReader {
    decoder: StreamDecoder,
    reader: RowReader,
    contract: Contract,
    /// How many records are passed over, and how many came.
    skip: u64,
    rows: u64,
    rejected: RejectedLog,
    /// For error texts.
    format: &'static str,
    is_over: bool,
}

/// What a look for a record gives.
enum Found {
    Record,
    More,
    End,
}

/// Reads a record from the reader that it is handed.
type Read<'r> = dyn FnMut(&mut Reader<'_>) -> Result<(), Fault> + 'r;

impl FileReader {
    fn new(layout: &FileLayout, headers: &Headers, skip: u64) -> Result<Self> {
        let mut stages = unpackers(headers).map_err(|fault| transport(&fault))?;
        if !layout.packed.is_empty()
            && let Some(unpacker) = unpacker(layout.packed).map_err(|fault| transport(&fault))?
        {
            stages.push(Box::new(Perhaps { name: layout.packed, start: Vec::new(), unpacker: Some(unpacker), is_told: false }));
        }
        Ok(Self {
            decoder: StreamDecoder::new(layout.format, stages, layout.limits),
            reader: RowReader::default(),
            contract: layout.contract,
            skip,
            rows: 0,
            rejected: RejectedLog::default(),
            format: layout.format.name(),
            is_over: false,
        })
    }

    /// Looks for the next record that fits.
    fn find(&mut self, read: &mut Read<'_>) -> Result<Found> {
        loop {
            let Self { decoder, reader, contract, skip, rows, rejected, format, .. } = self;
            let row = match decoder.next_row()? {
                Next::Row(row) => row,
                Next::More => return Ok(Found::More),
                Next::End => return Ok(Found::End),
            };
            let number = *rows;
            *rows += 1;
            if number < *skip {
                continue;
            }
            let Err(fault) = record(&row, *contract, number, reader, rejected, read) else { return Ok(Found::Record) };
            let is_no_file = number == 0 && fault.kind() == FaultKind::Syntax;
            let is_cut_off = row.is_cut_off(&fault);
            let fault = located(&row, fault, number);
            if is_no_file || is_cut_off {
                let what = if is_cut_off { "the file is cut off".to_owned() } else { format!("the file is no {format}") };
                let message = format!("{what}: {fault}");
                return Err(Error::from_fault(ErrorKind::Page, fault).with_message(message));
            }
            if *contract == Contract::Freeze {
                return Err(Error::from_fault(ErrorKind::Decode, fault));
            }
            rejected.push(number, &fault);
        }
    }
}

/// Reads a row; once more, if it does not fit and its values may be left out.
fn record(
    row: &Row<'_>,
    contract: Contract,
    number: u64,
    reader: &mut RowReader,
    rejected: &mut RejectedLog,
    read: &mut Read<'_>,
) -> Result<(), Fault> {
    let text = row.text.clone()?;
    match reader.read(text, |r| read(r)) {
        Err(fault) if contract.discards(&fault) => reader.read(text, |r| {
            r.discard_values(true);
            read(r)?;
            for fault in r.discarded() {
                rejected.push(number, &located(row, fault, number));
            }
            Ok(())
        }),
        result => result,
    }
}

fn located(row: &Row<'_>, fault: Fault, number: u64) -> Fault {
    row.located(fault, usize::try_from(number).unwrap_or(usize::MAX))
}

/// Undoes an encoding where its sign is there, and else passes everything on.
struct Perhaps {
    name: &'static str,
    /// What came before that could be told.
    start: Vec<u8>,
    /// None where nothing is to be undone.
    unpacker: Option<Box<dyn Unpack>>,
    is_told: bool,
}

impl Unpack for Perhaps {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<usize, Damaged> {
        if !self.is_told {
            let wanted = bytes.get(..self.sign_len() - self.start.len()).unwrap_or(bytes);
            self.start.extend_from_slice(wanted);
            if self.start.len() == self.sign_len() {
                self.is_told = true;
                if !seems_packed(&self.start, self.name) {
                    self.unpacker = None;
                }
            }
            return Ok(wanted.len());
        }
        if !self.start.is_empty() {
            let start = std::mem::take(&mut self.start);
            let taken = self.pass(&start, out)?;
            self.start = start.get(taken..).unwrap_or_default().to_vec();
            if !self.start.is_empty() {
                return Ok(0);
            }
        }
        self.pass(bytes, out)
    }

    fn is_complete(&self) -> bool {
        self.start.is_empty() && self.unpacker.as_ref().is_none_or(|unpacker| unpacker.is_complete())
    }
}

impl Perhaps {
    /// How many bytes tell.
    fn sign_len(&self) -> usize {
        if self.name == "zstd" { 4 } else { 2 }
    }

    fn pass(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<usize, Damaged> {
        if let Some(unpacker) = &mut self.unpacker {
            return unpacker.push(bytes, out);
        }
        let taken = bytes.len().min(out.capacity() - out.len());
        out.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }
}

/// What both kinds of records have in common.
macro_rules! file_records {
    ($name:ident, $pieces:ident, $what:literal) => {
        #[doc = $what]
        pub struct $name<T> {
            pieces: Box<dyn crate::rt::transport::$pieces>,
            file: FileReader,
            operation: &'static str,
            record: std::marker::PhantomData<fn() -> T>,
        }

        impl<T> $name<T> {
            /// The records of a download; as many as `skip` says are passed over at its start.
            pub fn new(
                operation: &'static str,
                layout: &FileLayout,
                download: crate::rt::download::Download<Box<dyn crate::rt::transport::$pieces>>,
                skip: u64,
            ) -> Result<Self> {
                let file = FileReader::new(layout, &download.headers, skip).map_err(|error| error.in_operation(operation))?;
                Ok(Self { pieces: download.pieces, file, operation, record: std::marker::PhantomData })
            }

            /// How many records of the file were dealt with: hand it as `skip` to go on after the last one that was given.
            #[must_use]
            pub fn rows(&self) -> u64 {
                self.file.rows
            }

            /// The values and records that were left out since they do not fit the schema.
            #[must_use]
            pub fn rejected(&self) -> &RejectedLog {
                &self.file.rejected
            }

            fn fail(&mut self, error: Error) -> Error {
                self.file.is_over = true;
                error.in_operation(self.operation)
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("operation", &self.operation)
                    .field("rows", &self.file.rows)
                    .finish_non_exhaustive()
            }
        }
    };
}

#[cfg(feature = "async")]
file_records!(
    FileItems,
    Pieces,
    "The records of a file, one after the other. After an error, as after the end, there are no more."
);

#[cfg(feature = "async")]
impl<T: Decode> FileItems<T> {
    /// The next record; none at the end.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The next record; none at the end. For use with `?` in `while let`.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    /// The next record, for use in a future written by hand.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        while !self.file.is_over {
            let mut record = None;
            let found = self.file.find(&mut |r| {
                record = Some(r.read()?);
                Ok(())
            });
            match found {
                Ok(Found::Record) => return Poll::Ready(record.map(Ok)),
                Ok(Found::End) => self.file.is_over = true,
                Ok(Found::More) => match ready!(self.pieces.poll_piece(cx)) {
                    Ok(Some(piece)) => self.file.decoder.push(&piece),
                    Ok(None) => self.file.decoder.finish(),
                    Err(fault) => return Poll::Ready(Some(Err(self.fail(transport(&fault))))),
                },
                Err(error) => return Poll::Ready(Some(Err(self.fail(error)))),
            }
        }
        Poll::Ready(None)
    }
}

// No field is ever pinned.
#[cfg(feature = "async")]
impl<T> Unpin for FileItems<T> {}

#[cfg(feature = "async")]
impl<T: Decode> Stream for FileItems<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_next(cx)
    }
}

#[cfg(feature = "blocking")]
file_records!(
    BlockingFileItems,
    BlockingPieces,
    "The records of a file, one after the other, read on this thread. After an error, as after the end, there are no more."
);

#[cfg(feature = "blocking")]
impl<T: Decode> Iterator for BlockingFileItems<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.file.is_over {
            let mut record = None;
            let found = self.file.find(&mut |r| {
                record = Some(r.read()?);
                Ok(())
            });
            match found {
                Ok(Found::Record) => return record.map(Ok),
                Ok(Found::End) => self.file.is_over = true,
                Ok(Found::More) => match self.pieces.piece() {
                    Ok(Some(piece)) => self.file.decoder.push(&piece),
                    Ok(None) => self.file.decoder.finish(),
                    Err(fault) => return Some(Err(self.fail(transport(&fault)))),
                },
                Err(error) => return Some(Err(self.fail(error))),
            }
        }
        None
    }
}

#[cfg(feature = "blocking")]
impl<T: Decode> std::iter::FusedIterator for BlockingFileItems<T> {}

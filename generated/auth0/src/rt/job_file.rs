//! One file of a job: its records are read as its pieces come, in memory of a constant size.

use crate::rt::content;
use crate::rt::descriptor::{Contract, Resource};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::job::Job;
use crate::rt::message::{Headers, TransportFault};
use crate::rt::page::Sink;
use crate::rt::rejected::RejectedLog;
use crate::rt::rows::{Row, RowReader};
use crate::rt::stream::{Next, StreamDecoder, StreamLimits, transport};

/// How many bytes tell whether a file is packed.
const SIGN: usize = 4;

/// What a look for the next record finds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Found {
    /// A record, which is in the sink.
    Record,
    /// A row without one: it was read before, does not fit, or is left out by a hook.
    Nothing,
    /// More pieces are needed.
    More,
    /// There are no more records.
    End,
}

/// A file that is being read.
pub struct JobFile {
    job: &'static Job,
    /// Whether a header says what the file is packed with.
    is_encoded: bool,
    /// The first bytes, until they tell whether the file is packed.
    start: Vec<u8>,
    /// What undoes the encodings that the head names.
    unpackers: Vec<Box<dyn content::Unpack>>,
    decoder: Option<StreamDecoder>,
    reader: RowReader,
    /// How many rows were dealt with.
    rows: u64,
    /// How many of them were dealt with before.
    skip: u64,
}

impl JobFile {
    /// A file whose response has such a head. The first `skip` rows are passed over.
    pub fn new(job: &'static Job, head: &Headers, skip: u64) -> Result<Self> {
        let unpackers = content::unpackers(head).map_err(|fault| transport(&fault))?;
        let is_encoded = !unpackers.is_empty();
        let (start, decoder, reader) = (Vec::new(), None, RowReader::default());
        Ok(Self { job, is_encoded, start, unpackers, decoder, reader, rows: 0, skip })
    }

    /// How many rows were dealt with, those that were passed over included.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Hands over the next piece of the body.
    pub fn push(&mut self, piece: &[u8]) -> Result<()> {
        if let Some(decoder) = &mut self.decoder {
            decoder.push(piece);
            return Ok(());
        }
        self.start.extend_from_slice(piece);
        if self.start.len() >= SIGN { self.begin().map(drop) } else { Ok(()) }
    }

    /// Says that the body is at its end.
    pub fn finish(&mut self) -> Result<()> {
        if self.decoder.is_none() {
            self.begin()?;
        }
        if let Some(decoder) = &mut self.decoder {
            decoder.finish();
        }
        Ok(())
    }

    /// Begins to decode, now that the first bytes are there. A file that is stored with the header of its packing comes packed
    /// once, not twice.
    fn begin(&mut self) -> Result<()> {
        let mut unpackers = std::mem::take(&mut self.unpackers);
        if !self.is_encoded && content::seems_packed(&self.start, self.job.packed) {
            unpackers.extend(content::unpacker(self.job.packed).map_err(|fault| transport(&fault))?);
        }
        let mut decoder = StreamDecoder::new(self.job.format, unpackers, StreamLimits::FILE);
        decoder.push(&std::mem::take(&mut self.start));
        self.decoder = Some(decoder);
        Ok(())
    }

    /// Looks for the next record and reads it into the sink.
    pub fn next(&mut self, sink: &mut dyn Sink, rejected: &mut RejectedLog) -> Result<Found> {
        let Self { job, decoder, reader, rows, skip, .. } = self;
        let Some(decoder) = decoder else { return Ok(Found::More) };
        let row = match decoder.next_row()? {
            Next::More => return Ok(Found::More),
            Next::End if *rows < *skip => return Err(shorter(*rows, *skip)),
            Next::End => return Ok(Found::End),
            Next::Row(row) => row,
        };
        let number = *rows;
        if number >= *skip {
            let mut record = Record { resource: job.resource, row: &row, number, reader, sink, rejected };
            let found = record.read(job.format.name())?;
            *rows += 1;
            return Ok(found);
        }
        *rows += 1;
        Ok(Found::Nothing)
    }
}

/// A file that was longer the last time.
#[cold]
fn shorter(rows: u64, skip: u64) -> Error {
    Error::new(ErrorKind::Checkpoint, format!("the file has {rows} records now, and {skip} of it were given before"))
}

/// A record that is being read.
struct Record<'f, 'r> {
    resource: &'static Resource,
    row: &'f Row<'r>,
    number: u64,
    reader: &'f mut RowReader,
    sink: &'f mut dyn Sink,
    rejected: &'f mut RejectedLog,
}

impl Record<'_, '_> {
    /// Reads it into the sink, as the contract of its resource has it.
    fn read(&mut self, format: &str) -> Result<Found> {
        let Err(fault) = self.attempts() else {
            return Ok(if self.sink.has_taken() { Found::Record } else { Found::Nothing });
        };
        let (is_cut_off, is_syntax) = (self.row.is_cut_off(&fault), fault.kind() == FaultKind::Syntax);
        let fault = self.located(fault);
        if is_cut_off {
            let fault = TransportFault { message: format!("the file is cut off: {fault}"), ..content::cut_off() };
            return Err(transport(&fault));
        }
        // The first row tells whether this is the format at all.
        if is_syntax && self.number == 0 {
            let message = format!("the file is no {format}: {fault}");
            return Err(Error::from_fault(ErrorKind::Page, fault).with_message(message));
        }
        if self.resource.contract == Contract::Freeze {
            return Err(Error::from_fault(ErrorKind::Decode, fault));
        }
        self.rejected.push(self.number, &fault);
        Ok(Found::Nothing)
    }

    /// Once more, if it does not fit and its values may be left out.
    fn attempts(&mut self) -> Result<(), Fault> {
        let text = self.row.text.clone()?;
        match self.attempt(text, false) {
            Err(fault) if self.resource.contract == Contract::DiscardValue && fault.kind() != FaultKind::Syntax => {
                self.attempt(text, true)
            }
            result => result,
        }
    }

    fn attempt(&mut self, text: &str, discard: bool) -> Result<(), Fault> {
        let Self { row, number, reader, sink, rejected, .. } = self;
        reader.read(text, |r| {
            r.discard_values(discard);
            sink.record(r)?;
            for fault in r.discarded() {
                rejected.push(*number, &row.located(fault, usize::try_from(*number).unwrap_or(usize::MAX)));
            }
            Ok(())
        })
    }

    fn located(&self, fault: Fault) -> Fault {
        self.row.located(fault, usize::try_from(self.number).unwrap_or(usize::MAX))
    }
}

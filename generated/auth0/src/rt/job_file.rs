//! One file of a job: its records are read as its pieces come, in memory of a constant size.

use std::collections::VecDeque;

use crate::rt::content;
use crate::rt::descriptor::Resource;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::inputs::Inputs;
use crate::rt::job::Job;
use crate::rt::message::{Headers, TransportFault};
use crate::rt::page::{PageRead, Reading, Sink, Source, Transform};
use crate::rt::rejected::RejectedLog;
use crate::rt::rows::{Row, RowReader};
use crate::rt::stream::{Next, StreamDecoder, StreamLimits, transport};
use crate::rt::tally::Tally;

/// How many bytes tell whether a file is packed.
const SIGN: usize = 4;

/// What a look for the next row finds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Found {
    /// A row. Its record is in the sink, or all that steps make of it; or none, where it was read before or is left out.
    Row,
    /// More pieces are needed.
    More,
    /// There are no more rows.
    End,
}

/// How far a file is done with.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Done {
    /// How many of its rows are.
    pub rows: u64,
    /// How many of the records that steps make of the next row are.
    pub part: u64,
}

impl Done {
    /// All of so many rows, and nothing of the next one.
    #[must_use]
    pub const fn rows(rows: u64) -> Self {
        Self { rows, part: 0 }
    }
}

/// Where the records of a file go, and what is noted of them.
pub struct Output<'o> {
    /// Where they go.
    pub sink: &'o mut dyn Sink,
    /// How far the file is done with once each record in the sink is given.
    pub marks: &'o mut VecDeque<Done>,
    /// What was left out.
    pub rejected: &'o mut RejectedLog,
    /// The inputs of the client, which steps may need.
    pub inputs: &'o Inputs,
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
    /// How much of it was dealt with.
    done: Done,
    /// How much of that was dealt with before.
    skip: Done,
}

impl JobFile {
    /// A file whose response has such a head. What `skip` says is passed over.
    pub fn new(job: &'static Job, head: &Headers, skip: Done) -> Result<Self> {
        let unpackers = content::unpackers(head).map_err(|fault| transport(&fault))?;
        let is_encoded = !unpackers.is_empty();
        let (start, decoder, reader) = (Vec::new(), None, RowReader::default());
        Ok(Self { job, is_encoded, start, unpackers, decoder, reader, done: Done::default(), skip })
    }

    /// How much was dealt with, what was passed over included.
    #[must_use]
    pub fn done(&self) -> Done {
        self.done
    }

    /// Takes what was counted of rows that are not as their schema says.
    pub fn take_drift(&mut self) -> Tally {
        std::mem::take(&mut self.reader.drift)
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

    /// Looks for the next row and reads what becomes of it into the sink.
    pub fn next(&mut self, output: Output<'_>) -> Result<Found> {
        let Self { job, decoder, reader, done, skip, .. } = self;
        let Some(decoder) = decoder else { return Ok(Found::More) };
        let row = match decoder.next_row()? {
            Next::More => return Ok(Found::More),
            Next::End if done.rows < skip.rows => return Err(shorter(done.rows, skip.rows)),
            Next::End => return Ok(Found::End),
            Next::Row(row) => row,
        };
        let number = done.rows;
        if number >= skip.rows {
            let passed = if number == skip.rows { skip.part } else { 0 };
            let mut record = Record { resource: job.resource, row: &row, number, passed, reader, output };
            match job.resource.steps {
                Some(steps) => record.transformed(steps, job.format.name(), done)?,
                None => record.read(job.format.name())?,
            }
        }
        *done = Done::rows(number + 1);
        Ok(Found::Row)
    }
}

/// A file that was longer the last time.
#[cold]
fn shorter(rows: u64, skip: u64) -> Error {
    Error::new(ErrorKind::Checkpoint, format!("the file has {rows} records now, and {skip} of it were given before"))
}

/// A row that is being read.
struct Record<'f, 'r, 'o> {
    resource: &'static Resource,
    row: &'f Row<'r>,
    number: u64,
    /// How many of the records that steps make of it are passed over.
    passed: u64,
    reader: &'f mut RowReader,
    output: Output<'o>,
}

impl Record<'_, '_, '_> {
    /// Reads it into the sink, as the contract of its resource has it.
    fn read(&mut self, format: &str) -> Result<()> {
        match self.attempts() {
            Ok(()) if self.output.sink.has_taken() => self.output.marks.push_back(Done::rows(self.number + 1)),
            Ok(()) => {}
            Err(fault) => return self.refuse(fault, format),
        }
        Ok(())
    }

    /// Reads what steps make of it. Where the contract is to stop at one of these, `done` says which.
    fn transformed(&mut self, steps: &'static dyn Transform, format: &str, done: &mut Done) -> Result<()> {
        let Self { resource, row, number, passed, output, reader } = self;
        let (row, number) = (*row, *number);
        let columns = resource.columns;
        let reading = Reading { inputs: Some(output.inputs), transform: Some(steps), columns, ..Reading::default() };
        let mut page = PageRead { drift: Box::new(std::mem::take(&mut reader.drift)), ..PageRead::of(reading) };
        let result = row.object().and_then(|text| {
            let located = &|fault| located(row, fault, number);
            let source = Source { text, number, passed: *passed, contract: Some(resource.contract), reading, located };
            steps.record(&source, output.sink, &mut page)
        });
        reader.drift = *page.drift;
        if let Err(fault) = result {
            return self.refuse(fault, format);
        }
        output.rejected.append(page.rejected);
        let parts = page.origins.unwrap_or_default();
        output.marks.extend(parts.iter().map(|origin| Done { rows: number, part: origin.part + 1 }));
        if let Some(error) = page.failure {
            *done = Done { rows: number, part: page.stopped.map_or(0, |origin| origin.part) };
            return Err(error);
        }
        if let Some(last) = output.marks.back_mut().filter(|_| !parts.is_empty()) {
            *last = Done::rows(number + 1);
        }
        Ok(())
    }

    /// Deals with a row that does not fit.
    fn refuse(&mut self, fault: Fault, format: &str) -> Result<()> {
        let (is_cut_off, is_syntax) = (self.row.is_cut_off(&fault), fault.kind() == FaultKind::Syntax);
        if !is_cut_off {
            self.reader.refuse(self.row, &fault);
        }
        let fault = located(self.row, fault, self.number);
        if is_cut_off {
            let fault = TransportFault { message: format!("the file is cut off: {fault}"), ..content::cut_off() };
            return Err(transport(&fault));
        }
        // The first row tells whether this is the format at all.
        if is_syntax && self.number == 0 {
            let message = format!("the file is no {format}: {fault}");
            return Err(Error::from_fault(ErrorKind::Page, fault).with_message(message));
        }
        if self.resource.contract.ends(self.resource.columns, &fault) {
            return Err(Error::from_fault(ErrorKind::Decode, fault));
        }
        self.output.rejected.push(self.number, &fault);
        // Before steps a record may hold what nobody is to see.
        let text = self.row.text.as_ref().ok().copied().filter(|_| self.resource.steps.is_none());
        self.output.sink.left_out(&fault, text);
        Ok(())
    }

    /// Once more, if it does not fit and its values may be left out.
    fn attempts(&mut self) -> Result<(), Fault> {
        let text = self.row.text.clone()?;
        match self.attempt(text, false) {
            Err(fault) if self.resource.contract.discards(&fault) => self.attempt(text, true),
            result => result,
        }
    }

    fn attempt(&mut self, text: &str, discard: bool) -> Result<(), Fault> {
        let Self { row, number, reader, output, resource, .. } = self;
        let columns = resource.columns;
        reader.read(text, |r| {
            r.discard_values(discard);
            r.columns(columns);
            output.sink.record(r)?;
            for fault in r.discarded() {
                let fault = located(row, fault, *number);
                output.rejected.push(*number, &fault);
                output.sink.left_out(&fault, Some(text));
            }
            Ok(())
        })
    }
}

/// A fault in a row, as seen from the file.
fn located(row: &Row<'_>, fault: Fault, number: u64) -> Fault {
    row.located(fault, usize::try_from(number).unwrap_or(usize::MAX))
}

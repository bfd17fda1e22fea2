//! NDJSON, also called JSON Lines: a JSON text on each line.

use std::io::BufRead as _;

use crate::rt::fault::{Fault, FaultKind};
use crate::rt::rows::{Advance, Format, Row, Rows};

/// NDJSON. Lines end with LF or CR LF; blank ones are passed over.
#[derive(Clone, Copy, Debug)]
pub struct Ndjson;

/// NDJSON, for descriptors.
pub static NDJSON: Ndjson = Ndjson;

impl Format for Ndjson {
    fn name(&self) -> &'static str {
        "NDJSON"
    }

    fn rows(&'static self, offset: u64) -> Box<dyn Rows> {
        Box::new(Lines { number: 0, next: offset, start: offset, scanned: 0, line: 0..0, is_open: false })
    }

    fn may_be_empty(&self) -> bool {
        true
    }
}

/// Finds the lines that hold something.
struct Lines {
    /// The number of the line that was taken last, from 1.
    number: u64,
    /// Where the bytes begin that were not taken yet, and where the line began that was found.
    next: u64,
    start: u64,
    /// How many of those bytes are known to hold no line end.
    scanned: usize,
    /// Where the line that was found is in its bytes.
    line: std::ops::Range<usize>,
    is_open: bool,
}

impl Rows for Lines {
    fn advance(&mut self, bytes: &[u8], last: bool) -> Result<Advance, Fault> {
        let mut from = 0;
        loop {
            let rest = bytes.get(from..).unwrap_or_default();
            let mut unread = rest.get(self.scanned..).unwrap_or_default();
            // Fast, and never an error on bytes in memory.
            let _ = unread.skip_until(b'\n');
            let end = rest.len() - unread.len();
            let is_whole = end > self.scanned && rest.get(end - 1) == Some(&b'\n');
            if rest.is_empty() || !is_whole && !last {
                self.scanned = end;
                return Ok(Advance { taken: from, found: false });
            }
            (self.scanned, self.start) = (0, self.next);
            self.next += end as u64;
            self.number += 1;
            if rest.get(..end).is_some_and(|line| line.trim_ascii().is_empty()) {
                from += end;
                continue;
            }
            self.line = from..from + end;
            self.is_open = !is_whole;
            return Ok(Advance { taken: from + end, found: true });
        }
    }

    fn row<'a>(&'a self, bytes: &'a [u8]) -> Row<'a> {
        let line = bytes.get(self.line.clone()).unwrap_or_default();
        let text = std::str::from_utf8(line);
        let text = text.map_err(|error| Fault::new(FaultKind::Syntax, error.valid_up_to(), "the line is not UTF-8"));
        Row { text, line: self.number, offset: self.start, is_verbatim: true, is_open: self.is_open }
    }

    fn held(&self) -> usize {
        0
    }
}

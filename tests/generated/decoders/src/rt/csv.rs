//! CSV (RFC 4180): a row is written as a JSON object, column by column, so that a record's table reads it like any other.
//!
//! A small machine over the bytes, which takes them piece by piece. Every value is a text to it; the descriptor says which columns
//! hold numbers, truth values or JSON, and those are written as such where they are.

use std::borrow::Cow;
use std::ops::Range;

use crate::rt::fault::{Fault, FaultKind};
use crate::rt::json_write;
use crate::rt::reader::Reader;
use crate::rt::rows::{Advance, Format, Row, Rows};
use crate::rt::scan;

/// How many characters of the names of columns a message shows.
const NAMES_SHOWN: usize = 200;

/// How CSV is written, and what its columns hold.
#[derive(Debug)]
pub struct Csv {
    separator: u8,
    quote: u8,
    /// The names of the columns; where there are none, the first row gives them.
    columns: &'static [&'static str],
    /// The fields of a record; where there are some, one of them must be among the columns.
    fields: &'static [(&'static str, Cell)],
}

/// What the value of a column is written as. An empty one is a null, unless it must be a text.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Cell {
    /// A text.
    #[default]
    Text,
    /// A text that is always there: an empty one is an empty text.
    RequiredText,
    /// A number, where it is one.
    Number,
    /// A truth value, where it is `true` or `false` in any case.
    Boolean,
    /// An object or array, where it is one in JSON.
    Json,
}

impl Csv {
    /// Commas and double quotes, and the names of the columns in the first row.
    pub const HEADED: Self = Self { separator: b',', quote: b'"', columns: &[], fields: &[] };

    /// The byte between two values.
    #[must_use]
    pub const fn separator(self, separator: u8) -> Self {
        Self { separator, ..self }
    }

    /// The byte around values that hold separators or line ends; it is written twice within them.
    #[must_use]
    pub const fn quote(self, quote: u8) -> Self {
        Self { quote, ..self }
    }

    /// The names of the columns, which no row gives.
    #[must_use]
    pub const fn columns(self, columns: &'static [&'static str]) -> Self {
        Self { columns, ..self }
    }

    /// The fields of a record, with what their columns hold.
    #[must_use]
    pub const fn fields(self, fields: &'static [(&'static str, Cell)]) -> Self {
        Self { fields, ..self }
    }
}

impl Format for Csv {
    fn name(&self) -> &'static str {
        "CSV"
    }

    fn rows(&'static self, offset: u64) -> Box<dyn Rows> {
        let columns = self.columns.iter().map(|name| self.column(name)).collect();
        Box::new(Table {
            csv: self,
            columns,
            place: Place::Field,
            values: Vec::new(),
            ends: Vec::new(),
            is_quoted: false,
            line: 1,
            at: offset,
            begun: (1, offset),
            text: String::new(),
            problem: None,
            is_open: false,
        })
    }

    fn may_be_empty(&self) -> bool {
        !self.columns.is_empty()
    }
}

impl Csv {
    fn column(&self, name: &str) -> Column {
        let cell = self.fields.iter().find(|(field, _)| *field == name).map(|(_, cell)| *cell);
        let mut key = String::new();
        json_write::string(&mut key, name);
        key.push(':');
        Column { name: name.to_owned(), key, cell: cell.unwrap_or_default() }
    }
}

/// A column.
struct Column {
    name: String,
    /// Its name as a JSON key, with the colon.
    key: String,
    cell: Cell,
}

/// Where in a row the machine is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    /// At the start of a value.
    Field,
    /// In a value without quotes.
    Plain,
    /// In a value with quotes.
    Quoted,
    /// After a quote in such a value: its end, or the first of two that stand for one.
    Quote,
    /// After the CR that ended a row, which an LF may follow.
    Return,
}

/// Finds the rows of CSV.
struct Table {
    csv: &'static Csv,
    /// None before the first row, where that names them.
    columns: Vec<Column>,
    place: Place,
    /// The values of the row under way, one after the other, and where each ends.
    values: Vec<u8>,
    ends: Vec<usize>,
    /// Whether one of them stands in quotes: a line with nothing in quotes is a row, an empty one is none.
    is_quoted: bool,
    /// The line and the byte offset of what comes next, and of the row under way.
    line: u64,
    at: u64,
    begun: (u64, u64),
    /// The row that was found, as JSON.
    text: String,
    problem: Option<Fault>,
    is_open: bool,
}

impl Rows for Table {
    fn advance(&mut self, bytes: &[u8], last: bool) -> Result<Advance, Fault> {
        let mut taken = 0;
        while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
            let (count, ended) = self.take(rest);
            taken += count;
            self.at += count as u64;
            if ended && self.finish_row()? {
                return Ok(Advance { taken, found: true });
            }
        }
        let found = last && self.finish()?;
        Ok(Advance { taken, found })
    }

    fn row<'a>(&'a self, _: &'a [u8]) -> Row<'a> {
        let text = self.problem.clone().map_or(Ok(self.text.as_str()), Err);
        Row { text, line: self.begun.0, offset: self.begun.1, is_verbatim: false, is_open: self.is_open }
    }

    fn held(&self) -> usize {
        // A row of separators alone has no values, but as many ends.
        self.values.len() + size_of_val(self.ends.as_slice())
    }
}

impl Table {
    /// Takes at least one byte: how many it took, and whether a row ended with them.
    fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        let Some(&byte) = bytes.first() else { return (0, false) };
        match self.place {
            Place::Return => {
                self.place = Place::Field;
                (usize::from(byte == b'\n'), false)
            }
            Place::Field => {
                if self.ends.is_empty() {
                    self.begun = (self.line, self.at);
                }
                let quoted = byte == self.csv.quote;
                self.is_quoted |= quoted;
                self.place = if quoted { Place::Quoted } else { Place::Plain };
                (usize::from(quoted), false)
            }
            Place::Plain => {
                let plain = bytes.iter().take_while(|byte| !self.is_sign(**byte)).count();
                self.values.extend_from_slice(bytes.get(..plain).unwrap_or_default());
                match bytes.get(plain) {
                    Some(&sign) => (plain + 1, self.end_value(sign)),
                    None => (plain, false),
                }
            }
            Place::Quoted => {
                let text = bytes.split(|byte| *byte == self.csv.quote).next().unwrap_or_default();
                self.values.extend_from_slice(text);
                self.line += text.split(|byte| *byte == b'\n').skip(1).count() as u64;
                let ended = text.len() < bytes.len();
                if ended {
                    self.place = Place::Quote;
                }
                (text.len() + usize::from(ended), false)
            }
            Place::Quote if byte == self.csv.quote => {
                self.values.push(byte);
                self.place = Place::Quoted;
                (1, false)
            }
            Place::Quote => {
                self.place = Place::Plain;
                (0, false)
            }
        }
    }

    fn is_sign(&self, byte: u8) -> bool {
        byte == self.csv.separator || matches!(byte, b'\n' | b'\r')
    }

    /// Ends a value with the sign after it. Says whether the row ends as well.
    fn end_value(&mut self, sign: u8) -> bool {
        self.ends.push(self.values.len());
        self.place = if sign == b'\r' { Place::Return } else { Place::Field };
        if sign == self.csv.separator {
            return false;
        }
        self.line += 1;
        true
    }

    /// Ends the last row, which no line end follows. Says whether there is one.
    fn finish(&mut self) -> Result<bool, Fault> {
        let place = std::mem::replace(&mut self.place, Place::Field);
        match place {
            Place::Quoted => Err(self.end("the text ends within quotes")),
            Place::Field | Place::Return if self.ends.is_empty() => Ok(false),
            _ => {
                self.ends.push(self.values.len());
                self.is_open = true;
                self.finish_row()
            }
        }
    }

    /// Takes the row that ended. Says whether it is one with a record.
    fn finish_row(&mut self) -> Result<bool, Fault> {
        let is_row = self.ends.len() > 1 || self.is_quoted || !self.values.is_empty();
        let is_record = is_row && !self.columns.is_empty();
        if is_record {
            self.text.clear();
            self.problem = self.write().err();
        } else if is_row {
            self.columns = self.head()?;
        }
        self.values.clear();
        self.ends.clear();
        self.is_quoted = false;
        Ok(is_record)
    }

    /// The values of the row that ended.
    fn values(&self) -> Result<impl Iterator<Item = &str>, Fault> {
        let text = std::str::from_utf8(&self.values).map_err(|_| bad_row("the row is not UTF-8"))?;
        let starts = std::iter::once(&0).chain(&self.ends);
        Ok(starts.zip(&self.ends).map(|(start, end)| text.get(Range { start: *start, end: *end }).unwrap_or_default()))
    }

    /// The columns that the row names.
    fn head(&self) -> Result<Vec<Column>, Fault> {
        let columns: Vec<Column> = self.values()?.map(|name| self.csv.column(name.trim())).collect();
        let names = || columns.iter().map(|column| column.name.as_str());
        for (at, name) in names().enumerate().filter(|(_, name)| !name.is_empty()) {
            if names().take(at).any(|other| other == name) {
                return Err(self.end(format!("the column `{name}` is there twice")));
            }
        }
        let fields = self.csv.fields;
        if !fields.is_empty() && !names().any(|name| fields.iter().any(|(field, _)| *field == name)) {
            let names: String = names().collect::<Vec<_>>().join("`, `").chars().take(NAMES_SHOWN).collect();
            return Err(self.end(format!("no field of the record is among the columns `{names}`")));
        }
        Ok(columns)
    }

    /// Writes the row as a JSON object.
    fn write(&mut self) -> Result<(), Fault> {
        let mut text = std::mem::take(&mut self.text);
        if self.ends.len() != self.columns.len() {
            return Err(bad_row(format!("expected {} values, found {}", self.columns.len(), self.ends.len())));
        }
        for (column, value) in self.columns.iter().zip(self.values()?).filter(|(column, _)| !column.name.is_empty()) {
            text.push(if text.is_empty() { '{' } else { ',' });
            text.push_str(&column.key);
            column.cell.write(&mut text, value);
        }
        text.push_str(if text.is_empty() { "{}" } else { "}" });
        self.text = text;
        Ok(())
    }

    /// Why no more rows can be found, at the row under way.
    #[cold]
    fn end(&self, message: impl Into<Cow<'static, str>>) -> Fault {
        let (line, offset) = self.begun;
        bad_row(message).moved(usize::try_from(offset).unwrap_or(usize::MAX)).on_line(line)
    }
}

/// Why a row has no record.
#[cold]
fn bad_row(message: impl Into<Cow<'static, str>>) -> Fault {
    Fault::new(FaultKind::Syntax, 0, message)
}

impl Cell {
    /// Appends a value as JSON.
    fn write(self, out: &mut String, value: &str) {
        let trimmed = value.trim();
        match self {
            Self::RequiredText => json_write::string(out, value),
            _ if value.is_empty() => out.push_str("null"),
            Self::Number if is_number(trimmed) => out.push_str(trimmed),
            Self::Boolean if trimmed.eq_ignore_ascii_case("true") => out.push_str("true"),
            Self::Boolean if trimmed.eq_ignore_ascii_case("false") => out.push_str("false"),
            Self::Json if trimmed.starts_with(['{', '[']) && is_json(trimmed) => out.push_str(trimmed),
            _ => json_write::string(out, value),
        }
    }
}

fn is_number(text: &str) -> bool {
    scan::number(text.as_bytes(), 0).is_ok_and(|number| number.end == text.len())
}

fn is_json(text: &str) -> bool {
    let mut reader = Reader::new(text);
    reader.skip().and_then(|_| reader.end()).is_ok()
}

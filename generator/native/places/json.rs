//! The places of a JSON text. It is known to be JSON: `serde_json` has read it.

use super::{Diagnostics, Entry, FileId, Form, MAX_DEPTH, Place, PlaceId, Places, Span};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;

/// Finds the places of a JSON text. What a spec may not be, although JSON may, is reported.
pub fn scan_json(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Places {
    let mut scanner = Scanner { file, text, at: 0, places: Places::default() };
    match scanner.value(0) {
        Ok(root) => scanner.places.root = Some(root),
        Err(diagnostic) => diagnostics.push(*diagnostic),
    }
    scanner.places.report_duplicates(diagnostics);
    scanner.places
}

struct Scanner<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
    places: Places,
}

type Found<T> = Result<T, Box<Diagnostic>>;

impl Scanner<'_> {
    fn value(&mut self, depth: usize) -> Found<PlaceId> {
        self.blanks();
        let start = self.at;
        if depth > MAX_DEPTH {
            return Err(Box::new(Diagnostic::new(Code::TooDeep, self.span(start, start + 1), &[&MAX_DEPTH.to_string()])));
        }
        let form = match self.peek() {
            Some(b'{') => Form::Map(self.entries(depth)?),
            Some(b'[') => Form::List(self.items(depth)?),
            Some(b'"') => {
                let text = self.string();
                let literal = self.text.get(start + 1..).is_some_and(|rest| rest.starts_with(&text));
                Form::Scalar { text, at: literal.then(|| narrow(start + 1)) }
            }
            _ => {
                let rest = self.text.get(start..).unwrap_or_default();
                let length = rest.find([',', ']', '}', ' ', '\n', '\r', '\t']).unwrap_or(rest.len());
                self.at += length;
                Form::Scalar { text: rest.get(..length).unwrap_or_default().to_owned(), at: Some(narrow(start)) }
            }
        };
        // A collection over several lines is shown by its first.
        let whole = self.text.get(start..self.at).unwrap_or_default();
        let end = start + whole.lines().next().unwrap_or_default().trim_end().len();
        self.places.places.push(Place { span: self.span(start, end), form });
        Ok(self.places.places.len() - 1)
    }

    fn entries(&mut self, depth: usize) -> Found<Vec<Entry>> {
        let mut entries = Vec::new();
        self.at += 1;
        while self.another(b'}') {
            let start = self.at;
            let key = self.string();
            let span = self.span(start, self.at);
            self.blanks();
            // The colon.
            self.at += 1;
            let value = self.value(depth + 1)?;
            entries.push(Entry { key, span, value });
        }
        Ok(entries)
    }

    fn items(&mut self, depth: usize) -> Found<Vec<PlaceId>> {
        let mut items = Vec::new();
        self.at += 1;
        while self.another(b']') {
            items.push(self.value(depth + 1)?);
        }
        Ok(items)
    }

    /// Goes on to the next member of a collection, or past its end.
    fn another(&mut self, end: u8) -> bool {
        self.blanks();
        if self.peek() == Some(b',') {
            self.at += 1;
            self.blanks();
        }
        let ends = self.peek().is_none_or(|byte| byte == end);
        self.at += usize::from(ends);
        !ends
    }

    /// Reads a string, with its escapes resolved.
    fn string(&mut self) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut escaped = false;
        let end = rest.bytes().skip(1).position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let written = rest.get(..end.map_or(rest.len(), |end| end + 2)).unwrap_or_default();
        self.at += written.len();
        serde_json::from_str(written).unwrap_or_default()
    }

    fn blanks(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.len() - rest.trim_start_matches([' ', '\n', '\r', '\t']).len();
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span { file: self.file, start: narrow(start), end: narrow(end) }
    }
}

fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

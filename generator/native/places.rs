//! Where everything stands: one pass over the events of a YAML text builds a tree of places.
//!
//! Values come from `serde_yaml`, which knows no places. This tree has the same form and holds, for each key and value, its bytes
//! and the text of a scalar as it was written, so that `version: 3.10` can stay `3.10`.

mod json;

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::native::language::is_long_schema;
use crate::source::{FileId, Span};

pub use json::scan_json;

/// Deeper documents are refused, before any recursive code sees them.
const MAX_DEPTH: usize = 64;

/// Names a place of [`Places`].
pub type PlaceId = usize;

/// The places of a document. An alias is the place of what it stands for, so that aliases cannot make it grow.
#[derive(Debug, Default)]
pub struct Places {
    places: Vec<Place>,
    root: Option<PlaceId>,
}

/// A value in the text.
#[derive(Debug)]
pub struct Place {
    /// Its bytes; of a list or map in block style, its first line.
    pub span: Span,
    /// What it is.
    pub form: Form,
}

/// What stands at a [`Place`].
#[derive(Debug)]
pub enum Form {
    /// A scalar.
    Scalar {
        /// Its text: without quotes, with escapes resolved, and of a number or truth value as it was written.
        text: String,
        /// The byte at which that text stands literally, where it does.
        at: Option<u32>,
    },
    /// A list.
    List(Vec<PlaceId>),
    /// A map.
    Map(Vec<Entry>),
}

/// A key and the place of its value.
#[derive(Debug)]
pub struct Entry {
    /// The text of the key.
    pub key: String,
    /// Its bytes.
    pub span: Span,
    /// Where its value is.
    pub value: PlaceId,
}

impl Places {
    /// The place of the whole document.
    pub fn root(&self) -> Option<PlaceId> {
        self.root
    }

    /// A place by its id.
    pub fn get(&self, id: PlaceId) -> Option<&Place> {
        self.places.get(id)
    }

    /// The entry of a key in a map; keys that come through a merge key (`<<`) stand where they are merged from.
    pub fn entry(&self, id: PlaceId, key: &str) -> Option<&Entry> {
        self.entry_within(id, key, MAX_DEPTH)
    }

    /// Whether a map with these entries, in a schema's place, is the long form of a schema.
    pub fn is_long_schema(&self, entries: &[Entry]) -> bool {
        fn keys(entries: &[Entry]) -> Vec<&str> {
            entries.iter().map(|entry| entry.key.as_str()).filter(|key| *key != "<<").collect()
        }
        let value = |key: &str| entries.iter().find(|entry| entry.key == key).and_then(|entry| self.get(entry.value));
        let fields = match value("fields").map(|place| &place.form) {
            Some(Form::Map(fields)) => keys(fields),
            _ => Vec::new(),
        };
        is_long_schema(&keys(entries), &fields, |key| value(key).map(|place| matches!(place.form, Form::List(_))))
    }

    /// Where a merge key has a value that cannot be merged.
    pub fn bad_merge(&self) -> Option<Span> {
        let is_scalar = |id: &PlaceId| matches!(self.get(*id).map(|place| &place.form), Some(Form::Scalar { .. }));
        let is_bad = |entry: &&Entry| match self.get(entry.value).map(|place| &place.form) {
            Some(Form::List(items)) => items.iter().any(is_scalar),
            _ => is_scalar(&entry.value),
        };
        let maps = self.places.iter().filter_map(|place| match &place.form {
            Form::Map(entries) => Some(entries),
            _ => None,
        });
        maps.flatten().filter(|entry| entry.key == "<<").find(is_bad).map(|entry| entry.span)
    }

    fn report_duplicates(&self, diagnostics: &mut Diagnostics) {
        for place in &self.places {
            let Form::Map(entries) = &place.form else { continue };
            let mut seen: HashMap<&str, Span> = HashMap::new();
            for entry in entries {
                if let Some(first) = seen.insert(&entry.key, entry.span) {
                    let repeated = Diagnostic::new(Code::DuplicateKey, entry.span, &[&entry.key]);
                    diagnostics.push(repeated.label("again here").also(first, "first given here"));
                }
            }
        }
    }

    fn entry_within(&self, id: PlaceId, key: &str, depth: usize) -> Option<&Entry> {
        let Form::Map(entries) = &self.get(id)?.form else { return None };
        if let Some(own) = entries.iter().find(|entry| entry.key == key) {
            return Some(own);
        }
        let merged = entries.iter().find(|entry| entry.key == "<<")?.value;
        let depth = depth.checked_sub(1)?;
        match &self.get(merged)?.form {
            Form::List(items) => items.iter().find_map(|item| self.entry_within(*item, key, depth)),
            _ => self.entry_within(merged, key, depth),
        }
    }
}

/// Reads the events of a text. What is wrong with it is reported; the tree then is what was read before.
pub fn scan(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Places {
    let mut scanner = Scanner {
        file,
        text,
        bytes: Bytes::new(text),
        places: Places::default(),
        open: Vec::new(),
        anchors: HashMap::new(),
        python: Vec::new(),
    };
    for event in Parser::new_from_str(text) {
        let step = match event {
            Ok((event, span)) => scanner.step(event, span),
            Err(error) => Err(Box::new(scanner.refuse(&error))),
        };
        if let Err(diagnostic) = step {
            diagnostics.push(*diagnostic);
            break;
        }
    }
    for (object, span) in &scanner.python {
        diagnostics.report(Code::PythonValue, *span, &[object]);
    }
    scanner.places.report_duplicates(diagnostics);
    scanner.places
}

/// A collection whose end has not come yet.
struct Open {
    place: PlaceId,
    anchor: usize,
    /// In a map: the key whose value comes next.
    key: Option<(String, Span)>,
}

struct Scanner<'t> {
    file: FileId,
    text: &'t str,
    bytes: Bytes,
    places: Places,
    open: Vec<Open>,
    anchors: HashMap<usize, PlaceId>,
    /// What Python wrote for objects: `serde_yaml` passes over tags of YAML itself, as these pretend to be.
    python: Vec<(String, Span)>,
}

/// What stops the pass.
type Step = Result<(), Box<Diagnostic>>;

impl Scanner<'_> {
    fn step(&mut self, event: Event<'_>, span: saphyr_parser::Span) -> Step {
        if let Event::Scalar(_, _, _, Some(tag)) | Event::SequenceStart(_, Some(tag)) | Event::MappingStart(_, Some(tag)) = &event
            && tag.handle.starts_with("tag:yaml.org")
            && tag.suffix.starts_with("python/")
        {
            self.python.push((format!("!!{}", tag.suffix), self.span(span)));
        }
        match event {
            Event::Scalar(text, style, anchor, _) => self.scalar(&text, style, anchor, self.span(span)),
            Event::SequenceStart(anchor, _) => self.begin(Form::List(Vec::new()), anchor, self.span(span)),
            Event::MappingStart(anchor, _) => self.begin(Form::Map(Vec::new()), anchor, self.span(span)),
            Event::SequenceEnd | Event::MappingEnd => {
                self.end(self.span(span));
                Ok(())
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(place) => self.put(*place, self.span(span)),
                // Its end has not come yet, so the alias stands inside of what it stands for.
                None => Err(Box::new(Diagnostic::new(Code::EndlessAlias, self.span(span), &[]))),
            },
            Event::DocumentStart(_) if self.places.root.is_some() => {
                Err(Box::new(Diagnostic::new(Code::SeveralDocuments, self.span(span), &[])))
            }
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, span: Span) -> Step {
        // A plain key is a text to us, whatever else YAML may take it for (`200:`, `on:`).
        if let Some(Open { key: key @ None, place, .. }) = self.open.last_mut()
            && matches!(self.places.places.get(*place).map(|place| &place.form), Some(Form::Map(_)))
        {
            *key = Some((text.to_owned(), span));
            return Ok(());
        }
        let at = match style {
            ScalarStyle::Plain => Some(span.start),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Some(span.start + 1),
            _ => None,
        };
        let at = at.filter(|at| self.text.get(*at as usize..).is_some_and(|rest| rest.starts_with(text)));
        let place = self.add(Place { span, form: Form::Scalar { text: text.to_owned(), at } });
        self.anchor(anchor, place);
        self.put(place, span)
    }

    fn begin(&mut self, form: Form, anchor: usize, span: Span) -> Step {
        if self.open.len() == MAX_DEPTH {
            return Err(Box::new(Diagnostic::new(Code::TooDeep, span, &[&MAX_DEPTH.to_string()])));
        }
        let place = self.add(Place { span, form });
        self.put(place, span)?;
        self.open.push(Open { place, anchor, key: None });
        Ok(())
    }

    fn end(&mut self, span: Span) {
        let Some(Open { place, anchor, .. }) = self.open.pop() else { return };
        self.anchor(anchor, place);
        let text = self.text;
        if let Some(place) = self.places.places.get_mut(place) {
            // A collection over several lines is shown by its first.
            let whole = text.get(place.span.start as usize..span.end.max(place.span.start) as usize).unwrap_or_default();
            let line = whole.lines().next().unwrap_or_default().trim_end();
            place.span.end = place.span.start + u32::try_from(line.len()).unwrap_or(0);
        }
    }

    /// Gives a value to the collection that is open.
    fn put(&mut self, value: PlaceId, span: Span) -> Step {
        let Some(open) = self.open.last_mut() else {
            self.places.root.get_or_insert(value);
            return Ok(());
        };
        match self.places.places.get_mut(open.place).map(|place| &mut place.form) {
            Some(Form::List(items)) => items.push(value),
            Some(Form::Map(entries)) => match open.key.take() {
                Some((key, span)) => entries.push(Entry { key, span, value }),
                None => return Err(Box::new(Diagnostic::new(Code::KeyNotText, span, &[]))),
            },
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, place: Place) -> PlaceId {
        self.places.places.push(place);
        self.places.places.len() - 1
    }

    fn anchor(&mut self, anchor: usize, place: PlaceId) {
        // 0 is "no anchor".
        if anchor != 0 {
            self.anchors.insert(anchor, place);
        }
    }

    /// A syntax error, in words that name the usual cause.
    fn refuse(&self, error: &saphyr_parser::ScanError) -> Diagnostic {
        let at = self.bytes.at(error.marker().index());
        let span = Span { file: self.file, start: at, end: at + self.char_len(at) };
        let line_start = self.text.get(..at as usize).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let indent = self.text.get(line_start..).unwrap_or_default();
        let blank = indent.len() - indent.trim_start_matches([' ', '\t']).len();
        if let Some(tab) = indent.get(..blank).and_then(|blank| blank.find('\t')) {
            let start = u32::try_from(line_start + tab).unwrap_or(at);
            return Diagnostic::new(Code::Tab, Span { file: self.file, start, end: start + 1 }, &[]);
        }
        Diagnostic::new(Code::Syntax, span, &[error.info()])
    }

    fn char_len(&self, at: u32) -> u32 {
        let next = self.text.get(at as usize..).and_then(|rest| rest.chars().next());
        next.filter(|c| *c != '\n').map_or(0, |c| u32::try_from(c.len_utf8()).unwrap_or(0))
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        let start = self.bytes.at(span.start.index());
        let end = self.bytes.at(span.end.index()).max(start);
        // The parser takes some of the white space around a scalar for a part of it.
        let text = self.text.get(start as usize..end as usize).unwrap_or_default();
        let narrow = |length: usize| u32::try_from(length).unwrap_or(0);
        let leading = narrow(text.len() - text.trim_start().len());
        Span { file: self.file, start: start + leading, end: start + leading + narrow(text.trim().len()) }
    }
}

/// The way from the parser's count of characters to bytes.
struct Bytes {
    /// The byte of each character; none where each is one byte.
    starts: Option<Vec<u32>>,
    len: u32,
}

impl Bytes {
    fn new(text: &str) -> Self {
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let starts = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| narrow(at)).collect());
        Self { starts, len: narrow(text.len()) }
    }

    fn at(&self, character: usize) -> u32 {
        match &self.starts {
            Some(starts) => starts.get(character).copied().unwrap_or(self.len),
            None => u32::try_from(character).unwrap_or(self.len).min(self.len),
        }
    }
}

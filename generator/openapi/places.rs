//! Where things stand in the text of a document: one pass that remembers nothing but what is asked for.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser};

use super::below;
use crate::source::{FileId, Span};

/// The places that were found.
#[derive(Debug)]
pub(super) struct Found {
    file: FileId,
    places: HashMap<String, Span>,
}

impl Found {
    /// The place of a pointer, or of the nearest thing around it that is in the text.
    pub(super) fn nearest(&self, pointer: &str) -> Span {
        let mut pointer = pointer;
        loop {
            if let Some(span) = self.places.get(pointer) {
                return *span;
            }
            match pointer.rfind('/') {
                Some(at) => pointer = &pointer[..at],
                None => return Span { file: self.file, start: 0, end: 0 },
            }
        }
    }
}

/// Finds the keys that pointers lead to, and those around them.
pub(super) fn find<'p>(file: FileId, text: &str, pointers: impl Iterator<Item = &'p str>) -> Found {
    let mut wanted = HashSet::new();
    for pointer in pointers {
        let mut pointer = pointer;
        while wanted.insert(pointer) {
            match pointer.rfind('/') {
                Some(at) => pointer = &pointer[..at],
                None => break,
            }
        }
    }
    let mut places = HashMap::new();
    if !wanted.is_empty() {
        Finder { file, wanted: &wanted, places: &mut places, open: Vec::new(), starts: Starts::new(text) }.run(text);
    }
    Found { file, places }
}

/// The keys that stand in a map already, where they stand again.
pub(super) fn repeated(file: FileId, text: &str) -> Vec<(String, Span)> {
    let starts = Starts::new(text);
    let mut found = Vec::new();
    // Of each map that is open, its keys, and whether a key comes next; none for a list.
    let mut open: Vec<Option<(HashSet<String>, bool)>> = Vec::new();
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        if matches!(event, Event::MappingEnd | Event::SequenceEnd) {
            open.pop();
            continue;
        }
        let is_node = matches!(event, Event::Scalar(..) | Event::Alias(_) | Event::MappingStart(..) | Event::SequenceStart(..));
        if let (true, Some(Some((keys, is_key)))) = (is_node, open.last_mut()) {
            *is_key = !*is_key;
            if let (false, Event::Scalar(key, ..)) = (*is_key, &event)
                && !keys.insert(key.to_string())
            {
                found.push((key.to_string(), starts.span(file, span, text)));
            }
        }
        match event {
            Event::MappingStart(..) => open.push(Some((HashSet::new(), true))),
            Event::SequenceStart(..) => open.push(None),
            _ => {}
        }
    }
    found
}

/// A collection whose end has not come yet.
enum Open {
    /// A map: its pointer where anything below it is wanted, and the key whose value comes next.
    Map { pointer: Option<String>, key: Option<String> },
    /// A list: its pointer where anything below it is wanted, and the number of the next element.
    List { pointer: Option<String>, next: usize },
}

struct Finder<'a> {
    file: FileId,
    wanted: &'a HashSet<&'a str>,
    places: &'a mut HashMap<String, Span>,
    open: Vec<Open>,
    starts: Starts,
}

impl Finder<'_> {
    /// JSON is YAML as far as its events go.
    fn run(mut self, text: &str) {
        for event in Parser::new_from_str(text) {
            let Ok((event, span)) = event else { return };
            match event {
                Event::Scalar(scalar, ..) => {
                    let span = self.span(span, text);
                    match self.open.last_mut() {
                        Some(Open::Map { pointer, key: key @ None }) => {
                            if let Some(pointer) = pointer {
                                let place = below(pointer, &scalar);
                                if self.wanted.contains(place.as_str()) {
                                    self.places.entry(place).or_insert(span);
                                }
                            }
                            *key = Some(scalar.into_owned());
                        }
                        _ => drop(self.enter(span)),
                    }
                }
                Event::Alias(_) => drop(self.enter(self.span(span, text))),
                Event::MappingStart(..) => {
                    let pointer = self.enter(self.span(span, text));
                    self.open.push(Open::Map { pointer, key: None });
                }
                Event::SequenceStart(..) => {
                    let pointer = self.enter(self.span(span, text));
                    self.open.push(Open::List { pointer, next: 0 });
                }
                Event::MappingEnd | Event::SequenceEnd => drop(self.open.pop()),
                _ => {}
            }
        }
    }

    /// A value begins: its pointer, where it is wanted. What has no key of its own stands where it begins.
    fn enter(&mut self, span: Span) -> Option<String> {
        let pointer = match self.open.last_mut() {
            None => Some(String::new()),
            Some(Open::Map { pointer, key }) => {
                let key = key.take();
                pointer.as_ref().map(|pointer| below(pointer, &key.unwrap_or_default()))
            }
            Some(Open::List { pointer, next }) => {
                *next += 1;
                pointer.as_ref().map(|pointer| format!("{pointer}/{}", *next - 1))
            }
        }?;
        if !self.wanted.contains(pointer.as_str()) {
            return None;
        }
        self.places.entry(pointer.clone()).or_insert(span);
        Some(pointer)
    }

    fn span(&self, span: saphyr_parser::Span, text: &str) -> Span {
        self.starts.span(self.file, span, text)
    }
}

/// Where each line begins.
struct Starts {
    lines: Vec<usize>,
    /// The last place that was looked for: its line, its column and its byte. The next one is most often further on in its line,
    /// which may be all of a document.
    last: Cell<(usize, usize, usize)>,
}

impl Starts {
    /// A span of the parser in bytes, not beyond its first line.
    fn span(&self, file: FileId, span: saphyr_parser::Span, text: &str) -> Span {
        let start = self.byte(span.start.line(), span.start.col(), text);
        let line_end = self.lines.get(span.start.line()).map_or(text.len(), |next| next.saturating_sub(1)).max(start);
        let end = self.byte(span.end.line(), span.end.col(), text).clamp(start, line_end);
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file, start: narrow(start), end: narrow(end) }
    }

    fn new(text: &str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { lines, last: Cell::default() }
    }

    /// The byte at a line, from 1, and a column in characters, from 0.
    fn byte(&self, line: usize, column: usize, text: &str) -> usize {
        let start = line.checked_sub(1).and_then(|line| self.lines.get(line)).copied().unwrap_or(0);
        let (from_column, from) = match self.last.get() {
            (last, before, byte) if last == line && before <= column => (before, byte),
            _ => (0, start),
        };
        let rest = text.get(from..).unwrap_or_default();
        let byte = from + rest.char_indices().nth(column - from_column).map_or(rest.len(), |(at, _)| at);
        self.last.set((line, column, byte));
        byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_yaml_and_json() {
        let texts =
            ["paths:\n  /a/b:\n    get: {tags: [x, é]}\n", "{\"paths\": {\"/a/b\": {\n \"get\": {\"tags\": [\"x\", \"é\"]}}}}"];
        for text in texts {
            let found = find(FileId(0), text, ["/paths/~1a~1b/get", "/paths/~1a~1b/get/tags/1", "/paths/gone"].into_iter());
            let shown = |pointer: &str| {
                let span = found.nearest(pointer);
                text[span.start as usize..span.end as usize].trim_matches('"').to_owned()
            };
            assert_eq!(shown("/paths/~1a~1b/get"), "get");
            assert_eq!(shown("/paths/~1a~1b/get/tags/1"), "é");
            assert_eq!(shown("/paths/gone"), "paths");
        }
    }
}

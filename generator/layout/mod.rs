//! The canonical layout of a spec: keys in the order of the language's table, two spaces a level, comments where they belong.
//!
//! The text is taken apart into lines, and its maps into blocks of lines, one a key: comments above a key go with it. Maps in braces
//! and texts over several lines are moved as they are. What comes out is read again: a spec whose content would change is left alone.

mod order;

use saphyr_parser::{Event, Parser};

use crate::diagnostic::Diagnostics;
use crate::native::language::{Kind, SCHEMA, SPEC};
use crate::native::places::{self, Entry, Form, PlaceId, Places};
use crate::source::Sources;

use order::{Order, elements, takes_maps, values};

/// How many spaces a level has.
const STEP: usize = 2;

/// Why a spec is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unformatted {
    /// It is no YAML, or no map; loading it says why.
    Unreadable,
    /// It is JSON, which has no comments and other tools.
    Json,
    /// It has a character that is a line break or a mark for some readers, and none for others.
    Character(char),
    /// A key of it begins with `?`, as keys over several lines do.
    LongKey,
    /// An anchor of it has a `:`, which is part of its name for some readers, and the end of a key for others.
    OddAnchor,
    /// It would mean something else afterwards.
    Changed,
}

impl std::fmt::Display for Unformatted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable => f.write_str("it is no spec in YAML"),
            Self::Json => f.write_str("it is JSON, for which there are other tools"),
            Self::Character(found) => {
                let code = u32::from(*found);
                let way_out = format!("write it as `\\u{code:04X}` within double quotes");
                write!(f, "it has the character U+{code:04X}, which readers of YAML do not agree on: {way_out}")
            }
            Self::LongKey => f.write_str("a key of it begins with `?`: write it as `key: value`"),
            Self::OddAnchor => {
                f.write_str("an anchor of it has a `:` in its name, which readers of YAML do not agree on: name it without")
            }
            Self::Changed => f.write_str("it would mean something else afterwards; this is a fault of `gen`"),
        }
    }
}

/// A spec in its canonical layout.
pub fn format(text: &str) -> Result<String, Unformatted> {
    let mut text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    // A file ends with a line's end, and so does a text of several lines that it ends with.
    if !text.ends_with('\n') {
        text.push('\n');
    }
    if text.trim_start().starts_with('{') {
        return Err(Unformatted::Json);
    }
    if let Some(odd) = text.chars().find(|char| matches!(char, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')) {
        return Err(Unformatted::Character(odd));
    }
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let file = sources.add("spec.yaml", text.as_str());
    let content = content(&text).ok_or(Unformatted::Unreadable)?;
    let places = places::scan(file, &text, &mut diagnostics);
    let root = places.root().filter(|_| !diagnostics.has_errors()).ok_or(Unformatted::Unreadable)?;
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut layout = Layout { text: &text, places: &places, starts: starts(&text), marks: marks(&text), lines };
    let end = layout.lines.len();
    let map = layout.map(root, Some(&SPEC_KIND), 0, end, 0).ok_or(Unformatted::Unreadable)?;
    let formatted = spread(map);
    if self::content(&formatted) == Some(content) { Ok(formatted) } else { Err(reason(&text)) }
}

/// Why a text would mean something else in another layout.
fn reason(text: &str) -> Unformatted {
    if text.split_whitespace().any(|word| word == "?") {
        Unformatted::LongKey
    } else if text.split_whitespace().any(|word| word.starts_with('&') && word.contains(':')) {
        Unformatted::OddAnchor
    } else {
        Unformatted::Changed
    }
}

static SPEC_KIND: Kind = Kind::Section(&SPEC);

/// What a text holds; in maps order does not count. None for what is no YAML.
fn content(text: &str) -> Option<serde_yaml::Value> {
    let mut value: serde_yaml::Value = serde_yaml::from_str(text).ok()?;
    value.apply_merge().ok().map(|()| value)
}

struct Layout<'t> {
    text: &'t str,
    places: &'t Places,
    /// The byte at which each line starts.
    starts: Vec<usize>,
    /// Anchors and aliases.
    marks: Vec<Mark>,
    /// The lines; the dash of a list is a space while its element is laid out.
    lines: Vec<String>,
}

/// An anchor, or an alias of it.
struct Mark {
    byte: usize,
    anchor: usize,
    is_alias: bool,
}

/// The lines of a key.
#[derive(Clone, Debug, Default)]
struct Block {
    /// Comments and empty lines before it.
    lead: Vec<String>,
    body: Vec<String>,
}

/// A map, laid out.
#[derive(Debug, Default)]
struct Laid {
    blocks: Vec<Block>,
    /// Comments behind the last key.
    tail: Vec<String>,
}

impl Laid {
    fn into_lines(self) -> Vec<String> {
        let mut lines: Vec<String> = self.blocks.into_iter().flat_map(|block| block.lead.into_iter().chain(block.body)).collect();
        lines.extend(self.tail);
        lines
    }
}

/// The whole document: sections of several lines have an empty line between them.
fn spread(laid: Laid) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut was_long = false;
    for (at, block) in laid.blocks.into_iter().enumerate() {
        let is_long = block.body.len() > 1;
        let has_space = block.lead.first().is_some_and(String::is_empty);
        if at > 0 && (is_long || was_long) && !has_space {
            lines.push(String::new());
        }
        was_long = is_long;
        lines.extend(block.lead);
        lines.extend(block.body);
    }
    lines.extend(laid.tail);
    let end = lines.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |at| at + 1);
    lines.truncate(end);
    lines.join("\n") + "\n"
}

impl Layout<'_> {
    /// The line and the column in bytes at which a byte stands.
    fn at(&self, byte: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= byte).saturating_sub(1);
        (line, byte - self.starts.get(line).copied().unwrap_or(0))
    }

    /// Lays out a map in block style whose lines are `from..to`; none for any other value.
    fn map(&mut self, place: PlaceId, kind: Option<&'static Kind>, from: usize, to: usize, target: usize) -> Option<Laid> {
        let places = self.places;
        let place = places.get(place)?;
        let Form::Map(entries) = &place.form else { return None };
        // A key that is not written has no place.
        let is_written = |entry: &Entry| entry.span.start < entry.span.end;
        if self.text.as_bytes().get(place.span.start as usize) == Some(&b'{')
            || entries.is_empty()
            || !entries.iter().all(is_written)
        {
            return None;
        }
        let keys: Vec<(usize, usize)> = entries.iter().map(|entry| self.at(entry.span.start as usize)).collect();
        let column = keys.first()?.1;
        let is_clear = |(line, at): &(usize, usize)| {
            (from..to).contains(line)
                && *at == column
                && self.lines[*line].get(..column).is_some_and(|before| before.trim().is_empty())
        };
        if !keys.iter().all(is_clear) || !keys.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            return None;
        }
        let rows: Vec<usize> = keys.iter().map(|(line, _)| *line).collect();
        let begins = self.blocks(&rows, from, to, column);
        let section = kind.and_then(|kind| self.section(kind, entries));
        let mut blocks = Vec::with_capacity(entries.len());
        for (at, entry) in entries.iter().enumerate() {
            let lead = comments(&self.lines[begins[at]..rows[at]], target, at == 0 && target > 0);
            let child = section.map_or_else(|| kind.and_then(values), |order| order.kind(&entry.key));
            let body = self.entry(entry, child, rows[at], begins[at + 1], column, target);
            blocks.push(Block { lead, body });
        }
        let mut laid = Laid { blocks, tail: comments(&self.lines[begins[rows.len()]..to], target, false) };
        while laid.tail.last().is_some_and(String::is_empty) {
            laid.tail.pop();
        }
        if let Some(order) = section {
            let mut bounds: Vec<usize> = rows.iter().map(|line| self.starts[*line]).collect();
            bounds.push(self.starts.get(to).copied().unwrap_or(self.text.len()));
            self.sort(&mut laid, entries, order, &bounds);
        }
        Some(laid)
    }

    /// Brings blocks into the order of the table. The comment at the head of a file stays there.
    fn sort(&self, laid: &mut Laid, entries: &[Entry], order: Order, bounds: &[usize]) {
        let mut sorted: Vec<usize> = (0..entries.len()).collect();
        sorted.sort_by_key(|at| order.rank(&entries[*at].key));
        if sorted.is_sorted() || !self.keeps_anchors(&sorted, bounds) {
            return;
        }
        let mut blocks: Vec<Option<Block>> = std::mem::take(&mut laid.blocks).into_iter().map(Some).collect();
        let head = blocks.first_mut().and_then(Option::as_mut).map(|first| {
            let end = first.lead.iter().rposition(String::is_empty).map_or(0, |at| at + 1);
            first.lead.drain(..end).collect::<Vec<_>>()
        });
        let mut moved: Vec<Block> = sorted.iter().filter_map(|at| blocks.get_mut(*at).and_then(Option::take)).collect();
        if let Some(first) = moved.first_mut() {
            let begin = first.lead.iter().position(|line| !line.is_empty()).unwrap_or(first.lead.len());
            first.lead.drain(..begin);
            first.lead.splice(..0, head.unwrap_or_default());
        }
        laid.blocks = moved;
    }

    /// Whether every alias still comes after its anchor.
    fn keeps_anchors(&self, sorted: &[usize], bounds: &[usize]) -> bool {
        let block =
            |byte: usize| bounds.partition_point(|bound| *bound <= byte).checked_sub(1).filter(|at| *at + 1 < bounds.len());
        let position = |byte: usize| block(byte).and_then(|block| sorted.iter().position(|at| *at == block));
        self.marks.iter().filter(|mark| mark.is_alias).all(|alias| {
            let anchor = self.marks.iter().rfind(|mark| !mark.is_alias && mark.anchor == alias.anchor && mark.byte < alias.byte);
            match (anchor.and_then(|anchor| position(anchor.byte)), position(alias.byte)) {
                (Some(anchor), Some(alias)) => anchor <= alias,
                _ => true,
            }
        })
    }

    /// The first line of the comments and empty lines right above a line; comments that are indented deeper belong to what is there.
    fn above(&self, line: usize, least: usize, column: usize) -> usize {
        let is_lead = |line: &String| {
            let text = line.trim_start();
            text.is_empty() || (text.starts_with('#') && line.len() - text.len() <= column)
        };
        (least..line).rev().find(|at| !is_lead(&self.lines[*at])).map_or(least, |at| at + 1)
    }

    /// Where each block of lines begins whose own first lines are these, at the comments above it; and where the last one ends.
    fn blocks(&self, rows: &[usize], from: usize, to: usize, column: usize) -> Vec<usize> {
        let between = rows.windows(2).map(|pair| self.above(pair[1], pair[0] + 1, column));
        let end = rows.last().map_or(from, |last| self.above(to, last + 1, column));
        std::iter::once(from).chain(between).chain([end]).collect()
    }

    /// The lines of a key and its value.
    fn entry(
        &mut self,
        entry: &Entry,
        kind: Option<&'static Kind>,
        line: usize,
        to: usize,
        column: usize,
        target: usize,
    ) -> Vec<String> {
        let mut body = vec![shifted(&self.lines[line], column, target)];
        // What stands for an alias stands elsewhere.
        let is_here = self.places.get(entry.value).is_some_and(|place| place.span.start >= entry.span.end);
        let inner = if is_here { self.value(entry.value, kind, line + 1, to, target + STEP) } else { None };
        body.extend(inner.unwrap_or_else(|| self.lines[line + 1..to].iter().map(|line| shifted(line, column, target)).collect()));
        while body.len() > 1 && body.last().is_some_and(String::is_empty) {
            body.pop();
        }
        body
    }

    /// A map or list that begins on a line of its own; none for what is moved as it is.
    fn value(
        &mut self,
        place: PlaceId,
        kind: Option<&'static Kind>,
        from: usize,
        to: usize,
        target: usize,
    ) -> Option<Vec<String>> {
        match &self.places.get(place)?.form {
            Form::Map(_) => self.map(place, kind, from, to, target).map(Laid::into_lines),
            Form::List(items) => {
                let items = items.clone();
                self.list(&items, kind, from, to, target)
            }
            Form::Scalar { .. } => None,
        }
    }

    fn list(
        &mut self,
        items: &[PlaceId],
        kind: Option<&'static Kind>,
        from: usize,
        to: usize,
        target: usize,
    ) -> Option<Vec<String>> {
        let indent = |line: &String| line.len() - line.trim_start().len();
        let is_content = |line: &&String| !line.trim().is_empty() && !line.trim_start().starts_with('#');
        let column = self.lines[from..to].iter().find(is_content).map(indent)?;
        let is_dash =
            |line: &String| indent(line) == column && matches!(line.as_bytes().get(column..), Some([b'-'] | [b'-', b' ', ..]));
        let dashes: Vec<usize> = (from..to).filter(|at| is_dash(&self.lines[*at])).collect();
        if dashes.len() != items.len() {
            return None;
        }
        let element = kind.and_then(elements);
        let blocks = self.blocks(&dashes, from, to, column);
        let mut lines = Vec::new();
        for (at, item) in items.iter().enumerate() {
            lines.extend(comments(&self.lines[blocks[at]..dashes[at]], target, at == 0));
            lines.extend(self.item(*item, element, dashes[at], blocks[at + 1], column, target));
        }
        lines.extend(comments(&self.lines[blocks[dashes.len()]..to], target, false));
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        Some(lines)
    }

    /// An element: its dash is put aside, and set before the first of its lines that is no comment.
    fn item(
        &mut self,
        item: PlaceId,
        kind: Option<&'static Kind>,
        dash: usize,
        to: usize,
        column: usize,
        target: usize,
    ) -> Vec<String> {
        let plain: Vec<String> = self.lines[dash..to].iter().map(|line| shifted(line, column, target)).collect();
        let is_alone = self.lines[dash].trim() == "-";
        let is_here = self
            .places
            .get(item)
            .is_some_and(|place| place.span.start as usize >= self.starts[dash] && !matches!(place.form, Form::Scalar { .. }));
        if is_alone || !is_here {
            return plain;
        }
        let kept = self.lines[dash].clone();
        self.lines[dash].replace_range(column..=column, " ");
        let laid = self.map(item, kind, dash, to, target + STEP);
        self.lines[dash] = kept;
        let Some(mut lines) = laid.map(Laid::into_lines) else { return plain };
        let Some(first) = lines.iter().position(|line| !line.is_empty() && !line.trim_start().starts_with('#')) else {
            return plain;
        };
        for line in &mut lines[..first] {
            if let Some(rest) = line.get(STEP..) {
                *line = rest.to_owned();
            }
        }
        lines[first].replace_range(target..=target, "-");
        while lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// The keys that a map may have, where they are known.
    fn section(&self, kind: &'static Kind, entries: &[Entry]) -> Option<Order> {
        match kind {
            Kind::Section(section) => Some(Order { section, has_type: false }),
            // Otherwise its keys are fields.
            Kind::Schema if self.places.is_long_schema(entries) => Some(Order { section: &SCHEMA, has_type: false }),
            Kind::Tagged(tagged) => {
                let text = entries.iter().find(|entry| entry.key == "type").and_then(|entry| {
                    match &self.places.get(entry.value)?.form {
                        Form::Scalar { text, .. } => Some(text.as_str()),
                        _ => None,
                    }
                });
                let variant = tagged.variant(text.or(tagged.default)?)?;
                Some(Order { section: variant.section, has_type: true })
            }
            Kind::Either(kinds) => kinds.iter().find(|kind| takes_maps(kind)).and_then(|kind| self.section(kind, entries)),
            _ => None,
        }
    }
}

/// A line that moves from one column to another.
fn shifted(line: &str, from: usize, to: usize) -> String {
    let blank = line.len() - line.trim_start_matches(' ').len();
    if to >= from {
        let more = if line.is_empty() { 0 } else { to - from };
        return " ".repeat(more) + line;
    }
    line[blank.min(from - to)..].to_owned()
}

/// Comments and the empty lines between them, one at a time; at the beginning of a map there is none.
fn comments(lines: &[String], target: usize, is_first: bool) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for line in lines {
        let text = line.trim();
        let is_doubled = text.is_empty() && kept.last().map_or(is_first, String::is_empty);
        if !is_doubled {
            kept.push(if text.is_empty() { String::new() } else { " ".repeat(target) + text });
        }
    }
    kept
}

fn starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// Where anchors and aliases stand.
fn marks(text: &str) -> Vec<Mark> {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let byte = |character: usize| starts.get(character).copied().unwrap_or(text.len());
    let mark = |(event, span): (Event<'_>, saphyr_parser::Span)| {
        let (anchor, is_alias) = match event {
            Event::Alias(anchor) => (anchor, true),
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => (anchor, false),
            _ => (0, false),
        };
        (anchor > 0).then(|| Mark { byte: byte(span.start.index()), anchor, is_alias })
    };
    Parser::new_from_str(text).map_while(Result::ok).filter_map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_the_order_of_the_language() {
        let text = "\
# What this file is.

# The service.
client:
    auth: bearer   # a token
    # Where it is.
    base_url: https://a.example
name: shop # its name
# After the name.
schemas:
    Order:
        fields:
            id: integer
            # Of the order.
            total: {type: decimal}
        description: >
          An order
          of a shop.

resources:
-   endpoint:
        path: /orders
        # None.
    # What it is called.
    name: orders
    schema: Order
# The end.
";
        let expected = "\
# What this file is.

name: shop # its name

# The service.
client:
  # Where it is.
  base_url: https://a.example
  auth: bearer   # a token

resources:
  # What it is called.
  - name: orders
    endpoint:
      path: /orders
      # None.
    schema: Order

# After the name.
schemas:
  Order:
    description: >
      An order
      of a shop.
    fields:
      id: integer
      # Of the order.
      total: {type: decimal}
# The end.
";
        let formatted = format(text).unwrap();
        assert_eq!(formatted, expected);
        assert_eq!(format(&formatted).unwrap(), expected);
    }

    #[test]
    fn an_anchor_stays_before_its_aliases() {
        let text =
            "name: a\nschemas:\n  A: &a {id: integer}\nclient: {base_url: https://a.example}\nresource_defaults:\n  schema: *a\n";
        let formatted = format(text).unwrap();
        assert!(formatted.find("schemas:") < formatted.find("client:"), "{formatted}");
    }

    #[test]
    fn every_line_ends_with_the_same() {
        assert_eq!(format("a:\r- b:\r\n  - c\r"), format("a:\n- b:\n  - c\n"));
        assert_eq!(format("a:\n - b: |\n    c").as_deref(), Ok("a:\n  - b: |\n     c\n"));
    }

    #[test]
    fn what_is_no_spec_is_left_alone() {
        assert_eq!(format("{\"name\": \"a\"}"), Err(Unformatted::Json));
        assert_eq!(format("a: [1"), Err(Unformatted::Unreadable));
        assert_eq!(format("- a"), Err(Unformatted::Unreadable));
        assert_eq!(format("a: \u{2028}b"), Err(Unformatted::Character('\u{2028}')));
        let said =
            "it has the character U+0085, which readers of YAML do not agree on: write it as `\\u0085` within double quotes";
        assert_eq!(format("a: \u{85}b").expect_err("it is odd").to_string(), said);
        assert_eq!(format("?\n a"), Err(Unformatted::LongKey));
        assert_eq!(format("a:\n- ?\n   b"), Err(Unformatted::LongKey));
        assert_eq!(format("a:\n &b:\n  c: 1"), Err(Unformatted::OddAnchor));
    }

    #[test]
    fn texts_over_several_lines_are_kept() {
        let text = "client:\n    base_url: https://a.example\ndescription: |\n      # no comment\n        deeper\n\n      end\nname: >-\n  a\n";
        let formatted = format(text).unwrap();
        assert!(content(text).is_some() && content(text) == content(&formatted), "{formatted}");
        assert!(formatted.starts_with("name: >-\n  a\n"), "{formatted}");
    }
}

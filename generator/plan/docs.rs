//! Prose of a spec as doc comments: Markdown that rustdoc takes without a warning, in lines of a readable length.

/// The lines of a doc comment, without slashes. None is no comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Docs(pub Vec<String>);

/// No line of prose is longer, unless one word is.
const WIDTH: usize = 96;

impl Docs {
    /// Prose from a spec, if there is any.
    #[must_use]
    pub fn spec(text: Option<&str>) -> Self {
        Self(text.map(lines).unwrap_or_default())
    }

    /// A text of our own, which is sound Markdown already.
    #[must_use]
    pub fn own(text: &str) -> Self {
        let mut lines = Vec::new();
        wrap(text, &mut lines);
        Self(lines)
    }

    /// This, or if it is empty the other.
    #[must_use]
    pub fn or(self, other: impl FnOnce() -> Self) -> Self {
        if self.0.is_empty() { other() } else { self }
    }

    /// Adds a list of names with what a spec says of each.
    #[must_use]
    pub fn list<'a>(mut self, items: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut is_first = true;
        for (name, text) in items {
            if is_first && !self.0.is_empty() {
                self.0.push(String::new());
            }
            is_first = false;
            wrap(&format!("- `{name}`: {}", escape(&one_line(text))), &mut self.0);
        }
        self
    }

    /// Adds a paragraph of our own.
    #[must_use]
    pub fn paragraph(mut self, text: &str) -> Self {
        if !text.is_empty() {
            if !self.0.is_empty() {
                self.0.push(String::new());
            }
            wrap(text, &mut self.0);
        }
        self
    }
}

/// Prose of a spec on one line, as a table or a manifest wants it.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first sentence of a spec's prose, as the cell of a Markdown table.
#[must_use]
pub fn cell(text: &str) -> String {
    escape(&first_sentence(text)).replace('|', "\\|")
}

/// The first sentence of a text.
#[must_use]
pub fn first_sentence(text: &str) -> String {
    let text = one_line(text);
    match text.find(". ") {
        Some(end) => text[..=end].to_owned(),
        None => text,
    }
}

/// Sound Markdown of a spec's prose.
///
/// Paragraphs and lists stay; lines are broken anew. Indentation goes, since four blanks would make a code block and rustdoc
/// compiles those; the same goes for fences, which become `text`.
fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = String::new();
    let mut fenced = false;
    // A lone carriage return ends a line as well.
    for line in text.replace("\r\n", "\n").split(['\n', '\r']) {
        let line = line.replace('\t', " ");
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            flush(&mut open, &mut lines);
            fenced = !fenced;
            lines.push(if fenced { "```text" } else { "```" }.to_owned());
        } else if fenced {
            lines.push(line.trim_end().to_owned());
        } else if trimmed.is_empty() {
            flush(&mut open, &mut lines);
            if lines.last().is_some_and(|last| !last.is_empty()) {
                lines.push(String::new());
            }
        } else {
            if begins_a_block(trimmed) {
                flush(&mut open, &mut lines);
            }
            if !open.is_empty() {
                open.push(' ');
            }
            open.push_str(trimmed);
        }
    }
    flush(&mut open, &mut lines);
    if fenced {
        lines.push("```".to_owned());
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Ends a paragraph or a list item.
fn flush(open: &mut String, lines: &mut Vec<String>) {
    if !open.is_empty() {
        wrap(&escape(open), lines);
        open.clear();
    }
}

/// Whether a line is a list item or a heading, and so does not go on from the line before.
fn begins_a_block(line: &str) -> bool {
    line.starts_with("# ") || line.starts_with("## ") || line.starts_with("### ") || item_indent(line) > 0
}

/// How far the text of a list item is from the margin; 0 for what is no list item.
fn item_indent(line: &str) -> usize {
    if ["- ", "* ", "+ "].iter().any(|marker| line.starts_with(marker)) {
        return 2;
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=3).contains(&digits) && line[digits..].starts_with(". ") { digits + 2 } else { 0 }
}

/// Breaks a text into lines; those that follow a list item's first are indented as Markdown wants it.
fn wrap(text: &str, lines: &mut Vec<String>) {
    let indent = item_indent(text);
    let (mut line, mut width) = (String::new(), 0);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && (width + length < WIDTH || begins_a_block(&format!("{word} "))) {
            line.push(' ');
            width += 1;
        } else if width > 0 {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            width = indent;
        }
        line.push_str(word);
        width += length;
    }
    lines.push(line);
}

/// Leaves code and real links as they are; all else that Markdown would take for a link or for HTML is escaped, and a bare
/// address becomes a link.
fn escape(text: &str) -> String {
    let code = text.matches('`').count().is_multiple_of(2);
    let mut escaped = String::new();
    let mut rest = text;
    // Most of a text means nothing in Markdown.
    while let Some(at) = rest.find(['h', '<', '>', '[', ']', '`', '\\']) {
        escaped.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('`') && code {
            let end = rest[1..].find('`').map_or(rest.len(), |at| at + 2);
            escaped.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if let Some(end) = link(rest) {
            escaped.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if let Some(end) = address(rest) {
            escaped.extend(["<", &rest[..end], ">"]);
            rest = &rest[end..];
        } else {
            if !rest.starts_with('h') {
                escaped.push('\\');
            }
            escaped.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    escaped + rest
}

/// The length of a link `[text](https://…)` that a text begins with.
fn link(text: &str) -> Option<usize> {
    let label = text.strip_prefix('[')?.find(']')? + 1;
    if text[1..label].contains(['[', '<', '`']) {
        return None;
    }
    let target = text[label + 1..].strip_prefix('(')?;
    let length = address(target)?;
    target[length..].starts_with(')').then_some(label + 1 + 1 + length + 1)
}

/// The length of an address that a text begins with. What ends a sentence is no part of it.
fn address(text: &str) -> Option<usize> {
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return None;
    }
    let end = text.find(|c: char| c.is_whitespace() || c.is_control() || "<>\"'`()[]|\\".contains(c)).unwrap_or(text.len());
    let address = text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_']);
    (!address.ends_with("//")).then_some(address.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_becomes_sound_markdown() {
        let cases: &[(&str, &[&str])] = &[
            ("One\nparagraph.\n\n\nTwo.\n", &["One paragraph.", "", "Two."]),
            ("See https://a.example/x?y=1.", &["See <https://a.example/x?y=1>."]),
            ("[Docs](https://a.example) and [id]", &["[Docs](https://a.example) and \\[id\\]"]),
            ("A `Vec<T>` or <b>bold</b>", &["A `Vec<T>` or \\<b\\>bold\\</b\\>"]),
            ("one ` tick", &["one \\` tick"]),
            ("List:\n- a\n  goes on\n- b", &["List:", "- a goes on", "- b"]),
            ("    indented();", &["indented();"]),
            ("```js\n  x\n```", &["```text", "  x", "```"]),
            ("```\nopen", &["```text", "open", "```"]),
            ("http:// is no address", &["http:// is no address"]),
            ("one\rtwo\r\n\r\nthree", &["one two", "", "three"]),
            ("```\n\r{\r```", &["```text", "", "{", "```"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(Docs::spec(Some(text)).0, *expected, "{text:?}");
        }
    }

    #[test]
    fn long_lines_are_broken_where_nothing_changes_its_meaning() {
        let docs = Docs::spec(Some(&format!("- {}", "word ".repeat(40))));
        assert!(docs.0.iter().all(|line| line.len() <= WIDTH), "{docs:?}");
        assert!(docs.0[1].starts_with("  word"));
        // A dash at a line's start would begin a list.
        let docs = Docs::spec(Some(&format!("{} - and more", "x".repeat(WIDTH))));
        assert!(docs.0.iter().all(|line| !line.starts_with('-')), "{docs:?}");
    }

    #[test]
    fn a_sentence_is_found() {
        assert_eq!(first_sentence("One, e.g.two.\nThree. Four."), "One, e.g.two.");
        assert_eq!(first_sentence("No end"), "No end");
    }
}

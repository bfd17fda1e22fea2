//! What the generator has to say about a spec: a code, places, a help line; shown as rustc shows its own.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Value, json};

use crate::codes::Code;
use crate::source::{FileId, Sources, Span, floor};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Nothing is written.
    Error,
    /// The crate is written, but something that the spec says could not be honoured or looks wrong.
    Warning,
    /// All is well, and could be better; `gen lint` says so.
    Advice,
}

impl Severity {
    /// Its word for tools.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Advice => "advice",
        }
    }
}

/// A place and what is to be said about it.
#[derive(Clone, Debug)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words beside it; may be empty.
    pub text: String,
}

/// Something that is wrong with a spec.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// What kind of thing it is.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, on one line.
    pub message: String,
    /// Where it is; the first label is the place itself, the others help to understand it.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Fills the wording of a code with its arguments.
    #[must_use]
    pub fn new(code: Code, span: Span, args: &[&str]) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: fill(code.title(), args),
            labels: vec![Label { span, text: String::new() }],
            help: code.help().map(|help| fill(help, args)),
        }
    }

    /// Says something beside the place itself.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Names a second place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says what to do, in place of what the code says.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Whether it is an error, and about this file.
    #[must_use]
    pub fn is_error_in(&self, file: FileId) -> bool {
        self.severity == Severity::Error && self.labels.first().is_some_and(|label| label.span.file == file)
    }

    /// Offers the known name that is nearest to an unknown one; lists all of them where none is near.
    #[must_use]
    pub fn nearest<'a>(self, unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(unknown, known.iter().copied()) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None if known.is_empty() => self,
            None => self.help(format!("known here: {}", list(&known))),
        }
    }

    /// The diagnostic as text.
    #[must_use]
    pub fn render(&self, sources: &Sources, color: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Advice => Level::NOTE.with_name("advice"),
        };
        let (snippets, places): (Vec<_>, Vec<_>) = self.files().into_iter().map(|file| self.shown(sources, file)).unzip();
        let mut group = level.primary_title(self.message.as_str()).id(self.code.id()).elements(snippets);
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let text = renderer.decor_style(DecorStyle::Ascii).render(&[group]);
        places.iter().fold(text, |text, place| place.put_into(text))
    }

    /// The files that are shown, that of the first label first.
    fn files(&self) -> Vec<FileId> {
        let mut files: Vec<FileId> = Vec::new();
        for label in &self.labels {
            if !files.contains(&label.span.file) {
                files.push(label.span.file);
            }
        }
        files
    }

    /// What is shown of a file. Only the text around it is looked at: a document may be one line of megabytes.
    fn shown<'a>(&'a self, sources: &'a Sources, file: FileId) -> (Snippet<'a, Annotation<'a>>, Place) {
        let text = sources.text(file);
        let labels = || self.labels.iter().enumerate().filter(|(_, label)| label.span.file == file);
        let spans = || labels().map(|(_, label)| clamp(text, label.span));
        let all = spans().map(|span| span.start).min().unwrap_or(0)..spans().map(|span| span.end).max().unwrap_or(0);
        let part = around(text, all);
        let annotations = labels().zip(spans()).map(|((at, label), span)| {
            let kind = if at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let annotation = kind.span(span.start - part.start..span.end - part.start);
            if label.text.is_empty() { annotation } else { annotation.label(label.text.as_str()) }
        });
        let path = sources.path(file).display().to_string();
        let (first_line, before) = sources.line_column(file, u32::try_from(part.start).unwrap_or(u32::MAX));
        let snippet = Snippet::source(&text[part.clone()]).path(path.clone()).line_start(first_line).annotations(annotations);
        let (line, column) = labels().next().map_or((1, 1), |(_, label)| sources.line_column(file, label.span.start));
        let cut = if line == first_line { before - 1 } else { 0 };
        let place = Place { is: format!("{path}:{line}:{column}"), told: format!("{path}:{line}:{}", column - cut) };
        (snippet, place)
    }

    /// The diagnostic for tools. Its `source` is the line where it begins; of a long one, the part around the place.
    #[must_use]
    pub fn to_json(&self, sources: &Sources) -> Value {
        let mut object = json!({
            "code": self.code.id(),
            "severity": self.severity.word(),
            "message": self.message,
            "help": self.help,
        });
        if let Some(label) = self.labels.first() {
            let span @ Span { file, start, end } = label.span;
            let (line, column) = sources.line_column(file, start);
            let (end_line, end_column) = sources.line_column(file, end.max(start));
            object["file"] = json!(sources.path(file).display().to_string());
            object["line"] = json!(line);
            object["column"] = json!(column);
            object["end_line"] = json!(end_line);
            object["end_column"] = json!(end_column);
            let text = sources.text(file);
            let at = clamp(text, span).start;
            object["source"] = json!(text[around(text, at..at)].trim_end_matches('\r'));
        }
        object
    }
}

/// Where what is shown of a file is.
struct Place {
    /// Where it is in the file.
    is: String,
    /// Where it seems to be, since what the line begins with is not looked at.
    told: String,
}

impl Place {
    fn put_into(&self, text: String) -> String {
        if self.told == self.is { text } else { text.replacen(&self.told, &self.is, 1) }
    }
}

/// What the stages have said so far.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    held: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.held.push(diagnostic);
    }

    /// Adds one that needs nothing but its place and the arguments of its wording.
    pub fn report(&mut self, code: Code, span: Span, args: &[&str]) {
        self.push(Diagnostic::new(code, span, args));
    }

    /// Whether anything must keep the crate from being written.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// How many of them are errors.
    #[must_use]
    pub fn error_count(&self) -> usize {
        self.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
    }

    /// Each of them, in the order of their places once [`Diagnostics::sort`] was called.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.held.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Brings them into the order of their places, and drops repetitions: a default is read once for each resource.
    pub fn sort(&mut self) {
        let place = |diagnostic: &Diagnostic| diagnostic.labels.first().map(|label| label.span);
        self.held.sort_by_key(place);
        self.held.dedup_by(|a, b| a.code == b.code && place(a) == place(b) && a.message == b.message);
    }

    /// All of them as text, an empty line after each.
    #[must_use]
    pub fn render(&self, sources: &Sources, color: bool) -> String {
        self.iter().map(|diagnostic| diagnostic.render(sources, color) + "\n\n").collect()
    }

    /// All of them for tools.
    #[must_use]
    pub fn to_json(&self, sources: &Sources) -> Value {
        self.iter().map(|diagnostic| diagnostic.to_json(sources)).collect()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The known name that an unknown one was probably meant to be.
#[must_use]
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LIKE: f64 = 0.84;
    let lower = unknown.to_lowercase();
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        // Two letters that changed places make short words unlike for the first measure.
        let is_slip = name.len() > 1 && strsim::osa_distance(&lower, &name) == 1;
        strsim::jaro_winkler(&lower, &name).max(if is_slip { LIKE } else { 0.0 })
    };
    known
        .into_iter()
        .map(|name| (likeness(name), name))
        .filter(|(likeness, _)| *likeness >= LIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// Names in a sentence: `` `a`, `b`, `c` ``; a long list is cut.
#[must_use]
pub fn list(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    let mut text = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(", …");
    }
    text
}

/// Puts arguments into `{0}`, `{1}`, …
fn fill(wording: &str, args: &[&str]) -> String {
    let mut text = String::new();
    let mut rest = wording;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let hole = after.split_once('}').and_then(|(number, behind)| Some((args.get(number.parse::<usize>().ok()?)?, behind)));
        if let Some((arg, behind)) = hole {
            text.push_str(arg);
            rest = behind;
        } else {
            text.push('{');
            rest = after;
        }
    }
    text + rest
}

/// The lines of a range, or where they are long, a part of them that is wider than any terminal.
fn around(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    const WIDEST: usize = 2000;
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1).max(floor(text, range.start.saturating_sub(WIDEST)));
    let end =
        text[range.end..].find('\n').map_or(text.len(), |at| range.end + at).min(floor(text, range.end.saturating_add(WIDEST)));
    start..end
}

/// A span as a range of whole characters that lies within its text, so that a wrong place is never a panic.
fn clamp(text: &str, span: Span) -> std::ops::Range<usize> {
    let start = floor(text, span.start as usize);
    start..floor(text, span.end as usize).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wording_is_filled() {
        for (wording, args, expected) in [
            ("unknown key `{0}` in {1}", &["a", "b"][..], "unknown key `a` in b"),
            ("`{1}` {0}", &["{1}", "x"], "`x` {1}"),
            ("write `{{` or {resources.x.y}", &["a"], "write `{{` or {resources.x.y}"),
        ] {
            assert_eq!(fill(wording, args), expected);
        }
    }

    #[test]
    fn a_near_name_is_offered_and_a_far_one_is_not() {
        let known = ["primary_key", "name", "endpoint"];
        assert_eq!(nearest("primary_kye", known), Some("primary_key"));
        assert_eq!(nearest("Endpiont", known), Some("endpoint"));
        assert_eq!(nearest("zzz", known), None);
    }

    #[test]
    fn a_place_outside_the_text_is_moved_into_it() {
        let span = |start, end| Span { file: FileId(0), start, end };
        assert_eq!(clamp("é", span(1, 9)), 0..2);
        assert_eq!(clamp("ab", span(9, 3)), 2..2);
    }

    /// A document may be one line of megabytes: what is shown is the part around the place, and the place is the true one.
    #[test]
    fn of_a_long_line_a_part_is_shown() {
        let mut sources = Sources::default();
        let (before, after) = ("é,".repeat(1 << 18), ",é".repeat(1 << 18));
        let file = sources.add("a.json", format!("[\n{before}bad{after}\n]"));
        let start = u32::try_from(2 + before.len()).expect("a small text");
        let diagnostic = Diagnostic::new(Code::BadHeader, Span { file, start, end: start + 3 }, &["bad"]);
        let text = diagnostic.render(&sources, false);
        assert!(text.contains(&format!("--> a.json:2:{}\n", (1 << 19) + 1)), "{text}");
        assert!(text.contains("é,bad,é") && text.contains("   ^^^\n") && text.len() < 1000, "{text}");
        let source = diagnostic.to_json(&sources)["source"].to_string();
        assert!(source.contains("é,bad,é") && source.len() < 5000, "{source}");
    }
}

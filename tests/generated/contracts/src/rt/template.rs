//! Texts with `{holes}`, as the tables of an API hold them.

/// A part of a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part<'a> {
    /// A text, as it is.
    Literal(&'a str),
    /// The name of what is to be filled in.
    Hole(&'a str),
}

/// The parts of a template, in order. `{{` and `}}` are braces.
#[derive(Clone, Debug)]
pub struct Parts<'a>(&'a str);

impl<'a> Parts<'a> {
    /// Reads a template.
    #[must_use]
    pub fn of(template: &'a str) -> Self {
        Self(template)
    }

    fn cut(&mut self, at: usize) -> &'a str {
        let (head, tail) = self.0.split_at(at);
        self.0 = tail;
        head
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        if self.0.is_empty() {
            return None;
        }
        if self.0.starts_with("{{") || self.0.starts_with("}}") {
            return Some(Part::Literal(&self.cut(2)[1..]));
        }
        if self.0.starts_with('{')
            && let Some(end) = self.0.find('}')
        {
            return Some(Part::Hole(&self.cut(end + 1)[1..end]));
        }
        // At least one character, so that a brace without a partner stands for itself.
        let end = self.0.char_indices().skip(1).find(|(_, c)| matches!(c, '{' | '}')).map_or(self.0.len(), |(at, _)| at);
        Some(Part::Literal(self.cut(end)))
    }
}

/// Whether a template refers to a name that `is` one of those in question.
pub fn refers(template: &str, mut is: impl FnMut(&str) -> bool) -> bool {
    Parts::of(template).any(|part| matches!(part, Part::Hole(name) if is(name)))
}

/// Fills the holes. None if there are holes and not one of them has a value.
pub fn expand<'v>(template: &str, mut value: impl FnMut(&str) -> Option<&'v str>) -> Option<String> {
    let mut text = String::with_capacity(template.len());
    let (mut holes, mut filled) = (0, 0);
    for part in Parts::of(template) {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Hole(name) => {
                holes += 1;
                if let Some(value) = value(name) {
                    filled += 1;
                    text.push_str(value);
                }
            }
        }
    }
    (holes == 0 || filled > 0).then_some(text)
}

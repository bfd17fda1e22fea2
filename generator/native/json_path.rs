//! JSON paths: `$`, keys, quoted keys and indexes; a wildcard only at the end, where it says nothing new.

use crate::model::{Path, Segment};

/// What is wrong with a path, and the bytes of it that are.
#[derive(Debug, PartialEq, Eq)]
pub struct PathError {
    /// What is wrong.
    pub message: &'static str,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// Reads a path. `$.users`, `users`, `users[*]` and `$['users']` are the same.
pub fn parse(text: &str) -> Result<Path, PathError> {
    Reader { text, at: 0 }.path()
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn path(mut self) -> Result<Path, PathError> {
        let mut steps = Vec::new();
        if self.text.is_empty() {
            return Err(self.error(0, "is empty; the whole document is `$`"));
        }
        let rooted = self.eat('$');
        if !rooted && !self.rest().starts_with('[') {
            self.key(&mut steps)?;
        }
        while !self.rest().is_empty() {
            let start = self.at;
            if self.eat('[') {
                self.bracket(start, &mut steps)?;
            } else if self.eat('.') {
                if self.rest().starts_with('.') {
                    return Err(self.error(start, "searches at every depth with `..`; name each step"));
                }
                if self.rest().starts_with('*') {
                    return Err(self.error(start, "has a wildcard; only a trailing `[*]` is understood"));
                }
                self.key(&mut steps)?;
            } else {
                return Err(self.error(start, "has something between its steps; write `.` or `[…]`"));
            }
        }
        Ok(Path(steps))
    }

    fn key(&mut self, steps: &mut Vec<Segment>) -> Result<(), PathError> {
        let start = self.at;
        let rest = self.rest();
        let key = rest.get(..rest.find(['.', '[', ']']).unwrap_or(rest.len())).unwrap_or_default();
        self.at += key.len();
        match key {
            "" => Err(self.error(start, "has an empty step")),
            "*" => Err(self.error(start, "has a wildcard; only a trailing `[*]` is understood")),
            _ if key.contains(['$', '(', ')', '?', '\'', '"']) || key.contains(char::is_whitespace) => {
                Err(self.error(start, "has a key that must stand in quotes: `['…']`"))
            }
            _ => {
                steps.push(Segment::Key(key.to_owned()));
                Ok(())
            }
        }
    }

    fn bracket(&mut self, start: usize, steps: &mut Vec<Segment>) -> Result<(), PathError> {
        let quote = self.rest().chars().next().filter(|c| matches!(c, '\'' | '"'));
        if let Some(quote) = quote {
            self.at += 1;
            let Some(length) = self.rest().find(quote) else { return Err(self.error(start, "has a quote that is not closed")) };
            let key = self.rest().get(..length).unwrap_or_default().to_owned();
            self.at += length + 1;
            if !self.eat(']') {
                return Err(self.error(start, "has a bracket that is not closed"));
            }
            steps.push(Segment::Key(key));
            return Ok(());
        }
        let Some(length) = self.rest().find(']') else { return Err(self.error(start, "has a bracket that is not closed")) };
        let index = self.rest().get(..length).unwrap_or_default().to_owned();
        self.at += length + 1;
        if index == "*" && self.rest().is_empty() {
            return Ok(());
        }
        if index == "*" {
            return Err(self.error(start, "has a wildcard in the middle; only a trailing `[*]` is understood"));
        }
        let index = index.parse().map_err(|_| self.error(start, "has an index that is not a whole number"))?;
        steps.push(Segment::Index(index));
        Ok(())
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn eat(&mut self, expected: char) -> bool {
        let next = self.rest().starts_with(expected);
        if next {
            self.at += expected.len_utf8();
        }
        next
    }

    /// An error from a byte on to the place that was read last, or one character on.
    fn error(&self, start: usize, message: &'static str) -> PathError {
        let next = self.text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        PathError { message, start, end: self.at.max(start + next).min(self.text.len()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_and_shown_in_one_form() {
        for (text, expected) in [
            ("$", "$"),
            ("$.users", "users"),
            ("users", "users"),
            ("users[*]", "users"),
            ("$[*]", "$"),
            ("$['x.y'].z", "['x.y'].z"),
            ("['x']", "x"),
            ("a.b[0].c", "a.b[0].c"),
            ("$[\"it's\"]", "it's"),
            ("é.ü", "é.ü"),
            ("page[limit]", ""),
        ] {
            let shown = parse(text).map(|path| path.to_string()).unwrap_or_default();
            assert_eq!(shown, expected.replace("it's", "['it's']"), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        for (text, start, end) in [
            ("", 0, 0),
            ("a..b", 1, 2),
            ("a[*].b", 1, 4),
            ("$.*", 1, 2),
            ("a.", 2, 2),
            ("a[0", 1, 2),
            ("a['x", 1, 3),
            ("a[x]", 1, 4),
            ("$x", 1, 2),
            ("a[-1]", 1, 5),
            ("a b", 0, 3),
            ("[?(@.a)]", 0, 8),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!((error.start, error.end), (start, end), "{text}: {}", error.message);
        }
    }
}

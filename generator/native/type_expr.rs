//! Type expressions: `string`, `array of User`, `map of integer`, `string | integer`.

use crate::draft::{TypeExpr, TypeExprKind};
use crate::model::Scalar;
use crate::source::Span;

/// Deeper expressions are refused; none that was meant is so deep.
const MAX_DEPTH: usize = 16;

/// The words of the type grammar; everything else is the name of a schema.
const WORDS: &[(&str, TypeWord)] = &[
    ("string", TypeWord::Scalar(Scalar::String)),
    ("text", TypeWord::Scalar(Scalar::String)),
    ("integer", TypeWord::Scalar(Scalar::Integer)),
    ("int", TypeWord::Scalar(Scalar::Integer)),
    ("number", TypeWord::Scalar(Scalar::Number)),
    ("float", TypeWord::Scalar(Scalar::Number)),
    ("decimal", TypeWord::Scalar(Scalar::Decimal)),
    ("boolean", TypeWord::Scalar(Scalar::Boolean)),
    ("bool", TypeWord::Scalar(Scalar::Boolean)),
    ("date-time", TypeWord::Scalar(Scalar::DateTime)),
    ("datetime", TypeWord::Scalar(Scalar::DateTime)),
    ("timestamp", TypeWord::Scalar(Scalar::DateTime)),
    ("date", TypeWord::Scalar(Scalar::Date)),
    ("time", TypeWord::Scalar(Scalar::Time)),
    ("uuid", TypeWord::Scalar(Scalar::Uuid)),
    ("binary", TypeWord::Scalar(Scalar::Binary)),
    ("json", TypeWord::Json),
    ("any", TypeWord::Json),
    ("object", TypeWord::Json),
];

#[derive(Clone, Copy)]
enum TypeWord {
    Scalar(Scalar),
    Json,
}

/// What is wrong with an expression, and the bytes of it that are.
#[derive(Debug, PartialEq, Eq)]
pub struct TypeError {
    /// What is wrong.
    pub message: String,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// Reads an expression; `place` gives the place of a part of it.
pub fn parse(text: &str, place: &dyn Fn(usize, usize) -> Span) -> Result<TypeExpr, TypeError> {
    let mut reader = Reader { text, at: 0, place };
    let ty = reader.union(0)?;
    match reader.peek() {
        None => Ok(ty),
        Some((found, start)) => {
            Err(TypeError { message: format!("has `{found}` behind its end"), start, end: start + found.len() })
        }
    }
}

/// The scalar that a word stands for.
pub fn scalar(word: &str) -> Option<Scalar> {
    match word_of(word)? {
        TypeWord::Scalar(scalar) => Some(scalar),
        TypeWord::Json => None,
    }
}

/// The words of the grammar, for suggestions.
pub fn words() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(word, _)| *word)
}

fn word_of(word: &str) -> Option<TypeWord> {
    WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, meaning)| *meaning)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    place: &'t dyn Fn(usize, usize) -> Span,
}

impl<'t> Reader<'t> {
    fn union(&mut self, depth: usize) -> Result<TypeExpr, TypeError> {
        let start = self.peek().map_or(self.at, |(_, start)| start);
        let first = self.term(depth, false)?;
        let mut variants = vec![first];
        while self.eat("|") {
            variants.push(self.term(depth, false)?);
        }
        match variants.len() {
            1 => variants.pop().ok_or_else(|| self.missing()),
            _ => Ok(TypeExpr { span: (self.place)(start, self.at), kind: TypeExprKind::Union(variants) }),
        }
    }

    fn term(&mut self, depth: usize, plural: bool) -> Result<TypeExpr, TypeError> {
        let Some((token, start)) = self.peek() else { return Err(self.missing()) };
        let end = start + token.len();
        if depth > MAX_DEPTH {
            return Err(TypeError { message: "is nested too deeply".to_owned(), start, end });
        }
        if matches!(token, "|" | ")") {
            return Err(TypeError { message: format!("lacks a type before `{token}`"), start, end });
        }
        self.at = end;
        if token == "(" {
            let inner = self.union(depth + 1)?;
            return if self.eat(")") {
                Ok(inner)
            } else {
                Err(TypeError { message: "has a `(` that is not closed".to_owned(), start, end })
            };
        }
        let is_list = matches!(token, "array" | "list" | "arrays" | "lists");
        if is_list || matches!(token, "map" | "maps") {
            if !self.eat("of") {
                let message = format!("says `{token}` without saying of what; write `{token} of string`");
                return Err(TypeError { message, start, end });
            }
            let inner = Box::new(self.term(depth + 1, true)?);
            let kind = if is_list { TypeExprKind::Array(inner) } else { TypeExprKind::Map(inner) };
            return Ok(TypeExpr { span: (self.place)(start, self.at), kind });
        }
        let singular = token.strip_suffix('s').filter(|_| plural);
        let kind = match word_of(token).or_else(|| word_of(singular?)) {
            Some(TypeWord::Scalar(scalar)) => TypeExprKind::Scalar(scalar),
            Some(TypeWord::Json) => TypeExprKind::Json,
            None => TypeExprKind::Named(token.to_owned()),
        };
        Ok(TypeExpr { span: (self.place)(start, end), kind })
    }

    /// The next token and where it starts.
    fn peek(&self) -> Option<(&'t str, usize)> {
        let rest = self.text.get(self.at..)?;
        let token = rest.trim_start();
        let start = self.at + (rest.len() - token.len());
        let first = token.chars().next()?;
        let is_sign = |c: char| matches!(c, '|' | '(' | ')');
        let length =
            if is_sign(first) { 1 } else { token.find(|c: char| c.is_whitespace() || is_sign(c)).unwrap_or(token.len()) };
        Some((token.get(..length)?, start))
    }

    fn eat(&mut self, expected: &str) -> bool {
        match self.peek() {
            Some((token, start)) if token == expected => {
                self.at = start + token.len();
                true
            }
            _ => false,
        }
    }

    fn missing(&self) -> TypeError {
        TypeError { message: "ends where a type is expected".to_owned(), start: 0, end: self.text.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(ty: &TypeExpr) -> String {
        match &ty.kind {
            TypeExprKind::Scalar(scalar) => format!("{scalar:?}"),
            TypeExprKind::Json => "Json".to_owned(),
            TypeExprKind::Array(inner) => format!("[{}]", shown(inner)),
            TypeExprKind::Map(inner) => format!("{{{}}}", shown(inner)),
            TypeExprKind::Named(name) => name.clone(),
            TypeExprKind::Union(variants) => format!("({})", variants.iter().map(shown).collect::<Vec<_>>().join("|")),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn expressions_are_read() {
        for (text, expected) in [
            ("string", "String"),
            ("date-time", "DateTime"),
            ("array of strings", "[String]"),
            ("array of objects", "[Json]"),
            ("array of User", "[User]"),
            ("map of array of integers", "{[Integer]}"),
            ("string | integer", "(String|Integer)"),
            ("array of string | Log", "([String]|Log)"),
            ("array of (string|Log)", "[(String|Log)]"),
            ("strings", "strings"),
            ("object", "Json"),
        ] {
            let ty = parse(text, &|_, _| Span::default()).unwrap_or_else(|error| panic!("{text}: {}", error.message));
            assert_eq!(shown(&ty), expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        let deep = "array of ".repeat(100_000);
        for (text, start, end) in [
            ("", 0, 0),
            ("array", 0, 5),
            ("array string", 0, 5),
            ("string |", 0, 8),
            ("| string", 0, 1),
            ("(string", 0, 1),
            ("string integer", 7, 14),
            (&deep, 153, 158),
        ] {
            let error = parse(text, &|_, _| Span::default()).expect_err(text);
            assert_eq!((error.start, error.end), (start, end), "{text:.20}: {}", error.message);
        }
    }
}

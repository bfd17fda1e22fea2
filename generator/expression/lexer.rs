//! The words and signs of an expression.

use super::SyntaxError;

/// A word, a sign or a literal.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// A name or a keyword.
    Word(String),
    /// A number, as JSON writes it.
    Number(String),
    /// What stands between quotes.
    Text(String),
    Sign(&'static str),
}

/// The longer ones first.
const SIGNS: &[&str] = &["==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/", "$"];

/// Signs of other languages, and what stands in their place.
const FOREIGN: &[(&str, &str)] = &[
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("=", "write `==` to compare"),
    ("!", "write `not`"),
    ("{", "a field is named as it is, without braces"),
    (":", "an expression is no Python; code goes into a `hook`"),
    ("%", "there is no remainder; use a hook"),
    ("?", "write `if(condition, a, b)`"),
    ("|", "write `or`"),
    ("&", "write `and`"),
];

/// Splits a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, SyntaxError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(first) = rest.chars().next() else { break };
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let token = token(rest, first, at)?;
        at = token.end;
        tokens.push(token);
    }
    Ok(tokens)
}

fn token(rest: &str, first: char, start: usize) -> Result<Token, SyntaxError> {
    let taken = |kind, length| Ok(Token { kind, start, end: start + length });
    if matches!(first, '\'' | '"') {
        let (text, length) = quoted(rest, first, start)?;
        return taken(TokenKind::Text(text), length);
    }
    if first.is_ascii_digit() {
        return number(rest, start);
    }
    if first.is_alphabetic() || matches!(first, '_' | '@') {
        let length = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '@'))).unwrap_or(rest.len());
        return taken(TokenKind::Word(rest.get(..length).unwrap_or_default().to_owned()), length);
    }
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        return taken(TokenKind::Sign(sign), sign.len());
    }
    let foreign = FOREIGN.iter().find(|(sign, _)| rest.starts_with(sign));
    let length = foreign.map_or(first.len_utf8(), |(sign, _)| sign.len());
    let shown = rest.get(..length).unwrap_or_default();
    let message = format!("has `{}` in it, which means nothing here", shown.escape_debug());
    Err(SyntaxError { message, help: foreign.map(|(_, help)| *help), start, end: start + length })
}

/// What stands between quotes, and how long it is with them.
fn quoted(rest: &str, quote: char, start: usize) -> Result<(String, usize), SyntaxError> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            _ if c == quote => return Ok((text, at + 1)),
            '\\' => match chars.next() {
                Some((_, escaped @ ('\\' | '\'' | '"'))) => text.push(escaped),
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                other => {
                    let end = other.map_or(at + 1, |(next, c)| next + c.len_utf8());
                    return Err(SyntaxError {
                        message: "has an escape that means nothing".to_owned(),
                        help: Some("a backslash itself is `\\\\`, a quote `\\'`"),
                        start: start + at,
                        end: start + end,
                    });
                }
            },
            _ => text.push(c),
        }
    }
    let message = "has a quote that is not closed".to_owned();
    Err(SyntaxError { message, help: None, start, end: start + 1 })
}

/// A number by JSON's grammar, without a sign.
fn number(rest: &str, start: usize) -> Result<Token, SyntaxError> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let tail = |length: usize| rest.get(length..).unwrap_or_default();
    let mut length = digits(rest);
    if let Some(fraction) = tail(length).strip_prefix('.')
        && digits(fraction) > 0
    {
        length += 1 + digits(fraction);
    }
    if let Some(exponent) = tail(length).strip_prefix(['e', 'E']) {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        let count = digits(exponent.get(sign..).unwrap_or_default());
        if count > 0 {
            length += 1 + sign + count;
        }
    }
    let text = rest.get(..length).unwrap_or_default();
    let glued = tail(length).chars().next().filter(|c| c.is_alphanumeric() || *c == '_');
    let has_zeros = text.len() > 1 && text.starts_with('0') && text.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    if glued.is_some() || has_zeros {
        let end = start + length + glued.map_or(0, char::len_utf8);
        let help = Some("a name begins with a letter; another key stands in quotes: `$['2fa']`");
        return Err(SyntaxError { message: "has a number in it that is none".to_owned(), help, start, end });
    }
    Ok(Token { kind: TokenKind::Number(text.to_owned()), start, end: start + length })
}

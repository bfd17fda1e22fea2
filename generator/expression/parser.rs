//! Words and signs to an expression, by precedence: `or`, `and`, `not`, comparisons, `+ -`, `* /`, `-a`.

use super::lexer::{Token, TokenKind, tokens};
use super::{Ast, AstKind, MAX_DEPTH, Operator, PathStep, SyntaxError};
use crate::model::{Comparison, Segment};

const KEYWORDS: &[&str] = &["and", "or", "not", "in", "is", "null", "true", "false"];

/// Words of other languages, and what stands in their place.
const FOREIGN: &[(&str, &str)] = &[
    ("AND", "write `and`"),
    ("OR", "write `or`"),
    ("NOT", "write `not`"),
    ("IN", "write `in`"),
    ("IS", "write `is`"),
    ("NULL", "write `null`"),
    ("None", "write `null`"),
    ("True", "write `true`"),
    ("False", "write `false`"),
    ("like", "use `contains`, `starts_with` or `ends_with`"),
    ("lambda", "an expression is no Python: `status == 'active'`; code goes into a `hook`"),
    ("LIKE", "use `contains`, `starts_with` or `ends_with`"),
];

/// Reads an expression.
///
/// # Errors
/// The first thing that is wrong with it, and where.
pub fn parse(text: &str) -> Result<Ast, SyntaxError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.len(), open: 0 };
    let ast = parser.or()?;
    match parser.peek() {
        None => Ok(ast),
        Some(token) => Err(surprise(token.clone(), "goes on")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// The length of the text.
    end: usize,
    /// How many parentheses, calls, lists and prefixes are open.
    open: usize,
}

type Parsed = Result<Ast, SyntaxError>;

impl Parser {
    fn or(&mut self) -> Parsed {
        self.chain("or", Self::and, AstKind::Or)
    }

    fn and(&mut self) -> Parsed {
        self.chain("and", Self::not, AstKind::And)
    }

    /// `a word b word c` is one list, however long.
    fn chain(&mut self, word: &str, inner: fn(&mut Self) -> Parsed, kind: fn(Vec<Ast>) -> AstKind) -> Parsed {
        let first = inner(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.eat_word(word) {
            parts.push(inner(self)?);
        }
        let (start, end) = (parts.first().map_or(0, |first| first.start), parts.last().map_or(0, |last| last.end));
        let depth = deepest(&parts);
        node(start, end, depth, kind(parts))
    }

    fn not(&mut self) -> Parsed {
        let Some(start) = self.peek().map(|token| token.start).filter(|_| self.is_word("not")) else { return self.comparison() };
        self.at += 1;
        let inner = self.within(start, Self::not)?;
        node(start, inner.end, inner.depth, AstKind::Not(Box::new(inner)))
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        let compared = self.compared(left)?;
        let next = self.peek();
        if compared.1
            && let Some(token) = next.filter(|token| comparison(token).is_some())
        {
            let error = surprise(token.clone(), "compares what was compared already:");
            return Err(SyntaxError { help: Some("write `a < b and b < c`"), ..error });
        }
        Ok(compared.0)
    }

    /// What follows the left side of a comparison, if it is one.
    fn compared(&mut self, left: Ast) -> Result<(Ast, bool), SyntaxError> {
        let start = left.start;
        if let Some(sign) = self.peek().and_then(comparison) {
            self.at += 1;
            let right = self.sum()?;
            let (end, depth) = (right.end, left.depth.max(right.depth));
            return Ok((node(start, end, depth, AstKind::Compare(sign, Box::new([left, right])))?, true));
        }
        if self.eat_word("is") {
            let negated = self.eat_word("not");
            let end = self.peek().map_or(self.end, |token| token.end);
            if !self.eat_word("null") {
                let help = Some("`is` stands before `null` or `not null`; values are compared by `==`");
                return Err(SyntaxError { help, ..self.missing("`null`") });
            }
            let depth = left.depth;
            return Ok((node(start, end, depth, AstKind::IsNull { value: Box::new(left), negated })?, true));
        }
        let negated = self.is_word("not") && self.word_at(self.at + 1) == Some("in");
        if negated {
            self.at += 1;
        }
        if self.eat_word("in") {
            let right = self.sum()?;
            let (end, depth) = (right.end, left.depth.max(right.depth));
            return Ok((node(start, end, depth, AstKind::In { sides: Box::new([left, right]), negated })?, true));
        }
        Ok((left, false))
    }

    fn sum(&mut self) -> Parsed {
        self.operation(&[("+", Operator::Add), ("-", Operator::Subtract)], Self::product)
    }

    fn product(&mut self) -> Parsed {
        self.operation(&[("*", Operator::Multiply), ("/", Operator::Divide)], Self::sign)
    }

    fn operation(&mut self, signs: &[(&'static str, Operator)], inner: fn(&mut Self) -> Parsed) -> Parsed {
        let mut left = inner(self)?;
        while let Some((_, operator)) = signs.iter().find(|(sign, _)| self.is_sign(sign)) {
            self.at += 1;
            let right = inner(self)?;
            let (start, end, depth) = (left.start, right.end, left.depth.max(right.depth));
            left = node(start, end, depth, AstKind::Arithmetic(*operator, Box::new([left, right])))?;
        }
        Ok(left)
    }

    fn sign(&mut self) -> Parsed {
        let Some(start) = self.peek().map(|token| token.start).filter(|_| self.is_sign("-")) else { return self.primary() };
        self.at += 1;
        let inner = self.within(start, Self::sign)?;
        // A negative number is one, so that the smallest can be written.
        if let AstKind::Number(text) = &inner.kind
            && !text.starts_with('-')
        {
            return node(start, inner.end, 0, AstKind::Number(format!("-{text}")));
        }
        node(start, inner.end, inner.depth, AstKind::Negate(Box::new(inner)))
    }

    fn primary(&mut self) -> Parsed {
        let Some(token) = self.next() else { return Err(self.missing("a value")) };
        let Token { start, end, .. } = token;
        match token.kind.clone() {
            TokenKind::Text(text) => node(start, end, 0, AstKind::Text(text)),
            TokenKind::Number(text) => node(start, end, 0, AstKind::Number(text)),
            TokenKind::Sign("(") => {
                let inner = self.within(start, Self::or)?;
                let end = self.close(")", start)?;
                Ok(Ast { start, end, ..inner })
            }
            TokenKind::Sign("[") => {
                let parts = self.list("]", start)?;
                let (end, depth) = (self.last_end(), deepest(&parts));
                node(start, end, depth, AstKind::List(parts))
            }
            TokenKind::Sign("$") => self.path(start, Vec::new()),
            TokenKind::Word(word) => match word.as_str() {
                "null" => node(start, end, 0, AstKind::Null),
                "true" | "false" => node(start, end, 0, AstKind::Bool(word == "true")),
                name if KEYWORDS.contains(&name) => Err(surprise(token, "has no value before")),
                name => self.name(name.to_owned(), &token),
            },
            TokenKind::Sign(_) => Err(surprise(token, "has no value before")),
        }
    }

    /// A function or a path.
    fn name(&mut self, name: String, token: &Token) -> Parsed {
        if self.is_sign("(") {
            let open = self.peek().map_or(self.end, |token| token.start);
            self.at += 1;
            let arguments = self.list(")", open)?;
            let (end, depth) = (self.last_end(), deepest(&arguments));
            let call = node(token.start, end, depth, AstKind::Call { name, arguments })?;
            return self.elements(call);
        }
        if let Some((_, help)) = FOREIGN.iter().find(|(word, _)| *word == name) {
            return Err(SyntaxError { help: Some(help), ..surprise(token.clone(), "has") });
        }
        let step = PathStep { segment: Segment::Key(name), start: token.start, end: token.end };
        self.path(token.start, vec![step])
    }

    /// An element of what a function gives, if one is asked for.
    fn elements(&mut self, mut list: Ast) -> Parsed {
        while self.is_sign("[") {
            let open = self.peek().map_or(self.end, |token| token.start);
            self.at += 1;
            let index = match self.next() {
                Some(Token { kind: TokenKind::Number(index), .. }) => index.parse().ok(),
                _ => None,
            };
            let Some(index) = index else { return Err(no_index(open, self.last_end())) };
            let end = self.close("]", open)?;
            list = node(list.start, end, list.depth, AstKind::Element(Box::new(list), index))?;
        }
        Ok(list)
    }

    /// The steps of a path after its first.
    fn path(&mut self, start: usize, mut steps: Vec<PathStep>) -> Parsed {
        loop {
            if self.is_sign(".") {
                self.at += 1;
                match self.next() {
                    Some(Token { kind: TokenKind::Word(word), start, end }) => {
                        steps.push(PathStep { segment: Segment::Key(word), start, end });
                    }
                    Some(token) => {
                        let help = Some("a key of other characters stands in quotes: `user['2fa']`");
                        return Err(SyntaxError { help, ..surprise(token, "has no key before") });
                    }
                    None => return Err(self.missing("a key")),
                }
            } else if self.is_sign("[") {
                let open = self.peek().map_or(self.end, |token| token.start);
                self.at += 1;
                let step = self.next();
                let segment = match step.as_ref().map(|token| &token.kind) {
                    Some(TokenKind::Text(key)) => Some(Segment::Key(key.clone())),
                    Some(TokenKind::Number(index)) => index.parse().ok().map(Segment::Index),
                    _ => None,
                };
                let Some((segment, token)) = segment.zip(step) else { return Err(no_index(open, self.last_end())) };
                self.close("]", open)?;
                steps.push(PathStep { segment, start: token.start, end: token.end });
            } else {
                let end = if steps.is_empty() { start + 1 } else { self.last_end() };
                return node(start, end, 0, AstKind::Path(steps));
            }
        }
    }

    /// The elements of a list up to its closing sign.
    fn list(&mut self, close: &'static str, open: usize) -> Result<Vec<Ast>, SyntaxError> {
        let mut parts = Vec::new();
        while !self.is_sign(close) {
            parts.push(self.within(open, Self::or)?);
            if self.is_sign(",") {
                self.at += 1;
            } else {
                break;
            }
        }
        self.close(close, open)?;
        Ok(parts)
    }

    fn close(&mut self, sign: &'static str, open: usize) -> Result<usize, SyntaxError> {
        if self.is_sign(sign) {
            self.at += 1;
            return Ok(self.last_end());
        }
        if let Some(token) = self.peek() {
            return Err(surprise(token.clone(), &format!("lacks a `,` or a `{sign}` before")));
        }
        let message = format!("lacks a `{sign}` at its end");
        Err(SyntaxError { message, help: None, start: open, end: open + 1 })
    }

    /// Reads what stands one level further in.
    fn within(&mut self, start: usize, read: fn(&mut Self) -> Parsed) -> Parsed {
        if self.open >= MAX_DEPTH {
            return Err(too_deep(start, self.last_end()));
        }
        self.open += 1;
        let result = read(self);
        self.open -= 1;
        result
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.at += usize::from(token.is_some());
        token
    }

    /// Where the token ends that was taken last.
    fn last_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.end)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token { kind: TokenKind::Sign(found), .. }) if *found == sign)
    }

    fn is_word(&self, word: &str) -> bool {
        self.word_at(self.at) == Some(word)
    }

    fn word_at(&self, at: usize) -> Option<&str> {
        match self.tokens.get(at) {
            Some(Token { kind: TokenKind::Word(word), .. }) => Some(word),
            _ => None,
        }
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn missing(&self, what: &str) -> SyntaxError {
        match self.peek() {
            Some(token) => surprise(token.clone(), &format!("lacks {what} before")),
            None => SyntaxError {
                message: format!("ends where {what} is expected"),
                help: None,
                start: self.last_end(),
                end: self.end,
            },
        }
    }
}

fn node(start: usize, end: usize, below: usize, kind: AstKind) -> Parsed {
    let depth = below + 1;
    if depth > MAX_DEPTH { Err(too_deep(start, end)) } else { Ok(Ast { start, end, kind, depth }) }
}

/// An error at a token, which the message ends with.
fn surprise(token: Token, message: &str) -> SyntaxError {
    let Token { kind, start, end } = token;
    let (shown, help) = match &kind {
        TokenKind::Word(word) => {
            (format!("`{word}`"), FOREIGN.iter().find(|(foreign, _)| foreign == word).map(|(_, help)| *help))
        }
        TokenKind::Number(text) => (format!("`{text}`"), None),
        TokenKind::Text(_) => ("a text".to_owned(), None),
        TokenKind::Sign(sign) => (format!("`{sign}`"), None),
    };
    let message = match message {
        "goes on" => format!("goes on with {shown} behind its end"),
        message => format!("{message} {shown}"),
    };
    SyntaxError { message, help, start, end }
}

fn comparison(token: &Token) -> Option<Comparison> {
    match token.kind {
        TokenKind::Sign("==") => Some(Comparison::Equal),
        TokenKind::Sign("!=") => Some(Comparison::Unequal),
        TokenKind::Sign("<") => Some(Comparison::Less),
        TokenKind::Sign("<=") => Some(Comparison::AtMost),
        TokenKind::Sign(">") => Some(Comparison::Greater),
        TokenKind::Sign(">=") => Some(Comparison::AtLeast),
        _ => None,
    }
}

fn deepest(parts: &[Ast]) -> usize {
    parts.iter().map(|part| part.depth).max().unwrap_or(0)
}

fn no_index(start: usize, end: usize) -> SyntaxError {
    let message = "has a bracket without an index from 0 on or a key in quotes".to_owned();
    SyntaxError { message, help: None, start, end }
}

fn too_deep(start: usize, end: usize) -> SyntaxError {
    let message = format!("is nested more than {MAX_DEPTH} levels deep");
    SyntaxError { message, help: Some("do part of it in a step of its own"), start, end: end.max(start + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An expression with every level in parentheses.
    fn shown(ast: &Ast) -> String {
        let all = |parts: &[Ast], word: &str| parts.iter().map(shown).collect::<Vec<_>>().join(word);
        match &ast.kind {
            AstKind::Null => "null".to_owned(),
            AstKind::Bool(value) => value.to_string(),
            AstKind::Number(text) => text.clone(),
            AstKind::Text(text) => format!("{text:?}"),
            AstKind::Path(steps) => format!("{}", crate::model::Path(steps.iter().map(|step| step.segment.clone()).collect())),
            AstKind::List(parts) => format!("[{}]", all(parts, ",")),
            AstKind::Not(inner) => format!("(not {})", shown(inner)),
            AstKind::Negate(inner) => format!("(-{})", shown(inner)),
            AstKind::And(parts) => format!("({})", all(parts, " and ")),
            AstKind::Or(parts) => format!("({})", all(parts, " or ")),
            AstKind::IsNull { value, negated } => format!("({} is{} null)", shown(value), if *negated { " not" } else { "" }),
            AstKind::Compare(sign, sides) => format!("({})", all(&**sides, sign.sign())),
            AstKind::In { sides, negated } => format!("({})", all(&**sides, if *negated { " not in " } else { " in " })),
            AstKind::Arithmetic(operator, sides) => format!("({})", all(&**sides, operator.sign())),
            AstKind::Element(list, index) => format!("{}[{index}]", shown(list)),
            AstKind::Call { name, arguments } => format!("{name}({})", all(arguments, ",")),
        }
    }

    #[test]
    fn precedence() {
        for (text, expected) in [
            ("a", "a"),
            ("$", "$"),
            ("a.b[0].c", "a.b[0].c"),
            ("$['x.y'].z", "['x.y'].z"),
            ("user['2fa']", "user.2fa"),
            ("_org_id == 1", "(_org_id==1)"),
            ("a or b and not c == d", "(a or (b and (not (c==d))))"),
            ("a or b or c", "(a or b or c)"),
            ("not not a", "(not (not a))"),
            ("1 + 2 * 3 - 4", "((1+(2*3))-4)"),
            ("(1 + 2) * -a", "((1+2)*(-a))"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("- -1", "(--1)"),
            ("a - 1", "(a-1)"),
            ("a -1", "(a-1)"),
            ("1.5e-3 <= x", "(1.5e-3<=x)"),
            ("a is not null and b is null", "((a is not null) and (b is null))"),
            ("a in ['x', \"it's\", 'it\\'s']", "(a in [\"x\",\"it's\",\"it's\"])"),
            ("a not in b", "(a not in b)"),
            ("not a in b", "(not (a in b))"),
            ("if(a, 'x', null)", "if(a,\"x\",null)"),
            ("concat()", "concat()"),
            ("split(a, b)[1] == c", "(split(a,b)[1]==c)"),
            ("f(a,)", "f(a)"),
            ("größe > 1", "(größe>1)"),
        ] {
            let ast = parse(text).unwrap_or_else(|error| panic!("{text}: {}", error.message));
            assert_eq!(shown(&ast), expected, "{text}");
            assert_eq!((ast.start, ast.end), (0, text.len()), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        let deep = format!("{}a{}", "(".repeat(100), ")".repeat(100));
        let long = format!("a{}", "+a".repeat(100));
        for (text, start, end) in [
            ("", 0, 0),
            ("  ", 0, 2),
            ("a ==", 4, 4),
            ("a = b", 2, 3),
            ("a && b", 2, 4),
            ("a b", 2, 3),
            ("'x", 0, 1),
            ("'\\q'", 1, 3),
            ("(a", 0, 1),
            ("(a b)", 3, 4),
            ("f(a", 1, 2),
            ("a < b < c", 6, 7),
            ("a is 1", 5, 6),
            ("a AND b", 2, 5),
            ("and", 0, 3),
            ("a.1", 2, 3),
            ("a[-1]", 1, 3),
            ("a[x]", 1, 3),
            ("2fa", 0, 2),
            ("01", 0, 2),
            ("* 1", 0, 1),
            (&deep, 64, 65),
            (&long, 0, 129),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!((error.start, error.end), (start, end), "{text:.30}: {}", error.message);
        }
    }

    #[test]
    fn a_long_chain_is_no_deep_one() {
        parse(&vec!["a == 1"; 10_000].join(" or ")).expect("a list of alternatives");
        parse(&format!("a in [{}]", vec!["1"; 10_000].join(","))).expect("a list of values");
    }
}

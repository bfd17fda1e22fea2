//! Expressions over a record, as they are written: `status == 'active' and age >= 18`.
//!
//! Paths, literals, comparisons, arithmetic and a handful of functions; no loops, no variables, no time, no chance. What is read
//! here has no types yet: [`crate::resolve`] holds it to the schema.

mod lexer;
mod parser;

pub use parser::parse;

use crate::model::{Comparison, Segment};

/// Nothing nests deeper, so that no text can exhaust the stack.
pub const MAX_DEPTH: usize = 64;

/// An expression, and the bytes of the text that it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Ast {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// What it says.
    pub kind: AstKind,
    /// How many levels are below it, itself included.
    depth: usize,
}

/// What an [`Ast`] says.
#[derive(Clone, Debug, PartialEq)]
pub enum AstKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as JSON writes it.
    Number(String),
    /// A text.
    Text(String),
    /// A place in the record.
    Path(Vec<PathStep>),
    /// `[a, b]`
    List(Vec<Ast>),
    /// `not a`
    Not(Box<Ast>),
    /// `-a`
    Negate(Box<Ast>),
    /// `a and b and …`
    And(Vec<Ast>),
    /// `a or b or …`
    Or(Vec<Ast>),
    /// `a is null`, or `a is not null`.
    IsNull {
        /// What may be null.
        value: Box<Ast>,
        /// Whether it must not be.
        negated: bool,
    },
    /// `a == b` and its like.
    Compare(Comparison, Box<[Ast; 2]>),
    /// `a in b`, or `a not in b`.
    In {
        /// What is looked for, and where.
        sides: Box<[Ast; 2]>,
        /// Whether it must not be there.
        negated: bool,
    },
    /// `a + b` and its like.
    Arithmetic(Operator, Box<[Ast; 2]>),
    /// `split(a, b)[0]`: an element of what a function gives.
    Element(Box<Ast>, usize),
    /// `name(a, b)`
    Call {
        /// The function.
        name: String,
        /// What it is given.
        arguments: Vec<Ast>,
    },
}

/// A step of a path, and the bytes of the text that it is.
#[derive(Clone, Debug, PartialEq)]
pub struct PathStep {
    /// The step.
    pub segment: Segment,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// What arithmetic does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl Operator {
    /// The sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }
}

/// What is wrong with an expression, and the bytes of it that are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong, as the end of a sentence that begins with "the expression".
    pub message: String,
    /// What to do about it.
    pub help: Option<&'static str>,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

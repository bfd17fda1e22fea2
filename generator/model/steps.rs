//! What is done with each record before it is given out.

use super::{Path, Spanned, Template};
use crate::source::Span;

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it is written.
    pub span: Span,
    /// What it does.
    pub kind: StepKind,
}

/// What a [`Step`] does.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// Only records for which this is true go on.
    Filter {
        /// What must be true.
        condition: Expr,
        /// The same as it is written.
        text: String,
    },
    /// A field moves.
    Rename {
        /// Where it is.
        from: Path,
        /// Where it goes.
        to: Path,
    },
    /// A field goes away.
    Drop(Path),
    /// A field gets a value.
    Set {
        /// The field.
        field: Path,
        /// Its value.
        value: Expr,
        /// The same as it is written.
        text: String,
    },
    /// A field gets another type.
    Cast {
        /// The field.
        field: Path,
        /// The type.
        to: Cast,
    },
    /// Each element of a list makes a record of its own.
    Explode {
        /// The list.
        field: Path,
        /// Whether a record with an empty list goes on.
        keep_empty: bool,
        /// Whether the members of an element go beside the list, and with which prefix.
        merge: Option<String>,
    },
    /// A field becomes its digest.
    Hash {
        /// The field.
        field: Path,
        /// The key that it is made with.
        key: Option<Template>,
    },
    /// The program's own code.
    Hook(Spanned<String>),
}

/// What a value can be cast to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// A whole number.
    Integer,
    /// A floating-point number.
    Number,
    /// A number with all its digits.
    Decimal,
    /// A text.
    String,
    /// A truth value.
    Boolean,
    /// A moment.
    DateTime,
    /// A date.
    Date,
}

/// An expression whose types are known to be right.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as JSON writes it.
    Number(String),
    /// A text.
    Text(String),
    /// A place in the record.
    Path(Path),
    /// Whether something is not true.
    Not(Box<Expr>),
    /// Whether all are true.
    And(Vec<Expr>),
    /// Whether any is true.
    Or(Vec<Expr>),
    /// Whether something is null or absent.
    IsNull(Box<Expr>),
    /// A comparison.
    Compare(Comparison, Order, Box<[Expr; 2]>),
    /// Whether a value is one of some.
    In(Order, Box<Expr>, Vec<Expr>),
    /// Whether the first is an element of the second.
    Among(Order, Box<[Expr; 2]>),
    /// The second if the first is true, else the third.
    If(Box<[Expr; 3]>),
    /// The first that is not null.
    Coalesce(Vec<Expr>),
    /// What a function makes of some values.
    Call(Function, Vec<Expr>),
}

/// What a comparison asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// The sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As texts.
    Text,
    /// As numbers.
    Number,
    /// As dates and moments.
    Moment,
    /// As truth values.
    Bool,
    /// As what they turn out to be.
    Any,
}

/// A function of the runtime, for values of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is documented in the runtime, under the same name")]
pub enum Function {
    Lower,
    Upper,
    Trim,
    Length,
    Contains,
    StartsWith,
    EndsWith,
    Replace,
    Substring,
    Split,
    Element,
    Concat,
    AddIntegers,
    SubtractIntegers,
    MultiplyIntegers,
    NegateInteger,
    AbsoluteInteger,
    Add,
    Subtract,
    Multiply,
    Divide,
    Negate,
    Absolute,
    Floor,
    Round,
    RoundTo,
    AddDecimals,
    SubtractDecimals,
    MultiplyDecimals,
    NegateDecimal,
    AbsoluteDecimal,
    FloorDecimal,
    RoundDecimal,
    RoundDecimalTo,
    Date,
    Year,
    Epoch,
    FromEpoch,
    /// A cast.
    To(Cast),
}

/// Shows an expression in one form, whatever blanks and parentheses it was written with.
impl std::fmt::Display for Expr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(text) => f.write_str(text),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Path(path) => write!(f, "{path}"),
            Self::Not(inner) => write!(f, "not({inner})"),
            Self::And(parts) => call(f, "and", parts),
            Self::Or(parts) => call(f, "or", parts),
            Self::IsNull(inner) => write!(f, "null({inner})"),
            Self::Compare(comparison, order, sides) => call(f, &format!("{}:{order:?}", comparison.sign()), &**sides),
            Self::In(order, value, list) => {
                write!(f, "{value} ")?;
                call(f, &format!("in:{order:?}"), list)
            }
            Self::Among(order, sides) => call(f, &format!("among:{order:?}"), &**sides),
            Self::If(parts) => call(f, "if", &**parts),
            Self::Coalesce(parts) => call(f, "coalesce", parts),
            Self::Call(function, arguments) => call(f, &format!("{function:?}"), arguments),
        }
    }
}

fn call(f: &mut std::fmt::Formatter<'_>, name: &str, parts: &[Expr]) -> std::fmt::Result {
    write!(f, "{name}(")?;
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{part}")?;
    }
    f.write_str(")")
}

/// Shows a step in one form.
impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.kind {
            StepKind::Filter { condition, .. } => write!(f, "filter {condition}"),
            StepKind::Rename { from, to } => write!(f, "rename {from} to {to}"),
            StepKind::Drop(path) => write!(f, "drop {path}"),
            StepKind::Set { field, value, .. } => write!(f, "set {field} = {value}"),
            StepKind::Cast { field, to } => write!(f, "cast {field} to {to:?}"),
            StepKind::Explode { field, keep_empty, merge } => write!(f, "explode {field} {keep_empty} {merge:?}"),
            StepKind::Hash { field, key } => write!(f, "hash {field} {:?}", key.as_ref().map(Template::to_runtime)),
            StepKind::Hook(name) => write!(f, "hook {}", **name),
        }
    }
}

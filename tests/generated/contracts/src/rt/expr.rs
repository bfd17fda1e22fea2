//! Expressions over a record: what filters and computed fields are made of.
//!
//! They are static data. There are no loops and no variables, and nothing depends on the time or on chance, so the same record
//! always gives the same value. The generator has checked the types; a value that is not what the schema says is a bad value.
//!
//! A comparison with a null is false. Everything else that meets a null is null.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::rt::cursor::{self, Format};
use crate::rt::descriptor::Path;
use crate::rt::tree::Tree;

/// Why there is no value: what was expected, and what was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unfit(pub Cow<'static, str>);

impl Unfit {
    /// For a value of another type.
    #[cold]
    #[must_use]
    pub fn kind(expected: &str, found: &Tree) -> Self {
        Self(format!("expected {expected}, found {}", found.describe()).into())
    }

    /// For a text that is not what is expected.
    #[cold]
    #[must_use]
    pub fn text(expected: &str, found: &str) -> Self {
        let shown: String = found.chars().take(40).collect();
        let more = if shown.len() < found.len() { "…" } else { "" };
        Self(format!("expected {expected}, found `{shown}{more}`").into())
    }
}

/// A function: its arguments are never null.
pub type Function = fn(&[Cow<'_, Tree>]) -> Result<Tree, Unfit>;

/// An expression.
#[derive(Debug)]
pub enum Expr {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(&'static str),
    /// A text.
    Text(&'static str),
    /// What a path leads to; null if there is nothing.
    Path(Path),
    /// Whether something is not true.
    Not(&'static Expr),
    /// Whether all are true; they are looked at in order, up to the first that is not.
    And(&'static [Expr]),
    /// Whether any is true; they are looked at in order, up to the first that is.
    Or(&'static [Expr]),
    /// Whether something is null or absent.
    IsNull(&'static Expr),
    /// A comparison of two values.
    Compare(Comparison, Order, &'static [Expr; 2]),
    /// Whether the first is one of the others.
    In(Order, &'static Expr, &'static [Expr]),
    /// Whether the first is an element of the second.
    Among(Order, &'static [Expr; 2]),
    /// The second if the first is true, else the third.
    If(&'static [Expr; 3]),
    /// The first that is not null.
    Coalesce(&'static [Expr]),
    /// What a function makes of some values; null if any of them is.
    Call(Function, &'static [Expr]),
}

/// What is compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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

/// How two values compare.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// As texts.
    Text,
    /// As numbers of any size, exactly.
    Number,
    /// As moments: dates, or dates and times in any zone.
    Moment,
    /// As truth values: false is less than true.
    Bool,
    /// As what they are; those of two types are unequal, and neither is less.
    Any,
}

impl Expr {
    /// The value for a record.
    pub fn value<'t>(&self, record: &'t Tree) -> Result<Cow<'t, Tree>, Unfit> {
        Ok(match self {
            Self::Null => Cow::Owned(Tree::Null),
            Self::Bool(value) => truth(*value),
            Self::Number(text) => Cow::Owned(Tree::Number((*text).to_owned())),
            Self::Text(text) => Cow::Owned(Tree::Text((*text).to_owned())),
            Self::Path(path) => record.get(path).map_or(Cow::Owned(Tree::Null), Cow::Borrowed),
            Self::Not(_) | Self::And(_) | Self::Or(_) | Self::IsNull(_) | Self::Compare(..) | Self::In(..) | Self::Among(..) => {
                truth(self.holds(record)?)
            }
            Self::If([condition, yes, no]) => (if condition.holds(record)? { yes } else { no }).value(record)?,
            Self::Coalesce(values) => {
                for value in *values {
                    let value = value.value(record)?;
                    if !value.is_null() {
                        return Ok(value);
                    }
                }
                Cow::Owned(Tree::Null)
            }
            Self::Call(function, arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in *arguments {
                    let value = argument.value(record)?;
                    if value.is_null() {
                        return Ok(Cow::Owned(Tree::Null));
                    }
                    values.push(value);
                }
                Cow::Owned(function(&values)?)
            }
        })
    }

    /// Whether it is true for a record; a null is not.
    pub fn holds(&self, record: &Tree) -> Result<bool, Unfit> {
        match self {
            Self::Not(inner) => Ok(!inner.holds(record)?),
            Self::And(parts) => any_is(parts, record, false).map(|found| !found),
            Self::Or(parts) => any_is(parts, record, true),
            Self::IsNull(inner) => Ok(inner.value(record)?.is_null()),
            Self::Compare(comparison, order, [a, b]) => {
                let (a, b) = (a.value(record)?, b.value(record)?);
                if a.is_null() || b.is_null() {
                    return Ok(false);
                }
                Ok(comparison.accepts(order.compare(&a, &b)?))
            }
            Self::In(order, value, list) => {
                let value = value.value(record)?;
                for element in *list {
                    if order.equal(&value, &*element.value(record)?)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Among(order, [value, list]) => match &*list.value(record)? {
                Tree::Array(elements) => {
                    let value = value.value(record)?;
                    for element in elements {
                        if order.equal(&value, element)? {
                            return Ok(true);
                        }
                    }
                    Ok(false)
                }
                Tree::Null => Ok(false),
                other => Err(Unfit::kind("an array", other)),
            },
            _ => match &*self.value(record)? {
                Tree::Bool(value) => Ok(*value),
                Tree::Null => Ok(false),
                other => Err(Unfit::kind("a boolean", other)),
            },
        }
    }
}

fn truth<'t>(value: bool) -> Cow<'t, Tree> {
    Cow::Owned(Tree::Bool(value))
}

fn any_is(parts: &[Expr], record: &Tree, wanted: bool) -> Result<bool, Unfit> {
    for part in parts {
        if part.holds(record)? == wanted {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Comparison {
    /// What it says of two values that compare so; none are those that have no order.
    fn accepts(self, found: Option<Ordering>) -> bool {
        match (self, found) {
            (Self::Unequal, found) => found != Some(Ordering::Equal),
            (_, None) => false,
            (Self::Equal, Some(found)) => found.is_eq(),
            (Self::Less, Some(found)) => found.is_lt(),
            (Self::AtMost, Some(found)) => found.is_le(),
            (Self::Greater, Some(found)) => found.is_gt(),
            (Self::AtLeast, Some(found)) => found.is_ge(),
        }
    }
}

impl Order {
    /// Whether two values are equal; nothing is equal to a null.
    fn equal(self, a: &Tree, b: &Tree) -> Result<bool, Unfit> {
        Ok(!a.is_null() && !b.is_null() && self.compare(a, b)? == Some(Ordering::Equal))
    }

    fn compare(self, a: &Tree, b: &Tree) -> Result<Option<Ordering>, Unfit> {
        Ok(match (self, a, b) {
            (Self::Text | Self::Any, Tree::Text(a), Tree::Text(b)) => Some(a.cmp(b)),
            (Self::Number | Self::Any, Tree::Number(a), Tree::Number(b)) => Some(cursor::compare(Format::Number, a, b)),
            (Self::Moment, Tree::Text(a), Tree::Text(b)) => Some(cursor::compare(Format::Iso, a, b)),
            (Self::Bool | Self::Any, Tree::Bool(a), Tree::Bool(b)) => Some(a.cmp(b)),
            (Self::Any, ..) => None,
            (Self::Text | Self::Moment, ..) => return Err(unlike("a string", a, b)),
            (Self::Number, ..) => return Err(unlike("a number", a, b)),
            (Self::Bool, ..) => return Err(unlike("a boolean", a, b)),
        })
    }
}

/// Says which of two values is not what both are to be.
#[cold]
fn unlike(expected: &str, a: &Tree, b: &Tree) -> Unfit {
    Unfit::kind(expected, if a.describe() == expected { b } else { a })
}

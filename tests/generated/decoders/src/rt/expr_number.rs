//! Arithmetic of expressions on whole numbers and floats. What does not fit into 64 bits is a bad value; nothing wraps around.

use std::borrow::Cow;

use crate::rt::expr::Unfit;
use crate::rt::tree::Tree;

type Arguments<'a, 't> = &'a [Cow<'t, Tree>];

/// `a + b` of whole numbers.
pub fn add_integers(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    integers(arguments, "+", i64::checked_add)
}

/// `a - b` of whole numbers.
pub fn subtract_integers(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    integers(arguments, "-", i64::checked_sub)
}

/// `a * b` of whole numbers.
pub fn multiply_integers(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    integers(arguments, "*", i64::checked_mul)
}

/// `-a` of a whole number.
pub fn negate_integer(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let number = integer(arguments, 0)?;
    number.checked_neg().map(whole).ok_or_else(|| Unfit(format!("-({number}) is no whole number of 64 bits").into()))
}

/// `abs(a)` of a whole number.
pub fn absolute_integer(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let number = integer(arguments, 0)?;
    number.checked_abs().map(whole).ok_or_else(|| Unfit(format!("abs({number}) is no whole number of 64 bits").into()))
}

/// `a + b` of floats.
pub fn add(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    finite(float(arguments, 0)? + float(arguments, 1)?)
}

/// `a - b` of floats.
pub fn subtract(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    finite(float(arguments, 0)? - float(arguments, 1)?)
}

/// `a * b` of floats.
pub fn multiply(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    finite(float(arguments, 0)? * float(arguments, 1)?)
}

/// `a / b`, which is always a float. A division by zero is a bad value.
pub fn divide(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    finite(float(arguments, 0)? / float(arguments, 1)?)
}

/// `-a` of a float.
pub fn negate(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    finite(-float(arguments, 0)?)
}

/// `abs(a)` of a float.
pub fn absolute(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    finite(float(arguments, 0)?.abs())
}

/// `floor(a)`: the greatest whole number that is not above.
pub fn floor(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    to_integer(float(arguments, 0)?.floor())
}

/// `round(a)`: the nearest whole number; halves go away from zero.
pub fn round(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    to_integer(float(arguments, 0)?.round())
}

/// `round(a, digits)`: the nearest number with so many digits after the point, at most 15.
pub fn round_to(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let digits = i32::try_from(integer(arguments, 1)?.clamp(0, 15)).unwrap_or(0);
    let (number, scale) = (float(arguments, 0)?, 10_f64.powi(digits));
    let scaled = number * scale;
    // What has no room for a fraction is round already.
    finite(if scaled.is_finite() { scaled.round() / scale } else { number })
}

fn integers(arguments: Arguments<'_, '_>, sign: &str, compute: impl FnOnce(i64, i64) -> Option<i64>) -> Result<Tree, Unfit> {
    let (a, b) = (integer(arguments, 0)?, integer(arguments, 1)?);
    compute(a, b).map(whole).ok_or_else(|| Unfit(format!("{a} {sign} {b} is no whole number of 64 bits").into()))
}

fn whole(number: i64) -> Tree {
    Tree::Number(number.to_string())
}

fn finite(number: f64) -> Result<Tree, Unfit> {
    if number.is_finite() { Ok(Tree::Number(format!("{number:?}"))) } else { Err(Unfit("the result is no number".into())) }
}

/// The bounds of whole numbers of 64 bits, as floats: the lower is one of them, the upper is the first that is not.
const BOUNDS: std::ops::Range<f64> = -9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0;

fn to_integer(number: f64) -> Result<Tree, Unfit> {
    if BOUNDS.contains(&number) {
        // Adding zero takes the sign from a negative one.
        return Ok(Tree::Number(format!("{:.0}", number + 0.0)));
    }
    Err(Unfit(format!("{number:?} is no whole number of 64 bits").into()))
}

fn integer(arguments: Arguments<'_, '_>, index: usize) -> Result<i64, Unfit> {
    let text = number(arguments, index)?;
    text.parse().map_err(|_| Unfit::text("a whole number of 64 bits", text))
}

fn float(arguments: Arguments<'_, '_>, index: usize) -> Result<f64, Unfit> {
    let text = number(arguments, index)?;
    text.parse().map_err(|_| Unfit::text("a number", text))
}

fn number<'a>(arguments: Arguments<'a, '_>, index: usize) -> Result<&'a str, Unfit> {
    match arguments.get(index).map_or(&Tree::Null, |value| value) {
        Tree::Number(text) => Ok(text),
        other => Err(Unfit::kind("a number", other)),
    }
}

//! Arithmetic of expressions on decimals, exact to the last digit. What takes more than 38 digits is a bad value.

use std::borrow::Cow;

use crate::rt::expr::Unfit;
use crate::rt::tree::Tree;

type Arguments<'a, 't> = &'a [Cow<'t, Tree>];

/// A decimal: whole units of ten to the power of minus `scale`.
#[derive(Clone, Copy, Debug)]
struct Decimal {
    units: i128,
    scale: u32,
}

/// `a + b`.
pub fn add_decimals(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let (a, b) = aligned(arguments)?;
    written(a.units.checked_add(b.units), a.scale)
}

/// `a - b`.
pub fn subtract_decimals(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let (a, b) = aligned(arguments)?;
    written(a.units.checked_sub(b.units), a.scale)
}

/// `a * b`.
pub fn multiply_decimals(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let (a, b) = (decimal(arguments, 0)?, decimal(arguments, 1)?);
    written(a.units.checked_mul(b.units), a.scale + b.scale)
}

/// `-a`.
pub fn negate_decimal(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let a = decimal(arguments, 0)?;
    written(a.units.checked_neg(), a.scale)
}

/// `abs(a)`.
pub fn absolute_decimal(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let a = decimal(arguments, 0)?;
    written(a.units.checked_abs(), a.scale)
}

/// `floor(a)`: the greatest whole number that is not above.
pub fn floor_decimal(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let a = decimal(arguments, 0)?;
    whole(power(a.scale).map_or(0, |unit| a.units.div_euclid(unit)))
}

/// `round(a)`: the nearest whole number; halves go away from zero.
pub fn round_decimal(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    whole(rounded(decimal(arguments, 0)?, 0).units)
}

/// `round(a, digits)`: the nearest decimal with so many digits after the point; halves go away from zero.
pub fn round_decimal_to(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let digits = decimal(arguments, 1)?;
    let digits = u32::try_from(rounded(digits, 0).units.max(0)).unwrap_or(u32::MAX);
    let result = rounded(decimal(arguments, 0)?, digits);
    written(Some(result.units), result.scale)
}

fn rounded(a: Decimal, digits: u32) -> Decimal {
    let Some(dropped) = a.scale.checked_sub(digits).filter(|dropped| *dropped > 0) else { return a };
    // More digits than a decimal has are all zeros.
    let Some(unit) = power(dropped) else { return Decimal { units: 0, scale: digits } };
    let (quotient, rest) = (a.units / unit, a.units % unit);
    let up = rest.unsigned_abs() >= unit.unsigned_abs() - unit.unsigned_abs() / 2;
    Decimal { units: if up { quotient + a.units.signum() } else { quotient }, scale: digits }
}

fn whole(units: i128) -> Result<Tree, Unfit> {
    match i64::try_from(units) {
        Ok(number) => Ok(Tree::Number(number.to_string())),
        Err(_) => Err(Unfit(format!("{units} is no whole number of 64 bits").into())),
    }
}

/// Two decimals in the same unit.
fn aligned(arguments: Arguments<'_, '_>) -> Result<(Decimal, Decimal), Unfit> {
    let (a, b) = (decimal(arguments, 0)?, decimal(arguments, 1)?);
    let scale = a.scale.max(b.scale);
    let raise = |decimal: Decimal| {
        let units = power(scale - decimal.scale).and_then(|unit| decimal.units.checked_mul(unit));
        units.map(|units| Decimal { units, scale }).ok_or_else(too_long)
    };
    Ok((raise(a)?, raise(b)?))
}

fn written(units: Option<i128>, scale: u32) -> Result<Tree, Unfit> {
    let units = units.ok_or_else(too_long)?;
    let width = usize::try_from(scale).unwrap_or(usize::MAX).saturating_add(1);
    let digits = format!("{:0>width$}", units.unsigned_abs().to_string());
    let (integer, fraction) = digits.split_at_checked(digits.len() + 1 - width).unwrap_or((&digits, ""));
    let sign = if units < 0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    Ok(Tree::Number(format!("{sign}{integer}{point}{fraction}")))
}

fn power(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

/// A number, or a text that holds one, as decimals are often sent.
fn decimal(arguments: Arguments<'_, '_>, index: usize) -> Result<Decimal, Unfit> {
    match arguments.get(index).map_or(&Tree::Null, |value| value) {
        Tree::Number(text) | Tree::Text(text) => parse(text),
        other => Err(Unfit::kind("a number", other)),
    }
}

fn parse(text: &str) -> Result<Decimal, Unfit> {
    let unfit = || Unfit::text("a decimal number", text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| unfit())?),
        None => (text, 0),
    };
    let (negative, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{integer}{fraction}");
    if integer.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(unfit());
    }
    let units: i128 = digits.parse().map_err(|_| too_long())?;
    let units = if negative { -units } else { units };
    let scale = i64::try_from(fraction.len()).unwrap_or(i64::MAX) - i64::from(exponent);
    match u32::try_from(scale) {
        // No more digits than can be computed with.
        Ok(scale) if scale <= 38 => Ok(Decimal { units, scale }),
        Ok(_) => Err(too_long()),
        Err(_) => {
            let factor = u32::try_from(-scale).ok().and_then(power);
            let units = factor.and_then(|factor| units.checked_mul(factor)).ok_or_else(too_long)?;
            Ok(Decimal { units, scale: 0 })
        }
    }
}

#[cold]
fn too_long() -> Unfit {
    Unfit("a decimal of more than 38 digits".into())
}

//! Casts: a value in a neighbouring form becomes one of another type, and any other value is a bad one. A blank text is no number
//! and no truth value, so it becomes null.

use std::borrow::Cow;

use crate::rt::codec::Lenient;
use crate::rt::expr::Unfit;
use crate::rt::reader::Reader;
use crate::rt::tree::Tree;

type Arguments<'a, 't> = &'a [Cow<'t, Tree>];

/// A whole number: also `12.0`, `"12"` and `true`, which is 1.
pub fn to_integer(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    match first(arguments) {
        Tree::Bool(value) => Ok(Tree::Number(u8::from(*value).to_string())),
        value => read::<i64>(value, |number| Tree::Number(number.to_string())),
    }
}

/// A number of 64 bits: also one within a text.
pub fn to_number(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    read::<f64>(first(arguments), |number| Tree::Number(format!("{number:?}")))
}

/// A number with all its digits: also one within a text.
pub fn to_decimal(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    match first(arguments) {
        Tree::Number(text) => Ok(Tree::Number(text.clone())),
        Tree::Text(text) if text.trim().is_empty() => Ok(Tree::Null),
        Tree::Text(text) => {
            let mut r = Reader::new(text.trim());
            let number = r.number().and_then(|number| r.end().map(|()| number));
            number.map(|number| Tree::Number(number.to_owned())).map_err(|_| Unfit::text("a decimal number", text))
        }
        other => Err(Unfit::kind("a decimal number", other)),
    }
}

/// A text: a number or a truth value as it is written.
pub fn to_text(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    match first(arguments) {
        Tree::Text(text) | Tree::Number(text) => Ok(Tree::Text(text.clone())),
        Tree::Bool(value) => Ok(Tree::Text(value.to_string())),
        other => Err(Unfit::kind("a string", other)),
    }
}

/// A truth value: also `1`, `0`, `"true"`, `"False"`, `"1"` and `"0"`.
pub fn to_boolean(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    read::<bool>(first(arguments), Tree::Bool)
}

fn first<'a>(arguments: Arguments<'a, '_>) -> &'a Tree {
    arguments.first().map_or(&Tree::Null, |value| value)
}

/// Reads a value by the rules for fields that may have an odd form.
fn read<T: Lenient>(value: &Tree, written: impl FnOnce(T) -> Tree) -> Result<Tree, Unfit> {
    let text = value.to_json();
    let read = Option::<T>::lenient(&mut Reader::new(&text));
    read.map(|value| value.map_or(Tree::Null, written)).map_err(|fault| Unfit(fault.message().to_owned().into()))
}

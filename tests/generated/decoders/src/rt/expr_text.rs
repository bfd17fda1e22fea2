//! Functions of expressions that work on texts. Positions and lengths count characters.

use std::borrow::Cow;

use crate::rt::expr::Unfit;
use crate::rt::tree::Tree;

type Arguments<'a, 't> = &'a [Cow<'t, Tree>];

/// `lower(text)`: in lower case.
pub fn lower(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    map(arguments, str::to_lowercase)
}

/// `upper(text)`: in upper case.
pub fn upper(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    map(arguments, str::to_uppercase)
}

/// `trim(text)`: without white space at either end.
pub fn trim(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    map(arguments, |text| text.trim().to_owned())
}

/// `length(text)`: how many characters; `length(array)`: how many elements.
pub fn length(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let length = match at(arguments, 0) {
        Tree::Text(text) => text.chars().count(),
        Tree::Array(elements) => elements.len(),
        other => return Err(Unfit::kind("a string or an array", other)),
    };
    Ok(Tree::Number(length.to_string()))
}

/// `contains(text, part)`: whether a text has another one in it.
pub fn contains(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    Ok(Tree::Bool(text(arguments, 0)?.contains(&*text(arguments, 1)?)))
}

/// `starts_with(text, part)`: whether a text begins with another one.
pub fn starts_with(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    Ok(Tree::Bool(text(arguments, 0)?.starts_with(&*text(arguments, 1)?)))
}

/// `ends_with(text, part)`: whether a text ends with another one.
pub fn ends_with(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    Ok(Tree::Bool(text(arguments, 0)?.ends_with(&*text(arguments, 1)?)))
}

/// `replace(text, from, to)`: with another text in the place of every occurrence of one.
pub fn replace(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let (from, to) = (text(arguments, 1)?, text(arguments, 2)?);
    let text = text(arguments, 0)?;
    // An empty text is everywhere; replacing it is never meant.
    Ok(Tree::Text(if from.is_empty() { text.into_owned() } else { text.replace(&*from, &to) }))
}

/// `substring(text, start)` or `substring(text, start, length)`: the characters from a position on, counted from 0.
pub fn substring(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let start = position(arguments, 1)?;
    let length = if arguments.len() > 2 { position(arguments, 2)? } else { usize::MAX };
    Ok(Tree::Text(text(arguments, 0)?.chars().skip(start).take(length).collect()))
}

/// `split(text, separator)`: the parts of a text.
pub fn split(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let (text, separator) = (text(arguments, 0)?, text(arguments, 1)?);
    if separator.is_empty() {
        return Ok(Tree::Array(vec![Tree::Text(text.into_owned())]));
    }
    Ok(Tree::Array(text.split(&*separator).map(|part| Tree::Text(part.to_owned())).collect()))
}

/// `array[index]`: an element, counted from 0; null if there are not so many.
pub fn element(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    match at(arguments, 0) {
        Tree::Array(elements) => Ok(elements.get(position(arguments, 1)?).cloned().unwrap_or(Tree::Null)),
        other => Err(Unfit::kind("an array", other)),
    }
}

/// `concat(a, b, …)`: texts one after the other; a number or a truth value as it is written.
pub fn concat(arguments: Arguments<'_, '_>) -> Result<Tree, Unfit> {
    let mut joined = String::new();
    for index in 0..arguments.len() {
        joined.push_str(&text(arguments, index)?);
    }
    Ok(Tree::Text(joined))
}

fn map(arguments: Arguments<'_, '_>, change: impl FnOnce(&str) -> String) -> Result<Tree, Unfit> {
    text(arguments, 0).map(|text| Tree::Text(change(&text)))
}

fn at<'a>(arguments: Arguments<'a, '_>, index: usize) -> &'a Tree {
    arguments.get(index).map_or(&Tree::Null, |value| value)
}

/// An argument as a text: a number or a truth value as it is written.
fn text<'a>(arguments: Arguments<'a, '_>, index: usize) -> Result<Cow<'a, str>, Unfit> {
    match at(arguments, index) {
        Tree::Text(text) | Tree::Number(text) => Ok(Cow::Borrowed(text)),
        Tree::Bool(value) => Ok(Cow::Borrowed(if *value { "true" } else { "false" })),
        other => Err(Unfit::kind("a string", other)),
    }
}

/// A number of characters. One below 0 is 0.
fn position(arguments: Arguments<'_, '_>, index: usize) -> Result<usize, Unfit> {
    match at(arguments, index) {
        Tree::Number(text) => match text.parse::<i64>() {
            Ok(number) => Ok(usize::try_from(number.max(0)).unwrap_or(usize::MAX)),
            Err(_) => Err(Unfit::text("a whole number", text)),
        },
        other => Err(Unfit::kind("a whole number", other)),
    }
}

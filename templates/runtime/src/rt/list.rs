//! A list of values that a resource is read for, one after the other.

use crate::rt::core::Core;
use crate::rt::descriptor::Template;
use crate::rt::digest::digest;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::json_write;
use crate::rt::sequence::{Bindings, Opened, Opening, Sequence};
use crate::rt::template::expand;

/// A list of values.
#[derive(Debug)]
pub struct List {
    /// Its name in the spec.
    name: &'static str,
    /// The holes that a value fills.
    holes: &'static [&'static str],
    values: Values,
}

#[derive(Debug)]
enum Values {
    /// One text for each hole of each value.
    Given(&'static [&'static [Template]]),
    /// A text that separates them by commas.
    Split(Template),
}

impl List {
    /// Values that the spec gives: one text for each hole.
    #[must_use]
    pub const fn new(name: &'static str, holes: &'static [&'static str], values: &'static [&'static [Template]]) -> Self {
        Self { name, holes, values: Values::Given(values) }
    }

    /// Values that a text separates by commas. Blanks around them, empty ones and repeated ones do not count.
    #[must_use]
    pub const fn split(name: &'static str, holes: &'static [&'static str], text: Template) -> Self {
        Self { name, holes, values: Values::Split(text) }
    }

    fn rows(&self, core: &Core) -> Result<Vec<Bindings>> {
        let fill = |template| expand(template, |input| core.input(input));
        let texts: Option<Vec<Vec<String>>> = match self.values {
            Values::Given(values) => values.iter().map(|value| value.iter().map(|text| fill(text)).collect()).collect(),
            Values::Split(text) => fill(text).map(|text| {
                let mut values: Vec<Vec<String>> = Vec::new();
                for value in text.split(',').map(str::trim).filter(|value| !value.is_empty()) {
                    if !values.iter().flatten().any(|known| known == value) {
                        values.push(vec![value.to_owned()]);
                    }
                }
                values
            }),
        };
        let texts = texts.filter(|texts| !texts.is_empty());
        let texts = texts.ok_or_else(|| {
            let message = format!("the list `{}` has no value; set the input that it comes from", self.name);
            Error::new(ErrorKind::Config, message)
        })?;
        let row =
            |texts: Vec<String>| self.holes.iter().zip(texts).map(|(hole, text)| ((*hole).to_owned(), json(&text))).collect();
        Ok(texts.into_iter().map(row).collect())
    }
}

impl Sequence for List {
    fn holes(&self) -> Vec<&'static str> {
        self.holes.to_vec()
    }

    fn open(&self, opening: &Opening<'_>, held: Option<&str>) -> Result<Opened> {
        let rows = self.rows(opening.core)?;
        // A byte that no text holds keeps values apart.
        let bytes: Vec<u8> = rows.iter().flatten().flat_map(|(_, value)| value.bytes().chain([0xff])).collect();
        let id = format!("{:016x}", digest(&bytes));
        if held.is_some_and(|held| held != id) {
            let message = format!("the checkpoint was made with other values of the list `{}`; read from the start", self.name);
            return Err(Error::new(ErrorKind::Checkpoint, message));
        }
        Ok(Opened { id, rows: Box::new(rows.into_iter()) })
    }
}

fn json(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json_write::string(&mut json, text);
    json
}

//! The values that a page has beside its records (cursors, addresses, counts, flags), in the forms that services write them in.

use crate::rt::descriptor::Path;
use crate::rt::fault::Fault;
use crate::rt::reader::{Kind, Reader};
use crate::rt::select::select;

/// The scalar that a path leads to in a JSON text, as a text.
pub fn value_in(text: &str, path: Path) -> Result<Option<String>, Fault> {
    found_in(text, path, &mut scalar)
}

/// The value that a path leads to in a JSON text, as JSON.
pub fn json_in(text: &str, path: Path) -> Result<Option<String>, Fault> {
    found_in(text, path, &mut json)
}

fn found_in(
    text: &str,
    path: Path,
    read: &mut dyn FnMut(&mut Reader<'_>) -> Result<Option<String>, Fault>,
) -> Result<Option<String>, Fault> {
    let mut value = None;
    select(&mut Reader::new(text), &[path], &mut |r, _| {
        value = read(r)?;
        Ok(true)
    })?;
    Ok(value)
}

/// Reads a scalar as a text: a string's content, a number as it is written. None for a null.
pub fn scalar(r: &mut Reader<'_>) -> Result<Option<String>, Fault> {
    Ok(match r.peek()? {
        Kind::Null => {
            r.null()?;
            None
        }
        Kind::Bool => Some(r.bool()?.to_string()),
        Kind::Number => Some(r.number()?.to_owned()),
        Kind::String => Some(r.str()?.into_owned()),
        Kind::Array | Kind::Object => return Err(r.unexpected("a string or a number")),
    })
}

/// Reads any value as JSON. None for a null and an empty text.
pub fn json(r: &mut Reader<'_>) -> Result<Option<String>, Fault> {
    Ok(Some(r.skip()?).filter(|text| !matches!(*text, "null" | "\"\"")).map(str::to_owned))
}

/// Reads the cursor of the next page. A null, an empty text, `false` and 0 say that there is none.
pub fn cursor(r: &mut Reader<'_>, as_json: bool) -> Result<Option<String>, Fault> {
    let is_text = r.peek()? == Kind::String;
    let value = if as_json { json(r)? } else { scalar(r)? };
    Ok(value.filter(|value| is_text && !value.is_empty() || !is_text && !matches!(value.as_str(), "false" | "0" | "[]" | "{}")))
}

/// Reads the address of the next page; `false` says as well that there is none.
pub fn link(r: &mut Reader<'_>) -> Result<Option<String>, Fault> {
    if r.peek()? == Kind::Bool {
        r.skip()?;
        return Ok(None);
    }
    Ok(scalar(r)?.filter(|text| !text.is_empty()))
}

/// Reads a count, which some services send as a string. Whatever is no count says nothing.
pub fn count(r: &mut Reader<'_>) -> Result<Option<u64>, Fault> {
    Ok(match r.peek()? {
        Kind::Number => count_of(r.number()?),
        Kind::String => count_of(&r.str()?),
        _ => {
            r.skip()?;
            None
        }
    })
}

/// A count as a text has it; one that no one can count says nothing.
#[must_use]
pub fn count_of(text: &str) -> Option<u64> {
    let text = text.trim();
    text.strip_suffix(".0").unwrap_or(text).parse().ok()
}

/// Reads a flag, which some services send as a string or a number. Whatever is no flag says nothing.
pub fn flag(r: &mut Reader<'_>) -> Result<Option<bool>, Fault> {
    let text = match r.peek()? {
        Kind::Bool => return r.bool().map(Some),
        Kind::Number => r.number()?.to_owned(),
        Kind::String => r.str()?.to_ascii_lowercase(),
        _ => return r.skip().map(|_| None),
    };
    Ok(match text.trim() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    })
}

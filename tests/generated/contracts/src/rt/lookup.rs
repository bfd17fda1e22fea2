//! A single value of a JSON text, by its path, without decoding the rest.

use crate::rt::descriptor::Segment;
use crate::rt::fault::Fault;
use crate::rt::reader::{Kind, Reader};

/// The text, number or truth value at a path, as text. None if there is no such value or the text is no JSON.
#[must_use]
pub fn scalar(json: &[u8], path: &[Segment]) -> Option<String> {
    let mut found = None;
    let mut reader = Reader::from_bytes(json).ok()?;
    // A text that breaks off later has still said what was looked for.
    let _ = find(&mut reader, path, &mut found);
    found.filter(|value| !value.is_empty())
}

fn find(r: &mut Reader<'_>, path: &[Segment], found: &mut Option<String>) -> Result<(), Fault> {
    match (path.split_first(), r.peek()?) {
        (None, Kind::String) => *found = Some(r.str()?.into_owned()),
        (None, Kind::Number) => *found = Some(r.number()?.to_owned()),
        (None, Kind::Bool) => *found = Some(r.bool()?.to_string()),
        (Some((Segment::Key(key), rest)), Kind::Object) => {
            r.object(&mut |r, name| if name == *key { find(r, rest, found) } else { r.skip().map(|_| ()) })?;
        }
        (Some((Segment::Index(index), rest)), Kind::Array) => {
            r.array(&mut |r, at| if at == *index { find(r, rest, found) } else { r.skip().map(|_| ()) })?;
        }
        _ => {
            r.skip()?;
        }
    }
    Ok(())
}

//! Values with parts as the pairs of a form or of a query: members of members are named in brackets, `filter[status]=open`.

use crate::rt::args::Args;
use crate::rt::body::{Render, Rendered};
use crate::rt::encode::{Encode, to_json};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::Fault;
use crate::rt::reader::{Kind, Reader};
use crate::rt::url::encoded;

/// Writes the members of an object as a form. A list of plain values is sent as its name several times.
#[derive(Clone, Copy, Debug)]
pub struct Form;

impl Render for Form {
    fn render(&self, json: &[u8]) -> Result<Rendered> {
        let pairs = members(json).map_err(no_object)?;
        let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        Ok(Rendered { bytes: pairs.join("&").into_bytes(), parameters: String::new() })
    }
}

/// Sends a value as a parameter for each of its members, in place of those that were set earlier.
pub fn set_members(args: &mut Args, name: &str, value: &dyn Encode) {
    let mut pairs = Vec::new();
    let json = to_json(value);
    // What was just written can be read.
    let _ = nested(&mut Reader::new(&json), name, &mut pairs);
    args.unset_members(name);
    for (name, value) in pairs {
        args.set(&name, value);
    }
}

fn members(json: &[u8]) -> Result<Vec<(String, String)>, Fault> {
    let mut reader = Reader::from_bytes(json)?;
    let mut pairs = Vec::new();
    reader.object(&mut |r, name| match r.peek()? {
        Kind::Array => r.array(&mut |r, index| match r.peek()? {
            Kind::Array | Kind::Object => nested(r, &format!("{name}[{index}]"), &mut pairs),
            _ => nested(r, name, &mut pairs),
        }),
        _ => nested(r, name, &mut pairs),
    })?;
    Ok(pairs)
}

/// Adds the pairs of a value of this name.
fn nested(r: &mut Reader<'_>, name: &str, pairs: &mut Vec<(String, String)>) -> Result<(), Fault> {
    match r.peek()? {
        Kind::Object => r.object(&mut |r, key| nested(r, &format!("{name}[{key}]"), pairs)),
        Kind::Array => r.array(&mut |r, index| nested(r, &format!("{name}[{index}]"), pairs)),
        _ => {
            pairs.push((name.to_owned(), plain(r)?));
            Ok(())
        }
    }
}

/// A plain value as text; a null is an empty one.
pub(crate) fn plain(r: &mut Reader<'_>) -> Result<String, Fault> {
    match r.peek()? {
        Kind::String => r.read(),
        Kind::Null => r.skip().map(|_| String::new()),
        _ => r.skip().map(str::to_owned),
    }
}

/// The error for a body that has no members.
pub(crate) fn no_object(fault: Fault) -> Error {
    Error::new(ErrorKind::Config, format!("the body can not be sent: {}", fault.message()))
}

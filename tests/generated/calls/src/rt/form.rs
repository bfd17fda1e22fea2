//! Values with parts as the pairs of a form or of a query: members of members are named in brackets, `filter[status]=open`.

use crate::rt::body::{Render, Rendered};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::Fault;
use crate::rt::reader::{Kind, Reader};
use crate::rt::sent::{Sent, Spread};
use crate::rt::url::encoded;

/// Writes the members of an object as a form. A list of plain values is sent as its name several times.
#[derive(Clone, Copy, Debug)]
pub struct Form;

impl Render for Form {
    fn render(&self, json: &[u8]) -> Result<Rendered> {
        let pairs = members(json).map_err(|fault| no_object(&fault))?;
        let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        Ok(Rendered { bytes: pairs.join("&").into_bytes(), parameters: String::new() })
    }
}

/// A parameter for each member of an object or element of a list, with the name before it: `filter[status]=open`.
#[derive(Clone, Copy, Debug)]
pub struct Brackets;

impl Spread for Brackets {
    fn spread(&self, name: &str, json: &str) -> Result<Vec<Sent>, Fault> {
        let mut pairs = Vec::new();
        nested(&mut Reader::new(json), name, &mut pairs)?;
        Ok(pairs.into_iter().map(|(name, value)| Sent::new(&name, value)).collect())
    }
}

/// A parameter of its own for each member of an object.
#[derive(Clone, Copy, Debug)]
pub struct Members;

impl Spread for Members {
    fn spread(&self, _: &str, json: &str) -> Result<Vec<Sent>, Fault> {
        let pairs = members(json.as_bytes())?;
        Ok(pairs.into_iter().map(|(name, value)| Sent::new(&name, value)).collect())
    }
}

/// One parameter whose parts are the names and the values of an object's members by turns.
#[derive(Clone, Copy, Debug)]
pub struct Flat;

impl Spread for Flat {
    fn spread(&self, name: &str, json: &str) -> Result<Vec<Sent>, Fault> {
        let mut parts = Vec::new();
        Reader::new(json).object(&mut |r, key| {
            parts.push(key.to_owned());
            parts.push(plain(r)?);
            Ok(())
        })?;
        Ok(vec![Sent { name: name.to_owned(), parts }])
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
pub(crate) fn no_object(fault: &Fault) -> Error {
    Error::new(ErrorKind::Config, format!("the body can not be sent: {}", fault.message()))
}

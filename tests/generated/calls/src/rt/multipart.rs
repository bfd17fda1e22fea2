//! Multipart bodies (RFC 7578).

use crate::rt::body::{Render, Rendered};
use crate::rt::digest::digest;
use crate::rt::error::Result;
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::form::{no_object, plain};
use crate::rt::reader::{Kind, Reader};
use crate::rt::value::Binary;

/// Writes the members of an object as the parts of a multipart body. A list is a part for each of its elements; an object is a
/// part of JSON.
#[derive(Clone, Copy, Debug)]
pub struct Multipart {
    /// The members that are files: Base64 in the object, bytes in the body.
    pub files: &'static [&'static str],
}

impl Render for Multipart {
    fn render(&self, json: &[u8]) -> Result<Rendered> {
        let parts = self.parts(json).map_err(|fault| no_object(&fault))?;
        let boundary = boundary(&parts);
        let mut bytes = Vec::new();
        for part in &parts {
            bytes.extend_from_slice(format!("--{boundary}\r\n{}\r\n\r\n", part.head).as_bytes());
            bytes.extend_from_slice(&part.content);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        Ok(Rendered { bytes, parameters: format!("; boundary={boundary}") })
    }
}

/// A part: its headers, and its content.
struct Part {
    head: String,
    content: Vec<u8>,
}

impl Multipart {
    fn parts(&self, json: &[u8]) -> Result<Vec<Part>, Fault> {
        let mut parts = Vec::new();
        Reader::from_bytes(json)?.object(&mut |r, name| {
            if r.peek()? == Kind::Array {
                r.array(&mut |r, _| {
                    parts.push(self.part(name, r)?);
                    Ok(())
                })
            } else {
                parts.push(self.part(name, r)?);
                Ok(())
            }
        })?;
        Ok(parts)
    }

    fn part(&self, name: &str, r: &mut Reader<'_>) -> Result<Part, Fault> {
        let disposition = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
        let kind = r.peek()?;
        if self.files.contains(&name) && kind == Kind::String {
            let content: Binary =
                plain(r)?.parse().map_err(|_| Fault::new(FaultKind::Type, 0, format!("`{name}` is not Base64")))?;
            let head = format!("{disposition}; filename=\"{}\"\r\nContent-Type: application/octet-stream", quoted(name));
            return Ok(Part { head, content: content.0 });
        }
        Ok(match kind {
            Kind::Array | Kind::Object => {
                Part { head: format!("{disposition}\r\nContent-Type: application/json"), content: r.skip()?.into() }
            }
            _ => Part { head: disposition, content: plain(r)?.into_bytes() },
        })
    }
}

/// A name as it stands in quotes, in the manner of browsers.
fn quoted(name: &str) -> String {
    name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}

/// A line that is in no part; the same for the same parts.
fn boundary(parts: &[Part]) -> String {
    let digests: Vec<u8> = parts.iter().flat_map(|part| digest(&part.content).to_le_bytes()).collect();
    let mut seed = digest(&digests);
    loop {
        let boundary = format!("part-{seed:016x}");
        let holds = |part: &Part| part.content.windows(boundary.len()).any(|window| window == boundary.as_bytes());
        if !parts.iter().any(holds) {
            return boundary;
        }
        seed = seed.wrapping_add(1);
    }
}

//! Where a read stands, exact to the record, as a value that can be stored and gone on from.
//!
//! A checkpoint has a text form, one line of JSON. It names the operation, the resource's fingerprint and a digest of the
//! arguments, so that it is refused where it does not belong.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::rt::descriptor::{PartitionBy, Resource};
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::json_write;
use crate::rt::pager::Position;
use crate::rt::reader::Reader;

/// The version of the text form. In version 1 every place was one of pages.
const VERSION: u64 = 2;

/// Where a read stands. Store its text (`to_string`), parse that later, and hand it to `resume`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    /// The resource's name in the spec.
    operation: String,
    /// The fingerprints of the resource and its parents.
    fingerprint: String,
    /// The digest of the caller's arguments.
    arguments: u64,
    /// The place in each level, the outermost first. A level for which the next row of the one before is yet to be read has
    /// none; without any, the read is over.
    places: Vec<Place>,
    /// The greatest incremental cursor of the records given so far.
    mark: Option<String>,
    /// What the progress of the resource notes, as JSON.
    progress: Option<String>,
}

/// A place in the pages of a resource, or in a sequence of values.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// What the row of the level before gave: names and JSON texts.
    pub bindings: Vec<(String, String)>,
    /// The page, or the sequence.
    pub position: Position,
    /// The digest of the last record that is done with, by which its page is known again.
    pub digest: Option<u64>,
    /// How many of its records, or of its values, are done with.
    pub given: u64,
    /// How many of the records that steps make of the next one are done with.
    pub part: u64,
    /// How many records came on the pages before it.
    pub seen: u64,
}

impl Place {
    /// The start of a page.
    #[must_use]
    pub fn at(position: Position, seen: u64, bindings: Vec<(String, String)>) -> Self {
        Self { bindings, position, digest: None, given: 0, part: 0, seen }
    }
}

impl Checkpoint {
    /// A checkpoint of a read.
    #[must_use]
    pub fn new(resource: &Resource, arguments: u64, places: Vec<Place>, mark: Option<String>) -> Self {
        let operation = resource.operation.name.to_owned();
        Self { operation, fingerprint: fingerprint(resource), arguments, places, mark, progress: None }
    }

    /// The same with what the progress of the resource notes, a JSON text of one line.
    #[must_use]
    pub fn with_progress(self, progress: Option<String>) -> Self {
        Self { progress, ..self }
    }

    /// What the progress of the resource notes.
    #[must_use]
    pub fn progress(&self) -> Option<&str> {
        self.progress.as_deref()
    }

    /// The name of the resource that it belongs to.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// The greatest incremental cursor of the records given so far.
    #[must_use]
    pub fn mark(&self) -> Option<&str> {
        self.mark.as_deref()
    }

    /// Whether nothing was left to read.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.places.is_empty()
    }

    /// The place in each level, the outermost first.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Refuses a resource other than the one it is of, or that one in another version.
    pub fn belongs_to(&self, resource: &Resource) -> Result<()> {
        let name = resource.operation.name;
        if self.operation != name {
            return Err(refused(format!("the checkpoint is one of `{}`, not of `{name}`", self.operation)));
        }
        if self.fingerprint != fingerprint(resource) || self.places.len() > resource.partitions.len() + 1 {
            return Err(refused(format!(
                "the checkpoint was made by another version of `{name}`, whose request or schema differs; read it from the start"
            )));
        }
        Ok(())
    }

    /// Refuses, besides, arguments other than those of the read that it was taken of.
    pub fn continues(&self, resource: &Resource, arguments: u64) -> Result<()> {
        self.belongs_to(resource)?;
        if self.arguments == arguments {
            return Ok(());
        }
        Err(refused("the checkpoint was made with other arguments; set the same ones, or read from the start"))
    }
}

/// The fingerprints of a resource and its parents: a place is of use only if none of them changed.
fn fingerprint(resource: &Resource) -> String {
    let mut text = resource.fingerprint.to_owned();
    for parent in resource.partitions.iter().rev().filter_map(PartitionBy::parent) {
        text.push('/');
        text.push_str(parent.fingerprint);
    }
    text
}

fn refused(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Checkpoint, message)
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places: Vec<String> = self.places.iter().map(place_text).collect();
        let object = json_write::ObjectWriter::new()
            .raw("version", &VERSION.to_string())
            .string("operation", &self.operation)
            .string("fingerprint", &self.fingerprint)
            .string("arguments", &format!("{:016x}", self.arguments))
            .raw("places", &format!("[{}]", places.join(",")));
        let object = match &self.mark {
            Some(mark) => object.string("mark", mark),
            None => object,
        };
        let object = match &self.progress {
            Some(progress) => object.raw("progress", progress),
            None => object,
        };
        f.write_str(&object.finish())
    }
}

fn place_text(place: &Place) -> String {
    let mut object = json_write::ObjectWriter::new();
    if !place.bindings.is_empty() {
        let bindings = place
            .bindings
            .iter()
            .fold(json_write::ObjectWriter::new(), |object, (name, value)| object.raw(name, &json_write::in_one_line(value)));
        object = object.raw("bindings", &bindings.finish());
    }
    object = match &place.position {
        Position::Start => object,
        Position::Page(number) => object.raw("page", &number.to_string()),
        Position::Offset(offset) => object.raw("offset", &offset.to_string()),
        Position::Cursor(cursor) => object.string("cursor", cursor),
        Position::Url(url) => object.string("url", url),
        Position::Sequence(id) => object.string("sequence", id),
    };
    if let Some(digest) = place.digest {
        object = object.string("digest", &format!("{digest:016x}"));
    }
    object = object.raw("given", &place.given.to_string());
    if place.part > 0 {
        object = object.raw("part", &place.part.to_string());
    }
    object.raw("seen", &place.seen.to_string()).finish()
}

impl FromStr for Checkpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        read(text).map_err(|fault| refused(format!("the text is no checkpoint: {fault}")))
    }
}

fn read(text: &str) -> Result<Checkpoint, Fault> {
    let mut r = Reader::new(text);
    let (mut version, mut operation, mut fingerprint, mut arguments, mut places) = (None, None, None, None, None);
    let (mut mark, mut progress) = (None, None);
    r.object(&mut |r, key| {
        match key {
            "version" => version = Some(number(r)?),
            "operation" => operation = Some(r.str()?.into_owned()),
            "fingerprint" => fingerprint = Some(r.str()?.into_owned()),
            "arguments" => arguments = Some(hexadecimal(r)?),
            "places" => places = Some(read_places(r)?),
            "mark" => mark = Some(r.str()?.into_owned()),
            "progress" => progress = Some(json_write::in_one_line(r.skip()?)),
            _ => drop(r.skip()?),
        }
        Ok(())
    })?;
    r.end()?;
    let missing = |what: &'static str| move || Fault::new(FaultKind::Missing, 0, what);
    let version = version.ok_or_else(missing("it has no `version`"))?;
    if version != VERSION {
        let message = format!("its form is version {version}, and this crate reads version {VERSION}; read from the start");
        return Err(Fault::new(FaultKind::Type, 0, message));
    }
    Ok(Checkpoint {
        operation: operation.ok_or_else(missing("it has no `operation`"))?,
        fingerprint: fingerprint.ok_or_else(missing("it has no `fingerprint`"))?,
        arguments: arguments.ok_or_else(missing("it has no `arguments`"))?,
        places: places.ok_or_else(missing("it has no `places`"))?,
        mark,
        progress,
    })
}

fn read_places(r: &mut Reader<'_>) -> Result<Vec<Place>, Fault> {
    let mut places = Vec::new();
    r.array(&mut |r, _| {
        places.push(read_place(r)?);
        Ok(())
    })?;
    Ok(places)
}

fn read_place(r: &mut Reader<'_>) -> Result<Place, Fault> {
    let mut place = Place::at(Position::Start, 0, Vec::new());
    r.object(&mut |r, key| {
        match key {
            "bindings" => {
                r.object(&mut |r, name| {
                    place.bindings.push((name.to_owned(), r.skip()?.to_owned()));
                    Ok(())
                })?;
            }
            "page" => place.position = Position::Page(number(r)?),
            "offset" => place.position = Position::Offset(number(r)?),
            "cursor" => place.position = Position::Cursor(r.str().map(Cow::into_owned)?),
            "url" => place.position = Position::Url(r.str().map(Cow::into_owned)?),
            "sequence" => place.position = Position::Sequence(r.str().map(Cow::into_owned)?),
            "digest" => place.digest = Some(hexadecimal(r)?),
            "given" => place.given = number(r)?,
            "part" => place.part = number(r)?,
            "seen" => place.seen = number(r)?,
            _ => drop(r.skip()?),
        }
        Ok(())
    })?;
    Ok(place)
}

fn hexadecimal(r: &mut Reader<'_>) -> Result<u64, Fault> {
    r.parse("16 hexadecimal digits", |digits| u64::from_str_radix(digits, 16).ok())
}

fn number(r: &mut Reader<'_>) -> Result<u64, Fault> {
    let text = r.number()?;
    text.parse().map_err(|_| Fault::unfit(r.offset() - text.len(), "a whole number from 0 on", text))
}

#[cfg(feature = "serde")]
impl serde::Serialize for Checkpoint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Checkpoint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

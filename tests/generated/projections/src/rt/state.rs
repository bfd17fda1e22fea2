//! What a later run starts from: the mark of each partition, as a value that can be stored.
//!
//! A state has a text form, one line of JSON. It names the operation, and digests of the cursor and of the arguments, so that it
//! is refused where it does not belong. It is never ahead of what was handed out: where records come in the order of the cursor
//! it follows them one by one, and elsewhere a partition's mark moves when all of the partition was handed out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::json_write::{self, ObjectWriter};
use crate::rt::reader::Reader;

/// The version of the text form.
const VERSION: u64 = 1;

/// How many partitions have a mark of their own. Those beyond are read from the start again.
pub const PARTITIONS: usize = 10_000;

/// How many records at the mark are remembered by their keys. Those beyond come again in the next run.
pub const BORDER: usize = 10_000;

/// What a later run starts from. Store its text (`to_string`), parse that later, and hand it to `continue_from`.
///
/// At most 10,000 partitions have a mark of their own, and of the records at a mark at most 10,000 are remembered; what is
/// beyond that comes again in the next run.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct State {
    /// The resource's name in the spec.
    pub(crate) operation: String,
    /// The digest of the cursor and the key.
    pub(crate) fingerprint: u64,
    /// The digest of the caller's arguments, but for the start, the end and the size of a page.
    pub(crate) arguments: u64,
    pub(crate) partitions: BTreeMap<String, Entry>,
}

/// How far one partition is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Entry {
    /// The greatest cursor handed out, or the token of the last page.
    pub(crate) mark: String,
    /// The digests of the keys of the records at the mark.
    pub(crate) border: BTreeSet<u64>,
    /// Whether the run at hand came to it.
    pub(crate) is_met: bool,
}

impl State {
    /// The name of the resource that it belongs to.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// The mark of each partition, by what the partition is read for: the values taken from the parents' records, as a JSON
    /// object; `{}` where there is no parent.
    pub fn marks(&self) -> impl Iterator<Item = (&str, &str)> {
        self.partitions.iter().map(|(partition, entry)| (partition.as_str(), entry.mark.as_str()))
    }

    /// Whether it has no mark at all: a run from it starts as a first one does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.partitions.is_empty()
    }

    /// Notes how far a partition is, as far as there is room.
    pub(crate) fn put(&mut self, partition: &str, entry: Entry) {
        if self.partitions.len() < PARTITIONS || self.partitions.contains_key(partition) {
            self.partitions.insert(partition.to_owned(), entry);
        }
    }

    /// Refuses a state of another resource, another cursor or other arguments.
    pub(crate) fn continues(&self, like: &Self) -> Result<()> {
        let name = &like.operation;
        let why = if self.operation != *name {
            format!("the state is one of `{}`, not of `{name}`", self.operation)
        } else if self.fingerprint != like.fingerprint {
            format!("the state was made when `{name}` had another cursor or key; read from the start")
        } else if self.arguments != like.arguments {
            "the state was made with other arguments; set the same ones, or read from the start".to_owned()
        } else {
            return Ok(());
        };
        Err(refused(why))
    }
}

pub(crate) fn refused(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Checkpoint, why)
}

/// A place where records may be missing: the service no longer knew where an earlier run had ended, so this one started over.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Gap {
    /// The partition, as [`State::marks`] names it.
    pub partition: String,
    /// The cursor or token that was refused. What came after it, and is gone from the service by now, was not read.
    pub refused: String,
    /// Where the partition was read from instead; none is the start of all that the service has.
    pub restarted_at: Option<String>,
    /// The status of the refusal.
    pub status: Option<u16>,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the service has forgotten `{}`, where the run before ended", self.refused)?;
        if self.partition != "{}" {
            write!(f, " for {}", self.partition)?;
        }
        match &self.restarted_at {
            Some(start) => write!(f, "; read from `{start}`"),
            None => write!(f, "; read from the start of what it has"),
        }?;
        f.write_str(", and what came in between may be missing")
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = ObjectWriter::new()
            .raw("version", &VERSION.to_string())
            .string("operation", &self.operation)
            .string("fingerprint", &format!("{:016x}", self.fingerprint))
            .string("arguments", &format!("{:016x}", self.arguments))
            .raw("partitions", &partitions_text(&self.partitions, false));
        f.write_str(&object.finish())
    }
}

impl FromStr for State {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        read(text).map_err(|fault| refused(format!("the text is no state: {fault}")))
    }
}

fn read(text: &str) -> Result<State, Fault> {
    let mut r = Reader::new(text);
    let (mut version, mut operation, mut fingerprint, mut arguments, mut partitions) = (None, None, None, None, None);
    r.object(&mut |r, key| {
        match key {
            "version" => version = Some(r.number()?.to_owned()),
            "operation" => operation = Some(r.str()?.into_owned()),
            "fingerprint" => fingerprint = Some(hex(r)?),
            "arguments" => arguments = Some(hex(r)?),
            "partitions" => partitions = Some(unmet(read_partitions(r)?)),
            _ => drop(r.skip()?),
        }
        Ok(())
    })?;
    r.end()?;
    if version != Some(VERSION.to_string()) {
        return Err(Fault::new(FaultKind::Type, 0, format!("its `version` is not {VERSION}")));
    }
    let missing = |what: &'static str| move || Fault::new(FaultKind::Missing, 0, what);
    Ok(State {
        operation: operation.ok_or_else(missing("it has no `operation`"))?,
        fingerprint: fingerprint.ok_or_else(missing("it has no `fingerprint`"))?,
        arguments: arguments.ok_or_else(missing("it has no `arguments`"))?,
        partitions: partitions.ok_or_else(missing("it has no `partitions`"))?,
    })
}

/// Partitions as JSON. Which of them the run at hand came to is for a checkpoint of that run alone.
pub(crate) fn partitions_text(partitions: &BTreeMap<String, Entry>, with_met: bool) -> String {
    let entry = |(partition, entry): (&String, &Entry)| {
        let mut object = ObjectWriter::new().raw("of", partition).string("mark", &entry.mark);
        if !entry.border.is_empty() {
            let digests: Vec<String> = entry.border.iter().map(|digest| format!("\"{digest:016x}\"")).collect();
            object = object.raw("border", &format!("[{}]", digests.join(",")));
        }
        if with_met && entry.is_met { object.raw("met", "true") } else { object }.finish()
    };
    let entries: Vec<String> = partitions.iter().map(entry).collect();
    format!("[{}]", entries.join(","))
}

/// Reads what [`partitions_text`] writes.
pub(crate) fn read_partitions(r: &mut Reader<'_>) -> Result<BTreeMap<String, Entry>, Fault> {
    let mut partitions = BTreeMap::new();
    r.array(&mut |r, _| {
        let (mut partition, mut entry) = (None, Entry::default());
        r.object(&mut |r, key| {
            match key {
                "of" => partition = Some(json_write::in_one_line(r.skip()?)),
                "mark" => entry.mark = r.str()?.into_owned(),
                "border" => r.array(&mut |r, _| {
                    entry.border.insert(hex(r)?);
                    Ok(())
                })?,
                "met" => entry.is_met = r.bool()?,
                _ => drop(r.skip()?),
            }
            Ok(())
        })?;
        partitions.insert(partition.ok_or_else(no_partition)?, entry);
        Ok(())
    })?;
    Ok(partitions)
}

/// Which partitions a run came to is said by its checkpoints alone, whatever the text of a state says.
fn unmet(mut partitions: BTreeMap<String, Entry>) -> BTreeMap<String, Entry> {
    for entry in partitions.values_mut() {
        entry.is_met = false;
    }
    partitions
}

fn hex(r: &mut Reader<'_>) -> Result<u64, Fault> {
    r.parse("16 hexadecimal digits", |digits| u64::from_str_radix(digits, 16).ok())
}

/// Gaps as JSON, for a checkpoint.
pub(crate) fn gaps_text(gaps: &[Gap]) -> String {
    let gap = |gap: &Gap| {
        let mut object = ObjectWriter::new().raw("of", &gap.partition).string("refused", &gap.refused);
        if let Some(at) = &gap.restarted_at {
            object = object.string("at", at);
        }
        if let Some(status) = gap.status {
            object = object.raw("status", &status.to_string());
        }
        object.finish()
    };
    let gaps: Vec<String> = gaps.iter().map(gap).collect();
    format!("[{}]", gaps.join(","))
}

/// Reads what [`gaps_text`] writes.
pub(crate) fn read_gaps(r: &mut Reader<'_>) -> Result<Vec<Gap>, Fault> {
    let mut gaps = Vec::new();
    r.array(&mut |r, _| {
        let (mut partition, mut gap) =
            (None, Gap { partition: String::new(), refused: String::new(), restarted_at: None, status: None });
        r.object(&mut |r, key| {
            match key {
                "of" => partition = Some(json_write::in_one_line(r.skip()?)),
                "refused" => gap.refused = r.str()?.into_owned(),
                "at" => gap.restarted_at = Some(r.str()?.into_owned()),
                "status" => gap.status = r.number()?.parse().ok(),
                _ => drop(r.skip()?),
            }
            Ok(())
        })?;
        gaps.push(Gap { partition: partition.ok_or_else(no_partition)?, ..gap });
        Ok(())
    })?;
    Ok(gaps)
}

/// Without what it is for, an entry would be written as no JSON.
fn no_partition() -> Fault {
    Fault::new(FaultKind::Missing, 0, "an entry has no `of`")
}

/// A list of texts as JSON.
pub(crate) fn texts<'t>(texts: impl Iterator<Item = &'t String>) -> String {
    let mut list = String::from("[");
    for text in texts {
        if list.len() > 1 {
            list.push(',');
        }
        json_write::string(&mut list, text);
    }
    list.push(']');
    list
}

#[cfg(feature = "serde")]
impl serde::Serialize for State {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for State {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

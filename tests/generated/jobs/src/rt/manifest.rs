//! What a folder of files holds: which files its tables are, and how far each resource is.
//!
//! It is one file, put in its place by one step. So rows and progress change together: a file that it does not name does not count.
#![cfg(feature = "load")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::rt::destination::Progress;
use crate::rt::fault::{Fault, FaultKind};
use crate::rt::json_write::{self, ObjectWriter};

use crate::rt::reader::Reader;

/// The version of its form.
const VERSION: i64 = 1;

/// What a folder holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Manifest {
    /// How often it was changed.
    pub serial: i64,
    /// The tables.
    pub tables: BTreeMap<String, Files>,
    /// How far each resource is.
    pub resources: BTreeMap<String, Progress>,
}

/// The files of a table.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Files {
    /// Those that its rows are in.
    pub live: Vec<File>,
    /// Those that take their place once all are there.
    pub staged: Vec<File>,
    /// The columns of the last file, with their types as Arrow has them; none where they do not matter.
    pub columns: BTreeMap<String, String>,
}

/// A file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct File {
    /// Its name within the folder of the table.
    pub name: String,
    /// How many rows it has.
    pub rows: i64,
    /// When its rows were loaded.
    pub load_id: String,
}

impl Manifest {
    /// Reads one.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let mut manifest = Self::default();
        let mut r = Reader::new(text);
        r.object(&mut |r, key| match key {
            "version" => match r.integer()? {
                VERSION => Ok(()),
                other => Err(Fault::new(FaultKind::Type, 0, format!("it has version {other}, and this is made for {VERSION}"))),
            },
            "serial" => r.integer().map(|serial| manifest.serial = serial),
            "tables" => r.object(&mut |r, name| {
                let files = files(r)?;
                manifest.tables.insert(name.to_owned(), files);
                Ok(())
            }),
            "resources" => r.object(&mut |r, name| {
                let progress = progress(r)?;
                manifest.resources.insert(name.to_owned(), progress);
                Ok(())
            }),
            _ => r.skip().map(drop),
        })?;
        r.end()?;
        Ok(manifest)
    }

    /// Its text, a line for each table and resource.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = format!("{{\n\"version\":{VERSION},\n\"serial\":{},\n\"tables\":{{", self.serial);
        for (at, (name, files)) in self.tables.iter().enumerate() {
            text.push_str(if at == 0 { "\n" } else { ",\n" });
            json_write::string(&mut text, name);
            let mut object = ObjectWriter::new().raw("live", &list(&files.live)).raw("staged", &list(&files.staged));
            if !files.columns.is_empty() {
                let column = |columns: ObjectWriter, (name, kind): (&String, &String)| columns.string(name, kind);
                object = object.raw("columns", &files.columns.iter().fold(ObjectWriter::new(), column).finish());
            }
            let _ = write!(text, ":{}", object.finish());
        }
        text.push_str("\n},\n\"resources\":{");
        for (at, (name, progress)) in self.resources.iter().enumerate() {
            text.push_str(if at == 0 { "\n" } else { ",\n" });
            json_write::string(&mut text, name);
            let mut object = ObjectWriter::new();
            if let Some(checkpoint) = &progress.checkpoint {
                object = object.string("checkpoint", checkpoint);
            }
            if let Some(state) = &progress.state {
                object = object.string("state", state);
            }
            if let Some(begun) = &progress.begun {
                object = object.string("begun", begun);
            }
            if progress.replaces {
                object = object.raw("replaces", "true");
            }
            let _ = write!(text, ":{}", object.finish());
        }
        text.push_str("\n}\n}\n");
        text
    }
}

fn list(files: &[File]) -> String {
    let files = files.iter().map(|file| {
        let object = ObjectWriter::new().string("name", &file.name).raw("rows", &file.rows.to_string());
        object.string("load_id", &file.load_id).finish()
    });
    format!("[{}]", files.collect::<Vec<_>>().join(","))
}

fn files(r: &mut Reader<'_>) -> Result<Files, Fault> {
    let mut files = Files::default();
    r.object(&mut |r, key| {
        let list = match key {
            "live" => &mut files.live,
            "staged" => &mut files.staged,
            "columns" => {
                return r.object(&mut |r, name| {
                    let kind = r.str()?.into_owned();
                    files.columns.insert(name.to_owned(), kind);
                    Ok(())
                });
            }
            _ => return r.skip().map(drop),
        };
        r.array(&mut |r, _| {
            list.push(file(r)?);
            Ok(())
        })
    })?;
    Ok(files)
}

fn file(r: &mut Reader<'_>) -> Result<File, Fault> {
    let mut file = File::default();
    r.object(&mut |r, key| match key {
        "name" => r.str().map(|name| file.name = name.into_owned()),
        "rows" => r.integer().map(|rows| file.rows = rows),
        "load_id" => r.str().map(|id| file.load_id = id.into_owned()),
        _ => r.skip().map(drop),
    })?;
    let is_plain = !file.name.is_empty() && !file.name.starts_with('.') && !file.name.contains(['/', '\\']);
    if is_plain { Ok(file) } else { Err(Fault::new(FaultKind::Type, 0, format!("`{}` is no name of a file", file.name))) }
}

fn progress(r: &mut Reader<'_>) -> Result<Progress, Fault> {
    let mut progress = Progress::default();
    r.object(&mut |r, key| match key {
        "checkpoint" => r.str().map(|text| progress.checkpoint = Some(text.into_owned())),
        "state" => r.str().map(|text| progress.state = Some(text.into_owned())),
        "begun" => r.str().map(|id| progress.begun = Some(id.into_owned())),
        "replaces" => r.bool().map(|replaces| progress.replaces = replaces),
        _ => r.skip().map(drop),
    })?;
    Ok(progress)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, rows: i64) -> File {
        File { name: name.to_owned(), rows, load_id: "1.5".to_owned() }
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let files = Files {
            live: vec![file("1.parquet", 3), file("2.parquet", 0)],
            staged: vec![file("3.parquet", 7)],
            columns: BTreeMap::from([("id".to_owned(), "Int64".to_owned()), ("a \"b\"".to_owned(), "Utf8".to_owned())]),
        };
        let progress = Progress {
            checkpoint: Some("{\"a\":\"\\\"\"}".to_owned()),
            state: None,
            replaces: true,
            begun: Some("1.5".to_owned()),
        };
        let manifest = Manifest {
            serial: 41,
            tables: BTreeMap::from([("users".to_owned(), files), ("a \"b\"".to_owned(), Files::default())]),
            resources: BTreeMap::from([("users".to_owned(), progress), ("logs".to_owned(), Progress::default())]),
        };
        assert_eq!(Manifest::read(&manifest.write()), Ok(manifest));
        assert_eq!(Manifest::read(&Manifest::default().write()), Ok(Manifest::default()));
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        for (text, reason) in [
            ("", "the text ends"),
            ("[]", "expected an object"),
            ("{\"version\":2}", "it has version 2"),
            ("{\"tables\":{\"users\":{\"live\":[{\"name\":\"../../etc/passwd\"}]}}}", "is no name of a file"),
            ("{\"tables\":{\"users\":{\"live\":[{}]}}}", "is no name of a file"),
        ] {
            let fault = Manifest::read(text).expect_err(text);
            assert!(fault.to_string().contains(reason), "{fault}");
        }
    }
}

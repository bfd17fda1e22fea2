//! What became of mutants in earlier runs.

use std::io::Write as _;
use std::path::Path;
use std::{fs, io};

use serde_json::{Value, json};

use crate::mutate::Key;
use crate::trial::{Outcome, Outcomes};

/// Reads a record; there is nothing in one that is not there.
pub fn read(path: &Path) -> io::Result<Outcomes> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text.lines().filter_map(|line| entry(&serde_json::from_str(line).ok()?)).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Outcomes::new()),
        Err(error) => Err(error),
    }
}

fn entry(value: &Value) -> Option<(Key, Outcome)> {
    let text = |name: &str| Some(value[name].as_str()?.to_owned());
    let outcome = match value["outcome"].as_str()? {
        "killed" => Outcome::Killed { by: text("by")?, unit: value["unit"] == true, hung: value["hung"] == true },
        "survived" => Outcome::Survived,
        _ => Outcome::Unreached,
    };
    let nth = usize::try_from(value["nth"].as_u64()?).ok()?;
    Some((Key { file: text("file")?, function: text("function")?, change: text("change")?, nth }, outcome))
}

/// Adds a line to a record. A later one on the same mutant is the one that counts.
pub fn add(path: &Path, key: &Key, outcome: &Outcome) -> io::Result<()> {
    fs::OpenOptions::new().create(true).append(true).open(path)?.write_all(line(key, outcome).as_bytes())
}

fn line(Key { file, function, change, nth }: &Key, outcome: &Outcome) -> String {
    let mut value = json!({ "file": file, "function": function, "change": change, "nth": nth });
    match outcome {
        Outcome::Killed { by, unit, hung } => {
            value["outcome"] = "killed".into();
            value["by"] = by.as_str().into();
            value["unit"] = (*unit).into();
            value["hung"] = (*hung).into();
        }
        Outcome::Survived => value["outcome"] = "survived".into(),
        Outcome::Unreached => value["outcome"] = "unreached".into(),
    }
    format!("{value}\n")
}

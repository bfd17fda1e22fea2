//! Building with cargo: the tests that come of it, or which mutants the compiler does not take.

use std::collections::HashSet;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A program of tests.
#[derive(Clone, Debug)]
pub struct Program {
    /// The name of its target.
    pub name: String,
    /// Whether it is one of the runtime's own tests.
    pub is_unit: bool,
    /// The program.
    pub path: PathBuf,
    /// The folder of its package, in which it runs.
    pub folder: PathBuf,
}

/// A piece of a file that an error is about.
#[derive(Debug)]
struct Span {
    file: PathBuf,
    bytes: Range<usize>,
}

/// What comes of a build.
pub enum Built {
    /// The programs.
    Programs(Vec<Program>),
    /// The mutants that are no Rust.
    Refused(HashSet<u32>),
}

/// Runs cargo in a workspace. `unit` is the folder of the package whose tests are unit tests.
pub fn build(workspace: &Path, target: &Path, arguments: &[&str], unit: &str) -> io::Result<Built> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(workspace)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_INCREMENTAL", "0")
        // Code that is not written by hand is full of parentheses.
        .env("RUSTFLAGS", "-Awarnings")
        .args(arguments)
        .args(["--offline", "--message-format=json"])
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let messages: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    if output.status.success() {
        return Ok(Built::Programs(messages.iter().filter_map(|message| program(message, &workspace.join(unit))).collect()));
    }
    let refused: HashSet<u32> = messages.iter().filter_map(|message| culprit(message, workspace)).collect();
    if refused.is_empty() {
        let said = messages.iter().filter_map(|message| message["message"]["rendered"].as_str());
        return Err(io::Error::other(format!("cargo fails, by no fault of a mutant:\n{}", said.collect::<String>())));
    }
    Ok(Built::Refused(refused))
}

fn program(message: &Value, unit: &Path) -> Option<Program> {
    if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
        return None;
    }
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
    Some(Program {
        name: message["target"]["name"].as_str()?.to_owned(),
        is_unit: folder == unit,
        path: message["executable"].as_str()?.into(),
        folder,
    })
}

/// The mutant that an error is about.
fn culprit(message: &Value, workspace: &Path) -> Option<u32> {
    let message = &message["message"];
    if message["level"] != "error" {
        return None;
    }
    let mut spans: Vec<&Value> = message["spans"].as_array()?.iter().collect();
    spans.sort_by_key(|span| span["is_primary"] != true);
    let spans: Vec<Span> = spans.into_iter().filter_map(span).collect();
    let texts: Vec<String> =
        spans.iter().map(|span| std::fs::read_to_string(workspace.join(&span.file)).unwrap_or_default()).collect();
    let within = spans.iter().zip(&texts).find_map(|(span, text)| innermost(text, &span.bytes));
    within.or_else(|| spans.iter().zip(&texts).find_map(|(span, text)| before(text, &span.bytes)))
}

fn span(value: &Value) -> Option<Span> {
    let byte = |name: &str| usize::try_from(value[name].as_u64()?).ok();
    Some(Span { file: value["file_name"].as_str()?.into(), bytes: byte("byte_start")?..byte("byte_end")? })
}

const MARK: &str = "crate::rt::mutant::is(";

/// The mutants of a text and the bytes of what each brings: from its mark to the end of the block that follows.
fn regions(text: &str) -> impl Iterator<Item = (u32, Range<usize>)> + '_ {
    text.match_indices(MARK).filter_map(|(at, _)| {
        let digits: String = text[at + MARK.len()..].chars().take_while(char::is_ascii_digit).collect();
        let open = at + text[at..].find('{')?;
        let mut depth = 0;
        let close = text[open..].find(|found| {
            match found {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            depth == 0
        })?;
        Some((digits.parse().ok()?, at.saturating_sub(1)..open + close))
    })
}

fn innermost(text: &str, bytes: &Range<usize>) -> Option<u32> {
    let around = regions(text).filter(|(_, region)| region.start <= bytes.start && bytes.end <= region.end + 1);
    around.min_by_key(|(_, region)| region.len()).map(|(id, _)| id)
}

/// The first mutant in what an error is about, or else the last one before.
fn before(text: &str, bytes: &Range<usize>) -> Option<u32> {
    let inside = regions(text).find(|(_, region)| bytes.contains(&region.start));
    inside.or_else(|| regions(text).take_while(|(_, region)| region.start < bytes.start).last()).map(|(id, _)| id)
}

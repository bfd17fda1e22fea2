//! `gen new NAME`: a spec to start from.

use std::path::{Path, PathBuf};

use askama::Template;

use super::failure::Failure;
use super::shell::{Shell, data};

const AFTER_HELP: &str = "\
Examples:
  gen new acme                          Write `specs/acme.yaml`
  gen new acme --out -                  Print it";

/// Writes a commented spec to start from.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// What the connector is called: lower-case letters, digits, `_` and `-`, a letter first.
    #[arg(value_parser = name)]
    name: String,
    /// Where the spec goes; `-` is stdout [default: `specs/<NAME>.yaml`].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Template)]
#[template(path = "new.yaml.askama", escape = "none")]
struct NewSpec<'a> {
    name: &'a str,
    title: &'a str,
}

pub(crate) fn run(arguments: &Arguments, shell: Shell) -> Result<(), Failure> {
    let title = title(&arguments.name);
    let spec = NewSpec { name: &arguments.name, title: &title };
    let text = spec.render().map_err(|error| Failure::io(format!("cannot fill the template: {error}")))?;
    let path = arguments.out.clone().unwrap_or_else(|| Path::new("specs").join(format!("{}.yaml", arguments.name)));
    if path == Path::new("-") {
        return data(&text);
    }
    write_new(&path, &text)?;
    shell.status("Wrote", &format!("`{0}`; compile it with `gen --spec {0}`", path.display()));
    Ok(())
}

/// Writes a file that must not be there yet.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| Failure::file("write", path, error);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| {
        let hint = "choose another name, or another file with `--out`".to_owned();
        let exists = error.kind() == std::io::ErrorKind::AlreadyExists;
        Failure::Io { message: failed(&error).message(), hint: exists.then_some(hint) }
    })?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(|error| failed(&error))
}

/// `acme-billing` for people: `Acme billing`.
fn title(name: &str) -> String {
    let words = name.replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// A name that can be a crate's.
fn name(text: &str) -> Result<String, String> {
    let plain = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
    if plain && text.starts_with(|c: char| c.is_ascii_lowercase()) {
        Ok(text.to_owned())
    } else {
        Err("expected lower-case letters, digits, `_` and `-`, a letter first".to_owned())
    }
}

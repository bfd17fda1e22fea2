//! What the program says, where, and how loud.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use clap::builder::styling::{AnsiColor, Style};
use similar::TextDiff;
use tapwright::diagnostic::{Diagnostics, Severity};
use tapwright::source::Sources;

use super::failure::Failure;

/// When to use colors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    fn is_on(self, terminal: bool) -> bool {
        let wanted = || std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        match self {
            Self::Auto => terminal && wanted(),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// The styles of a stream; all of them plain where it has no colors.
#[derive(Clone, Copy, Debug, Default)]
struct Palette {
    done: Style,
    error: Style,
    hint: Style,
    added: Style,
    removed: Style,
}

impl Palette {
    fn new(colors: bool) -> Self {
        if !colors {
            return Self::default();
        }
        let (green, red, cyan) = (AnsiColor::Green.on_default(), AnsiColor::Red.on_default(), AnsiColor::Cyan.on_default());
        Self { done: green.bold(), error: red.bold(), hint: cyan.bold(), added: green, removed: red }
    }
}

/// What the user wants to see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shell {
    color: Color,
    quiet: bool,
    pub(crate) json: bool,
}

impl Shell {
    pub(crate) fn new(color: Color, quiet: bool, json: bool) -> Self {
        Self { color, quiet, json }
    }

    /// The same for who wants to hear of errors alone.
    pub(crate) fn quietly(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// What was done, or is being done: a verb, and what it is done to.
    pub(crate) fn status(self, verb: &str, text: &str) {
        if !self.quiet {
            let done = self.stderr().done;
            eprintln!("{done}{verb}{done:#} {text}");
        }
    }

    /// What the stages have said about a spec. Warnings are not for those who want quiet.
    pub(crate) fn diagnostics(self, diagnostics: &Diagnostics, sources: &Sources) -> Result<(), Failure> {
        for diagnostic in diagnostics.iter().filter(|it| !self.quiet || it.severity == Severity::Error) {
            if self.json {
                data(&format!("{}\n", diagnostic.to_json(sources)))?;
            } else {
                eprintln!("{}\n", diagnostic.render(sources, self.color.is_on(io::stderr().is_terminal())));
            }
        }
        Ok(())
    }

    /// A unified diff: `-` is what is there, `+` what should be.
    pub(crate) fn diff(self, text: &str) -> Result<(), Failure> {
        let Palette { added, removed, hint, .. } = Palette::new(self.color.is_on(io::stdout().is_terminal()));
        let paint = |line: &str| {
            let style = match line.as_bytes().first() {
                Some(b'-') => removed,
                Some(b'+') => added,
                Some(b'@') => hint,
                _ => Style::new(),
            };
            format!("{style}{line}{style:#}")
        };
        data(&text.split_inclusive('\n').map(paint).collect::<String>())
    }

    /// Why the command failed.
    pub(crate) fn failure(self, failure: &Failure) {
        let Palette { error, hint, .. } = self.stderr();
        eprintln!("{error}error{error:#}: {}", failure.message());
        if let Some(text) = failure.hint() {
            eprintln!("{hint}hint{hint:#}: {text}");
        }
    }

    fn stderr(self) -> Palette {
        Palette::new(self.color.is_on(io::stderr().is_terminal()))
    }
}

/// What differs between two texts, as `patch` takes it.
pub(crate) fn unified(names: [&str; 2], old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new).unified_diff().header(names[0], names[1]).to_string()
}

/// Prints what the command was run for.
pub(crate) fn data(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done.map_err(|error| Failure::io(format!("cannot write to stdout: {error}"))),
    }
}

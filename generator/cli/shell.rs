//! What the program says, where, and how loud.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use clap::builder::styling::{AnsiColor, Style};
use tapwright::diagnostic::{Diagnostics, Severity};
use tapwright::source::Sources;

use super::failure::Failure;

const GREEN: Style = AnsiColor::Green.on_default().bold();
const RED: Style = AnsiColor::Red.on_default();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Whether to use colors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
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

/// The two streams and how they are used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shell {
    color_out: bool,
    color_err: bool,
    quiet: bool,
    pub(crate) json: bool,
}

impl Shell {
    pub(crate) fn new(color: Color, quiet: bool, json: bool) -> Self {
        let (color_out, color_err) = (color.is_on(io::stdout().is_terminal()), color.is_on(io::stderr().is_terminal()));
        Self { color_out, color_err, quiet, json }
    }

    /// What is being done: a verb, and what it is done to.
    pub(crate) fn status(self, verb: &str, text: &str) {
        if !self.quiet {
            let style = if self.color_err { GREEN } else { Style::new() };
            eprintln!("{style}{verb}{style:#} {text}");
        }
    }

    /// What the command was run for.
    pub(crate) fn data(self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            // Whoever reads has read enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            done => done.map_err(|error| Failure::io(format!("cannot write to stdout: {error}"))),
        }
    }

    /// What the stages have said about a spec. Warnings are not for those who want quiet.
    pub(crate) fn diagnostics(self, diagnostics: &Diagnostics, sources: &Sources) -> Result<(), Failure> {
        for diagnostic in diagnostics.iter().filter(|it| !self.quiet || it.severity == Severity::Error) {
            if self.json {
                self.data(&format!("{}\n", diagnostic.to_json(sources)))?;
            } else {
                eprintln!("{}\n", diagnostic.render(sources, self.color_err));
            }
        }
        Ok(())
    }

    /// A unified diff: what is written by hand or by an old `gen`, and what would be written now.
    pub(crate) fn diff(self, text: &str) -> Result<(), Failure> {
        if !self.color_out {
            return self.data(text);
        }
        let paint = |line: &str| match line.as_bytes().first() {
            Some(b'-') => format!("{RED}{line}{RED:#}"),
            Some(b'+') => format!("{GREEN}{line}{GREEN:#}"),
            Some(b'@') => format!("{HINT}{line}{HINT:#}"),
            _ => line.to_owned(),
        };
        self.data(&text.split_inclusive('\n').map(paint).collect::<String>())
    }

    /// Why the command failed.
    pub(crate) fn failure(self, failure: &Failure) {
        let (error, hint) = if self.color_err { (ERROR, HINT) } else { (Style::new(), Style::new()) };
        eprintln!("{error}error{error:#}: {}", failure.message());
        if let Some(text) = failure.hint() {
            eprintln!("{hint}hint{hint:#}: {text}");
        }
    }
}

//! The command line: one file a command. Data goes to stdout, all else to stderr.

mod check;
mod compile;
mod completions;
mod demo;
mod diff;
mod explain;
mod failure;
mod fmt;
mod generate;
mod infer;
mod learn;
mod lint;
mod login;
mod mock;
mod new;
mod reference;
mod revision;
mod schema;
mod shell;

use std::process::ExitCode;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, CommandFactory, Parser, Subcommand, error::ErrorKind};

use failure::Failure;
use shell::{Color, Shell};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const AFTER_HELP: &str = "\
Examples:
  gen --spec specs/auth0.yaml           Write the crate to `generated/auth0`
  gen --spec specs/auth0.yaml --demo    Read a mock of the API through it as well
  gen check                             Are the committed crates what `specs/*.yaml` give?
  gen diff main:specs/auth0.yaml specs/auth0.yaml
                                        Whom does a change of a spec break?
  gen mock --spec specs/auth0.yaml      Try a connector without an account

Exit status: 0 done, 1 crates are out of date, 2 a bad spec or command line, 3 files that cannot
be read or written, 4 generated files were edited by hand, 5 a version that grows too little.";

/// Compiles the description of an HTTP API into a standalone, strongly typed Rust crate.
#[derive(Debug, Parser)]
#[command(name = "gen", version, styles = STYLES, after_help = AFTER_HELP, override_usage = "gen --spec <FILE> [OPTIONS]\n       gen <COMMAND>")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    generate: generate::Arguments,
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Arguments),
    Diff(diff::Arguments),
    New(new::Arguments),
    Fmt(fmt::Arguments),
    Lint(lint::Arguments),
    Infer(infer::Arguments),
    Learn(learn::Arguments),
    Login(login::Arguments),
    Mock(mock::Arguments),
    Explain(explain::Arguments),
    Schema(schema::Arguments),
    Reference(reference::Arguments),
    Completions(completions::Arguments),
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// When to use colors; `auto` is on a terminal, unless `NO_COLOR` is set.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    color: Color,
    /// Say nothing but errors.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Print diagnostics for tools: one JSON object a line, on stdout.
    #[arg(long, global = true)]
    json: bool,
}

/// Runs the command that the arguments name.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let shell = Shell::new(cli.global.color, cli.global.quiet, cli.global.json);
    match dispatch(cli, shell) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            shell.failure(&failure);
            failure.exit_code()
        }
    }
}

fn dispatch(cli: Cli, shell: Shell) -> Result<(), Failure> {
    match cli.command {
        Some(_) if cli.generate.is_given() => {
            usage(ErrorKind::ArgumentConflict, "`--spec`, `--out` and `--demo` belong behind the command's name")
        }
        None => match &cli.generate.spec {
            Some(spec) => generate::run(spec, &cli.generate, shell),
            None => usage(ErrorKind::MissingRequiredArgument, "nothing to do: give a spec with `--spec FILE`, or a command"),
        },
        Some(Command::Check(arguments)) => check::run(&arguments, shell),
        Some(Command::Diff(arguments)) => diff::run(&arguments, shell),
        Some(Command::Login(arguments)) => login::run(&arguments, shell),
        Some(Command::New(arguments)) => new::run(&arguments, shell),
        Some(Command::Fmt(arguments)) => fmt::run(&arguments, shell),
        Some(Command::Lint(arguments)) => lint::run(&arguments, shell),
        Some(Command::Infer(arguments)) => infer::run(&arguments, shell),
        Some(Command::Learn(arguments)) => learn::run(&arguments, shell),
        Some(Command::Mock(arguments)) => mock::run(arguments, shell),
        Some(Command::Explain(arguments)) => explain::run(&arguments, shell),
        Some(Command::Schema(_)) => schema::run(),
        Some(Command::Reference(_)) => reference::run(),
        Some(Command::Completions(arguments)) => completions::run(&arguments, &mut Cli::command()),
    }
}

/// Ends as every wrong command line does.
fn usage(kind: ErrorKind, message: &str) -> ! {
    Cli::command().error(kind, message).exit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}

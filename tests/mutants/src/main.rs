//! Proof that the tests of the runtime can fail: small defects are put into it, one after the other, and a test must find each.
//!
//! `cargo run -p tapwright-mutants` tries all and writes `docs/mutants.md`. One build holds all mutants, each behind a question whether it
//! is the one that is alive, so that trying one is to run the tests that get to it.

mod build;
mod change;
mod explained;
mod mutate;
mod record;
mod report;
mod scratch;
mod subject;
mod suite;
mod trial;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{fs, io, thread};

use build::Program;
use clap::Parser;
use mutate::Mutant;
use subject::Subject;
use suite::Suite;
use trial::Outcome;

/// The files of the runtime that decide what is sent, what is believed, and what is given. Their place in this list is in the numbers of
/// their mutants, so new ones go to its end.
const CORE: &[&str] = &[
    "pager",
    "paging",
    "run",
    "level",
    "partition",
    "page",
    "document",
    "walk",
    "rows",
    "window",
    "incremental",
    "sequence",
    "exchange",
    "retry",
    "verdict",
    "rules",
    "wait",
    "limit",
    "meter",
    "gate",
    "token",
    "refresh",
    "session",
    "login",
    "auth",
    "origin",
    "url",
    "link_header",
    "link_param",
    "state",
    "checkpoint",
    "known",
    "kept",
    "sieve",
    "standing",
    "progress",
    "content",
    "zstd",
    "brotli",
    "time",
    "cursor",
    "calendar",
    "args",
    "select",
    "carry",
    "batch",
    "digest",
    "asked",
    "facts",
    "condition",
    "partition_by",
    "token_store",
];

/// What became of all of them, within the project.
const PAGE: &str = "docs/mutants.md";

/// So many seconds are enough for every test.
const WHOLE: f64 = 600.0;

/// Puts small defects into the runtime and runs the tests on each.
#[derive(Parser)]
struct Options {
    /// Only mutants of these files, such as `pager`
    #[arg(long, value_name = "NAME")]
    file: Vec<String>,
    /// Only so many mutants, drawn by `--seed`
    #[arg(long, value_name = "NUMBER")]
    sample: Option<usize>,
    /// Which sample
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    /// Leaves out mutants that were killed in earlier runs
    #[arg(long)]
    again: bool,
    /// How many are tried at once [default: as many as there are processors]
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<usize>,
    /// Leaves out tests that take longer than this
    #[arg(long, value_name = "SECONDS", default_value_t = WHOLE)]
    within: f64,
    /// Says what the mutants are and tries none
    #[arg(long)]
    list: bool,
    /// Where the copy of the project, its builds and the record of earlier runs are kept [default: `mutants` in cargo's target folder]
    #[arg(long, value_name = "FOLDER")]
    scratch: Option<PathBuf>,
}

fn main() -> io::Result<ExitCode> {
    let options = Options::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let scratch = options.scratch.clone().unwrap_or_else(|| {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("mutants")
    });
    let subject = Subject {
        files: scratch::project(&root)?,
        places: scratch::places(),
        names: CORE,
        packages: &["tapwright-runtime", "tapwright"],
        unit: scratch::RUNTIME,
    };
    if options.list {
        for mutant in chosen(&options, &subject.mutants()?) {
            println!("{} {}", mutant.id, mutant.key.line());
        }
        return Ok(ExitCode::SUCCESS);
    }
    let workspace = scratch.join("workspace");
    fs::create_dir_all(&workspace)?;
    let workspace = workspace.canonicalize()?;
    let (programs, mutants) = subject.build(&workspace, &scratch.join("target"))?;
    let notes = scratch.join("reached");
    fs::create_dir_all(&notes)?;
    let suites = suites(&programs, Duration::from_secs_f64(options.within), &notes)?;
    let record = scratch.join("outcomes.jsonl");
    let mut outcomes = record::read(&record)?;
    let mut to_try = chosen(&options, &mutants);
    if options.again {
        if outcomes.is_empty() {
            return Err(io::Error::other(format!("{}: there is no record of an earlier run, for `--again`", record.display())));
        }
        to_try.retain(|mutant| !matches!(outcomes.get(&mutant.key), Some(Outcome::Killed { .. })));
    }
    eprintln!("{} of {} mutants are tried", to_try.len(), mutants.len());
    let jobs = options.jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, NonZero::get));
    let mut tried = 0;
    trial::trial(&to_try, &suites, jobs, &mut |key, outcome| {
        tried += 1;
        if !matches!(outcome, Outcome::Killed { .. }) {
            eprintln!("{tried} of {}: {outcome:?}: {}", to_try.len(), key.line());
        }
        record::add(&record, key, &outcome)?;
        outcomes.insert(key.clone(), outcome);
        Ok(())
    })?;
    let explained = explained::read(include_str!("../explained.txt"));
    let mut head = include_str!("../head.md").to_owned();
    if options.within < WHOLE {
        let _ =
            writeln!(head, "\nFor what is below, tests that take longer than {} s were left out (`--within`).", options.within);
    }
    let report = report::report(&head, &mutants, &outcomes, &explained);
    if report.untried == 0 {
        fs::write(root.join(PAGE), report.page)?;
    } else {
        eprintln!("`{PAGE}` is as it was: {} mutants have not been tried", report.untried);
    }
    Ok(if report.is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The mutants that are asked for.
fn chosen(options: &Options, mutants: &[Mutant]) -> Vec<Mutant> {
    let is_asked_for = |mutant: &&Mutant| {
        options.file.is_empty()
            || options.file.iter().any(|file| mutant.key.file.strip_suffix(".rs") == Some(file.trim_end_matches(".rs")))
    };
    let mut chosen: Vec<Mutant> = mutants.iter().filter(is_asked_for).cloned().collect();
    if let Some(number) = options.sample {
        chosen.sort_by_key(|mutant| mixed(u64::from(mutant.id) ^ options.seed << 32));
        chosen.truncate(number);
    }
    chosen
}

/// Numbers that look random and are the same in each run (`SplitMix64`).
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The suites of the programs that were built, each with what it gets to.
fn suites(programs: &[Program], limit: Duration, notes: &Path) -> io::Result<Vec<Suite>> {
    let mut suites = Vec::new();
    // Programs are there besides the tests.
    for program in programs.iter().filter(|program| program.name != "tapwright" && program.name != "gen") {
        for suite in Suite::of(program, limit, notes)? {
            eprintln!("{}: {:.2} s, {} mutants", suite.name, suite.time.as_secs_f32(), suite.reached.len());
            suites.push(suite);
        }
    }
    Ok(suites)
}

//! Programs of tests, and what each says of a mutant.

use std::collections::HashSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use crate::build::Program;

/// The memory that a program may have, in kilobytes: a defect may well ask for all there is.
const MEMORY: u32 = 8_000_000;

/// What a program needs besides the time that it takes without a mutant, times four: the machine may have other things to do.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a line of notes begins with that says how many milliseconds the tests took.
const TOOK: &str = "took ";

/// Some tests of a program.
#[derive(Debug)]
pub struct Suite {
    /// The program's name, with the tests that are meant where it is not all.
    pub name: String,
    program: Program,
    tests: Vec<String>,
    /// How long it takes.
    pub time: Duration,
    /// The mutants that it gets to.
    pub reached: HashSet<u32>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    /// All tests passed.
    Passed,
    /// A test failed, or the program broke down.
    Failed,
    /// It did not end in time.
    Hung,
}

impl Suite {
    /// The tests of a program, run once without a mutant; what that told is kept in a folder until the program changes.
    pub fn measured(program: Program, tests: &[&str], notes: &Path) -> io::Result<Self> {
        let place = if program.is_unit { "" } else { "tests/" };
        let name = [&[format!("{place}{}", program.name).as_str()], tests].concat().join(" ");
        let tests = tests.iter().map(|&test| test.to_owned()).collect();
        let notes = notes.join(name.replace([' ', ':', '/'], "-"));
        let mut suite = Self { name, program, tests, time: Duration::ZERO, reached: HashSet::new() };
        if suite.recall(&notes)?.is_some() {
            return Ok(suite);
        }
        fs::write(&notes, "")?;
        let began = Instant::now();
        let end = suite.run(("MUTANTS_REACHED", &notes.display().to_string()), Duration::from_secs(600))?;
        if end != End::Passed {
            return Err(io::Error::other(format!("`{}` does not pass without a mutant: {end:?}", suite.name)));
        }
        let time = format!("{TOOK}{}\n", began.elapsed().as_millis());
        fs::OpenOptions::new().append(true).open(&notes)?.write_all(time.as_bytes())?;
        suite.recall(&notes)?;
        Ok(suite)
    }

    /// Takes in what an earlier run of the same program told.
    fn recall(&mut self, notes: &Path) -> io::Result<Option<()>> {
        let written = |path: &Path| fs::metadata(path).and_then(|about| about.modified());
        if !notes.is_file() || written(notes)? < written(&self.program.path)? {
            return Ok(None);
        }
        let text = fs::read_to_string(notes)?;
        let Some(millis) = text.lines().find_map(|line| line.strip_prefix(TOOK)?.parse().ok()) else { return Ok(None) };
        self.time = Duration::from_millis(millis);
        self.reached = text.lines().filter_map(|line| line.parse().ok()).collect();
        Ok(Some(()))
    }

    /// Whether its tests are those of the runtime itself.
    pub fn is_unit(&self) -> bool {
        self.program.is_unit
    }

    /// Whether it is made for a file of this name.
    pub fn is_for(&self, file: &str) -> bool {
        self.program.is_unit && file.strip_suffix(".rs") == Some(&self.program.name)
    }

    /// What its tests say of a mutant.
    pub fn judge(&self, mutant: u32) -> io::Result<End> {
        self.run(("MUTANT", &mutant.to_string()), self.time * 4 + PATIENCE)
    }

    fn run(&self, variable: (&str, &str), limit: Duration) -> io::Result<End> {
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"")])
            .arg(&self.program.path)
            .args(&self.tests)
            .current_dir(&self.program.folder)
            .env(variable.0, variable.1)
            .env("CARGO_MANIFEST_DIR", &self.program.folder)
            .env("HOSTILE_SEEDS", "0..40")
            // Nobody reads why a test fails.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let began = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(if status.success() { End::Passed } else { End::Failed });
            }
            if began.elapsed() > limit {
                child.kill()?;
                child.wait()?;
                return Ok(End::Hung);
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

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

/// What a program needs besides the time that it takes without a mutant, times four.
const PATIENCE: Duration = Duration::from_secs(5);

/// The number of no mutant.
const NONE: &str = "0";

/// What a line of notes begins with that says how many milliseconds the tests took.
const TOOK: &str = "took ";

/// What it begins with where they were cut off then.
const CUT: &str = "cut off after ";

/// Some tests of a program.
#[derive(Debug)]
pub struct Suite {
    /// The program's name, with the test where it is one.
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

/// How long tests may take with a mutant that take so long without one.
fn patience(time: Duration) -> Duration {
    time * 4 + PATIENCE
}

impl Suite {
    /// A program as one suite where it takes no longer than a second, or else each of its tests that ends within a limit. What they told is
    /// kept in a folder until the program changes.
    pub fn of(program: &Program, limit: Duration, notes: &Path) -> io::Result<Vec<Self>> {
        if let Some(whole) = Self::measured(program, &[], Duration::from_secs(1), notes)? {
            return Ok(vec![whole]);
        }
        let listed = Command::new(&program.path).arg("--list").current_dir(&program.folder).output()?;
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let tests = listed.lines().filter_map(|line| line.strip_suffix(": test"));
        tests.filter_map(|test| Self::measured(program, &["--exact", test], limit, notes).transpose()).collect()
    }

    /// Some tests of a program, run once without a mutant. None if they do not end in time.
    fn measured(program: &Program, tests: &[&str], limit: Duration, notes: &Path) -> io::Result<Option<Self>> {
        let place = if program.is_unit { "" } else { "tests/" };
        let name = [&[format!("{place}{}", program.name).as_str()], tests].concat().join(" ");
        let notes = notes.join(name.replace([' ', ':', '/'], "-"));
        let tests = tests.iter().map(|&test| test.to_owned()).collect();
        let mut suite = Self { name, program: program.clone(), tests, time: Duration::ZERO, reached: HashSet::new() };
        match suite.recall(&notes)? {
            Some(true) => return Ok(Some(suite).filter(|suite| suite.time <= limit)),
            Some(false) if suite.time >= limit => return Ok(None),
            _ => {}
        }
        fs::write(&notes, "")?;
        let began = Instant::now();
        let end = suite.run(("MUTANTS_REACHED", &notes.display().to_string()), limit)?;
        if end == End::Failed {
            return Err(io::Error::other(format!("`{}` does not pass without a mutant", suite.name)));
        }
        let took = if end == End::Hung { CUT } else { TOOK };
        let time = format!("{took}{}\n", began.elapsed().as_millis());
        fs::OpenOptions::new().append(true).open(&notes)?.write_all(time.as_bytes())?;
        Ok(suite.recall(&notes)?.filter(|ended| *ended).map(|_| suite))
    }

    /// Takes in what an earlier run of the same program told, and says whether it came to its end.
    fn recall(&mut self, notes: &Path) -> io::Result<Option<bool>> {
        let written = |path: &Path| fs::metadata(path).and_then(|about| about.modified());
        if !notes.is_file() || written(notes)? < written(&self.program.path)? {
            return Ok(None);
        }
        let text = fs::read_to_string(notes)?;
        let after = |head: &str| text.lines().find_map(|line| line.strip_prefix(head)?.parse().ok());
        let Some(millis) = after(TOOK).or_else(|| after(CUT)) else { return Ok(None) };
        self.time = Duration::from_millis(millis);
        self.reached = text.lines().filter_map(|line| line.parse().ok()).collect();
        Ok(Some(after(TOOK).is_some()))
    }

    /// Whether its tests are those of the runtime itself.
    pub fn is_unit(&self) -> bool {
        self.program.is_unit
    }

    /// Whether it is made for a file of this name.
    pub fn is_for(&self, file: &str) -> bool {
        self.program.is_unit && file.strip_suffix(".rs") == Some(&self.program.name)
    }

    /// What its tests say of a mutant. Where they do not end in time they run without one: a machine that has other things to do is then as
    /// slow, and they are given more time.
    pub fn judge(&self, mutant: u32) -> io::Result<End> {
        let mut limit = patience(self.time);
        loop {
            let end = self.run(("MUTANT", &mutant.to_string()), limit)?;
            if end != End::Hung {
                return Ok(end);
            }
            let began = Instant::now();
            self.run(("MUTANT", NONE), limit)?;
            let longer = patience(began.elapsed());
            if longer <= limit * 2 {
                return Ok(End::Hung);
            }
            limit = longer;
        }
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

//! What mutants are put into: files of a workspace, and the packages whose tests are to find them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::build::{self, Built, Program};
use crate::mutate::{self, Mutant, ROOM};
use crate::scratch::{self, Files};

/// A workspace without its mutants.
pub struct Subject {
    /// All its files.
    pub files: Files,
    /// The folders that hold the same files, the one that has all of them first.
    pub places: Vec<PathBuf>,
    /// The files that get mutants, without their extension.
    pub names: &'static [&'static str],
    /// The packages with tests, the quickest to check first.
    pub packages: &'static [&'static str],
    /// The folder of the package whose tests are unit tests.
    pub unit: &'static str,
}

impl Subject {
    /// All its mutants, also those that the compiler will not take.
    pub fn mutants(&self) -> io::Result<Vec<Mutant>> {
        Ok(self.instrumented(&HashSet::new())?.1)
    }

    /// Its files with mutants in them.
    fn instrumented(&self, left_out: &HashSet<u32>) -> io::Result<(Files, Vec<Mutant>)> {
        let (mut files, mut all) = (self.files.clone(), Vec::new());
        for (base, name) in (0..).step_by(ROOM as usize).zip(self.names) {
            let name = format!("{name}.rs");
            let original =
                files.get(&self.places[0].join(&name)).ok_or_else(|| io::Error::other(format!("there is no {name}")))?;
            let text = String::from_utf8(original.clone()).map_err(io::Error::other)?;
            let (text, mutants) = mutate::mutate(&name, &text, base, left_out).map_err(io::Error::other)?;
            all.extend(mutants);
            for place in &self.places {
                if let Some(file) = files.get_mut(&place.join(&name)) {
                    *file = text.clone().into_bytes();
                }
            }
        }
        for place in &self.places {
            files.insert(place.join("mutant.rs"), include_bytes!("../rt/mutant.rs").to_vec());
            if let Some(modules) = files.get_mut(&place.join("mod.rs")) {
                modules.extend(b"\npub mod mutant;\n");
            }
        }
        Ok((files, all))
    }

    /// Builds its tests with all mutants that the compiler takes. Those that it does not take are kept in a file beside the workspace, so
    /// that the next build does not begin with them.
    pub fn build(&self, workspace: &Path, target: &Path) -> io::Result<(Vec<Program>, Vec<Mutant>)> {
        // What the compiler refuses shows sooner where only one library is built.
        let check = ["check", "-p", self.packages[0]];
        let packages = self.packages.iter().flat_map(|package| ["-p", package]);
        let test: Vec<&str> = ["test", "--no-run", "--test", "*"].into_iter().chain(packages).collect();
        let refused_before = workspace.with_extension("refused");
        let known = fs::read_to_string(&refused_before).unwrap_or_default();
        let known: HashSet<&str> = known.lines().collect();
        let all = self.mutants()?;
        let mut left_out: HashSet<u32> =
            all.iter().filter(|mutant| known.contains(mutant.key.line().as_str())).map(|mutant| mutant.id).collect();
        loop {
            let (files, mutants) = self.instrumented(&left_out)?;
            scratch::write(&files, workspace)?;
            let built = match build::build(workspace, target, &check, self.unit)? {
                Built::Programs(_) => build::build(workspace, target, &test, self.unit)?,
                refused @ Built::Refused(_) => refused,
            };
            match built {
                Built::Programs(programs) => return Ok((programs, mutants)),
                Built::Refused(refused) if refused.is_subset(&left_out) => {
                    return Err(io::Error::other("the compiler refuses what is left out already"));
                }
                Built::Refused(refused) => {
                    eprintln!("{} mutants are no Rust and are left out", refused.len());
                    left_out.extend(refused);
                    let lines = all.iter().filter(|mutant| left_out.contains(&mutant.id)).map(|mutant| mutant.key.line() + "\n");
                    fs::write(&refused_before, lines.collect::<String>())?;
                }
            }
        }
    }
}

//! What became of all mutants, as a page.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use crate::mutate::{Key, Mutant};
use crate::trial::{Outcome, Outcomes};

/// The figures of a file, or of all.
#[derive(Default)]
struct Figures {
    mutants: usize,
    unit: usize,
    end_to_end: usize,
    hung: usize,
    explained: usize,
    unexplained: usize,
    untried: usize,
}

impl Figures {
    fn count(&mut self, outcome: Option<&Outcome>, is_explained: bool) {
        self.mutants += 1;
        match outcome {
            Some(Outcome::Killed { unit, hung, .. }) => {
                *(if *unit { &mut self.unit } else { &mut self.end_to_end }) += 1;
                self.hung += usize::from(*hung);
            }
            Some(_) if is_explained => self.explained += 1,
            Some(_) => self.unexplained += 1,
            None => self.untried += 1,
        }
    }

    fn row(&self, name: &str) -> String {
        let Self { mutants, unit, end_to_end, hung, explained, unexplained, .. } = self;
        format!("| {name} | {mutants} | {unit} | {end_to_end} | {hung} | {explained} | {unexplained} |\n")
    }
}

/// What came of it.
pub struct Report {
    /// The page about all mutants.
    pub page: String,
    /// How many of them were never tried: without these it is no page to keep.
    pub untried: usize,
    /// Whether each that was tried is killed or explained.
    pub is_clean: bool,
}

/// Tells of mutants, and why they live.
pub fn report(head: &str, mutants: &[Mutant], outcomes: &Outcomes, explained: &HashMap<String, String>) -> Report {
    let mut files: BTreeMap<&str, Figures> = BTreeMap::new();
    let mut all = Figures::default();
    let mut survivors: BTreeMap<&str, String> = BTreeMap::new();
    let mut stale = explained.clone();
    for Mutant { key, .. } in mutants {
        let (outcome, why) = (outcomes.get(key), explained.get(&key.line()));
        files.entry(&key.file).or_default().count(outcome, why.is_some());
        all.count(outcome, why.is_some());
        if let Some(outcome @ (Outcome::Survived | Outcome::Unreached)) = outcome {
            stale.remove(&key.line());
            survivors.entry(&key.file).or_default().push_str(&survivor(key, outcome, why));
        }
    }
    let mut page = format!(
        "{head}\n| file | mutants | killed by unit tests | killed from end to end | of these, by a test that hung | explained | not explained |\n"
    );
    page.push_str("|---|---|---|---|---|---|---|\n");
    for (file, figures) in &files {
        page.push_str(&figures.row(&format!("`{file}`")));
    }
    page.push_str(&all.row("**all**"));
    page.push_str("\n## Those that live\n");
    for (file, lines) in survivors {
        let _ = write!(page, "\n### `{file}`\n\n{lines}");
    }
    // A mutant that is explained and does not live is one that was killed, or that is called otherwise now.
    let tried: Vec<String> =
        mutants.iter().filter(|mutant| outcomes.contains_key(&mutant.key)).map(|mutant| mutant.key.line()).collect();
    let mut stale: Vec<&String> = stale.keys().filter(|line| all.untried == 0 || tried.contains(line)).collect();
    stale.sort();
    for line in &stale {
        eprintln!("explained, but does not live: {line}");
    }
    Report { page, untried: all.untried, is_clean: all.unexplained == 0 && stale.is_empty() }
}

fn survivor(key: &Key, outcome: &Outcome, why: Option<&String>) -> String {
    let nth = if key.nth > 1 { format!(" (no. {})", key.nth) } else { String::new() };
    let reached = if *outcome == Outcome::Unreached { ", which no test gets to" } else { "" };
    let why = why.map_or("**not explained**", String::as_str);
    format!("- `{}`{nth}: {}{reached}: {why}\n", key.function, key.change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lives_is_explained_and_what_is_explained_lives() {
        let key = |nth| Key { file: "f.rs".to_owned(), function: "f".to_owned(), change: "`a` to `b`".to_owned(), nth };
        let mutants = [1, 2].map(|nth| Mutant { id: 0, key: key(nth) });
        let mut outcomes = Outcomes::from([(key(1), Outcome::Killed { by: "t".to_owned(), unit: true, hung: false })]);
        let found = |outcomes: &Outcomes, explained: &HashMap<String, String>| {
            let report = report("", &mutants, outcomes, explained);
            (report.untried, report.is_clean)
        };
        let none = HashMap::new();
        assert_eq!(found(&outcomes, &none), (1, true));
        outcomes.insert(key(2), Outcome::Survived);
        assert_eq!(found(&outcomes, &none), (0, false));
        let explained = HashMap::from([(key(2).line(), "nobody sees it".to_owned())]);
        assert_eq!(found(&outcomes, &explained), (0, true));
        outcomes.insert(key(2), outcomes[&key(1)].clone());
        assert_eq!(found(&outcomes, &explained), (0, false), "it is explained and does not live");
    }
}

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
        let Self { mutants, unit, end_to_end, hung, explained, unexplained, untried } = self;
        format!("| {name} | {mutants} | {unit} | {end_to_end} | {hung} | {explained} | {unexplained} | {untried} |\n")
    }
}

/// A page about mutants, and whether each is killed or explained.
pub fn report(head: &str, mutants: &[Mutant], outcomes: &Outcomes, explained: &HashMap<String, String>) -> (String, bool) {
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
        "{head}\n| file | mutants | killed by unit tests | killed from end to end | of these, by a test that hung | explained | not explained | not tried |\n"
    );
    page.push_str("|---|---|---|---|---|---|---|---|\n");
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
    (page, all.unexplained == 0 && stale.is_empty())
}

fn survivor(key: &Key, outcome: &Outcome, why: Option<&String>) -> String {
    let nth = if key.nth > 1 { format!(" (no. {})", key.nth) } else { String::new() };
    let reached = if *outcome == Outcome::Unreached { ", which no test gets to" } else { "" };
    let why = why.map_or("**not explained**", String::as_str);
    format!("- `{}`{nth}: {}{reached}: {why}\n", key.function, key.change)
}

//! `docs/reliability.md` lists the scenarios as they are.

use std::path::Path;

use tapwright::mock::hostile::{SCENARIOS, Scenario};

/// Cells of a row that are about us; those after it are about other tools, and come from a run of `tests/bench/peers/hostile.py`.
const OURS: usize = 3;

fn cells(scenario: &Scenario) -> String {
    format!("| `{}` | {} | {} |", scenario.name, scenario.says, scenario.outcome)
}

/// What a row says about other tools.
fn others(row: &str) -> String {
    row.split(" | ").skip(OURS).collect::<Vec<_>>().join(" | ")
}

#[test]
fn the_document_lists_every_scenario() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reliability.md");
    let text = std::fs::read_to_string(path).expect("the document is there");
    let section = text.split("\n## ").find(|section| section.starts_with("The scenarios\n")).expect("a section of that name");
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();
    let wanted: Vec<String> = SCENARIOS
        .iter()
        .map(|scenario| {
            let name = format!("| `{}` |", scenario.name);
            let held = rows.iter().find(|row| row.starts_with(&name)).map(|row| others(row));
            format!("{} {}", cells(scenario), held.unwrap_or_else(|| "not run | not run | not run |".to_owned()))
        })
        .collect();
    assert!(
        rows.iter().eq(&wanted),
        "`docs/reliability.md` is behind `generator/mock/hostile/scenario.rs`; the rows of its table are to be these:\n{}",
        wanted.join("\n")
    );
}

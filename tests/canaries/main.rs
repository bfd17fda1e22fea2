//! No secret is ever told: a process of its own drives clients whose secrets are all marked, against services that send back what they
//! are sent, and whatever it prints, logs, writes to files and says in panics is searched for them in every spelling.

mod canary;
mod drive;
mod logs;
mod service;

use std::fs;
use std::path::Path;
use std::process::Command;

use canary::Search;

/// Where the process writes checkpoints and drift reports.
const FOLDER: &str = "CANARY_FOLDER";

/// Whether it tells a secret on purpose.
const PLANT: &str = "CANARY_PLANT";

/// All that the process lets out: what it prints and logs, and the files that it writes.
fn let_out(folder: &Path, plant: Option<&str>) -> String {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "drives", "--ignored", "--nocapture", "--test-threads", "1"]);
    command.env(FOLDER, folder).env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
    let output = command.envs(plant.map(|text| (PLANT, text))).output().expect("it can be run");
    let mut all = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{all}");
    for entry in fs::read_dir(folder).expect("the folder") {
        all += "\n";
        all += &fs::read_to_string(entry.expect("a file").path()).expect("a text");
    }
    all
}

#[test]
fn nothing_tells_a_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = let_out(folder.path(), None);
    // What was sent back is there, masked; and so are logs and panics.
    for sign in ["***", "[DEBUG ureq", "[TRACE hyper", "panicked at", "\"unknown_field\"", "Checkpoint"] {
        assert!(all.contains(sign), "there is no {sign} in what it let out:\n{all}");
    }
    let search = Search::new();
    let told: Vec<_> = all.lines().flat_map(|line| search.found(line).into_iter().map(move |name| (name, line))).collect();
    let shown: Vec<String> =
        told.iter().take(10).map(|(name, line)| format!("{name} in {}", line.get(..600).unwrap_or(line))).collect();
    assert!(told.is_empty(), "{} lines tell a secret, such as\n{}", told.len(), shown.join("\n"));
}

/// The search would find one that is told, however it is spelt.
#[test]
fn a_secret_that_is_told_is_found() {
    let search = Search::new();
    for canary in canary::all() {
        for spelling in canary.spellings() {
            assert_eq!(search.found(&format!("so it says {spelling} there")), [canary.name], "{spelling}");
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let planted = canary::all().remove(0);
    let all = let_out(folder.path(), Some(&planted.spellings().remove(0)));
    assert!(search.found(&all).contains(&planted.name));
}

#[test]
#[ignore = "the other tests run it in a process of its own"]
fn drives() {
    let folder = std::env::var(FOLDER).expect("the folder of its files");
    drive::all(Path::new(&folder));
    if let Ok(text) = std::env::var(PLANT) {
        println!("{text}");
    }
}

//! What is worked out of real documents, against labels that were made by hand.
//!
//! The scores by document: `cargo test --test inference -- --nocapture`.

#[path = "../support/documents.rs"]
#[expect(dead_code, reason = "compiling crates is for others")]
mod documents;
mod labels;
mod score;
mod shown;

use tapwright::diagnostic::Diagnostics;
use tapwright::infer::{Decisions, infer};
use tapwright::openapi::{self, Filter};
use tapwright::source::Sources;

use documents::Document;
use score::Score;

fn decisions(document: &Document) -> Decisions {
    let text = std::fs::read_to_string(&document.path).expect("a readable document");
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let file = sources.add(&document.path, text.strip_prefix('\u{feff}').unwrap_or(&text));
    let read = openapi::open(file, &mut sources, &mut diagnostics).expect("the corpus has documents");
    infer(&read, &read.operations(), &Filter::default())
}

#[test]
fn lists_are_what_people_say_they_are() {
    let Some(documents) = documents::all("lists_are_what_people_say_they_are") else { return };
    let (mut tuned, mut held_out) = (Score::default(), Score::default());
    println!("{:56} {:^22} {:^22} {:^22} {:^22}", "right/said, precision, recall", "lists", "keys", "paginators", "all of it");
    for (name, labels) in labels::read() {
        let document = documents.iter().find(|document| document.name == name).unwrap_or_else(|| panic!("no {name}"));
        let score = Score::new(&labels, &decisions(document));
        let is_held_out = labels::is_held_out(&name);
        println!(
            "{}{:54} {} {} {} {}",
            if is_held_out { "* " } else { "  " },
            name,
            score.lists,
            score.keys,
            score.paginators,
            score.whole
        );
        // Only whoever makes rules looks here, and not at what is held out.
        if std::env::var_os("INFERENCE_FAULTS").is_some() && !is_held_out {
            score.faults.iter().for_each(|fault| println!("      {fault}"));
        }
        *(if is_held_out { &mut held_out } else { &mut tuned }) += &score;
    }
    let mut all = tuned.clone();
    all += &held_out;
    for (name, score) in [("rules were made with these", &tuned), ("* held out", &held_out), ("all", &all)] {
        println!("{name:56} {} {} {} {}", score.lists, score.keys, score.paginators, score.whole);
        println!("{:56} wrong paginators that are said to be sure: {}", "", score.sure_faults.len());
    }
    for (name, score) in [("rules", &tuned), ("held out", &held_out)] {
        for (what, share) in
            [("lists", score.lists), ("keys", score.keys), ("paginators", score.paginators), ("all of it", score.whole)]
        {
            assert!(share.precision() >= 0.95, "{what}, {name}: {share}\n{}", score.faults.join("\n"));
        }
    }
    assert!(all.sure_faults.is_empty(), "{}", all.sure_faults.join("\n"));
}

/// Lists of Auth0's that stay calls: one starts at a record, of which nothing says whether it comes again; the other is a thing with a
/// list in it.
const CALLS_OF_AUTH0: [&str; 2] = ["GET /event-streams/{id}/deliveries", "GET /user-blocks/{id}"];

#[test]
fn lists_of_auth0_become_iterators() {
    let Some(documents) = documents::all("lists_of_auth0_become_iterators") else { return };
    let name = "auth0/management-api.json";
    let document = documents.iter().find(|document| document.name == name).expect("the document of Auth0");
    let tree = documents::compile(document).unwrap_or_else(|errors| panic!("{errors}"));
    let text: String = tree
        .iter()
        .filter(|(path, _)| path.starts_with("src/resources/"))
        .map(|(_, text)| String::from_utf8_lossy(text))
        .collect();
    let decisions = decisions(document);
    for operation in labels::read()[name].operations.keys().filter(|operation| !CALLS_OF_AUTH0.contains(&operation.as_str())) {
        let found = decisions.resources.iter().find(|it| format!("{} {}", it.method.as_str(), it.path) == *operation);
        let found = found.unwrap_or_else(|| panic!("{operation} is no resource"));
        let name = format!("\"{}\"", found.name);
        let mut builders = text.split("crate::list_builder!(").skip(1).filter_map(|rest| rest.split(");").next());
        assert!(builders.any(|builder| builder.contains(&name)), "{operation} has no iterator");
    }
}

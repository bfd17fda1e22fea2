//! `gen diff`: each kind of change with its verdicts, and the reports.

use std::collections::BTreeSet;
use std::path::Path;

use tapwright::diagnostic::Diagnostics;
use tapwright::diff::{Bump, Change, Level, Release, Report, Verdict, diff};
use tapwright::fingerprint;
use tapwright::model::Api;
use tapwright::source::Sources;

#[path = "diff/cases.rs"]
mod cases;
#[path = "diff/command.rs"]
mod command;

use cases::CASES;

fn load(text: &str) -> Api {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = tapwright::load_text("shop.yaml", text, &mut sources, &mut diagnostics);
    api.unwrap_or_else(|| panic!("{}", diagnostics.render(&sources, false)))
}

/// `users.email sBs-`: where, and the verdicts on Rust API, decode, table and state.
fn shown(change: &Change) -> String {
    let letter = |level| match change.effect(level).verdict {
        Verdict::None => '-',
        Verdict::Safe => 's',
        Verdict::Unknown => '?',
        Verdict::Breaking => 'B',
    };
    format!("{} {}", change.path, Level::ALL.map(letter).iter().collect::<String>())
}

/// Compares a text with the one of that name; `INSTA_UPDATE=always cargo test --test diff` writes it anew.
fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn bump(changes: &[Change]) -> Bump {
    changes.iter().map(Change::bump).max().unwrap_or_default()
}

#[test]
fn every_kind_of_change_has_its_verdicts() {
    let mut wrong = Vec::new();
    for case in CASES {
        let changes = diff(&load(&case.before()), &load(&case.after()));
        let found: Vec<String> = changes.iter().map(shown).collect();
        if found != case.verdicts || bump(&changes) != case.bump {
            let lines: Vec<String> = changes.iter().map(|change| format!("{}: {}", shown(change), change.what)).collect();
            wrong.push(format!("{}: {:?}\n  {}", case.name, bump(&changes), lines.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a checkpoint of a resource knows: its digest, and those of the resources that it is read for.
fn checkpoint(api: &Api, name: &str) -> Option<Vec<String>> {
    let resource = api.resource(name)?;
    let parents = resource.parents().flat_map(|parent| checkpoint(api, &parent.resource).unwrap_or_default());
    Some(std::iter::once(fingerprint::resource(api, resource)).chain(parents).collect())
}

/// The resources whose checkpoints are said to be refused although they are not, or the reverse.
fn wrongly_judged(old: &Api, new: &Api) -> Vec<String> {
    let changes = diff(old, new);
    let refused: BTreeSet<&str> = changes.iter().flat_map(|change| &change.checkpoints).map(String::as_str).collect();
    let is_wrong = |name: &&str| {
        let before = checkpoint(old, name);
        before.is_some() && refused.contains(name) != (checkpoint(new, name) != before)
    };
    let names = new.resources.iter().map(|resource| resource.operation.name.as_str());
    names.filter(is_wrong).map(|name| format!("{name}: {:?}", changes.iter().map(shown).collect::<Vec<_>>())).collect()
}

#[test]
fn checkpoints_are_refused_exactly_where_digests_differ() {
    for case in CASES {
        let (old, new) = (load(&case.before()), load(&case.after()));
        assert_eq!(wrongly_judged(&old, &new), [""; 0], "{}", case.name);
        assert_eq!(wrongly_judged(&new, &old), [""; 0], "{}, back", case.name);
    }
}

/// Specs of every kind, each without one of its lines, as far as that is a spec still.
#[test]
fn checkpoints_are_refused_exactly_where_digests_differ_by_a_line() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut count = 0;
    for name in ["decoders", "incremental", "jobs", "kinds", "paging", "partitions", "rules", "steps"] {
        let text = std::fs::read_to_string(fixtures.join(name).with_extension("yaml")).unwrap();
        let whole = load(&text);
        let lines: Vec<&str> = text.lines().collect();
        let says_nothing = |line: &str| line.is_empty() || line.trim_start().starts_with('#') || line.contains("description:");
        for at in (0..lines.len()).filter(|at| !says_nothing(lines[*at])) {
            let without = [&lines[..at], &lines[at + 1..]].concat().join("\n");
            let api = tapwright::load_text("shop.yaml", &without, &mut Sources::default(), &mut Diagnostics::default());
            let Some(api) = api else { continue };
            assert_eq!(wrongly_judged(&whole, &api), [""; 0], "{name}, without {:?}", lines[at]);
            assert_eq!(wrongly_judged(&api, &whole), [""; 0], "{name}, with {:?}", lines[at]);
            count += 1;
        }
    }
    assert!(count > 200, "{count} specs");
}

#[test]
fn every_change_that_is_undone_is_a_change() {
    for case in CASES {
        let (old, new) = (load(&case.before()), load(&case.after()));
        assert_eq!(diff(&old, &new).is_empty(), diff(&new, &old).is_empty(), "{}", case.name);
        assert_eq!(diff(&new, &new), [], "{}", case.name);
    }
}

/// A document with so many operations that they come in groups, by their tags.
fn large(tag: impl Fn(usize) -> &'static str) -> Api {
    let path = |at: usize| {
        let (tag, id) = (tag(at), format!("op{at}"));
        format!("  /{id}: {{get: {{operationId: {id}, tags: [{tag}], responses: {{200: {{description: done}}}}}}}}\n")
    };
    let paths: String = (0..201).map(path).collect();
    load(&format!(
        "openapi: 3.0.0\ninfo: {{title: Large, version: 0.1.0}}\nservers: [{{url: 'https://a.example.com'}}]\npaths:\n{paths}"
    ))
}

#[test]
fn groups_are_features() {
    let halves = |at: usize| if at < 100 { "first" } else { "second" };
    let old = large(halves);
    let shown = |new: &Api| diff(&old, new).iter().map(shown).collect::<Vec<_>>();
    assert_eq!(shown(&large(|at| if at == 0 { "second" } else { halves(at) })), ["op0 B---"], "it moved");
    assert_eq!(shown(&large(|at| if at == 0 { "third" } else { halves(at) })), ["features.third s---", "op0 B---"]);
    let renamed = shown(&large(|at| if at < 100 { "first" } else { "other" }));
    assert_eq!(renamed, ["features.second B---", "features.other s---"]);
}

/// A crate of four groups: lists of owners and of their pets, and calls of which some answer with a schema.
fn grouped(pets: &str, answers: [&str; 5]) -> Api {
    let call = |at: usize| {
        let answer = answers.get(at).map(|schema| format!(", response: {schema}")).unwrap_or_default();
        let group = ["owners", "pets", "first", "second"][at % 4];
        format!("  - {{name: call_{at}, endpoint: {{path: /{group}/{at}}}{answer}}}\n")
    };
    let calls: String = (0..201).map(call).collect();
    load(&format!(
        "name: large\nversion: 0.1.0\nclient: {{base_url: 'https://a.example.com'}}\nresources:\n\
         \x20 - {{name: owners, schema: Owner, endpoint: {{path: /owners}}}}\n\
         \x20 - {{name: pets, schema: Pet, endpoint: {{path: '{pets}'}}}}\n\
         schemas: {{Owner: {{id: string}}, Pet: {{id: string}}, Note: {{text: string}}, Fault: {{of: string}}}}\n\
         operations:\n{calls}"
    ))
}

/// With default features off, a type is there with the groups that have to do with it, and with those that need them.
#[test]
fn types_come_with_groups() {
    const CHILDREN: &str = "/pets/{resources.owners.id}";
    let everywhere = ["Fault", "Fault", "Fault", "Fault", "Note"];
    let told = |old: &Api, new: &Api| {
        let changes = diff(old, new);
        let of_features = changes.iter().filter(|change| change.rust.reason.contains("alone"));
        of_features.map(|change| format!("{}: {}; {}", shown(change), change.what, change.rust.reason)).collect::<Vec<_>>()
    };
    let old = grouped(CHILDREN, everywhere);
    assert_eq!(
        told(&old, &grouped(CHILDREN, ["Fault", "Fault", "Fault", "Note", "Note"])),
        ["features B---: types that come with some groups alone now: `Fault`; with other features alone there are no such types",]
    );
    assert_eq!(told(&old, &grouped(CHILDREN, ["Fault", "Fault", "Fault", "Fault", "Fault"])), [""; 0], "it is gone");
    let second = grouped(CHILDREN, ["Fault", "Note", "Note", "Fault", "Fault"]);
    assert_eq!(
        told(&second, &grouped(CHILDREN, ["Fault", "Note", "Fault", "Fault", "Fault"])),
        ["features.first B---: types that do not come with it any more: `Note`; with `first` alone there are no such types",]
    );
    // Pets were read for their owners.
    assert_eq!(
        told(&old, &grouped("/pets", everywhere)),
        [
            "features.pets B---: the group `owners` does not come with it any more; with `pets` alone that is left out",
            "features.pets B---: types that do not come with it any more: `Note` and `Owner`; with `pets` alone there are no such types",
        ]
    );
    assert_eq!(told(&grouped("/pets", everywhere), &old), [""; 0], "there is more than before");
}

#[test]
fn a_shipped_spec_differs_from_others_and_not_from_itself() {
    let specs = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")).unwrap();
    let mut paths: Vec<_> = specs.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let load = |path: &Path| tapwright::load(path, &mut Sources::default(), &mut Diagnostics::default()).unwrap();
    let apis: Vec<Api> = paths.iter().map(|path| load(path)).collect();
    assert!(apis.len() >= 16, "{paths:?}");
    for (path, api) in paths.iter().zip(&apis) {
        assert_eq!(diff(api, &load(path)), [], "{}", path.display());
    }
    for (old, new) in apis.iter().zip(apis.iter().skip(1)) {
        let changes = diff(old, new);
        assert_eq!(changes.first().map(shown).as_deref(), Some("name B---"), "{} and {}", *old.name, *new.name);
    }
}

#[test]
fn a_report_for_a_pull_request() {
    let case = |name: &str| CASES.iter().find(|case| case.name == name).unwrap();
    let shown = ["a field is new", "a field becomes optional", "a value is new", "the key differs", "an input must be given"];
    let new = shown.iter().fold(cases::BASE.to_owned(), |text, name| case(name).edit(&text));
    let changes = diff(&load(cases::BASE), &load(&new));
    let bump = changes.iter().map(Change::bump).max().unwrap();
    let release = Release::new("0.1.0", "0.1.1", bump);
    let mut report = Report { name: "shop".to_owned(), changes, release, is_digests: false };
    snapshot("report.md", &report.to_markdown());
    report.changes.clear();
    report.release = Release::new("0.1.0", "0.1.0", Bump::None);
    assert_eq!(report.to_markdown(), "### `shop`: no changes\n\n0.1.0 to 0.1.0: no bump is needed.\n");
}

//! Every example of the reference is compiled: each key is put with its example into a spec that has what it needs besides.

use serde_yaml::{Mapping, Value};

use crate::diagnostic::Diagnostics;
use crate::native::language::{Key, Kind, SPEC, Section};
use crate::source::Sources;

/// A spec in which every section finds its place.
const BASE: &str = include_str!("base.yaml");

/// Keys that make sense only beside others, with these; a section by the beginning of its name, and a key without a name is any
/// that is not named for its section.
const COMPANIONS: &[(&str, &str, &str)] = &[
    ("`incremental`", "", "{cursor_path: updated_at, start_param: since}"),
    ("`incremental`", "step", "{cursor_path: updated_at, start_param: since, end_param: until, initial_value: 2020-01-01}"),
    ("`incremental`", "token_path", "{token_param: since}"),
    ("`incremental`", "token_param", "{token_path: next}"),
    ("`incremental`", "delta_link_path", "{}"),
    (
        "`job`",
        "",
        "{poll: {path: '/jobs/{job.id}', status_path: status, statuses: {completed: [done]}}, download: {url_path: url}}",
    ),
    ("a resource", "include_from_parent", "{params: {organization: '{resources.organizations.id}'}}"),
    ("a resource", "partitions", "{params: {organization: '{resources.organizations.id}', region: '{partition.region}'}}"),
    ("an input", "values", "{type: enum}"),
    ("auth `jwt`", "key_encoding", "{algorithm: HS256}"),
    ("auth `jwt`", "", "{token_url: https://example.com/token}"),
    ("", "limit_param", "{limit: 50}"),
    ("a response action", "path", "{equals: ratelimited}"),
    ("a response action", "equals", "{path: $.error}"),
    ("a response action", "in", "{path: $.error}"),
    ("a response action", "exists", "{path: $.error}"),
    ("a response action", "", "{status: 404}"),
    ("a rate limit", "", "{requests: 100, per: 1m}"),
    ("`rate_limit`", "", "{requests: 100, per: 1m}"),
    ("paginator", "limit_header", "{limit: 50}"),
    ("", "limit_body_path", "{limit: 50}"),
    ("", "total_means", "{total_path: total}"),
    ("", "carry", "{cursor_body_path: after}"),
    ("paginator `last_record`", "", "{cursor_param: from}"),
    ("paginator `header_link`", "cursor_header", "{take_param: after}"),
    ("paginator `header_link`", "cursor_body_path", "{take_param: after}"),
    ("paginator `json_link`", "cursor_header", "{take_param: after}"),
    ("paginator `json_link`", "cursor_body_path", "{take_param: after}"),
    ("", "maximum_limit", "{limit: 50}"),
    ("", "stop_after_short_page", "{limit: 50}"),
    ("`write_disposition`", "validity_column_names", "{strategy: scd2}"),
];

/// A step towards a place in a document.
#[derive(Clone, Debug)]
enum Step {
    Key(&'static str),
    Index(usize),
}

/// Walks the table, and compiles the example of each key that it meets.
#[derive(Default)]
struct Walk {
    met: Vec<&'static str>,
    compiled: usize,
    faults: Vec<String>,
}

impl Walk {
    /// Looks at the keys of a section, which stands at a place of a document.
    fn section(&mut self, section: &'static Section, document: &Value, at: &[Step]) {
        if self.met.contains(&section.name) {
            return;
        }
        self.met.push(section.name);
        for key in section.keys {
            let document = with_companions(section, key, document, at);
            let place: Vec<Step> = at.iter().cloned().chain([Step::Key(key.name)]).collect();
            match key.sample() {
                Some(example) => self.compile(section, key, &document, &place, &example),
                None if needs_example(&key.kind) => self.faults.push(format!("{}: `{}` has no example", section.name, key.name)),
                None => {}
            }
            // What holds for all resources is seen at one of them.
            if key.name != "resource_defaults" {
                self.kind(&key.kind, &document, &place);
            }
        }
    }

    /// Looks into what a key takes.
    fn kind(&mut self, kind: &'static Kind, document: &Value, at: &[Step]) {
        match kind {
            Kind::Section(section) => {
                let document = extended(document, at, &minimal(section, None));
                self.section(section, &document, at);
            }
            Kind::Tagged(tagged) => {
                for variant in tagged.variants {
                    let document = replaced(document, at, minimal(variant.section, Some(variant.name)));
                    self.section(variant.section, &document, at);
                }
            }
            Kind::List(element) => {
                // The last one: those before it are what it may refer to.
                let last = look(document, at).and_then(Value::as_sequence).map_or(0, |list| list.len().saturating_sub(1));
                self.kind(element, document, &[at, &[Step::Index(last)]].concat());
            }
            Kind::Map(values) => self.kind(values, document, &[at, &[Step::Key("extra")]].concat()),
            Kind::Either(kinds) => kinds.iter().for_each(|kind| self.kind(kind, document, at)),
            _ => {}
        }
    }

    fn compile(&mut self, section: &Section, key: &Key, document: &Value, place: &[Step], example: &str) {
        let value: Value = match serde_yaml::from_str(example) {
            Ok(value) => value,
            Err(error) => return self.faults.push(format!("{}: `{}`: {error}", section.name, key.name)),
        };
        let text = serde_yaml::to_string(&replaced(document, place, value)).expect("a document can be written");
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        // Documents that it refers to lie beside the fixtures.
        let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/documents/example.yaml");
        crate::load_text(beside, &text, &mut sources, &mut diagnostics);
        self.compiled += 1;
        if diagnostics.has_errors() {
            let shown = diagnostics.render(&sources, false);
            self.faults.push(format!("{}: `{}: {example}`\n{shown}", section.name, key.name));
        }
    }
}

/// Whether only a person can say what a value looks like.
fn needs_example(kind: &Kind) -> bool {
    match kind {
        Kind::Section(_) | Kind::Tagged(_) | Kind::Schema | Kind::Empty(_) | Kind::Ignored(_) | Kind::Python(_) => false,
        Kind::List(inner) | Kind::Map(inner) => needs_example(inner),
        Kind::Either(kinds) => kinds.iter().all(needs_example),
        _ => true,
    }
}

fn with_companions(section: &Section, key: &Key, document: &Value, at: &[Step]) -> Value {
    let is_named = COMPANIONS.iter().any(|(of, name, _)| *of == section.name && *name == key.name);
    let companions = COMPANIONS.iter().filter(|(of, name, _)| match *name {
        "" => section.name.starts_with(of) && !(is_named && of.contains("incremental")),
        name => section.name.starts_with(of) && name == key.name,
    });
    // A cursor has one place.
    let companions = companions.filter(|(.., text)| {
        !(text.contains("cursor_param") && matches!(key.name, "carry" | "cursor_header" | "cursor_body_path"))
    });
    companions.fold(document.clone(), |document, (_, _, text)| {
        extended(&document, at, &serde_yaml::from_str(text).expect("a companion is YAML"))
    })
}

/// A section with the keys that it can not do without.
fn minimal(section: &Section, variant: Option<&str>) -> Value {
    let mut map = Mapping::new();
    if let Some(variant) = variant {
        map.insert("type".into(), variant.into());
    }
    for key in section.keys.iter().filter(|key| key.required) {
        // A section has no example of its own; companions give it.
        if let Some(example) = key.sample() {
            map.insert(key.name.into(), serde_yaml::from_str(&example).unwrap_or(Value::Null));
        }
    }
    Value::Mapping(map)
}

fn look<'a>(document: &'a Value, at: &[Step]) -> Option<&'a Value> {
    at.iter().try_fold(document, |value, step| match step {
        Step::Key(key) => value.get(*key),
        Step::Index(index) => value.get(*index),
    })
}

/// The document with another value at a place.
fn replaced(document: &Value, at: &[Step], value: Value) -> Value {
    let Some((step, rest)) = at.split_first() else { return value };
    match step {
        Step::Key(key) => {
            let mut map = document.as_mapping().cloned().unwrap_or_default();
            let inner = replaced(map.get(*key).unwrap_or(&Value::Null), rest, value);
            map.insert((*key).into(), inner);
            Value::Mapping(map)
        }
        Step::Index(index) => {
            let mut list = document.as_sequence().cloned().unwrap_or_default();
            let inner = replaced(list.get(*index).unwrap_or(&Value::Null), rest, value);
            list.truncate(*index);
            list.push(inner);
            Value::Sequence(list)
        }
    }
}

/// The document with further keys at a place.
fn extended(document: &Value, at: &[Step], more: &Value) -> Value {
    let mut map = look(document, at).and_then(Value::as_mapping).cloned().unwrap_or_default();
    for (key, value) in more.as_mapping().cloned().unwrap_or_default() {
        map.entry(key).or_insert(value);
    }
    replaced(document, at, Value::Mapping(map))
}

#[test]
fn every_example_compiles() {
    let mut walk = Walk::default();
    let base: Value = serde_yaml::from_str(BASE).expect("the base is YAML");
    walk.section(&SPEC, &base, &[]);
    assert!(walk.faults.is_empty(), "{} of {}:\n{}", walk.faults.len(), walk.compiled, walk.faults.join("\n"));
    assert!(walk.compiled > 100, "only {} examples", walk.compiled);
}

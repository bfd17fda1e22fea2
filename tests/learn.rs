//! What `gen learn` makes of a spec: each kind of drift, in each form that a type may be written in.

use std::io::{Cursor, Read};
use std::path::Path;

use serde_json::{Value, json};
use tapwright::diagnostic::Diagnostics;
use tapwright::learn::{Drift, Kind, Root, learn, path, report, seen};
use tapwright::sample::har::Recording;
use tapwright::sample::{Samples, select};
use tapwright::source::Sources;

const SPEC: &str = "\
# A shop.
name: shop
client: {base_url: https://shop.example.com}
resources:
  - name: orders # all of them
    primary_key: id
    schema: Order
    endpoint: {path: /orders, data_selector: orders, paginator: single_page}
  - name: flat
    primary_key: id
    # In one line.
    schema: {id: string, note: string}
    endpoint: {path: /flat, paginator: single_page}

schemas:
  # What was bought.
  Order:
    description: An order.
    fields:
      id: {type: integer, required: true, nullable: false}
      status: {enum: [open, paid], description: Where it stands.}
      total: number # with tax
      placed: date-time
      tags: array of integer
      lines:
        items:
          fields:
            sku: string
            # How many.
            count: integer
      buyer: Buyer
      labels:
        values: {type: string}

  Buyer:
    email: string
    level: Level
  # The end.
  Level:
    enum:
      - low
      - high
";

fn drift(place: &str, kind: Kind, types: &[&str], values: &[&str]) -> Drift {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    Drift { path: path(place).expect(place), kind, count: 3, types: texts(types), values: texts(values), judged: None }
}

fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.find("# ").and_then(|at| line.get(at..))).collect()
}

fn root() -> Root {
    Root::Resource("orders".to_owned())
}

/// The lines that one piece of drift takes away and adds.
fn change(of: Root, drift: Drift) -> String {
    let seen = [(of, vec![drift])];
    let learnt = learn(Path::new("shop.yaml"), SPEC, &seen);
    for outcome in &learnt.outcomes {
        if let Some(left) = &outcome.left {
            return format!("left: {left}");
        }
    }
    assert_eq!(comments(SPEC), comments(&learnt.text));
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let api = tapwright::load_text("shop.yaml", &learnt.text, &mut sources, &mut diagnostics);
    assert!(api.is_some(), "{}", diagnostics.render(&sources, false));
    let again = learn(Path::new("shop.yaml"), &learnt.text, &seen);
    assert_eq!((again.text.as_str(), again.outcomes.len()), (learnt.text.as_str(), 0), "a second time changes nothing");
    let diff = similar::TextDiff::from_lines(SPEC, &learnt.text);
    let changes = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
    let lines: String = changes.flat_map(|change| [change.tag().to_string(), change.value().to_owned()]).collect();
    lines.trim_end().to_owned()
}

#[test]
fn each_kind_of_drift_is_an_edit() {
    use Kind::{Absent, Mismatch, NewEnumValue, Null, UnknownField};
    for (place, kind, types, values, expected) in [
        ("note", UnknownField, &["string"][..], &["x"][..], "+      note: string"),
        ("at", UnknownField, &["string", "null"], &["2024-01-31T10:00:00Z"], "+      at: date-time"),
        ("odd", UnknownField, &["string", "object"], &[], "+      odd: json"),
        ("lines[].price", UnknownField, &["number"], &[], "+            price: number"),
        ("buyer.name", UnknownField, &["string"], &[], "+    name: string"),
        (
            "status",
            NewEnumValue,
            &["string"],
            &["void", "paid"],
            "-      status: {enum: [open, paid], description: Where it stands.}\n+      status: {enum: [open, paid, void], description: Where it stands.}",
        ),
        ("buyer.level", NewEnumValue, &["string"], &["a: b"], "+      - \"a: b\""),
        (
            "id",
            Null,
            &["null"],
            &[],
            "-      id: {type: integer, required: true, nullable: false}\n+      id: {type: integer, required: true, nullable: true}",
        ),
        (
            "id",
            Absent,
            &[],
            &[],
            "-      id: {type: integer, required: true, nullable: false}\n+      id: {type: integer, required: false, nullable: false}",
        ),
        (
            "id",
            Mismatch,
            &["string"],
            &["12"],
            "-      id: {type: integer, required: true, nullable: false}\n+      id: {type: integer, required: true, nullable: false, lenient: true}",
        ),
        (
            "id",
            Mismatch,
            &["string"],
            &["x"],
            "-      id: {type: integer, required: true, nullable: false}\n+      id: {type: integer | string, required: true, nullable: false}",
        ),
        ("total", Mismatch, &["string"], &["1.5"], "-      total: number # with tax\n+      total: decimal # with tax"),
        ("placed", Mismatch, &["integer"], &[], "-      placed: date-time\n+      placed: {type: date-time, lenient: true}"),
        ("placed", Mismatch, &["string"], &["soon"], "-      placed: date-time\n+      placed: string"),
        ("tags[]", Mismatch, &["number"], &[], "-      tags: array of integer\n+      tags: array of number"),
        ("tags[]", Mismatch, &["string"], &["x"], "-      tags: array of integer\n+      tags: array of (integer | string)"),
        ("lines[].count", Mismatch, &["number"], &[], "-            count: integer\n+            count: number"),
        ("labels.*", Mismatch, &["object"], &[], "-        values: {type: string}\n+        values: {type: json}"),
        ("tags[]", Null, &["null"], &[], "left: arrays and maps hold no null unless they hold `json`"),
        ("lines", Mismatch, &["string"], &["x"], "left: the type there is written with keys, which only a person can widen"),
        ("nowhere.else", UnknownField, &["string"], &[], "left: the spec's text does not say the type there by itself"),
        ("i-d", UnknownField, &["string"], &[], "+      i-d: string"),
    ] {
        assert_eq!(change(root(), drift(place, kind, types, values)), expected, "{place}: {}", kind.word());
    }
    let flat = change(Root::Resource("flat".to_owned()), drift("on", UnknownField, &["boolean"], &[]));
    assert_eq!(flat, "-    schema: {id: string, note: string}\n+    schema: {id: string, note: string, \"on\": boolean}");
    let taken = change(Root::Resource("flat".to_owned()), drift("Note", UnknownField, &["boolean"], &[]));
    assert!(taken.starts_with("left: `"), "{taken}");
}

#[test]
fn samples_are_learnt_once() {
    let orders = r#"{"orders": [
        {"id": 1, "status": "open", "total": "1.50", "lines": [{"sku": "a", "count": 1, "gift": {"text": "x"}}], "tags": [1]},
        {"id": null, "status": "void", "extra": true, "buyer": {"email": "a@b", "level": "top"}, "labels": {"a": "b"}}]}"#;
    let learn_once = |text: &str| {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let api = tapwright::load_text("shop.yaml", text, &mut sources, &mut diagnostics).expect("a good spec");
        let mut samples = Samples::default();
        samples.read(orders.as_bytes()).expect("samples");
        let (_, shape) = select::records(&samples.shape).expect("one list");
        let drift = seen(&api, &root(), shape).expect("a resource");
        learn(Path::new("shop.yaml"), text, &[(root(), drift)])
    };
    let learnt = learn_once(SPEC);
    let left: Vec<_> = learnt.outcomes.iter().filter(|outcome| outcome.left.is_some()).collect();
    assert!(left.is_empty(), "{left:?}");
    for line in [
        "      id: {type: integer, required: true, nullable: true}\n",
        "      status: {enum: [open, paid, void], description: Where it stands.}\n",
        "      total: decimal # with tax\n",
        "            gift:\n              fields:\n                text: string\n",
        "      extra: boolean\n",
        "      - top\n",
    ] {
        assert!(learnt.text.contains(line), "{line} in\n{}", learnt.text);
    }
    assert_eq!(comments(SPEC), comments(&learnt.text));
    let again = learn_once(&learnt.text);
    assert_eq!((again.text.as_str(), again.outcomes.len()), (learnt.text.as_str(), 0));
}

#[test]
fn specs_in_json_stay_json() {
    let text = r#"{"name": "shop", "client": {"base_url": "https://a.example"}, "resources": [
  {"name": "orders", "primary_key": "id", "path": "/orders", "paginator": "single_page", "schema": {"id": "integer", "kind": {"enum": ["a"]}}}]}"#;
    let seen = [(
        root(),
        vec![
            drift("note", Kind::UnknownField, &["string"], &[]),
            drift("kind", Kind::NewEnumValue, &["string"], &["b"]),
            drift("id", Kind::Mismatch, &["number"], &[]),
        ],
    )];
    let learnt = learn(Path::new("shop.json"), text, &seen);
    let expected = r#""schema": {"id": "number", "kind": {"enum": ["a", "b"]}, "note":"string"}"#;
    assert!(learnt.text.contains(expected), "{}\n{:?}", learnt.text, learnt.outcomes);
}

/// A recording of many exchanges that is made while it is read: nobody holds it as a whole.
struct Exchanges {
    exchange: String,
    left: usize,
    text: Cursor<String>,
}

impl Exchanges {
    const LAST: &str = "{\"request\": {}}]}}";

    fn new(count: usize) -> Self {
        let users: Vec<Value> = (0..100).map(|at| json!({"id": at, "email": format!("user.{at}@shop.example")})).collect();
        let answer = json!({"users": users, "page": 1}).to_string();
        let content = json!({"size": answer.len(), "mimeType": "application/json", "text": answer});
        let request = json!({"method": "GET", "url": "https://a.example/v1/users?page=1"});
        let exchange = json!({"request": request, "response": {"status": 200, "content": content}}).to_string() + ",";
        Self { exchange, left: count, text: Cursor::new("{\"log\": {\"entries\": [".to_owned()) }
    }
}

impl Read for Exchanges {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.text.read(buffer)?;
        if count > 0 || self.text.get_ref() == Self::LAST {
            return Ok(count);
        }
        let next = if self.left == 0 { Self::LAST.to_owned() } else { self.exchange.clone() };
        (self.text, self.left) = (Cursor::new(next), self.left.saturating_sub(1));
        self.read(buffer)
    }
}

/// The peak of the memory of this process, in MB.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    peak.and_then(|peak| peak.parse::<u64>().ok()).expect("a number") / 1024
}

/// Of recorded traffic one exchange is held at a time.
#[test]
fn a_long_recording_takes_no_more_memory_than_a_short_one() {
    let read = |count: usize| {
        let mut recording = Recording::new(8);
        recording.read(Exchanges::new(count)).expect("a recording");
        let samples = recording.calls.values().next().expect("a call");
        assert_eq!((recording.calls.len(), samples.shape.count()), (1, u64::try_from(count).expect("a small number")));
        let (_, users) = select::records(&samples.shape).expect("one list");
        assert_eq!(users.count(), samples.shape.count() * 100);
    };
    read(10);
    #[cfg(target_os = "linux")]
    let before = peak();
    // More than 60 MB.
    assert!(Exchanges::new(0).exchange.len() * 16_000 > 60 << 20);
    read(16_000);
    #[cfg(target_os = "linux")]
    assert!(peak() - before < 20, "{} MB more", peak() - before);
}

/// The form of a report that runs write is the one that is read.
#[test]
fn a_report_names_resources() {
    let text = r#"{"connector": "shop", "fingerprint": "x", "resources": {"orders": {"records": 9, "drift": [
        {"path": "note", "kind": "unknown_field", "count": 2, "types": ["string"], "values": ["x"]}]}}}"#;
    let report = report::read(text).expect("a report");
    let learnt = learn(Path::new("shop.yaml"), SPEC, &report.resources);
    assert!(learnt.text.contains("      note: string\n"), "{}", learnt.text);
}

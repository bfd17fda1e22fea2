//! The text form of checkpoints, and what is no checkpoint.

mod paged;

use paged::{operation, resource};
use tapwright_runtime::rt::checkpoint::{Checkpoint, Place};
use tapwright_runtime::rt::descriptor::{Resource, Stop, Style};
use tapwright_runtime::rt::error::ErrorKind;
use tapwright_runtime::rt::pager::Position;

fn checkpoint(places: Vec<Place>, mark: Option<&str>) -> Checkpoint {
    Checkpoint::new(&resource(Style::Single, Stop::EMPTY_PAGE, 1, true), 0xff, places, mark.map(str::to_owned))
}

#[test]
fn a_checkpoint_is_one_line_of_json_and_back() {
    let binding = |value: &str| vec![("groups.id".to_owned(), value.to_owned())];
    let place = |position, bindings| Place { bindings, position, digest: Some(0xab), given: 2, part: 0, seen: 40 };
    let cases: &[(&str, Checkpoint, &str)] = &[
        ("over", checkpoint(vec![], None), r#""places":[]}"#),
        (
            "at the start",
            checkpoint(vec![place(Position::Start, vec![])], None),
            r#""places":[{"digest":"00000000000000ab","given":2,"seen":40}]}"#,
        ),
        (
            "in a page",
            checkpoint(vec![place(Position::Page(3), vec![])], Some("a\"b")),
            r#""places":[{"page":3,"digest":"00000000000000ab","given":2,"seen":40}],"mark":"a\"b"}"#,
        ),
        (
            "in a record",
            checkpoint(vec![Place { part: 3, ..place(Position::Page(3), vec![]) }], None),
            r#""places":[{"page":3,"digest":"00000000000000ab","given":2,"part":3,"seen":40}]}"#,
        ),
        (
            "at an offset",
            checkpoint(vec![place(Position::Offset(u64::MAX), vec![])], None),
            r#""places":[{"offset":18446744073709551615,"digest":"00000000000000ab","given":2,"seen":40}]}"#,
        ),
        (
            "in a sequence of values",
            checkpoint(vec![place(Position::Sequence("00ff".into()), vec![])], None),
            r#""places":[{"sequence":"00ff","digest":"00000000000000ab","given":2,"seen":40}]}"#,
        ),
        (
            "in a parent",
            checkpoint(
                vec![
                    place(Position::Cursor("é*~ \n\\".into()), vec![]),
                    place(Position::Url("https://x/?a=1&b".into()), binding(r#""g|1""#)),
                ],
                None,
            ),
            r#""places":[{"cursor":"é*~ \n\\","digest":"00000000000000ab","given":2,"seen":40},{"bindings":{"groups.id":"g|1"},"url":"https://x/?a=1&b","digest":"00000000000000ab","given":2,"seen":40}]}"#,
        ),
    ];
    for (name, checkpoint, tail) in cases {
        let text = checkpoint.to_string();
        assert_eq!(
            text,
            format!(r#"{{"version":2,"operation":"rows","fingerprint":"f1/f1","arguments":"00000000000000ff",{tail}"#),
            "{name}"
        );
        assert_eq!(text.parse::<Checkpoint>().unwrap(), *checkpoint, "{name}");
        serde_json::from_str::<serde_json::Value>(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    assert_eq!(checkpoint(vec![], Some("a\"b")).mark(), Some("a\"b"));
    assert_eq!(checkpoint(vec![], None).mark(), None);
}

#[test]
fn a_checkpoint_belongs_to_its_resource_and_its_arguments() {
    let rows = || resource(Style::Single, Stop::EMPTY_PAGE, 1, false);
    let others = Resource { operation: operation("others", "/others"), ..rows() };
    let version = "the checkpoint was made by another version of `rows`";
    let cases = [
        ("its own", rows(), 1, 0xff, None),
        ("one that is over", rows(), 0, 0xff, None),
        ("another resource", others, 1, 0xff, Some("the checkpoint is one of `others`, not of `rows`")),
        ("another version", Resource { fingerprint: "f2", ..rows() }, 1, 0xff, Some(version)),
        ("a level more than there is", rows(), 2, 0xff, Some(version)),
        ("other arguments", rows(), 1, 0xfe, Some("the checkpoint was made with other arguments")),
    ];
    for (name, of, places, arguments, expected) in cases {
        let checkpoint = Checkpoint::new(&of, arguments, vec![Place::at(Position::Start, 0, vec![]); places], None);
        match (checkpoint.continues(&rows(), 0xff), expected) {
            (Ok(()), None) => {}
            (Err(error), Some(expected)) => {
                assert_eq!(error.kind(), ErrorKind::Checkpoint, "{name}");
                assert!(error.message().contains(expected), "{name}: {error}");
            }
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}

#[test]
fn a_value_of_several_lines_stays_in_one() {
    let bindings = vec![("groups.note".to_owned(), "{\n  \"a\": [1,\r\n 2]\n}".to_owned())];
    let text = checkpoint(vec![Place::at(Position::Start, 0, bindings)], None).to_string();
    assert!(!text.contains(['\n', '\r']) && text.contains(r#""groups.note":{   "a": [1,   2] }"#), "{text}");
}

#[test]
fn what_is_no_checkpoint_is_refused_and_says_why() {
    let good = r#"{"version":2,"operation":"rows","fingerprint":"f1","arguments":"ff","places":[{"page":1,"given":0,"seen":0}]}"#;
    assert!(good.parse::<Checkpoint>().is_ok());
    let cases = [
        (String::new(), "the text is no checkpoint: the text ends where an object is expected"),
        ("users".to_owned(), "the text is no checkpoint: expected an object"),
        (
            good.replace("\"version\":2", "\"version\":1"),
            "its form is version 1, and this crate reads version 2; read from the start at `$` (byte 0)",
        ),
        (good.replace("version", "v"), "it has no `version` at `$` (byte 0)"),
        (good.replace("operation", "o"), "it has no `operation`"),
        (good.replace("fingerprint", "f"), "it has no `fingerprint`"),
        (good.replace("arguments", "a"), "it has no `arguments`"),
        (good.replace("places", "p"), "it has no `places`"),
        (good.replace("\"ff\"", "\"xy\""), "expected 16 hexadecimal digits, found `xy` at `$.arguments`"),
        (
            good.replace("\"page\":1", "\"page\":-1"),
            "expected a whole number from 0 on, found `-1` at `$.places[0].page` (byte 86)",
        ),
        (good.replace("\"given\":0", "\"given\":1.5"), "at `$.places[0].given`"),
        (good.replace("}]}", "}]"), "the text ends within an object"),
        (format!("{good} x"), "unexpected text after the end"),
    ];
    for (text, expected) in cases {
        let error = text.parse::<Checkpoint>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Checkpoint);
        assert!(error.message().contains(expected), "{text}: {}", error.message());
    }
}

#[test]
fn what_a_place_does_not_say_is_its_start() {
    let text = r#"{"version":2,"operation":"rows","fingerprint":"f1","arguments":"ff","places":[{}]}"#;
    assert_eq!(text.parse::<Checkpoint>().unwrap().places(), [Place::at(Position::Start, 0, Vec::new())]);
}

#[test]
fn what_a_later_version_adds_is_passed_over() {
    let text = r#"{"version":2,"more":[1],"operation":"rows","fingerprint":"f1","arguments":"ff","places":[{"x":{},"page":1,"given":0,"seen":0}]}"#;
    assert_eq!(text.parse::<Checkpoint>().unwrap().places()[0].position, Position::Page(1));
}

#[cfg(feature = "serde")]
#[test]
fn serde_takes_the_text_form() {
    let checkpoint = checkpoint(vec![Place::at(Position::Page(3), 30, Vec::new())], Some("9"));
    let json = serde_json::to_string(&checkpoint).unwrap();
    assert_eq!(json, serde_json::to_string(&checkpoint.to_string()).unwrap());
    assert_eq!(serde_json::from_str::<Checkpoint>(&json).unwrap(), checkpoint);
    assert!(serde_json::from_str::<Checkpoint>("\"x\"").unwrap_err().to_string().contains("no checkpoint"));
}

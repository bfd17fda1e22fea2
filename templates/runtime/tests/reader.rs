//! The pull reader: its grammar, its positions and its messages.

use std::borrow::Cow;

use tapwright_runtime::rt::fault::{Fault, FaultKind};
use tapwright_runtime::rt::reader::{Kind, Reader};

/// Reads a whole text with `read`.
fn whole<'a, T>(text: &'a str, read: impl FnOnce(&mut Reader<'a>) -> Result<T, Fault>) -> Result<T, Fault> {
    let mut reader = Reader::new(text);
    let value = read(&mut reader)?;
    reader.end().map(|()| value)
}

fn check(text: &str) -> Result<(), Fault> {
    whole(text, |r| r.skip().map(drop))
}

#[test]
fn what_is_json_and_what_is_not() {
    let valid = [
        "null",
        " true ",
        "false",
        "0",
        "-0",
        "10",
        "-1.5e+10",
        "1E-2",
        "1e400",
        "\"\"",
        "[]",
        "{}",
        "[ ]",
        "{ }",
        "[1,\t2 ,\r\n3]",
        r#"{"a":1 , "a" : {"b":[[]]}}"#,
        r#""\"\\\/\b\f\n\r\t\u0041\ud83d\ude00""#,
        r#""\ud800""#,
        "\u{feff}1",
    ];
    let invalid = [
        "",
        " ",
        "nul",
        "nulll",
        "True",
        "01",
        "-",
        "-01",
        "+1",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x1",
        "1a",
        "NaN",
        "\"",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\\u12\"",
        "\"\n\"",
        "\"\u{1}\"",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{",
        "}",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "[}",
        "{]",
        "1 2",
        "[] x",
        "'a'",
        "// c\n1",
    ];
    for text in valid {
        assert_eq!(check(text), Ok(()), "{text}");
    }
    for text in invalid {
        assert_eq!(check(text).map_err(|fault| fault.kind()), Err(FaultKind::Syntax), "{text}");
    }
}

#[test]
fn strings_are_borrowed_unless_they_have_escapes() {
    for length in 0..40 {
        let plain = "aé".repeat(length);
        let text = format!("\"{plain}\"");
        assert_eq!(
            whole(&text, Reader::str).map(|read| (matches!(read, Cow::Borrowed(_)), read)),
            Ok((true, plain.as_str().into()))
        );
        let text = format!("\"{plain}\\n{plain}\"");
        let decoded = format!("{plain}\n{plain}");
        assert_eq!(whole(&text, Reader::str).map(|read| (matches!(read, Cow::Borrowed(_)), read)), Ok((false, decoded.into())));
    }
}

#[test]
fn escapes_are_decoded() {
    let cases = [
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\u0041\u00e9\u20ac\uFFFF""#, "Aé€\u{ffff}"),
        (r#""\ud83d\ude00!""#, "😀!"),
        (r#""\ud83d""#, "\u{fffd}"),
        (r#""\ud83d\n""#, "\u{fffd}\n"),
        (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
        (r#""\ud83dA\ude00""#, "\u{fffd}A\u{fffd}"),
        (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
    ];
    for (text, decoded) in cases {
        assert_eq!(whole(text, Reader::str).as_deref(), Ok(decoded), "{text}");
    }
}

#[test]
fn nesting_is_limited() {
    fn arrays(r: &mut Reader<'_>) -> Result<(), Fault> {
        r.array(&mut |r, _| arrays(r))
    }
    for (levels, fits) in [(127, true), (128, false), (100_000, false)] {
        let text = "[".repeat(levels) + &"]".repeat(levels);
        assert_eq!(check(&text).is_ok(), fits, "{levels} levels skipped");
        assert_eq!(whole(&text, arrays).is_ok(), fits, "{levels} levels read");
    }
    // A level that has been left, with or without an error, counts no more.
    let mut reader = Reader::new("[[1],[2]]");
    for _ in 0..1000 {
        reader.rewind(0);
        assert_eq!(
            reader.array(&mut |r, _| r.array(&mut |r, _| r.bool().map(drop))).map_err(|fault| fault.kind()),
            Err(FaultKind::Type)
        );
    }
    reader.rewind(0);
    assert_eq!(reader.skip(), Ok("[[1],[2]]"));
}

#[test]
fn numbers_are_read_as_asked_for() {
    let integers = [("0", 0), ("-0", 0), ("9223372036854775807", i64::MAX), ("-9223372036854775808", i64::MIN)];
    for (text, value) in integers {
        assert_eq!(whole(text, Reader::integer), Ok(value));
    }
    for text in ["9223372036854775808", "1.0", "1e2", "true", "\"1\""] {
        assert_eq!(whole(text, Reader::integer).map_err(|fault| fault.kind()), Err(FaultKind::Type), "{text}");
    }
    assert_eq!(whole("-0.0", Reader::float).map(f64::to_bits), Ok((-0.0_f64).to_bits()));
    assert_eq!(whole("1e400", Reader::float).map_err(|fault| fault.kind()), Err(FaultKind::Type));
    let long = "3.141592653589793238462643383279502884197";
    assert_eq!(whole(long, Reader::number), Ok(long));
}

#[test]
fn null_is_taken_only_where_it_is() {
    let mut reader = Reader::new("[null, 1]");
    let mut nulls = Vec::new();
    reader
        .array(&mut |r, _| {
            let null = r.null()?;
            nulls.push(null);
            if null { Ok(()) } else { r.skip().map(drop) }
        })
        .unwrap();
    assert_eq!(nulls, [true, false]);
}

#[test]
fn peek_tells_the_type_and_takes_nothing() {
    let kinds = [Kind::Null, Kind::Bool, Kind::Bool, Kind::Number, Kind::Number, Kind::String, Kind::Array, Kind::Object];
    let mut reader = Reader::new(r#" [ null, true, false, -1, 2, "", [], {} ] "#);
    let mut found = Vec::new();
    reader
        .array(&mut |r, _| {
            found.push(r.peek()?);
            assert_eq!(r.peek(), Ok(found[found.len() - 1]));
            r.skip().map(drop)
        })
        .unwrap();
    assert_eq!(found, kinds);
}

#[test]
fn skip_gives_the_text_of_the_value_alone() {
    let mut reader = Reader::new("{\"a\" : [ 1, {\"b\":2} ] , \"c\":null}");
    let mut texts = Vec::new();
    reader
        .object(&mut |r, key| {
            texts.push((key.to_owned(), r.skip()?));
            Ok(())
        })
        .unwrap();
    assert_eq!(texts, [("a".to_owned(), "[ 1, {\"b\":2} ]"), ("c".to_owned(), "null")]);
}

#[test]
fn faults_say_what_and_where() {
    fn rows(r: &mut Reader<'_>) -> Result<(), Fault> {
        r.object(&mut |r, _| r.array(&mut |r, _| r.object(&mut |r, _| r.bool().map(drop))))
    }
    let cases = [
        (r#"{"rows":[{"ok":true},{"o k":12}]}"#, r#"expected a boolean, found a number at `$.rows[1]["o k"]` (byte 28)"#),
        (r#"{"rows":{}}"#, "expected an array, found an object at `$.rows` (byte 8)"),
        (r#"{"rows":[{"ok":tru"#, "expected a value at `$.rows[0].ok` (byte 15)"),
        (r#"{"rows":[{"ok":"#, "the text ends where a boolean is expected at `$.rows[0].ok` (byte 15)"),
        (r#"{"rows":[{"ok":true"#, "the text ends within an object at `$.rows[0]` (byte 19)"),
        (r#"{"rows":[{"ok":true}"#, "the text ends within an array at `$.rows` (byte 20)"),
        (r#"{"rows":[{"ok" true}"#, "expected `:` after a key at `$.rows[0]` (byte 15)"),
        ("<html>", "expected an object at `$` (byte 0)"),
        ("", "the text ends where an object is expected at `$` (byte 0)"),
        ("{} {}", "unexpected text after the end of the JSON value at `$` (byte 3)"),
    ];
    for (text, message) in cases {
        assert_eq!(whole(text, rows).map_err(|fault| fault.to_string()), Err(message.to_owned()), "{text}");
    }
}

#[test]
fn bytes_must_be_utf8() {
    assert_eq!(
        Reader::from_bytes(b"\"ab\xff\"").map_err(|fault| (fault.kind(), fault.offset())).err(),
        Some((FaultKind::Syntax, 3))
    );
    assert_eq!(Reader::from_bytes(b"\xef\xbb\xbf true").unwrap().bool(), Ok(true));
}

//! Any JSON, decimals, bytes, UUIDs, and the JSON that is written.

use tapwright_runtime::rt::codec::Decode;
use tapwright_runtime::rt::fault::FaultKind;
use tapwright_runtime::rt::json_write::{self, ObjectWriter};
use tapwright_runtime::rt::reader::{Kind, Reader};
use tapwright_runtime::rt::value::{Binary, Decimal, Json, Uuid};

fn decode<T: Decode>(text: &str) -> Result<T, FaultKind> {
    let mut reader = Reader::new(text);
    let value = reader.read().map_err(|fault| fault.kind())?;
    reader.end().map(|()| value).map_err(|fault| fault.kind())
}

#[test]
fn json_keeps_its_text() {
    let text = r#"{"a/b": [1.50, {"~": "x\u0041"}], "n": null, "n": 12345678901234567890}"#;
    let json: Json = decode(&format!(" {text} ")).unwrap();
    assert_eq!((json.text(), json.to_string().as_str(), json.kind(), json.is_null()), (text, text, Kind::Object, false));
    let cases = [
        ("", Some(text)),
        ("/a~1b/0", Some("1.50")),
        ("/a~1b/1/~0", Some(r#""x\u0041""#)),
        ("/n", Some("12345678901234567890")),
        ("/a~1b/2", None),
        ("/a~1b/00", None),
        ("/a~1b/0/x", None),
        ("/m", None),
        ("n", None),
    ];
    for (pointer, expected) in cases {
        assert_eq!(json.get(pointer).as_ref().map(Json::text), expected, "{pointer}");
    }
    assert_eq!(json.get("/a~1b/1/~0").and_then(|json| json.as_str()), Some("xA".to_owned()));
    assert_eq!(json.as_str(), None);
    assert_eq!(json.get("/a~1b/0").and_then(|json| json.read::<f64>().ok()), Some(1.5));
    assert!(Json::default().is_null());
    for text in ["", "{", "1 2", "nul"] {
        assert!(text.parse::<Json>().is_err(), "{text}");
    }
}

#[test]
fn decimals_keep_their_digits() {
    for (text, digits) in
        [("1.50", "1.50"), ("\"-0.10\"", "-0.10"), ("12345678901234567890.123456789", "12345678901234567890.123456789")]
    {
        assert_eq!(decode::<Decimal>(text).map(|decimal| decimal.to_string()), Ok(digits.to_owned()));
    }
    for text in ["true", "\"\"", "\"1,5\"", "\"1 \\n\"x", "\"0x1\"", "\"NaN\"", "\"01\""] {
        assert!(decode::<Decimal>(text).is_err(), "{text}");
    }
    assert_eq!(decode::<Decimal>("2.5e1").map(|decimal| decimal.to_f64().to_bits()), Ok(25.0_f64.to_bits()));
    assert_eq!(Decimal::default().as_str(), "0");
}

#[test]
fn bytes_are_read_from_either_alphabet() {
    let bytes = Binary(vec![0xfb, 0xff, 0xfe, 0x01]);
    for text in ["\"+//+AQ==\"", "\"-__-AQ\"", "\"-__-AQ==\"", r#""+\/\/+AQ""#] {
        assert_eq!(decode(text), Ok(bytes.clone()), "{text}");
    }
    assert_eq!(bytes.to_string(), "+//+AQ==");
    assert_eq!(decode("\"\""), Ok(Binary::default()));
    for text in ["\"a\"", "\"+_==\"", "\"é\"", "1"] {
        assert_eq!(decode::<Binary>(text), Err(FaultKind::Type), "{text}");
    }
}

#[test]
fn uuids_are_read_in_any_case() {
    let text = "0189abcd-ef01-2345-6789-abcdef012345";
    let uuid: Uuid = text.parse().unwrap();
    assert_eq!(uuid.to_string(), text);
    assert_eq!(uuid.0[..4], [0x01, 0x89, 0xab, 0xcd]);
    for other in [text.to_uppercase(), text.replace('-', "")] {
        assert_eq!(decode(&format!("\"{other}\"")), Ok(uuid));
    }
    let wrong = [
        &text[1..],
        "",
        "0189abcd-ef01-2345-6789-abcdef01234g",
        "0189abcde-f01-2345-6789-abcdef012345",
        "0189abcdef0123456789abcdef01-2345",
    ];
    for text in wrong {
        assert!(text.parse::<Uuid>().is_err(), "{text}");
    }
}

#[test]
fn what_is_written_is_json() {
    let texts = ["", "plain", "\"\\/", "\n\r\t\u{8}\u{c}\0\u{1f}\u{7f}", "né 😀 \u{2028}"];
    for text in texts {
        let mut out = String::new();
        json_write::string(&mut out, text);
        assert_eq!(decode::<String>(&out).as_deref(), Ok(text));
        assert_eq!(serde_json::from_str::<String>(&out).ok().as_deref(), Some(text));
    }
    assert_eq!(ObjectWriter::new().finish(), "{}");
    let object = ObjectWriter::new().string("grant\n", "\"x\"").raw("n", "[1]").finish();
    assert_eq!(object, r#"{"grant\n":"\"x\"","n":[1]}"#);
}

#[cfg(feature = "serde")]
#[test]
fn serde_sees_the_values() {
    let text = r#"{"a":[1,-2,1.5,"x\"",null,true],"big":18446744073709551615,"o":{}}"#;
    let json: Json = text.parse().unwrap();
    assert_eq!(serde_json::to_string(&json).unwrap(), text);
    assert_eq!(serde_json::from_str::<Json>(text).unwrap(), json);
    let uuid = Uuid([7; 16]);
    assert_eq!(serde_json::from_str::<Uuid>(&serde_json::to_string(&uuid).unwrap()).unwrap(), uuid);
    let bytes = Binary(vec![1, 2, 3]);
    assert_eq!(serde_json::from_str::<Binary>(&serde_json::to_string(&bytes).unwrap()).unwrap(), bytes);
    let decimal: Decimal = "1.50".parse().unwrap();
    assert_eq!(serde_json::to_string(&decimal).unwrap(), "\"1.50\"");
    assert_eq!(serde_json::from_str::<Decimal>("\"1.50\"").unwrap(), decimal);
    assert!(serde_json::from_str::<Uuid>("\"x\"").is_err());
}

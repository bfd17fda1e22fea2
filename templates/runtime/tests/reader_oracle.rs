//! The reader and the table codec against `serde_json`, on random values and on damaged texts.

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use tapwright_runtime::rt::codec::{Decode, Fields, Key, Record};
use tapwright_runtime::rt::fault::{Fault, FaultKind};
use tapwright_runtime::rt::reader::{Kind, Reader};

/// A JSON text with everything that the grammar allows: white space, escapes of all kinds, repeated keys, numbers of any length.
fn json() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![Just("null".to_owned()), any::<bool>().prop_map(|value| value.to_string()), number(), string(),];
    scalar.prop_recursive(5, 64, 6, |inner| {
        let element = (blank(), inner.clone(), blank()).prop_map(|(before, value, after)| before + &value + &after).boxed();
        let member = (blank(), string(), blank(), element.clone()).prop_map(|(a, key, b, value)| format!("{a}{key}{b}:{value}"));
        prop_oneof![
            (blank(), vec(element, 0..6)).prop_map(|(blank, elements)| format!("[{blank}{}]", elements.join(","))),
            (blank(), vec(member, 0..6)).prop_map(|(blank, members)| format!("{{{blank}{}}}", members.join(","))),
        ]
    })
}

fn blank() -> impl Strategy<Value = String> {
    prop_oneof![4 => Just(String::new()), 1 => "[ \n\r\t]{1,3}"]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_filter("JSON has no infinity", |value| value.is_finite()).prop_map(|value| format!("{value:e}")),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?",
    ]
}

fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-z ]{0,12}",
        1 => any::<char>().prop_map(quoted),
        1 => r#"\\["\\/bfnrt]"#,
        1 => "\\\\u[0-9a-fA-F]{4}",
        1 => "\\\\ud[89ab][0-9a-f]{2}\\\\ud[c-f][0-9a-f]{2}",
    ];
    vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

/// A character as it stands within a JSON string.
fn quoted(char: char) -> String {
    let text = serde_json::to_string(&char).unwrap();
    text[1..text.len() - 1].to_owned()
}

/// A text that is nearly JSON: a few bytes of a JSON text are replaced, removed or added, or its end is cut off.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let byte =
        prop_oneof![4 => prop::sample::select(b"{}[]:,\"\\ntfu0189.-+eE \n\x00\x1f\x7f\x80\xc3\xff".to_vec()), 1 => any::<u8>()];
    let edit = (any::<prop::sample::Index>(), byte, 0..4_u8);
    (json(), vec(edit, 1..4)).prop_map(|(text, edits)| {
        let mut bytes = text.into_bytes();
        for (at, byte, how) in edits {
            let at = at.index(bytes.len() + 1);
            match (how, bytes.get_mut(at)) {
                (0, Some(held)) => *held = byte,
                (1, Some(_)) => drop(bytes.remove(at)),
                (2, Some(_)) => bytes.truncate(at),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    })
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(count) }
}

/// Reads a whole text.
fn read<T: Decode>(bytes: &[u8]) -> Result<T, Fault> {
    let mut reader = Reader::from_bytes(bytes)?;
    let value = reader.read()?;
    reader.end().map(|()| value)
}

/// Whether `serde_json` takes a text for JSON. It reads raw, so that the ranges of its number types do not matter; half a
/// surrogate pair, which it refuses in a `String`, it takes.
fn is_json(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<&RawValue>(text).is_ok())
}

/// Any value, read by asking for the type that is there.
#[derive(Debug, PartialEq)]
struct Tree(serde_json::Value);

impl Decode for Tree {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let value = match r.peek()? {
            Kind::Null => {
                r.null()?;
                serde_json::Value::Null
            }
            Kind::Bool => r.bool()?.into(),
            Kind::String => r.str()?.into_owned().into(),
            // A whole number that is too large for us is a float for serde_json as well, or an unsigned number.
            Kind::Number => {
                let start = r.offset();
                let text = r.number()?;
                r.rewind(start);
                match r.integer() {
                    Ok(0) if text.starts_with('-') => (-0.0).into(),
                    Ok(value) => value.into(),
                    Err(_) if text.parse::<u64>().is_ok() => text.parse::<u64>().unwrap().into(),
                    Err(_) => {
                        r.rewind(start);
                        r.float()?.into()
                    }
                }
            }
            Kind::Array => {
                let mut elements = Vec::new();
                r.array(&mut |r, index| {
                    assert_eq!(index, elements.len());
                    elements.push(r.read::<Self>()?.0);
                    Ok(())
                })?;
                elements.into()
            }
            Kind::Object => {
                let mut members = serde_json::Map::new();
                r.object(&mut |r, key| {
                    members.insert(key.to_owned(), r.read::<Self>()?.0);
                    Ok(())
                })?;
                members.into()
            }
        };
        Ok(Self(value))
    }
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn skip_takes_what_is_json(text in json()) {
        prop_assert!(is_json(text.as_bytes()));
        let padded = format!(" \n{text}\t");
        let mut reader = Reader::new(&padded);
        prop_assert_eq!(reader.skip().map(str::to_owned), Ok(text));
        prop_assert_eq!(reader.end(), Ok(()));
    }

    #[test]
    fn skip_refuses_what_is_not(bytes in damaged()) {
        let result = read::<()>(&bytes);
        prop_assert_eq!(result.is_ok(), is_json(&bytes), "{:?} {:?}", String::from_utf8_lossy(&bytes), result);
    }

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..64)) {
        prop_assert_eq!(read::<()>(&bytes).is_ok(), is_json(&bytes));
        let _ = read::<Tree>(&bytes);
        let _ = read::<Ours>(&bytes);
    }

    #[test]
    fn values_agree(text in json()) {
        // What serde_json refuses for a number out of range or half a surrogate pair is left to the tests by hand.
        if let Ok(expected) = serde_json::from_str(&text) {
            prop_assert_eq!(read::<Tree>(text.as_bytes()), Ok(Tree(expected)));
        }
    }

    #[test]
    fn reading_fails_where_serde_json_does(bytes in damaged()) {
        let ours = read::<Tree>(&bytes).map(|tree| tree.0);
        match serde_json::from_slice::<serde_json::Value>(&bytes) {
            Ok(expected) => prop_assert_eq!(ours, Ok(expected)),
            // It also refuses half a surrogate pair; the raw reading tells.
            Err(_) => prop_assert!(ours.is_err() || is_json(&bytes), "{:?}", String::from_utf8_lossy(&bytes)),
        }
    }

    #[test]
    fn floats_are_equal_to_the_bit(text in number()) {
        let ours = Reader::new(&text).float().map(f64::to_bits).map_err(|fault| fault.kind());
        let expected = text.parse::<f64>().ok().filter(|value| value.is_finite()).map(f64::to_bits);
        prop_assert_eq!(ours, expected.ok_or(FaultKind::Type));
        prop_assert_eq!(Reader::new(&text).number().map(str::to_owned), Ok(text));
    }

    #[test]
    fn integers_agree(text in prop_oneof![any::<i64>().prop_map(|value| value.to_string()), number()]) {
        prop_assume!(text != "-0");
        prop_assert_eq!(read::<i64>(text.as_bytes()).ok(), serde_json::from_str::<i64>(&text).ok());
    }
}

/// The same record for both codecs.
#[derive(Clone, Debug, Default, PartialEq)]
struct Ours {
    id: String,
    odd: Option<i64>,
    flag: Option<bool>,
    rate: Option<f64>,
    tags: Option<Vec<Option<String>>>,
    child: Option<Box<Ours>>,
}

impl Record for Ours {
    const KEYS: &'static [Key] = &[
        Key::required("id"),
        Key::optional("ключ \"1\""),
        Key::optional("flag"),
        Key::optional("rate"),
        Key::optional("tags"),
        Key::optional("child"),
    ];
}

impl Fields for Ours {
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.fill(&mut self.id),
            1 => r.fill(&mut self.odd),
            2 => r.fill(&mut self.flag),
            3 => r.fill(&mut self.rate),
            4 => r.fill(&mut self.tags),
            5 => r.fill(&mut self.child),
            _ => r.skip_unknown(),
        }
    }
}

/// A member of a record: most often one that fits, else a value of any type, a null or an unknown key.
fn member(inner: BoxedStrategy<String>) -> impl Strategy<Value = (String, String)> {
    let id = prop_oneof![Just("\"id\""), Just(r#""\u0069d""#)];
    let odd = prop_oneof![Just(r#""ключ \"1\"""#), Just(r#""ключ \u00221\u0022""#)];
    let any_key = prop::sample::select(vec!["\"id\"", r#""ключ \"1\"""#, "\"flag\"", "\"rate\"", "\"tags\"", "\"child\""]);
    let texts = vec(prop_oneof![string(), Just("null".to_owned())], 0..3).prop_map(|texts| format!("[{}]", texts.join(", ")));
    prop_oneof![
        4 => (id, "\"[a-z]{0,20}\"").prop_map(|(key, value)| (key.to_owned(), value)),
        2 => (odd, any::<i32>()).prop_map(|(key, value)| (key.to_owned(), value.to_string())),
        2 => any::<bool>().prop_map(|value| ("\"flag\"".to_owned(), value.to_string())),
        2 => any::<i32>().prop_map(|value| ("\"rate\"".to_owned(), format!("{value}.5"))),
        2 => texts.prop_map(|value| ("\"tags\"".to_owned(), value)),
        2 => inner.prop_map(|value| ("\"child\"".to_owned(), value)),
        2 => (any_key.clone(), Just("null".to_owned())).prop_map(|(key, value)| (key.to_owned(), value)),
        1 => (any_key, json()).prop_map(|(key, value)| (key.to_owned(), value)),
        1 => ("\"[a-z]{1,3}\"", json()),
    ]
}

fn record() -> impl Strategy<Value = String> {
    Just("null".to_owned()).prop_recursive(3, 16, 8, |inner| {
        (vec(member(inner), 0..8), blank()).prop_map(|(members, blank)| {
            let members: Vec<String> = members.into_iter().map(|(key, value)| format!("{blank}{key}:{blank}{value}")).collect();
            format!("{{{}}}", members.join(","))
        })
    })
}

/// A visitor as serde's derive writes it, except that a repeated key is no error.
impl<'de> Deserialize<'de> for Ours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Ours;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a record")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ours, A::Error> {
                let mut id = None;
                let mut value = Ours::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "id" => id = Some(map.next_value()?),
                        "ключ \"1\"" => value.odd = map.next_value()?,
                        "flag" => value.flag = map.next_value()?,
                        "rate" => value.rate = map.next_value()?,
                        "tags" => value.tags = map.next_value()?,
                        "child" => value.child = map.next_value()?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                value.id = id.ok_or_else(|| A::Error::missing_field("id"))?;
                Ok(value)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn records_agree(texts in vec(record(), 1..4)) {
        // One reader for all of them, so that it expects the order of the one before.
        let array = format!("[{}]", texts.join(","));
        let mut reader = Reader::new(&array);
        let mut texts = texts.iter();
        reader.array(&mut |r, _| {
            let text = texts.next().unwrap();
            let start = r.offset();
            let ours = r.read::<Ours>();
            match serde_json::from_str::<Ours>(text) {
                Ok(expected) => assert_eq!(ours, Ok(expected), "{text}"),
                // We differ on purpose: -0 is an integer, and half a surrogate pair is taken.
                Err(_) => assert!(ours.is_err() || is_tolerated(text), "{text}: {ours:?}"),
            }
            r.rewind(start);
            r.skip().map(drop)
        }).unwrap();
    }
}

fn is_tolerated(text: &str) -> bool {
    text.contains("-0") || text.contains("\\ud") || text.contains("\\uD")
}

//! Encoding, with `serde_json` as the oracle.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tapwright_runtime::rt::codec::Key;
use tapwright_runtime::rt::encode::{Encode, Writer, members, to_json};
use tapwright_runtime::rt::maybe::Maybe;
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::time::{Date, Time, Timestamp};
use tapwright_runtime::rt::value::{Binary, Decimal, Json, Uuid};

fn value(value: &dyn Encode) -> Value {
    let text = to_json(value);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[derive(Default)]
struct User {
    id: String,
    age: Option<i64>,
    nick: Option<String>,
    email: Maybe<String>,
    friends: Option<Vec<User>>,
    rest: BTreeMap<String, Json>,
}

impl Encode for User {
    fn encode(&self, w: &mut Writer) {
        const KEYS: &[Key] = &[
            Key::required("id"),
            Key::nullable("age"),
            Key::optional("ni\"ck"),
            Key::optional("email"),
            Key::optional("friends"),
        ];
        w.record_and_rest(KEYS, &[&self.id, &self.age, &self.nick, &self.email, &self.friends], &mut members(&self.rest));
    }
}

#[test]
fn scalars_are_what_serde_writes() {
    for text in ["", "plain", "\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}", "é\u{2028}🦀"] {
        assert_eq!(value(&text), json!(text));
    }
    for number in [0, -1, i64::MAX, i64::MIN] {
        assert_eq!(to_json(&number), number.to_string());
    }
    for number in [0.0, -0.5, 1e300, f64::MIN_POSITIVE, 0.1 + 0.2, 1e21] {
        assert_eq!(value(&number).as_f64(), Some(number));
    }
    assert_eq!((to_json(&f64::NAN), to_json(&f64::INFINITY)), ("null".to_owned(), "null".to_owned()));
    assert_eq!(to_json(&vec![true, false]), "[true,false]");
    assert_eq!(to_json(&BTreeMap::from([("a\"".to_owned(), vec![1]), ("b".to_owned(), vec![])])), r#"{"a\"":[1],"b":[]}"#);
    assert_eq!(to_json(&vec![None, Some(1)]), "[null,1]");
    assert_eq!(to_json(&Box::new(&1)), "1");
}

#[test]
fn dates_and_times_are_written_as_they_are_read() {
    assert_eq!(to_json(&Date::constant(2024, 2, 29)), r#""2024-02-29""#);
    assert_eq!(to_json(&Time::constant(23, 59, 59, 500_000_000)), r#""23:59:59.5""#);
}

#[test]
fn values_without_a_type_in_std_are_written_as_they_are_read() {
    assert_eq!(to_json(&"{\"a\": [1.50]}".parse::<Json>().unwrap()), "{\"a\": [1.50]}");
    assert_eq!(to_json(&"1.50".parse::<Decimal>().unwrap()), "1.50");
    assert_eq!(to_json(&Binary(vec![1, 2, 3])), "\"AQID\"");
    assert_eq!(to_json(&Uuid([0; 16])), "\"00000000-0000-0000-0000-000000000000\"");
    assert_eq!(to_json(&"2024-02-29T12:30:00.5Z".parse::<Timestamp>().unwrap()), "\"2024-02-29T12:30:00.5Z\"");
}

#[test]
fn a_record_leaves_out_what_has_no_value() {
    assert_eq!(value(&User::default()), json!({"id": "", "age": null}));
    let user = User {
        id: "a".to_owned(),
        age: Some(1),
        nick: Some("n".to_owned()),
        email: Maybe::Null,
        friends: Some(vec![User::default()]),
        rest: BTreeMap::from([("x".to_owned(), "[{}]".parse().unwrap())]),
    };
    let expected = json!({
        "id": "a", "age": 1, "ni\"ck": "n", "email": null, "friends": [{"id": "", "age": null}], "x": [{}],
    });
    assert_eq!(value(&user), expected);
}

#[test]
fn a_tag_is_written_where_the_record_has_none() {
    struct Cat(Option<&'static str>);
    impl Encode for Cat {
        fn encode(&self, w: &mut Writer) {
            w.record(&[Key::optional("kind"), Key::optional("inner")], &[&self.0, &User::default()]);
        }
    }
    struct Tagged<'a>(&'static str, &'a dyn Encode);
    impl Encode for Tagged<'_> {
        fn encode(&self, w: &mut Writer) {
            w.tagged(self.0, "cat", self.1);
        }
    }
    let inner = json!({"id": "", "age": null});
    for (kind, expected) in [(None, "cat"), (Some(""), "cat"), (Some("kitten"), "kitten")] {
        assert_eq!(value(&Tagged("kind", &Cat(kind))), json!({"kind": expected, "inner": inner}));
    }
    assert_eq!(value(&Tagged("type", &Cat(Some("x")))), json!({"kind": "x", "inner": inner, "type": "cat"}));
    assert_eq!(value(&Tagged("type", &vec![1])), json!([1]));
}

#[test]
fn absent_null_and_a_value_are_told_apart() {
    let read = |text| Reader::new(text).read::<Maybe<i64>>().unwrap();
    assert_eq!((read("null"), read("1"), Maybe::default()), (Maybe::Null, Maybe::Value(1), Maybe::<i64>::Absent));
    assert_eq!((Maybe::from(1), Maybe::from(Some(1)), Maybe::<i64>::from(None)), (read("1"), read("1"), Maybe::Null));
    assert_eq!(Maybe::from("a".to_owned()).as_ref().map(String::len).value(), Some(1));
    assert!(Maybe::<i64>::Absent.is_absent() && Maybe::<i64>::Null.is_null() && !Maybe::<i64>::Null.is_absent());
}

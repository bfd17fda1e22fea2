//! The table codec: records, unions, containers, and the lenient forms.

use std::collections::BTreeMap;

use tapwright_runtime::rt::codec::{Choice, Decode, Fields, Key, Lenient, Record, lenient};
use tapwright_runtime::rt::fault::{Fault, FaultKind};
use tapwright_runtime::rt::reader::Reader;
use tapwright_runtime::rt::value::Json;

fn decode<T: Decode>(text: &str) -> Result<T, Fault> {
    let mut reader = Reader::new(text);
    let value = reader.read()?;
    reader.end().map(|()| value)
}

#[derive(Clone, Debug, Default, PartialEq)]
struct User {
    id: String,
    logins: Option<i64>,
    identities: Option<Vec<Identity>>,
    parent: Option<Box<User>>,
}

impl Record for User {
    const KEYS: &'static [Key] =
        &[Key::required("user_id"), Key::optional("logins"), Key::optional("identities"), Key::optional("parent")];
}

impl Fields for User {
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.fill(&mut self.id),
            1 => r.fill(&mut self.logins),
            2 => r.fill(&mut self.identities),
            3 => r.fill(&mut self.parent),
            _ => r.skip_unknown(),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Identity {
    provider: Option<String>,
    user_id: Option<Id>,
}

static IDENTITY: &[Key] = &[Key::optional("provider"), Key::optional("user_id")];

impl Fields for Identity {
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.fill(&mut self.provider),
            1 => r.fill(&mut self.user_id),
            _ => r.skip_unknown(),
        }
    }
}

impl Decode for Identity {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut value = Self::default();
        r.record(IDENTITY, &mut value)?;
        Ok(value)
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Id {
    Integer(i64),
    Text(String),
    Nested(Box<User>),
    Other(Json),
}

impl Default for Id {
    fn default() -> Self {
        Self::Other(Json::default())
    }
}

impl Record for Id {
    const CHOICE: Option<&'static Choice> =
        Some(&Choice { names: &["integer", "string", "User"], key: "", tags: &[], any: false });
}

impl Fields for Id {
    fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.put(self, Self::Integer),
            1 => r.put(self, Self::Text),
            2 => r.put(self, Self::Nested),
            _ => r.put(self, Self::Other),
        }
    }
}

fn user(id: &str) -> User {
    User { id: id.to_owned(), ..User::default() }
}

#[test]
fn records_are_read_in_any_order() {
    let expected = User {
        logins: Some(3),
        identities: Some(vec![
            Identity { provider: Some("auth0".to_owned()), user_id: Some(Id::Text("7".to_owned())) },
            Identity { provider: None, user_id: Some(Id::Integer(7)) },
        ]),
        parent: Some(Box::new(user("b"))),
        ..user("a")
    };
    let texts = [
        r#"{"user_id":"a","logins":3,"identities":[{"provider":"auth0","user_id":"7"},{"user_id":7}],"parent":{"user_id":"b"}}"#,
        r#"{"parent":{"user_id":"b"},"identities":[{"user_id":"7","provider":"auth0"},{"user_id":7}],"logins":3,"user_id":"a"}"#,
        r#"{"logins":1,"logins":null,"logins":3,"\u0075ser_id":"a","identities":[{"provider":"auth0","user_id":"7"},{"user_id":7,"provider":null}],"parent":{"user_id":"b","parent":null}}"#,
    ];
    for text in texts {
        assert_eq!(decode::<User>(text), Ok(expected.clone()), "{text}");
    }
}

#[test]
fn records_may_change_their_order_and_layout_at_any_time() {
    let texts = [
        r#"{"user_id":"a","logins":1}"#,
        "{ \"logins\" : 1 ,\n  \"user_id\" : \"a\" }",
        r#"{"logins":1,"x":{},"user_id":"a"}"#,
        r#"{"identities":null,"parent":null,"logins":1,"user_id":"a"}"#,
        r#"{"user_id":"a","parent":null,"logins":1}"#,
        r#"{"user_id":"b","user_id":"a","logins":2,"logins":1}"#,
    ];
    let expected = User { logins: Some(1), ..user("a") };
    for first in texts {
        for second in texts {
            let users = decode::<Vec<User>>(&format!("[{first},{second},{first},{first},{second}]"));
            assert_eq!(users, Ok(vec![expected.clone(); 5]), "{first} {second}");
        }
    }
}

#[test]
fn keys_that_need_escapes_are_compared_decoded() {
    #[derive(Default)]
    struct Odd(Option<i64>);
    impl Fields for Odd {
        fn set(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
            if index == 0 { r.fill(&mut self.0) } else { r.skip_unknown() }
        }
    }
    static KEYS: &[Key] = &[Key::optional("a\"b\\b")];
    let read = |text| {
        let mut odd = Odd::default();
        Reader::new(text).record(KEYS, &mut odd).map(|()| odd.0).map_err(|fault| fault.kind())
    };
    assert_eq!(read(r#"{"a\"b\\b":1}"#), Ok(Some(1)));
    assert_eq!(read(r#"{"a\u0022b\u005cb":1}"#), Ok(Some(1)));
    assert_eq!(read(r#"{"a"b\b":1}"#), Err(FaultKind::Syntax));
    assert_eq!(read(r#"{"a\"b\b":1}"#), Ok(None));
}

#[test]
fn unknown_keys_are_skipped_and_counted() {
    let mut reader =
        Reader::new(r#"{"a":[{"user_id":0}],"user_id":"a","user_i":1,"user_id2":2,"":3,"parent":{"user_id":"b","x":{}}}"#);
    assert_eq!(reader.read::<User>().map(|user| user.id), Ok("a".to_owned()));
    assert_eq!(reader.noted(), 5);
}

#[test]
fn required_keys_must_be_there() {
    let cases = [
        ("{}", "`user_id` is required, but missing or null at `$.user_id` (byte 0)"),
        (r#"{"user_id": null}"#, "`user_id` is required, but missing or null at `$.user_id` (byte 12)"),
        (
            r#"{"user_id":"a","parent":{"logins":1}}"#,
            "`user_id` is required, but missing or null at `$.parent.user_id` (byte 24)",
        ),
    ];
    for (text, message) in cases {
        let fault = decode::<User>(text).unwrap_err();
        assert_eq!((fault.kind(), fault.to_string()), (FaultKind::Missing, message.to_owned()));
    }
}

#[test]
fn required_keys_are_tracked_however_many_there_are() {
    struct Anything;
    impl Fields for Anything {
        fn set(&mut self, _: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
            r.skip().map(drop)
        }
    }
    let keys: Vec<Key> = (0..200).map(|index| Key::required(format!("key{index}").leak())).collect();
    let keys: &'static [Key] = keys.leak();
    let object = |left_out: &str| {
        let names = keys.iter().rev().map(|key| key.name).filter(|name| *name != left_out);
        format!("{{{}}}", names.map(|name| format!("\"{name}\":1")).collect::<Vec<_>>().join(","))
    };
    assert_eq!(Reader::new(&object("")).record(keys, &mut Anything), Ok(()));
    for Key { name, .. } in keys {
        let path = Reader::new(&object(name)).record(keys, &mut Anything).map_err(|fault| fault.path());
        assert_eq!(path, Err(format!("$.{name}")));
    }
}

#[test]
fn values_that_do_not_fit_can_be_left_out() {
    let text = r#"[{"user_id":"a","logins":"3"},
        {"user_id":"b","identities":[{"provider":1,"user_id":true},{"user_id":1}],"parent":{"logins":1,"x":1},"y":1}]"#;
    let mut reader = Reader::new(text);
    reader.discard_values(true);
    let users = reader.read::<Vec<User>>().unwrap();
    let identity = |id| Identity { user_id: Some(id), ..Identity::default() };
    let identities = Some(vec![identity(Id::Other("true".parse().unwrap())), identity(Id::Integer(1))]);
    assert_eq!(users, [user("a"), User { identities, ..user("b") }]);
    let paths: Vec<String> = reader.discarded().iter().map(Fault::path).collect();
    assert_eq!(paths, ["$[0].logins", "$[1].identities[0].provider", "$[1].parent.user_id"]);
    assert_eq!(reader.discarded(), []);
    // Three were left out, one fits none of its types, and one is not known.
    assert_eq!(reader.noted(), 5);
    // Neither a required key nor broken JSON can be left out.
    for (text, kind) in [(r#"{"user_id":1}"#, FaultKind::Type), (r#"{"user_id":"a","logins":tru}"#, FaultKind::Syntax)] {
        let mut reader = Reader::new(text);
        reader.discard_values(true);
        assert_eq!(reader.read::<User>().map_err(|fault| fault.kind()), Err(kind));
    }
}

#[test]
fn values_of_a_parent_are_included_in_outermost_records() {
    let values = [
        ("user_id".to_owned(), "\"org\"".to_owned()),
        ("logins".to_owned(), " 9 ".to_owned()),
        ("else".to_owned(), "1".to_owned()),
    ];
    let mut reader = Reader::new(r#"[{"logins":1},{"user_id":"x","parent":{"user_id":"y"}}]"#);
    reader.include(&values);
    let users = reader.read::<Vec<User>>();
    assert_eq!(
        users,
        Ok(vec![
            User { logins: Some(9), ..user("org") },
            User { logins: Some(9), parent: Some(Box::new(user("y"))), ..user("org") }
        ])
    );
    assert_eq!(reader.end(), Ok(()));
    let values = [("logins".to_owned(), "\"9\"".to_owned())];
    let mut reader = Reader::new(r#"{"user_id":"x"} "#);
    reader.include(&values);
    assert_eq!(reader.read::<User>().map_err(|fault| fault.path()), Err("$.logins".to_owned()));
}

/// Also in a debug build, on a thread with the two megabytes of stack that tests and tokio's workers have.
#[test]
fn a_recursive_record_ends_at_the_limit() {
    let nested = |levels: usize| format!("{}null{}", r#"{"user_id":"a","parent":"#.repeat(levels), "}".repeat(levels));
    let read = |levels| decode::<User>(&nested(levels)).map(drop).map_err(|fault| fault.kind());
    assert_eq!(read(127), Ok(()));
    assert_eq!(read(128), Err(FaultKind::Syntax));
}

#[test]
fn containers_hold_what_they_are_given() {
    assert_eq!(decode::<Vec<Option<bool>>>("[true,null,false]"), Ok(vec![Some(true), None, Some(false)]));
    let map = BTreeMap::from([("a".to_owned(), vec![1]), ("b".to_owned(), vec![])]);
    assert_eq!(decode(r#"{"b":[],"a":[2],"a":[1]}"#), Ok(map));
    assert_eq!(decode::<()>(r#"{"a":[1]}"#), Ok(()));
    assert_eq!(decode::<Vec<i64>>("[1,\"2\"]").map_err(|fault| fault.path()), Err("$[1]".to_owned()));
}

fn odd<T: Lenient>(text: &str) -> Option<T> {
    let mut reader = Reader::new(text);
    let value = lenient(&mut reader).ok()?;
    reader.end().ok().map(|()| value)
}

#[test]
fn lenient_scalars() {
    for (text, value) in
        [("true", true), ("\"True\"", true), ("1", true), ("\"1\"", true), ("false", false), ("\" false \"", false), ("0", false)]
    {
        assert_eq!(odd(text), Some(value), "{text}");
    }
    for text in ["2", "\"yes\"", "null", "[]", "{}", "\"\""] {
        assert_eq!(odd::<bool>(text), None, "{text}");
    }
    for (text, value) in
        [("7", 7), ("\"7\"", 7), ("7.0", 7), ("-7.00", -7), ("1.2e1", 12), ("\"9007199254740993.0\"", 9_007_199_254_740_993)]
    {
        assert_eq!(odd(text), Some(value), "{text}");
    }
    for text in ["7.5", "1e19", "1e99999999999999999999", "\"x\"", "true", "null", "\"\""] {
        assert_eq!(odd::<i64>(text), None, "{text}");
    }
    assert_eq!(odd("\"1.5\""), Some(1.5));
    assert_eq!(odd::<f64>("\"inf\""), None);
    for (text, value) in [("\"a\"", "a"), ("1.50", "1.50"), ("true", "true"), ("\"\"", "")] {
        assert_eq!(odd(text), Some(value.to_owned()), "{text}");
    }
    assert_eq!(odd::<String>("[]"), None);
    assert_eq!(odd::<Option<i64>>("\" \""), Some(None));
    assert_eq!(odd::<Option<i64>>("null"), Some(None));
    assert_eq!(odd::<Option<i64>>("\"5\""), Some(Some(5)));
    assert_eq!(odd::<Option<String>>("\"\""), Some(Some(String::new())));
}

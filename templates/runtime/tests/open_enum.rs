//! Enums of texts, as the generator writes them.

use tapwright_runtime::rt::open_enum::open_enum;
use tapwright_runtime::rt::reader::Reader;

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum Colour {
    Red,
    Other(Box<str>),
}

impl Colour {
    fn as_str(&self) -> &str {
        match self {
            Self::Red => "red",
            Self::Other(text) => text,
        }
    }
}

impl From<&str> for Colour {
    fn from(text: &str) -> Self {
        match text {
            "red" => Self::Red,
            _ => Self::Other(text.into()),
        }
    }
}

open_enum!(Colour);

#[test]
fn a_known_and_an_unknown_value_survive() {
    for (json, value) in [("\"red\"", Colour::Red), ("\"mauve\"", Colour::Other("mauve".into())), ("\"\"", Colour::default())] {
        let read: Colour = Reader::new(json).read().unwrap();
        assert_eq!(read, value);
        assert_eq!(format!("\"{read}\""), json);
        assert_eq!(Colour::from(String::from(read)), value);
    }
    assert_eq!(format!("{:>5}", Colour::Red), "  red");
    assert!(Reader::new("1").read::<Colour>().is_err());
}

#[cfg(feature = "serde")]
#[test]
fn serde_sees_the_text() {
    for json in ["\"red\"", "\"mauve\""] {
        let value: Colour = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), json);
    }
}

#[test]
fn a_hidden_value_is_not_shown() {
    assert_eq!(format!("{:?}", Some(tapwright_runtime::rt::redacted::Redacted)), "Some([redacted])");
}
